"""Pages of held PDFs: which may hold a figure, drawn once, and digitised in a browser."""

import pytest
from digitiser import click, fill, html, open_page, save, set_axes, told
from drawn_figures import at_risk, draw, seen

from livingmeta.extraction.curves import points
from livingmeta.extraction.curves.rebuild import rebuild
from livingmeta.extraction.quotes import held_pages, pdf_pages
from livingmeta.extraction.quotes.texts import Text
from livingmeta.run import digests
from screening.chromium import FOUND, Browser

LEGENDS = {
    "The median was 9 months.\nFigure 2. Kaplan-Meier curves": "Figure 2. Kaplan-Meier curves",
    "many words of a page\r\nFIG 1 | Survival": "FIG 1 | Survival",
    "eFigure 3 of the supplement": "eFigure 3 of the supplement",
    "Supplementary Figure S4": "Supplementary Figure S4",
    "Abbildung 2: Überleben": "Abbildung 2: Überleben",
    "Survival was estimated by Kaplan\u2013Meier in all.": "",
    "by the Kaplan-\nMeier method in all patients": "",
    "7": "",
    "Fig. 1 " + "long " * 30: "Fig. 1 " + "long " * 12 + "lo…",
}


@pytest.mark.parametrize("said", LEGENDS)
def test_a_page_with_a_legend_the_method_or_no_words_may_hold_a_figure(said):
    told_of = ("As Figure 2 shows, all patients did well and none died.", said)
    assert pdf_pages.likely(Text(told_of), 2) == [pdf_pages.Page(2, LEGENDS[said])]


def test_each_page_of_a_scan_may_hold_one():
    assert [one.number for one in pdf_pages.likely(Text((), "scan"), 3)] == [1, 2, 3]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder of a run, of which a PDF is made: words, and a figure one pixel for one at 200 dpi,
    36 points (100 pixels) from the edges; as `here.drawn`."""
    pytest.importorskip("pypdfium2")
    import typst

    monkeypatch.chdir(tmp_path)
    drawn = draw(5, 700)
    (tmp_path / "figure.png").write_bytes(drawn.image)
    (tmp_path / "a.typ").write_text(
        '#set page(width: 400pt, height: 600pt, margin: 36pt)\n'
        'As Figure 1 shows, they lived, and nobody was lost, whoever they were.\n'
        f'#pagebreak()\n#image("figure.png", width: {700 * 72 / 200}pt)\nFigure 1. Survival.\n'
    )  # fmt: skip
    typst.compile(str(tmp_path / "a.typ"), output=str(tmp_path / "pmid_1.pdf"))
    return tmp_path, drawn


def test_pages_are_drawn_once_and_what_cannot_be_read_is_told(here):
    folder, _ = here
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (folder / "notes.txt").write_text("Figure 1 is in the PDF.")
    files = {"ahn-2015": ["pmid_1.pdf", "notes.txt"], "kim-2021": ["broken.pdf"]}
    found = held_pages.of_studies(files, digests.digest)
    [one] = found.pages
    assert (one["study"], one["page"], one["legend"]) == ("ahn-2015", 2, "Figure 1. Survival.")
    assert found.told == ["broken.pdf: " + held_pages.words.WHY["broken"] + "."]
    [kept] = (folder / pdf_pages.PAGES).glob("*")
    before = kept.stat().st_mtime_ns
    assert held_pages.of_studies(files, digests.digest) == found
    assert kept.stat().st_mtime_ns == before


def test_of_many_pages_the_first_are_drawn_and_the_others_told(here, monkeypatch):
    monkeypatch.setattr(pdf_pages, "MOST_PAGES", 1)
    monkeypatch.setattr(pdf_pages, "likely", lambda text, n: [pdf_pages.Page(1, "")] * 3)
    found = held_pages.of_studies({"a": ["pmid_1.pdf"]}, digests.digest)
    assert len(found.pages) == 1
    assert found.told == ["pmid_1.pdf: 2 more pages with figures; of these take a screenshot."]


def test_without_a_reader_of_pdf_it_says_so(here, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pypdfium2", None)
    monkeypatch.setattr(held_pages.kept.texts, "reader", lambda: "none")
    found = held_pages.of_studies({"a": ["pmid_1.pdf"]}, digests.digest)
    assert found.pages == []
    assert "pip install pypdfium2" in found.told[0]
    assert "pip install pypdfium2" in html(*found)


@pytest.mark.skipif(FOUND is None, reason="Chromium is not installed")
def test_a_page_of_a_held_pdf_is_chosen_and_digitised(here):
    folder, drawn = here
    found = held_pages.of_studies({"ahn-2015": ["pmid_1.pdf"]}, digests.digest)
    gone = found.pages[0] | {"page": 7, "key": "x", "at": "../../.snakemake/pages/x.js"}
    page = folder / "results" / "extraction" / "digitise.html"
    page.parent.mkdir(parents=True)
    page.write_text(html([*found.pages, gone]), encoding="utf-8")
    shifted = drawn._replace(axes=[{**p, "x": p["x"] + 100, "y": p["y"] + 100} for p in drawn.axes])
    with Browser(1440, 900) as browser:
        open_page(browser, page)
        fill(browser, pages="1")
        browser.wait("!document.getElementById('notice').hidden", 10)
        assert "This computer has no picture of pmid_1.pdf, page 7" in told(browser, "notice")
        browser.errors.clear()
        fill(browser, pages="0")
        browser.wait(
            "document.getElementById('image-name').textContent.startsWith('pmid_1.pdf, page 2')", 10
        )
        set_axes(browser, shifted)
        assert told(browser, "axes-told") == "The axes are set."
        arm = next(iter(drawn.arms))
        fill(browser, arm=arm, name="Kim")
        browser.run("document.getElementById('canvas').focus()")
        browser.key("t")
        for place in seen(drawn, arm, 1):
            click(browser, place["x"] + 100, place["y"] + 100)
        assert "traced by colour" in told(browser, "curve-told")
        name, text = save(browser)
        assert browser.errors == []
    assert name == f"ahn-2015.{arm}.os-Kim.csv"
    (folder / name).write_text(text, encoding="utf-8")
    table = points.read(folder / name, "months")
    where = table.attrs["origin"]
    assert where.image == "pmid_1.pdf, page 2"
    assert where.sha256 == digests.digest("pmid_1.pdf")
    patients = drawn.arms[arm]
    curve = rebuild(table["time"], table["survival"], *at_risk(patients))
    assert abs(curve.events - patients["event"].sum()) <= 2
