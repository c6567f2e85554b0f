"""Several effects a study: y_ij ~ N(mu, v_ij + between + within), by REML.

`between` is the variance of studies, shared by the effects of one study, `within` that of effects
in a study (Konstantopoulos 2011, Res Synth Methods 2:61; metafor's rma.mv with ~ 1 | study/effect).
Sampling errors of one study are taken as independent; where they are not, put robust.robust on
top (Pustejovsky & Tipton 2022, Prev Sci 23:425).
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri

from livingmeta.pooling.engines.inputs import (
    PoolingError,
    check_effects,
    check_labels,
    check_level,
    check_moderators,
)

DENSE = 60  # beyond so many effects their matrices take long


@dataclass(frozen=True)
class MultilevelFit:
    """Coefficients (p,), intercept first; both variances; `i2_*` in percent of all variance.

    `lr_between` is the restricted likelihood ratio against between = 0; `q` the residual
    heterogeneity with both variances 0.
    """

    k: int
    studies: int
    coefficients: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    p_value: np.ndarray
    covariance: np.ndarray
    between: float
    within: float
    i2_between: float
    i2_within: float
    q: float
    q_df: int
    q_p: float
    lr_between: float
    log_likelihood: float


def fit_multilevel(
    yi: ArrayLike,
    vi: ArrayLike,
    study: ArrayLike,
    *,
    moderators: ArrayLike | None = None,
    level: float = 0.95,
) -> MultilevelFit:
    """Three-level model of k effects in studies, by restricted maximum likelihood.

    study: k labels. Raises PoolingError where every study has one effect, or there is one study:
    the two variances cannot then be told apart.
    """
    y, v = check_effects(yi, vi)
    level = check_level(level)
    k = y.size
    x = np.ones((k, 1)) if moderators is None else check_moderators(moderators, k)
    names, member = check_labels(study, k, "study")
    if names.size < 2 or names.size == k:
        raise PoolingError(
            f"{k} effects from {names.size} studies: variances between and within studies need at "
            "least two studies, and one of them with several effects"
        )
    if moderators is None and k > DENSE:
        surface: _Surface = _ByStudy(y, v, member)
    else:
        surface = _Restricted(y, v, x, (member[:, None] == member[None, :]).astype(float))
    spread = max(np.var(y), v.mean() * 0.01) ** 0.5
    peaks = []
    for free in ((0, 1), (0,), (1,), ()):
        for scale in product((0.3, 1.0), repeat=len(free)):
            start = np.zeros(2)
            start[list(free)] = np.array(scale) * spread
            peaks.append((free, *surface.climb(start, free)))
    # An edge is preferred where the open search only crept towards it.
    value = max(peak[1] for peak in peaks)
    good = [peak for peak in peaks if peak[1] >= value - 1e-10 * (1 + abs(value))]
    _, value, deviations = min(good, key=lambda peak: len(peak[0]))
    between, within = (deviations**2).tolist()
    without = max(peak[1] for peak in peaks if 0 not in peak[0])

    beta, covariance = surface.coefficients(between, within)
    se = np.sqrt(np.diag(covariance))
    crit = ndtri((1 + level) / 2)
    w = 1 / v
    common = np.linalg.inv(x.T @ (w[:, None] * x))
    residual = y - x @ (common @ (x.T @ (w * y)))
    q, q_df = float(w @ residual**2), k - x.shape[1]
    trace = w.sum() - np.einsum("ij,jk,ik,i->", x, common, x, w**2)
    total = between + within + q_df / trace
    return MultilevelFit(
        k, names.size, beta, se, beta - crit * se, beta + crit * se,
        2 * ndtr(-np.abs(beta / se)), covariance, between, within,
        100 * between / total, 100 * within / total,
        q, q_df, float(chdtrc(q_df, q)), max(0.0, 2 * (value - without)), value,
    )  # fmt: skip


class _Surface(ABC):
    """Restricted log-likelihood of (sqrt(between), sqrt(within)), even in both."""

    @abstractmethod
    def terms(self, deviations):
        """Value, gradient and Hessian by the two standard deviations."""

    @abstractmethod
    def coefficients(self, between, within):
        """Coefficients and their covariance under both variances."""

    def climb(self, deviations, free):
        """Peak reached from a start, with the other standard deviations kept at 0."""
        free = np.array(free, int)
        value, gradient, hessian = self.terms(deviations)
        for _ in range(200 if free.size else 0):
            values, vectors = np.linalg.eigh(hessian[np.ix_(free, free)])
            size = np.maximum(np.abs(values), 1e-10 * max(1.0, np.abs(values).max()))
            step = np.zeros(2)
            step[free] = vectors @ ((vectors.T @ gradient[free]) / size)
            length = 1.0
            while length > 1e-8:
                new = np.abs(deviations + length * step)
                trial = self.terms(new)
                if trial[0] >= value - 1e-13 * (1 + abs(value)):
                    break
                length /= 2
            else:
                break
            moved = np.abs(new - deviations).max()
            deviations, (value, gradient, hessian) = new, trial
            if moved < 1e-13:
                break
        return value, deviations


def _by_deviations(by_variance, bend, deviations):
    """Gradient and Hessian by standard deviations from those by variances."""
    chain = 2 * deviations
    return by_variance * chain, bend * np.outer(chain, chain) + np.diag(2 * by_variance)


class _Restricted(_Surface):
    """With any moderators, by matrices of all effects."""

    def __init__(self, y, v, x, same):
        self.y, self.v, self.x, self.same = y, v, x, same
        self.constant = -0.5 * (y.size - x.shape[1]) * np.log(2 * np.pi)
        self.constant += 0.5 * np.linalg.slogdet(x.T @ x)[1]

    def _inverse(self, between, within):
        total = between * self.same + np.diag(self.v + within)
        root = np.linalg.cholesky(total)
        half = np.linalg.inv(root)
        return half.T @ half, 2 * np.log(np.diag(root)).sum()

    def coefficients(self, between, within):
        weight, _ = self._inverse(between, within)
        covariance = np.linalg.inv(self.x.T @ weight @ self.x)
        return covariance @ (self.x.T @ (weight @ self.y)), covariance

    def terms(self, deviations):
        """Value, gradient and Hessian by the two standard deviations."""
        weight, log_det = self._inverse(*deviations**2)
        wx = weight @ self.x
        cross = self.x.T @ wx
        p = weight - wx @ np.linalg.solve(cross, wx.T)
        py = p @ self.y
        value = self.constant - 0.5 * (log_det + np.linalg.slogdet(cross)[1] + self.y @ py)
        slopes = (self.same @ py, py)  # V_a P y for a = between, within
        ps = (p @ self.same, p)  # P V_a
        by_variance = np.array([0.5 * (py @ slopes[a] - np.trace(ps[a])) for a in (0, 1)])
        bend = np.array(
            [
                [0.5 * (ps[a] * ps[b].T).sum() - slopes[a] @ p @ slopes[b] for b in (0, 1)]
                for a in (0, 1)
            ]
        )
        return float(value), *_by_deviations(by_variance, bend, deviations)


class _ByStudy(_Surface):
    """Without moderators, study by study: the work grows with the effects, not with their cube.

    With d = v + within, a study's covariance is diag(d) + between, so that all follows from its
    sums of 1/d, y/d and y²/d (Sherman-Morrison).
    """

    def __init__(self, y, v, member):
        self.middle = y.mean()
        self.y, self.v, self.member = y - self.middle, v, member
        self.constant = -0.5 * (y.size - 1) * np.log(2 * np.pi) + 0.5 * np.log(y.size)

    def _sums(self, within, power):
        """Of a study: the sums of y^power / d, with first and second derivative by within."""
        d = self.v + within
        top = self.y**power
        found = [np.bincount(self.member, top / d**n) for n in (1, 2, 3)]
        none = np.zeros_like(found[0])
        return _Jet(found[0], none, -found[1], none, none, 2 * found[2])

    def terms(self, deviations):
        between, within = deviations**2
        a, b, c = (self._sums(within, power) for power in (0, 1, 2))
        one, none = np.ones_like(a.f), np.zeros_like(a.f)
        tau = _Jet(between * one, one, none, none, none, none)
        u = tau.times(a)
        u = u._replace(f=1 + u.f)
        shared = b.over(u)
        weight, moment = a.over(u).sum(), shared.sum()
        q = c.sum().less(tau.times(b).times(shared).sum()).less(moment.times(moment).over(weight))
        d = self.v + within
        log_d = _Jet(np.log(d).sum(), 0.0, a.f.sum(), 0.0, 0.0, a.w.sum())
        inside = u.log().sum().plus(log_d).plus(weight.log()).plus(q)
        by_variance = -0.5 * np.array([inside.b, inside.w])
        bend = -0.5 * np.array([[inside.bb, inside.bw], [inside.bw, inside.ww]])
        value = float(self.constant - 0.5 * inside.f)
        return value, *_by_deviations(by_variance, bend, deviations)

    def coefficients(self, between, within):
        a, b = (self._sums(within, power).f for power in (0, 1))
        u = 1 + between * a
        weight = (a / u).sum()
        return np.array([self.middle + (b / u).sum() / weight]), np.array([[1 / weight]])


class _Jet(NamedTuple):
    """A quantity with its derivatives by the variances between (b) and within (w) studies."""

    f: Any
    b: Any
    w: Any
    bb: Any
    bw: Any
    ww: Any

    def plus(self, o):
        return _Jet(*(x + y for x, y in zip(self, o, strict=True)))

    def less(self, o):
        return _Jet(*(x - y for x, y in zip(self, o, strict=True)))

    def times(self, o):
        return _Jet(
            self.f * o.f,
            self.b * o.f + self.f * o.b,
            self.w * o.f + self.f * o.w,
            self.bb * o.f + 2 * self.b * o.b + self.f * o.bb,
            self.bw * o.f + self.b * o.w + self.w * o.b + self.f * o.bw,
            self.ww * o.f + 2 * self.w * o.w + self.f * o.ww,
        )

    def over(self, o):
        r = 1 / o.f
        b, w = -o.b * r**2, -o.w * r**2
        bb, bw, ww = (
            2 * x * y * r**3 - xy * r**2
            for x, y, xy in ((o.b, o.b, o.bb), (o.b, o.w, o.bw), (o.w, o.w, o.ww))
        )
        return self.times(_Jet(r, b, w, bb, bw, ww))

    def log(self):
        b, w = self.b / self.f, self.w / self.f
        return _Jet(
            np.log(self.f), b, w,
            self.bb / self.f - b * b, self.bw / self.f - b * w, self.ww / self.f - w * w,
        )  # fmt: skip

    def sum(self):
        return _Jet(*(np.sum(x) for x in self))
