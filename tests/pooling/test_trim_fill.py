"""Trim and fill (metafor: test_reference_models)."""

import numpy as np
import pytest

from livingmeta.pooling.bias.trim_fill import trim_fill
from livingmeta.pooling.engines.inputs import OptionError, PoolingError
from livingmeta.pooling.engines.models import fit
from metafor.quantities_models import effects


@pytest.mark.parametrize("side", ["left", "right"])
def test_filled_studies_mirror_the_extreme_ones(side):
    y, v = effects("smoke")
    found = trim_fill(y, v, side=side)
    assert found.fit.k == y.size + found.k0
    if found.k0:
        # Around the trimmed centre each image is as far out as its original.
        sign = 1 if side == "left" else -1
        extreme = np.sort(sign * y)[-found.k0 :]
        centres = (np.sort(sign * found.filled_yi)[::-1] + extreme) / 2
        assert np.ptp(centres) < 1e-12


def test_an_even_funnel_is_left_alone():
    y, v = np.array([-0.4, -0.2, 0.0, 0.2, 0.4]), np.array([0.3, 0.1, 0.02, 0.1, 0.3])
    found = trim_fill(y, v, side="left")
    assert found.k0 == 0
    assert found.fit.estimate == fit(y, v).estimate


@pytest.mark.parametrize("estimator", ["L0", "R0"])
@pytest.mark.parametrize("effect", [0.0, 0.3, -0.7])
def test_nothing_is_missing_where_all_effects_are_the_same(estimator, effect):
    found = trim_fill([effect] * 5, [0.1, 0.2, 0.3, 0.1, 0.2], estimator=estimator)
    assert found.k0 == 0
    assert found.fit.k == 5


def test_bad_input_says_what_is_wrong():
    with pytest.raises(PoolingError, match="at least 3 studies"):
        trim_fill([0.1, 0.2], [0.1, 0.1])
    with pytest.raises(OptionError, match="L0, R0"):
        trim_fill([0.1, 0.2, 0.4], [0.1, 0.1, 0.2], estimator="Q0")
