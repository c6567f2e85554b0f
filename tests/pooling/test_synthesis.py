"""From effects to the stage's tables: what is fitted, shown and held back by number of studies."""

import numpy as np
import pandas as pd
import pytest

import asking
from livingmeta.errors import InputError
from livingmeta.formulas.measures import effect_size
from livingmeta.pooling import guards
from livingmeta.pooling.engines.inputs import EffectError, OptionError
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.synthesis import TABLES, SynthesisError, _sound, pool
from phrased import phrased

HOMOGENEOUS, SPREAD = 0.0, 1.0


def studies(k, spread=SPREAD, measure="OR", **columns):
    """k studies with effects around 0.5, in the columns of effects.csv."""
    rng = np.random.default_rng(k)
    y = 0.5 + spread * rng.normal(size=k) if spread else np.linspace(0.45, 0.55, k)
    table = {
        "synthesis": "os",
        "study_id": [f"study-{i + 1}" for i in range(k)],
        "measure": measure,
        "yi": y,
        "vi": np.linspace(0.05, 0.2, k),
        "n": 100.0,
        "year": pd.array(range(2001, 2001 + k), dtype="Int64"),
    }
    return pd.DataFrame(table | columns)


def asked(**more):
    return asking.synthesis(**({"measure": "OR"} | more))


def rules(tables):
    return list(phrased(tables["decisions"])["rule"])


@pytest.mark.parametrize("k", [2, 3, 5])
def test_equal_effects_are_pooled_and_what_has_no_se_is_not_tested(k):
    pooled = pool(studies(k).assign(yi=-1.0, vi=0.1), "os", asked())["pooled"]
    assert np.allclose(pooled["estimate"], -1.0)
    unguarded = pooled[pooled["model"] == "REML hksj"]
    assert len(unguarded) == 1
    told = ["se", "ci_low", "ci_high", "pi_low", "pi_high", "statistic", "p_value"]
    assert unguarded[told].isna().all().all()
    assert unguarded[["display_ci_low", "display_pi_high"]].isna().all().all()
    assert np.isfinite(pooled.loc[pooled["primary"], ["statistic", "p_value"]]).all().all()


@pytest.mark.parametrize("yi", [-1.0, 1e5 + 0.1, [0.1 + 0.2, 0.3, 0.3, 0.3]])
@pytest.mark.parametrize("vi", [0.1, [0.1, 0.37, 1.3, 0.02]])
def test_a_pinned_interval_without_width_is_no_result(yi, vi):
    """Unguarded Hartung-Knapp of equal effects printed -2.00 (-2.00 to -2.00) as the answer."""
    pinned = asked(model={"tau2": "REML", "interval": "hksj"})
    equal = studies(4).assign(yi=yi, vi=vi)
    tables = pool(equal, "os", pinned)
    result = tables["pooled"][tables["pooled"]["primary"]].squeeze()
    assert result["model"] == "REML wald"
    assert result["ci_high"] - result["ci_low"] > 0.1
    assert "pinned-not-done" in list(tables["decisions"]["rule"])
    apart = pool(equal.assign(yi=[0.1, 0.2, 0.3, 0.4]), "os", pinned)["pooled"]
    assert apart.loc[apart["primary"], "model"].item() == "REML hksj"


@pytest.mark.parametrize(
    ("k", "spread", "primary", "shown", "rule"),
    [
        (1, SPREAD, "single study", [], "one study"),
        (2, SPREAD, "FE wald", ["DL wald", "REML hksj"], "two studies"),
        (3, SPREAD, "REML hksj-guarded", ["FE wald", "PM hksj-guarded"], "three or four studies"),
        (4, HOMOGENEOUS, "REML wald", ["REML hksj-guarded"], "no heterogeneity seen"),
        (5, SPREAD, "REML hksj-guarded", ["REML wald", "REML hksj"], "five to nine studies"),
        (9, HOMOGENEOUS, "REML hksj-guarded", ["DL wald"], "five to nine studies"),
        (10, SPREAD, "REML hksj-guarded", ["FE wald", "DL wald"], None),
    ],
)
def test_the_primary_model_follows_the_number_of_studies(k, spread, primary, shown, rule):
    tables = pool(studies(k, spread), "os", asked())
    pooled = tables["pooled"]
    assert list(pooled.columns) == list(TABLES["pooled"])
    assert pooled.loc[pooled["primary"], "model"].tolist() == [primary]
    assert pooled["model"].iloc[0] == primary
    assert set(shown) <= set(pooled["model"])
    assert not pooled.duplicated(["synthesis", "model", "subgroup"]).any()
    assert (rule in rules(tables)) if rule else not rules(tables)
    assert pooled["display_estimate"].to_numpy() == pytest.approx(np.exp(pooled["estimate"]))
    assert (pooled["n"] == 100.0 * k).all()


