"""What became of the reports that a review includes: each search asks by their identifiers."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.living.search import crossref, europe_pmc, pubmed
from livingmeta.living.search.fetch import Client, RefusedError
from livingmeta.living.search.found import NAMED, Hit, names
from livingmeta.living.search.pages import Pages
from livingmeta.screening import kinds
from livingmeta.screening.readers import answers, fields, tagged
from livingmeta.words import settling

COLUMNS = tables.columns("data/states")
# Each code or type of a notice on a report, with what it makes of the report.
RETRACTED, WITHDRAWN, CONCERN, CORRECTED = (
    "retracted",
    kinds.WITHDRAWN,
    kinds.CONCERN,
    kinds.CORRECTED,
)
OF_PUBMED = {
    "RIN": RETRACTED, "PRIN": RETRACTED, "RRI": RETRACTED, "ECI": CONCERN,
    "EIN": CORRECTED, "CRI": CORRECTED,
}  # fmt: skip
OF_EUROPE_PMC = {
    "retraction in": RETRACTED, "partial retraction in": RETRACTED,
    "retracted and republished in": RETRACTED, "expression of concern in": CONCERN,
    "erratum in": CORRECTED, "corrected and republished in": CORRECTED,
}  # fmt: skip
OF_CROSSREF = {
    "retraction": RETRACTED, "partial_retraction": RETRACTED, "removal": RETRACTED,
    "withdrawal": WITHDRAWN, "expression_of_concern": CONCERN, "correction": CORRECTED,
    "corrigendum": CORRECTED, "erratum": CORRECTED, "addendum": CORRECTED,
    "clarification": CORRECTED, "reinstatement": kinds.REINSTATED,
}  # fmt: skip
# New editions and versions, which take nothing back.
NO_STATE = frozenset(["new_version", "new_edition"])
_TAG = re.compile(r"^(?:RIN|PRIN|RRI|ECI|EIN|CRI) *- .*(?:\n {6}.*)*", re.MULTILINE)
_PMID = re.compile(r"PMID:\s*(\d+)")

State = tuple[str, str, str]  # state, notice ("" if not told), source


def of(
    clients: Mapping[str, Client],
    reports: Mapping[str, frozenset[str]],
    day: str,
    pages: Path | str,
    say: Callable[[str], None],
) -> list[dict[str, str]]:
    """Rows of states.csv on `reports`, their names by record_id.

    `clients`: of PubMed, Europe PMC and Crossref, by the name of the service. Raises FetchError
    where one of them cannot be asked: a state that nobody looked up is not known to be none.
    """
    if nameless := [report for report, of_one in reports.items() if not of_one]:
        say(
            f"{len(nameless)} included reports have no DOI, PMID or PMCID: nobody can be asked "
            f"whether they were retracted ({', '.join(nameless[:5])})"
        )
    if len(nameless) == len(reports):
        return []
    told: dict[str, list[State]] = {}
    asked: dict[str, int] = {}
    for module, read in ((pubmed, _by_pubmed), (europe_pmc, _by_europe_pmc)):
        service = clients[module.NAME]
        kept = Pages(pages, [module.NAME, "states", day])
        hits = module.look_up(service, reports.values(), day, kept.of("look up"))
        text = module.fetch(service, [hit.own for hit in hits], kept.of("fetch"))
        found = read(text)
        for hit in hits:
            for report in concerned(hit, reports):
                told.setdefault(report, []).extend(found.get(hit.own, []))
                asked[report] = asked.get(report, 0) + 1
    for report, of_one in reports.items():
        for doi in sorted(name.removeprefix("doi:") for name in of_one if name.startswith("doi:")):
            try:
                work = crossref.work(clients[crossref.NAME], doi)
            except RefusedError as refused:
                say(f"look at this: {refused} What it knows of {report} is not known here.")
                continue
            if work is not None:
                told.setdefault(report, []).extend(_by_crossref(work, say))
                asked[report] = asked.get(report, 0) + 1
    unknown = [report for report, of_one in reports.items() if of_one and report not in asked]
    if unknown:
        say(f"look at this: no source knows {', '.join(sorted(unknown))}; their state is not known")
    say(f"looked up the state of {len(asked)} included reports")
    return [
        dict(zip(COLUMNS, (report, *state, day), strict=True))
        for report in sorted(told)
        for state in dict.fromkeys(told[report])
    ]


def concerned(hit: Hit, reports: Mapping[str, frozenset[str]]) -> list[str]:
    """The reports that a record of a database is: by its PMID where both have one, else by any
    identifier."""
    own = {name for name in hit.all if name.startswith("pmid:")}
    found = []
    for report, known in reports.items():
        theirs = {name for name in known if name.startswith("pmid:")}
        if (own & theirs) if own and theirs else (hit.all & known):
            found.append(report)
    return found


def keep(rows: list[dict[str, str]], root: Path | str) -> list[dict[str, str]]:
    """Add to states.csv what it does not say yet; the rows that are new. Rows of before stay."""
    path = Path(root) / settling.REPORT_STATES
    before = tables.brought([str(path)] if path.exists() else [], "data/states")
    key = list(COLUMNS[:4])
    known = set(before[key].fillna("").itertuples(index=False, name=None))
    new = [row for row in rows if tuple(row[name] for name in key) not in known]
    if new:
        further = [name for name in before if name not in (*COLUMNS, "row")]
        table = pd.concat([before[[*COLUMNS, *further]], pd.DataFrame(new)], ignore_index=True)
        tables.write(table.fillna(""), path, "data/states")
    return new


def _by_pubmed(text: str) -> dict[str, list[State]]:
    """States by PMID, of records in PubMed's own format."""
    found: dict[str, list[State]] = {}
    for record in re.split(r"\n(?=PMID- )", text):
        pmid = re.match(r"\s*PMID- *(\d+)", record)
        if not pmid:
            continue
        states: list[State] = []
        for tag in _TAG.findall(record):
            told = " ".join(tag.split())
            notice = _PMID.search(told)
            called = f"pmid:{notice[1]}" if notice else next(iter(names(doi=told)), "")
            states.append((OF_PUBMED[tag[:4].strip()], called, pubmed.NAME))
        found[f"pmid:{pmid[1]}"] = states
    lines = text.split("\n")
    for raw in tagged.split(lines, tagged.DIALECTS["PubMed"]):
        if not isinstance(raw, tagged.Reject):
            row = fields.row(raw, "PubMed")
            _with_flag(found.setdefault(f"pmid:{row['pmid']}", []), row, pubmed.NAME)
    return found


