"""Designs through the whole workflow: effects, what waits for people, and the report."""

import csv

import pytest

from running import ROOT, run

pytestmark = pytest.mark.heavy

STUDIES, OUTCOMES = (f"data/raw/extraction/{name}.csv" for name in ("studies", "outcomes"))
BUILT = {
    "ahn-2015": {"allocation": "cluster", "icc": "0.05", "icc_source": "Adams, 2004"}
    | {"cluster_size": "20"},
    "bauer-2016": {"allocation": "crossover", "n": "30"},
    "costa-2017": {"design": "cluster-randomised"},
    "dlamini-2018": {"allocation": "cluster", "icc": "0.05"},
}


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def rewritten(path, table):
    names = list(dict.fromkeys(name for row in table for name in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(table)


@pytest.fixture(scope="module")
def done(finished_run, tmp_path_factory):
    """The small review with trials of these designs, run as far as its page; what the run said."""
    folder = tmp_path_factory.mktemp("designs")
    finished_run(folder)
    studies = rows(folder / STUDIES)
    rewritten(folder / STUDIES, [row | BUILT.get(row["study_id"], {}) for row in studies])
    printed = rows(folder / OUTCOMES)
    for row in printed:
        if (row["study_id"], row["statistic"]) == ("ahn-2015", "hazard-ratio"):
            row["clusters"] = "adjusted"
    rewritten(folder / OUTCOMES, printed)
    return folder, run(ROOT, folder, "render").text


def test_effects_have_the_error_of_their_design(done):
    folder, _ = done
    effects = {
        (r["synthesis"], r["study_id"]): r for r in rows(folder / "results/effects/effects.csv")
    }
    ahn = effects["fever-or", "ahn-2015"]
    plain = 1 / 8 + 1 / 32 + 1 / 17 + 1 / 23
    assert float(ahn["vi"]) == pytest.approx(1.95 * plain)
    assert float(ahn["ai"]) == pytest.approx(8 / 1.95)
    assert (ahn["n"], ahn["events"]) == ("80", "25")
    assert "Adams, 2004" in ahn["assumed"]
    assert "as printed" in effects["survival-hr", "ahn-2015"]["assumed"]
    assert effects["fever-or", "bauer-2016"]["n"] == "30"
    assert effects["fever-or", "dlamini-2018"]["grade"] == "rough"
    pooled = rows(folder / "results/pooling/pooled.csv")
    result = next(r for r in pooled if r["synthesis"] == "fever-or" and r["primary"] == "true")
    assert result["n"] == str(80 + 30 + 90)


def test_what_is_missing_waits_for_people_and_is_told(done):
    folder, said = done
    found = {row["kind"]: row for row in rows(folder / "results/to_settle.csv")}
    clusters, pairs = found["clusters-not-accounted"], found["pairs-not-accounted"]
    assert clusters["study_id"] == "dlamini-2018"
    assert "no cluster_size in studies.csv" in clusters["what"]
    assert (pairs["study_id"], pairs["file"]) == ("bauer-2016", STUDIES)
    assert found["printed-misfit"]["study_id"] == "costa-2017"
    assert "cluster in the column allocation" in found["printed-misfit"]["what"]
    page = (folder / "results/report.html").read_text()
    for words in ("cluster trial without its design effect", "paired study taken as parallel"):
        assert words in said
        assert words in page
