"""Binomial-normal models: pooling proportions and two-arm counts without approximation.

Counts enter as counts, so nothing has to be added to a zero. Models (names as in metafor's
rma.glmm; Stijnen 2010, Stat Med 29:3046; Jackson 2018, Stat Med 37:1059):

* `proportion`: x_i ~ Bin(n_i, p_i), logit p_i ~ N(mu, tau²);
* `UM.FS`: two arms, a fixed intercept a study, log odds ratio ~ N(theta, tau²) split evenly
  between the arms (+1/2 and -1/2);
* `UM.RS`: the same with intercepts ~ N(alpha, sigma²), independent of the log odds ratios;
* `CM.EL`: both margins of each table held fixed, the exact noncentral hypergeometric likelihood.

All are fitted by maximum likelihood to the root of the score.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from livingmeta.pooling.engines.inputs import PoolingError, check_level, choose
from livingmeta.pooling.engines.quadrature import Binomial, Hypergeometric, marginal

TWO_ARM = ("UM.FS", "UM.RS", "CM.EL")
_FARTHEST = 40.0  # a log odds or a standard deviation out here is on its way to infinity
_STARTS = (0.2, 0.8, 2.0)  # tau: the likelihood may have more than one peak


class PatientCountError(PoolingError):
    """Counts that cannot be: missing, negative, or more events than patients."""


class NotEstimableError(PoolingError):
    """The likelihood has no finite peak: all or none had the event wherever it could be seen."""


@dataclass(frozen=True)
class GlmmFit:
    """Estimate on the logit or log odds ratio scale, heterogeneity and tests.

    `k` studies carried information, `k_left_out` did not. `tau2` is the variance between studies
    of the effect, `sigma2` of the intercepts (UM.RS only, else nan). `q` is the likelihood ratio
    of a log odds ratio (or logit) for each study against one for all (metafor's QE.LRT), `lr_tau`
    that of tau² > 0. `df` is nan where the normal distribution was used.
    """

    model: str
    k: int
    k_left_out: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    pi_low: float
    pi_high: float
    statistic: float
    df: float
    p_value: float
    tau2: float
    sigma2: float
    q: float
    q_df: int
    q_p: float
    lr_tau: float
    log_likelihood: float


def fit_proportions(
    events: ArrayLike,
    totals: ArrayLike,
    *,
    interval: str = "wald",
    level: float = 0.95,
    effective: bool = False,
) -> GlmmFit:
    """Pooled logit of a proportion: random-intercept logistic regression.

    events, totals: k counts; `effective`: they need not be whole. The back-transformed estimate is
    the proportion of the median study.
    Raises PatientCountError, and NotEstimableError where no study, or every patient, had the event.
    """
    x, n = _counts(events, totals, "events", "totals", effective)
    if x.sum() in (0, n.sum()):
        raise NotEstimableError(
            f"{int(x.sum())} of {int(n.sum())} patients had the event: the pooled logit is infinite"
        )
    kernel = Binomial(x[:, None], n[:, None])
    one = np.ones((1, 1))
    saturated = _binomial_peak(x, n)
    return _fit("proportion", kernel, one, one, False, saturated, x.size, 0, interval, level)


def fit_two_arm(
    ai: ArrayLike,
    n1i: ArrayLike,
    ci: ArrayLike,
    n2i: ArrayLike,
    *,
    model: str = "UM.FS",
    interval: str = "wald",
    level: float = 0.95,
    effective: bool = False,
) -> GlmmFit:
    """Pooled log odds ratio of arm 1 against arm 2 from events (ai, ci) and arm sizes.

    Studies in which all or none had the event tell nothing about the odds ratio in UM.FS and
    CM.EL and are left out there. `effective`: counts need not be whole, but for CM.EL. Returns a
    GlmmFit; raises as fit_proportions.
    """
    choose(model, TWO_ARM, "the two-arm model")
    effective &= model != "CM.EL"
    a, n1 = _counts(ai, n1i, "ai", "n1i", effective)
    c, n2 = _counts(ci, n2i, "ci", "n2i", effective)
    if a.size != c.size:
        raise PatientCountError(f"arm 1 has {a.size} studies and arm 2 {c.size}")
    all_k = a.size
    if model != "UM.RS":
        use = (a + c > 0) & (a + c < n1 + n2)
        a, n1, c, n2 = a[use], n1[use], c[use], n2[use]
    arms = ("arm 1", a, n1, c, n2), ("arm 2", c, n2, a, n1)
    for name, x, n, _, _ in arms:
        if x.sum() in (0, n.sum()):
            raise NotEstimableError(
                f"{name}: {int(x.sum())} of {int(n.sum())} patients had the event in the studies "
                "that could tell; the log odds ratio is infinite"
            )
    left_out = all_k - a.size
    if model == "CM.EL":
        margins = Hypergeometric(a, n1, n2, a + c)
        one = np.ones((1, 1))
        peak = _hypergeometric_peak(margins)
        return _fit(model, margins, one, one, False, peak, a.size, left_out, interval, level)
    kernel = Binomial(np.column_stack([a, c]), np.column_stack([n1, n2]))
    fixed = np.array([[1.0, 0.5], [1.0, -0.5]])
    random = fixed if model == "UM.RS" else fixed[:, 1:]
    if model == "UM.RS":
        saturated = _random_intercept_peak(kernel, fixed, a.size)
    else:
        saturated = _binomial_peak(a, n1) + _binomial_peak(c, n2)
    return _fit(
        model, kernel, fixed, random, model == "UM.FS", saturated, a.size, left_out,
        interval, level,
    )  # fmt: skip


def _counts(events, totals, x_name, n_name, effective):
    x, n = np.asarray(events, float), np.asarray(totals, float)
    if x.shape != n.shape or x.ndim != 1 or x.size == 0:
        raise PatientCountError(
            f"{x_name} and {n_name} must be two lists of equal length, not empty"
        )
    wrong = ~(np.isfinite(x) & np.isfinite(n) & (x >= 0) & (x <= n) & (n > 0))
    if not effective:
        wrong |= (x != np.round(x)) | (n != np.round(n))
    if wrong.any():
        i = int(np.argmax(wrong))
        raise PatientCountError(
            f"study {i + 1}: {x_name} = {x[i]:g} of {n_name} = {n[i]:g}; whole numbers are needed, "
            "events from 0 to the number of patients"
        )
    return x, n


def _binomial_peak(x, n):
    """Largest log-likelihood of independent binomials, without the binomial coefficients."""
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(x > 0, x * np.log(x / n), 0) + np.where(
            x < n, (n - x) * np.log1p(-x / n), 0
        )
    return float(parts.sum())


def _hypergeometric_peak(kernel):
    """Largest conditional log-likelihood of each table by itself, added up.

    A table at the end of its support has it at an infinite odds ratio, where the likelihood is 1.
    """
    low, high = kernel.support.min(1), kernel.support.max(1)
    inner = (low < 0) & (high > 0)
    eta = np.zeros(len(low))
    for _ in range(200):
        value, first, second = kernel.terms(eta[:, None, None])
        step = np.where(inner, first[:, 0, 0] / np.maximum(-second[:, 0, 0], 1e-8), 0.0)
        step = np.clip(step, -1.0, 1.0)
        eta = eta + step
        if np.abs(step).max() < 1e-11:
            break
    return float(np.where(inner, value[:, 0], -kernel.observed).sum())


def _random_intercept_peak(kernel, fixed, k):
    """Largest log-likelihood with an odds ratio for each study and random intercepts."""

    def terms(own, theta):
        phi = np.column_stack([own, np.full(k, theta[0])])
        return marginal(kernel, fixed[:, ::-1], fixed[:, :1], phi, theta[1:])

    pooled = kernel.events.sum() / kernel.totals.sum()
    start = np.array([np.log(pooled / (1 - pooled)), 0.8])
    return _Search(terms, True, k, hold=np.array([], int)).climb(np.zeros(k), start).value


def _fit(model, kernel, fixed, random, own_intercept, saturated, k, left_out, interval, level):
    choose(interval, ("wald", "t"), "the interval of a binomial-normal model")
    level = check_level(level)
    p, q = fixed.shape[1], random.shape[1]
    common = p - own_intercept

    def terms(own, theta):
        phi = np.broadcast_to(theta[:common], (k, common))
        phi = np.column_stack([own, phi]) if own_intercept else phi
        return marginal(kernel, fixed, random, phi, theta[common:])

    plain = _Search(terms, own_intercept, k, hold=np.arange(common, common + q))
    base = plain.climb(np.zeros(k), np.zeros(common + q))
    free = _Search(terms, own_intercept, k, hold=np.array([], int))
    peaks = []
    for start in _STARTS:
        theta = base.theta.copy()
        theta[common:] = start
        peaks.append(free.climb(base.own, theta))
    if q == 2:  # heterogeneity of the intercepts alone
        alone = _Search(terms, own_intercept, k, hold=np.array([common + 1]))
        theta = base.theta.copy()
        theta[common] = 0.8
        bottom = alone.climb(base.own, theta)
        peaks.append(bottom)
    else:
        bottom = base
        peaks.append(base)
    best = max(peaks, key=lambda peak: peak.value)
    if np.abs(best.theta).max() > _FARTHEST:
        raise NotEstimableError(
            "the likelihood rises for ever: studies with no events stand against studies in which "
            "all had the event, so the effect or its heterogeneity has no finite estimate"
        )
    # At the boundary the search creeps towards tau = 0 without reaching it.
    if best.value <= bottom.value + 1e-9 * (1 + abs(bottom.value)):
        best = bottom
    deviations = np.abs(best.theta[common:])
    where = common - 1
    if not (best.covariance[where, where] > 0 and best.gain < 1e-8):
        raise NotEstimableError(
            "the likelihood has no clear peak (it is flat, or its heterogeneity runs off): these "
            "counts are too few or too extreme for this model"
        )
    se = float(np.sqrt(best.covariance[where, where]))
    estimate, tau2 = float(best.theta[where]), float(deviations[-1] ** 2)
    df = np.nan if interval == "wald" else k - 1
    if interval == "t" and k < 2:
        raise PoolingError("a t interval needs at least 2 studies")
    tail = (1 + level) / 2
    crit = float(ndtri(tail) if interval == "wald" else stdtrit(df, tail))
    reach = float(stdtrit(k - 1, tail)) * (se**2 + tau2) ** 0.5 if k > 1 else np.nan
    statistic = estimate / se
    p_value = 2 * float(ndtr(-abs(statistic)) if interval == "wald" else stdtr(df, -abs(statistic)))
    lr = max(0.0, 2 * (saturated - bottom.value))
    return GlmmFit(
        model=model, k=k, k_left_out=left_out, estimate=estimate, se=se,
        ci_low=estimate - crit * se, ci_high=estimate + crit * se,
        pi_low=estimate - reach, pi_high=estimate + reach,
        statistic=statistic, df=df, p_value=p_value,
        tau2=tau2, sigma2=float(deviations[0] ** 2) if q == 2 else np.nan,
        q=lr, q_df=k - 1, q_p=float(chdtrc(k - 1, lr)) if k > 1 else np.nan,
        lr_tau=max(0.0, 2 * (best.value - bottom.value)),
        log_likelihood=best.value + kernel.constant(),
    )  # fmt: skip


@dataclass(frozen=True)
class _Peak:
    value: float
    own: np.ndarray
    theta: np.ndarray
    covariance: np.ndarray
    gain: float  # what a further step would add to the log-likelihood


class _Search:
    """Newton's climb to a peak of the likelihood; each study may have an intercept of its own.

    `hold` names the entries of theta kept at their start (a variance at its boundary of 0).
    """

    def __init__(self, terms, own_intercept, k, hold):
        self.terms, self.own_intercept, self.k, self.hold = terms, own_intercept, k, hold

    def climb(self, own: np.ndarray, theta: np.ndarray) -> _Peak:
        now = self.terms(own, theta)
        value = now.value.sum()
        polished = 0
        for _ in range(200):
            own_step, step, gain = self._step(now)
            # So near the top the likelihood is flat to its last digit, and only the score still
            # sees the way: whole steps, no comparing.
            near = gain < 1e-9
            length = 1.0
            while True:
                new_own, new_theta = own + length * own_step, theta + length * step
                new = self.terms(new_own, new_theta)
                if near or new.value.sum() >= value or length < 1e-4:
                    break
                length /= 2
            if length < 1e-4:
                break
            own, theta, now, value = new_own, new_theta, new, new.value.sum()
            polished += near
            if polished == 3 or np.abs(theta).max() > _FARTHEST:
                break
        gain = self._step(now)[2]
        return _Peak(float(value), own, theta, self._covariance(now), gain)

    def _blocks(self, now):
        """Score and Hessian of theta with the studies' own intercepts profiled out."""
        if not self.own_intercept:
            return now.score.sum(0), now.hessian.sum(0), None, None
        own_bend = -np.maximum(np.abs(now.hessian[:, 0, 0]), 1e-10)
        mixed = now.hessian[:, 0, 1:]
        score = now.score[:, 1:] - mixed * (now.score[:, :1] / own_bend[:, None])
        bend = now.hessian[:, 1:, 1:] - mixed[:, :, None] * (mixed / own_bend[:, None])[:, None, :]
        return score.sum(0), bend.sum(0), own_bend, mixed

    def _step(self, now):
        score, bend, own_bend, mixed = self._blocks(now)
        free = np.setdiff1d(np.arange(score.size), self.hold)
        values, vectors = np.linalg.eigh(bend[np.ix_(free, free)])
        # Uphill along every axis, also where the surface bends the wrong way.
        size = np.maximum(np.abs(values), 1e-8 * max(1.0, np.abs(values).max()))
        step = np.zeros(score.size)
        step[free] = vectors @ ((vectors.T @ score[free]) / size)
        step *= min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))
        gain = float(step @ score)
        own_step = np.zeros(self.k)
        if self.own_intercept:
            own_step = -(now.score[:, 0] + mixed @ step) / own_bend
            gain += float((now.score[:, 0] ** 2 / -own_bend).sum())
            own_step = np.clip(own_step, -2.0, 2.0)
        return own_step, step, gain

    def _covariance(self, now):
        _, bend, _, _ = self._blocks(now)
        free = np.setdiff1d(np.arange(bend.shape[0]), self.hold)
        covariance = np.zeros_like(bend)
        covariance[np.ix_(free, free)] = np.linalg.pinv(-bend[np.ix_(free, free)])
        return covariance
