"""What is read of Snakemake's inside: from made-up records, and on the terminal of real runs."""

import io
import logging
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from snakemake.common import NOTHING_TO_BE_DONE_MSG
from snakemake_interface_logger_plugins.common import LogEvent

from livingmeta.errors import InputError
from livingmeta.run import engine, watching
from running import ROOT, STAGES, digests, review, run, snakemake

RULES = {"screen": "Resolve the decisions.", "rank": "Rank."}


@pytest.fixture
def watch():
    return watching.Watch(io.StringIO())


def record(event=None, level=logging.INFO, message="", **values):
    made = logging.LogRecord("snakemake", level, "", 0, message, None, None)
    made.__dict__.update(values, event=event)
    return made


def test_records_are_read_whole(watch):
    listener = engine.Listener(watch)
    log = ["results/logs/screen.log (check log file(s) for error details)"]
    failed = {"jobid": 2, "rule_name": "rank", "log": log, "rule_msg": "no room"}
    for one in (
        record(LogEvent.RUN_INFO, stats={"screen": 1, "rank": 1, "all": 1, "total": 3}),
        record(LogEvent.JOB_INFO, jobid=1, rule_name="screen", wildcards={}),
        record(LogEvent.JOB_INFO, jobid=2, rule_name="rank", wildcards={"of": "a/b"}),
        record(LogEvent.JOB_FINISHED, job_id=1),
        record(LogEvent.JOB_ERROR, logging.ERROR, **failed),
    ):
        listener.handle(one)
    assert watch.planned == {"screen": 1, "rank": 1}
    assert watch.ran == ["screen"]
    assert watch.failed == {"a/b": ["results/logs/screen.log"]}
    assert watch.reasons == {"a/b": "no room"}


def test_idle_is_called_where_nothing_is_due(watch):
    called = []
    engine.Listener(watch, lambda: called.append(1)).handle(record(message=NOTHING_TO_BE_DONE_MSG))
    assert called == [1]


def test_a_record_of_another_shape_gives_the_word_back_to_snakemake(watch):
    listener, shows = engine.Listener(watch), engine.unsaid(watch)
    watch.begin(RULES)
    told = record("job_error", logging.ERROR, "Error in rule screen", number=1)
    assert not shows(told)
    listener.handle(told)
    assert shows(told)


@pytest.mark.parametrize(
    ("event", "level", "message", "before", "after"),
    [
        (None, logging.INFO, "Building DAG of jobs...", False, False),
        ("run_info", logging.INFO, "Job stats", False, False),
        (None, logging.INFO, "Created report.", True, False),
        ("job_info", logging.INFO, " Rule: screen", True, False),
        ("job_error", logging.ERROR, "Error in rule screen", True, False),
        (None, logging.WARNING, "Restored previous version of a.csv", True, False),
        (None, logging.WARNING, "Terminating processes on user request", True, True),
        ("error", logging.ERROR, "WorkflowError:\nNo space left on device", True, True),
        ("error", logging.ERROR, "MissingOutputException", True, True),
    ],
)
def test_the_terminal_keeps_what_is_not_said_in_other_words(
    watch, event, level, message, before, after
):
    shows, told = engine.unsaid(watch), record(event, level, message)
    assert shows(told) is before
    watch.begin(RULES)
    assert shows(told) is after


def test_what_another_version_lacks_is_left_out():
    bare = SimpleNamespace()
    assert engine.leads(bare) is False
    assert engine.is_module(bare) is False
    assert engine.dry(bare) is True
    assert engine.sentences(bare) == {}
    assert engine.asked(bare) == {}
    logger = logging.Logger("bare")
    logger.addHandler(logging.StreamHandler(io.StringIO()))
    watch = engine.watch(bare, logger, idle=lambda: pytest.fail("told all the same"))
    logger.info(NOTHING_TO_BE_DONE_MSG)
    assert watch.seconds() == 0


@pytest.fixture(scope="module")
def finished(finished_run, tmp_path_factory):
    """A finished review, and what its run said."""
    folder = tmp_path_factory.mktemp("engine") / "review"
    return folder, finished_run(folder)


def test_a_good_run_is_told_in_words_and_nothing_else(finished):
    _, said = finished
    assert f"To do: {', '.join(STAGES)}." in said
    for stage in STAGES:
        assert re.search(
            rf"^ {{13}}{stage} is done \(\d+ s\), \d+ of {len(STAGES)}\.", said, re.MULTILINE
        )
    assert "Done in " in said
    assert "The report: results/report.html" in said
    shown = ("Building DAG", "Job stats", "rule screen:", "Finished jobid", "host:", "Using shell")
    assert [words for words in shown if words in said] == []


def test_an_idle_run_says_what_was_spared(finished):
    folder, _ = finished
    done = snakemake(ROOT, folder)
    assert done.returncode == 0, done.text
    assert engine.NOTHING in done.text
    assert f"Spared, for nothing they depend on has changed: {', '.join(STAGES)}." in done.text
    assert "The report: results/report.html" in done.text
    assert "To do:" not in done.text


def test_a_dry_run_is_snakemakes_to_tell(finished):
    folder, _ = finished
    done = snakemake(ROOT, folder, "--dry-run", "--forcerun", "typeset")
    assert done.returncode == 0, done.text
    assert re.search(r"^rule typeset:", done.text, re.MULTILINE)
    assert "This was a dry-run" in done.text
    assert not re.search("To do:|is done|Done in|Spared|The report:", done.text)


