"""The beta-binomial model (its likelihood maximised in R: test_reference_models)."""

import numpy as np
import pytest

from livingmeta.pooling.engines.betabinomial import _terms, beta_binomial
from livingmeta.pooling.engines.glmm import NotEstimableError, PatientCountError


def test_studies_alike_are_plain_binomial():
    found = beta_binomial([3, 6, 9], [10, 20, 30])
    assert (found.rho, found.lr_rho, found.lr_p) == (0, 0, 1)
    assert found.estimate == pytest.approx(np.log(0.3 / 0.7), abs=1e-10)
    assert found.se == pytest.approx(1 / np.sqrt(60 * 0.21), rel=1e-8)


def test_two_arms_alike_have_the_crude_odds_ratio():
    found = beta_binomial([2, 4, 6], [20, 40, 60], [1, 2, 3], [20, 40, 60])
    assert found.rho == 0
    assert found.estimate == pytest.approx(np.log((12 / 108) / (6 / 114)), abs=1e-9)


def test_double_zero_studies_count():
    tables = [2, 1, 3], [50, 60, 70], [6, 5, 7], [50, 60, 70]
    more = [part + extra for part, extra in zip(tables, ([0], [80], [0], [80]), strict=True)]
    assert beta_binomial(*more).k == 4
    assert beta_binomial(*more).log_likelihood != beta_binomial(*tables).log_likelihood


def test_swapping_arms_turns_the_sign():
    a, c = ([0, 5, 3, 9], [20, 30, 25, 40]), ([2, 9, 3, 15], [22, 31, 24, 41])
    one, two = beta_binomial(*a, *c), beta_binomial(*c, *a)
    assert one.estimate == pytest.approx(-two.estimate, rel=1e-8)
    assert one.rho == pytest.approx(two.rho, rel=1e-6)


def test_derivatives_are_exact():
    x, n = np.array([0.0, 3, 10]), np.array([12.0, 9, 40])
    design = np.array([[1.0, 0], [1, 1], [1, 1]])
    theta, step = np.array([-0.7, 0.4, -2.0]), 1e-5
    _, gradient, hessian = _terms(x, n, design, theta)
    for i, d in enumerate(np.eye(3) * step):
        up, down = _terms(x, n, design, theta + d), _terms(x, n, design, theta - d)
        assert gradient[i] == pytest.approx((up[0] - down[0]) / (2 * step), abs=1e-8)
        np.testing.assert_allclose(hessian[i], (up[1] - down[1]) / (2 * step), atol=1e-7)


def test_bad_input_says_what_is_wrong():
    with pytest.raises(PatientCountError, match="arm 1: events must lie between"):
        beta_binomial([5], [4])
    with pytest.raises(NotEstimableError, match="arm 2: 0 of 30"):
        beta_binomial([1, 2], [10, 20], [0, 0], [10, 20])
