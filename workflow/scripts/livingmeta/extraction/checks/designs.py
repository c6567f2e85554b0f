"""Checks of how a study is built, and which checks its design does not let be made. See `run`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import isfinite, nan, sqrt

from livingmeta import tables
from livingmeta.extraction.checks.arms import of
from livingmeta.extraction.checks.beside import spreads, with_columns
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.randomised import CLUSTER, reads_by_lot, told_of
from livingmeta.extraction.rows import IN_BOTH, Row, plain, same_moment
from livingmeta.formulas.time_to_event import critical_value

# Patients before and after something, with no others beside them; arms of as many patients are then
# the same ones. "Controlled", "randomised" and historical controls are arms of other patients.
_BEFORE_AFTER = re.compile(
    r"\b(before[- ](and[- ])?after|pre[-/ ]?(and[- ])?post(?!op|men|nat|par)"
    r"|pre-?test\W+post-?test)",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"(?<!un)(?<!un-)\bcontrolled|\bcontrols?\b(?! for)|random|historical|non-?equivalent"
    r"|two[- ]group|parallel|comparison group",
    re.IGNORECASE,
)
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


def events_of_nobody(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The rows of an outcome whose event a patient may have several times: its events are no share
    of the patients beside them, who were followed for the person-time of the arm."""
    found = []
    for r in rows:
        if r.statistic == "person-time" and not r.n > 0:
            beside_it = (e.n for e in of(rows, "events", r.arm) if same_moment(e.time, r.time))
            r = replace(r, n=next((n for n in beside_it if n > 0), nan))
        found.append(replace(r, n=nan) if r.statistic == "events" else r)
    return tuple(found)


def let_be_made(problem: Problem, about: dict) -> bool:
    """Whether a check reckons rightly for a study of this design."""
    if in_both(about) and problem.check == "ratio against arms":
        # That of pairs is of those who differ, not of the two percentages; others are the same.
        return not problem.message.startswith("odds ratio")
    clusters = allocation(about) == CLUSTER
    return not (clusters or in_both(about)) or problem.check not in _OF_INDEPENDENT


# ASSUME: by what an SE may be above that of the two SDs, for few patients (whose interval is of t)
# and others; SDs of differences below this share of the SDs, and differences above so many of them
# at once, are SEs: those of one patient's two values are less alike, or their difference smaller.
_ABOVE_FEW, _ABOVE, _FEW = 1.4, 1.15, 20
_BELOW, _TIMES = 0.3, 2.0


def sds_of_differences(rows: list[Row], about: dict) -> Iterator[Problem]:
    """The SD of the differences of patients who are in both arms lies between the difference and
    the sum of the SDs of the arms; each printed, or by SE or interval and patients."""
    for r in rows if in_both(about) else []:
        if r.statistic != "mean-difference" or "/" not in r.arm:
            continue
        alike = with_columns(
            tuple(
                x for x in rows if (x.outcome, x.part) == (r.outcome, r.part) and "/" not in x.arm
            )
        )
        means = [
            next((m for m in of(alike, "mean", arm) if same_moment(m.time, r.time)), None)
            for arm in r.arm.split("/")
        ]
        told = spreads(alike)
        sds = [s for m in means for s in [s for s in told if s.centre is m][:1]]
        n = next((x.n for x in (r, *means, *sds) if x and x.n > 0), nan)
        error = r.se
        if r.has_ci and r.ci_low < r.ci_high:
            error = (r.ci_high - r.ci_low) / (2 * critical_value(r.ci_level))
        of_differences, what = (r.sd, "SD") if r.sd > 0 else (error * sqrt(n), "SE")
        if len(sds) != 2 or not of_differences > 0:
            continue
        # Those that SEs or intervals stand for are of few digits.
        printed = all(s.kind == "sd" for s in sds)
        least = abs(sds[0].size - sds[1].size) if printed else 0.0
        most = sds[0].size + sds[1].size
        above = _ABOVE_FEW if n < _FEW or not printed else _ABOVE
        small = of_differences < _BELOW * min(s.size for s in sds)
        narrow = small and abs(r.value) > _TIMES * of_differences
        if of_differences > above * most or of_differences < least / above or narrow:
            yield Problem(
                "warning",
                (r.row, *(s.row.row for s in sds)),
                "SD of differences",
                f"{what} of the difference is of an SD of {of_differences:.3g} of the patients' "
                f"differences, and their SDs in the arms are {sds[0].size:.4g} and "
                f"{sds[1].size:.4g}: an SE typed as SD, or an SD as SE?",
                f"{of_differences:.3g}",
                f"{least:.3g} to {most:.3g}",
            )


