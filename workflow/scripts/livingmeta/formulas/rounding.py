"""What a printed number may have been before it was rounded."""

from __future__ import annotations

from math import erfc, inf, isfinite, log, nan, sqrt
from typing import NamedTuple


class Converted(float):
    """A number that is not as it was printed: in another unit, one over a ratio, of a logarithm.

    `half`: half of the last digit that was printed, in the unit of the number; NaN where nobody can
    tell. Counted with, it is a plain number.
    """

    half: float

    def __new__(cls, value: float, half: float = nan) -> Converted:
        number = super().__new__(cls, value)
        number.half = half
        return number

    def __neg__(self) -> Converted:
        return Converted(-float(self), self.half)


class Range(NamedTuple):
    """Lower and upper end of what a quantity may be."""

    low: float
    high: float

    def gap(self, other: Range) -> float:
        """Distance between two ranges, 0 where they overlap."""
        return max(self.low - other.high, other.low - self.high, 0.0)


def decimals(value: float) -> int | None:
    """Decimals that a number was printed with, or None where a unit was converted."""
    text = repr(float(value))
    if "e" in text:
        return None
    count = 0 if text.endswith(".0") else len(text.partition(".")[2])
    return count if count <= 5 else None


def half_unit(*values: float) -> float:
    """Half of the last digit that numbers printed side by side share.

    Trailing noughts are lost when a table is read (0.90 is 0.9), so the number with most decimals
    tells; where a number was converted and does not say how, half a per cent of the largest does.
    """
    finite = [v for v in values if isfinite(v)]
    halves = [_half(v) for v in finite]
    if any(half is None for half in halves):
        return 0.005 * max(abs(v) for v in finite)
    return min((half for half in halves if half is not None), default=0.0)


def _half(value: float) -> float | None:
    """Half of the last digit of one number, or None where that is lost."""
    if isinstance(value, Converted):
        return value.half if isfinite(value.half) else None
    digits = decimals(value)
    return None if digits is None else 0.5 * 10.0**-digits


def converted(value: float, factor: float) -> float:
    """A number that was printed as value / factor, which keeps the digits it was printed with."""
    if not isfinite(value) or factor == 1:
        return value
    # To 12 digits: 0.29 / 0.01 is 29.
    return Converted(value, half_unit(float(f"{value / factor:.12g}")) * abs(factor))


def half_per_cent(*values: float) -> float:
    """The same for proportions, which papers print as percentages: 0.4 was 40%, not 0.4."""
    return min(half_unit(*values), 0.005)


def around(value: float, half: float) -> Range:
    """The range that rounds to a value."""
    return Range(value - half, value + half)


def log_range(value: float, half: float) -> Range:
    """The same on the log scale; unbounded below where the range reaches 0."""
    return Range(log(value - half) if value > half else -inf, log(value + half))


def se_range(low: float, high: float, half: float, z: float) -> Range:
    """Standard error on the log scale that a rounded interval of a ratio may stand for."""
    a, b = log_range(low, half), log_range(high, half)
    return Range(max(b.low - a.high, 0.0) / (2 * z), (b.high - a.low) / (2 * z))


def z_range(effect: Range, se: Range) -> Range:
    """|effect| / se over both ranges."""
    smallest = 0.0 if effect.low <= 0 <= effect.high else min(abs(effect.low), abs(effect.high))
    largest = max(abs(effect.low), abs(effect.high))
    return Range(smallest / se.high if se.high > 0 else inf, largest / se.low if se.low else inf)


def two_sided_p(z: float) -> float:
    """p of |z|."""
    return erfc(abs(z) / sqrt(2))
