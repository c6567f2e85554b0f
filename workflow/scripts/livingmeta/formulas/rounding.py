"""What a printed number may have been before it was rounded."""

from __future__ import annotations

from math import erfc, inf, isfinite, log, sqrt
from typing import NamedTuple


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
    tells; converted units leave none to see, and half a per cent of the value stands in for it.
    """
    known = [decimals(v) for v in values if isfinite(v)]
    if not known:
        return 0.0
    seen = [digits for digits in known if digits is not None]
    if len(seen) < len(known):
        return 0.005 * max(abs(v) for v in values if isfinite(v))
    return 0.5 * 10.0 ** -max(seen)


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
