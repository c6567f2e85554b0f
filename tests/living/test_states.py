"""What became of included reports, and which of them a query misses."""

import csv

import pandas as pd
import pytest

from literature_server import Service, made_up
from livingmeta import tables
from livingmeta.living.search import fetch, known_items
from livingmeta.screening.duplicates import records as of_records
from searching import EUROPE_PMC, PUBMED, TODAY, files, impatient, ledger, run

__all__ = ["impatient"]  # a fixture of every test here

REPORT, OTHER = "doi:10.5555/search.0", "doi:10.5555/search.1"


def rows(root, name) -> list[dict]:
    path = root / f"data/raw/{name}.csv"
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def after(root, *records, asked=PUBMED, included=(REPORT,), moods=(), **more):
    """A search of today on a review that holds two plain records since the day before."""
    run(PUBMED, Service(["2020-01-01"] * 2), root, day="2026-11-22")
    service = Service(list(records), moods)
    return run(asked, service, root, included=included, **more), service


TOLD = [
    # PubMed's tags, its types; Europe PMC's types; Crossref's, with who says it.
    ({"tags": "RIN - J Imag Med. 2026;8:3.\n      doi: 10.5555/n. PMID: 99\n"},
     {("retracted", "pmid:99", "PubMed")}),
    ({"tags": "PRIN- J Imag Med. 2026;8:3. doi: 10.5555/n\n"},
     {("retracted", "doi:10.5555/n", "PubMed")}),
    ({"tags": "ECI - J Imag Med. PMID: 98\nEIN - J Imag Med. PMID: 97\n"},
     {("concern", "pmid:98", "PubMed"), ("corrected", "pmid:97", "PubMed")}),
    ({"types": ["Journal Article", "Retracted Publication"]},
     {("retracted", "", "PubMed"), ("retracted", "", "Europe PMC")}),
    ({"changes": [{"id": "96", "source": "MED", "type": "Retraction in"},
                  {"id": "95", "source": "MED", "type": "Cites"}]},
     {("retracted", "pmid:96", "Europe PMC")}),
    ({"changes": [{"id": "94", "source": "MED", "type": "Erratum in"}]},
     {("corrected", "pmid:94", "Europe PMC")}),
    ({"updated_by": [
        {"DOI": "10.5555/A", "type": "retraction", "source": "retraction-watch", "record-id": "1"},
        {"DOI": "10.5555/b", "type": "expression_of_concern", "source": "publisher"},
        {"DOI": "10.5555/c", "type": "new_version", "source": "publisher"}]},
     {("retracted", "doi:10.5555/a", "Retraction Watch"),
      ("concern", "doi:10.5555/b", "Crossref")}),
    ({"updated_by": [
        {"DOI": "10.5555/a", "type": "Partial Retraction", "source": "publisher"},
        {"DOI": "10.5555/b", "type": "expression of  concern", "source": "publisher"},
        {"DOI": "10.5555/c", "type": "Reinstatement", "source": "retraction-watch"}]},
     {("retracted", "doi:10.5555/a", "Crossref"), ("concern", "doi:10.5555/b", "Crossref"),
      ("reinstated", "doi:10.5555/c", "Retraction Watch")}),
    ({"updated_by": None}, set()),
    ({"tags": "CIN - J Imag Med. PMID: 93\nUIN - J Imag Med. PMID: 92\n"}, set()),
    ({"tags": "EFR - J Imag Med. PMID: 91\n"}, set()),  # an erratum itself
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), TOLD)
def test_what_each_source_says_of_an_included_report_is_kept(change, expected, tmp_path):
    said, _ = after(tmp_path, made_up(0, **change), made_up(1))
    found = rows(tmp_path, "states")
    assert {(row["state"], row["notice"], row["source"]) for row in found} == expected
    assert {(row["report"], row["seen_on"]) for row in found} <= {(REPORT, TODAY)}
    assert sum(REPORT in line and "look at this" in line for line in said) == len(expected)
    # Neither a search of its own nor a record: the counts of the flow stay.
    assert [row["hits"] for row in ledger(tmp_path)] == ["2", "0"]


