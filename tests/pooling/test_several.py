"""Several effects of one study as the result: the multilevel model, CR2, and what stands beside."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import asking
from livingmeta.effects.several import found_in, of_studies
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.engines.multilevel import fit_multilevel
from livingmeta.pooling.engines.robust import robust
from livingmeta.pooling.several import pool_effects
from livingmeta.pooling.synthesis import pool
from livingmeta.words import measures
from metafor.quantities import numbers
from metafor.quantities_models import models
from phrased import phrased


def effects(*studies, **columns):
    """Rows of effects.csv: for each study its effects, all of variance 0.04."""
    rows = [
        {
            "synthesis": "os",
            "study_id": f"s{i}",
            "measure": "GEN",
            "yi": y,
            "vi": 0.04,
            "n": 40.0,
            "route": "R",
            "grade": "exact",
            "inputs": f"effect {y}",
            "assumed": "",
            "year": 2001 + i,
            "site": "north" if i % 2 else "south",
            "effect_name": f"effect {'abc'[j]}" if len(several) > 1 else "",
        }
        for i, several in enumerate(studies)
        for j, y in enumerate(several)
    ]
    return pd.DataFrame(rows).astype({"year": "Int64"}).assign(**columns)


SIX = ((0.1, 0.7), (0.3,), (0.9, 0.4, 0.5), (-0.2,), (0.6, 0.2), (0.35,))


def asked(several="multilevel", **more):
    return asking.synthesis(measure="GEN", several=several, **more)


def result(tables):
    (row,) = tables["pooled"][tables["pooled"]["primary"]].to_dict("records")
    return row


def schools():
    """Konstantopoulos 2011: 56 effects of schools in 11 districts."""
    row = models()["multilevel"]["konstantopoulos"]
    y, v = numbers(row["yi"]), numbers(row["vi"])
    table = pd.DataFrame({"study_id": [str(x) for x in row["cluster"]], "yi": y, "vi": v})
    name = table.groupby("study_id").cumcount().map("school {}".format)
    whole = effects(*[[0.0]] * len(y)).assign(**table, year=pd.NA, effect_name=name)
    return whole.astype({"year": "Int64"})


def test_the_result_is_the_multilevel_model():
    """metafor's page on Konstantopoulos 2011: 0.1847 (0.0190 to 0.3504), 0.0651 and 0.0327."""
    row = result(pool(schools(), "os", asked()))
    assert (row["model"], row["k"], row["effects"], row["interval"]) == (
        *("multilevel", 11, 56, "wald"),
    )
    shown = [row[name] for name in ("estimate", "se", "ci_low", "ci_high")]
    assert shown == pytest.approx([0.1847, 0.0846, 0.0190, 0.3504], abs=6e-5)
    assert row["tau2_within"] == pytest.approx(0.0327, abs=5e-5)
    assert row["tau2"] - row["tau2_within"] == pytest.approx(0.0651, abs=5e-5)
    assert row["q_df"] == 55
    # A further effect of a further study: t with 10 degrees of freedom, 2.228.
    half = 2.2281388 * np.sqrt(row["se"] ** 2 + row["tau2"])
    assert (row["pi_low"], row["pi_high"]) == pytest.approx(
        (row["estimate"] - half, row["estimate"] + half)
    )


def test_by_hand_where_the_studies_agree_within():
    """Two effects of one value each in three studies: within is 0, so that each study counts with
    variance 0.02, as three effects of an ordinary model would."""
    row = result(pool(effects((0.0, 0.0), (0.5, 0.5), (1.0, 1.0)), "os", asked()))
    # Equal variances: tau² is the sample variance, 0.25, less 0.02.
    assert row["tau2_within"] == pytest.approx(0, abs=1e-8)
    assert row["tau2"] == pytest.approx(0.23, rel=1e-6)
    assert (row["estimate"], row["se"]) == pytest.approx((0.5, np.sqrt(0.25 / 3)))


def test_robust_is_random_effects_with_cr2():
    table = effects(*SIX)
    row = result(pool(table, "os", asked("robust")))
    tau2 = fit(table["yi"], table["vi"]).tau2
    r = robust(table["yi"], table["vi"], table["study_id"], within=tau2)
    assert (row["model"], row["interval"], row["k"], row["effects"]) == (
        *("cluster-robust CR2", "CR2", 6, 10),
    )
    assert [row["estimate"], row["se"], row["df"], row["ci_low"]] == pytest.approx(
        [r.coefficients[0], r.se[0], r.df[0], r.ci_low[0]]
    )
    assert row["tau2"] == pytest.approx(tau2)
    assert np.isnan(row["tau2_within"])


