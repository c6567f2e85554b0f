"""Shares of a change as the result is printed."""

import numpy as np
import pytest
from scipy.special import expit

from livingmeta.formulas import shapley
from livingmeta.living.attribution_parts import Printed


class Mixed:
    """Two changes and what they do together, on the analysis scale."""

    def __init__(self):
        self.asked = 0

    def value(self, inside):
        self.asked += 1
        return -0.5 + inside @ [0.8, 0.1] + 0.3 * inside.all(axis=1)


@pytest.mark.parametrize(
    ("measure", "shown"),
    [("PLO", expit), ("PLN", np.exp), ("PR", float), ("MD", float), ("ZCOR", np.tanh)],
)
def test_where_a_share_is_no_factor_it_is_one_of_the_result_as_printed(measure, shown):
    mixed = Mixed()
    ends = [{"measure": measure, "estimate": value} for value in (-0.5, 0.7)]
    scale = Printed(mixed, ends)
    shared = shapley.shares(scale.value, 2)
    found, whole = scale.shares(shared)
    assert not scale.times
    assert mixed.asked == 2  # the ends and every set, once
    total = shown(0.7) - shown(-0.5)
    assert [scale.total, whole, found.sum()] == pytest.approx([total] * 3, rel=1e-12)
    first, second = shown(0.3) - shown(-0.5), shown(0.7) - shown(-0.4)
    assert found[0] == pytest.approx((first + second) / 2, rel=1e-12)
