"""What a figure hands on: its drawing, what it prints, and the parts of it that fit a page.

Imports no Matplotlib: what sets a report in type takes figures from here and does not load what
drew them.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from livingmeta import tables

# What a page of A4 holds between its margins, in millimetres: its width, and its height beside a
# caption. What is wider is printed smaller, so more of its height fits.
PAGE = (170.0, 225.0)
POINTS = 72 / 25.4  # of a millimetre
# Letters are drawn so much larger than they must come out in print (style.SMALL against 8 points).
DRAWN_LARGER = 1.03
# How much larger a figure must come out on its side to be turned.
WORTH_TURNING = 1.1
_PLACES = re.compile(r' (?:d|x|y|transform)="[^"]*"')
_LONG = re.compile(r"-?\d+\.\d{3,}")


def plot_beside(columns: float, least: float, most: float) -> float:
    """How wide a plot beside columns of this width may be, so that no letter is printed smaller
    than it is drawn: what they leave of the width of a page, or of its height where that is less
    than `least`. All in millimetres."""
    for side in (side * DRAWN_LARGER for side in PAGE):
        if columns + least <= side:
            return min(most, side - columns)
    return least


def upright(wide: float, high: float) -> float:
    """The scale at which a figure of these millimetres is printed upright."""
    return min(1.0, PAGE[0] / wide, PAGE[1] / high)


def on_its_side(wide: float, high: float) -> float:
    """The scale at which it is printed turned, its width along the height of the page."""
    return min(1.0, PAGE[1] / wide, PAGE[0] / high)


def room(wide: float) -> float:
    """How high a figure of this width may be, in millimetres, to keep its scale on a page."""
    if wide <= PAGE[0] * DRAWN_LARGER + 0.01:
        return PAGE[1] * max(1.0, wide / PAGE[0])
    return PAGE[0] / min(1.0, PAGE[1] / wide)


@dataclass(frozen=True)
class Drawn:
    """A figure: `svg`, the drawing, `wide` by `high` points.

    `title`, `description`: what it shows, for those who cannot see it. `lines`: each line of text
    that it prints, as (id, words), the id being that of the number in numbers.json, or what the ids
    of all its numbers begin with; "tick" on an axis, "" where there is none. `parts`: of what is
    too high for a page, the drawings that are not, in order; else none. `narrow`: the same drawn
    for a narrow screen, where it is.
    """

    svg: str
    wide: float
    high: float
    title: str
    description: str
    lines: tuple[tuple[str, str], ...]
    parts: tuple["Drawn", ...] = ()
    narrow: "Drawn | None" = None

    @property
    def turned(self) -> bool:
        """Whether it is printed on its side, since it comes out larger so."""
        sides = self.wide / POINTS, self.high / POINTS
        return on_its_side(*sides) > WORTH_TURNING * upright(*sides)

    @property
    def scale(self) -> float:
        """The scale at which it is printed: 1 unless it is too large for a page."""
        sides = self.wide / POINTS, self.high / POINTS
        return on_its_side(*sides) if self.turned else upright(*sides)

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
    parts = tuple(map(_of_plain, plain["parts"]))
    narrow = plain["narrow"] and _of_plain(plain["narrow"])
    return Drawn(**plain | {"lines": lines, "parts": parts, "narrow": narrow})


def tidied(svg: str, title: str, description: str, look: str) -> str:
    """Matplotlib's SVG with a title, without what it repeats on every element, and without its
    style sheet, which would reach beyond the figure in a page that holds it. `look`: attributes of
    the whole. Places are in points, to a hundredth."""
    head, body = svg[svg.index("<svg") :].split(">", 1)
    body = re.sub(r"<!--.*?-->\s*|<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r' transform="rotate\(-?0 [^"]*"', "", body)
    body = re.sub(r" font-family: [^;\"]*;", "", body)
    body = re.sub(r" \n(?=[LCz])", " ", body).replace(' \n"', '"')
    body = re.sub(r"\n +(?=<)", "\n", re.sub(r"<[^>]+>", _shorter, body))
    body = re.sub(r"\n+", "\n", _without_bare_groups(body))
    words = f"\n <title>{escape(title)}</title>"
    if description:
        words += f"\n <desc>{escape(description)}</desc>"
    return f"{head} {look}>{words}{body}"


def _without_bare_groups(body: str) -> str:
    """Without groups that say nothing of what is in them."""
    found: list[str] = []
    said: list[bool] = []
    for part in re.split(r"(<g\b[^>]*>|</g>)", body):
        if part == "</g>":
            part = "</g>" if said.pop() else ""
        elif part.startswith("<g") and not part.endswith("/>"):
            said.append(part != "<g>")
            part = part if said[-1] else ""
        found.append(part)
    return "".join(found)


def _shorter(tag: re.Match[str]) -> str:
    """A tag without the id by which nobody refers to it, and without digits that nobody sees."""
    bare = re.sub(r' id="[A-Za-z0-9.]+_\d+"', "", tag[0])
    return _PLACES.sub(lambda found: _LONG.sub(_hundredth, found[0]), bare)


def _hundredth(found: re.Match[str]) -> str:
    short = f"{float(found[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short
