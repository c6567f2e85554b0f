"""What a search must not believe: an answer of nothing, and a note on another work."""

from dataclasses import replace

import pytest

from livingmeta.living.search import literature
from livingmeta.screening.readers import export

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
