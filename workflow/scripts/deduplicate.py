"""Read every export, link the copies of one report, and keep what could not be read."""

import hashlib
from pathlib import Path, PurePosixPath

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.run import record
from livingmeta.screening import dropped, kinds, registrations
from livingmeta.screening.duplicates import notices, records
from livingmeta.screening.duplicates import settled as by_people
from livingmeta.screening.readers import decode, export, posted
from livingmeta.words import exports as exports_words
from livingmeta.words import named

FOLDER = PurePosixPath("data/raw/searches")
LEDGER = (FOLDER / "searches.csv").as_posix()
# How files of Word (new and old) and PDF begin.
NOT_TEXT = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"%PDF")


def main(paths, settled, told, out: dict, say):
    """`paths`: every file under data/raw/searches; `settled`: the files of pairs that people have
    settled; `told`: [states.csv] or []; `out`: path by table to write."""
    ledger = searches(paths)
    exports = read_all(ledger)
    twice = same_bytes(ledger["file"])
    read, rejected = export.nothing()  # a review may begin before its first search
    copies, rejects = [read.assign(file="", source="")], [rejected.assign(file="")]
    counts, queries = [], []
    lacks = exports_words.all_lacking(
        [
            {**search, "read": len(read), "rejected": len(rejected), **answer_of(read)}
            for search, (read, rejected) in zip(as_dicts(ledger), exports, strict=True)
        ]
    )
    for search, (read, rejected), lacking in zip(as_dicts(ledger), exports, lacks, strict=True):
        path = (FOLDER / search["file"]).as_posix()
        asked, unreadable = query(search["strategy"])
        queries.append(asked)
        other = twice.get(search["file"], "")
        again = [exports_words.again(other)] if other else []
        notes = [*read.attrs.get("notes", []), *unreadable, *again]
        for note in notes:
            say(f"note: {note}")
        say(f"{path}: {len(read)} records, {len(rejected)} rejected")
        copies.append(read.assign(file=search["file"], source=search["database"]))
        rejects.append(rejected.assign(file=search["file"]))
        stated, follow = answer_of(read).values()
        notes = [*notes, lacking] if lacking else notes
        votes_of = read.attrs.get("votes_of", "")
        said = "; ".join(notes)
        counts.append((len(read), len(rejected), stated, follow, votes_of, said, other))
    copies = pd.concat(copies, ignore_index=True)
    pairs = dropped.read(settled, "data/duplicates")
    try:
        linked, duplicates, doubtful, held = records.assemble(copies, settled=pairs)
    except by_people.SettledError as error:
        raise tables.TableError(str(error).splitlines()) from error
    linked = records.with_states(linked, tables.brought(told, "data/states"))
    names_of = records.copy_names(copies)
    told_of = notices.found(copies, names_of, held, linked)
    about: dict[str, set[str]] = {}
    by: dict[str, dict[str, None]] = {}
    for notice, flag, report, sure in told_of:
        if sure and flag in kinds.FLAGS:
            about.setdefault(report, set()).add(flag)
            by.setdefault(report, {})[notice] = None
        say(f"note: {notice} is {'' if sure else 'perhaps '}a notice on {report}: {flag}")
    linked = records.flagged(linked, about, by)
    states = tables.brought(told, "data/states")
    told_of = notices.waiting(told_of, linked, states, pairs)
    table = notices.table(told_of, copies, names_of, held, ledger)
    tables.write(table, out["notices"], "screening/notices")
    waiting = pd.DataFrame(doubtful.attrs["waiting"], columns=by_people.WAITING)
    idle = [f"{row['file']}, row {row['row']}: {named.pair(row)}" for row in as_dicts(waiting)]
    for note in [*pairs.attrs["notes"], *idle]:
        say(f"note: {note}")
    say(f"{len(linked)} records, {len(duplicates)} further copies, {len(doubtful)} doubtful pairs")
    names = ["read", "rejected", "stated", "follow", "votes_of", "notes", "same_as"]
    alike = same_records(ledger, held)
    found = pd.DataFrame(counts, columns=names, index=ledger.index)
    found = found.astype({"stated": "Int64"})
    ledger = ledger.drop(columns="row").assign(query=queries, **found)
    ledger["same_records"] = [alike.get(file, "") for file in ledger["file"]]
    tables.write(ledger, out["searches"], "screening/searches")
    tables.write(linked, out["records"], "screening/records")
    tables.write(held, out["copies"], "screening/copies")
    numbers = registrations.held(copies, names_of, held)
    tables.write(numbers, out["registrations"], "screening/registrations")
    results = posted.of((FOLDER / file).as_posix() for file in ledger["file"])
    tables.write(results, out["posted"], "screening/posted")
    tables.write(duplicates, out["duplicates"], "screening/duplicates")
    linked_copies = records.side_by_side(copies, duplicates, held)
    tables.write(linked_copies, out["linked"], "screening/linked")
    tables.write(doubtful, out["doubtful"], "screening/doubtful")
    tables.write(waiting, out["unsettled"], "screening/unsettled")
    tables.write(pd.concat(rejects, ignore_index=True), out["rejects"], "screening/rejects")


