"""A review whose paper prints curves, through the whole workflow: every road from a figure."""

import csv
import json
import re
from math import exp

import pandas as pd
import pytest

from running import ROOT, review, run

pytestmark = pytest.mark.heavy
CURVES = ROOT / "tests" / "reviews" / "curves"
# Of the simulated patients behind the figure of Moreau 2021 (60 an arm), by Cox and Kaplan-Meier.
TRUTH = {
    "hr": 0.526,
    "survival": {"drug": 0.575, "none": 0.244},
    "median": {"drug": 26.76, "none": 12.95},
    "months lived": 17.71,
    "months": 17.71 - 14.30,
    "events": {"drug": 31, "none": 40},
}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = review(tmp_path_factory.mktemp("curves") / "review", CURVES)
    # Kim's hand on the same curve, which goes astray by a hundredth of a month.
    own = folder / "data/raw/extraction/curves/moreau-2021.drug.survival.csv"
    head, first, *points = own.read_text(encoding="utf-8").splitlines()
    kim = [f"{float(t) + 0.01:.2f},{s}" for t, s in (line.split(",") for line in points)]
    kim_has = "\n".join([head, first, *kim])
    own.with_name("moreau-2021.drug.survival-kim.csv").write_text(kim_has, encoding="utf-8")
    # A name behind an outcome is a person whom the review knows: Kim read the numbers below it too.
    printed = folder / "data/raw/extraction/outcomes.csv"
    table = pd.read_csv(printed, dtype=str, keep_default_na=False)
    below = (table["study_id"] == "moreau-2021") & (table["statistic"] == "at-risk")
    assert below.any()
    table["extractor"] = below.map({True: "kim", False: ""})
    table.to_csv(printed, index=False)
    run(ROOT, folder)
    return folder


