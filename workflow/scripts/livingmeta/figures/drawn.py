"""What a figure hands on: its drawing, what it prints, and the parts of it that fit a page.

Imports no Matplotlib: what sets a report in type takes figures from here and does not load what
drew them.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from livingmeta import tables

# What a page of A4 holds between its margins, in millimetres: its width, and its height beside a
# caption. What is wider is printed smaller, so more of its height fits.
PAGE = (170.0, 225.0)


@dataclass(frozen=True)
class Drawn:
    """A figure: `svg`, the drawing, `wide` by `high` points.

    `title`, `description`: what it shows, for those who cannot see it. `lines`: each line of text
    that it prints, as (id, words), the id being that of the number in numbers.json, or what the ids
    of all its numbers begin with; "tick" on an axis, "" where there is none. `parts`: of what is
    too high for a page, the drawings that are not, in order; else none.
    """

    svg: str
    wide: float
    high: float
    title: str
    description: str
    lines: tuple[tuple[str, str], ...]
    parts: tuple["Drawn", ...] = ()

    def bare(self) -> bool:
        """Whether it holds only a sentence: no number, no axis, so nothing was drawn."""
        return not any(number for number, _ in self.lines)

    def in_words(self) -> str:
        """The figure for those who cannot see it, on one line."""
        said = (self.title, self.description)
        return ". ".join(" ".join(words.split()) for words in said if words)


def pack(drawn: Drawn) -> bytes:
    """A figure as bytes, to be kept; `unpack` makes it again."""
    return json.dumps(asdict(drawn), ensure_ascii=False).encode()


def unpack(data: bytes) -> Drawn:
    """The figure that was packed."""
    return _of_plain(json.loads(data))


def facts(drawn: dict[str, Drawn]) -> dict[str, Any]:
    """What stands in a JSON file beside the drawings: all of each figure but its `svg`."""
    found = {name: asdict(figure) for name, figure in drawn.items()}
    for figure in found.values():
        del figure["svg"]
    return found


def read(beside: Iterable[Path | str], drawings: Iterable[Path | str]) -> dict[str, Drawn]:
    """Figures by name, from the files of `facts` and those of the drawings (SVG)."""
    told: dict[str, Any] = {}
    for path in beside:
        told |= tables.read_json(path)
    found = {Path(path).stem: Path(path).read_text(encoding="utf-8") for path in drawings}
    return {name: _of_plain({"svg": svg, **told[name]}) for name, svg in found.items()}


def _of_plain(plain: dict[str, Any]) -> Drawn:
    lines = tuple((number, words) for number, words in plain["lines"])
    return Drawn(**plain | {"lines": lines, "parts": tuple(map(_of_plain, plain["parts"]))})
