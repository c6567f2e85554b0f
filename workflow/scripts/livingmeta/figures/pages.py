"""Over which pages a figure goes that is too high for one, and what of it stands on each.

Lengths are millimetres, places millimetres from the top of the figure.
"""

from collections.abc import Sequence
from typing import NamedTuple

# Of more studies than this a figure draws those that count most, and says where the others stand:
# rows over ten pages and more are read by nobody.
MOST_STUDIES = 200
LEAST = 0.5  # of a page must be left to rows, else what is repeated with them is too much
FULL = 0.5  # of the room for rows must be used, for a cut between blocks to be the better one

Band = tuple[float, float]  # from where to where


class Panel(NamedTuple):
    """A stretch of a figure, from where the one before it ends down to `bottom`.

    It may be cut at `cuts`, which lie between its rows from the top down; at those of them that are
    `blocks` too, a block of rows begins. What is above `head` and from `foot` on stands on each
    piece: heads of columns, an axis.
    """

    bottom: float
    head: float = 0.0
    foot: float = 0.0
    cuts: tuple[float, ...] = ()
    blocks: tuple[float, ...] = ()


def over(panels: Sequence[Panel], room: float) -> list[list[Band]]:
    """The bands of a figure that stand on each page, under one another.

    `room`: the height of a page. A panel stands whole on one page if it fits, and starts a page if
    it does not fit below the one before; what cannot be cut may be higher than its page.
    """
    pages: list[list[Band]] = [[]]
    top, left = 0.0, room
    for panel in panels:
        pieces = _pieces(panel, top, room)
        if _high(pieces[0]) > left and pages[-1]:
            pages.append([])
            left = room
        pages[-1] += pieces[0]
        pages += pieces[1:]
        left = (room if pieces[1:] else left) - _high(pieces[-1])
        top = panel.bottom
    return pages


def _high(bands: list[Band]) -> float:
    return sum(bottom - top for top, bottom in bands)


def _pieces(panel: Panel, top: float, room: float) -> list[list[Band]]:
    """The bands of each piece of a panel that starts at `top`: one piece if it fits a page."""
    whole = [[(top, panel.bottom)]]
    rows = room - (panel.head - top) - (panel.bottom - panel.foot)
    if panel.bottom - top <= room or not panel.cuts or rows < LEAST * room:
        return whole
    found, start = [], panel.head
    while start < panel.foot:
        ends = [y for y in (*panel.cuts, panel.foot) if start < y <= start + rows]
        if not ends:
            return whole
        better = [y for y in ends if y in panel.blocks and y > start + FULL * rows]
        end = better[-1] if better and ends[-1] < panel.foot else ends[-1]
        found.append([(top, panel.head), (start, end), (panel.foot, panel.bottom)])
        start = end
    return found