def design(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """Words that tell of clusters or of patients in both arms, and an allocation that does not; and
    words of which it is not clear whether the arms were drawn by lot."""
    built = allocation(about)
    words = tables.text(about.get("design"))
    compared = len({r.arm for r in rows if "/" not in r.arm}) > 1 or any("/" in r.arm for r in rows)
    untold = compared and not tables.text(about.get("comparability"))
    if untold and reads_by_lot(words) == "unclear":
        yield Problem(
            "warning",
            (),
            "design",
            f"the design is told as {words!r}: were the arms that are compared here drawn by lot? "
            "Until it is said they count as not randomised",
            words,
            "randomised, or how else they were made comparable, in the column comparability",
        )
    told = told_of(words).replace("parallel", "")
    told = told or ("paired" if _same_before_and_after(words, rows) else "")
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


def _same_before_and_after(words: str, rows: tuple[Row, ...]) -> bool:
    """Whether the two arms of a study are likely the same patients before and after."""
    if not _BEFORE_AFTER.search(words) or _OF_OTHERS.search(words):
        return False
    pairs = list(_two_arms(rows))
    return bool(pairs) and all(a.n == b.n for a, b in pairs)


def _two_arms(rows: tuple[Row, ...]) -> Iterator[tuple[Row, Row]]:
    """Of each outcome with two arms of all patients the row of each that has most patients."""
    found: dict[str, dict[str, Row]] = {}
    for r in rows:
        single = r.arm and "/" not in r.arm and r.statistic != "at-risk" and not r.part
        if single and r.n > 0:
            of_it = found.setdefault(r.outcome, {})
            if r.arm not in of_it or r.n > of_it[r.arm].n:
                of_it[r.arm] = r
    for of_it in found.values():
        if len(of_it) == 2:
            first, second = of_it.values()
            yield first, second


def sequences_as_arms(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """Every patient of a crossover trial is in both arms, so these do not add up to its patients:
    those who began with each treatment do."""
    total = number(about, "n")
    if allocation(about) != "crossover":
        return
    for a, b in _two_arms(rows):
        if a.n + b.n == total and min(a.n, b.n) > 1:
            yield Problem(
                "warning",
                (a.row, b.row),
                "patients of a crossover",
                f"{a.arm} and {b.arm} of {a.outcome} add up to the patients of the study, each of "
                "whom is in both arms: are these the patients of each sequence?",
                f"{plain(a.n)} and {plain(b.n)}",
                f"about {plain(total)} in each, or no crossover in the column allocation where the "
                "first period alone counts",
            )
            return


# ASSUME: a design effect below this leaves patients who were merely lost as likely as divided ones.
_LEAST_EFFECT = 1.2


def divided_twice(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """Patients of a cluster trial that are those of the study over its design effect: an effective
    sample, which would be divided by it a second time."""
    total, icc, size = (number(about, name) for name in ("n", "icc", "cluster_size"))
    effect = 1 + (size - 1) * icc
    if allocation(about) != CLUSTER or not effect > _LEAST_EFFECT:
        return
    for a, b in _two_arms(rows):
        # Each was rounded.
        if abs(a.n + b.n - total / effect) <= 1 and not (a.clusters or b.clusters):
            yield Problem(
                "warning",
                (a.row, b.row),
                "clusters accounted for twice",
                f"{a.arm} and {b.arm} of {a.outcome} are the patients of the study over the design "
                f"effect {effect:.4g} of its icc and cluster_size, and are divided by it again: "
                "were they divided by hand?",
                f"{plain(a.n)} and {plain(b.n)}",
                "the patients as they were, or adjusted in the column clusters",
            )
            return


def _clusters_of_none(built: str, about: dict) -> Iterator[Problem]:
    """Numbers of clusters in studies.csv of a study that is said to have none."""
    icc, size = number(about, "icc"), number(about, "cluster_size")
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
    others = any(r.outcome == row.outcome and r.statistic != "correlation" for r in rows)
    return others or not isfinite(row.n)


def clusters_within_arms(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """A cluster is no larger on average than an arm, which is made of some."""
    size = number(about, "cluster_size")
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


def number(about: Mapping, column: str) -> float:
    """A cell of a study's row of studies.csv, NaN where it is no number."""
    said = tables.text(about.get(column))
    try:
        return float(said or nan)
    except ValueError:
        return nan


# ASSUME: two values of one patient are seldom less alike than this; few patients may be so by
# chance, and a change runs against the first value by about so much.
_AGAINST = -0.3


def values_against_each_other(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """A correlation of a patient's two values, in studies.csv or of two arms that each patient is
    in, that is clearly below nought: its sign, or that of the change and the first value."""
    found: list[tuple[float, tuple[int, ...]]] = [(number(about, "correlation"), ())]
    if in_both(about):
        found += [
            (r.value, (r.row,)) for r in rows if r.statistic == "correlation" and "/" in r.arm
        ]
    for value, where in found:
        if value < _AGAINST:
            yield Problem(
                "warning",
                where,
                "correlation of two values",
                "the correlation of a patient's two values is below nought: is its sign one too "
                "many, or is it that of the change and the first value?",
                f"{value:g}",
                f"above nought as a rule, such as {-value:g}",
            )
