"""The horizontal axis of a forest plot: from values on the display scale to millimetres."""

import math

import numpy as np

from livingmeta.figures.style import BOLD, FINE, HAIR, SMALL, Sheet, shorten, width
from livingmeta.words import measures
from livingmeta.words.numbers import missing

# An interval may reach this far beyond all point estimates before it is cut and gets an arrow.
REACH_LOG = math.log(8)
REACH = 1.2


class Axis:
    """Positions between two limits that hold every estimate, and every interval that is not huge.

    `studies`: array (k, 3) of estimate, lower and upper limit on the display scale; `models`: rows
    of pooled.csv that are drawn; `left`, `right`: where the axis starts and ends, in millimetres.
    """

    def __init__(
        self,
        scale: measures.Scale,
        studies: np.ndarray,
        models: list[dict],
        left: float,
        right: float,
    ) -> None:
        self.scale, self.left, self.right = scale, left, right
        firm = [v for row in models for v in self._of(row) if not missing(v)]
        self.low, self.high = self._limits(studies, [float(v) for v in firm])
        ticks = measures.log_ticks if scale.log else measures.linear_ticks
        self.ticks = ticks(self.low, self.high)

    @staticmethod
    def _of(row):
        keys = ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")
        return [row.get(f"display_{key}") for key in keys]

    def _limits(self, studies, firm):
        if self.scale.kind == "proportion":
            top = max([*studies[:, 2], *firm])
            return 0.0, next(t for t in (0.05, 0.1, 0.2, 0.4, 0.6, 1.0) if t >= min(top, 1.0))
        to, back = (math.log, math.exp) if self.scale.log else (float, float)
        points = [to(v) for v in [*studies[:, 0], *firm] if not self.scale.log or v > 0]
        if self.scale.null is not None:
            points.append(to(self.scale.null))
        ends = [to(v) for v in studies[:, 1:].ravel() if not self.scale.log or v > 0]
        low, high = min(points), max(points)
        reach = REACH_LOG if self.scale.log else REACH * max(high - low, 1e-9)
        if not self.scale.log and high - low < 1e-9:
            reach = max(map(abs, ends), default=1.0)
        low = max(min([low, *ends]), low - reach)
        high = min(max([high, *ends]), high + reach)
        room = max(0.04 * (high - low), 0.05 if self.scale.log else 1e-9)
        return back(low - room), back(high + room)

    def x(self, value: float) -> float:
        """The place of a value, kept within the axis."""
        if self.scale.log:
            value = max(value, 1e-300)
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def interval(
        self,
        sheet: Sheet,
        low: float,
        high: float,
        y: float,
        *,
        colour: str = "ink",
        weight: float = FINE,
        ends: bool = True,
    ) -> None:
        """A confidence interval; an arrowhead where it leaves the axis."""
        x0, x1 = self.x(low), self.x(high)
        sheet.line([x0, x1], [y, y], colour=colour, weight=weight, over=5)
        self._arrowheads(sheet, low, high, y, colour)
        for x, outside in ((x0, low < self.low), (x1, high > self.high)):
            if ends and not outside:
                sheet.line([x, x], [y - 0.55, y + 0.55], colour=colour, weight=weight)

    def _arrowheads(self, sheet, low, high, y, colour):
        """Marks beside the axis for an interval that goes on beyond it."""
        for x, outside, side in (
            (self.left, low < self.low, -1),
            (self.right, high > self.high, 1),
        ):
            if outside:
                sheet.shape([(x + side * 1.4, y), (x, y - 0.8), (x, y + 0.8)], fill=colour)

    def square(
        self, sheet: Sheet, value: float, y: float, half: float, *, filled: bool = True
    ) -> None:
        """A study's estimate, `half` as wide as its weight asks for; hollow if not `filled`."""
        x = self.x(value)
        fill, edge = ("study", None) if filled else ("paper", "study")
        sheet.box(x - half, y - half, 2 * half, 2 * half, fill=fill, edge=edge, weight=BOLD, over=6)

    def diamond(
        self,
        sheet: Sheet,
        low: float,
        value: float,
        high: float,
        y: float,
        half: float,
        *,
        filled: bool = True,
    ) -> None:
        """A pooled estimate with its interval."""
        corners = [(self.x(low), y), (self.x(value), y - half), (self.x(high), y)]
        corners.append((self.x(value), y + half))
        fill = "pooled" if filled else "paper"
        sheet.shape(corners, fill=fill, edge="pooled", weight=FINE, over=7)
        self._arrowheads(sheet, low, high, y, "pooled")

    def draw(
        self, sheet: Sheet, top: float, bottom: float, label: str, favours: tuple[str, ...] | None
    ) -> None:
        """The axis under the rows from `top` to `bottom`, with the line of no effect."""
        sheet.line([self.left, self.right], [bottom, bottom], colour="ink", weight=FINE)
        if self.scale.null is not None:
            x = self.x(self.scale.null)
            sheet.line([x, x], [top, bottom], colour="ink", weight=HAIR, over=2)
        last = -math.inf
        for tick in self.ticks:
            x = self.x(tick)
            sheet.line([x, x], [bottom, bottom + 1.1], weight=HAIR)
            words = measures.tick_text(tick, self.scale.kind)
            half = width(words, SMALL) / 2
            if x - half > last + 1:
                sheet.tick(x, bottom + 4.0, words)
                last = x + half
        middle, under = (self.left + self.right) / 2, bottom + 7.6
        if favours and self.scale.null is not None:
            self._favours(sheet, under, self.x(self.scale.null), *favours)
            under += 4.2
        sheet.text(middle, under, label, size=SMALL, align="center", colour="grey")

    @staticmethod
    def _favours(sheet, y, x, left, right):
        """Both sides of no effect, which is at `x`, in words; nothing else stands on their line."""
        for words, side, room in ((left, -1, x), (right, 1, sheet.wide - x)):
            words = shorten(words, room - 8, SMALL)
            align = "right" if side < 0 else "left"
            sheet.text(x + side * 3.8, y, words, size=SMALL, align=align)
            sheet.arrow([x + side * 0.6, x + side * 3.0], [y - 0.8, y - 0.8], head=1.2)
