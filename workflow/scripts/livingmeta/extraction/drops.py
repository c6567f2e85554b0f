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
from scipy.special import gammaln

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
    at_least: int = 0,
) -> list[Solution]:
    """The best way to each possible number of patients left at `end`, likeliest first.

    `times, survival`: clicks within [start, end); `patients, height`: at risk and survival at
    `start`; `rate`: expected censored per unit time; `at_least`: no fewer are left at `end`.
    """
    if at_least > patients:
        return []
    use = _steps(survival, height)
    errors = np.array(ERRORS)[:, None]
    states = np.arange(at_least, patients + 1)
    size = states.size
    row = np.arange(len(ERRORS))[:, None] * size
    score = np.full((len(ERRORS), size), -np.inf)
    score[:, -1] = 0.0
    height_at = np.full(score.shape, height)
    trail = []
    now = start
    for i in use:
        score, height_at, lost = _censor(score, height_at, rate * (times[i] - now))
        now = times[i]
        with np.errstate(divide="ignore", invalid="ignore"):
            fall = np.where(height_at > 0, 1 - survival[i] / height_at, 0.0)
            deaths = np.clip((states * fall + 0.5).astype(int), 0, states)
            after = height_at * np.where(states > 0, 1 - deaths / states, 1.0)
        misfit = np.minimum((after - survival[i]) ** 2 / (2 * errors**2), FARTHEST)
        reached = score - misfit - np.log(errors) - TIE * np.maximum(deaths - 1, 0)
        target = np.arange(size) - deaths
        order = np.argsort(reached, axis=None)
        order = order[(target.ravel()[order] >= 0) & (reached.ravel()[order] > -np.inf)]
        # The last assignment to a target wins, and that is the best one.
        best = np.full(score.size, -1)
        best[(row + target).ravel()[order]] = order
        score = np.where(best >= 0, reached.ravel()[best], -np.inf).reshape(score.shape)
        height_at = after.ravel()[best].reshape(score.shape)
        trail.append((lost.ravel(), best, deaths.ravel()))
    score, height_at, lost = _censor(score, height_at, rate * (end - now))
    best = score.argmax(axis=0)
    ways = [
        _traced(k * size + j, score, height_at, lost, trail, states, use, len(survival))
        for j, k in enumerate(best.tolist())
        if score[k, j] > -np.inf
    ]
    return sorted(ways, key=lambda way: -way.score)


def _steps(survival: list[float], height: float) -> list[int]:
    """Clicks lower than the one before; on flat pieces nobody dies and there is nothing to fit."""
    before = [height, *survival[:-1]]
    return [i for i, (a, b) in enumerate(zip(before, survival, strict=True)) if b < a]


def _censor(score: np.ndarray, height_at: np.ndarray, expected: float) -> tuple:
    """Best predecessor of each state over a gap in which `expected` are censored."""
    expected = max(expected, 1e-9)
    most = min(score.shape[1], int(3 * expected) + FEW)
    count = np.arange(most)
    log_chance = count * np.log(expected) - gammaln(count + 1) - expected
    padded = np.pad(score, ((0, 0), (0, most - 1)), constant_values=-np.inf)
    ways = sliding_window_view(padded, most, axis=1) + log_chance
    lost = ways.argmax(axis=2)
    column = np.arange(score.shape[1]) + lost
    column = np.minimum(column, score.shape[1] - 1)
    return (
        np.take_along_axis(ways, lost[..., None], axis=2)[..., 0],
        np.take_along_axis(height_at, column, axis=1),
        lost,
    )


def _traced(at, score, height_at, lost, trail, states, use, clicks) -> Solution:
    """Follow the best way back from a flat index (error, state) to the interval's start."""
    way = Solution(
        float(score.flat[at]),
        int(states[at % states.size]),
        float(height_at.flat[at]),
        [0] * clicks,
        [0] * (clicks + 1),
    )
    way.censored[clicks] = int(lost.flat[at])
    at += int(lost.flat[at])
    for i, (lost_before, best, deaths) in zip(reversed(use), reversed(trail), strict=True):
        at = int(best[at])
        way.deaths[i] = int(deaths[at])
        way.censored[i] = int(lost_before[at])
        at += int(lost_before[at])
    return way
