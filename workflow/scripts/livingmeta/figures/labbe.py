"""The L'Abbé plot: the share with the event in one arm against that in the other, study by study.

L'Abbé, Detsky and O'Rourke 1987, Ann Intern Med 107:224. It shows what a forest plot hides: how
far the studies' baselines lie apart, and whether the effect goes with them.
"""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from livingmeta.effect_measures import MEASURES
from livingmeta.effects.several import found_in
from livingmeta.figures.drawn import Drawn
from livingmeta.figures.forest_table import result_of
from livingmeta.figures.frame import Frame
from livingmeta.figures.influence_panels import dot
from livingmeta.figures.style import BOLD, FINE, SMALL, TITLE, Sheet, wrap
from livingmeta.plan import Arm, Synthesis
from livingmeta.words.english import within
from livingmeta.words.numbers import missing

MARGIN = 4.0
LEFT, SIDE = 20.0, 84.0
LARGEST, SMALLEST = 3.4, 0.8  # radius of a circle, in millimetres
FEW = "Not drawn: fewer than two studies print the counts of both arms."
SEVERAL = "Not drawn: studies have several effects each, which are no points of their own."
KEY = (
    "Each circle is a study, its area as its patients. Thin line: no difference between the arms;"
    " dashed: what the result says at each share of the comparator."
)


def draw(
    effects: pd.DataFrame, pooled: pd.DataFrame, synthesis: Synthesis, arms: Mapping[str, Arm]
) -> Drawn:
    """The figure; a sentence where fewer than two studies have the counts of both arms.

    `effects`: rows of effects.csv of this synthesis (`ai` to `di`: events and others of each arm);
    `pooled`: its rows of pooled.csv; `arms`: of the protocol.
    """
    title = f"L'Abbé plot: {synthesis.title}"
    lines = wrap(title, LEFT + SIDE - MARGIN, TITLE, True)
    cells = effects[["ai", "bi", "ci", "di"]].dropna().to_numpy(float)
    several = found_in(effects)
    shown = len(cells) > 1 and MEASURES[synthesis.measure].of_shares and not several
    nothing = SEVERAL if several else FEW
    said = KEY if shown else nothing
    if shown and len(cells) < len(effects):
        said += f" Without counts, and not shown: {len(effects) - len(cells)} of {len(effects)}."
    below = wrap(said, LEFT + SIDE - MARGIN, SMALL)
    top = 7.4 + 4.2 * len(lines)
    high = top + (SIDE + 13.0) * shown
    sheet = Sheet(LEFT + SIDE + MARGIN, high + 3.3 * len(below) + 2.0)
    for i, line in enumerate(lines):
        sheet.text(MARGIN, 6.4 + 4.2 * i, line, size=TITLE, bold=True)
    if shown:
        names = [within(arms[key].label) for key in synthesis.arms]
        _plot(sheet, top, cells, result_of(pooled), synthesis.measure, names)
    for i, line in enumerate(below):
        sheet.text(MARGIN, high + 1.0 + 3.3 * i, line, size=SMALL, colour="grey")
    words = f"{len(cells)} studies with the counts of both arms." if shown else nothing
    return sheet.drawn(title, words)


def against(measure: str, effect: float, share: np.ndarray) -> np.ndarray:
    """The share with the event in the first arm, where `share` has it in the second and the effect
    (on the display scale) is this; beyond 0 to 1 where a ratio or difference leads there."""
    if measure == "OR":
        return effect * share / (1 - share + effect * share)
    return effect * share if measure == "RR" else share + effect


def _plot(sheet, top, cells, result, measure, names):
    """The axes, which are alike, both lines, and the studies, the largest first."""
    n1, n2 = cells[:, 0] + cells[:, 1], cells[:, 2] + cells[:, 3]
    first, second = cells[:, 0] / n1, cells[:, 2] / n2
    end = min(100.0, 108 * max(first.max(), second.max(), 0.05))
    frame = Frame(LEFT, LEFT + SIDE, top, top + SIDE, (0.0, end), (0.0, end))
    label = "With the event, percent: {}"
    frame.draw(sheet, label.format(names[1]), label.format(names[0]))
    ends = [frame.left, frame.right], [frame.bottom, frame.top]
    sheet.line(*ends, colour="grey", weight=FINE, over=2)
    effect = result.get("display_estimate", math.nan)
    if not missing(effect):
        along = np.linspace(0, end / 100, 81)
        line = 100 * against(measure, float(effect), along)
        inside = (line >= 0) & (line <= end)
        xs = [frame.x(100 * x) for x in along[inside]]
        ys = [frame.y(y) for y in line[inside]]
        sheet.line(xs, ys, colour="pooled", weight=BOLD, dashes=(3, 2), over=4)
    size = n1 + n2
    for i in np.argsort(-size, kind="stable"):
        radius = max(SMALLEST, LARGEST * math.sqrt(size[i] / size.max()))
        dot(sheet, frame.x(100 * second[i]), frame.y(100 * first[i]), "study", radius)
