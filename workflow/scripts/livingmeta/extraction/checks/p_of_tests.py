"""Correlations, t, F and chi-squared against p, t and F against their difference. See `run`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import atanh, isfinite, sqrt

from livingmeta.extraction.checks.arms import Rows, of
from livingmeta.extraction.checks.intervals import patients_of_arms
from livingmeta.extraction.checks.p_against import CRUDE, curve_p, misfit, of_pair, z_of
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import Row, same_moment
from livingmeta.formulas import special
from livingmeta.formulas.rounding import Range, around, half_unit, z_range
from livingmeta.formulas.time_to_event import critical_value, z_of_p

# ASSUME: ranks in place of values, and a covariate or two, move z by no more than this.
APART, SHARE = 0.3, 0.25
LEAST = 1e-300  # a p of which there still is a z


def p_against_correlation(rows: Rows) -> Iterator[Problem]:
    """p of a correlation r of n patients: that of t = r ((n - 2)/(1 - r²))^½ with n - 2 degrees of
    freedom, or of z = atanh(r) (n - 3)^½ (Fisher)."""
    for r in of(rows, "correlation"):
        if r.p is None or not (r.n > 4 and -1 < r.value < 1) or r.clusters:
            continue
        half = half_unit(r.value)
        low, high = max(abs(r.value) - half, 0.0), min(abs(r.value) + half, 0.9999)
        z = [found for x in (low, high) for found in (_of_t(x, r.n), atanh(x) * sqrt(r.n - 3))]
        true = Range(min(z), max(z))
        if z_of(r.p).gap(true) > APART + SHARE * true.high:
            words = f"a correlation of {r.value:g} in {r.n:g}"
            yield misfit(r, (r.row,), "p against correlation", words, sum(true) / 2, False)


def _of_t(r: float, n: float) -> float:
    """z of the p of that t, which is the incomplete beta function of 1 - r²."""
    p = float(special.betainc((n - 2) / 2, 0.5, 1 - r * r))
    return z_of_p(min(1.0, max(p, LEAST)))


def p_of_t(rows: Rows) -> Iterator[Problem]:
    """The p beside a t, an F (the square of a t) or the chi-squared of a log-rank test is of it.

    Degrees of freedom are between those of the smaller arm and of both, or of all n.
    """
    for r in _tests(rows):
        if r.p is None or not r.value:
            continue
        t, df = _t(r), _freedom(rows, r)
        if not df:
            # Of unknown many patients p is at least that of z.
            true = Range(0.0, t.high)
        else:
            found = [_z_of_t(x, d) for x in t for d in df]
            true = Range(min(found), max(found))
        if z_of(r.p).gap(true) > APART:
            words = f"{_name(r)} {r.value:g}"
            yield misfit(r, (r.row,), "p against its test", words, true.high, False)


def p_of_chi_squared(rows: Rows) -> Iterator[Problem]:
    """The p beside the chi-squared of a log-rank test, or of the same two arms, is of it."""
    tests = [r for r in rows if r.statistic == "log-rank-p" and "/" in r.arm]
    for r in (r for r in tests if isfinite(r.chi_squared)):
        z = sqrt(r.chi_squared)
        half = half_unit(r.chi_squared) / (2 * z) if z else 0.0
        true = Range(max(z - half, 0.0), z + half)
        beside = [(replace(r, p=r.p_beside), r.p_beside)] if r.p_beside else []
        others = [
            found
            for x in tests
            if x is not r
            and set(x.arm.split("/")) == set(r.arm.split("/"))
            and same_moment(x.time, r.time)
            and x.adjusted == r.adjusted
            for found in curve_p((x,), *x.arm.split("/"))
        ]
        for x, p in (*beside, *others):
            # Another row may be of a test with strata.
            allowed = APART if x.row == r.row else APART + SHARE * z
            if z_of(p).gap(true) > allowed:
                words = f"the log-rank chi-squared {r.chi_squared:g}"
                places = tuple(dict.fromkeys((x.row, r.row)))
                yield misfit(x, places, "p against its test", words, z, False)


def t_of_difference(rows: Rows) -> Iterator[Problem]:
    """t of two means, or the root of F, is their difference by its SE, which its interval or p
    tells too. `rows`: with a row for each SE in a column."""
    for r in _tests(rows):
        for x in of_pair(rows, *r.arm.split("/")):
            alike = same_moment(x.time, r.time) and (x.measured, x.part) == (r.measured, r.part)
            same = x.adjusted == r.adjusted or {x.adjusted, r.adjusted} <= CRUDE
            if x.statistic != "mean-difference" or not (alike and same and isfinite(x.value)):
                continue
            # Of t +2.2 beside -4 papers leave out the sign; of +4 beside -2.2 somebody did.
            means = {m.arm for m in of(rows, "mean") if same_moment(m.time, x.time)}
            negative = r.statistic == "t" and r.value < 0 and not set(x.arm.split("/")) <= means
            if negative and x.value != 0 and (x.value < 0) == (x.arm != r.arm):
                yield Problem(
                    "warning",
                    (r.row, x.row),
                    "t against its difference",
                    f"t {r.value:g} and the mean difference {x.value:g} have opposite signs: was "
                    "the sign of one left out?",
                    f"{x.value:g}",
                    f"{-x.value:g}, or t without its sign",
                )
                break
            true, by, where = _t_of_difference(rows, x, _freedom(rows, r))
            if true is None:
                continue
            # A model with the baseline in it makes t a quarter larger.
            if _t(r).gap(true) > APART + SHARE * true.high:
                yield Problem(
                    "warning",
                    (r.row, *where),
                    "t against its difference",
                    f"{_name(r)} {r.value:g} does not follow from the mean difference "
                    f"{x.value:g} and its {by}: is one of another row, or {_name(r)} "
                    f"{'an F' if r.statistic == 't' else 'a t'}?",
                    f"t {sqrt(r.value) if r.statistic == 'f' else abs(r.value):.3g}",
                    f"t about {sum(true) / 2:.3g}",
                )
            break


def _t_of_difference(
    rows: Rows, x: Row, df: tuple[float, ...]
) -> tuple[Range | None, str, tuple[int, ...]]:
    """|t| that a difference and its interval, SE or p give, which of these, and the rows."""
    effect = around(x.value, half_unit(x.value, x.ci_low, x.ci_high))
    if x.has_ci and x.ci_low < x.ci_high:
        width, half = x.ci_high - x.ci_low, half_unit(x.ci_low, x.ci_high)
        z = critical_value(x.ci_level)
        # The interval of few patients is wider by their t.
        most = float(special.stdtrit(df[0], 0.5 + x.ci_level / 2)) if df else 1.1 * z
        se = Range(max(width - 2 * half, 0.0) / (2 * most), (width + 2 * half) / (2 * z))
        return z_range(effect, se), "interval", (x.row,)
    for s in of(rows, "se", x.arm):
        if s.value > 0 and same_moment(s.time, x.time) and s.part == x.part:
            half = half_unit(s.value)
            se = Range(max(s.value - half, 0.0), s.value + half)
            return z_range(effect, se), "SE", tuple(dict.fromkeys((x.row, s.row)))
    if x.p and x.p.exact and df:
        # z of this p, and the t of few patients that has it.
        of_p = z_of(x.p)
        return Range(of_p.low, of_p.high * (1 + 2.5 / df[0])), "p", (x.row,)
    return None, "", ()


def _tests(rows: Rows) -> list[Row]:
    """Rows of t or F of two arms."""
    found = of(rows, "t") + [r for r in of(rows, "f") if r.value >= 0]
    return [r for r in found if "/" in r.arm and not r.clusters]


def _name(r: Row) -> str:
    return r.statistic if r.statistic == "t" else "F"


def _t(r: Row) -> Range:
    """|t| as it may have been printed, of an F its root."""
    low, high = around(abs(r.value), half_unit(r.value))
    low = max(low, 0.0)
    return Range(sqrt(low), sqrt(high)) if r.statistic == "f" else Range(low, high)


def _freedom(rows: Rows, r: Row) -> tuple[float, ...]:
    """The least and most degrees of freedom of a test of two arms; none where nobody is counted."""
    arms = patients_of_arms(rows, r)
    n = r.n if r.n > 0 else sum(x.n for x in arms)
    least = min((x.n for x in arms), default=n / 2) - 1
    return (max(min(least, n / 2 - 1), 1.0), n - 1) if n > 3 else ()


def _z_of_t(t: float, df: float) -> float:
    """The z with the two-sided p of t."""
    p = float(special.betainc(df / 2, 0.5, df / (df + t * t)))
    return z_of_p(min(1.0, max(p, LEAST)))
