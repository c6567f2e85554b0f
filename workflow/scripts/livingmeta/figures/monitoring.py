"""The evidence against the required information size: cumulative z and monitoring boundaries."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from livingmeta.figures.drawn import Drawn
from livingmeta.figures.frame import Frame
from livingmeta.figures.style import BOLD, FINE, HAIR, SMALL, TITLE, Sheet, shorten, wrap
from livingmeta.formulas.measures import more_is_better
from livingmeta.plan import Arm, Outcome, Synthesis
from livingmeta.words import measures
from livingmeta.words.numbers import show

MARGIN, WIDE, HIGH = 4.0, 150.0, 74.0
# Boundaries beyond are as good as infinite, and would press the rest flat.
TOP = 8.0
Z95 = measures.Z95


def draw(
    size: dict,
    looks: pd.DataFrame,
    synthesis: Synthesis,
    outcome: Outcome,
    arms: Mapping[str, Arm],
) -> Drawn:
    """The figure: |z| of 1.96, the boundaries and the way of z over information.

    `size`, `looks`: the synthesis' row of information_size.csv and its rows of
    information_looks.csv; `arms`, `outcome`: of the protocol.
    """
    title = f"Required information size: {synthesis.title}"
    fractions, z = looks["fraction"].to_numpy(float), looks["z"].to_numpy(float)
    right = max(1.0, fractions[-1]) * 1.06
    reach = min(TOP, max(5.0, np.abs(z).max() + 0.5))
    lines = wrap(title, WIDE, TITLE, True)
    top = 5.0 + 4.2 * len(lines) + 3.0
    left = MARGIN + 14.0
    frame = Frame(left, left + WIDE, top, top + HIGH, (0.0, right), (-reach, reach))
    notes = [
        line
        for words in _notes(size, synthesis)
        for line in wrap(words, left + WIDE - MARGIN, SMALL)
    ]
    sheet = Sheet(left + WIDE + MARGIN, top + HIGH + 13.0 + 3.3 * len(notes))
    for i, line in enumerate(lines):
        sheet.text(MARGIN, 6.2 + 4.2 * i, line, size=TITLE, bold=True)
    _boundaries(sheet, frame, fractions, size["alpha"], reach)
    sheet.line([frame.x(1.0)] * 2, [frame.top, frame.bottom], colour="ink", weight=FINE)
    end = frame.x(1.0) - 1.4
    sheet.text(end, frame.top + 3.0, "required information", size=SMALL, align="right")
    sheet.line([frame.left, frame.right], [frame.y(0.0)] * 2, colour="line", weight=HAIR)
    xs, ys = [frame.x(0.0), *map(frame.x, fractions)], [frame.y(0.0), *map(frame.y, z)]
    sheet.line(xs, ys, colour="study", weight=BOLD, over=6)
    sheet.squares(list(zip(xs[1:], ys[1:], [1.7] * len(z), strict=True)), over=7)
    key = f"{size['synthesis']}/information"
    _years(sheet, looks["step"], xs[1:], ys[1:], key)
    ticks = [(t, measures.tick_text(t, "proportion")) for t in measures.linear_ticks(0.0, right)]
    frame.draw(sheet, "Share of the required information", "Cumulative z", ticks)
    for side, words in _sides(synthesis, outcome, arms):
        y = frame.top + 3.0 if side > 0 else frame.bottom - 2.0
        middle = frame.x(0.45)
        sheet.text(middle, y, words, size=SMALL, colour="grey", align="center")
    for i, line in enumerate(notes):
        y = frame.bottom + 13.0 + 3.3 * i
        sheet.text(MARGIN, y, line, size=SMALL, colour="grey", number=key)
    told = ", ".join(
        f"{step}: z {show(value, 'statistic')} at {show(share, 'proportion')}"
        for step, value, share in zip(looks["step"], z, fractions, strict=True)
    )
    return sheet.drawn(title, f"{told}.")


def nothing(synthesis: Synthesis) -> Drawn:
    """The figure of a synthesis that has no effect to look at."""
    title = f"Required information size: {synthesis.title}"
    sheet = Sheet(120, 20)
    sheet.text(MARGIN, 6.4, shorten(title, 112, TITLE, True), size=TITLE, bold=True)
    sheet.text(MARGIN, 14, "There is no usable effect yet.", colour="grey")
    return sheet.drawn(title, "There is no usable effect yet.")


def _boundaries(sheet, frame, fractions, alpha, reach):
    """The boundary at the looks there were and, where information is missing, at the end."""
    from livingmeta.formulas.boundaries import bounds

    ahead = [*fractions[fractions < 1.0], 1.0]
    monitored = bounds(ahead, alpha)
    for sign in (1.0, -1.0):
        ordinary = frame.y(sign * Z95)
        sheet.line(
            [frame.left, frame.right], [ordinary] * 2, colour="grey", weight=HAIR, dashes=(3, 2.2)
        )
        shown = [
            (frame.x(t), frame.y(sign * bound))
            for t, bound in zip(ahead, monitored, strict=True)
            if bound <= reach
        ]
        comes_in = _edge(ahead, monitored, reach)
        xs, ys = zip(
            *([(frame.x(comes_in), frame.y(sign * reach))] if comes_in else []),
            *shown,
            strict=True,
        )
        sheet.line(xs, ys, colour="pooled", weight=BOLD, over=5)
        for x, y in shown:
            sheet.box(x - 0.6, y - 0.6, 1.2, 1.2, fill="pooled", over=6)


def _edge(ahead, monitored, reach):
    """Where the line through the boundaries comes down to `reach`; None if it begins below."""
    beyond = [i for i, bound in enumerate(monitored) if reach < bound < np.inf]
    if not beyond:
        return None
    i = beyond[-1]
    share = (monitored[i] - reach) / (monitored[i] - monitored[i + 1])
    return ahead[i] + share * (ahead[i + 1] - ahead[i])


def _years(sheet, steps, xs, ys, key):
    """The first and the last look by their years; all are in information_looks.csv."""
    for i in dict.fromkeys((0, len(steps) - 1)):
        step = str(steps.iloc[i])
        words, number = (step, f"{key}/{step}/year") if step != "none" else ("no year", "")
        sheet.text(xs[i] + 2.0, ys[i] - 1.2, words, size=SMALL, number=number)


def _sides(synthesis, outcome, arms):
    """Which side of the plot speaks for which arm."""
    names = [arms[arm].label for arm in synthesis.arms]
    if len(names) != 2:
        return []
    up = 1 if more_is_better(synthesis.measure, outcome.good, outcome.kind) else -1
    return [(up, f"favours {names[0]}"), (-up, f"favours {names[1]}")]


def _notes(size, synthesis):
    kind = measures.SCALES[synthesis.measure].kind
    return [
        "Vermilion: boundaries that z must cross so that all looks together raise a false alarm in"
        f" {show(size['alpha'], 'percentage-as-printed')} at most; dashed: 1.96, for a single look."
        f" Required: the information to find {show(size['difference'], kind)} with a power of"
        f" {show(size['power'], 'percentage-as-printed')}, given the diversity of these studies"
        f" (D² {show(size['d2'], 'percentage')}).",
        "Not for main analyses or conclusions (Cochrane Handbook, chapter 22).",
    ]
