"""Every method a protocol may name under `sensitivity`, on the BCG trials and where it cannot be.

Reference: metafor 3.8.1 on dat.bcg; rma.mh, rma.peto, rma.glmm (quadrature of its default), as
in tests/metafor/ for the functions themselves. Here the rows of pooled.csv are tried.
"""

import numpy as np
import pandas as pd
import pytest

import asking
from livingmeta import analyses
from livingmeta.formulas.measures import effect_size
from livingmeta.pooling import synthesis
from livingmeta.pooling.small_study_rows import small_study_rows
from marked import heavy_but
from phrased import phrased

# Colditz 1994: tuberculosis and patients, vaccinated and control.
BCG = np.array(
    [
        *([4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619]),
        *([33, 5036, 47, 5761], [180, 1361, 372, 1079], [8, 2537, 10, 619]),
        *([505, 87886, 499, 87892], [29, 7470, 45, 7232], [17, 1699, 65, 1600]),
        *([186, 50448, 141, 27197], [5, 2493, 3, 2338], [27, 16886, 29, 17825]),
    ],
    float,
).T


def effects(measure="OR", k=13, counts=True):
    cells = dict(zip(("ai", "bi", "ci", "di"), BCG[:, :k], strict=True))
    given = cells if measure != "PLO" else {"xi": cells["ai"], "mi": cells["bi"]}
    yi, vi = effect_size(measure, **given)
    frame = pd.DataFrame({"study_id": [f"s{i}" for i in range(k)], "yi": yi, "vi": vi, **cells})
    frame = frame.assign(synthesis="tb", measure=measure, n=BCG[:, :k].sum(axis=0))
    frame["centre"] = ["a", "a", "b", "b", "c", "c", "d", "d", "e", "e", "f", "f", ""][:k]
    return frame if counts else frame.drop(columns=["ai", "bi", "ci", "di"])


def pooled(frame, *options, measure="OR"):
    asked = asking.synthesis(measure=measure, sensitivity=list(options))
    found = synthesis.pool(frame, "tb", asked)
    return found["pooled"].set_index("model"), phrased(found["decisions"])


ON_ODDS_RATIOS = [
    # metafor: rma.mh -0.4734 (0.0410); rma.peto -0.4744 (0.0407)
    ({"method": "mantel-haenszel"}, "Mantel-Haenszel", -0.4734, 0.0410),
    ({"method": "peto"}, "Peto", -0.4744, 0.0407),
    ({"method": "pet-peese"}, "PET-PEESE", None, None),
    ({"method": "glmm"}, "GLMM", None, None),
    ({"method": "glmm", "variant": "UM.RS"}, "GLMM UM.RS", None, None),
    ({"method": "glmm", "variant": "CM.EL"}, "GLMM CM.EL", None, None),
    ({"method": "beta-binomial"}, "beta-binomial", None, None),
    (
        {"method": "bayesian", "variant": "half-cauchy", "scale": 1.0},
        "Bayesian half-cauchy(1)",
        None,
        None,
    ),
    ({"method": "trim-and-fill", "variant": "R0"}, "trim and fill R0", None, None),
    ({"method": "selection"}, "selection model", None, None),
    ({"method": "selection", "variant": "beta"}, "selection model beta", None, None),
    ({"method": "henmi-copas"}, "Henmi-Copas", None, None),
    ({"method": "robust", "cluster": "centre"}, "cluster-robust CR2 by centre", None, None),
    ({"method": "multilevel", "cluster": "centre"}, "multilevel by centre", None, None),
]


@pytest.mark.parametrize(("options", "name", "estimate", "se"), ON_ODDS_RATIOS)
def test_each_method_is_a_row_with_a_plausible_estimate(options, name, estimate, se):
    rows, _ = pooled(effects(), options)
    row = rows.loc[name]
    assert not row["primary"]
    assert row["ci_low"] < row["estimate"] < row["ci_high"]
    assert row["display_estimate"] == pytest.approx(np.exp(row["estimate"]))
    # All describe the same trials: a protective effect between no effect and an odds ratio of 0.2.
    assert -1.6 < row["estimate"] < 0
    if estimate is not None:
        assert round(row["estimate"], 4) == estimate
        assert round(row["se"], 4) == se


def test_a_glmm_of_proportions_is_the_function_s_own_fit():
    from livingmeta.pooling.engines.glmm import fit_proportions

    rows, _ = pooled(effects("PLO"), {"method": "glmm"}, measure="PLO")
    fit = fit_proportions(BCG[0], BCG[0] + BCG[1])
    assert rows.loc["GLMM", "estimate"] == fit.estimate
    assert rows.loc["GLMM", "tau2"] == fit.tau2


def test_freeman_tukey_is_a_sensitivity_analysis_of_proportions():
    """metafor: rma(measure="PFT", xi=, ni=, data=...), predict(transf=transf.ipft.hm)."""
    from livingmeta.formulas.freeman_tukey import double_arcsine, proportion
    from livingmeta.pooling.engines.models import fit

    rows, _ = pooled(effects("PLO"), {"method": "freeman-tukey"}, measure="PLO")
    n = BCG[0] + BCG[1]
    own = fit(*double_arcsine(BCG[0], n))
    row = rows.loc["Freeman-Tukey"]
    assert row["display_estimate"] == pytest.approx(float(proportion(own.estimate, n)))
    assert not row["primary"]


