"""Logs: what was said, and the difference between their fault and ours."""

import pytest

from livingmeta.run import log
from livingmeta.tables import TableError


def test_what_is_said_stands_in_the_log(tmp_path):
    path = tmp_path / "logs" / "pool.log"
    with log.to(path) as say:
        say("one")
        say("two")
    assert path.read_text() == "one\ntwo\n"


def test_a_fault_in_the_data_ends_the_job_with_its_message_alone(tmp_path):
    path = tmp_path / "x.log"
    with pytest.raises(SystemExit) as left, log.to(path):
        raise TableError(["a.csv, row 2: 166", "a.csv, row 3: -1"])
    assert left.value.code == 1
    assert path.read_text() == "WRONG: a.csv, row 2: 166\nWRONG: a.csv, row 3: -1\n"


def test_a_fault_of_ours_keeps_its_traceback(tmp_path):
    path = tmp_path / "x.log"
    with pytest.raises(ValueError, match="ours"), log.to(path):
        raise ValueError("ours")
    assert "Traceback" in path.read_text()
    assert "WRONG" not in path.read_text()
