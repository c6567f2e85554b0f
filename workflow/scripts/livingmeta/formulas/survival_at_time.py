"""Survival of one arm at one time: its standard error, effective n and scales.

S(t) is not x/n where patients were censored: `round(S n)/n` overstates precision. The ladder of
standard errors, best first: S1 the printed interval; S2 Greenwood from reconstructed data;
S3 numbers at risk (Peto: S sqrt((1-S)/R(t))); S4 n as though all were followed to t.
The effective n is S(1-S)/SE^2: the number of fully followed patients that would give this error.
"""

from __future__ import annotations

from itertools import pairwise
from math import isfinite, log, sqrt
from typing import NamedTuple

from livingmeta.formulas.time_to_event import Effect, RouteError, critical_value


class Rung(NamedTuple):
    """One way to the error of S(t): route code, SE on the survival scale, effective n, words."""

    route: str
    se: float
    n_effective: float
    assumed: str


_SCALES = {
    "plain": (lambda s: s, lambda s: 1.0),
    "log": (log, lambda s: s),
    "log-log": (lambda s: log(-log(s)), lambda s: s * abs(log(s))),
    "logit": (lambda s: log(s / (1 - s)), lambda s: s * (1 - s)),
}


def se_from_ci(
    survival: float, low: float, high: float, level: float = 0.95, cut_scale: str = "plain"
) -> tuple[float, str]:
    """SE of S(t) from a printed interval, and the scale on which that interval is symmetric.

    Papers print plain, log, log-log and logit intervals without saying which; the scale on which
    the two halves are most equal is taken, and its SE carried back by the delta method. Where a
    limit was cut off at 0 or 1, the other half is used, on `cut_scale` (plain or log: the others
    never reach a limit), and the scale comes back as `plain, cut off` or `log, cut off`.
    Raises RouteError when the interval does not contain the estimate or survival is 0 or 1.
    """
    if not 0 < survival < 1:
        raise RouteError(f"survival {survival:g} has no interval to read an error from")
    if not low <= survival <= high or low >= high:
        raise RouteError(f"the interval {low:g} to {high:g} does not contain {survival:g}")
    z = critical_value(level)
    if low <= 0 and high >= 1:
        raise RouteError("an interval from 0 to 1 says nothing about the error")
    if low <= 0:
        return (high - survival) / z, "plain, cut off"
    if high >= 1:
        half = survival * log(survival / low) if cut_scale == "log" else survival - low
        return half / z, f"{'log' if cut_scale == 'log' else 'plain'}, cut off"
    name = symmetric_scale(survival, low, high)
    scale, slope = _SCALES[name]
    return slope(survival) * abs(scale(high) - scale(low)) / (2 * z), name


def se_from_limit(
    survival: float, low: float, high: float, level: float = 0.95, scale: str = "plain"
) -> tuple[float, str]:
    """SE of S(t) from the one limit that is printed, the other being NaN, and the scale used.

    `scale`: plain or log, as the study's whole intervals are; a limit at 0 or 1 was cut off and
    says nothing. Raises RouteError then, and where the limit is on the wrong side.
    """
    limit = low if isfinite(low) else high
    if not 0 < limit < 1 or (limit >= survival) == isfinite(low) or limit == survival:
        raise RouteError(f"one limit of {limit:g} gives no error of survival {survival:g}")
    half = survival * abs(log(limit / survival)) if scale == "log" else abs(limit - survival)
    return half / critical_value(level), "log" if scale == "log" else "plain"


def symmetric_scale(survival: float, low: float, high: float) -> str:
    """The scale on which an interval within 0 and 1 is most nearly symmetric."""
    skew = {}
    for name, (scale, _) in _SCALES.items():
        below, above = abs(scale(survival) - scale(low)), abs(scale(high) - scale(survival))
        skew[name] = abs(below - above) / (below + above)
    return min(skew, key=lambda name: round(skew[name], 12))


def peto_se(survival: float, at_risk: float) -> float:
    """SE = S sqrt((1-S)/R(t)) from the number still at risk at t (Peto et al. 1977)."""
    if not at_risk > 0:
        raise RouteError(f"{at_risk:g} patients at risk give no standard error")
    return survival * sqrt((1 - survival) / at_risk)


