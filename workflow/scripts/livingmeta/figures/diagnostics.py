"""Influence and sensitivity of one synthesis in one figure: what single studies do to the result.

Leave-one-out with deletion diagnostics, cumulative by year, Baujat's plot and GOSH, all as the
tables hold them (influence.csv, cumulative.csv, gosh.csv).
"""

from typing import Any

import numpy as np
import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.figures.axis import Axis
from livingmeta.figures.drawn import Drawn, plot_beside
from livingmeta.figures.forest_table import result_of
from livingmeta.figures.gosh import gosh, sentence
from livingmeta.figures.influence_panels import ROOM, baujat, strips
from livingmeta.figures.pages import MOST_STUDIES
from livingmeta.figures.style import (
    FINE,
    HAIR,
    ROW,
    SIZE,
    SMALL,
    TITLE,
    Sheet,
    shorten,
    width,
    wrap,
)
from livingmeta.formulas.deletion_bounds import bounds
from livingmeta.plan import Outcome, Synthesis
from livingmeta.pooling import guards
from livingmeta.words import english, guard_rails, ids, measures
from livingmeta.words.numbers import finer, missing, show

MARGIN, GAP = 4.0, 4.0
PLOT = (30.0, 46.0)  # at the least and at the most
LABEL = 50.0  # the widest that a label may be
HEAD, FOOT = 12.5, 10.0  # of a panel: its heading and heads of columns; its axis
ABOVE = 4.0  # from the end of one panel to the foot of the next one's heading
SQUARE = 62.0  # height of the two plots at the bottom
MARKED = (
    "Vermilion and bold: influential by one of the rules of Viechtbauer and Cheung (2010). Dashed:"
    " beyond ±{rstudent} (residual), {cooks_distance} (Cook’s distance) and ±{dffits} (DFFITS) a"
    " study stands out."
)
STEPS = (
    "Each step is under the model of the result; with two or three studies its interval is wide."
)
MOVING = (
    "Of so many studies those of greatest Cook’s distance are named here; each stands in "
    "results/pooling/influence.csv."
)
NOT_COMPUTED = "Not computed under the method of the result."
UNNAMED = "Studies without a name lie too close together to be named."


def draw(
    effects: pd.DataFrame,
    influence: pd.DataFrame,
    cumulative: pd.DataFrame,
    gosh_table: pd.DataFrame,
    pooled: pd.DataFrame,
    synthesis: Synthesis,
    outcome: Outcome,
) -> Drawn:
    """The figure, which may be cut between its panels, and between the rows of the first two.

    `effects`: rows of effects.csv with the columns of studies.csv beside them; `influence`,
    `cumulative`, `gosh_table`, `pooled`: rows of these tables, all of one synthesis, the last with
    its result; `synthesis`, `outcome`: those parts of the protocol. Where the guard rails allow no
    such analyses for so few studies, a sentence that says so.
    """
    title = f"Influence of single studies: {synthesis.title}"
    k = len(effects)
    if influence.empty:
        return _nothing(title, k)
    return _Diagnostics(
        effects, influence, cumulative, gosh_table, pooled, synthesis, outcome, title
    ).drawn()


def _nothing(title: str, k: int) -> Drawn:
    why = "no study gives a usable effect"
    if k:
        verb = "is" if k == 1 else "are"
        reason = guards.rail(k).held_back.get("leave-one-out")
        because = guard_rails.REASONS[reason] if reason else "nothing was computed"
        why = f"{because}; there {verb} {english.spelt(k)}"
    said = f"Not drawn: {why}."
    lines = wrap(title, 112, TITLE, True)
    sheet = Sheet(120, 14 + 4.2 * len(lines))
    for i, line in enumerate(lines):
        sheet.text(MARGIN, 6.4 + 4.2 * i, line, size=TITLE, bold=True)
    sheet.text(MARGIN, 10 + 4.2 * len(lines), said, colour="grey")
    return sheet.drawn(title, said)


