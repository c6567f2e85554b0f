"""Newton's climb to the peak of a likelihood whose derivatives are exact."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from livingmeta.pooling.engines.quadrature import Terms

FARTHEST = 40.0  # a log odds or a standard deviation out here is on its way to infinity


@dataclass(frozen=True)
class Peak:
    """Where a climb ended: the log-likelihood, each study's own intercept (k,), the parameters of
    all with their covariance."""

    value: float
    own: np.ndarray
    theta: np.ndarray
    covariance: np.ndarray
    gain: float  # what a further step would add to the log-likelihood


class Search:
    """Newton's climb to a peak of the likelihood; each study may have an intercept of its own.

    `terms(own, theta)`: the likelihood of the k studies, by each one's own intercept first;
    `hold` names the entries of theta kept at their start (a variance at its boundary of 0).
    """

    def __init__(
        self,
        terms: Callable[[np.ndarray, np.ndarray], Terms],
        own_intercept: bool,
        k: int,
        hold: np.ndarray,
    ) -> None:
        self.terms, self.own_intercept, self.k, self.hold = terms, own_intercept, k, hold

    def climb(self, own: np.ndarray, theta: np.ndarray) -> Peak:
        """The peak above a start: the studies' `own` intercepts (k,) and the `theta` of all."""
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
            if polished == 3 or np.abs(theta).max() > FARTHEST:
                break
        gain = self._step(now)[2]
        return Peak(float(value), own, theta, self._covariance(now), gain)

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
