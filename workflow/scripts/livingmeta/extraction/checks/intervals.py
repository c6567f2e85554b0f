"""Checks of standard errors and intervals: middle, width, what they are of. See `run`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from math import atanh, exp, inf, isfinite, log, nan, sqrt, tanh

from livingmeta.extraction.checks.arms import Rows, deaths
from livingmeta.extraction.checks.contrasts import contrasts
from livingmeta.extraction.checks.p_against import CRUDE, CURVES, of_pair, z_of
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.checks.study import OVERALL
from livingmeta.extraction.rows import DIFFERENCES, RATIOS, Row, same_moment, same_time
from livingmeta.formulas import time_to_event as tte
from livingmeta.formulas.rounding import (
    Range,
    half_per_cent,
    half_unit,
    log_range,
    se_range,
)

LIMITED = {"survival", "proportion"}
# How far an estimate may be off the middle, as a share of the width, beyond rounding: intervals of
# some kinds (score, profile likelihood, bootstrap) are a little uneven on every scale.
UNEVEN = {"mean-difference": 0.05, "rmst-difference": 0.05, "mean": 0.1, "rmst": 0.1}
UNEVEN |= {"risk-difference": 0.1, "standardised-mean-difference": 0.08, "effect": 0.25}


def middle_of_limited(rows: Rows) -> Iterator[Problem]:
    """Survival and percentages lie between the middles of their limits on the scales in use.

    From plain to log, log-log and logit; Wilson's and exact intervals lie between those.
    """
    for r in rows:
        usable = r.statistic in LIMITED and r.has_ci and 0 < r.ci_low < r.ci_high < 1
        if not usable or not r.ci_low <= r.value <= r.ci_high:
            continue
        low, high = r.ci_low, r.ci_high
        logit = [log(x / (1 - x)) for x in (low, high)]
        deep = [log(-log(x)) for x in (low, high)]
        middles = [
            (low + high) / 2,
            sqrt(low * high),
            1 / (1 + exp(-sum(logit) / 2)),
            exp(-exp(sum(deep) / 2)),
        ]
        half = half_per_cent(r.value, low, high)
        off = max(min(middles) - r.value, r.value - max(middles)) - 2 * half
        yield from _off_middle(r, off, min(middles), max(middles), 0.07)


def middle_of_differences(rows: Rows) -> Iterator[Problem]:
    """Differences and means lie in the middle of their limits."""
    for r in rows:
        allowed = UNEVEN.get(r.statistic)
        if allowed is None or not r.has_ci or not r.ci_low <= r.value <= r.ci_high:
            continue
        middle = (r.ci_low + r.ci_high) / 2
        half = half_unit(r.value, r.ci_low, r.ci_high)
        yield from _off_middle(r, abs(r.value - middle) - 2 * half, middle, middle, allowed)


# ASSUME: medians of so many deaths are no step of their curve, so that none is its own limit; an
# interval so many times its last digit is not there by rounding. Progression is seen at visits,
# where a curve falls, and half and limit may well be one.
_MANY, _DIGITS = 50, 10


def limit_as_estimate(rows: Rows) -> Iterator[Problem]:
    """Rates lie between the middles of their limits, plain and on the log scale, correlations at
    that on Fisher's; an estimate that is its own limit is none."""
    for r in rows:
        if not (r.has_ci and r.ci_low < r.ci_high and r.ci_low <= r.value <= r.ci_high):
            continue
        half = half_unit(r.value, r.ci_low, r.ci_high)
        if r.statistic == "rate" and r.ci_low > 0:
            low, high = sqrt(r.ci_low * r.ci_high), (r.ci_low + r.ci_high) / 2
            off = max(low - r.value, r.value - high) - 2 * half
            yield from _off_middle(r, off, low, high, 0.1)
        elif r.statistic == "correlation" and r.ci_low > -1 and r.ci_high < 1:
            middle = tanh((atanh(r.ci_low) + atanh(r.ci_high)) / 2)
            yield from _off_middle(r, abs(r.value - middle) - 2 * half, middle, middle, 0.25)
        elif r.statistic == "median" and OVERALL.search(r.outcome):
            limit = r.value in (r.ci_low, r.ci_high)
            few = 0 < r.n < _MANY or r.ci_high - r.ci_low < 2 * _DIGITS * half
            if limit and not few:
                middle = sqrt(r.ci_low * r.ci_high)
                yield from _off_middle(r, r.ci_high - r.ci_low, middle, middle, 0.5)


