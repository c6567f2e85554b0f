"""Binomial-normal models: pooling proportions and two-arm counts without approximation.

Counts enter as counts, so nothing has to be added to a zero. Models (names as in metafor's
rma.glmm; Stijnen 2010, Stat Med 29:3046; Jackson 2018, Stat Med 37:1059):

* `proportion`: x_i ~ Bin(n_i, p_i), logit p_i ~ N(mu, tau²);
* `UM.FS`: two arms, a fixed intercept a study, log odds ratio ~ N(theta, tau²) split evenly
  between the arms (+1/2 and -1/2);
* `UM.RS`: the same with intercepts ~ N(alpha, sigma²), independent of the log odds ratios;
* `CM.EL`: both margins of each table held fixed, the exact noncentral hypergeometric likelihood.

All are fitted by maximum likelihood to the root of the score. Moderators change mu or theta from
study to study.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from livingmeta.pooling.engines.climb import FARTHEST, Search
from livingmeta.pooling.engines.inputs import PoolingError, check_level, check_moderators, choose
from livingmeta.pooling.engines.quadrature import Binomial, Hypergeometric, Terms, marginal

TWO_ARM = ("UM.FS", "UM.RS", "CM.EL")
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
    of a log odds ratio (or logit) for each study against one for all, or what the moderators say
    (metafor's QE.LRT), `lr_tau` that of tau² > 0. `df` is nan where the normal distribution was
    used. `coefficients` (1 + m,) with their `covariance`: the intercept, which is the estimate,
    then one a moderator.
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
    coefficients: np.ndarray
    covariance: np.ndarray


def fit_proportions(
    events: ArrayLike,
    totals: ArrayLike,
    *,
    moderators: ArrayLike | None = None,
    interval: str = "wald",
    level: float = 0.95,
    effective: bool = False,
) -> GlmmFit:
    """Pooled logit of a proportion: random-intercept logistic regression.

    events, totals: k counts; `effective`: they need not be whole; moderators: (k, m). The
    back-transformed estimate is the proportion of the median study (whose moderators are zero).
    Raises PatientCountError, NotEstimableError where no study, or every patient, had the event, and
    ModeratorError as inputs.check_moderators.
    """
    x, n = _counts(events, totals, "events", "totals", effective)
    if x.sum() in (0, n.sum()):
        raise NotEstimableError(
            f"{int(x.sum())} of {int(n.sum())} patients had the event: the pooled logit is infinite"
        )
    kernel = Binomial(x[:, None], n[:, None])
    one = np.ones((1, 1))
    saturated = _binomial_peak(x, n)
    rows = _design(moderators, np.ones(x.size, bool))
    return _fit("proportion", kernel, one, one, False, saturated, rows, 0, interval, level)


def fit_two_arm(
    ai: ArrayLike,
    n1i: ArrayLike,
    ci: ArrayLike,
    n2i: ArrayLike,
    *,
    model: str = "UM.FS",
    moderators: ArrayLike | None = None,
    interval: str = "wald",
    level: float = 0.95,
    effective: bool = False,
) -> GlmmFit:
    """Pooled log odds ratio of arm 1 against arm 2 from events (ai, ci) and arm sizes.

    Studies in which all or none had the event tell nothing about the odds ratio in UM.FS and
    CM.EL and are left out there. `effective`: counts need not be whole, but for CM.EL; moderators:
    (k, m) of the log odds ratio. Returns a GlmmFit; raises as fit_proportions.
    """
    choose(model, TWO_ARM, "the two-arm model")
    effective &= model != "CM.EL"
    a, n1 = _counts(ai, n1i, "ai", "n1i", effective)
    c, n2 = _counts(ci, n2i, "ci", "n2i", effective)
    if a.size != c.size:
        raise PatientCountError(f"arm 1 has {a.size} studies and arm 2 {c.size}")
    use = np.ones(a.size, bool) if model == "UM.RS" else (a + c > 0) & (a + c < n1 + n2)
    a, n1, c, n2 = a[use], n1[use], c[use], n2[use]
    arms = ("arm 1", a, n1, c, n2), ("arm 2", c, n2, a, n1)
    for name, x, n, _, _ in arms:
        if x.sum() in (0, n.sum()):
            raise NotEstimableError(
                f"{name}: {int(x.sum())} of {int(n.sum())} patients had the event in the studies "
                "that could tell; the log odds ratio is infinite"
            )
    rows, left_out = _design(moderators, use), int((~use).sum())
    if model == "CM.EL":
        margins = Hypergeometric(a, n1, n2, a + c)
        one = np.ones((1, 1))
        peak = _hypergeometric_peak(margins)
        return _fit(model, margins, one, one, False, peak, rows, left_out, interval, level)
    kernel = Binomial(np.column_stack([a, c]), np.column_stack([n1, n2]))
    fixed = np.array([[1.0, 0.5], [1.0, -0.5]])
    random = fixed if model == "UM.RS" else fixed[:, 1:]
    if model == "UM.RS":
        saturated = _random_intercept_peak(kernel, fixed, a.size)
    else:
        saturated = _binomial_peak(a, n1) + _binomial_peak(c, n2)
    return _fit(
        model, kernel, fixed, random, model == "UM.FS", saturated, rows, left_out,
        interval, level,
    )  # fmt: skip


def _design(moderators, use):
    """The design matrix (k, 1 + m) of the studies in the mask `use`."""
    k = int(use.sum())
    if moderators is None:
        return np.ones((k, 1))
    return check_moderators(np.atleast_2d(np.asarray(moderators, float).T).T[use], k)


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
    return Search(terms, True, k, hold=np.array([], int)).climb(np.zeros(k), start).value


def _fit(model, kernel, fixed, random, own_intercept, saturated, x, left_out, interval, level):
    choose(interval, ("wald", "t"), "the interval of a binomial-normal model")
    level = check_level(level)
    (k, p), q = x.shape, random.shape[1]
    # Moderators about their mean, in their standard deviations: so the climb knows its steps.
    middle, scale = x[:, 1:].mean(0), x[:, 1:].std(0)
    moved = (x[:, 1:] - middle) / scale
    # theta: the fixed effects all studies share, the effect last of them; then one a moderator,
    # then the standard deviations.
    where = fixed.shape[1] - own_intercept - 1
    spread = where + p
    chain = _chain(moved, where + own_intercept, fixed.shape[1] + q)

    def terms(own, theta):
        phi = np.tile(theta[: where + 1], (k, 1))
        phi[:, where] += moved @ theta[where + 1 : spread]
        phi = np.column_stack([own, phi]) if own_intercept else phi
        found = marginal(kernel, fixed, random, phi, theta[spread:])
        return found if p == 1 else _chained(found, chain)

    plain = Search(terms, own_intercept, k, hold=np.arange(spread, spread + q))
    base = plain.climb(np.zeros(k), np.zeros(spread + q))
    free = Search(terms, own_intercept, k, hold=np.array([], int))
    peaks = []
    for start in _STARTS:
        theta = base.theta.copy()
        theta[spread:] = start
        peaks.append(free.climb(base.own, theta))
    if q == 2:  # heterogeneity of the intercepts alone
        alone = Search(terms, own_intercept, k, hold=np.array([spread + 1]))
        theta = base.theta.copy()
        theta[spread] = 0.8
        bottom = alone.climb(base.own, theta)
        peaks.append(bottom)
    else:
        bottom = base
        peaks.append(base)
    best = max(peaks, key=lambda peak: peak.value)
    if np.abs(best.theta).max() > FARTHEST:
        raise NotEstimableError(
            "the likelihood rises for ever: studies with no events stand against studies in which "
            "all had the event, so the effect or its heterogeneity has no finite estimate"
        )
    # At the boundary the search creeps towards tau = 0 without reaching it.
    if best.value <= bottom.value + 1e-9 * (1 + abs(bottom.value)):
        best = bottom
    deviations = np.abs(best.theta[spread:])
    effect = slice(where, spread)
    if not ((np.diag(best.covariance)[effect] > 0).all() and best.gain < 1e-8):
        raise NotEstimableError(
            "the likelihood has no clear peak (it is flat, or its heterogeneity runs off): these "
            "counts are too few or too extreme for this model"
        )
    back = np.diag([1.0, *(1 / scale)])
    back[0, 1:] = -middle / scale
    coefficients = back @ best.theta[effect]
    covariance = back @ best.covariance[effect, effect] @ back.T
    se = float(np.sqrt(covariance[0, 0]))
    estimate, tau2 = float(coefficients[0]), float(deviations[-1] ** 2)
    df = np.nan if interval == "wald" else k - p
    if interval == "t" and k <= p:
        raise PoolingError("a t interval needs at least 2 studies")
    tail = (1 + level) / 2
    crit = float(ndtri(tail) if interval == "wald" else stdtrit(df, tail))
    reach = float(stdtrit(k - p, tail)) * (se**2 + tau2) ** 0.5 if k > p else np.nan
    statistic = estimate / se
    p_value = 2 * float(ndtr(-abs(statistic)) if interval == "wald" else stdtr(df, -abs(statistic)))
    lr = max(0.0, 2 * (saturated - bottom.value))
    return GlmmFit(
        model=model, k=k, k_left_out=left_out, estimate=estimate, se=se,
        ci_low=estimate - crit * se, ci_high=estimate + crit * se,
        pi_low=estimate - reach, pi_high=estimate + reach,
        statistic=statistic, df=df, p_value=p_value,
        tau2=tau2, sigma2=float(deviations[0] ** 2) if q == 2 else np.nan,
        q=lr, q_df=k - p, q_p=float(chdtrc(k - p, lr)) if k > p else np.nan,
        lr_tau=max(0.0, 2 * (best.value - bottom.value)),
        log_likelihood=best.value + kernel.constant(),
        coefficients=coefficients, covariance=covariance,
    )  # fmt: skip


def _chain(moved, effect, n):
    """Derivatives (k, n, n + m) of a study's n own parameters by those of all: the one numbered
    `effect` is its intercept and what the moderators `moved` (k, m) add to it."""
    (k, m), eye = moved.shape, np.eye(n)
    chain = np.zeros((k, n, n + m))
    chain[:, :, : effect + 1] = eye[:, : effect + 1]
    chain[:, :, effect + 1 + m :] = eye[:, effect + 1 :]
    chain[:, effect, effect + 1 : effect + 1 + m] = moved
    return chain


def _chained(found, chain):
    """Score and Hessian by the parameters of all studies from those by each one's own."""
    score = np.einsum("kp,kpr->kr", found.score, chain)
    hessian = np.einsum("kps,kpr,kst->krt", found.hessian, chain, chain, optimize=True)
    return Terms(found.value, score, hessian)
