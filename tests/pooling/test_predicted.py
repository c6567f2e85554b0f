"""What a meta-regression of several columns predicts."""

import numpy as np
import pytest
from test_synthesis import asked, studies

from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.synthesis import pool


def test_of_several_columns_each_is_predicted_with_the_others_held_where_it_says():
    """Against the same regression with its columns counted from the point itself."""
    k = 40
    dose, site = np.arange(k) ** 1.5, np.array(["a", "b", "b", "a"] * 10)
    effects = studies(k, dose=dose.astype(str), site=site)
    tables = pool(effects, "os", asked(moderators=[["dose", "site", "dose:site"]]))
    table = tables["predicted"].set_index(["column", "value"])
    held = {name: rows["held"].unique().tolist() for name, rows in table.groupby("column")}
    assert held == {"dose": ["site a"], "site": [f"dose {dose.mean():.6g}"]}
    b = (site == "b").astype(float)
    for point, at, other in (
        (("dose", "0"), 0.0, b),
        (("site", "a"), dose.mean(), b),
        (("site", "b"), dose.mean(), b - 1),
    ):
        about = np.column_stack([dose - at, other, (dose - at) * other])
        f = fit(effects["yi"], effects["vi"], moderators=about, interval="hksj-guarded")
        found = table.loc[point, ["estimate", "se", "ci_low", "ci_high"]].to_numpy(float)
        alone = (f.coefficients, f.coefficient_se, f.coefficient_low, f.coefficient_high)
        assert found == pytest.approx([values[0] for values in alone])
