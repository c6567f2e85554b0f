"""How many there are, from how many of them two sources found and how many both.

Chapman 1951, Univ Calif Publ Stat 1:131-160; variance of Seber 1970, Biometrics 26:13-22; interval
of Chao 1987, Biometrics 43:783-791 (p. 787).
"""

import math
from typing import NamedTuple

from livingmeta.formulas.special import ndtri


class Population(NamedTuple):
    """An estimated number, its standard error and interval, and how many are known."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    known: int


def two_sources(first: int, second: int, both: int, level: float = 0.95) -> Population:
    """N = (first + 1)(second + 1) / (both + 1) - 1, counts of what each source found and both did.

    The interval takes the number that is not known, N minus first + second - both, for log-normal:
    it does not go below what is known. It has no width where one source found all that the other
    found. Raises ValueError where `both` is more than one of the two, or one is negative.
    """
    if not 0 <= both <= min(first, second):
        raise ValueError(f"both = {both}; wanted is 0 to {min(first, second)}")
    estimate = (first + 1) * (second + 1) / (both + 1) - 1
    spread = (first + 1) * (second + 1) * (first - both) * (second - both)
    variance = spread / ((both + 1) ** 2 * (both + 2))
    known = first + second - both
    # (first - both)(second - both) / (both + 1), computed so that none is exactly 0.
    unknown = (first - both) * (second - both) / (both + 1)
    if unknown == 0:
        return Population(estimate, 0.0, float(known), float(known), known)
    z = float(ndtri((1 + level) / 2))
    factor = math.exp(z * math.sqrt(math.log1p(variance / unknown**2)))
    low, high = known + unknown / factor, known + unknown * factor
    return Population(estimate, math.sqrt(variance), low, high, known)
