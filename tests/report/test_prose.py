"""Texts of people in the report: their numbers follow the data, and nothing they hold gets through
as anything but text."""

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from livingmeta import tables
from livingmeta.errors import InputError
from livingmeta.living import to_settle
from livingmeta.prose import markdown, texts
from livingmeta.report import body, table_numbers
from livingmeta.report.content import Heading, Items, plain
from livingmeta.report.page.page import render
from livingmeta.report.prose import drafts, sections, slots, typed
from livingmeta.words import ids
from livingmeta.words.numbers import Numbers
from made_up_document import parts
from made_up_review import FLOW, made_up_tables, protocol


def brought(tmp_path, **files):
    """Files of data/raw/prose by their names, with `_` for the dot where there is no ending."""
    folder = tmp_path / "data" / "raw" / "prose"
    folder.mkdir(parents=True, exist_ok=True)
    for name, said in files.items():
        path = folder / (name if "." in name else f"{name}.md")
        path.write_bytes(said if isinstance(said, bytes) else said.encode())
    return [str(path) for path in sorted(folder.rglob("*")) if path.is_file()]


NO_MODELS = tables.empty("pooling/pooled")
MODELS = pd.DataFrame(
    [
        {"synthesis": "os", "model": "REML", "primary": True, "subgroup": ""},
        {"synthesis": "os", "model": "FE wald", "primary": False, "subgroup": ""},
        {"synthesis": "os", "model": "FE wald", "primary": False, "subgroup": "site=lung"},
    ]
)


def registered():
    numbers = Numbers()
    numbers.add("os/reml/estimate", 0.712, "ratio")
    numbers.add("os/reml/ci", (0.351, 0.944), "ratio")
    numbers.add("os/k", 7, "count")
    numbers.add("flow/records", 1234, "count")
    numbers.add("os/share", 0.7184, "proportion")
    numbers.add("os/fe-wald/estimate", 0.655, "ratio")
    numbers.add("os/pi", (0.2, None), "ratio")
    numbers.add("os/rail/0/because", 3, "count")
    numbers.add("os/history/year/2012/k", 5, "count")
    numbers.add("os/fe-wald/site=lung/estimate", 0.551, "ratio")
    numbers.add("os/study/17/2/estimate", 0.662, "ratio")
    numbers.add("studies/17/n", 105, "count")
    numbers.add("2024/k", 8, "count")
    numbers.add("os/predicted/dose/40/estimate", 0.834, "ratio")
    numbers.add("os/unusable/17/0", 3, "count")
    return numbers


def cite(keys):
    return Markup("[{}]").format(", ".join(keys))


def page(written, known=("Kim-2021",)):
    return sections.filled(written, registered(), cite, known)


def test_a_slot_prints_the_number_and_keeps_its_id(tmp_path):
    files = brought(tmp_path, abstract="HR {{os/reml/estimate}} ({{ os/reml/ci }}).")
    html = page(texts.read(files))["abstract"]
    assert '<span class="num" data-id="os/reml/estimate">0.71</span>' in html
    assert '<span class="num" data-id="os/reml/ci">0.35 to 0.94</span>' in html


def test_every_unknown_id_and_key_is_told_with_file_line_and_what_is_near(tmp_path):
    said = "One.\n\nTwo {{os/reml/estimat}}\nand [@Kim-2012; @Kim-2021] {{total/records}}."
    with pytest.raises(InputError) as error:
        page(texts.read(brought(tmp_path, discussion=said, funding="{{x}}")))
    first, second, third, fourth = error.value.problems
    assert first.startswith("data/raw/prose/discussion.md, line 3: {{os/reml/estimat}} is no")
    assert "near it: os/reml/estimate" in first
    assert second.startswith("data/raw/prose/discussion.md, line 4: [@Kim-2012] is no")
    assert "near it: Kim-2021" in second
    assert "flow/records" in third
    assert fourth.startswith("data/raw/prose/funding.md, line 1")