def test_the_rows_are_the_fits():
    effects = studies(6)
    pooled = pool(effects, "os", asked())["pooled"].set_index("model")
    f = fit(effects["yi"], effects["vi"], interval="hksj-guarded")
    row = pooled.loc["REML hksj-guarded"]
    for name, value in f.row().items():
        if name in row and name not in ("interval", "tau2_method"):
            assert row[name] == pytest.approx(value), name


@pytest.mark.parametrize(("k", "given"), [(1, False), (2, False), (3, True), (5, True)])
def test_prediction_intervals_are_held_back_below_three_studies(k, given):
    tables = pool(studies(k), "os", asked(sensitivity=[{"tau2": "PM", "interval": "hksj"}]))
    random = tables["pooled"].query("tau2_method != 'FE'")
    assert random["pi_low"].notna().all() == given or random.empty
    assert tables["pooled"]["display_pi_low"].notna().any() == given


@pytest.mark.parametrize(
    ("k", "leave_one_out", "bias", "regression"),
    [(2, 0, False, False), (4, 0, False, False), (5, 5, False, False), (10, 10, True, True)],
)
def test_further_analyses_need_enough_studies(k, leave_one_out, bias, regression):
    tables = pool(studies(k), "os", asked(moderators=["year"]))
    assert len(tables["influence"]) == leave_one_out
    assert bool(len(tables["small_study"])) == bias
    assert bool(len(tables["moderators"])) == regression
    assert ("meta-regression on year held back" in rules(tables)) != regression


def test_leaving_one_out_is_a_fit_without_it():
    effects = studies(6)
    influence = pool(effects, "os", asked())["influence"]
    rest = effects.drop(2)
    f = fit(rest["yi"], rest["vi"], interval="hksj-guarded")
    row = influence.set_index("left_out").loc["study-3"]
    assert row[["estimate", "ci_low", "tau2"]].tolist() == pytest.approx(
        [f.estimate, f.ci_low, f.tau2]
    )


def test_ten_studies_get_every_test_for_small_study_effects():
    tables = pool(studies(12), "os", asked())
    small = tables["small_study"].set_index("test")
    said = set(small.index) | set(rules(tables))
    assert said == {
        "Egger", "Egger, mixed", "Begg", "PET-PEESE", "trim and fill, L0", "trim and fill, R0",
        "selection model, step at 0.025", "Henmi-Copas", "fail-safe N, Rosenthal",
        "fail-safe N, Orwin", "fail-safe N, Rosenberg",
    }  # fmt: skip
    no_limit = {name for name in small.index if name == "Begg" or name.startswith("fail-safe")}
    assert set(small.index[small["limit"].isna()]) == no_limit
    limits = small.dropna(subset="limit")
    assert limits["display_limit"].to_numpy() == pytest.approx(np.exp(limits["limit"]))
    assert tables["influence"]["weight"].sum() == pytest.approx(100.0)


def test_studies_of_one_size_allow_no_line_through_the_funnel():
    tables = pool(studies(12).assign(vi=0.1), "os", asked())
    assert "Egger" not in set(tables["small_study"]["test"])
    assert "same size" in phrased(tables["decisions"]).set_index("rule").loc["Egger", "because"]


