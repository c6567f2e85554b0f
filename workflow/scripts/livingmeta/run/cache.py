"""What was made once is not made again from the same: a look-up by content.

Snakemake runs whatever stands behind a job that ran, though that job's tables came out the same.
Where a look-up costs less than the work, a script asks here first. The key is a digest of all that
decides a result (inputs, parameters, code, the packages installed), and what is kept carries a
digest of its own, so neither a date nor a file cut short can pass off one thing for another.

Imports nothing heavy: a job that is spared must not load what it would have worked with.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from livingmeta import files
from livingmeta.run import log


def key(*parts: Any) -> str:
    """The SHA-256 of the contents of `parts`: tables, text, bytes, numbers, lists and dicts of
    them. A table counts with its columns and types, and without its index."""
    found = hashlib.sha256(environment().encode())
    for part in parts:
        content = _content(part)
        found.update(b"%d:" % len(content) + content)
    return found.hexdigest()


@cache
def environment() -> str:
    """The version of Python and of every package installed: another may compute another digit."""
    folders = [Path(entry) for entry in sys.path if entry.endswith("site-packages")]
    packages = sorted(path.name for folder in folders for path in folder.glob("*.dist-info"))
    return "\n".join([sys.version, *packages])


class Kept:
    """Files in `folder`, each under the key of what it was made from."""

    def __init__(self, folder: Path | str, *made_by: Any) -> None:
        """`made_by`: what decides every one of them, as the digests of the code."""
        self.folder, self.made_by = Path(folder), key(*made_by)
        self.used: set[Path] = set()

    def made(self, make: Callable[..., bytes], *of: Any, **named: Any) -> bytes:
        """What `make(*of, **named)` gives, which these must decide; from the folder if it is there
        whole."""
        path = self._path(make, of, named)
        found = _whole(path)
        return self._keep(path, make(*of, **named)) if found is None else found

    def texts(self, asked: dict, processes: int = 1) -> dict[str, str]:
        """The same for texts, by name. `asked`: `functools.partial` by name; `processes`: in how
        many to make those that are missing."""
        paths = {
            name: self._path(make.func, make.args, make.keywords) for name, make in asked.items()
        }
        found = {name: _whole(path) for name, path in paths.items()}
        missing = [name for name, content in found.items() if content is None]
        makes = [asked[name] for name in missing]
        made: Iterable[str]
        if processes > 1 and len(missing) > 1:
            with ProcessPoolExecutor(processes) as pool:
                made = list(pool.map(_called, makes))
        else:
            made = map(_called, makes)
        for name, text in zip(missing, made, strict=True):
            found[name] = self._keep(paths[name], text.encode())
        return {name: content.decode() for name, content in found.items() if content is not None}

    def _path(
        self,
        make: Callable[..., Any],
        of: tuple,
        named: dict[str, Any],
    ) -> Path:
        path = self.folder / key(self.made_by, make.__module__, make.__qualname__, of, named)
        self.used.add(path)
        return path

    def _keep(self, path: Path, made: bytes) -> bytes:
        files.write(hashlib.sha256(made).digest() + made, path)
        return made

    def tidy(self) -> None:
        """Remove what nobody asked for this time."""
        for path in set(self.folder.glob("*")) | set(self.folder.glob(".*")):
            if path not in self.used:
                path.unlink()


def job(
    path: Path | str,
    log_path: Path | str,
    made_from: dict,
    outputs: Iterable[Path | str],
    work: Callable[[Callable[[str], None]], None],
) -> None:
    """Do `work(say)`, unless `outputs` are as it left them when it was last done from the same.

    `path`: where that is written down; `made_from`: `files`, paths of what it reads, and all else
    that decides the outputs. A job that is spared leaves its outputs and its log as it would have
    made them, dated now. Whatever `work` raises, it raises, and `path` is gone.
    """
    path, listed = Path(path), [str(output) for output in outputs]
    with log.to(log_path) as say:
        asked = key({str(p): digest(p) for p in made_from["files"]}, made_from)
        last = _last(path)
        if last.get("from") == asked and last["made"] == _standing(listed):
            for line in last["said"]:
                say(line)
            for output in listed:
                os.utime(output)
            return
        path.unlink(missing_ok=True)
        said = []

        def noted(line: str) -> None:
            say(line)
            said.append(line)

        work(noted)
        done = {"from": asked, "made": _standing(listed), "said": said}
        files.write(json.dumps(done).encode(), path)


def _called(make):
    return make()


def _whole(path: Path) -> bytes | None:
    if path.is_file():
        found = path.read_bytes()
        if found[:32] == hashlib.sha256(found[32:]).digest():
            return found[32:]
    return None


def digest(path: Path | str) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def _standing(outputs: list[str]) -> dict[str, str]:
    return {path: digest(path) for path in outputs if Path(path).is_file()}


def _last(path: Path) -> dict:
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}


def _content(part: Any) -> bytes:
    if isinstance(part, bytes):
        return part
    if isinstance(part, dict):
        part = [item for pair in part.items() for item in pair]
    if isinstance(part, list | tuple):
        # Each with its length, so that no two lists run together into the same.
        return b"[" + b"".join(b"%d:" % len(c) + c for c in map(_content, part)) + b"]"
    if hasattr(part, "to_csv"):
        heads = [(str(name), str(kind)) for name, kind in part.dtypes.items()]
        return repr(heads).encode() + part.to_csv(index=False, na_rep="\0").encode()
    return repr(part).encode()
