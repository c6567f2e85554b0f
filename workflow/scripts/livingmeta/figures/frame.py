"""A plot with two plain axes: from values to millimetres, and the axes themselves."""

from livingmeta.figures.style import FINE, HAIR, SMALL, Sheet, width
from livingmeta.words import measures


class Frame:
    """A plot from `left` to `right` and `top` to `bottom`, in millimetres.

    `xs`, `ys`: (lowest, highest) value of either axis; values beyond are kept at the edge.
    """

    def __init__(
        self,
        left: float,
        right: float,
        top: float,
        bottom: float,
        xs: tuple[float, ...],
        ys: tuple[float, ...],
    ) -> None:
        self.left, self.right, self.top, self.bottom = left, right, top, bottom
        self.xs, self.ys = xs, ys

    def x(self, value: float) -> float:
        """The place of a value along the horizontal axis."""
        return self.left + _share(value, *self.xs) * (self.right - self.left)

    def y(self, value: float) -> float:
        """The place of a value along the upright axis."""
        return self.bottom - _share(value, *self.ys) * (self.bottom - self.top)

    def draw(
        self,
        sheet: Sheet,
        label: str,
        upright: str,
        ticks: list[tuple[float, str]] | None = None,
        levels: list[tuple[float, str]] | None = None,
    ) -> None:
        """Both axes with their names; `ticks`, `levels`: (value, text) of the horizontal and of the
        upright one, else round numbers."""
        sheet.line(
            [self.left, self.left, self.right], [self.top, self.bottom, self.bottom], weight=FINE
        )
        plain = [(value, _plain(value)) for value in measures.linear_ticks(*self.xs)]
        last = float("-inf")
        for value, words in plain if ticks is None else ticks:
            x, half = self.x(value), width(words, SMALL) / 2
            sheet.line([x, x], [self.bottom, self.bottom + 1.1], weight=HAIR)
            if x - half > last + 1:
                sheet.tick(x, self.bottom + 4, words)
                last = x + half
        plain = [(value, _plain(value)) for value in measures.linear_ticks(*self.ys)]
        for value, words in plain if levels is None else levels:
            y = self.y(value)
            sheet.line([self.left - 1.1, self.left], [y, y], weight=HAIR)
            sheet.tick(self.left - 1.8, y + 0.8, words, align="right")
        middle = (self.left + self.right) / 2
        sheet.text(middle, self.bottom + 8, label, size=SMALL, align="center", colour="grey")
        sheet.text(
            self.left - 10.5,
            (self.top + self.bottom) / 2,
            upright,
            size=SMALL,
            align="center",
            colour="grey",
            upright=True,
        )


def _plain(value):
    return measures.tick_text(value, "difference")


def _share(value, low, high):
    return min(max((value - low) / (high - low), 0.0), 1.0)
