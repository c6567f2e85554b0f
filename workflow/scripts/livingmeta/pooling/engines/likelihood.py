"""The global maximum of the (restricted) likelihood of tau², with a proof that none is higher.

Twice the log likelihood is, up to a constant, -q(t) - D(t), with q(t) = y'P(t)y and
D(t) = log|V + tI| (+ log|X'(V + tI)^-1 X| when restricted), t = tau². With l_j the eigenvalues of
K'VK, K an orthonormal basis of the residual space, q = sum c_j²/(l_j + t) and D = sum log(l_j + t)
(not restricted: over the variances themselves). So q is convex and falling, D concave and rising,
and over any interval

    -q lies below the larger of its tangents' heights,  -D lies below its chord,

which bounds the likelihood there from above. Intervals whose bound is below the best value
found cannot hold the maximum; those on which it must rise, fall or be concave are settled; the
rest are halved. What remains is one bracket around each maximum that could be the highest.
(The likelihood can have several maxima; software that climbs from one start can stop on a lower.)

Derivatives: A = -q', B = D', C = A'/-2, E = -B'; score of 2l is A - B. References for the score:
Viechtbauer 2005 (J Educ Behav Stat 30:261), Harville 1977.
"""

from typing import Any, NamedTuple

import numpy as np

from livingmeta.pooling.engines.inputs import Rows

GRID = 16  # first points a row; what they leave open is halved until settled
STEPS = np.linspace(0.0, 1.0, GRID)
CHUNK = 40_000  # elements at a time, so that the work stays in the processor's cache
SLACK = 1e-10  # two maxima nearer than this in 2 log L count as equal
HALVINGS = 60
# A Newton step this small (relative to tau² plus the smallest variance) leaves an error of about
# its square, which is below the last digit.
SETTLED = 1e-9


class Terms(NamedTuple):
    """q, D and their derivatives at given t; every array has the shape of t."""

    q: np.ndarray
    D: np.ndarray
    A: np.ndarray
    B: np.ndarray
    C: np.ndarray
    E: np.ndarray


def terms(t: np.ndarray, rows: Rows, x: np.ndarray | None = None, restricted: bool = True) -> Terms:
    """Terms at t (R, G) for Rows of R; `x` (R, K, p) is the design, None for a plain mean."""
    if x is not None:
        return _terms_design(t, rows, x, restricted)
    vt = rows.v[:, :, None] + t[:, None, :]
    w = 1.0 / vt
    s1 = w.sum(1)
    mean = (rows.y[:, None, :] @ w)[:, 0] / s1
    r = rows.y[:, :, None] - mean[:, None, :]
    wr = w * r
    q = np.einsum("rkg,rkg->rg", wr, r)
    A = np.einsum("rkg,rkg->rg", wr, wr)
    bend = np.einsum("rkg,rkg->rg", w, wr)
    C = np.einsum("rkg,rkg,rkg->rg", w, wr, wr) - bend * bend / s1
    w2 = w * w
    s2 = w2.sum(1)
    if rows.pad is not None:
        vt[rows.pad] = 1.0
    D = np.log(vt).sum(1)
    if not restricted:
        return Terms(q, D, A, s1, C, s2)
    share = s2 / s1
    s3 = np.einsum("rkg,rkg->rg", w2, w)
    return Terms(q, D + np.log(s1), A, s1 - share, C, s2 - 2.0 * s3 / s1 + share * share)


def _terms_design(t, rows, x, restricted):
    """The same with a design matrix; G and p are small here, so plain stacked algebra serves."""
    vt = rows.v[:, None, :] + t[:, :, None]
    w = 1.0 / vt
    x = x[:, None]  # (R, 1, K, p)
    xw = np.swapaxes(x, -1, -2) * w[..., None, :]
    information = xw @ x
    m = np.linalg.inv(information)
    y = rows.y[:, None, :, None]
    r = (y - x @ (m @ (xw @ y)))[..., 0]
    wr = w * r
    xw2 = xw * w[..., None, :]
    z = (xw2 @ r[..., None])[..., 0]
    q = np.vecdot(wr, r)
    A = np.vecdot(wr, wr)
    C = np.vecdot(wr * w, wr) - np.vecdot(z, (m @ z[..., None])[..., 0])
    s1, s2 = w.sum(-1), np.vecdot(w, w)
    if rows.pad is not None:
        vt = np.where(rows.pad[:, None, :], 1.0, vt)
    D = np.log(vt).sum(-1)
    if not restricted:
        return Terms(q, D, A, s1, C, s2)
    h2 = m @ (xw2 @ x)
    h3 = m @ ((xw2 * w[..., None, :]) @ x)
    trace2, trace3 = np.trace(h2, axis1=-2, axis2=-1), np.trace(h3, axis1=-2, axis2=-1)
    twice = np.trace(h2 @ h2, axis1=-2, axis2=-1)
    return Terms(
        q, D + np.linalg.slogdet(information)[1], A, s1 - trace2, C, s2 - 2.0 * trace3 + twice
    )


