"""A ratio of means wants means above nought: below, above 1 it would be of the lower one."""

import pytest

from effects.test_harmonise import run


@pytest.mark.parametrize("measured", ["change", "final"])
@pytest.mark.parametrize(
    ("sign", "measure", "effects"), [(-1, "ROM", 0), (1, "ROM", 1), (-1, "MD", 1)]
)
def test_a_ratio_of_means_below_nought_is_none(sign, measure, effects, measured):
    cells = {"n": 60, "measured": measured}
    rows = [
        (arm, *cell, cells)
        for arm, mean in (("local", 12.0), ("control", 6.0))
        for cell in (("mean", sign * mean), ("sd", 9.0))
    ]
    found, unusable, _ = run(rows, measure, outcome="pain")
    assert len(found) == effects
    assert [w for w in unusable["reason"] if "of means below nought" in w] or effects
