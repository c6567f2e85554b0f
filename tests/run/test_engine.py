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

from livingmeta.run import engine, watching
from running import ROOT, STAGES, review, snakemake

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
    assert engine.dry(bare) is True
    assert engine.sentences(bare) == {}
    assert engine.asked(bare) == {}
    logger = logging.Logger("bare")
    logger.addHandler(logging.StreamHandler(io.StringIO()))
    watch = engine.watch(bare, logger, idle=lambda: pytest.fail("told all the same"))
    logger.info(NOTHING_TO_BE_DONE_MSG)
    assert watch.seconds() == 0


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished review, and what its run said."""
    folder = review(tmp_path_factory.mktemp("engine") / "review")
    return folder, snakemake(ROOT, folder)


def test_a_good_run_is_told_in_words_and_nothing_else(finished):
    _, done = finished
    assert done.returncode == 0, done.text
    assert f"To do: {', '.join(STAGES)}." in done.text
    for stage in STAGES:
        assert re.search(
            rf"^ {{13}}{stage} is done \(\d+ s\), \d+ of 12\.", done.text, re.MULTILINE
        )
    assert "Done in " in done.text
    assert "The report: results/report.html" in done.text
    shown = ("Building DAG", "Job stats", "rule screen:", "Finished jobid", "host:", "Using shell")
    assert [words for words in shown if words in done.text] == []


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
