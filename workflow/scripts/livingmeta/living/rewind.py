"""A review as it stood on a day: what the searches up to then had found, and no more.

    PYTHONPATH=workflow/scripts python -m livingmeta.living.as_of REVIEW DAY TARGET VERSION

writes the review of folder REVIEW, as of DAY, as a review of its own into the empty folder TARGET,
with review.version VERSION. Run it, and `snakemake release --directory TARGET` freezes it: so a
review that was not begun with this pipeline gets the release that its first publication would be.
"""

import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import pandas as pd

from livingmeta import tables
from livingmeta.errors import InputError
from livingmeta.extraction import places
from livingmeta.extraction.workbook import brought
from livingmeta.files import of_kind
from livingmeta.living.registered import registrations
from livingmeta.screening import dropped, identity
from livingmeta.screening.duplicates import records
from livingmeta.screening.readers import export
from livingmeta.words import settling

SEARCHES = PurePosixPath("data/raw/searches")
EXTRACTION = PurePosixPath("data/raw/extraction")
DECISIONS = PurePosixPath("data/raw/screening/decisions.csv")
FULLTEXTS = (
    PurePosixPath(settling.FULLTEXTS),
    DECISIONS.with_name("fulltexts.csv"),
)
REVIEWERS = tuple(PurePosixPath(path) for path in settling.REVIEWERS)
# Where a source names a report: by DOI or by an address that holds its PMID or PMCID.
NAMED = re.compile(
    r"(?P<doi>10\.\d{4,9}/[^\s;,]+)|pubmed\S*/(?P<pmid>\d{1,8})|(?P<pmcid>PMC\d+)", re.IGNORECASE
)


class AsOfError(InputError):
    """A day before the first search, or a target that holds something already."""


def write(source: Path | str, day: str, target: Path | str, version: str) -> dict[str, int]:
    """Write the review in folder `source` as of `day` (YYYY-MM-DD) into folder `target`.

    Kept: the exports of searches on or before `day`; the decisions on records found by them; the
    studies with a report among them, with those reports only; and the printed numbers of these
    studies, unless their source is a report that was found later. Exports without a date are left
    out: nobody knows whether they were there. What stands in workbooks goes into the tables.
    Returns how many rows of each kind were kept.

    The day of a decision and of an extraction is not looked at: what is rebuilt is what the
    evidence of that day leads to under today's protocol, not what people had decided by then.

    Raises AsOfError, and TableError for tables that cannot be read.
    """
    source, target = Path(source), Path(target)
    if target.exists() and any(target.iterdir()):
        raise AsOfError(f"{target} is not empty; name a folder that is, or that is not there yet.")
    ledger = tables.read(source / SEARCHES / "searches.csv", "data/searches")
    kept = ledger[ledger["searched_on"] <= day]
    if kept.empty:
        first = ledger["searched_on"].min()
        raise AsOfError(f"No search on or before {day}: the first was on {first}.")
    then, now = (_known(source, files["file"]) for files in (kept, ledger))
    for file in {*kept["file"], *kept["strategy"]} - {""}:
        _copy(source, target, SEARCHES / file)
    _table(target, SEARCHES / "searches.csv", kept, "data/searches")
    counts = {"searches": len(kept)}
    cast = [str(path) for path in _beside(source / DECISIONS)]
    votes = dropped.read(cast, "data/decisions").drop(columns="file")
    votes = votes[[_holds(then, name) for name in votes["record"]]]
    _table(target, DECISIONS, votes, "data/decisions")
    for path in FULLTEXTS:
        inside = sorted((source / path).parent.glob("*"))
        log = [str(one) for one in inside if of_kind(one, source / path) and one.is_file()]
        if log:
            sought = dropped.read(log, "data/fulltexts").drop(columns="file")
            sought = sought[[_holds(then, name) for name in sought["record"]]]
            _table(target, path, sought, "data/fulltexts")
    for path in REVIEWERS:
        if (source / path).exists():  # else the votes of machines would count
            _copy(source, target, path)
    extracted = _extracted(source)
    studies = extracted.studies
    reports = [
        " ".join(name for name in cell.split() if _holds(then, name)) for cell in studies["records"]
    ]
    studies = studies.assign(records=reports)[[bool(cell) for cell in reports]]
    if "overlap" in studies:  # nobody could name a study that was not there
        known, names = set(studies["study_id"]), studies["overlap"].str.split(r"[\s;,]+")
        then_named = [" ".join(name for name in cell if name in known) for cell in names]
        studies = studies.assign(overlap=then_named)
    _table(target, EXTRACTION / "studies.csv", studies, "data/studies")
    outcomes = extracted.outcomes
    outcomes = outcomes[outcomes["study_id"].isin(studies["study_id"])]
    outcomes = outcomes[[not _found_later(cell, then, now) for cell in outcomes["source"]]]
    _table(target, EXTRACTION / "outcomes.csv", outcomes, "data/outcomes")
    counts |= {"decisions": len(votes), "studies": len(studies), "outcomes": len(outcomes)}
    judged = extracted.risk_of_bias
    if len(judged):
        judged = judged[judged["study_id"].isin(studies["study_id"])]
        _table(target, EXTRACTION / "risk_of_bias.csv", judged, "data/risk_of_bias")
    _curves(source, target, set(studies["study_id"]))
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
    names = [
        identity.canonical(f"{kind}:{match.group(kind)}" if kind != "pmcid" else match.group(kind))
        for match in NAMED.finditer(source)
        for kind in [match.lastgroup or ""]
    ]
    found = [name for name in names if name in now]
    return bool(found) and not any(name in then for name in found)


def _extracted(source: Path) -> brought.Brought:
    """The extraction of a review, from its tables and its workbooks."""
    paths = {"outcomes": _beside(source / settling.OUTCOMES)}
    paths["workbook"] = _beside(source / settling.WORKBOOK)
    for name in ("studies", "risk_of_bias"):
        paths[name] = _beside(source / brought.KEYED[name][1])
    return brought.together({name: list(map(str, found)) for name, found in paths.items()})


def _curves(source: Path, target: Path, studies: set[str]) -> None:
    for path in sorted((source / EXTRACTION / "curves").glob("*")):
        if any(path.name.startswith(f"{study}.") for study in studies):
            _copy(source, target, EXTRACTION / "curves" / path.name)


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
