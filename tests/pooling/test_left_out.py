"""The result without derived effects, and without effects of a grade or a route."""

import pandas as pd
import pytest

import asking
from livingmeta import analyses, protocol
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.synthesis import pool
from livingmeta.words import guard_rails, models

Y, V = [-0.5, -0.2, 0.1, -0.4, -0.3], [0.04, 0.05, 0.03, 0.06, 0.05]


def pooled(routes, grades=None, traits=None, **asked):
    studies = [f"s{i}" for i in range(len(routes))]
    effects = pd.DataFrame({"synthesis": "x", "study_id": studies, "measure": "MD"})
    effects["yi"], effects["vi"], effects["n"] = Y[: len(routes)], V[: len(routes)], 50
    effects["route"] = routes
    effects["grade"] = grades or ["exact"] * len(routes)
    effects = effects.assign(**(traits or {}))
    return pool(effects, "x", asking.synthesis(measure="MD", arms=["a", "b"], **asked))


def beside(tables):
    rows = tables["pooled"]
    return rows[rows["model"].str.contains(" without ")]


def test_derived_effects_are_left_out_beside_the_result_unasked():
    tables = pooled(["D", "D3", "D", "D", "D2"])
    row = beside(tables).iloc[0]
    assert (row["model"], row["k"], row["primary"]) == (
        "REML hksj-guarded without derived",
        3,
        False,
    )
    keep = [0, 2, 3]
    expected = fit([Y[i] for i in keep], [V[i] for i in keep])
    assert row["estimate"] == pytest.approx(expected.estimate)
    assert tables["pooled"]["k"][0] == 5
    (rail,) = tables["decisions"].query("rule == 'derived-effects'").to_dict("records")
    words = guard_rails.of_row(rail)
    assert "2 of 5 effects rest on" in words.because
    assert "(s1, s4)" in words.because
    assert models.name(row).endswith(", without effects derived from other numbers")


def test_nothing_is_said_where_nothing_is_derived():
    tables = pooled(["D", "R", "D", "D", "R4"])
    assert beside(tables).empty
    assert "derived-effects" not in set(tables["decisions"]["rule"])


def test_where_all_are_derived_no_result_is_left():
    tables = pooled(["D3", "D3", "D2"])
    assert beside(tables).empty
    rows = tables["decisions"].set_index("rule")
    assert guard_rails.of_row({**rows.loc["none-left"], "rule": "none-left"}).done == "not done"


def test_one_study_that_is_left_stands_as_it_is():
    (row,) = beside(pooled(["D3", "D", "D2"])).to_dict("records")
    assert (row["k"], row["estimate"]) == (1, Y[1])


def test_grades_and_routes_are_left_out_on_request():
    grades = ["exact", "rough", "close", "exact", "rough"]
    asked = [{"leave_out": {"grade": ["rough"]}}, {"leave_out": {"route": ["R4", "L"]}}]
    tables = pooled(["D", "D", "R4", "D", "D"], grades, sensitivity=asked)
    rows = beside(tables).set_index("model")
    assert dict(rows["k"]) == {
        "REML hksj-guarded without grade rough": 3,
        "REML wald without route R4 L": 4,
    }
    names = [
        models.name(row | {"model": row["model"]}) for row in beside(tables).to_dict("records")
    ]
    assert [name.partition(", without ")[2] for name in names] == [
        "those of grade rough",
        "those of routes R4, L",
    ]


def test_effects_of_a_grade_are_a_subgroup():
    grades = ["exact", "rough", "close", "exact", "rough"]
    found = pooled(["D"] * 5, grades, subgroups=["grade"])["pooled"]
    assert set(found["subgroup"]) == {"", "grade=exact", "grade=rough", "grade=close"}


def test_an_analysis_that_leaves_nothing_out_is_told():
    asked = [{"leave_out": {"funding": [who]}} for who in ("indutry", "industry")]
    traits = {"funding": ["Industry", "public", "public", "public", "public"]}
    tables = pooled(["D"] * 5, traits=traits, sensitivity=asked)
    assert dict(beside(tables)["k"].value_counts()) == {4: 1}
    (rail,) = tables["decisions"].query("rule == 'nothing-left-out'").to_dict("records")
    words = guard_rails.of_row(rail)
    assert "has indutry in the column funding, which has Industry, public" in words.because
    assert (words.rule, words.done) == ("the result without funding=indutry", "not done")


def test_two_analyses_that_leave_out_the_same_are_one():
    one = {"leave_out": {"grade": ["rough"]}}
    assert analyses.same(analyses.of(one), analyses.of(dict(one)))
    more = {"leave_out": {"grade": ["rough", "approximate"]}}
    assert not analyses.same(analyses.of(one), analyses.of(more))
    whole = {"syntheses": {"x": {"sensitivity": [one]}}}
    kept = protocol.with_defaults(whole)["syntheses"]["x"]["sensitivity"]
    assert kept == [one]
