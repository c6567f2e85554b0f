"""A ratio or a difference as the paper prints it, with its CI, SE or exact p."""

from __future__ import annotations

from math import exp, isclose, isfinite, log, nan

from livingmeta.effects.candidate import Candidate, usable
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import DIFFERENCES, RATIOS, Row, Used, same_time, turned
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
    se = None if row.has_ci else own_error(row, printed, or_p=bool(row.p and row.p.exact))
    inputs: tuple[Used, ...] = (row.used(),)
    if row.has_ci:
        route, effect = "R", tte.ratio_and_ci(value, low, high, row.ci_level)
    elif se:
        route, effect = "R", tte.ratio_and_se(value, se.value / larger)
        inputs += (se.used(),)
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


def own_error(row: Row, printed: Printed, *, or_p: bool) -> Row | None:
    """The SE of a contrast, if there is one; raises RouteError where it may be that of another
    statistic, unless there is an exact p to take in its place (`or_p`)."""
    se, rival = _error(row, printed), _rival(row, printed)
    if se is None or rival is None:
        return se
    if or_p:
        return None
    kinds = (row.statistic.replace("-", " "), rival.statistic.replace("-", " "))
    raise tte.RouteError(
        f"{kinds[0]} {row.value:g} with an SE (row {se.row}) that may be that of the {kinds[1]} in "
        f"row {rival.row}"
    )


def _error(row: Row, printed: Printed) -> Row | None:
    """The SE of a contrast, whichever way round it is printed; of a ratio it is of its log.

    The one of its adjustment and time (a hazard ratio is of no time), else one of which that is not
    said. None where several contrasts or several SEs could be meant.
    """
    arms = set(row.arm.split("/"))
    mine = [r for r in printed.rows if set(r.arm.split("/")) == arms and isfinite(r.value)]
    alike = [r for r in mine if r.statistic == row.statistic]
    found = [r for r in mine if r.statistic == "se"]
    if any(r.adjusted == row.adjusted for r in found):
        found = [r for r in found if r.adjusted == row.adjusted]
        alike = [r for r in alike if r.adjusted == row.adjusted]
    elif row.adjusted:
        found = [r for r in found if not r.adjusted]
    if row.statistic != "hazard-ratio":
        alike = [r for r in alike if _of_one_time(r, row)]
    if row.statistic != "hazard-ratio" and isfinite(row.time):
        found = [r for r in found if _of_one_time(r, row)]
    elif any(not isfinite(r.time) for r in found):
        found = [r for r in found if not isfinite(r.time)]
    # A contrast printed both ways round says the same twice.
    values = [turned(r, row.arm).value if r.arm != row.arm else r.value for r in alike]
    once = all(isclose(value, row.value, rel_tol=0.02) for value in values)
    return found[0] if once and len({r.value for r in found}) == 1 else None


def _of_one_time(one: Row, other: Row) -> bool:
    """Whether two rows are of the same time, or both of none."""
    return same_time(one.time, other.time) or not (isfinite(one.time) or isfinite(other.time))


def _rival(row: Row, printed: Printed) -> Row | None:
    """Another statistic of the same arms and time that has no interval: an SE may be its."""
    arms = set(row.arm.split("/"))
    others = (
        r
        for r in printed.rows
        if r.statistic != row.statistic
        and r.statistic in RATIOS | DIFFERENCES
        and set(r.arm.split("/")) == arms
        and not r.has_ci
        and _of_one_time(r, row)
    )
    return next(others, None)
