"""Files that are there whole or not at all."""

import os
import time
from pathlib import Path


def write(content: bytes, path: Path | str) -> None:
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


def unfinished(folder: Path | str) -> list[Path]:
    """What `write` left under `folder` when it was killed."""
    return sorted(Path(folder).rglob(".*.unfinished"))


def closed(folders: list[str]) -> list[Path]:
    """Of `folders`, those that this person may not write to."""
    found = [Path(folder) for folder in folders]
    return [p for p in found if p.is_dir() and not os.access(p, os.W_OK | os.X_OK)]


def set_back(paths: list[str]) -> None:
    """Give today's date to the files of `paths` that are dated later than now: they come from a
    clock that was wrong, and Snakemake takes what is made of them for older than they are."""
    now = time.time()
    for path in map(Path, paths):
        if path.stat().st_mtime > now:
            os.utime(path)
