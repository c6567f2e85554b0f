"""Checks across the outcomes of one study. See `checks`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite

from livingmeta.effects.printed import Row
from livingmeta.extraction.checks_arms import arms, of
from livingmeta.extraction.problem import Problem
from livingmeta.extraction.rounding import half_unit

# Outcomes whose event includes death, by what trials call them.
COMPOSITE = re.compile(
    r"^(progression|disease|recurrence|relapse|event|failure)-free(-survival)?$|^(pfs|dfs|rfs|efs)$"
)
OVERALL = re.compile(r"^(overall-survival|os)$")


def sizes(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """Patients in the arms: the same throughout an outcome, and together no more than the study."""
    largest: dict[str, Row] = {}
    for outcome in dict.fromkeys(r.outcome for r in rows):
        for arm in arms(rows):
            numbered = [
                r
                for r in rows
                if r.outcome == outcome and r.arm == arm and r.n > 0 and r.statistic != "at-risk"
            ]
            if not numbered:
                continue
            largest[arm] = max(
                [*numbered, *([largest[arm]] if arm in largest else [])], key=lambda r: r.n
            )
            few, many = (pick(numbered, key=lambda r: r.n) for pick in (min, max))
            if many.n > 3 * few.n and few.n > 0:
                yield Problem(
                    "warning",
                    (few.row, many.row),
                    "patients",
                    f"n of {arm} differs widely within {outcome}",
                    f"{many.n:g}",
                    f"{few.n:g}?",
                )
    total = about.get("n")
    try:
        total = float(total)
    except (TypeError, ValueError):
        return
    for arm, r in largest.items():
        if not (isfinite(total) and r.n > total):
            continue
        if r.statistic in ("survival", "median"):
            yield Problem(
                *("error", (r.row,), "patients"),
                f"more patients in {arm} than in the whole study",
                *(f"{r.n:g}", f"{total:g} or less"),
            )
        else:
            yield Problem(
                *("note", (r.row,), "patients"),
                f"n of {arm} is above the patients of the study: lesions or procedures?",
                *(f"{r.n:g}", f"{total:g} patients"),
            )


def progression_before_death(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """Progression-free survival is never above overall survival, nor its median later."""
    overall = tuple(r for r in rows if OVERALL.search(r.outcome))
    composite = tuple(r for r in rows if COMPOSITE.search(r.outcome))
    for p in composite:
        if p.statistic not in ("survival", "median") or not isfinite(p.value):
            continue
        for o in of(overall, p.statistic, p.arm):
            same = p.statistic == "median" or o.time == p.time
            if same and p.value - half_unit(p.value) > o.value + half_unit(o.value):
                yield Problem(
                    "error",
                    (o.row, p.row),
                    "progression after death",
                    f"{p.outcome} of {p.arm} has a {p.statistic} above that of {o.outcome}",
                    f"{p.value:.6g}",
                    f"{o.value:.6g} or less",
                )


def beyond_follow_up(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """Nothing is known after the longest follow-up."""
    for longest in of(rows, "maximum-followup"):
        for r in rows:
            if r.outcome != longest.outcome or longest.arm not in (r.arm, "all", ""):
                continue
            when = r.value if r.statistic == "median" else r.time
            if r.statistic in ("median", "survival") and when > 1.03 * longest.value:
                yield Problem(
                    "error",
                    (longest.row, r.row),
                    "beyond follow-up",
                    f"{r.statistic} of {r.arm} at {when:.4g}, after the longest follow-up",
                    f"{when:.4g}",
                    f"{longest.value:.4g} or less",
                )
