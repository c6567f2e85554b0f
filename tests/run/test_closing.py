"""The last words of a run."""

import re

import pytest

from livingmeta.run import closing

LIST = "results/to_settle.csv"
STAGES = ["screen", "extract", "render"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("screening", "extraction", "logs"):
        (tmp_path / "results" / folder).mkdir(parents=True)
    return tmp_path


def settle(here, *kinds):
    """A list of these kinds, with a line break in a cell of each."""
    rows = [f'{kind},"two\nlines"\n' for kind in kinds]
    (here / LIST).write_text("kind,what\n" + "".join(rows))


def test_what_waits_for_people_is_counted_by_kind_in_the_order_of_the_kinds(here):
    settle(here, "printed-misfit", "undecided-record", "printed-misfit")
    assert list(closing.waiting(here).items()) == [("undecided-record", 1), ("printed-misfit", 2)]


def test_a_good_run_names_what_ran_what_was_spared_and_the_file_to_open(here):
    settle(here, "undecided-record", "study-without-effect", "study-without-effect")
    made = {LIST, "results/report.html", "results/screening/screen.html"}
    said = closing.good(["extract"], STAGES, 3.2, made)
    assert "Done in 3 s." in said
    assert "Ran: extract." in said
    assert "changed: screen, render." in said
    assert re.search(r" 1  record that awaits a decision  +results/screening/awaiting.csv", said)
    assert re.search(r" 2  included studies without an effect  +results/effects/unusable", said)
    assert re.search(r"to screen them, open  +results/screening/screen.html", said)
    assert "Nothing waits" not in said
    assert "Owed" not in said
    assert "results/report.html" in said


def test_what_is_owed_to_the_report_alone_is_told_apart(here):
    settle(here, "study-without-risk-of-bias")
    said = closing.good(["settle"], ["settle"], 1, {LIST})
    assert "Nothing waits for people." in said
    owed = said.partition("Owed to the report:")[2]
    assert re.search(r" 1  included study whose risk of bias is not judged  +" + LIST, owed)


@pytest.mark.parametrize("old", [(), ("undecided-record",)])
def test_a_run_without_the_list_says_nothing_of_what_waits(here, old):
    """An older list may be there, empty or not: this run does not answer for it."""
    settle(here, *old)
    said = closing.good(["extract"], ["extract"], 1, {"results/extraction/problems.csv"})
    assert "Nothing waits" not in said
    assert "record that awaits" not in said
    assert "told at the end of a whole run" in said
    assert "report" not in said
    assert "Spared" not in said


def test_faults_in_the_data_are_listed_alone(here):
    log = here / "results/logs/extract.log"
    log.write_text("12 rows\nWRONG: a.csv, row 2: 166\nWRONG: b\n")
    said = closing.bad({"extract": [str(log)]}, {}, "whole.log")
    assert "2 things need mending:\n  * a.csv, row 2: 166\n  * b" in said
    assert "12 rows" not in said
    assert "whole.log" not in said
    assert "Mend it and run again." in said


def test_any_other_failure_shows_the_end_of_its_log_and_where_to_report(here):
    log = here / "results/logs/pool.log"
    log.write_text("\n".join(f"line {i}" for i in range(40)))
    said = closing.bad({"pool": [str(log)]}, {"pool": "killed by the queue"}, "whole.log")
    assert "pool failed" in said
    assert "killed by the queue" in said
    assert "    line 39" in said
    assert "line 27\n" not in said
    assert "whole.log" in said
    missing = closing.bad({"pool": ["nowhere.log"]}, {}, "whole.log")
    assert "nowhere.log says nothing." in missing
