"""The Cochrane data package: laid out and headed as its readers expect, with the same results."""

import csv
import io

import numpy as np
import pandas as pd
import pytest

from livingmeta.archive import unzipped
from livingmeta.formulas.measures import effect_size
from livingmeta.package import cochrane, references
from livingmeta.pooling.engines.models import fit
from livingmeta.screening.readers import export
from made_up_document import parts
from made_up_review import BCG

# What read.cdir of R's meta (GPL; its R/read.cdir.R, branch of version 1) asks for by name.
ASKED = {
    "overall-estimates-and-settings": "Analysis group|Analysis number|Data type|Statistical method"
    "|Effect measure|Study CI|Estimate CI|Unit of effect measure|Analysis model|Log-scale data"
    "|Experimental group label|Control group label|Overall estimates|Test for subgroup differences"
    "|Subgroup estimates|Swap event and non-event|Analysis group name|Analysis name|Data source"
    "|Data source eligibility",
    "data-rows": "Analysis group|Analysis number|Analysis name|Subgroup|Study|Study year|GIV Mean"
    "|GIV SE|CI start|CI end|Experimental cases|Experimental N|Experimental mean|Experimental SD"
    "|Control cases|Control N|Control mean|Control SD|O-E|Variance|Weight|Footnotes",
    "subgroup-estimates": "Analysis group|Analysis number|Subgroup number|Subgroup",
}


def files(**changed):
    return unzipped(cochrane.package(parts()["asked"], parts()["tables"] | changed))


def rows(name: str, **changed) -> list[dict]:
    content = files(**changed)[f"CD000000-analysis-data/CD000000-{name}.csv"].decode()
    return list(csv.DictReader(io.StringIO(content)))


@pytest.mark.parametrize("name", ASKED)
def test_every_column_that_readers_ask_for_is_there(name):
    found = files()[f"CD000000-analysis-data/CD000000-{name}.csv"].decode()
    assert set(ASKED[name].split("|")) <= set(next(csv.reader(io.StringIO(found))))


def test_counts_come_back_and_give_the_same_result():
    settings = next(r for r in rows("overall-estimates-and-settings") if r["Analysis ID"] == "tb")
    mine = [r for r in rows("data-rows") if r["Analysis name"] == "Tuberculosis"]
    cells = cochrane.TOTALS
    found = {tuple(int(r[cell]) for cell in cells) for r in mine}
    assert found == {(a, n, c, m) for _, _, _, a, n, c, m in BCG}
    counts = np.array([[float(r[cell]) for cell in cells] for r in mine]).T
    yi, vi = effect_size("RR", ai=counts[0], n1i=counts[1], ci=counts[2], n2i=counts[3])
    pooled = fit(yi, vi, tau2="REML", interval="hksj")
    assert float(settings["Mean"]) == pytest.approx(np.exp(pooled.estimate), rel=1e-9)
    assert float(settings["Heterogeneity Tau²"]) == pytest.approx(pooled.tau2, rel=1e-9)
    assert settings["Data type"] == "Dichotomous"
    assert settings["Effect measure"] == "Risk Ratio"
    assert settings["Analysis model"] == "Random effect"
    # The BCG trials pooled: metafor's documentation of dat.bcg, REML, gives log RR -0.7145.
    assert np.log(float(settings["Mean"])) == pytest.approx(-0.7145, abs=5e-5)


def test_what_was_derived_is_given_as_effect_and_standard_error():
    effects = parts()["tables"]["effects"].set_index(["synthesis", "study_id"])
    settings = {r["Analysis ID"]: r for r in rows("overall-estimates-and-settings")}
    assert settings["os-two"]["Data type"] == "Contrast level"
    assert settings["os-two"]["Log-scale data"] == "TRUE"
    assert settings["os-four"]["Log-scale data"] == "FALSE"
    assert settings["os-four"]["Unit of effect measure"] == "proportion as logits"
    mine = [r for r in rows("data-rows") if r["Analysis name"] == "Survival of two"]
    one = effects.loc[("os-two", "pair-one")]
    row = next(r for r in mine if r["Study"] == "Pair one 2011")
    assert float(row["GIV Mean"]) == one["yi"]
    assert float(row["GIV SE"]) == pytest.approx(one["vi"] ** 0.5)
    assert float(row["Mean"]) == pytest.approx(np.exp(one["yi"]))


