"""Pools that mix adjusted and crude effects of studies that were not randomised say so."""

import pandas as pd
import pytest

import asking
import printed_trials
from livingmeta.effects.continuous import OF_CHANGES
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.synthesis import pool
from livingmeta.words import guard_rails, models

Y, V = [-0.5, -0.2, 0.1, -0.4], [0.04, 0.05, 0.03, 0.06]


def pooled(adjusted, measure="HR", arms=("a", "b"), **traits):
    studies = [f"s{i}" for i in range(len(adjusted))]
    effects = pd.DataFrame({"synthesis": "x", "study_id": studies, "measure": measure})
    effects["yi"], effects["vi"], effects["n"] = Y[: len(studies)], V[: len(studies)], 50
    effects["route"], effects["grade"], effects["adjusted"] = "R", "exact", adjusted
    effects = effects.assign(**traits)
    return pool(effects, "x", asking.synthesis(measure=measure, arms=list(arms)))


def beside(tables):
    rows = tables["pooled"]
    return rows[rows["model"].str.contains(" without ")].set_index("model")


def test_the_result_of_each_kind_stands_beside_that_of_all():
    tables = pooled(["matched", "", "multivariable", "no"])
    rows = beside(tables)
    for name, keep in (("crude", [0, 2]), ("adjusted", [1, 3])):
        (model,) = (m for m in rows.index if m.endswith(f"without {name}"))
        expected = fit([Y[i] for i in keep], [V[i] for i in keep]).estimate
        assert rows["k"][model] == 2
        assert rows["estimate"][model] == pytest.approx(expected, abs=0.05)
        words = models.name({**rows.loc[model], "model": model})
        assert words.endswith(f", without {name} effects")
    (rail,) = tables["decisions"].query("rule == 'adjusted-and-crude'").to_dict("records")
    words = guard_rails.of_row(rail).because
    assert "2 adjusted (s0, s2) and 2 crude effects (s1, s3)" in words
    assert tables["pooled"]["k"][0] == 4


@pytest.mark.parametrize(
    ("adjusted", "more"),
    [
        (["matched", "weighted", "multivariable"], {}),
        (["", "no", ""], {}),
        (["matched", "randomised", "randomised"], {}),
        (["matched", "", ""], {"design": ["cohort", "randomised", "RCT, open"]}),
        (["matched", "", ""], {"comparability": ["matched", "Randomised", "randomised"]}),
        (["multivariable", "no", "no"], {"design": ["RCT", "cohort", "cohort"]}),
        (["matched", "", ""], {"measure": "PLO", "arms": ("a",)}),
    ],
)
def test_nothing_is_said_where_there_is_one_kind_or_trials(adjusted, more):
    tables = pooled(adjusted, **more)
    assert beside(tables).empty
    assert "adjusted-and-crude" not in set(tables["decisions"]["rule"])


def test_a_design_that_says_not_randomised_is_no_trial():
    tables = pooled(["matched", "", ""], design=["cohort", "non-randomised", "cohort"])
    assert "adjusted-and-crude" in set(tables["decisions"]["rule"])


@pytest.mark.parametrize("measure", ["MN", "ROM"])
def test_means_of_changes_and_of_final_values_have_no_average_in_common(measure):
    """A change of -5 and a final value of 15 were averaged without a word."""
    mean = {"outcome": "harm", "n": 40.0, "statistic": "mean"}
    change = (-5, -3) if measure == "MN" else (5, 3)  # a ratio is of means above nought
    rows = [
        mean | {"study_id": f"t{i}", "arm": arm, "value": value, "sd": 4.0, "measured": measured}
        for i, (values, measured) in enumerate(
            [(change, "change"), ((15, 17), "final"), ((14, 15.5), "")], 1
        )
        for arm, value in zip(("drug", "placebo"), values, strict=True)
    ]
    arms = ["drug", "placebo"] if measure == "ROM" else ["drug"]
    tables = printed_trials.pooled(("continuous", rows, 3), measure, arms=arms)
    rails = tables["decisions"][tables["decisions"]["rule"] == "changes-and-finals"]
    words = guard_rails.of_row(rails.iloc[0].to_dict())
    assert "1 of changes (t1) and 2 of final values (t2, t3)" in words.because
    assert "standardised" not in words.rule


@pytest.mark.parametrize(("measure", "fires"), [("SMD", True), ("MD", False)])
def test_changes_and_final_values_in_one_pool_of_smds_are_told(measure, fires):
    told = [f"x; {OF_CHANGES}", "", "y", ""]
    rails = pooled([""] * 4, measure=measure, assumed=told)["decisions"]
    rails = rails[rails["rule"] == "changes-and-finals"].to_dict("records")
    assert len(rails) == fires
    for rail in rails:
        words = guard_rails.of_row(rail).because
        assert "1 in SDs of changes (s0) and 3 in SDs of final values (s1, s2, s3)" in words
    alike = pooled([""] * 4, measure=measure, assumed=[OF_CHANGES] * 4)["decisions"]
    assert "changes-and-finals" not in set(alike["rule"])
