"""The tables that R repeats the results from: complete, and metafor has the same numbers."""

import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

import asking
from livingmeta import tables
from livingmeta.package import metafor
from livingmeta.pooling import synthesis

TAU2 = ("FE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM", "DL2")
FURTHER = [
    *({"tau2": tau2} for tau2 in TAU2),
    *({"tau2": "REML", "interval": kind} for kind in ("t", "hksj", "hksj-guarded")),
    *({"method": method} for method in ("mantel-haenszel", "peto", "bayesian", "beta-binomial")),
    {"method": "bayesian", "variant": "half-cauchy", "scale": 0.5},
    *({"method": "glmm", "variant": form} for form in ("UM.FS", "UM.RS", "CM.EL")),
    *({"method": "trim-and-fill", "variant": form} for form in ("L0", "R0")),
    *({"method": method, "cluster": "country"} for method in ("robust", "multilevel")),
    {"leave_out": {"where": {"design": ["cohort"]}}},
]
OF_COUNTS = [{"method": "beta-binomial"}, {"method": "glmm", "variant": "UM.RS"}]
OF_ONE_ARM = [{"method": method} for method in ("glmm", "beta-binomial", "freeman-tukey")]
SEVERAL = [
    {"method": "robust", "cluster": "country"},
    {"leave_out": {"where": {"design": ["cohort"]}}},
]
CELLS = ("ai", "bi", "ci", "di")
# Events and patients of two arms, in eight studies of two designs.
EVENTS = np.array([4, 6, 3, 62, 33, 180, 8, 505])
PATIENTS = np.array([123, 306, 231, 13598, 5069, 1541, 2545, 88391])
OTHERS = np.array([11, 29, 11, 248, 47, 372, 10, 499])
OF_THEM = np.array([139, 303, 220, 12867, 5808, 1451, 629, 88391])


DESIGNS = ["trial"] * 5 + ["cohort"] * 3
COUNTRIES = ["Norway", "Norway", "Norway", "India", "India", "Chile", "Chile", ""]


def effects():
    a, b, c, d = EVENTS, PATIENTS - EVENTS, OTHERS, OF_THEM - OTHERS
    return pd.DataFrame(
        {
            "synthesis": "s",
            "study_id": [f"study-{i}" for i in range(len(a))],
            "measure": "OR",
            "yi": np.log(a * d / (b * c)),
            "vi": 1 / a + 1 / b + 1 / c + 1 / d,
            "route": "A",
            "assumed": "",
            "effect_name": "",
            **{name: cell.astype(float) for name, cell in zip(CELLS, (a, b, c, d), strict=True)},
        }
    )


def of_one_arm():
    """The first arm alone, as logits."""
    a, b = EVENTS, PATIENTS - EVENTS
    return effects().assign(
        synthesis="p", measure="PLO", yi=np.log(a / b), vi=1 / a + 1 / b, ci=np.nan, di=np.nan
    )


def of_several(name):
    """Two effects of each study but two."""
    first = effects().assign(synthesis=name)
    second = first.iloc[:-2].assign(yi=first["yi"] * 0.7 + 0.1, vi=first["vi"] * 1.4)
    both = pd.concat([first.assign(effect_name="a"), second.assign(effect_name="b")])
    alone = both.groupby("study_id")["yi"].transform("size") == 1
    return both.assign(effect_name=both["effect_name"].mask(alone, "")).reset_index(drop=True)


