"""Checks of differences against the numbers of their two arms. See `run`."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, sqrt

from scipy.special import stdtrit

from livingmeta.extraction.checks.arms import Rows, of
from livingmeta.extraction.checks.contrasts import contrasts
from livingmeta.extraction.checks.p_against import CRUDE
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import Row, same_time
from livingmeta.formulas import time_to_event as tte
from livingmeta.formulas.rounding import half_unit


def difference_against_means(rows: Rows) -> Iterator[Problem]:
    """A mean difference and its interval against the means and SDs of the arms."""
    for r in contrasts(rows, {"mean-difference"}):
        sides = []
        for arm in r.arm.split("/"):
            if mean := _at(of(rows, "mean", arm), r):
                sides.append((mean, _at(of(rows, "sd", arm), r)))
        if len(sides) != 2 or r.adjusted not in ("no", "randomised", ""):
            continue
        (m1, sd1), (m2, sd2) = sides
        slack = half_unit(r.value) + half_unit(m1.value) + half_unit(m2.value)
        if abs(m1.value - m2.value - r.value) > 1.01 * slack:
            yield Problem(
                "error",
                (r.row, m1.row, m2.row),
                "difference against means",
                "mean difference is not that of the two means",
                f"{r.value:.6g}",
                f"{m1.value - m2.value:.6g}",
            )
        if r.has_ci and sd1 and sd2 and m1.n > 0 and m2.n > 0:
            implied = sqrt(sd1.value**2 / m1.n + sd2.value**2 / m2.n)
            df = max(m1.n + m2.n - 2, 1.0)
            pooled = ((m1.n - 1) * sd1.value**2 + (m2.n - 1) * sd2.value**2) / df
            other = sqrt(pooled * (1 / m1.n + 1 / m2.n))
            # A model with the baseline in it narrows; Welch's test has fewer degrees of freedom.
            wider = float(stdtrit(max(min(m1.n, m2.n) - 1, 1.0), 0.5 + r.ci_level / 2))
            wider *= 1.12 / tte.critical_value(r.ci_level)
            se = (r.ci_high - r.ci_low) / (2 * tte.critical_value(r.ci_level))
            half = half_unit(r.ci_low, r.ci_high) / tte.critical_value(r.ci_level)
            low, high = sorted((implied, other))
            if implied > 0 and not (0.75 * low < se + half and se - half < wider * high):
                yield Problem(
                    "warning",
                    (r.row, sd1.row, sd2.row),
                    "difference against SDs",
                    "interval of the mean difference does not follow from SDs and n: "
                    "SE entered as SD, or another level?",
                    f"SE {se:.4g}",
                    f"SE {implied:.4g}",
                )


def restricted_means(rows: Rows) -> Iterator[Problem]:
    """A crude difference of restricted means is that of the two."""
    for r in contrasts(rows, {"rmst-difference"}):
        sides = [_at(of(rows, "rmst", arm), r) for arm in r.arm.split("/")]
        if r.adjusted not in CRUDE or not all(sides):
            continue
        a, b = (side for side in sides if side)
        half = half_unit(r.value) + half_unit(a.value) + half_unit(b.value)
        if abs(a.value - b.value - r.value) > 1.01 * half:
            yield Problem(
                "error",
                (r.row, a.row, b.row),
                "difference against means",
                "difference of the restricted means is not that of the two",
                f"{r.value:.6g}",
                f"{a.value - b.value:.6g}",
            )


def standardised(rows: Rows) -> Iterator[Problem]:
    """A crude standardised difference is about that of the means by their SD: Cohen's d, Hedges' g,
    Glass's delta by either arm's SD."""
    for r in contrasts(rows, {"standardised-mean-difference"}):
        found = []
        for arm in r.arm.split("/"):
            mean = _at(of(rows, "mean", arm), r)
            sd = _at(of(rows, "sd", arm), r)
            if mean and sd and sd.value > 0:
                found.append((mean, sd))
        if r.adjusted not in CRUDE or len(found) != 2:
            continue
        (m1, s1), (m2, s2) = found
        ns = [m.n if m.n > 1 else s.n for m, s in found]
        known = min(ns) > 1  # NaN is not
        weights = [n - 1 for n in ns] if known else [1.0, 1.0]
        pooled = sqrt((weights[0] * s1.value**2 + weights[1] * s2.value**2) / sum(weights))
        off = m1.value - m2.value
        rounding = half_unit(m1.value) + half_unit(m2.value)
        small = 1 - 3 / (4 * (sum(ns) - 2) - 1) if known and sum(ns) > 4 else 1.0
        could = [
            (off + sign * rounding) / sd * g
            for sign in (-1, 1)
            for sd in (pooled, s1.value, s2.value)
            for g in (1.0, small)
        ]
        half = half_unit(r.value) + 0.03 * abs(r.value)
        if not min(could) - half <= r.value <= max(could) + half:
            turned = min(could) - half <= -r.value <= max(could) + half
            yield Problem(
                "warning",
                (r.row, m1.row, s1.row, m2.row, s2.row),
                "difference against means",
                "standardised mean difference does not follow from means and SDs"
                + (": the other way round?" if turned else ""),
                f"{r.value:.4g}",
                f"about {off / pooled:.3g}",
            )


def _at(rows: list[Row], r: Row) -> Row | None:
    """The row of the contrast's time, or the only one."""
    timely = [
        x for x in rows if isfinite(x.time) and isfinite(r.time) and same_time(x.time, r.time)
    ]
    if timely or len(rows) == 1:
        return (timely or rows)[0]
    return next((x for x in rows if not isfinite(x.time) and not isfinite(r.time)), None)
