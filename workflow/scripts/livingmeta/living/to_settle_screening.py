"""What waits for a person in searching and screening: files, records, decisions."""

import difflib
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath

import pandas as pd

from livingmeta import files
from livingmeta.extraction import sentinel
from livingmeta.extraction.studies import by_identifier
from livingmeta.living import to_settle_reports
from livingmeta.living.waiting import Item, Tables, rows_of, syntheses_of
from livingmeta.words import english, exports, guard_rails, named, settling
from livingmeta.words import machines as words_of
from livingmeta.words.fulltexts import AT_ODDS

DUPLICATES = "data/raw/screening/duplicates.csv"
WORKBOOK = PurePosixPath(settling.WORKBOOK)
# The log of full texts is read at both places.
FULLTEXTS = (settling.FULLTEXTS, "data/raw/screening/fulltexts.csv")
# Tables that people may bring, and folders in which every file is read. A file beside them is read
# by nobody. README files are for people.
READ = (
    *(*settling.REVIEWERS, settling.SENTINEL, settling.REPORT_STATES, settling.KNOWN_ITEMS),
    *(settling.DECISIONS, DUPLICATES, settling.STUDIES, *FULLTEXTS),
    *(settling.OUTCOMES, settling.WORKBOOK, settling.QUOTES, settling.PROPOSALS),
    *(settling.RISK_OF_BIAS, settling.CERTAINTY, settling.ROB_ME, settling.AMENDMENTS),
    settling.CONTACTS,
)
# A page's downloads, and what several people have read, are read beside these.
DROPPED = (
    *(settling.DECISIONS, DUPLICATES, settling.OUTCOMES, settling.WORKBOOK, *FULLTEXTS),
    *(settling.STUDIES, settling.RISK_OF_BIAS),
)
READ_WHOLE = (
    *("data/raw/searches", "data/raw/screening/asreview", "data/raw/screening/rayyan"),
    *("data/raw/screening/covidence", "data/raw/screening/eppi"),
    *("data/raw/extraction/curves", "data/raw/fulltexts", "data/raw/prose"),
)
STRATEGIES = "data/raw/searches/strategies"
WHY_NOT = {
    sentinel.CORRECTION: "data/raw/states.csv tells of no correction of it",
    sentinel.MISSED: "no search of data/raw/known_items.csv misses it",
    sentinel.REGISTRATION: "no report differs from this entry of a register",
}


def nothing_searched(found: Tables) -> Iterator[Item]:
    """No export at all: the review stands at its beginning."""
    if found["searches"].empty:
        yield Item({}, file="data/raw/searches")


def awaiting(found: Tables) -> Iterator[Item]:
    """Records on which votes are missing, or of which more must be read, with the study whose
    extracted numbers wait for it."""
    yield from _open(found, "awaiting", lambda row: settling.STATES[row["state"]])


def conflicts(found: Tables) -> Iterator[Item]:
    """Records on which the reviewers differ, with the study whose extracted numbers wait for it."""
    yield from _open(found, "conflicts", lambda row: row["votes"])


def _open(found: Tables, table: str, state: Callable[[dict], str]) -> Iterator[Item]:
    """Records that are not decided. Of a study with another report that is included, or that a
    synthesis takes as it stands, the numbers count, whatever is decided on this one."""
    studies_of: dict[str, list[str]] = {}
    counted = set(syntheses_of(found))
    for row in rows_of(found["studies"]):
        counted |= {row["study_id"]} if row["status"] == "included" else set()
        for record in row.get("records", "").split():
            studies_of.setdefault(record, []).append(row["study_id"])
    extracted = found["outcomes"]["study_id"].value_counts()
    for row in rows_of(found[table]):
        studies = studies_of.get(row["record_id"], [])
        rows = sum(int(extracted.get(study, 0)) for study in studies if study not in counted)
        facts = {"stage": settling.STAGES[row["stage"]], "state": state(row)}
        facts["numbers"] = settling.not_counted(rows)
        place = {"study_id": next(iter(studies), ""), "record": row["record_id"]}
        yield Item(facts, file=settling.DECISIONS, **place)


def one_under_two_names(found: Tables) -> Iterator[Item]:
    """Reviewers who decided on the same records and by their names may be one person, whose votes
    would count as those of two, and names of several people."""
    return _at_odds(found, "reviewer")


def full_texts(found: Tables) -> Iterator[Item]:
    """Full texts that do not fit what the log or the decisions say of them."""
    for row in rows_of(found["fulltexts"]):
        if row["at_odds"]:
            file = row["held"].partition("; ")[0] or settling.FULLTEXTS
            yield Item({"what": AT_ODDS[row["at_odds"]]}, record=row["record_id"], file=file)


