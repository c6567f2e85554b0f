"""How much one study moves the result: deletion diagnostics and Baujat's coordinates.

Viechtbauer & Cheung 2010 (Res Synth Methods 1:112); Baujat 2002 (Stat Med 21:2641). Every study
is left out in turn and the whole model, heterogeneity included, is fitted again. Standard errors
are the plain ones of the model (no Knapp-Hartung factor).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from livingmeta.formulas.deletion_bounds import bounds
from livingmeta.pooling.engines.inputs import PoolingError, check_effects, check_moderators
from livingmeta.pooling.engines.models import fit, fit_many


@dataclass(frozen=True)
class Influence:
    """One number a study in each field, in the order of the studies.

    `estimate_deleted`, `se_deleted`: coefficients (k, p) and standard errors of the model without
    the study; `dfbetas` (k, p). `hat` lies in [0, 1], `weight` is in percent. `baujat_x`: squared
    Pearson residual, the study's share of the heterogeneity; `baujat_y`: squared standardised
    change of its fitted value when it is left out. `influential` follows the four rules of
    Viechtbauer & Cheung, as metafor applies them.
    """

    rstudent: np.ndarray
    dffits: np.ndarray
    cooks_distance: np.ndarray
    covariance_ratio: np.ndarray
    tau2_deleted: np.ndarray
    q_deleted: np.ndarray
    hat: np.ndarray
    weight: np.ndarray
    dfbetas: np.ndarray
    estimate_deleted: np.ndarray
    se_deleted: np.ndarray
    baujat_x: np.ndarray
    baujat_y: np.ndarray
    influential: np.ndarray


def influence(
    yi: ArrayLike, vi: ArrayLike, *, tau2: str = "REML", moderators: ArrayLike | None = None
) -> Influence:
    """Deletion diagnostics of a random- or common-effect model, with moderators if given.

    yi, vi: k effects and variances (analysis scale); moderators: (k, m) without the intercept.
    Raises PoolingError where a model without one of the studies cannot be fitted.
    """
    y, v = check_effects(yi, vi)
    k = y.size
    x = np.ones((k, 1)) if moderators is None else check_moderators(moderators, k)
    p = x.shape[1]
    if k < p + 2:
        raise PoolingError(f"leaving one of {k} studies out leaves too few for {p} coefficients")
    full_tau2, deleted_tau2 = _tau2s(y, v, x, tau2)
    w = 1 / (v + full_tau2)
    covariance = np.linalg.inv(_cross(x, w))
    beta = covariance @ (x.T @ (w * y))
    hat = w * np.einsum("ij,jk,ik->i", x, covariance, x)
    residual = y - x @ beta

    # Row i: the model without study i. Its weight there is 0, its own row of x is kept apart.
    wd = 1 / (v[None, :] + deleted_tau2[:, None])
    np.fill_diagonal(wd, 0.0)
    cov_deleted = np.linalg.inv(np.einsum("di,ip,iq->dpq", wd, x, x))
    beta_deleted = np.einsum("dpq,iq,di,i->dp", cov_deleted, x, wd, y)
    predicted = np.einsum("dp,dp->d", x, beta_deleted)
    predicted_var = np.einsum("dp,dpq,dq->d", x, cov_deleted, x)
    change = x @ beta - predicted
    shift = beta - beta_deleted

    w_all = 1 / (v[None, :] + deleted_tau2[:, None])
    spread = np.linalg.inv(np.einsum("di,ip,iq->dpq", w_all, x, x))
    dfbetas = shift / np.sqrt(np.einsum("dpp->dp", spread))
    dffits = change / np.sqrt(hat * (deleted_tau2 + v))
    cooks = np.einsum("dp,pq,dq->d", shift, np.linalg.inv(covariance), shift)
    bound = bounds(k, p)
    far = cooks > bound["cooks_distance"]
    strong = np.abs(dffits) > bound["dffits"]
    return Influence(
        rstudent=(y - predicted) / np.sqrt(v + predicted_var + deleted_tau2),
        dffits=dffits,
        cooks_distance=cooks,
        covariance_ratio=np.linalg.det(cov_deleted) / np.linalg.det(covariance),
        tau2_deleted=deleted_tau2,
        q_deleted=_q_deleted(y, v, x),
        hat=hat,
        weight=100 * w / w.sum(),
        dfbetas=dfbetas,
        estimate_deleted=beta_deleted,
        se_deleted=np.sqrt(np.einsum("dpp->dp", cov_deleted)),
        baujat_x=residual**2 / (v + full_tau2),
        baujat_y=change**2 / predicted_var,
        influential=strong | far | (hat > bound["hat"]) | (np.abs(dfbetas) > 1).any(1),
    )


def _cross(x, w):
    return x.T @ (w[:, None] * x)


def _tau2s(y, v, x, tau2):
    """tau² of the whole model and of each model with one study left out (k,)."""
    k = y.size
    if x.shape[1] == 1:
        left_out = np.eye(k, dtype=bool)
        rows = [np.where(left_out, np.nan, values[None, :]) for values in (y, v)]
        return fit(y, v, tau2=tau2).tau2, np.asarray(fit_many(*rows, tau2=tau2).tau2)
    keep = ~np.eye(k, dtype=bool)
    deleted = [fit(y[s], v[s], tau2=tau2, moderators=x[s, 1:]).tau2 for s in keep]
    return fit(y, v, tau2=tau2, moderators=x[:, 1:]).tau2, np.array(deleted)


def _q_deleted(y, v, x):
    """Residual heterogeneity Q of the common-effect model without each study (k,).

    Leaving study i out lowers the weighted residual sum of squares by r² w / (1 - h).
    """
    w = 1 / v
    inverse = np.linalg.inv(_cross(x, w))
    residual = y - x @ (inverse @ (x.T @ (w * y)))
    hat = w * np.einsum("ij,jk,ik->i", x, inverse, x)
    return np.maximum(0.0, w @ residual**2 - w * residual**2 / (1 - hat))
