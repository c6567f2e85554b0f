"""Checks of how a study is built, and which checks its design does not let be made. See `run`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from livingmeta import tables
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import IN_BOTH, Row

# Designs that are no parallel arms, as words of the column `design` say them.
_TOLD = {
    "cluster": r"\bcluster|group[- ]randomi|community[- ]randomi|stepped[- ]wedge",
    "crossover": r"\bcross(ed)?[- ]?over",
    "paired": r"split[- ](mouth|face|body)|within[- ](person|patient)|contralateral",
}
# Checks that reckon with patients who are independent, each in one arm.
_OF_INDEPENDENT = {
    "interval against events",
    "interval against counts",
    "interval against n",
    "p against counts",
    "p against events",
    "p against means",
    "p against survival",
    "p against hazard ratio",
    "SE against the rest",
    "difference against SDs",
}


def allocation(about: dict) -> str:
    """How a study's patients were allotted, by its row of studies.csv."""
    return tables.text(about.get("allocation")).strip().casefold()


def in_both(about: dict) -> bool:
    """Whether the patients of a study are in both arms."""
    return allocation(about) in IN_BOTH


def let_be_made(problem: Problem, about: dict) -> bool:
    """Whether a check reckons rightly for a study of this design."""
    clusters = allocation(about) == "cluster"
    return not (clusters or in_both(about)) or problem.check not in _OF_INDEPENDENT


def design(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """Words that tell of clusters or of patients in both arms, and an allocation that does not."""
    built = allocation(about)
    words = tables.text(about.get("design"))
    told = next((x for x, form in _TOLD.items() if re.search(form, words, re.IGNORECASE)), "")
    if told and not built:
        yield Problem(
            "warning",
            (),
            "design",
            f"the design is told as {words!r}, and nothing in the column allocation: its effects "
            "are taken as of parallel arms",
            words,
            f"{told} in the column allocation",
        )
    given = [r.row for r in rows if r.statistic == "icc"]
    if given and built != "cluster":
        yield Problem(
            "warning",
            tuple(given),
            "design",
            "an icc is given, and the study is no cluster trial: it is not used",
            built,
            "cluster in the column allocation, or no icc",
        )
    marked = [r.row for r in rows if r.clusters]
    if marked and built != "cluster":
        yield Problem(
            "warning",
            tuple(marked),
            "design",
            "numbers are said to account for clusters, and the study is no cluster trial",
            built,
            "cluster in the column allocation, or nothing in the column clusters",
        )
