"""Arms of one trial made into one: counts, means and SDs of all their patients together."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, fsum, sqrt
from typing import NamedTuple

from livingmeta.formulas import rounding


class Together(NamedTuple):
    """Mean, SD (in the outcome's unit) and patients of several arms together."""

    mean: float
    sd: float
    n: float


def means(n: Sequence[float], mean: Sequence[float], sd: Sequence[float]) -> Together:
    """What the patients of all arms together have (Cochrane Handbook 6.5.2.10, for any number).

    The squares within the arms and those between their means add up, so that the result is what
    the patients themselves would give, whatever the order of the arms. ValueError where an arm has
    no patients, or all of them have one patient together.
    """
    total = fsum(n)
    if not all(x > 0 for x in n) or not total > 1:
        raise ValueError(f"no arms to join: patients {', '.join(f'{x:g}' for x in n)}")
    arms = list(zip(n, mean, sd, strict=True))
    middle = fsum(k * m for k, m, _ in arms) / total
    squares = fsum(
        [(k - 1) * s * s for k, _, s in arms] + [k * (m - middle) ** 2 for k, m, _ in arms]
    )
    return Together(middle, sqrt(squares / (total - 1)), total)


def exact_count(proportion: float, n: float) -> int | None:
    """The one whole number of `n` patients that a proportion is of, as printed; None where the
    rounding leaves none or several. A percentage is read as of one decimal at least."""
    if not (n > 0 and n == int(n) and 0 <= proportion <= 1):
        return None
    half = rounding.half_per_cent(proportion)
    # Rounded, or else cut off after the last digit: 2 of 3 is printed as 66.7% and as 66.6%.
    for below, above in ((half, half), (0.0, 2 * half)):
        lowest = ceil((proportion - below - 1e-9) * n)
        highest = floor((proportion + above + 1e-9) * n)
        if lowest <= highest:
            return lowest if lowest == highest else None
    return None