def machines(found: Tables) -> Iterator[Item]:
    """Records that people excluded and a machine would include, each once; and reviewers who are
    named like a machine, of whom nobody says what they are."""
    by: dict[tuple[str, str], list[str]] = {}
    known = [row for row in rows_of(found["reviewers"]) if row["kind"] == "machine"]
    for row in rows_of(found["machines"]):
        if not row["declared"]:
            what = words_of.undeclared(
                row["reviewer"], words_of.declared_as(row["reviewer"], known)
            )
            yield Item({"what": what}, file=settling.DECISIONS)
        for record in row["second_look"].split():
            by.setdefault((row["stage"], record), []).append(row["reviewer"])
    for (stage, record), names in by.items():
        facts = {"what": words_of.second_look(stage, english.listed(names))}
        yield Item(facts, record=record, file=settling.DECISIONS)


def unmatched(found: Tables) -> Iterator[Item]:
    """Decisions on what no export holds, or on a name of several records."""
    for row in rows_of(found["unmatched"]):
        facts = {
            "stage": settling.STAGES[row["stage"]],
            "reviewer": row["reviewer"],
            "decision": row["decision"],
            "why": named.decision(row),
        }
        file = row.get("file") or settling.DECISIONS
        yield Item(facts, record=row["record"], file=file, rows=str(row["row"]))


def outdone(found: Tables) -> Iterator[Item]:
    """Decisions that count for nothing since another one outdoes them, and look like a slip."""
    return _at_odds(found, "record", "stage", "decided_on")


def unread_reasons(found: Tables) -> Iterator[Item]:
    """Reasons of exclusion at full text by whose words nobody had the report."""
    return _at_odds(found, "reason")


def _at_odds(found: Tables, *columns: str) -> Iterator[Item]:
    for row in rows_of(found["at_odds"]):
        if row["column"] in columns:
            place = {"file": row["file"], "rows": str(row["row"])}
            yield Item({"what": row["what"]}, record=row["record_id"], **place)


def pairs_waiting(found: Tables) -> Iterator[Item]:
    """Settled pairs that name what no export holds, or more than two records."""
    for row in rows_of(found["unsettled"]):
        file = row["file"] or DUPLICATES
        yield Item({"what": named.pair(row)}, record=row["record"], file=file, rows=str(row["row"]))


def doubtful(found: Tables) -> Iterator[Item]:
    """Pairs of records that may be one report."""
    for row in rows_of(found["doubtful"]):
        facts = {"other": row["duplicate_of"], "rule": row["rule"]}
        yield Item(facts, record=row["record_id"], file=DUPLICATES)


def rejects(found: Tables) -> Iterator[Item]:
    """Pieces of exports that could not be read as records."""
    for row in rows_of(found["rejects"]):
        yield Item({"reason": row["reason"]}, file=_export(row["file"]), rows=str(row["line"]))


def hits(found: Tables) -> Iterator[Item]:
    """Exports that hold more or fewer records than the database said, or fewer than they say."""
    rows = rows_of(found["searches"])
    for row, what in zip(rows, exports.all_lacking(rows), strict=True):
        if what:
            yield Item({"what": what}, file=_export(row["file"]))


def unnamed(found: Tables) -> Iterator[Item]:
    """Exports that searches.csv does not name."""
    for row in rows_of(found["searches"]):
        if row["searched_on"] == "":
            yield Item({}, file=_export(row["file"]))


def twice(found: Tables) -> Iterator[Item]:
    """Exports that equal another byte for byte, or hold the very records of another of one database
    and day, and of which nothing says that they are of another search."""
    rows = {row["file"]: row for row in rows_of(found["searches"])}
    for row in rows.values():
        other = rows.get(row.get("same_as", ""))
        of = ("database", "searched_on")
        unnamed = other and not (row["searched_on"] and other["searched_on"])
        if other and (unnamed or all(row[name] == other[name] for name in of)):
            facts = {"how": "the same file as", "other": _export(other["file"])}
            yield Item(facts | {"why": ", byte for byte"}, file=_export(row["file"]))
        elif alike := row.get("same_records", ""):
            facts = {"how": "the same records as", "other": _export(alike)}
            yield Item(facts | {"why": ""}, file=_export(row["file"]))


def not_taken(found: Tables) -> Iterator[Item]:
    """Exports of other programs with decisions that no table of decisions holds."""
    for row in rows_of(found["not_taken"]):
        numbers = int(row["missing"]), int(row["votes"])
        what = exports.not_taken(row["program"], *numbers, row["why"])
        yield Item({"what": what}, file=row["file"])


