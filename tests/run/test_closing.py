"""The last words of a run."""

import pytest

from livingmeta.run import closing

AWAITING = "results/screening/awaiting.csv"
PROBLEMS = "results/extraction/problems.csv"
STAGES = ["screen", "extract", "render"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("screening", "extraction", "logs"):
        (tmp_path / "results" / folder).mkdir(parents=True)
    return tmp_path


def test_what_waits_for_people_is_counted_by_rows_and_notes_are_left_out(here):
    (here / AWAITING).write_text('record_id,title\na,"two\nlines"\nb,x\n')
    (here / "results/screening/conflicts.csv").write_text("record_id,title\n")
    (here / PROBLEMS).write_text("severity,message\nerror,a\nnote,b\nwarning,c\n")
    every = {"records that await a decision": 2, "printed numbers that do not fit": 2}
    assert closing.waiting(here) == every
    assert closing.waiting(here, {AWAITING}) == {"records that await a decision": 2}


def test_a_good_run_names_what_ran_what_was_spared_and_the_file_to_open(here):
    (here / AWAITING).write_text("record_id\na\n")
    said = closing.good(["extract"], STAGES, 3.2, {AWAITING, "results/report.html"})
    assert "Done in 3 s." in said
    assert "Ran: extract." in said
    assert "changed: screen, render." in said
    assert f"1  records that await a decision              {AWAITING}" in said
    assert "results/report.html" in said


def test_a_run_without_the_report_speaks_only_of_its_own_files(here):
    (here / AWAITING).write_text("record_id\na\n")
    said = closing.good(["extract"], ["extract"], 1, {PROBLEMS})
    assert "Nothing waits for people." in said
    assert "awaiting" not in said
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