def test_freeman_tukey_is_refused_where_its_limits_do_not_come_back():
    frame = effects("PLO", k=4)
    frame[["ai", "bi"]] = [[0, 5], [0, 9], [1, 4], [0, 7]]
    frame["yi"], frame["vi"] = effect_size("PLO", xi=frame["ai"], mi=frame["bi"])
    rows, decisions = pooled(frame, {"method": "freeman-tukey"}, measure="PLO")
    assert "Freeman-Tukey" not in rows.index
    assert "do not come back whole" in decisions.set_index("rule").loc["Freeman-Tukey", "because"]


REFUSED = [
    ({"method": "mantel-haenszel"}, effects(counts=False), "OR", "counts of patients"),
    ({"method": "glmm"}, effects("RR"), "RR", "it pools PLO, OR, not RR"),
    ({"method": "robust", "cluster": "hospital"}, effects(), "OR", "a column of studies.csv"),
    ({"method": "robust"}, effects(), "OR", "it needs `cluster`"),
    ({"method": "selection", "steps": [1e-30]}, effects(), "OR", "no study has a p-value"),
]


@pytest.mark.parametrize(("options", "frame", "measure", "because"), REFUSED)
def test_what_the_studies_do_not_allow_is_a_decision_in_words(options, frame, measure, because):
    rows, decisions = pooled(frame, options, measure=measure)
    name = analyses.of(options).name
    assert name not in rows.index
    said = decisions[decisions["rule"] == name]
    assert because in said["because"].item()
    assert said["done"].item() == "not done"


def test_fractions_of_patients_are_no_counts():
    frame = effects()
    frame.loc[3, "ai"] = 61.5
    _, decisions = pooled(frame, {"method": "peto"})
    assert "s3" in decisions.loc[decisions["rule"] == "Peto", "because"].item()


def test_counts_that_a_design_leaves_a_part_of_are_pooled_as_they_are():
    """Those of a cluster trial, divided by its design effect, from counts of patients (route C)."""
    cells = ["ai", "bi", "ci", "di"]
    frame = effects().assign(route="C")
    frame.loc[3, cells] = frame.loc[3, cells].astype(float) / 1.576
    frame.loc[3, "vi"] *= 1.576
    asked = [{"method": method} for method in ("mantel-haenszel", "peto", "beta-binomial")]
    asked.append({"method": "glmm"})
    whole, _ = pooled(effects(), *asked)
    rows, decisions = pooled(frame, *asked, {"method": "glmm", "variant": "CM.EL"})
    for name in ("Mantel-Haenszel", "Peto", "beta-binomial", "GLMM"):
        moved = rows.loc[name, "estimate"] - whole.loc[name, "estimate"]
        assert 1e-6 < abs(moved) < 0.05, name
    for name in ("Mantel-Haenszel", "Peto"):
        assert rows.loc[name, "se"] > whole.loc[name, "se"], name
    said = decisions.loc[decisions["rule"] == "GLMM CM.EL", "because"].item()
    assert "whole numbers are needed" in said


def test_a_bias_method_below_ten_studies_is_shown_with_its_rail():
    rows, decisions = pooled(effects(k=6), {"method": "pet-peese"})
    assert "PET-PEESE" in rows.index
    rail = decisions[decisions["model"] == "PET-PEESE"]
    assert rail["rule"].tolist() == ["bias tests held back"]


def test_one_study_is_not_pooled_by_any_method():
    rows, _ = pooled(effects(k=1), {"method": "bayesian"})
    assert rows.index.tolist() == ["single study"]


def test_tests_of_counts_stand_beside_egger_s():
    s = synthesis.Synthesis(effects(), "tb", asking.synthesis(measure="OR"))
    named = [row["test"] for row in small_study_rows(s)]
    assert {"Egger", "Peters", "Harbord", "Macaskill"} <= set(named)
    s = synthesis.Synthesis(effects(counts=False), "tb", asking.synthesis(measure="OR"))
    assert "Peters" not in [row["test"] for row in small_study_rows(s)]


@pytest.mark.parametrize("method", ["robust", "multilevel"])
@pytest.mark.parametrize("nothing", heavy_but([None], ["", "  ", None]))
def test_studies_that_name_no_cluster_are_each_their_own(method, nothing):
    silent = effects()
    silent["centre"] = ["a", "a", "b", "b", "c", "c", "d", "d", "e", "e", nothing, nothing, nothing]
    named = silent.assign(centre=[*silent["centre"][:10], "own 1", "own 2", "own 3"])
    rows = [
        pooled(frame, {"method": method, "cluster": "centre"})[0].set_index("interval", append=True)
        for frame in (silent, named)
    ]
    kept = ["estimate", "se", "ci_low", "ci_high"]
    own, told = (r[r.index.get_level_values(0).str.contains("by centre")][kept] for r in rows)
    assert len(own) == 1
    np.testing.assert_allclose(own.to_numpy(), told.to_numpy(), rtol=1e-9)