HOSTILE = [
    ("<b>x</b>", "HTML"),
    ("a <script>alert(1)</script>", "HTML"),
    ("<!-- x --> <b>", "HTML"),
    ("<div>\nx\n</div>", "HTML"),
    ("![x](https://example.org/x.png)", "picture"),
    ("[x](javascript:alert(1))", "https"),
    ("[x](data:text/html,x)", "https"),
    ("[x](//example.org)", "https"),
    ("[x]: javascript:alert(1)", "https"),
    ("Words.\n\n[x]: https://example.org", "a link is written"),
    ("from 50*10^9/L to 100*10^9/L", "within a word"),
    ("{{}} of them", "names no number"),
    ("as told [@ ]", "names a work"),
    ("as told [@kim;]", "names a work"),
    ("as told [see @kim]", "words stand outside"),
    ("[{{os/k}}](https://example.org)", "no link"),
    ("the difference was\n- 0.3 to 0.5", "a minus"),
    ("<javascript:alert(1)>", "https"),
    ("```\nx\n```", "code"),
    ("    x", "code"),
    ("> x", "quotation"),
    ("a\n\n---\n\nb", "rule"),
    ("| a | b |\n|---|---|\n| 1 | 2 |", "table"),
    ("~~x~~", "struck"),
    ("a[^1]", "footnote"),
    ("- a\n  - b", "one paragraph"),
    ("- a\n\n  b", "one paragraph"),
    ("3. a", "begins with 1"),
    ("#### x", "headings"),
    ("{{os/k", "{{its-id}}"),
    ("os/k}}", "{{its-id}}"),
    ("# X\n\na\n\n# X", "line 3 already"),
]


@pytest.mark.parametrize(("said", "told"), HOSTILE)
def test_what_a_report_cannot_set_is_told_with_its_line(tmp_path, said, told):
    with pytest.raises(InputError) as error:
        texts.read(brought(tmp_path, discussion=f"Begin.\n\n{said}\n"))
    assert len(error.value.problems) == 1, error.value.problems
    assert re.match(r"data/raw/prose/discussion\.md, line \d+: ", error.value.problems[0])
    assert told in error.value.problems[0]


@given(st.text(alphabet="ab1 <>&\"'`*_[](){}#-!\\\n|~@:/;", max_size=60))
def test_no_text_becomes_an_element_that_is_not_ours_or_breaks_the_report(said):
    blocks, faults = markdown.read(said)
    if faults or not blocks:
        return
    written = {"discussion": texts.Text("discussion", "discussion.md", blocks)}
    try:
        html = page(written, known=())["discussion"]
    except InputError:
        return
    ours = {"p", "h3", "h4", "ul", "ol", "li", "em", "strong", "code", "br", "a", "span"}
    assert set(re.findall(r"<([a-z0-9]+)", html)) <= ours
    assert all(re.match("https?://", to) for to in re.findall(r'href="([^"]*)"', html))
    section = f'<section id="discussion"><h2>Discussion</h2>{html}</section>'
    body.read("<h1>x</h1>", section, registered().as_list())  # a block for everything


def test_a_comment_of_the_authors_is_passed_over(tmp_path):
    said = "<!-- to do -->\n\nSaid <!-- by\nwhom? --> so."
    html = page(texts.read(brought(tmp_path, discussion=said)))["discussion"]
    assert html == "<p data-raw>Said  so.</p>"


def test_looks_lists_links_and_headings_reach_word_and_pdf(tmp_path):
    said = (
        "# Discussion\n\n*One* **two *three*** `four` [five](https://example.org/?a=1&b=2)\\\nsix\n\n"
        "## Implications for practice\n\n- seven\n- eight {{os/k}}\n\n1. nine\n\n### Deep\n\nten"
    )
    html = page(texts.read(brought(tmp_path, discussion=said)))["discussion"]
    section = f'<section id="discussion"><h2>Discussion</h2>{html}</section>'
    read = body.read("<h1>x</h1>", section, registered().as_list())
    headings = [(b.level, plain(b.runs), b.anchor) for b in read.main if isinstance(b, Heading)]
    assert headings == [
        (1, "Discussion", "discussion"),
        (2, "Implications for practice", "discussion-implications-for-practice"),
        (3, "Deep", "discussion-deep"),
    ]
    lists = [[plain(item) for item in b.items] for b in read.main if isinstance(b, Items)]
    assert lists == [["seven", "eight 7"], ["nine"]]
    runs = {run.text: run for run in read.main[1].runs}
    assert runs["One"].look == "em"
    assert runs["three"].look == "em"
    assert runs["five"].href == "https://example.org/?a=1&b=2"
    assert "\n" in runs


def test_unknown_files_are_told_at_once_and_reader_notes_are_left(tmp_path):
    files = brought(
        tmp_path,
        **{"Discusion.md": "x", "notes.docx": "x", "README.md": "# Any", "references.ris": ""},
    )
    with pytest.raises(InputError) as error:
        texts.read(files)
    assert len(error.value.problems) == 2
    assert "Perhaps discussion.md was meant" in error.value.problems[0]
    assert texts.read([f for f in files if "README" in f or "references" in f]) == {}