def test_what_stands_beside_and_what_is_left_out():
    further = [
        {"tau2": "DL"},
        {"method": "trim-and-fill"},
        {"method": "multilevel", "cluster": "site"},
        {"leave_out": {"grade": ["rough"]}},
    ]
    grade = ["exact"] * 4 + ["rough"] * 2 + ["exact"] * 4
    table = effects(*SIX, grade=grade)
    pinned = {"tau2": "PM", "interval": "hksj"}
    found = pool(table, "os", asked(model=pinned, sensitivity=further, moderators=["year"]))
    assert list(found["pooled"]["model"]) == [
        *("multilevel", "multilevel CR2", "multilevel by site", "multilevel without grade rough")
    ]
    without = found["pooled"].iloc[3]
    assert (without["k"], without["effects"]) == (6, 8)
    kept = table[table["grade"] == "exact"]
    alone = fit_multilevel(kept["yi"], kept["vi"], kept["study_id"])
    assert without["estimate"] == pytest.approx(alone.coefficients[0])
    assert found["gosh"].empty
    assert found["small_study"].empty
    said = phrased(found["decisions"]).set_index("rule")
    assert (
        "s0, s2, s4 give several effects: 10 effects of 6 studies"
        in (said.loc["several effects of one study", "because"])
    )
    assert "regression-held-back" in set(found["decisions"]["rule"])  # six studies
    for name in ("PM hksj", "DL wald", "trim and fill"):
        assert "takes one effect a study, and of s0, s2, s4" in said.loc[name, "because"]


def test_a_study_is_left_out_with_all_its_effects():
    table = effects(*SIX)
    found = pool(table, "os", asked())
    rows = found["influence"].set_index("left_out")
    rest = table[table["study_id"] != "s2"]
    alone = fit_multilevel(rest["yi"], rest["vi"], rest["study_id"])
    assert rows.loc["s2", "k"] == 5
    assert rows.loc["s2", "estimate"] == pytest.approx(alone.coefficients[0])
    assert rows.loc["s2", "tau2"] == pytest.approx(alone.between + alone.within)
    whole = result(found)
    assert rows["weight"].sum() == pytest.approx(100)
    shift = (whole["estimate"] - alone.coefficients[0]) ** 2 / whole["se"] ** 2
    assert rows.loc["s2", "cooks_distance"] == pytest.approx(shift)
    assert rows.loc["s2", "covariance_ratio"] == pytest.approx(alone.se[0] ** 2 / whole["se"] ** 2)
    last = found["cumulative"].iloc[-1]
    assert (last["k"], last["estimate"]) == (6, pytest.approx(whole["estimate"]))
    # The weights that the forest plot shows are those of the model.
    shares = measures.weights(table, whole)
    assert shares @ table["yi"] / 100 == pytest.approx(whole["estimate"])
    of_study = shares.groupby(table["study_id"]).sum()
    assert of_study.to_numpy() == pytest.approx(rows["weight"].to_numpy(float))


def test_no_study_with_several_is_an_ordinary_synthesis():
    ordinary = effects(*([y] for y in (0.1, 0.3, 0.9, -0.2, 0.6)))
    plain = pool(ordinary.drop(columns="effect_name"), "os", asked("settle"))
    for method in ("multilevel", "robust"):
        found = pool(ordinary, "os", asked(method))
        pd.testing.assert_frame_equal(found["pooled"], plain["pooled"])
        first = phrased(found["decisions"]).iloc[0]
        assert first["rule"] == "no study with several effects"


def test_one_study_alone_shows_the_average_of_its_effects():
    found = pool(effects((0.2, 0.6)), "os", asked())
    row = result(found)
    assert (row["k"], row["estimate"], row["se"]) == pytest.approx((1, 0.4, np.sqrt(0.02)))
    assert "as if their errors were independent" in phrased(found["decisions"]).iloc[0]["done"]


@pytest.mark.parametrize("method", ["multilevel", "robust"])
def test_equal_effects_stop_nothing_and_have_no_robust_error(method):
    found = pool(effects((0.5, 0.5), *([0.5],) * 4), "os", asked(method))
    row = result(found)
    assert (row["estimate"], row["interval"]) == (pytest.approx(0.5), "wald")
    assert "CR2" not in set(found["pooled"]["interval"])
    assert phrased(found["decisions"])["because"].str.contains("agree to the last digit").any()


