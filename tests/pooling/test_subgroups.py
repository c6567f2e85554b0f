"""Tests between subgroups and sequences of fits, against metafor's printed BCG analysis."""

import numpy as np
import pandas as pd
import pytest

import asking
from livingmeta.formulas.measures import effect_size
from livingmeta.pooling import sequences, subgroups
from livingmeta.pooling.engines.glmm import fit_two_arm
from livingmeta.pooling.engines.inputs import EffectError
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.synthesis import pool
from metafor import quantities

RANDOM, ALTERNATE, SYSTEMATIC = "random", "alternate", "systematic"
ALLOCATION = [RANDOM] * 4 + [ALTERNATE] * 2 + [RANDOM] * 3 + [SYSTEMATIC] * 4


def test_common_tau2_of_bcg_by_allocation():
    # Printed on metafor's pages: rma(yi, vi, mods = ~ alloc) with the three ways of allocation.
    y, v = quantities.effects_of("bcg")
    x = subgroups.dummies(np.array(ALLOCATION), sorted(set(ALLOCATION)))
    f = fit(y, v, moderators=x)
    assert f.coefficients == pytest.approx([-0.5180, -0.4478, 0.0890], abs=2e-4)
    assert (round(f.qm, 4), f.qm_df) == (pytest.approx(1.7675, abs=3e-4), 2)


def test_separate_tau2_is_a_weighted_comparison_of_the_subgroup_results():
    y, v = quantities.effects_of("dorn2007")
    groups = np.arange(y.size) % 2
    a, b = (fit(y[groups == g], v[groups == g], tau2="DL") for g in (0, 1))
    test = subgroups.between([a.estimate, b.estimate], [a.se, b.se])
    z = (a.estimate - b.estimate) / np.hypot(a.se, b.se)
    assert test.statistic == pytest.approx(z**2)


def test_refusals():
    with pytest.raises(EffectError, match="nothing left"):
        sequences.leave_one_out([0.1], [0.1])


def test_the_last_of_a_cumulative_synthesis_is_the_synthesis():
    y, v = quantities.effects_of("lau1992")
    many = sequences.cumulative(y, v, tau2="REML", interval="hksj")
    assert many.k.tolist() == list(range(1, y.size + 1))
    assert many.estimate[-1] == pytest.approx(fit(y, v).estimate)
    assert many.estimate[0] == pytest.approx(y[0])
    assert np.isnan(many.pi_low[0])
    some = sequences.cumulative(y, v, [3, y.size], tau2="REML", interval="hksj")
    assert some.k.tolist() == [3, y.size]
    assert some.ci_low.tolist() == [many.ci_low[2], many.ci_low[-1]]


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["no", "matched", "multivariable", "matched"], ["matched", "multivariable", "no"]),
        (["weighted", "no", "randomised"], ["randomised", "weighted", "no"]),
        (["yes", "no", "unclear"], ["no", "unclear", "yes"]),
        (["lung", "bone"], ["bone", "lung"]),
    ],
)
def test_tiers_of_comparability_come_best_first_and_other_values_by_the_alphabet(values, order):
    assert subgroups.in_order(values) == order


def test_rows_of_a_synthesis_have_its_tiers_in_order():
    tiers = ["no", "multivariable", "matched", "randomised"]
    studies = pd.DataFrame(
        {"synthesis": "os", "study_id": list("abcdefgh"), "measure": "HR", "n": 50.0}
        | {"yi": np.linspace(-1, 1, 8), "vi": 0.1, "comparability": tiers * 2}
    )
    asked = asking.synthesis(measure="HR", subgroups=["comparability"])
    found = pool(studies, "os", asked)["pooled"]["subgroup"]
    assert [s for s in found if s] == [f"comparability={tier}" for tier in reversed(tiers)]


def test_a_pinned_model_holds_in_a_subgroup_of_two():
    studies = pd.DataFrame(
        {"synthesis": "os", "study_id": list("abcdefghijkl"), "measure": "HR", "n": 50.0}
        | {"yi": np.linspace(-1, 1, 12), "vi": 0.1, "site": ["lung"] * 10 + ["bone"] * 2}
    )
    pinned = {"tau2": "DL", "interval": "wald"}
    asked = asking.synthesis(measure="HR", model=pinned, subgroups=["site"])
    found = pool(studies, "os", asked)["pooled"]
    of_two = found[found["subgroup"] == "site=bone"]
    assert of_two["k"].tolist() == [2]
    assert of_two["model"].tolist() == ["DL wald common tau²"]


