"""A search on request: whole downloads only, faults survived, everything documented.

The services are on loopback (literature_server.py); nothing here leaves this computer.
"""

import pandas as pd
import pytest

import boolean_queries
import literature_server
from literature_server import Service, made_up
from livingmeta import tables
from livingmeta.living.search import fetch, literature, pubmed
from livingmeta.run import digests
from livingmeta.screening.duplicates import records
from livingmeta.screening.readers import export
from searching import (
    BOTH,
    EUROPE_PMC,
    PACES,
    PUBMED,
    QUERY,
    TODAY,
    WAITS,
    days,
    files,
    impatient,
    ledger,
    run,
    screened,
)

__all__ = ["impatient"]  # a fixture of every test here


@pytest.mark.parametrize("asked", BOTH, ids=["pubmed", "europe-pmc"])
def test_every_record_arrives_and_is_documented(asked, tmp_path):
    run(asked, Service(days(37)), tmp_path)
    row = ledger(tmp_path)[0]
    assert (row["hits"], row["found"], row["searched_on"]) == ("37", "37", TODAY)
    read, rejects = export.read(tmp_path / "data/raw/searches" / row["file"])
    assert (len(read), len(rejects)) == (37, 0)
    assert set(read["pmid"]) == {str(91000000 + i) for i in range(37)}
    assert set(read["doi"]) == {f"10.5555/search.{i}" for i in range(37)}
    text = (tmp_path / "data/raw/searches" / row["strategy"]).read_text()
    assert QUERY in text
    assert "Found: 37" in text
    assert "New: 37" in text
    assert digests.digest(tmp_path / "data/raw/searches" / row["file"]) in text
    assert TODAY in text
    assert not (tmp_path / "pages").exists()


def test_both_services_give_the_same_records(tmp_path):
    run({**PUBMED, **EUROPE_PMC}, Service(days(12)), tmp_path)
    copies = [
        export.read(tmp_path / "data/raw/searches" / row["file"])[0].assign(
            file=row["file"], source=row["database"]
        )
        for row in ledger(tmp_path)
    ]
    linked, duplicates, *_ = records.assemble(pd.concat(copies, ignore_index=True))
    assert (len(linked), len(duplicates)) == (12, 12)


def test_a_record_of_europe_pmc_reads_as_it_was(tmp_path):
    run(EUROPE_PMC, Service(days(1)), tmp_path)
    read, _ = export.read(tmp_path / "data/raw/searches" / ledger(tmp_path)[0]["file"])
    row = read.iloc[0]
    assert row["title"] == "Testomycin in imaginary fever, part 0 & last"
    assert row["authors"] == "Ahn, Bo; Imaginary Fever Group"
    assert (row["year"], row["volume"], row["issue"], row["pages"]) == ("2025", "7", "2", "10-19")
    assert row["journal"] == "Journal of Imaginary Medicine"
    assert (row["pmid"], row["pmcid"]) == ("91000000", "PMC700")
    assert row["abstract"] == "Aim To test p<0.05."


@pytest.mark.parametrize("asked", BOTH, ids=["pubmed", "europe-pmc"])
@pytest.mark.parametrize(
    "moods",
    [
        ["throttle", "throttle", "fine", "throttle"],
        ["throttle-silent"],
        ["broken", "fine", "broken", "broken"],
        ["page-of-html", "fine", "page-of-html"],
        ["cut", "fine", "cut", "fine", "cut"],
    ],
    ids=lambda moods: "+".join(moods),
)
def test_passing_faults_change_nothing(asked, moods, tmp_path):
    undisturbed, disturbed = tmp_path / "a", tmp_path / "b"
    run(asked, Service(days(25)), undisturbed)
    run(asked, Service(days(25), moods), disturbed)
    assert files(disturbed) == files(undisturbed)
    for name in files(undisturbed):
        assert (disturbed / name).read_bytes() == (undisturbed / name).read_bytes()


@pytest.mark.parametrize("moods", [["backend"], ["fine", "short"], ["fine", "fine", "short"]])
def test_faults_of_pubmed_that_come_with_200_are_seen(moods, tmp_path):
    run(PUBMED, Service(days(25), moods), tmp_path)
    assert ledger(tmp_path)[0]["hits"] == "25"


