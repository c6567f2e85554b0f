"""The distribution of a weighted sum of chi-squared variables, and the interval made from it."""

import numpy as np
import pytest
from scipy.special import chdtr, chdtrc

from livingmeta.pooling.engines.generalised_q import generalised_q_interval, quadratic_form_tails
from livingmeta.pooling.engines.inputs import EffectError, OptionError
from livingmeta.pooling.engines.models import fit


@pytest.mark.parametrize("m", [1, 2, 5, 30, 300])
@pytest.mark.parametrize("ratio", [0.05, 0.5, 0.999, 1.001, 2.0, 5.0])
def test_equal_weights_are_chi_squared_far_into_both_tails(m, ratio):
    q = m * ratio
    for ours, exact in zip(
        quadratic_form_tails(3 * q, np.full(m, 3.0)), (chdtr(m, q), chdtrc(m, q)), strict=True
    ):
        assert ours == pytest.approx(exact, rel=1e-10, abs=1e-300)


def test_two_weights_are_a_known_exponential_mixture():
    # Pairs of equal weights are exponentials: P(S > q) for scales 2a and 2b in closed form.
    a, b, q = 1.0, 0.01, 3.0
    exact = (a * np.exp(-q / (2 * a)) - b * np.exp(-q / (2 * b))) / (a - b)
    assert quadratic_form_tails(q, [a, a, b, b])[1] == pytest.approx(exact, rel=1e-11)


def test_with_equal_variances_it_is_the_q_profile_interval():
    rng = np.random.default_rng(2)
    y, v = rng.normal(size=8), np.full(8, 0.3)
    f = fit(y, v)
    for weights in ("DL", "HE", np.full(8, 7.0)):
        assert generalised_q_interval(y, v, weights=weights) == pytest.approx(
            (f.tau2_low, f.tau2_high), rel=1e-9, abs=1e-12
        )


def test_refusals():
    assert generalised_q_interval([1.0, 1.0], [0.1, 0.2]) == (0.0, 0.0)
    with pytest.raises(EffectError, match="at least 2"):
        generalised_q_interval([1.0], [0.1])
    with pytest.raises(OptionError, match="DL, HE"):
        generalised_q_interval([1.0, 2.0], [0.1, 0.1], weights="REML")
    with pytest.raises(OptionError, match="2 positive numbers"):
        generalised_q_interval([1.0, 2.0], [0.1, 0.1], weights=[1.0, -1.0])
