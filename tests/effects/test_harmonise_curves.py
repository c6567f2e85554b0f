"""Harmonising from digitised curves: hazard ratio, survival at a time, restricted mean."""

from dataclasses import replace
from math import log

import numpy as np
import pandas as pd
import pytest

import asking
from effects.test_harmonise import ARMS, OUTCOMES, run, survival, table
from livingmeta.effects.harmonise import harmonise
from livingmeta.extraction.curves.digitisers import Waiting
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


# All 40 dead by 18 months, none before 6; numbers at risk as printed below the figure.
ALL_DIE = ([0, 6, 9, 12, 15, 18], [1, 1, 0.75, 0.5, 0.25, 0], [0, 6, 12, 16], [40, 40, 30, 10])
RISK = [("local", "at-risk", n, {"time": t}) for t, n in zip(*ALL_DIE[2:], strict=True)]


def at_nought_or_one(measure, time, printed=None, arms=("local",)):
    """The effect off the curve, or of a survival printed at the times of `printed` instead."""
    curves = {("s1", arm, "os"): rebuild(*ALL_DIE) for arm in arms}
    rows = [*RISK]
    if printed is not None:
        curves = {}
        rows += [("local", "survival", s, {"time": t, "n": 40}) for t, s in printed.items()]
    effects, _, routes = run(rows, measure, time, arms=list(arms), curves=curves)
    assert len(effects) == 1
    return effects.iloc[0], routes


@pytest.mark.parametrize("measure", ["PLO", "PR", "PAS"])
@pytest.mark.parametrize(
    ("time", "printed", "route"),
    [
        (6, {6: 1}, "S4"),  # all live: of those at risk then
        (3, {3: 1}, "S4"),
        (18, {18: 0}, "S4"),  # all dead: of all
        (24, {18: 0}, "S5"),  # dead before: of those at risk before the fall
    ],
)
def test_nought_and_one_of_a_curve_count_as_printed_ones(measure, time, printed, route):
    curve, _ = at_nought_or_one(measure, time)
    text, _ = at_nought_or_one(measure, time, printed)
    assert curve["route"] == text["route"] == route
    assert curve["yi"] == pytest.approx(text["yi"], abs=1e-12)
    assert curve["vi"] == pytest.approx(text["vi"], rel=1e-12)
    assert "counted as followed throughout" in curve["assumed"]
    assert curve["n"] == 40


def test_a_curve_that_ends_above_nought_says_nothing_of_later():
    curves = {("s1", "local", "os"): rebuild([0, 6, 12], [1, 0.8, 0.4], [0], [40])}
    effects, unusable, _ = run(RISK[:1], "PLO", 24, arms=["local"], curves=curves)
    assert effects.empty
    assert len(unusable) == 1


def test_of_two_arms_one_of_which_has_all_died():
    curves = {("s1", "local", "os"): rebuild([0, 12, 24], [1, 0.8, 0.5], [0, 24], [40, 20])}
    curves["s1", "control", "os"] = rebuild(*ALL_DIE)
    for time in (18, 24):
        effects, _, _ = run([], "OR", time, curves=curves)
        assert len(effects) == 1
        assert effects.loc[0, "ci"] == 0
        assert effects.loc[0, "yi"] > 0


def test_a_printed_percentage_still_comes_before_a_curve_at_nought():
    curves = {("s1", "local", "os"): rebuild(*ALL_DIE)}
    rows = [("local", "survival", 0.05, {"time": 18, "n": 40})]
    effects, _, _ = run(rows, "PLO", 18, arms=["local"], curves=curves)
    assert effects.loc[0, "yi"] == pytest.approx(log(0.05 / 0.95))


def test_a_study_waits_with_its_curve_unless_something_else_gives_the_effect():
    drawn = trial()
    local, control = drawn
    waits = {local: Waiting(drawn[local], "curve of local on os is to be settled: by 0.1")}

    def found(rows, curves, waiting):
        synthesis = {"outcome": "os", "measure": "HR", "arms": ["local", "control"], "time": None}
        studies = pd.DataFrame({"study_id": ["s1"], "status": ["included"]})
        asked = {"x": asking.synthesis(**synthesis)}
        more = {"curves": curves, "waiting": waiting}
        return harmonise(table(rows), studies, asked, ARMS, OUTCOMES, **more)

    alone = {control: drawn[control]}
    effects, unusable, _, _ = found([], alone, waits)
    assert effects.empty
    assert unusable.loc[0, ["reason", "unsettled"]].tolist() == [waits[local].words, True]
    ratio = ("local/control", "hazard-ratio", 0.58, {"ci_low": 0.35, "ci_high": 0.94})
    effects, *_ = found([ratio], alone, waits)
    assert effects.loc[0, "route"] == "T3"
    assert "curve" not in effects.loc[0, "assumed"]
    both = [survival("local", 0.6, 60), survival("control", 0.4, 60)]
    effects, *_ = found(both, alone, waits)
    assert effects.loc[0, "route"] == "L"
    assert f"not used: {waits[local].words}" in effects.loc[0, "assumed"]
    # As one has it until it is settled: said of the effect that hangs on it, and of no other.
    until = drawn | {local: replace(drawn[local], until="as kim has it", file="a-kim.csv")}
    effects, _, _, used = found([], until, {})
    assert (effects.loc[0, "route"], effects.loc[0, "assumed"]) == ("G", "as kim has it")
    assert "a-kim.csv" in set(used["file"])
    effects, *_ = found([ratio], until, {})
    assert effects.loc[0, "route"] == "T3"
    assert "kim" not in effects.loc[0, "assumed"]