@pytest.mark.parametrize("asked", BOTH, ids=["pubmed", "europe-pmc"])
def test_nothing_is_written_unless_the_download_is_whole_and_it_goes_on_from_there(asked, tmp_path):
    finding = 1 if asked is PUBMED else 5  # requests, before two pages of records
    lasting = [*["fine"] * finding, "fine", "fine", *["cut"] * fetch.TRIES]
    service = Service(days(45), lasting)
    with pytest.raises(fetch.FetchError, match="go on from there"):
        run(asked, service, tmp_path)
    assert not (tmp_path / "data").exists()
    again = Service(days(45))
    run(asked, again, tmp_path)
    assert ledger(tmp_path)[0]["hits"] == "45"
    assert len(again.fetched) == 25  # of 45 the rest
    assert not set(again.fetched) & set(service.fetched[:20])


def test_both_or_none(tmp_path):
    lasting = ["fine"] * 4 + ["broken"] * fetch.TRIES  # PubMed: esearch and three of efetch
    with pytest.raises(fetch.FetchError, match="Europe PMC"):
        run({**PUBMED, **EUROPE_PMC}, Service(days(25), lasting), tmp_path)
    assert not (tmp_path / "data").exists()


def test_a_refusal_is_not_asked_again_and_names_what_the_service_said(tmp_path):
    service = Service(days(5), ["forbidden"])
    with pytest.raises(fetch.FetchError, match="403 Forbidden: Blocked"):
        run(PUBMED, service, tmp_path)
    assert len(service.asked) == 1


def test_an_index_that_grows_meanwhile_is_noticed(tmp_path, monkeypatch):
    # Europe PMC announces another number on its second page: it is asked again from the start.
    run(EUROPE_PMC, Service(days(25), ["fine", "grown"]), tmp_path)
    assert ledger(tmp_path)[0]["hits"] == "26"
    # So is PubMed, whose spans of days do not come to the number of the whole query.
    monkeypatch.setattr(pubmed, "MOST", 20)
    service = Service([f"2020-01-{day:02d}" for day in range(1, 29)], ["fine", "grown"])
    service.limit = 20
    run(PUBMED, service, tmp_path / "second")
    assert ledger(tmp_path / "second")[0]["found"] == "29"
    created = [f"2020-01-{day:02d}" for day in range(1, 29)]
    always = Service(created)

    def restless(self, query):
        """One more after each time that the whole query was asked."""
        found = [r for r in always.records if boolean_queries.finds(query, r)]
        if query == QUERY:
            always.records.append(
                made_up(len(always.records), f"2021-01-{len(always.asked) % 28 + 1:02d}")
            )
        return found

    monkeypatch.setattr(Service, "found", restless)
    always.limit = 20
    with pytest.raises(fetch.FetchError, match="index changed meanwhile"):
        run(PUBMED, always, tmp_path / "third")
    assert files(tmp_path / "third") == []


def test_more_than_one_query_gives_is_asked_in_spans_of_days(tmp_path, monkeypatch):
    monkeypatch.setattr(pubmed, "MOST", 20)
    created = [f"20{year:02d}-0{month}-1{month}" for year in range(10, 22) for month in range(1, 8)]
    # Of some no day of creation is known, and one is a day ahead: nothing is missed.
    service = Service([*created, "", "", "2026-11-24", "2027-05-01"])
    service.limit = 20
    run(PUBMED, service, tmp_path)
    assert ledger(tmp_path)[0]["hits"] == "88"
    service = Service(days(21))
    service.limit = 20
    with pytest.raises(fetch.FetchError, match="single day 2026-03-01"):
        run(PUBMED, service, tmp_path / "second")


def test_a_first_day_in_the_protocol_is_not_looked_at_and_that_is_said(tmp_path):
    said = run({**PUBMED, "from": "2025-01-15"}, Service(days(4, "2001-01-01")), tmp_path)
    assert ledger(tmp_path)[0]["hits"] == "4"
    assert "search.from in config/config.yaml is not looked at" in said[0]
    assert not any("search.from" in line for line in run(PUBMED, Service(days(4)), tmp_path))


@pytest.mark.parametrize("asked", BOTH, ids=["pubmed", "europe-pmc"])
def test_a_search_that_finds_nothing_new_has_its_row(asked, tmp_path):
    said = run(asked, Service([]), tmp_path)
    assert said[-1] == "No new records."
    row = ledger(tmp_path)[0]
    assert (row["found"], row["hits"]) == ("0", "0")
    assert "Found: 0" in (tmp_path / "data/raw/searches" / row["strategy"]).read_text()
    screened(tmp_path)  # reads it
    kept = files(tmp_path)
    run(asked, Service([]), tmp_path)
    assert files(tmp_path) == kept


