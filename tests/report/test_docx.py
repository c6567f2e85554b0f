"""The Word file: native, numbered, the same bytes each time, and no number of its own."""

import io
import re
import zipfile
from functools import cache

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree

from livingmeta.figures.drawn import Drawn
from livingmeta.report import content
from livingmeta.report.document import docx as word
from livingmeta.report.document import typst
from made_up_document import parts
from made_up_review import NASTY

# Report and supplement.
PAPERS = [0, 1]
pytestmark = pytest.mark.parametrize("paper", PAPERS)


def written(paper) -> bytes:
    found = parts()
    drawn = typst.drawings(found["papers"][paper], found["figures"])
    return word.write(
        found["papers"][paper],
        drawn,
        {name: typst.png(figure.svg, figure.wide, 40) for name, figure in drawn.items()},
        ["Family, Given"],
    )


@cache
def opened(paper):
    return docx.Document(io.BytesIO(written(paper)))


def blocks(paper, kind):
    return [b for b in parts()["papers"][paper].blocks if isinstance(b, kind)]


def said(element) -> str:
    pieces = element.iter(qn("w:t"), qn("w:br"))
    return "".join("\n" if piece.tag == qn("w:br") else piece.text or "" for piece in pieces)


def test_the_same_content_gives_the_same_bytes_without_a_day(paper):
    first = written(paper)
    assert first == written(paper)
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        entries = archive.infolist()
        core = archive.read("docProps/core.xml").decode()
    assert [e.filename for e in entries] == sorted(e.filename for e in entries)
    assert {e.date_time for e in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert "created" not in core
    assert "modified" not in core
    assert "Family, Given" in core


def test_headings_are_headings(paper):
    headings = [p.text for p in opened(paper).paragraphs if p.style.name.startswith("Heading")]
    wanted = [content.plain(b.runs) for b in blocks(paper, content.Heading)]
    assert headings == wanted


def test_tables_are_tables_cell_by_cell(paper):
    tables = opened(paper).element.body.findall(qn("w:tbl"))
    wanted = blocks(paper, content.Table)
    assert len(tables) == len(wanted) > 5
    for table, block in zip(tables, wanted, strict=True):
        rows = [[said(cell) for cell in row.findall(qn("w:tc"))] for row in table.iter(qn("w:tr"))]
        cells = [block.heads, *block.rows]
        plain = [[content.plain(runs) for runs in row] for row in cells]
        assert rows == plain
        assert table.find(f".//{qn('w:tblHeader')}") is not None


@pytest.mark.parametrize("kind", [content.Table, content.Figure])
def test_captions_are_numbered_fields_in_order(paper, kind):
    name = kind.__name__
    captions = [p for p in opened(paper).paragraphs if p.style.name == "Caption"]
    mine = [said(p._p) for p in captions if said(p._p).startswith(name)]
    assert [int(re.search(r"\d+", text)[0]) for text in mine] == list(
        range(1, len(blocks(paper, kind)) + 1)
    )
    fields = [f for p in captions for f in p._p.iter(qn("w:fldSimple"))]
    assert sum(f" SEQ {name} " in f.get(qn("w:instr")) for f in fields) == len(mine)


def test_figures_say_what_they_show(paper):
    drawings = list(opened(paper).element.body.iter(qn("wp:docPr")))
    assert len(drawings) == len(blocks(paper, content.Figure)) > 1
    assert all(len(d.get("descr")) > 20 for d in drawings)


def test_text_of_others_is_printed_as_it_stands(paper):
    text = said(opened(paper).element.body)
    assert NASTY in text or paper
    assert "very long name" in text


def test_links_within_the_file_lead_somewhere(paper):
    body = opened(paper).element.body
    names = {b.get(qn("w:name")) for b in body.iter(qn("w:bookmarkStart"))}
    wanted = {h.get(qn("w:anchor")) for h in body.iter(qn("w:hyperlink"))} - {None}
    assert wanted
    assert wanted <= names


def test_every_run_that_is_a_number_is_that_of_the_register(paper):
    known = {entry["id"]: entry["text"] for entry in parts()["numbers"]}
    found = 0
    for block in parts()["papers"][paper].blocks:
        cells = [*block.heads, *sum(block.rows, ())] if isinstance(block, content.Table) else []
        for run in [r for runs in [getattr(block, "runs", ()), *cells] for r in runs]:
            if run.number:
                found += 1
                assert run.text in (known[run.number], known[run.number].lstrip("<>"))
    assert found > 100


def test_the_list_of_contents_is_a_field_that_is_filled(paper):
    body = opened(paper).element.body
    [code] = [c.text for c in body.iter(qn("w:instrText")) if "TOC" in c.text]
    assert code.split() == ["TOC", "\\o", '"1-2"', "\\n", "\\h", "\\z"]
    marks = [c.get(qn("w:fldCharType")) for c in body.iter(qn("w:fldChar"))]
    assert marks == ["begin", "separate", "end"]
    listed = [p for p in opened(paper).paragraphs if p.style.name.lower().startswith("toc ")]
    heads = [b for b in blocks(paper, content.Heading) if b.level < 3]
    assert [said(p._p) for p in listed] == [content.plain(b.runs) for b in heads]


def test_what_is_the_answer_stands_before_the_contents(paper):
    styles = [(p.style.name, p.text) for p in opened(paper).paragraphs]
    at = styles.index(("Contents", "Contents"))
    before = [text for style, text in styles[:at] if style == "Heading 1"]
    assert before == ([] if paper else ["Summary"])


def test_a_picture_has_its_drawing_beside_it(paper):
    """What Word can draw at any size, with the picture for programs that cannot."""
    figures = blocks(paper, content.Figure)
    document = opened(paper)
    blips = list(document.element.iter(qn("a:blip")))
    assert len(blips) == len(figures)
    drawn = typst.drawings(parts()["papers"][paper], parts()["figures"])
    for blip, figure in zip(blips, figures, strict=True):
        picture = document.part.rels[blip.get(qn("r:embed"))].target_part
        assert picture.blob.startswith(b"\x89PNG")
        (vector,) = [e for e in blip.iter() if e.tag.endswith("}svgBlip")]
        part = document.part.rels[vector.get(qn("r:embed"))].target_part
        assert part.content_type == "image/svg+xml"
        svg = etree.fromstring(part.blob)
        one = drawn[figure.name]
        sides = (one.high, one.wide) if one.turned else (one.wide, one.high)
        assert [float(svg.get(side).removesuffix("pt")) for side in ("width", "height")] == [
            pytest.approx(side, abs=0.01) for side in sides
        ]
        assert {e.get("font-family") for e in svg.iter()} - {None} == {"Arial"}


def test_a_turned_drawing_lies_within_its_sheet(paper):
    """On its side, to be read from the right: its left end at the foot of the page."""
    head = '<svg width="640pt" height="90pt" viewBox="0 0 640 90" font-family="Helvetica, Arial"'
    wide = Drawn(head + '><path d="M 0 0"/></svg>\n', 640, 90, "", "", ())
    assert wide.turned
    assert word.drawing(wide) == (
        '<svg font-family="Arial" width="90pt" height="640pt" viewBox="0 0 90 640">'
        '<g transform="translate(0 640) rotate(-90)"><path d="M 0 0"/></g></svg>'
    )
