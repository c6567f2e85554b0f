"""Few events: what is the result, what stands beside it, and what is no ratio at all."""

import json

import numpy as np
import pytest

from livingmeta.formulas.measures import without_information
from phrased import phrased
from printed_trials import events, harmonised, pooled

# Events and patients of each arm. No event in the first two trials, one zero in the third.
FEW = [(0, 60, 0, 58), (0, 210, 0, 190), (0, 45, 4, 44), (3, 120, 7, 118), (2, 80, 5, 79),
       (9, 310, 15, 300)]  # fmt: skip


def by_hand(trials):
    """Mantel-Haenszel's log odds ratio with Robins, Breslow and Greenland's standard error, as
    written in Deeks and Higgins 2010, page 3."""
    a, n1, c, n2 = np.array(trials, float).T
    b, d, n = n1 - a, n2 - c, n1 + n2
    r, s = a * d / n, b * c / n
    e, f = (a + d) * a * d / n**2, (a + d) * b * c / n**2
    g, h = (b + c) * a * d / n**2, (b + c) * b * c / n**2
    r_, s_ = r.sum(), s.sum()
    se = np.sqrt((e.sum() / r_**2 + (f.sum() + g.sum()) / (r_ * s_) + h.sum() / s_**2) / 2)
    return np.log(r_ / s_), se


def result(tables):
    return tables["pooled"][tables["pooled"]["primary"]].iloc[0]


def test_trials_without_an_event_are_listed_with_their_counts_and_get_no_halves():
    effects, unusable, _ = harmonised(events(FEW))
    assert effects["study_id"].tolist() == ["t3", "t4", "t5", "t6"]
    assert unusable["empty"].tolist() == [True, True]
    assert unusable[["ai", "bi", "ci", "di"]].iloc[0].tolist() == [0, 60, 0, 58]
    assert unusable["reason"].str.contains("10.4.4.2").all()


@pytest.mark.parametrize(
    ("measure", "cells", "nobody", "everybody"),
    [
        ("OR", (0, 5, 0, 5), True, False),
        ("OR", (5, 0, 5, 0), False, True),
        ("RR", (5, 0, 5, 0), False, False),
        ("RR", (0, 5, 0, 5), True, False),
        ("RD", (0, 5, 0, 5), False, False),
        ("OR", (0, 5, 1, 5), False, False),
    ],
)
def test_what_says_nothing_about_a_ratio(measure, cells, nobody, everybody):
    found = [bool(x) for x in without_information(measure, *cells)]
    assert found == [nobody, everybody]


def test_rare_events_under_auto():
    tables = pooled(events(FEW))
    row = result(tables)
    estimate, se = by_hand(FEW[2:])
    assert row["model"] == "Mantel-Haenszel"
    assert (row["estimate"], row["se"], row["k"]) == pytest.approx((estimate, se, 4), abs=1e-12)
    models = set(tables["pooled"]["model"])
    assert {"GLMM", "Peto", "REML wald"} <= models
    rails = tables["decisions"].set_index("rule")["parameters"].map(json.loads)
    assert rails["without-information"]["studies"] == ["t1", "t2"]
    assert (rails["rare-events"]["events"], rails["rare-events"]["patients"]) == (45, 1614)
    # Nothing that is said of the Hartung-Knapp interval is said of this result.
    assert "three-or-four-studies" not in rails


def test_a_model_of_counts_that_finds_the_trials_to_differ_is_the_result():
    apart = [(0, 200, 12, 200), (1, 300, 14, 300), (9, 250, 1, 250), (12, 400, 2, 400)]
    tables = pooled(events(apart))
    row = result(tables)
    assert row["model"] == "GLMM"
    assert row["tau2"] > 0
    assert "Mantel-Haenszel" in set(tables["pooled"]["model"])
    # Of risk ratios there is no such model: random effects, Mantel-Haenszel beside.
    tables = pooled(events(apart), "RR")
    assert result(tables)["model"].startswith("REML")
    assert "Mantel-Haenszel" in set(tables["pooled"]["model"])
    assert (
        "assumes away" in phrased(tables["decisions"]).set_index("rule").loc["rare events", "done"]
    )


def test_one_arm_without_any_event():
    """Mantel-Haenszel has no ratio, nor has a binomial-normal model; Peto adds nothing."""
    tables = pooled(events([(0, 100, 4, 100), (0, 120, 3, 118), (0, 90, 1, 95)]))
    assert result(tables)["model"] == "Peto"
    assert np.isfinite(result(tables)["estimate"])
    not_done = tables["decisions"].query("rule == 'method-not-done'")["parameters"].str.cat()
    assert "Mantel-Haenszel" in not_done
    assert "GLMM" in not_done


