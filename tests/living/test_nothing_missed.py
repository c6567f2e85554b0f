"""What a search must not pass over: abstracts under one DOI, an answer of nothing, and what came
after a person answered."""

from dataclasses import replace

import pandas as pd
import pytest

from livingmeta import tables
from livingmeta.extraction import sentinel
from livingmeta.living.search import found, held, known_items, literature
from livingmeta.living.search.found import Hit
from livingmeta.screening.readers import export

DOI = "doi:10.1000/supplement"


def test_abstracts_that_share_a_doi_are_fetched_each():
    """One is held already: its DOI is the meeting's, so it says nothing of the other."""
    both = [Hit("openalex:W1", frozenset([DOI])), Hit("openalex:W2", frozenset([DOI]))]
    assert found.new(both, frozenset([DOI])) == both
    assert found.by_doi_alone(both, frozenset([DOI])) == 0
    assert found.new(both, frozenset([DOI, "openalex:W1"])) == both[1:]
    assert found.new(both[:1], frozenset([DOI])) == []
    assert found.by_doi_alone(both[:1], frozenset([DOI])) == 1


def test_a_doi_of_two_records_holds_neither_for_another():
    own = "doi:10.1000/own"
    cells = [f"{DOI} title:one", f"{DOI} title:two", f"{own} pmid:7"]
    none = pd.DataFrame({"role": [], "number": []}, dtype=str)
    assert held.names(pd.DataFrame({"identifiers": cells}), none, []) == {own, "pmid:7"}


SEARCH = literature.Search("OpenAlex", "OpenAlex API", "gout", "openalex", ".json")


def searched(tmp_path, count):
    answer = literature.Answer("[]", count, count, "", [])
    literature.keep([(SEARCH, answer)], "2026-11-23", tmp_path)
    return literature.ledger(tmp_path)


def test_a_query_that_suddenly_finds_nothing_is_not_believed(tmp_path):
    before = searched(tmp_path, 250)
    with pytest.raises(literature.LiteratureError, match="found 250 records on 2026-11-23"):
        literature.must_find(SEARCH, 0, before, tmp_path)
    literature.must_find(SEARCH, 3, before, tmp_path)
    # Another query may well find nothing.
    literature.must_find(replace(SEARCH, query="x"), 0, before, tmp_path)


@pytest.mark.parametrize(
    "head",
    [
        "File,Database,Platform,Searched on,Hits,Found,Strategy,Note",
        "sep=;\nfile;database;platform;searched_on;hits;strategy;note",
    ],
)
def test_a_ledger_as_a_spreadsheet_saves_it_takes_further_rows(tmp_path, head):
    path = tmp_path / literature.FOLDER / "searches.csv"
    path.parent.mkdir(parents=True)
    path.write_text(head + "\n", encoding="utf-8")
    ledger = searched(tmp_path, 7)
    assert ledger["hits"].tolist() == [7]
    assert ledger["found"].tolist() == [7]


TOLD = [{"seen_on": "2026-01-01", "notice": "a"}, {"seen_on": "2026-03-01", "notice": "b"}]


@pytest.mark.parametrize(
    ("day", "left"),
    [("2026-02-01", ["b"]), ("2026-03-01", []), ("2025-12-31", ["a", "b"]), ("", [])],
)
def test_an_answer_holds_for_what_was_told_up_to_its_day(day, left):
    answers = pd.DataFrame([{"kind": "correction", "what": "pmid:1", "decided_on": day}])
    record_of = {"pmid:1": ["r1"]}
    rows = sentinel.unanswered({"r1": TOLD}, "seen_on", answers, "correction", record_of)
    assert [row["notice"] for row in rows.get("r1", [])] == left


def test_what_is_missed_keeps_the_day_since_when(tmp_path):
    def miss(part, day):
        row = {"database": "PubMed", "report": "pmid:1", "lost_by": part, "searched_on": day}
        known_items.keep([row], ["PubMed"], tmp_path)
        table = tables.brought([str(tmp_path / "data/raw/known_items.csv")], "data/known_items")
        return table["missed_since"].tolist()

    assert miss("rats", "2026-01-01") == ["2026-01-01"]
    assert miss("rats", "2026-02-01") == ["2026-01-01"]
    assert miss("mice", "2026-03-01") == ["2026-03-01"]


@pytest.mark.parametrize(
    ("note", "doi"),
    [
        ("Original article: doi:10.1000/other", ""),
        ("Commentary on doi: 10.1000/other", ""),
        ("Related study https://doi.org/10.1000/other", ""),
        ("Reply to doi 10.1000/other", ""),
        ("doi: 10.1000/own; free full text", "10.1000/own"),
        ("doi:10.1000/own", "10.1000/own"),
    ],
)
def test_a_note_on_another_work_gives_no_identifier(tmp_path, note, doi):
    path = tmp_path / "x.ris"
    path.write_text(f"TY  - JOUR\nTI  - A letter on gout\nN1  - {note}\nER  - \n")
    records, _ = export.read(str(path))
    assert records["doi"].tolist() == [doi]
