"""Permutation test of a meta-regression (Higgins & Thompson 2004, Stat Med 23:1663).

With few studies the normal and t tests of a moderator are too quick to see something. Here the
moderators are dealt out anew among the studies, the whole model fitted each time, and the observed
statistics compared with what chance gives. R² and the tests of the model are models.fit's.
"""

from dataclasses import dataclass
from itertools import permutations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike

from livingmeta.pooling.engines import tau2 as estimators
from livingmeta.pooling.engines.inputs import (
    OptionError,
    Rows,
    check_effects,
    check_moderators,
    choose,
)
from livingmeta.pooling.engines.intervals import inflation

_CHUNK = 1000
# A permutation that gives the same statistic but for rounding counts as reaching it.
_TIE = 1e-9


@dataclass(frozen=True)
class PermutationTest:
    """`p_value` of each coefficient (p,), intercept first, two-sided; `qm_p` of all moderators.

    exact: all k! orders were used; else `permutations` random ones, the observed among them.
    """

    p_value: np.ndarray
    qm_p: float
    permutations: int
    exact: bool


def permutation_test(
    yi: ArrayLike,
    vi: ArrayLike,
    moderators: ArrayLike,
    *,
    tau2: str = "REML",
    interval: str = "wald",
    count: int = 1000,
    seed: int = 1,
) -> PermutationTest:
    """Deal rows of the moderators (k, m) out anew among the k studies.

    All k! orders where there are no more than `count` of them or k <= 7 (5,040), else `count`
    random ones from `seed`. interval decides the statistics: `wald` (z, chi²) or `hksj` (t, F).
    """
    y, v = check_effects(yi, vi)
    x = check_moderators(moderators, y.size)
    choose(interval, ("wald", "hksj"), "the statistic of a permutation test")
    if count < 1:
        raise OptionError(f"count is {count}; it must be at least 1")
    k = y.size
    exact = k <= 7 or factorial(k) <= count
    if exact:
        orders = np.array(list(permutations(range(k))))
    else:
        rng = np.random.default_rng(seed)
        drawn = [rng.permutation(k) for _ in range(count - 1)]
        orders = np.array([np.arange(k), *drawn])
    z, qm = _statistics(y, v, x[orders[:1]], tau2, interval)
    reached, reached_qm = np.zeros(x.shape[1]), 0
    for start in range(0, len(orders), _CHUNK):
        zs, qms = _statistics(y, v, x[orders[start : start + _CHUNK]], tau2, interval)
        reached += (np.abs(zs) >= np.abs(z) * (1 - _TIE)).sum(0)
        reached_qm += int((qms >= qm * (1 - _TIE)).sum())
    return PermutationTest(reached / len(orders), reached_qm / len(orders), len(orders), exact)


def _statistics(y, v, x, tau2, interval):
    """z or t of each coefficient (R, p) and the omnibus statistic (R,) for designs x (R, k, p)."""
    count, k, p = x.shape
    many_y, many_v = (np.broadcast_to(values, (count, k)) for values in (y, v))
    rows = Rows(many_y, many_v, None, np.full(count, k))
    w = 1 / (v + estimators.estimate(tau2, rows, x)[:, None])
    beta, covariance, residual = estimators.regress(w, rows, x)
    scatter = (w * residual**2).sum(1) / (k - p)
    covariance = covariance * np.asarray(inflation(interval, scatter))[..., None, None]
    z = beta / np.sqrt(np.einsum("rpp->rp", covariance))
    inner = np.linalg.solve(covariance[:, 1:, 1:], beta[:, 1:, None])[..., 0]
    return z, (beta[:, 1:] * inner).sum(1)
