"""The Bayesian model: bayesmeta's published example, limits, properties (integrals in R:
test_reference_models).
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.pooling.engines.bayes import PriorError, TauPrior, posterior
from livingmeta.pooling.engines.inputs import PoolingError
from livingmeta.pooling.engines.mixture import NormalMixture, shortest_interval
from livingmeta.pooling.engines.models import fit
from metafor.quantities_models import effects

SCHOOLS = (
    [28.39, 7.94, -2.75, 6.82, -0.64, 0.63, 18.01, 12.16],
    np.array([14.9, 10.2, 16.3, 11.0, 9.4, 11.4, 10.4, 17.6]) ** 2,
)


def test_bayesmeta_eight_schools():
    """Vignette of R's bayesmeta: half-Cauchy(25) for tau, N(0, 50) for mu, shortest intervals.

    Its tau has all printed digits. Its mu rests on a grid of tau that is allowed an error (delta
    0.01, epsilon 1e-4): 7.985729 where the integral is 7.986042, 6e-5 of a standard deviation.
    """
    row = posterior(*SCHOOLS, prior=TauPrior("half-cauchy", 25), mu_prior=(0, 50)).summary()
    printed = {"tau_median": 4.758539, "tau_mean": 5.884511, "tau_sd": 4.869904}
    for field, value in (printed | {"tau_low": 0.0, "tau_high": 15.165894}).items():
        assert row[field] == pytest.approx(value, abs=6e-7), field
    printed = {"mu_median": 7.962961, "mu_mean": 7.985729, "mu_sd": 4.995762}
    for field, value in (printed | {"mu_low": -1.823353, "mu_high": 17.824562}).items():
        assert row[field] == pytest.approx(value, abs=6e-4 * 4.995762), field


def test_vanishing_prior_gives_the_common_effect():
    y, v = effects("bcg")
    row = posterior(y, v, prior=TauPrior("half-normal", 1e-6)).summary()
    common = fit(y, v, tau2="FE")
    assert row["mu_mean"] == pytest.approx(common.estimate, abs=1e-9)
    assert row["mu_low"] == pytest.approx(common.ci_low, abs=1e-6)


def test_one_study_and_a_proper_prior():
    """Nothing is learnt about tau: its posterior is its prior, the half-normal's median known."""
    row = posterior([0.3], [0.04]).summary()
    assert row["tau_median"] == pytest.approx(0.5 * 0.6744897501960817, rel=1e-9)
    assert row["tau_mean"] == pytest.approx(0.5 * np.sqrt(2 / np.pi), rel=1e-9)


def test_many_studies_stay_exact():
    """A posterior far narrower than the first step: k = 400 against the sharp normal limit."""
    rng = np.random.default_rng(4)
    v = rng.uniform(0.01, 0.05, 400)
    y = rng.normal(0.2, np.sqrt(v + 0.09))
    ours = posterior(y, v, prior=TauPrior("uniform", np.inf))
    row = ours.summary()
    reml = fit(y, v)
    assert row["mu_mean"] == pytest.approx(reml.estimate, abs=1e-4)
    assert row["mu_sd"] == pytest.approx(reml.se, rel=0.01)
    assert ours.tau_cdf(ours.tau_quantile(0.3)) == pytest.approx(0.3, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 2)), min_size=1, max_size=6),
    st.sampled_from(
        [("half-normal", 0.5), ("half-cauchy", 0.3), ("uniform", 3.0), ("log-normal", 0.3)]
    ),
)
def test_properties(studies, prior):
    y, v = (np.array(part) for part in zip(*studies, strict=True))
    ours = posterior(y, v, prior=TauPrior(*prior))
    assert ours.weight.sum() == pytest.approx(1)
    assert ours.tau_cdf(1e9) == pytest.approx(1, abs=1e-8)
    low, high = ours.mu.interval(0.95, "shortest")
    assert ours.mu.cdf(high) - ours.mu.cdf(low) == pytest.approx(0.95, abs=1e-9)
    wide_low, wide_high = ours.mu.interval(0.95, "central")
    assert high - low <= wide_high - wide_low + 1e-9
    assert ours.new.sd >= ours.mu.sd
    for study in ours.shrunken():  # drawn towards the mean, never beyond it
        assert 0 <= study.pull <= 1
    moved = posterior(y + 5, v, prior=TauPrior(*prior))
    assert moved.mu.mean == pytest.approx(ours.mu.mean + 5, abs=1e-8)


def test_shortest_interval_of_a_lopsided_mixture():
    mixture = NormalMixture(np.array([0.7, 0.3]), np.array([0.0, 2.0]), np.array([0.5, 2.0]))
    low, high = shortest_interval(mixture.quantile, mixture.density, 0.9)
    assert mixture.density(low) == pytest.approx(mixture.density(high), rel=1e-6)
    grid = [mixture.quantile(p + 0.9) - mixture.quantile(p) for p in np.linspace(0.001, 0.099, 99)]
    assert high - low <= min(grid) + 1e-9
    mirrored = NormalMixture(np.array([0.7, 0.3]), np.array([0.0, -2.0]), np.array([0.5, 2.0]))
    ends = shortest_interval(mirrored.quantile, mirrored.density, 0.9)
    assert ends == pytest.approx((-high, -low), abs=1e-9)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: TauPrior("gamma", 1), "should be one of half-normal"),
        (lambda: TauPrior("half-normal", 0), "must be above 0"),
        (lambda: TauPrior("half-cauchy", np.inf), "must be above 0 and finite"),
        (lambda: TauPrior("log-normal", 1, -1), "shape"),
        (lambda: posterior([0.1, 0.2], [1, 1], prior=TauPrior("uniform", np.inf)), "at least 3"),
        (lambda: posterior([0.1], [1], mu_prior=(0, -1)), "standard deviation of mu"),
        (lambda: posterior([0.1, np.nan], [1, 1]), "study 2"),
        (lambda: posterior([0.1, 0.2], [1, 0]), "variance of study 2"),
        (lambda: posterior([0.1], [1], interval="hdi"), "shortest, central"),
    ],
)
def test_bad_input_says_what_is_wrong(run, message):
    with pytest.raises(PoolingError, match=message):
        run()
    assert issubclass(PriorError, PoolingError)


def test_quantiles_at_the_ends():
    mixture = NormalMixture(np.array([1.0]), np.array([0.0]), np.array([1.0]))
    assert mixture.quantile(0) == -np.inf
    assert mixture.quantile(1) == np.inf
    y, v = effects("bcg")
    found = posterior(y, v, prior=TauPrior("half-normal", 0.5))
    assert found.tau_quantile(0.0) == 0.0
    assert 0 < found.tau_quantile(1e-4) < found.tau_quantile(0.5)
