"""The synthesis year after year, against fitting the studies of each year by hand."""

import numpy as np
import pandas as pd
import pytest

import asking
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.synthesis import pool

YEARS = [2003, 2001, None, 2001, 2010, 2003, 1999]


def studies(years=YEARS, measure="OR"):
    k = len(years)
    rng = np.random.default_rng(4)
    return pd.DataFrame(
        {
            "synthesis": "os",
            "study_id": [f"study-{i}" for i in range(k)],
            "measure": measure,
            "yi": 0.8 + 0.3 * rng.normal(size=k),
            "vi": rng.uniform(0.02, 0.2, k),
            "n": np.arange(20.0, 20.0 + 10 * k, 10),
            "year": pd.array(years, dtype="Int64"),
        }
    )


def cumulative(table, **asked):
    return pool(table, "os", asking.synthesis(measure=table["measure"].iloc[0], **asked))


def test_studies_of_one_year_enter_together_and_undated_ones_last():
    rows = cumulative(studies())["cumulative"]
    assert [None if pd.isna(y) else y for y in rows["year"]] == [1999, 2001, 2003, 2010, None]
    assert rows["added"].tolist() == [
        "study-6",
        "study-1 study-3",
        "study-0 study-5",
        "study-4",
        "study-2",
    ]
    assert rows["k"].tolist() == [1, 3, 5, 6, 7]


@pytest.mark.parametrize("model", ["auto", {"tau2": "FE", "interval": "wald"}])
def test_each_row_is_the_fit_of_the_studies_so_far(model):
    table = studies()
    tables = cumulative(table, model=model)
    result = tables["pooled"][tables["pooled"]["primary"]].iloc[0]
    seen = []
    for row in tables["cumulative"].to_dict("records"):
        seen += row["added"].split()
        mine = table[table["study_id"].isin(seen)]
        f = fit(mine["yi"], mine["vi"], tau2=result["tau2_method"], interval=result["interval"])
        for name in ("estimate", "se", "ci_low", "ci_high", "tau2"):
            assert row[name] == pytest.approx(getattr(f, name), rel=1e-9, abs=1e-12)
        assert row["display_estimate"] == pytest.approx(np.exp(f.estimate))
    # What is known when the last study is in is the result of the synthesis.
    for name in ("estimate", "ci_low", "ci_high", "display_ci_high", "tau2", "i2"):
        assert row[name] == pytest.approx(result[name], rel=1e-9)


@pytest.mark.parametrize("k", [0, 1, 2, 4])
def test_too_few_studies_have_no_rows(k):
    tables = pool(studies()[:k], "os", asking.synthesis(measure="OR"))
    assert tables["cumulative"].empty
    assert list(tables["cumulative"].columns)[:4] == ["synthesis", "model", "year", "added"]


def test_without_years_there_is_one_step():
    rows = cumulative(studies().drop(columns="year"))["cumulative"]
    assert len(rows) == 1
    assert rows["k"].tolist() == [7]
