"""What has no value of no effect, or a bound, and tests on standard errors that hang on effects."""

import numpy as np
import pytest

from livingmeta.analyses import LeftOut, of
from livingmeta.effect_measures import MEASURES
from livingmeta.formulas.measures import effect_size
from livingmeta.pooling import small_study_rows
from livingmeta.pooling.bias.small_study import egger
from livingmeta.pooling.synthesis import Synthesis
from livingmeta.words.models import name
from printed_trials import events, harmonised, means, pooled

TRIALS = [(30 + i, 1.0 + 0.1 * i, 2.0, 28 + 2 * i, 0.5, 2.1) for i in range(12)]


def test_tests_for_small_studies_need_a_value_of_no_effect():
    counted = events([(10 + i, 40, 8, 41) for i in range(12)])
    assert len(pooled(counted)["small_study"])
    kind, rows, k = counted
    alone = (kind, [row for row in rows if row["arm"] == "drug"], k)
    tables = pooled(alone, "PLO", arms=["drug"], sensitivity=[{"method": "selection"}])
    assert tables["small_study"].empty
    rules = set(tables["decisions"]["rule"])
    assert {"no-null", "method-not-done"} <= rules


def test_limits_stay_within_what_the_measure_can_be():
    kind, rows, k = events([(19, 20, 1, 20), (20, 20, 2, 20), (17, 20, 1, 20), (20, 20, 3, 20)])
    alone = (kind, [row for row in rows if row["arm"] == "drug"], k)
    table = pooled(alone, "PR", arms=["drug"])["pooled"]
    shown = [column for column in table if column.startswith("display_")]
    assert (table[shown].max().max(), table[shown].min().min() >= 0) == (1.0, True)
    assert table["pi_high"].max() > 1
    assert MEASURES["RD"].bounds == (-1.0, 1.0)
    assert MEASURES["OR"].bounds[1] == np.inf


@pytest.mark.parametrize("rules", ["standard", "revman"])
def test_of_a_standardised_difference_only_the_patients_say_how_large_a_study_is(rules):
    effects, _, plan = harmonised(means(TRIALS), "SMD", rules=rules)
    size = small_study_rows.by_size(Synthesis(effects, "s", plan))()
    n1, n2 = (np.array([trial[i] for trial in TRIALS], float) for i in (0, 3))
    assert size == pytest.approx(1 / n1 + 1 / n2, rel=1e-12)
    without = effects.assign(n=np.nan)
    tables = small_study_rows.small_study_rows(Synthesis(without, "s", plan))
    assert "Egger" not in {row["test"] for row in tables}


def test_eggers_test_of_standardised_differences_keeps_its_level():
    """On the standard error it sees small-study effects that are not there."""
    rng, seen, times, k = np.random.default_rng(3), np.zeros(2), 400, 20
    for _ in range(times):
        n = rng.integers(18, 30, k)
        sd = np.sqrt(rng.chisquare(2 * n - 2) / (2 * n - 2))
        mean = 2.0 + rng.normal(size=k) * np.sqrt(2 / n)
        zero = np.zeros(k)
        g, v = effect_size("SMD", m1i=mean, m2i=zero, sd1i=sd, sd2i=sd, n1i=n, n2i=n)
        both = (egger(g, v).p_value, egger(g, v - g**2 / (4 * n)).p_value)
        seen += [p < 0.05 for p in both]
    assert seen[1] / times < 0.08
    assert seen[0] > 2 * seen[1]


def test_studies_are_left_out_by_any_column():
    asked = {"leave_out": {"site": ["lung cancer", "Bone"], "grade": ["rough"]}}
    out = of(asked)
    assert out == LeftOut(("rough",), (), where=(("site", ("lung cancer", "Bone")),))
    code = f"REML wald {out.name}"
    assert code == "REML wald without grade rough; site=lung cancer|Bone"
    row = {"model": code, "tau2_method": "REML", "interval": "wald"}
    said = "without those of grade rough and studies whose site is lung cancer or Bone"
    assert name(row).endswith(said)
    site = ["Lung  cancer", "skin", "bone", "skin", "skin"]
    trials = events([(10 + i, 60, 12, 61) for i in range(5)])
    table = pooled(trials, "OR", {"site": site}, sensitivity=[asked])["pooled"]
    left = table[table["model"].str.contains("without")]
    assert left["k"].tolist() == [3]
    nowhere = [{"leave_out": {"stage": ["4"]}}]
    tables = pooled(trials, "OR", {"site": site}, sensitivity=nowhere)
    assert "stage" in tables["decisions"].query("rule == 'method-not-done'")["parameters"].str.cat()


def test_several_moderators_and_their_product_are_one_model():
    k = 40
    trials = means([(30 + i, 0.1 * i, 2.0, 31, 0.5, 2.1) for i in range(k)])
    traits = {"dose": [str(i % 5) for i in range(k)], "year": [str(2000 + i) for i in range(k)]}
    asked = [["dose", "year", "dose:year"], "dose"]
    table = pooled(trials, "MD", traits, moderators=asked)["moderators"]
    whole = table[table["moderator"] == "dose + year + dose:year"]
    fitted = whole[whole["analysis"] == "meta-regression"].set_index("term")
    assert {"dose", "year", "dose x year", "all coefficients"} <= set(fitted.index)
    assert fitted.loc["all coefficients", "df"] == 3
    x = np.column_stack([[float(v) for v in traits[c]] for c in ("dose", "year")])
    x = x - x.mean(0)
    design = np.column_stack([np.ones(k), x, x[:, 0] * x[:, 1]])
    effects, _, _ = harmonised(trials, "MD", traits)
    w = 1 / (effects["vi"].to_numpy(float) + fitted["tau2"].iloc[0])
    beta = np.linalg.solve(design.T @ (w[:, None] * design), design.T @ (w * effects["yi"]))
    assert fitted.loc[["dose", "year", "dose x year"], "estimate"].tolist() == pytest.approx(
        beta[1:].tolist(), abs=1e-8
    )
