"""The two papers: each block in one of them, together all of the report, and links that lead on."""

import re
from collections import Counter

import pytest

from livingmeta.report import body, content
from livingmeta.report.document import papers
from livingmeta.report.parts import FEW
from made_up_document import parts

FOLDED = "<details><summary>{}</summary><p>{}</p></details>"
SECTION = '<section id="{0}"{2}><h2>{0}</h2>{1}</section>'


def read(*sections: str) -> content.Document:
    return body.read("<h1>Title</h1>", "".join(sections), [])


def said(block: content.Block) -> str:
    if isinstance(block, content.Table):
        cells = (cell for row in (block.heads, *block.rows) for cell in row)
        return "|".join(map(content.plain, (block.caption, *cells)))
    if isinstance(block, content.Items):
        return "|".join(map(content.plain, block.items))
    return content.plain(block.caption if isinstance(block, content.Figure) else block.runs)


def texts(blocks) -> list[str]:
    return [said(block) for block in blocks]


def test_every_section_is_in_the_report_or_in_the_supplement():
    document = parts()["content"]
    places = [
        {b.anchor for b in blocks if isinstance(b, content.Heading)}
        for blocks in (document.main, document.supplement)
    ]
    assert [a for a in document.anchors if (a in places[0]) == (a in places[1])] == []


def test_both_together_hold_each_table_and_figure_of_the_page_once():
    document, page = parts()["content"], parts()["page"]
    blocks = [b for b in document.blocks if isinstance(b, content.Table | content.Figure)]
    # What the supplement holds of the rows of a table is a table more.
    names = Counter(b.name for b in blocks if not b.name.endswith("-more"))
    shown = Counter(re.findall(r'<table [^>]*data-name="([^"]+)"', page))
    shown += Counter(re.findall(r'<figure id="figure-([^"]+)"', page))
    assert names == shown


def test_both_together_hold_each_row_of_the_page_once():
    document, page = parts()["content"], parts()["page"]
    held: Counter[str] = Counter()
    for block in document.blocks:
        if isinstance(block, content.Table):
            held[block.name.removesuffix("-more")] += len(block.rows)
    shown: Counter[str] = Counter()
    for name, table in re.findall(r'<table [^>]*data-name="([^"]+)"(.*?)</table>', page, re.DOTALL):
        shown[name] += table.split("<tbody>")[1].count("<tr")
    assert any(b.name.endswith("-more") for b in document.blocks if isinstance(b, content.Table))
    assert held == shown


ROW = "<tr{}><td>{}</td></tr>"
MARK = ' data-part="supplement"'
TABLE = (
    '<div class="wide"><table data-name="t"{}><caption>All</caption><thead><tr><th>H</th></tr>'
    "</thead><tbody>{}</tbody></table></div>"
)
REST = ' data-rest="The others"'


def rows(marked: set[int], many: int) -> str:
    return "".join(ROW.format(MARK if i in marked else "", i) for i in range(many))


@pytest.mark.parametrize(
    ("marked", "many", "main", "more"),
    [
        # A table of few rows stays whole.
        ({1, 2}, FEW, ["All|H|" + "|".join(map(str, range(FEW)))], []),
        (
            set(range(2, FEW + 1)),
            FEW + 1,
            ["All|H|0|1", "More on this: The others."],
            ["a", "The others", "The others|H|" + "|".join(map(str, range(2, FEW + 1)))],
        ),
        # Nothing is left for the report.
        (
            set(range(FEW + 1)),
            FEW + 1,
            ["More on this: The others."],
            ["a", "The others", "All|H|" + "|".join(map(str, range(FEW + 1)))],
        ),
    ],
)
def test_marked_rows_of_a_long_table_are_in_the_supplement_alone(marked, many, main, more):
    document = read(SECTION.format("a", TABLE.format(REST, rows(marked, many)), ""))
    assert texts(document.main) == ["a", *main]
    assert texts(document.supplement) == more


def test_marked_items_of_a_long_list_and_a_marked_part_are_in_the_supplement_alone():
    items = "".join(f"<li{MARK if i else ''}>{i}</li>" for i in range(FEW + 1))
    part = f'<div{MARK} data-title="Part"><p>Aside.</p></div>'
    document = read(SECTION.format("a", f"<ul{REST}>{items}</ul>{part}<p>Shown.</p>", ""))
    assert texts(document.main) == ["a", "0", "Shown.", "More on this: The others; Part."]
    others = "|".join(map(str, range(1, FEW + 1)))
    assert texts(document.supplement) == ["a", "The others", others, "Part", "Aside."]


