"""Meta-regression with effects that depend on each other, by the multilevel model or by CR2.

`multilevel`: coefficients of multilevel.fit_multilevel with z and Wald's chi-squared, as metafor's
rma.mv. `robust`: those of random effects of all effects with CR2 standard errors, each with the
degrees of freedom of its own, and all together by the approximate Hotelling's T² of Pustejovsky and
Tipton 2018 (J Bus Econ Stat 36:672), clubSandwich's HTZ. `wald` makes the same of any model's
coefficients and their covariance.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri, stdtrit

from livingmeta.pooling.engines.inputs import PoolingError
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.engines.multilevel import fit_multilevel
from livingmeta.pooling.engines.robust import robust

AGREE = "the studies agree to the last digit, from which no robust standard error can be had"


@dataclass(frozen=True)
class EffectsRegression:
    """Coefficients (p,), intercept first, named as in models.Fit; `k` studies; `df` of each, NaN
    for z. `tau2`: both variances together, `within` that of effects in a study (NaN under CR2,
    which does not part them). `predicted`: as models.predicted gives it, with the `df` of each."""

    k: int
    coefficients: np.ndarray
    coefficient_se: np.ndarray
    coefficient_low: np.ndarray
    coefficient_high: np.ndarray
    coefficient_p: np.ndarray
    df: np.ndarray
    tau2: float
    within: float
    qm: float
    qm_df: float
    qm_df2: float
    qm_p: float
    predicted: dict[str, np.ndarray]
    r2: float = np.nan  # of two variances, or under CR2, there is none agreed on


def regress_effects(
    y: np.ndarray,
    v: np.ndarray,
    study: np.ndarray,
    x: np.ndarray,
    method: str,
    *,
    level: float,
    at: np.ndarray,
) -> EffectsRegression:
    """Regression of n effects `y` with variances `v` of the studies named in `study` on moderators
    `x` (n, m), by `method` (`multilevel` or `robust`), with predictions for the rows `at` (g, m).

    With one effect a study `multilevel` is the random-effects model (REML, Wald). The prediction
    interval is of a further effect of a further study, by t on as many degrees of freedom as there
    are studies beyond the coefficients. Raises PoolingError where it cannot be fitted.
    """
    return (_multilevel if method == "multilevel" else _robust)(y, v, study, x, level, at)


def _with_prediction(f, level):
    reach = stdtrit(f.k - f.coefficients.size, (1 + level) / 2)
    half = reach * np.sqrt(f.predicted["se"] ** 2 + f.tau2)
    middle = f.predicted["estimate"]
    return replace(f, predicted=f.predicted | {"pi_low": middle - half, "pi_high": middle + half})


def _multilevel(y, v, study, x, level, at):
    k = len(set(study))
    if k == y.size:
        f = fit(y, v, moderators=x, level=level)
        assert f.coefficients is not None  # for the types: it has moderators
        assert f.covariance is not None
        beta, covariance, between, within = f.coefficients, f.covariance, float(f.tau2), 0.0
    else:
        m = fit_multilevel(y, v, study, moderators=x, level=level)
        beta, covariance, between, within = m.coefficients, m.covariance, m.between, m.within
    return wald(k, beta, covariance, between, within, level=level, at=at)


def wald(
    k: int,
    beta: np.ndarray,
    covariance: np.ndarray,
    between: float,
    within: float,
    *,
    level: float,
    at: np.ndarray,
) -> EffectsRegression:
    """The regression of the coefficients `beta` (p,), intercept first, with their `covariance`, of
    k independent studies: z, Wald's chi-squared, predictions for the rows `at` (g, p - 1)."""
    se = np.sqrt(np.diag(covariance))
    crit = ndtri((1 + level) / 2)
    qm, m = float(beta[1:] @ np.linalg.solve(covariance[1:, 1:], beta[1:])), beta.size - 1
    at = np.column_stack([np.ones(len(at)), at])
    mean, error = at @ beta, np.sqrt(np.einsum("gi,ij,gj->g", at, covariance, at))
    low, high = mean - crit * error, mean + crit * error
    found = EffectsRegression(
        k, beta, se, beta - crit * se, beta + crit * se, 2 * ndtr(-np.abs(beta / se)),
        np.full(beta.size, np.nan), between + np.nan_to_num(within), within,
        qm, float(m), np.nan, float(chdtrc(m, qm)),
        {"estimate": mean, "se": error, "ci_low": low, "ci_high": high, "df": mean * np.nan},
    )  # fmt: skip
    return _with_prediction(found, level)


def _robust(y, v, study, x, level, at):
    plain = fit(y, v, moderators=x, level=level)
    assert plain.coefficient_se is not None  # for the types: it has moderators
    options = {"within": float(plain.tau2), "level": level}
    with np.errstate(divide="ignore", invalid="ignore"):
        r = robust(y, v, study, moderators=x, **options)
    if not (r.se > 1e-9 * plain.coefficient_se).all():
        raise PoolingError(AGREE)
    # Where the moderators count from `a`, the mean at `a` is the intercept, with its own df.
    means = [robust(y, v, study, moderators=x - a, **options) for a in at]
    names = ("se", "ci_low", "ci_high", "df")
    told = {"estimate": "coefficients"} | {name: name for name in names}
    found = EffectsRegression(
        len(set(study)), r.coefficients, r.se, r.ci_low, r.ci_high, r.p_value, r.df,
        float(plain.tau2), np.nan, r.qm, r.qm_df, r.qm_df2, r.qm_p,
        {name: np.array([getattr(one, field)[0] for one in means]) for name, field in told.items()},
    )  # fmt: skip
    return _with_prediction(found, level)
