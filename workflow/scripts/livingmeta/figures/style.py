"""The house style of all figures, and the sheet of paper they are drawn on.

Positions and lengths are millimetres from the top left corner, type sizes are points. Matplotlib
writes the SVG; nothing in it depends on the machine, the day, or the fonts that are installed:
text stays text and is laid out with the metrics of DejaVu Sans, which Matplotlib brings along and
which is wider than the faces that readers have, so that nothing is cut.
"""

import io
import math
import re
import unicodedata
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib import font_manager, ft2font
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from livingmeta.figures import pages
from livingmeta.figures.colours import COLOURS
from livingmeta.figures.drawn import Drawn, room, tidied
from livingmeta.words.language import in_figure

MM = 1 / 25.4
POINT = 25.4 / 72  # millimetres

# Of letters, in points: 8.25 are 11 pixels on a screen, and journals want 8 in print.
SIZE, SMALL, TITLE = 8.25, 8.25, 9.5
ROW = 4.6  # one line of a table
HAIR, FINE, BOLD = 0.4, 0.7, 1.1  # line widths, points

FACES = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "livingmeta",
    "text.parse_math": False,
    "text.usetex": False,
    "font.family": ["DejaVu Sans"],
    "path.simplify": False,
}
mpl.rcdefaults()  # a person's matplotlibrc, or one in the folder, must change no figure


@cache
def _font(bold: bool) -> Any:
    weight = "bold" if bold else "normal"
    face = font_manager.FontProperties(family="DejaVu Sans", weight=weight)
    path = font_manager.findfont(face, fallback_to_default=True)
    font = ft2font.FT2Font(str(path))
    font.set_size(100, 72)
    return font


@cache
def _advance(character: str, bold: bool) -> float:
    """Width of a character in units of the type size."""
    font = _font(bold)
    if not font.get_char_index(ord(character)):
        if unicodedata.combining(character):
            return 0.0
        return 1.0 if unicodedata.east_asian_width(character) in "WF" else 0.7
    glyph = font.load_char(ord(character), flags=ft2font.LoadFlags.NO_HINTING)
    return glyph.linearHoriAdvance / 65536 / 100


def width(text: str, size: float = SIZE, bold: bool = False) -> float:
    """Width of a line of text in millimetres, as the figure says it."""
    return _wide(in_figure(str(text)), size, bold)


def _wide(text: str, size: float, bold: bool) -> float:
    return math.fsum(_advance(c, bold) for c in str(text)) * size * POINT


def wrap(text: str, room: float, size: float = SIZE, bold: bool = False) -> list[str]:
    """Lines no wider than `room` millimetres; a word that is too long by itself is cut, behind a
    hyphen where it has one. No line breaks at a no-break space."""
    lines, line = [], ""
    for word in re.split(r"[^\S\xa0]+", in_figure(str(text).strip())):
        while _wide(word, size, bold) > room:
            fits = (i for i in range(1, len(word)) if _wide(word[: i + 1], size, bold) > room)
            cut = next(fits, 1)
            cut = word.rfind("-", 1, cut) + 1 or cut
            head = f"{line} {word[:cut]}".strip() if line else word[:cut]
            over = line and _wide(head, size, bold) > room
            lines.append(line if over else head)
            line, word = "", word if over else word[cut:]
        longer = f"{line} {word}".strip()
        if line and _wide(longer, size, bold) > room:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line] if line or not lines else lines


def shorten(text: str, room: float, size: float = SIZE, bold: bool = False) -> str:
    """The text, or its beginning and an ellipsis where it is wider than `room` millimetres."""
    text = " ".join(in_figure(str(text)).split())
    if _wide(text, size, bold) <= room:
        return text
    while text and _wide(text + "…", size, bold) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def at_most(
    text: str, room: float, lines: int, size: float = SIZE, bold: bool = False
) -> list[str]:
    """The text on so many lines at most; what does not fit is left out with an ellipsis."""
    wrapped = wrap(text, room, size, bold)
    if len(wrapped) > lines:
        rest = " ".join(wrapped[lines - 1 :])
        wrapped = [*wrapped[: lines - 1], shorten(rest, room, size, bold)]
    return wrapped


class _Mark(NamedTuple):
    """What was drawn, from `low` down to `high`, and what draws it again on another sheet, given
    the place there of each of its heights. An `upright` line can be cut anywhere."""

    low: float
    high: float
    again: Callable[["Sheet", Callable[[float], float]], None]
    upright: bool = False

    def within(self, top: float, bottom: float) -> bool:
        if self.upright:
            return self.low < bottom and self.high > top
        return top <= (self.low + self.high) / 2 < bottom


