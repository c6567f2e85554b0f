"""What runs again, and what does not: each case that a person meets, tried on the real workflow.

The cases of one module share a review that has been run once; each edits it, asks for the plan
and puts back what it edited, so that every case starts from the same finished state.
"""

import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from livingmeta.run import record
from running import STAGES, digests, from_stage, house, planned, review, run, snakemake

ALL = STAGES


@pytest.fixture(scope="module")
def finished(finished_run, tmp_path_factory):
    """A house and a small review in it, run to the end."""
    home = house(tmp_path_factory.mktemp("caching") / "house")
    finished_run(home)
    return home


@contextmanager
def edited(path: Path, old: str, new: str):
    """`path` with one passage replaced, for a while; its bytes and date are put back."""
    content, stat = path.read_bytes(), path.stat()
    assert old in content.decode(), f"{path} no longer holds {old!r}"
    path.write_text(content.decode().replace(old, new, 1))
    try:
        yield
    finally:
        path.write_bytes(content)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_a_second_run_does_nothing(finished):
    assert planned(finished, finished) == []


@pytest.mark.heavy
def test_touching_every_file_does_nothing(finished):
    for path in finished.rglob("*"):
        if path.is_file() and ".snakemake" not in path.parts and "results" not in path.parts:
            os.utime(path)
    assert planned(finished, finished) == []


def test_a_fresh_clone_over_kept_results_does_nothing(finished, tmp_path):
    clone = house(tmp_path / "clone")
    review(clone, finished)
    for name in ("results", ".snakemake"):
        subprocess.run(["cp", "-a", str(finished / name), str(clone / name)], check=True)
    assert planned(clone, clone) == []


@pytest.mark.heavy
def test_a_touched_result_does_nothing(finished):
    os.utime(finished / "results" / "effects" / "effects.csv")
    assert planned(finished, finished) == []


def test_a_raw_file_replaced_by_one_with_an_older_date_is_noticed(finished):
    path = finished / "data" / "raw" / "extraction" / "outcomes.csv"
    with edited(path, "survival,62.5,40", "survival,60,40"):
        long_ago = time.time() - 10 * 365 * 86400
        os.utime(path, (long_ago, long_ago))
        assert planned(finished, finished) == from_stage("extract")


@pytest.mark.heavy
def test_adding_an_export_runs_again_from_reading_onward(finished):
    folder = finished / "data" / "raw" / "searches"
    new = folder / "update" / "late.ris"
    shutil.copy(folder / "first" / "embase.ris", new)
    assert planned(finished, finished) == ALL
    new.unlink()
    assert planned(finished, finished) == []


@pytest.mark.heavy
def test_a_decision_runs_again_from_screening_onward(finished):
    path = finished / "data" / "raw" / "screening" / "decisions.csv"
    with edited(path, "full text wanted", "full text ordered"):
        assert planned(finished, finished) == from_stage("screen")


@pytest.mark.heavy
def test_a_vote_that_moves_no_record_is_nothing_to_the_numbers(finished):
    names = ("extraction/outcomes.csv", "pooling/pooled.csv", "living/changes.csv")
    files = [finished / "results" / name for name in names]
    written = [path.stat().st_ino for path in files]  # what is written anew has another
    with edited(finished / "data/raw/screening/decisions.csv", "full text wanted", "ordered"):
        run(finished, finished)
        assert "ordered" in (finished / "results/report.html").read_text()
        assert [path.stat().st_ino for path in files] == written
    run(finished, finished)


@pytest.mark.heavy
def test_an_extracted_number_runs_again_from_extraction_onward(finished):
    with edited(finished / "data/raw/extraction/outcomes.csv", "62.5,40", "60,40"):
        assert planned(finished, finished) == from_stage("extract")


@pytest.mark.heavy
def test_a_file_that_nobody_reads_is_listed_at_once(finished):
    path = finished / "data/raw/extraction/notes.txt"
    path.write_text("Ask the authors.\n")
    assert planned(finished, finished) == from_stage("settle")
    path.unlink()
    assert planned(finished, finished) == []


@pytest.mark.heavy
def test_lost_bookkeeping_of_the_engine_changes_nothing(finished):
    """Dates are then all that Snakemake goes by; what runs finds that its record fits."""
    before = digests(finished)
    shutil.rmtree(finished / ".snakemake")
    os.utime(finished / "data/raw/extraction/outcomes.csv")
    run(finished, finished)
    assert digests(finished) == before
    assert planned(finished, finished) == []


@pytest.mark.heavy
def test_a_file_of_the_future_stops_nothing(finished):
    """Snakemake refuses results that are older than what they were made from; the date of a file
    that somebody brought is theirs."""
    path = finished / "data/raw/extraction/outcomes.csv"
    ahead = time.time() + 10**8
    before = digests(finished)
    with edited(path, "survival,62.5,40", "survival,60,40"):
        os.utime(path, (ahead, ahead))
        run(finished, finished)
        assert path.stat().st_mtime == pytest.approx(ahead)
        assert digests(finished) != before
        assert ".snakemake/brought" not in (finished / "results/logs/extract.done").read_text()
        assert planned(finished, finished) == []
    run(finished, finished)
    assert planned(finished, finished) == []


