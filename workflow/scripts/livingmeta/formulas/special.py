"""Functions of scipy.special for a few numbers at a time, without what its import costs.

A small stage needs one normal quantile, and `import scipy.special` takes as long as all of its
work. Here stand the same formulas, digit for digit: the normal quantile by the rational
approximations of Cephes (Moshier 1989, `ndtri`), which SciPy has too, the logit and its inverse.
"""

from collections.abc import Callable
from functools import wraps
from math import exp, inf, log, log1p, nan, sqrt
from typing import Any

import numpy as np

MANY = 1000  # more numbers than this are worth the import

# Cephes, ndtri.c: of y - 1/2 around the middle, then of 1/x with x = sqrt(-2 log y), near and far.
_P0 = (-5.99633501014107895267e1, 9.80010754185999661536e1, -5.66762857469070293439e1,
       1.39312609387279679503e1, -1.23916583867381258016)  # fmt: skip
_Q0 = (1.0, 1.95448858338141759834, 4.67627912898881538453, 8.63602421390890590575e1,
       -2.25462687854119370527e2, 2.00260212380060660359e2, -8.20372256168333339912e1,
       1.59056225126211695515e1, -1.18331621121330003142)  # fmt: skip
_P1 = (4.05544892305962419923, 3.15251094599893866154e1, 5.71628192246421288162e1,
       4.40805073893200834700e1, 1.46849561928858024014e1, 2.18663306850790267539,
       -1.40256079171354495875e-1, -3.50424626827848203418e-2,
       -8.57456785154685413611e-4)  # fmt: skip
_Q1 = (1.0, 1.57799883256466749731e1, 4.53907635128879210584e1, 4.13172038254672030440e1,
       1.50425385692907503408e1, 2.50464946208309415979, -1.42182922854787788574e-1,
       -3.80806407691578277194e-2, -9.33259480895457427372e-4)  # fmt: skip
_P2 = (3.23774891776946035970, 6.91522889068984211695, 3.93881025292474443415,
       1.33303460815807542389, 2.01485389549179081538e-1, 1.23716634817820021358e-2,
       3.01581553508235416007e-4, 2.65806974686737550832e-6,
       6.23974539184983293730e-9)  # fmt: skip
_Q2 = (1.0, 6.02427039364742014255, 3.67983563856160859403, 1.37702099489081330271,
       2.16236993594496635890e-1, 1.34204006088543189037e-2, 3.28014464682127739104e-4,
       2.89247864745380683936e-6, 6.79019408009981274425e-9)  # fmt: skip
_TAIL = 0.13533528323661269189  # exp(-2)
_ROOT = 2.50662827463100050242  # sqrt(2 pi)
_LARGEST = 709.782712893384  # whose exponential is still a number


def _of_each(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """`function` of each of several numbers, an array in its shape or a number of numpy's;
    SciPy's of the same name where there are many."""

    @wraps(function)
    def each(value: Any) -> Any:
        values = np.asarray(value, dtype=float)
        if values.size > MANY:
            from scipy import special

            return getattr(special, function.__name__)(values)
        found = [function(one) for one in values.ravel().tolist()]
        return np.array(found, dtype=float).reshape(values.shape)[()]

    return each


@_of_each
def ndtri(p: float) -> float:
    """The standard normal quantile of `p`; infinite at 0 and 1, NaN outside."""
    if not 0.0 < p < 1.0:
        return {0.0: -inf, 1.0: inf}.get(p, nan)
    upper = p > 1.0 - _TAIL
    y = 1.0 - p if upper else p
    if y > _TAIL:
        y = y - 0.5
        square = y * y
        return (y + y * (square * _along(_P0, square) / _along(_Q0, square))) * _ROOT
    x = sqrt(-2.0 * log(y))
    z = 1.0 / x
    above, below = (_P1, _Q1) if x < 8.0 else (_P2, _Q2)
    found = (x - log(x) / x) - z * _along(above, z) / _along(below, z)
    return found if upper else -found


def _along(coefficients: tuple[float, ...], x: float) -> float:
    """The polynomial of `x` with these coefficients, the highest first."""
    found = coefficients[0]
    for coefficient in coefficients[1:]:
        found = found * x + coefficient
    return found


@_of_each
def expit(x: float) -> float:
    """1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + exp(-x)) if not x < -_LARGEST else 0.0


@_of_each
def logit(p: float) -> float:
    """log(p / (1 - p)); infinite at 0 and 1, NaN outside."""
    if not 0.0 < p < 1.0:
        return {0.0: -inf, 1.0: inf}.get(p, nan)
    if 0.3 <= p <= 0.65:  # exact around one half
        s = 2.0 * (p - 0.5)
        return log1p(s) - log1p(-s)
    return log(p / (1.0 - p))


def stdtrit(df: Any, p: Any) -> Any:
    """The quantile `p` of Student's t with `df` degrees of freedom. This one and those below are
    SciPy's, loaded by who needs them."""
    from scipy import special

    return special.stdtrit(df, p)


def betaincinv(a: float, b: float, p: Any) -> Any:
    """The quantile `p` of a beta distribution."""
    from scipy import special

    return special.betaincinv(a, b, p)


def gammaincinv(a: float, p: Any) -> Any:
    """The quantile `p` of a gamma distribution of scale 1."""
    from scipy import special

    return special.gammaincinv(a, p)


def betainc(a: float, b: float, x: Any) -> Any:
    """The share of a beta distribution below `x`."""
    from scipy import special

    return special.betainc(a, b, x)


def fdtri(first: float, second: float, p: Any) -> Any:
    """The quantile `p` of F with these degrees of freedom."""
    from scipy import special

    return special.fdtri(first, second, p)
