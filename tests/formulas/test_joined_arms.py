"""Arms of one trial put together: what their patients together have."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingmeta.formulas.joined_arms import exact_count, means


def of_two(n1, m1, s1, n2, m2, s2):
    """Mean and SD of two groups by the formulae of the Handbook's table 6.5.a."""
    between = n1 * n2 / (n1 + n2) * (m1**2 + m2**2 - 2 * m1 * m2)
    squares = (n1 - 1) * s1**2 + (n2 - 1) * s2**2 + between
    return (n1 * m1 + n2 * m2) / (n1 + n2), sqrt(squares / (n1 + n2 - 1))


def test_two_arms_are_joined_as_the_handbook_does():
    made = means([50, 48], [31, 28], [9, 8])
    assert made[:2] == pytest.approx(of_two(50, 31, 9, 48, 28, 8), abs=1e-12)
    assert made == pytest.approx((29.5306, 8.6139, 98), abs=5e-5)


def test_three_arms_one_after_the_other_are_three_at_once():
    arms = [(50, 31.0, 9.0), (48, 28.0, 8.0), (31, 35.0, 7.5)]
    m, s = of_two(*arms[0], *arms[1])
    assert means(*zip(*arms, strict=True))[:2] == pytest.approx(of_two(98, m, s, *arms[2]))


@given(
    st.lists(
        st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=9).filter(lambda x: np.std(x) > 1e-3),
        min_size=2,
        max_size=4,
    ),
    st.randoms(),
)
def test_joined_arms_are_what_their_patients_are(arms, chance):
    found = means(*zip(*[(len(x), np.mean(x), np.std(x, ddof=1)) for x in arms], strict=True))
    every = np.concatenate(arms)
    assert found.n == every.size
    assert found.mean == pytest.approx(every.mean(), abs=1e-9)
    assert found.sd == pytest.approx(every.std(ddof=1), rel=1e-9)
    again = chance.sample(arms, len(arms))
    moved = means(*zip(*[(len(x), np.mean(x), np.std(x, ddof=1)) for x in again], strict=True))
    assert moved == found  # not a last digit differs


@pytest.mark.parametrize("n", [[], [1], [3, 0]])
def test_no_arms_are_refused(n):
    with pytest.raises(ValueError, match="no arms to join"):
        means(n, [1.0] * len(n), [1.0] * len(n))


COUNTS = {
    (0.25, 48): 12,
    (0.347, 150): 52,
    (0.333, 3): 1,  # rounded
    (0.666, 3): 2,  # cut off
    (0.0, 20): 0,
    (1.0, 20): 20,
    (0.4, 50): 20,
    (0.34, 300): None,  # 34% of 300 may be 101, 102 or 103
    (0.333, 20): None,  # nobody is a third of 20
    (1.2, 20): None,
    (0.5, 0): None,
    (0.5, 10.5): None,
}


@pytest.mark.parametrize(("printed", "count"), COUNTS.items(), ids=str)
def test_the_one_count_that_a_percentage_is_of(printed, count):
    assert exact_count(*printed) == count


@given(st.integers(1, 90), st.data())
def test_of_few_patients_a_percentage_with_a_decimal_is_one_count(n, data):
    count = data.draw(st.integers(0, n))
    assert exact_count(round(count / n, 3), n) in (count, None)
    if count / n != round(count / n, 2):
        assert exact_count(round(count / n, 3), n) == count
