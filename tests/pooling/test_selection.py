"""Selection models (metafor: test_reference_models): derivatives, recovery, refusals."""

import numpy as np
import pytest
from scipy.special import ndtr

from livingmeta.pooling.bias.selection import (
    Beta,
    EmptyIntervalError,
    Steps,
    _Search,
    selection_model,
)
from livingmeta.pooling.engines.inputs import OptionError, PoolingError
from livingmeta.pooling.engines.models import fit
from metafor.quantities_models import effects


def _weighings():
    y, v = effects("writing")
    yield y, v, Steps(y, v, np.array([0.025, 0.5]), False)
    yield y, v, Steps(y, v, np.array([0.05]), True)
    yield y, v, Beta(y, v, False)
    yield y, v, Beta(y, v, True)


@pytest.mark.parametrize("case", range(4))
def test_derivatives_are_exact(case):
    y, v, weighing = list(_weighings())[case]
    search = _Search(y, v, weighing)
    theta = np.concatenate([[0.3, 0.25], np.log(np.linspace(0.5, 1.6, weighing.free))])
    _, gradient, hessian = search._by_tau(theta)
    step = 1e-5
    for i, d in enumerate(np.eye(theta.size) * step):
        up, down = search._by_tau(theta + d), search._by_tau(theta - d)
        assert gradient[i] == pytest.approx((up[0] - down[0]) / (2 * step), abs=1e-6)
        np.testing.assert_allclose(hessian[i], (up[1] - down[1]) / (2 * step), atol=1e-5)


@pytest.mark.parametrize("model", ["stepfun", "beta"])
def test_the_peak_is_a_peak(model):
    y, v = effects("smoke")
    found = selection_model(y, v, model=model)
    sign = 1 if found.alternative == "greater" else -1
    weighing = Steps(sign * y, v, np.array([0.025]), False)
    weighing = weighing if model == "stepfun" else Beta(sign * y, v, False)
    search = _Search(sign * y, v, weighing)
    free = np.array(found.delta[-weighing.free :])
    top = np.array([sign * found.estimate, found.tau2, *free])
    best = search.terms(top[0], top[1], np.log(free))[0]
    assert best == pytest.approx(found.log_likelihood, rel=1e-10)
    for i in range(top.size):
        for factor in (0.98, 1.02):
            other = top.copy()
            other[i] *= factor
            value = search.terms(other[0], other[1], np.log(other[2:]))[0]
            assert value <= best + 1e-9


def test_mirror_image():
    y, v = effects("smoke")
    one = selection_model(y, v, alternative="greater")
    two = selection_model(-y, v, alternative="less")
    assert one.estimate == -two.estimate
    assert one.delta == two.delta
    assert selection_model(y, v).alternative == "greater"
    assert selection_model(-y, v).alternative == "less"


def test_selection_is_recovered():
    """3,000 studies of no effect, of which unfavourable results appear one time in five."""
    rng = np.random.default_rng(5)
    v = rng.uniform(0.02, 0.2, 8000)
    y = rng.normal(0, np.sqrt(v + 0.01))
    seen = (ndtr(-y / np.sqrt(v)) <= 0.025) | (rng.random(v.size) < 0.2)
    y, v = y[seen], v[seen]
    found = selection_model(y, v)
    assert fit(y, v).ci_low > 0  # what is seen misleads
    assert abs(found.estimate) < 4 * found.se
    assert abs(found.delta[1] - 0.2) < 4 * found.se_delta[1]
    assert found.lr_p < 1e-6


def test_bad_input_says_what_is_wrong():
    y, v = np.array([0.5, 0.6, 0.7, 0.8]), np.full(4, 0.01)
    with pytest.raises(EmptyIntervalError, match=r"between 0.025 and 1"):
        selection_model(y, v)
    with pytest.raises(PoolingError, match="too few for the 4 parameters"):
        selection_model(y[:3], v[:3], model="beta")
    with pytest.raises(OptionError, match="steps are"):
        selection_model(y, v, steps=(0.0, 0.5))
    with pytest.raises(OptionError, match="greater, less, two"):
        selection_model(y, v, alternative="both")
