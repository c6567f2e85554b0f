"""Tests for small-study effects: is the funnel lopsided?

Regression tests weight studies as their authors did and take the scatter from the residuals
(`lm`), or add a heterogeneity variance (`mixed`). Each test is one row: `estimate` is the
coefficient that would be 0 in an even funnel, `limit` the effect a study without small-study
effects would be expected to show, where the test has one.

Sources: Egger 1997 (BMJ 315:629), Begg & Mazumdar 1994 (Biometrics 50:1088), Macaskill 2001 (Stat
Med 20:641), Peters 2006 (JAMA 295:676), Harbord 2006 (Stat Med 25:3443), Stanley & Doucouliagos
2014 (Res Synth Methods 5:60).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from livingmeta.pooling.engines.inputs import PoolingError, check_effects, check_level, choose


class TooFewStudiesError(PoolingError):
    """A test was asked of fewer studies than it can be computed from."""


@dataclass(frozen=True)
class BiasTest:
    """One test of funnel asymmetry. nan where a test has no such quantity, and for df
    where the normal distribution was used."""

    test: str
    k: int
    statistic: float
    df: float
    p_value: float
    estimate: float = np.nan
    se: float = np.nan
    ci_low: float = np.nan
    ci_high: float = np.nan
    limit: float = np.nan
    limit_se: float = np.nan
    limit_low: float = np.nan
    limit_high: float = np.nan
    note: str = ""


def _regression_test(
    test: str,
    y: np.ndarray,
    x: np.ndarray,
    weight: np.ndarray,
    *,
    level: float,
    limit: bool = False,
    note: str = "",
) -> BiasTest:
    """Weighted regression of y on x; the test is of the slope, with k - 2 degrees of freedom."""
    k = y.size
    if k < 3:
        raise TooFewStudiesError(f"{test}: a regression line needs at least 3 studies, not {k}")
    sw = weight.sum()
    x_mean, y_mean = weight @ x / sw, weight @ y / sw
    dx, dy = x - x_mean, y - y_mean
    sxx = weight @ dx**2
    if not sxx > 1e-14 * (weight @ x**2):
        raise PoolingError(
            f"{test}: all {k} studies are of the same size, so no line can be drawn through them"
        )
    if not np.ptp(y) > 1e-12 * np.abs(y).max():
        raise PoolingError(
            f"{test}: all {k} effects are equal, so there is no scatter to hold a line against"
        )
    slope = weight @ (dx * dy) / sxx
    intercept = y_mean - slope * x_mean
    df = k - 2
    scatter = weight @ (dy - slope * dx) ** 2 / df
    slope_se = np.sqrt(scatter / sxx)
    crit = stdtrit(df, (1 + level) / 2)
    numbers: dict[str, Any] = {"note": note}
    if limit:
        se = np.sqrt(scatter * (1 / sw + x_mean**2 / sxx))
        numbers |= zip(_LIMIT, _with_ends(intercept, se, crit), strict=True)
    statistic = slope / slope_se if slope_se > 0 else np.sign(slope) * np.inf
    return BiasTest(
        test, k, float(statistic), df, float(2 * stdtr(df, -abs(statistic))),
        *_with_ends(slope, slope_se, crit), **numbers,
    )  # fmt: skip


_LIMIT = ("limit", "limit_se", "limit_low", "limit_high")


def _with_ends(value: float, se: float, crit: float) -> tuple[float, float, float, float]:
    return float(value), float(se), float(value - crit * se), float(value + crit * se)


def egger(
    yi: ArrayLike, vi: ArrayLike, *, model: str = "lm", tau2: str = "REML", level: float = 0.95
) -> BiasTest:
    """Egger's test: effects regressed on their standard errors with weights 1/vi.

    The slope here is the intercept of Egger's own form (effect/SE on 1/SE). `mixed` replaces the
    residual scatter by a heterogeneity variance (metafor's regtest with model "rma") and tests
    with the normal distribution. `limit` is the effect at standard error 0.
    """
    y, v = check_effects(yi, vi)
    level = check_level(level)
    if choose(model, ("lm", "mixed"), "the model of Egger's test") == "lm":
        return _regression_test("egger", y, np.sqrt(v), 1 / v, level=level, limit=True)
    from livingmeta.pooling.engines.models import fit

    found = fit(y, v, tau2=tau2, interval="wald", moderators=np.sqrt(v), level=level)
    assert found.coefficients is not None  # a model with a moderator has them
    assert found.covariance is not None
    (limit, slope), (limit_se, slope_se) = found.coefficients, np.sqrt(np.diag(found.covariance))
    crit = ndtri((1 + level) / 2)
    statistic = slope / slope_se
    return BiasTest(
        "egger-mixed", y.size, float(statistic), np.nan, float(2 * ndtr(-abs(statistic))),
        *_with_ends(slope, slope_se, crit), *_with_ends(limit, limit_se, crit), f"tau2 by {tau2}",
    )  # fmt: skip


def pet_peese(
    yi: ArrayLike, vi: ArrayLike, *, level: float = 0.95
) -> tuple[BiasTest, BiasTest, str]:
    """PET, PEESE and which of the two limits the conditional estimator takes.

    PET regresses on the standard error, PEESE on the variance, both with weights 1/vi. PEESE's
    limit is used where PET's differs from 0 by a one-sided test at 5% (Stanley & Doucouliagos
    2014: the direction is that of PET's limit, hence a two-sided p below 0.10).
    """
    y, v = check_effects(yi, vi)
    level = check_level(level)
    pet = _regression_test("pet", y, np.sqrt(v), 1 / v, level=level, limit=True)
    peese = _regression_test("peese", y, v, 1 / v, level=level, limit=True)
    p_limit = 2 * stdtr(pet.df, -abs(pet.limit / pet.limit_se))
    return pet, peese, "peese" if p_limit < 0.10 else "pet"


def _cells(ai, bi, ci, di):
    cells = [np.asarray(values, float) for values in (ai, bi, ci, di)]
    if any(c.shape != cells[0].shape or c.ndim != 1 for c in cells):
        raise PoolingError("ai, bi, ci and di must be four lists of equal length")
    if not all(np.isfinite(c).all() and (c >= 0).all() for c in cells):
        raise PoolingError("ai, bi, ci and di are counts: none may be missing or below 0")
    return cells


def peters(
    yi: ArrayLike,
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    *,
    level: float = 0.95,
) -> BiasTest:
    """Peters' test: log odds ratios on 1/n, weighted by 1/(1/events + 1/non-events).

    yi: log odds ratios, zero cells already dealt with; ai bi ci di: events and non-events in both
    arms. Studies in which all or none had the event carry weight 0 and are left out.
    """
    y, weight, size, dropped = _event_weights(yi, ai, bi, ci, di)
    return _regression_test("peters", y, 1 / size, weight, level=level, limit=True, note=dropped)


def macaskill(
    yi: ArrayLike,
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    *,
    level: float = 0.95,
) -> BiasTest:
    """Macaskill's test with pooled weights: log odds ratios on n, weighted as in `peters`."""
    y, weight, size, dropped = _event_weights(yi, ai, bi, ci, di)
    return _regression_test("macaskill", y, size, weight, level=level, note=dropped)


def _event_weights(yi, ai, bi, ci, di):
    ai, bi, ci, di = _cells(ai, bi, ci, di)
    y = np.asarray(yi, float)
    if y.shape != ai.shape:
        raise PoolingError(f"there are {y.size} effects and {ai.size} tables of counts")
    events, others = ai + ci, bi + di
    use = (events > 0) & (others > 0)
    if not np.isfinite(y[use]).all():
        raise PoolingError("a log odds ratio is missing or infinite: add 0.5 to zero cells first")
    weight = events[use] * others[use] / (events + others)[use]
    return y[use], weight, (events + others)[use], _left_out(use)


def _left_out(use):
    out = int((~use).sum())
    return f"{out} left out: all or none had the event" if out else ""


def harbord(
    ai: ArrayLike, bi: ArrayLike, ci: ArrayLike, di: ArrayLike, *, level: float = 0.95
) -> BiasTest:
    """Harbord's modified test: Z/V on 1/sqrt(V) with weights V, Z the score and V its variance.

    Z and V are those of the log odds ratio at 0, V under fixed margins (Harbord 2006).
    Needs no correction of zero cells; studies in which all or none had the event carry no
    information and are left out.
    """
    a, b, c, d = _cells(ai, bi, ci, di)
    n1, n2, events, others = a + b, c + d, a + c, b + d
    n = n1 + n2
    use = (events > 0) & (others > 0) & (n1 > 0) & (n2 > 0)
    n1, n2, events, others, n, a = (x[use] for x in (n1, n2, events, others, n, a))
    score = a - events * n1 / n
    information = n1 * n2 * events * others / (n**2 * (n - 1))
    return _regression_test(
        "harbord", score / information, information**-0.5, information, level=level, limit=True,
        note=_left_out(use),
    )  # fmt: skip


# Exact p-values cost k to the fourth: 0.03 s here, 23 s at 1,000 studies.
EXACT = 200


def begg(yi: ArrayLike, vi: ArrayLike) -> BiasTest:
    """Begg and Mazumdar's rank correlation (Kendall's tau) of deviate and variance.

    Exact where nothing is tied, to EXACT studies; with ties tau-b and its normal approximation,
    beyond EXACT tau and its, without a continuity correction (as R's cor.test, which
    approximates from 50). `estimate` is Kendall's tau.
    """
    y, v = check_effects(yi, vi)
    k = y.size
    if k < 3:
        raise TooFewStudiesError(f"begg: a rank correlation needs at least 3 studies, not {k}")
    weight = 1 / v
    mean = weight @ y / weight.sum()
    deviate = (y - mean) / np.sqrt(v - 1 / weight.sum())
    pairs = np.triu_indices(k, 1)
    sx = np.sign(deviate[pairs[0]] - deviate[pairs[1]])
    sy = np.sign(v[pairs[0]] - v[pairs[1]])
    score = float(sx @ sy)
    total = k * (k - 1) // 2
    ties_x, ties_y = (np.unique(x, return_counts=True)[1] for x in (deviate, v))
    tied = ties_x.size < k or ties_y.size < k
    if not tied and k <= EXACT:
        tail = _kendall_tail(k, round((total + abs(score)) / 2))
        return BiasTest("begg", k, score, np.nan, min(1.0, 2 * tail), score / total, note="exact")
    free_x, free_y = (total - (t * (t - 1)).sum() / 2 for t in (ties_x, ties_y))
    if free_x == 0 or free_y == 0:
        raise PoolingError("begg: all studies are of the same size, so they have no rank order")

    def of(t, *shift):
        return float(np.prod([t + s for s in shift], axis=0).sum())

    plain = k * (k - 1) * (2 * k + 5)
    variance = (plain - (ties_x * (ties_x - 1) * (2 * ties_x + 5)).sum()) / 18
    variance -= (ties_y * (ties_y - 1) * (2 * ties_y + 5)).sum() / 18
    variance += of(ties_x, 0, -1) * of(ties_y, 0, -1) / (2 * k * (k - 1))
    variance += of(ties_x, 0, -1, -2) * of(ties_y, 0, -1, -2) / (9 * k * (k - 1) * (k - 2))
    z = score / np.sqrt(variance)
    tau_b = score / np.sqrt(free_x * free_y)
    return BiasTest(
        "begg",
        k,
        float(z),
        np.nan,
        float(2 * ndtr(-abs(z))),
        tau_b,
        note="with ties" if tied else "approximate",
    )


def _kendall_tail(k: int, concordant: int) -> float:
    """P(at least so many concordant pairs) when all k! orders are equally likely."""
    chance = np.ones(1)
    for i in range(2, k + 1):
        chance = np.convolve(chance, np.full(i, 1 / i))
    return float(chance[concordant:].sum())
