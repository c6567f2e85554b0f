"""The workflow on whole reviews: known answers out, every record and number accounted for."""

import csv
import json
import re
from itertools import accumulate

import pytest

import printed_text
from marked import heavy_but
from running import ROOT, review, run

REVIEWS = heavy_but(["small"], ["bcg", "small", "hcc"])


def rows(folder, name) -> list[dict]:
    with open(folder / "results" / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def bcg(finished_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bcg")
    finished_run(folder, ROOT / "examples" / "bcg")
    return folder


@pytest.fixture(scope="module")
def small(finished_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    finished_run(folder)
    return folder


@pytest.fixture(scope="module")
def hcc(finished_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hcc")
    finished_run(folder, ROOT)
    return folder


def primary(folder, synthesis) -> dict:
    found = [
        row
        for row in rows(folder, "pooling/pooled")
        if row["synthesis"] == synthesis and row["primary"] == "true"
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.heavy
def test_bcg_trials_give_the_known_answer(bcg):
    """Colditz 1994 in metafor: log risk ratio by REML, as in ?dat.bcg and Viechtbauer 2010."""
    found = primary(bcg, "tuberculosis-rr")
    known = {"estimate": -0.7145, "se": 0.1798, "tau2": 0.3132, "i2": 92.2, "q": 152.23}
    for column, value in known.items():
        digits = len(str(value).split(".")[1])
        assert round(float(found[column]), digits) == value, column
    assert found["k"] == "13"
    # The root itself, to the last digits that a float holds.
    assert float(found["tau2"]) == pytest.approx(0.313243258136481, rel=1e-12)


@pytest.mark.heavy
def test_bcg_moderators_are_those_of_metafor(bcg):
    """Latitude explains: slope -0.0291 (SE 0.0072), Viechtbauer 2010, table on p. 16."""
    slope = [
        row
        for row in rows(bcg, "pooling/moderators")
        if row["synthesis"] == "tuberculosis-rr"
        and (row["analysis"], row["term"]) == ("meta-regression", "latitude")
    ]
    assert len(slope) == 1
    assert round(float(slope[0]["estimate"]), 4) == -0.0291
    assert round(float(slope[0]["se"]), 4) == 0.0072


@pytest.mark.parametrize("name", REVIEWS)
def test_every_record_is_accounted_for(name, request):
    folder = request.getfixturevalue(name)
    searches = rows(folder, "screening/searches")
    read = sum(int(row["read"]) for row in searches)
    records = rows(folder, "screening/records")
    assert read == sum(int(row["copies"]) for row in records)
    assert read == len(records) + len(rows(folder, "screening/duplicates"))
    states = [
        {row["record_id"] for row in rows(folder, f"screening/{state}")}
        for state in ("included", "excluded", "awaiting", "conflicts")
    ]
    assert sum(map(len, states)) == len(records)
    assert set.union(*states) == {row["record_id"] for row in records}


@pytest.mark.parametrize("name", REVIEWS)
def test_every_study_is_used_or_set_aside_with_a_reason(name, request):
    folder = request.getfixturevalue(name)
    studies = {row["study_id"] for row in rows(folder, "extraction/studies")}
    used, aside = rows(folder, "effects/effects"), rows(folder, "effects/unusable")
    for synthesis in {row["synthesis"] for row in used + aside}:
        one = [row["study_id"] for row in used if row["synthesis"] == synthesis]
        two = [row["study_id"] for row in aside if row["synthesis"] == synthesis]
        assert not set(one) & set(two)
        assert len(one) + len(two) == len(set(one + two))
        assert set(one + two) <= studies
    assert all(row["reason"] for row in aside)


def test_the_small_review_counts_as_read_by_hand(small):
    flow = json.loads((small / "results/screening/flow.json").read_text())
    assert flow["identified"]["records"] == 14
    assert flow["removed_before_screening"]["duplicates"] == 2
    assert flow["records"] == 12
    assert flow["screened"] == 11
    assert flow["awaiting_screening"]["unsure"] == 1
    assert flow["excluded_title_abstract"] == 5
    assert flow["sought"] == 6
    assert flow["included"]["studies"] == 5
    effects = {(row["synthesis"], row["study_id"]): row for row in rows(small, "effects/effects")}
    assert effects["survival-hr", "ahn-2015"]["route"] == "T3"
    assert ("survival-1y", "eriksen-2019") not in effects


@pytest.mark.heavy
def test_the_hcc_review_has_the_shape_of_its_evidence(hcc):
    assert primary(hcc, "os-2y-local-vs-none")["k"] == "1"
    assert primary(hcc, "os-hr-local-vs-none")["k"] == "9"
    effects = {(row["synthesis"], row["study_id"]): row for row in rows(hcc, "effects/effects")}
    routes = {
        study: row["route"]
        for (name, study), row in effects.items()
        if name == "os-hr-local-vs-none"
    }
    # A printed hazard ratio, two percentages, two medians: harmonised side by side.
    assert routes["Liu-C-2024"] == "T3"
    assert routes["Kim-K-2021"] == "L"
    assert routes["Zeng-ZC-2005"] == "M"
    # Series of the two tiers never meet, and without being asked no effect is rough.
    tiers = {
        tier: {study for name, study in effects if name.startswith(f"os-{of}-local-vs-none-{tier}")}
        for of in ("1y", "2y", "hr")
        for tier in ("matched", "unmatched")
    }
    assert not tiers["matched"] & tiers["unmatched"]
    assert tiers["matched"] == {"Kim-K-2021", "Chen-J-2018"}
    for (name, study), row in effects.items():
        if "-local-vs-none-" in name:
            assert name.endswith("-rough") or row["grade"] != "rough", (name, study)
    # Medians of the matched pairs, not of all patients.
    assert effects["os-2y-local-vs-none-matched-rough", "Chen-J-2018"]["n"] == "68"


@pytest.mark.heavy
def test_the_printed_hcc_report_has_fifteen_pages_at_most(hcc):
    pages = {
        paper: len(re.findall(rb"/Type\s*/Page\b", (hcc / f"results/{paper}.pdf").read_bytes()))
        for paper in ("report", "supplement")
    }
    assert 5 < pages["report"] <= 15 < pages["supplement"]


@pytest.mark.parametrize("name", REVIEWS)
def test_the_report_is_one_file_that_needs_no_network(name, request):
    folder = request.getfixturevalue(name)
    text = (folder / "results/report.html").read_text(encoding="utf-8")
    assert not re.findall(r"<(?:script|img|iframe|source)[^>]+src=[\"'](?!data:)", text)
    assert not re.findall(r"<link[^>]+href=[\"'](?!data:)", text)
    assert "@import" not in text
    assert not re.findall(r"url\([\"']?https?:", text)
    assert text.count("<svg") >= 2


def test_the_summary_of_findings_says_of_whom_and_what_it_is(small):
    text = (small / "results/report.html").read_text(encoding="utf-8")
    head = re.search(r'<section id="findings">(.*?)<table', text, flags=re.DOTALL)[1]
    plain = " ".join(re.sub(r"<[^>]+>", "", head).split())
    assert "Patients or population: Adults with imaginary fever." in plain
    assert "Comparison: Nothing." in plain


@pytest.mark.parametrize("name", REVIEWS)
def test_what_stands_beside_the_figures_is_what_they_print(name, request):
    folder = request.getfixturevalue(name) / "results"
    beside = [folder / "figures" / f"{part}.json" for part in ("drawn", "accumulated")]
    told = {
        name: facts
        for path in beside
        for name, facts in json.loads(path.read_text("utf-8")).items()
    }
    ids = [entry["id"] for entry in json.loads((folder / "numbers.json").read_text("utf-8"))]
    below = {begin for id_ in ids for begin in accumulate(id_.split("/"), "{}/{}".format)}
    figures = {path.stem: path for path in (folder / "figures").glob("*.svg")}
    assert set(told) == set(figures)
    for name, facts in told.items():
        lines = [(number, words) for number, words in facts["lines"]]
        assert sorted(lines) == sorted(printed_text.in_figure(figures[name].read_text("utf-8")))
        numbered = [line for line in lines if printed_text.numbers_in(line[1]) and line[0]]
        assert [line for line in numbered if line[0] not in {"tick", *below}] == [], name


@pytest.mark.heavy
def test_snakemakes_own_report_shows_every_figure_with_its_caption(bcg):
    run(ROOT, bcg, "--report", "report_of_the_run.html")
    page = (bcg / "report_of_the_run.html").read_text(encoding="utf-8")
    for figure in (bcg / "results" / "figures").glob("*.svg"):
        assert f"results/figures/{figure.name}" in page
    for kind in ("forest", "direction", "flow", "pooled", "changes", "diagnostics"):
        caption = (ROOT / "workflow" / "report" / f"{kind}.rst").read_text(encoding="utf-8")
        assert re.split(r"[,:.]", caption)[0] in page, kind


def test_every_caption_is_of_something_and_every_optional_figure_has_one():
    folder = ROOT / "workflow" / "rules"
    rules = "".join((folder / name).read_text("utf-8") for name in ("common.smk", "report.smk"))
    kinds = {path.stem for path in (ROOT / "workflow" / "report").glob("*.rst")}
    assert {"curves", "information", "updated_flow", "cumulative", "over_time"} <= kinds
    assert all(kind in rules or kind == "pooled" for kind in kinds)


@pytest.mark.heavy
def test_a_pair_that_a_person_settled_is_honoured(tmp_path):
    folder = review(tmp_path / "review")
    # Two reports that no rule would link: a person says they are one.
    (folder / "data/raw/screening/duplicates.csv").write_text(
        "record,other,decision,decided_by\ndoi:10.5555/tm.7,doi:10.5555/tm.8,same,ab\n"
    )
    run(ROOT, folder, "results/logs/deduplicate.done")
    records = rows(folder, "screening/records")
    assert len(records) == 11
    merged = [row for row in records if "doi:10.5555/tm.7" in row["identifiers"]]
    assert "doi:10.5555/tm.8" in merged[0]["identifiers"]
    assert {row["decided_by"] for row in rows(folder, "screening/duplicates")} >= {"ab"}
