"""Digitised clicks and numbers at risk made sound, or refused with the reason."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from livingmeta.errors import InputError

# A rise of the clicks up to here is the digitiser's hand; beyond it the curve is doubtful, and
# beyond the second it is no survival curve (cumulative incidence, or two curves in one file).
DOUBTFUL_RISE = 0.03
NO_CURVE_RISE = 0.15
# What a hand may miss by: before time 0 (share of the axis), and above 1 or below 0.
BEFORE_ZERO = 0.02
OUTSIDE = 0.03
# ASSUME: a hand misses a stroke by up to 1% of the axis, so of two clicks on one the lower may come
# twice as much before the higher; only a rise over a longer time is one of the curve.
HAND = 0.02
# ASSUME: a curve and the numbers below it end within this factor of one another; where they do not
# by the second, their times are in different units (months and years: 12, and others more).
DOUBTFUL_END, OTHER_UNIT = 4, 10
# Falling clicks nearer in time than this share of the axis are one vertical stroke.
STROKE = 0.002


class CurveError(InputError):
    """Clicks or numbers at risk that no survival curve can have; the message says which."""


def clean_clicks(
    time: ArrayLike, survival: ArrayLike, dates: ArrayLike = (0.0,)
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Sorted, monotone clicks that begin at (0, 1), and warnings.

    `dates`: times of the numbers at risk; the last may be further along the axis than the curve. Of
    several clicks at one time the lowest is the curve's value. Clicks that fall from left to right
    are taken as they are; others in the order of the file where a hand went down the curve, else
    in that of the curve (`_along`), and what still goes back in time or rises is levelled.
    Survival is never rescaled: the calibration is kept.
    """
    t, s = np.asarray(time, float), np.asarray(survival, float)
    if t.ndim != 1 or t.shape != s.shape:
        raise CurveError(f"{t.size} click times but {s.size} survival values")
    if t.size < 2:
        raise CurveError(f"{t.size} click: a curve needs at least two")
    bad = np.flatnonzero(~(np.isfinite(t) & np.isfinite(s)))
    if bad.size:
        raise CurveError(f"click {bad[0] + 1} is not a number: ({t[bad[0]]:g}, {s[bad[0]]:g})")
    if s.max() > 1.5:
        raise CurveError(f"survival of {s.max():g}: clicks must be proportions, not percentages")
    if s.max() > 1 + OUTSIDE or s.min() < -OUTSIDE:
        worst = s.max() if s.max() > 1 + OUTSIDE else s.min()
        raise CurveError(f"survival of {worst:g} is outside 0 to 1: check the calibration")
    if not t.max() > 0:
        raise CurveError("all clicks are at time 0")
    axis = max(t.max(), np.max(dates))
    if t.min() < -BEFORE_ZERO * axis:
        raise CurveError(
            f"click at time {t.min():g}: times must not be negative (a hand may miss 0 by 2% of "
            "the axis): check the calibration"
        )
    t, s = clicked = np.clip(t, 0, None), np.clip(s, 0, 1)
    # Stable: clicks at one time stay in the order of the hand, which went down the step.
    order = np.argsort(t, kind="stable")
    t, s = t[order], s[order]
    warnings = []
    if (np.diff(s) > 0).any():
        if _down_the_curve(*clicked, axis):
            t, s = clicked
        else:
            rise, at_time = _rise(t, s, HAND * axis)
            if rise > NO_CURVE_RISE:
                raise CurveError(
                    f"the clicks rise by {rise:.2f} up to time {at_time:g}: survival cannot rise; "
                    "is this one curve, and survival rather than cumulative incidence?"
                )
            if rise > DOUBTFUL_RISE:
                warnings.append(f"the clicks rise by {rise:.3f} up to time {at_time:g}")
            order = _along(t, s, axis)
            t, s = t[order], s[order]
        t, s = _levelled(t, s, np.asarray(dates, float), STROKE * axis)
    # Only the last click at each time counts (the foot of the step).
    foot = np.append(np.diff(t) > 0, True)
    t, s = t[foot], s[foot]
    if t[0] > 0:
        t, s = np.append(0.0, t), np.append(1.0, s)
    s[0] = 1.0
    return t, s, warnings


def _down_the_curve(t: np.ndarray, s: np.ndarray, axis: float) -> bool:
    """Whether the file has the clicks in the order in which a hand goes down a curve: they fall,
    and go back in time by no more than two of them may be off."""
    back = float((np.maximum.accumulate(t) - t).max())
    return _rise(np.arange(s.size), s, 1)[0] <= DOUBTFUL_RISE and back <= 2 * HAND * axis


def _rise(t: np.ndarray, s: np.ndarray, apart: float) -> tuple[float, float]:
    """The largest rise between sorted clicks further apart in time, and when it is reached."""
    before = np.searchsorted(t, t - apart, side="right") - 1
    lowest = np.where(before >= 0, np.minimum.accumulate(s)[np.maximum(before, 0)], 1.0)
    at = int(np.argmax(s - lowest))
    return float(s[at] - lowest[at]), float(t[at])


