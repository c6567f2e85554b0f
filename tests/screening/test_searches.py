"""All exports of a review at once: empty ones, broken ones, and the same file under two names."""

import pandas as pd
import pytest

import deduplicate
from livingmeta import tables
from livingmeta.screening.readers import export
from livingmeta.words import exports as exports_words

RIS = "TY  - JOUR\nTI  - Local treatment of metastases\nER  - \n"


@pytest.fixture
def exports(tmp_path, monkeypatch):
    """A function that lays exports, by name, as (content, hits), and returns their ledger."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / deduplicate.FOLDER
    folder.mkdir(parents=True)

    def lay(**files):
        for name, (content, _) in files.items():
            (folder / f"{name}.ris").write_text(content, encoding="utf-8")
        hits = pd.array([hits for _, hits in files.values()], dtype="Int64")
        return pd.DataFrame({"file": [f"{name}.ris" for name in files], "hits": hits})

    return lay


@pytest.mark.parametrize("content", ["", "\n\n", "FN Clarivate Analytics\nVR 1.0\nEF\n"])
def test_an_export_of_nothing_is_right_where_hits_is_0(exports, content):
    (full, _), (records, rejects) = deduplicate.read_all(exports(a=(RIS, 1), b=(content, 0)))
    assert (len(full), len(records), len(rejects)) == (1, 0, 0)
    assert list(records) == list(full)


@pytest.mark.parametrize("hits", [None, 3])
def test_an_export_of_nothing_is_an_error_where_something_was_found(exports, hits):
    with pytest.raises(export.ReadError, match=r"b\.ris: the file is empty.*write 0 under hits"):
        deduplicate.read_all(exports(a=(RIS, 1), b=("", hits)))


def test_every_broken_export_is_named(exports):
    ledger = exports(a=("%PDF-1.4", 1), b=(RIS, 1), c=("just words", 0))
    with pytest.raises(export.ReadError) as error:
        deduplicate.read_all(ledger)
    first, second = str(error.value).splitlines()
    assert "a.ris" in first
    assert "c.ris" in second


def test_the_same_file_twice_is_told(exports):
    other = RIS.replace("\n", "\r\n")
    ledger = exports(a=(RIS, 1), b=(RIS, 1), c=(other, 1), d=("", 0), e=("", 0), f=(RIS[5:], 1))
    assert deduplicate.same_bytes(ledger["file"]) == {"b.ris": "a.ris", "c.ris": "a.ris"}


@pytest.mark.parametrize(
    ("more", "alike"),
    [
        ({}, {"b.csv": "a.ris"}),
        ({"database": "pubmed "}, {"b.csv": "a.ris"}),
        ({"strategy": "b.txt"}, {}),  # two queries that found the same
        ({"searched_on": "2026-02-01"}, {}),
        ({"platform": "Ovid"}, {}),
        ({"database": "Embase"}, {}),
    ],
)
def test_a_search_exported_in_two_formats_is_told(more, alike):
    of = {"database": "PubMed", "platform": None, "searched_on": "2026-01-01", "strategy": "a.txt"}
    files = ("a.ris", "b.csv", "part.ris", "one.ris", "one.csv")
    ledger = pd.DataFrame([of | {"file": f} | (more if f == "b.csv" else {}) for f in files])
    held = {"a.ris": "xyz", "b.csv": "zyx", "part.ris": "xy", "one.ris": "x", "one.csv": "x"}
    rows = [{"file": file, "record_id": record} for file in held for record in held[file]]
    assert deduplicate.same_records(ledger, pd.DataFrame(rows)) == alike


STUDY = (
    '{"protocolSection": {"identificationModule": {"nctId": "NCT9700000%s", "briefTitle": "Snow"}}}'
)
WORK = '{"DOI": "10.5555/c.%s", "title": ["Snow on roofs"], "container-title": ["Roofs"]}'
FOUND = '{"pmid": "9100000%s", "title": "Snow on roofs", "pubYear": "2020"}'
PAPER = '{"paperId": "%s", "title": "Snow on roofs", "count": 99}'
OPEN = '{"title": "Snow on roofs %s", "authorships": []}'


@pytest.mark.parametrize(
    ("text", "hits", "follow", "told"),
    [
        (
            '{"studies": [%s], "nextPageToken": "a"}'.replace("[%s]", f"[{STUDY}]"),
            None,
            True,
            "that more follow",
        ),
        (
            '{"totalCount": 4, "studies": [%s]}'.replace("[%s]", f"[{STUDY}]"),
            4,
            False,
            "found 4, the file holds 1",
        ),
        (
            '{"studies": [%s], "nextPageToken": "a"}\n{"studies": [%s]}'.replace(
                "[%s]", f"[{STUDY}]"
            ),
            None,
            False,
            "",
        ),
        (
            '[{"studies": [%s], "nextPageToken": "a"},\n{"studies": [%s]}]'.replace(
                "[%s]", f"[{STUDY}]"
            ),
            None,
            False,
            "",
        ),
        (
            '{"message": {"total-results": 3, "items": [%s]}}'.replace("[%s]", f"[{WORK}]"),
            3,
            False,
            "found 3",
        ),
        (
            '{"hitCount": 1, "resultList": {"result": [%s]}}'.replace("[%s]", f"[{FOUND}]"),
            1,
            False,
            "",
        ),
        (
            '{"hitCount": 2, "resultList": {"result": [%s]}}'.replace("[%s]", f"[{FOUND}]"),
            2,
            False,
            "found 2",
        ),
        (
            '{"total": 7, "offset": 0, "next": 1, "data": [%s]}'.replace("[%s]", f"[{PAPER}]"),
            7,
            True,
            "found 7",
        ),
        ('{"total": 1, "token": null, "data": [%s]}'.replace("[%s]", f"[{PAPER}]"), 1, False, ""),
        (
            '{"meta": {"count": 5, "page": 1}, "results": [%s]}'.replace("[%s]", f"[{OPEN}]"),
            5,
            False,
            "found 5",
        ),
        (
            '<search_results count="2"><clinical_study><id_info><nct_id>NCT97000001</nct_id>'
            "</id_info><brief_title>Snow %s</brief_title></clinical_study></search_results>",
            2,
            False,
            "found 2",
        ),
        ('{"totalHits": 50, "results": [%s]}'.replace("[%s]", f"[{OPEN}]"), 50, False, "found 50"),
        ('{"data": [%s], "total": 60}'.replace("[%s]", f"[{PAPER}]"), 60, False, "found 60"),
        (
            '{"count": 9, "next": "https://example.org", "results": [%s]}'.replace(
                "[%s]", f"[{OPEN}]"
            ),
            9,
            True,
            "found 9",
        ),
        (RIS.replace("metastases", "metastases %s"), None, False, ""),
    ],
)
def test_an_answer_that_is_not_whole_says_so(exports, tmp_path, text, hits, follow, told):
    text = text.replace("%s", "1", 1).replace("%s", "2")
    ((records, rejects),) = deduplicate.read_all(exports(a=(text, None)))
    assert len(rejects) == 0
    assert (records.attrs["hits"], records.attrs["follow"]) == (hits, follow)
    names = ("searches", "records", "copies", "registrations", "duplicates", "linked", "doubtful")
    names = (*names, "posted", "notices")
    out = {name: tmp_path / f"{name}.csv" for name in (*names, "unsettled", "rejects")}
    deduplicate.main([f"{deduplicate.FOLDER}/a.ris"], [], [], out, lambda line: None)
    found = tables.read(out["searches"], "screening/searches")
    said = exports_words.lacking("", found["stated"][0], bool(found["follow"][0]), len(records))
    assert told in said
    assert bool(told) == bool(said)
    assert told in found["notes"][0]


def test_names_of_exports_may_hold_what_parts_names_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = [f"{deduplicate.FOLDER}/{name}" for name in ("a; b.ris", "a;b.ris", "c.ris")]
    assert list(deduplicate.searches(paths)["file"]) == ["a; b.ris", "a;b.ris", "c.ris"]
