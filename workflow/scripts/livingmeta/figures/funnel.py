"""The contour-enhanced funnel plot (Peters et al. 2008, J Clin Epidemiol 61:991) of a synthesis."""

import math

import pandas as pd

from livingmeta.effects.several import found_in
from livingmeta.figures.drawn import Drawn
from livingmeta.figures.forest_table import result_of
from livingmeta.figures.style import FINE, HAIR, SMALL, TITLE, Sheet, wrap
from livingmeta.formulas.measures import back_transform
from livingmeta.plan import Synthesis
from livingmeta.words import ids, measures
from livingmeta.words.numbers import finer, missing, show

# Two-sided p of the contours; from this many studies on asymmetry can be told from chance
# (Sterne et al. 2011, BMJ 343:d4002), and fewer than DRAWN make no funnel at all.
LEVELS = ((0.10, "band1"), (0.05, "band2"), (0.01, "band3"))
READABLE = 10
DRAWN = 3
CRITICAL = {0.10: 1.6448536269514722, 0.05: 1.959963984540054, 0.01: 2.5758293035489004}
WIDE, HIGH = 120.0, 78.0
LEFT, RIGHT = 20.0, 48.0
CAVEAT = (
    "Fewer than {least} studies: chance alone makes such plots look lopsided. "
    "Nothing should be read from its shape."
)


def draw(effects: pd.DataFrame, pooled: pd.DataFrame, synthesis: Synthesis) -> Drawn:
    """The funnel plot: effects against their standard errors, the precise ones on top.

    Shaded bands show where a study would be significant at 0.10, 0.05 and 0.01 against no effect;
    proportions and rates have no such value and get none. Effects lie on the analysis scale and
    are labelled on the display scale. Under three studies a sentence stands in place of the plot.
    """
    title = f"Funnel plot: {synthesis.title}"
    if len(effects) < DRAWN:
        have = ("no study", "one study", "two studies")[len(effects)]
        return _nothing(title, f"Not drawn: with {have} there is no shape to look at.")
    if found_in(effects):
        words = "Not drawn: studies have several effects each, which are no points of their own."
        return _nothing(title, words)
    if not measures.one_scale(effects, synthesis.measure):
        return _nothing(title, "Not drawn: effects of different measures have no axis in common.")
    return _Funnel(effects, pooled, synthesis, title).drawn()


def _nothing(title: str, words: str) -> Drawn:
    lines = wrap(title, 112, TITLE, True)
    sheet = Sheet(120, 14 + 4.2 * len(lines))
    for i, line in enumerate(lines):
        sheet.text(4, 6.4 + 4.2 * i, line, size=TITLE, bold=True)
    sheet.text(4, 10 + 4.2 * len(lines), words, colour="grey")
    return sheet.drawn(title, words)


