"""The effect direction plot: effects side by side and the direction of each, after SWiM.

Thomson & Thomas 2013 (Res Synth Methods 4:95), Boon & Thomson 2021 (12:29).
"""

import math
from collections.abc import Mapping
from itertools import pairwise

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.figures.drawn import Drawn
from livingmeta.figures.style import (
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
from livingmeta.plan import Arm, Outcome, Synthesis
from livingmeta.pooling import narrative
from livingmeta.words import ids, measures
from livingmeta.words.english import heading, plural, within
from livingmeta.words.numbers import MISSING, finer, missing, show, with_sign

MARGIN, GAP = 4.0, 5.0
LABEL, MARKS = 62.0, 34.0
# Half the side of an arrow in millimetres, for studies of at most so many patients.
SIZES = ((49, 0.9), (300, 1.35), (math.inf, 1.8))
KEY = (
    "Arrows point to the arm that the effect speaks for, whatever its size and however sure it is;"
    " larger studies have larger arrows."
)


def draw(
    effects: pd.DataFrame,
    told: pd.DataFrame,
    synthesis: Synthesis,
    *,
    arms: Mapping[str, Arm],
    outcome: Outcome,
) -> Drawn:
    """The effect direction plot: study, patients, effect, and an arrow to the arm that it
    speaks for, larger for larger studies; in blocks by the first subgroup. For one arm the effects
    alone are listed. A synthesis that is pooled gets a sentence.

    `effects`: rows of effects.csv with the columns of studies.csv beside them. `told`: its rows of
    narrative.csv. `synthesis`, `arms`, `outcome`: those parts of the protocol.
    """
    title = f"Direction of effects: {synthesis.title}"
    if effects.empty:
        return _nothing(title, "No study gives a usable effect, so there is nothing to draw.")
    if told.empty:
        return _nothing(title, "The effects are pooled: the forest plot shows them.")
    return _Plot(effects, as_dicts(told), synthesis, arms, outcome).drawn(title)


def _nothing(title: str, words: str) -> Drawn:
    sheet = Sheet(120, 22)
    for i, line in enumerate(wrap(title, 112, TITLE, True)[:2]):
        sheet.text(MARGIN, 7 + 4 * i, line, size=TITLE, bold=True)
    sheet.text(MARGIN, 17, words, colour="grey")
    return sheet.drawn(title, words)


def counted(row: dict, synthesis: Synthesis, arms: Mapping[str, Arm]) -> str:
    """A row of narrative.csv in words: how many of the studies favour the first arm; "" where no
    study has a direction."""
    clear = 0 if missing(row["share"]) else int(row["first"] + row["second"])
    if not clear:
        return ""
    first = int(row["first"])
    name = within(arms[synthesis.arms[0]].label)
    words = f"{show(first, 'count')} of {show(clear, 'count')} with a direction "
    words += f"{'favours' if first == 1 else 'favour'} {name}"
    if clear == 1:
        return words
    share, pair = show(row["share"], "proportion"), (row["ci_low"], row["ci_high"])
    p = with_sign("p", show(row["p_value"], "p"))
    return f"{words} ({share}, 95% CI {show(pair, 'proportion')}; sign test {p})"


def in_words(row: dict, synthesis: Synthesis, arms: Mapping[str, Arm]) -> str:
    """The row of narrative.csv for all studies in one sentence."""
    lead = f"{show(row['k'], 'count')} {plural(row['k'], 'study')}, not pooled"
    words = counted(row, synthesis, arms)
    return f"{lead}: {words}." if words else f"{lead}."


class _Plot:
    """The plot while it is laid out: texts first, then the places of columns and rows."""

    def __init__(self, effects, told, synthesis, arms, outcome):
        self.synthesis, self.arms = synthesis, arms
        self.whole, self.groups = told[0], told[1:]
        mixed = not self.whole["measure"]
        name = "Effect" if mixed else measures.short(synthesis.measure, outcome)
        self.heads = ("Study", "Patients", f"{name} (95% CI)")
        table = measures.shown(effects, synthesis.measure)
        table["direction"] = narrative.directions(table, synthesis, outcome)
        order = [column for column in ("year", "label") if column in table]
        table = table.sort_values(order, kind="stable", na_position="last")
        self.directed = bool(table["direction"].any())
        self.rows = [row for block in self._blocks(table) for row in block]
        for row in self.rows:
            if row["kind"] == "study":
                self._texts(row, mixed)

    def _blocks(self, table):
        """Rows of the plot by group: a heading with its count, then the studies."""
        column = next((c for c in self.synthesis.subgroups if c in table), "")
        mine = [g for g in self.groups if g["group"].startswith(f"{column}=")]
        if not mine:
            return [[row | {"kind": "study"} for row in as_dicts(table)]]
        values = table[column].map(lambda v: "" if missing(v) else str(v))
        blocks = []
        for group in [*mine, None]:
            value = group["group"].partition("=")[2] if group else ""
            label = f"{heading(column)}: {value or 'not known'}"
            words = counted(group, self.synthesis, self.arms) if group else ""
            head = {"kind": "heading", "lines": at_most(label, LABEL, 2, SIZE, True), "said": words}
            head["key"] = ids.narrative(group) if group else ""
            studies = as_dicts(table[values == value])
            if studies:
                blocks.append([head, *(row | {"kind": "study"} for row in studies)])
        return blocks

    @staticmethod
    def _texts(row, mixed):
        measure = row["measure"] if mixed else ""
        pair = (row["display_low"], row["display_high"])
        kind = finer(measures.SCALES[row["measure"]].kind, row["display"], *pair)
        row["lines"] = at_most(row["label"], LABEL, 2)
        row["patients"] = MISSING if missing(row["n"]) else show(row["n"], "count")
        row["effect"] = f"{measure} {show(row['display'], kind)} ({show(pair, kind)})".strip()

    def drawn(self, title: str) -> Drawn:
        studies = [row for row in self.rows if row["kind"] == "study"]
        names = [
            width(line, SIZE, row["kind"] == "heading")
            for row in self.rows
            for line in row["lines"]
        ]
        effects = [width(row["effect"]) for row in studies]
        self.x_patients = MARGIN + max(26.0, *names) + GAP + width(self.heads[1], SMALL, True)
        self.x_effect = self.x_patients + GAP + max(width(self.heads[2], SMALL, True), *effects)
        self.x_marks = self.x_effect + GAP + MARKS
        self.wide = (self.x_marks + MARKS if self.directed else self.x_effect) + MARGIN
        room = self.wide - 2 * MARGIN
        lines = wrap(title, room, TITLE, True)
        sides = [at_most(self._favours(arm), MARKS - 2, 2, SMALL) for arm in self.synthesis.arms]
        top = 3.0 + 4.2 * len(lines) + 2.6 + 3.1 * (max(map(len, sides)) if self.directed else 1)
        for row in self.rows:
            row["said"] = wrap(row["said"], room, SMALL) if row.get("said") else []
            row["high"] = ROW * len(row["lines"]) + 3.1 * len(row["said"])
        bottom = top + 1.6 + sum(row["high"] for row in self.rows)
        said = in_words(self.whole, self.synthesis, self.arms)
        key = ids.narrative(self.whole)
        notes = [(line, key) for line in wrap(said, room, SMALL)]
        notes += [(line, "") for line in (wrap(KEY, room, SMALL) if self.directed else [])]
        self.sheet = sheet = Sheet(self.wide, bottom + 4.0 + 3.3 * len(notes))
        for i, line in enumerate(lines):
            sheet.text(MARGIN, 6.2 + 4.2 * i, line, size=TITLE, bold=True)
        self._head(top, sides)
        y = top + 1.2
        for row in self.rows:
            row["top"] = y
            getattr(self, f"_{row['kind']}")(row, y, y + row["high"])
            y += row["high"]
        for i, (line, number) in enumerate(notes):
            y = bottom + 4.0 + 3.3 * i
            sheet.text(MARGIN, y, line, size=SMALL, colour="grey", number=number)
        cuts = [b["top"] for a, b in pairwise(self.rows) if a["kind"] != "heading"]
        blocks = [row["top"] for row in self.rows if row["kind"] == "heading"]
        sheet.panel(sheet.high, head=top + 0.6, foot=bottom - 0.2, cuts=cuts, blocks=blocks)
        listed = "; ".join(f"{row['label']}: {row['effect']}" for row in studies)
        return sheet.drawn(title, f"{said} {listed}.")

    def _favours(self, arm):
        return f"favours {within(self.arms[arm].label)}"

    def _head(self, top, sides):
        sheet, base = self.sheet, top - 1.2
        sheet.text(MARGIN, base, self.heads[0], size=SMALL, bold=True)
        for x, head in ((self.x_patients, self.heads[1]), (self.x_effect, self.heads[2])):
            sheet.text(x, base, head, size=SMALL, bold=True, align="right")
        if self.directed:
            # The second arm stands on the left and the first on the right, as their arrows point.
            for side, x in ((1, self.x_marks - MARKS / 2), (0, self.x_marks + MARKS / 2)):
                for i, line in enumerate(reversed(sides[side])):
                    sheet.text(x, base - 3.1 * i, line, size=SMALL, bold=True, align="center")
        sheet.line([MARGIN, self.wide - MARGIN], [top, top], weight=FINE)

    def _heading(self, row, top, bottom):
        for i, line in enumerate(row["lines"]):
            self.sheet.text(MARGIN, top + 3.3 + ROW * 0.8 * i, line, bold=True)
        below = bottom - 3.1 * len(row["said"])
        for i, line in enumerate(row["said"]):
            y = below + 1.9 + 3.1 * i
            self.sheet.text(MARGIN, y, line, size=SMALL, colour="grey", number=row["key"])

    def _study(self, row, top, bottom):
        sheet, middle = self.sheet, (top + bottom) / 2
        for i, line in enumerate(row["lines"]):
            sheet.text(MARGIN, top + 3.3 + ROW * 0.8 * i, line)
        key = ids.study(self.whole["synthesis"], row["study_id"])
        sheet.text(self.x_patients, middle + 1.0, row["patients"], align="right", number=f"{key}/n")
        sheet.text(self.x_effect, middle + 1.0, row["effect"], align="right", number=key)
        if self.directed:
            # The line between the arms, beside studies only.
            sheet.line([self.x_marks] * 2, [top, bottom], colour="line", weight=HAIR, over=2)
        half = next(size for most, size in SIZES if missing(row["n"]) or row["n"] <= most)
        if row["direction"] == narrative.NEITHER:
            sheet.box(self.x_marks - half, middle - half / 3, 2 * half, half / 1.5, fill="grey")
        elif row["direction"]:
            side = 1 if row["direction"] == narrative.FIRST else -1
            tip = self.x_marks + side * (MARKS / 2 + half)
            back = tip - side * 2 * half
            points = [(tip, middle), (back, middle - half), (back, middle + half)]
            fill = "study" if side > 0 else "pooled"
            sheet.shape(points, fill=fill, name=f"arrow-{row['study_id']}")
        frame = {"fill": None, "name": f"row:{key}", "over": 9}
        sheet.box(MARGIN / 2, top, self.wide - MARGIN, bottom - top, **frame)
