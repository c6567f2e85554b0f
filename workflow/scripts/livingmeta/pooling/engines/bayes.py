"""Bayesian random-effects meta-analysis by direct integration, without a sampler.

The model is y_i ~ N(mu, v_i + tau²) with a flat or normal prior on mu and one of the named priors
on tau. Given tau everything is normal, so one integral over tau gives every posterior quantity
(Röver 2020, J Stat Softw 93(6), https://doi.org/10.18637/jss.v093.i06).

The integral is taken by the trapezoidal rule in u, where tau = scale·exp(u), or
tau = upper / (1 + exp(-u)) where tau has an upper end. The integrand is analytic in a strip of half
width pi/2 around the real axis and dies off exponentially at both ends, so the rule converges
geometrically: halving the step doubles the number of correct digits.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from livingmeta.pooling.engines.inputs import OptionError, check_effects, check_level, choose
from livingmeta.pooling.engines.mixture import NormalMixture, shortest_interval

_LARGEST_STEP = 0.1  # of u; exp(-2 pi (pi/2) / 0.1) is far below the last bit
_DEPTH = 42.0  # exp(-42) is 6e-19: what lies further out is below the last bit

_PANEL = 8  # steps a panel of 16 Gauss-Legendre nodes
_GAUSS = np.polynomial.legendre.leggauss(16)


class PriorError(OptionError):
    """A prior that does not exist, has an impossible scale, or leaves the posterior improper."""


@dataclass(frozen=True)
class TauPrior:
    """Prior of the heterogeneity standard deviation tau.

    family: `half-normal` and `half-cauchy` (scale), `uniform` (scale is the upper end; infinity is
    the improper flat prior), `log-normal` (scale is the median of tau, `shape` the standard
    deviation of ln tau, as tabulated by Turner 2015 and Rhodes 2015 for tau²: halve both there).
    """

    family: str
    scale: float
    shape: float = 1.0

    def __post_init__(self) -> None:
        if self.family not in _LOG_DENSITY:
            known = ", ".join(_LOG_DENSITY)
            raise PriorError(f"tau prior '{self.family}' is not known; it should be one of {known}")
        if not self.scale > 0 or (np.isinf(self.scale) and self.family != "uniform"):
            raise PriorError(
                f"the scale of a {self.family} prior must be above 0 and finite, not {self.scale}"
            )
        if not 0 < self.shape < np.inf:
            raise PriorError(f"the shape of a tau prior must be above 0, not {self.shape}")

    def log_density(self, tau: np.ndarray) -> np.ndarray:
        """Log prior density at tau (same shape as tau); unnormalised if improper."""
        return _LOG_DENSITY[self.family](np.asarray(tau, float), self.scale, self.shape)

    @property
    def upper(self) -> float:
        return self.scale if self.family == "uniform" else np.inf

    @property
    def proper(self) -> bool:
        return np.isfinite(self.scale)


_LOG_DENSITY: dict[str, Callable] = {
    "half-normal": lambda t, s, _: np.log(np.sqrt(2 / np.pi) / s) - 0.5 * (t / s) ** 2,
    "half-cauchy": lambda t, s, _: np.log(2 / (np.pi * s)) - np.log1p((t / s) ** 2),
    "uniform": lambda t, s, _: np.where(t <= s, -np.log(s) if np.isfinite(s) else 0.0, -np.inf),
    "log-normal": lambda t, s, sd: (
        -0.5 * ((np.log(t) - np.log(s)) / sd) ** 2 - np.log(t * sd * np.sqrt(2 * np.pi))
    ),
}


class Shrunken(NamedTuple):
    """A study's effect as drawn towards the mean, with its interval from `low` to `high`, on the
    analysis scale; `pull`: how far it was drawn, as a share of the way, 0 to 1."""

    yi: float
    vi: float
    mean: float
    sd: float
    median: float
    low: float
    high: float
    pull: float


@dataclass(frozen=True)
class Posterior:
    """Posterior of a normal-normal random-effects model, on the analysis scale of yi.

    `mu`, `new` (the true effect of a new study) and `studies[i]` (the true effect of study i, drawn
    towards the mean) are mixtures of normals with `mean`, `sd`, `cdf`, `quantile`, `density`.
    """

    yi: np.ndarray
    vi: np.ndarray
    prior: TauPrior
    mu_prior: tuple[float, float] | None
    interval: str
    level: float
    tau: np.ndarray = field(repr=False)  # nodes of the integral
    weight: np.ndarray = field(repr=False)  # their posterior weights, adding up to 1
    log_evidence: float = field(repr=False)
    step: float = field(repr=False)

    @cached_property
    def _given_tau(self):
        return _conditional(self.tau, self.yi, self.vi, self.mu_prior)

    @cached_property
    def mu(self) -> NormalMixture:
        mean, variance, _ = self._given_tau
        return NormalMixture(self.weight, mean, np.sqrt(variance))

    @cached_property
    def new(self) -> NormalMixture:
        mean, variance, _ = self._given_tau
        return NormalMixture(self.weight, mean, np.sqrt(variance + self.tau**2))

    @cached_property
    def studies(self) -> tuple[NormalMixture, ...]:
        mean, variance, _ = self._given_tau
        mixtures = []
        for y, v in zip(self.yi, self.vi, strict=True):
            pull = v / (v + self.tau**2)
            sd = np.sqrt((1 - pull) * v + pull**2 * variance)
            mixtures.append(NormalMixture(self.weight, pull * mean + (1 - pull) * y, sd))
        return tuple(mixtures)

    def tau_density(self, tau: float) -> float:
        """Posterior density of tau at one value."""
        inside = np.array([max(tau, 1e-300)])  # the limit at 0, where ln tau has no value
        return float(np.exp(self._log_kernel(inside)[0] - self.log_evidence))

    def tau_cdf(self, tau: float) -> float:
        """P(heterogeneity at most tau)."""
        lowest, highest = self.tau[[0, -1]]
        if tau <= lowest:
            return 0.0
        if tau >= min(highest, self.prior.upper):
            return 1.0
        # Gauss-Legendre panels in ln tau, as wide as the posterior is smooth.
        ends = np.log([lowest, tau])
        panels = int(np.ceil((ends[1] - ends[0]) / (_PANEL * self.step)))
        edges = np.linspace(ends[0], ends[1], panels + 1)
        half = (edges[1] - edges[0]) / 2
        nodes = np.exp((edges[:-1, None] + half * (1 + _GAUSS[0])).ravel())
        mass = np.exp(self._log_kernel(nodes) - self.log_evidence) * nodes
        return min(1.0, float(mass @ np.tile(half * _GAUSS[1], panels)))

    def _log_kernel(self, tau):
        _, _, log_likelihood = _conditional(tau, self.yi, self.vi, self.mu_prior)
        return log_likelihood + self.prior.log_density(tau)

    def tau_quantile(self, p: float) -> float:
        """Value below which tau lies with probability p."""
        from scipy.optimize import brentq

        if p <= 0:
            return 0.0
        cumulative = np.cumsum(self.weight)
        guess = self.tau[min(int(np.searchsorted(cumulative, p)), self.tau.size - 1)]
        low = high = guess
        while self.tau_cdf(low) > p:
            low *= 0.8
        while self.tau_cdf(high) < p:
            high *= 1.25
            if high >= self.prior.upper:
                high = self.prior.upper
                break
        return float(brentq(lambda t: self.tau_cdf(t) - p, low, high, xtol=1e-14, rtol=1e-13))

    def probability_beyond(self, threshold: float, direction: str = "above") -> float:
        """P(mu > threshold), or P(mu < threshold) with direction `below` (analysis scale)."""
        below = float(self.mu.cdf(threshold))
        return {"above": 1 - below, "below": below}[direction]

    def summary(self) -> dict[str, float]:
        """Means, medians, standard deviations and interval ends of mu, tau and a new study."""
        row: dict[str, float] = {"k": self.yi.size}
        for name in ("mu", "new"):
            part = getattr(self, name)
            low, high = part.interval(self.level, self.interval)
            row |= {f"{name}_mean": part.mean, f"{name}_sd": part.sd}
            row |= {f"{name}_median": part.quantile(0.5), f"{name}_low": low, f"{name}_high": high}
        mean = float(self.weight @ self.tau)
        low, high = self.tau_interval()
        return row | {
            "tau_mean": mean,
            "tau_sd": float(np.sqrt(self.weight @ (self.tau - mean) ** 2)),
            "tau_median": self.tau_quantile(0.5),
            "tau_low": low,
            "tau_high": high,
        }

    def tau_interval(self) -> tuple[float, float]:
        """Credible interval of tau at the posterior's level and of its kind."""
        if self.interval == "shortest":
            return shortest_interval(self.tau_quantile, self.tau_density, self.level)
        tail = (1 - self.level) / 2
        return self.tau_quantile(tail), self.tau_quantile(1 - tail)

    def shrunken(self) -> list[Shrunken]:
        """Each study's effect as drawn towards the mean."""
        rows = []
        for y, v, part in zip(self.yi, self.vi, self.studies, strict=True):
            low, high = part.interval(self.level, self.interval)
            pull = float(self.weight @ (v / (v + self.tau**2)))
            rows.append(
                Shrunken(
                    float(y), float(v), part.mean, part.sd, part.quantile(0.5), low, high, pull
                )
            )
        return rows


