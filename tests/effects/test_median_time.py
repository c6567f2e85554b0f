"""MEDLN and MN: median and mean survival time of one arm, or the reason why there is none."""

from math import log, nan

import numpy as np
import pytest

from effects.test_harmonise import run, survival
from livingmeta.effects.harmonise import HarmoniseError
from livingmeta.effects.median_time import exponential_median
from livingmeta.extraction.curves.rebuild import rebuild
from livingmeta.formulas.individual_data import kaplan_meier, median, restricted_mean
from livingmeta.formulas.measures import effect_size
from livingmeta.formulas.time_to_event import RouteError


def printed(value=20.0, low=nan, high=nan, **more):
    return ("local", "median", value, {"n": 40, "ci_low": low, "ci_high": high, **more})


def curve(stay=60.0, seed=5):
    rng = np.random.default_rng(seed)
    death, leaves = rng.exponential(25, 80), rng.uniform(0.5 * stay, stay, 80)
    data = {"time": np.minimum(death, leaves), "event": (death <= leaves).astype(int)}
    km = kaplan_meier(data)
    risk = np.arange(0, data["time"].max(), 12)
    clicks = np.append(0, km.time), np.append(1, km.survival)
    at_risk = [(data["time"] >= t).sum() for t in risk]
    return data, {("s1", "local", "os"): rebuild(*clicks, risk, at_risk)}


def medians(rows, curves=None):
    return run(rows, "MEDLN", arms=["local"], curves=curves)


def test_a_median_with_its_interval():
    effects, unusable, _ = medians([printed(20, 14, 31)])
    assert unusable.empty
    row = effects.loc[0]
    assert (row["route"], row["grade"], row["n"]) == ("M1", "exact", 40)
    assert row["yi"] == pytest.approx(log(20))
    # (ln 31 - ln 14) / (2 x 1.959964) = 0.202792.
    assert row["vi"] == pytest.approx(0.202792**2, rel=1e-5)
    by_measure = effect_size("MEDLN", estimate=20, ci_low=14, ci_high=31)
    assert (by_measure[0][0], by_measure[1][0]) == pytest.approx((row["yi"], row["vi"]))


def test_the_level_of_the_interval_counts():
    narrow, _, _ = medians([printed(20, 14, 31, ci_level=90)])
    assert narrow.loc[0, "vi"] == pytest.approx((log(31 / 14) / (2 * 1.6448536)) ** 2)


def test_a_median_from_the_curve_is_that_of_the_patients():
    data, curves = curve()
    effects, _, _ = medians([], curves)
    row = effects.loc[0]
    value, low, high = median(data)
    assert row["route"] == "M2"
    assert row["yi"] == pytest.approx(log(value), abs=0.02)
    assert row["vi"] == pytest.approx((log(high / low) / (2 * 1.959964)) ** 2, rel=0.1)


def test_the_printed_interval_comes_before_the_curve_and_both_are_kept():
    _, curves = curve()
    effects, _, routes = medians([printed(22, 15, 33)], curves)
    assert effects.loc[0, "route"] == "M1"
    assert set(routes["route"]) == {"M1", "M2"}


def test_a_median_with_deaths_only_is_rough():
    effects, _, _ = medians([printed(20), ("local", "events", 25, {"n": 40})])
    row = effects.loc[0]
    assert (row["route"], row["grade"], row["events"]) == ("M3", "rough", 25)
    assert row["vi"] == pytest.approx(1 / (25 * log(2) ** 2))
    assert "exponential" in row["assumed"]


def test_the_error_from_deaths_is_that_of_complete_exponential_cohorts():
    rng = np.random.default_rng(2)
    logs = [np.log(np.median(rng.exponential(10, 201))) for _ in range(3000)]
    assert np.var(logs) == pytest.approx(exponential_median(7.0, 201).vi, rel=0.08)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([printed(nan, note="not reached")], "median of local not reached (row 2)"),
        ([printed(nan, 14)], "not reached"),
        ([printed(20, 14)], "upper limit was not reached or is not printed"),
        # Deaths do not stand in for an upper limit that was not reached.
        ([printed(20, 14), ("local", "events", 15, {"n": 40})], "upper limit"),
        ([printed(20)], "without CI or number of deaths"),
        ([printed(20, 0, 31)], "must be above 0"),
        ([survival("local", 0.6, 40)], "no median of local"),
    ],
)
def test_set_aside_with_the_reason(rows, words):
    effects, unusable, _ = medians(rows)
    assert effects.empty
    assert words in unusable.loc[0, "reason"]


def test_a_curve_that_does_not_come_down_to_one_half_invents_no_median():
    _, curves = curve(stay=12.0)
    effects, unusable, _ = medians([], curves)
    assert effects.empty
    assert "not reached" in unusable.loc[0, "reason"]


def test_a_median_is_of_a_time():
    with pytest.raises(HarmoniseError, match="must be survival or time"):
        run([], "MEDLN", outcome="pain", arms=["local"])


def test_mean_time_lived_of_one_arm():
    data, curves = curve()
    effects, _, _ = run([], "MN", 24, arms=["local"], curves=curves)
    value, variance = restricted_mean(data, 24)
    assert effects.loc[0, "route"] == "G"
    assert effects.loc[0, "yi"] == pytest.approx(value, abs=0.02)
    assert effects.loc[0, "vi"] == pytest.approx(variance, rel=0.02)
    rows = [("local", "rmst", 18.2, {"time": 24, "n": 80, "ci_low": 16.0, "ci_high": 20.4})]
    effects, _, _ = run(rows, "MN", 24, arms=["local"])
    assert effects.loc[0, "yi"] == 18.2
    assert effects.loc[0, "vi"] == pytest.approx((2.2 / 1.959964) ** 2)


def test_mean_of_one_arm_as_in_escalc():
    rows = [("local", "mean", 5.0, {"n": 25}), ("local", "sd", 2.0, {})]
    effects, _, _ = run(rows, "MN", outcome="pain", arms=["local"])
    assert (effects.loc[0, "yi"], effects.loc[0, "vi"]) == (5.0, 4.0 / 25)


def test_no_mean_time_without_a_curve_or_an_interval():
    rows = [("local", "rmst", 18.2, {"time": 24, "n": 80})]
    _, unusable, _ = run(rows, "MN", 24, arms=["local"])
    assert "with its interval and no curve of local" in unusable.loc[0, "reason"]


@pytest.mark.parametrize(("median", "deaths"), [(0.5, 9.0), (12.0, 1.0), (0.5, 0.5)])
def test_a_median_below_one_unit_or_of_one_death_has_an_error(median, deaths):
    found = exponential_median(median, deaths)
    assert found.yi == pytest.approx(np.log(median))
    assert found.vi == pytest.approx(1 / (deaths * np.log(2) ** 2))


@pytest.mark.parametrize(("median", "deaths"), [(0.0, 9.0), (12.0, 0.0), (-1.0, 5.0)])
def test_a_median_of_nought_or_without_deaths_has_none(median, deaths):
    with pytest.raises(RouteError, match="gives no error"):
        exponential_median(median, deaths)
