"""A rate whose SE is printed in a row of its own, and an ICC that is of one outcome alone."""

from math import atanh, log

import pytest

from effects.test_study_designs import CLASSROOMS, CLUSTER, ask, only
from effects.test_vocabulary import one, told
from livingmeta.tables import TableError

__all__ = ["ask"]


def test_an_se_in_a_row_of_its_own_is_that_of_the_rate(tmp_path):
    beside = one(tmp_path, ["a rate 0.1 se=0.02", "b rate 0.2 se=0.03"], "IRR", "relapse")
    rows = ["a rate 0.1 unit=/month", "a se 0.02 unit=/month", "b rate 20 unit=/100person-months"]
    rows += ["b se 3 unit=/100person-months"]
    for order in (rows, rows[::-1]):
        apart = one(tmp_path, order, "IRR", "relapse")
        assert (apart.route, apart.grade) == ("P2", "exact")
        assert (apart.yi, apart.vi) == (pytest.approx(log(0.5)), pytest.approx(beside.vi))
        assert "se a 0.02" in apart.inputs
    timed = [f"{row} time=12" if "se" not in row else row for row in rows]
    assert one(tmp_path, timed, "IRR", "relapse").vi == pytest.approx(beside.vi)


def test_an_se_of_another_time_or_of_a_mean_is_not_that_of_the_rate(tmp_path):
    for more in (["a se 0.02 time=24"], ["a se 0.02 time=12", "a mean 3 time=12 n=9"]):
        _, unusable, _ = told(
            tmp_path, ["a rate 0.1 time=12", *more], "IRLN", "relapse", arms=["a"]
        )
        assert "without CI, SE or person-time" in unusable["reason"].iloc[0]


def test_an_se_says_the_unit_of_its_rate(tmp_path):
    rows = ["a rate 10 unit=/100person-years", "a se 2"]
    with pytest.raises(TableError, match="write the unit of the SE too"):
        one(tmp_path, rows, "IRLN", "relapse", arms=["a"])


def test_a_rate_and_its_person_time_are_its_events(tmp_path):
    rows = ["a rate 0.8 n=30", "b rate 1.2 n=30", "a person-time 15 n=30", "b person-time 15 n=30"]
    made = one(tmp_path, rows, "IRR", "relapse")
    counted = ["a events 12", "b events 18", "a person-time 15", "b person-time 15"]
    as_counted = one(tmp_path, counted, "IRR", "relapse")
    assert (made.yi, made.vi) == (pytest.approx(as_counted.yi), pytest.approx(as_counted.vi))
    assert (made.route, made.grade) == ("P2", "close")
    assert "events of a from its rate and its person-time" in made.assumed
    # An error of its own tells more.
    sure = one(
        tmp_path, [f"{row} se=0.2" if "rate" in row else row for row in rows], "IRR", "relapse"
    )
    assert sure.vi == pytest.approx((0.2 / 0.8) ** 2 + (0.2 / 1.2) ** 2)


def test_the_interval_of_a_correlation_tells_its_error(tmp_path):
    row = "a correlation 0.41 ci_low=0.28 ci_high=0.53"
    made = one(tmp_path, [row], "ZCOR", "score", arms=["a"])
    assert made.vi == pytest.approx(((atanh(0.53) - atanh(0.28)) / (2 * 1.95996)) ** 2, rel=1e-4)
    assert (made.yi, made.grade) == (pytest.approx(atanh(0.41)), "close")
    counted = one(tmp_path, [f"{row} n=180"], "ZCOR", "score", arms=["a"])
    assert (counted.vi, counted.grade) == (pytest.approx(1 / 177), "exact")


def icc(value, arm="drug/none", **more):
    return {"arm": arm, "statistic": "icc", "value": str(value), **more}


@pytest.mark.parametrize("row", [icc(0.05), icc(0.05, "none/drug"), icc(0.05, "drug")])
def test_the_icc_of_an_outcome_comes_before_that_of_the_study(ask, row):
    found = ask([*CLASSROOMS, row], CLUSTER, "OR")
    alone = ask(CLASSROOMS, CLUSTER | {"icc": "0.05"}, "OR")
    assert only(found)["vi"] == pytest.approx(only(alone)["vi"], rel=1e-12)
    assert "0.05 (ICC: row 4)" in only(found)["assumed"]
    assert 4 in set(found[3].loc[found[3]["used"], "row"])
    without = ask([*CLASSROOMS, row], {k: v for k, v in CLUSTER.items() if k != "icc"}, "OR")
    assert only(without)["vi"] == pytest.approx(only(found)["vi"])


def test_an_icc_of_another_outcome_or_time_or_arms_that_differ_serve_nothing(ask):
    study = only(ask(CLASSROOMS, CLUSTER, "OR"))["vi"]
    for row in (icc(0.5, outcome="relapse"), icc(0.5, time="24")):
        rows = [r | {"time": "12"} for r in CLASSROOMS]
        assert only(ask([*rows, row], CLUSTER, "OR", time=12))["vi"] == pytest.approx(study)
    both = [*CLASSROOMS, icc(0.5, "drug"), icc(0.2, "none")]
    assert "rows 4 and 5 give different icc" in only(ask(both, CLUSTER, "OR"))["assumed"]


@pytest.mark.parametrize("value", [-0.1, 1.2])
def test_an_icc_lies_between_0_and_1(ask, value):
    with pytest.raises(TableError, match="between 0 and 1"):
        ask([*CLASSROOMS, icc(value)], CLUSTER, "OR")