def posterior(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    prior: TauPrior | None = None,
    mu_prior: tuple[float, float] | None = None,
    interval: str = "shortest",
    level: float = 0.95,
) -> Posterior:
    """Posterior of the mean effect and of the heterogeneity of k studies.

    yi, vi: k effects and sampling variances on the analysis scale. prior: a `TauPrior`, by default
    half-normal with scale 0.5, meant for log odds, risk and hazard ratios (Friede 2017, Res Synth
    Methods 8:79). mu_prior: None for the flat prior, or (mean, sd). interval: `shortest` (as
    bayesmeta) or `central` (which keeps its meaning under back-transformation).

    Raises PriorError where the posterior would be improper, PoolingError on unusable input.
    """
    yi, vi = check_effects(yi, vi)
    level = check_level(level)
    choose(interval, ("shortest", "central"), "interval")
    prior = prior or TauPrior("half-normal", 0.5)
    needed = 3 if mu_prior is None else 2
    if not prior.proper and yi.size < needed:
        raise PriorError(
            f"an unbounded uniform prior of tau needs at least {needed} studies, "
            f"there are {yi.size}: the posterior would not be a distribution"
        )

    def log_kernel(tau):
        return _conditional(tau, yi, vi, mu_prior)[2] + prior.log_density(tau)

    scale = float(np.exp(0.5 * np.mean(np.log(vi))))
    step = _LARGEST_STEP
    u = np.arange(-_DEPTH, _DEPTH + step / 2, step)
    tau, log_jacobian = _nodes(scale, prior.upper, u)
    log_mass = log_kernel(tau) + log_jacobian
    mass = np.exp(log_mass - log_mass.max())
    spread = np.sqrt(np.average((u - np.average(u, weights=mass)) ** 2, weights=mass))
    if spread < 4 * step:  # a sharp posterior: the step must follow it, where it lies
        seen = u[mass > 1e-30]
        finer = max(spread, step / 64) / 4
        u, step = np.arange(seen[0] - step, seen[-1] + step, finer), finer
        tau, log_jacobian = _nodes(scale, prior.upper, u)
        log_mass = log_kernel(tau) + log_jacobian
    peak = log_mass.max()
    mass = np.exp(log_mass - peak)
    log_evidence = float(peak + np.log(mass.sum() * step))
    keep = mass > 1e-100 * mass.max()  # the far tail counts in the standard deviation
    weight = mass[keep] / mass[keep].sum()
    return Posterior(
        yi, vi, prior, mu_prior, interval, level, tau[keep], weight, log_evidence, step
    )


