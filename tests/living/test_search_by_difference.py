"""A search by difference: of all that a query finds what is not held, all of it, and once."""

import random

import pytest

from literature_server import Service, made_up
from livingmeta.living.search import europe_pmc, fetch, pubmed
from searching import BOTH, EUROPE_PMC, PUBMED, TODAY, days, files, impatient, ledger, run

__all__ = ["impatient"]  # a fixture of every test here


def arriving(count: int, seed: int) -> list[tuple[dict, int]]:
    """Made-up records, each with the search by which it is there: among them back issues that come
    in late under old days, some without a day of creation, preprints without a PMID, abstracts of a
    meeting that share a DOI, and records that another database lacks."""
    lot, found = random.Random(seed), []
    for number in range(count):
        come = lot.randrange(4)
        year = lot.choice([1975, 2003, 2019, 2024, 2026])
        day = f"{year}/{lot.randint(1, 12):02d}/{lot.randint(1, 28):02d}"
        more = lot.choice(
            [
                *({}, {}, {}, {"pmcid": ""}, {"doi": ""}, {"doi": "10.5555/meeting.supplement"}),
                {"pmid": "", "pmcid": "", "source": "PPR", "id": f"PPR{number}"},
                {"pmid": "", "pmcid": "", "doi": "", "source": "AGR", "id": f"IND{number}"},
            ]
        )
        found.append((made_up(number, lot.choice([*[day] * 11, ""]), **more), come))
    return found


@pytest.mark.heavy
@pytest.mark.parametrize("asked", BOTH, ids=["pubmed", "europe-pmc"])
def test_of_2000_records_of_every_date_none_is_missed_and_none_fetched_twice(
    asked, tmp_path, monkeypatch
):
    monkeypatch.setattr(pubmed, "MOST", 400)
    monkeypatch.setattr(pubmed, "PAGE", 200)
    monkeypatch.setattr(europe_pmc, "PAGE", 400)
    monkeypatch.setattr(europe_pmc, "PART", 200)
    planted, fetched = arriving(2000, 22), []
    for number, day in enumerate(("2026-01-31", "2026-05-31", "2026-09-30", TODAY)):
        there = [record for record, come in planted if come <= number]
        service = Service(there, ["fine", "throttle", "fine", "cut"])
        service.limit = 400
        run(asked, service, tmp_path, day=day)
        fetched += service.fetched
        known = [r["pmid" if asked is PUBMED else "id"] for r in there]
        assert set(fetched) == {name for name in known if name}
        row = ledger(tmp_path)[-1]
        assert int(row["found"]) == len(set(fetched))
        assert sum(int(row["hits"]) for row in ledger(tmp_path)) == len(fetched)
    assert len(fetched) == len(set(fetched)) > 1000
    service = Service([record for record, _ in planted])
    service.limit = 400
    said = run(asked, service, tmp_path, day="2026-11-24")
    assert service.fetched == []
    assert said[-1] == "No new records."


def test_what_another_database_gave_is_not_fetched_again(tmp_path):
    run(PUBMED, Service(days(9)), tmp_path, day="2026-11-22")
    preprint = made_up(9, pmid="", pmcid="", source="PPR", id="PPR9")
    service = Service([*days(9), preprint])
    run(EUROPE_PMC, service, tmp_path)
    assert service.fetched == ["PPR9"]
    assert (ledger(tmp_path)[1]["found"], ledger(tmp_path)[1]["hits"]) == ("10", "1")


def test_abstracts_of_a_meeting_under_one_doi_are_all_fetched(tmp_path):
    """A DOI that is held does not make a record held that has a PMID of its own."""
    meeting = [made_up(number, doi="10.5555/supplement") for number in range(3)]
    run(PUBMED, Service(meeting[:1]), tmp_path, day="2026-11-22")
    service = Service(meeting)
    run(EUROPE_PMC, service, tmp_path)
    assert sorted(service.fetched) == ["91000001", "91000002"]


def test_what_counts_as_held_for_its_doi_alone_is_told(tmp_path):
    run(PUBMED, Service(days(2)), tmp_path, day="2026-11-22")
    other = made_up(0, pmid="", pmcid="", source="AGR", id="IND1")
    said = run(EUROPE_PMC, Service([other]), tmp_path)
    assert "Europe PMC: 1 of them count as held for their DOI and title alone" in said


@pytest.mark.parametrize("key", ["europe-pmc", "openalex", "semantic-scholar"])
def test_another_title_under_a_doi_that_is_held_is_fetched_once(key, tmp_path):
    """Abstracts of a meeting without PMIDs: one is held, from another database."""
    run(PUBMED, Service([made_up(0, doi="10.5555/supplement")]), tmp_path, day="2026-11-21")
    bare = {"pmid": "", "pmcid": "", "source": "PPR", "doi": "10.5555/supplement"}
    meeting = [made_up(number, **bare, id=f"PPR{number}") for number in range(3)]
    name = {"europe-pmc": "id", "openalex": "openalex", "semantic-scholar": "s2"}[key]
    service = Service(meeting)
    run({key: "testomycin"}, service, tmp_path, day="2026-11-22")
    assert sorted(service.fetched) == sorted(record[name] for record in meeting[1:])
    service = Service(meeting)
    run({key: "testomycin"}, service, tmp_path)
    assert service.fetched == []


def test_a_record_that_is_found_and_not_given_stops_the_search(tmp_path, monkeypatch):
    monkeypatch.setattr(Service, "found", lambda self, query: [made_up(77)])
    with pytest.raises(fetch.FetchError, match="PMID 91000077"):
        run(PUBMED, Service(days(1)), tmp_path)
    assert files(tmp_path) == []
