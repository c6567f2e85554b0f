"""From what a paper prints about two survival curves to ln HR and its variance.

One small pure function a route. Notation: `r` research arm, `c` control arm; O events, E expected
events, N patients; S(t) survival; V the log-rank variance, so that var(ln HR) = 1/V.
A hazard ratio below 1 favours the research arm throughout.

Sources: Parmar, Torri & Stewart, Stat Med 1998;17:2815 (direct and indirect routes, curves with
follow-up); Williamson et al., Stat Med 2002;21:3337 (curves with numbers at risk); Tierney et al.,
Trials 2007;8:16 and its 2025 update in Syst Rev (all of them side by side, and their codes here).
The interval methods T11 and T12 live in `intervals`, the reconstructed data (G) in
`livingmeta.extraction.curves`.
"""

from __future__ import annotations

from math import exp, isfinite, log, sqrt
from typing import NamedTuple

from livingmeta.formulas.special import ndtri


class Effect(NamedTuple):
    """An effect on its analysis scale (here ln HR) and its sampling variance."""

    yi: float
    vi: float


class RouteError(ValueError):
    """The printed numbers cannot be turned into an effect this way; the message says why."""


def critical_value(level: float) -> float:
    """Two-sided standard normal quantile of a confidence level (0.95 -> 1.959964)."""
    if not 0 < level < 1:
        raise RouteError(f"confidence level {level:g} is not between 0 and 1")
    return float(ndtri(0.5 + level / 2))


def z_of_p(p: float, *, one_sided: bool = False) -> float:
    """|z| of a p value; a one-sided one is doubled first."""
    two_sided = 2 * p if one_sided else p
    if not 0 < two_sided <= 1:
        raise RouteError(f"p value {p:g} is not between 0 and {0.5 if one_sided else 1:g}")
    return float(abs(ndtri(two_sided / 2)))


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not (isfinite(value) and value > 0):
            raise RouteError(f"{name.replace('_', ' ')} is {value:g}; it must be above 0")


def ratio_and_ci(ratio: float, low: float, high: float, level: float = 0.95) -> Effect:
    """A (adjusted) and T3 (unadjusted): ratio and confidence interval at `level`.

    V = [2 z / (ln U - ln L)]^2 (Parmar 1998; Tierney 2007). Assumes an interval symmetric on the
    log scale, as Cox models and log-rank methods give.
    """
    _positive(ratio=ratio, lower_limit=low, upper_limit=high)
    if not low < high or not low <= ratio <= high:
        raise RouteError(
            f"the interval {low:g} to {high:g} does not contain its estimate {ratio:g}"
        )
    return Effect(log(ratio), ((log(high) - log(low)) / (2 * critical_value(level))) ** 2)


def observed_minus_expected(o_minus_e: float, v: float) -> Effect:
    """T1: O-E of the research arm and V of the log-rank test; ln HR = (O-E)/V (Peto)."""
    _positive(log_rank_variance=v)
    return Effect(o_minus_e / v, 1 / v)


def observed_and_expected(o_r: float, e_r: float, o_c: float, e_c: float) -> Effect:
    """T2: O and E of both arms; ln HR = ln[(O_r/E_r)/(O_c/E_c)], var = 1/E_r + 1/E_c."""
    _positive(observed_events_r=o_r, expected_events_r=e_r)
    _positive(observed_events_c=o_c, expected_events_c=e_c)
    return Effect(log((o_r / e_r) / (o_c / e_c)), 1 / e_r + 1 / e_c)


def ratio_and_p(ratio: float, p: float, *, one_sided: bool = False) -> Effect:
    """T4: ratio and exact p; V = (z / ln HR)^2.

    Breaks as HR -> 1, where the rounding of both numbers decides everything: refused when
    |ln HR| < 0.05 or p > 0.95.
    """
    _positive(ratio=ratio)
    z = z_of_p(p, one_sided=one_sided)
    # ASSUME a ratio printed to two decimals: at 0.05 its rounding alone is 10% of the SE.
    if abs(log(ratio)) < 0.05 or z < 0.0627:
        raise RouteError(f"hazard ratio {ratio:g} with p {p:g} is too near 1 to give a variance")
    return Effect(log(ratio), (log(ratio) / z) ** 2)


def variance_from_events(o_r: float, o_c: float) -> float:
    """1/V with V = O_r O_c / (O_r + O_c): the log-rank variance near HR = 1."""
    _positive(events_r=o_r, events_c=o_c)
    return (o_r + o_c) / (o_r * o_c)