@pytest.mark.heavy
def test_lost_bookkeeping_hides_no_change_of_the_protocol(finished):
    away = finished / ".snakemake-away"
    (finished / ".snakemake").rename(away)
    try:
        with edited(finished / "config/config.yaml", "measure: PLO", "measure: PLN"):
            assert set(from_stage("harmonise")) <= set(planned(finished, finished))
    finally:
        shutil.rmtree(finished / ".snakemake", ignore_errors=True)
        away.rename(finished / ".snakemake")


@pytest.mark.parametrize(
    ("name", "old", "new", "first"),
    [
        ("effects/effects.csv", "ahn-2015", "ahn-2016", "harmonise"),
        pytest.param("pooling/pooled.csv", "REML", "DL", "pool", marks=pytest.mark.heavy),
        pytest.param("report.html", "Summary", "summary", "render", marks=pytest.mark.heavy),
        pytest.param("screening/flow.json", "{", "{ ", "screen", marks=pytest.mark.heavy),
    ],
)
@pytest.mark.parametrize("later", [-(10**9), pytest.param(10**9, marks=pytest.mark.heavy)])
def test_a_result_that_was_changed_by_hand_is_made_again(finished, name, old, new, first, later):
    path = finished / "results" / name
    when = path.stat().st_mtime + later
    with edited(path, old, new):
        os.utime(path, (when, when))
        done = snakemake(finished, finished, "--dry-run")
        assert f"To be made again: results/{name} was changed by hand." in done.text
        assert planned(finished, finished) == from_stage(first)


@pytest.mark.heavy
def test_a_result_that_is_gone_is_made_again(finished):
    path = finished / "results" / "pooling" / "gosh.csv"
    content = path.read_bytes()
    path.unlink()
    try:
        done = snakemake(finished, finished, "--dry-run")
        assert "To be made again: results/pooling/gosh.csv was missing." in done.text
        assert planned(finished, finished) == from_stage("pool")
    finally:
        path.write_bytes(content)
    assert planned(finished, finished) == []


@pytest.mark.heavy
@pytest.mark.parametrize("how", ["copied with its dates", "copied anew"])
def test_earlier_results_put_back_are_made_again(finished, tmp_path, how):
    """A backup of results/ from before a correction, with or without what Snakemake knows."""
    raw = finished / "data/raw/extraction/outcomes.csv"
    before = digests(finished)
    shutil.copytree(finished / "results", tmp_path / "old", copy_function=shutil.copy2)
    with edited(raw, "survival,62.5,40", "survival,60,40"):
        run(finished, finished)
        corrected = digests(finished)
        assert corrected != before
        shutil.rmtree(finished / "results")
        keep = shutil.copy2 if how == "copied with its dates" else shutil.copyfile
        shutil.copytree(tmp_path / "old", finished / "results", copy_function=keep)
        # Dates may make more due; what runs then finds that its record fits.
        assert set(from_stage("extract")) <= set(planned(finished, finished))
        run(finished, finished)
        assert digests(finished) == corrected
    run(finished, finished)
    assert digests(finished) == before


@pytest.mark.heavy
def test_forceall_computes_everything_anew(finished):
    before = digests(finished)
    path = finished / "results" / "pooling" / "pooled.csv"
    stamp = path.stat().st_mtime_ns
    run(finished, finished, "--forceall")
    assert path.stat().st_mtime_ns > stamp
    assert digests(finished) == before


BEHIND = ["render", "typeset", "export", "package"]
PROTOCOL_EDITS = [
    ("a model", "measure: PLO", "measure: PLO\n    model: {tau2: DL}", from_stage("pool")),
    # From the extraction on: curves of two people are compared at the times of syntheses.
    ("a time", "time: 12", "time: 13", from_stage("extract")),
    (
        "a title of a synthesis",
        "title: Fever at one week",
        "title: Fever within a week",
        ["appraise", "compare", "settle", "draw", "accumulate", *BEHIND],
    ),
    (
        "the title",
        "title: Testomycin for",
        "title: Testomycin against",
        ["rank", "verify", "digitise", "compare", "settle", "accumulate", *BEHIND],
    ),
    (
        "a threshold",
        "title: Fever at one week",
        "title: Fever at one week\n    thresholds: [0.8]",
        ["compare", "settle", "accumulate", *BEHIND],
    ),
    ("a reason", "wrong-drug: Another drug", "wrong-drug: Other drug", from_stage("screen")),
    # The archive holds the protocol as it stands, comments and all.
    ("a comment", "review:", "# nothing\nreview:", ["package"]),
]


