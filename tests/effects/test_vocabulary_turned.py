"""What papers print beside ratios and means: arms called the other way round, rows in any order
and rows of a third arm beside them change nothing but the sign."""

from random import Random

import pytest

from effects.test_vocabulary import told
from livingmeta.extraction.reworded import TURNED

SIZES = ["a at-risk 25 time=0", "b at-risk 22 time=0"]
CASES = {
    "O-E of one arm": ("HR", "os", ["a log-rank-o-minus-e -16.5", "a/b log-rank-variance 128.81"]),
    "ln HR and its SE": ("HR", "os", ["b/a log-hazard-ratio 0.5 se=0.2"]),
    "SE of the ratio": ("HR", "os", ["a/b hazard-ratio 0.5 se=0.15 p_value=0.021"]),
    "one limit": ("HR", "os", ["a/b hazard-ratio 0.7 ci_high=0.95"]),
    "chi-squared": ("HR", "os", ["a/b log-rank-chi2 4", "a events 9 n=30", "b events 15 n=30"]),
    "medians ± SE": ("HR", "os", ["a median 24 se=3", "b median 12 se=2"]),
    "OR of death": ("OR", "os", ["b/a odds-ratio 2 time=24 ci_low=1.2 ci_high=3 event=death"]),
    "difference and t": ("MD", "score", ["b/a mean-difference -3.8", "a/b t 2.777", *SIZES]),
    "difference and p": ("MD", "score", ["a/b mean-difference 3.8 p_value=0.008", *SIZES]),
    "means and F": ("MD", "score", ["a mean 30", "b mean 26", "a/b f 7.7", *SIZES]),
    "SMD by t": ("SMD", "score", ["a/b t 2.777", *SIZES]),
    "SMD by p": ("SMD", "score", ["a mean 30", "b mean 26", "a/b t 2.7", *SIZES]),
    "one limit of a difference": ("MD", "score", ["a/b mean-difference 3.8 ci_low=1", *SIZES]),
    "quartiles": (
        "MD",
        "score",
        ["a median 7 n=60", "a q1 5", "a q3 10", "b median 9 n=60", "b q1 6", "b q3 13"],
    ),
    "a mean against quartiles": (
        "SMD",
        "score",
        ["a mean 7 n=60 sd=3", "b median 9 n=60", "b q1 6", "b q3 13"],
    ),
    "a reversed scale": (
        "SMD",
        "score",
        ["a mean 62 n=60 sd=11 direction=reversed", "b mean 55 n=58 sd=11 direction=reversed"],
    ),
    "rates": ("IRR", "relapse", ["a rate 0.12 ci_low=0.08 ci_high=0.18", "b rate 0.1 se=0.02"]),
    "all dead before": (
        "OR",
        "os",
        ["a survival 0.4 time=24 n=30", "b survival 0 time=12 n=30", "b at-risk 9 time=6"],
    ),
    "Peto": ("PETO", "death", ["a events 0 n=100", "b events 4 n=100"]),
}
THIRD = ["c survival 0.9 time=24 n=40", "a/c hazard-ratio 0.2 se=0.1", "c mean 99 n=50 sd=1"]
THIRD += ["a/c t 9", "c rate 7 se=1", "b/c log-rank-chi2 20", "c events 1 n=90", "c median 99"]


def at(outcome, measure):
    return 24 if outcome == "os" and measure != "HR" else None


@pytest.mark.parametrize("name", CASES)
def test_arms_rows_and_other_arms(tmp_path, name):
    measure, outcome, rows = CASES[name]
    asked = {"time": at(outcome, measure)}
    (effect,) = told(tmp_path, rows, measure, outcome, **asked)[0].to_dict("records")
    turned = told(tmp_path, rows, measure, outcome, arms=("b", "a"), **asked)[0].iloc[0]
    assert turned["yi"] == pytest.approx(-effect["yi"], rel=1e-12)
    assert turned["vi"] == pytest.approx(effect["vi"], rel=1e-12)
    assert (turned["route"], turned["grade"]) == (effect["route"], effect["grade"])
    shuffled = list(rows)
    Random(name).shuffle(shuffled)
    mark = " direction=reversed" if "reversed" in rows[0] else ""
    third = [row + mark if row.split()[1] in TURNED else row for row in THIRD]
    for more in (rows[::-1], shuffled, [*third, *rows], [*rows, *third]):
        (same,) = told(tmp_path, more, measure, outcome, **asked)[0].to_dict("records")
        assert (same["yi"], same["vi"], same["route"]) == (
            effect["yi"],
            effect["vi"],
            effect["route"],
        )


def test_a_synthesis_takes_effects_of_some_grades_or_routes(tmp_path):
    measure, outcome, rows = CASES["quartiles"]
    printed = ["a mean 8 n=60 sd=3 study_id=t", "b mean 10 n=60 sd=3 study_id=t"]
    both = [*rows, *printed]
    effects, unusable, routes = told(
        tmp_path, both, measure, outcome, include={"grade": ["exact", "close"]}
    )
    assert list(effects["study_id"]) == ["t"]
    assert "route D3 (approximate) is none that the synthesis includes" in unusable["reason"][0]
    assert set(routes["route"]) == {"D", "D3"}
    only = told(tmp_path, both, measure, outcome, include={"route": ["D3"]})[0]
    assert list(only["study_id"]) == ["s"]
