"""The page to settle on: what it carries, and a person's hands on it in a real browser."""

import json
import re

import pandas as pd
import pytest

from livingmeta import tables
from livingmeta.screening import decisions, desk
from livingmeta.screening.duplicates import records as assembled
from screening.chromium import FOUND
from screening.pages import NASTY, REVIEW, SCREENING, keys, rows, text_of

needs_browser = pytest.mark.skipif(FOUND is None, reason="Chromium is not installed")

COLUMNS = ["record", "stage", "reviewer", "decision", "reason", "decided_on", "note"]
CAST = [
    ["doi:10.1/0", "title-abstract", "ada", "include", "", "2026-01-01", "fits"],
    ["doi:10.1/0", "title-abstract", "bob", "exclude", "animals", "2026-01-02", NASTY],
    *[["doi:10.1/1", "title-abstract", who, "include", "", "2026-01-01", ""] for who in "xy"],
    ["doi:10.1/1", "full-text", "ada", "exclude", "animals", "2026-01-03", ""],
    ["doi:10.1/1", "full-text", "bob", "exclude", "wrong-drug", "2026-01-03", ""],
    ["doi:10.1/2", "title-abstract", "ada", "include", "", "2026-01-01", "half a vote"],
]


def copies(n):
    """Copies of n reports: each in two files, in the second with other capitals in its title."""
    parts = []
    for file, title in (
        ("a.ris", "Gout and the dose of colchicine"),
        ("b.ris", "Gout and the Dose of Colchicine"),
    ):
        part = pd.DataFrame({"line": range(1, n + 1)})
        numbers = part["line"].astype(str)
        part["title"] = title + " " + numbers
        part["abstract"] = "Colchicine in adults, by dose. " * 10
        part["doi"] = "10.1/" + (part["line"] - 1).astype(str)
        part["file"], part["source"], part["authors"], part["year"] = file, "X", "Ünal, B", "2020"
        for column in ("journal", "volume", "issue", "pages", "pmid", "pmcid", "type", "language"):
            part[column] = ""
        for column in ("keywords", "url", "note"):
            part[column] = ""
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def made(n=4, doubtful=()):
    """The page's content of n reports that were found twice, with conflicts on two of them."""
    found = copies(n)
    records, links, _, held = assembled.assemble(found)
    cast = pd.DataFrame(CAST, columns=COLUMNS)
    reasons = list(SCREENING.reasons)
    resolved = decisions.resolve(records, cast, reviewers=2, reasons=reasons)
    pairs = [(a, b, "title and year", 0.5, "rule") for a, b in doubtful]
    given = {
        "duplicates": links,
        "doubtful": pd.DataFrame(pairs, columns=links.columns),
        "linked": assembled.side_by_side(found, links, held),
    }
    text = desk.render(records, resolved, given, review=REVIEW, screening=SCREENING)
    return text, found


DOUBTFUL = [("doi:10.1/2", "doi:10.1/3"), ("doi:10.1/0", "doi:10.1/1"), ("gone", "doi:10.1/1")]


def content(text):
    return json.loads(re.search(r'<script id="content"[^>]*>(.*?)</script>', text, re.DOTALL)[1])


def test_both_votes_stand_there_and_half_a_vote_does_not():
    text, _ = made()
    held = content(text)
    first, second = sorted(held["conflicts"], key=lambda one: one["record_id"])
    assert [(v["reviewer"], v["decision"]) for v in first["votes"]] == [
        ("ada", "include"),
        ("bob", "exclude"),
    ]
    assert [v["note"] for v in first["votes"]] == ["fits", NASTY]
    assert [v["reason"] for v in second["votes"]] == ["animals", "wrong-drug"]
    assert second["stage"] == "full-text"
    assert "half a vote" not in text  # its second reviewer is still blind


def test_nothing_leaves_its_place_and_nothing_is_asked_of_the_network():
    text, _ = made()
    assert "<img" not in text
    assert text.count("<script") == text.count("</script>") == 2
    assert "default-src 'none'" in text
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', text)


def test_a_doubtful_pair_lies_side_by_side_and_one_without_a_record_is_counted():
    text, _ = made(doubtful=DOUBTFUL)
    held = content(text)
    assert [pair["names"] for pair in held["doubtful"]] == [list(pair) for pair in DOUBTFUL[:2]]
    years = held["fields"].index("year")
    assert [side[years] for side in held["doubtful"][0]["sides"]] == ["2020", "2020"]
    assert "1 doubtful pairs are not here" in text


def test_links_are_named_so_that_one_row_parts_them():
    """Both copies have one DOI: called by it they could not be parted."""
    text, found = made()
    link = content(text)["linked"][0]
    row = dict(zip(["record", "other"], link["names"], strict=True), decision="different")
    settled = pd.DataFrame([{**row, "decided_by": "kim"}])
    before, *_ = assembled.assemble(found)
    after, *_ = assembled.assemble(found, settled=settled)
    assert (len(before), len(after)) == (4, 5)


def test_of_many_links_the_least_sure_are_laid_side_by_side(monkeypatch):
    monkeypatch.setattr(assembled, "MOST_LINKED", 2)
    found = copies(4)
    found.loc[5, "year"] = "2021"
    _, links, _, held = assembled.assemble(found)
    links["score"] = [0.9, 1.0, 1.0, 0.8]
    table = assembled.side_by_side(found, links, held)
    least = set(links["record_id"][[3, 0]])
    assert len(table) == 4
    assert least < set(table["copy"])


