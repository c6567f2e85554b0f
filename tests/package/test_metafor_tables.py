"""The tables that metafor repeats the results from: complete, and metafor has the same numbers."""

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
    *({"method": method} for method in ("mantel-haenszel", "peto", "bayesian")),
    {"leave_out": {"where": {"design": ["cohort"]}}},
]
CELLS = ("ai", "bi", "ci", "di")
# Events and patients of two arms, in eight studies of two designs.
EVENTS = np.array([4, 6, 3, 62, 33, 180, 8, 505])
PATIENTS = np.array([123, 306, 231, 13598, 5069, 1541, 2545, 88391])
OTHERS = np.array([11, 29, 11, 248, 47, 372, 10, 499])
OF_THEM = np.array([139, 303, 220, 12867, 5808, 1451, 629, 88391])


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
            **{name: cell.astype(float) for name, cell in zip(CELLS, (a, b, c, d), strict=True)},
        }
    )


@pytest.fixture(scope="module")
def made():
    designs = ["trial"] * 5 + ["cohort"] * 3
    traits = effects()[["study_id"]].assign(design=designs)
    more = {"measure": "OR", "sensitivity": FURTHER, "subgroups": ["design"]}
    one = asking.synthesis(**{"outcome": "o", "arms": ["a", "b"]} | more)
    pooled = synthesis.pool(effects().merge(traits, on="study_id"), "s", one)["pooled"]
    return pooled, *metafor.of_all(effects(), traits, {"s": one}, pooled)


def test_every_result_has_its_call_or_a_reason(made):
    pooled, sets, results = made
    assert len(results) == len(pooled)
    called = results["call"] != ""
    assert ((results["why"] == "") == called).all()
    assert set(results.loc[~called, "model"].str.split().str[0]) == {"Bayesian", "DL2"}
    for row in results[called].itertuples():
        mine = sets[sets["set"] == row.set]
        rested = mine[mine["group"] == row.group] if row.group else mine
        assert len(rested) == row.k, row
    assert not sets.duplicated(["set", "study_id"]).any()


def test_cells_stand_where_counts_are_pooled(made):
    _, sets, results = made
    by_counts = set(results.loc[results["call"].isin(["rma.mh", "rma.peto"]), "set"])
    assert by_counts
    assert (sets["ai"].notna() == sets["set"].isin(by_counts)).all()


@pytest.mark.heavy
@pytest.mark.skipif(not shutil.which("Rscript"), reason="R is not installed")
def test_metafor_has_the_same(made, tmp_path):
    """And a number that is off by a hair is found."""
    _, sets, results = made
    loaded = subprocess.run(["Rscript", "-e", "library(metafor)"], capture_output=True)
    if loaded.returncode:
        pytest.skip("metafor is not installed")
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
    done = repeated(off)
    assert done.returncode == 1
    assert "s, DL wald" in done.stdout
