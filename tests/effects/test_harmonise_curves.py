"""Harmonising from digitised curves: hazard ratio, survival at a time, restricted mean."""

from math import log

import numpy as np
import pytest

from effects.test_harmonise import run
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
