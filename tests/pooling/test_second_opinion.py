"""The second opinion: statsmodels agrees where it has the method, and a wrong number is found."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from statsmodels.duration.hazard_regression import PHReg

import asking
from livingmeta import tables
from livingmeta.formulas.individual_data import cox
from livingmeta.pooling import synthesis
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.second_opinion import compare as second_opinion
from livingmeta.pooling.second_opinion import resting
from livingmeta.pooling.second_opinion.confirmed import TOLERANCE, confirmed
from livingmeta.pooling.second_opinion.tests import OF_COUNTS

SOME = [
    *({"tau2": tau2} for tau2 in ("FE", "DL", "PM", "REML", "ML", "SJ")),
    {"tau2": "PM", "interval": "hksj"},
    {"tau2": "DL", "interval": "t"},
    {"tau2": "REML", "interval": "hksj-guarded"},
]
NO_CURVES = tables.empty("extraction/individual")


def asked(measure="MD", **more):
    given = {"outcome": "o", "arms": ["a", "b"], "measure": measure, "sensitivity": SOME}
    return asking.synthesis(**given | more)


def effects(y, v, **columns):
    table = {
        "synthesis": "s",
        "study_id": [f"study-{i}" for i in range(len(y))],
        "measure": "MD",
        "yi": y,
        "vi": v,
        "route": "D",
        "assumed": "",
    }
    return pd.DataFrame(table | columns)


def opinion(rows, one, individual=NO_CURVES):
    """second_opinion.csv of one synthesis, and what pooling made of it."""
    done = synthesis.pool(rows, "s", one)
    traits = rows[["study_id"]]
    found = second_opinion.of_all(
        rows, traits, individual, {"s": one}, done["pooled"], done["moderators"]
    )
    return found, done


QUANTITIES = ["estimate", "se", "ci_low", "ci_high", "p_value", "tau2", "q", "q_p"]
Y = np.array([0.2, 0.9, -0.4, 1.3, 0.6, 0.1])
V = np.array([0.1, 0.05, 0.2, 0.07, 0.04, 0.3])


def test_every_estimator_with_its_interval_is_confirmed(tmp_path):
    found, done = opinion(effects(Y, V), asked())
    second_opinion.check(found)
    models = set(done["pooled"]["model"])
    assert {"FE wald", "DL wald", "PM hksj", "DL t", "SJ wald", "REML hksj-guarded"} <= models
    assert set(found["model"]) == {m for m in models if not m.startswith("Bayesian")}
    assert set(found.loc[found["model"] == "PM hksj", "quantity"]) == set(QUANTITIES)
    assert set(found.loc[found["given_tau2"], "model"].str.split().str[0]) == {"REML", "ML", "SJ"}
    said = confirmed(found)
    assert said.wholly + said.given_tau2 == len(set(found["model"]))
    tables.write(found, tmp_path / "found.csv", "pooling/second_opinion")
    again = tables.read(tmp_path / "found.csv", "pooling/second_opinion")
    assert confirmed(again) == said


def test_a_tau2_below_zero_is_said_and_compared_at_zero():
    found, _ = opinion(effects(np.array([1.0, 1.01, 0.99]), V[:3]), asked())
    second_opinion.check(found)
    assert set(found.loc[found["model"] == "DL wald", "why"]) == {second_opinion.BELOW_ZERO}


@pytest.mark.parametrize("column", QUANTITIES)
def test_a_number_off_by_a_hair_is_a_fault_of_ours(column):
    rows, one = effects(Y, V), asked()
    done = synthesis.pool(rows, "s", one)
    pooled = done["pooled"].copy()
    at = pooled["model"] == "DL wald"
    pooled.loc[at, column] = pooled.loc[at, column] * 1.0001 + (
        1e-5 if column.startswith(("p_", "q_")) else 0
    )
    found = second_opinion.of_all(
        rows, rows[["study_id"]], NO_CURVES, {"s": one}, pooled, done["moderators"]
    )
    with pytest.raises(second_opinion.SecondOpinionError, match="DL wald"):
        second_opinion.check(found)
    # What is off is not counted as confirmed.
    whole, _ = opinion(rows, one)
    assert confirmed(found).wholly < confirmed(whole).wholly


def test_a_study_that_is_not_in_its_group_is_found():
    rows, one = effects(Y, V, design=["x"] * 3 + ["y"] * 3), asked(subgroups=["design"])
    done = synthesis.pool(rows, "s", one)
    pooled = done["pooled"].copy()
    pooled.loc[pooled["subgroup"] == "design=x", "k"] = 2
    with pytest.raises(second_opinion.SecondOpinionError, match="design=x"):
        second_opinion.compare(rows, "s", one, pooled)


def test_subgroups_and_meta_regressions_are_confirmed():
    y, v = np.tile(Y, 4) + np.arange(24) / 20, np.tile(V, 4)
    groups = ["x", "y", "y"] * 8
    rows = effects(y, v, design=groups, year=[str(2000 + i) for i in range(24)])
    one = asked(subgroups=["design"], moderators=["year", "design"])
    found, done = opinion(rows, one)
    found = second_opinion.of_all(
        rows[["synthesis", "study_id", "measure", "yi", "vi", "route", "assumed"]],
        rows[["study_id", "design", "year"]],
        NO_CURVES, {"s": one}, done["pooled"], done["moderators"],
    )  # fmt: skip
    second_opinion.check(found)
    terms = done["moderators"]["estimate"].notna().sum()
    assert confirmed(found).coefficients == terms == 4
    assert confirmed(found).tests == 3  # of each regression, and between the subgroups
    assert {"design=x", "design=y"} <= set(found["subgroup"])


@pytest.mark.parametrize("interval", resting.INTERVALS)
@pytest.mark.parametrize("few", [False, True], ids=["own tau²", "tau² in common"])
@pytest.mark.heavy
def test_a_test_that_is_off_by_a_hair_is_a_fault_of_ours(interval, few):
    y, v = np.tile(Y, 4) + np.arange(24) / 20, np.tile(V, 4)
    groups = ["x"] * (20 if few else 12) + ["y"] * (4 if few else 12)
    rows = effects(y, v, design=groups, year=[str(2000 + i % 7) for i in range(24)])
    model = {"tau2": "REML", "interval": interval}
    one = asked(subgroups=["design"], moderators=["year", "year + design"], model=model)
    done = synthesis.pool(rows, "s", one)
    tested = done["moderators"]
    made = second_opinion.regressions(rows, "s", one, tested, done["pooled"])
    second_opinion.check(second_opinion.table(made))
    of_tests = tested["estimate"].isna() & tested["statistic"].notna()
    assert {*tested.loc[of_tests, "term"]} == {"between subgroups", "all coefficients"}
    for at in tested.index[of_tests]:
        for column in ("statistic", "p_value"):
            moved = tested.copy()
            moved.loc[at, column] = moved.loc[at, column] * 1.001 + 1e-5
            made = second_opinion.regressions(rows, "s", one, moved, done["pooled"])
            with pytest.raises(second_opinion.SecondOpinionError, match=column):
                second_opinion.check(second_opinion.table(made))


@pytest.mark.parametrize(
    "method",
    [
        *({"method": name} for name in ("glmm", "trim-and-fill", "selection", "henmi-copas")),
        {"method": "multilevel", "cluster": "design"},
        {"method": "peto"},
        {"method": "beta-binomial"},
        {"method": "pet-peese"},
    ],
    ids=lambda method: method["method"],
)
def test_methods_of_another_kind_are_not_taken_for_models_of_tau2(method):
    chance = np.random.default_rng(7)
    cells = {name: chance.integers(3, 40, 12) for name in ("ai", "bi", "ci", "di")}
    a, b, c, d = cells.values()
    y, v = np.log(a * d / b / c), 1 / a + 1 / b + 1 / c + 1 / d
    rows = effects(y, v, **cells, design=["x", "y"] * 6, n=a + b + c + d)
    found, done = opinion(rows.assign(measure="OR", route="C"), asked("OR", sensitivity=[method]))
    second_opinion.check(found)
    others = [m for m in done["pooled"]["model"] if m.split()[0] not in resting.TAU2]
    assert others
    assert not set(others) & set(found["model"])


def test_a_column_with_an_equals_sign():
    groups = ["a=b", "c"] * 6
    rows = effects(np.tile(Y, 2), np.tile(V, 2), **{"dose=high": groups})
    one = asked(subgroups=["dose=high"], moderators=["dose=high"])
    done = synthesis.pool(rows, "s", one)
    found = second_opinion.compare(rows, "s", one, done["pooled"])
    assert {"dose=high=a=b", "dose=high=c"} <= {row["subgroup"] for row in found}


def test_a_moderator_of_one_value_and_events_in_everybody_stop_nothing():
    same = {"ai": [9, 8, 7], "bi": [0, 0, 0], "ci": [9, 8, 7], "di": [0, 0, 0]}
    rows = effects(Y[:3], V[:3], **same).assign(measure="RR", route="C")
    done = synthesis.pool(rows, "s", asked("RR", sensitivity=[{"method": "mantel-haenszel"}]))
    assert set(done["pooled"]["measure"]) == {"RR"}
    y, v = np.tile(Y, 4), np.tile(V, 4)
    rows = effects(y, v, design="x")
    done = synthesis.pool(rows, "s", asked(moderators=["design"]))
    assert "regression-not-done" in set(done["decisions"]["rule"])


def test_mantel_haenszel_of_odds_ratios_and_of_risk_ratios():
    cells = {"ai": [4, 6, 0], "bi": [119, 300, 20], "ci": [11, 29, 3], "di": [128, 274, 22]}
    for measure, quantities in (
        ("OR", {"estimate", "se", "ci_low", "ci_high", "p_value", *OF_COUNTS}),
        ("RR", {"estimate"}),
    ):
        one = asked(measure, sensitivity=[{"method": "mantel-haenszel"}])
        rows = effects(Y[:3], V[:3], **cells).assign(measure=measure, route="C")
        found, _ = opinion(rows, one)
        second_opinion.check(found)
        mh = found[found["model"] == "Mantel-Haenszel"]
        assert set(mh["quantity"]) == quantities
        assert (mh["difference"] <= TOLERANCE).all()


def curves():
    chance = np.random.default_rng(3)
    parts = [
        pd.DataFrame(
            {
                "study_id": "study-0",
                "arm": arm,
                "outcome": "o",
                # Rounded, so that deaths are tied.
                "time": chance.exponential(mean, 40).round(),
                "event": chance.integers(0, 2, 40),
            }
        )
        for arm, mean in (("a", 20), ("b", 12))
    ]
    return pd.concat(parts, ignore_index=True)


def hazard(individual, **more):
    a, b = (individual[individual["arm"] == arm] for arm in ("a", "b"))
    found = cox(a[["time", "event"]], b[["time", "event"]])
    row = effects([found[0]], [found[1]], **more)
    return row.assign(measure="HR", route="G")


def test_a_hazard_ratio_of_two_rebuilt_curves_is_a_cox_model_there_too():
    individual = curves()
    found, _ = opinion(hazard(individual), asked("HR"), individual)
    second_opinion.check(found)
    assert confirmed(found).curves == 1
    turned = individual.assign(arm=individual["arm"].map({"a": "b", "b": "a"}))
    found, _ = opinion(hazard(individual), asked("HR"), turned)
    with pytest.raises(second_opinion.SecondOpinionError, match="study-0"):
        second_opinion.check(found)


def test_a_cox_model_that_did_not_converge_there_is_no_fault_of_ours(monkeypatch):
    individual = curves()
    whole = PHReg.fit
    monkeypatch.setattr(PHReg, "fit", lambda model: whole(model, start_params=[9.0], maxiter=0))
    found, _ = opinion(hazard(individual), asked("HR"), individual)
    second_opinion.check(found)
    assert found["why"].str.contains("did not converge").all()
    assert confirmed(found).curves == 0


def test_a_variance_that_a_design_widened_has_its_reason():
    individual = curves()
    row = hazard(individual, assumed="SE multiplied by the root of the design effect 1.5")
    found, _ = opinion(row.assign(vi=row["vi"] * 1.5), asked("HR"), individual)
    second_opinion.check(found)
    assert found["why"].str.contains("design effect").all()
    assert confirmed(found).curves == 0


@settings(max_examples=60, deadline=None)
@given(
    arrays(float, st.integers(2, 12), elements=st.floats(-3, 3, width=32)),
    st.sampled_from([1e-6, 1.0, 1e6]),
    st.sampled_from([0.0, 1e3, -1e4]),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["FE", "DL", "PM"]),
)
def test_whatever_the_effects_the_two_agree(y, scale, away, seed, tau2):
    v = np.random.default_rng(seed).uniform(0.02, 1.0, y.size)
    y, v = (y + away) * scale, v * scale**2
    for interval in resting.INTERVALS:
        found = second_opinion.again(fit(y, v, tau2=tau2, interval=interval).row(), y, v)
        second_opinion.check(second_opinion.table([{"synthesis": "s"} | row for row in found]))
