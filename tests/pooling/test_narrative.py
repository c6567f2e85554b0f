"""Narrative synthesis: when nothing is pooled, and what is counted instead."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import asking
from livingmeta.pooling import narrative, synthesis
from livingmeta.pooling.primary import SINGLE
from phrased import phrased

SURVIVAL = asking.outcome(kind="survival", good="higher")
TOXICITY = asking.outcome(kind="binary", good="lower")


def plan(measure="OR", arms=("a", "b"), **more):
    return asking.synthesis(title="A synthesis", measure=measure, arms=list(arms), **more)


def effects(values, measure="OR"):
    rows = [(f"s{i}", yi, 0.04, 100) for i, yi in enumerate(values)]
    table = pd.DataFrame(rows, columns=["study_id", "yi", "vi", "n"])
    return table.assign(synthesis="s", measure=measure)


@pytest.mark.parametrize(
    ("measures", "asked", "reason"),
    [
        ([], {}, ""),
        ([], {"narrative": True}, ""),
        (["OR"], {}, narrative.ONE),
        (["HR"], {"other_measures": ["HR"]}, narrative.MIXED),
        (["OR", "OR"], {}, ""),
        (["OR", "OR"], {"other_measures": ["HR"]}, ""),
        (["OR", "HR"], {"other_measures": ["HR"]}, narrative.MIXED),
        (["HR", "HR"], {"other_measures": ["HR"]}, narrative.MIXED),
        (["OR", "OR"], {"narrative": True}, narrative.ASKED),
    ],
)
def test_when_a_synthesis_is_told_and_not_pooled(measures, asked, reason):
    table = effects([0.3] * len(measures), measures)
    asked = plan(**asked)
    assert narrative.why(table, asked) == reason
    found = synthesis.pool(table, "s", asked)
    told = reason in (narrative.MIXED, narrative.ASKED)
    assert found["pooled"].empty == (told or not measures)
    assert ("not-pooled" in set(found["decisions"]["rule"])) == told
    # One study keeps its own rail: shown as it stands, in no pooled row but its own.
    if reason == narrative.ONE:
        assert list(found["pooled"]["model"]) == [SINGLE]
        assert "one-study" in set(found["decisions"]["rule"])
    if told:
        assert all(found[name].empty for name in found if name != "decisions")


def test_a_measure_that_nobody_asked_for_is_still_an_error():
    with pytest.raises(synthesis.SynthesisError, match="measure RR"):
        synthesis.pool(effects([1, 2], "RR"), "s", plan(other_measures=["HR"]))


@pytest.mark.parametrize(
    ("measure", "outcome", "yi", "speaks_for"),
    [
        ("OR", SURVIVAL, 0.5, "first"),
        ("OR", SURVIVAL, -0.5, "second"),
        ("HR", SURVIVAL, -0.5, "first"),
        ("HR", SURVIVAL, 0.5, "second"),
        ("RR", TOXICITY, -0.01, "first"),
        ("RD", TOXICITY, 0.2, "second"),
        ("MD", asking.outcome(kind="continuous", good="higher"), 0.0, "neither"),
        ("OR", SURVIVAL, 0.0, "neither"),
    ],
)
def test_the_direction_is_that_of_the_good_outcome(measure, outcome, yi, speaks_for):
    found = narrative.directions(effects([yi], measure), plan(measure), outcome)
    assert found == [speaks_for]


def test_hazard_and_odds_ratios_of_survival_point_the_same_way_with_opposite_signs():
    table = effects([-0.5, 0.5], ["HR", "OR"])
    asked = plan("HR", other_measures=["OR"])
    assert narrative.directions(table, asked, SURVIVAL) == ["first", "first"]


def test_one_arm_has_no_direction_but_a_range():
    table = effects([-1.0, 0.0, 1.0], "PLO")
    row = narrative.rows(table, "s", plan("PLO", ["a"], narrative=True), SURVIVAL).iloc[0]
    assert row["first"] == row["second"] == row["neither"] == 0
    assert pd.isna(row["share"])
    assert row["median"] == pytest.approx(0.5)
    assert (row["lowest"], row["highest"]) == pytest.approx((0.268941, 0.731059), abs=1e-6)


@pytest.mark.parametrize(
    ("first", "clear", "p", "low", "high"),
    [
        # R 4.2: binom.test(first, clear)$p.value, prop.test(first, clear, correct=FALSE)$conf.int
        (8, 10, 0.109375, 0.49016247, 0.94331785),
        (6, 6, 0.03125, 0.60966571, 1.0),
        (0, 5, 0.0625, 0.0, 0.43448246),
        (1, 1, 1.0, 0.20654931, 1.0),
        (7, 13, 1.0, 0.29143796, 0.76793932),
    ],
)
def test_the_sign_test_and_its_interval(first, clear, p, low, high):
    found = narrative.count(first, clear)
    assert found["p_value"] == pytest.approx(p, abs=1e-9)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((low, high), abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=1, max_size=40))
def test_turning_every_effect_round_turns_the_count_round(values):
    asked = plan(narrative=True)

    def whole(table):
        return narrative.rows(table, "s", asked, SURVIVAL).iloc[0]

    one, other = whole(effects(values)), whole(effects([-value for value in values]))
    assert one["first"] + one["second"] + one["neither"] == len(values)
    assert (one["first"], one["second"]) == (other["second"], other["first"])
    if one["first"] + one["second"]:
        assert one["p_value"] == pytest.approx(other["p_value"])
        assert one["ci_low"] == pytest.approx(1 - other["ci_high"], abs=1e-9)
        assert one["ci_low"] <= one["share"] <= one["ci_high"]


def test_each_group_is_counted_and_no_study_twice():
    table = effects([0.5, 0.2, -0.3, 0.0]).assign(site=["liver", "liver", "lung", None])
    asked = plan(narrative=True, subgroups=["site", "unheard-of"])
    rows = narrative.rows(table, "s", asked, SURVIVAL).set_index("group")
    assert list(rows.index) == ["", "site=liver", "site=lung"]
    assert list(rows["k"]) == [4, 2, 1]
    assert list(rows["first"]) == [2, 2, 0]
    decided = phrased(synthesis.pool(table, "s", asked)["decisions"])
    assert "groups by unheard-of" in set(decided["rule"])
