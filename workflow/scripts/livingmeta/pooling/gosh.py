"""GOSH: the meta-analysis of every subset of the studies (Olkin 2012, Res Synth Methods 3:214).

A cloud with two centres, or one that falls apart when a certain study is in, shows at a glance
what a single I² hides. All 2^k - k - 1 subsets of two or more studies to k = 20; beyond that a
million drawn at random, each as likely as any other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from livingmeta.pooling.engines.inputs import OptionError, PoolingError, check_effects

MOST_IN_FULL = 20
_CHUNK = 1 << 14  # subsets at a time: their weights stay in the processor's cache
_CLOSED = ("FE", "DL")


@dataclass(frozen=True)
class Gosh:
    """One entry a subset. `members` (subsets, bytes) has bit i set where study i is in."""

    k: int
    complete: bool
    members: np.ndarray
    size: np.ndarray
    estimate: np.ndarray
    tau2: np.ndarray
    i2: np.ndarray

    def contains(self, study: int) -> np.ndarray:
        """Which subsets study number `study` (from 0) is in."""
        return self.members[:, study // 8] >> np.uint8(study % 8) & np.uint8(1) == 1


def gosh(
    yi: ArrayLike, vi: ArrayLike, *, tau2: str = "DL", subsets: int = 1_000_000, seed: int = 1
) -> Gosh:
    """Pool all subsets of two or more studies, or `subsets` random ones beyond 20 studies.

    yi, vi: k effects and variances on the analysis scale; tau2: `FE` and `DL` are in closed form
    (a million in a second or two), any other estimator is solved for each subset (some 30 times
    slower). i2 in percent: (Q - df)/Q for FE, else tau² against the typical variance of Higgins
    & Thompson 2002. Random subsets are drawn with replacement from `seed`.
    """
    y, v = check_effects(yi, vi)
    k = y.size
    if k < 3:
        raise PoolingError(f"GOSH needs at least 3 studies, there are {k}")
    complete = k <= MOST_IN_FULL
    if complete:
        members = np.arange(1 << k, dtype="<u4").view(np.uint8).reshape(-1, 4)
        members = members[_sizes(members) >= 2]
    else:
        if subsets < 1:
            raise OptionError(f"subsets is {subsets}; it must be at least 1")
        members = _draw(k, subsets, np.random.default_rng(seed))
    parts = [
        _pool(members[start : start + _CHUNK], y, v, tau2)
        for start in range(0, len(members), _CHUNK)
    ]
    size, estimate, t2, i2 = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Gosh(k, complete, members, size, estimate, t2, i2)


def _sizes(members):
    return np.bitwise_count(members).sum(1)


def _draw(k, count, rng):
    """Subsets of two or more of k studies, as bits, all equally likely."""
    width = -(-k // 8)
    last = np.uint8((1 << (k - 8 * (width - 1))) - 1)
    drawn = np.empty((0, width), np.uint8)
    while len(drawn) < count:
        more = rng.integers(0, 256, (count - len(drawn), width), dtype=np.uint8)
        more[:, -1] &= last
        drawn = np.concatenate([drawn, more[_sizes(more) >= 2]])
    return drawn


def _pool(members, y, v, tau2):
    """Size, estimate, tau² and I² (percent) of each subset."""
    inside = np.unpackbits(members, axis=1, count=y.size, bitorder="little").astype(float)
    w = 1 / v
    y0 = w @ y / w.sum()  # sums about the middle lose no digits
    d = y - y0
    s1, s2, sy, syy, n = (inside @ np.column_stack([w, w**2, w * d, w * d * d, np.ones_like(w)])).T
    df = n - 1
    q = np.maximum(0.0, syy - sy**2 / s1)
    typical = s1 - s2 / s1
    if tau2 == "FE":
        i2 = 100 * np.maximum(0.0, q - df) / np.where(q > 0, q, 1.0)
        return n.astype(int), y0 + sy / s1, np.zeros_like(n), i2
    if tau2 in _CLOSED:
        t2 = np.maximum(0.0, (q - df) / typical)
        weights = inside / (v + t2[:, None])
        estimate = y0 + weights @ d / weights.sum(1)
    else:
        from livingmeta.pooling.engines.models import fit_many

        out = inside == 0
        found = fit_many(np.where(out, np.nan, y), np.where(out, np.nan, v), tau2=tau2)
        t2, estimate = found.tau2, found.estimate
    i2 = 100 * t2 / (t2 + df / typical)
    return n.astype(int), estimate, t2, i2
