"""The PDF: typeset offline, vector figures, embedded fonts, the same bytes each time."""

import re
import shutil
import struct
import subprocess
from functools import cache

import pytest

from livingmeta.figures import style
from livingmeta.report import content
from livingmeta.report.document import typst
from made_up_document import parts
from made_up_review import NASTY

# Report and supplement.
PAPERS = [0, 1]


@cache
def written(paper: int) -> bytes:
    found = parts()
    return typst.write(found["papers"][paper], found["figures"], ["Family, Given"])


@cache
def text() -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    return "".join(
        subprocess.run(
            ["pdftotext", "-layout", "-", "-"],
            input=written(paper),
            capture_output=True,
            check=True,
        ).stdout.decode()
        for paper in PAPERS
    )


@pytest.mark.parametrize("paper", PAPERS)
def test_the_same_content_gives_the_same_bytes_without_a_day(paper):
    found = parts()
    again = typst.write(found["papers"][paper], found["figures"], ["Family, Given"])
    assert again == written(paper)
    assert again.startswith(b"%PDF-")
    assert b"/CreationDate" not in again
    assert b"/ModDate" not in again


@pytest.mark.parametrize("paper", PAPERS)
def test_fonts_are_inside_and_no_figure_is_a_picture_of_dots(paper):
    assert b"/FontFile" in written(paper)
    assert b"/Subtype /Image" not in written(paper)
    assert b"/Subtype/Image" not in written(paper)


@pytest.mark.parametrize("paper", PAPERS)
def test_both_say_that_they_are_for_everybody(paper):
    assert b"pdfuaid" in written(paper)
    assert b"/MarkInfo" in written(paper)


def test_headings_and_nasty_text_stand_in_it():
    flat = re.sub(r"\s+", " ", text())
    assert "What was asked" in flat
    assert "Reporting checklists" in flat
    assert re.sub(r"\s+", " ", NASTY.split("שלום")[0]).strip() in flat


def test_a_figure_that_was_not_drawn_stops():
    with pytest.raises(typst.TypesetError, match="forest-tb"):
        typst.write(parts()["papers"][0], {"flow": parts()["figures"]["flow"]}, [])


def test_a_png_has_the_size_of_its_drawing():
    drawn = parts()["figures"]["flow"]
    found = typst.png(drawn.svg, drawn.wide, 100)
    assert found == typst.png(drawn.svg, drawn.wide, 100)
    wide, high = struct.unpack(">II", found[16:24])
    shrunk = min(1, typst.TEXT_WIDTH / drawn.wide)
    expected = [shrunk * side * 100 / 72 for side in (drawn.wide, drawn.high)]
    assert (wide, high) == pytest.approx(expected, abs=1)


def test_a_review_of_nothing_is_set_too():
    empty = content.Paper("report", "A review", (), ())
    assert typst.write(empty, {}, []).startswith(b"%PDF-")
    nothing = content.Table("t", (), ((content.Run("Head"),),), (), (False,))
    assert typst.write(content.Paper("report", "A review", (), (nothing,)), {}, []).startswith(
        b"%PDF-"
    )


def test_a_description_is_plain_text():
    drawn = style.Sheet(60, 12).drawn("A < B", "C &\n D")
    assert drawn.in_words() == "A < B. C & D"
    assert style.Sheet(60, 12).drawn("A < B").in_words() == "A < B"


# Chinese, Japanese, Korean, Hebrew, Arabic: two words each, which as boxes would look alike.
WORDS = ["北京 東亰", "かな カナ", "안녕 한국", "שלום תודה", "سلام مرحب"]


@pytest.mark.parametrize("words", WORDS)
def test_letters_of_other_scripts_are_drawn_and_are_no_boxes(words):
    one, other = words.split()
    assert _said(f"Kim {one}, 2021") != _said(f"Kim {other}, 2021")


def test_a_line_with_a_letter_that_no_face_has_keeps_the_others():
    assert _said("Kim 2021 \U0001d2d0") != _said("Lee 1999 \U0001d2d0")


def _said(words: str) -> bytes:
    sheet = style.Sheet(60, 12)
    sheet.text(2, 8, words)
    drawn = sheet.drawn("A name")
    return typst.png(drawn.svg, drawn.wide, 100)
