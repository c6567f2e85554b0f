"""Confidence and prediction intervals around a pooled effect.

| code | variance of the estimate | reference distribution |
|---|---|---|
| wald | 1/sum(w) | normal |
| t | 1/sum(w) | t, k - p df |
| hksj | s²/sum(w), s² = sum(w r²)/(k - p) | t, k - p df (Hartung & Knapp 2001) |
| hksj-guarded | max(1, s²)/sum(w) | t, k - p df (Rover, Knapp & Friede 2015) |

The guard keeps HKSJ from being narrower than the Wald interval when the effects happen to agree
better than chance allows; the t quantile then makes it wider than Wald always.

Prediction interval: estimate -+ quantile sqrt(se² + tau²), the quantile from t with k - p df
("k-1", the default, as metafor and RevMan), t with k - p - 1 ("k-2", Higgins, Thompson &
Spiegelhalter 2009) or the normal ("wald").
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

INTERVALS = ("wald", "t", "hksj", "hksj-guarded")
PREDICTIONS = ("k-1", "k-2", "wald")


def per_df(function: Callable[..., Any], df: float | np.ndarray) -> Any:
    """`function` of df, an int or whole numbers (R,): called once for each that occurs.

    NaN where df < 1.
    """
    if isinstance(df, int):
        return float(function(df)) if df >= 1 else np.nan
    if np.size(df) == 1:
        return np.full(np.shape(df), per_df(function, int(np.asarray(df).item())))
    known, where = np.unique(df, return_inverse=True)
    values = np.array([function(d) if d >= 1 else np.nan for d in known.tolist()], float)
    return values[where]


def quantile(level: float, df: int | None = None) -> float:
    """The two-sided critical value: normal where `df` is None, t otherwise (NaN where df < 1)."""
    tail = (1.0 + level) / 2.0
    if df is None:
        return float(ndtri(tail))
    return per_df(lambda d: stdtrit(d, tail), df)


def two_sided_p(statistic: Any, df: int | None = None) -> Any:
    """The two-sided p value of a z (df None) or t statistic."""
    size = -abs(statistic)
    return 2.0 * (ndtr(size) if df is None else stdtr(df, size))


def inflation(interval: str, scatter: Any) -> Any:
    """What the interval multiplies the Wald variance by; `scatter` is sum(w r²)/(k - p)."""
    if interval == "hksj":
        return scatter
    return np.maximum(scatter, 1.0) if interval == "hksj-guarded" else 1.0


# Below this share of the Wald variance a scatter is rounding: no effects agree so well by chance.
_NO_SCATTER = 1e-12


def without_width(interval: str, se: float, vi: np.ndarray) -> bool:
    """Whether `se` is that of an unguarded HKSJ interval around effects that are equal, which has
    no width and tells nothing; `vi` (k,) are their variances."""
    wald = 1.0 / float((1.0 / vi).sum())
    return interval == "hksj" and vi.size > 1 and not se**2 > _NO_SCATTER * wald


def prediction_quantile(prediction: str, df: int, level: float) -> tuple[float, float]:
    """Critical value of the prediction interval and its df (NaN: normal), from k - p = `df`."""
    if prediction == "wald":
        return quantile(level), df * np.nan
    df = df - (prediction == "k-2")
    return quantile(level, df), per_df(float, df)