class _Funnel:
    def __init__(self, effects, pooled, synthesis, title):
        self.title, self.synthesis = title, synthesis
        self.measure = synthesis.measure
        self.scale = measures.SCALES[self.measure]
        self.points = [
            (float(y), math.sqrt(v)) for y, v in zip(effects["yi"], effects["vi"], strict=True)
        ]
        pooled = pooled.assign(subgroup=pooled["subgroup"].fillna(""))
        self.result = result_of(pooled)
        estimate = self.result.get("estimate", math.nan)
        self.centre = None if missing(estimate) else float(estimate)
        # No effect on the analysis scale: 0 for every measure that has such a value.
        self.null = None if self.scale.null is None else 0.0
        self._limits()

    def _limits(self):
        self.se_most = 1.08 * max(se for _, se in self.points)
        middle = self.points[0][0] if self.centre is None else self.centre
        reach = 1.15 * CRITICAL[0.05] * self.se_most
        values = [y for y, _ in self.points] + [middle - reach, middle + reach]
        if self.null is not None:
            values.append(self.null)
        room = 0.04 * (max(values) - min(values))
        self.low, self.high = min(values) - room, max(values) + room

    def drawn(self) -> Drawn:
        lines = wrap(self.title, WIDE + RIGHT - 8, TITLE, True)
        top = 6.5 + 4.2 * len(lines)
        few = len(self.points) < READABLE
        caveat = wrap(CAVEAT.format(least=READABLE), WIDE + RIGHT - 8, SMALL) if few else []
        bottom = top + HIGH
        self.x0, self.x1, self.y0, self.y1 = LEFT, WIDE, top, bottom
        sheet = self.sheet = Sheet(
            WIDE + RIGHT, bottom + 12.5 + (2 + 3.3 * len(caveat) if few else 0)
        )
        for i, line in enumerate(lines):
            sheet.text(4, 6.4 + 4.2 * i, line, size=TITLE, bold=True)
        self._contours()
        self._pseudo_limits()
        for y, se in self.points:
            self._dot(self._x(y), self._y(se))
        self._axes()
        self._legend()
        for i, line in enumerate(caveat):
            sheet.text(4, bottom + 14.5 + 3.3 * i, line, size=SMALL, colour="pooled")
        return sheet.drawn(self.title, f"{len(self.points)} studies. {' '.join(caveat)}".strip())

    def _x(self, value):
        share = (value - self.low) / (self.high - self.low)
        return self.x0 + share * (self.x1 - self.x0)

    def _y(self, se):
        return self.y0 + se / self.se_most * (self.y1 - self.y0)

    def _contours(self):
        if self.null is None:
            self.sheet.box(
                self.x0, self.y0, self.x1 - self.x0, self.y1 - self.y0, fill="wash", over=0
            )
            return
        # From the outermost band inwards, each paints over the one before.
        self.sheet.box(
            self.x0, self.y0, self.x1 - self.x0, self.y1 - self.y0, fill=LEVELS[-1][1], over=0
        )
        inner = {0.01: LEVELS[1][1], 0.05: LEVELS[0][1], 0.10: "paper"}
        for depth, p in enumerate((0.01, 0.05, 0.10)):
            self._wedge(self.null, CRITICAL[p], fill=inner[p], over=0.1 * (depth + 1))

    def _wedge(self, apex, z, **look):
        """The triangle within z standard errors of a value, cut at the sides of the plot."""
        steps = [self.se_most * i / 40 for i in range(41)]
        right = [(self._x(min(apex + z * s, self.high)), self._y(s)) for s in steps]
        left = [(self._x(max(apex - z * s, self.low)), self._y(s)) for s in steps]
        self.sheet.shape([*left[::-1], *right], **look)

    def _pseudo_limits(self):
        if self.centre is None:
            return
        x = self._x(self.centre)
        self.sheet.line([x, x], [self.y0, self.y1], colour="pooled", weight=FINE)
        for side in (-1, 1):
            end = self._x(self.centre + side * CRITICAL[0.05] * self.se_most)
            self.sheet.line(
                [x, end], [self.y0, self.y1], colour="pooled", weight=FINE, dashes=(4, 3)
            )

    def _dot(self, x, y, radius=0.95):
        corners = [
            (x + radius * math.cos(math.pi * i / 8), y + radius * math.sin(math.pi * i / 8))
            for i in range(16)
        ]
        self.sheet.shape(corners, fill="study", edge="paper", weight=HAIR, over=6)

    def _axes(self):
        sheet = self.sheet
        sheet.line([self.x0, self.x0, self.x1], [self.y0, self.y1, self.y1], weight=FINE)
        ticks = measures.analysis_ticks(self.measure, self.low, self.high, self._x)
        for value, words in ticks:
            x = self._x(value)
            sheet.line([x, x], [self.y1, self.y1 + 1.1], weight=HAIR)
            sheet.tick(x, self.y1 + 4, words)
        for se in measures.linear_ticks(0, self.se_most):
            y = self._y(se)
            sheet.line([self.x0 - 1.1, self.x0], [y, y], weight=HAIR)
            sheet.tick(self.x0 - 1.8, y + 0.8, f"{se:g}", align="right")
        label = measures.SCALES[self.measure].short + (" (log scale)" if self.scale.log else "")
        if self.scale.kind == "proportion":
            label += " (on the scale it was pooled on)"
        middle = (self.x0 + self.x1) / 2
        sheet.text(middle, self.y1 + 8.6, label, size=SMALL, align="center", colour="grey")
        sheet.text(
            6.4,
            (self.y0 + self.y1) / 2,
            "Standard error (analysis scale)",
            size=SMALL,
            align="center",
            colour="grey",
            upright=True,
        )

    def _display(self, value):
        return float(back_transform(self.measure, value))

    def _legend(self):
        sheet, x, y = self.sheet, self.x1 + 4, self.y0 + 3
        self._dot(x + 1.8, y - 0.8)
        sheet.text(x + 5.4, y, "a study", size=SMALL)
        y += 5
        if self.centre is not None:
            sheet.line([x, x + 3.6], [y - 0.8, y - 0.8], colour="pooled")
            value = self._display(self.centre)
            pair = (self.result["display_ci_low"], self.result["display_ci_high"])
            words = f"result, {show(value, finer(self.scale.kind, value, *pair))}"
            sheet.text(x + 5.4, y, words, size=SMALL, number=f"{ids.model(self.result)}/estimate")
            y += 5
            sheet.line([x, x + 3.6], [y - 0.8, y - 0.8], colour="pooled", dashes=(4, 3))
            sheet.text(x + 5.4, y, "95% of studies, if they", size=SMALL)
            sheet.text(x + 5.4, y + 3.4, "differed by chance only", size=SMALL)
            y += 8.5
        if self.null is not None:
            bands = [("paper", "p > 0.10"), ("band1", "0.10 to 0.05")]
            bands += [("band2", "0.05 to 0.01"), ("band3", "p < 0.01")]
            sheet.text(x, y, "Against no effect", size=SMALL, colour="grey")
            for i, (colour, words) in enumerate(bands):
                sheet.box(x, y + 2 + 4.4 * i, 3.6, 3, fill=colour, edge="line")
                sheet.text(x + 5.4, y + 4.3 + 4.4 * i, words, size=SMALL)
