"""Means and standard deviations that a paper does not print, from the quantiles that it does.

`assumed` of a Dispersion says in words what was taken for granted, to stand in the `assumed` column
of effects.csv. Cochrane Handbook (version 6), section 6.5.2.5; Luo 2018 (Stat Methods Med Res
27:1785), Wan 2014 (BMC Med Res Methodol 14:135), Shi 2020 (Res Synth Methods 11:641), McGrath 2020
(Stat Methods Med Res 29:2520), Shi 2023 (Stat Med 42:1338).
"""

import math
from typing import NamedTuple

import numpy as np

from livingmeta.formulas import special

METHODS = ("luo-wan", "luo-shi", "mcgrath", "box-cox")
# How far a fitted normal is followed, in SDs: what lies beyond adds nothing a float holds.
_REACH = 8.0


class DispersionError(ValueError):
    """The printed numbers cannot be what they claim to be."""


class NoPowerError(DispersionError):
    """Numbers that may be right, of which the Box-Cox way makes no mean and SD."""


class Dispersion(NamedTuple):
    """Mean and SD of one arm in the outcome's unit."""

    mean: float
    sd: float
    assumed: str


def _demand(right, message):
    if not right:
        raise DispersionError(message)


def from_quantiles(
    n: int,
    *,
    median: float,
    q1: float | None = None,
    q3: float | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    method: str = "luo-wan",
) -> Dispersion:
    """Mean and SD of one arm from its median with the quartiles, the range, or both.

    "luo-wan": Luo's mean (equations 7, 11, 15) and Wan's SD (equations 9, 13, 16), which assume a
    nearly normal outcome. "luo-shi": the same, but from quartiles and range together Shi's SD
    (2020), which weights the two by n. "mcgrath": quantile estimation, the best-fitting of normal,
    log-normal, gamma, Weibull and (values within 0 to 1) beta; slower, and made for skewed
    outcomes. "box-cox": McGrath's other way, for values above 0: the power that makes the quantiles
    symmetric, Luo's mean and Wan's SD of the powers, and the mean and SD of what those are powers
    of. Raises DispersionError for unordered values or n below 3; NoPowerError by "box-cox" for
    values of 0 and less, and where what fits has no mean.
    """
    _demand(method in METHODS, f"{method!r} is no method; known are {', '.join(METHODS)}")
    values, quartiles, extremes = _in_order(n, median, q1, q3, minimum, maximum)
    printed = " and ".join(["quartiles"] * quartiles + ["range"] * extremes)
    if method == "mcgrath":
        mean, sd, family = _quantile_estimation(n, values, quartiles, extremes)
        text = f"mean and SD from median, {printed} (McGrath 2020; best fit: {family})"
        return Dispersion(float(mean), float(sd), text)
    if method == "box-cox":
        mean, sd, power = _box_cox(n, values, quartiles, extremes)
        text = f"mean and SD from median, {printed} (McGrath 2020; Box-Cox power {power:.3g})"
        return Dispersion(float(mean), float(sd), text)
    mean, sd = _luo_wan(n, values, quartiles, extremes)
    source = "Wan 2014"
    if method == "luo-shi" and quartiles and extremes:
        sd, source = _shi(n, values), "Shi 2020"
    text = f"mean and SD from median, {printed} (Luo 2018, {source}; near-normal outcome)"
    return Dispersion(float(mean), float(sd), text)


