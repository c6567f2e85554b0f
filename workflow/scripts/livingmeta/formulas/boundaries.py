"""Monitoring boundaries for repeated looks at accumulating evidence.

The chance of a false alarm is spent as information comes in (Lan & DeMets 1983, Biometrika 70:659)
by the function that resembles O'Brien and Fleming's boundaries: little at first, most at the end.
The boundaries follow by integrating over the paths that have not crossed so far (Armitage,
McPherson & Rowe 1969, J R Stat Soc A 132:235; Jennison & Turnbull 2000, chapter 19).
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

# Nothing that could be spent below this is worth a boundary: it lies beyond z = 8.
LEAST = 1e-15
FAR = 8.5
# Looks closer together than this share of the required information are one look.
CLOSE = 1e-3
NODES, MOST_NODES = 96, 2400


def spent(fraction: ArrayLike, alpha: float) -> np.ndarray:
    """Two-sided chance of a false alarm spent by each information `fraction` (R,): for each side
    2 (1 - Phi(z(1 - alpha/4) / sqrt(fraction))); all of `alpha` from 1 on."""
    t = np.clip(np.asarray(fraction, dtype=float), 1e-12, 1.0)
    return 4.0 * ndtr(-ndtri(1.0 - alpha / 4.0) / np.sqrt(t))


def bounds(fractions: ArrayLike, alpha: float = 0.05) -> np.ndarray:
    """Two-sided boundaries (R,) of |z| at looks with these information `fractions`, ascending.

    The first look at 1 or beyond spends what is left; later ones have no boundary (NaN), and
    infinity stands where there is next to nothing to spend. Two looks at the same information
    share their boundary.
    """
    t = np.asarray(fractions, dtype=float)
    if (np.diff(t) < 0).any() or (t <= 0).any():
        raise ValueError("information fractions must be above 0 and never fall")
    found = np.full(len(t), np.nan)
    last, before, grid, weight = 0.0, 0.0, np.zeros(1), np.ones(1)
    for i, at in enumerate(np.minimum(t, 1.0)):
        if last == 1.0:
            break
        if i and at - last < CLOSE and at < 1.0:
            found[i] = found[i - 1]
            continue
        total = float(spent(at, alpha))
        step = np.sqrt(at - last)
        found[i] = _bound(total - before, grid, weight, step, np.sqrt(at))
        ahead = t[i + 1 :][t[i + 1 :] - at >= CLOSE]
        narrow = min(step, np.sqrt(min(ahead[0], 1.0) - at)) if len(ahead) and at < 1 else step
        grid, weight = _going_on(grid, weight, step, min(found[i], FAR) * np.sqrt(at), narrow)
        last, before = at, total
    return found


def _bound(alpha: float, grid: np.ndarray, weight: np.ndarray, step: float, root: float) -> float:
    """The z that paths at `grid` with their `weight` exceed on either side with chance `alpha`."""
    if alpha < LEAST:
        return np.inf

    def missing(z):
        high = ndtr((grid - z * root) / step) + ndtr((-z * root - grid) / step)
        return float(weight @ high) - alpha

    from scipy.optimize import brentq

    return float(brentq(missing, 0.0, 2 * FAR, xtol=1e-12)) if missing(0.0) > 0 else 0.0


def _going_on(
    grid: np.ndarray, weight: np.ndarray, step: float, end: float, narrow: float
) -> tuple[np.ndarray, np.ndarray]:
    """Where the paths that stay within `end` are after a step, on a new grid that is fine enough
    for steps as `narrow` as the next."""
    count = int(np.clip(np.ceil(14.0 * 2.0 * end / (2.0 * narrow)), NODES, MOST_NODES))
    nodes, weights = np.polynomial.legendre.leggauss(count)
    new = end * nodes
    away = (new[:, None] - grid[None, :]) / step
    density = np.exp(-0.5 * away**2) @ weight / (step * np.sqrt(2.0 * np.pi))
    return new, density * weights * end
