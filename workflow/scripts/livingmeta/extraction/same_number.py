"""Whether two printed numbers can be one: each as it was rounded, each in its own form."""

from __future__ import annotations

from decimal import Decimal
from math import isclose, isfinite, log, nan

from livingmeta import tables
from livingmeta.extraction.p_values import PValue
from livingmeta.extraction.rows import RATIOS, Row
from livingmeta.formulas.time_to_event import critical_value

# A ratio printed both ways round says the same twice if they differ by no more.
_BOTH_WAYS = 0.02
# An SE and that of an interval are one if they differ by no more; few patients widen the interval.
_ONE_ERROR, _FEW = 1.2, 1.6


def both(x: float, y: float) -> bool:
    """Whether both are numbers."""
    return x == x and y == y


def alike(x: float, y: float, digits: int = 2) -> bool:
    """Whether one is the other rounded, to so many digits or more: 66.6 and 67, not 0.7 and 0.74
    (the latter may be 0.70: a number has lost the noughts at its end)."""
    if x == y:
        return True
    if not (isfinite(x) and isfinite(y)):
        return False
    coarse, fine = sorted((_exact(x), _exact(y)), key=decimals)
    unit = Decimal(1).scaleb(-decimals(coarse))
    return len(coarse.as_tuple().digits) >= digits and abs(coarse - fine) <= unit / 2


def _exact(number: float) -> Decimal:
    return Decimal(tables.text(number))


def decimals(number: Decimal) -> int:
    """The digits after the point."""
    return max(0, -int(number.as_tuple().exponent))


def alike_turned(x: float, y: float, digits: int = 2) -> bool:
    """Whether one is the other, where one was read from the other way round."""
    return isclose(x, y, rel_tol=_BOTH_WAYS, abs_tol=1e-12)


def one_p(a: PValue, b: PValue) -> bool:
    """Whether two printed p can be of one test: <0.05 and 0.03 can, 0.03 and 0.3 cannot."""
    if a.one_sided != b.one_sided:
        return False
    if a.exact and b.exact:
        return alike(a.value, b.value, 1)
    if a.exact or b.exact:
        exact, bound = (a, b) if a.exact else (b, a)
        return exact.value <= bound.value if bound.relation == "<" else exact.value >= bound.value
    low, high = (a, b) if a.relation == ">" else (b, a)
    return a.relation == b.relation or low.value < high.value


def errors_differ(a: Row, b: Row) -> bool:
    """Whether two contrasts, one with its interval and one with its SE, cannot be of one error."""
    by_interval = [row for row in (a, b) if row.has_ci and not isfinite(row.se)]
    by_se = [row for row in (a, b) if isfinite(row.se) and not row.has_ci]
    if len(by_interval) != 1 or len(by_se) != 1:
        return False
    x, y = _of_interval(by_interval[0]), _of_se(by_se[0])
    return min(x, y) > 0 and not 1 / _ONE_ERROR <= x / y <= _FEW


def _of_interval(row: Row) -> float:
    ends = row.ci_low, row.ci_high
    if row.statistic in RATIOS:
        if not min(ends) > 0:
            return nan
        ends = log(ends[0]), log(ends[1])
    return (ends[1] - ends[0]) / (2 * critical_value(row.ci_level))


def _of_se(row: Row) -> float:
    """On the scale of the analysis; NaN where it may be of the ratio itself."""
    return nan if row.statistic in RATIOS and not row.logarithm else row.se
