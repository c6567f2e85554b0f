"""Cluster-robust variances with small-sample corrections (CR2) and Satterthwaite's df.

Bell & McCaffrey 2002; Tipton 2015 (Psychol Methods 20:375); Pustejovsky & Tipton 2018 (J Bus
Econ Stat 36:672). The weights are the inverse of a working covariance; the standard errors stay
right on average when that is wrong, as long as clusters are independent of each other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc, stdtr, stdtrit

from livingmeta.pooling.engines.inputs import (
    PoolingError,
    check_effects,
    check_labels,
    check_level,
    check_moderators,
)


@dataclass(frozen=True)
class RobustFit:
    """Coefficients (p,), intercept first, with CR2 standard errors and their own df (p,). `qm`: the
    F of all coefficients but the intercept with its df (clubSandwich's HTZ), NaN of none or where
    clusters are too few for it."""

    k: int
    clusters: int
    coefficients: np.ndarray
    se: np.ndarray
    df: np.ndarray
    statistic: np.ndarray
    p_value: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    covariance: np.ndarray
    qm: float
    qm_df: float
    qm_df2: float
    qm_p: float


def robust(
    yi: ArrayLike,
    vi: ArrayLike,
    cluster: ArrayLike,
    *,
    between: float = 0.0,
    within: float = 0.0,
    moderators: ArrayLike | None = None,
    level: float = 0.95,
) -> RobustFit:
    """Weighted least squares with CR2 standard errors.

    yi, vi: k effects and variances; cluster: k labels (the study an effect comes from). The
    working covariance has vi + within + between on its diagonal and `between` for two effects of
    one cluster: tau² of an ordinary model goes in as `within`, the two components of
    multilevel.fit_multilevel as both. Below 4 df the p-values are too small on the whole (Tipton
    2015). Raises PoolingError with fewer than two clusters.
    """
    y, v = check_effects(yi, vi)
    level = check_level(level)
    k = y.size
    x = np.ones((k, 1)) if moderators is None else check_moderators(moderators, k)
    names, member = check_labels(cluster, k, "cluster")
    if names.size < 2:
        raise PoolingError("cluster-robust variances need at least two clusters")
    same = member[:, None] == member[None, :]
    working = np.where(same, between, 0.0) + np.diag(v + within)
    weight = np.linalg.inv(working)
    bread = np.linalg.inv(x.T @ weight @ x)
    projector = bread @ x.T @ weight
    beta = projector @ y
    residual = y - x @ beta
    annihilator = np.eye(k) - x @ projector

    meat = np.zeros_like(bread)
    paths = []
    for j in range(names.size):
        rows = member == j
        root = np.linalg.cholesky(working[np.ix_(rows, rows)]).T
        model = working[np.ix_(rows, rows)] - x[rows] @ bread @ x[rows].T
        adjust = root.T @ _inverse_root(root @ model @ root.T) @ root
        score = bread @ x[rows].T @ weight[np.ix_(rows, rows)] @ adjust  # (p, n_j)
        part = score @ residual[rows]
        meat += np.outer(part, part)
        paths.append(score @ annihilator[rows])
    path = np.stack(paths)  # (clusters, p, k)
    df = np.empty(x.shape[1])
    for c in range(x.shape[1]):
        cross = path[:, c] @ working @ path[:, c].T
        df[c] = np.trace(cross) ** 2 / (cross**2).sum()
    se = np.sqrt(np.diag(meat))
    statistic = beta / se
    reach = stdtrit(df, (1 + level) / 2) * se
    p_value = 2 * stdtr(df, -np.abs(statistic))
    return RobustFit(
        k, names.size, beta, se, df, statistic, p_value, beta - reach, beta + reach, meat,
        *_together(beta, meat, path, working),
    )  # fmt: skip


def _together(beta, covariance, path, working):
    """F, its two df and p of all coefficients but the intercept: approximate Hotelling's T², its df
    from the variances of the covariance's elements (Pustejovsky & Tipton 2018, section 3.2)."""
    q = beta.size - 1
    if q == 0:
        return (np.nan,) * 4
    own = path[:, 1:]  # (clusters, q, k)
    mean = np.einsum("isk,kl,itl->st", own, working, own)
    scaled = np.einsum("st,itk->isk", _inverse_root(mean), own)
    cross = np.einsum("isk,kl,jtl->ijst", scaled, working, scaled)
    same = np.einsum("ijss->ijs", cross)
    spread = np.einsum("ijs,ijt->", same, same) + np.einsum("ijst,ijts->", cross, cross)
    eta = q * (q + 1) / spread
    df2 = eta - q + 1
    if not df2 > 0:
        return np.nan, float(q), np.nan, np.nan
    t2 = beta[1:] @ np.linalg.solve(covariance[1:, 1:], beta[1:])
    f = float(df2 / (eta * q) * t2)
    return f, float(q), float(df2), float(fdtrc(q, df2, f))


def _inverse_root(matrix):
    """Symmetric inverse square root; directions a cluster has no residual in stay 0."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    keep = values > 1e-10 * values.max()
    scale = np.where(keep, 1 / np.sqrt(np.where(keep, values, 1.0)), 0.0)
    return (vectors * scale) @ vectors.T
