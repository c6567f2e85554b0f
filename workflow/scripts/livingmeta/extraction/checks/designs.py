"""Checks of how a study is built, and which checks its design does not let be made. See `run`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from math import isfinite, nan

from livingmeta import tables
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import IN_BOTH, Row, plain

CLUSTER = "cluster"
# Designs that are no parallel arms, as words of the column `design` say them.
_TOLD = {
    CLUSTER: r"\bcluster|group[- ]randomi|community[- ]randomi|stepped[- ]wedge",
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


def as_built(rows: list[Row], about: dict) -> list[Row]:
    """The rows; where patients are in both arms, the SD beside a mean difference is that of their
    differences, which gives its SE, and nothing that the arms are held against."""
    if not in_both(about):
        return rows
    return [replace(r, sd=nan) if r.statistic == "mean-difference" else r for r in rows]


def let_be_made(problem: Problem, about: dict) -> bool:
    """Whether a check reckons rightly for a study of this design."""
    clusters = allocation(about) == CLUSTER
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
    if told != CLUSTER or built:
        yield from _clusters_of_none(built, about)
    given = [r.row for r in rows if r.statistic == "icc"]
    if given and built != CLUSTER:
        yield Problem(
            "warning",
            tuple(given),
            "design",
            "an icc is given, and the study is no cluster trial: it is not used",
            built,
            "cluster in the column allocation, or no icc",
        )
    paired = [r.row for r in rows if _of_pairs(r, rows)]
    if paired and not in_both(about):
        yield Problem(
            "warning",
            tuple(paired),
            "design",
            "a correlation of the values in both arms is given, and no patient of the study is in "
            "both: it is not used",
            built,
            f"{' or '.join(sorted(IN_BOTH))} in the column allocation, or no such correlation: "
            "that of first and later values is of one arm",
        )
    marked = [r.row for r in rows if r.clusters]
    if marked and built != CLUSTER:
        yield Problem(
            "warning",
            tuple(marked),
            "design",
            "numbers are said to account for clusters, and the study is no cluster trial",
            built,
            "cluster in the column allocation, or nothing in the column clusters",
        )


def _clusters_of_none(built: str, about: dict) -> Iterator[Problem]:
    """Numbers of clusters in studies.csv of a study that is said to have none."""
    icc, size = _number(about, "icc"), _number(about, "cluster_size")
    told = {"icc": icc} if icc > 0 else {}
    told |= {"cluster_size": size} if size > 1 else {}
    if told and built != CLUSTER:
        said = ", ".join(f"{name} {plain(value)}" for name, value in told.items())
        yield Problem(
            "warning",
            (),
            "design",
            f"studies.csv gives {said}, and its allocation is {built or 'empty'}: its patients "
            "count as independent",
            said,
            "cluster in the column allocation, or no icc and no cluster_size",
        )


def _of_pairs(row: Row, rows: tuple[Row, ...]) -> bool:
    """Whether a row is the correlation of a patient's two values in two arms, and not itself the
    outcome, which has its patients and nothing else beside it."""
    if row.statistic != "correlation" or "/" not in row.arm:
        return False
    beside = any(r.outcome == row.outcome and r.statistic != "correlation" for r in rows)
    return beside or not isfinite(row.n)


def clusters_within_arms(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """A cluster is no larger on average than an arm, which is made of some."""
    size = _number(about, "cluster_size")
    if allocation(about) != CLUSTER:
        return
    largest: dict[str, Row] = {}
    for r in rows:
        told = r.n > 0 and "/" not in r.arm and r.statistic != "at-risk"
        if told and not (r.arm in largest and largest[r.arm].n >= r.n):
            largest[r.arm] = r
    if smaller := [r for r in largest.values() if r.n < size]:
        said = " and ".join(f"{r.arm} ({plain(r.n)})" for r in smaller)
        yield Problem(
            "warning",
            tuple(r.row for r in smaller),
            "cluster size",
            f"a cluster has {plain(size)} patients on average (cluster_size of studies.csv), more "
            f"than the whole of {said}: the patients of all clusters, or a digit too many?",
            plain(size),
            f"{plain(min(r.n for r in smaller))} or less: the patients of one cluster who count "
            "here",
        )


def _number(about: dict, column: str) -> float:
    said = tables.text(about.get(column))
    try:
        return float(said or nan)
    except ValueError:
        return nan
