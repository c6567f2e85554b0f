"""The Word file: native, numbered, the same bytes each time, and no number of its own."""

import io
import re
import zipfile
from functools import cache

import docx
import pytest
from docx.oxml.ns import qn

from livingmeta.report import content
from livingmeta.report.document import docx as word
from livingmeta.report.document import typst
from made_up_document import parts
from made_up_review import NASTY


def written() -> bytes:
    found = parts()
    drawn = typst.drawings(found["document"], found["figures"])
    return word.write(
        found["document"],
        drawn,
        {name: typst.png(figure.svg, figure.wide, 40) for name, figure in drawn.items()},
        ["Family, Given"],
    )


@cache
def opened():
    return docx.Document(io.BytesIO(written()))


def blocks(kind):
    document = parts()["document"]
    return [b for b in (*document.main, *document.appendix) if isinstance(b, kind)]


def said(element) -> str:
    pieces = element.iter(qn("w:t"), qn("w:br"))
    return "".join("\n" if piece.tag == qn("w:br") else piece.text or "" for piece in pieces)


def test_the_same_content_gives_the_same_bytes_without_a_day():
    first = written()
    assert first == written()
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        entries = archive.infolist()
        core = archive.read("docProps/core.xml").decode()
    assert [e.filename for e in entries] == sorted(e.filename for e in entries)
    assert {e.date_time for e in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert "created" not in core
    assert "modified" not in core
    assert "Family, Given" in core


def test_headings_are_headings():
    headings = [p.text for p in opened().paragraphs if p.style.name.startswith("Heading")]
    wanted = [content.plain(b.runs) for b in blocks(content.Heading)]
    assert [h for h in headings if h != "Appendix"] == wanted


def test_tables_are_tables_cell_by_cell():
    tables = opened().element.body.findall(qn("w:tbl"))
    wanted = blocks(content.Table)
    assert len(tables) == len(wanted) > 10
    for table, block in zip(tables, wanted, strict=True):
        rows = [[said(cell) for cell in row.findall(qn("w:tc"))] for row in table.iter(qn("w:tr"))]
        cells = [block.heads, *block.rows]
        plain = [[content.plain(runs) for runs in row] for row in cells]
        assert rows == plain
        assert table.find(f".//{qn('w:tblHeader')}") is not None


@pytest.mark.parametrize("kind", [content.Table, content.Figure])
def test_captions_are_numbered_fields_in_order(kind):
    name = kind.__name__
    captions = [p for p in opened().paragraphs if p.style.name == "Caption"]
    mine = [said(p._p) for p in captions if said(p._p).startswith(name)]
    assert [int(re.search(r"\d+", text)[0]) for text in mine] == list(
        range(1, len(blocks(kind)) + 1)
    )
    fields = [f for p in captions for f in p._p.iter(qn("w:fldSimple"))]
    assert sum(f" SEQ {name} " in f.get(qn("w:instr")) for f in fields) == len(mine)


def test_figures_say_what_they_show():
    drawings = list(opened().element.body.iter(qn("wp:docPr")))
    assert len(drawings) == len(blocks(content.Figure)) > 5
    assert all(len(d.get("descr")) > 20 for d in drawings)


def test_text_of_others_is_printed_as_it_stands():
    text = said(opened().element.body)
    assert NASTY in text
    assert "very long name" in text


def test_links_within_the_file_lead_somewhere():
    body = opened().element.body
    names = {b.get(qn("w:name")) for b in body.iter(qn("w:bookmarkStart"))}
    wanted = {h.get(qn("w:anchor")) for h in body.iter(qn("w:hyperlink"))} - {None}
    assert wanted
    assert wanted <= names


def test_every_run_that_is_a_number_is_that_of_the_register():
    known = {entry["id"]: entry["text"] for entry in parts()["numbers"]}
    found = 0
    for block in (*parts()["document"].main, *parts()["document"].appendix):
        cells = [*block.heads, *sum(block.rows, ())] if isinstance(block, content.Table) else []
        for run in [r for runs in [getattr(block, "runs", ()), *cells] for r in runs]:
            if run.number:
                found += 1
                assert run.text in (known[run.number], known[run.number].lstrip("<>"))
    assert found > 300


def test_what_is_folded_on_the_page_is_in_the_appendix_and_the_text_says_so():
    document = parts()["document"]
    folded = re.findall(r"<details[^>]*>\s*<summary>(.*?)</summary>", parts()["page"], re.DOTALL)
    titles = {content.plain(b.runs) for b in document.appendix if isinstance(b, content.Heading)}
    assert "What single studies do to the result" in titles
    assert len(titles) > len(folded) / 4
    anchors = {b.anchor for b in document.appendix if isinstance(b, content.Heading)}
    notes = [b for b in document.main if isinstance(b, content.Paragraph) and b.look == "note"]
    linked = {r.href[1:] for b in notes for r in b.runs if r.href.startswith("#")}
    assert linked & anchors
