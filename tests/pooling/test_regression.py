"""The permutation test of meta-regression (metafor, all orders: test_reference_models), and what
a meta-regression predicts."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.api import WLS, add_constant

from livingmeta.pooling.engines.inputs import OptionError
from livingmeta.pooling.engines.models import fit, predicted
from livingmeta.pooling.engines.regression import _statistics, permutation_test
from metafor.quantities_models import effects

LATITUDE = np.array([44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33], float)


def test_observed_statistics_are_the_models():
    y, v = effects("bcg")
    x = np.column_stack([np.ones(13), LATITUDE])
    for interval in ("wald", "hksj"):
        z, qm = _statistics(y, v, x[None], "REML", interval)
        one = fit(y, v, moderators=LATITUDE, interval=interval)
        np.testing.assert_allclose(z[0], one.coefficients / one.coefficient_se, rtol=1e-10)
        assert qm[0] == pytest.approx(one.qm, rel=1e-10)


def test_random_orders_come_from_the_seed_and_count_the_observed():
    y, v = effects("bcg")
    one = permutation_test(y, v, LATITUDE, tau2="DL", count=200)
    two = permutation_test(y, v, LATITUDE, tau2="DL", count=200)
    assert not one.exact
    assert one.permutations == 200
    np.testing.assert_array_equal(one.p_value, two.p_value)
    assert one.qm_p >= 1 / 200
    assert one.qm_p == one.p_value[1]  # one moderator: the same test
    assert one.qm_p < 0.05  # as the parametric test of latitude (Colditz 1994)


def test_exact_p_is_a_share_of_all_orders():
    y, v = effects("bcg")
    found = permutation_test(y[:5], v[:5], LATITUDE[:5], tau2="FE")
    assert found.exact
    assert found.permutations == 120
    assert (found.p_value * 120) == pytest.approx(np.round(found.p_value * 120))


def test_bad_input_says_what_is_wrong():
    y, v = effects("bcg")
    with pytest.raises(OptionError, match="wald, hksj"):
        permutation_test(y, v, LATITUDE, interval="t")
    with pytest.raises(OptionError, match="count is 0"):
        permutation_test(y, v, LATITUDE, count=0)


@pytest.mark.parametrize("interval", ["wald", "hksj"])
def test_predictions_are_those_of_weighted_least_squares_given_tau2(interval):
    rng = np.random.default_rng(7)
    k = 14
    x = np.column_stack([rng.normal(size=k), rng.integers(0, 2, k)]).astype(float)
    v = rng.uniform(0.02, 0.3, k)
    y = 0.3 - 0.4 * x[:, 0] + rng.normal(scale=np.sqrt(v + 0.05))
    f = fit(y, v, moderators=x, tau2="REML", interval=interval, prediction="k-1")
    at = np.array([[0.0, 0.0], [1.5, 1.0], [-2.0, 0.0]])
    found = predicted(f, at)
    other = WLS(y, add_constant(x), weights=1 / (v + f.tau2)).fit()
    theirs = other.get_prediction(add_constant(at, has_constant="add"))
    # Its scale is the residual one, which is that of hksj; the weights are known to wald.
    se = theirs.se_mean / (1.0 if interval == "hksj" else np.sqrt(other.scale))
    reach = (stats.norm if interval == "wald" else stats.t(k - 3)).ppf(0.975)
    assert found["estimate"] == pytest.approx(theirs.predicted_mean, abs=1e-9)
    assert found["se"] == pytest.approx(se, rel=1e-7)
    assert found["ci_high"] - found["estimate"] == pytest.approx(reach * se, rel=1e-7)
    half = stats.t(k - 3).ppf(0.975) * np.sqrt(se**2 + f.tau2)
    assert found["estimate"] - found["pi_low"] == pytest.approx(half, rel=1e-7)
    assert found["estimate"][0] == pytest.approx(f.estimate)


def test_a_common_effect_predicts_no_new_study_and_no_moderators_nothing():
    y, v = np.arange(6.0), np.full(6, 0.5)
    common = predicted(fit(y, v, moderators=np.arange(6.0), tau2="FE"), [[2.0]])
    assert np.isnan(common["pi_low"]).all()
    assert np.isfinite(common["ci_low"]).all()
    with pytest.raises(OptionError, match="without moderators"):
        predicted(fit(y, v), [[2.0]])
