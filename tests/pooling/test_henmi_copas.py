"""The Henmi-Copas interval (metafor: test_reference_models)."""

import numpy as np
import pytest

from livingmeta.pooling.bias.henmi_copas import henmi_copas
from livingmeta.pooling.engines.inputs import PoolingError
from livingmeta.pooling.engines.models import fit
from metafor.quantities_models import effects


def test_centre_is_the_common_effect():
    y, v = effects("magnesium")
    found = henmi_copas(y, v)
    assert found.estimate == pytest.approx(fit(y, v, tau2="FE").estimate, rel=1e-13)
    assert found.estimate == pytest.approx((found.ci_low + found.ci_high) / 2, rel=1e-12)
    assert found.tau2 == pytest.approx(fit(y, v, tau2="DL").tau2, rel=1e-12)


@pytest.mark.parametrize("name", ["bcg", "magnesium", "smoke", "adherence", "chemo"])
def test_wider_with_a_higher_level(name):
    y, v = effects(name)
    widths = [h.ci_high - h.ci_low for h in (henmi_copas(y, v, level=x) for x in (0.8, 0.95, 0.99))]
    assert widths == sorted(widths)


def test_scale_and_place_do_not_matter():
    y, v = effects("bcg")
    one, two = henmi_copas(y, v), henmi_copas(3 * y + 1, 9 * v)
    assert two.ci_low == pytest.approx(3 * one.ci_low + 1, rel=1e-10)
    assert two.ci_high == pytest.approx(3 * one.ci_high + 1, rel=1e-10)


def test_equal_variances_and_bad_input():
    found = henmi_copas(np.array([0.1, 0.3, 0.2]), np.full(3, 0.05))
    assert found.ci_low < 0.2 < found.ci_high
    with pytest.raises(PoolingError, match="at least 2 studies"):
        henmi_copas([0.1], [0.1])
