"""Do subgroups differ? Tests between them, with a tau² of their own or one in common.

Separate: each subgroup is pooled with its own tau², and the pooled effects are compared by
Q_between = sum w_g (m_g - m)², w_g = 1/se_g², against chi² with G - 1 df (Borenstein 2009,
chapter 19). Common: a regression on the subgroup with one residual tau² for all; the omnibus test
of its coefficients (chi², or F where the interval is t or HKSJ).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from livingmeta.analyses import IN_COMMON, Model
from livingmeta.pooling.engines import intervals
from livingmeta.pooling.engines.inputs import ModeratorError, check_effects
from livingmeta.pooling.engines.models import Fit, fit

# How well a comparison guards against confounding, best first: the order of its tiers.
TIERS = ("randomised", "matched", "weighted", "multivariable", "no")


@dataclass(frozen=True)
class Between:
    """A test between subgroups: chi² `statistic` with `df`, or F with `df` and `df2`."""

    k: int
    statistic: float
    df: float
    df2: float
    p_value: float
    tau2: float  # the common one; NaN where each subgroup has its own
    r2: float  # percent of tau² explained; NaN where each subgroup has its own


def in_order(values: Iterable[str], first: Sequence[str] = ()) -> list[str]:
    """The different values: those of `first` in that order, then the others, by comparability where
    all are such tiers, else by the alphabet."""
    names = sorted(set(values))
    if first:
        return [*(x for x in first if x in names), *(x for x in names if x not in first)]
    return sorted(names, key=TIERS.index) if set(names) <= set(TIERS) else names


def _members(groups, k):
    labels = np.asarray(groups)
    if labels.shape != (k,):
        raise ModeratorError(f"{labels.size} subgroup labels for {k} studies")
    names = sorted(set(labels.tolist()))
    if len(names) < 2:
        raise ModeratorError(f"all studies are of the subgroup {names[0]!r}; nothing to compare")
    return labels, names


def separate(
    yi: ArrayLike, vi: ArrayLike, groups: ArrayLike, *, tau2: str = "REML"
) -> tuple[dict[str, Fit], Between]:
    """Every subgroup pooled with its own tau² (Wald), and the test between them.

    `groups` (k,) labels. Raises ModeratorError where a subgroup has one study only (its tau²
    cannot be told, and its weight in the test would be too large) or there is only one subgroup.
    """
    y, v = check_effects(yi, vi)
    labels, names = _members(groups, y.size)
    fits = {name: fit(y[labels == name], v[labels == name], tau2=tau2) for name in names}
    alone = [str(name) for name, f in fits.items() if f.k == 1]
    if alone and tau2 != "FE":
        raise ModeratorError(f"a subgroup of one study has no tau² of its own: {', '.join(alone)}")
    test = between([f.estimate for f in fits.values()], [f.se for f in fits.values()])
    return fits, replace(test, k=y.size)


def between(estimates: Sequence[float], errors: Sequence[float]) -> Between:
    """Q_between of subgroups' pooled `estimates` with their standard `errors`; `k` counts them."""
    mean, w = np.asarray(estimates, float), np.asarray(errors, float) ** -2
    q = float(w @ (mean - w @ mean / w.sum()) ** 2)
    df, nan = float(mean.size - 1), float("nan")
    return Between(mean.size, q, df, nan, float(chdtrc(df, q)), nan, nan)


def common(
    yi: ArrayLike,
    vi: ArrayLike,
    groups: ArrayLike,
    names: Sequence[str] = (),
    *,
    tau2: str = "REML",
    interval: str = "wald",
    level: float = 0.95,
) -> tuple[Fit, Between]:
    """The regression on the subgroup and its test; the first of `names` is the reference, else the
    first label in sorted order.

    Raises ModeratorError where there are as many subgroups as studies, or only one.
    """
    y, v = check_effects(yi, vi)
    labels, found = _members(groups, y.size)
    x = dummies(labels, list(names) or found)
    f = fit(y, v, tau2=tau2, interval=interval, moderators=x, level=level)
    return f, Between(y.size, f.qm, f.qm_df, f.qm_df2, f.qm_p, f.tau2, f.r2)


def in_common(model: str) -> str:
    """The id of a subgroup's result under a model whose tau² all subgroups share."""
    return f"{model} {IN_COMMON}"


def means(
    y: np.ndarray,
    v: np.ndarray,
    groups: np.ndarray,
    names: Sequence[str],
    f: Fit,
    model: Model,
    level: float,
) -> list[dict[str, Any]]:
    """Each subgroup's mean under the regression `f` on the subgroup (first name as reference), in
    columns of pooled.csv: its interval and prediction interval have the k - G degrees of freedom
    of the one model, its I² sets the common tau² against its own studies' errors."""
    assert f.coefficients is not None
    assert f.covariance is not None
    df = y.size - len(names)
    t_df = None if model.interval == "wald" else df
    reach = intervals.quantile(level, t_df)
    pi_reach, _ = intervals.prediction_quantile(model.prediction, df, level)
    found = []
    for i, name in enumerate(names):
        pick = np.zeros(len(names))
        pick[[0, i]] = 1.0
        estimate = float(pick @ f.coefficients)
        se = float(np.sqrt(pick @ f.covariance @ pick))
        own = v[groups == name]
        half = pi_reach * np.sqrt(se**2 + f.tau2)
        typical = _typical(own)
        statistic = estimate / se if se > 0 else np.nan
        found.append(
            {
                "estimate": estimate,
                "se": se,
                "ci_low": estimate - reach * se,
                "ci_high": estimate + reach * se,
                "pi_low": estimate - half,
                "pi_high": estimate + half,
                "statistic": statistic,
                "df": np.nan if t_df is None else float(df),
                "p_value": float(intervals.two_sided_p(statistic, t_df)),
                "tau2": f.tau2,
                "i2": 100.0 * f.tau2 / (f.tau2 + typical) if own.size > 1 else np.nan,
                "h2": 1.0 + f.tau2 / typical if own.size > 1 else np.nan,
                "tau2_method": model.tau2,
                "interval": model.interval,
            }
        )
    return found


def _typical(v: np.ndarray) -> float:
    """Higgins and Thompson's typical variance of studies with the variances `v` (k,)."""
    w = 1.0 / v
    return float((v.size - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum())) if v.size > 1 else np.nan


def dummies(labels: np.ndarray, names: list[str]) -> np.ndarray:
    """Indicator columns (k, G - 1) of every name but the first, which is the reference."""
    return np.column_stack([labels == name for name in names[1:]]).astype(float)
