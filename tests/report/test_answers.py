"""The report opens with the answer: comparisons first, of how many studies, how sure, by whom."""

import pandas as pd
import pytest

import made_up_review
from livingmeta import plan, tables
from livingmeta.protocol import complete
from livingmeta.report import answers, other_scales
from livingmeta.words.numbers import Numbers
from made_up_document import parts
from printed_text import Page


@pytest.fixture(scope="module")
def box() -> str:
    page = parts()["page"]
    beginning = page.index('<div class="box">')
    return " ".join(Page(page[beginning : page.index("</div>", beginning)]).prose)


def plain(text: str) -> str:
    return " ".join(text.split())


def test_the_box_answers_with_size_direction_and_certainty(box):
    said = plain(box)
    for part in ("Risk ratio", "in favour of BCG", "How sure", "of 1,000 patients"):
        assert part in said
    assert said.index("Risk ratio") < said.index("records led to")


def test_comparisons_come_before_single_arms():
    page = parts()["page"]
    captions = [page.index(f"<caption>{c}") for c in ("Tuberculosis: BCG against", "Overall")]
    assert captions == sorted(captions)


def test_everybody_who_decided_is_named_once():
    tables = {
        "included": pd.DataFrame({"reviewers": ["AM; BL", "BL; AM"]}),
        "excluded": pd.DataFrame({"reviewers": ["CK", None]}),
        "awaiting": pd.DataFrame({"record_id": ["x"]}),
    }
    assert answers._reviewers(tables) == ["AM", "BL", "CK"]


def test_a_question_is_answered_by_a_synthesis_rather_than_by_one_study():
    page = parts()["page"]
    table = page[page.index("<caption>Overall survival: BCG against no") :]
    rows = table[: table.index("</table>")].split("<tr")[2:]
    assert "os-two" in rows[0]
    assert "os-one" in "".join(rows[1:])


def test_a_pooled_curve_answers_and_stands_among_what_was_found(box):
    said = plain(box)
    course = said[said.index("The course of survival") :]
    assert "One curve across times, pooled by random effects" in course
    assert course.split(";")[0].count("at months") >= 1
    page = parts()["page"]
    table = page[page.index("<caption>Overall survival: BCG</caption>") :]
    assert 'href="#course-os-course"' in table[: table.index("</table>")]


def test_the_answer_tells_few_times_of_a_long_curve_and_none_of_few_studies():
    rows = [{"key": f"course/c/{i}", "few": i > 12} for i in range(1, 16)]
    given = {"arms": ["bcg"], "outcome": "os", "measure": "SURV", "title": "C"}
    protocol = made_up_review.PROTOCOL | {"syntheses": {"c": given}}
    del protocol["published"]
    curve = {"id": "c", "title": "C", "rows": rows, "aside": [{}], "studies": ["s", "t"]}
    numbers = Numbers()
    numbers.add("flow/included-studies", 9, "count", "studies", ["x"], "included")
    numbers.add("course/c/k", 2, "count", "studies", ["x"], "studies")
    studies = pd.DataFrame({"study_id": ["s", "t"], "status": ["included", "awaiting"]})
    found = answers.section(
        [],
        [curve],
        plan.Protocol.of(complete(protocol)),
        {"studies": studies, "searches": pd.DataFrame({"searched_on": []})}
        | {name: tables.empty(f"effects/{name}") for name in ("effects", "unusable", "intervals")}
        | {
            name: tables.empty(f"screening/{name}") for name in ("included", "excluded", "awaiting")
        },
        numbers,
    )
    (question,) = found["led"]
    assert question["curve"] is curve
    assert question["lead"] is None
    assert [row["key"].split("/")[-1] for row in curve["told"]] == ["2", "4", "7", "9", "12"]
    assert curve["waiting"] == 1
    assert numbers.entry("course/c/of")["value"] == 3


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("comparator arm of the one study of or-1y, 40 patients", "study of “Odds at a year”, 40"),
        ("comparator arms of 3 studies of or-1y together, 9 patients", "“Odds at a year” together"),
        ("pooled comparator arms, synthesis or-1y", "synthesis “Odds at a year”"),
        ("comparator arms of 3 studies together, 9 patients", "of 3 studies together, 9 patients"),
        ("stated by the protocol", "stated by the protocol"),
    ],
)
def test_a_baseline_of_another_synthesis_is_told_by_its_title(source, told):
    rows = tables.empty("pooling/absolute")
    values = {"synthesis": "hr", "time": 12.0, "baseline": 0.4, "baseline_source": source}
    values |= {"scale": "per-1000", "estimate": 500.0, "low": 400.0, "high": 600.0}
    rows = pd.DataFrame([values], columns=rows.columns)
    found = other_scales.section(Numbers(), "hr", "HR", rows, [], {"or-1y": "Odds at a year"})
    assert found is not None
    assert told in found["lead"]["source"].striptags()