class _Line(Text):
    """A line of text that is drawn where it stands. Matplotlib measures it several times before, to
    lay out what has several lines, and that was a third of the time of a figure."""

    def draw(self, renderer: Any) -> None:
        renderer.open_group("text", self.get_gid())
        x, y = self.get_transform().transform(self.get_position())
        look = renderer.new_gc()
        look.set_foreground(self.get_color())
        down, face = renderer.get_canvas_width_height()[1] - y, self.get_fontproperties()
        renderer.draw_text(look, x, down, self.get_text(), face, self.get_rotation(), mtext=self)
        look.restore()
        renderer.close_group("text")


class Sheet:
    """A sheet of paper, `wide` by `high` millimetres, to draw on."""

    def __init__(self, wide: float, high: float) -> None:
        self.wide, self.high = wide, high
        self._lines: list[tuple[str, str]] = []
        self._marks: list[_Mark] = []
        self._panels: list[pages.Panel] = []
        self._names: dict[str, int] = {}
        self._figure = Figure(figsize=(wide * MM, high * MM), facecolor=COLOURS["paper"])
        self._mm = Affine2D().scale(MM, -MM).translate(0, high * MM) + self._figure.dpi_scale_trans

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = SIZE,
        colour: str = "ink",
        align: str = "left",
        bold: bool = False,
        upright: bool = False,
        number: str = "",
    ) -> None:
        """One line of text, its baseline at y; `upright`: read from below, centred on (x, y).

        `number`: the id in numbers.json of what the line prints, or the beginning that the ids of
        all its numbers share. A page finds the way from the line to its numbers by it.
        """
        words = _printable(in_figure(words))
        if not words.strip():
            return
        artist = _Line(
            *(x, y, words),
            transform=self._mm,
            fontsize=size,
            color=COLOURS[colour],
            ha=align,
            va="baseline",
            rotation=90 if upright else 0,
            rotation_mode="anchor",
            fontweight="bold" if bold else "normal",
            parse_math=False,
            zorder=8,
        )
        if number:
            artist.set_gid(self._name(f"n:{number}"))
        self._figure.add_artist(artist)
        self._lines.append((number, words))
        look: Any = {"size": size, "colour": colour, "align": align, "bold": bold}
        look |= {"upright": upright, "number": number}
        self._marks.append(_Mark(y, y, lambda to, at: to.text(x, at(y), words, **look)))

    def tick(self, x: float, y: float, words: str, *, align: str = "center") -> None:
        """A value named on an axis: a mark of the ruler and no result, so it has no id."""
        self.text(x, y, words, size=SMALL, align=align, number="tick")

    def _name(self, wanted: str) -> str:
        """The name, with a number after it from the second time on: ids are unique."""
        self._names[wanted] = count = self._names.get(wanted, 0) + 1
        return wanted if count == 1 else f"{wanted}#{count}"

    def line(
        self,
        xs: list[float],
        ys: list[float],
        *,
        colour: str = "ink",
        weight: float = FINE,
        dashes: tuple[int, float] | None = None,
        over: int = 3,
    ) -> None:
        """A line through points."""
        artist = Line2D(
            xs,
            ys,
            transform=self._mm,
            color=COLOURS[colour],
            linewidth=weight,
            linestyle=(0, dashes) if dashes else "-",
            solid_capstyle="butt",
            dash_capstyle="butt",
            solid_joinstyle="miter",
            zorder=over,
        )
        self._figure.add_artist(artist)
        look: Any = {"colour": colour, "weight": weight, "dashes": dashes, "over": over}
        self._marks.append(
            _Mark(
                *(min(ys), max(ys)),
                lambda to, at: to.line(xs, list(map(at, ys)), **look),
                upright=len(xs) == 2 and xs[0] == xs[1],
            )
        )

    def shape(
        self,
        points: Sequence[tuple[float, ...]],
        *,
        fill: str | None = "study",
        edge: str | None = None,
        weight: float = HAIR,
        name: str = "",
        over: float = 4,
    ) -> None:
        """A closed polygon; `name` becomes its id."""
        artist = Polygon(
            points,
            closed=True,
            transform=self._mm,
            facecolor=COLOURS[fill] if fill else "none",
            edgecolor=COLOURS[edge] if edge else "none",
            linewidth=weight if edge else 0,
            joinstyle="miter",
            zorder=over,
        )
        artist.set_gid(name or None)
        self._figure.add_artist(artist)
        if not fill and not edge:
            return  # for a click on the page, and nothing in print
        look: Any = {"fill": fill, "edge": edge, "weight": weight, "name": name, "over": over}
        ys = [y for _, y in points]
        self._marks.append(
            _Mark(
                *(min(ys), max(ys)),
                lambda to, at: to.shape([(x, at(y)) for x, y in points], **look),
            )
        )

    def squares(
        self, places: list[tuple[float, ...]], *, fill: str = "study", over: int = 4
    ) -> None:
        """Many squares of one colour as one shape: (x, y, side) of each, x and y its middle."""
        corners = ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5), (-0.5, -0.5))
        points = [(x + side * i, y + side * j) for x, y, side in places for i, j in corners]
        codes = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY] * len(places)
        artist = PathPatch(
            Path(points, codes),
            transform=self._mm,
            facecolor=COLOURS[fill],
            edgecolor="none",
            linewidth=0,
            zorder=over,
        )
        self._figure.add_artist(artist)
        ys = [y for _, y in points]
        self._marks.append(
            _Mark(
                *(min(ys), max(ys)),
                lambda to, at: to.squares(
                    [(x, at(y), side) for x, y, side in places], fill=fill, over=over
                ),
            )
        )

    def box(self, x: float, y: float, wide: float, high: float, **look: Any) -> None:
        """A rectangle from its top left corner."""
        self.shape([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)], **look)

    def arrow(
        self,
        xs: list[float],
        ys: list[float],
        *,
        colour: str = "grey",
        weight: float = FINE,
        head: float = 1.6,
    ) -> None:
        """A line through points with a head at its end; the last stretch is level or upright."""
        (x0, x1), (y0, y1) = xs[-2:], ys[-2:]
        dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
        bx, by = x1 - dx * head, y1 - dy * head
        self.line([*xs[:-1], bx], [*ys[:-1], by], colour=colour, weight=weight)
        half = head * 0.42
        self.shape(
            [(x1, y1), (bx + dy * half, by + dx * half), (bx - dy * half, by - dx * half)],
            fill=colour,
        )

    def panel(
        self,
        bottom: float,
        head: float = 0.0,
        foot: float = 0.0,
        cuts: Sequence[float] = (),
        blocks: Sequence[float] = (),
    ) -> None:
        """Say where the drawing may be cut if it is too high for a page; see pages.Panel. Panels
        are named from the top down, and the last ends with the sheet."""
        self._panels.append(pages.Panel(bottom, head, foot, tuple(cuts), tuple(blocks)))

    def drawn(self, title: str, description: str = "") -> Drawn:
        """The figure, with a title and a description for those who listen; in parts too, where it
        is too high for a page and has panels."""
        whole = self._drawn(title, description)
        most = room(self.wide)
        found = pages.over(self._panels, most) if self.high > most else []
        if len(found) < 2:
            return whole
        parts = tuple(self._part(bands)._drawn(title, description) for bands in found)
        return replace(whole, parts=parts)

    def _part(self, bands: list[pages.Band]) -> "Sheet":
        """A sheet with what stands in these bands, one under the other."""
        part = Sheet(self.wide, sum(bottom - top for top, bottom in bands))
        down = 0.0
        for top, bottom in bands:
            for mark in self._marks:
                if mark.within(top, bottom):
                    low, high = (top, bottom) if mark.upright else (mark.low, mark.high)
                    mark.again(part, _moved(low, high, down - top))
            down += bottom - top
        return part

    def _drawn(self, title: str, description: str) -> Drawn:
        buffer = io.StringIO()
        with mpl.rc_context(SETTINGS), warnings.catch_warnings():
            # A script that DejaVu Sans lacks is the reader's font to draw, not ours.
            warnings.filterwarnings("ignore", message=".*[Gg]lyph.*")
            FigureCanvasSVG(self._figure).print_svg(
                buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
            )
        title, description = (_printable(in_figure(said)) for said in (title, description))
        # As Matplotlib writes them.
        wide, high = (round(float(side * 72), 6) for side in self._figure.get_size_inches())
        look = f'font-family="{FACES}" stroke-linejoin="round" role="img"'
        svg = tidied(buffer.getvalue(), title, description, look)
        return Drawn(svg, wide, high, title, description, tuple(self._lines))


def _moved(low: float, high: float, down: float) -> Callable[[float], float]:
    """Heights on another sheet, those beyond two of them at the two."""
    return lambda y: min(max(y, low), high) + down


def _printable(words: str) -> str:
    """Text without line breaks and without characters that XML forbids."""
    return "".join(
        " " if c in "\n\r\t" else c
        for c in str(words)
        if c in "\n\r\t" or (ord(c) >= 32 and not 0x7F <= ord(c) < 0xA0 and c not in "\ufffe\uffff")
    )
