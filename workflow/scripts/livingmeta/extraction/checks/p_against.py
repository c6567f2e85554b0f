"""Checks of p values against counts, means, survival, events and correlations. See `run`."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, exp, floor, hypot, inf, isfinite, lgamma, log, nan, sqrt
from typing import NamedTuple

from livingmeta.extraction.checks.arms import Rows, deaths, of
from livingmeta.extraction.checks.contrasts import TEST_SLACK, contrasts
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.p_values import PValue, PValueError, parse_p
from livingmeta.extraction.rows import Row, same_moment, same_time
from livingmeta.formulas import special
from livingmeta.formulas import time_to_event as tte
from livingmeta.formulas.rounding import (
    Range,
    half_per_cent,
    half_unit,
    log_range,
    se_range,
    two_sided_p,
    z_range,
)

CRUDE = {"no", "randomised", ""}
RATES = {"person-time", "rate", "incidence-rate-ratio"}
# The shape of a Weibull curve, by which ln HR is that much of the logarithm of medians; what ln HR
# may be of those who die after them.
STEEPEST, LATER = 2.5, log(2)
CURVES = {"survival", "median", "hazard-ratio", "log-rank-p", "rmst"}


def z_of(p: PValue) -> Range:
    """|z| that a printed p may stand for; one end open where it is a bound."""
    half = half_unit(p.value) * (2 if p.one_sided else 1)
    if p.relation == "<":
        return Range(tte.z_of_p(min(1.0, p.two_sided)), inf)
    if p.relation == ">":
        return Range(0.0, tte.z_of_p(p.two_sided))
    low = tte.z_of_p(min(p.two_sided + half, 1.0))
    return Range(low, tte.z_of_p(max(p.two_sided - half, 1e-300)))


def pairs(rows: Rows) -> list[tuple[str, str]]:
    """The pairs of arms that are compared, or the two that there are."""
    found = {tuple(r.arm.split("/")): None for r in rows if "/" in r.arm}
    names = list(dict.fromkeys(r.arm for r in rows if r.arm and "/" not in r.arm))
    if not found and len(names) == 2:
        found = {(names[0], names[1]): None}
    return [(pair[0], pair[1]) for pair in found]


def of_pair(rows: Rows, first: str, second: str) -> Rows:
    """Rows of a contrast, whichever way round."""
    return tuple(r for r in rows if r.arm in (f"{first}/{second}", f"{second}/{first}"))


def p_against_counts(rows: Rows) -> Iterator[Problem]:
    """p of two arms' counts: chi-squared, with correction, Fisher, likelihood ratio, odds ratio."""
    if any(r.statistic in CURVES | RATES for r in rows):
        return  # a p beside survival compares curves, one beside person-time rates
    for first, second in pairs(rows):
        for a in _counted(rows, first):
            b = next(
                (x for x in _counted(rows, second) if same_moment(x.row.time, a.row.time)), None
            )
            if b is None:
                continue
            zs = [
                z for i in a.counts for k in b.counts for z in _z_of_table(i, a.row.n, k, b.row.n)
            ]
            printed = [r for r in of_pair(rows, first, second) if same_moment(r.time, a.row.time)]
            printed += [a.row, b.row]
            for r in printed:
                if r.p and (r.adjusted in CRUDE or "/" not in r.arm) and zs:
                    implied = Range(min(zs), max(zs))
                    gap = z_of(r.p).gap(implied) - (0 if r.adjusted in CRUDE else 1)
                    # A p of 0.05 rounded to a digit is a range; tests beyond these differ by more
                    # than TEST_SLACK in small tables only.
                    if gap > TEST_SLACK + (0.1 if min(a.row.n, b.row.n) < 25 else 0):
                        middle = sum(zs) / len(zs)
                        places = tuple(dict.fromkeys((r.row, a.row.row, b.row.row)))
                        words = f"{a.words} in {first} against {b.words} in {second}"
                        yield misfit(r, places, "p against counts", words, middle, gap > 1.5)
            break


class _Counted(NamedTuple):
    """An arm's counts: as printed, or the fewest and the most that a rounded percentage allows."""

    counts: tuple[float, ...]
    words: str
    row: Row


