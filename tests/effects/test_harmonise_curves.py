"""Harmonising from digitised curves: hazard ratio, survival at a time, restricted mean."""

from math import log

import numpy as np
import pytest

from effects.test_harmonise import run, table
from livingmeta.extraction.curves.rebuild import rebuild
from livingmeta.formulas.individual_data import kaplan_meier


def trial(seed=3):
    rng = np.random.default_rng(seed)
    arms = {}
    for arm, hazard in (("local", 0.03), ("control", 0.06)):
        death, leaves = rng.exponential(1 / hazard, 60), rng.uniform(20, 60, 60)
        time, event = np.minimum(death, leaves), (death <= leaves).astype(int)
        km = kaplan_meier({"time": time, "event": event})
        risk = np.arange(0, time.max(), 12)
        at_risk = [(time >= t).sum() for t in risk]
        clicks = np.append(0, km.time), np.append(1, km.survival)
        arms["s1", arm, "os"] = rebuild(*clicks, risk, at_risk)
    return arms


def test_curves_give_hazard_ratio_survival_and_restricted_mean():
    curves = trial()
    effects, _, routes = run([], curves=curves)
    assert effects.loc[0, "route"] == "G"
    assert effects.loc[0, "yi"] == pytest.approx(log(0.5), abs=0.6)
    assert {"G", "T12"} <= set(routes["route"])
    effects, _, _ = run([], "PLO", 24, arms=["local"], curves=curves)
    assert effects.loc[0, "route"] == "S2"
    effects, _, _ = run([], "MD", 36, curves=curves)
    assert effects.loc[0, "route"] == "G"
    assert 0 < effects.loc[0, "yi"] < 36


def test_a_curve_without_deaths_is_a_reason_not_a_crash():
    curves = trial()
    curves["s1", "local", "os"] = rebuild([0, 20, 40], [1, 1, 1], [0, 24], [60, 40])
    effects, unusable, _ = run([], curves=curves)
    assert effects.empty
    assert "no events in the research arm" in unusable.loc[0, "reason"]


def test_two_curves_and_the_follow_up_of_both_arms_open_t11():
    follow = []
    for arm in ("local", "control"):
        follow += [(arm, "minimum-followup", 20, {}), (arm, "maximum-followup", 60, {})]
        follow += [(arm, "at-risk", 60, {"time": 0})]
    _, _, routes = run(follow, curves=trial())
    by_route = routes.set_index("route")
    assert by_route.loc["T11", "yi"] == pytest.approx(by_route.loc["G", "yi"], abs=0.25)
    assert by_route["chosen"].to_dict() == {"G": True, "T12": False, "T11": False}


@pytest.mark.parametrize(("measure", "arms"), [("MN", ["local"]), ("MD", ["local", "control"])])
def test_nobody_dies_before_the_time_so_the_restricted_mean_has_no_error(measure, arms):
    late = [0, 20, 40], [1, 1, 0.5], [0], [60]
    curves = {("s1", arm, "os"): rebuild(*late) for arm in arms}
    effects, unusable, _ = run([], measure, 12, arms=arms, curves=curves)
    assert effects.empty
    assert "nobody dies within 12" in unusable.loc[0, "reason"]


@pytest.mark.parametrize("measure", ["MD", "ROM"])
def test_nobody_dies_in_one_arm_so_its_restricted_mean_has_no_error(measure):
    late, early = ([0, 20, 40], [1, 0.8, 0.5]), ([0, 6, 40], [1, 0.7, 0.5])
    both = {"local": late, "control": early}
    curves = {("s1", arm, "os"): rebuild(*clicks, [0], [60]) for arm, clicks in both.items()}
    effects, unusable, _ = run([], measure, 12, curves=curves)
    assert effects.empty
    assert "local has no error: nobody dies within 12" in unusable.loc[0, "reason"]
    assert len(run([], measure, 24, curves=curves)[0]) == 1


def test_a_restricted_mean_of_nought_gives_no_ratio():
    limits = {"time": 12, "ci_low": -1, "ci_high": 1, "ci_level": 0.95}
    rows = [(arm, "rmst", value, limits) for arm, value in (("local", 8), ("control", 0))]
    effects, unusable, _ = run(rows, "ROM", 12)
    assert effects.empty
    assert "no ratio of restricted means" in unusable.loc[0, "reason"]


def test_a_difference_of_a_thousand_days():
    limits = {"time": 3000, "ci_low": 500, "ci_high": 1500, "ci_level": 0.95}
    effects, _, _ = run([("local/control", "rmst-difference", 1000, limits)], "MD", 3000)
    assert effects.loc[0, "yi"] == pytest.approx(1000)
    assert effects.loc[0, "vi"] ** 0.5 == pytest.approx(1000 / (2 * 1.959964), rel=1e-6)


def test_the_curve_of_all_patients_counts_before_the_percentage_of_a_part():
    part = table([("local", "survival", 0.1, {"time": 24, "n": 5})]).assign(part="stage IV")
    effects, _, routes = run(part, "PLO", 24, arms=["local"], curves=trial())
    whole, _, _ = run([], "PLO", 24, arms=["local"], curves=trial())
    assert effects["yi"].tolist() == whole["yi"].tolist()
    said = "passed over, of a part (stage IV): survival local 0.1 of 5 (row 2)"
    assert said in effects["assumed"][0]
    assert routes["chosen"].tolist() == [True, False, False]
