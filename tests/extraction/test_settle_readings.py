"""The page on which readings are settled: what it holds, and a person's hands on it."""

import csv
import io
import json
import re

import pandas as pd
import pytest

from extraction.test_agreement_of_readings import HR, SLIPS, ann, kim, table
from extraction.test_two_readings import OTHERWISE
from livingmeta import tables
from livingmeta.extraction import outcomes, proposals, readings
from livingmeta.extraction.checks import run
from livingmeta.extraction.desk import cases, page
from livingmeta.extraction.quotes import check
from livingmeta.extraction.settled import clashes
from livingmeta.plan import Outcome
from screening.chromium import FOUND, Browser

needs_browser = pytest.mark.skipif(FOUND is None, reason="Chromium is not installed")
NASTY = "</script><script>document.title='broken'</script><img src=x onerror=alert(1)> {{ 2 }}"
NO_PROBLEM = tables.empty("extraction/problems")


def of(rows):
    made = table(rows)
    return cases.of_numbers(made, made, NO_PROBLEM)


def consensus(case, side):
    """The row that choosing a reading writes, as the page makes it."""
    return case["fixed"] | case["sides"][side]["cells"] | {"extractor": "consensus"}


def chosen(rows, case, side):
    """The rows with that of consensus, its numbers read as from a file."""
    columns = tables.schema("data/outcomes")["columns"].items()
    number = {name for name, rule in columns if rule["type"] in ("number", "integer")}
    row = consensus(case, side)
    return [*rows, {k: float(v) if k in number else v for k, v in row.items()}]


READ_TWICE = {name: [kim(**said), ann(**said | other)] for name, (said, other, _) in SLIPS.items()}
READ_TWICE |= {
    f"apart: {name}": [kim(**said), ann(**said | other)]
    for name, (said, other) in OTHERWISE.items()
}
READ_TWICE["an SD as a row"] = [
    kim(statistic="mean", value=10.0, sd=3.0),
    ann(statistic="sd", value=30.0),
]


@pytest.mark.parametrize("name", READ_TWICE)
def test_choosing_any_reading_settles_it(name):
    rows = READ_TWICE[name]
    open_ = clashes(table(rows).to_dict("records"))
    found = of(rows)["cases"]
    assert len(found) == len(open_)
    for case in found:
        assert case["differs"] or name == "an SD as a row"
        for side in range(len(case["sides"])):
            settled = table(chosen(rows, case, side)).to_dict("records")
            assert not clashes(settled)


def test_three_extractors_stand_side_by_side():
    lee = kim(value=10.0) | {"extractor": "lee"}
    (case,) = of([kim(), ann(value=9.0), lee])["cases"]
    assert [side["by"] for side in case["sides"]] == ["kim", "ann", "lee"]
    assert case["differs"] == ["value"]
    assert not clashes(table(chosen([kim(), ann(value=9.0), lee], case, 2)).to_dict("records"))


def test_what_one_alone_has_read_is_not_there():
    """The page would show the second what the first has read."""
    alone = [kim(time=24.0, value=5.0, n=77), kim(study_id="lee", value=3.0)]
    found = of([kim(), ann(value=9.0), *alone, kim(arm="b", value=6.0), ann(arm="b", value=6.0)])
    assert len(found["cases"]) == 1
    both = [row[1:] for row in found["printed"]["ahn/os"]]
    assert both[-1] == ["events of b at 12", "6.0", "kim, ann"]
    assert "at 24" not in json.dumps(found)
    assert "77" not in json.dumps(found)
    assert of([kim(), kim(time=24.0)]) == {"cases": [], "printed": {}}
    assert of([kim(), ann()]) == {"cases": [], "printed": {}}


def test_a_decision_is_on_the_readings_as_they_were():
    (before,) = of([kim(), ann(value=9.0)])["cases"]
    (after,) = of([kim(), ann(value=10.0)])["cases"]
    (again,) = of([kim(), ann(value=9.0)])["cases"]
    assert before["key"] == again["key"] != after["key"]


