"""One survival curve from those of several studies, across times and without assuming a shape.

After Combescure, Foucher & Jackson, Stat Med 2014;33:2521. Of each study and interval the share
that survives it of those alive at its beginning is arcsine transformed, with a quarter added
(variance 1/(4(n + 1/2))); the intervals are pooled together, with the between-study covariance of
Jackson, White & Riley (Stat Med 2013;32:1191) by moments, its negative eigenvalues cut to 0; the
product of what comes back is the curve. Its error is by the delta method, its interval symmetric
for ln(-ln S), so within 0 and 1. A study that does not give an interval weighs nothing in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtri

from livingmeta.pooling.engines.inputs import check_level


@dataclass(frozen=True)
class Course:
    """A pooled curve at the ends of its intervals, survival as proportions.

    `se_log`: standard error of ln S. `k`, `patients`: studies and patients behind each interval.
    `tau2`: between-study covariance on the arcsine scale, noughts where `random` is false. `q` (of
    all intervals together, common effect), its degrees of freedom and p, `i2` in percent.
    """

    survival: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    se_log: np.ndarray
    k: np.ndarray
    patients: np.ndarray
    tau2: np.ndarray
    q: float
    q_df: int
    q_p: float
    i2: float

    def median(self, times: ArrayLike) -> tuple[float, float, float]:
        """Time at which half are alive, and where the limits of the curve cross one half; straight
        between the `times` of the curve, NaN where one half is not reached."""
        ends = np.asarray(times, float)
        middle, low, high = (
            _crossing(ends, curve) for curve in (self.survival, self.ci_low, self.ci_high)
        )
        return middle, low, high


def pool(
    conditional: ArrayLike, patients: ArrayLike, *, random: bool = True, level: float = 0.95
) -> Course:
    """The pooled curve of studies (rows) over intervals (columns).

    `conditional`: share of those alive at the beginning of the interval that survive it, NaN where
    a study does not say; `patients`: how many it is of, effective where some leave within it.
    Raises ValueError for shares outside 0 and 1, no patients, or an interval that no study gives.
    """
    check_level(level)
    share, n = np.atleast_2d(np.asarray(conditional, float)), np.atleast_2d(patients).astype(float)
    given = np.isfinite(share)
    if share.shape != n.shape or not share.size:
        raise ValueError(f"shares of {share.shape} beside patients of {n.shape}")
    if not given.any(axis=0).all():
        raise ValueError(f"no study gives interval {int(np.argmin(given.any(axis=0))) + 1}")
    if (share[given] < 0).any() or (share[given] > 1).any() or not (n[given] > 0).all():
        raise ValueError("shares must be within 0 and 1, and of more than no patients")
    share, n = np.where(given, share, 0.5), np.where(given, n, 1.0)
    y = np.arcsin(np.sqrt((n * share + 0.25) / (n + 0.5)))
    weight = np.where(given, 4 * (n + 0.5), 0.0)
    common = (weight * y).sum(axis=0) / weight.sum(axis=0)
    between = _covariance(y, weight) if random else np.zeros((share.shape[1],) * 2)
    mean, covariance = _weighted(y, weight, between) if random else (common, _of_one(weight))
    survival = np.cumprod(np.sin(mean) ** 2)
    slope = 2 / np.tan(mean)  # of ln sin^2
    log_covariance = slope[:, None] * covariance * slope
    se_log = np.sqrt(np.cumsum(np.cumsum(log_covariance, axis=0), axis=1).diagonal())
    half = float(ndtri((1 + level) / 2)) * se_log / -np.log(survival)
    q = float((weight * (y - common) ** 2).sum())
    df = int(given.sum() - share.shape[1])
    return Course(
        survival,
        survival ** np.exp(half),
        survival ** np.exp(-half),
        se_log,
        given.sum(axis=0),
        np.where(given, n, 0.0).sum(axis=0),
        between,
        q,
        df,
        float(chdtrc(df, q)) if df else float("nan"),
        max(0.0, 100 * (q - df) / q) if df and q > 0 else float("nan"),
    )


def _covariance(y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Between-study covariance by moments, made positive semi-definite.

    Errors of two intervals of one study are independent, so only its diagonal has a part within
    studies to take off.
    """
    size = y.shape[1]
    found = np.zeros((size, size))
    for i in range(size):
        for j in range(i, size):
            w = np.sqrt(weight[:, i] * weight[:, j])
            total = w.sum()
            least = total - (w**2).sum() / total if total > 0 else 0.0
            if (w > 0).sum() < 2:
                continue
            apart = [y[:, m] - (w * y[:, m]).sum() / total for m in (i, j)]
            within = (w > 0).sum() - 1 if i == j else 0
            found[i, j] = found[j, i] = ((w * apart[0] * apart[1]).sum() - within) / least
    values, vectors = np.linalg.eigh(found)
    return (vectors * np.maximum(values, 0.0)) @ vectors.T


def _weighted(
    y: np.ndarray, weight: np.ndarray, between: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Generalised least squares: each study with the intervals that it gives."""
    size = y.shape[1]
    total, moment = np.zeros((size, size)), np.zeros(size)
    for row, w in zip(y, weight, strict=True):
        at = np.flatnonzero(w > 0)
        if at.size:
            inverse = np.linalg.inv(np.diag(1 / w[at]) + between[np.ix_(at, at)])
            total[np.ix_(at, at)] += inverse
            moment[at] += inverse @ row[at]
    covariance = np.linalg.inv(total)
    return covariance @ moment, covariance


def _of_one(weight: np.ndarray) -> np.ndarray:
    return np.diag(1 / weight.sum(axis=0))


def _crossing(times: np.ndarray, curve: np.ndarray) -> float:
    below = np.flatnonzero(curve <= 0.5)
    if not below.size:
        return float("nan")
    at = int(below[0])
    before, height = (times[at - 1], curve[at - 1]) if at else (0.0, 1.0)
    return float(before + (times[at] - before) * (height - 0.5) / (height - curve[at]))
