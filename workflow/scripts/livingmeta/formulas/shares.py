"""Shares of a count, and how sure they are."""

import math

Z95 = 1.959963984540054


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95% interval of the share `count` of `of`, as proportions (Wilson's score interval).

    Raises ValueError unless 0 <= count <= of and of > 0.
    """
    if not 0 <= count <= of or not of:
        raise ValueError(f"{count} of {of} is no share")
    share, z2 = count / of, Z95**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of**2)) / (1 + z2 / of)
    low = max(0.0, middle - half) if count else 0.0
    return low, min(1.0, middle + half) if count < of else 1.0