@pytest.fixture
def screen(opened, tmp_path):
    file = tmp_path / "settle.html"
    file.write_text(made(doubtful=DOUBTFUL)[0], encoding="utf-8")
    begin(opened, file)
    yield opened
    assert opened.errors == []
    assert {url.split(":")[0] for url in opened.requests} <= {"file", "data", "blob"}
    opened.run("localStorage.clear()")


def begin(browser, file):
    browser.errors.clear()
    browser.requests.clear()
    browser.open(file)
    browser.run("localStorage.clear()")
    browser.open(file)


def pick(browser, kind):
    browser.run(f"document.getElementById('kind').value = '{kind}'")
    browser.run("document.getElementById('kind').dispatchEvent(new Event('change'))")
    browser.run("document.getElementById('list').focus()")


def got(browser, button):
    """The file that a button downloads, once it is whole."""
    browser.run(f"document.getElementById('{button}').click()")
    name, text = browser.downloaded()
    return name, text


@needs_browser
def test_a_conflict_is_settled_with_one_key_and_its_reason(screen, tmp_path):
    assert text_of(screen, "count") == "0 of 2 settled"
    assert "ada" in text_of(screen, "cast")
    assert "Excluded: Not in <i>people</i>" in text_of(screen, "cast")
    assert NASTY in text_of(screen, "cast")
    screen.key("n")
    screen.type("we agreed")
    screen.key("Escape")
    screen.key("i")
    assert text_of(screen, "place").endswith("full text")
    screen.key("e")
    screen.wait("document.getElementById('ask-reason').open")
    screen.key("2")
    assert text_of(screen, "count") == "2 of 2 settled"
    name, text = got(screen, "decisions")
    assert name.startswith("decisions-consensus-")
    said = [{k: row[k] for k in COLUMNS if k != "decided_on"} for row in rows(text)]
    assert [tuple(row.values()) for row in said] == [
        ("doi:10.1/0", "title-abstract", "consensus", "include", "", "we agreed"),
        ("doi:10.1/1", "full-text", "consensus", "exclude", "animals", ""),
    ]
    (tmp_path / "decisions-consensus.csv").write_text(text, encoding="utf-8")
    cast = tables.read(tmp_path / "decisions-consensus.csv", "data/decisions")
    both = pd.concat([pd.DataFrame(CAST, columns=COLUMNS), cast.drop(columns="row")])
    records, *_ = assembled.assemble(copies(4))
    found = decisions.resolve(records, both, reviewers=2, reasons=list(SCREENING.reasons))
    assert found.conflicts.empty


@needs_browser
def test_pairs_are_settled_and_downloaded_as_rows_of_duplicates(screen, tmp_path):
    pick(screen, "doubtful")
    assert text_of(screen, "count") == "0 of 2 settled"
    differs = "[...document.querySelectorAll('#sides .differs th')].map((n) => n.textContent)"
    assert screen.run(differs) == ["title ≠", "doi ≠"]
    marks = "[...document.querySelectorAll('#sides mark')].map((n) => n.textContent)"
    assert screen.run(marks)[:2] == ["3", "4"]
    keys(screen, "i")  # no key of the conflicts decides here
    assert text_of(screen, "count") == "0 of 2 settled"
    keys(screen, "sdzd")
    pick(screen, "linked")
    keys(screen, "d")
    assert text_of(screen, "count") == "1 of 4 settled"
    screen.run("document.getElementById('pairs').click()")
    assert "Say first who" in text_of(screen, "notice")
    screen.type("kim")
    name, text = got(screen, "pairs")
    assert name.startswith("duplicates-kim-")
    (tmp_path / name).write_text(text, encoding="utf-8")
    table = tables.read(tmp_path / name, "data/duplicates")
    assert table["decision"].tolist() == ["same", "different", "different"]
    assert set(table["decided_by"]) == {"kim"}
    assert table[["record", "other"]].to_numpy().tolist()[:2] == [list(p) for p in DOUBTFUL[:2]]


@needs_browser
def test_what_was_settled_outlives_the_page_and_can_be_undone(screen):
    keys(screen, "i")
    screen.open(screen.requests[0].removeprefix("file://"))
    assert text_of(screen, "count") == "1 of 2 settled"
    keys(screen, "z")
    assert text_of(screen, "count") == "0 of 2 settled"
    assert screen.run("document.getElementById('decisions').disabled")


@needs_browser
def test_every_control_has_a_name_and_every_id_is_one(screen):
    nameless = """[...document.querySelectorAll('button, input:not([hidden]), select, textarea')]
        .filter((n) => !n.textContent.trim() && !n.labels?.length && !n.ariaLabel).length"""
    assert screen.run(nameless) == 0
    twice = """(() => { const ids = [...document.querySelectorAll('[id]')].map((n) => n.id);
        return ids.filter((id, i) => ids.indexOf(id) !== i); })()"""
    assert screen.run(twice) == []


@needs_browser
@pytest.mark.heavy
def test_two_thousand_pairs_do_not_stutter(opened, tmp_path):
    file = tmp_path / "settle.html"
    file.write_text(made(2000)[0], encoding="utf-8")
    begin(opened, file)
    pick(opened, "linked")
    assert text_of(opened, "count") == "0 of 2,000 settled"
    assert opened.run("document.querySelectorAll('.row').length") < 100
    # The work of one decision, as the page itself measures it: a key of mine is slower than it.
    cost = opened.run("""(() => {
        const begin = performance.now();
        const key = () => document.dispatchEvent(new KeyboardEvent("keydown", { key: "s" }));
        for (let i = 0; i < 50; i++) key();
        return (performance.now() - begin) / 50;
    })()""")
    assert text_of(opened, "count") == "50 of 2,000 settled"
    assert cost < 100  # some 10 ms where nothing else runs
    assert opened.errors == []
    opened.run("localStorage.clear()")
