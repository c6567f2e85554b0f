"""Selection models: what if a study's p-value decided whether it was published?

A study with p-value p is seen with relative probability w(p), so that its effect has the density
w(p(y)) N(y; mu, v + tau²) / A(mu, tau²), A the chance of being seen at all.

* `stepfun`: w is constant between given steps and 1 in the first (Vevea & Hedges 1995,
  Psychometrika 60:419; with one step at 0.025 the "three-parameter selection model");
* `beta`: w = p^(delta1 - 1) (1 - p)^(delta2 - 1) (Citkowicz & Vevea 2017, Psychol Methods 22:28).

Maximum likelihood with exact derivatives, to the root of the score.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri

from livingmeta.pooling.engines.inputs import (
    OptionError,
    PoolingError,
    check_effects,
    check_level,
    choose,
)
from livingmeta.pooling.engines.models import fit

ALTERNATIVES = ("greater", "less", "two.sided")
# Relative probabilities are kept between these: beyond, the data no longer tell them apart.
DELTA_RANGE = (1e-5, 100.0)
# p-values nearer to 0 or 1 are read as this near (beta only): w is infinite at the ends.
SMALLEST_P = 1e-5


class EmptyIntervalError(PoolingError):
    """No study's p-value lies between two steps: what happened there cannot be estimated."""


@dataclass(frozen=True)
class SelectionFit:
    """The effect as it would be without selection, and the selection itself.

    `delta`: relative probabilities after each step (the first is 1), or the two exponents of
    `beta`; `lr`, `lr_p`: likelihood ratio test of no selection. `at_bound`: a delta ended at the
    edge of DELTA_RANGE, so that its standard error and the test mean little.
    """

    model: str
    alternative: str
    k: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    statistic: float
    p_value: float
    tau2: float
    se_tau2: float
    delta: tuple[float, ...]
    se_delta: tuple[float, ...]
    lr: float
    lr_df: int
    lr_p: float
    log_likelihood: float
    at_bound: bool


def selection_model(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    model: str = "stepfun",
    steps: tuple[float, ...] = (0.025,),
    alternative: str | None = None,
    level: float = 0.95,
) -> SelectionFit:
    """Fit a selection model to k effects and variances (analysis scale).

    steps: p-values at which w may change (`stepfun` only). alternative: the p-values selection
    looked at, `greater` or `less` (one-sided) or `two.sided`; None takes the side on which the
    pooled effect lies. Raises EmptyIntervalError, and PoolingError where there are fewer studies
    than parameters.
    """
    y, v = check_effects(yi, vi)
    level = check_level(level)
    choose(model, ("stepfun", "beta"), "the selection model")
    plain = fit(y, v, tau2="ML")
    alternative = alternative or ("less" if plain.estimate < 0 else "greater")
    choose(alternative, ALTERNATIVES, "the alternative")
    sign = -1.0 if alternative == "less" else 1.0
    two_sided = alternative == "two.sided"
    weighing: Steps | Beta
    if model == "stepfun":
        weighing = Steps(sign * y, v, _check_steps(steps), two_sided)
    else:
        weighing = Beta(sign * y, v, two_sided)
    if y.size < 2 + weighing.free:
        raise PoolingError(
            f"{y.size} studies are too few for the {2 + weighing.free} parameters of this model"
        )
    search = _Search(sign * y, v, weighing)
    starts = [
        (sign * plain.estimate, tau, delta)
        for tau in (plain.tau2**0.5, 0.3 * v.mean() ** 0.5)
        for delta in (1.0, 0.3)
    ]
    best = max((search.climb(*start) for start in starts), key=lambda peak: peak[0])
    value, theta = best
    mu, tau2 = theta[0], theta[1] ** 2
    delta = np.exp(theta[2:])
    se = search.standard_errors(theta)
    crit = float(ndtri((1 + level) / 2))
    estimate = float(sign * mu)
    lr = max(0.0, 2 * (value - search.unselected(plain)))
    fixed = (1.0,) * (model == "stepfun")
    edge = np.log(DELTA_RANGE)
    return SelectionFit(
        model, alternative, y.size, estimate, float(se[0]),
        estimate - crit * float(se[0]), estimate + crit * float(se[0]),
        estimate / float(se[0]), float(2 * ndtr(-abs(estimate / se[0]))),
        float(tau2), float(se[1]), fixed + tuple(delta.tolist()),
        (0.0,) * len(fixed) + tuple(se[2:].tolist()),
        lr, weighing.free, float(chdtrc(weighing.free, lr)), float(value),
        bool(((theta[2:] <= edge[0] + 1e-6) | (theta[2:] >= edge[1] - 1e-6)).any()),
    )  # fmt: skip


