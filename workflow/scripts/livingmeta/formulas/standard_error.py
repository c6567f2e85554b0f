"""The standard error of an estimate from what stands beside it, on its analysis scale.

`df`: the degrees of freedom where an interval or a p is by t, as of a difference of means in two
arms of n1 and n2 patients (n1 + n2 - 2; Cochrane Handbook 6.5.2.3); None where it is by z.
"""

from __future__ import annotations

from math import isfinite, log
from typing import NamedTuple

from livingmeta.formulas import special
from livingmeta.formulas.time_to_event import RouteError, critical_value, z_of_p


def reach(level: float, df: float | None = None) -> float:
    """How many standard errors an interval of `level` reaches to each side."""
    z = critical_value(level)
    return z if df is None else float(special.stdtrit(df, 0.5 + level / 2))


def from_interval(
    estimate: float, low: float, high: float, level: float = 0.95, df: float | None = None
) -> float:
    """From both limits; RouteError where they do not hold their estimate."""
    if low == high:
        raise RouteError(f"the interval {low:g} to {high:g} has no width: it tells no error")
    if not low < high or not low <= estimate <= high:
        raise RouteError(f"the interval {low:g} to {high:g} does not contain {estimate:g}")
    return (high - low) / (2 * reach(level, df))


def from_limit(
    estimate: float, limit: float, level: float = 0.95, df: float | None = None
) -> float:
    """From one limit alone of a two-sided interval that is symmetric on this scale."""
    return abs(limit - estimate) / reach(level, df)


def from_p(estimate: float, p: float, df: float | None = None, *, one_sided: bool = False) -> float:
    """From an exact p of the test against 0; RouteError where it is too near 1 to tell."""
    z = z_of_p(p, one_sided=one_sided)
    if z < 0.0627 or estimate == 0:
        raise RouteError(f"p {p:g} is too near 1 to give a variance")
    if df is None:
        return abs(estimate) / z
    return abs(estimate) / abs(float(special.stdtrit(df, (2 * p if one_sided else p) / 2)))


class ErrorOfRatio(NamedTuple):
    """The SE of ln ratio, whether the one printed was that or of the ratio, and what told it."""

    se: float
    of_logarithm: bool
    told_by: str


def of_ratio(ratio: float, se: float, **expected: float) -> ErrorOfRatio:
    """An SE printed beside a ratio: of its logarithm, or as Stata prints it of the ratio itself.

    `expected`: the SE of ln ratio that each witness gives (by a CI, a p, events), best first, NaN
    where there is none. One counts if it is twice as near to one reading as to the other. `told_by`
    is empty where nothing tells, and then the SE is taken as of the logarithm; "both" where the
    ratio is so near 1 that it does not matter.
    """
    if not ratio > 0 or not se > 0:
        raise RouteError(f"a ratio of {ratio:g} with a standard error of {se:g}")
    if abs(log(ratio)) < 0.05:
        return ErrorOfRatio(se, of_logarithm=True, told_by="both")
    for witness, value in expected.items():
        if not (isfinite(value) and value > 0):
            continue
        off_log, off_ratio = abs(log(se / value)), abs(log(se / ratio / value))
        if min(off_log, off_ratio) < max(off_log, off_ratio) / 2:
            is_log = off_log < off_ratio
            return ErrorOfRatio(se if is_log else se / ratio, is_log, witness)
    return ErrorOfRatio(se, of_logarithm=True, told_by="")
