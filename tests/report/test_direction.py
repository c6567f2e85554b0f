"""Telling without pooling: which arm each effect speaks for, and how often."""

import re
import xml.etree.ElementTree as ET

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_review import NASTY

from livingmeta.report import direction

ARMS = {"a": {"label": "Local treatment"}, "b": {"label": "No local treatment"}}
SURVIVAL = {"kind": "survival", "good": "higher"}
TOXICITY = {"kind": "binary", "good": "lower"}


def synthesis(measure="OR", arms=("a", "b"), **more):
    return {"title": f"A synthesis {NASTY}", "measure": measure, "arms": list(arms)} | more


def effects(values, n=100):
    rows = [(f"s{i}", f"Study {i}", 2000 + i, yi, 0.04, n) for i, yi in enumerate(values)]
    return pd.DataFrame(rows, columns=["study_id", "label", "year", "yi", "vi", "n"])


@pytest.mark.parametrize(
    ("measure", "outcome", "yi", "speaks_for"),
    [
        ("OR", SURVIVAL, 0.5, "first"),
        ("OR", SURVIVAL, -0.5, "second"),
        ("HR", SURVIVAL, -0.5, "first"),
        ("HR", SURVIVAL, 0.5, "second"),
        ("RR", TOXICITY, -0.01, "first"),
        ("RD", TOXICITY, 0.2, "second"),
        ("MD", {"kind": "continuous", "good": "higher"}, 0.0, "neither"),
        ("OR", SURVIVAL, 0.0, "neither"),
    ],
)
def test_the_direction_is_that_of_the_good_outcome(measure, outcome, yi, speaks_for):
    found = direction.table(effects([yi]), synthesis(measure), outcome)
    assert list(found["direction"]) == [speaks_for]


def test_one_arm_has_no_direction():
    found = direction.table(effects([1.0, -1.0]), synthesis("PLO", ["a"]), SURVIVAL)
    assert list(found["direction"]) == ["", ""]
    assert direction.count(found) == {}


@pytest.mark.parametrize(
    ("first", "clear", "p", "low", "high"),
    [
        # R 4.2: binom.test(first, clear)
        (8, 10, 0.109375, 0.4439045, 0.9747893),
        (6, 6, 0.03125, 0.5407419, 1.0),
        (0, 5, 0.0625, 0.0, 0.5218238),
        (1, 1, 1.0, 0.025, 1.0),
        (7, 13, 1.0, 0.2513455, 0.8077676),
    ],
)
def test_the_sign_test_and_its_interval(first, clear, p, low, high):
    values = [1.0] * first + [-1.0] * (clear - first) + [0.0]
    found = direction.count(direction.table(effects(values), synthesis(), SURVIVAL))
    assert (found["first"], found["clear"]) == (first, clear)
    assert found["p"] == pytest.approx(p, abs=1e-9)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((low, high), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=1, max_size=40))
def test_turning_every_effect_round_turns_the_count_round(values):
    one = direction.count(direction.table(effects(values), synthesis(), SURVIVAL))
    turned = effects([-value for value in values])
    other = direction.count(direction.table(turned, synthesis(), SURVIVAL))
    assert bool(one) == bool(other)
    if one:
        assert one["first"] == other["clear"] - other["first"]
        assert one["p"] == pytest.approx(other["p"])
        assert one["ci_low"] == pytest.approx(1 - other["ci_high"], abs=1e-9)
        assert one["ci_low"] <= one["share"] <= one["ci_high"]


def test_when_a_synthesis_is_told():
    assert direction.applies(synthesis(), 1)
    assert not direction.applies(synthesis(), 5)
    assert not direction.applies(synthesis(), 0)
    assert direction.applies(synthesis(narrative=True), 5)


def test_words_are_right_for_one_study_and_for_many():
    def said(values, plan):
        rows = direction.table(effects(values), plan, SURVIVAL)
        return direction.in_words(rows, plan, ARMS)

    assert said([1.0], synthesis()) == (
        "1 study, not pooled: 1 of 1 with a direction favours local treatment."
    )
    assert said([1.0] * 8 + [-1.0] * 2, synthesis()) == (
        "10 studies, not pooled: 8 of 10 with a direction favour local treatment (80.0%, "
        "95% confidence interval 44.4% to 97.5%; sign test p = 0.11)."
    )
    assert said([1.0, 2.0], synthesis("PLO", ["a"])) == "2 studies, not pooled."


@pytest.mark.parametrize("values", [[], [0.4], [0.5, -0.2, 0.0] * 4])
@pytest.mark.parametrize("plan", [synthesis(), synthesis("PLO", ["a"])], ids=["OR", "PLO"])
def test_the_plot_is_sound_and_stable(values, plan):
    table = effects(values)
    svg = direction.draw(table, plan, arms=ARMS, outcome=SURVIVAL)
    assert svg == direction.draw(table, plan, arms=ARMS, outcome=SURVIVAL)
    root = ET.fromstring(svg)
    ids = {e.get("id") for e in root.iter() if e.get("id")}
    assert {f"row-s{i}" for i in range(len(values))} <= ids
    assert "<script>" not in svg
    text = "".join(root.itertext())
    assert ("Arrows point" in text) == (bool(values) and len(plan["arms"]) == 2)


def arrow(n, yi=1.0) -> list[float]:
    """Where the arrow of one study of so many patients lies, from left to right."""
    svg = direction.draw(effects([yi], n), synthesis(), arms=ARMS, outcome=SURVIVAL)
    mark = next(e for e in ET.fromstring(svg).iter() if e.get("id") == "arrow-s0")
    path = next(e.get("d") for e in mark.iter() if e.get("d"))
    xs = [float(x) for x in re.findall(r"[ML] ([\d.]+) ", path)]
    assert len(xs) >= 3
    return sorted(xs)


@pytest.mark.parametrize(("smaller", "larger"), [(49, 50), (300, 301)])
def test_larger_studies_have_larger_arrows(smaller, larger):
    small, large = arrow(smaller), arrow(larger)
    assert large[-1] - large[0] > 1.2 * (small[-1] - small[0])


def test_arrows_lie_on_the_side_of_their_arm():
    assert arrow(100, -1.0)[-1] < arrow(100, 1.0)[0]
