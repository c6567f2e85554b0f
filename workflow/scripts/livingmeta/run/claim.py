"""One run at a time in a review's folder, whatever became of the run before.

A claim is the operating system's own lock on a file. It ends with the process that holds it,
however that ends, so what a killed run leaves behind never has to be guessed at. On a file system
without such locks nothing is claimed, and Snakemake's own locks decide alone.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from livingmeta.errors import InputError

if TYPE_CHECKING:
    from filelock import BaseFileLock

_HELD: list["BaseFileLock"] = []  # claims of this process; none is given up before it ends


class ClaimError(InputError):
    """The folder is another run's."""


class TakenError(Exception):
    """Another process holds the lock."""


def _lock(path: Path, wait: bool = False) -> "BaseFileLock | None":
    """The lock on the file `path`, got; None where the file system knows no locks.

    Raises TakenError if another process has it, unless it is to `wait`.
    """
    # Here, for a run with nothing to do asks for no lock and need not load it.
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=-1 if wait else 0, thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise TakenError(str(path)) from None
    except OSError:
        return None
    return lock


def _beside(path: Path) -> Path:
    """The file that is locked on behalf of `path`, which itself stays readable."""
    return path.with_name(f".{path.name}.lock")


def clear(run: Path | str, locks: Path | str) -> str:
    """Remove the files under `locks` that a run left which is gone; "" or what to tell the person.

    `run`: the file that a run claims with `begin`; `locks`: Snakemake's folder of locks. Locks
    stay where a run is at work, and where they may be of one on another machine.
    """
    run, left = Path(run), sorted(Path(locks).glob("*.lock"))
    if not left:
        return ""
    by = run.read_text(encoding="utf-8").strip() if run.exists() else ""
    free = True
    if by:
        try:
            lock = _lock(_beside(run))
        except TakenError:
            return (
                f"Another run ({by}) is at work in this folder. Let it end, then run again; "
                "until then leave its lock in place."
            )
        free = lock is not None
        if lock:
            lock.release()
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
    run = Path(run)
    run.parent.mkdir(parents=True, exist_ok=True)
    try:
        lock = _lock(_beside(run))
    except TakenError:
        by = run.read_text(encoding="utf-8").strip() if run.exists() else "just begun"
        raise ClaimError(
            f"Another run ({by}) is at work in this folder. Let it end, then run again."
        ) from None
    if lock:
        _HELD.append(lock)
    run.write_text(f"process {os.getpid()} on {socket.gethostname()}\n", encoding="utf-8")
    for mark in sorted(Path(logs).glob(_beside(Path("*")).name)):
        try:
            lock = _lock(mark)
        except TakenError:
            say("A job of an earlier run, which was killed, is still at work. Waiting for its end.")
            lock = _lock(mark, wait=True)
        if lock:
            lock.release()
        mark.unlink(missing_ok=True)


def ended(run: Path | str, say: Callable[[], None]) -> None:
    """Wait until no process holds the claim on the file `run`, and `say` that it is waited for."""
    run = Path(run)
    if not run.exists():
        return
    try:
        lock = _lock(_beside(run))
    except TakenError:
        say()
        lock = _lock(_beside(run), wait=True)
    if lock:
        lock.release()


@contextmanager
def job(log: Path | str) -> Iterator[None]:
    """Say, for as long as it lasts, that the job is at work which keeps its log at `log`."""
    mark, lock = _beside(Path(log)), None
    with suppress(TakenError):
        lock = _lock(mark)
    try:
        yield
    finally:
        if lock:
            lock.release()
            mark.unlink(missing_ok=True)
