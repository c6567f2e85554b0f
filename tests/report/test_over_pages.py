"""A figure that is too high for a page, set in type: its parts in order, with captions."""

import re

import pytest

import printed_text
from livingmeta.figures import style
from livingmeta.report import content
from livingmeta.report.document import docx, over_pages, typst

ROWS = 100


def high() -> dict:
    """A drawing of a hundred rows that may be cut between them."""
    sheet = style.Sheet(120, 12 + 5 * ROWS)
    sheet.text(4, 5, "Head", bold=True)
    for i in range(ROWS):
        sheet.text(4, 10 + 5 * i + 3, f"Row {i}.", number=f"row/{i}")
    cuts = [10 + 5 * i for i in range(1, ROWS)]
    sheet.panel(sheet.high, head=10, foot=10 + 5 * ROWS, cuts=cuts)
    return {"high": sheet.drawn("Rows", "A hundred of them")}


def spread():
    before = content.Paragraph((content.Run("Before."),))
    figure = content.Figure("high", (content.Run("All rows."),))
    paper = content.Paper("report", "A review", (), (before, figure))
    return over_pages.spread(paper, high())


def test_the_document_shows_all_parts_with_captions_that_tell():
    laid, found = spread()
    captions = [content.plain(b.caption) for b in laid.blocks if isinstance(b, content.Figure)]
    assert captions == [f"All rows. Part {i} of 3." for i in (1, 2, 3)]
    assert isinstance(laid.blocks[0], content.Paragraph)
    names = [block.name for block in laid.blocks[1:]]
    assert names == list(found)
    assert tuple(found.values()) == high()["high"].parts


def test_what_fits_is_left_whole():
    sheet = style.Sheet(60, 12)
    sheet.text(2, 8, "Words")
    small = {"small": sheet.drawn("Small")}
    figure = content.Figure("small", (content.Run("A small one."),))
    paper = content.Paper("report", "A review", (), (figure,))
    assert over_pages.spread(paper, small) == (paper, small)


def test_every_row_is_printed_once_in_the_pdf():
    laid, found = spread()
    text = printed_text.in_pdf(typst.write(laid, found, []))
    if text is None:
        pytest.skip("pdftotext is not installed")
    assert [len(re.findall(rf"Row {i}\.", text)) for i in range(ROWS)] == [1] * ROWS
    assert text.count("Head") == 3


def test_the_word_file_shows_every_part():
    laid, found = spread()
    pngs = {name: typst.png(figure.svg, figure.wide, 20) for name, figure in found.items()}
    word = docx.write(laid, found, pngs, [])
    assert "Part 3 of 3" in printed_text.in_word(word)


def wide(columns):
    """A table of so many columns beside its first."""
    heads = ["Study", *(f"synthesis{i} of survival" for i in range(columns))]
    rows = [[f"Study {r}", *(f"reported{r}x{i}" for i in range(columns))] for r in range(3)]
    cells = [tuple((content.Run(text),) for text in row) for row in (heads, *rows)]
    return content.Table(
        "t", (content.Run("All."),), cells[0], tuple(cells[1:]), (False,) * (columns + 1)
    )


def test_a_table_too_wide_for_a_page_is_set_in_parts_by_its_columns():
    table = wide(20)
    laid, _ = over_pages.spread(content.Paper("report", "A review", (), (table,)), {})
    assert len(laid.blocks) > 2
    heads = [[content.plain(cell) for cell in block.heads] for block in laid.blocks]
    assert {head[0] for head in heads} == {"Study"}
    assert [text for head in heads for text in head[1:]] == [
        content.plain(c) for c in table.heads[1:]
    ]
    assert content.plain(laid.blocks[0].caption).startswith("All. Part 1 of ")
    assert all(len(row) == len(block.heads) for block in laid.blocks for row in block.rows)
    fits = wide(4)
    paper = content.Paper("report", "A review", (), (fits,))
    assert over_pages.spread(paper, {})[0].blocks == (fits,)