HEAD = (
    "study_id,outcome,arm,time,statistic,value,n,ci_low,ci_high,unit,time_unit,source,quote,note\n"
)
KIM = HEAD + (
    "ahn,os,a,12,survival,70,40,,,%,,Table 2,70% were alive at 12 months,\n"
    "ahn,os,b,12,survival,50,40,,,%,,Table 2,,\n"
    "ahn,os,a/b,,hazard-ratio,0.52,80,0.31,0.87,,,p. 3,HR 0.52,\n"
    "ahn,os,b,22,survival,40,40,,,%,months,p. 4,,\n"
    f'ahn,os,a,60,survival,9,40,,,%,,p. 5,"{NASTY}",\n'
)
# Another number; the ratio with its arms turned; weeks for months; and one alike in another unit.
ANN = HEAD + (
    'ahn,os,a,12,survival,71,40,,,%,,Table 2,"71%, of 40",\n'
    "ahn,os,b,1,survival,0.5,40,,,proportion,years,Table 2,,\n"
    "ahn,os,b/a,,hazard-ratio,0.52,80,0.31,0.87,,,p. 3,HR 0.52,\n"
    "ahn,os,b,22,survival,40,40,,,%,weeks,p. 4,,\n"
    "ahn,os,a,60,survival,11,40,,,%,,p. 5,,\n"
)
BOT = "ahn,os,a,12,survival,71,40,,,%,,Table 2,no such words,,bot\n"
BOT += "ahn,os,a,13,survival,1,40,,,%,,Table 2,,,bot\n"


def in_units(typed):
    survival = Outcome.of({"label": "Survival", "kind": "survival", "unit": ""})
    return outcomes.tidy(typed, ["ahn"], {"os": survival}, ["a", "b"], "months")


def brought(folder, **files):
    """Rows of the files as they stand there, and the same in units."""
    for name, text in files.items():
        (folder / f"outcomes-{name.replace('_', '-')}.csv").write_text(text, encoding="utf-8")
    typed = readings.read([str(path) for path in sorted(folder.glob("*.csv"))])
    return typed, in_units(typed)


def made(folder):
    """The page of two readings and what a machine proposes."""
    typed, tidy = brought(folder, kim=KIM, ann=ANN)
    studies = pd.DataFrame({"study_id": ["ahn"], "status": ["included"]})
    problems = run.check(tidy, studies, "months", ["os"])
    (folder / "bot").mkdir()
    (folder / "bot" / "proposals.csv").write_text(HEAD.replace("note", "note,extractor") + BOT)
    theirs = tables.read(folder / "bot" / "proposals.csv", "data/outcomes")
    reviewers = pd.DataFrame({"reviewer": ["bot"], "kind": ["machine"]})
    people, theirs = proposals.apart(typed, theirs, reviewers)
    compared = proposals.compare(theirs, tidy, in_units)
    found = cases.of_numbers(people, tidy, problems, proposals.open_of(theirs, compared, in_units))
    kept = tables.brought([], "data/quotes")
    quoted = [check.check(rows, {}, str, {}, kept) for rows in (tidy, compared)]
    return page.render(found, *quoted, title='Drug for <fever> & "chill"')


def content(text):
    return json.loads(re.search(r'<script id="content"[^>]*>(.*?)</script>', text, re.DOTALL)[1])


def test_the_readings_stand_there_as_typed_with_quotes_places_and_checks(tmp_path):
    held = content(made(tmp_path))
    titles = [case["title"] for case in held["cases"]]
    assert titles == [
        "survival of a on os at 12",
        "survival of a on os at 60",
        "hazard-ratio of b/a on os",
        "survival of b on os",  # at 22 weeks, or months
    ]
    first = held["cases"][0]
    assert [(s["by"], s["cells"]["value"], s["where"]) for s in first["sides"]] == [
        ("ann", "71", "row 2 of outcomes-ann.csv"),
        ("kim", "70", "row 2 of outcomes-kim.csv"),
    ]
    assert [side["quote"] for side in first["sides"]] == ["no text of the study is held"] * 2
    turned = held["cases"][2]
    assert held["cases"][3]["differs"] == ["time", "time_unit"]
    assert "are the arms swapped?" in turned["sides"][0]["checks"][0][1]
    assert turned["differs"] == ["arm", "value", "ci_low", "ci_high", "ci_level"]


def test_nothing_of_the_files_gets_out_of_its_place(tmp_path):
    text = made(tmp_path)
    assert "<img" not in text
    assert text.count("<script") == text.count("</script>") == 2
    assert "default-src 'none'" in text
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', text)