def _moving(rows: list[dict]) -> list[dict]:
    """The rows of greatest Cook's distance, in their order."""
    far = [-1.0 if missing(row["cooks_distance"]) else row["cooks_distance"] for row in rows]
    kept = sorted(range(len(rows)), key=lambda i: -far[i])[:MOST_STUDIES]
    return [rows[i] for i in sorted(kept)]


class _Near(Axis):
    """An axis that reaches no further than what is drawn, for proportions too: small changes are
    what is looked for."""

    def _limits(self, studies, firm):
        if self.scale.kind != "proportion":
            return super()._limits(studies, firm)
        low, high = min([*studies.ravel(), *firm]), max([*studies.ravel(), *firm])
        room = max(0.05 * (high - low), 0.005)
        return max(low - room, 0.0), min(high + room, 1.0)


class _Diagnostics:
    """The figure while it is laid out: columns first, then the panels from the top down."""

    def __init__(
        self, effects, influence, cumulative, gosh_table, pooled, synthesis, outcome, title
    ):
        self.title, self.synthesis, self.outcome = title, synthesis, outcome
        self.name = effects["synthesis"].iloc[0]
        self.measure = synthesis.measure
        self.scale = measures.SCALES[self.measure]
        studies = effects.sort_values(["year", "label"], kind="stable", na_position="last")
        self.labels = dict(zip(studies["study_id"], studies["label"], strict=True))
        self.gosh = gosh_table
        self.result = result_of(pooled.assign(subgroup=pooled["subgroup"].fillna("")))
        place = {study: i for i, study in enumerate(studies["study_id"])}
        self.left_out = sorted(as_dicts(influence), key=lambda row: place.get(row["left_out"], 0))
        for row in self.left_out:
            row["label"] = self.labels.get(row["left_out"], row["left_out"])
            row["key"] = ids.without(row)
        self.every = self.left_out
        self.bounds = bounds(len(self.every))
        if len(self.every) > MOST_STUDIES:
            self.left_out = _moving(self.every)
        self.steps = as_dicts(cumulative)
        for i, row in enumerate(self.steps):
            row["key"] = ids.until(row, i)
        self.whole: dict[str, Any] = {}
        if self.result:
            self.whole = self.result | {"label": "all studies", "key": ids.model(self.result)}
        self._place()

    def _place(self):
        """The columns that the two tables at the top share."""
        rows = [*self.left_out, *self.steps, *([self.whole] if self.whole else [])]
        for row in rows:
            row["text"] = self._text(row)
        room = min(LABEL, max(width(row["label"], SIZE, True) for row in self.left_out))
        self.room = max(room, width("Published until", SMALL, True) + GAP + 12)
        self.x_plot = MARGIN + self.room + GAP
        self.head = [
            measures.short(self.measure, self.outcome),
            f"({measures.level(self.synthesis.level)} CI)",
        ]
        texts = [width(row["text"], SIZE, row is self.whole) for row in rows]
        right = GAP + max(*texts, width(self.head[0], SMALL, True))
        self.plot = plot_beside(self.x_plot + right + ROOM + MARGIN, *PLOT)
        self.x_text = self.x_plot + self.plot + right
        self.wide = self.x_text + ROOM + MARGIN

    def _text(self, row):
        pair = (row["display_ci_low"], row["display_ci_high"])
        kind = finer(self.scale.kind, row["display_estimate"], *pair)
        return f"{show(row['display_estimate'], kind)} ({show(pair, kind)})"

    def drawn(self) -> Drawn:
        lines = wrap(self.title, self.wide - 2 * MARGIN, TITLE, True)
        limits = {name: show(bound, "statistic") for name, bound in self.bounds.items()}
        marked = wrap(MARKED.format(**limits), self.wide - 2 * MARGIN, SMALL)
        if len(self.left_out) < len(self.every):
            marked += wrap(MOVING, self.wide - 2 * MARGIN, SMALL)
        first = 8.0 + 4.2 * len(lines)
        second = first + HEAD + ROW * (len(self.left_out) + 1) + FOOT + 3.3 * len(marked) + 7.0
        third = second + HEAD + ROW * len(self.steps) + FOOT + 10.5
        self.sheet = sheet = Sheet(self.wide, third + SQUARE + 19.5)
        for i, line in enumerate(lines):
            sheet.text(MARGIN, 6.2 + 4.2 * i, line, size=TITLE, bold=True)
        bottom = self._leave_one_out(first)
        rows = [row["middle"] for row in self.left_out]
        self._panel(first, rows, bottom, second - ABOVE)
        for i, line in enumerate(marked):
            y, number = bottom + FOOT + 2.2 + 3.3 * i, f"{self.name}/bounds"
            sheet.text(MARGIN, y, line, size=SMALL, colour="grey", number=number)
        bottom = self._cumulative(second)
        self._panel(second, [row["middle"] for row in self.steps], bottom, third - ABOVE)
        sheet.text(MARGIN, bottom + FOOT + 2.2, STEPS, size=SMALL, colour="grey")
        self._squares(third)
        sheet.panel(sheet.high)
        return sheet.drawn(self.title, self._in_words())

    def _panel(self, top, middles, bottom, end):
        """A table at the top with its heading at `top` and its axis at `bottom`: it may be cut
        above each of its rows but the first; what stands below the last row keeps with it."""
        cuts = [middle - ROW / 2 for middle in middles[1:]]
        self.sheet.panel(end, head=top + HEAD - 2.4, foot=bottom - 0.5, cuts=cuts)

    def _heading(self, letter, what, top, left=MARGIN):
        self.sheet.text(left, top, letter, bold=True)
        self.sheet.text(left + 4.0, top, what, bold=True)

    def _columns(self, first, top):
        """Heads of the columns that both tables have, and the line under them."""
        self.sheet.text(MARGIN, top - 1.2, first, size=SMALL, bold=True)
        for i, line in enumerate(reversed(self.head)):
            self.sheet.text(
                self.x_text, top - 1.2 - 3.1 * i, line, size=SMALL, bold=True, align="right"
            )
        self.sheet.line([MARGIN, self.wide - MARGIN], [top, top], weight=FINE)

    def _forest(self, rows, top, bottom):
        """Diamonds and numbers of the rows, which know their `middle`."""
        sheet = self.sheet
        drawn = [row for row in rows if not missing(row["display_estimate"])]
        numbers = ("display_estimate", "display_ci_low", "display_ci_high")
        table = np.array([[row[name] for name in numbers] for row in drawn], float)
        # Without its prediction interval, which would squeeze what is to be compared.
        result = [{name: self.whole[name] for name in numbers}] if self.whole else []
        axis = _Near(self.scale, table, result, self.x_plot, self.x_plot + self.plot)
        label = self.head[0] + (" (log scale)" if self.scale.log else "")
        axis.draw(sheet, top, bottom, label, None)
        if result and not missing(self.whole["display_estimate"]):
            x = axis.x(self.whole["display_estimate"])
            sheet.line([x, x], [top, bottom], colour="pooled", weight=HAIR, dashes=(3, 2.2))
        for row in drawn:
            axis.diamond(
                sheet,
                row["display_ci_low"],
                row["display_estimate"],
                row["display_ci_high"],
                row["middle"],
                1.3,
                filled=row is self.whole,
            )
        for row in rows:
            base, bold = row["middle"] + 1.0, row is self.whole
            sheet.text(self.x_text, base, row["text"], align="right", bold=bold, number=row["key"])

    def _leave_one_out(self, top: float) -> float:
        self._heading("A", "Leaving one study out", top)
        top += HEAD - 3.0
        self._columns("Without", top)
        rows = [*self.left_out, *([self.whole] if self.whole else [])]
        for i, row in enumerate(rows):
            row["middle"] = top + 1.4 + ROW * (i + 0.5)
            bold = row is self.whole or bool(row["influential"])
            label = shorten(row["label"], self.room, SIZE, bold)
            label = "All studies" if row is self.whole else label
            self.sheet.text(MARGIN, row["middle"] + 1.0, label, bold=bold)
        bottom = top + 2.4 + ROW * len(rows)
        self._forest(rows, top + 1.2, bottom)
        strips(self.sheet, self.left_out, self.bounds, self.x_text, top, bottom)
        return bottom

    def _cumulative(self, top: float) -> float:
        self._heading("B", "Year after year, as the studies were published", top)
        top += HEAD - 3.0
        sheet = self.sheet
        self._columns("Published until", top)
        right = self.x_plot - GAP
        sheet.text(right, top - 1.2, "Studies", size=SMALL, bold=True, align="right")
        x_added = self.x_text + 6.0
        sheet.text(x_added, top - 1.2, "Added", size=SMALL, bold=True)
        for i, row in enumerate(self.steps):
            row["middle"] = top + 1.4 + ROW * (i + 0.5)
            base = row["middle"] + 1.0
            year = "no year" if missing(row["year"]) else show(row["year"], "year")
            sheet.text(MARGIN, base, year, number=f"{row['key']}/year")
            studies = show(row["k"], "count")
            sheet.text(right, base, studies, align="right", number=f"{row['key']}/k")
            added = "; ".join(self.labels.get(study, study) for study in row["added"].split())
            sheet.text(
                x_added, base, shorten(added, self.wide - MARGIN - x_added, SMALL), size=SMALL
            )
        bottom = top + 2.4 + ROW * len(self.steps)
        self._forest(self.steps, top + 1.2, bottom)
        return bottom

    def _squares(self, top):
        middle = MARGIN + (self.wide - 2 * MARGIN) * 0.47
        self._heading("C", "Heterogeneity and influence (Baujat)", top)
        self._heading("D", "Every subset of the studies (GOSH)", top, middle + GAP)
        bottom = top + SQUARE
        known = [row for row in self.every if not missing(row["baujat_x"])]
        if not known:
            self.sheet.text(MARGIN + 14.0, top + 7.0, NOT_COMPUTED, size=SMALL, colour="grey")
        elif not baujat(self.sheet, known, MARGIN + 14.0, middle - GAP, top + 5.0, bottom):
            self.sheet.text(MARGIN, bottom + 13.0, UNNAMED, size=SMALL, colour="grey")
        if self.gosh.empty:
            left = middle + GAP + 13.0
            self.sheet.text(left, top + 7.0, NOT_COMPUTED, size=SMALL, colour="grey")
            return
        label = self.gosh["study"].iloc[0]
        axis = self.head[0] + (" (log scale)" if self.scale.log else "")
        if self.scale.kind == "proportion":
            axis += " (on the scale it was pooled on)"
        left = middle + GAP + 13.0
        gosh(
            self.sheet,
            self.gosh,
            self.result,
            self.labels.get(label, label),
            (self.measure, axis),
            (left, self.wide - MARGIN, top + 5.0, bottom),
        )
        words_ = f"{english.sentence(sentence(self.gosh))}."
        number = f"{self.name}/gosh/subsets"
        for i, line in enumerate(wrap(words_, self.wide - MARGIN - middle - GAP, SMALL)):
            y = bottom + 13.0 + 3.3 * i
            self.sheet.text(middle + GAP, y, line, size=SMALL, colour="grey", number=number)

    def _in_words(self):
        parts = [f"without {row['label']}: {row['text']}" for row in self.left_out]
        steps = [
            f"{'no year' if missing(row['year']) else show(row['year'], 'year')}: {row['text']}"
            for row in self.steps
        ]
        subsets = "" if self.gosh.empty else f" {sentence(self.gosh)}."
        return f"{'; '.join(parts)}. Year after year: {'; '.join(steps)}.{subsets}"
