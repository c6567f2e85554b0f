"""The forest plot of one synthesis: every study, what it printed, its effect, and the result."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import pandas as pd

from livingmeta.effect_measures import MEASURES
from livingmeta.figures.axis import Axis
from livingmeta.figures.drawn import DRAWN_LARGER, PAGE, Drawn, plot_beside
from livingmeta.figures.forest_table import NOT_ESTIMABLE, ForestTable, rough
from livingmeta.figures.risk_of_bias import UNJUDGED, light
from livingmeta.figures.style import (
    BOLD,
    FINE,
    HAIR,
    ROW,
    SIZE,
    SMALL,
    TITLE,
    Sheet,
    at_most,
    width,
    wrap,
)
from livingmeta.judgement.tools import Judgement, every
from livingmeta.plan import Arm, Outcome, Synthesis
from livingmeta.words import measures, planned
from livingmeta.words.numbers import missing, show

Risk = Mapping[str, list[Judgement]]
MARGIN = 3.0
GAP = 3.0
PLOT = (34.0, 64.0)  # at the least and at the most
# On a phone: what 390 pixels leave between the margins of a page, widest label, least plot.
PHONE, PHONE_LABEL, PHONE_PLOT = 94.5, 25.5, 20.0
# The widest that a study's label, the head of a column and the name of a model may be before they
# run on to a further line: where that fits a page upright the narrow ones, else the wide ones.
LEAST_NAMED = 27.0  # for the name of a model before the sums of columns
NARROW, WIDE = (28.0, 15.0, 42.0), (44.0, 24.0, 60.0)


def draw(
    effects: pd.DataFrame,
    pooled: pd.DataFrame,
    tests: pd.DataFrame,
    synthesis: Synthesis,
    *,
    arms: Mapping[str, Arm],
    outcome: Outcome,
    used: pd.DataFrame,
    risk: Risk | None = None,
    empty: pd.DataFrame | None = None,
    columns: Sequence[str] = ("arms", "patients"),
    prespecified: str = "",
) -> Drawn:
    """The forest plot, which may be cut between its rows.

    `effects`: rows of effects.csv of this synthesis with the columns of studies.csv beside them
    (yi, vi on the analysis scale). `pooled`: its rows of pooled.csv; `primary` marks the result,
    rows with a `subgroup` give the blocks of the first subgroup of the protocol. `tests`: its
    rows of moderators.csv. `synthesis`, `arms`, `outcome`: those parts of the protocol. `used`: its
    rows of used.csv that stand behind the effects. `risk`: lights of its risk of bias by study
    (judgement/risk_of_bias.lights), drawn behind the effects. `empty`: its rows of unusable.csv of
    studies in which nobody, or everybody, had the event, with the columns of studies.csv: listed
    without an effect. `columns`: what stands between study and plot, `report.forest` of the
    protocol. `prespecified`: the mark of the result against the plan, told under the title where it
    was not planned. Numbers are printed by numbers.show
    on the display scale. With one study there is no diamond; without any, a sentence.
    """
    if effects.empty:
        return _nothing(synthesis, "No study gives a usable effect, so there is nothing to draw.")
    if not measures.one_scale(effects, synthesis.measure):
        return _nothing(synthesis, "Effects of different measures have no axis in common.")
    empty = effects.iloc[:0] if empty is None else empty
    content = ForestTable(effects, pooled, tests, synthesis, arms, outcome, used, empty, columns)
    plot = _Plot(content, risk or {}, prespecified).drawn()
    return replace(plot, narrow=_Plot(content.bare(), {}, prespecified, phone=True).drawn())


def _nothing(synthesis: Synthesis, words: str) -> Drawn:
    sheet = Sheet(120, 22)
    for i, line in enumerate(wrap(synthesis.title, 112, TITLE, True)[:2]):
        sheet.text(MARGIN, 7 + 4 * i, line, size=TITLE, bold=True)
    sheet.text(MARGIN, 17, words, colour="grey")
    return sheet.drawn(f"Forest plot: {synthesis.title}", words)


def _longest(head: str) -> float:
    """Width of the longest word of a head, up to the widest that a head may be."""
    return min(WIDE[1], max(width(word, SMALL, True) for word in head.split()))


class _Plot:
    """A forest plot while it is laid out: the places of its columns, then of its rows."""

    def __init__(self, content, risk, prespecified, phone=False):
        self.content, self.phone = content, phone
        self.plan = planned.under_title(prespecified, content.subgroup_marks())
        mine = {study: risk[study] for study in self.content.studies["study_id"] if study in risk}
        self.risk = mine
        self.scale, self.weighted = self.content.scale, self.content.weighted
        self.rows = self.content.rows
        for limits in [(PHONE_LABEL, 0.0, PHONE_LABEL)] if phone else (NARROW, WIDE):
            self._place(*limits)
            if self.wide <= PAGE[0] * DRAWN_LARGER:
                break
        self.axis = Axis(
            self.scale,
            self.content.studies[["display", "display_low", "display_high"]].to_numpy(),
            [row["model"] for row in self.rows if row["kind"] in ("pooled", "prediction")],
            self.x_plot,
            self.x_plot + self.plot,
        )

    def _place(self, most, head_most, named_most):
        """Widths of the columns and the place of each, so that every text fits."""
        self.columns = [
            (at_most(head, max(head_most, _longest(head)), 3, SMALL, True), texts)
            for head, texts in self.content.columns
        ]
        lines = 2 if most == WIDE[0] else 3
        pooled = [self.content.beside.totals(r) for r in self.rows if r["kind"] == "pooled"]
        summed = [i for i in range(len(self.columns)) if any(totals[i][0] for totals in pooled)]
        labels = [20.0]
        for row in self.rows:
            row["lines"] = [row["label"]]
            across = self.phone and row["kind"] == "heading"  # runs on over the plot
            if row["kind"] in ("study", "empty", "heading") and not across:
                row["lines"] = at_most(row["label"], most, lines, SIZE, row["kind"] == "heading")
                labels += [width(line, SIZE, row["kind"] == "heading") for line in row["lines"]]
        self.x_columns, x = [], MARGIN + max(labels)
        for i, (head, texts) in enumerate(self.columns):
            room = max(
                *(width(line, SMALL, True) for line in head),
                *(width(t) for t, _ in texts.values()),
                *(width(totals[i][0], SIZE, True) for totals in pooled),
            )
            x += GAP + room
            self.x_columns.append(x)
        sums = [self.x_columns[i] - width(t[i][0], SIZE, True) for t in pooled for i in summed]
        short = max([0.0, *(MARGIN + LEAST_NAMED + GAP + 0.2 - left for left in sums)])
        self.x_columns = [place + short for place in self.x_columns]
        x += short
        # The model's name spans label and data columns up to the first with a sum; where there is
        # no sum and it needs more, it gets more.
        named = [
            width(row["label"], SIZE, not row.get("small"))
            for row in self.rows
            if row["kind"] in ("pooled", "prediction")
        ]
        x = max(x, MARGIN + min(max(named, default=0), named_most))
        for row in self.rows:
            if row["kind"] == "pooled":
                bold = not row["small"]
                end = min([x, *(left + short - GAP - 0.1 for left in sums)])
                row["lines"] = wrap(row["label"], end - MARGIN, SIZE, bold)
        self.x_plot = x + GAP + 2
        effect = max(
            width(self.content.effect(row), SIZE, row["kind"] == "pooled" and not row["small"])
            for row in self.rows
            if row["kind"] in ("study", "pooled", "prediction")
        )
        effect = max(effect, width(self._effect_head()[0], SMALL, True))
        if len(self.content.empty):
            effect = max(effect, width(NOT_ESTIMABLE))
        weight = GAP + width("Weight", SMALL, True) if self.weighted else 0.0
        # A light for each tool by which one study is judged, as a rule one.
        most = max(map(len, self.risk.values()), default=0)
        half = max(2.1 * most, width("of bias", SMALL, True) / 2) if most else 0.0
        lights = GAP + 3.0 + 2 * half if most else 0.0
        right = GAP + 1 + effect + weight + lights + MARGIN
        if self.phone:
            self.plot = max(PHONE_PLOT, PHONE - self.x_plot - right)
        else:
            self.plot = plot_beside(self.x_plot + right, *PLOT)
        self.x_effect = self.x_plot + self.plot + GAP + 1 + effect
        self.x_end = self.x_effect + weight
        self.x_risk = self.x_end + GAP + 1.5 + half
        self.wide = self.x_plot + self.plot + right

    def _effect_head(self):
        return [measures.short(self.content.measure, self.content.outcome), "(95% CI)"]

    def drawn(self) -> Drawn:
        title = wrap(self.content.synthesis.title, self.wide - 2 * MARGIN, TITLE, True)
        plan = [line for said in self.plan for line in wrap(said, self.wide - 2 * MARGIN, SMALL)]
        heads = max([2, *(len(head) for head, _ in self.columns)])
        below = 3.0 + 4.2 * len(title)
        top = below + 3.3 * len(plan) + 2.6 + 3.1 * heads
        body = top + 1.6
        y = body
        for row in self.rows:
            row["top"] = y
            row["height"] = {"space": 1.8}.get(row["kind"], ROW * max(1, len(row["lines"])))
            y += row["height"]
        bottom = y + 1.2
        notes, favours = self._notes(), self.content.favours()
        under = bottom + (15.4 if favours else 11.2)
        high = under + 3.3 * len(notes) + 2.0
        self.sheet = sheet = Sheet(self.wide, high)
        for i, line in enumerate(title):
            sheet.text(MARGIN, 6.2 + 4.2 * i, line, size=TITLE, bold=True)
        for i, line in enumerate(plan):
            sheet.text(MARGIN, below + 2.4 + 3.3 * i, line, size=SMALL, colour="grey")
        self._head(top)
        self.axis.draw(sheet, body - 0.4, bottom, self._axis_label(), favours)
        result = self.content.result.get("display_estimate", math.nan)
        if self.content.k > 1 and not missing(result):
            x = self.axis.x(result)
            sheet.line([x, x], [body - 0.4, bottom], colour="pooled", weight=HAIR, dashes=(3, 2.2))
        for row in self.rows:
            getattr(self, f"_draw_{row['kind']}")(row)
        for i, (line, number) in enumerate(notes):
            y = under + 2.0 + 3.3 * i
            sheet.text(MARGIN, y, line, size=SMALL, colour="grey", number=number)
        blocks = [row["top"] for row in self.rows if row["kind"] == "heading"]
        cuts = self._cuts()
        sheet.panel(high, head=top + 0.8, foot=bottom - 0.6, cuts=cuts, blocks=blocks)
        return sheet.drawn(f"Forest plot: {self.content.synthesis.title}", self.content.in_words())

    def _cuts(self):
        """Places between rows; a heading keeps its first study, and a result its last one."""
        return [
            row["top"]
            for before, row in pairwise(self.rows)
            if row["kind"] in ("study", "empty", "heading") and before["kind"] != "heading"
        ]

    def _head(self, top):
        sheet = self.sheet
        base = top - 1.2

        def head(x, lines, align):
            for i, line in enumerate(reversed(lines)):
                sheet.text(x, base - 3.1 * i, line, size=SMALL, bold=True, align=align)

        head(MARGIN, ["Study"], "left")
        for x, (lines, _) in zip(self.x_columns, self.columns, strict=True):
            head(x, lines, "right")
        head(self.x_effect, self._effect_head(), "right")
        if self.weighted:
            head(self.x_end, ["Weight"], "right")
        if self.risk:
            head(self.x_risk, ["Risk", "of bias"], "center")
        sheet.line([MARGIN, self.wide - MARGIN], [top, top], weight=FINE)

    def _draw_space(self, row):
        y = row["top"] + 0.9
        for x0, x1 in (
            (MARGIN, self.x_plot - GAP),
            (self.x_plot + self.plot + GAP, self.wide - MARGIN),
        ):
            self.sheet.line([x0, x1], [y, y], colour="line", weight=HAIR)

    def _draw_heading(self, row):
        self.sheet.text(MARGIN, row["top"] + 3.3, row["label"], bold=True)

    def _beside(self, row, own):
        """The label of a row and what stands in its columns; the baseline of what is to follow."""
        sheet = self.sheet
        for i, line in enumerate(row["lines"]):
            sheet.text(MARGIN, row["top"] + 3.3 + ROW * 0.8 * i, line)
        base = row["top"] + row["height"] / 2 + 1.0
        for x, (_, texts) in zip(self.x_columns, self.columns, strict=True):
            words, number = texts.get(own, ("", ""))
            sheet.text(x, base, words, align="right", number=number)
        return base

    def _draw_empty(self, row):
        base = self._beside(row, row["study"]["study_id"])
        self.sheet.text(self.x_effect, base, NOT_ESTIMABLE, align="right", colour="grey")

    def _draw_study(self, row):
        sheet, study = self.sheet, row["study"]
        base = self._beside(row, study["own"])
        key = self.content.key(row)
        sheet.text(self.x_effect, base, self.content.effect(row), align="right", number=key)
        if self.weighted:
            weight = show(study["weight"], "percentage")
            sheet.text(self.x_end, base, weight, align="right", number=f"{key}/weight")
        half = 0.55 + 1.25 * math.sqrt(study["weight"] / self.content.studies["weight"].max())
        middle = row["top"] + row["height"] / 2
        self.axis.interval(sheet, study["display_low"], study["display_high"], middle)
        self.axis.square(sheet, study["display"], middle, half, filled=not rough(study))
        lights = self.risk.get(study["study_id"], [])
        for i, how in enumerate(lights):
            light(sheet, self.x_risk + 4.2 * (i - (len(lights) - 1) / 2), middle, how)
        if self.risk and not lights:
            sheet.text(self.x_risk, middle + 1.0, UNJUDGED, align="center", colour="grey")
        self._click(row)

    def _click(self, row):
        """Lay over a row what can be clicked, named after the numbers of the row."""
        self.sheet.box(
            MARGIN / 2,
            row["top"],
            self.wide - MARGIN,
            row["height"],
            fill=None,
            name=f"row:{self.content.key(row)}",
            over=9,
        )

    def _draw_pooled(self, row):
        sheet, model = self.sheet, row["model"]
        bold = not row["small"]
        for i, line in enumerate(row["lines"]):
            number = f"{self.content.key(row)}/k" if row["small"] else ""
            sheet.text(MARGIN, row["top"] + 3.3 + ROW * 0.8 * i, line, bold=bold, number=number)
        middle, number = row["top"] + row["height"] / 2, self.content.key(row)
        used = MARGIN + max(width(line, SIZE, bold) for line in row["lines"])
        spread = self.content.spread(row)
        if spread and not self.phone:
            base, key = row["top"] + 3.3, f"{number}/i2"
            sheet.text(used + GAP, base, spread, size=SMALL, colour="grey", number=key)
            used += GAP + width(spread, SMALL)
        # A long name of a model runs across the columns of data, and leaves no room for the sum.
        for x, (total, key) in zip(self.x_columns, self.content.beside.totals(row), strict=True):
            if used + GAP < x - width(total, SIZE, bold):
                sheet.text(x, middle + 1.0, total, align="right", bold=bold, number=key)
        words = self.content.effect(row)
        sheet.text(self.x_effect, middle + 1.0, words, align="right", bold=bold, number=number)
        self._click(row)
        # A back-transformed interval that misses its estimate has been left empty.
        if missing(model["display_estimate"]):
            return
        self.axis.diamond(
            sheet,
            model["display_ci_low"],
            model["display_estimate"],
            model["display_ci_high"],
            middle,
            1.7 if bold else 1.3,
            filled=bold,
        )

    def _draw_prediction(self, row):
        sheet, model = self.sheet, row["model"]
        sheet.text(MARGIN, row["top"] + 3.3, row["label"])
        middle = row["top"] + row["height"] / 2
        words, number = self.content.effect(row), self.content.key(row)
        sheet.text(self.x_effect, middle + 1.0, words, align="right", number=number)
        self._click(row)
        low, high = model["display_pi_low"], model["display_pi_high"]
        self.axis.interval(sheet, low, high, middle, colour="pooled", weight=BOLD + 0.5, ends=False)

    def _axis_label(self):
        short = measures.short(self.content.measure, self.content.outcome)
        unit = self.content.outcome.unit
        if unit and MEASURES[self.content.measure].in_units:
            short += f", {unit}"
        return f"{short} (log scale)" if self.scale.log else short

    def _notes(self):
        room = self.wide - 2 * MARGIN
        return [
            (line, number)
            for note, number in [*self.content.notes(), *self._lights()]
            for line in wrap(note, room, SMALL)
        ]

    def _lights(self):
        """What the signs of the lights mean, as a note."""
        shown = {how for lights in self.risk.values() for how in lights}
        known = [how for tool in every().values() for how in tool.lights()]
        words = {how.word: how.sign for how in known if how in shown}
        if set(self.content.studies["study_id"]) - set(self.risk):
            words["not judged"] = UNJUDGED
        said = ", ".join(f"{sign} {word}" for word, sign in words.items())
        return [(f"Risk of bias as a whole: {said}.", "")] if self.risk else []