def test_patients_are_summed_only_where_every_study_says_how_many():
    n = pd.array([10, 20, None], dtype="Int64")
    assert pool(studies(3), "os", asked())["pooled"]["n"].iloc[0] == 300.0
    assert pool(studies(3).assign(n=n), "os", asked())["pooled"]["n"].isna().all()
    assert pool(studies(3).drop(columns="n"), "os", asked())["pooled"]["n"].isna().all()


def test_no_usable_study_is_one_decision():
    tables = pool(studies(0), "os", asked(subgroups=["site"], moderators=["year"]))
    assert {name: len(table) for name, table in tables.items()} == {
        "pooled": 0, "influence": 0, "cumulative": 0, "gosh": 0, "moderators": 0, "predicted": 0,
        "small_study": 0, "decisions": 1,
    }  # fmt: skip


def test_a_pinned_model_is_obeyed_and_the_rail_recorded():
    tables = pool(studies(4), "os", asked(model={"tau2": "DL", "interval": "wald"}))
    primary = tables["pooled"].query("primary")
    assert primary["model"].tolist() == ["DL wald"]
    assert "REML hksj-guarded" in set(tables["pooled"]["model"])
    decision = phrased(tables["decisions"]).iloc[0]
    assert decision["rule"] == "model pinned by the protocol"
    assert "REML hksj-guarded" in decision["because"]


def test_a_pinned_model_equal_to_the_rail_is_no_pin():
    tables = pool(studies(12), "os", asked(model={"tau2": "REML", "interval": "hksj-guarded"}))
    assert rules(tables) == []


def test_sensitivity_models_are_rows_and_never_doubled():
    extra = [
        {"tau2": "DL", "interval": "wald"},
        {"tau2": "SJ", "interval": "t"},
        {"tau2": "DL", "interval": "wald", "prediction": "k-2"},
    ]
    models = pool(studies(6), "os", asked(sensitivity=extra))["pooled"]["model"].tolist()
    assert models.count("DL wald") == 1
    assert {"SJ t", "DL wald PI k-2"} <= set(models)


def test_subgroups_are_rows_with_a_test_between_them():
    effects = studies(8, site=["lung", "bone"] * 4)
    tables = pool(effects, "os", asked(subgroups=["site"]))
    groups = tables["pooled"].query("subgroup != ''")
    assert groups["subgroup"].tolist() == ["site=bone", "site=lung"]
    assert not groups["primary"].any()
    # One model for both, since each has fewer than five: the regression on the subgroup.
    lung = (effects["site"] == "lung").to_numpy(float)
    f = fit(effects["yi"], effects["vi"], interval="hksj-guarded", moderators=lung)
    assert groups["estimate"].tolist() == pytest.approx([f.coefficients[0], f.coefficients.sum()])
    assert groups["se"].iloc[0] == pytest.approx(f.coefficient_se[0])
    assert groups["ci_low"].iloc[0] == pytest.approx(f.coefficient_low[0])
    assert groups["tau2"].tolist() == pytest.approx([f.tau2, f.tau2])
    assert set(groups["model"]) == {"REML hksj-guarded common tau²"}
    tests = tables["moderators"].query("term == 'between subgroups'")
    assert tests["analysis"].tolist() == ["subgroups, common tau²"]
    assert tests["p_value"].tolist() == pytest.approx([f.qm_p])


def test_subgroups_of_five_have_a_tau2_of_their_own():
    effects = studies(11, site=["lung", "bone"] * 5 + ["bone"])
    tables = pool(effects, "os", asked(subgroups=["site"]))
    groups = tables["pooled"].query("subgroup != ''").set_index("subgroup")
    bone = effects[effects["site"] == "bone"]
    f = fit(bone["yi"], bone["vi"], interval="hksj-guarded")
    assert groups.loc["site=bone", "estimate"] == pytest.approx(f.estimate)
    assert groups.loc["site=bone", "model"] == "REML hksj-guarded"
    (test,) = tables["moderators"].to_dict("records")
    assert (test["analysis"], test["df"]) == ("subgroups, separate tau²", 1.0)


