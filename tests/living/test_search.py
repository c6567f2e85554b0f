"""A search on request: whole downloads only, faults survived, everything documented.

The services are on loopback (literature_server.py); nothing here leaves this computer.
"""

import csv

import pandas as pd
import pytest

import search
from literature_server import Service, serving
from livingmeta.living.search import europe_pmc, fetch, literature, pubmed
from livingmeta.screening.duplicates import records
from livingmeta.screening.readers import export

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
    monkeypatch.setattr(europe_pmc, "PER_SECOND", 1000.0)
    monkeypatch.setattr(pubmed, "PAGE", 10)
    monkeypatch.setattr(europe_pmc, "PAGE", 10)


def run(asked, service, root, environment=None, day=TODAY):
    """Run the script on the review in `root`; what it said."""
    said = []
    with serving(service) as address:
        at = dict.fromkeys(search.AT.values(), address)
        search.main(asked, day, root / "pages", said.append, root, {**at, **(environment or {})})
    return said


def ledger(root) -> list[dict]:
    with open(root / "data/raw/searches/searches.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files(root) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


def days(count, day="2026-03-01") -> list[str]:
    return [day] * count


@pytest.mark.parametrize("asked", BOTH, ids=["pubmed", "europe-pmc"])
def test_every_record_arrives_and_is_documented(asked, tmp_path):
    run(asked, Service(days(37)), tmp_path)
    row = ledger(tmp_path)[0]
    assert (row["hits"], row["searched_on"]) == ("37", TODAY)
    read, rejects = export.read(tmp_path / "data/raw/searches" / row["file"])
    assert (len(read), len(rejects)) == (37, 0)
    assert set(read["pmid"]) == {str(91000000 + i) for i in range(37)}
    assert set(read["doi"]) == {f"10.5555/search.{i}" for i in range(37)}
    text = (tmp_path / "data/raw/searches" / row["strategy"]).read_text()
    assert QUERY in text
    assert "Records: 37" in text
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


@pytest.mark.parametrize("moods", [["backend"], ["fine", "short"], ["fine", "forgotten"]])
def test_faults_of_pubmed_that_come_with_200_are_seen(moods, tmp_path):
    run(PUBMED, Service(days(25), moods), tmp_path)
    assert ledger(tmp_path)[0]["hits"] == "25"


@pytest.mark.parametrize("asked", BOTH, ids=["pubmed", "europe-pmc"])
def test_nothing_is_written_unless_the_download_is_whole_and_it_goes_on_from_there(asked, tmp_path):
    lasting = ["fine", "fine", "fine", *["cut"] * fetch.TRIES]
    service = Service(days(45), lasting)
    with pytest.raises(fetch.FetchError, match="go on from there"):
        run(asked, service, tmp_path)
    assert not (tmp_path / "data").exists()
    again = Service(days(45))
    run(asked, again, tmp_path)
    assert ledger(tmp_path)[0]["hits"] == "45"
    fetched = [call for _, call, _ in again.asked if call in ("efetch.fcgi", "searchPOST")]
    assert len(fetched) == (3 if asked is PUBMED else 2)  # of five pages the rest


def test_both_or_none(tmp_path):
    lasting = ["fine"] * 4 + ["broken"] * fetch.TRIES  # PubMed: esearch and three pages
    with pytest.raises(fetch.FetchError, match="Europe PMC"):
        run({**PUBMED, **EUROPE_PMC}, Service(days(25), lasting), tmp_path)
    assert not (tmp_path / "data").exists()


def test_a_refusal_is_not_asked_again_and_names_what_the_service_said(tmp_path):
    service = Service(days(5), ["forbidden"])
    with pytest.raises(fetch.FetchError, match="403 Forbidden: Blocked"):
        run(PUBMED, service, tmp_path)
    assert len(service.asked) == 1


def test_an_index_that_grows_meanwhile_is_noticed(tmp_path):
    """Between esearch and a renewed one PubMed found one more: no mixture of the two is kept."""
    with pytest.raises(fetch.FetchError, match="another number of records"):
        run(PUBMED, Service(days(25), ["fine", "fine", "grown", "forgotten"]), tmp_path)
    # Europe PMC announces another number on its second page: it is asked again from the start.
    run(EUROPE_PMC, Service(days(25), ["fine", "grown"]), tmp_path)
    assert ledger(tmp_path)[0]["hits"] == "26"


def test_more_than_one_query_gives_is_asked_in_spans_of_days(tmp_path, monkeypatch):
    monkeypatch.setattr(pubmed, "MOST", 20)
    entered = [f"20{year:02d}-0{month}-1{month}" for year in range(10, 22) for month in range(1, 8)]
    service = Service(entered)
    run(PUBMED, service, tmp_path)
    assert ledger(tmp_path)[0]["hits"] == "84"
    with pytest.raises(fetch.FetchError, match="single day 2026-03-01"):
        run(PUBMED, Service(days(21)), tmp_path / "second")


@pytest.mark.parametrize("asked", BOTH, ids=["pubmed", "europe-pmc"])
def test_only_what_came_in_since_the_last_search_of_that_database(asked, tmp_path):
    entered = [*days(4, "2025-01-01"), *days(3, "2025-02-01"), *days(2, "2026-01-01")]
    run(asked, Service(entered), tmp_path, day="2025-01-31")
    run(asked, Service(entered), tmp_path, day="2026-02-01")
    assert [row["hits"] for row in ledger(tmp_path)] == ["4", "5"]
    other = PUBMED if asked is EUROPE_PMC else EUROPE_PMC
    run(other, Service(entered), tmp_path, day="2026-02-01")
    assert ledger(tmp_path)[2]["hits"] == "9"


def test_the_protocol_may_name_the_first_day(tmp_path):
    entered = [*days(4, "2025-01-01"), *days(3, "2025-02-01")]
    run({**PUBMED, "from": "2025-01-15"}, Service(entered), tmp_path)
    assert ledger(tmp_path)[0]["hits"] == "3"
    with pytest.raises(literature.LiteratureError, match="must be last, or a day"):
        run({**PUBMED, "from": "spring"}, Service(entered), tmp_path)
    with pytest.raises(literature.LiteratureError, match="this computer's clock"):
        run({**PUBMED, "from": "2027-01-01"}, Service(entered), tmp_path)


@pytest.mark.parametrize("asked", BOTH, ids=["pubmed", "europe-pmc"])
def test_an_empty_answer_leaves_its_strategy_and_no_export(asked, tmp_path):
    said = run(asked, Service([]), tmp_path)
    assert said[-1] == "No records."
    [kept] = files(tmp_path)
    assert "/strategies/" in kept
    assert "Records: 0" in (tmp_path / kept).read_text()
    run(asked, Service([]), tmp_path)
    assert files(tmp_path) == [kept]


def test_the_same_query_twice_a_day_is_asked_once_and_another_gets_a_name_of_its_own(tmp_path):
    run(PUBMED, Service(days(3)), tmp_path)
    service = Service(days(3))
    said = run(PUBMED, service, tmp_path)
    assert "run today already" in said[0]
    assert service.asked == []
    run({"pubmed": "another"}, Service(days(3, TODAY)), tmp_path)
    assert [row["file"] for row in ledger(tmp_path)] == [
        f"{TODAY}/pubmed.nbib",
        f"{TODAY}/pubmed-2.nbib",
    ]


def test_rows_of_people_stay_as_they_stand(tmp_path):
    folder = tmp_path / "data/raw/searches"
    folder.mkdir(parents=True)
    before = (
        "searched_on;file;database;platform;hits;strategy;note;librarian\n"
        '2020-01-01;old.ris;Embase;Ovid;7;;"one; two";Müller\n'
    )
    (folder / "searches.csv").write_bytes(before.encode("cp1252"))
    run(PUBMED, Service(days(3)), tmp_path)
    text = (folder / "searches.csv").read_text(encoding="utf-8")
    assert text.startswith(before)
    assert text.splitlines()[2].startswith(f"{TODAY};{TODAY}/pubmed.nbib;PubMed;")


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
    assert len(service.asked) == 6
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
    assert [line for line in said if line.endswith("25 records")][1:] == [
        "PubMed: 10 of 25 records",
        "PubMed: 20 of 25 records",
        "PubMed: 25 of 25 records",
    ]
