"""Checks of comparisons: hazard ratios, p values and intervals against arms. See `checks`."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, inf, isfinite, log, sqrt

from livingmeta.extraction.checks.arms import Rows, by_no_model, of
from livingmeta.extraction.checks.arms import deaths as deaths_of
from livingmeta.extraction.checks.beside import odds_ratio_of_fisher
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import DIFFERENCES, RATIOS, Row, same_moment, same_time
from livingmeta.formulas import special
from livingmeta.formulas import time_to_event as tte
from livingmeta.formulas.rounding import (
    Range,
    around,
    half_per_cent,
    half_unit,
    log_range,
    se_range,
    two_sided_p,
    z_range,
)

# Wald, score and likelihood-ratio tests of one comparison differ by about this much in z.
TEST_SLACK = 0.12
# How much wider than by its events an interval of a hazard ratio is: covariates widen it.
WIDER = {"no": 1.22, "randomised": 1.22, "": 1.5}
# ASSUME: how far a ratio may be off the middle of its interval, as a share of the width, where the
# smallest count is large, and how much more by one over it where it is small: of 1000 exact
# conditional intervals of 15 to 150 patients none was further. What is surely too far, beyond that.
OFF_MIDDLE, EXACT, SURELY = 0.04, 0.15, 0.11
_EXACT = {"odds-ratio", "risk-ratio", "incidence-rate-ratio"}
OF_COUNTS = {"odds-ratio", "risk-ratio", "risk-difference"}


def contrasts(rows: Rows, statistics: set[str]) -> list[Row]:
    """Contrast rows of some statistics with a value."""
    return [r for r in rows if r.statistic in statistics and "/" in r.arm and isfinite(r.value)]


def impossible_ratios(rows: Rows) -> Iterator[Problem]:
    """A ratio is above 0; a logarithm entered as ratio is not."""
    for r in contrasts(rows, RATIOS):
        if r.value <= 0 or r.ci_low < 0:
            yield Problem(
                "error",
                (r.row,),
                "ratio below 0",
                f"{r.statistic.replace('-', ' ')} below 0: is it a logarithm?",
                f"{min(r.value, r.ci_low) if r.has_ci else r.value:.6g}",
                f"{exp(min(r.value, 700)):.4g}?",
            )


def usable(r: Row) -> bool:
    """Whether a ratio and its interval have logarithms."""
    return r.has_ci and 0 < r.ci_low < r.ci_high and r.value > 0


def _fewest(rows: Rows, r: Row) -> float:
    """The smallest of the counts of a ratio's two arms, with the event or without; infinite where
    they are not printed."""
    told = [e for arm in r.arm.split("/") for e in of(rows, "events", arm)]
    cells = [x for e in told for x in (e.value, e.n - e.value) if x > 0]
    return min(cells, default=inf) if r.statistic in _EXACT else inf


def interval_symmetric(rows: Rows) -> Iterator[Problem]:
    """Intervals of ratios are symmetric on the log scale: L U = estimate squared."""
    for r in contrasts(rows, RATIOS):
        if not usable(r):
            continue
        half = half_unit(r.value, r.ci_low, r.ci_high)
        low, mid, high = (log_range(x, half) for x in (r.ci_low, r.value, r.ci_high))
        centre = Range((low.low + high.low) / 2, (low.high + high.high) / 2)
        off = centre.gap(mid)
        width = log(r.ci_high / r.ci_low)
        allowed = OFF_MIDDLE + EXACT / _fewest(rows, r)
        if off > allowed * width:
            plain = abs((r.ci_low + r.ci_high) / 2 - r.value) <= 2 * half
            hint = "; it is symmetric on the plain scale: are these logarithms?" if plain else ""
            middle = sqrt(r.ci_low * r.ci_high)
            yield Problem(
                "error" if off > (allowed + SURELY) * width else "warning",
                (r.row,),
                "interval not symmetric",
                f"{r.statistic.replace('-', ' ')} is not in the middle of its interval "
                f"on the log scale{hint}",
                f"{r.value:.6g}",
                f"about {middle:.3g}",
            )


def interval_against_p(rows: Rows) -> Iterator[Problem]:
    """The p that the interval implies, against the p printed in the same row."""
    for r in contrasts(rows, RATIOS | DIFFERENCES):
        if r.p is None or not r.has_ci or not r.ci_low < r.ci_high:
            continue
        half = half_unit(r.value, r.ci_low, r.ci_high)
        z = tte.critical_value(r.ci_level)
        if r.statistic in RATIOS:
            if not usable(r):
                continue
            implied = z_range(log_range(r.value, half), se_range(r.ci_low, r.ci_high, half, z))
        else:
            width = r.ci_high - r.ci_low
            se = Range(max(width - 2 * half, 0) / (2 * z), (width + 2 * half) / (2 * z))
            implied = z_range(around(r.value, half), se)
            implied = _of_few(rows, r, implied)
        if r.statistic in OF_COUNTS:
            # Tests of counts, corrected or exact, are more careful than their intervals. Where the
            # counts are printed, interval and p are each held to those, which tells more.
            known = all(_share(rows, arm, r.time) for arm in r.arm.split("/"))
            more = 0.8 if known else 0.4
            implied = Range(max(implied.low - more, 0.0), implied.high * 1.06 + more - 0.4)
        if r.p.exact:
            yield from _exact_p(r, implied)
        else:
            limit = tte.z_of_p(r.p.two_sided)
            wrong = (
                implied.high < limit - TEST_SLACK
                if r.p.relation == "<"
                else implied.low > limit + TEST_SLACK
            )
            if wrong:
                yield Problem(
                    "error",
                    (r.row,),
                    "interval against p",
                    f"interval and p of the {r.statistic.replace('-', ' ')} contradict each other",
                    f"p {r.p}",
                    f"p about {two_sided_p(sum(implied) / 2):.2g}",
                )


def _of_few(rows: Rows, r: Row, implied: Range) -> Range:
    """|z| of a difference whose interval and p come from the t of few patients."""
    if r.statistic != "mean-difference":
        return implied
    sizes = [next((x.n for x in rows if x.arm == arm and x.n > 0), 0.0) for arm in r.arm.split("/")]
    if min(sizes) < 2:
        return Range(max(implied.low - 0.5, 0.0), implied.high)
    found = []
    # Welch's degrees of freedom lie between those of the smaller arm and of both.
    for df in (min(sizes) - 1, sum(sizes) - 2):
        wider = float(special.stdtrit(df, 0.5 + r.ci_level / 2)) / tte.critical_value(r.ci_level)
        found += [_z_of_t(z * wider, df) if isfinite(z) else z for z in implied]
    return Range(min(found), max(found))


def _z_of_t(t: float, df: float) -> float:
    """The z with the two-sided p of t."""
    p = float(special.betainc(df / 2, 0.5, df / (df + t * t)))
    return tte.z_of_p(min(max(p, 1e-300), 1.0))


def _exact_p(r: Row, implied: Range) -> Iterator[Problem]:
    assert r.p is not None  # as its caller saw
    p = r.p.two_sided
    half = half_unit(p)
    printed = Range(tte.z_of_p(min(p + half, 1.0)), tte.z_of_p(max(p - half, 1e-300)))
    gap = printed.gap(implied)
    if gap <= TEST_SLACK:
        return
    middle = (implied.low + implied.high) / 2 if isfinite(implied.high) else implied.low
    expected = two_sided_p(middle)
    hint = ""
    if 1.6 < expected / p < 2.5:
        hint = "; it is about half of that: one-sided?"
    else:
        used = tte.critical_value(r.ci_level) * tte.z_of_p(p) / middle if middle else 0.0
        for level, critical in ((90, 1.645), (99, 2.576)):
            if abs(used / critical - 1) < 0.06:
                hint = f"; a {level}% interval would fit"
    contradict = (p < 0.05) != (expected < 0.05) and gap > 3 * TEST_SLACK
    yield Problem(
        "error" if contradict or gap > 1 else "warning",
        (r.row,),
        "interval against p",
        f"p does not fit the interval of the {r.statistic.replace('-', ' ')}{hint}",
        f"p {r.p}",
        f"p about {expected:.2g}",
    )


def interval_against_events(rows: Rows) -> Iterator[Problem]:
    """An interval narrower than the events allow: SE of ln HR is at least about sqrt(4/O)."""
    for r in contrasts(rows, {"hazard-ratio"}):
        if not usable(r):
            continue
        deaths = [e for arm in r.arm.split("/") for e in deaths_of(rows, arm)]
        if len(deaths) != 2 or min(e.value for e in deaths) < 1:
            continue
        total = sum(e.value for e in deaths)
        least = 2 / sqrt(total)
        half = half_unit(r.value, r.ci_low, r.ci_high)
        se = se_range(r.ci_low, r.ci_high, half, tte.critical_value(r.ci_level))
        printed = (se.low + se.high) / 2
        where = (r.row, *(e.row for e in deaths))
        balanced = sqrt(1 / deaths[0].value + 1 / deaths[1].value)
        if se.high < 0.92 * least:
            yield Problem(
                "warning",
                where,
                "interval against events",
                f"interval narrower than {total:g} events allow; is it of another level?",
                f"SE {printed:.3f}",
                f"SE {least:.3f} or more",
            )
        elif se.low > WIDER.get(r.adjusted, 2.0) * max(least, balanced):
            yield Problem(
                "warning",
                where,
                "interval against events",
                f"interval wider than {total:g} events would give; is it of another level?",
                f"SE {printed:.3f}",
                f"SE about {balanced:.3f}",
            )


def hazard_ratio_against_arms(rows: Rows) -> Iterator[Problem]:
    """A hazard ratio against what survival and medians of the arms imply.

    An adjusted one may well differ from them, but not by a factor of five.
    """
    for r in contrasts(rows, {"hazard-ratio"}):
        if r.value <= 0:
            continue
        first, second = r.arm.split("/")
        for a in of(rows, "survival", first):
            for b in of(rows, "survival", second):
                inside = 0.02 < a.value < 0.98 and 0.02 < b.value < 0.98
                if inside and same_time(a.time, b.time) and a.n > 0 and b.n > 0:
                    variances = (x.value * (1 - x.value) / x.n for x in (a, b))
                    yield from _far(
                        r,
                        tte.survival_at_one_time(a.value, b.value, *variances),
                        (a, b),
                        f"survival at {a.when}",
                    )
        for a in of(rows, "median", first):
            for b in of(rows, "median", second):
                if a.value > 0 and b.value > 0 and a.n > 0 and b.n > 0:
                    # 1/(ln 2)^2: a median varies about twice as much as an exponential fit.
                    vi = (1 / a.n + 1 / b.n) / log(2) ** 2
                    yield from _far(r, tte.Effect(log(b.value / a.value), vi), (a, b), "medians")


def _far(r: Row, implied: tte.Effect, arms: tuple[Row, Row], by: str) -> Iterator[Problem]:
    """More than four standard errors and a factor of two and a half (adjusted: five) apart."""
    off = log(r.value) - implied.yi
    crude = by_no_model(r)
    if abs(off) > max(4 * sqrt(implied.vi), log(2.5 if crude else 5)):
        shifted = abs(abs(off) - log(10)) < log(1.5)
        hint = "; is its decimal point shifted?" if shifted else ""
        yield Problem(
            "warning",
            (r.row, *(a.row for a in arms)),
            "hazard ratio against arms",
            f"{'' if crude else 'adjusted '}hazard ratio is far from what the {by} of the arms"
            f" imply{hint}",
            f"{r.value:.3g}",
            f"about {exp(implied.yi):.2g}",
        )


def ratio_against_arms(rows: Rows) -> Iterator[Problem]:
    """Odds and risk ratios and risk differences against the two percentages or counts."""
    for r in contrasts(rows, {"odds-ratio", "risk-ratio", "risk-difference"}):
        if not by_no_model(r):
            continue
        could = shares_of(rows, r)
        if not could:
            continue
        rounded = half_per_cent if r.statistic == "risk-difference" else half_unit
        half = rounded(r.value, *((r.ci_low, r.ci_high) if r.has_ci else ()))
        slack = 0.02 * abs(r.value)
        if min(_apart(r, half, *two) for two in could) > slack:
            (a, _, row_a, _), (b, _, row_b, _) = could[0]
            implied = contrast_of(r.statistic, a, b)
            if abs(r.value - odds_ratio_of_fisher(rows, r, implied)) <= half + slack:
                continue
            if r.statistic == "risk-difference":
                other_way = -r.value
            else:
                other_way = 1 / r.value if r.value else 0.0
            turned = abs(other_way - implied) < 0.05 * abs(implied)
            hint = ": the other way round?" * turned
            if not turned and 0 < abs(r.value) < 1:
                # 1 less the ratio of the arms, in percent as a rule.
                kind = "risk-ratio" if r.statistic == "risk-difference" else r.statistic
                reduced = abs(1 - abs(r.value) - contrast_of(kind, a, b)) < 0.02
                hint = ": is it a relative reduction?" * reduced
            yield Problem(
                "warning" if turned else "error",
                (r.row, row_a, row_b),
                "ratio against arms",
                f"{r.statistic.replace('-', ' ')}{f' of {r.event}' * bool(r.event)} does not "
                f"follow from its two arms{hint}",
                f"{r.value:.4g}",
                f"{implied:.4g}",
            )


# The share of an arm that an outcome's event happened to: value, half its last digit, row, and
# whether it is of survivors, of the dead, or nobody says.
Share = tuple[float, float, int, str]


def _share(rows: Rows, arm: str, time: float) -> Share | None:
    for statistic in ("survival", "proportion", "events"):
        for r in of(rows, statistic, arm):
            if not same_moment(r.time, time) or (statistic == "events" and not r.n > 0):
                continue
            value = r.value / r.n if statistic == "events" else r.value
            half = 0.0 if statistic == "events" else half_per_cent(r.value)
            of_whom = {"survival": "survival", "events": "death"}.get(statistic, "")
            return (value, half, r.row, of_whom) if 0 < value < 1 else None
    return None


def shares_of(rows: Rows, r: Row) -> list[tuple[Share, Share]]:
    """The shares of both arms of a ratio or difference, for each event that it may be of; none
    where an arm prints none."""
    every = [_share(rows, arm, r.time) for arm in r.arm.split("/")]
    shares = [share for share in every if share is not None]
    if len(shares) != 2:
        return []
    first, second = shares
    return [(_or_else(first, of), _or_else(second, of)) for of in _others(r, shares)]


def _others(r: Row, shares: list[Share]) -> tuple[str, ...]:
    """The events that a ratio may be of: the one it names, or either beside survival. Events beside
    a ratio of survival are deaths, or survivors where those are what the outcome counts."""
    if r.event == "survival" and any(share[3] == "death" for share in shares):
        return ("survival", "")
    if r.event or not any(share[3] == "survival" for share in shares):
        return (r.event,)
    return ("survival", "death")


def _or_else(share: Share, event: str) -> Share:
    """The share that had an event of survival: who did not die lives, who does not live died."""
    value, half, row, of_whom = share
    other = bool(event and of_whom) and event != of_whom
    return (1 - value if other else value, half, row, of_whom)


def _apart(r: Row, half: float, first: Share, second: Share) -> float:
    """How far a contrast is from all that two rounded shares allow."""
    (a, half_a, *_), (b, half_b, *_) = first, second
    corners = [
        contrast_of(
            r.statistic,
            min(max(a + i * half_a, 1e-6), 1 - 1e-6),
            min(max(b + j * half_b, 1e-6), 1 - 1e-6),
        )
        for i in (-1, 1)
        for j in (-1, 1)
    ]
    return Range(min(corners), max(corners)).gap(around(r.value, half))


def contrast_of(statistic: str, a: float, b: float) -> float:
    """The odds ratio, risk ratio or risk difference of two shares."""
    if statistic == "odds-ratio":
        return a / (1 - a) / (b / (1 - b))
    return a / b if statistic == "risk-ratio" else a - b


def ratio_as_logarithm(rows: tuple[Row, ...]) -> Iterator[Problem]:
    """A ratio typed as its logarithm, or as an effect, which counts as one: its interval has it in
    the middle of its logarithms, within rounding, and clearly not of itself."""
    for r in rows:
        numbers = (r.value, r.ci_low, r.ci_high)
        if not r.has_ci or not (r.logarithm or r.statistic == "effect"):
            continue
        logs = [round(log(x), 10) if r.logarithm and x > 0 else x for x in numbers]
        value, low, high = logs
        if not 0 < low < value < high:
            continue
        half = half_unit(*logs)
        off = abs(value - (low + high) / 2)
        off_ratio = abs(log(value) - log(low * high) / 2)
        rounding = half * (1 / value + 1 / (2 * low) + 1 / (2 * high))
        if off > 3 * half and off_ratio <= rounding:
            yield Problem(
                "warning",
                (r.row,),
                "ratio as logarithm",
                f"{'logarithm' if r.logarithm else 'effect'} of {r.arm} has an interval that is "
                "even as that of a ratio: is it the ratio itself? Type it under its own statistic",
                f"{value:g} ({low:g} to {high:g})",
                f"{log(value):.3g} ({log(low):.3g} to {log(high):.3g})",
            )
