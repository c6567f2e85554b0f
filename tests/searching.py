"""The script `search` run on a review in a folder, against services on loopback."""

import csv

import pandas as pd
import pytest

import search
from literature_server import serving
from livingmeta import tables
from livingmeta.living.search import (
    clinical_trials,
    crossref,
    europe_pmc,
    fetch,
    openalex,
    pubmed,
    semantic_scholar,
)
from livingmeta.screening import identity, registrations
from livingmeta.screening.duplicates import records
from livingmeta.screening.readers import export

SERVICES = (
    *("PUBMED", "EUROPE_PMC", "CROSSREF"),
    *("CLINICAL_TRIALS", "OPENALEX", "SEMANTIC_SCHOLAR"),
)
TODAY = "2026-11-23"
QUERY = 'testomycin[tiab] AND "imaginary fever"'
PUBMED, EUROPE_PMC = {"pubmed": QUERY}, {"europe-pmc": QUERY}
BOTH = [PUBMED, EUROPE_PMC]
PACES, WAITS = dict(pubmed.PER_SECOND), fetch.WAITS  # the real ones


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """The waits of the real thing, a thousand times shorter, and small pages."""
    monkeypatch.setattr(fetch, "WAITS", (0.001,) * 5)
    monkeypatch.setattr(pubmed, "PER_SECOND", {False: 1000.0, True: 1000.0})
    for module in (europe_pmc, crossref, clinical_trials, openalex, semantic_scholar):
        monkeypatch.setattr(module, "PER_SECOND", 1000.0)
    for module in (openalex, clinical_trials, semantic_scholar):
        monkeypatch.setattr(module, "PART", 10)
    monkeypatch.setattr(openalex, "PAGE", 10)
    monkeypatch.setattr(pubmed, "PAGE", 10)
    monkeypatch.setattr(europe_pmc, "PAGE", 10)
    monkeypatch.setattr(europe_pmc, "PART", 10)


def screened(root, included=()) -> dict[str, str]:
    """What the exports in `root` hold, linked by identifiers alone: all else takes time."""
    tables_of = {
        name: str(root / f"results/{name}.csv") for name in ("records", "registrations", "included")
    }
    read = [
        export.read(path)[0].assign(file=path.name)
        for path in sorted((root / "data/raw/searches").glob("*/*.*"))
        if path.parent.name != "strategies" and path.read_text().strip() not in ("", "[]")
    ]
    copies = pd.concat(read or [export.nothing()[0]], ignore_index=True)
    held: dict[str, set[str]] = {}  # copies under one identifier are one record
    called, names, titles = records.copy_names(copies), [], {}
    for row in copies.to_dict("records"):
        found = identity.identifiers(row)
        names.append(found[0])
        held.setdefault(found[0], set()).update(found)
        titles.setdefault(found[0], row["title"])
    table = tables.empty("screening/records").reindex(range(len(held)))
    identifiers = [" ".join(sorted(found)) for found in held.values()]
    table = table.assign(
        record_id=list(held), identifiers=identifiers, copies=1, title=list(titles.values())
    )
    tables.write(table.fillna(""), tables_of["records"], "screening/records")
    listed = pd.DataFrame({"copy": called, "record_id": names})
    numbers = registrations.held(copies, called, listed)
    tables.write(numbers, tables_of["registrations"], "screening/registrations")
    taken = pd.DataFrame({"record_id": list(included)})
    of_these = tables.empty("screening/included").reindex(range(len(taken))).assign(**taken)
    tables.write(of_these.fillna(""), tables_of["included"], "screening/included")
    return tables_of


def run(asked, service, root, environment=None, day=TODAY, included=()):
    """Run the script on the review in `root`, which includes these records; what it said."""
    said = []
    root.mkdir(parents=True, exist_ok=True)
    with serving(service) as address:
        at = {f"LIVINGMETA_{name}": address for name in SERVICES}
        known, pages = screened(root, included), root / "pages"
        search.main(asked, day, known, pages, said.append, root, {**at, **(environment or {})})
    return said


def ledger(root) -> list[dict]:
    with open(root / "data/raw/searches/searches.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files(root) -> list[str]:
    """Every file but those that are computed."""
    every = (p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
    return sorted(name for name in every if not name.startswith("results/"))


def days(count, day="2026-03-01") -> list[str]:
    return [day] * count