def _off_middle(r: Row, off: float, low: float, high: float, allowed: float) -> Iterator[Problem]:
    width = r.ci_high - r.ci_low
    if off > allowed * width:
        yield Problem(
            "error" if off > 0.25 * width else "warning",
            (r.row,),
            "interval not symmetric",
            f"{r.statistic.replace('-', ' ')} of {r.arm} is not in the middle of its interval "
            f"{r.ci_low:.4g} to {r.ci_high:.4g} on any scale in use: digits swapped, or a limit of "
            "another row?",
            f"{r.value:.6g}",
            f"{low:.3g} to {high:.3g}" if high - low > 1e-9 else f"about {low:.4g}",
        )


def standard_errors(rows: Rows) -> Iterator[Problem]:
    """An SE beside a ratio or a difference, against interval, p and events of the same contrast.

    Beside a ratio it is of the logarithm, or of the ratio itself as Stata prints it: SE / ratio is
    then that of the logarithm.
    """
    for se in (r for r in rows if r.statistic == "se" and "/" in r.arm and r.value > 0):
        pair = of_pair(rows, *se.arm.split("/"))
        beside = [
            r
            for r in pair
            if r.statistic in RATIOS | DIFFERENCES
            and (r.adjusted == se.adjusted or {r.adjusted, se.adjusted} <= CRUDE)
            and (r.time == se.time or not (isfinite(r.time) and isfinite(se.time)))
            and isfinite(r.value)
        ]
        own = [r for r in beside if r.row == se.row]
        beside = own or beside
        if len(beside) != 1:
            continue  # of which it is, nobody says
        r = beside[0]
        ratio = r.statistic in RATIOS
        if ratio and r.value <= 0:
            continue
        for other, allowed in _errors_beside(rows, r):
            half = half_unit(se.value)
            plain = Range(max(se.value - half, 0), se.value + half)
            if plain.gap(allowed) == 0:
                continue
            # Of the ratio as printed, which may be one over this one.
            by = 1 / r.value if r.inverted else r.value
            of_ratio = Range(plain.low / by, plain.high / by) if ratio else plain
            rows_of = tuple(dict.fromkeys((se.row, r.row, *other)))
            name = r.statistic.replace("-", " ")
            if ratio and of_ratio.gap(allowed) == 0 and not r.logarithm:
                if own:
                    break  # in its own row it is read as that
                yield Problem(
                    "warning",
                    rows_of,
                    "SE of the ratio",
                    f"SE {se.value:.4g} is of the {name} itself (as Stata prints it), not of its "
                    f"logarithm: {se.value:.4g}/{r.value:.4g} = {se.value / r.value:.3g} fits the "
                    "other numbers",
                    f"{se.value:.4g}",
                    f"{se.value / r.value:.3g} as SE of the logarithm",
                )
            else:
                far = 2 * plain.high < allowed.low or plain.low > 2 * allowed.high
                high = f"{allowed.high:.3g}" if isfinite(allowed.high) else "more"
                yield Problem(
                    "error" if not other or (far and len(rows_of) < 4) else "warning",
                    rows_of,
                    "SE against the rest",
                    f"SE of the {name} does not fit its interval, p or events",
                    f"{se.value:.4g}",
                    f"{allowed.low:.3g} to {high}",
                )
            break


def _errors_beside(rows: Rows, r: Row) -> Iterator[tuple[tuple[int, ...], Range]]:
    """What the SE of a contrast may be by its interval, its p, its events: rows and range.

    Each range is widened a little: 2% for an interval, 12% for a p, which may be of another test,
    25% for that of the log-rank test, and for a difference by the t of few patients for the normal.
    """
    half = half_unit(r.value, r.ci_low, r.ci_high)
    ratio = r.statistic in RATIOS
    if r.has_ci and r.ci_low < r.ci_high and (not ratio or r.ci_low > 0):
        z = tte.critical_value(r.ci_level)
        if ratio:
            found = se_range(r.ci_low, r.ci_high, half, z)
        else:
            width = r.ci_high - r.ci_low
            found = Range(max(width - 2 * half, 0) / (2 * z), (width + 2 * half) / (2 * z))
        yield (), Range(found.low * (0.98 if ratio else 0.85), found.high * 1.02)
    effect = log_range(r.value, half) if ratio else Range(r.value - half, r.value + half)
    near = 0.0 if effect.low <= 0 <= effect.high else min(map(abs, effect))
    far = max(map(abs, effect))
    pair = of_pair(rows, *r.arm.split("/"))
    told = [(x.row, x.p) for x in pair if x.p and x.statistic == "se"]
    told += [(r.row, r.p)] if r.p else []
    own = bool(told) or r.has_ci
    if r.statistic == "hazard-ratio" and r.adjusted in CRUDE and not own:
        told += [(x.row, x.p) for x in pair if x.p and x.statistic == "log-rank-p"]
    for row, p in told:
        z_of_it = z_of(p)
        high = far / z_of_it.low if z_of_it.low > 0 else inf
        slack = (1.12 if own else 1.25) if ratio else 1.2
        yield (row,), Range(near / z_of_it.high / slack, high * slack)
    if r.statistic == "hazard-ratio":
        died = [deaths(rows, arm) for arm in r.arm.split("/")]
        if all(died) and min(d[0].value for d in died) >= 1:
            total = sum(d[0].value for d in died)
            high = 1.4 * sqrt(sum(1 / d[0].value for d in died)) if r.adjusted in CRUDE else inf
            yield tuple(d[0].row for d in died), Range(0.92 * 2 / sqrt(total), high)