def test_subgroups_stand_in_the_order_of_the_protocol():
    effects = studies(10, site=["lung", "bone", "skin", "liver", "lung"] * 2)
    order = {"site": {"skin": "Skin", "lung": "Lung"}}
    tables = pool(effects, "os", asked(subgroups=["site"], subgroup_labels=order))
    groups = tables["pooled"].query("subgroup != ''")["subgroup"].tolist()
    assert groups == ["site=skin", "site=lung", "site=bone", "site=liver"]
    assert "lung against skin" in set(tables["moderators"]["term"])


def test_unknown_and_lonely_subgroups_are_said():
    effects = studies(6, site=["lung", "lung", "bone", "", "lung", "lung"])
    tables = pool(effects, "os", asked(subgroups=["site", "stage"]))
    assert "site not reported" in rules(tables)
    assert (
        "study-4"
        in phrased(tables["decisions"]).set_index("rule").loc["site not reported", "because"]
    )
    assert "subgroups by site: one tau² for all" in rules(tables)
    assert "subgroups by stage" in rules(tables)
    assert tables["pooled"]["subgroup"].tolist()[-2:] == ["site=bone", "site=lung"]
    assert len(tables["moderators"].query("analysis == 'subgroups, separate tau²'")) == 0


def test_moderators_may_be_numbers_as_text_or_words():
    k = 20
    effects = studies(k, dose=[str(i) for i in range(k)], site=["a", "b"] * 10)
    table = pool(effects, "os", asked(moderators=["dose", "site"]))["moderators"]
    slope = table.query("term == 'dose'").iloc[0]
    f = fit(effects["yi"], effects["vi"], interval="hksj-guarded", moderators=range(k))
    assert (slope["estimate"], slope["p_value"]) == pytest.approx(
        (f.coefficients[1], f.coefficient_p[1])
    )
    assert {"b against a", "intercept, a", "intercept, at dose 9.5"} <= set(table["term"])
    dealt = table.query("analysis == 'meta-regression, permutation'")
    assert dealt["term"].tolist() == ["all coefficients", "dose", "all coefficients", "b against a"]
    assert dealt["p_value"].between(0, 1).all()
    assert slope["p_value"] == pytest.approx(dealt["p_value"].iloc[1], abs=0.1)


def test_a_moderator_with_a_few_words_among_its_numbers_is_not_taken_for_groups():
    dose = ["55-60", "NR", *map(str, range(10))]
    tables = pool(studies(12, dose=dose), "os", asked(moderators=["dose"]))
    assert tables["moderators"].empty
    (row,) = tables["decisions"].query("rule == 'regression-not-done'").to_dict("records")
    assert "these are no numbers: 55-60; NR" in row["parameters"]
    # Stages are groups.
    stages = pool(studies(30, dose=["1", "2", "3a"] * 10), "os", asked(moderators=["dose"]))
    assert "2 against 1" in set(stages["moderators"]["term"])


def test_a_constant_moderator_is_a_decision():
    tables = pool(studies(12, dose=5.0), "os", asked(moderators=["dose"]))
    assert "the same value, 5" in phrased(tables["decisions"])["because"].iloc[0]


def test_proportions_are_shown_as_proportions():
    x, n = np.array([5, 9, 14, 8, 11]), np.array([20, 25, 30, 22, 40])
    for measure in ("PLO", "PAS"):
        yi, vi = effect_size(measure, xi=x, ni=n)
        effects = studies(5, measure=measure).assign(yi=yi, vi=vi, n=n)
        tables = pool(effects, "os", asked(measure=measure))
        assert tables["pooled"]["display_estimate"].between(0.2, 0.5).all()


@pytest.mark.parametrize(
    ("low", "middle", "high", "sound"),
    [(0.1, 0.2, 0.3, True), (0.0, 0.0, 0.0, True), (0.3, 0.2, 0.4, False), (0.0, 0.2, 0.1, False)],
)
def test_an_interval_that_misses_its_estimate_after_freeman_tukey_is_refused(
    low, middle, high, sound
):
    class Told:
        def __init__(self):
            self.rows = []

        def decide(self, *row, **_parameters):
            self.rows.append(row)

    told = Told()
    row = {"model": "FE wald", "subgroup": "", "estimate": 0.5, "display_estimate": middle}
    row |= {"display_ci_low": low, "display_ci_high": high}
    row |= {"display_pi_low": np.nan, "display_pi_high": np.nan}
    found = _sound(told, row)
    assert [rule for _, rule, *_ in told.rows] == ([] if sound else ["limits-crossed"])
    assert np.isnan(found["display_estimate"]) != sound
    assert np.isnan(found["display_ci_low"]) != sound
    assert found["estimate"] == 0.5


