"""Whether two printed numbers can be one: each as it was rounded, each in its own form."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from math import isclose, isfinite, log, nan
from statistics import NormalDist

from livingmeta import tables
from livingmeta.extraction.p_values import PValue
from livingmeta.extraction.rows import RATIOS, Row
from livingmeta.formulas.time_to_event import critical_value

# A ratio printed both ways round says the same twice if they differ by no more.
_BOTH_WAYS = 0.02
# An SE and that of an interval are one if they differ by no more; few patients widen the interval.
_ONE_ERROR, _FEW = 1.2, 1.6
# ASSUME: p of another test than Wald's (log-rank, likelihood ratio, t) makes no greater difference.
_ONE_P = 1.6
# ASSUME: nor one of so many standard errors, or of more where patients are few.
_ONE_TEST = 1.0


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
    """Whether two rows of one number that tell its error in different forms (interval, SE, an SD
    with its patients, an exact p) cannot be of one error."""
    n = a.n if isfinite(a.n) else b.n
    mine, theirs = _errors(a, n), _errors(b, n)
    if set(mine) & set(theirs) or not mine or not theirs:
        return False
    if {*mine, *theirs} == {"se", "sd"} and not isfinite(n):
        first, second = (row.se if isfinite(row.se) else row.sd for row in (a, b))
        return alike(first, second)
    for (one, x), (other, y) in product(mine.items(), theirs.items()):
        # An SE to few digits, and an interval by t, are further off.
        slack = _ONE_P if "p" in (one, other) else _ONE_ERROR
        wide = max(slack, _FEW) if "interval" in (one, other) else slack
        low, high = (slack, wide) if one == "interval" else (wide, slack)
        apart = not (x[1] * low >= y[0] and x[0] <= y[1] * high)
        if apart and not ("p" in (one, other) and _near(a, sum(x) / 2, sum(y) / 2)):
            return True
    return False


def _near(row: Row, x: float, y: float) -> bool:
    """Whether two errors place a number about as many of them from no effect, as an exact test and
    Wald's do where little is counted."""
    distance = _distance(row)
    return abs(distance / x - distance / y) < _ONE_TEST


def _distance(row: Row) -> float:
    return abs(log(row.value)) if row.statistic in RATIOS and row.value > 0 else abs(row.value)


def _errors(row: Row, n: float) -> dict[str, tuple[float, float]]:
    """The SE of a number by each form in which its row tells it, on the scale of the analysis, as
    the least and the greatest that rounding allows; `n`: its patients, NaN where nobody says."""
    found = {"interval": (_of_interval(row),) * 2} if row.has_ci else {}
    if isfinite(row.se):
        found["se"] = _rounded(_of_se(row), row.se)
    if row.statistic == "mean" and isfinite(row.sd) and (n > 1 or not isfinite(n)):
        low, high = _rounded(row.sd, row.sd)
        root = n**0.5 if isfinite(n) else 1.0
        found["sd"] = low / root, high / root
    if "/" in row.arm and row.p is not None and row.p.exact and 0 < row.p.value < 1:
        found["p"] = _of_p(row)
    return {name: (x, y) for name, (x, y) in found.items() if x > 0 and isfinite(y)}


def _rounded(value: float, printed: float) -> tuple[float, float]:
    half = 0.5 * 10.0 ** -decimals(_exact(printed))
    share = min(half / printed, 0.5) if printed > 0 else nan
    return value * (1 - share), value * (1 + share)


def _of_p(row: Row) -> tuple[float, float]:
    """By the distance from no effect; p is as it was rounded, of a normal test or one near it."""
    assert row.p is not None  # for the types: `_errors` asks first
    distance = _distance(row)
    half = 0.5 * 10.0 ** -decimals(_exact(row.p.value))
    sides = 1 if row.p.one_sided else 2
    tails = [max((row.p.value + sign * half) / sides, 1e-300) for sign in (-1, 1)]
    if not (tails[1] < 0.5 and distance > 0):
        return nan, nan
    low, high = (distance / -NormalDist().inv_cdf(tail) for tail in tails)
    return low, high


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
