"""Subgroups of studies with several effects: variances of their own, or one model for all."""

import pandas as pd
import pytest

from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.engines.multilevel import fit_multilevel
from livingmeta.pooling.engines.robust import robust
from livingmeta.pooling.synthesis import pool
from pooling.test_several import SIX, asked, effects

TEN = (*SIX, (0.5, 0.1), (-0.1, 0.4), (0.2,), (0.8, 0.9))


def test_subgroups_of_many_studies_have_variances_of_their_own():
    found = pool(effects(*TEN), "os", asked(subgroups=["site"]))
    groups = found["pooled"].set_index("subgroup")
    table = effects(*TEN[::2])
    south = fit_multilevel(table["yi"], table["vi"], table["study_id"])
    assert groups.loc["site=south", "estimate"] == pytest.approx(south.coefficients[0])
    assert groups.loc["site=south", ["k", "effects"]].tolist() == [5, len(table)]
    table = effects(*TEN[1::2])
    north = fit_multilevel(table["yi"], table["vi"], table["study_id"])
    assert groups.loc["site=north", "estimate"] == pytest.approx(north.coefficients[0])
    (test,) = found["moderators"].to_dict("records")
    change = south.coefficients[0] - north.coefficients[0]
    assert test["statistic"] == pytest.approx(change**2 / (south.se[0] ** 2 + north.se[0] ** 2))
    assert test["analysis"] == "subgroups, separate tau²"


def test_few_studies_in_a_subgroup_share_the_variances_of_all():
    """As metafor's rma.mv has them with the subgroup as moderator (reference_models.R holds the
    same function to it): each mean is a sum of coefficients."""
    found = pool(effects(*SIX), "os", asked(subgroups=["site"]))
    groups = found["pooled"].set_index("subgroup")
    table = effects(*SIX)
    south = (table["site"] == "south").to_numpy(float)
    m = fit_multilevel(table["yi"], table["vi"], table["study_id"], moderators=south)
    north, change = m.coefficients
    assert groups.loc["site=north", "estimate"] == pytest.approx(north)
    assert groups.loc["site=south", "estimate"] == pytest.approx(north + change)
    assert groups.loc["site=south", "se"] == pytest.approx(m.covariance.sum() ** 0.5)
    assert groups.loc["site=south", ["k", "effects"]].tolist() == [3, 7]
    assert set(groups["model"][["site=north", "site=south"]]) == {"multilevel common tau²"}
    assert groups.loc["site=south", "tau2"] == pytest.approx(m.between + m.within)
    test = found["moderators"].iloc[0]
    assert (test["term"], test["analysis"]) == ("between subgroups", "subgroups, common tau²")
    assert test["statistic"] == pytest.approx(change**2 / m.covariance[1, 1])
    said = found["decisions"].set_index("rule")
    assert "common-tau2" in said.index


def test_a_study_with_effects_in_two_subgroups_is_one_study_in_the_test():
    table = effects(*TEN)
    table["part"] = [
        "early" if name.endswith("a") or not name else "late" for name in table["effect_name"]
    ]
    late = table["part"] == "late"
    table = pd.concat(
        [
            table,
            table[~late].assign(part="late", effect_name="effect d", yi=lambda t: t["yi"] + 0.3),
        ]
    )
    found = pool(table, "os", asked("robust", subgroups=["part"]))
    test = found["moderators"].iloc[0]
    x = (table["part"] == "late").to_numpy(float)
    y, v = table["yi"].to_numpy(), table["vi"].to_numpy()
    r = robust(y, v, table["study_id"], within=fit(y, v, moderators=x).tau2, moderators=x)
    assert test["p_value"] == pytest.approx(r.qm_p)
    assert test["df2"] == pytest.approx(r.df[1])
    rows = found["pooled"].set_index("subgroup")
    assert rows.loc["part=early", "df"] == pytest.approx(r.df[0])
    assert rows.loc["part=early", "interval"] == "CR2"
