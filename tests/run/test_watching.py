"""What is told while a run goes on."""

import io

import pytest

from livingmeta.run import watching

RULES = {"screen": "Resolve\n    the decisions.", "rank": "Rank.", "pool": None}


@pytest.fixture
def watch():
    return watching.Watch(io.StringIO())


def plan(watch, **jobs):
    watch.plan({**jobs, "all": 1, "total": sum(jobs.values()) + 1})


def test_stages_are_told_in_words_with_what_is_next(watch):
    plan(watch, screen=1, rank=1)
    watch.begin(RULES)
    watch.begun(3, "screen", [])
    watch.finished(3)
    watch.begun(4, "rank", [])
    watch.finished(4)
    watch.begun(0, "all", [])
    watch.finished(0)
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
    watch.begun(1, "screen", ["a/b"])
    watch.begun(2, "screen", ["c d"])
    watch.finished(1)
    lines = watch.stream.getvalue().splitlines()
    assert lines[0] == "To do: screen (3)."
    assert lines[-1].endswith("a/b is done (0 s), 1 of 3. Running: c d. Next: screen (1).")


def test_a_failure_is_kept_with_its_log_and_ends_nothing_else(watch):
    plan(watch, screen=1, rank=1)
    watch.begin(RULES)
    watch.begun(1, "screen", [])
    watch.begun(2, "rank", [])
    watch.broke(1, "screen", ["results/logs/screen.log"], None)
    watch.finished(2)
    assert watch.failed == {"screen": ["results/logs/screen.log"]}
    assert watch.ran == ["rank"]
    assert "screen       FAILED" in watch.stream.getvalue()


def test_before_it_begins_it_only_counts(watch):
    plan(watch, screen=1)
    watch.begun(1, "screen", [])
    assert watch.stream.getvalue() == ""
    assert watch.seconds() >= 0


def test_a_rule_without_a_sentence_is_named_all_the_same(watch):
    plan(watch, screen=1)
    watch.begin({})
    watch.begun(1, "screen", [])
    assert watch.stream.getvalue().splitlines() == ["To do: screen.", "", "screen"]