def test_a_failed_run_says_what_to_mend_and_once(finished, tmp_path):
    folder = tmp_path / "review"
    shutil.copytree(finished[0], folder)
    printed = folder / "data/raw/extraction/outcomes.csv"
    printed.write_text(printed.read_text().replace("62.5", "62.5x", 1))
    done = snakemake(ROOT, folder)
    assert done.returncode != 0
    assert "extract      FAILED" in done.text
    assert "One thing needs mending:" in done.text
    assert done.text.count("62.5x") == 1
    hidden = ("Error in rule", "CalledProcessError", "Exiting because", "At least one job")
    assert [words for words in hidden if words in done.text] == []


# Snakemake in a version that has no part of what it promises nobody.
BARE = """
import sys
sys.path.insert(0, {scripts!r})
from livingmeta.run import engine
engine.part = lambda of, name, otherwise: otherwise
from snakemake.cli import main
main(sys.argv[1:])
"""


@pytest.mark.heavy
def test_without_any_private_part_a_run_goes_on_and_shows_less(tmp_path):
    folder = review(tmp_path / "review")
    code = BARE.format(scripts=str(ROOT / "workflow" / "scripts"))
    command = [sys.executable, "-c", code, "--cores", "2", "--nocolor", "--directory", str(folder)]
    done = subprocess.run(
        [*command, "--until", "screen"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert (folder / "results/screening/included.csv").is_file()
    assert re.search(r"^(local)?rule screen:", said, re.MULTILINE)
    assert "To do:" not in said


@pytest.mark.heavy
def test_what_until_leaves_out_is_neither_spared_nor_missed(tmp_path):
    folder = review(tmp_path / "review")
    said = run(ROOT, folder, "--until", "screen", "pool").text
    assert re.search(r"^Due and left out: [^.]*pool\.$", said, re.MULTILINE)
    assert "Spared" not in said


def standing(folder):
    """Every file and folder of a review with its bytes and date, but for Snakemake's own."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mtime_ns,
            path.read_bytes() if path.is_file() else None,
        )
        for path in [folder, *folder.rglob("*")]
        if path == folder or path.relative_to(folder).parts[0] != ".snakemake"
    }


def asked_only(folder, *args):
    """A dry run on a review, held to leave it as it stood."""
    (folder / ".snakemake").mkdir(exist_ok=True)  # by making this Snakemake dates the folder anew
    before = standing(folder)
    done = run(ROOT, folder, "--dry-run", *args)
    assert standing(folder) == before
    return done


@pytest.mark.heavy
def test_a_dry_run_writes_and_deletes_nothing_in_a_new_review(tmp_path):
    folder = review(tmp_path / "review")
    assert "This was a dry-run" in asked_only(folder).text


def test_a_dry_run_writes_and_deletes_nothing_in_a_finished_review(finished, tmp_path):
    folder = tmp_path / "review"
    subprocess.run(["cp", "-a", str(finished[0]), str(folder)], check=True)
    left = [folder / ".snakemake/locks/0.output.lock", folder / "results/.flow.csv.unfinished"]
    for path in left:
        path.write_text("results/numbers.json\n")
    (folder / "results/figures/forest-gone.svg").write_text("of a synthesis that is no more")
    asked_only(folder)
    asked_only(folder, "--forceall")
    assert all(path.exists() for path in left)


OUTER = """
module livingmeta:
    snakefile: "{snakefile}"
    {config}

use rule * from livingmeta

onstart:
    livingmeta.onstart()

onsuccess:
    livingmeta.onsuccess()

rule copied:
    input: "results/report.html"
    output: "copied.html"
    shell: "cp {{input}} {{output}}"
"""


def outer(folder, config=""):
    """Another workflow in `folder` that has this one as a module."""
    path = folder / "Snakefile"
    path.write_text(OUTER.format(snakefile=ROOT / "Snakefile", config=config))
    return path


def as_module(folder, *args):
    return run(folder, folder, "--workflow-profile", str(ROOT / "profiles/default"), *args)


@pytest.mark.heavy
def test_another_workflow_has_this_one_as_a_module_and_gives_the_protocol(finished, tmp_path):
    folder = review(tmp_path / "review")
    (folder / "config").rename(folder / "protocol")
    outer(folder, "config: config").write_text(
        'configfile: "protocol/config.yaml"\n' + (folder / "Snakefile").read_text()
    )
    assert "rule copied:" in as_module(folder, "--dry-run", "copied").text
    as_module(folder, "all", "copied")
    assert (folder / "copied.html").read_bytes() == (folder / "results/report.html").read_bytes()
    made, usual = digests(folder), digests(finished[0])
    # The crate holds the file that people brought, and here there is none.
    assert {name for name in made.keys() | usual.keys() if made.get(name) != usual.get(name)} == {
        "package/ro-crate.zip",
        "logs/package.log",
        "logs/package.done",
    }
    assert engine.NOTHING in as_module(folder, "--dry-run", "all", "copied").text


@pytest.mark.heavy
def test_a_module_without_a_protocol_reads_that_of_the_folder(tmp_path):
    folder = review(tmp_path / "review")
    outer(folder)
    assert "rule copied:" in as_module(folder, "--dry-run", "copied").text
    as_module(folder, "--until", "screen", "copied")
    assert (folder / "results/screening/included.csv").is_file()
    assert (folder / ".snakemake/run").is_file()


def test_a_module_with_part_of_a_protocol_is_refused_with_what_it_lacks(tmp_path):
    folder = review(tmp_path / "review")
    outer(folder, 'config: {"review": {"title": "Half"}}')
    done = snakemake(folder, folder, "--dry-run", "copied")
    assert done.returncode != 0
    assert "config of the module: " in done.text


def test_a_program_whose_path_has_a_blank_is_told_to_move_before_any_job_fails():
    engine.must_start("/opt/livingmeta/.venv/bin/python")
    with pytest.raises(InputError, match=r"a blank in the path of its Python: /opt/my work"):
        engine.must_start("/opt/my work/.venv/bin/python")