def _counted(rows: Rows, arm: str) -> list[_Counted]:
    """Counts of an arm, the printed ones first."""
    found = [
        _Counted((r.value,), f"{r.value:g} of {r.n:g}", r)
        for r in of(rows, "events", arm)
        if r.n > 0 and r.value <= r.n
    ]
    for r in of(rows, "proportion", arm):
        if r.n > 0:
            half = half_per_cent(r.value)
            fewest, most = max(ceil((r.value - half) * r.n), 0), floor((r.value + half) * r.n)
            ends = (fewest, min(most, r.n)) if fewest <= most else (round(r.value * r.n),)
            words = f"{100 * r.value:.4g}% of {r.n:g}"
            found.append(_Counted(tuple(dict.fromkeys(map(float, ends))), words, r))
    return found


def _z_of_table(a: float, n1: float, c: float, n2: float) -> list[float]:
    """|z| of the tests in use of a of n1 against c of n2; none where nobody or all have it."""
    b, d, n = n1 - a, n2 - c, n1 + n2
    events = a + c
    if not 0 < events < n:
        return []
    spread = events * (n - events) * n1 * n2 / n
    off = abs(a * d - b * c)
    chi = off / sqrt(spread) if spread else 0.0
    corrected = max(off - n / 2, 0.0) / sqrt(spread)
    z = [chi, corrected, tte.z_of_p(max(_fisher(a, n1, c, n2), 1e-300))]
    if min(a, b, c, d) > 0:
        z.append(abs(log(a * d / (b * c))) / sqrt(1 / a + 1 / b + 1 / c + 1 / d))
        expected = [n1 * events / n, n1 - n1 * events / n, n2 * events / n, n2 - n2 * events / n]
        g = 2 * sum(o * log(o / e) for o, e in zip((a, b, c, d), expected, strict=True))
        z.append(sqrt(max(g, 0.0)))
        z.append(abs(log(a / n1 / (c / n2))) / sqrt(1 / a - 1 / n1 + 1 / c - 1 / n2))
        z.append(abs(a / n1 - c / n2) / sqrt(a * b / n1**3 + c * d / n2**3))
    return z


def _fisher(a: float, n1: float, c: float, n2: float) -> float:
    """Two-sided p of Fisher's exact test: all tables no more likely than this one."""
    events = round(a + c)

    def log_p(k: int) -> float:
        return _choose(n1, k) + _choose(n2, events - k) - _choose(n1 + n2, events)

    ends = range(max(0, events - round(n2)), min(events, round(n1)) + 1)
    here = log_p(round(a)) + 1e-7
    return min(1.0, sum(exp(x) for x in map(log_p, ends) if x <= here))


def _choose(n: float, k: float) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def p_against_survival(rows: Rows) -> Iterator[Problem]:
    """p of two curves against their survival at the latest common time.

    The curves' ln HR is taken from that time; deaths from the rows, else between those by then and
    all patients. z of the log-rank test is then about ln HR times the root of a quarter of the
    deaths, and off it by the error that survival at one time has beyond that of the whole curves.
    """
    for first, second in pairs(rows):
        at_one = [
            (a, b)
            for a in of(rows, "survival", first)
            for b in of(rows, "survival", second)
            if same_time(a.time, b.time) and a.n > 0 and b.n > 0
            if 0.02 < a.value < 0.98 and 0.02 < b.value < 0.98
        ]
        if not at_one:
            continue
        a, b = max(at_one, key=lambda pair: pair[0].time)
        variances = (x.value * (1 - x.value) / x.n for x in (a, b))
        effect = tte.survival_at_one_time(a.value, b.value, *variances)
        died = [deaths(rows, x.arm) for x in (a, b)]
        by_then = a.n * (1 - a.value) + b.n * (1 - b.value)
        total = sqrt(by_then * (a.n + b.n))
        if all(died):
            total = max(by_then * 0.5, sum(d[0].value for d in died))
        round_off = sum(half_per_cent(x.value) / (x.value * -log(x.value)) for x in (a, b))
        expected = abs(effect.yi) * sqrt(total) / 2
        error = sqrt(max(effect.vi * total / 4 - 1, 1.0))
        slack = 3 * error + round_off * sqrt(total) / 2
        for r, p in curve_p(rows, first, second):
            z = z_of(p)
            if z.low > expected + slack or z.high < expected - slack - 0.5:
                yield misfit(
                    r,
                    tuple(dict.fromkeys((r.row, a.row, b.row))),
                    "p against survival",
                    f"survival {100 * a.value:.4g}% of {a.n:g} against {100 * b.value:.4g}% of "
                    f"{b.n:g} at {a.when}",
                    expected,
                    False,
                )


