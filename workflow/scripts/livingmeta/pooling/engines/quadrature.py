"""Likelihoods with normal random effects, integrated as exactly as double precision allows.

Every study has linear predictors eta_j = A_j·phi + sum_q B_jq s_q z_q with z ~ N(0, I), where phi
holds fixed coefficients and s the standard deviations of the random effects. Each study's
integrand is a log-concave, analytic function of z. So the trapezoidal rule, laid around its own
mode, on the scale of its own curvature and out to where nothing is left, converges geometrically;
Gauss-Hermite nodes do so only where the integrand looks like a normal curve, which a study
without events does not.

Derivatives are exact: with g the log-likelihood given z, the score is E[∂g] and the Hessian
E[∂²g + ∂g ∂gᵀ] - score scoreᵀ under the posterior of z (Louis 1982, J R Stat Soc B 44:226).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln

_DROP = 36.0  # the integrand is followed down to exp(-36) of its peak
_STEP = 0.65  # of a standard deviation: exp(-2 pi² / 0.65²) is below the last bit
# The nearest singularity lies pi / loading off the real axis: exp(-2 pi² / 0.55) again.
_SINGULAR = 0.55
_MOST_NODES = {1: 800, 2: 101}  # a dimension


@dataclass(frozen=True)
class Binomial:
    """Binomial counts: events and totals, both (k, J)."""

    events: np.ndarray
    totals: np.ndarray

    def terms(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Log-likelihood (k, M) and its first two derivatives by eta (k, M, J); eta (k, M, J)."""
        x, n = self.events[:, None, :], self.totals[:, None, :]
        p = expit(eta)
        value = (x * eta - n * np.logaddexp(0.0, eta)).sum(-1)
        return value, x - n * p, -n * p * (1 - p)

    def constant(self) -> float:
        """The part of the log-likelihood that does not depend on parameters."""
        return float(_log_choose(self.totals, self.events).sum())


class Hypergeometric:
    """Events of arm 1 given both margins of a 2 x 2 table: Fisher's noncentral distribution.

    events (k,) of arm 1, n1 and n2 (k,) arm sizes, total events (k,); eta is the log odds ratio.
    """

    def __init__(
        self, events: np.ndarray, n1: np.ndarray, n2: np.ndarray, total: np.ndarray
    ) -> None:
        low, high = np.maximum(0, total - n2), np.minimum(n1, total)
        support = low[:, None] + np.arange(int((high - low).max()) + 1)[None, :]
        inside = support <= high[:, None]
        held = np.where(inside, support, high[:, None])
        log_weight = _log_choose(n1[:, None], held)
        log_weight += _log_choose(n2[:, None], total[:, None] - held)
        self.margins = tuple(part[:, None] for part in (n1, n2, total, low))
        self.support = held - events[:, None]  # relative to what was seen: fewer lost digits
        self.log_weight = np.where(inside, log_weight, -np.inf)
        self.observed = _log_choose(n1, events) + _log_choose(n2, total - events)

    def terms(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """As Binomial.terms, with eta (k, M, 1)."""
        where = self._window(eta[..., 0])
        if where is None:
            support, log_weight = self.support[:, None, :], self.log_weight[:, None, :]
        else:
            rows = np.arange(len(eta))[:, None, None]
            support, log_weight = self.support[rows, where], self.log_weight[rows, where]
        log_p = log_weight + support * eta
        peak = log_p.max(-1, keepdims=True)
        p = np.exp(log_p - peak)
        total = p.sum(-1, keepdims=True)
        p /= total
        mean = (p * support).sum(-1, keepdims=True)
        variance = (p * (support - mean) ** 2).sum(-1, keepdims=True)
        return -(peak + np.log(total))[..., 0], -mean, -variance

    def _window(self, eta):
        """The part of the support (k, M, W) that holds all but 1e-20; None for all of it.

        It lies around the table that has this odds ratio, the root of a quadratic.
        """
        n1, n2, total, low = self.margins
        p, q = expit(eta), expit(-eta)
        b = (n1 + total) * p + (n2 - total) * q
        root = np.sqrt(np.maximum(0.0, b * b - 4 * (p - q) * n1 * total * p))
        # The same root in two forms: the one that does not take like from like.
        x = np.where(
            b > 0,
            2 * n1 * total * p / np.maximum(b + root, 1e-300),
            (root - b) / np.maximum(2 * (q - p), 1e-300),
        )
        parts = (x, n1 - x, total - x, n2 - total + x)
        sd = sum(1 / np.maximum(part, 1e-3) for part in parts) ** -0.5
        reach = int(np.ceil(10 * sd.max())) + 30
        width = self.support.shape[1]
        if 2 * reach + 1 >= width:
            return None
        first = np.clip(np.round(x - low).astype(int) - reach, 0, width - 2 * reach - 1)
        return first[..., None] + np.arange(2 * reach + 1)

    def constant(self) -> float:
        return float(self.observed.sum())


def _log_choose(n, x):
    return gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)


