"""Numbers that cannot serve an effect do not: they end in a reason, never in a wrong effect."""

import pytest

from effects.test_vocabulary import ARM_SIZES, one, told


def reason(tmp_path, rows, measure, outcome, **more):
    effects, unusable, _ = told(tmp_path, rows, measure, outcome, **more)
    assert effects.empty, effects[["yi", "vi", "inputs"]]
    return unusable["reason"][0]


@pytest.mark.parametrize("measure", ["MD", "ROM"])
def test_a_t_alone_is_in_sds_and_gives_nothing_in_units(tmp_path, measure):
    why = reason(tmp_path, ["a/b t -2.5", *ARM_SIZES], measure, "score")
    assert "t -2.5 without the means (row 2): it tells the difference in SDs only" in why
    assert one(tmp_path, ["a/b t -2.5", *ARM_SIZES], "SMD", "score").yi < 0