def p_against_medians(rows: Rows) -> Iterator[Problem]:
    """p of two curves against their medians, where no survival at a time is printed.

    Curves of like medians may part later: half of the deaths at twice the hazard, hazards that rise
    or fall, and 2.5 standard errors are allowed, so that only what is clearly impossible is told.
    """
    if of(rows, "survival"):
        return
    for first, second in pairs(rows):
        a, b = (next(iter(of(rows, "median", arm)), None) for arm in (first, second))
        if a is None or b is None or not (min(a.value, b.value) > 0 and min(a.n, b.n) > 0):
            continue
        died = [deaths(rows, arm) for arm in (first, second)]
        total = sum(d[0].value for d in died) if all(died) else a.n + b.n
        root = sqrt(total) / 2
        apart = log_range(a.value / b.value, half_unit(a.value, b.value) * a.value / b.value**2)
        largest = max(map(abs, apart)) * STEEPEST
        error = sqrt(max(2.08 * (1 / a.n + 1 / b.n) * total / 4 - 1, 1.0))
        most = largest * root + hypot(LATER * root / sqrt(2), 2.5 * error)
        for r, p in curve_p(rows, first, second):
            if z_of(p).low > most:
                words = f"medians {a.value:.4g} of {a.n:g} and {b.value:.4g} of {b.n:g}"
                expected = abs(log(a.value / b.value)) * root
                places = tuple(dict.fromkeys((r.row, a.row, b.row)))
                yield misfit(r, places, "p against medians", words, expected, False)


def p_against_deaths(rows: Rows, by_lot: bool) -> Iterator[Problem]:
    """p of two curves against the deaths of arms drawn by lot, where neither survival nor medians
    are printed: no z is beyond that of a test in which all of one arm's die first, and none clearly
    below that of the numbers who died, for arms drawn by lot are followed for as long.

    `by_lot`: whether the study drew its arms by lot.
    """
    if not by_lot or of(rows, "survival") or of(rows, "median"):
        return
    for first, second in pairs(rows):
        died = [d for arm in (first, second) for d in deaths(rows, arm) if d.n >= d.value > 0]
        if len(died) != 2 or max(d.n for d in died) > FEW_ENOUGH:
            continue
        a, b = died
        one, other = (_all_first(x.value, x.n, y.value, y.n) for x, y in ((a, b), (b, a)))
        spread = a.value * (1 - a.value / a.n) / a.n**2 + b.value * (1 - b.value / b.n) / b.n**2
        apart = abs(a.value / a.n - b.value / b.n) / sqrt(spread) if spread else 0.0
        for r, p in curve_p(rows, first, second):
            z = z_of(p)
            if z.low > max(one, other) + BEYOND or z.high < apart - CROSSING:
                words = f"{a.value:g} of {a.n:g} against {b.value:g} of {b.n:g} who died"
                middle = apart if z.high < apart else max(one, other)
                places = tuple(dict.fromkeys((r.row, a.row, b.row)))
                yield misfit(r, places, "p against events", words, middle, False)


# ASSUME: curves that part late or cross have a z of the log-rank test that is below that of the
# numbers who died by no more than this; censoring takes z beyond the first by no more than that (4
# and none of 5,000 drawn trials with hazards that part late and follow-up that is a fifth longer).
CROSSING, BEYOND = 2.8, 1.0
FEW_ENOUGH = 20_000  # patients, of whom each death is counted


def _all_first(a: float, n1: float, b: float, n2: float) -> float:
    """|z| of the log-rank test in which all `a` deaths of n1 come before the `b` of n2."""
    beyond = variance = 0.0
    risk, others = n1, n2
    for _ in range(round(a)):
        share = risk / (risk + others)
        beyond, variance, risk = beyond + 1 - share, variance + share * (1 - share), risk - 1
    for _ in range(round(b)):
        share = risk / (risk + others)
        beyond, variance, others = beyond - share, variance + share * (1 - share), others - 1
    return abs(beyond) / sqrt(variance) if variance > 0 else inf