@pytest.fixture(scope="module")
def made():
    traits = effects()[["study_id"]].assign(design=DESIGNS, country=COUNTRIES)
    arms = {"outcome": "o", "arms": ["a", "b"], "measure": "OR", "subgroups": ["design"]}
    asked = {
        "s": asking.synthesis(**arms | {"sensitivity": FURTHER}),
        "p": asking.synthesis(outcome="o", arms=["a"], measure="PLO", sensitivity=OF_ONE_ARM),
        "e": asking.synthesis(**arms | {"sensitivity": OF_COUNTS}),
        "m": asking.synthesis(**arms | {"several": "multilevel", "sensitivity": SEVERAL}),
        "r": asking.synthesis(**arms | {"several": "robust", "level": 0.9}),
    }
    rows = [effects(), of_one_arm(), effects().assign(synthesis="e")]
    rows += [of_several("m"), of_several("r")]
    # A study without an event tells nothing of the odds ratio, and something of the risks.
    unusable = rows[2].iloc[:1].assign(study_id="study-7b", ai=0.0, ci=0.0, bi=90.0, di=80.0)
    unusable = unusable.assign(empty=True).drop(columns=["yi", "vi"])
    beside = pd.DataFrame({"study_id": ["study-7b"], "design": ["trial"], "country": ["Chile"]})
    traits = pd.concat([traits, beside], ignore_index=True)
    pooled = pd.concat(
        synthesis.pool(
            mine.merge(traits, on="study_id"),
            name,
            one,
            unusable.merge(traits, on="study_id") if name == "e" else None,
        )["pooled"]
        for mine, (name, one) in zip(rows, asked.items(), strict=True)
    )
    every = pd.concat(rows, ignore_index=True)
    return pooled, *metafor.of_all(every, traits, asked, pooled, unusable)


def test_every_result_has_its_call_or_a_reason(made):
    pooled, sets, results = made
    assert len(results) == len(pooled)
    called = results["call"] != ""
    assert ((results["why"] == "") == called).all()
    other = {"Bayesian half-cauchy(0.5)": metafor.PRIOR, "Freeman-Tukey": metafor.WITHOUT_SE}
    other["GLMM common tau²"] = metafor.SHARED
    assert dict(results.loc[~called, ["model", "why"]].to_numpy().tolist()) == other
    assert set(results["call"]) == {"", "rma.uni", "rma.mv", *metafor.CALLS.values()}
    for row in results[called].itertuples():
        mine = sets[sets["set"] == row.set]
        rested = mine[mine["group"] == row.group] if row.group else mine
        if row.call != "trimfill":  # its k counts the filled ones
            assert rested["study_id"].nunique() == row.k, row
    assert not sets.duplicated(["set", "study_id", "effect"]).any()


def test_cells_stand_where_counts_are_pooled(made):
    _, sets, results = made
    of = ["rma.mh", "rma.peto", "rma.glmm", "beta-binomial"]
    by_counts = set(results.loc[results["call"].isin(of), "set"])
    assert by_counts
    assert (sets["ai"].notna() == sets["set"].isin(by_counts)).all()


@pytest.mark.heavy
@pytest.mark.skipif(not shutil.which("Rscript"), reason="R is not installed")
def test_metafor_has_the_same(made, tmp_path):
    """And a number that is off by a hair is found; without the further packages R says what it
    left."""
    _, sets, results = made
    for package in ("metafor", "lme4", "clubSandwich", "numDeriv"):
        loaded = subprocess.run(["Rscript", "-e", f"library({package})"], capture_output=True)
        if loaded.returncode:
            pytest.skip(f"{package} is not installed")
    (tmp_path / "metafor.R").write_text(metafor.SCRIPT.read_text(encoding="utf-8"))
    tables.write(sets, tmp_path / "metafor_effects.csv", metafor.EFFECTS)

    def repeated(told):
        tables.write(told, tmp_path / "metafor_results.csv", metafor.RESULTS)
        run = ["Rscript", tmp_path / "metafor.R"]
        return subprocess.run(run, capture_output=True, text=True)

    done = repeated(results)
    called = (results["call"] != "").sum()
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{called} of {len(results)} results repeated" in done.stdout
    at = results["model"] == "DL wald"
    off = results.assign(ci_low=results["ci_low"].where(~at, results["ci_low"] + 1e-5))
    done = repeated(off[off["call"] == "rma.uni"])
    assert done.returncode == 1
    assert "s, DL wald" in done.stdout
    script = metafor.SCRIPT.read_text(encoding="utf-8")
    without = "requireNamespace <- function(...) FALSE\n"  # as where none of them is installed
    (tmp_path / "metafor.R").write_text(without + script)
    done = repeated(results)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "s, GLMM CM.EL: not repeated, R has no package lme4 and numDeriv here." in done.stdout
    assert "m, multilevel CR2: not repeated, R has no package clubSandwich and" in done.stdout