def interval_of_table(rows: Rows) -> Iterator[Problem]:
    """The interval of a crude odds ratio, risk ratio or risk difference against its four cells."""
    for r in contrasts(rows, {"odds-ratio", "risk-ratio", "risk-difference"}):
        if r.adjusted not in CRUDE or not r.has_ci or not r.ci_low < r.ci_high:
            continue
        if any(x.statistic in CURVES for x in rows):
            continue  # censored: no table of four cells
        sides = [_cells(rows, arm, r.time) for arm in r.arm.split("/")]
        if any(side is None for side in sides):
            continue
        (a, n1, row1), (c, n2, row2) = (side for side in sides if side)
        if r.event == "survival" and r.statistic == "risk-ratio":
            continue  # of survivors, and what is counted may be the dead
        ratio = r.statistic != "risk-difference"
        if min(a, n1 - a, c, n2 - c) < 1 or (ratio and r.ci_low <= 0):
            continue
        half = half_unit(r.value, r.ci_low, r.ci_high)
        z = tte.critical_value(r.ci_level)
        if r.statistic == "odds-ratio":
            true = sqrt(1 / a + 1 / (n1 - a) + 1 / c + 1 / (n2 - c))
        elif ratio:
            true = sqrt(1 / a - 1 / n1 + 1 / c - 1 / n2)
        else:
            true = sqrt(a * (n1 - a) / n1**3 + c * (n2 - c) / n2**3)
            half = half_per_cent(r.value, r.ci_low, r.ci_high)
        if ratio:
            se = se_range(r.ci_low, r.ci_high, half, z)
        else:
            width = r.ci_high - r.ci_low
            se = Range(max(width - 2 * half, 0) / (2 * z), (width + 2 * half) / (2 * z))
        # Exact intervals are wider, the more so the smaller the cells.
        wider = 1.1 + 0.35 / sqrt(min(a, n1 - a, c, n2 - c))
        if se.high < 0.93 * true or se.low > wider * true:
            shown = (se.low + se.high) / 2
            yield Problem(
                "warning",
                (r.row, row1, row2),
                "interval against counts",
                f"interval of the {r.statistic.replace('-', ' ')} does not follow from {a:g} of "
                f"{n1:g} and {c:g} of {n2:g}{_level(shown / true, r.ci_level)}",
                f"SE {shown:.3g}",
                f"SE {true:.3g}",
            )


def _level(share: float, level: float) -> str:
    """A word on the level that an interval of this share of the width may have."""
    if abs(level - 0.95) > 1e-9:
        return ""
    for shown, critical in ((90, 1.645), (99, 2.576), (68, 1.0)):
        if abs(share * 1.96 / critical - 1) < 0.06:
            return f"; as one of {shown}% it would"
    return ""


def _cells(rows: Rows, arm: str, time: float) -> tuple[float, float, int] | None:
    for statistic, r in product(("events", "proportion"), rows):
        if r.arm != arm or r.statistic != statistic or not r.n > 0 or not isfinite(r.value):
            continue
        timely = same_time(r.time, time) if isfinite(time) and isfinite(r.time) else True
        if timely and (isfinite(r.time) == isfinite(time) or not isfinite(time)):
            events = r.value if statistic == "events" else r.value * r.n
            return (events, r.n, r.row)
    return None


# How far below the least that its patients give an SE must be: several events of each patient, and
# a model with the baseline in it, make one smaller than that.
FAR_BELOW = 0.5


def contrast_against_patients(rows: Rows, patients: float = nan) -> Iterator[Problem]:
    """An interval, SE or p of a comparison that says more than so many patients can: its own n,
    else that of its arms, else the `patients` of the study (studies.csv), the most that there are.
    Where the events themselves are printed, other checks tell more."""
    for r in contrasts(rows, set(_LEAST)):
        ratio = r.statistic in RATIOS
        if ratio and r.value <= 0:
            continue
        sized = [r] if r.n > 0 else patients_of_arms(rows, r)
        n = sum(row.n for row in sized) or patients
        if not n >= 4 or _events_tell(rows, r):
            continue
        by, most = most_of_error(r, ratio)
        if not by:
            beside = [x for x in of_pair(rows, *r.arm.split("/")) if x.statistic == "se"]
            alike = [x for x in beside if (x.time, x.adjusted) == (r.time, r.adjusted)]
            timeless = [x for x in beside if not isfinite(x.time) and x.adjusted == r.adjusted]
            of_it = alike or timeless
            if len(of_it) == 1:
                by, most = most_of_error(replace(r, se=of_it[0].value), ratio)
        least = _LEAST[r.statistic](r.value, n)
        if most < FAR_BELOW * least:
            yield Problem(
                "warning",
                tuple(dict.fromkeys((r.row, *(row.row for row in sized)))),
                "interval against n",
                f"{by} of the {r.statistic.replace('-', ' ')} of {r.arm} says far more than "
                f"{n:g} patients can: is it of another row, n of another group, or a decimal point "
                "shifted?",
                f"SE {most:.3g}",
                f"SE {least:.3g} or more",
            )