def test_a_text_that_is_not_utf_8_is_told_by_its_line(tmp_path):
    with pytest.raises(InputError, match=r"funding\.md, line 2: not UTF-8"):
        texts.read(brought(tmp_path, funding=b"One\nM\xfcller"))


def test_sections_come_in_the_order_of_a_paper_whatever_the_files_order(tmp_path):
    files = brought(tmp_path, **dict.fromkeys(texts.SECTIONS, "x"))
    assert list(texts.read(reversed(files))) == list(texts.SECTIONS)


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        ("It was 0.71 and 71.8%.", [("0.71", "os/reml/estimate"), ("71.8%", "os/share")]),
        ("From 0.35 to 0.94.", [("0.35", "os/reml/ci"), ("0.94", "os/reml/ci")]),
        ("Of 1,234 records.", [("1,234", "flow/records")]),
        ("In 7 studies of 2021, [@Kim-0.71].", []),
        ("{{os/reml/estimate}} and `0.71`.", []),
        ("It was 0.72.", []),
        ("It was 0·71 and 71,8 %.", [("0·71", "os/reml/estimate"), ("71,8 %", "os/share")]),
        ("It was 0.71,12 and 0.71,3.", [("0.71", "os/reml/estimate")] * 2),
        ("Of 71,85 and 1,234,5 or 0,71,3.", []),
        ("HR {os/reml/estimate}, {one} and {x}.", [("{os/reml/estimate}", "os/reml/estimate")]),
    ],
)
def test_a_number_typed_by_hand_that_the_data_give_is_found(tmp_path, said, rows):
    written = texts.read(brought(tmp_path, discussion=f"x\n\n{said}"))
    found = typed.found(written, registered().as_list(), NO_MODELS)
    assert [(row["typed"], row["numbers"]) for row in found] == rows
    assert {row["line"] for row in found} <= {3}


def test_a_slot_of_the_result_follows_it_whatever_model_it_becomes(tmp_path):
    written = texts.read(brought(tmp_path, abstract="HR {{os/result/estimate}}."))
    for of_it, said in ((MODELS, "0.71"), (MODELS.assign(primary=[False, True, False]), "0.66")):
        of_result = slots.results(of_it)
        html = sections.filled(written, registered(), cite, [], of_result)["abstract"]
        assert f">{said}</span>" in html
        assert f'data-id="{of_result["os/result"]}/estimate"' in html
        assert not typed.found(written, registered().as_list(), of_it)


def test_a_slot_of_a_model_that_is_not_the_result_is_told(tmp_path):
    said = "HR {{os/fe-wald/estimate}}, not {{os/reml/estimate}}."
    written = texts.read(brought(tmp_path, abstract=said))
    (row,) = typed.found(written, registered().as_list(), MODELS)
    assert (row["typed"], row["numbers"]) == ("{{os/fe-wald/estimate}}", "os/result/estimate")


@pytest.mark.parametrize(
    ("slot", "told"),
    [
        ("os/pi", "has no value now"),
        ("os/rail/0/because", "counts a row of a table"),
        ("os/unusable/17/0", "counts a row of a table"),
        ("os/result/site=bone/estimate", "is no number of the report"),
        ("os/result/nothing", "is no number of the report"),
        ("other/result/estimate", "is no number of the report"),
    ],
)
def test_a_slot_that_would_print_nothing_or_another_number_is_refused(tmp_path, slot, told):
    written = texts.read(brought(tmp_path, abstract=f"HR {{{{{slot}}}}}."))
    with pytest.raises(InputError, match=told) as error:
        sections.filled(written, registered(), cite, [], slots.results(MODELS))
    assert "os/rail/0" not in str(error.value).partition("near it")[2]


def test_a_slot_can_be_the_result_of_a_subgroup_whatever_model_it_has(tmp_path):
    written = texts.read(brought(tmp_path, abstract="HR {{os/result/site=lung/estimate}}."))
    html = sections.filled(written, registered(), cite, [], slots.results(MODELS))["abstract"]
    assert '<span class="num" data-id="os/fe-wald/site=lung/estimate">0.55</span>' in html
    other = MODELS.tail(1).assign(model="REML")
    assert "os/result/site=lung" not in slots.results(pd.concat([MODELS, other]))


@pytest.mark.parametrize(
    ("slot", "said"),
    [
        ("os/history/year/2012/k", "5"),
        ("os/study/17/2/estimate", "0.66"),
        ("studies/17/n", "105"),
        ("2024/k", "8"),
        ("os/predicted/dose/40/estimate", "0.83"),
    ],
)
def test_a_name_that_is_a_whole_number_is_no_place(tmp_path, slot, said):
    written = texts.read(brought(tmp_path, abstract=f"{{{{{slot}}}}}"))
    assert f">{said}<" in page(written)["abstract"]