# Of each kind one; the others are heavy.
FAST = ("a comment", "outcomes.py", "report.html.jinja")


def marked(case):
    """A case as a parameter, heavy unless FAST names it."""
    fast = case[0].rpartition("/")[2] in FAST
    return pytest.param(*case, id=case[0], marks=[] if fast else [pytest.mark.heavy])


@pytest.mark.parametrize(("_name", "old", "new", "due"), [marked(e) for e in PROTOCOL_EDITS])
def test_a_key_of_the_protocol_runs_again_what_depends_on_it(finished, _name, old, new, due):
    with edited(finished / "config" / "config.yaml", old, new):
        assert planned(finished, finished) == due


@pytest.mark.parametrize(
    "asked_for",
    [
        "results/report.html",
        pytest.param("./results/pooling/pooled.csv", marks=pytest.mark.heavy),
    ],
)
def test_a_file_asked_for_by_its_name_is_never_current_over_another_protocol(finished, asked_for):
    stage = "render" if "report" in asked_for else "pool"
    with edited(finished / "config" / "config.yaml", "measure: PLO", "measure: PLN"):
        done = snakemake(finished, finished, "--dry-run", "--cores=1", asked_for)
        assert done.returncode
        assert re.search(rf"Ask for its stage: snakemake --cores \d .* {stage}$", done.text, re.M)
    done = snakemake(finished, finished, "--dry-run", asked_for)
    assert done.returncode == 0, done.text


@pytest.mark.heavy
def test_a_job_on_another_machine_may_name_a_file_that_is_made_again(finished):
    """It is a Snakemake of its own, which is told of what is due."""
    again = "results/logs/pool.done.again"
    record.tell({"pool": again}, finished / ".snakemake" / "due")
    job = ("--mode", "remote", "--target-jobs", "pool:", "--nolock", "--dry-run")
    with edited(finished / "config" / "config.yaml", "measure: PLO", "measure: PLN"):
        done = snakemake(finished, finished, *job, "results/pooling/pooled.csv", again)
    assert done.returncode == 0, done.text
    assert "Ask for its stage" not in done.text


# A module, and the first stage that imports it. Stages that import it later run behind anyway.
MODULES = [
    ("livingmeta/screening/readers/export.py", "deduplicate"),
    ("livingmeta/screening/agreement.py", "screen"),
    ("livingmeta/screening/queue.py", "rank"),
    ("livingmeta/extraction/outcomes.py", "extract"),
    ("livingmeta/effects/harmonise.py", "harmonise"),
    ("livingmeta/pooling/synthesis.py", "pool"),
    ("livingmeta/living/to_settle.py", "settle"),
    ("livingmeta/figures/forest.py", "draw"),
    ("livingmeta/report/page/page.py", "render"),
    ("livingmeta/tables.py", "deduplicate"),
    ("pool.py", "pool"),
    ("../schemas/pooling/pooled.yaml", "pool"),
    ("../templates/report.html.jinja", "render"),
    ("../tools/rob_2.yaml", "extract"),
]


@pytest.mark.parametrize(("module", "first"), [marked(m) for m in MODULES])
def test_editing_code_runs_again_the_stages_that_use_it(finished, module, first):
    path = finished / "workflow" / "scripts" / module
    content, stat = path.read_bytes(), path.stat()
    end = b"\n{# edited #}\n" if path.suffix == ".jinja" else b"\n# edited\n"
    path.write_bytes(content + end)
    # An older date than before: only the content can tell.
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns - 10**15))
    try:
        assert planned(finished, finished) == from_stage(first)
    finally:
        path.write_bytes(content)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.heavy
def test_a_raw_file_changed_and_changed_back_leaves_identical_bytes(finished):
    before = digests(finished)
    path = finished / "data" / "raw" / "extraction" / "outcomes.csv"
    with edited(path, "survival,62.5,40", "survival,60,40"):
        run(finished, finished)
        assert digests(finished) != before
    run(finished, finished)
    assert digests(finished) == before
    assert planned(finished, finished) == []


@pytest.mark.heavy
def test_results_do_not_depend_on_folder_cores_time_zone_locale_or_hash_seed(finished, tmp_path):
    other = review(tmp_path / "elsewhere", finished)
    surroundings = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "42"}
    run(finished, other, "--cores", "4", **surroundings)
    assert digests(other) == digests(finished)


@pytest.mark.heavy
def test_figures_of_a_synthesis_that_is_gone_are_pruned(finished):
    path = finished / "config" / "config.yaml"
    figures = finished / "results" / "figures"
    assert (figures / "forest-survival-hr.svg").exists()
    gone = path.read_text()[path.read_text().index("  survival-hr:") :]
    with edited(path, gone, ""):
        run(finished, finished)
        assert not list(figures.glob("*survival-hr*"))
    run(finished, finished)
    assert (figures / "forest-survival-hr.svg").exists()
