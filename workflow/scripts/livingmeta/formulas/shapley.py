"""Sharing out a change among the things that changed: Shapley values (Shapley 1953).

The value of a part is what it adds to the estimate, averaged over all orders in which the parts
could have come. Orders on whose way nothing could be pooled (the old study gone, the new one not
yet there) do not count: the average is over the orders that remain. Over whichever orders, the
shares add up to the whole change, since each order walks from the one end to the other.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

EXACT = 12  # parts up to which every subset is looked at: 4,096 fits
PAIRS = 200  # orders drawn beyond that, each also walked backwards
SEED = 20240101  # of the drawn orders: the same data give the same bytes


class Shares(NamedTuple):
    """`share` of each part (P,) and its standard `error` (zeros where exact), on the analysis
    scale; `method`: exact, sampled, or none where no order of the parts can be walked; `start`
    and `end`: the estimate before and after; `orders`: how many were drawn."""

    share: np.ndarray
    error: np.ndarray
    method: str
    start: float
    end: float
    orders: int = 0


def shares(value: Callable[[np.ndarray], np.ndarray], parts: int) -> Shares:
    """Share out `value(all) - value(none)` among `parts` parts.

    `value`: takes a boolean matrix (R, P), a row a set of parts that are in, and returns (R,)
    floats; NaN where that set cannot be pooled. The sum of `share` is `end - start` but for
    rounding.
    """
    ends = value(np.array([[False] * parts, [True] * parts], dtype=bool).reshape(2, parts))
    start, end = (float(x) for x in ends)
    if parts == 0 or not np.isfinite(ends).all():
        nothing = np.full(parts, np.nan)
        return Shares(nothing, nothing, "exact" if parts == 0 else "none", start, end)
    share: np.ndarray | None
    error: np.ndarray | None
    if parts <= EXACT:
        share = _exact(value, parts)
        error, orders, method = np.zeros(parts), 0, "exact"
    else:
        share, error, orders = _sampled(value, parts)
        method = "sampled"
    if share is None or error is None:
        nothing = np.full(parts, np.nan)
        return Shares(nothing, nothing, "none", start, end)
    return Shares(share, error, method, start, end, orders)


def _exact(value: Callable[[np.ndarray], np.ndarray], parts: int) -> np.ndarray | None:
    """By the number of orders through each step from one subset to the next larger one."""
    size = 1 << parts
    sets = np.arange(size)
    inside = (sets[:, None] >> np.arange(parts)) & 1 == 1
    v = value(inside)
    possible = np.isfinite(v)
    onward, back = np.zeros(size), np.zeros(size)
    onward[0] = back[-1] = 1.0
    for s in sets[1:]:
        if possible[s]:
            onward[s] = sum(onward[s ^ (1 << i)] for i in range(parts) if s >> i & 1)
    for s in sets[-2::-1]:
        if possible[s]:
            back[s] = sum(back[s | (1 << i)] for i in range(parts) if not s >> i & 1)
    if onward[-1] == 0.0:
        return None
    share = np.zeros(parts)
    for i in range(parts):
        without = sets[~inside[:, i]]
        with_it = without | (1 << i)
        weight = onward[without] * back[with_it] / onward[-1]
        used = weight > 0.0
        share[i] = np.sum(weight[used] * (v[with_it[used]] - v[without[used]]))
    return share


def _sampled(
    value: Callable[[np.ndarray], np.ndarray], parts: int
) -> tuple[np.ndarray | None, np.ndarray | None, int]:
    """From drawn orders, each walked both ways, which lessens the error."""
    rng = np.random.default_rng(SEED)
    drawn = [rng.permutation(parts) for _ in range(PAIRS)]
    orders = np.array([order for one in drawn for order in (one, one[::-1])])
    rank = np.empty_like(orders)
    np.put_along_axis(rank, orders, np.arange(parts)[None], axis=1)
    # Row r, step j: the first j parts of order r are in.
    inside = rank[:, None, :] < np.arange(parts + 1)[None, :, None]
    rows = inside.reshape(-1, parts)
    distinct, which = np.unique(np.packbits(rows, axis=1), axis=0, return_inverse=True)
    v = value(np.unpackbits(distinct, axis=1, count=parts).astype(bool))
    walked = v[which.reshape(-1)].reshape(len(orders), parts + 1)
    steps = np.diff(walked, axis=1)
    gained = np.empty_like(steps)
    np.put_along_axis(gained, orders, steps, axis=1)
    possible = np.isfinite(gained).all(axis=1)
    if possible.sum() < 2:
        return None, None, 0
    # Both walks of a pair count as one draw; where some walks end in nothing, each for itself.
    draws = gained.reshape(PAIRS, 2, parts).mean(axis=1) if possible.all() else gained[possible]
    error = draws.std(axis=0, ddof=1) / np.sqrt(len(draws))
    return draws.mean(axis=0), error, int(possible.sum())
