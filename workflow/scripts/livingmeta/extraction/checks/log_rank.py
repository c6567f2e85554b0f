"""Checks of a log-rank test: observed, expected, O-E and its variance. See `run`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import exp, isfinite, log, sqrt

from livingmeta.extraction.checks.arms import Rows, arms, deaths, of
from livingmeta.extraction.checks.contrasts import contrasts, usable
from livingmeta.extraction.checks.p_against import CRUDE, curve_p, misfit, of_pair, z_of
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import Row, same_moment
from livingmeta.formulas import time_to_event as tte
from livingmeta.formulas.rounding import Range, half_unit

BEYOND, VARIANCE = "log-rank-o-minus-e", "log-rank-variance"
# ASSUME: (O-E)/V is near ln HR, and 1/V near its variance, within these where the ratio is crude:
# so far Peto's ratio is from Cox's in published trials with hazard ratios of 0.4 to 2.5.
_APART, _SHARE, _TIMES = 0.15, 0.35, 1.35
# ASSUME: of so many events or more a variance is no less than this share of theirs: in 1500 made-up
# trials with hazard ratios of a fifth to one the least was 0.40, the median 0.96.
_MANY, _SMALL = 8, 0.38


# ASSUME: V is E1 E2/D at most, and no less than this of it: of 5,600 drawn tests of 10 to 300
# patients, with hazard ratios of 0.1 to 1, none with ten events or more in each stratum was below
# 0.63. Six strata are allowed for.
_LEAST_OF_VARIANCE, _EVENTS_OF_STRATA = 0.6, 60


def sums(rows: Rows) -> Iterator[Problem]:
    """Observed and expected events have the same total."""
    observed, expected = of(rows, "log-rank-observed"), of(rows, "log-rank-expected")
    if len(observed) != 2 or len(expected) != 2:
        return
    o, e = (sum(r.value for r in side) for side in (observed, expected))
    slack = sum(half_unit(r.value) for r in expected)
    if abs(o - e) > slack + 1e-9:
        yield Problem(
            "error",
            tuple(r.row for r in (*observed, *expected)),
            "observed against expected",
            "observed and expected events of the log-rank test differ in total",
            f"{o:g}",
            f"{e:g}",
        )


def numbers(rows: Rows) -> Iterator[Problem]:
    """Observed and expected events against events and p."""
    observed, expected = of(rows, "log-rank-observed"), of(rows, "log-rank-expected")
    for o in observed:
        for e in of(rows, "events", o.arm):
            if e.value != o.value and not isfinite(e.time):
                yield Problem(
                    "error",
                    (o.row, e.row),
                    "observed against events",
                    f"observed events of the log-rank test in {o.arm} are not its events",
                    f"{o.value:g}",
                    f"{e.value:g}",
                )
    by_arm = {r.arm: r for r in observed}, {r.arm: r for r in expected}
    names = [arm for arm in by_arm[0] if arm in by_arm[1] and "/" not in arm]
    if len(names) != 2 or any(by_arm[1][x].value <= 0 for x in names):
        return
    (o1, e1), (o2, e2) = ((by_arm[0][x], by_arm[1][x]) for x in names)
    off = abs(o1.value - e1.value)
    half = half_unit(e1.value, e2.value)
    chi = off**2 * (1 / e1.value + 1 / e2.value)
    # Sum of (O - E)^2/E is below the test's chi-squared; the variance is seldom 15% below E1 E2/D.
    sides = (max(off - half, 0.0), off + half)
    root = sqrt(chi) / off if off else 0.0
    implied = Range(sides[0] * root, 1.1 * sides[1] * root)
    places = (o1.row, e1.row, o2.row, e2.row)
    for r, p in curve_p(of_pair(rows, *names), *names):
        gap = z_of(p).gap(implied)
        if gap > 0.2:
            words = "observed and expected events"
            yield misfit(r, (r.row, *places), "p against log-rank", words, sqrt(chi), gap > 1)


def ratio_of_observed(rows: Rows) -> Iterator[Problem]:
    """Observed by expected events of two arms, of two or more, against the crude hazard ratio and
    their medians; observed events are a count."""
    by_arm = tuple(
        {r.arm: r for r in of(rows, f"log-rank-{of_it}") if "/" not in r.arm and r.value > 0}
        for of_it in ("observed", "expected")
    )
    counted = all(r.value == round(r.value) for r in by_arm[1].values())
    for o in by_arm[0].values():
        # Where both sides have decimals, deaths were weighted.
        if o.arm in by_arm[1] and counted and o.value != round(o.value):
            yield Problem(
                "warning",
                (o.row,),
                "observed against expected",
                f"observed events of the log-rank test in {o.arm} are no whole number: are they "
                "the expected ones?",
                f"{o.value:g}",
                "a count",
            )
    names = [arm for arm in by_arm[0] if arm in by_arm[1]]
    for first, second in combinations(names, 2):
        four = [side[arm] for arm in (first, second) for side in by_arm]
        ratio = log(four[0].value / four[1].value) - log(four[2].value / four[3].value)
        places = tuple(r.row for r in four)
        for r in contrasts(rows, {"hazard-ratio"}):
            if {first, second} != set(r.arm.split("/")) or r.adjusted not in CRUDE or r.value <= 0:
                continue
            own = ratio if r.arm.split("/")[0] == first else -ratio
            if abs(log(r.value) - own) > 0.08 + 0.2 * abs(own):
                yield Problem(
                    "warning",
                    (r.row, *places),
                    "hazard ratio against log-rank",
                    "hazard ratio is far from observed and expected events of the log-rank test",
                    f"{r.value:.3g}",
                    f"about {exp(own):.3g}",
                )
        error = sqrt(1 / four[1].value + 1 / four[3].value)
        yield from _against_medians(rows, (first, second), ratio, error, places)


def _against_medians(
    rows: Rows, names: tuple[str, str], ratio: float, error: float, places: tuple[int, ...]
) -> Iterator[Problem]:
    """The arm with fewer events than expected is not the one with the clearly shorter median."""
    medians = [
        next((m for m in of(rows, "median", x) if m.value > 0 and m.n > 0), None) for x in names
    ]
    if None in medians:
        return
    a, b = (m for m in medians if m)
    by_medians = log(b.value / a.value)
    its_error = sqrt(1 / a.n + 1 / b.n) / log(2)
    apart = abs(ratio - by_medians) > 3 * max(error, its_error)
    if ratio * by_medians < 0 and apart and not any(r.statistic == "hazard-ratio" for r in rows):
        yield Problem(
            "warning",
            (*places, a.row, b.row),
            "direction",
            f"observed and expected events of the log-rank test favour {names[ratio > 0]}, and the "
            f"medians {names[by_medians > 0]}: observed and expected swapped, or the arms?",
            f"ratio {exp(ratio):.3g}",
            f"about {exp(by_medians):.3g}",
        )


def beyond_expected(rows: Rows) -> Iterator[Problem]:
    """O-E of two arms, which add to nought; its variance, which is no more than a quarter of the
    events; both against the crude hazard ratio and its interval."""
    names = sorted(set(arms(rows)) - {"all"})
    told = contrasts(rows, {BEYOND, VARIANCE, "hazard-ratio"})
    pairs = {(min(pair), max(pair)) for r in told if len(pair := r.arm.split("/")) == 2}
    pairs |= {(names[0], names[1])} if len(names) == 2 else set()
    for first, second in sorted(pairs):
        differences = list(_differences(rows, first, second))
        yield from _unequal(differences)
        both = {f"{first}/{second}", f"{second}/{first}", first, second}
        both |= {"all", ""} if len(pairs) == 1 else set()
        for v in of(rows, VARIANCE):
            if v.arm in both:
                yield from _too_large(rows, v, first, second)
                yield from _too_small(rows, v, first, second)
                yield from _against_deaths(rows, v, differences, first, second)
                yield from _against_p(rows, v, differences, first, second)
                yield from _unlike(rows, v, differences, first, second)


def _differences(rows: Rows, first: str, second: str) -> Iterator[tuple[Row, int]]:
    """Rows of O-E of two arms, each with the sign that turns it to the first."""
    signs = {f"{first}/{second}": 1, first: 1, f"{second}/{first}": -1, second: -1}
    for r in of(rows, BEYOND):
        if r.arm in signs:
            yield r, signs[r.arm]


def with_variance(rows: Rows, first: str, second: str) -> Iterator[tuple[Row, int, Row]]:
    """Each O-E of two arms, the sign that turns it to the first, and its variance above nought."""
    both = (f"{first}/{second}", f"{second}/{first}", first, second, "all", "")
    for r, sign in _differences(rows, first, second):
        for v in of(rows, VARIANCE):
            if v.arm in both and v.value > 0 and same_moment(r.time, v.time):
                yield r, sign, v


def _unequal(differences: list[tuple[Row, int]]) -> Iterator[Problem]:
    """What of one test is said twice should be the same, turned or not."""
    for r, sign in differences[1:]:
        first, its = differences[0]
        if not same_moment(r.time, first.time):
            continue
        apart = abs(sign * r.value - its * first.value)
        if apart > half_unit(r.value) + half_unit(first.value) + 0.05 * abs(first.value):
            yield Problem(
                "error",
                (first.row, r.row),
                "observed against expected",
                f"O-E of {first.arm} and of {r.arm} are not of one test: those of the two arms add "
                "to nought",
                f"{first.value:g} and {r.value:g}",
                f"{its * first.value * sign:g}",
            )


def _too_large(rows: Rows, v: Row, first: str, second: str) -> Iterator[Problem]:
    """n1 n2/n^2 is a quarter at most, of each event."""
    died = [d for arm in (first, second) for d in of(rows, "log-rank-observed", arm)]
    if len(died) != 2:
        died = [d for arm in (first, second) for d in deaths(rows, arm)]
        died = died if len(died) == 2 else of(rows, "events", "all") + of(rows, "events", "")
        died = [d for d in died if not isfinite(d.time) or not isfinite(v.time) or d.time <= v.time]
    total = sum(d.value for d in died)
    if died and v.value - half_unit(v.value) > total / 4:
        yield Problem(
            "error",
            (v.row, *(d.row for d in died)),
            "log-rank variance",
            f"variance of the log-rank test is above a quarter of the {total:g} events",
            f"{v.value:.4g}",
            f"{total / 4:.4g} or less",
        )


def _died(rows: Rows, r: Row, first: str, second: str) -> list[Row]:
    """The events of both arms at the time of a row; none where one is not known."""
    died = [d for arm in (first, second) for d in deaths(rows, arm)]
    timely = all(same_moment(d.time, r.time) for d in died)
    return died if len(died) == 2 and timely else []


def _too_small(rows: Rows, v: Row, first: str, second: str) -> Iterator[Problem]:
    """About n1 n2/n^2 of each event: less where those at risk become unequal, but not so much."""
    died = _died(rows, v, first, second)
    if not died or not min(d.n for d in died) > 0:
        return
    total, n = sum(d.value for d in died), sum(d.n for d in died)
    about = total * died[0].n * died[1].n / n**2
    few = total < _EVENTS_OF_STRATA  # of more, what was expected tells (_against_deaths)
    if few and total >= _MANY and v.value + half_unit(v.value) < _SMALL * about:
        yield Problem(
            "warning",
            (v.row, *(d.row for d in died)),
            "log-rank variance",
            f"variance of the log-rank test is far below what {total:g} events give: is it its "
            "root, one over it, or O-E?",
            f"{v.value:.4g}",
            f"about {about:.3g}",
        )


def _against_deaths(
    rows: Rows, v: Row, differences: list[tuple[Row, int]], first: str, second: str
) -> Iterator[Problem]:
    """With O and O-E the expected events are known, no fewer than none, and V is E1 E2/D at most,
    and seldom far below it."""
    one, other = (
        next((d for d in deaths(rows, arm) if same_moment(d.time, v.time)), None)
        for arm in (first, second)
    )
    if one is None or other is None or not v.value > 0:
        return
    for d, sign in differences:
        if not same_moment(d.time, v.time):
            continue
        half = half_unit(d.value)
        low, high = -other.value - half, one.value + half
        places = (d.row, v.row, one.row, other.row)
        if not low <= sign * d.value <= high:
            ends = sorted((sign * -other.value, sign * one.value))
            yield Problem(
                "error",
                places,
                "observed against expected",
                f"O-E of {d.arm} is more than the events of its arms allow: fewer than none, or "
                f"more than all, would have been expected",
                f"{d.value:g}",
                f"{ends[0]:g} to {ends[1]:g}",
            )
            continue
        expected = one.value - sign * d.value, other.value + sign * d.value
        most = expected[0] * expected[1] / sum(expected)
        enough = sum(expected) >= _EVENTS_OF_STRATA
        if enough and v.value + half_unit(v.value) < _LEAST_OF_VARIANCE * most:
            root = abs(v.value**2 / most - 1) < 0.25
            yield Problem(
                "warning",
                places,
                "log-rank variance",
                f"variance of the log-rank test is far below what {one.value:g} and "
                f"{other.value:g} events and O-E {d.value:g} give"
                + (": its root, the standard error?" if root else ": swapped with O-E, or 1/V?"),
                f"{v.value:.4g}",
                f"about {most:.3g}",
            )


def _against_p(
    rows: Rows, v: Row, differences: list[tuple[Row, int]], first: str, second: str
) -> Iterator[Problem]:
    """z of the test is |O-E| by the root of V."""
    for d, _ in differences:
        if not (same_moment(d.time, v.time) and v.value > 0):
            continue
        z = abs(d.value) / sqrt(v.value)
        told = [(r, r.p) for r in {d.row: d, v.row: v}.values() if r.p]
        for r, p in told or curve_p(of_pair(rows, first, second), first, second):
            gap = z_of(p).gap(Range(z, z))
            # Strata, and another variance where many die at once, shift it a little.
            if gap > 0.25 + 0.08 * z and r.adjusted in CRUDE:
                places = tuple(dict.fromkeys((r.row, d.row, v.row)))
                yield misfit(r, places, "p against log-rank", "O-E and its variance", z, gap > 1)


def _unlike(
    rows: Rows, v: Row, differences: list[tuple[Row, int]], first: str, second: str
) -> Iterator[Problem]:
    """The crude hazard ratio against exp((O-E)/V), its interval against V."""
    for r in Printed("", rows).contrasts("hazard-ratio", first, second):
        if r.adjusted not in CRUDE or r.value <= 0 or v.value <= 0:
            continue
        for d, sign in differences:
            if isfinite(d.time) and isfinite(v.time) and not same_moment(d.time, v.time):
                continue
            ratio, own = sign * d.value / v.value, log(r.value)
            if abs(own - ratio) > _APART + _SHARE * max(abs(own), abs(ratio)):
                yield Problem(
                    "warning",
                    (r.row, d.row, v.row),
                    "hazard ratio against log-rank",
                    "hazard ratio is far from O-E and variance of the log-rank test",
                    f"{r.value:.3g}",
                    f"about {exp(ratio):.3g}",
                )
        if usable(r):
            error = log(r.ci_high / r.ci_low) / (2 * tte.critical_value(r.ci_level))
            if not 1 / _TIMES < error * sqrt(v.value) < _TIMES:
                yield Problem(
                    "warning",
                    (v.row, r.row),
                    "log-rank variance",
                    "variance of the log-rank test is not that of the hazard ratio's interval",
                    f"{v.value:.4g}",
                    f"about {error**-2:.4g}",
                )