def answer_of(read) -> dict:
    """How many records the file says that its search found, and whether more follow in another."""
    return {"stated": read.attrs.get("hits"), "follow": read.attrs.get("follow", False)}


def read_all(ledger) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Records and rejects of each file; an export of nothing is right where `hits` says 0.

    Raises ReadError that names every file that cannot be read, not only the first.
    """
    exports, problems = [], []
    for search in as_dicts(ledger):
        try:
            exports.append(export.read((FOLDER / search["file"]).as_posix(), texts=False))
        except export.NoRecordError as error:
            if search["hits"] is pd.NA or search["hits"] != 0:
                problems.append(str(error))
            exports.append(export.nothing())
        except export.ReadError as error:
            problems.append(str(error))
    if problems:
        raise export.ReadError("\n".join(problems))
    return exports


def same_bytes(files) -> dict[str, str]:
    """Of each file that is, byte for byte but for ends of line, one that stands before it, that
    one."""
    first: dict[str, str] = {}
    twice = {}
    for file in files:
        content = (Path(FOLDER) / file).read_bytes().replace(b"\r\n", b"\n").rstrip()
        other = first.setdefault(hashlib.sha256(content).hexdigest(), file)
        if other != file and content:
            twice[file] = other
    return twice


def same_records(ledger, copies) -> dict[str, str]:
    """Of each export that holds the very records of one before it, of one database, platform and
    day, that one: a search exported in two formats. Two searches with a text each are two."""
    of = copies.groupby("file")["record_id"].agg(frozenset)
    first: dict[tuple, dict] = {}
    twice = {}
    for row in as_dicts(ledger):
        own, day = of.get(row["file"], frozenset()), tables.text(row["searched_on"])
        # ASSUME: that two searches find one and the same record alone happens by chance.
        if len(own) < 2 or not day:
            continue
        where = (tables.text(row[name]).strip().casefold() for name in ("database", "platform"))
        other = first.setdefault((*where, day, own), row)
        texts = {tables.text(one["strategy"]) for one in (row, other)}
        if other is not row and (len(texts) == 1 or "" in texts):
            twice[row["file"]] = other["file"]
    return twice


def searches(paths) -> pd.DataFrame:
    """searches.csv, with a row for every export that it does not name.

    Raises TableError where it names a file that is not there.
    """
    ledger = tables.brought([path for path in paths if path == LEDGER], "data/searches")
    present = {PurePosixPath(path).relative_to(FOLDER).as_posix() for path in paths}
    aside = {"searches.csv", *ledger["strategy"]}
    exports = sorted(
        file
        for file in present - aside
        if not PurePosixPath(file).name.upper().startswith("README")
        and PurePosixPath(file).parts[0] != "strategies"
    )
    problems = [
        f"{LEDGER}, row {row.row}, column file: '{row.file}'; no such file in {FOLDER}."
        for row in ledger.itertuples()
        if row.file not in present
    ]
    problems += [
        f"{LEDGER}, row {row.row}, column strategy: '{row.strategy}'; no such file in {FOLDER}."
        for row in ledger.itertuples()
        if row.strategy and row.strategy not in present
    ]
    if problems:
        raise tables.TableError(problems)
    unnamed = [file for file in exports if file not in set(ledger["file"])]
    further = pd.DataFrame({"file": unnamed}).reindex(columns=ledger.columns, fill_value="")
    further["database"] = "not stated"
    further["note"] = f"no row in {LEDGER}: database and day of the search unknown"
    further["hits"], further["row"] = pd.NA, 0
    return pd.concat([ledger, further], ignore_index=True) if unnamed else ledger


def query(strategy: str) -> tuple[str, list[str]]:
    """The text of a strategy file, only its ends of line made alike, and a note if it has none."""
    content = (Path(FOLDER) / strategy).read_bytes() if strategy else b""
    if content.startswith(NOT_TEXT):
        return "", [f"{strategy} is no plain text; save the query as .txt, so that it can be shown"]
    return decode.decode(content)[0].rstrip("\n"), []


if __name__ == "__main__":
    record.of(
        snakemake,
        lambda say: main(
            list(snakemake.input.searches),
            list(snakemake.input.get("settled", [])),
            list(snakemake.input.get("states", [])),
            dict(snakemake.output.items()),
            say,
        ),
    )