def rates_against_events(rows: Rows) -> Iterator[Problem]:
    """The interval, SE or p of a ratio of rates against the events of its arms: the SE of its
    logarithm is (1/a + 1/b)^½ at least, and more where events come in clusters."""
    for r in contrasts(rows, {"incidence-rate-ratio"}):
        died = [d for arm in r.arm.split("/") for d in deaths(rows, arm) if d.value >= 1]
        if len(died) != 2 or r.value <= 0 or not all(same_moment(d.time, r.time) for d in died):
            continue
        by, most = most_of_error(r, True)
        least = sqrt(sum(1 / d.value for d in died))
        if most < FAR_BELOW * least:
            yield Problem(
                "warning",
                (r.row, *(d.row for d in died)),
                "interval against events",
                f"{by} of the incidence rate ratio of {r.arm} says far more than "
                f"{died[0].value:g} and {died[1].value:g} events can: is it of another row, or a "
                "decimal point shifted?",
                f"SE {most:.3g}",
                f"SE {least:.3g} or more",
            )


def _least_of_risks(apart: float, n: float) -> float:
    """The least SE of two percentages in n patients, half of them in each arm: all or none in one
    arm, and in the other what is `apart`; one patient at least is unlike the others."""
    m = n / 2
    return sqrt(max(apart, 1 / m) / m)


# The least SE in n patients, by the value: half in each arm, of whom all have the event (hazard
# ratio), or one half (odds ratio). On the log scale where it is a ratio.
_LEAST: dict[str, Callable[[float, float], float]] = {
    "hazard-ratio": lambda _, n: 2 / sqrt(n),
    "odds-ratio": lambda _, n: 4 / sqrt(n),
    "standardised-mean-difference": lambda _, n: 2 / sqrt(n),
    "risk-ratio": lambda ratio, n: _least_of_risks(max(ratio, 1 / ratio) - 1, n),
    "risk-difference": lambda apart, n: _least_of_risks(abs(apart) * (1 - abs(apart)), n),
}


def most_of_error(r: Row, ratio: bool) -> tuple[str, float]:
    """What tells the error of a comparison, and the most that this may be for all rounding;
    infinite where nothing does. Of a ratio that of its logarithm."""
    half = half_unit(r.value, r.ci_low, r.ci_high)
    z = tte.critical_value(r.ci_level)
    if r.has_ci and r.ci_low < r.ci_high and (not ratio or r.ci_low > 0):
        if ratio:
            return "interval", se_range(r.ci_low, r.ci_high, half, z).high
        return "interval", (r.ci_high - r.ci_low + 2 * half) / (2 * z)
    if r.se > 0:
        of_ratio = ratio and not r.logarithm
        # Whether it is of the ratio or of its logarithm nothing here tells.
        return "SE", (r.se + half_unit(r.se)) / (min(r.value, 1.0) if of_ratio else 1.0)
    if r.p and r.p.exact:
        effect = log_range(r.value, half) if ratio else Range(r.value - half, r.value + half)
        low = z_of(r.p).low
        return "p", max(map(abs, effect)) / low if low > 0 else inf
    return "", inf


def patients_of_arms(rows: Rows, r: Row) -> list[Row]:
    """The row with the most patients of each arm of a comparison at its time, or else at any; none
    where an arm has none."""
    found = []
    for arm in r.arm.split("/"):
        sized = [x for x in rows if x.arm == arm and x.n > 0]
        timely = [x for x in sized if same_moment(x.time, r.time)]
        found += [max(timely or sized, key=lambda x: x.n)] if sized else []
    return found if len(found) == 2 else []


def _events_tell(rows: Rows, r: Row) -> bool:
    """Whether `interval_of_table` or the events of both arms say how narrow it may be."""
    if r.statistic == "hazard-ratio":
        return all(deaths(rows, arm) for arm in r.arm.split("/"))
    censored = any(x.statistic in CURVES for x in rows)
    cells = all(_cells(rows, arm, r.time) for arm in r.arm.split("/"))
    return cells and r.has_ci and r.adjusted in CRUDE and not censored
