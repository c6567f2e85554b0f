"""Citations of included reports, backward and forward, in two indexes."""

import pytest

import chase
from literature_server import Service, made_up, serving
from livingmeta.living.search import literature
from searching import PUBMED, SERVICES, TODAY, files, impatient, ledger, run, screened

__all__ = ["impatient"]  # a fixture of every test here

REPORT, UNKNOWN = "doi:10.5555/search.0", "doi:10.5555/search.1"


def chasing(root, service, included, day=TODAY):
    said = []
    with serving(service) as address:
        at = {f"LIVINGMETA_{name}": address for name in SERVICES}
        known = screened(root, included)
        chase.main(day, known, root / "pages", said.append, root, at)
    return said


def literature_of(count: int) -> list[dict]:
    """Record 0 cites the even ones, and the odd ones cite it; 1 is known to no index."""
    cites = {0: tuple(range(2, count, 2))} | dict.fromkeys(range(3, count, 2), (0,))
    return [made_up(n, cites=cites.get(n, ())) for n in range(count) if n != 1]


@pytest.mark.parametrize("moods", [[], ["throttle", "fine", "broken", "fine", "cut"] * 3])
def test_all_citations_both_ways_are_fetched_once(moods, tmp_path):
    run(PUBMED, Service([made_up(n) for n in range(4)]), tmp_path, day="2026-11-22")
    service = Service(literature_of(47), moods)
    said = chasing(tmp_path, service, [REPORT, UNKNOWN])
    rows = ledger(tmp_path)[1:]
    assert [row["database"] for row in rows] == ["OpenAlex", "Semantic Scholar"]
    assert {row["source"] for row in rows} == {"citation searching"}
    # Of 45 two are held already.
    assert [(row["found"], row["hits"]) for row in rows] == [("45", "43"), ("45", "43")]
    assert len(service.fetched) == len(set(service.fetched)) == 86
    for name in ("OpenAlex", "Semantic Scholar"):
        told = f"look at this: {name} does not know {UNKNOWN}: its citations were not chased"
        assert told in said
    assert "look at this: Semantic Scholar knows 1 citations by title alone: not fetched" in said
    text = (tmp_path / "data/raw/searches" / rows[1]["strategy"]).read_text()
    assert all(part in text for part in ("Backward and forward", REPORT, UNKNOWN, "by title alone"))
    again = Service(literature_of(47))
    assert chasing(tmp_path, again, [REPORT, UNKNOWN], "2026-11-24")[-1] == "No new records."
    assert again.fetched == []


def test_the_same_reports_are_chased_once_a_day_and_others_anew(tmp_path):
    run(PUBMED, Service([made_up(n) for n in range(3)]), tmp_path, day="2026-11-22")
    chasing(tmp_path, Service(literature_of(9)), [REPORT])
    service = Service(literature_of(9))
    assert "today already" in chasing(tmp_path, service, [REPORT])[0]
    assert service.asked == []
    chasing(tmp_path, service, [REPORT, "doi:10.5555/search.2"])
    assert len(ledger(tmp_path)) == 5


def test_without_an_included_report_there_is_nothing_to_begin_from(tmp_path):
    with pytest.raises(literature.LiteratureError, match="No report is included yet"):
        chasing(tmp_path, Service([]), [])
    assert [name for name in files(tmp_path) if name.startswith("data")] == []
