"""Axes of survival over time: from a time and a proportion to a place on the sheet."""

import numpy as np

from livingmeta.figures.style import FINE, HAIR, SMALL, Sheet, width
from livingmeta.words import measures

# Steps between ticks of a time axis, where tens make no sense of the unit.
STEPS = {"months": (1, 2, 3, 6, 12, 24, 60, 120), "weeks": (1, 2, 4, 13, 26, 52, 104)}
MOST_TICKS = 8


def time_ticks(last: float, unit: str) -> list[float]:
    """Ticks from 0 to `last`: parts or multiples of a year in months and weeks, else round."""
    step = next((s for s in STEPS.get(unit, ()) if last / s <= MOST_TICKS), None)
    if step is None:
        return measures.linear_ticks(0.0, last)
    return [float(step * i) for i in range(int(last // step) + 1)]


class SurvivalAxes:
    """A box in which time runs from 0 to `last` and survival from 0 to 1.

    `left, top, wide, high`: the box in millimetres; room for the ticks must be left around it
    (14 to the left, 10 below).
    """

    def __init__(self, left: float, top: float, wide: float, high: float, last: float) -> None:
        self.left, self.top, self.wide, self.high, self.last = left, top, wide, high, last

    @property
    def bottom(self) -> float:
        return self.top + self.high

    def x(self, time: float) -> float:
        """The place of a time, kept within the box."""
        return self.left + min(max(time / self.last, 0.0), 1.0) * self.wide

    def y(self, survival: float) -> float:
        """The place of a proportion, kept within the box."""
        return self.bottom - min(max(survival, 0.0), 1.0) * self.high

    def draw(self, sheet: Sheet, unit: str) -> None:
        """Both axes with ticks; survival in percent, time in `unit`."""
        sheet.line([self.left, self.left], [self.top, self.bottom], weight=FINE)
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            y = self.y(share)
            sheet.line([self.left - 1.1, self.left], [y, y], weight=HAIR)
            words = measures.tick_text(share, "proportion")
            sheet.tick(self.left - 1.8, y + 0.9, words, align="right")
        sheet.line([self.left, self.left + self.wide], [self.bottom, self.bottom], weight=FINE)
        edge = -1e9
        for tick in time_ticks(self.last, unit):
            x, words = self.x(tick), measures.tick_text(tick, "time")
            sheet.line([x, x], [self.bottom, self.bottom + 1.1], weight=HAIR)
            half = width(words, SMALL) / 2
            if x - half > edge + 1:
                sheet.tick(x, self.bottom + 4.0, words)
                edge = x + half
        middle = self.left + self.wide / 2
        sheet.text(middle, self.bottom + 7.6, unit, size=SMALL, align="center", colour="grey")

    def steps(self, times: np.ndarray, survival: np.ndarray) -> tuple[list[float], list[float]]:
        """Corners of a step curve that starts at (0, 1), as places on the sheet."""
        xs, ys, level = [self.x(0)], [self.y(1)], self.y(1)
        for time, share in zip(times, survival, strict=True):
            xs += [self.x(time), self.x(time)]
            ys += [level, self.y(share)]
            level = ys[-1]
        return xs, ys