def _nodes(scale, upper, u):
    """tau at each u, and log of d tau / du there."""
    if np.isinf(upper):
        tau = scale * np.exp(u)
        return tau, np.log(tau)
    below, above = 1 / (1 + np.exp(-u)), 1 / (1 + np.exp(u))
    return upper * below, np.log(upper) + np.log(below) + np.log(above)


def _conditional(tau, yi, vi, mu_prior):
    """Mean and variance of mu given each tau, and the log marginal likelihood of tau."""
    total = vi[:, None] + np.asarray(tau, float)[None, :] ** 2
    w = 1 / total
    precision = w.sum(0)
    mean = (w * yi[:, None]).sum(0) / precision
    log_likelihood = -0.5 * (np.log(2 * np.pi * total).sum(0))
    log_likelihood -= 0.5 * (w * (yi[:, None] - mean) ** 2).sum(0)
    if mu_prior is None:
        log_likelihood += 0.5 * np.log(2 * np.pi / precision)
        return mean, 1 / precision, log_likelihood
    centre, sd = mu_prior
    if not sd > 0:
        raise PriorError(f"the standard deviation of mu's prior must be above 0, not {sd}")
    spread = 1 / precision + sd**2
    log_likelihood += 0.5 * np.log(2 * np.pi / precision)
    log_likelihood -= 0.5 * (np.log(2 * np.pi * spread) + (mean - centre) ** 2 / spread)
    joint = precision + 1 / sd**2
    return (precision * mean + centre / sd**2) / joint, 1 / joint, log_likelihood
