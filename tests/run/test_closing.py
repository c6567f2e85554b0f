"""The last words of a run."""

import re

import pytest

from livingmeta.errors import InputError
from livingmeta.run import closing, record
from livingmeta.run.record import Misfit

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
    settle(here, "undecided-record", "conflict-of-extractors", *["study-without-effect"] * 2)
    assert "to settle what two read" not in closing.good(["extract"], STAGES, 1, {LIST}, {})
    made = {LIST, "results/report.html", "results/screening/screen.html"}
    made |= {"results/extraction/settle.html"}
    said = closing.good(["extract"], STAGES, 3.2, made, {})
    assert "Done in 3 s." in said
    assert "Ran: extract." in said
    assert "changed: screen, render." in said
    assert re.search(r" 1  record that awaits a decision  +results/screening/awaiting.csv", said)
    assert re.search(r" 2  included studies without an effect  +results/effects/unusable", said)
    assert re.search(r"to screen them, open  +results/screening/screen.html", said)
    assert re.search(r"to settle what two read, open  +results/extraction/settle.html", said)
    assert f"into an Excel workbook: snakemake --cores 1 --directory {here} workbook" in said
    assert "Nothing waits" not in said
    assert "Owed" not in said
    assert "results/report.html" in said


def test_stages_that_were_due_and_left_out_are_none_that_were_spared(here):
    said = closing.good(["extract"], ["extract"], 1, {"results/pooling/pooled.csv"}, {}, ["pool"])
    assert "Due and left out: pool." in said
    assert "Spared" not in said


def test_results_that_were_not_as_they_were_made_are_named_where_they_ran(here):
    misfits = {
        "extract": [
            Misfit(record.OUTPUT, "results/extraction/studies.csv"),
            Misfit(record.OUTPUT, "results/extraction/outcomes.csv", gone=True),
            Misfit(record.INPUT, "data/raw/extraction/studies.csv"),
            Misfit(record.SOFTWARE, ""),
        ],
        "screen": [Misfit(record.RECORD, "results/logs/screen.done")],
        "render": [
            Misfit(record.OUTPUT, "results/report.docx"),
            Misfit(record.SOFTWARE, ""),
            Misfit(record.RECORD, "results/logs/render.done", gone=True),
        ],
    }
    made = {"results/extraction/problems.csv"}
    said = closing.good(["extract", "render"], STAGES, 1, made, misfits)
    again = [line for line in said.splitlines() if line.startswith("Made again: ")]
    assert again == [
        "Made again: results/extraction/studies.csv was changed by hand.",
        "Made again: results/extraction/outcomes.csv was missing.",
        "Made again: results/report.docx was changed by hand "
        "(what was typed is kept in results/edited/).",
        "Made again: other packages are installed than the results were made with.",
    ]
    misfits["rank"] = [Misfit(record.RECORD, "results/logs/rank.done")]
    told = [line for line in closing.odd(misfits) if "cannot be read" in line]
    assert len(told) == 1
    assert told[0].startswith("results/logs/screen.done, results/logs/rank.done: cannot be read")


def test_what_is_owed_to_the_report_alone_is_told_apart(here):
    settle(here, "study-without-risk-of-bias")
    said = closing.good(["settle"], ["settle"], 1, {LIST}, {})
    assert "Nothing waits for people." in said
    assert "workbook" not in said
    owed = said.partition("Owed to the report:")[2]
    assert re.search(r" 1  included study whose risk of bias is not judged  +" + LIST, owed)


@pytest.mark.parametrize("old", [(), ("undecided-record",)])
def test_a_run_without_the_list_says_nothing_of_what_waits(here, old):
    """An older list may be there, empty or not: this run does not answer for it."""
    settle(here, *old)
    said = closing.good(["extract"], ["extract"], 1, {"results/extraction/problems.csv"}, {})
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


def test_a_fault_of_ours_is_told_as_ours_with_its_log_and_how_to_report_it(here):
    log = here / "results/logs/pool.log"
    log.write_text("Traceback\n  File x, line 3\nKeyError: 'x'\n\nFAULT: KeyError: 'x'\n")
    said = closing.bad({"pool": [str(log)]}, {}, "whole.log")
    head, fault, place, report, *rest = said.strip().splitlines()
    assert head == "This is a fault of the program, and not of yours:"
    assert fault == "  * pool: KeyError: 'x'"
    assert place == f"    Where in the program: {log}"
    assert "open an issue" in report
    assert rest == ["Earlier results were left as they were. They are not taken for current ones."]


def test_what_people_mend_is_told_apart_from_what_is_ours(here):
    ours, theirs = here / "results/logs/pool.log", here / "results/logs/rank.log"
    ours.write_text("Traceback\nFAULT: KeyError: 'x'\n")
    theirs.write_text("WRONG: a.csv, row 2: 166\n")
    said = closing.bad({"pool": [str(ours)], "rank": [str(theirs)]}, {}, "whole.log")
    mend, fault = said.split("This is a fault of the program, and not of yours:")
    assert "One thing needs mending:\n  * a.csv, row 2: 166\n" in mend
    assert "  * pool: KeyError: 'x'\n" in fault
    assert fault.endswith("Mend it and run again.")


def test_at_the_start_each_family_is_told_in_its_own_way():
    assert closing.at_start(InputError(["a", "b"])) == ["a", "b"]
    assert closing.at_start(PermissionError(13, "Permission denied", "x.yaml")) == [
        "[Errno 13] Permission denied: 'x.yaml'"
    ]
    first, *place, last = closing.at_start(KeyError("x"))
    assert first == "This is a fault of the program, and not of yours: KeyError: 'x'"
    assert place == ["KeyError: 'x'"]
    assert "open an issue" in last