def variance_from_total(events: float, n_r: float | None = None, n_c: float | None = None) -> float:
    """1/V with V = O N_r N_c / (N_r + N_c)^2, or O/4 where the arms are equal or unknown."""
    _positive(total_events=events)
    if n_r is None or n_c is None:
        return 4 / events
    _positive(patients_r=n_r, patients_c=n_c)
    return (n_r + n_c) ** 2 / (events * n_r * n_c)


def ratio_and_events(ratio: float, o_r: float, o_c: float) -> Effect:
    """T5: ratio and events of both arms. Overstates precision in unbalanced cohorts."""
    _positive(ratio=ratio)
    return Effect(log(ratio), variance_from_events(o_r, o_c))


def ratio_and_total_events(
    ratio: float, events: float, n_r: float | None = None, n_c: float | None = None
) -> Effect:
    """T6 (arms taken as equal) and T7 (arm sizes known): ratio and events of both arms together."""
    _positive(ratio=ratio)
    return Effect(log(ratio), variance_from_total(events, n_r, n_c))


def p_and_events(
    p: float, favours_research: bool, o_r: float, o_c: float, *, one_sided: bool = False
) -> Effect:
    """T8: log-rank p, its direction and the events of both arms; ln HR = z / sqrt(V)."""
    return _from_p(p, favours_research, variance_from_events(o_r, o_c), one_sided)


def p_and_total_events(
    p: float,
    favours_research: bool,
    events: float,
    n_r: float | None = None,
    n_c: float | None = None,
    *,
    one_sided: bool = False,
) -> Effect:
    """T9 (arms taken as equal: 2z/sqrt(O)) and T10 (arm sizes known): log-rank p, total events."""
    return _from_p(p, favours_research, variance_from_total(events, n_r, n_c), one_sided)


def _from_p(p: float, favours_research: bool, vi: float, one_sided: bool) -> Effect:
    z = z_of_p(p, one_sided=one_sided)
    return Effect((-z if favours_research else z) * sqrt(vi), vi)


def survival_at_one_time(s_r: float, s_c: float, var_r: float, var_c: float) -> Effect:
    """L: survival of both arms at one time under proportional hazards.

    ln HR = ln[ln S_r / ln S_c]; by the delta method var = sum of var(S)/(S ln S)^2.
    """
    for arm, s in (("research", s_r), ("control", s_c)):
        if not 0 < s < 1:
            raise RouteError(f"survival {s:g} in the {arm} arm: ln(-ln S) needs 0 < S < 1")
    _positive(variance_r=var_r, variance_c=var_c)
    variance = var_r / (s_r * log(s_r)) ** 2 + var_c / (s_c * log(s_c)) ** 2
    return Effect(log(log(s_r) / log(s_c)), variance)


def medians(median_r: float, median_c: float, o_r: float, o_c: float) -> Effect:
    """M, the last resort: two medians and events, exponential survival.

    ln HR = ln(med_c/med_r), var = 1/O_r + 1/O_c. That variance is the exponential model's;
    a Kaplan-Meier median itself varies about twice as much (1/(ln 2)^2 = 2.08).
    """
    _positive(median_r=median_r, median_c=median_c, events_r=o_r, events_c=o_c)
    return Effect(log(median_c / median_r), 1 / o_r + 1 / o_c)


def medians_and_cis(
    median_r: float,
    ci_r: tuple[float, float],
    median_c: float,
    ci_c: tuple[float, float],
    level: float = 0.95,
) -> Effect:
    """M with the medians' own intervals: var = sum of [(ln U - ln L)/(2z)]^2."""
    r, c = (ratio_and_ci(m, *ci, level) for m, ci in ((median_r, ci_r), (median_c, ci_c)))
    return Effect(c.yi - r.yi, r.vi + c.vi)


def bound_from_p(p: float, favours_research: bool, vi: float) -> float:
    """The ln HR that a p printed as `< p` reaches at least: a bound, never a value.

    The true ln HR lies at or beyond it, on the side of the arm that did better.
    """
    z = z_of_p(p)
    return (-z if favours_research else z) * sqrt(vi)


def display(effect: Effect, level: float = 0.95) -> tuple[float, float, float]:
    """Hazard ratio with its interval, from ln HR."""
    half = critical_value(level) * sqrt(effect.vi)
    return exp(effect.yi), exp(effect.yi - half), exp(effect.yi + half)
