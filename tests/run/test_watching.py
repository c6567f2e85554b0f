"""What is told while a run goes on, from log records like Snakemake's."""

import io
import logging

import pytest

from livingmeta.run import watching

RULES = {"screen": "Resolve\n    the decisions.", "rank": "Rank.", "pool": None}


@pytest.fixture
def watch():
    return watching.Watch(io.StringIO())


def tell(watch, event, level=logging.INFO, message="", **values):
    record = logging.LogRecord("snakemake", level, "", 0, message, None, None)
    record.__dict__.update(values, event=event)
    watch.handle(record)
    return record


def job(watch, number, rule, **wildcards):
    tell(watch, "job_info", jobid=number, rule_name=rule, wildcards=wildcards)


def plan(watch, **stats):
    tell(watch, "run_info", stats={**stats, "all": 1, "total": sum(stats.values()) + 1})


def test_stages_are_told_in_words_with_what_is_next(watch):
    plan(watch, screen=1, rank=1)
    watch.begin(RULES)
    job(watch, 3, "screen")
    tell(watch, "job_finished", job_id=3)
    job(watch, 4, "rank")
    tell(watch, "job_finished", job_id=4)
    job(watch, 0, "all")
    tell(watch, "job_finished", job_id=0)
    assert watch.stream.getvalue().splitlines() == [
        "To do: screen, rank.",
        "",
        "screen       Resolve the decisions.",
        "             screen is done (0 s), 1 of 2. Next: rank.",
        "rank         Rank.",
        "             rank is done (0 s), 2 of 2.",
    ]
    assert watch.ran == ["screen", "rank"]


def test_many_jobs_of_a_rule_go_by_their_wildcards(watch):
    plan(watch, screen=3)
    watch.begin(RULES)
    job(watch, 1, "screen", review="a/b")
    job(watch, 2, "screen", review="c d")
    tell(watch, "job_finished", job_id=1)
    lines = watch.stream.getvalue().splitlines()
    assert lines[0] == "To do: screen (3)."
    assert lines[-1].endswith("a/b is done (0 s), 1 of 3. Running: c d. Next: screen (1).")


def test_a_failure_is_kept_with_its_log_and_ends_nothing_else(watch):
    plan(watch, screen=1, rank=1)
    watch.begin(RULES)
    job(watch, 1, "screen")
    job(watch, 2, "rank")
    log = ["results/logs/screen.log (check log file(s) for error details)"]
    tell(watch, "job_error", logging.ERROR, jobid=1, rule_name="screen", log=log, rule_msg=None)
    tell(watch, "job_finished", job_id=2)
    assert watch.failed == {"screen": ["results/logs/screen.log"]}
    assert watch.ran == ["rank"]
    assert "screen       FAILED" in watch.stream.getvalue()


def test_before_it_begins_it_only_counts(watch):
    plan(watch, screen=1)
    job(watch, 1, "screen")
    assert watch.stream.getvalue() == ""
    assert watch.seconds() >= 0


def test_idle_is_called_where_nothing_is_due():
    called = []
    watch = watching.Watch(io.StringIO(), lambda: called.append(1))
    tell(watch, None, message="Nothing to be done (all requested files are present).")
    assert called == [1]
    assert watch.seconds() == 0


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
    shows = watching._unsaid(watch)
    record = tell(watching.Watch(io.StringIO()), None, level, message)
    record.event = event
    assert shows(record) is before
    watch.begin(RULES)
    assert shows(record) is after
