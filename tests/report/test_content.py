"""The content of the report: one model, strict, and the same in its file and in the page."""

import json
import re
from html import unescape

import pytest

from livingmeta.report import body, content, content_file
from made_up_document import parts
from running import ROOT

FRONT = "<p class='kind'>Review</p><h1>Title</h1>"
NUMBERS = [{"id": "flow/records", "text": "28"}, {"id": "tb/p", "text": "< 0.001"}]


def said(*inside: str, heading: str = "<h2>Summary</h2>") -> content.Document:
    sections = f'<section id="summary">{heading}{"".join(inside)}</section>'
    return body.read(FRONT, sections, NUMBERS)


@pytest.mark.parametrize(
    ("inside", "complaint"),
    [
        ("<marquee>x</marquee>", "<marquee>"),
        ("<p>a<blink>b</blink></p>", "<blink>"),
        ('<p><span class="num" data-id="no/such">1</span></p>', "no/such"),
        ('<p><span class="num" data-id="flow/records">9</span></p>', "'28'"),
        ('<drawing name="forest-a"></drawing>', "<drawing>"),
        ('<section id="inner"><p>No heading</p></section>', "inner"),
        ('<section id="summary"><h3>Again</h3></section>', "same anchor: summary"),
    ],
)
def test_what_has_no_block_or_is_not_registered_stops(inside, complaint):
    with pytest.raises(content.ContentError, match=re.escape(complaint)):
        said(inside)


def test_what_stands_outside_a_section_stops():
    with pytest.raises(content.ContentError, match="<p>"):
        body.read(FRONT, "<p>Lost</p>", NUMBERS)


def test_a_registered_number_is_a_run_with_its_id():
    block = said(
        '<p>Of <b><span class="num" data-id="flow/records">28</span></b> records, p &lt; '
        '<span class="num" data-id="tb/p">0.001</span>.</p>'
    ).main[1]
    assert content.plain(block.runs) == "Of 28 records, p < 0.001."
    assert [(r.text, r.look, r.number) for r in block.runs if r.number] == [
        ("28", "strong", "flow/records"),
        ("0.001", "", "tb/p"),
    ]


def test_a_table_of_hundreds_of_rows_is_named_and_not_printed():
    rows = "<tr><td>a</td></tr>" * 101
    head = "<caption>Long</caption><thead><tr><th>H</th></tr></thead>"
    block = said(f"<table data-name='t'>{head}<tbody>{rows}</tbody></table>").main[1]
    assert isinstance(block, content.Paragraph)
    assert content.plain(block.runs).startswith("Long. It is long")


def folded(caption: str, rows: int, figure: str = "") -> str:
    head = f"<caption>{caption}</caption><thead><tr><th>H</th><th>I</th></tr></thead>"
    table = f"<table data-name='t'>{head}<tbody>{'<tr><td>a</td><td>b</td></tr>' * rows}</tbody>"
    return f"<details><summary>More</summary>{table}</table>{figure}</details>"


def test_a_large_supplement_keeps_its_sentences_and_its_smaller_kinds_of_tables(monkeypatch):
    inside = [folded("Each study", 9), folded("Models", 3), folded("Each study", 8)]
    kept = [content.Table, content.Table, content.Table]
    assert [type(b) for b in said(*inside).supplement if not is_heading(b)] == kept
    monkeypatch.setattr(body, "MOST_CELLS", 39)  # of 40
    found = [b for b in said(*inside).supplement if not is_heading(b)]
    assert [type(b) for b in found] == [content.Paragraph, content.Table, content.Paragraph]
    assert content.plain(found[0].runs) == f"Each study. {body.LARGE}"
    monkeypatch.setattr(body, "MOST_CELLS", 5)
    assert not any(isinstance(b, content.Table) for b in said(*inside).supplement)


def test_a_table_of_the_text_stays_however_large_the_supplement(monkeypatch):
    monkeypatch.setattr(body, "MOST_CELLS", 1)
    opened = folded("Shown", 3).replace("<details>", "<details open>")
    assert [type(b) for b in said(opened).main][-1] == content.Table


def test_of_very_many_figures_the_documents_hold_those_of_the_text(monkeypatch):
    figure = "<figure id='figure-{}'><figcaption>Drawn: {}.</figcaption></figure>"
    inside = [figure.format("a", "a"), folded("T", 1, figure.format("b", "b"))]
    assert content.figures_of(said(*inside)) == ["a", "b"]
    monkeypatch.setattr(body, "MOST_FIGURES", 1)
    assert content.figures_of(said(*inside)) == ["a"]
    assert content.plain(said(*inside).supplement[-1].runs) == f"Drawn: b. {body.LARGE}"


def test_of_still_more_figures_those_go_that_a_table_below_tells(monkeypatch):
    figure = "<figure id='figure-{}'><figcaption>Drawn: {}.</figcaption></figure>"
    table = folded("T", 1).split("</summary>")[1].removesuffix("</details>")
    inside = [figure.format("a", "a"), figure.format("b", "b"), f"<div>{table}</div>"]
    assert content.figures_of(said(*inside)) == ["a", "b"]
    monkeypatch.setattr(body, "MOST_FIGURES", 1)
    assert content.figures_of(said(*inside)) == ["a"]


def is_heading(block) -> bool:
    return isinstance(block, content.Heading)


def test_the_file_gives_the_content_back():
    written = parts()["content"]
    kinds = {type(block) for block in written.blocks}
    assert kinds == {
        content.Heading,
        content.Paragraph,
        content.Items,
        content.Table,
        content.Figure,
    }
    stored = json.loads(json.dumps(content_file.of_document(written)))
    assert content_file.to_document(stored) == written


def test_the_file_holds_each_number_with_its_id():
    stored = json.dumps(
        content_file.of_document(said('<p><span class="num" data-id="flow/records">28</span></p>'))
    )
    assert '{"text": "28", "number": "flow/records"}' in stored


@pytest.mark.parametrize(
    "block", [{"kind": "marquee", "runs": []}, {"kind": "paragraph", "runs": [], "colour": "red"}]
)
def test_a_file_of_another_format_stops(block):
    stored = content_file.of_document(said())
    stored["main"].append(block)
    with pytest.raises(content.ContentError, match=r"report\.json"):
        content_file.to_document(stored)


def test_the_page_lists_and_holds_the_sections_of_the_content():
    page, sections = parts()["page"], parts()["content"].sections
    listed = re.search(r"<nav .*?</nav>", page, re.DOTALL)[0]
    links = re.findall(r'<a href="#([^"]+)">(.*?)</a>', listed)
    flat = [part for section in sections for part in (section, *section.inside)]
    assert [(anchor, unescape(title)) for anchor, title in links] == [
        (section.anchor, section.title) for section in flat
    ]
    assert len(flat) > 10
    assert re.findall(r'<section id="([^"]+)"', page) == [s.anchor for s in flat]


def test_every_picture_is_in_its_place():
    page, written = parts()["page"], parts()["content"]
    assert "<drawing" not in page
    for name in content.figures_of(written):
        assert re.search(rf'<figure id="figure-{name}".*?<svg ', page, re.DOTALL)


@pytest.mark.parametrize("stage", ["typeset", "package"])
def test_no_stage_reads_the_page_back(stage):
    rules = (ROOT / "workflow/rules/package.smk").read_text()
    rule = re.search(rf"rule {stage}:.*?output:", rules, re.DOTALL)[0]
    named = re.findall(r'(\w+)="(results/report[^"]*)"', rule)
    assert named == [("content", "results/report.json")]