def skewed(
    n: int,
    *,
    median: float,
    q1: float | None = None,
    q3: float | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
) -> bool:
    """Whether the printed quantiles are too lopsided for a normal outcome (5% level; Shi 2023).

    Raises DispersionError as `from_quantiles` does.
    """
    values, quartiles, extremes = _in_order(n, median, q1, q3, minimum, maximum)
    middle = values[values.size // 2]
    outer = abs(values[0] + values[-1] - 2.0 * middle) / (values[-1] - values[0])
    if not extremes:
        return outer > 2.66 / math.sqrt(n) - 5.92 / n**2
    if not quartiles:
        return outer > 1.01 / math.log(n + 9.0) + 2.43 / (n + 1.0)
    inner = 0.0
    if values[3] > values[1]:
        inner = abs(values[1] + values[3] - 2.0 * middle) / (values[3] - values[1])
    weighted = 2.65 * math.log(0.6 * n) / math.sqrt(n) * outer
    return max(weighted, inner) > 2.97 / math.sqrt(n) - 39.1 / n**3


def _in_order(n, median, q1, q3, minimum, maximum):
    """The quantiles from the least to the greatest, and whether quartiles and range are of them."""
    quartiles = q1 is not None and q3 is not None
    extremes = minimum is not None and maximum is not None
    _demand(quartiles or extremes, "the quartiles or the range are needed beside the median")
    given = [minimum] * extremes + [q1] * quartiles + [median] + [q3] * quartiles
    values = np.array([*given, *([maximum] * extremes)], dtype=float)
    shown = ", ".join(f"{value:g}" for value in values)
    _demand(
        np.all(np.diff(values) >= 0) and values[-1] > values[0],
        f"{shown} are alike or out of order",
    )
    _demand(n >= 3, f"n = {n:g} is too few for quantiles")
    return values, quartiles, extremes


def _shi(n, values):
    """Shi 2020, equation 11: the SDs of range and quartiles, weighted by 1 and 0.07 n^0.6."""
    grown = 0.07 * n**0.6
    by_range = (2.0 + 2.0 * grown) * special.ndtri((n - 0.375) / (n + 0.25))
    by_quartiles = (2.0 + 2.0 / grown) * special.ndtri((0.75 * n - 0.125) / (n + 0.25))
    return (values[4] - values[0]) / by_range + (values[3] - values[1]) / by_quartiles


def _luo_wan(n, values, quartiles, extremes):
    median = values[values.size // 2]
    halves = []
    if extremes:
        reach = special.ndtri((n - 0.375) / (n + 0.25))
        halves.append(((values[0] + values[-1]) / 2.0, (values[-1] - values[0]) / (2.0 * reach)))
    if quartiles:
        low, high = values[int(extremes)], values[-1 - int(extremes)]
        reach = special.ndtri((0.75 * n - 0.125) / (n + 0.25))
        halves.append(((low + high) / 2.0, (high - low) / (2.0 * reach)))
    weights: tuple[float, ...]
    if extremes and quartiles:
        weights = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    elif extremes:
        weights = (4.0 / (4.0 + n**0.75),)
    else:
        weights = (0.7 + 0.39 / n,)
    mean = math.fsum(w * middle for w, (middle, _) in zip(weights, halves, strict=True))
    return mean + (1.0 - math.fsum(weights)) * median, np.mean([sd for _, sd in halves])


def _families(values):
    """name: (quantile function of p and two parameters, mean and SD, starting parameters)."""
    centre, spread = values[values.size // 2], max((values[-1] - values[0]) / 3.0, 1e-8)
    yield "normal", _normal, (centre, np.log(spread))
    if values[0] > 0:
        logs = np.log(values)
        cv = spread / centre
        yield "log-normal", _log_normal, (np.log(centre), np.log((logs[-1] - logs[0]) / 3.0))
        yield "gamma", _gamma, (-2.0 * np.log(cv), np.log(centre) + 2.0 * np.log(cv))
        yield "Weibull", _weibull, (-np.log(cv), np.log(centre))
        if values[-1] < 1:
            size = max(centre * (1.0 - centre) / spread**2 - 1.0, 0.5)
            yield "beta", _beta, (np.log(centre * size), np.log((1.0 - centre) * size))


def _normal(a, b):
    return lambda p: a + np.exp(b) * special.ndtri(p), a, np.exp(b)


def _log_normal(a, b):
    s2 = np.exp(2.0 * b)
    mean = np.exp(a + s2 / 2.0)
    return lambda p: np.exp(a + np.exp(b) * special.ndtri(p)), mean, mean * np.sqrt(np.expm1(s2))


def _gamma(a, b):
    shape, scale = np.exp(a), np.exp(b)
    return lambda p: scale * special.gammaincinv(shape, p), shape * scale, np.sqrt(shape) * scale


def _weibull(a, b):
    from scipy.special import gamma

    shape, scale = np.exp(a), np.exp(b)
    first, second = gamma(1.0 + 1.0 / shape), gamma(1.0 + 2.0 / shape)
    sd = scale * np.sqrt(np.maximum(second - first**2, 0.0))
    return lambda p: scale * (-np.log1p(-p)) ** (1.0 / shape), scale * first, sd


def _beta(a, b):
    one, two = np.exp(a), np.exp(b)
    total = one + two
    sd = np.sqrt(one * two / (total**2 * (total + 1.0)))
    return lambda p: special.betaincinv(one, two, p), one / total, sd


def _quantile_estimation(n, values, quartiles, extremes):
    """McGrath 2020, section 2.3: least squares between fitted and printed quantiles."""
    from scipy.optimize import minimize

    ends = [1.0 / n] * extremes, [1.0 - 1.0 / n] * extremes
    p = np.array([*ends[0], *([0.25] * quartiles), 0.5, *([0.75] * quartiles), *ends[1]])
    fitted = []
    for name, family, start in _families(values):

        def distance(theta, family=family):
            with np.errstate(all="ignore"):
                gap = family(*theta)[0](p) - values
                loss = float(gap @ gap)
            return loss if np.isfinite(loss) else 1e300

        options = {"xatol": 1e-10, "fatol": 1e-14, "maxiter": 4000, "maxfev": 4000}
        found = minimize(distance, start, method="Nelder-Mead", options=options)
        fitted.append((found.fun, name, family, found.x))
    # The first of equals.
    _, name, family, theta = min(fitted, key=lambda way: way[0])
    best = family(*theta)
    return best[1], best[2], name


def _box_cox(n, values, quartiles, extremes):
    """McGrath 2020, section 2.2 (BC): mean, SD and the power.

    As in the authors' R package estmeansd: the power between -2 and 3 that makes the transformed
    quantiles most symmetric, drawn towards 1 where few patients tell it, and the normal cut off
    where it would leave what can be transformed back, equally on both sides. They draw from it;
    here its moments are integrated.
    """
    from scipy.optimize import minimize_scalar

    if not values[0] > 0:
        raise NoPowerError(f"{values[0]:g} is not above 0, as the Box-Cox way needs")
    median = values.size // 2
    pairs = [(i, values.size - 1 - i) for i in range(median)]

    def lopsided(power):
        turned = _powers(values, power)
        gaps = ((turned[last] - turned[median], turned[median] - turned[i]) for i, last in pairs)
        with np.errstate(all="ignore"):
            total = sum((above / below - 1.0) ** 2 for above, below in gaps)
        return total if np.isfinite(total) else 1e300

    # From the best of a grid, since two pairs may have two valleys.
    grid = np.linspace(-2.0, 3.0, 101)
    best = int(np.argmin([lopsided(power) for power in grid]))
    ends = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
    found = minimize_scalar(lopsided, bounds=ends, method="bounded", options={"xatol": 1e-10})
    weight = 200.0 * (1.0 - found.x) ** 2
    power = (found.x * n + weight) / (n + weight)
    power = 0.0 if abs(power) < 1e-8 else power
    centre, spread = _luo_wan(n, _powers(values, power), quartiles, extremes)
    reach = _REACH
    if power:
        reach = min(reach, abs(centre + 1.0 / power) / spread)
    if power < 0 and reach < _REACH:
        raise NoPowerError(f"its Box-Cox power of {power:.3g} leaves no mean")
    nodes, weights = np.polynomial.legendre.leggauss(400)
    z = reach * nodes
    density = weights * np.exp(-(z**2) / 2.0)
    density /= density.sum()
    shown = centre + spread * z
    plain = np.exp(shown) if not power else (power * shown + 1.0) ** (1.0 / power)
    mean = float(density @ plain)
    return mean, float(np.sqrt(density @ (plain - mean) ** 2)), power


def _powers(values, power):
    """The Box-Cox transformation of values above 0."""
    return np.log(values) if abs(power) < 1e-8 else (values**power - 1.0) / power
