"""The intraclass correlation of several readings of the same things."""

from typing import NamedTuple

import numpy as np

ALPHA = 0.05


class Icc(NamedTuple):
    """An intraclass correlation with its 95% interval; NaN where the things do not differ."""

    value: float
    low: float
    high: float


def absolute_agreement(readings: np.ndarray) -> Icc:
    """ICC(A,1): two-way, absolute agreement, single measures, of `readings` (n things, k readers).

    With the mean squares of rows MSR, of columns MSC and of error MSE,

        ICC(A,1) = (MSR - MSE) / (MSR + (k - 1) MSE + k (MSC - MSE) / n),

    and the 95% interval by F with Satterthwaite's degrees of freedom: McGraw & Wong, Psychol
    Methods 1996;1:30-46, tables 4 and 7. Readers who differ by a constant agree less, which a
    correlation would not see. Raises ValueError for fewer than two things or readers, or what is
    no number.
    """
    x = np.asarray(readings, float)
    if x.ndim != 2 or min(x.shape) < 2 or not np.isfinite(x).all():
        raise ValueError("an intraclass correlation is of two things and two readers at least")
    n, k = x.shape
    mean, rows, columns = x.mean(), x.mean(axis=1), x.mean(axis=0)
    rest = x - rows[:, None] - columns + mean
    msr = k * ((rows - mean) ** 2).sum() / (n - 1)
    msc = n * ((columns - mean) ** 2).sum() / (k - 1)
    mse = (rest**2).sum() / ((n - 1) * (k - 1))
    # What is left by rounding of numbers that are one.
    tiny = 1e-12 * max(1.0, float((x**2).max()))
    msr, msc, mse = (0.0 if ms < tiny else float(ms) for ms in (msr, msc, mse))
    below = msr + (k - 1) * mse + k * (msc - mse) / n
    if below <= 0 or msr == mse == 0:
        return Icc(np.nan, np.nan, np.nan)
    value = (msr - mse) / below
    if msc == mse == 0:
        return Icc(1.0, 1.0, 1.0)
    from scipy.special import fdtri  # here, since a small stage need not pay for its import

    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    spread = (a * msc) ** 2 / (k - 1) + (b * mse) ** 2 / ((n - 1) * (k - 1))
    if spread == 0:
        return Icc(_within(value), np.nan, np.nan)
    df = (a * msc + b * mse) ** 2 / spread
    more, less = fdtri(n - 1, df, 1 - ALPHA / 2), fdtri(df, n - 1, 1 - ALPHA / 2)
    of_error = k * msc + (k * n - k - n) * mse
    low = n * (msr - more * mse) / (more * of_error + n * msr)
    high = n * (less * msr - mse) / (of_error + n * less * msr)
    return Icc(_within(value), _within(low), _within(high))


def _within(value: float) -> float:
    """A correlation; of few things the formulas may give less than -1."""
    return float(min(1.0, max(-1.0, value)))
