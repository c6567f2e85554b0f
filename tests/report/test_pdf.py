"""The PDF: typeset offline, vector figures, embedded fonts, the same bytes each time."""

import re
import shutil
import struct
import subprocess
from functools import cache

import pytest
from made_up_document import parts
from made_up_review import NASTY

from livingmeta.report import content, pdf


@cache
def written() -> bytes:
    found = parts()
    return pdf.write(found["document"], found["figures"], ["Family, Given"])


@cache
def text() -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=written(), capture_output=True, check=True
    )
    return done.stdout.decode()


def test_the_same_content_gives_the_same_bytes_without_a_day():
    found = parts()
    assert pdf.write(found["document"], found["figures"], ["Family, Given"]) == written()
    assert written().startswith(b"%PDF-")
    assert b"/CreationDate" not in written()
    assert b"/ModDate" not in written()


def test_fonts_are_inside_and_no_figure_is_a_picture_of_dots():
    assert b"/FontFile" in written()
    assert b"/Subtype /Image" not in written()
    assert b"/Subtype/Image" not in written()


def test_headings_and_nasty_text_stand_in_it():
    flat = re.sub(r"\s+", " ", text())
    assert "What was asked" in flat
    assert "Reporting checklists" in flat
    assert re.sub(r"\s+", " ", NASTY.split("שלום")[0]).strip() in flat


def test_a_figure_that_was_not_drawn_stops():
    with pytest.raises(pdf.TypesetError, match="forest-tb"):
        pdf.write(parts()["document"], {"flow": parts()["figures"]["flow"]}, [])


def test_pngs_have_the_size_of_their_drawings():
    svg = parts()["figures"]["flow"]
    found = pdf.pngs({"flow": svg, "again": svg}, 100)
    assert list(found) == ["flow", "again"]
    assert found["flow"] == found["again"]
    wide, high = struct.unpack(">II", found["flow"][16:24])
    shrunk = min(1, pdf.TEXT_WIDTH / pdf.size(svg)[0])
    expected = [shrunk * side * 100 / 72 for side in pdf.size(svg)]
    assert (wide, high) == pytest.approx(expected, abs=1)
    assert pdf.pngs({}) == {}
    assert len(pdf.pngs({"flow": svg}, 20)) == 1


def test_a_review_of_nothing_is_set_too():
    empty = content.Document("A review", (), (), ())
    assert pdf.write(empty, {}, []).startswith(b"%PDF-")
    nothing = content.Table("t", (), ((content.Run("Head"),),), (), (False,))
    assert pdf.write(content.Document("A review", (), (nothing,), ()), {}, []).startswith(b"%PDF-")


def test_a_description_is_plain_text():
    svg = "<svg><title>A &lt; B</title>\n<desc>C &amp; D</desc></svg>"
    assert pdf.description(svg) == "A < B. C & D"


def test_a_drawing_without_a_size_stops():
    with pytest.raises(pdf.TypesetError, match="viewBox"):
        pdf.size("<svg/>")
