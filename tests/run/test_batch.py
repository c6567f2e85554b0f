"""A batch of reviews: which there are, how each fared, and the run itself."""

import csv
import os
import shutil
import subprocess
import sys

import pytest

from livingmeta.run import batch
from running import ROOT, digests, house, review, run


def protocol(folder):
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "config.yaml").touch()


def test_a_review_is_a_folder_with_a_protocol_and_holds_no_other(tmp_path):
    for name in ("two", "deep/er", "two/examples/inner", ".hidden/x"):
        protocol(tmp_path / name)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.yaml").touch()
    (tmp_path / "notes").mkdir()
    assert batch.reviews(tmp_path) == ["deep/er", "two"]


def test_linked_reviews_are_run_and_a_link_back_is_not_followed(tmp_path):
    away, here = tmp_path / "away", tmp_path / "here"
    for folder in (away / "config", here / "ok/config"):
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text("")
    (here / "linked").symlink_to(away)
    (here / "round").symlink_to(here)
    assert batch.reviews(here) == ["linked", "ok"]


def test_how_each_fared_is_told_and_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good/results").mkdir(parents=True)
    kinds = ["undecided-record", "undecided-record", "study-without-risk-of-bias"]
    (tmp_path / "good/results/to_settle.csv").write_text("\n".join(["kind", *kinds, ""]))
    (tmp_path / "bad.log").write_text("x\nOne thing needs mending:\n  * a.csv, row 2: 166\n")
    (tmp_path / "odd.log").write_text('WorkflowError\nThe disk is full\n  File "x", line 3\n')
    names = ["bad", "good", "late", "odd"]
    rows = batch.fared(names, iter(["good"]), {"bad": ["bad.log"], "odd": ["odd.log"]})
    assert [row["state"] for row in rows] == ["failed", "up to date", "not begun", "failed"]
    assert rows[0]["said"] == "a.csv, row 2: 166"
    assert rows[1]["records that await a decision"] == 2
    assert rows[1]["included studies whose risk of bias is not judged"] == 1
    assert rows[3]["said"] == "WorkflowError The disk is full"
    said = batch.last_words(rows, 12)
    assert "4 reviews in 12 s: 1 up to date, 2 failed, 1 not begun." in said
    assert "  good  up to date  2 for people to settle" in said
    batch.write(rows, "results/reviews.csv")
    with open("results/reviews.csv", newline="") as file:
        assert [row["review"] for row in csv.DictReader(file)] == names
    assert os.listdir("results") == ["reviews.csv"]


@pytest.mark.parametrize(
    "name", ["a b/c-d", "{x}", "-n", "=1+1", "two\nlines", "50%", "größe 北", "it's *", "a%7Bb"]
)
def test_the_label_of_a_folder_is_harmless_and_leads_back(name):
    label = batch.label(name)
    assert batch.name(label) == name
    assert not set(label) & set("{}*\n'=")
    assert label == name or "%" in label


def test_no_cell_of_the_table_is_a_formula(tmp_path):
    rows = batch.fared(["=1+1", "@x"], [], {"@x": []})
    rows[1]["said"] = "+cmd|calc"
    batch.write(rows, tmp_path / "reviews.csv")
    with open(tmp_path / "reviews.csv", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert {"'=1+1", "'@x", "'+cmd|calc"} <= set(cells)


def test_an_empty_folder_says_so():
    assert "no folder with config/config.yaml" in batch.last_words([], 0)


# A run of a review that a killed batch left: it ends by itself.
AT_WORK = (
    "import time; from livingmeta.run import claim; "
    "claim.begin('.snakemake/run', 'results/logs', print); print('held', flush=True); "
    "time.sleep(10)"
)


@pytest.mark.heavy
def test_one_command_runs_them_all_and_a_failure_stops_no_other(tmp_path):
    home, folder = house(tmp_path / "house"), tmp_path / "reviews"
    shutil.copy(ROOT / "batch.smk", home)
    for name in ("one", "deep {er}/=two", "broken"):
        review(folder / name)
    printed = folder / "broken" / "data/raw/extraction/outcomes.csv"
    whole = printed.read_text()
    printed.write_text(whole.replace("survival,62.5,", "survival,162.5,"))
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(home / "batch.smk")]
    command += ["--cores", "2", "--nocolor", "--directory", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 1, done.stderr
    assert "3 reviews" in done.stderr
    assert "2 up to date, 1 failed." in done.stderr
    assert "outcomes.csv, row 10, column value: '162.5'" in done.stderr
    alone = review(tmp_path / "alone")
    run(home, alone)
    assert digests(folder / "one") == digests(alone) == digests(folder / "deep {er}" / "=two")
    printed.write_text(whole)
    with subprocess.Popen(
        [sys.executable, "-c", AT_WORK],
        cwd=folder / "broken",
        env=os.environ | {"PYTHONPATH": str(home / "workflow" / "scripts")},
        stdout=subprocess.PIPE,
    ) as left:
        assert left.stdout.readline()
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "broken: a run of it is at work. Waiting for its end." in done.stderr
    assert "3 reviews" in done.stderr
    assert digests(folder / "broken") == digests(alone)
