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


@pytest.mark.parametrize(
    ("arms", "n"), [([], "10"), (TEN, ""), (TEN, "20"), ([TEN[0], TEN[1] | {"n": "12"}], "")]
)
def test_the_sd_of_the_differences_of_pairs_gives_their_error(arms, n, ask):
    """SD 2 of 10 patients: SE 0.632."""
    difference = contrast("mean-difference", 0.5, n=n, sd="2")
    rows = [*({k: v for k, v in arm.items() if k != "sd"} for arm in arms), difference]
    made = only(ask(rows, CROSSOVER, "MD"))
    assert (made["route"], made["grade"]) == ("R", "exact")
    assert (made["yi"], sqrt(made["vi"])) == (0.5, pytest.approx(2 / sqrt(10)))
    assert "SE from the SD of the differences, 2, of 10 patients" in made["assumed"]
    # Of patients who are in one arm each there is no such SD.
    effects, unusable, *_ = ask(rows, {}, "MD")
    assert effects.empty
    assert "without CI, SE or exact p" in unusable["reason"].item()