def unread(brought: Iterable[str], searches: pd.DataFrame) -> Iterator[Item]:
    """Files of data/raw that no stage reads; of a folder in which nothing is read, the folder."""
    known = {*READ, *(_export(name) for name in searches["strategy"] if name)}
    folders = {PurePosixPath(path).parent for path in READ}
    said = set()
    for path in map(PurePosixPath, sorted(map(str, brought))):
        name, within = path.as_posix(), {parent.as_posix() for parent in path.parents}
        if name in known or path.name.upper().startswith("README"):
            continue
        kept = name.startswith(settling.OLD_WORKBOOK) and path.suffix == WORKBOOK.suffix
        if kept or any(files.of_kind(path, table) for table in DROPPED):
            continue
        if STRATEGIES not in within and within & set(READ_WHOLE):
            continue
        alone = path.parent in folders or path.parent.as_posix() in (STRATEGIES, "data/raw")
        place = path if alone else path.parent
        if place not in said:
            said.add(place)
            near = difflib.get_close_matches(name, READ, n=1, cutoff=0.9) if alone else []
            near = [other for other in near if other not in set(map(str, brought))]
            yield Item({"perhaps": settling.perhaps(*near or [""])}, file=place.as_posix())


def retracted(found: Tables) -> Iterator[Item]:
    """Included reports that were retracted, withdrawn or doubted, with what their studies count
    in, unless a person has said why they stay."""
    included = found["included"]
    studies_of = dict(zip(included["record_id"], included["study_id"], strict=True))
    kept = {row["study_id"] for row in rows_of(found["studies"]) if row.get("flag_kept")}
    of, reinstated = syntheses_of(found), to_settle_reports.reinstated(found)
    for row in rows_of(found["records"]):
        record, named = row["record_id"], studies_of.get(row["record_id"])
        if row["flag"] not in guard_rails.FLAGS or named is None:
            continue
        back, notices = reinstated.get(record, []), row.get("flagged_by", "").split()
        for study in named.split() or [""]:
            if study in kept:
                continue
            facts = {
                "flag": guard_rails.FLAGS[row["flag"]],
                "by": f" (says {english.listed(notices)})" if notices else "",
                "since": f" (and reinstated, says {english.listed(back)})" if back else "",
                "counts": settling.counts_in(of.get(study, [])),
            }
            yield Item(facts, study_id=study, record=record, file=settling.SENTINEL)


def in_common(found: Tables) -> Iterator[Item]:
    """Pairs of studies in one synthesis that may have patients in common, and of which no person
    has said what they are."""
    of = syntheses_of(found)
    for row in rows_of(found["overlaps"]):
        both = [name for name in of.get(row["study_id"], []) if name in of.get(row["other"], [])]
        if both and not row["answer"]:
            facts = {
                "other": row["other"],
                "grade": row["grade"],
                "signs": settling.signs(row["signs"]),
                "syntheses": english.listed(both),
                "again": settling.outdated(row["outdated"]),
            }
            yield Item(facts, study_id=row["study_id"], file=settling.SENTINEL)


def answers_to_nothing(found: Tables) -> Iterator[Item]:
    """Answers of people to warnings that there are not (any more): a report that is not flagged, a
    pair for which nothing speaks. A pair of which one study is excluded needs none."""
    record_of = by_identifier(found["records"])
    flag = dict(zip(found["records"]["record_id"], found["records"]["flag"], strict=True))
    pairs = {frozenset((row["study_id"], row["other"])) for row in rows_of(found["overlaps"])}
    out = {row["study_id"] for row in rows_of(found["studies"]) if row["status"] == "excluded"}
    others = to_settle_reports.warned(found)
    for row in rows_of(found["sentinel"]):
        both = frozenset(sentinel.pair(row["what"]))
        if row["kind"] in others:
            records = sentinel.named(row["what"], record_of)
            missed = not set(records) & others[row["kind"]]
            why = WHY_NOT[row["kind"]]
        elif row["kind"] in sentinel.KIND.values():
            records = sentinel.named(row["what"], record_of)
            missed = row["kind"] not in {sentinel.KIND.get(flag[record]) for record in records}
            why = "this report is not flagged so"
        else:
            missed = both not in pairs and not both & out
            why = "no such pair stands in results/extraction/overlaps.csv"
        if missed:
            facts = {"kind": row["kind"], "what": row["what"], "why": why}
            yield Item(facts, file=settling.SENTINEL, rows=str(row["row"]))


def _export(file: str) -> str:
    return f"{PurePosixPath(settling.SEARCHES).parent}/{file}"
