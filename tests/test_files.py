"""Files that are whole or not there, folders that are closed, and claims on a review."""

import errno
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import filelock
import pytest

from livingmeta import files
from livingmeta.run import claim


def test_a_write_that_fails_leaves_the_earlier_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "new" / "pooled.csv"
    files.write(b"whole\n", path)

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as raised:
        files.write(b"other\n", path)
    assert raised.value.filename == str(path)
    assert path.read_bytes() == b"whole\n"
    assert list(path.parent.iterdir()) == [path]


def test_what_a_kill_left_half_written_is_found(tmp_path):
    left = tmp_path / "results" / "pooling" / ".pooled.csv.unfinished"
    left.parent.mkdir(parents=True)
    left.write_text("synth")
    (left.parent / "pooled.csv").write_text("synthesis\n")
    assert files.unfinished(tmp_path) == [left]


def test_folders_and_files_to_read_only_are_closed(tmp_path, monkeypatch):
    """As the system tells it: one who runs this may be allowed everything."""
    (tmp_path / "shut").mkdir()
    (tmp_path / "shut.csv").write_text("")
    asked = {}

    def access(path, how):
        asked[Path(path)] = how
        return "shut" not in Path(path).name

    monkeypatch.setattr(os, "access", access)
    shut = [tmp_path / "shut", tmp_path / "shut.csv"]
    with pytest.raises(files.ClosedError, match=r"/shut cannot be written to, nor can 1 more\."):
        files.must_be_open([tmp_path, *shut, tmp_path / "none"])
    files.must_be_open([tmp_path, tmp_path / "none"])
    assert asked[tmp_path / "shut"] == os.W_OK | os.X_OK
    assert asked[tmp_path / "shut.csv"] == os.W_OK


def test_a_date_ahead_of_someone_elses_file_is_named(tmp_path, monkeypatch):
    (tmp_path / "ahead.csv").write_text("")
    os.utime(tmp_path / "ahead.csv", (time.time() + 10**8,) * 2)

    def refused(path):
        raise PermissionError(1, "Operation not permitted", str(path))

    monkeypatch.setattr(os, "utime", refused)
    with pytest.raises(files.ClosedError, match=r"ahead\.csv is dated 20.*Put a copy in its place"):
        files.set_back([tmp_path / "ahead.csv"])


def test_dates_that_lie_ahead_are_brought_back_and_others_kept(tmp_path):
    ahead, earlier = tmp_path / "ahead", tmp_path / "earlier"
    for path, when in ((ahead, time.time() + 10**8), (earlier, 10**9)):
        path.write_text("")
        os.utime(path, (when, when))
    files.set_back([ahead, earlier])
    assert ahead.stat().st_mtime <= time.time()
    assert earlier.stat().st_mtime == 10**9


def test_a_link_of_today_stands_in_for_a_file_of_the_future_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ahead = time.time() + 10**8
    Path("a.csv").write_text("x")
    assert files.stand_in("a.csv", True) is None
    os.utime("a.csv", (ahead, ahead))
    link = files.stand_in("a.csv", True)
    assert Path(link).read_text() == "x"
    assert os.lstat(link).st_mtime <= time.time()
    assert os.stat("a.csv").st_mtime == pytest.approx(ahead)
    assert files.stand_in("a.csv", False) == link
    os.utime("a.csv", (10**9, 10**9))
    assert files.stand_in("a.csv", True) is None
    assert not os.path.lexists(link)


# Holds a claim until its input ends.
HOLDER = (
    "from livingmeta.run import claim; claim.begin('run', 'logs', print); print('held'); input()"
)


@pytest.fixture
def claimed(tmp_path):
    """A folder claimed by a process that lives."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(claim.__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "0.output.lock").touch()
    yield tmp_path, process
    process.kill()
    process.wait()


def test_the_lock_of_a_run_that_lives_stays_and_that_of_a_dead_one_goes(claimed):
    folder, process = claimed
    locks = folder / "locks"
    told = claim.clear(folder / "run", locks)
    assert f"process {process.pid} on {socket.gethostname()}" in told
    assert list(locks.iterdir())
    with pytest.raises(claim.ClaimError, match="Let it end, then run again"):
        claim.begin(folder / "run", folder / "logs", print)
    process.kill()
    process.wait()
    assert "takes up where it stopped" in claim.clear(folder / "run", locks)
    assert not list(locks.iterdir())
    assert claim.clear(folder / "run", locks) == ""


def test_the_run_of_a_review_is_waited_for(claimed):
    folder, process = claimed
    claim.ended(folder / "never run", pytest.fail)
    claim.ended(folder / "run", process.kill)  # told that it waits, and while it does the run ends
    assert process.wait() != 0
    claim.ended(folder / "run", pytest.fail)


def test_the_lock_of_another_machine_stays(tmp_path):
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "0.input.lock").touch()
    (tmp_path / "run").write_text("process 1 on elsewhere\n")
    assert claim.clear(tmp_path / "run", tmp_path / "locks") == ""
    assert list((tmp_path / "locks").iterdir())


# Holds a job's mark until its input ends.
JOB = """
from livingmeta.run import claim
with claim.job('logs/pool.log'):
    print('held', flush=True)
    input()
"""


def test_a_run_waits_for_the_job_of_a_killed_run_and_leaves_no_mark(tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / ".screen.log.lock").touch()  # of a job that was killed
    process = subprocess.Popen(
        [sys.executable, "-c", JOB],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(claim.__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    said = []

    def say(line):
        said.append((line, process.poll()))
        process.stdin.close()

    claim.begin(tmp_path / "run", tmp_path / "logs", say)
    assert process.wait() != 0  # its input ended, and so did it
    assert [(line.partition(",")[0], ended) for line, ended in said] == [
        ("A job of an earlier run", None)
    ]
    assert not list((tmp_path / "logs").iterdir())


def test_where_the_file_system_knows_no_locks_nothing_is_claimed(tmp_path, monkeypatch):
    def unknown(self):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(filelock.FileLock, "_acquire", unknown)
    for _ in range(2):
        claim.begin(tmp_path / "run", tmp_path / "logs", print)
    with claim.job(tmp_path / "pool.log"):
        pass
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "0.input.lock").touch()
    assert claim.clear(tmp_path / "run", tmp_path / "locks") == ""
    assert list((tmp_path / "locks").iterdir())


# What Windows lacks, and any script of the house would ask for by importing it.
BLOCKED = """
import importlib, pkgutil, sys
for name in ("fcntl", "grp", "pwd", "resource", "termios"):
    sys.modules[name] = None
import livingmeta
names = [one.name for one in pkgutil.walk_packages(livingmeta.__path__, "livingmeta.")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


def test_the_library_imports_without_what_windows_lacks():
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED],
        env=os.environ | {"PYTHONPATH": str(Path(claim.__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 150
