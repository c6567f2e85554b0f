"""MN, MD and ROM of a survival outcome: restricted mean survival time up to the protocol's time.

The mean months lived up to a time tau, whatever the shape of the curves: the measure to prefer
where hazards cross. It (MN), its difference (MD, both in the protocol's time unit) or its ratio
(ROM, log) comes as printed, from the printed value of each arm, or from reconstructed data (tau at
most the smaller of the longest follow-ups).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, log, nan

from livingmeta.effects.candidate import Candidate, of_curve, usable, words
from livingmeta.effects.contrast import ratio_candidate
from livingmeta.effects.one_time import read_as_at
from livingmeta.effects.routes import worst
from livingmeta.extraction.curves.rebuild import Curve
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import Row, same_time
from livingmeta.formulas import time_to_event as tte


def restricted_means(
    measure: str,
    printed: Printed,
    arms: tuple[str, ...],
    tau: float | None,
    curves: tuple[Curve | None, ...],
) -> tuple[list[Candidate], list[str]]:
    """All routes (R, D, G) and the reasons where one failed. `tau`: the synthesis's time."""
    if tau is None:
        return [], ["a restricted mean needs the synthesis's time"]
    found: list[Candidate] = []
    reasons: list[str] = []
    rows = printed.contrasts("rmst-difference", *arms) if measure == "MD" else []
    for row in rows:
        if isfinite(row.time) and not same_time(row.time, tau):
            reasons.append(f"restricted mean difference printed to {row.when}, {tau:g} wanted")
            continue
        try:
            found.append(
                ratio_candidate(row, printed, words(read_as_at(row, tau)), log_scale=False)
            )
        except tte.RouteError as error:
            reasons.append(f"{error} (row {row.row})")
    sides = printed.each("rmst", arms, tau)
    if sides and all(side.has_ci or isfinite(side.se) for side in sides):
        values = [(side.value, _variance(side)) for side in sides]
        inputs = tuple(side.used("" if side.has_ci else f" SE {side.se:g}") for side in sides)
        sizes = sum(printed.size(arm)[0] or nan for arm in arms)
        try:
            effect = usable(lambda: _effect(measure, values), _no_error(values, arms, ""))
        except tte.RouteError as error:
            reasons.append(f"D: {error}")
        else:
            found.append(Candidate("D", *effect, inputs, (), sizes))
    drawn = [curve for curve in curves if curve is not None]
    if len(drawn) == len(arms):
        from livingmeta.formulas.individual_data import IndividualDataError, restricted_mean

        try:
            means = [restricted_mean(curve.data, tau) for curve in drawn]
            effect = usable(
                lambda: _effect(measure, means),
                _no_error(means, arms, f"nobody dies within {tau:g}"),
            )
        except (IndividualDataError, tte.RouteError) as error:
            reasons.append(f"G: {error}")
        else:
            found.append(
                Candidate(
                    "G",
                    *effect,
                    tuple(of_curve(a, n=c.n) for a, c in zip(arms, drawn, strict=True)),
                    words(*(w for curve in drawn for w in curve.warnings)),
                    float(sum(curve.n for curve in drawn)),
                    float(sum(curve.events for curve in drawn)),
                    grade=worst([curve.grade for curve in drawn]),
                )
            )
    if not found and not reasons:
        curves_of = "curves of both arms" if len(arms) == 2 else f"curve of {arms[0]}"
        reasons.append(f"no restricted mean to {tau:g} with its interval and no {curves_of}")
    return found, reasons


def _variance(row: Row) -> float:
    """Of a restricted mean, by its interval, else by its SE."""
    if row.has_ci:
        return ((row.ci_high - row.ci_low) / (2 * tte.critical_value(row.ci_level))) ** 2
    return row.se**2


def _no_error(values: Sequence[tuple[float, float]], arms: Sequence[str], because: str) -> str:
    """Why means of which one has no error give no effect; "" where all have one."""
    without = [arm for arm, (_, variance) in zip(arms, values, strict=True) if not variance > 0]
    if not without:
        return ""
    why = because or "its interval or SE is 0"
    return f"the restricted mean of {' and '.join(without)} has no error: {why}"


def _effect(measure: str, values: Sequence[tuple[float, float]]) -> tte.Effect:
    """`usable` says why not where an arm has no error: its variance is none, not nought."""
    values = [(mean, variance if variance > 0 else nan) for mean, variance in values]
    if measure == "MN":
        return tte.Effect(*values[0])
    (a, var_a), (b, var_b) = values
    if measure == "ROM":
        if not (a > 0 and b > 0):
            raise tte.RouteError(f"no ratio of restricted means {a:g} and {b:g}: both must be > 0")
        return tte.Effect(log(a / b), var_a / a**2 + var_b / b**2)
    return tte.Effect(a - b, var_a + var_b)