def test_numbers_of_tests_are_named_by_what_is_tested_and_can_be_cited(tmp_path):
    rows = [
        {"synthesis": "os", "test": "Egger", "p_value": 0.031, "measure": "HR"},
        {"synthesis": "os", "test": "trim and fill, L0", "p_value": 0.5, "measure": "HR"},
    ]
    numbers, less = registered(), registered()
    of_it = table_numbers.OF_SMALL_STUDY
    table_numbers.tests(numbers, [dict(row) for row in rows], "small-study", of_it, ["os/k"])
    table_numbers.tests(less, [dict(row) for row in rows[:1]], "small-study", of_it, ["os/k"])
    written = texts.read(brought(tmp_path, discussion="p = {{os/small-study/egger/p}}."))
    for some in (numbers, less):
        assert ">0.031<" in sections.filled(written, some, cite, [])["discussion"]
    assert "os/small-study/trim-and-fill-l0/p" in numbers


def test_tests_that_are_one_as_ids_are_told_apart_by_place_and_cannot_be_cited():
    row = {"synthesis": "os", "analysis": "meta-regression", "moderator": "dose", "term": "a b"}
    assert ids.tests("moderators", [row, row | {"term": ""}]) == [
        "os/moderators/meta-regression/dose/a-b",
        "os/moderators/meta-regression/dose",
    ]
    alike = ids.tests("moderators", [row, row | {"term": "a-b"}])
    assert len(set(alike)) == 2
    assert all(slots.is_place(f"{id_}/p") for id_ in alike)


def test_a_reason_in_a_table_is_set_as_its_text_is(tmp_path):
    known = ("Kim-2021",)
    said = "*Few* report at **one** [year](https://example.org) ({{os/k}}), [@Kim-2021] <b>."
    assert sections.line("a <b>", registered(), cite, known) == "a &lt;b&gt;"
    html = sections.line(said.replace(" <b>", ""), registered(), cite, known)
    assert html == (
        "<em>Few</em> report at <strong>one</strong> "
        '<a href="https://example.org" rel="noopener noreferrer">year</a> '
        '(<span class="num" data-id="os/k">7</span>), [Kim-2021].'
    )
    assert sections.line("- one - `two`", registered(), cite, known) == "one - <code>two</code>"
    for unknown in (said, "{{os/none}} *a*", "[@Nobody] *a*"):
        assert sections.line(unknown, registered(), cite, known) == escape(unknown)


def test_the_level_of_an_interval_is_no_result_typed_by_hand(tmp_path):
    numbers = registered()
    numbers.add("os/other", 0.95, "percentage-as-printed")
    written = texts.read(brought(tmp_path, discussion="A 95% CI, 95% confidence; 95% lived."))
    assert [row["typed"] for row in typed.found(written, numbers.as_list(), NO_MODELS)] == ["95%"]


def test_items_of_checklists_are_no_numbers_of_the_report():
    asked = protocol()
    found = made_up_tables(asked)
    owed = {"PRISMA 2020": ["3", "20a"]}
    found["to_settle"] = to_settle.everything(found, [], {}, {}, owed)
    html, numbers, *_ = render(asked, found, FLOW, {})
    assert "<span data-raw>PRISMA 2020, items 3, 20a</span>" in html
    assert not [e for e in numbers if e["id"].startswith("to-settle/reporting-owed/")]


def test_drafts_can_be_taken_over_as_they_stand(tmp_path):
    made = parts()
    said = drafts.text(made["asked"], made["tables"], made["numbers"])
    assert "**Included studies.** Of {{flow/records}} records" in said
    assert "/estimate}} (95% confidence interval {{" in said
    written = texts.read(brought(tmp_path, abstract=said))
    of_result = slots.results(made["tables"]["pooled"])
    html = sections.filled(written, Numbers.of(made["numbers"]), cite, [], of_result)["abstract"]
    assert html.count('class="num"') == said.count("{{")
    assert not typed.found(written, made["numbers"], made["tables"]["pooled"])
    assert "/result/estimate}}" in said
    alone = made["tables"] | {"pooled": made["tables"]["pooled"].assign(k=1)}
    pooled = re.search(r"\*\*Synthesis\.\*\* (.*)", said)
    assert pooled
    assert pooled[1] not in drafts.text(made["asked"], alone, made["numbers"])
    # Only people know these.
    for name in drafts.OWED:
        assert f"**{name}.** (" in said
