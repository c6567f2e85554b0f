"""The intraclass correlation of absolute agreement against published and computed values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingmeta.formulas.intraclass import absolute_agreement

# Shrout & Fleiss, Psychol Bull 1979;86:420-8, table 2: six targets, four judges; ICC(2,1) is 0.29.
JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_the_example_of_shrout_and_fleiss():
    found = absolute_agreement(np.array(JUDGES))
    assert found.value == pytest.approx(0.2898, abs=5e-5)
    # As psych::ICC of R prints it: 0.019 to 0.76.
    assert found.low == pytest.approx(0.019, abs=5e-4)
    assert found.high == pytest.approx(0.76, abs=5e-3)


def test_a_reader_who_is_higher_throughout_agrees_less():
    one = np.linspace(1, 0, 20)
    assert absolute_agreement(np.column_stack([one, one])) == (1, 1, 1)
    shifted = absolute_agreement(np.column_stack([one, one - 0.1]))
    assert np.corrcoef(one, one - 0.1)[0, 1] == pytest.approx(1)
    # MSE is 0, so ICC = MSR / (MSR + 2 MSC / n), with MSR = 2 var and MSC = n 0.1^2 / 2.
    assert shifted.value == pytest.approx(2 * one.var(ddof=1) / (2 * one.var(ddof=1) + 0.1**2))
    assert shifted.low < shifted.value < shifted.high < 1


def test_readings_that_never_change_have_none():
    assert all(np.isnan(absolute_agreement(np.ones((5, 2)))))
    for wrong in (np.ones((1, 2)), np.ones((5, 1)), np.ones(4), np.full((3, 2), np.nan)):
        with pytest.raises(ValueError, match="two things and two readers"):
            absolute_agreement(wrong)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=5, max_size=30),
    st.floats(-0.1, 0.1),
)
def test_it_lies_in_its_interval_and_readers_may_change_places(pairs, shift):
    falling = np.sort(np.array(pairs), axis=0)[::-1]
    x = falling + np.array([0, shift])
    found, turned = absolute_agreement(x), absolute_agreement(x[:, ::-1])
    assert found == pytest.approx(turned, nan_ok=True, abs=1e-9)
    if not np.isnan(found.low):
        assert -1 <= found.low <= found.value + 1e-9
        assert found.value <= found.high + 1e-9 <= 1 + 1e-9
