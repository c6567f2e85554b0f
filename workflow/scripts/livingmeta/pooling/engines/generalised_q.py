"""The generalised Q interval of tau², for moment estimators (DL, HE and their kin).

Q_a = y'P_a y with fixed weights a is, at a given tau², distributed as sum l_j chi²_1 with l_j the
eigenvalues of P_a (V + tau² I). The interval holds every tau² whose two tails of Q_a exceed
(1 - level)/2: Biggerstaff & Jackson 2008 (Stat Med 27:6093), Jackson 2013 (Res Synth Methods
4:220). With a = 1/v it belongs to DL, with a = 1 to HE.
"""

import numpy as np
from numpy.typing import ArrayLike

from livingmeta.pooling.engines.inputs import EffectError, OptionError, check_effects, check_level

DEPTH = 6.0  # of u, where y = sinh(u): what lies further out is below the last bit


def quadratic_form_tails(q: float, weights: float | np.ndarray) -> tuple[float, float]:
    """P(S <= q) and P(S > q) for S = sum weights_j chi²_1, weights (m,) above 0 and q above 0.

    The Laplace transform of the distribution is inverted along a parabola through its saddle
    point, bent along the path of steepest descent (Daniels 1954; Rice 1980), by the trapezoidal
    rule in a variable whose tails die off doubly exponentially. Relative error about 1e-12.
    """
    r = 2.0 * np.asarray(weights, dtype=float) / q
    # Right of the pole at 0 the integral gives the lower tail, left of it the upper one.
    lower = r.sum() / 2.0 >= 1.0
    tail = _tail(r, 1.0 if lower else -1.0)
    return (tail, 1.0 - tail) if lower else (1.0 - tail, tail)


def _tail(r, sign):
    # The saddle point: the root of a rising function, in (0, inf) or in (-1/max(r), 0).
    low, high = (0.0, 1.0 + r.size) if sign > 0 else (-1.0 / r.max(), 0.0)
    for _ in range(200):
        s = (low + high) / 2.0
        if not low < s < high:
            break
        rise = 1.0 - 0.5 * (r / (1.0 + r * s)).sum() - 1.0 / s
        low, high = (low, s) if rise > 0.0 else (s, high)
    ratio = r / (1.0 + r * s)
    second = 0.5 * (ratio**2).sum() + 1.0 / s**2
    third = -((ratio**3).sum() + 2.0 / s**3)
    bend = max(-third / (6.0 * second), 0.05 / abs(s))

    def integral(nodes):
        u = DEPTH * np.arange(1, nodes + 1) / nodes
        y = np.concatenate([[0.0], np.sinh(u)]) / np.sqrt(second)
        step = np.concatenate([[0.5], np.cosh(u)]) / np.sqrt(second) * DEPTH / nodes
        z = s + 1j * y - bend * y**2
        # Logarithms add where products would overflow; each factor stays off its branch cut.
        log_value = z - s - 0.5 * np.log((1.0 + np.outer(z, r)) / (1.0 + r * s)).sum(1)
        return (np.exp(log_value) / z * (1.0 + 2j * bend * y) * step).real.sum()

    nodes, value = 32, integral(32)
    while nodes < 2**13:
        nodes *= 2
        finer = integral(nodes)
        if abs(finer - value) <= 1e-13 * abs(finer):
            break
        value = finer
    peak = s - 0.5 * np.log1p(r * s).sum()
    return float(sign * finer * np.exp(peak) / np.pi)


def generalised_q_interval(
    yi: ArrayLike, vi: ArrayLike, *, weights: str | ArrayLike = "DL", level: float = 0.95
) -> tuple[float, float] | None:
    """Limits (low, high) of tau² for yi, vi (k,), k >= 2; a limit below 0 is given as 0.

    `weights`: "DL" (1/v), "HE" (equal) or k positive numbers.
    Raises EffectError, OptionError.
    """
    from scipy.optimize import brentq

    y, v = check_effects(yi, vi)
    tail = (1.0 - check_level(level)) / 2.0
    if y.size < 2:
        raise EffectError("one study has no heterogeneity: at least 2 are needed")
    a = _weights(weights, v)
    root = np.sqrt(a)
    # P_a = R'MR with R = diag(sqrt(a)) and M = I - uu', u the unit vector along sqrt(a).
    basis = np.linalg.svd(root[:, None] / np.linalg.norm(root))[0][:, 1:]
    left = root[:, None] * basis
    q = float(np.sum((left.T @ y) ** 2))

    def excess(tau2, upper):
        eigenvalues = np.linalg.eigvalsh(left.T @ ((v + tau2)[:, None] * left))
        below, above = quadratic_form_tails(q, eigenvalues)
        return tail - above if not upper else below - tail

    def limit(upper):
        if q == 0.0 or excess(0.0, upper) <= 0.0:
            return 0.0
        high = np.var(y) + v.max()
        while excess(high, upper) > 0.0:
            high *= 2.0
        return float(brentq(excess, 0.0, high, args=(upper,), xtol=1e-14 * high, rtol=1e-13))

    return limit(False), limit(True)


def _weights(weights, v):
    if isinstance(weights, str):
        if weights not in ("DL", "HE"):
            raise OptionError(f"weights is {weights!r}; it must be DL, HE or k positive numbers")
        return 1.0 / v if weights == "DL" else np.ones(v.size)
    a = np.asarray(weights, dtype=float)
    if a.shape != v.shape or not (np.isfinite(a) & (a > 0.0)).all():
        raise OptionError(f"weights must be {v.size} positive numbers, one a study")
    return a
