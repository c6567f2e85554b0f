"""Fail-safe numbers: how many unpublished studies of no effect would undo a result.

Kept for readers who ask for them; they say nothing about the size of a bias (Becker 2005, in
Rothstein et al., Publication Bias in Meta-Analysis).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from livingmeta.pooling.engines.inputs import OptionError, check_effects


@dataclass(frozen=True)
class FailSafe:
    """`n` studies: `p_value` is that of the observed studies, `target` the effect left over."""

    method: str
    k: int
    n: float
    p_value: float
    estimate: float
    target: float


def rosenthal(yi: ArrayLike, vi: ArrayLike, *, alpha: float = 0.05) -> FailSafe:
    """Null studies that would bring Stouffer's one-sided p to alpha (Rosenthal 1979)."""
    y, v = check_effects(yi, vi)
    mean_z = abs((y / np.sqrt(v)).sum()) / math.sqrt(y.size)
    n = y.size * (mean_z / _upper(alpha)) ** 2 - y.size
    return FailSafe("rosenthal", y.size, _whole(n), float(ndtr(-mean_z)), np.nan, np.nan)


def orwin(yi: ArrayLike, *, target: float | None = None, vi: ArrayLike | None = None) -> FailSafe:
    """Null studies that would bring the mean effect to `target`, by default half of it.

    The mean is plain, or weighted by 1/vi where variances are given (Orwin 1983). A target of the
    other sign is read as its mirror image; a target of 0 takes infinitely many.
    """
    y, v = check_effects(yi, np.ones(np.size(yi)) if vi is None else vi)
    mean = float((y / v).sum() / (1 / v).sum())
    target = mean / 2 if target is None else math.copysign(target, mean)
    n = math.inf if target == 0 else _whole(y.size * (mean - target) / target)
    return FailSafe("orwin", y.size, n, np.nan, mean, target)


def rosenberg(yi: ArrayLike, vi: ArrayLike, *, alpha: float = 0.05) -> FailSafe:
    """Null studies of average weight that would bring the common-effect p to alpha

    (Rosenberg 2005, Evolution 59:464).
    """
    y, v = check_effects(yi, vi)
    w = 1 / v
    extra = (w @ y / _upper(alpha / 2)) ** 2 - w.sum()
    mean = w @ y / w.sum()
    p_value = float(2 * ndtr(-abs(mean) * math.sqrt(w.sum())))
    return FailSafe("rosenberg", y.size, _whole(y.size * extra / w.sum()), p_value, mean, np.nan)


def _upper(tail):
    if not 0 < tail < 0.5:
        raise OptionError(f"alpha leaves a tail of {tail:g}; it must lie between 0 and 0.5")
    return -float(ndtri(tail))


def _whole(n):
    """Up to the next whole study, unless rounding alone put it a hair above one; never below 0."""
    return float(max(0, round(n) if abs(n - round(n)) < 1e-8 else math.ceil(n)))
