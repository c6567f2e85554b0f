"""Trim and fill (Duval & Tweedie 2000, Biometrics 56:455; J Am Stat Assoc 95:89)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from livingmeta.pooling.engines.inputs import PoolingError, check_effects, choose
from livingmeta.pooling.engines.models import Fit, fit

_MOST_ROUNDS = 100


class NoSettlementError(PoolingError):
    """Trimming went round in circles: the number of missing studies never settled."""


@dataclass(frozen=True)
class TrimFill:
    """`k0` studies estimated as missing on `side`, and the model fitted with them filled in.

    `p_value` is of the test that none is missing (R0 only, else nan). `filled_yi`, `filled_vi`
    hold the k0 mirror images alone.
    """

    estimator: str
    side: str
    k0: int
    se_k0: float
    p_value: float
    filled_yi: np.ndarray
    filled_vi: np.ndarray
    fit: Fit


def trim_fill(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    estimator: str = "L0",
    side: str | None = None,
    tau2: str = "REML",
    interval: str = "wald",
    level: float = 0.95,
) -> TrimFill:
    """Estimate how many studies are missing from one side of the funnel, and fill them in.

    estimator: `L0` or `R0`. side: where studies are missing, `left` or `right`; None asks the
    mixed Egger line: missing on the right where it slopes down. tau2, interval, level: of the
    models fitted on the way and at the end.

    Raises NoSettlementError if the rounds repeat without settling.
    """
    y, v = check_effects(yi, vi)
    choose(estimator, ("L0", "R0"), "the trim and fill estimator")
    if y.size < 3:
        raise PoolingError(f"trim and fill needs at least 3 studies, there are {y.size}")
    if side is None:
        line = fit(y, v, tau2=tau2, moderators=np.sqrt(v)).coefficients
        assert line is not None  # a model with a moderator has them
        slope = line[1]
        side = "right" if slope < 0 else "left"
    sign = -1.0 if choose(side, ("left", "right"), "the side") == "right" else 1.0
    order = np.argsort(sign * y, kind="stable")
    ys, vs = (sign * y)[order], v[order]
    k, k0, seen = y.size, 0, []
    while True:
        seen.append(k0)
        centre = fit(ys[: k - k0], vs[: k - k0], tau2=tau2).estimate
        deviations = ys - centre
        # A study at the centre is on neither side, whatever its last digit says.
        deviations[np.abs(deviations) < 1e-12 * np.abs(ys).max()] = 0.0
        k0, se_k0 = _missing(deviations, estimator)
        # Fewer than 2 studies left cannot be centred any more.
        k0 = min(k0, k - 2)
        if k0 == seen[-1]:
            break
        if len(seen) > _MOST_ROUNDS:
            raise NoSettlementError(
                f"trim and fill ({estimator}) swings between {min(seen[-6:])} and "
                f"{max(seen[-6:])} missing studies and does not settle"
            )
    filled_yi = sign * (2 * centre - ys[k - k0 :])
    filled_vi = vs[k - k0 :]
    final = fit(
        np.concatenate([y, filled_yi]), np.concatenate([v, filled_vi]),
        tau2=tau2, interval=interval, level=level,
    )  # fmt: skip
    p_value = 0.5 ** (k0 + 1) if estimator == "R0" else np.nan
    return TrimFill(estimator, side, k0, se_k0, p_value, filled_yi, filled_vi, final)


def _missing(deviations, estimator):
    """Number of missing studies and its standard error from the deviations, largest side last."""
    k = deviations.size
    rank = np.empty(k)
    rank[np.argsort(np.abs(deviations), kind="stable")] = np.arange(1, k + 1)
    if estimator == "R0":
        k0 = k - rank[deviations <= 0].max() - 1
        se = np.sqrt(2 * max(0.0, k0) + 2)
    else:
        above = rank[deviations > 0].sum()
        k0 = (4 * above - k * (k + 1)) / (2 * k - 1)
        variance = k * (k + 1) * (2 * k + 1) + 10 * k0**3 + 27 * k0**2 + 17 * k0
        variance += -18 * k * k0**2 - 18 * k * k0 + 6 * k**2 * k0
        se = 4 * np.sqrt(max(0.0, variance / 24)) / (2 * k - 1)
    return max(0, round(float(k0))), float(se)