VALUES = st.floats(-2, 2).map(lambda x: round(x, 2))
STUDIES = st.lists(st.lists(VALUES, min_size=1, max_size=3), min_size=3, max_size=6)


@settings(max_examples=10, deadline=None)
@given(STUDIES, st.randoms(use_true_random=False), st.sampled_from(["multilevel", "robust"]))
def test_the_order_of_the_rows_changes_nothing(given_, random, method):
    table = effects(*given_)
    mixed = list(table.index)
    random.shuffle(mixed)
    rows = [
        result(pool(t.reset_index(drop=True), "os", asked(method)))
        for t in (table, table.loc[mixed])
    ]
    columns = ["k", "n", "estimate", "se", "tau2", "q"]
    for name in columns:
        assert rows[0][name] == pytest.approx(rows[1][name], rel=1e-5, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.lists(VALUES, min_size=2, max_size=6))
def test_one_effect_a_study_is_the_ordinary_random_effects_model(values):
    table = effects(*([y] for y in values))
    y, v = table["yi"].to_numpy(), table["vi"].to_numpy()
    found = pool_effects(y, v, table["study_id"].to_numpy(str), "multilevel")
    ordinary = fit(y, v)
    assert (found.estimate, found.se, found.between, found.within) == pytest.approx(
        (ordinary.estimate, ordinary.se, ordinary.tau2, 0)
    )


def test_one_row_a_study_is_the_average_of_its_effects():
    table = effects((0.1, 0.7), (0.3,))
    table.loc[1, "vi"] = 0.01
    whole = of_studies(table)
    assert whole["study_id"].tolist() == ["s0", "s1"]
    # Weights 25 and 100.
    assert whole.loc[0, ["yi", "vi"]].tolist() == pytest.approx([0.58, 1 / 125])
    assert whole["n"].tolist() == [40, 40]
    assert whole["assumed"].tolist()[0].startswith("average of 2 effects of the study")
    assert not found_in(whole)
    parts = table.assign(effect_name=["men", "women", ""])
    assert of_studies(parts)["n"].tolist() == [80, 40]


@pytest.mark.parametrize("kind", ["float64", "Int64"])
def test_patients_that_nobody_prints_stay_unknown(kind):
    n = pd.array([None, None, 30], dtype="Int64" if kind == "Int64" else "Float64")
    table = effects((0.1, 0.7), (0.3,)).assign(n=pd.Series(n).astype(kind))
    whole = of_studies(table)
    assert whole["n"].isna().tolist() == [True, False]
    assert whole["n"].dtype == kind
    assert np.isnan(result(pool(table, "os", asked()))["n"])


@pytest.mark.parametrize("several", ["multilevel", "robust"])
def test_every_interval_is_at_the_level_asked_for(several):
    """Of one model the limits at two levels lie apart as their quantiles do."""
    told = {level: pool(schools(), "os", asked(several, level=level)) for level in (0.8, 0.95)}
    wide, narrow = (told[level]["pooled"].set_index("model") for level in (0.95, 0.8))
    for name in wide.index:
        for low, df in (("ci_low", wide.loc[name, "df"]), ("pi_low", 10)):
            quantile = [
                stats.norm.ppf(p) if np.isnan(df) else stats.t.ppf(p, df) for p in (0.9, 0.975)
            ]
            shorter = narrow.loc[name, "estimate"] - narrow.loc[name, low]
            longer = wide.loc[name, "estimate"] - wide.loc[name, low]
            assert shorter / longer == pytest.approx(quantile[0] / quantile[1], rel=1e-9)


def many(k=30):
    """`k` studies of one to three effects, with a dose of each effect and a year of each study."""
    rng = np.random.default_rng(7)
    table = effects(*[rng.normal(0.2, 0.4, rng.integers(1, 4)) for _ in range(k)])
    return table.assign(dose=rng.integers(0, 9, len(table)).astype(str))