def _by_europe_pmc(text: str) -> dict[str, list[State]]:
    """States by Europe PMC's own name, of its records."""
    found: dict[str, list[State]] = {}
    for item in json.loads(text):
        corrections = (item.get("commentCorrectionList") or {}).get("commentCorrection") or []
        states = found[europe_pmc.called(item)] = []
        for one in corrections:
            if state := OF_EUROPE_PMC.get(str(one.get("type", "")).strip().lower()):
                notice = names(pmid=one.get("id")) if one.get("source") == "MED" else names()
                states.append((state, next(iter(notice), ""), europe_pmc.NAME))
        _with_flag(states, answers.row(item), europe_pmc.NAME)
    return found


def _by_crossref(work: Mapping[str, Any], say: Callable[[str], None]) -> Iterator[State]:
    """States of a work of Crossref."""
    for one in work.get("updated-by") or []:
        kind = re.sub(r"[\s_-]+", "_", str(one.get("type", "")).strip().lower())
        source = "Retraction Watch" if one.get("source") == "retraction-watch" else crossref.NAME
        if state := OF_CROSSREF.get(kind):
            yield state, next(iter(names(doi=one.get("DOI"))), ""), source
        elif kind not in NO_STATE:
            say(f"look at this: {source} says '{kind}' of doi:{work['DOI']}")


def _with_flag(states: list[State], row: Mapping[Any, Any], source: str) -> None:
    """What the record itself is called, where no notice says it."""
    fields = [str(row.get(name, "")) for name in ("title", "type", "doi", "journal")]
    flag = kinds.flag(*fields)
    if flag in (RETRACTED, WITHDRAWN, CONCERN) and flag not in {state for state, *_ in states}:
        states.append((flag, "", source))


def reports(records: pd.DataFrame, included: Iterable[str]) -> dict[str, frozenset[str]]:
    """The names of each included record. `records`: as in screening/records.csv."""
    these = set(included)
    return {
        record: frozenset(name for name in cell.split() if name.startswith(NAMED))
        for record, cell in zip(records["record_id"], records["identifiers"], strict=True)
        if record in these
    }
