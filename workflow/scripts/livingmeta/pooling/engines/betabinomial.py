"""Beta-binomial models for rare events: no study is left out, nothing is added to a zero.

Proportions vary between studies as a beta distribution: x ~ BetaBin(n, mu, rho), rho the
correlation of two patients of one study. One arm pools a proportion; two arms a log odds ratio
with a common rho (Kuss 2015, Stat Med 34:1097).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, gammaln, ndtr, ndtri, polygamma, psi

from livingmeta.pooling.engines.glmm import NotEstimableError, PatientCountError
from livingmeta.pooling.engines.inputs import check_level


@dataclass(frozen=True)
class BetaBinomialFit:
    """Logit of the mean proportion, or log odds ratio of arm 1 against arm 2.

    `rho` in [0, 1) is the correlation within a study; `lr_rho` the likelihood ratio of rho > 0.
    """

    k: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    statistic: float
    p_value: float
    rho: float
    lr_rho: float
    lr_p: float
    log_likelihood: float


def beta_binomial(
    ai: ArrayLike,
    n1i: ArrayLike,
    ci: ArrayLike | None = None,
    n2i: ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> BetaBinomialFit:
    """Maximum likelihood fit of k counts: events ai of n1i, and ci of n2i for a second arm.

    Raises PatientCountError on impossible counts, and NotEstimableError where in an arm no patient,
    or every one, had the event.
    """
    level = check_level(level)
    arms = [(ai, n1i)] if ci is None else [(ai, n1i), (ci, n2i)]
    counts, designs = [], []
    for j, (events, totals) in enumerate(arms):
        x, n = np.asarray(events, float), np.asarray(totals, float)
        if x.shape != n.shape or x.ndim != 1 or not ((x >= 0) & (x <= n) & (n >= 1)).all():
            raise PatientCountError(
                f"arm {j + 1}: events must lie between 0 and the number of patients"
            )
        if x.sum() in (0, n.sum()):
            raise NotEstimableError(
                f"arm {j + 1}: {int(x.sum())} of {int(n.sum())} patients had the event; "
                "the odds are not a finite number"
            )
        counts.append((x, n))
        designs.append(np.tile([1.0] if ci is None else [1.0, 1.0 - j], (x.size, 1)))
    x, n = (np.concatenate(part) for part in zip(*counts, strict=True))
    design = np.concatenate(designs)
    shares = [events.sum() / totals.sum() for events, totals in counts]
    logits = [float(np.log(share / (1 - share))) for share in shares]
    beta = np.array(logits if ci is None else [logits[1], logits[0] - logits[1]])
    plain = _binomial(x, n, design @ beta)

    # Does the likelihood rise as rho leaves 0? Its slope there decides, in closed form.
    mu = 1 / (1 + np.exp(-design @ beta))
    rise = (x * (x - 1) / mu + (n - x) * (n - x - 1) / (1 - mu) - n * (n - 1)).sum() / 2
    best = None
    for start in (-7.0, -4.0, -1.5) if n.max() > 1 else ():
        peak = _climb(x, n, design, np.append(beta, start))
        if peak and (best is None or peak[0] > best[0]):
            best = peak
    where = 0 if ci is None else 1
    if best is None or (rise <= 0 and best[0] <= plain):
        information = design.T @ ((n * mu * (1 - mu))[:, None] * design)
        value, theta, rho = plain, beta, 0.0
        se = np.sqrt(np.linalg.inv(information)[where, where])
    else:
        value, theta, covariance = best
        rho = float(1 / (1 + np.exp(-theta[-1])))
        se = np.sqrt(covariance[where, where])
    estimate, se = float(theta[where]), float(se)
    half = float(ndtri((1 + level) / 2)) * se
    lr = max(0.0, 2 * (value - plain))
    constant = (gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)).sum()
    return BetaBinomialFit(
        counts[0][0].size, estimate, se, estimate - half, estimate + half,
        estimate / se, float(2 * ndtr(-abs(estimate / se))), rho, lr,
        float(chdtrc(1, lr) / 2) if lr > 0 else 1.0,  # half the mass lies at rho = 0
        float(value + constant),
    )  # fmt: skip


def _binomial(x, n, eta):
    return float((x * eta - n * np.logaddexp(0, eta)).sum())


def _terms(x, n, design, theta):
    """Log-likelihood without its constant, gradient and Hessian by (beta, logit rho).

    The beta distribution has the shapes a = mu m and b = (1 - mu) m with m = exp(-logit rho).
    """
    mu = 1 / (1 + np.exp(-(design @ theta[:-1])))
    m = np.exp(-theta[-1])
    a, b = mu * m, (1 - mu) * m
    value = gammaln(x + a) - gammaln(a) + gammaln(n - x + b) - gammaln(b)
    value = value.sum() - (gammaln(n + m) - gammaln(m)).sum()

    def rise(function, count, shape):
        return function(count + shape) - function(shape)

    def trigamma(z):
        return polygamma(1, z)

    g_a, g_b, g_m = rise(psi, x, a), rise(psi, n - x, b), rise(psi, n, m)
    h_a, h_b, h_m = rise(trigamma, x, a), rise(trigamma, n - x, b), rise(trigamma, n, m)
    # By eta (mu' = mu(1 - mu)) and by t = ln m, each count's own.
    d = mu * (1 - mu) * m
    by_eta = d * (g_a - g_b)
    by_t = a * g_a + b * g_b - m * g_m
    eta2 = (1 - 2 * mu) * by_eta + d**2 * (h_a + h_b)
    t2 = by_t + a**2 * h_a + b**2 * h_b - m**2 * h_m
    eta_t = by_eta + d * (a * h_a - b * h_b)
    p = theta.size
    gradient, hessian = np.empty(p), np.empty((p, p))
    gradient[:-1], gradient[-1] = design.T @ by_eta, -by_t.sum()
    hessian[:-1, :-1] = design.T @ (eta2[:, None] * design)
    hessian[:-1, -1] = hessian[-1, :-1] = -design.T @ eta_t
    hessian[-1, -1] = t2.sum()
    return float(value), gradient, hessian


def _climb(x, n, design, theta):
    """Peak from a start: value, theta and covariance; None where rho runs off to 0."""
    value, gradient, hessian = _terms(x, n, design, theta)
    for _ in range(200):
        values, vectors = np.linalg.eigh(hessian)
        size = np.maximum(np.abs(values), 1e-9 * max(1.0, np.abs(values).max()))
        step = vectors @ ((vectors.T @ gradient) / size)
        step *= min(1.0, 1.0 / np.abs(step).max())
        length = 1.0
        while length > 1e-8:
            new = theta + length * step
            trial = _terms(x, n, design, new)
            if trial[0] >= value - 1e-13 * (1 + abs(value)):
                break
            length /= 2
        else:
            break
        theta, (value, gradient, hessian) = new, trial
        # Below this correlation the digits of the likelihood are those of the binomial.
        if theta[-1] < -14:
            return None
        if np.abs(length * step).max() < 1e-12:
            break
    return value, theta, np.linalg.inv(-hessian)
