"""The summary of GOSH against the cloud that it sums up."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import asking
from livingmeta.pooling import gosh_table
from livingmeta.pooling.gosh import gosh
from livingmeta.pooling.gosh_table import CELLS, QUANTILES
from livingmeta.pooling.synthesis import pool


def tables_of(k, yi=None, **asked):
    rng = np.random.default_rng(k)
    table = pd.DataFrame(
        {
            "synthesis": "os",
            "study_id": [f"study-{i}" for i in range(k)],
            "measure": "OR",
            "yi": 0.3 + 0.5 * rng.normal(size=k) if yi is None else yi,
            "vi": rng.uniform(0.02, 0.2, k),
            "n": 50.0,
            "year": 2000,
        }
    )
    return table, pool(table, "os", asking.synthesis(measure="OR", **asked))


def cells_of(rows, group):
    return rows[(rows["part"] == "cell") & (rows["group"] == group)]


@pytest.mark.parametrize(("k", "tau2"), [(6, "REML"), (11, "REML"), (15, "DL")])
def test_cells_and_quantiles_are_those_of_every_subset(k, tau2):
    table, found = tables_of(k)
    rows = found["gosh"]
    assert set(rows["tau2_method"]) == {tau2}
    assert rows["complete"].all()
    strongest = found["influence"].sort_values("cooks_distance")["left_out"].iloc[-1]
    assert set(rows["study"]) == {strongest}
    cloud = gosh(table["yi"], table["vi"], tau2=tau2)
    inside = cloud.contains(int(strongest.removeprefix("study-")))
    for group, mask in {"all": inside | ~inside, "with": inside, "without": ~inside}.items():
        mine = rows[(rows["part"] == "quantile") & (rows["group"] == group)]
        assert (mine["subsets"] == mask.sum()).all()
        known = np.quantile(cloud.estimate[mask], QUANTILES)
        np.testing.assert_allclose(mine["estimate"].astype(float), known, rtol=1e-12)
        np.testing.assert_allclose(mine["display_estimate"].astype(float), np.exp(known))
        known = np.quantile(cloud.i2[mask], QUANTILES)
        np.testing.assert_allclose(mine["i2"].astype(float), known, atol=1e-9)
    assert cells_of(rows, "with")["subsets"].sum() == 2 ** (k - 1) - 1
    assert cells_of(rows, "without")["subsets"].sum() == 2 ** (k - 1) - 1 - (k - 1)
    for cell in cells_of(rows, "with").sample(5, random_state=1).to_dict("records"):
        within = inside & (cloud.estimate >= cell["estimate_low"]) & (cloud.i2 >= cell["i2_low"])
        top = cell["estimate_high"] >= cloud.estimate.max()
        below = cloud.estimate <= cell["estimate_high"] if top else (
            cloud.estimate < cell["estimate_high"]
        )  # fmt: skip
        assert (within & below & (cloud.i2 < cell["i2_high"])).sum() == cell["subsets"]


def test_a_common_effect_stays_one():
    _, found = tables_of(16, model={"tau2": "FE", "interval": "wald"})
    assert set(found["gosh"]["tau2_method"]) == {"FE"}


def test_a_million_random_subsets_are_a_few_hundred_rows():
    _, found = tables_of(24)
    rows = found["gosh"]
    assert not rows["complete"].any()
    assert set(rows["tau2_method"]) == {"DL"}
    cells = rows[rows["part"] == "cell"]
    assert cells["subsets"].sum() == 1_000_000
    assert len(rows) < 2 * CELLS * 25 + 22
    # Each study is in half of them: standard error 500.
    assert cells_of(rows, "with")["subsets"].sum() == pytest.approx(500_000, abs=3000)


def test_studies_that_all_say_the_same_fill_one_cell_of_i2():
    _, found = tables_of(7, yi=0.4)
    cells = found["gosh"].query("part == 'cell'")
    assert cells["subsets"].sum() == 2**7 - 8
    assert (cells["i2_low"] == 0).all()
    assert (cells["estimate_high"] > cells["estimate_low"]).all()


@pytest.mark.parametrize("k", [0, 1, 2, 3, 4])
def test_too_few_studies_have_no_rows(k):
    assert tables_of(k)[1]["gosh"].empty


def test_subsets_of_very_many_studies_are_fewer(monkeypatch):
    asked = []

    def told(y, v, **options):
        asked.append(options["subsets"])
        raise StopIteration

    monkeypatch.setattr(gosh_table, "gosh", told)
    for k in (50, 100, 500, 2000):
        s = SimpleNamespace(effects=lambda k=k: (np.zeros(k), np.ones(k)))
        with pytest.raises(StopIteration):
            gosh_table.gosh_rows(s, SimpleNamespace(tau2="DL"), "s0")
    assert asked == [1_000_000, 1_000_000, 200_000, 50_000]
