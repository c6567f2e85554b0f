"""How far the studies differ: Q, I² and H², and intervals for tau².

I² and H² are computed from tau² and the typical sampling variance (Higgins & Thompson 2002,
Stat Med 21:1539, equation 9), as metafor and RevMan do; in the common-effect model, which has no
tau², from Q. I² is in percent. Their limits follow from those of tau².
"""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import numpy as np
from scipy.special import chdtri

from livingmeta.pooling.engines import tau2 as estimators
from livingmeta.pooling.engines.inputs import Rows
from livingmeta.pooling.engines.intervals import per_df


def typical_variance(rows: Rows, x: np.ndarray | None = None) -> np.ndarray:
    """The typical sampling variance (R,): (k - p)/tr(P) at tau² = 0 (meaningless where k = p)."""
    p = 1 if x is None else x.shape[2]
    plain, _ = estimators.traces(1.0 / rows.v, rows, x)
    return np.where(rows.k > p, rows.k - p, 1) / np.where(rows.k > p, plain, 1.0)


def i2_h2(tau2: float, typical: float) -> tuple[float, float]:
    """I² in percent and H² from tau² and the typical variance; works on limits alike."""
    return 100.0 * tau2 / (typical + tau2), tau2 / typical + 1.0


def i2_h2_from_q(q: float, df: int) -> tuple[float, float]:
    """I² in percent and H² from Q, for the common-effect model."""
    h2 = q / df
    return 100.0 * (1.0 - 1.0 / np.maximum(h2, 1.0)), h2


class Spread:
    """tau², I² and H² of fitted rows with their limits, each worked out when first asked for.

    `df`, `q` and `tau2` are floats for one fit and arrays (R,) for many, and so is what comes out.
    """

    NAMES = ("tau2_low", "tau2_high", "i2", "i2_low", "i2_high", "h2", "h2_low", "h2_high")

    def __init__(
        self,
        rows: Rows,
        x: np.ndarray | None,
        level: float,
        common: bool,
        df: int,
        q: float,
        tau2: float,
    ) -> None:
        self.rows, self.x, self.level, self.common = rows, x, level, common
        self.df, self.q, self.tau2 = df, q, tau2

    def columns(self) -> dict[str, Callable[[], Any]]:
        """Every name with the function that gives its value."""
        return {name: partial(self._value, name) for name in self.NAMES}

    def _plain(self, value):
        return value.item() if isinstance(self.df, int) else value

    @cached_property
    def _limits(self):
        low, high = q_profile(self.rows, self.x, self.level)
        return {"low": self._plain(low), "high": self._plain(high)}

    @cached_property
    def _typical(self):
        return self._plain(typical_variance(self.rows, self.x))

    def _value(self, name):
        what, _, end = name.partition("_")
        if self.common and end:
            return self.df * np.nan
        if self.common:
            return i2_h2_from_q(self.q, self.df)[what == "h2"]
        tau2 = self._limits[end] if end else self.tau2
        return tau2 if what == "tau2" else i2_h2(tau2, self._typical)[what == "h2"]


def q_profile(
    rows: Rows, x: np.ndarray | None = None, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Limits (R,), (R,) of tau² by the Q-profile method (Viechtbauer 2007, Stat Med 26:37).

    A limit below 0 is given as 0 (both, where the effects agree better than chance allows).
    NaN where a row has no residual degree of freedom.
    """
    df = rows.k - (1 if x is None else x.shape[2])
    tail = (1.0 - level) / 2.0
    limits = []
    for upper in (tail, 1.0 - tail):
        target = per_df(lambda d, upper=upper: chdtri(d, upper), df)
        limits.append(np.where(df > 0, estimators.q_root(rows, np.nan_to_num(target), x), np.nan))
    return limits[0], limits[1]