def curve_p(rows: Rows, first: str, second: str) -> list[tuple[Row, PValue]]:
    """Each p of two curves: of the log-rank test, else beside their survival or medians."""
    found = []
    both = {f"{first}/{second}", f"{second}/{first}"}
    alone = len({r.arm for r in rows if r.arm and "/" not in r.arm}) == 2
    for r in rows:
        if r.statistic == "log-rank-p" and (r.arm in both or (alone and r.arm in ("", "all"))):
            try:
                p = r.p or (parse_p(r.value, r.note) if isfinite(r.value) else None)
            except PValueError:
                p = None
            found += [(r, p)] if p else []
        elif r.p and alone and r.statistic in ("survival", "median") and "/" not in r.arm:
            found.append((r, r.p))
    return found


def log_rank_against_ratio(rows: Rows) -> Iterator[Problem]:
    """p of the log-rank test against the crude hazard ratio and its interval."""
    for r in contrasts(rows, {"hazard-ratio"}):
        if r.adjusted not in CRUDE or r.value <= 0:
            continue
        half = half_unit(r.value, r.ci_low, r.ci_high)
        if r.has_ci and 0 < r.ci_low < r.ci_high:
            se = se_range(r.ci_low, r.ci_high, half, tte.critical_value(r.ci_level))
            implied = z_range(log_range(r.value, half), se)
        elif r.p and not r.has_ci:
            implied = z_of(r.p)
        else:
            continue
        for x in of_pair(rows, *r.arm.split("/")):
            for row, p in curve_p((x,), *r.arm.split("/")):
                middle = implied.low if not isfinite(implied.high) else sum(implied) / 2
                gap = z_of(p).gap(implied)
                if gap > TEST_SLACK + 0.06 * middle:  # the two tests part as effects grow
                    words = f"hazard ratio {r.value:.3g} and its {'interval' if r.has_ci else 'p'}"
                    yield misfit(
                        row, (row.row, r.row), "p against hazard ratio", words, middle, gap > 2
                    )


def p_against_events(rows: Rows) -> Iterator[Problem]:
    """A hazard ratio and its p give an SE, and the events the least that it can be."""
    for r in contrasts(rows, {"hazard-ratio"}):
        first, second = r.arm.split("/")
        died = [deaths(rows, arm) for arm in (first, second)]
        if r.value <= 0 or r.has_ci or not all(died):
            continue
        both = [d[0] for d in died]
        if min(d.value for d in both) < 1:
            continue
        effect = log_range(r.value, half_unit(r.value))
        found = [(r, r.p)] if r.p else []
        if not found and r.adjusted in CRUDE:
            found = curve_p(of_pair(rows, first, second), first, second)
        balanced = sqrt(1 / both[0].value + 1 / both[1].value)
        least = 2 / sqrt(sum(d.value for d in both))
        near = 0.0 if effect.low <= 0 <= effect.high else min(map(abs, effect))
        largest = max(abs(x) for x in effect)
        for row, p in found:
            z = z_of(p)
            narrow = z.low > 0.2 + largest / (0.87 * least)
            wide = r.adjusted in CRUDE and z.high < near / (1.5 * balanced) - 0.2
            if narrow or wide:
                total = sum(d.value for d in both)
                places = tuple(dict.fromkeys((row.row, r.row, *(d.row for d in both))))
                words = f"hazard ratio {r.value:.3g} with {total:g} events"
                middle = abs(log(r.value)) / balanced
                yield misfit(row, places, "p against events", words, middle, False)


def misfit(r: Row, rows: tuple[int, ...], check: str, words: str, z: float, grave: bool) -> Problem:
    """A p unlike `words`, which speak of this `z`; `grave`: so much that it cannot be true."""
    p = r.p or parse_p(r.value, r.note)
    assert p is not None  # as its caller saw
    would = two_sided_p(z) if isfinite(z) else nan
    hint = ""
    if p.exact and 1.7 < would / p.two_sided < 2.35:
        hint = "; it is half of that: one-sided?"
    return Problem(
        "error" if grave else "warning",
        rows,
        check,
        f"p does not follow from {words}{hint}",
        f"p {p}",
        f"p about {would:.2g}",
    )


# ASSUME: ranks in place of values, and a covariate or two, move z by no more than this.
_APART, _SHARE = 0.3, 0.25
_LEAST = 1e-300  # a p of which there still is a z


def _of_t(r: float, n: float) -> float:
    """z of the p of that t, which is the incomplete beta function of 1 - r²."""
    p = float(special.betainc((n - 2) / 2, 0.5, 1 - r * r))
    return tte.z_of_p(min(1.0, max(p, _LEAST)))