@dataclass(frozen=True)
class Terms:
    """Log-likelihood of each study (k,), its score (k, P) and Hessian (k, P, P)."""

    value: np.ndarray
    score: np.ndarray
    hessian: np.ndarray


def marginal(
    kernel: Binomial, fixed: np.ndarray, random: np.ndarray, phi: np.ndarray, scale: np.ndarray
) -> Terms:
    """Log-likelihood and derivatives by (phi, scale), each study's own.

    fixed: A (J, p); random: B (J, q); phi: (k, p), scale: (q,).
    """
    q = scale.size
    base = phi @ fixed.T  # (k, J)
    loading = random * scale  # (J, q)
    mode, root = _modes(kernel, base, loading, np.zeros((len(phi), q)))
    points, log_step = _grid(kernel, base, loading, mode, root)
    z = mode[:, None, :] + np.einsum("kab,kmb->kma", root, points)
    eta = base[:, None, :] + z @ loading.T
    value, first, second = kernel.terms(eta)
    log_mass = value - 0.5 * (z**2).sum(-1)
    peak = log_mass.max(1, keepdims=True)
    mass = np.exp(log_mass - peak)
    total = mass.sum(1, keepdims=True)
    log_root = np.log(np.abs(np.linalg.det(root)))
    result = (peak + np.log(total))[:, 0] + log_root + log_step - 0.5 * q * np.log(2 * np.pi)
    mass /= total
    # d eta_j / d (phi, scale), for every study and node: (k, M, J, P)
    slope = np.concatenate(
        [
            np.broadcast_to(fixed, (*eta.shape, fixed.shape[1])),
            random[None, None] * z[:, :, None, :],
        ],
        axis=-1,
    )
    gradient = np.einsum("kmj,kmjp->kmp", first, slope)
    score = np.einsum("km,kmp->kp", mass, gradient)
    curvature = np.einsum("km,kmj,kmjp,kmjr->kpr", mass, second, slope, slope, optimize=True)
    spread = np.einsum("km,kmp,kmr->kpr", mass, gradient, gradient, optimize=True)
    return Terms(result, score, curvature + spread - score[:, :, None] * score[:, None, :])


def _modes(kernel, base, loading, z):
    """Mode of each study's z, and the root of its inverse curvature there, by damped Newton."""
    eye = np.eye(loading.shape[1])

    def height(z):
        value, first, second = kernel.terms((base + z @ loading.T)[:, None, :])
        return value[:, 0] - 0.5 * (z**2).sum(1), first[:, 0], second[:, 0]

    now, first, second = height(z)
    for _ in range(100):
        slope = first @ loading - z
        bend = eye + np.einsum("kj,ja,jb->kab", -second, loading, loading)
        step = np.linalg.solve(bend, slope[..., None])[..., 0]
        length = np.ones(len(z))
        for _ in range(40):
            new, first, second = height(z + length[:, None] * step)
            worse = new < now - 1e-12 * (1 + np.abs(now))
            if not worse.any():
                break
            length = np.where(worse, length / 2, length)
        z, now = z + length[:, None] * step, new
        if np.abs(step).max() < 1e-10:
            break
    bend = eye + np.einsum("kj,ja,jb->kab", -second, loading, loading)
    return z, np.linalg.cholesky(np.linalg.inv(bend))


def _grid(kernel, base, loading, mode, root):
    """Points (k, M, q) in units of `root` around the mode, and log of a point's volume (k,)."""
    k, q = mode.shape
    top = _height(kernel, base, loading, mode)
    ends = np.empty((k, q, 2))
    for axis in range(q):
        for side, sign in enumerate((-1.0, 1.0)):
            direction = sign * root[:, :, axis]
            # The curvature is 1 at least, so the end is no further than this; halve towards it.
            high = np.sqrt(2 * _DROP) / np.sqrt((direction**2).sum(1))
            low = np.zeros(k)
            for _ in range(9):
                middle = (low + high) / 2
                here = _height(kernel, base, loading, mode + middle[:, None] * direction)
                out = here < top - _DROP
                low, high = np.where(out, low, middle), np.where(out, middle, high)
            ends[:, axis, side] = sign * high
    span = ends[..., 1] - ends[..., 0]
    # How fast each predictor runs along an axis (k, q).
    speed = np.abs(np.einsum("ja,kab->kjb", loading, root)).max(1)
    nodes = (span / np.minimum(_STEP, _SINGULAR / np.maximum(speed, 1e-300))).max()
    nodes = min(int(np.ceil(nodes)) + 1, _MOST_NODES[q])
    share = np.linspace(0, 1, nodes)
    axes = np.meshgrid(*[share] * q, indexing="ij")
    cube = np.stack([axis.ravel() for axis in axes], 1)
    points = ends[:, None, :, 0] + cube[None] * span[:, None, :]
    return points, np.log(span / (nodes - 1)).sum(1)


def _height(kernel, base, loading, z):
    value, _, _ = kernel.terms((base + z @ loading.T)[:, None, :])
    return value[:, 0] - 0.5 * (z**2).sum(1)
