"""Likelihoods with normal random effects, by adaptive Gauss-Hermite quadrature.

Every study has linear predictors eta_j = A_j·phi + sum_q B_jq s_q z_q with z ~ N(0, I), where phi
holds fixed coefficients and s the standard deviations of the random effects. The integral over z
is taken around each study's own mode, on the scale of its own curvature (Pinheiro & Bates 1995, J
Comput Graph Stat 4:12). Derivatives are exact: with g the log-likelihood given z,
score = E[∂g] and Hessian = E[∂²g + ∂g ∂gᵀ] - score scoreᵀ under the posterior of z (Louis 1982).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, roots_hermite


@dataclass(frozen=True)
class Binomial:
    """Binomial counts: events and totals, both (k, J)."""

    events: np.ndarray
    totals: np.ndarray

    def terms(self, eta):
        """Log-likelihood (k, M) and its first two derivatives by eta (k, M, J); eta (k, M, J)."""
        x, n = self.events[:, None, :], self.totals[:, None, :]
        p = 1 / (1 + np.exp(-eta))
        value = (x * eta - n * np.logaddexp(0.0, eta)).sum(-1)
        return value, x - n * p, -n * p * (1 - p)

    def constant(self) -> float:
        """The part of the log-likelihood that does not depend on parameters."""
        return float(_log_choose(self.totals, self.events).sum())


class Hypergeometric:
    """Events of arm 1 given both margins of a 2 x 2 table: Fisher's noncentral distribution.

    events (k,) of arm 1, n1 and n2 (k,) arm sizes, total events (k,); eta is the log odds ratio.
    """

    def __init__(self, events, n1, n2, total):
        low, high = np.maximum(0, total - n2), np.minimum(n1, total)
        support = low[:, None] + np.arange(int((high - low).max()) + 1)[None, :]
        inside = support <= high[:, None]
        held = np.where(inside, support, high[:, None])
        log_weight = _log_choose(n1[:, None], held)
        log_weight += _log_choose(n2[:, None], total[:, None] - held)
        self.support = held - events[:, None]  # relative to what was seen: fewer lost digits
        self.log_weight = np.where(inside, log_weight, -np.inf)
        self.observed = _log_choose(n1, events) + _log_choose(n2, total - events)

    def terms(self, eta):
        """As Binomial.terms, with eta (k, M, 1)."""
        log_p = self.log_weight[:, None, :] + self.support[:, None, :] * eta
        peak = log_p.max(-1, keepdims=True)
        p = np.exp(log_p - peak)
        total = p.sum(-1, keepdims=True)
        p /= total
        mean = (p * self.support[:, None, :]).sum(-1, keepdims=True)
        variance = (p * (self.support[:, None, :] - mean) ** 2).sum(-1, keepdims=True)
        return -(peak + np.log(total))[..., 0], -mean, -variance

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


def marginal(kernel, fixed, random, phi, scale, nodes) -> Terms:
    """Log-likelihood and derivatives by (phi, scale), each study's own.

    fixed: A (J, p); random: B (J, q); phi: (k, p), scale: (q,); nodes: points a dimension.
    """
    k, q = phi.shape[0], scale.size
    base = phi @ fixed.T  # (k, J)
    loading = random * scale  # (J, q)
    mode = np.zeros((k, q))
    root = np.broadcast_to(np.eye(q), (k, q, q))
    if scale.any():
        mode, root = _modes(kernel, base, loading, mode)
    points, log_weights = _grid(nodes if scale.any() else 5, q)
    z = mode[:, None, :] + np.sqrt(2) * np.einsum("kab,mb->kma", root, points)
    eta = base[:, None, :] + z @ loading.T
    value, first, second = kernel.terms(eta)
    log_mass = value - 0.5 * (z**2).sum(-1) + log_weights[None, :]
    peak = log_mass.max(1, keepdims=True)
    mass = np.exp(log_mass - peak)
    total = mass.sum(1, keepdims=True)
    log_root = np.log(np.abs(np.linalg.det(root)))
    result = (peak + np.log(total))[:, 0] + log_root - 0.5 * q * np.log(np.pi)
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


def _grid(nodes, q):
    """Nodes (M, q) of the product rule and log of weight times exp(|t|²) (M,)."""
    t, w = roots_hermite(nodes)
    log_w = np.log(w) + t**2
    axes = np.meshgrid(*[t] * q, indexing="ij")
    weights = np.meshgrid(*[log_w] * q, indexing="ij")
    return np.stack([a.ravel() for a in axes], 1), sum(a.ravel() for a in weights)
