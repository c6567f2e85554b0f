"""Patients who are in both arms: whose correlation counts, and of how many a test is."""

from math import sqrt

import pytest

from effects.test_study_designs import CROSSOVER, TEN, ask, only

__all__ = ["ask"]  # the fixture


def contrast(statistic, value, **more):
    return {"arm": "drug/none", "statistic": statistic, "value": str(value), **more}


@pytest.mark.parametrize("n", ["", "10", "20"])
def test_a_test_of_pairs_is_of_its_patients_however_they_are_counted(n, ask):
    means = [{k: v for k, v in row.items() if k != "sd"} for row in TEN]
    made = only(ask([*means, contrast("t", 0.8576, n=n)], CROSSOVER, "MD"))
    assert sqrt(made["vi"]) == pytest.approx(0.5 / 0.8576, abs=0.0005)
    assert made["n"] == 10


def test_an_interval_of_pairs_beside_the_sizes_alone_has_one_degree_less_than_patients(ask):
    sizes = [
        {"arm": arm, "statistic": "median", "value": "7", "n": "10"} for arm in ("drug", "none")
    ]
    limits = {"ci_low": "-0.819", "ci_high": "1.819", "n": "10"}  # 0.5 with t of 9 df and SE 0.583
    made = only(ask([*sizes, contrast("mean-difference", 0.5, **limits)], CROSSOVER, "SMD"))
    sd = 0.5831 * sqrt(10) / sqrt(2 * (1 - 0.68))
    factor = 1 - 3 / (4 * 9 - 1)
    assert made["yi"] == pytest.approx(factor * 0.5 / sd, rel=0.01)


AT = [row | {"time": "6"} for row in TEN]


@pytest.mark.parametrize(
    ("rows", "r"),
    [
        ([contrast("correlation", 0.2, time="6"), contrast("correlation", 0.9, time="12")], 0.2),
        ([contrast("correlation", 0.9, time="12"), contrast("correlation", 0.2, time="6")], 0.2),
        ([contrast("correlation", 0.9, time="12")], 0.68),
        ([contrast("correlation", 0.9, time="6", measured="change")], 0.68),
        ([contrast("correlation", 0.9, time="6", part="women")], 0.68),
        ([contrast("correlation", 0.9)], 0.9),
        ([contrast("correlation", 0.9), contrast("correlation", 0.2, time="6")], 0.2),
    ],
)
@pytest.mark.parametrize("time", [None, 6.0])
def test_a_correlation_counts_for_the_time_and_the_patients_that_it_is_of(rows, r, time, ask):
    made = only(ask([*AT, *rows], CROSSOVER, "MD", time=time))
    variance = (2.38**2 + 2.21**2 - 2 * r * 2.38 * 2.21) / 10
    assert made["vi"] == pytest.approx(variance)
    assert f"correlated by {r:g}" in made["assumed"]
    assert ("Table 3" in made["assumed"]) == (r == 0.68)
