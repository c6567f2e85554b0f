"""The permutation test of meta-regression (metafor, all orders: test_reference_models)."""

import numpy as np
import pytest

from livingmeta.pooling.engines.inputs import OptionError
from livingmeta.pooling.engines.models import fit
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
