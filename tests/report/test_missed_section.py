"""What the searches may have missed, as the page says it."""

import re

import pandas as pd
import pytest

from livingmeta import tables
from livingmeta.formulas.capture_recapture import two_sources
from livingmeta.report import strategies
from livingmeta.report.page import page
from livingmeta.words.numbers import Numbers

ALONE = """{% import "macros.jinja" as macros with context %}{% set table = macros.table %}
{% include "missed.jinja" %}"""


def pair(first, second, counts=(), reason=""):
    row = {"first": first, "second": second, "reason": reason}
    if counts:
        size = two_sources(*counts)
        row |= dict(zip(("n_first", "n_second", "both"), counts, strict=True))
        row |= {"found": size.known, "elsewhere": 4, "missed": size.estimate - size.known}
        row |= {"estimate": size.estimate, "ci_low": size.ci_low, "ci_high": size.ci_high}
        row |= {"missed_low": size.ci_low - size.known, "missed_high": size.ci_high - size.known}
    return row


@pytest.mark.parametrize(
    ("rows", "said", "unsaid"),
    [
        (
            [pair("Embase", "PubMed", (40, 30, 20)), pair("Scopus", "", reason="by-difference")],
            ["Embase found 40 and PubMed 30 of them, 20 both: some 60 relevant reports in all "
             "(95% confidence interval 54 to 76)",
             "neither of the two found 10 (4 to 26); other sources found 4 such",
             "likely too low",
             "No estimate of Scopus: its exports hold only what was new to the review."],
            "cannot be estimated",
        ),
        (
            [pair("A", "B", (40, 30, 20)), pair("A", "C", (30, 30, 10)),
             pair("B", "C", reason="few-in-common")],
            ["A and B 40 30 20 4", "No estimate of B and C: fewer than seven included"],
            "of them, 20 both",
        ),
        (
            [pair("Embase", "PubMed", reason="one-within-other")],
            ["How many relevant reports the searches missed cannot be estimated. No estimate of "
             "Embase and PubMed: one found every included report that the other found."],
            "likely too low",
        ),
    ],
)  # fmt: skip
def test_the_searches_section_says_what_was_missed_or_why_nobody_can_tell(rows, said, unsaid):
    table = pd.DataFrame(rows, columns=tables.columns("screening/missed_reports"))
    numbers = Numbers()
    values = {"missed": strategies.missed(table, numbers), "cite": lambda keys: ""}
    html = page._environment(numbers).from_string(ALONE).render(values)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("–", " to ")
    text = re.sub(r" +([,.;:)])", r"\1", re.sub(r"\( +", "(", re.sub(r" +", " ", text)))
    for words in said:
        assert words in text, text
    assert unsaid not in text
