"""What was made once is not made again from the same: a look-up by content.

Snakemake runs whatever stands behind a job that ran, though that job's tables came out the same.
Where a look-up costs less than the work, a script asks here first. The key is a digest of all that
decides a result (inputs, parameters, code, the packages installed), and what is kept carries a
digest of its own, so neither a date nor a file cut short can pass off one thing for another.

Imports nothing heavy: a job that is spared must not load what it would have worked with.
"""

import hashlib
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields, is_dataclass
from functools import cache, partial
from pathlib import Path, PurePath
from types import FunctionType
from typing import Any

from livingmeta import files
from livingmeta.errors import InternalError

PLAIN = (bool, int, float, str, PurePath)  # what `repr` shows whole


def key_of(part: Any) -> str:
    """The SHA-256 of the content of one value, whatever packages are installed."""
    return hashlib.sha256(_content(part)).hexdigest()


def key(*parts: Any) -> str:
    """The SHA-256 of the contents of `parts`: tables, text, bytes, numbers, lists, dicts and
    dataclasses of them. A table counts with its columns and types, and without its index; a
    dataclass with its name and the fields that it has."""
    found = hashlib.sha256(environment().encode())
    for part in parts:
        content = _content(part)
        found.update(b"%d:" % len(content) + content)
    return found.hexdigest()


@cache
def environment() -> str:
    """The version of Python and of every package installed: another may compute another digit."""
    found = [Path(entry) for entry in sys.path]
    folders = [path for path in found if path.name in ("site-packages", "dist-packages")]
    places = [(folder, "*.dist-info") for folder in folders]
    places += [(folder, "*.egg-info") for folder in folders]
    # Of conda also what is no package of Python: the libraries that they compute with.
    places.append((Path(sys.prefix) / "conda-meta", "*.json"))
    # A folder may be named twice, or by a link.
    packages = sorted({path.name for folder, kind in places for path in folder.glob(kind)})
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

    def each(
        self,
        asked: dict[str, partial[Any]],
        pack: Callable[[Any], bytes],
        unpack: Callable[[bytes], Any],
        processes: int = 1,
    ) -> dict[str, Any]:
        """The same for several, by name, and for what `pack` makes bytes of and `unpack` makes of
        them again. `asked`: `functools.partial` by name; `processes`: in how many to make those
        that are missing."""
        paths = {
            name: self._path(make.func, make.args, make.keywords) for name, make in asked.items()
        }
        found = {name: _whole(path) for name, path in paths.items()}
        missing = [name for name, content in found.items() if content is None]
        makes = [asked[name] for name in missing]
        made: Iterable[Any]
        if processes > 1 and len(missing) > 1:
            with ProcessPoolExecutor(processes) as pool:
                made = list(pool.map(_called, makes))
        else:
            made = map(_called, makes)
        for name, thing in zip(missing, made, strict=True):
            found[name] = self._keep(paths[name], pack(thing))
        return {name: unpack(content) for name, content in found.items() if content is not None}

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


def _called(make):
    return make()


def _whole(path: Path) -> bytes | None:
    if path.is_file():
        found = path.read_bytes()
        if found[:32] == hashlib.sha256(found[32:]).digest():
            return found[32:]
    return None


def _content(part: Any) -> bytes:
    if isinstance(part, bytes):
        return part
    if is_dataclass(part) and not isinstance(part, type):
        held = [f.name for f in fields(part) if hasattr(part, f.name)]
        name = f"{type(part).__module__}.{type(part).__qualname__}"
        return b"@" + _content([name, *((key, getattr(part, key)) for key in held)])
    if isinstance(part, FunctionType) and "<" not in part.__qualname__:
        part = f"{part.__module__}.{part.__qualname__}"
    if isinstance(part, dict):
        part = [item for pair in part.items() for item in pair]
    if isinstance(part, list | tuple):
        # Each with its length, so that no two lists run together into the same.
        return b"[" + b"".join(b"%d:" % len(c) + c for c in map(_content, part)) + b"]"
    if hasattr(part, "to_csv"):
        heads = [(str(name), str(kind)) for name, kind in part.dtypes.items()]
        return repr(heads).encode() + part.to_csv(index=False, na_rep="\0").encode()
    if part is None or isinstance(part, PLAIN) or getattr(part, "shape", None) == ():
        return repr(part).encode()
    raise InternalError(f"a {type(part).__name__} is no part of a key: nothing says what it holds")
