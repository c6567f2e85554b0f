"""Do subgroups differ? Tests between them, with a tau² of their own or one in common.

Separate: each subgroup is pooled with its own tau², and the pooled effects are compared by
Q_between = sum w_g (m_g - m)², w_g = 1/se_g², against chi² with G - 1 df (Borenstein 2009,
chapter 19). Common: a regression on the subgroup with one residual tau² for all; the omnibus test
of its coefficients (chi², or F where the interval is t or HKSJ).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtr, stdtr

from livingmeta.analyses import IN_COMMON

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


def between(estimates: Sequence[float], errors: Sequence[float]) -> Between:
    """Q_between of subgroups' pooled `estimates` with their standard `errors`; `k` counts them."""
    mean, w = np.asarray(estimates, float), np.asarray(errors, float) ** -2
    q = float(w @ (mean - w @ mean / w.sum()) ** 2)
    df, nan = float(mean.size - 1), float("nan")
    return Between(mean.size, q, df, nan, float(chdtrc(df, q)), nan, nan)


def in_common(model: str) -> str:
    """The id of a subgroup's result under a model whose tau² all subgroups share."""
    return f"{model} {IN_COMMON}"


def means(
    v: np.ndarray,
    groups: np.ndarray,
    names: Sequence[str],
    predicted: Mapping[str, np.ndarray],
    tau2: float,
) -> list[dict[str, Any]]:
    """Each subgroup's mean under the regression on the subgroup, in columns of pooled.csv.
    `predicted`: its means, as models.predicted gives them, one for each of `names`, with the
    degrees of freedom of the one model; I² sets the common tau² against the errors `v` (k,) of its
    own studies."""
    found = []
    for i, name in enumerate(names):
        one = {column: float(values[i]) for column, values in predicted.items()}
        own = v[groups == name]
        typical = _typical(own)
        statistic = one["estimate"] / one["se"] if one["se"] > 0 else np.nan
        tail = ndtr if np.isnan(one["df"]) else partial(stdtr, one["df"])
        found.append(
            one
            | {
                "statistic": statistic,
                "p_value": float(2.0 * tail(-abs(statistic))),
                "tau2": tau2,
                "i2": 100.0 * tau2 / (tau2 + typical) if own.size > 1 else np.nan,
                "h2": 1.0 + tau2 / typical if own.size > 1 else np.nan,
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
