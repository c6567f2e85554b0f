"""Telling without pooling: the effect direction plot and what it says."""

import re
import xml.etree.ElementTree as ET

import pandas as pd
import pytest

import asking
from livingmeta.figures import direction
from livingmeta.pooling import narrative
from made_up_review import NASTY

ARMS = asking.arms(a="Local treatment", b="No local treatment")
SURVIVAL = asking.outcome(kind="survival", good="higher")


def synthesis(measure="OR", arms=("a", "b"), **more):
    asked = {"title": f"A synthesis {NASTY}", "measure": measure, "arms": list(arms)}
    return asking.synthesis(**asked | {"narrative": True} | more)


def effects(values, n=100, measure="OR"):
    rows = [(f"s{i}", f"Study {i}", 2000 + i, yi, 0.04, n) for i, yi in enumerate(values)]
    table = pd.DataFrame(rows, columns=["study_id", "label", "year", "yi", "vi", "n"])
    return table.assign(measure=measure)


def drawn(table, plan):
    told = narrative.rows(table, "s", plan, SURVIVAL)
    return direction.draw(table, told, plan, arms=ARMS, outcome=SURVIVAL).svg


def test_words_are_right_for_one_study_and_for_many():
    def said(values, plan):
        table = effects(values, measure=plan.measure)
        row = narrative.rows(table, "s", plan, SURVIVAL).to_dict("records")[0]
        return direction.in_words(row, plan, ARMS)

    assert said([1.0], synthesis()) == (
        "1 study, not pooled: 1 of 1 with a direction favours local treatment."
    )
    assert said([1.0] * 8 + [-1.0] * 2, synthesis()) == (
        "10 studies, not pooled: 8 of 10 with a direction favour local treatment (80.0%, "
        "95% CI 49.0% to 94.3%; sign test p = 0.11)."
    )
    assert said([1.0, 2.0], synthesis("PLO", ["a"])) == "2 studies, not pooled."


@pytest.mark.parametrize("values", [[], [0.4], [0.5, -0.2, 0.0] * 4])
@pytest.mark.parametrize("plan", [synthesis(), synthesis("PLO", ["a"])], ids=["OR", "PLO"])
def test_the_plot_is_sound_and_stable(values, plan):
    table = effects(values, measure=plan.measure)
    svg = drawn(table, plan)
    assert svg == drawn(table, plan)
    root = ET.fromstring(svg)
    ids = {e.get("id") for e in root.iter() if e.get("id")}
    assert {f"row:s/study/s{i}" for i in range(len(values))} <= ids
    assert "<script>" not in svg
    text = "".join(root.itertext())
    assert ("Arrows point" in text) == (bool(values) and len(plan.arms) == 2)


def test_what_is_pooled_has_no_plot_of_directions():
    svg = drawn(effects([0.5, 1.0]), synthesis(narrative=False))
    assert "The effects are pooled" in svg
    assert "row:" not in svg


def test_groups_stand_apart_each_with_its_count():
    table = effects([0.5, 0.2, -0.3]).assign(site=["liver", "liver", "lung"])
    text = "".join(ET.fromstring(drawn(table, synthesis(subgroups=["site"]))).itertext())
    assert "Site: liver" in text
    assert "Site: lung" in text
    assert "2 of 2 with a direction favour local treatment" in text
    assert "0 of 1 with a direction favour local treatment" in text


def test_effects_of_different_measures_say_which_they_are():
    table = effects([0.5, -0.2]).assign(measure=["HR", "OR"])
    plan = synthesis("HR", other_measures=["OR"], narrative=False)
    text = "".join(ET.fromstring(drawn(table, plan)).itertext())
    assert "HR 1.65" in text
    assert "OR 0.82" in text


def arrow(n, yi=1.0) -> list[float]:
    """Where the arrow of one study of so many patients lies, from left to right."""
    mark = ET.fromstring(drawn(effects([yi], n), synthesis()))
    mark = next(e for e in mark.iter() if e.get("id") == "arrow-s0")
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
