"""Figures inside a page: drawn in the page's colours, and still there to be downloaded."""

import re
import zlib
from typing import NamedTuple
from xml.sax.saxutils import escape

from markupsafe import Markup

from livingmeta.figures.colours import COLOURS
from livingmeta.figures.drawn import Drawn

NAMES = {code: name for name, code in COLOURS.items()}
POINTS_TO_PIXELS = 96 / 72


class Picture(NamedTuple):
    """What the page needs of a figure: `svg` to stand in it, and its natural width `wide` (CSS);
    `narrow`: the same of its drawing for a narrow screen, where it has one."""

    name: str
    svg: Markup
    wide: str
    narrow: "Picture | None" = None


def figure(drawn: Drawn, name: str) -> Picture:
    """A figure for the page.

    Ids get the figure's name in front, so that two figures do not share one; colours become those
    that the page gives a light and a dark value; what marks look like stands once, under a name
    made of itself, so that it means the same in every figure of a page. The page's script makes the
    file again from what stands in the page when a reader saves it.
    """
    head, body = drawn.svg.split(">", 1)
    # A title would follow the pointer about as a hint; its words stand in the caption anyway.
    title = escape(drawn.title)
    before, after = body.split(f"<title>{title}</title>", 1)
    head += f' aria-label="{title.replace(chr(34), "&quot;")}"'
    head = re.sub(r' (width|height|version|xmlns(:xlink)?)="[^"]*"', "", head)
    body = re.sub(r'\b(id="|href="#|url\(#)', rf"\g<1>{name}--", before + after.lstrip())
    body = re.sub(r"#[0-9a-f]{6}\b", _coloured, body)
    looks: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        look = found[1].replace("; ", ";").replace(": ", ":")
        called = f"d{zlib.crc32(look.encode()):x}"
        looks[called] = look
        return f' class="{called}"'

    body = re.sub(r' style="([^"]*)"', named, body)
    rules = "".join(f".{called}{{{look}}}" for called, look in looks.items())
    wide = round(drawn.wide * POINTS_TO_PIXELS)
    narrow = figure(drawn.narrow, f"{name}-narrow") if drawn.narrow else None
    return Picture(name, Markup(f"{head}><style>{rules}</style>{body}"), f"{wide}px", narrow)


def _coloured(found: re.Match[str]) -> str:
    colour = found[0]
    return f"var(--{NAMES[colour]},{colour})" if colour in NAMES else colour
