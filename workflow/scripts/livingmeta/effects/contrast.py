"""A ratio or a difference as the paper prints it, with its CI, SE or exact p."""

from __future__ import annotations

from math import exp, isfinite, log, nan

from livingmeta.effects.candidate import Candidate, usable
from livingmeta.extraction.printed import DIFFERENCES, RATIOS, Printed, Row, Used
from livingmeta.formulas import time_to_event as tte


def ratio_candidate(
    row: Row, printed: Printed, assumed: tuple[str, ...], *, log_scale: bool
) -> Candidate:
    """R or R4 from a printed contrast; raises RouteError where it has no error to go with it."""
    value = row.value
    low, high = row.ci_low, row.ci_high
    larger = 1.0
    if not log_scale:
        # A difference of a thousand days is too large for exp: then it is taken in larger units.
        largest = max((abs(x) for x in (value, low, high) if isfinite(x)), default=0.0)
        larger = largest / 100 if largest > 300 else 1.0
        value, low, high = (exp(x / larger) for x in (value, low, high))
    if value <= 0:
        raise tte.RouteError(f"a ratio of {value:g} has no logarithm")
    ses = [r for r in printed.errors(row) if not isfinite(row.time) or r.time == row.time]
    inputs: tuple[Used, ...] = (row.used(),)
    if row.has_ci:
        route, effect = "R", tte.ratio_and_ci(value, low, high, row.ci_level)
    elif ses:
        if rival := _rival(printed, row):
            kinds = (row.statistic.replace("-", " "), rival.statistic.replace("-", " "))
            raise tte.RouteError(
                f"{kinds[0]} {row.value:g} with an SE (row {ses[0].row}) that may be that of the "
                f"{kinds[1]} in row {rival.row}"
            )
        route, effect = "R", tte.ratio_and_se(value, ses[0].value / larger)
        inputs += (ses[0].used(),)
    elif row.p and row.p.exact:
        z = tte.z_of_p(row.p.value, one_sided=row.p.one_sided)
        if z < 0.0627 or value == 1:
            raise tte.RouteError(f"p {row.p} is too near 1 to give a variance")
        route, effect = "R4", tte.Effect(log(value), (log(value) / z) ** 2)
        inputs = (row.used(f" p {row.p}"),)
        if row.p.one_sided:
            assumed += ("p is one-sided and was doubled",)
    else:
        bound = f" (p {row.p} is only a bound)" if row.p else ""
        kind = row.statistic.replace("-", " ")
        raise tte.RouteError(f"{kind} {row.value:g} without CI, SE or exact p{bound}")
    nought = f"{row.statistic} {row.value:g} with an error of nought"
    made = usable(lambda: tte.Effect(effect.yi * larger, effect.vi * larger**2), nought)
    sizes = printed.sizes(row.arm.split("/")) if "/" in row.arm else []
    n = sum(sizes) if sizes else row.n
    return Candidate(route, *made, inputs, assumed, n, nan, row.adjusted)


def _rival(printed: Printed, row: Row) -> Row | None:
    """Another statistic of the same arms and time that has no interval: an SE may be its."""
    arms = set(row.arm.split("/"))
    return next(
        (
            r
            for r in printed.rows
            if r.statistic != row.statistic
            and r.statistic in RATIOS | DIFFERENCES
            and set(r.arm.split("/")) == arms
            and not r.has_ci
            and (r.time == row.time or not (isfinite(r.time) or isfinite(row.time)))
        ),
        None,
    )