def test_bayesian_rows_only_where_the_prior_makes_sense():
    models = {
        m: set(pool(studies(5, measure=m), "os", asked(measure=m))["pooled"]["model"])
        for m in ("OR", "MD")
    }
    assert "Bayesian half-normal(0.5)" in models["OR"]
    assert "Bayesian half-normal(0.5)" not in models["MD"]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"synthesis": "other"}, SynthesisError, "another synthesis"),
        ({"measure": "RR"}, SynthesisError, "study-1 has the measure RR"),
        ({"study_id": "study-1"}, SynthesisError, "more than one effect"),
        ({"vi": 0.0}, EffectError, "study-1 has effect"),
        ({"yi": np.nan}, EffectError, "study-1 has effect nan"),
    ],
)
def test_wrong_rows_are_named(change, error, words):
    with pytest.raises(error, match=words):
        pool(studies(3).assign(**change), "os", asked())


def test_variances_that_cannot_both_be_right_are_for_people_with_the_studies_names():
    effects = studies(3)
    effects["vi"] = [1e-20, 0.1, 0.2]
    with pytest.raises(InputError, match=r"synthesis os: .*outcomes\.csv.*: study-1 \(.*study-3"):
        pool(effects, "os", asked())


def test_an_unknown_model_is_named():
    with pytest.raises(OptionError, match="REML"):
        pool(studies(3), "os", asked(sensitivity=[{"tau2": "XX"}]))


def test_the_rails_cover_every_number_of_studies_once():
    for k in range(1, 30):
        hits = [r for r in guards.RAILS if r.first <= k and (r.last is None or k <= r.last)]
        assert len(hits) == 1
        assert set(hits[0].held_back) <= set(guards.ANALYSES)
    with pytest.raises(OptionError, match="begin at 1"):
        guards.rail(0)
    with pytest.raises(OptionError, match="no analysis"):
        guards.allowed(5, "guessing")
    assert [guards.prediction_in_appendix(k) for k in (2, 3, 4, 5)] == [False, True, True, False]


def test_a_regression_predicts_over_the_range_of_numbers_and_at_each_name():
    k = 20
    effects = studies(k, dose=[str(i) for i in range(k)], site=["a", "b"] * 10)
    tables = pool(effects, "os", asked(moderators=["dose", "site", ["dose", "site"]]))
    table = tables["predicted"]
    by = table["moderator"] + " by " + table["column"]
    assert by.tolist() == (
        ["dose by dose"] * 21 + ["site by site"] * 2 + ["dose + site by dose"] * 21
        + ["dose + site by site"] * 2
    )  # fmt: skip
    dose = table[table["moderator"] == "dose"]
    assert (dose["value"].iloc[0], dose["value"].iloc[-1]) == ("0", "19")
    fitted = tables["moderators"].set_index(["analysis", "moderator", "term"])
    middle = dose.set_index("value").loc["9.5"]
    at_mean = fitted.loc[("meta-regression", "dose", "intercept, at dose 9.5")]
    for name in ("estimate", "se", "ci_low", "ci_high"):
        assert middle[name] == pytest.approx(at_mean[name])
    assert dose["estimate"].diff().iloc[1:].to_numpy() == pytest.approx(
        fitted.loc[("meta-regression", "dose", "dose"), "estimate"] * 19 / 20
    )
    assert (dose["pi_low"] < dose["ci_low"]).all()
    assert dose["display_estimate"].to_numpy() == pytest.approx(np.exp(dose["estimate"]))
    site = table[table["moderator"] == "site"].set_index("value")
    difference = site.loc["b", "estimate"] - site.loc["a", "estimate"]
    assert difference == pytest.approx(
        fitted.loc[("meta-regression", "site", "b against a"), "estimate"]
    )