def rows(folder, name, **where):
    with open(folder / "results" / f"{name}.csv", encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    return [row for row in found if all(row[c] == v for c, v in where.items())]


def moreau(folder, synthesis):
    (row,) = rows(folder, "effects/effects", synthesis=synthesis, study_id="moreau-2021")
    return row


def test_the_hazard_ratio_comes_from_the_rebuilt_patients(done):
    row = moreau(done, "survival-hr")
    assert row["route"] == "G"
    assert exp(float(row["yi"])) == pytest.approx(TRUTH["hr"], abs=0.005)
    tried = rows(done, "effects/routes", synthesis="survival-hr", study_id="moreau-2021")
    assert {r["route"] for r in tried} >= {"G", "T12"}


def test_survival_at_a_time_has_greenwoods_error(done):
    row = moreau(done, "survival-2y")
    assert row["route"] == "S2"
    logit = float(row["yi"])
    assert 1 / (1 + exp(-logit)) == pytest.approx(TRUTH["survival"]["drug"], abs=0.002)
    assert moreau(done, "survival-2y-or")["route"] == "S2"


def test_months_lived_and_medians_come_from_the_curves(done):
    row = moreau(done, "months-lived")
    assert (row["measure"], row["route"]) == ("MD", "G")
    assert float(row["yi"]) == pytest.approx(TRUTH["months"], abs=0.02)
    for curve in rows(done, "extraction/curves"):
        assert float(curve["median"]) == pytest.approx(TRUTH["median"][curve["arm"]], abs=0.1)
        assert int(curve["events"]) == TRUTH["events"][curve["arm"]]
        assert float(curve["rmse"]) < 0.001


def test_a_median_is_a_measure_and_one_not_reached_is_set_aside(done):
    row = moreau(done, "median-survival")
    assert (row["measure"], row["route"]) == ("MEDLN", "M2")
    assert exp(float(row["yi"])) == pytest.approx(TRUTH["median"]["drug"], abs=0.1)
    (printed,) = rows(done, "effects/effects", synthesis="median-survival", study_id="nagy-2022")
    assert (printed["route"], exp(float(printed["yi"]))) == ("M1", pytest.approx(26.5))
    (aside,) = rows(done, "effects/unusable", synthesis="median-survival")
    assert (aside["study_id"], aside["reason"]) == (
        "olsen-2023",
        "median of drug not reached (row 16)",
    )
    (result,) = rows(done, "pooling/pooled", synthesis="median-survival", primary="true")
    assert 26.4 < float(result["display_estimate"]) < 26.9
    page = (done / "results" / "report.html").read_text(encoding="utf-8")
    assert "median of drug not reached (row 16)" in page
    forest = (done / "results" / "figures" / "forest-median-survival.svg").read_text()
    assert "Median time, months" in forest


def test_the_mean_time_lived_of_one_arm_comes_from_its_curve(done):
    row = moreau(done, "months-lived-with-drug")
    assert (row["measure"], row["route"]) == ("MN", "G")
    assert float(row["yi"]) == pytest.approx(TRUTH["months lived"], abs=0.02)
    text = re.sub("<[^>]*>", "", (done / "results/report.html").read_text(encoding="utf-8"))
    assert "restricted mean survival time" in text
    assert "up to 24 months" in text


def test_the_same_evidence_stands_on_every_scale(done):
    hazard = rows(done, "pooling/absolute", synthesis="survival-hr")
    assert {r["scale"] for r in hazard} == {
        *("HR", "OR", "RR", "RD", "control-per-1000", "per-1000", "difference-per-1000"),
        *("RMST-difference", "E-value", "E-value-limit"),
    }
    (months,) = rows(done, "pooling/absolute", synthesis="survival-2y-or", scale="RMST-difference")
    assert float(months["estimate"]) == pytest.approx(TRUTH["months"], abs=0.02)
    assert float(months["time"]) == 24


def test_survival_over_time_counts_the_cohorts_treated_as_complete(done):
    table = rows(done, "pooling/over_time")
    assert [(r["time"], r["k"], r["complete"], r["rises"]) for r in table] == [
        ("12", "3", "2", "false"),
        ("24", "2", "0", "false"),
    ]
    assert "Overall survival" in (done / "results/figures/over_time.svg").read_text()


def test_one_curve_across_times_from_the_figure_and_from_what_is_printed(done):
    table = rows(done, "pooling/course", model="random")
    assert [(r["time"], r["k"], r["complete"], r["few"]) for r in table] == [
        ("12", "3", "2", "false"),
        ("24", "2", "1", "true"),
        ("36", "1", "0", "true"),
    ]
    by_study = {r["study_id"]: r for r in rows(done, "effects/intervals", end="24")}
    assert by_study["moreau-2021"]["at_risk"] == "38"
    assert float(by_study["moreau-2021"]["survival"]) == pytest.approx(0.575, abs=0.002)
    assert float(by_study["nagy-2022"]["share"]) == pytest.approx(0.55 / 0.71)
    lowest, highest = 0.55, 0.575
    assert lowest - 0.03 < float(table[1]["estimate"]) < highest
    (whole,) = rows(done, "pooling/courses", primary="true")
    assert 24 < float(whole["median"]) < 36
    (rail,) = rows(done, "pooling/decisions", synthesis="survival-curve")
    assert rail["rule"] == "few-left"
    drawn = (done / "results/figures/over_time.svg").read_text()
    assert "Overall survival: Testomycin, one curve across times" in drawn
    text = re.sub("<[^>]*>", "", (done / "results/report.html").read_text(encoding="utf-8"))
    assert "One curve across times from 3 studies of 149 patients by random effects" in text
    assert "from 24 on 2 of 3 studies give the interval" in text
    numbers = json.loads((done / "results/numbers.json").read_text())
    (share,) = [n for n in numbers if n["id"] == "course/survival-curve/2/estimate"]
    assert share["value"] == float(table[1]["estimate"])


def test_a_second_digitiser_is_compared_and_the_first_goes_on_counting(done):
    (row,) = rows(done, "extraction/curve_readings")
    assert (row["first"], row["second"], row["state"]) == ("", "kim", "agree")
    assert row["at_times"].startswith("12: ")
    (curve,) = rows(done, "extraction/curves", arm="drug")
    assert curve["file"] == row["taken"] == row["first_file"]
    page = (done / "results" / "report.html").read_text(encoding="utf-8")
    assert "that both digitised" in page
    assert "ICC(A,1)" in page


def test_the_overlay_shows_both_curves(done):
    svg = (done / "results" / "figures" / "curves.svg").read_text()
    assert "Moreau 2021: Testomycin" in svg
    assert "Moreau 2021: No testomycin" in svg
    assert svg.count("RMSE 0.000") == 4  # in the panels and in words


def test_different_starts_of_the_arms_are_raised(done):
    found = rows(done, "extraction/problems", check="time zero")
    told = {(row["study_id"], row["severity"], row["problem_id"]) for row in found}
    assert len(told) == 1
    assert next(iter(told))[:2] == ("nagy-2022", "warning")
    page = (done / "results" / "report.html").read_text(encoding="utf-8")
    starts = "Testomycin: first dose; No testomycin: diagnosis"
    assert f"{starts} <strong>different starts (immortal time)</strong>" in page


def test_the_page_says_what_a_hazard_ratio_means_for_patients(done):
    page = (done / "results" / "report.html").read_text(encoding="utf-8")
    section = page[page.index('id="synthesis-survival-hr"') :]
    section = section[: section.index("</section>")]
    assert re.search(r"survive to (12|24) months", re.sub("<[^>]*>", "", section))
    assert '<th scope="row">any</th>' in section
    assert "Odds ratio</th>" in section
    assert "E-value of the estimate" in section
    assert "Difference of restricted mean survival" in section


def test_the_report_is_whole(done):
    assert (done / "results" / "report.html").stat().st_size > 10_000
    assert len(json.loads((done / "results" / "numbers.json").read_text())) > 50
