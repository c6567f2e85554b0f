"""Risk of bias of one synthesis: a light for each study and domain, and shares of the weight.

Every light has a sign and every piece of a bar its sign and share: nobody needs the colours.
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.figures.drawn import Drawn
from livingmeta.figures.pages import MOST_STUDIES
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
from livingmeta.judgement import weighted
from livingmeta.judgement.tools import OVERALL, Judgement, Tool
from livingmeta.plan import Synthesis
from livingmeta.words import ids
from livingmeta.words.english import listed
from livingmeta.words.numbers import show

MARGIN, GAP = 4.0, 5.0
LABEL, COLUMN = 54.0, 9.0  # the widest label of a study, and a domain
BAR = 84.0
RADIUS = 1.7
# On the dark lights a white sign, on the others a black one.
UNJUDGED = "…"
DARK = {"red", "maroon"}
NOTHING = "Nobody has judged the risk of bias of these results, so there is nothing to draw."


def light(sheet: Sheet, x: float, y: float, how: Judgement, radius: float = RADIUS) -> None:
    """A light with its sign, its middle at (x, y)."""
    turn = [2 * math.pi * i / 28 for i in range(28)]
    points = [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in turn]
    sheet.shape(points, fill=how.colour, edge="ink", weight=HAIR, over=5)
    _sign(sheet, x, y, how)


def _sign(sheet: Sheet, x: float, y: float, how: Judgement) -> None:
    colour = "paper" if how.colour in DARK else "ink"
    sheet.text(x, y + 0.95, how.sign, align="center", bold=True, size=SIZE, colour=colour)


def draw(
    effects: pd.DataFrame,
    judged: pd.DataFrame,
    result: Mapping[Any, Any] | None,
    synthesis: Synthesis,
) -> Drawn:
    """The figure; a sentence where nobody judged one of the results.

    `effects`: rows of effects.csv of this synthesis with the columns of studies.csv beside them;
    `judged`: what holds for it (judgement/risk_of_bias.of_synthesis); `result`: its row of
    pooled.csv, or None where nothing was pooled, and each study counts the same.
    """
    title = f"Risk of bias: {synthesis.title}"
    weight = weighted.of_studies(effects, result)
    used = weighted.used(judged, weight)
    if not used:
        sheet = Sheet(120, 22)
        for i, line in enumerate(wrap(title, 112, TITLE, True)[:2]):
            sheet.text(MARGIN, 7 + 4 * i, line, size=TITLE, bold=True)
        sheet.text(MARGIN, 17, NOTHING, colour="grey")
        return sheet.drawn(title, NOTHING)
    return _Lights(effects, judged, weight, used, bool(result)).drawn(title)


class _Lights:
    """The figure while it is laid out: a block of lights and one of bars for each tool."""

    def __init__(
        self,
        effects: pd.DataFrame,
        judged: pd.DataFrame,
        weight: dict[str, float],
        used: list[Tool],
        pooled: bool,
    ) -> None:
        studies = effects.drop_duplicates("study_id")
        heaviest = sorted(weight, key=lambda study: -weight[study])[:MOST_STUDIES]
        studies = studies[studies["study_id"].isin(heaviest)]
        by = [column for column in ("year", "label") if column in studies]
        self.studies = studies.sort_values(by, kind="stable", na_position="last")
        self.name = effects["synthesis"].iloc[0]
        self.judged, self.weight, self.used, self.pooled = judged, weight, used, pooled
        self.shares = weighted.shares(judged, weight)
        labels = [str(label) for label in self.studies["label"]]
        names = [d.short for tool in used for d in tool.domains]
        self.room = min(LABEL, max([30.0, *map(width, [*labels, *names])]))
        widest = max(len(tool.domains) for tool in used) + 1
        self.x0 = MARGIN + self.room + GAP
        self.wide = max(self.x0 + widest * COLUMN, self.x0 + BAR) + MARGIN

    def drawn(self, title: str) -> Drawn:
        lines = wrap(title, self.wide - 2 * MARGIN, TITLE, True)
        marks: list[tuple[Any, ...]] = []
        self.panels: list[tuple[float, float, float, tuple[float, ...]]] = []
        y = 4.0 + 4.2 * len(lines)
        for tool in self.used:
            y = self._of_tool(tool, marks, y)
        self.sheet = sheet = Sheet(self.wide, y)
        for i, line in enumerate(lines):
            sheet.text(MARGIN, 6.2 + 4.2 * i, line, size=TITLE, bold=True)
        for draw_one, *rest in marks:
            draw_one(*rest)
        for panel in self.panels:
            sheet.panel(*panel)
        return sheet.drawn(title, self._in_words())

    def _of_tool(self, tool: Tool, marks: list[tuple[Any, ...]], y: float) -> float:
        """Lay out a tool from `y` down; the height below it."""
        rows = self.judged[self.judged["tool"] == tool.name]
        found = {(r["study_id"], r["domain"]): r for r in as_dicts(rows)}
        domains = [*tool.domains, tool.domain(OVERALL)]
        marks.append((self._head, tool, domains, y + 4.0))
        y += 6.0
        head, cuts = y - 0.4, []
        for study in as_dicts(self.studies):
            if not any((study["study_id"], d.id) in found for d in domains):
                continue
            lines = at_most(study["label"], LABEL, 2)
            cells = [found.get((study["study_id"], d.id)) for d in domains]
            marks.append((self._study, tool, lines, cells, y))
            cuts.append(y)
            y += ROW * max(1.0, 0.85 * len(lines))
        foot = y + 1.0
        y += 2.4
        bars = [s for s in self.shares if s.tool == tool.name]
        if bars:
            what = "Share of the weight of the result" if self.pooled else "Share of the studies"
            marks.append((self._line, MARGIN, y + 3.0, what, {"bold": True, "size": SMALL}))
            y += 4.6
        for domain in domains:
            mine = [s for s in bars if s.domain == domain.id]
            if mine:
                marks.append((self._bar, tool, domain, mine, y))
                y += ROW
        y += 1.4
        key = ", ".join(f"{d.id} {d.label}" for d in tool.domains)
        for line in wrap(f"{key}.", self.wide - 2 * MARGIN, SMALL):
            look = {"size": SMALL, "colour": "grey", "number": "tick"}
            marks.append((self._line, MARGIN, y + 2.4, line, look))
            y += 3.3
        if bars or not tool.in_points:
            marks.append((self._legend, tool, y + 2.6))
            y += 5.0
        self.panels.append((y + 2.0, head, foot, tuple(cuts[1:])))
        return y + 2.0

    def _line(self, x, y, words, look):
        self.sheet.text(x, y, words, **look)

    def _head(self, tool, domains, y):
        self.sheet.text(MARGIN, y, tool.name, bold=True, number="tick")
        for i, domain in enumerate(domains):
            x = self.x0 + COLUMN * (i + 0.5)
            head = domain.id if domain.id != OVERALL else domain.label
            self.sheet.text(x, y, head, align="center", bold=True, size=SMALL, number="tick")
        self.sheet.line([MARGIN, self.wide - MARGIN], [y + 1.2, y + 1.2], weight=FINE)

    def _study(self, tool, lines, cells, y):
        for i, line in enumerate(lines):
            self.sheet.text(MARGIN, y + 3.3 + ROW * 0.8 * i, line)
        middle = y + ROW * max(1.0, 0.85 * len(lines)) / 2
        for i, row in enumerate(cells):
            x = self.x0 + COLUMN * (i + 0.5)
            how = tool.light(row["light"]) if row else None
            if how:
                light(self.sheet, x, middle, how)
            elif row and row["score"] == row["score"]:
                words = f"{row['score']:g}/{row['maximum']:g}"
                self.sheet.text(x, middle + 1.0, words, align="center", number="tick")
            elif row:  # assessors differ, or nobody judged the whole
                self.sheet.text(x, middle + 1.0, UNJUDGED, align="center", colour="grey")

    def _bar(self, tool, domain, shares, y):
        sheet = self.sheet
        bold = domain.id == OVERALL
        name = at_most(domain.short, LABEL, 1, SIZE, bold)[0]
        sheet.text(MARGIN, y + 3.2, name, bold=bold)
        x = self.x0
        for one in shares:
            wide = BAR * one.share / 100
            how = tool.light(one.word)
            fill = how.colour if how else "paper"
            weight = BOLD if bold else HAIR
            sheet.box(x, y + 0.5, wide, ROW - 1.0, fill=fill, edge="ink", weight=weight)
            number = ids.risk(self.name, one)
            words = f"{how.sign if how else UNJUDGED} {show(one.share, 'percentage')}"
            colour = "paper" if fill in DARK else "ink"
            if width(words, SMALL, True) + 1.2 < wide:
                look: Any = {"align": "center", "size": SMALL, "bold": True, "colour": colour}
                sheet.text(x + wide / 2, y + 3.1, words, number=number, **look)
            elif how and wide > 2.4:
                _sign(sheet, x + wide / 2, y + ROW / 2, how)
            x += wide

    def _legend(self, tool, y):
        x = MARGIN + RADIUS
        for how in tool.lights():
            light(self.sheet, x, y, how)
            self.sheet.text(x + RADIUS + 1.2, y + 1.0, how.word, size=SMALL)
            x += 2 * RADIUS + 5.0 + width(how.word, SMALL)
        self.sheet.text(
            x, y + 1.0, f"{UNJUDGED} not judged, or assessors differ", size=SMALL, colour="grey"
        )

    def _in_words(self):
        """The figure for those who cannot see it: each study's judgements, then the shares."""
        said = []
        for tool in self.used:
            rows = self.judged[self.judged["tool"] == tool.name]
            for study in as_dicts(self.studies):
                mine = as_dicts(rows[rows["study_id"] == study["study_id"]])
                words = [f"{r['domain']} {r['light']}" for r in mine if r["light"]]
                if words:
                    said.append(f"{study['label']}, {tool.name}: {listed(words)}")
            whole = [s for s in self.shares if (s.tool, s.domain) == (tool.name, OVERALL)]
            parts = [f"{show(s.share, 'percentage')} {s.word or 'not judged'}" for s in whole]
            said += [f"Of the weight, by {tool.name}: {listed(parts)}"] if parts else []
        return "; ".join(said) + "."