def maximise(rows: Rows, x: np.ndarray | None = None, restricted: bool = True) -> np.ndarray:
    """tau² (R,) at the global maximum over tau² >= 0, to the last digits the data carry.

    Rows with no residual degree of freedom get 0.
    """
    if rows.y.shape[0] == 0:
        return np.zeros(0)
    size = max(1, CHUNK // (GRID * rows.y.shape[1]))
    parts = [slice(i, i + size) for i in range(0, rows.y.shape[0], size)]
    return np.concatenate(
        [_maximise(rows.take(p), None if x is None else x[p], restricted) for p in parts]
    )


def upper_bound(
    rows: Rows, x: np.ndarray | None, restricted: bool
) -> tuple[np.ndarray, np.ndarray]:
    """A tau² above which the score is negative: A <= SS/(t + vmin)², B >= n/(t + vmax)."""
    p = 1 if x is None else x.shape[2]
    if x is None:
        mean = rows.y.sum(1) / rows.k
        e = rows.y - mean[:, None]
        if rows.pad is not None:
            e[rows.pad] = 0.0
    else:
        e = rows.y - (x @ (np.linalg.pinv(x) @ rows.y[:, :, None]))[:, :, 0]
    low = rows.v.min(1)
    high = rows.v.max(1) if rows.pad is None else np.where(rows.pad, 0.0, rows.v).max(1)
    df = rows.k - p
    a = np.vecdot(e, e) / np.maximum(df if restricted else rows.k, 1)
    return np.where(df > 0, np.maximum(root_of_bounds(a, low, high), 0.0), 0.0), low


def root_of_bounds(a: float | np.ndarray, low: float | np.ndarray, high: float | np.ndarray) -> Any:
    """Where a/(t + low)² and 1/(t + high) meet; floats or arrays, `a` the mean square SS/n.

    With equal variances that is the root of the score itself: a little more keeps it inside.
    """
    return (a - 2.0 * low + (a * a + 4.0 * a * (high - low)) ** 0.5) * 0.5000005


def grid(
    rows: Rows,
    x: np.ndarray | None,
    restricted: bool,
    upper: float | np.ndarray,
    low: float | np.ndarray,
) -> tuple[np.ndarray, Terms]:
    """The first points (R, GRID) from 0 to `upper`, and their terms.

    Evenly spaced in log(t + smallest variance): the likelihood's features are as wide as that.
    """
    spread = np.log1p(upper / low)
    t = np.reshape(low, (-1, 1)) * np.expm1(np.reshape(spread, (-1, 1)) * STEPS)
    return t, terms(t, rows, x, restricted)


def _maximise(rows, x, restricted):
    upper, low = upper_bound(rows, x, restricted)
    tau2 = np.zeros(upper.size)
    live = np.flatnonzero(upper > 0.0)
    if not live.size:
        return tau2
    if live.size < upper.size:
        rows, upper, low = rows.take(live), upper[live], low[live]
        x = None if x is None else x[live]
    t, f = grid(rows, x, restricted, upper, low)
    height = -(f.q + f.D)
    best = height.max(1)
    at_zero = np.where(f.A[:, 0] <= f.B[:, 0], height[:, 0], -np.inf)

    row = np.repeat(np.arange(live.size), GRID - 1)
    left = np.array([t, *f])[:, :, :-1].reshape(7, -1)
    right = np.array([t, *f])[:, :, 1:].reshape(7, -1)
    found = []
    for _ in range(HALVINGS):
        open_, bracket = _settle(left, right, best[row])
        found.append((row[bracket], left[:, bracket], right[:, bracket]))
        if not open_.any():
            break
        row, left, right = row[open_], left[:, open_], right[:, open_]
        s = low[row]
        # ASSUME: the geometric mean of t + s may round onto an end; such an interval is a point.
        middle = np.sqrt((left[0] + s) * (right[0] + s)) - s
        part = rows.take(row)
        f = terms(middle[:, None], part, None if x is None else x[row], restricted)
        centre = np.array([middle, *(g[:, 0] for g in f)])
        np.maximum.at(best, row, -(centre[1] + centre[2]))
        row = np.concatenate([row, row])
        left, right = np.concatenate([left, centre], 1), np.concatenate([centre, right], 1)

    row = np.concatenate([b[0] for b in found])
    left, right = (np.concatenate([b[i] for b in found], 1) for i in (1, 2))
    tau2[live] = _choose(rows, x, restricted, row, left, right, at_zero)
    return tau2


def _settle(left, right, best):
    """Which intervals stay open, and which are a bracket around exactly one maximum."""
    a, qa, Da, Aa, Ba, _, Ea = left
    b, qb, Db, Ab, Bb, Cb, _ = right
    width = b - a
    with np.errstate(invalid="ignore", divide="ignore"):
        kink = np.clip(np.nan_to_num((qa - qb - Ab * width) / (Aa - Ab)), 0.0, width)
        chord = np.where(width > 0.0, (Db - Da) / width, 0.0)
    bound = np.maximum(-(qa - Aa * kink) - (Da + chord * kink), -np.minimum(qa + Da, qb + Db))
    hopeful = bound > best + SLACK * (1.0 + np.abs(best) * 1e-3)
    # A and B fall: the score A - B on [a, b] lies between A(b) - B(a) and A(a) - B(b).
    hopeful &= (Ab <= Ba) & (Aa >= Bb)
    concave = 2.0 * Cb > Ea
    peak = (Aa > Ba) & (Ab <= Bb)
    return hopeful & ~concave, hopeful & concave & peak


def _choose(rows, x, restricted, row, left, right, at_zero):
    """The highest of the bracketed maxima of each row and tau² = 0."""
    tau2 = np.zeros(at_zero.size)
    if not row.size:
        return tau2
    t = _polish(rows.take(row), None if x is None else x[row], restricted, left, right)
    counts = np.bincount(row, minlength=at_zero.size)
    rivals = (counts > 1) | ((counts == 1) & np.isfinite(at_zero))
    tau2[row] = t
    if not rivals.any():
        return tau2
    f = terms(t[:, None], rows.take(row), None if x is None else x[row], restricted)
    height = -(f.q + f.D)[:, 0]
    for i in np.flatnonzero(rivals):
        mine = row == i
        j = np.argmax(height[mine])
        tau2[i] = t[mine][j] if height[mine][j] > at_zero[i] else 0.0
    return tau2


def _polish(rows, x, restricted, left, right):
    """The root of the score in each bracket: Newton on B/A - 1, which is nearly linear in t."""
    lo, hi = left[0].copy(), right[0].copy()
    below, above = left[4] / left[3] - 1.0, right[4] / right[3] - 1.0
    t = lo - below * (hi - lo) / (above - below)
    t = np.where((t >= lo) & (t <= hi), t, (lo + hi) / 2.0)
    scale = rows.v.min(1)
    moving = np.arange(t.size)
    for _ in range(HALVINGS):
        part = rows if moving.size == t.size else rows.take(moving)
        f = terms(t[moving, None], part, None if x is None else x[moving], restricted)
        _, _, A, B, C, E = (g[:, 0] for g in f)
        low_side = A > B
        lo[moving[low_side]] = t[moving[low_side]]
        hi[moving[~low_side]] = t[moving[~low_side]]
        slope = (2.0 * B * C - E * A) / (A * A)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (1.0 - B / A) / slope
        new = t[moving] + step
        outside = ~((new >= lo[moving]) & (new <= hi[moving]))
        new[outside] = (lo[moving] + hi[moving])[outside] / 2.0
        moved = np.abs(new - t[moving])
        t[moving] = new
        moving = moving[moved > SETTLED * (new + scale[moving])]
        if not moving.size:
            break
    return t