def _check_steps(steps):
    steps = np.unique(np.asarray(steps, float))
    steps = steps[steps < 1]
    if steps.size == 0 or not (steps > 0).all():
        raise OptionError(f"steps are {list(steps)}; p-values between 0 and 1 are needed")
    return steps


def p_values(y: np.ndarray, v: np.ndarray, two_sided: bool) -> np.ndarray:
    """p-values of effects against 0: of being greater, or two-sided."""
    z = y / np.sqrt(v)
    return 2 * ndtr(-np.abs(z)) if two_sided else ndtr(-z)


class Steps:
    """A step function. A(mu, s²) is a sum of normal probabilities, with closed derivatives."""

    def __init__(self, y: np.ndarray, v: np.ndarray, steps: np.ndarray, two_sided: bool) -> None:
        self.free = steps.size
        p = p_values(y, v, two_sided)
        self.group = np.searchsorted(steps, p, side="left")
        counts = np.bincount(self.group, minlength=steps.size + 1)
        if not counts.all():
            edges = [0.0, *steps, 1.0]
            j = int(np.argmin(counts))
            raise EmptyIntervalError(
                f"no study has a p-value between {edges[j]:g} and {edges[j + 1]:g}: "
                "choose other steps"
            )
        tail = steps / 2 if two_sided else steps
        cut = -np.sqrt(v)[:, None] * ndtri(tail)[None, :]  # (k, J): y at which p is the step
        # P(interval j) = constant_j + sum over cuts of C_jb * cdf(cut_b)
        j = steps.size
        one = np.zeros((j + 1, j))
        one[np.arange(j), np.arange(j)] -= 1
        one[np.arange(1, j + 1), np.arange(j)] += 1
        self.constant = np.eye(j + 1)[0]  # the first interval reaches to infinity
        self.cuts, self.matrix = cut, one
        if two_sided:
            self.cuts = np.concatenate([cut, -cut], axis=1)
            self.matrix = np.concatenate([one, -one], axis=1)

    def log_weight(self, delta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """log w of each study (k,) and its derivative by ln delta (k, J)."""
        full = np.concatenate([[1.0], delta])
        return np.log(full[self.group]), np.eye(self.free + 1)[self.group][:, 1:]

    def normaliser(
        self, mu: float, s2: np.ndarray, delta: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """log A (k,), gradient (k, 2 + J) and Hessian by mu, s² and ln delta."""
        s = np.sqrt(s2)[:, None]
        z = (self.cuts - mu) / s
        density = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
        d_mu, d_s2 = -density / s, -z * density / (2 * s**2)
        d_mu2, d_mu_s2 = -z * density / s**2, (1 - z**2) * density / (2 * s**3)
        d_s22 = z * density * (3 - z**2) / (4 * s**4)
        full = np.concatenate([[1.0], delta])
        per_cut = full @ self.matrix

        chance = self.constant + ndtr(z) @ self.matrix.T  # (k, J + 1)
        a = chance @ full
        j = self.free
        first = np.zeros((z.shape[0], 2 + j))
        second = np.zeros((z.shape[0], 2 + j, 2 + j))
        first[:, 0], first[:, 1] = d_mu @ per_cut, d_s2 @ per_cut
        first[:, 2:] = chance[:, 1:] * delta
        second[:, 0, 0], second[:, 1, 1] = d_mu2 @ per_cut, d_s22 @ per_cut
        second[:, 0, 1] = second[:, 1, 0] = d_mu_s2 @ per_cut
        for row, slope in ((0, d_mu), (1, d_s2)):
            second[:, row, 2:] = second[:, 2:, row] = (slope @ self.matrix.T)[:, 1:] * delta
        diagonal = np.arange(2, 2 + j)
        second[:, diagonal, diagonal] = first[:, 2:]
        first /= a[:, None]
        return np.log(a), first, second / a[:, None, None] - first[:, :, None] * first[:, None, :]


class Beta:
    """The beta weight function. A is integrated by Gauss-Legendre panels, split at the kinks."""

    free = 2

    def __init__(self, y: np.ndarray, v: np.ndarray, two_sided: bool) -> None:
        self.two_sided, self.se = two_sided, np.sqrt(v)[:, None]
        p = np.clip(p_values(y, v, two_sided), SMALLEST_P, 1 - SMALLEST_P)
        self.logs = np.column_stack([np.log(p), np.log1p(-p)])
        self.node, self.weight = np.polynomial.legendre.leggauss(16)

    def log_weight(self, delta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """log w of each study (k,) and its derivative by ln delta (k, 2)."""
        return self.logs @ (delta - 1), self.logs * delta

    def normaliser(
        self, mu: float, s2: np.ndarray, delta: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """log A (k,), gradient (k, 4) and Hessian by mu, s² and ln delta."""
        s = np.sqrt(s2)[:, None]
        kink = -ndtri(SMALLEST_P / (2 if self.two_sided else 1)) * self.se
        inner = [-kink, kink]
        if self.two_sided:
            soft = -ndtri((1 - SMALLEST_P) / 2) * self.se
            inner = [-kink, -soft, soft, kink]
        low, high = np.minimum(mu - 12 * s, -kink - s), np.maximum(mu + 12 * s, kink + s)
        y, weight = self._panels([low, *inner, high], mu, s)
        z = y / self.se
        p = 2 * ndtr(-np.abs(z)) if self.two_sided else ndtr(-z)
        p = np.clip(p, SMALLEST_P, 1 - SMALLEST_P)
        logs = np.stack([np.log(p), np.log1p(-p)], -1)
        off = y - mu
        log_f = logs @ (delta - 1) - 0.5 * off**2 / s**2 - np.log(s * np.sqrt(2 * np.pi))
        peak = log_f.max(1, keepdims=True)
        mass = weight * np.exp(log_f - peak)
        total = mass.sum(1, keepdims=True)
        mass /= total
        score = np.empty((*y.shape, 4))
        score[..., 0] = off / s**2
        score[..., 1] = off**2 / (2 * s**4) - 1 / (2 * s**2)
        score[..., 2:] = logs * delta
        first = np.einsum("km,kmp->kp", mass, score)
        second = np.einsum("km,kmp,kmr->kpr", mass, score, score, optimize=True)
        second -= first[:, :, None] * first[:, None, :]
        second[:, 0, 0] -= 1 / s2
        mean_off = np.einsum("km,km->k", mass, off)
        second[:, 0, 1] -= mean_off / s2**2
        second[:, 1, 0] -= mean_off / s2**2
        second[:, 1, 1] += 1 / (2 * s2**2) - np.einsum("km,km->k", mass, off**2) / s2**3
        second[:, 2, 2] += first[:, 2]
        second[:, 3, 3] += first[:, 3]
        return (peak + np.log(total))[:, 0], first, second

    def _panels(self, edges, mu, s):
        """Nodes and weights (k, M) between the edges, in panels about as wide as a scale."""
        nodes, weights = [], []
        for a, b in pairwise(edges):
            parts = int(np.clip(np.ceil(((b - a) / np.minimum(s, self.se)).max() / 1.5), 2, 60))
            cut = a + (b - a) * np.linspace(0, 1, parts + 1)
            half = np.diff(cut, axis=1)[:, :, None] / 2
            nodes.append((cut[:, :-1, None] + half * (1 + self.node)).reshape(len(cut), -1))
            weights.append((half * self.weight).reshape(len(cut), -1))
        return np.concatenate(nodes, 1), np.concatenate(weights, 1)


class _Search:
    """Newton's climb in (mu, tau, ln delta); the likelihood is even in tau."""

    def __init__(self, y, v, weighing):
        self.y, self.v, self.weighing = y, v, weighing
        self.low, self.high = np.log(DELTA_RANGE)

    def unselected(self, plain):
        """Log-likelihood of the model without selection, by maximum likelihood."""
        total = self.v + plain.tau2
        mu = (self.y / total).sum() / (1 / total).sum()
        return float(-0.5 * (np.log(2 * np.pi * total) + (self.y - mu) ** 2 / total).sum())

    def terms(self, mu, tau2, log_delta):
        """Log-likelihood, gradient and Hessian by mu, tau² and ln delta."""
        delta = np.exp(log_delta)
        s2 = self.v + tau2
        off = self.y - mu
        log_w, by_delta = self.weighing.log_weight(delta)
        log_a, first, second = self.weighing.normaliser(mu, s2, delta)
        value = log_w - 0.5 * (np.log(2 * np.pi * s2) + off**2 / s2) - log_a
        gradient, hessian = -first.sum(0), -second.sum(0)
        gradient[0] += (off / s2).sum()
        gradient[1] += (off**2 / (2 * s2**2) - 1 / (2 * s2)).sum()
        gradient[2:] += by_delta.sum(0)
        hessian[0, 0] -= (1 / s2).sum()
        hessian[0, 1] -= (off / s2**2).sum()
        hessian[1, 0] -= (off / s2**2).sum()
        hessian[1, 1] += (1 / (2 * s2**2) - off**2 / s2**3).sum()
        if isinstance(self.weighing, Beta):
            diagonal = np.arange(2, 4)
            hessian[diagonal, diagonal] += by_delta.sum(0)
        return float(value.sum()), gradient, hessian

    def climb(self, mu, tau, delta):
        """Peak reached from a start: its log-likelihood and theta = (mu, tau, ln delta)."""
        theta = np.concatenate([[mu, tau], np.full(self.weighing.free, np.log(delta))])
        value, gradient, hessian = self._by_tau(theta)
        for _ in range(300):
            held = ((theta <= self.low) & (gradient < 0)) | ((theta >= self.high) & (gradient > 0))
            held[:2] = False
            free = np.flatnonzero(~held)
            values, vectors = np.linalg.eigh(hessian[np.ix_(free, free)])
            size = np.maximum(np.abs(values), 1e-9 * max(1.0, np.abs(values).max()))
            step = np.zeros(theta.size)
            step[free] = vectors @ ((vectors.T @ gradient[free]) / size)
            step *= min(1.0, 1.0 / max(np.abs(step).max(), 1e-300))
            length = 1.0
            while length > 1e-8:
                new = theta + length * step
                new[2:] = np.clip(new[2:], self.low, self.high)
                trial = self._by_tau(new)
                if trial[0] >= value - 1e-13 * (1 + abs(value)):
                    break
                length /= 2
            else:
                break
            moved = np.abs(new - theta).max()
            theta, (value, gradient, hessian) = new, trial
            if moved < 1e-12:
                break
        # At the boundary the search creeps towards tau = 0 without reaching it.
        flat = theta.copy()
        flat[1] = 0.0
        level = self._by_tau(flat)[0]
        if level >= value - 1e-10 * (1 + abs(value)):
            return level, flat
        return value, theta

    def _by_tau(self, theta):
        tau = theta[1]
        value, gradient, hessian = self.terms(theta[0], tau**2, theta[2:])
        by_tau2 = gradient[1]
        gradient, hessian = gradient.copy(), hessian.copy()
        gradient[1] *= 2 * tau
        hessian[1, :] *= 2 * tau
        hessian[:, 1] *= 2 * tau
        hessian[1, 1] += 2 * by_tau2
        return value, gradient, hessian

    def standard_errors(self, theta):
        """Standard errors of mu, tau² and delta; nan for what lies on its boundary."""
        _, _, hessian = self.terms(theta[0], theta[1] ** 2, theta[2:])
        delta = np.exp(theta[2:])
        inside = np.ones(theta.size, bool)
        inside[1] = theta[1] != 0
        inside[2:] = (theta[2:] > self.low) & (theta[2:] < self.high)
        scale = np.concatenate([[1.0, 1.0], delta])
        se = np.full(theta.size, np.nan)
        covariance = np.linalg.pinv(-hessian[np.ix_(inside, inside)])
        se[inside] = np.sqrt(np.maximum(np.diag(covariance), 0.0)) * scale[inside]
        return se
