"""A review as it stood on a day: what the searches up to then had found, and no more.

    PYTHONPATH=workflow/scripts python -m livingmeta.living.rewind REVIEW DAY TARGET VERSION

writes the review of folder REVIEW, as of DAY, as a review of its own into the empty folder TARGET,
with review.version VERSION. Run it, and `snakemake release --directory TARGET` freezes it: so a
review that was not begun with this pipeline gets the release that its first publication would be.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path, PurePosixPath

import pandas as pd

from livingmeta import tables
from livingmeta.errors import InputError
from livingmeta.extraction import places
from livingmeta.extraction.workbook import brought
from livingmeta.files import of_kind
from livingmeta.living import versions
from livingmeta.living.registered import registrations
from livingmeta.screening import dropped, identity
from livingmeta.screening.duplicates import records
from livingmeta.screening.readers import export
from livingmeta.words import settling

SEARCHES = PurePosixPath("data/raw/searches")
EXTRACTION = PurePosixPath("data/raw/extraction")
SCREENING = PurePosixPath("data/raw/screening")
DECISIONS = SCREENING / "decisions.csv"
# Tables whose rows name records, as their schema and the columns that do.
OF_RECORDS = {
    DECISIONS: ("data/decisions", ["record"]),
    PurePosixPath(settling.FULLTEXTS): ("data/fulltexts", ["record"]),
    SCREENING / "fulltexts.csv": ("data/fulltexts", ["record"]),
    SCREENING / "duplicates.csv": ("data/duplicates", ["record", "other"]),
    PurePosixPath(settling.REPORT_STATES): ("data/states", ["report"]),
    PurePosixPath(settling.KNOWN_ITEMS): ("data/known_items", ["report"]),
    PurePosixPath(settling.SENTINEL): ("data/sentinel", ["what"]),
}
# Tables whose rows name a study, or none where they are of all.
OF_STUDIES = {
    PurePosixPath(settling.CONTACTS): "data/contacts",
    PurePosixPath(settling.ROB_ME): "data/rob_me",
    PurePosixPath(settling.QUOTES): "data/quotes",
    PurePosixPath(settling.PROPOSALS): "data/outcomes",
}
# Files and folders taken as they are: who is a machine, what was judged of syntheses, decisions as
# another program has them.
WHOLE = (
    *(PurePosixPath(path) for path in (*settling.REVIEWERS, settling.CERTAINTY)),
    *(SCREENING / name for name in ("asreview", "rayyan", "covidence", "eppi")),
)


class AsOfError(InputError):
    """No day, one before the first search, or a target that holds something already."""


def write(source: Path | str, day: str, target: Path | str, version: str) -> dict[str, int]:
    """Write the review in folder `source` as of `day` (YYYY-MM-DD) into folder `target`.

    Kept: the exports of searches on or before `day`; the decisions and answers on records found by
    them; the studies with a report among them, with those reports only; and the printed numbers of
    these studies, unless their source is a report that was found later. Exports without a date are
    left out: nobody knows whether they were there. So are the texts of data/raw/prose, which speak
    of today. What stands in workbooks goes into tables, a person's own into that person's.
    Returns how many rows of each kind were kept.

    The day of a decision and of an extraction is not looked at: what is rebuilt is what the
    evidence of that day leads to under today's protocol, not what people had decided by then.

    Raises AsOfError, and TableError for tables that cannot be read.
    """
    source, target = Path(source), Path(target)
    if not _is_day(day):
        raise AsOfError(f"{day} is no day; write it as in 2024-06-30.")
    if target.exists() and any(target.iterdir()):
        raise AsOfError(f"{target} is not empty; name a folder that is, or that is not there yet.")
    ledger = tables.read(source / SEARCHES / "searches.csv", "data/searches")
    kept = ledger[ledger["searched_on"] <= day]
    if kept.empty:
        first = ledger["searched_on"].min()
        raise AsOfError(f"No search on or before {day}: the first was on {first}.")
    exports = sorted({*kept["file"], *kept["strategy"]} - {""})
    if gone := [name for name in exports if not (source / SEARCHES / name).is_file()]:
        raise AsOfError(f"{SEARCHES}/searches.csv names what is not there: {', '.join(gone)}.")
    versions.parse(version)
    then, now = (_known(source, files["file"]) for files in (kept, ledger))
    for file in exports:
        _copy(source, target, SEARCHES / file)
    _table(target, SEARCHES / "searches.csv", kept, "data/searches")
    counts = {"searches": len(kept), "decisions": 0}
    extracted = _extracted(source)
    reports = {  # of each table its own, as a person may leave the cell empty
        person: [
            [name for name in identity.several(cell, now) if _holds(then, name)]
            for cell in one.studies["records"].fillna("")
        ]
        for person, one in extracted.items()
    }
    known = {
        study
        for person, one in extracted.items()
        for study, names in zip(one.studies["study_id"], reports[person], strict=True)
        if names
    }
    for path, (schema, columns) in OF_RECORDS.items():
        found = [str(one) for one in _beside(source / path)]
        if found:
            several = path.parent == SCREENING or path == PurePosixPath(settling.FULLTEXTS)
            rows = dropped.read(found, schema) if several else tables.read(found[0], schema)
            rows = rows.drop(columns="file", errors="ignore")
            named = [list(map(str, cells)) for cells in rows[columns].itertuples(index=False)]
            there = [all(_there(cell, then, now, known) for cell in cells) for cells in named]
            rows = rows.loc[there]
            _table(target, path, rows, schema)
            counts |= {"decisions": len(rows)} if path == DECISIONS else {}
    for path in WHOLE:
        for file in _files(source / path):
            _copy(source, target, PurePosixPath(file.relative_to(source).as_posix()))
    for path, schema in OF_STUDIES.items():
        if (source / path).exists():
            rows = tables.read(source / path, schema)
            _table(target, path, rows[rows["study_id"].isin({*known, ""})], schema)
    counts |= {"studies": 0, "outcomes": 0}
    for person, one in extracted.items():
        studies = one.studies.assign(records=[" ".join(names) for names in reports[person]])
        studies = studies[studies["study_id"].isin(known)]
        if "overlap" in studies:  # nobody could name a study that was not there
            beside = studies["overlap"].str.split(r"[\s;,]+")
            then_named = [" ".join(name for name in cell if name in known) for cell in beside]
            studies = studies.assign(overlap=then_named)
        outcomes = one.outcomes[one.outcomes["study_id"].isin(known)]
        outcomes = outcomes.loc[[not _found_later(cell, then, now) for cell in outcomes["source"]]]
        judged = one.risk_of_bias[one.risk_of_bias["study_id"].isin(known)]
        brought_of = {
            "studies": ("data/studies", studies),
            "outcomes": ("data/outcomes", outcomes),
            "risk_of_bias": ("data/risk_of_bias", judged),
        }
        for name, (schema, table) in brought_of.items():
            if len(table) or (not person and name != "risk_of_bias"):
                filled = table if len(table) else tables.empty(schema)
                _table(target, EXTRACTION / f"{name}{person}.csv", filled, schema)
        counts["studies"] += len(studies)
        counts["outcomes"] += len(outcomes)
    _curves(source, target, known)
    config = (source / "config/config.yaml").read_text(encoding="utf-8")
    tables.write_text(with_version(config, version), target / "config/config.yaml")
    for plan in sorted((source / registrations.FOLDER).glob("*.json")):
        if plan.name[: len(day)] <= day:
            _copy(source, target, PurePosixPath(registrations.FOLDER) / plan.name)
    return {name: int(n) for name, n in counts.items()}


def _known(source: Path, files: Iterable[str]) -> set[str]:
    """Every identifier of every record in these exports."""
    copies = [
        export.read(source / SEARCHES / file)[0].assign(file=file, source="") for file in files
    ]
    linked, *_ = records.assemble(pd.concat(copies, ignore_index=True))
    names = {name for cell in linked["identifiers"] for name in cell.split()}
    return names | set(linked["record_id"])


def _beside(table: Path) -> list[Path]:
    """The table and the files beside it that go on behind its name."""
    return [path for path in sorted(table.parent.glob("*")) if of_kind(path, table)]


def _holds(known: set[str], name: str) -> bool:
    return name in known or identity.canonical(name) in known


def _found_later(source: str, then: set[str], now: set[str]) -> bool:
    """Whether the reports that a source names were all found by later searches only."""
    found = [name for name in identity.named_in(source) if name in now]
    return bool(found) and not any(name in then for name in found)


def _there(cell: str, then: set[str], now: set[str], studies: set[str]) -> bool:
    """Whether all that a cell names was there: a record, or several names of records or studies."""
    names = identity.several(cell, now)
    return _holds(then, cell) or all(_holds(then, n) or n in studies for n in names)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _extracted(source: Path) -> dict[str, brought.Brought]:
    """The extraction of a review, from its tables and its workbooks, by what the names of files say
    of who read them: "" for nobody, "-kim" for outcomes-kim.csv."""
    found: dict[str, dict[str, list[str]]] = {"": {}}
    for name, path in (
        ("outcomes", source / settling.OUTCOMES),
        ("workbook", source / settling.WORKBOOK),
        *((name, source / brought.KEYED[name][1]) for name in ("studies", "risk_of_bias")),
    ):
        for file in _beside(path):
            person = file.stem[len(path.stem) :]
            found.setdefault(person, {}).setdefault(name, []).append(str(file))
    return {person: brought.together(paths) for person, paths in found.items()}


def _files(path: Path) -> list[Path]:
    """The file, or all files below the folder, those of linked folders too."""
    if not path.is_dir():
        return [path] if path.exists() else []
    below = os.walk(path, followlinks=True)
    return sorted(Path(folder, name) for folder, _, names in below for name in names)


def _curves(source: Path, target: Path, studies: set[str]) -> None:
    for path in _files(source / EXTRACTION / "curves"):
        if any(path.name.startswith(f"{study}.") for study in studies):
            _copy(source, target, PurePosixPath(path.relative_to(source).as_posix()))


def _table(target: Path, path: PurePosixPath, table: pd.DataFrame, schema: str) -> None:
    own = table.drop(columns=["row", *places.OF_FILE], errors="ignore")
    tables.write(own, target / path, schema)


def _copy(source: Path, target: Path, path: PurePosixPath) -> None:
    (target / path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / path, target / path)


def with_version(config: str, version: str) -> str:
    """The text of config.yaml with `version` under `review:`, everything else as it stands."""
    block = re.search(r"^review:[^\n]*\n(?:(?:[ \t][^\n]*)?\n)*", config, flags=re.MULTILINE)
    if not block:
        raise AsOfError("config/config.yaml has no block 'review:' to put the version into.")
    line = re.compile(r"^([ \t]+)version:[^\n#]*", flags=re.MULTILINE)
    review = block.group()
    if line.search(review):
        changed = line.sub(rf'\g<1>version: "{version}" ', review, count=1)
        changed = re.sub(rf'(version: "{re.escape(version)}") +\n', r"\1\n", changed)
    else:
        changed = review.replace("\n", f'\n  version: "{version}"\n', 1)
    return config[: block.start()] + changed + config[block.end() :]


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    try:
        print(write(*sys.argv[1:]))
    except InputError as error:
        sys.exit(str(error))