def complete_se(survival: float, n: float) -> float:
    """SE = sqrt(S(1-S)/n), as though every patient had been followed to t."""
    if not n > 0:
        raise RouteError(f"{n:g} patients give no standard error")
    return sqrt(survival * (1 - survival) / n)


def effective_n(survival: float, se: float) -> float:
    """S(1-S)/SE^2; RouteError where the square of the error is too small for a number."""
    if not se**2 > 0:
        raise RouteError(
            f"survival {survival:g} with an error of {se:g}, too small to compute with"
        )
    return survival * (1 - survival) / se**2


def ladder(
    survival: float,
    *,
    ci: tuple[float, float] | None = None,
    level: float = 0.95,
    cut_scale: str = "plain",
    greenwood: float | None = None,
    at_risk: float | None = None,
    n: float | None = None,
    se: float | None = None,
) -> list[Rung]:
    """All rungs that the printed numbers allow, best first (see the module's first lines).

    `ci`: both limits, or one and NaN. `se`: as printed beside the percentage.
    Survival 0 or 1 has no error of its own: the only rung is then S4 on the number at risk at t,
    or on n where that is not printed, and the measure adds its usual half event.
    """
    if not 0 <= survival <= 1:
        raise RouteError(f"survival {survival:g} is not between 0 and 1")
    if survival in (0, 1):
        size = at_risk if survival == 1 and at_risk else n
        if size is None or not size > 0:
            return []
        words = f"survival of {survival:g}: {size:g} patients counted as followed throughout"
        return [Rung("S4", 0.0, float(size), words)]
    rungs = []
    if ci is not None and all(isfinite(x) for x in ci):
        by_ci, scale = se_from_ci(survival, *ci, level, cut_scale)
        kind, _, cut = scale.partition(", ")
        words = f"interval {cut} at a limit: its other half, on the {kind} scale" if cut else ""
        rungs.append(Rung("S1", by_ci, effective_n(survival, by_ci), words))
    if se is not None and se > 0:
        rungs.append(Rung("S1", se, effective_n(survival, se), ""))
    if ci is not None and isfinite(ci[0]) != isfinite(ci[1]):
        rungs += _by_one_limit(survival, *ci, level, cut_scale)
    if greenwood is not None and greenwood > 0:
        rungs.append(Rung("S2", greenwood, effective_n(survival, greenwood), ""))
    if at_risk is not None and at_risk > 0:
        peto = peto_se(survival, at_risk)
        words = "standard error from numbers at risk (Peto)"
        rungs.append(Rung("S3", peto, effective_n(survival, peto), words))
    if n is not None and n > 0:
        words = f"all {n:g} patients counted as followed to that time (precision overstated)"
        rungs.append(Rung("S4", complete_se(survival, n), float(n), words))
    return rungs


def _by_one_limit(survival: float, low: float, high: float, level: float, scale: str) -> list[Rung]:
    """S1 by one limit; none where it was cut off at 0 or 1, which leaves the other rungs."""
    try:
        se, name = se_from_limit(survival, low, high, level, scale)
    except RouteError:
        return []
    side = "lower" if isfinite(low) else "upper"
    words = f"standard error from the {side} limit alone, on the {name} scale"
    return [Rung("S1", se, effective_n(survival, se), words)]


def logit(survival: float, se: float) -> Effect:
    """ln[S/(1-S)] and var(S)/[S(1-S)]^2."""
    _inside(survival)
    return Effect(log(survival / (1 - survival)), (se / (survival * (1 - survival))) ** 2)


def _inside(survival: float) -> None:
    if not 0 < survival < 1:
        raise RouteError(f"survival {survival:g} is at a limit; this scale needs 0 < S < 1")


def rising(times: list[float], pooled: list[float], tolerance: float = 1e-9) -> list[tuple]:
    """Pairs of neighbouring times between which a pooled survival curve rises.

    Pooled one time at a time, survival may rise because other studies report the later one.
    Returns `(earlier, later, survival_earlier, survival_later)`; empty when all is well.
    """
    points = sorted(zip(times, pooled, strict=True))
    return [(t0, t1, s0, s1) for (t0, s0), (t1, s1) in pairwise(points) if s1 > s0 + tolerance]
