"""What a report leaves open and only a person can look up."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, log

from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.reworded import LOGARITHMS, TURNED
from livingmeta.extraction.rows import RATIOS, Row


def se_of_what(rows: tuple[Row, ...]) -> Iterator[Problem]:
    """An SE beside a ratio far from 1 that neither a CI, an exact p nor events tell to be of the
    ratio or of its logarithm: effects take it as of the logarithm until somebody knows."""
    counted = any(r.statistic == "events" for r in rows)
    for r in rows:
        told = r.has_ci or r.logarithm or bool(r.p and r.p.exact)
        if r.statistic not in RATIOS or told or not r.value > 0 or abs(log(r.value)) < 0.05:
            continue
        if r.statistic == "hazard-ratio" and counted:
            continue
        arms = set(r.arm.split("/"))
        beside = [o for o in rows if o.statistic == "se" and set(o.arm.split("/")) == arms]
        own = isfinite(r.se)
        if not own and not beside:
            continue
        value, where = (r.se, (r.row,)) if own else (beside[0].value, (r.row, beside[0].row))
        kind = r.statistic.replace("-", " ")
        own_statistic = ""
        if (logarithm := f"log-{r.statistic}") in LOGARITHMS:
            own_statistic = (
                f"; if it is of the {kind}, the statistic {logarithm} with SE {value / r.value:.3g}"
            )
        yield Problem(
            "warning",
            where,
            "SE of what",
            f"the SE beside the {kind} {r.value:g} may be of it or of its logarithm, and nothing "
            "else tells; it is taken as of the logarithm",
            f"{value:g}",
            f"a CI or p{own_statistic}",
        )


def scale_of_some_rows(rows: tuple[Row, ...]) -> Iterator[Problem]:
    """A scale that is marked reversed at one time and not at another, or in a row without a time
    only: one scale runs one way. (Rows of one time are refused where they are read.)"""
    on_scale = [r for r in rows if r.statistic in TURNED and isfinite(r.value)]
    turned = [r for r in on_scale if r.direction]
    plain = [r for r in on_scale if not r.direction]
    if not turned or not plain:
        return
    yield Problem(
        "warning",
        tuple(r.row for r in (*turned, *plain)),
        "direction of the scale",
        f"{turned[0].statistic} of {turned[0].arm} (row {turned[0].row}) is marked reversed, "
        f"{plain[0].statistic} of {plain[0].arm} (row {plain[0].row}) is not: two scales?",
        "reversed in some rows",
        "in every row of the scale, or in none",
    )