@pytest.mark.parametrize("method", ["multilevel", "robust"])
@pytest.mark.heavy
def test_moderators_of_several_effects_a_study(method):
    table = many()
    columns = ["dose", ["dose", "site", "dose:site"]]
    tables = pool(table, "os", asked(method, moderators=columns))
    dose = table["dose"].to_numpy(float)
    y, v, study = table["yi"], table["vi"], table["study_id"]
    x = (dose - dose.mean())[:, None]
    rows = tables["moderators"].query("moderator == 'dose'").set_index("term")
    assert set(rows["k"]) == {30}
    at = x[[0]]  # where a dose of the table lies
    if method == "multilevel":
        m = fit_multilevel(y, v, study, moderators=x)
        z = m.coefficients[1] / m.se[1]
        assert rows.loc["all coefficients", ["statistic", "df"]].tolist() == pytest.approx(
            [z**2, 1]
        )
        assert rows["tau2"].to_numpy() == pytest.approx(m.between + m.within)
        assert rows["tau2_within"].to_numpy() == pytest.approx(m.within)
        beside = fit_multilevel(y, v, study, moderators=x - at)
    else:
        tau2 = fit(y, v, moderators=x).tau2
        m = robust(y, v, study, within=tau2, moderators=x)
        assert rows.loc["dose", "df"] == pytest.approx(m.df[1])
        # Of one coefficient F is its t squared, with the same degrees of freedom.
        f = rows.loc["all coefficients", ["statistic", "df", "df2"]].tolist()
        assert f == pytest.approx([m.statistic[1] ** 2, 1, m.df[1]])
        assert rows["tau2_within"].isna().all()
        beside = robust(y, v, study, within=tau2, moderators=x - at)
    assert rows.loc["all coefficients", "p_value"] == pytest.approx(m.p_value[1])
    assert rows.loc["dose", ["estimate", "se", "ci_low", "ci_high"]].tolist() == pytest.approx(
        [m.coefficients[1], m.se[1], m.ci_low[1], m.ci_high[1]]
    )
    # The line through the grid at the first dose of the table, by its neighbours.
    points = tables["predicted"].query("moderator == 'dose'")
    line = np.interp(dose[0], points["value"].astype(float), points["estimate"])
    assert line == pytest.approx(beside.coefficients[0])
    last = x[[dose.argmax()]]
    if method == "multilevel":
        end = fit_multilevel(y, v, study, moderators=x - last)
    else:
        end = robust(y, v, study, within=tau2, moderators=x - last)
    found = points.iloc[-1][["estimate", "se", "ci_low", "ci_high"]].tolist()
    ends = (end.coefficients[0], end.se[0], end.ci_low[0], end.ci_high[0])
    assert found == pytest.approx(ends)
    half = stats.t.ppf(0.975, 28) * np.sqrt(end.se[0] ** 2 + rows["tau2"].iloc[0])
    assert points["pi_high"].iloc[-1] == pytest.approx(end.coefficients[0] + half)
    product = tables["moderators"].query("moderator == 'dose + site + dose:site'")
    assert product["term"].iloc[-1] == "dose x south against north"
    assert product["df"].iloc[0] == 3


@pytest.mark.parametrize("method", ["multilevel", "robust"])
def test_moderators_need_ten_studies_not_ten_effects(method):
    table = many(9)
    assert len(table) > 10
    tables = pool(table, "os", asked(method, moderators=["dose", "absent"]))
    assert tables["moderators"].empty
    assert tables["predicted"].empty
    rules = set(tables["decisions"]["rule"])
    assert {"regression-held-back", "no-column-for-regression"} <= rules


def test_with_one_effect_for_each_known_value_multilevel_is_random_effects():
    table = many(14)
    first = ~table["study_id"].duplicated()
    table["dose"] = table["dose"].where(first, "")
    rows = pool(table, "os", asked(moderators=["dose"]))["moderators"].set_index("term")
    one = table[first]
    f = fit(one["yi"], one["vi"], moderators=one["dose"].astype(float))
    assert rows.loc["dose", ["estimate", "se", "tau2"]].tolist() == pytest.approx(
        [f.coefficients[1], f.coefficient_se[1], f.tau2]
    )


@pytest.mark.parametrize("method", ["multilevel", "robust"])
def test_equal_effects_have_no_regression_of_theirs(method):
    table = many(12).assign(yi=0.3)
    tables = pool(table, "os", asked(method, moderators=["dose"]))
    if method == "robust":
        assert "regression-not-done" in set(tables["decisions"]["rule"])
    else:
        assert tables["moderators"].query("term == 'dose'")["estimate"].tolist() == (
            pytest.approx([0], abs=1e-9)
        )


@pytest.mark.parametrize("method", ["multilevel", "robust"])
def test_the_level_of_the_protocol_is_that_of_every_interval(method):
    usual, wide = (pool(effects(*SIX), "os", asked(method, level=level)) for level in (0.95, 0.99))
    for a, b in zip(*(t["pooled"].to_dict("records") for t in (usual, wide)), strict=True):
        df = a["df"] if a["interval"] == "CR2" else np.inf
        half = stats.t.ppf(0.995, df) * a["se"]
        assert b["ci_high"] == pytest.approx(a["estimate"] + half), a["model"]