def test_no_event_anywhere_is_no_ratio():
    tables = pooled(events([(0, 50, 0, 50), (0, 30, 0, 30), (0, 10, 0, 11)]))
    assert tables["pooled"].empty
    told = tables["decisions"].set_index("rule")
    assert json.loads(told.loc["not-estimable", "parameters"])["k"] == 3
    assert "no-study" not in told.index


def test_common_events_and_trials_without_zeros_are_no_rare_events():
    for trials in ([(20, 60, 30, 58)] * 3, [(3, 200, 5, 210), (2, 190, 4, 180), (1, 90, 2, 80)]):
        assert "rare-events" not in set(pooled(events(trials))["decisions"]["rule"])


def test_a_pinned_model_is_obeyed_and_the_rail_stands_beside():
    tables = pooled(events(FEW), model={"tau2": "REML"})
    assert result(tables)["model"] == "REML wald"
    rails = tables["decisions"].set_index("rule")["parameters"].map(json.loads)
    assert rails["model-pinned"]["automatic"] == "Mantel-Haenszel"
    assert "Mantel-Haenszel" in set(tables["pooled"]["model"])


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ({"method": "mantel-haenszel"}, "Mantel-Haenszel"),
        ({"method": "peto"}, "Peto"),
        ({"method": "glmm", "variant": "UM.RS"}, "GLMM UM.RS"),
        ({"method": "glmm", "variant": "CM.EL"}, "GLMM CM.EL"),
        ({"method": "beta-binomial"}, "beta-binomial"),
    ],
)
def test_each_method_of_counts_may_be_the_result(method, name):
    trials = [*FEW, (4, 90, 6, 95), (5, 70, 9, 72)]
    tables = pooled(events(trials), model=method)
    row = result(tables)
    assert row["model"] == name
    assert tables["pooled"]["primary"].sum() == 1
    # Random intercepts and beta-binomial learn from trials without events too.
    assert row["k"] == (8 if name in ("GLMM UM.RS", "beta-binomial") else 6)
    # Leaving each trial out is the method again, not another model.
    without = tables["influence"].set_index("left_out")
    again = pooled(events([t for t in trials[2:] if t != trials[5]]), model=method)
    if name not in ("GLMM UM.RS", "beta-binomial"):
        assert without.loc["t6", "estimate"] == pytest.approx(result(again)["estimate"], abs=1e-9)
        assert set(without["model"]) == {name}


def test_a_method_that_cannot_be_done_is_told_and_another_is_the_result():
    tables = pooled(events([(10, 60, 20, 58)] * 3), model={"method": "multilevel"})
    rails = tables["decisions"].set_index("rule")["parameters"].map(json.loads)
    assert "cluster" in rails["pinned-not-done"]["error"]
    assert result(tables)["model"] == rails["pinned-not-done"]["result"]


def test_zeros_by_the_protocol():
    kept, _, _ = harmonised(events(FEW), zeros={"drop_double": False})
    assert len(kept) == 6
    assert kept["yi"].iloc[0] == pytest.approx(np.log(0.5 * 58.5 / (60.5 * 0.5)))
    more, _, _ = harmonised(events(FEW[2:]), zeros={"add": 0.25})
    assert more["yi"].iloc[0] == pytest.approx(np.log(0.25 * 40.25 / (45.25 * 4.25)))
    every, _, _ = harmonised(events(FEW[2:]), zeros={"to": "if0all"})
    assert every["yi"].iloc[1] == pytest.approx(np.log(3.5 * 111.5 / (117.5 * 7.5)))
    none_zero, _, _ = harmonised(events(FEW[3:]), zeros={"to": "if0all"})
    assert none_zero["yi"].iloc[0] == pytest.approx(np.log(3 * 111 / (117 * 7)))
    left, unusable, _ = harmonised(events(FEW[2:]), zeros={"to": "none"})
    assert "t1" not in set(left["study_id"])
    assert not unusable["empty"].any()


def test_two_trials_that_exclude_each_other_have_no_headline():
    tables = pooled(events([(5, 100, 40, 100), (40, 100, 12, 100)]))
    assert not tables["pooled"]["primary"].any()
    assert "opposite-studies" in set(tables["decisions"]["rule"])
    pinned = pooled(events([(5, 100, 40, 100), (40, 100, 12, 100)]), model={"tau2": "DL"})
    assert result(pinned)["model"] == "DL wald"
    alike = pooled(events([(5, 100, 10, 100), (12, 100, 16, 100)]))
    assert result(alike)["model"] == "FE wald"
