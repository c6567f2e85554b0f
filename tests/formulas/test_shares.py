"""Odds ratios of two shares, beside those that R prints."""

import math

import pytest

from livingmeta.formulas.shares import conditional_odds_ratio

# fisher.test(matrix(c(a, n1 - a, c, n2 - c), 2, byrow = TRUE))$estimate, R 4.
PRINTED = [
    ((3, 15, 9, 15), 0.1781235),
    ((3, 4, 1, 4), 6.408309),
    ((200, 1000, 100, 1000), 2.249114),
    ((0, 5, 2, 5), 0.0),
    ((5, 5, 2, 5), math.inf),
]


@pytest.mark.parametrize(("cells", "printed"), PRINTED)
def test_the_odds_ratio_of_fishers_test_is_that_of_r(cells, printed):
    # R looks for it to four digits.
    assert conditional_odds_ratio(*cells) == pytest.approx(printed, rel=2e-4)
