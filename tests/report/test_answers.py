"""The report opens with the answer: comparisons first, of how many studies, how sure, by whom."""

import pandas as pd
import pytest

from livingmeta.report import answers
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
