"""The templates of pages, as Jinja reads them."""

import contextlib
import sys
from pathlib import Path
from typing import Any, ClassVar

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from livingmeta import files

FOLDER = Path(__file__).parents[3] / "templates"


class _Compiled(BytecodeCache):
    """Templates as Jinja compiled them, for they take as long to compile as to fill: once a
    process, and in files beside them as Python keeps its own, where it does.

    Jinja takes none whose template, or whose Jinja or Python, was another; `options`, of the
    environment, it does not ask about.
    """

    known: ClassVar[dict[str, bytes]] = {}

    def __init__(self, options: str) -> None:
        self.options = options

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return super().get_cache_key(f"{name} {self.options}", filename)

    def _path(self, key: str) -> Path:
        return FOLDER / "__pycache__" / key

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key not in self.known:
            with contextlib.suppress(OSError):
                self.known[bucket.key] = self._path(bucket.key).read_bytes()
        if bucket.key in self.known:
            bucket.bytecode_from_string(self.known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key] = bucket.bytecode_to_string()
        if sys.dont_write_bytecode:
            return
        path = self._path(bucket.key)
        with contextlib.suppress(OSError):  # nobody may write there: compiled again next time
            path.parent.mkdir(exist_ok=True)
            files.write(self.known[bucket.key], path)


def environment(**more: Any) -> Environment:
    """Where templates come from: whatever they are given is escaped, and a name that is not there
    is an error. `more`: as for Environment."""
    options = [f"{name}={getattr(what, '__qualname__', what)}" for name, what in more.items()]
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=_Compiled(", ".join(sorted(options))),
        **more,
    )
