"""One run at a time in a review's folder, whatever became of the run before.

A claim is the operating system's own lock on a file (flock). It ends with the process that holds
it, however that ends, so what a killed run leaves behind never has to be guessed at. On a file
system without such locks nothing is claimed, and Snakemake's own locks decide alone.
"""

import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class ClaimError(ValueError):
    """The folder is another run's."""


def _lock(handle: int, how: int) -> bool | None:
    """Whether the lock was got; None where the file system knows no locks."""
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def clear(run: Path | str, locks: Path | str) -> str:
    """Remove the files under `locks` that a run left which is gone; "" or what to tell the person.

    `run`: the file that a run claims with `begin`; `locks`: Snakemake's folder of locks. Locks
    stay where a run is at work, and where they may be of one on another machine.
    """
    run, left = Path(run), sorted(Path(locks).glob("*.lock"))
    if not left:
        return ""
    by = run.read_text(encoding="utf-8").strip() if run.exists() else ""
    free: bool | None = True
    if by:
        handle = os.open(run, os.O_RDWR)
        free = _lock(handle, fcntl.LOCK_EX)
        os.close(handle)
    if free is False:
        return (
            f"Another run ({by}) is at work in this folder. Let it end, then run again; "
            "until then leave its lock in place."
        )
    if free and by.rpartition(" on ")[2] in ("", socket.gethostname()):
        for path in left:
            path.unlink(missing_ok=True)
        return "An earlier run was cut short here; this one takes up where it stopped."
    return ""


def begin(run: Path | str, logs: Path | str, say: Callable[[str], None]) -> None:
    """Claim the file `run` for as long as this process lives, once no job is left under `logs`.

    A job whose run was killed may be at work still: `say` is told, and it is waited for. Raises
    ClaimError if another run holds the claim.
    """
    Path(run).parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(run, os.O_RDWR | os.O_CREAT, 0o666)  # never closed: the claim is the process
    if _lock(handle, fcntl.LOCK_EX) is False:
        by = os.read(handle, 200).decode().strip()
        os.close(handle)
        raise ClaimError(
            f"Another run ({by}) is at work in this folder. Let it end, then run again."
        )
    os.ftruncate(handle, 0)
    os.write(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
    Path(logs).mkdir(parents=True, exist_ok=True)
    folder = os.open(logs, os.O_RDONLY)
    if _lock(folder, fcntl.LOCK_EX) is False:
        say("A job of an earlier run, which was killed, is still at work. Waiting until it ends.")
        fcntl.flock(folder, fcntl.LOCK_EX)
    os.close(folder)


@contextmanager
def job(logs: Path | str) -> Iterator[None]:
    """Say, for as long as it lasts, that a job is at work which keeps its log under `logs`."""
    folder = os.open(logs, os.O_RDONLY)
    _lock(folder, fcntl.LOCK_SH)
    try:
        yield
    finally:
        os.close(folder)
