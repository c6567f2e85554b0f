"""A finite mixture of normal distributions, and shortest intervals of any distribution."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr


@dataclass(frozen=True)
class NormalMixture:
    """Normals with weights (adding up to 1), means and standard deviations, all of one length."""

    weight: np.ndarray
    means: np.ndarray
    sds: np.ndarray

    @property
    def mean(self) -> float:
        return float(self.weight @ self.means)

    @property
    def sd(self) -> float:
        within = self.weight @ self.sds**2
        return float(np.sqrt(within + self.weight @ (self.means - self.mean) ** 2))

    def cdf(self, x: float) -> float:
        return float(self.weight @ ndtr((x - self.means) / self.sds))

    def density(self, x: float) -> float:
        z = (x - self.means) / self.sds
        return float(self.weight @ (np.exp(-0.5 * z * z) / (self.sds * np.sqrt(2 * np.pi))))

    def quantile(self, p: float) -> float:
        """Value below which the mixture lies with probability p (infinite at 0 and 1)."""
        from scipy.optimize import brentq

        if not 0 < p < 1:
            return -np.inf if p <= 0 else np.inf
        low, high = self.mean - 2 * self.sd, self.mean + 2 * self.sd
        while self.cdf(low) > p:
            low -= 2 * (high - low)
        while self.cdf(high) < p:
            high += 2 * (high - low)
        return float(brentq(lambda x: self.cdf(x) - p, low, high, xtol=1e-14, rtol=1e-14))

    def interval(self, level: float, kind: str) -> tuple[float, float]:
        """Credible interval, `shortest` or `central`."""
        if kind == "shortest":
            return shortest_interval(self.quantile, self.density, level)
        tail = (1 - level) / 2
        return self.quantile(tail), self.quantile(1 - tail)


def shortest_interval(
    quantile: Callable[[float], float], density: Callable[[float], float], level: float
) -> tuple[float, float]:
    """The shortest interval that holds probability `level`.

    A scan over the probability left out below finds the basin, then the ends are moved until the
    density at both is equal, which is where the length is stationary. A density that falls from
    the start of its support (quantile(0)) gives the interval that starts there.
    """
    from scipy.optimize import brentq

    out = 1 - level

    def ends(below):
        return quantile(below), quantile(below + level)

    def slope(below):  # its sign is that of the change in length
        low, high = ends(below)
        return density(low) - density(high)

    if slope(0.0) > 0:  # a density that falls from the start of its support
        return ends(0.0)
    scan = out * np.array([0.0, 0.02, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.98, 1.0])
    lengths = []
    for below in scan[1:-1]:
        low, high = ends(below)
        lengths.append(high - low)
    best = 1 + int(np.argmin(lengths))
    low_p = scan[best - 1] if best > 1 else out * 1e-9
    high_p = scan[best + 1] if best < scan.size - 2 else out * (1 - 1e-9)
    below = brentq(slope, low_p, high_p, xtol=1e-15, rtol=1e-12)
    return ends(below)
