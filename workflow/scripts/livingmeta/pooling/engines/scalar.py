"""One meta-analysis of a moderate size in plain floats.

With ten studies numpy spends its time on being called, not on adding. These are the inner loops
of a single fit, number for number what `likelihood` and `tau2` compute for many at once; the
tests hold the two together. Floats are summed by `fsum`: since Python 3.12 the built-in `sum`
rounds otherwise than before, and results would depend on who runs the review.

What it is for, measured with and without it (`LARGEST` 60 and 0; 10 studies each, one process on
a busy machine): one REML + Hartung-Knapp fit takes 0.27 and 0.58 ms, one Paule-Mandel fit 0.14 and
0.23 ms, 10,000 single REML fits 2.8 and 8.7 s. Without it one fit could not keep the bar of
0.2 ms in docs/performance.md (`python benchmarks/pooling.py`). It does nothing for `fit_many`.
"""

from itertools import pairwise
from math import fsum, log

from livingmeta.pooling.engines import likelihood
from livingmeta.pooling.engines.inputs import Rows
from livingmeta.pooling.engines.likelihood import HALVINGS, SETTLED, SLACK

LARGEST = 60  # studies; above it numpy is faster


def _mean(t, ys, vs):
    w = [1.0 / (v + t) for v in vs]
    s1 = fsum(w)
    return w, s1, fsum([a * y for a, y in zip(w, ys, strict=True)]) / s1


def weighted(t: float, ys: list[float], vs: list[float]) -> tuple[float, float, float]:
    """The mean with weights w = 1/(v + t), its variance 1/fsum(w), and sum(w r²)."""
    w, s1, mean = _mean(t, ys, vs)
    return mean, 1.0 / s1, fsum([a * (y - mean) ** 2 for a, y in zip(w, ys, strict=True)])


def q_and_slope(t: float, ys: list[float], vs: list[float]) -> tuple[float, float]:
    """Cochran's Q with weights 1/(v + t), and minus its derivative in t."""
    w, _, mean = _mean(t, ys, vs)
    q = a = 0.0
    for weight, y in zip(w, ys, strict=True):
        r = y - mean
        wr = weight * r
        q += wr * r
        a += wr * wr
    return q, a


def q_root(ys: list[float], vs: list[float], target: float) -> float:
    """The t >= 0 at which Q(t) = target, or 0 where Q(0) is below it already (see tau2.q_root)."""
    t, low = 0.0, min(vs)
    for _ in range(HALVINGS * 2):
        q, a = q_and_slope(t, ys, vs)
        if a == 0.0:
            return t
        step = q * (q / target - 1.0) / a
        new = t + step
        if t == 0.0 and new <= 0.0:
            return 0.0
        if new <= t + SETTLED * (t + low):
            return max(new, 0.0)
        t = new
    return t


def _terms(t, ys, vs, restricted):
    """t and likelihood.Terms at t, as one tuple of seven floats."""
    w, s1, mean = _mean(t, ys, vs)
    q = A = C = bend = s2 = s3 = 0.0
    product, D = 1.0, 0.0
    for weight, y in zip(w, ys, strict=True):
        r = y - mean
        wr = weight * r
        square = wr * wr
        q += wr * r
        A += square
        C += weight * square
        bend += weight * wr
        w2 = weight * weight
        s2 += w2
        s3 += w2 * weight
        product *= weight
        if not 1e-100 < product < 1e100:
            D -= log(product)
            product = 1.0
    D -= log(product)
    C -= bend * bend / s1
    if not restricted:
        return t, q, D, A, s1, C, s2
    share = s2 / s1
    return t, q, D + log(s1), A, s1 - share, C, s2 - 2.0 * s3 / s1 + share * share


def maximise(rows: Rows, ys: list[float], vs: list[float], restricted: bool) -> float:
    """tau² at the global maximum of the (restricted) likelihood; see likelihood.maximise."""
    mean, low = fsum(ys) / len(ys), min(vs)
    square = fsum([(y - mean) ** 2 for y in ys]) / (len(ys) - restricted)
    upper = likelihood.root_of_bounds(square, low, max(vs))
    if not upper > 0.0:
        return 0.0
    t, f = likelihood.grid(rows, None, restricted, upper, low)
    points = list(zip(t[0].tolist(), *(g[0].tolist() for g in f), strict=True))
    best = max(-(p[1] + p[2]) for p in points)
    zero = points[0] if points[0][3] <= points[0][4] else None
    brackets = []
    stack = list(pairwise(points))
    for _ in range(HALVINGS * likelihood.GRID):
        if not stack:
            break
        left, right = stack.pop()
        # The order of the questions is that of likelihood._settle, cheapest first.
        if right[3] > left[4] or left[3] < right[4]:
            continue
        if 2.0 * right[5] > left[6]:
            if left[3] > left[4] and right[3] <= right[4]:
                brackets.append((left, right))
            continue
        if _bound(left, right) <= best + SLACK * (1.0 + abs(best) * 1e-3):
            continue
        middle = ((left[0] + low) * (right[0] + low)) ** 0.5 - low
        if not left[0] < middle < right[0]:
            continue
        centre = _terms(middle, ys, vs, restricted)
        best = max(best, -(centre[1] + centre[2]))
        stack += [(left, centre), (centre, right)]
    if not brackets:
        return 0.0
    roots = [_polish(left, right, ys, vs, restricted) for left, right in brackets]
    if len(roots) == 1 and zero is None:
        return roots[0]
    peaks = [_terms(root, ys, vs, restricted) for root in roots] + ([zero] if zero else [])
    return min(peaks, key=lambda p: (p[1] + p[2], p[0]))[0]


def _bound(left, right):
    a, qa, Da, Aa, *_ = left
    b, qb, Db, Ab, *_ = right
    width = b - a
    kink = 0.0 if Aa == Ab else min(max((qa - qb - Ab * width) / (Aa - Ab), 0.0), width)
    inside = -(qa - Aa * kink) - (Da + (Db - Da) / width * kink)
    return max(inside, -(qa + Da), -(qb + Db))


def _polish(left, right, ys, vs, restricted):
    lo, hi = left[0], right[0]
    below, above = left[4] / left[3] - 1.0, right[4] / right[3] - 1.0
    t = lo - below * (hi - lo) / (above - below)
    low = min(vs)
    for _ in range(HALVINGS):
        if not lo <= t <= hi:
            t = (lo + hi) / 2.0
        _, _, _, A, B, C, E = _terms(t, ys, vs, restricted)
        if A > B:
            lo = t
        else:
            hi = t
        slope = 2.0 * B * C - E * A
        step = (A - B) * A / slope if slope else (lo + hi) / 2.0 - t
        if not lo <= t + step <= hi:
            step = (lo + hi) / 2.0 - t
        t += step
        moved = abs(step)
        if moved <= SETTLED * (t + low):
            break
    return t