def test_the_same_query_twice_a_day_is_asked_once_and_another_gets_a_name_of_its_own(tmp_path):
    run(PUBMED, Service(days(3)), tmp_path)
    service = Service(days(3))
    said = run(PUBMED, service, tmp_path)
    assert "run today already" in said[0]
    assert service.asked == []
    run({"pubmed": "another"}, Service(days(4)), tmp_path)
    assert [row["file"] for row in ledger(tmp_path)] == [
        f"{TODAY}/pubmed.nbib",
        f"{TODAY}/pubmed-2.nbib",
    ]


def test_rows_of_people_stay_as_they_stand(tmp_path):
    folder = tmp_path / "data/raw/searches"
    folder.mkdir(parents=True)
    (folder / "old.ris").write_text("TY  - JOUR\nTI  - Old\nER  - \n")
    before = (
        "searched_on;file;database;platform;hits;strategy;note;librarian\n"
        '2020-01-01;old.ris;Embase;Ovid;1;;"one; two\nlines";Müller\n'
    )
    (folder / "searches.csv").write_bytes(before.encode("cp1252"))
    run(PUBMED, Service(days(3)), tmp_path)
    lines = (folder / "searches.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == before.splitlines()[0] + ";found"
    assert lines[1:3] == [before.splitlines()[1], before.splitlines()[2] + ";"]
    assert lines[3].startswith(f"{TODAY};{TODAY}/pubmed.nbib;PubMed;")
    assert lines[3].endswith(";3")
    run({"pubmed": "another"}, Service(days(5)), tmp_path)
    assert (folder / "searches.csv").read_text(encoding="utf-8").splitlines()[:4] == lines


def test_the_key_is_sent_and_told_nobody(tmp_path):
    key = "0123456789abcdef"
    service = Service(days(3), ["broken"])
    said = run(PUBMED, service, tmp_path, {"NCBI_API_KEY": key, "NCBI_EMAIL": "a@b.org"})
    assert {form["api_key"] for _, _, form in service.asked} == {key}
    assert {(form["tool"], form["email"]) for _, _, form in service.asked} == {
        ("livingmeta", "a@b.org")
    }
    assert not any(key in line for line in said)
    assert not any(key in (tmp_path / name).read_text() for name in files(tmp_path))


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.mark.parametrize(("key", "pace"), [("", 3.0), ("k", 10.0)])
def test_requests_keep_the_allowed_pace(key, pace, tmp_path, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(fetch, "time", clock)
    monkeypatch.setattr(pubmed, "PER_SECOND", PACES)
    service = Service(days(50))
    run(PUBMED, service, tmp_path, {"NCBI_API_KEY": key})
    assert len(service.asked) == 6  # esearch and five pages
    assert clock.now == pytest.approx(5 / pace)


def test_each_failure_waits_longer(tmp_path, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(fetch, "time", clock)
    monkeypatch.setattr(fetch, "WAITS", WAITS)
    with pytest.raises(fetch.FetchError, match="Asked 6 times"):
        run(PUBMED, Service(days(5), ["broken"] * 6), tmp_path)
    assert clock.now == pytest.approx(1 + 2 + 4 + 8 + 16)


def test_a_server_that_asks_for_time_gets_it(tmp_path):
    assert fetch._asked_to_wait("7") == 7.0
    assert fetch._asked_to_wait("100000") == fetch.LONGEST
    assert fetch._asked_to_wait("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert fetch._asked_to_wait("soon") == 0.0
    assert fetch._asked_to_wait(None) == 0.0


def test_phrases_that_pubmed_does_not_know_are_told(tmp_path):
    said = run({"pubmed": "testomycin xyzzy"}, Service(days(3)), tmp_path)
    assert "look at this: PubMed does not know the phrase: xyzzy" in said
    [strategy] = [name for name in files(tmp_path) if "/strategies/" in name]
    assert "does not know the phrase: xyzzy" in (tmp_path / strategy).read_text()


def test_a_protocol_without_a_search_says_how_to_give_one(tmp_path):
    with pytest.raises(literature.LiteratureError, match="names no search"):
        run({}, Service([]), tmp_path)


def test_progress_is_told_by_the_page(tmp_path):
    said = run(PUBMED, Service(days(25)), tmp_path)
    assert [line for line in said if line.endswith("25 records fetched")] == [
        "PubMed: 10 of 25 records fetched",
        "PubMed: 20 of 25 records fetched",
        "PubMed: 25 of 25 records fetched",
    ]


HEADERS = {
    "as we write it": ("file,database,platform,searched_on,hits,strategy,note", ","),
    "capitals and blanks": ("File,Database,Platform,Searched on,Hits,Strategy,Note,Found", ","),
    "semicolons": ("file;database;platform;searched_on;hits;strategy;note", ";"),
    "Excel's line": ("sep=;\r\nfile;database;platform;searched_on;hits;found;strategy;note", ";"),
    "tabs": ("file\tdatabase\tplatform\tsearched_on\thits\tstrategy\tnote", "\t"),
    "few": ("file,database,searched_on", ","),
    "empty at the right": ("file,database,searched_on,hits,,", ","),
    "quoted": ('"file","database","searched_on","limits"', ","),
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_the_row_of_a_search_follows_the_table_as_it_was_brought(header, tmp_path):
    names, separator = header
    path = tmp_path / "data/raw/searches/searches.csv"
    path.parent.mkdir(parents=True)
    cells = {"file": "a/old.ris", "database": "Embase", "searchedon": "2024-01-10"}
    columns = [c.strip('"').replace(" ", "").replace("_", "").lower()
               for c in names.splitlines()[-1].split(separator)]  # fmt: skip
    path.write_bytes(f"{names}\r\n{separator.join(cells.get(c, '') for c in columns)}\r\n".encode())
    for day in ("2026-11-22", TODAY):
        run(PUBMED, Service(days(2)), tmp_path, day=day)
    table = tables.read(path, "data/searches")
    assert table["database"].tolist() == ["Embase", "PubMed", "PubMed"]
    assert table["searched_on"].tolist() == ["2024-01-10", "2026-11-22", TODAY]
    assert table["found"].tolist()[1:] == [2, 2]
    assert table["hits"].tolist()[1:] == [2, 0]
    assert all(table["strategy"][1:])
    assert table["file"][0] == "a/old.ris"


def test_a_table_of_searches_that_cannot_be_read_stops_before_anything_is_asked(tmp_path):
    path = tmp_path / "data/raw/searches/searches.csv"
    path.parent.mkdir(parents=True)
    path.write_text("file,searched_on\na/old.ris,2024-01-10\n")
    service = Service(days(2))
    with pytest.raises(tables.TableError, match="'database' is missing"):
        run(PUBMED, service, tmp_path)
    assert service.asked == []
    assert files(tmp_path) == ["data/raw/searches/searches.csv"]


FAULTS = {
    "semantic-scholar": [
        b'{"message": "Internal error", "total": 0}',
        b'{"total": 0, "data": [], "error": "timeout"}',
    ],
    "openalex": [b'{"meta": {"count": 0}, "results": [], "error": "timeout"}'],
    "clinicaltrials": [b'{"totalCount": 0, "studies": [], "error": {"code": 500}}'],
    "pubmed": [b'{"error": "down", "esearchresult": {"count": "0", "idlist": []}}'],
    "europe-pmc": [b'{"hitCount": 0, "errMsg": "timeout", "resultList": {"result": []}}'],
}


@pytest.mark.parametrize(
    ("key", "body"), [(key, body) for key, bodies in FAULTS.items() for body in bodies]
)
def test_an_error_inside_an_answer_without_records_is_no_empty_search(
    key, body, tmp_path, monkeypatch
):
    monkeypatch.setattr(literature_server._Handler, "_do", lambda self, form: self._send(200, body))
    with pytest.raises(fetch.FetchError):
        run({key: "testomycin"}, Service(days(2)), tmp_path)
    assert not (tmp_path / "data").exists()


ALL = ["pubmed", "europe-pmc", "clinicaltrials", "openalex", "semantic-scholar"]


@pytest.mark.parametrize("key", ALL)
def test_a_query_that_finds_nothing_is_told_and_counts_only_if_it_never_found_more(key, tmp_path):
    said = run({key: "testomycin"}, Service([]), tmp_path, day="2026-11-20")
    assert any("finds no record at all" in line for line in said)
    assert [row["found"] for row in ledger(tmp_path)] == ["0"]
    run({key: "testomycin"}, Service(days(2)), tmp_path, day="2026-11-21")
    held = "doi:10.5555/search.0"
    said = run({key: "testomycin"}, Service([]), tmp_path, included=[held])
    assert any("finds NO RECORD today, and found 2 before" in line for line in said)
    assert not any(" misses " in line for line in said)
    assert [row["found"] for row in ledger(tmp_path)] == ["0", "2"]
    # Another query that finds nothing is a search.
    run({key: "placebo"}, Service([]), tmp_path, day="2026-11-24")
    assert [row["found"] for row in ledger(tmp_path)] == ["0", "2", "0"]