def test_only_included_reports_are_looked_up_and_each_state_is_told_once(tmp_path):
    retracted = {"types": ["Retracted Publication"]}
    said, service = after(tmp_path, made_up(0), made_up(1, **retracted), included=[REPORT])
    assert rows(tmp_path, "states") == []
    assert "looked up the state of 1 included reports" in said
    service = Service([made_up(0, **retracted), made_up(1)])
    first = run(PUBMED, service, tmp_path, day="2026-11-24", included=[REPORT])
    assert any("retracted, says PubMed" in line for line in first)
    kept = rows(tmp_path, "states")
    second = run(PUBMED, service, tmp_path, day="2026-11-25", included=[REPORT])
    assert not any("retracted" in line for line in second)
    assert rows(tmp_path, "states") == kept


def test_what_became_of_another_abstract_under_the_same_doi_is_not_told_of_the_report(tmp_path):
    shared = {"doi": "10.5555/search.0", "pmid": "", "pmcid": "", "source": "PPR"}
    path = tmp_path / "data/raw/searches/2026-11-22/meeting.ris"
    path.parent.mkdir(parents=True)
    path.write_text("TY  - JOUR\nTI  - An abstract\nPY  - 2025\nDO  - 10.5555/search.0\nER  - \n")
    retracted = {"types": ["Retracted Publication"]}
    there = [made_up(0, **shared, id="PPR0"), made_up(1, **shared, id="PPR1", **retracted)]
    run(PUBMED, Service(there), tmp_path, included=[REPORT])
    assert rows(tmp_path, "states") == []


def test_a_report_that_nobody_knows_is_named(tmp_path):
    said, _ = after(tmp_path, made_up(1))
    assert f"look at this: no source knows {REPORT}; their state is not known" in said


def test_a_word_that_we_do_not_know_is_told(tmp_path):
    changed = made_up(0, updated_by=[{"DOI": "10.5555/x", "type": "resurrection"}])
    said, _ = after(tmp_path, changed, made_up(1))
    assert "look at this: Crossref says 'resurrection' of doi:10.5555/search.0" in said


def test_a_source_that_cannot_be_asked_stops_the_search_and_nothing_is_written(tmp_path):
    run(PUBMED, Service(["2020-01-01"] * 2), tmp_path, day="2026-11-22")
    before = files(tmp_path)
    # esearch and efetch for the query and for the report; two of Europe PMC; then Crossref.
    service = Service([made_up(n) for n in range(3)], ["fine"] * 6 + ["broken"] * fetch.TRIES)
    with pytest.raises(fetch.FetchError, match="Crossref"):
        run(PUBMED, service, tmp_path, included=[REPORT])
    assert [name for name in files(tmp_path) if not name.startswith("pages/")] == before


@pytest.mark.parametrize(
    ("moods", "prime", "told"),
    [
        (["refused"], "", "it answered 400"),
        ([], "10.5555/prime", "its answer is on doi:10.5555/prime"),
    ],
)
def test_a_doi_that_crossref_does_not_take_is_set_aside_and_the_others_are_asked(
    moods, prime, told, tmp_path
):
    notice = {"DOI": "10.5555/n", "type": "retraction", "source": "publisher"}
    there = [made_up(0, prime=prime), made_up(1, updated_by=[notice])]
    before = ["fine"] * 5 if moods else []  # the query, look up and states of two services
    said, _ = after(tmp_path, *there, included=[REPORT, OTHER], moods=[*before, *moods])
    assert any(told in line and f"of {REPORT} is not known" in line for line in said)
    assert [(row["report"], row["state"]) for row in rows(tmp_path, "states")] == [
        (OTHER, "retracted")
    ]
    assert len(ledger(tmp_path)) == 2


def test_states_become_flags_the_gravest_first():
    records = pd.DataFrame(
        {
            "record_id": ["doi:10.5555/a", "pmid:2", "pmid:3"],
            "identifiers": ["doi:10.5555/a pmid:1", "pmid:2", "pmid:3"],
            "flag": ["preprint", "", "concern"],
        }
    )
    told = {"PMID 1": "concern", "10.5555/A": "retracted", "pmid:2": "corrected", "7": "concern"}
    table = pd.DataFrame(told.items(), columns=["report", "state"]).assign(row=range(2, 6))
    flagged = of_records.with_states(records, table)
    assert list(flagged["flag"]) == ["retracted", "", "concern"]


