"""Shares of a count, how sure they are, and the odds ratio of two."""

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


def conditional_odds_ratio(a: int, n1: int, c: int, n2: int) -> float:
    """The odds ratio of a of n1 against c of n2 events given both margins of the table: that with
    which a is expected, as `fisher.test` of R prints it (Fisher 1935). 0 or infinite at an end."""
    low, high = max(0, a + c - n2), min(n1, a + c)
    if a in (low, high):
        return 0.0 if a == low else math.inf
    ways = [
        math.lgamma(n1 + 1)
        - math.lgamma(x + 1)
        - math.lgamma(n1 - x + 1)
        + math.lgamma(n2 + 1)
        - math.lgamma(a + c - x + 1)
        - math.lgamma(n2 - a - c + x + 1)
        for x in range(low, high + 1)
    ]

    def expected(theta: float) -> float:
        logs = [way + theta * x for x, way in enumerate(ways, low)]
        most = max(logs)
        weights = [math.exp(x - most) for x in logs]
        return sum(w * x for x, w in enumerate(weights, low)) / sum(weights)

    least, most = -50.0, 50.0
    for _ in range(60):
        middle = (least + most) / 2
        least, most = (middle, most) if expected(middle) < a else (least, middle)
    return math.exp((least + most) / 2)
