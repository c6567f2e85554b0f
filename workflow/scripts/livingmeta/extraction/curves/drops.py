"""Who was censored between two deaths, read from the size of the steps of a small curve.

A step of a Kaplan-Meier curve falls by d/n of its height, so in small groups its size tells how
many were at risk just then, which the even spread of Guyot's algorithm does not use. The likeliest
numbers at risk along the clicks are found by dynamic programming (Viterbi): the state is the number
of patients left, the data are the heights of the clicks with normal error, and the censored of each
gap are Poisson at an even rate. The error of the clicks is itself chosen from a few values by
likelihood, so that rough clicks fall back to even censoring.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

# Standard deviations of a click's height that are tried: vector figure, pixels, a shaky hand.
ERRORS = (0.0003, 0.0015, 0.008)
# A click further off than three errors (for instance half-way down a step) says no more than that.
FARTHEST = 4.5
# Log-odds against each further death at one click, where one death fits as well.
TIE = 1.5
# Censored in one gap that are always considered, beside three times the expected number.
FEW = 7


class Solution(NamedTuple):
    """One way through an interval that ends with `left` patients."""

    score: float
    left: int
    survival: float
    deaths: list[int]
    censored: list[int]  # before each click; the last entry from the last click to the end


def solve(
    times: np.ndarray,
    survival: list[float],
    start: float,
    end: float,
    patients: int,
    height: float,
    rate: float,
    wanted: int | None = None,
) -> list[Solution]:
    """The best way to each possible number of patients left at `end`, likeliest first.

    `times, survival`: clicks within [start, end); `patients, height`: at risk and survival at
    `start`; `rate`: expected censored per unit time; `wanted`: the number left at `end` where it
    is known (then at most one way comes back, none if it cannot be met).
    """
    lowest = wanted or 0
    if lowest > patients:
        return []
    use = _steps(survival, height)
    gaps = np.diff([start, *(times[i] for i in use), end])
    lattice = _Lattice(lowest, patients, rate * gaps.max())
    errors = np.array(ERRORS)[:, None]
    states = np.arange(lowest, patients + 1)
    column = np.arange(states.size)
    divisor = np.maximum(states, 1)
    score = np.full((len(ERRORS), states.size), -np.inf)
    score[:, -1] = 0.0
    height_at = np.full(score.shape, height)
    trail: list[tuple[np.ndarray, ...]] = []
    for i, gap in zip(use, gaps, strict=False):
        score, height_at, lost = lattice.censor(score, height_at, rate * gap)
        fall = 1 - survival[i] / np.maximum(height_at, 1e-300)
        deaths = np.minimum((states * np.maximum(fall, 0.0) + 0.5).astype(int), states)
        after = height_at * (1 - deaths / divisor)
        misfit = np.minimum((after - survival[i]) ** 2 / (2 * errors**2), FARTHEST)
        reached = (score - misfit - np.log(errors) - TIE * np.maximum(deaths - 1, 0)).ravel()
        target = (column - deaths).ravel()
        order = np.argsort(reached)
        order = order[(target[order] >= 0) & (reached[order] > -np.inf)]
        # The last assignment to a target wins, and that is the best one.
        best = np.full(score.size, -1)
        best[target[order] + order // states.size * states.size] = order
        score = np.where(best >= 0, reached[best], -np.inf).reshape(score.shape)
        height_at = after.ravel()[best].reshape(score.shape)
        trail.append((lost.ravel(), best, deaths.ravel()))
    score, height_at, lost = lattice.censor(score, height_at, rate * gaps[-1])
    ends = range(states.size) if wanted is None else (0,)
    best = score.argmax(axis=0)
    ways = [
        _traced(
            best[j] * states.size + j, score, height_at, lost, trail, states, use, len(survival)
        )
        for j in ends
        if score[best[j], j] > -np.inf
    ]
    return sorted(ways, key=lambda way: -way.score)


def _steps(survival: list[float], height: float) -> list[int]:
    """Clicks lower than the one before; on flat pieces nobody dies and there is nothing to fit."""
    before = [height, *survival[:-1]]
    return [i for i, (a, b) in enumerate(zip(before, survival, strict=True)) if b < a]


class _Lattice:
    """Predecessors of every state over a gap: as many more patients as were censored in it."""

    def __init__(self, lowest: int, highest: int, most_expected: float) -> None:
        from scipy.special import gammaln

        self.size = highest - lowest + 1
        self.most = min(self.size, int(3 * most_expected) + FEW)
        padded = np.full((len(ERRORS), self.size + self.most - 1), -np.inf)
        self.scores = padded[:, : self.size]
        self.windows = sliding_window_view(padded, self.most, axis=1)
        self.count = np.arange(self.most)
        self.log_factorial = gammaln(self.count + 1)
        self.row = np.arange(len(ERRORS))[:, None] * self.size
        self.column = np.arange(self.size)

    def censor(self, score: np.ndarray, height_at: np.ndarray, expected: float) -> tuple:
        """Each state after a gap in which `expected` leave: best score, height, who left."""
        expected = max(expected, 1e-9)
        most = min(self.most, int(3 * expected) + FEW)
        self.scores[:] = score
        chance = self.count[:most] * np.log(expected) - self.log_factorial[:most] - expected
        lost = (self.windows[:, :, :most] + chance).argmax(axis=2)
        origin = self.row + np.minimum(self.column + lost, self.size - 1)
        came = score.ravel()[origin] + chance[lost]
        return (
            np.where(self.column + lost < self.size, came, -np.inf),
            (height_at.ravel()[origin]),
            lost,
        )


def _traced(
    at: int,
    score: np.ndarray,
    height_at: np.ndarray,
    lost: np.ndarray,
    trail: list[tuple[np.ndarray, ...]],
    states: np.ndarray,
    use: list[int],
    clicks: int,
) -> Solution:
    """Follow the best way back from a flat index (error, state) to the interval's start."""
    at = int(at)
    way = Solution(
        *(float(score.flat[at]), int(states[at % states.size]), float(height_at.flat[at])),
        [0] * clicks,
        [0] * (clicks + 1),
    )
    way.censored[clicks] = int(lost.flat[at])
    at += way.censored[clicks]
    for i, (lost_before, best, deaths) in zip(reversed(use), reversed(trail), strict=True):
        at = int(best[at])
        way.deaths[i] = int(deaths[at])
        way.censored[i] = int(lost_before[at])
        at += way.censored[i]
    return way
