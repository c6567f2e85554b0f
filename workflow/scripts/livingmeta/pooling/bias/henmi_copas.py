"""Henmi & Copas 2010 (Stat Med 29:2969): an interval that publication bias disturbs less.

Centred on the common-effect estimate, in which small studies count least, with the heterogeneity
of the random-effects model in its width.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc

from livingmeta.pooling.engines.inputs import PoolingError, check_effects, check_level

_REACH = 40.0  # standard normal density beyond: 0 in double precision
_NODES = 64


@dataclass(frozen=True)
class HenmiCopas:
    """Estimate (common-effect weights), its standard error under tau² (DL), and interval."""

    k: int
    estimate: float
    se: float
    tau2: float
    ci_low: float
    ci_high: float


def henmi_copas(yi: ArrayLike, vi: ArrayLike, *, level: float = 0.95) -> HenmiCopas:
    """Interval around the common-effect estimate, from the joint law of U and Cochran's Q.

    yi, vi: k >= 2 effects and variances (analysis scale). With u = (estimate - mu)/se, where se
    rests on the DerSimonian-Laird tau² and hence on Q, the quantile of u is found from Q given
    U, approximated by a gamma distribution with the same first two moments.
    """
    y, v = check_effects(yi, vi)
    level = check_level(level)
    k = y.size
    if k < 2:
        raise PoolingError("the Henmi-Copas interval needs at least 2 studies")
    w = 1 / v
    w1 = w.sum()
    w2, w3, w4 = ((w**power).sum() / w1 for power in (2, 3, 4))
    estimate = w @ y / w1
    q = w @ (y - estimate) ** 2
    tau2 = max(0.0, (q - (k - 1)) / (w1 - w2))
    ratio = 1 + tau2 * w2  # variance of the estimate under tau², against tau² = 0
    se = np.sqrt(ratio / w1)

    def gamma_moments(r):
        """Mean and variance of Q given U = r."""
        excess = r**2 / ratio**2 - 1 / ratio
        c3, c4 = w3 - w2**2, w4 - 2 * w2 * w3 + w2**3
        mean = (k - 1) + tau2 * (w1 - w2) + tau2**2 * excess * c3
        variance = 2 * (k - 1) + 4 * tau2 * (w1 - w2)
        variance += 2 * tau2**2 * (w1 * w2 - 2 * w3 + w2**2) + 4 * tau2**2 * excess * c3
        variance += 4 * tau2**3 * excess * c4
        variance += 2 * tau2**4 * (1 / ratio**2 - 2 * r**2 / ratio**3) * c3**2
        return mean, variance

    def coverage_gap(t):
        """P(|u| beyond t), one side, less what is wanted."""
        # Panels that grow with the distance: the integrand is smooth and dies off like a normal.
        edges = np.concatenate([t + np.linspace(0, 4, 17), t + np.linspace(5, _REACH, 8)])
        r, weight = _gauss(edges)
        mean, variance = gamma_moments(np.sqrt(ratio) * r)
        limit = (w1 / w2 - 1) * ((r / t) ** 2 - 1) + (k - 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            inside = gammainc(mean**2 / variance, np.maximum(limit, 0) * mean / variance)
        density = np.exp(-0.5 * r**2) / np.sqrt(2 * np.pi)
        return float(weight @ (inside * density)) - (1 - level) / 2

    from scipy.optimize import brentq

    high = 1.0
    while coverage_gap(high) > 0:
        high *= 1.5
    reach = brentq(coverage_gap, 1e-6, high, xtol=1e-14, rtol=1e-13)
    half = reach * np.sqrt(ratio) * se
    return HenmiCopas(
        k, float(estimate), float(se), float(tau2), float(estimate - half), float(estimate + half)
    )


def _gauss(edges):
    """Gauss-Legendre nodes and weights on the panels between the edges."""
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + node)).ravel(), (half * weight).ravel()