def test_a_proposal_stands_beside_readings_that_are_in(tmp_path):
    text = made(tmp_path)
    held = content(text)
    assert [len(case["machines"]) for case in held["cases"]][:2] == [1, 0]
    (bot,) = held["cases"][0]["machines"]
    assert (bot["by"], bot["where"]) == ("bot", "row 2 of proposals.csv")
    assert bot["quote"] == "the quote holds another number"
    assert "13" not in json.dumps([case["machines"] for case in held["cases"]])


@pytest.fixture(scope="module")
def opened():
    with Browser() as browser:
        yield browser


@pytest.fixture
def screen(opened, tmp_path):
    file = tmp_path / "settle.html"
    file.write_text(made(tmp_path), encoding="utf-8")
    opened.errors.clear()
    opened.requests.clear()
    opened.open(file)
    opened.run("localStorage.clear()")
    opened.open(file)
    yield opened
    assert opened.errors == []
    assert {url.split(":")[0] for url in opened.requests} <= {"file", "data", "blob"}
    opened.run("localStorage.clear()")


def text_of(browser, name):
    return browser.run(f"document.getElementById('{name}').textContent")


@needs_browser
def test_readings_are_settled_by_key_and_what_is_downloaded_settles_them(screen, tmp_path):
    count = text_of(screen, "count")
    heads = "[...document.querySelectorAll('#sides thead th')].map((n) => n.firstChild?.data)"
    assert screen.run(heads)[1:] == ["1  ann", "2  kim", "bot proposes"]
    assert screen.run("document.querySelector('[data-vote=\"2\"]').textContent") == "2 kim"
    screen.key("3")  # what a machine proposes cannot be chosen
    assert text_of(screen, "count") == count.replace("1 of", "0 of")
    screen.key("n")
    screen.type("looked up, with a comma")
    screen.key("Escape")
    screen.key("2")
    # Neither is right: a third is typed, and held to what the column may hold.
    screen.key("t")
    screen.wait("document.getElementById('third').open")
    screen.type("1x")
    screen.key("Enter")
    assert screen.run("document.getElementById('third').open")
    assert "must be a number" in text_of(screen, "told-value")
    screen.run("document.querySelector('#typed input').select()")
    screen.type("12.5")
    screen.key("Enter")
    screen.wait("!document.getElementById('third').open")
    total = int(count.split()[2])
    assert text_of(screen, "count") == f"2 of {total} settled"
    for _ in range(total - 2):
        screen.key("1")
    screen.run("document.getElementById('numbers').click()")
    name, text = screen.downloaded()
    assert re.fullmatch(r"outcomes-consensus-\d{4}-\d\d-\d\d\.csv", name)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["extractor"] for row in rows} == {"consensus"}
    assert (rows[0]["value"], rows[0]["note"]) == ("70", "looked up, with a comma")
    assert rows[1]["value"] == "12.5"
    (tmp_path / name).write_text(text, encoding="utf-8")
    _, tidy = brought(tmp_path)
    assert not clashes(tidy.to_dict("records"))
    assert rows[1]["study_id"] == "ahn"


@needs_browser
def test_a_decision_on_a_reading_that_changed_since_is_dropped_and_told(screen, tmp_path):
    screen.key("1")
    screen.key("z")
    screen.key("1")
    screen.key("1")
    file = tmp_path / "settle.html"
    text = file.read_text(encoding="utf-8")
    first = content(text)["cases"][0]["key"]
    file.write_text(text.replace(first, "0" * 16), encoding="utf-8")
    screen.open(file)
    assert text_of(screen, "count").startswith("1 of ")
    assert text_of(screen, "notice").startswith("1 of your decisions were not downloaded")
    screen.run("document.getElementById('numbers').click()")
    _, text = screen.downloaded()
    assert len(text.splitlines()) == 2


@needs_browser
def test_every_control_has_a_name_and_every_id_is_one(screen):
    screen.key("t")
    nameless = """[...document.querySelectorAll('button, input:not([hidden]), select, textarea')]
        .filter((n) => !n.textContent.trim() && !n.labels?.length && !n.ariaLabel)
        .filter((n) => !n.hidden).length"""
    assert screen.run(nameless) == 0
    twice = """(() => { const ids = [...document.querySelectorAll('[id]')].map((n) => n.id);
        return ids.filter((id, i) => ids.indexOf(id) !== i); })()"""
    assert screen.run(twice) == []


def test_a_ratio_turned_alone_is_no_conflict():
    turned = HR | {"arm": "b/a", "value": 1.92, "ci_low": 1.15, "ci_high": 3.23}
    assert of([kim(**HR), ann(**turned)])["cases"] == []
