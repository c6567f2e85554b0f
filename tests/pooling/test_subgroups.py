"""Tests between subgroups and sequences of fits, against metafor's printed BCG analysis."""

import numpy as np
import pandas as pd
import pytest

import asking
from livingmeta.pooling import sequences, subgroups
from livingmeta.pooling.engines.inputs import EffectError, ModeratorError
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.synthesis import pool
from metafor import quantities

RANDOM, ALTERNATE, SYSTEMATIC = "random", "alternate", "systematic"
ALLOCATION = [RANDOM] * 4 + [ALTERNATE] * 2 + [RANDOM] * 3 + [SYSTEMATIC] * 4


def test_common_tau2_of_bcg_by_allocation():
    # Printed on metafor's pages: rma(yi, vi, mods = ~ alloc) with the three ways of allocation.
    y, v = quantities.effects_of("bcg")
    f, test = subgroups.common(y, v, ALLOCATION)
    assert f.coefficients == pytest.approx([-0.5180, -0.4478, 0.0890], abs=2e-4)
    assert (round(test.statistic, 4), test.df) == (pytest.approx(1.7675, abs=3e-4), 2)


def test_separate_tau2_is_a_weighted_comparison_of_the_subgroup_results():
    y, v = quantities.effects_of("dorn2007")
    groups = np.arange(y.size) % 2
    fits, test = subgroups.separate(y, v, groups, tau2="DL")
    a, b = (fit(y[groups == g], v[groups == g], tau2="DL") for g in (0, 1))
    z = (a.estimate - b.estimate) / np.hypot(a.se, b.se)
    assert test.statistic == pytest.approx(z**2)
    assert fits[1].estimate == b.estimate


def test_refusals():
    y, v = [0.1, 0.2, 0.3], [0.1] * 3
    with pytest.raises(ModeratorError, match="one study"):
        subgroups.separate(y, v, ["a", "a", "b"])
    with pytest.raises(ModeratorError, match="nothing to compare"):
        subgroups.common(y, v, ["a"] * 3)
    with pytest.raises(ModeratorError, match="2 subgroup labels"):
        subgroups.separate(y, v, ["a", "b"])
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
