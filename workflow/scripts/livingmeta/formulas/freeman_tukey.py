"""Proportions on the double arcsine scale (Freeman & Tukey 1950), halved as metafor's PFT.

The way back goes by the harmonic mean of the sizes (Miller 1978). It is at fault where studies
differ much in size (Schwarzer 2019, Res Synth Methods 10:476), so this is no measure that a result
may have: a sensitivity analysis at most.
"""

import numpy as np
from numpy.typing import ArrayLike


def double_arcsine(x: ArrayLike, n: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """yi and vi of `x` events among `n` patients, float arrays (k,)."""
    x, n = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(n, dtype=float))
    yi = (np.arcsin(np.sqrt(x / (n + 1.0))) + np.arcsin(np.sqrt((x + 1.0) / (n + 1.0)))) / 2.0
    return yi, 1.0 / (4.0 * n + 2.0)


def proportion(value: ArrayLike, n: ArrayLike) -> np.ndarray:
    """The proportion that a `value` on the double arcsine scale stands for.

    `n`: the patients of each study, whose harmonic mean stands for the synthesis.
    """
    value = np.asarray(value, dtype=float)
    harmonic = 1.0 / np.mean(1.0 / np.asarray(n, dtype=float))
    low, high = (double_arcsine(x, harmonic)[0] for x in (0.0, harmonic))
    sine = np.sin(2.0 * value)
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = 1.0 - (sine + (sine - 1.0 / sine) / harmonic) ** 2
        inverse = (1.0 - np.sign(np.cos(2.0 * value)) * np.sqrt(np.maximum(inner, 0.0))) / 2.0
    return np.where(value <= low, 0.0, np.where(value >= high, 1.0, inverse)) + 0.0 * value
