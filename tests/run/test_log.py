"""Logs: what was said, and the difference between their fault and ours."""

import errno

import pytest

from livingmeta import tables
from livingmeta.errors import InternalError
from livingmeta.pooling.engines.inputs import EffectError
from livingmeta.run import log
from livingmeta.screening import flow


def test_what_is_said_stands_in_the_log(tmp_path):
    path = tmp_path / "logs" / "pool.log"
    with log.to(path) as say:
        say("one")
        say("two")
    assert path.read_text() == "one\ntwo\n"


def test_a_fault_in_the_data_ends_the_job_with_its_message_alone(tmp_path):
    path = tmp_path / "x.log"
    with pytest.raises(SystemExit) as left, log.to(path):
        raise tables.TableError(["a.csv, row 2: 166", "a.csv, row 3: -1"])
    assert left.value.code == 1
    assert path.read_text() == "WRONG: a.csv, row 2: 166\nWRONG: a.csv, row 3: -1\n"


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (InternalError("boxes do not\nadd up"), "InternalError: boxes do not add up"),
        (flow.FlowError("3 and 4"), "FlowError: 3 and 4"),
        (tables.OwnTableError("x.csv"), "OwnTableError: x.csv"),
        (ValueError("of numpy's"), "ValueError: of numpy's"),
        (EffectError("of an engine"), "EffectError: of an engine"),
        (KeyError("x"), "KeyError: 'x'"),
        (AssertionError(), "AssertionError"),
        (ZeroDivisionError("x" * 1000), f"ZeroDivisionError: {'x' * 300}..."),
    ],
)
def test_a_fault_of_ours_is_named_below_its_traceback(tmp_path, error, named):
    path = tmp_path / "x.log"
    with pytest.raises(SystemExit) as left, log.to(path):
        raise error
    assert left.value.code == 1
    lines = path.read_text().splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == f"FAULT: {named}"
    assert not [line for line in lines if line.startswith("WRONG")]


@pytest.mark.parametrize("error", [FileNotFoundError("a.csv"), MemoryError()])
def test_what_the_machine_lacks_is_neither_ours_nor_theirs(tmp_path, error):
    path = tmp_path / "x.log"
    with pytest.raises(type(error)), log.to(path):
        raise error
    said = path.read_text()
    assert "Traceback" in said
    assert "FAULT" not in said
    assert "WRONG" not in said


def test_a_full_disk_is_told_in_words(tmp_path, capsys):
    path = tmp_path / "x.log"
    with pytest.raises(SystemExit), log.to(path):
        raise OSError(errno.ENOSPC, "No space left on device", "a.csv")
    assert path.read_text().startswith("WRONG: a.csv: the disk is full.")
    assert "the disk is full" in capsys.readouterr().err