def _along(t: np.ndarray, s: np.ndarray, axis: float) -> np.ndarray:
    """The order of clicks along the curve, which goes right or down.

    Their distance along it is what they went to the right, as a share of the axis, and down; so the
    foot of a stroke comes after its top though it was clicked before it.
    """
    return np.argsort(t / axis - s, kind="stable")


def _levelled(
    t: np.ndarray, s: np.ndarray, dates: np.ndarray, near: float
) -> tuple[np.ndarray, np.ndarray]:
    """Clicks in the order of the curve with times that rise and heights that fall.

    What goes back is levelled by isotonic regression (pool adjacent violators), which favours no
    side; then the clicks of one stroke, none further from its first than `near`, are put at its
    mean time, or at the date of a number at risk so near: who dies then is still counted there.
    """
    t, s = np.maximum(-isotonic(-t), 0.0), isotonic(s)
    falls, times, first = (np.diff(s) < 0).tolist(), t.tolist(), 0
    later = np.append(dates[dates > near], np.inf)
    for i in range(1, len(times) + 1):
        # A stroke ends where the curve goes on level, or too far to the right.
        if i == len(times) or not falls[i - 1] or times[i] - times[first] > near:
            mean = t[first:i].mean()
            date = later[np.abs(later - mean).argmin()]
            t[first:i] = date if i - first > 1 and abs(date - mean) <= near else mean
            first = i
    return np.maximum.accumulate(t), s


def isotonic(values: np.ndarray) -> np.ndarray:
    """The nearest non-increasing sequence in least squares (pool adjacent violators)."""
    if (np.diff(values) <= 0).all():
        return values.copy()
    means: list[float] = []
    sizes: list[int] = []
    for value in values.tolist():
        size = 1
        while means and means[-1] < value:
            other = sizes.pop()
            value = (means.pop() * other + value * size) / (other + size)
            size += other
        means.append(value)
        sizes.append(size)
    return np.repeat(means, sizes)


def clean_risk_table(times: ArrayLike, at_risk: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Sorted times and whole numbers at risk, the first at 0; refuses a number that rises."""
    t, n = np.asarray(times, float).ravel(), np.asarray(at_risk, float).ravel()
    if t.size == 0 or t.shape != n.shape:
        raise CurveError(f"{t.size} times but {n.size} numbers at risk")
    if not (np.isfinite(t).all() and np.isfinite(n).all()):
        raise CurveError("numbers at risk with an empty time or number")
    order = np.argsort(t, kind="stable")
    t, n = t[order], n[order]
    if t[0] != 0:
        raise CurveError(f"the first number at risk is at {t[0]:g}; one at time 0 is needed")
    if (np.diff(t) == 0).any():
        twice = t[1:][np.diff(t) == 0][0]
        raise CurveError(f"two numbers at risk at time {twice:g}")
    odd = np.flatnonzero((n < 0) | (n != np.round(n)))
    if odd.size:
        raise CurveError(f"{n[odd[0]]:g} at risk at {t[odd[0]]:g}: must be a whole number")
    if n[0] < 1:
        raise CurveError("nobody at risk at time 0")
    up = np.flatnonzero(np.diff(n) > 0)
    if up.size:
        i = up[0]
        raise CurveError(
            f"numbers at risk rise from {n[i]:g} at {t[i]:g} to {n[i + 1]:g} at {t[i + 1]:g}"
        )
    return t, n


def ends_apart(end: float, times: np.ndarray, at_risk: np.ndarray) -> list[str]:
    """A warning where the clicks, whose last is at `end`, and the numbers at risk end far from one
    another; refused where that far that they cannot be in one unit. A number of 0 says nothing of
    the curve's end, nor does the one at the start."""
    last, last_seen = float(times[-1]), float(times[at_risk > 0][-1])
    apart = max(end / last if last else 1.0, last_seen / end)
    if apart <= DOUBTFUL_END:
        return []
    last = last if end > last else last_seen
    said = f"the clicks end at time {end:g}, the numbers at risk at {last:g}"
    if apart > OTHER_UNIT:
        raise CurveError(
            f"{said}: are both in the unit of the protocol? Name the unit of the file in its "
            "column (Time (years)), or add the last point of a curve that goes on level"
        )
    return [said]


def read_curve(click_time: np.ndarray, click_survival: np.ndarray, times: Any) -> Any:
    """S(t) as a step function through cleaned clicks, at one time or an array of times."""
    index = np.searchsorted(click_time, np.asarray(times, float), side="right") - 1
    value = click_survival[np.maximum(index, 0)]
    return float(value) if np.ndim(times) == 0 else value
