"""Do subgroups differ? Tests between them, with a tau² of their own or one in common.

Separate: each subgroup is pooled with its own tau², and the pooled effects are compared by
Q_between = sum w_g (m_g - m)², w_g = 1/se_g², against chi² with G - 1 df (Borenstein 2009,
chapter 19). Common: a regression on the subgroup with one residual tau² for all; the omnibus test
of its coefficients (chi², or F where the interval is t or HKSJ).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

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


def in_order(values: Iterable[str]) -> list[str]:
    """The different values: by comparability where all are such tiers, else by the alphabet."""
    names = sorted(set(values))
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
    mean = np.array([f.estimate for f in fits.values()])
    w = np.array([f.se**-2 for f in fits.values()])
    q = float(w @ (mean - w @ mean / w.sum()) ** 2)
    df = float(len(names) - 1)
    nan = float("nan")
    return fits, Between(y.size, q, df, nan, float(chdtrc(df, q)), nan, nan)


def common(
    yi: ArrayLike, vi: ArrayLike, groups: ArrayLike, *, tau2: str = "REML", interval: str = "wald"
) -> tuple[Fit, Between]:
    """The regression on the subgroup (first label in sorted order as reference) and its test.

    Raises ModeratorError where there are as many subgroups as studies, or only one.
    """
    y, v = check_effects(yi, vi)
    labels, names = _members(groups, y.size)
    f = fit(y, v, tau2=tau2, interval=interval, moderators=dummies(labels, names))
    return f, Between(y.size, f.qm, f.qm_df, f.qm_df2, f.qm_p, f.tau2, f.r2)


def dummies(labels: np.ndarray, names: list[str]) -> np.ndarray:
    """Indicator columns (k, G - 1) of every name but the first, which is the reference."""
    return np.column_stack([labels == name for name in names[1:]]).astype(float)
