"""The page that says what each file of results/ is and opens it."""

import re

from livingmeta.package import index

MADE = [
    "results/report.html",
    "results/results.xlsx",
    "results/pooling/pooled.csv",
    "results/numbers.json",
    "results/figures/forest-tb.svg",
    "results/figures/funnel-tb.svg",
    "results/package/included.ris",
]


def page() -> str:
    return index.page("Made <up>", MADE, ["funnel-tb"], {"tb": "Tuberculosis & more"})


def test_each_file_is_opened_and_said():
    links = re.findall(r'<a href="([^"]+)"', page())
    assert links[:2] == ["report.html", "results.xlsx"]
    assert {"pooling/pooled.csv", "numbers.json", "package/included.ris"} <= set(links)
    assert "Forest plot: Tuberculosis &amp; more" in page()
    assert "Made &lt;up&gt;" in page()


def test_a_figure_with_nothing_to_draw_is_not_listed():
    assert "funnel" not in page()


def test_tables_say_what_a_row_and_each_column_is():
    assert "A row: one model of one synthesis" in page()
    assert "<code>display_estimate</code>: pooled effect as printed (display scale)" in page()


def test_what_people_read_stands_first_in_the_table_of_results():
    columns = re.findall(r"<p><code>(\w+)</code>", page())
    assert columns.index("display_ci_high") < columns.index("tau2_method") < columns.index("se")


def test_the_page_that_settles_is_opened_where_there_is_something_to_settle():
    told = index.page("Made", MADE, [], {}, desks=["extraction/settle.html"])
    first = told[told.index("Open first") : told.index("Figures")]
    assert 'href="extraction/settle.html"' in first
    assert "settle.html" not in page()