def test_a_section_of_the_supplement_keeps_its_tables_whole():
    table = TABLE.format(REST, rows({1}, FEW + 1))
    document = read(SECTION.format("a", table, MARK))
    assert document.main == ()
    assert texts(document.supplement)[1].count("|") == FEW + 2


def test_marked_rows_without_a_title_of_the_rest_are_an_error():
    with pytest.raises(content.ContentError, match="title of the rest"):
        read(SECTION.format("a", TABLE.format("", rows({1}, FEW + 1)), ""))


def test_what_is_folded_or_marked_is_in_the_supplement_alone():
    document = read(
        SECTION.format("a", "<p>Shown.</p>" + FOLDED.format("More", "Folded."), ""),
        SECTION.format(
            "b", "<p>Marked.</p>" + FOLDED.format("Inner", "In it."), ' data-part="supplement"'
        ),
    )
    assert texts(document.main) == ["a", "Shown.", "More on this: More."]
    assert texts(document.supplement) == ["a", "More", "Folded.", "b", "Marked.", "Inner", "In it."]
    levels = [b.level for b in document.supplement if isinstance(b, content.Heading)]
    assert levels == [1, 2, 1, 2]


def test_a_marked_section_within_another_stands_under_its_heading():
    inner = '<section id="c" data-part="supplement"><h3>c</h3><p>Deep.</p></section>'
    document = read(SECTION.format("a", "<p>Shown.</p>" + inner, ""))
    assert texts(document.main) == ["a", "Shown."]
    assert texts(document.supplement) == ["a", "c", "Deep."]


def test_links_into_the_other_paper_say_where_they_lead():
    link = '<p>See <a href="#{}">that</a>.</p>'
    document = read(
        SECTION.format("a", link.format("b") + link.format("a"), ""),
        SECTION.format("b", link.format("a"), ' data-part="supplement"'),
    )
    report, supplement = papers.cut(document)
    assert texts(report.blocks)[1:3] == ["See that (supplement, section S1).", "See that."]
    assert texts(supplement.blocks) == ["S1 b", "See that (report, “a”)."]
    hrefs = [r.href for b in (*report.blocks, *supplement.blocks) for r in getattr(b, "runs", ())]
    assert [h for h in hrefs if h] == ["supplement#b", "#a", "supplement#b", "report#a"]


def test_a_link_in_a_cell_says_it_shortly_and_a_citation_not_at_all():
    table = (
        "<table><caption>T</caption><thead><tr><th>H</th></tr></thead><tbody><tr><td>"
        '<a href="#b">that</a></td></tr></tbody></table><p><a href="#ref-1">1</a></p>'
    )
    items = '<ol start="1"><li id="ref-1">Work</li></ol>'
    document = read(
        SECTION.format("a", table, ""), SECTION.format("b", items, ' data-part="supplement"')
    )
    report, _ = papers.cut(document)
    assert texts(report.blocks)[1:3] == ["T|H|that (S1)", "1"]


def test_every_link_of_a_paper_leads_somewhere():
    found = {paper.name: paper for paper in parts()["papers"]}
    anchors = {name: papers._anchors(paper.blocks) for name, paper in found.items()}
    led = 0
    for name, paper in found.items():
        for block in paper.blocks:
            cells = [*sum(block.rows, ())] if isinstance(block, content.Table) else []
            items = block.items if isinstance(block, content.Items) else ()
            for run in (r for runs in (getattr(block, "runs", ()), *cells, *items) for r in runs):
                if "#" in run.href and not run.href.startswith("http"):
                    to, _, anchor = run.href.partition("#")
                    assert anchor in anchors[to or name], run
                    led += bool(to)
    assert led > 5


def test_the_report_ends_with_what_the_supplement_holds():
    report, supplement = parts()["papers"]
    heads = [b for b in supplement.blocks if isinstance(b, content.Heading) and b.level == 1]
    assert [content.plain(h.runs).split()[0] for h in heads] == [
        f"S{i + 1}" for i in range(len(heads))
    ]
    assert all(content.plain(h.runs) in said(report.blocks[-1]) for h in heads)


def test_a_report_without_a_supplement_names_none():
    document = read(SECTION.format("a", "<p>All.</p>", ""))
    report, supplement = papers.cut(document)
    assert texts(report.blocks) == ["a", "All."]
    assert supplement.blocks == ()
