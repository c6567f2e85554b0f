"""ClinicalTrials.gov, OpenAlex and Semantic Scholar, each by its own protocol and its own query."""

import pytest

import literature_server
from literature_server import Service, made_up
from livingmeta.living.search import fetch, semantic_scholar
from livingmeta.screening.readers import export
from searching import PUBMED, files, impatient, ledger, run

__all__ = ["impatient"]  # a fixture of every test here

SERVICES = {
    "clinicaltrials": ("ClinicalTrials.gov", "nct"),
    "openalex": ("OpenAlex", "openalex"),
    "semantic-scholar": ("Semantic Scholar", "s2"),
}
EACH = pytest.mark.parametrize("key", SERVICES)


def plain(count: int) -> list[dict]:
    return [made_up(number) for number in range(count)]


@EACH
@pytest.mark.parametrize(
    "moods",
    [
        [],
        ["throttle", "throttle", "fine", "throttle"],
        ["throttle-silent"],
        ["broken", "fine", "broken", "broken"],
        ["page-of-html", "fine", "fine", "page-of-html"],
        ["cut", "fine", "cut", "fine", "fine", "cut"],
    ],
    ids=lambda moods: "+".join(moods) or "none",
)
def test_every_record_arrives_once_and_only_what_is_new_is_fetched(key, moods, tmp_path):
    name, own = SERVICES[key]
    service = Service(plain(37), moods)
    run({key: "testomycin"}, service, tmp_path, day="2026-11-22")
    row = ledger(tmp_path)[0]
    assert (row["database"], row["found"], row["hits"]) == (name, "37", "37")
    assert sorted(service.fetched) == sorted(record[own] for record in plain(37))
    read, rejects = export.read(tmp_path / "data/raw/searches" / row["file"])
    assert (len(read), len(rejects), read.attrs["hits"], read.attrs["follow"]) == (
        37,
        0,
        None,
        False,
    )
    later = Service(plain(40))
    run({key: "testomycin"}, later, tmp_path)
    assert later.fetched == [made_up(number)[own] for number in (37, 38, 39)]
    assert (ledger(tmp_path)[1]["found"], ledger(tmp_path)[1]["hits"]) == ("40", "3")


@EACH
def test_an_empty_answer_has_its_row(key, tmp_path):
    assert run({key: "testomycin"}, Service([]), tmp_path)[-1] == "No new records."
    assert (ledger(tmp_path)[0]["found"], ledger(tmp_path)[0]["hits"]) == ("0", "0")


@EACH
def test_a_download_that_is_cut_short_leaves_nothing_and_goes_on(key, tmp_path):
    service = Service(plain(35), ["fine"] * 6 + ["broken"] * fetch.TRIES)
    with pytest.raises(fetch.FetchError, match="go on from there"):
        run({key: "testomycin"}, service, tmp_path)
    assert not (tmp_path / "data").exists()
    again = Service(plain(35))
    run({key: "testomycin"}, again, tmp_path)
    assert ledger(tmp_path)[0]["hits"] == "35"
    assert len(again.fetched) == 35 - len(service.fetched) < 35


def test_totals_that_change_between_pages_begin_anew(tmp_path):
    run({"openalex": "testomycin"}, Service(plain(25), ["fine", "grown"]), tmp_path / "a")
    assert ledger(tmp_path / "a")[0]["found"] == "26"
    # ClinicalTrials.gov tells its number on the first page alone: more come than it announced.
    run(
        {"clinicaltrials": "testomycin"},
        Service(plain(29), ["fine", "fine", "grown"]),
        tmp_path / "b",
    )
    assert ledger(tmp_path / "b")[0]["found"] in ("29", "30")


def test_a_number_that_is_approximate_is_no_number_and_is_told(tmp_path):
    service = Service(plain(25))
    service.off = 7
    said = run({"semantic-scholar": "testomycin"}, service, tmp_path)
    assert ledger(tmp_path)[0]["found"] == "25"
    assert "look at this: Semantic Scholar announced about 32 papers and gave 25" in said


@pytest.mark.parametrize("key", ["openalex", "semantic-scholar"])
def test_what_pubmed_gave_is_not_fetched_again(key, tmp_path):
    run(PUBMED, Service(plain(9)), tmp_path, day="2026-11-22")
    only = made_up(9, pmid="", doi="10.5555/elsewhere")
    service = Service([*plain(9), only])
    run({key: "testomycin"}, service, tmp_path)
    assert service.fetched == [only[SERVICES[key][1]]]


@pytest.mark.parametrize(
    ("key", "variable"),
    [("openalex", "OPENALEX_API_KEY"), ("semantic-scholar", "SEMANTIC_SCHOLAR_API_KEY")],
)
def test_keys_are_sent_and_told_nobody(key, variable, tmp_path):
    secret = "0f1e2d3c4b5a6978"
    service = Service(plain(3), ["broken"])
    said = run({key: "testomycin"}, service, tmp_path, {variable: secret})
    sent = [
        str(form) + str(headers)
        for (_, _, form), headers in zip(service.asked, service.headers, strict=True)
    ]
    assert all(secret in one for one in sent)
    assert not any(secret in line for line in said)
    assert not any(secret in (tmp_path / name).read_text() for name in files(tmp_path))


@pytest.mark.parametrize("key", ["openalex", "semantic-scholar"])
def test_an_included_report_that_the_query_misses_is_told_without_its_part(key, tmp_path):
    there = [made_up(0, words=["other"]), made_up(1, words=["testomycin"])]
    run(PUBMED, Service(plain(2)), tmp_path, day="2026-11-22")
    report = "doi:10.5555/search.0"
    said = run({key: "testomycin"}, Service(there), tmp_path, included=[report])
    assert f"look at this: the query of {SERVICES[key][0]} misses {report}" in said
    assert (tmp_path / "data/raw/known_items.csv").read_text().splitlines()[1] == (
        f"{SERVICES[key][0]},{report},,2026-11-23,2026-11-23"
    )


@pytest.mark.parametrize("sizes", [(35, 1), (35, 2), (20, 1)])
def test_a_page_whose_token_is_lost_is_no_last_page(sizes, tmp_path, monkeypatch):
    """Semantic Scholar names no page after the first, or the second, though more are announced."""
    count, last = sizes
    monkeypatch.setattr(semantic_scholar, "FULL", 10)
    whole = literature_server._Handler._semantic_scholar

    def cut(self, form):
        answer = whole(self, form)
        return answer | ({"token": None} if int(form.get("token", 0)) == 10 * (last - 1) else {})

    monkeypatch.setattr(literature_server._Handler, "_semantic_scholar", cut)
    with pytest.raises(fetch.FetchError, match=f"no page after {10 * last}. Nothing was written"):
        run({"semantic-scholar": "testomycin"}, Service(plain(count)), tmp_path)
    assert not (tmp_path / "data").exists()
    monkeypatch.setattr(literature_server._Handler, "_semantic_scholar", whole)
    run({"semantic-scholar": "testomycin"}, Service(plain(count)), tmp_path)
    assert ledger(tmp_path)[0]["found"] == str(count)