def test_a_synthesis_of_no_study_is_no_analysis_and_weights_add_up():
    settings = rows("overall-estimates-and-settings")
    assert "os-none" not in {r["Analysis ID"] for r in settings}
    numbers = [(r["Analysis group"], r["Analysis number"]) for r in settings]
    assert len(numbers) == len(set(numbers)) == 4
    for number in numbers:
        mine = [
            r for r in rows("data-rows") if (r["Analysis group"], r["Analysis number"]) == number
        ]
        assert sum(float(r["Weight"]) for r in mine) == pytest.approx(100)


def test_subgroups_are_numbered_and_every_study_is_in_one():
    groups = {r["Subgroup"]: r for r in rows("subgroup-estimates")}
    assert set(groups) == {"random", "alternate", "systematic"}
    mine = [r for r in rows("data-rows") if r["Analysis name"] == "Tuberculosis"]
    assert {r["Subgroup"] for r in mine} == set(groups)
    cases = sum(int(r["Experimental cases"]) for r in mine if r["Subgroup"] == "random")
    assert int(groups["random"]["Experimental cases"]) == cases


def test_the_test_between_subgroups_is_that_of_their_estimates():
    settings = next(r for r in rows("overall-estimates-and-settings") if r["Analysis ID"] == "tb")
    assert settings["Test for subgroup differences"] == "TRUE"
    groups = rows("subgroup-estimates")
    estimates = np.log([float(r["Mean"]) for r in groups])
    tests = parts()["tables"]["moderators"].query("synthesis == 'tb' and k == k")
    row = tests[tests["term"] == "between subgroups"].iloc[0].copy()
    row["statistic"] *= row["df"] if row["df2"] == row["df2"] else 1.0  # of an F its chi²
    assert float(settings["Subgroup Chi²"]) == pytest.approx(row["statistic"])
    assert float(settings["Subgroup df"]) == len(estimates) - 1
    i2 = max(0, 100 * (row["statistic"] - 2) / row["statistic"])
    assert float(settings["Subgroup I²"]) == pytest.approx(i2)
    others = [r for r in rows("overall-estimates-and-settings") if r["Analysis ID"] != "tb"]
    assert {r["Subgroup Chi²"] for r in others if r["Subgroup by"] == ""} == {""}


def test_risk_of_bias_is_a_row_a_study_result_and_tool():
    head = {"study_id": "alone", "outcome": "os", "tool": "RoB 2"}
    judged = pd.DataFrame(
        [
            head | {"label": "Randomisation", "judgement": "low", "support": "drawn by lot"},
            head | {"label": "Overall", "judgement": "", "support": "", "state": "conflict"},
        ]
    ).fillna({"state": "one assessor"})
    found = files(risk_of_bias=judged)["CD000000-study-data/CD000000-risk-of-bias.csv"].decode()
    row = next(csv.DictReader(io.StringIO(found)))
    assert (row["Outcome"], row["Tool"]) == ("os", "RoB 2")
    assert row["Domain (judgement): Randomisation"] == "low"
    assert row["Domain (support): Randomisation"] == "drawn by lot"
    assert not any("Overall" in name for name in row)
    assert not any("risk-of-bias" in name for name in files())


def test_the_same_review_gives_the_same_bytes():
    assert cochrane.package(parts()["asked"], parts()["tables"]) == cochrane.package(
        parts()["asked"], parts()["tables"]
    )


def test_references_come_back_through_our_own_reader(tmp_path):
    said = {
        "record_id": "doi:10.1000/x",
        "doi": "10.1000/x",
        "title": "A title\nover two lines",
        "authors": "Family, Given; Other, A",
        "year": "2011",
        "journal": "A journal",
        "pages": "11-19",
        "type": "journal article",
    }
    records = parts()["tables"]["records"].iloc[:1].assign(**said)
    listed = pd.DataFrame(
        [("doi:10.1000/x", ""), ("pmid:1234", "Found by hand")], columns=["record_id", "title"]
    )
    path = tmp_path / "included.ris"
    text = references.ris(references.of(records, listed), {"doi:10.1000/x": "A study"})
    path.write_text(text, encoding="utf-8")
    found, rejects = export.read(path)
    assert rejects.empty
    assert list(found["title"]) == ["A title over two lines", "Found by hand"]
    assert list(found["doi"]) == ["10.1000/x", ""]
    assert found["pmid"].iloc[1] == "1234"
    assert found["authors"].iloc[0] == "Family, Given; Other, A"
    assert "N1  - A study" in text
