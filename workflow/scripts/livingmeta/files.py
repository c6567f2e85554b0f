"""Files that are there whole or not at all."""

import os
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path, PurePath

from livingmeta.errors import InputError

STAND_INS = ".snakemake/brought"


class ClosedError(InputError):
    """A file or folder that this person may not change."""


def write(content: bytes | memoryview, path: Path | str) -> None:
    """Write bytes to `path`, whole or not at all: a reader never sees half a file, nor does one
    after a power cut."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with open(unfinished, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except OSError as error:  # "no space left" does not say of itself for what
        error.filename = error.filename or str(path)
        raise
    finally:
        unfinished.unlink(missing_ok=True)


def of_kind(path: PurePath | str, table: PurePath | str) -> bool:
    """Whether `path` is `table` or stands beside it under a name that goes on behind its own, as a
    download does: `decisions-kim.csv` beside `decisions.csv`."""
    own, found = PurePath(table), PurePath(path)
    called = found.name.casefold()
    longer = called.startswith(own.stem) and called.endswith(own.suffix) and called != own.name
    return found == own or (found.parent == own.parent and longer)


def unfinished(folder: Path | str) -> list[Path]:
    """What `write` left under `folder` when it was killed."""
    return sorted(Path(folder).rglob(".*.unfinished"))


def must_be_open(paths: Iterable[Path | str]) -> None:
    """Raise ClosedError if this person may not write to one of `paths`, folders or files; what is
    not there does not count."""
    found = [path for path in map(Path, paths) if path.exists()]
    shut = [p for p in found if not os.access(p, os.W_OK | (os.X_OK if p.is_dir() else 0))]
    if shut:
        others = f", nor can {len(shut) - 1} more" if len(shut) > 1 else ""
        raise ClosedError(
            f"{shut[0].absolute()} cannot be written to{others}. Ask its owner to let you (a group "
            "that shares a review: chmod -R g+w results .snakemake, and umask 002 from then on), "
            "or copy the review to a folder of your own."
        )


def ahead(path: Path | str) -> bool:
    """Whether a file is dated later than now."""
    return os.stat(path).st_mtime > time.time()


def stand_in(path: str, make: bool) -> str | None:
    """A link to `path`, of today, if that is dated later than now, else None; `make`: make or
    remove that link, else see only whether it is there."""
    link = Path(STAND_INS, path)
    if make and not ahead(path):
        link.unlink(missing_ok=True)
    elif make and not link.is_symlink():
        now = time.time()
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(path, link.parent))  # goes along with a copy
        os.utime(link, (now, now), follow_symlinks=False)  # a drive may have its own clock
    return link.as_posix() if link.is_symlink() else None


def set_back(paths: Iterable[Path | str]) -> None:
    """Give today's date to the files of `paths` that are dated later than now: they come from a
    clock that was wrong, and Snakemake takes what is made of them for older than they are.

    Raises ClosedError for one whose date this person may not change.
    """
    now = time.time()
    for path in map(Path, paths):
        dated = path.stat().st_mtime
        if dated > now:
            try:
                os.utime(path)
            except PermissionError:
                raise ClosedError(
                    f"{path} is dated {date.fromtimestamp(dated)}, which is yet to come, and is "
                    "someone else's, so its date cannot be set right. Put a copy in its place."
                ) from None