QUERY = '(testomycin OR placebo) AND "imaginary fever" AND trial NOT rats'
WORDS = ["testomycin", "imaginary fever", "trial"]


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        (WORDS, None),
        (["placebo", "imaginary fever", "trial"], None),
        (["imaginary fever", "trial"], ["(testomycin OR placebo)"]),
        (["testomycin"], ['"imaginary fever"', "trial"]),
        ([*WORDS, "rats"], ["NOT rats"]),
    ],
)
@pytest.mark.parametrize("asked", [PUBMED, EUROPE_PMC], ids=["pubmed", "europe-pmc"])
def test_the_part_that_loses_a_known_item_is_named(asked, words, lost, tmp_path):
    key = next(iter(asked))
    there = [made_up(0, words=words), made_up(1, words=WORDS)]
    said, _ = after(tmp_path, *there, asked={key: QUERY}, included=[REPORT, OTHER])
    found = rows(tmp_path, "known_items")
    name = {"pubmed": "PubMed", "europe-pmc": "Europe PMC"}[key]
    assert [row["lost_by"] for row in found] == (lost or [])
    assert {(row["database"], row["report"]) for row in found} <= {(name, REPORT)}
    assert sum(f"of {name} misses {REPORT}" in line for line in said) == len(lost or [])


def test_what_a_database_does_not_hold_is_not_missed_by_its_query(tmp_path):
    after(tmp_path, made_up(1, words=WORDS), asked={"pubmed": QUERY})
    assert rows(tmp_path, "known_items") == []


def test_a_query_that_is_mended_misses_nothing_and_other_databases_keep_their_rows(tmp_path):
    there = [made_up(0, words=WORDS[1:]), made_up(1, words=WORDS)]
    both = {"pubmed": QUERY, "europe-pmc": QUERY}
    after(tmp_path, *there, asked=both)
    assert [row["database"] for row in rows(tmp_path, "known_items")] == ["PubMed", "Europe PMC"]
    mended = {"pubmed": '"imaginary fever" AND trial'}
    run(both | mended, Service(there), tmp_path, day="2026-11-24", included=[REPORT])
    assert [row["database"] for row in rows(tmp_path, "known_items")] == ["Europe PMC"]
    assert tables.read(tmp_path / "data/raw/known_items.csv", "data/known_items").shape[0] == 1


def test_what_a_database_missed_that_the_protocol_no_longer_names_is_kept_no_more(tmp_path):
    there = [made_up(0, words=WORDS[1:]), made_up(1, words=WORDS)]
    after(tmp_path, *there, asked={"pubmed": QUERY, "europe-pmc": QUERY})
    run({"pubmed": QUERY}, Service(there), tmp_path, day="2026-11-24", included=[REPORT])
    assert [row["database"] for row in rows(tmp_path, "known_items")] == ["PubMed"]


def test_since_when_a_query_misses_a_report_is_kept_over_searches(tmp_path):
    there = [made_up(0, words=WORDS[1:]), made_up(1, words=WORDS)]
    after(tmp_path, *there, asked={"pubmed": QUERY})
    more = {"pubmed": f"{QUERY} NOT fever"}
    for day, query in (("2026-11-24", {"pubmed": QUERY}), ("2026-11-25", more)):
        run(query, Service(there), tmp_path, day=day, included=[REPORT])
    found = rows(tmp_path, "known_items")
    assert {row["lost_by"]: row["missed_since"] for row in found} == {
        "(testomycin OR placebo)": TODAY
    }
    assert {row["searched_on"] for row in found} == {"2026-11-25"}


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("a AND b", [("a", True), ("b", True)]),
        ("(a AND b)", [("a", True), ("b", True)]),
        ('(a OR b) AND "c AND d"[ti] NOT (e AND f)',
         [("(a OR b)", True), ('"c AND d"[ti]', True), ("(e AND f)", False)]),
        ("a AND NOT b", [("a", True), ("b", False)]),
        ("(a) AND (b)", [("(a)", True), ("(b)", True)]),
        ("a AND b OR c", []), ("a b c", []), ("(a OR b)", []), ("a AND (b", []), ("", []),
        ("a and b", []),
    ],
)  # fmt: skip
def test_a_query_falls_into_the_parts_that_and_joins(query, parts):
    assert known_items.parts(query) == parts
