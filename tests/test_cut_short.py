"""Runs that are killed, run out of disk, may not write, meet a second run or a clock set back.

Whatever happens: no file under its own name is ever half-written, earlier results are whole, and
the next run ends where an undisturbed one does, to the byte, or says what to do.
"""

import os
import random
import signal
import subprocess
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from running import digests, from_stage, house, planned, review, run, snakemake, started

# benchmarks/kills.py asks for 50.
KILLS = int(os.environ.get("LIVINGMETA_KILLS", "3"))
EDIT = ("survival,62.5,40", "survival,60,40")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return house(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def undisturbed(home, tmp_path_factory):
    """A finished review, and the digests of its results by the text of outcomes.csv."""
    folder = review(tmp_path_factory.mktemp("cut") / "review")
    printed = folder / "data/raw/extraction/outcomes.csv"
    found = {}
    for text in (printed.read_text().replace(*EDIT), printed.read_text()):
        printed.write_text(text)
        run(home, folder)
        found[text] = digests(folder)
    return folder, found


@pytest.fixture
def finished(undisturbed, tmp_path):
    """A copy of the finished review, with all that Snakemake knows of it."""
    folder = tmp_path / "review"
    subprocess.run(["cp", "-a", str(undisturbed[0]), str(folder)], check=True)
    return folder


def until(condition, process=None):
    """Wait for something to become true, a minute at most."""
    for _ in range(1200):
        if condition() or (process and process.poll() is not None):
            return
        time.sleep(0.05)
    raise AssertionError("waited for a minute")


def whole(folder: Path, undisturbed):
    """No file under its own name is other than what one of the undisturbed runs left there.

    Logs grow line by line, and may be cut; `.again` is an empty mark that a rule is asked anew.
    """
    for name, digest in digests(folder).items():
        if not name.endswith((".again", ".log", ".log.lock", ".unfinished")):
            assert digest in {state.get(name) for state in undisturbed[1].values()}, name


def at_work(folder: Path, rule: str) -> bool:
    """Whether a job of `rule` has begun and not ended."""
    logs = folder / "results/logs"
    return (logs / f"{rule}.log").exists() and not (logs / f"{rule}.done").exists()


@pytest.mark.heavy
def test_killed_at_random_moments_nothing_is_half_written_and_the_rest_is_done_later(
    home, undisturbed, finished
):
    """Two states of one review take turns, and each turn is killed, every third time with its jobs
    left alive; after each fourth the run is left to end.

    After each kill every result must be one of either state's, whole; after each end all must be
    those of the state asked for.
    """
    draw = random.Random(KILLS)
    printed = finished / "data/raw/extraction/outcomes.csv"
    first, second = undisturbed[1]
    printed.write_text(first)
    run(home, finished)
    landed = set()
    for turn in range(KILLS):
        printed.write_text((second, first)[turn % 2])
        process = started(home, finished)
        # By stages, not by the clock: a machine may be busy with other things now and idle then.
        stage = draw.choice(from_stage("extract"))
        until(partial(at_work, finished, stage), process)
        time.sleep(draw.uniform(0, 0.5))
        with suppress(ProcessLookupError):  # it may have ended by itself
            (os.kill if turn % 3 == 2 else os.killpg)(process.pid, signal.SIGKILL)
        process.wait()
        landed.add(len(list((finished / "results/logs").glob("*.done"))))
        whole(finished, undisturbed)
        if turn % 4 == 3 or turn == KILLS - 1:
            run(home, finished)
            assert digests(finished) == undisturbed[1][printed.read_text()], f"turn {turn}"
    assert planned(home, finished) == []
    assert len(landed) > 1, "every kill came at the same point: the test has lost its use"


@pytest.mark.heavy
def test_after_a_kill_the_next_run_takes_up_by_itself(home, undisturbed, finished):
    """One kill in the middle of a stage, with its lock left behind and its clock years ahead."""
    printed = finished / "data/raw/extraction/outcomes.csv"
    ahead = time.time() + 5 * 365 * 86400
    for path in (finished / "results").rglob("*"):
        os.utime(path, (ahead, ahead))
    printed.write_text(next(iter(undisturbed[1])))
    process = started(home, finished)
    until(lambda: at_work(finished, "harmonise"), process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert list((finished / ".snakemake/locks").iterdir())
    done = run(home, finished)
    assert "An earlier run was cut short" in done.text
    assert digests(finished) == undisturbed[1][printed.read_text()]
    assert planned(home, finished) == []


@pytest.mark.heavy
def test_a_second_run_is_refused_and_the_first_goes_on(home, undisturbed, finished):
    printed = finished / "data/raw/extraction/outcomes.csv"
    printed.write_text(next(iter(undisturbed[1])))
    first = started(home, finished)
    until(lambda: at_work(finished, "extract"), first)
    os.killpg(first.pid, signal.SIGSTOP)  # so that it is at work for as long as this takes
    second = snakemake(home, finished)
    os.killpg(first.pid, signal.SIGCONT)
    assert second.returncode != 0
    assert f"Another run (process {first.pid} on " in second.text
    assert "Let it end, then run again" in second.text
    assert first.wait(timeout=300) == 0
    assert digests(finished) == undisturbed[1][printed.read_text()]


@pytest.mark.heavy
def test_a_full_disk_and_a_folder_to_read_only_are_named_and_room_mends_it(
    home, undisturbed, finished, tmp_path
):
    small = tmp_path / "small"
    small.mkdir()
    size = sum(4 + path.stat().st_size // 4096 * 4 for path in finished.rglob("*"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size + 8000}k", "tmpfs", str(small)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a small disk can be made here by root only")
    try:
        subprocess.run(["cp", "-a", str(finished), str(small)], check=True)
        folder = small / "review"
        printed = folder / "data/raw/extraction/outcomes.csv"
        states = undisturbed[1]
        printed.write_text(next(iter(states)))
        with open(small / "ballast", "wb", buffering=0) as ballast, suppress(OSError):
            while True:
                ballast.write(bytes(4096))
        os.truncate(small / "ballast", (small / "ballast").stat().st_size - 200_000)
        done = snakemake(home, folder)
        assert done.returncode != 0
        assert "the disk is full" in done.text or "No space left" in done.text
        whole(folder, undisturbed)
        (small / "ballast").unlink()
        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
        done = snakemake(home, folder)
        assert done.returncode != 0
        assert f"{folder} cannot be written to" in done.text
        subprocess.run(["mount", "-o", "remount,rw", str(small)], check=True)
        run(home, folder)
        assert digests(folder) == states[printed.read_text()]
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)