def trials(**more):
    """Thirteen trials with counts; the last two without an event in the first arm."""
    events = np.array(
        [
            [6, 29],
            [4, 11],
            [3, 11],
            [62, 248],
            [33, 47],
            [8, 10],
            [5, 9],
            [29, 45],
            [17, 65],
            [5, 3],
            [12, 31],
            [0, 4],
            [0, 7],
        ],
        float,
    )
    patients = np.array(
        [
            [306, 303],
            [123, 139],
            [231, 220],
            [1360, 1286],
            [507, 581],
            [254, 63],
            [884, 884],
            [750, 727],
            [172, 166],
            [250, 234],
            [169, 179],
            [90, 95],
            [120, 118],
        ],
        float,
    )
    (a, c), (b, d) = events.T, (patients - events).T
    yi, vi = effect_size("OR", ai=a, bi=b, ci=c, di=d)
    frame = pd.DataFrame({"ai": a, "bi": b, "ci": c, "di": d, "yi": yi, "vi": vi})
    frame["study_id"] = [f"s{i:02}" for i in range(13)]
    ways = {"synthesis": "tb", "measure": "OR", "n": patients.sum(axis=1), "way": ALLOCATION}
    return frame.assign(**ways, centre=list("aabbccddeeffg"), dose=np.arange(13.0), **more)


@pytest.mark.parametrize("form", ["UM.FS", "UM.RS", "CM.EL"])
@pytest.mark.heavy
def test_subgroups_of_a_model_of_counts_are_coefficients_of_one_model(form):
    """The two trials by alternation have no tau² worth having; all share that of the regression,
    held to plain integrals by metafor/reference_integrals.R."""
    table = trials()
    asked = asking.synthesis(
        measure="OR", subgroups=["way"], model={"method": "glmm", "variant": form}
    )
    found = pool(table, "tb", asked)
    a, b, c, d = (table[name].to_numpy() for name in ("ai", "bi", "ci", "di"))
    rows = found["pooled"].set_index("subgroup")
    tau2 = set()
    for way in (RANDOM, ALTERNATE, SYSTEMATIC):
        rest = [name for name in (RANDOM, ALTERNATE, SYSTEMATIC) if name != way]
        x = np.column_stack([np.array(ALLOCATION) == name for name in rest]).astype(float)
        own = fit_two_arm(a, a + b, c, c + d, model=form, moderators=x)
        row = rows.loc[f"way={way}"]
        assert row["estimate"] == pytest.approx(own.estimate, abs=1e-6)
        assert row["se"] == pytest.approx(own.se, rel=1e-5)
        assert row["model"] == f"GLMM {form} common tau²" or form == "UM.FS"
        assert np.isnan(row["q"])
        tau2.add(round(row["tau2"], 8))
    assert len(tau2) == 1
    test = found["moderators"].iloc[0]
    assert (test["term"], test["df"]) == ("between subgroups", 2)
    change, covariance = own.coefficients[1:], own.covariance[1:, 1:]
    wald = change @ np.linalg.solve(covariance, change)
    assert test["statistic"] == pytest.approx(wald, rel=1e-5)


@pytest.mark.parametrize(
    "model",
    [
        {"method": "glmm"},
        {"method": "multilevel", "cluster": "centre"},
        {"method": "robust", "cluster": "centre"},
    ],
)
def test_methods_take_moderators_and_predict(model):
    asked = asking.synthesis(measure="OR", moderators=["dose"], model=model)
    found = pool(trials(), "tb", asked)
    rows = found["moderators"].set_index("term")
    assert rows.loc["all coefficients", "k"] == 13
    slope = rows.loc["dose"]
    assert np.isfinite(slope[["estimate", "se", "p_value"]].to_numpy(float)).all()
    seen = found["predicted"]
    change = seen["estimate"].iloc[-1] - seen["estimate"].iloc[0]
    assert change == pytest.approx(12 * slope["estimate"])
    assert (seen["pi_low"] < seen["ci_low"]).all()


@pytest.mark.parametrize("method", ["mantel-haenszel", "peto", "beta-binomial"])
def test_a_method_without_a_regression_says_so(method):
    asked = asking.synthesis(measure="OR", moderators=["dose"], model={"method": method})
    found = pool(trials(), "tb", asked)
    assert found["moderators"].empty
    assert "takes no moderators" in str(found["decisions"]["parameters"].tolist())
