"""Degrees of freedom as papers write them."""

import pytest

from livingmeta.extraction.p_values import degrees_of_freedom

OF_F = {
    "F[2;108]": 2,
    "F(2, 108) = 5.3": 2,
    "F2,108": 2,
    "F2,108 = 5.3": 2,
    "F (2;108)": 2,
    "F_{2,108} = 5.3": 2,
    "F₂,₁₀₈ = 5.3": 2,
    "F(2/108)": 2,
    "F(2) = 5.3": 2,
    "F (df = 2, 108) 5.3": 2,
    "F = 5.3 (df 2, 108)": 2,
    "F = 5.3 with 2 and 108 degrees of freedom": 2,
    "F{1;45} = 7.7": 1,
    "F(1, 45) = 7.7": 1,
    "F1,45 = 7.7": 1,
    "F = 7.712": None,
    "F 7.712": None,
    "F = 7,712": None,
    "F 7,712, p 0.008": None,
    "F(7.712)": None,
    "": None,
}
OF_CHI_SQUARED = {
    "χ²(2) = 7.1": 2,
    "chi-squared = 7.1, df = 2": 2,
    "Chi-square [3] 7.1": 3,
    "7.1 on 2 degrees of freedom": 2,
    "χ2 (2, n = 120) = 7.1": 2,
    "log-rank χ² = 7.1, 1 d.f.": 1,
    "chi-squared 7.1": None,
    "χ² = 7.1 (p = 0.008)": None,
}


@pytest.mark.parametrize("said", OF_F)
def test_of_an_f(said):
    assert degrees_of_freedom("f", said, 7.712) == OF_F[said]


@pytest.mark.parametrize("said", OF_CHI_SQUARED)
def test_of_a_chi_squared(said):
    assert degrees_of_freedom("log-rank-chi2", said, 7.1) == OF_CHI_SQUARED[said]


def test_of_other_statistics_none_is_asked():
    assert degrees_of_freedom("mean", "F(2, 108)", 7.1) is None
