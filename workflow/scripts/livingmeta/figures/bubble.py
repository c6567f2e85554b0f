"""The bubble plot of meta-regressions: effects against a moderator, with what the model predicts.

Thompson and Higgins 2002, Stat Med 21:1559. Effects lie on the analysis scale, where the model is a
straight line, and are labelled on the display scale.
"""

import math
from collections.abc import Iterable

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.figures.drawn import Drawn
from livingmeta.figures.frame import Frame
from livingmeta.figures.influence_panels import dot
from livingmeta.figures.style import BOLD, FINE, HAIR, SMALL, TITLE, Sheet, wrap
from livingmeta.plan import Outcome, Synthesis
from livingmeta.words import measures
from livingmeta.words.english import heading
from livingmeta.words.numbers import missing

MARGIN = 4.0
LEFT, WIDE, HIGH = 20.0, 120.0, 70.0
LARGEST, SMALLEST = 3.4, 0.7  # radius of a bubble, in millimetres
NONE = "Not drawn: there is no meta-regression on one column of numbers of effects of one measure."
OF_STUDIES = "Each circle is a study, its area as its weight in the model."
OF_EFFECTS = (
    "Each circle is an effect, of which studies may have several, its area as one over its variance"
    " in the model."
)
KEY = (
    " Line and band: the mean effect"
    " that the model predicts, with its interval; dashed: where the effect of a new study is"
    " expected. Studies are compared here, not patients: what goes with a moderator may come from"
    " something else."
)


def draw(
    effects: pd.DataFrame,
    predicted: pd.DataFrame,
    tests: pd.DataFrame,
    synthesis: Synthesis,
    outcome: Outcome,
) -> Drawn:
    """The figure, a panel for each meta-regression on one column of numbers; a sentence if there is
    none.

    `effects`: rows of effects.csv with the columns of studies.csv beside them;
    `predicted`, `tests`: rows of predicted.csv and moderators.csv, all of one synthesis.
    """
    title = f"Bubble plot: {synthesis.title}"
    lines = wrap(title, WIDE + LEFT - MARGIN, TITLE, True)
    alone = predicted[predicted["moderator"] == predicted["column"]]
    drawn = [rows for _, rows in alone.groupby("moderator", sort=False) if _of_numbers(rows)]
    drawn = drawn if measures.one_scale(effects, synthesis.measure) else []
    top = 6.4 + 4.2 * len(lines)
    several = bool(effects["study_id"].duplicated().any())
    key = (OF_EFFECTS if several else OF_STUDIES) + KEY
    below = wrap(key if drawn else NONE, WIDE + LEFT - MARGIN, SMALL)
    high = top + (HIGH + 17.0) * len(drawn)
    sheet = Sheet(LEFT + WIDE + MARGIN, high + 3.3 * len(below) + 2.0)
    for i, line in enumerate(lines):
        sheet.text(MARGIN, 6.4 + 4.2 * i, line, size=TITLE, bold=True)
    for i, rows in enumerate(drawn):
        above = top + (HIGH + 17.0) * i
        _panel(sheet, above, _with_weights(effects, rows, tests), rows, synthesis, outcome)
        sheet.panel(sheet.high if i == len(drawn) - 1 else above + HIGH + 17.0)
    for i, line in enumerate(below):
        sheet.text(MARGIN, high + 1.0 + 3.3 * i, line, size=SMALL, colour="grey")
    said = f"Effects of studies against {_listed(drawn)}." if drawn else NONE
    return sheet.drawn(title, said)


def _of_numbers(rows: pd.DataFrame) -> bool:
    """Whether a moderator is one of numbers, of which there are more than one."""
    return len(rows) > 1 and bool(pd.to_numeric(rows["value"], errors="coerce").notna().all())


def _listed(drawn: Iterable[pd.DataFrame]) -> str:
    return ", ".join(str(rows["moderator"].iloc[0]) for rows in drawn)


def _with_weights(effects: pd.DataFrame, rows: pd.DataFrame, tests: pd.DataFrame) -> pd.DataFrame:
    """The studies that have a value of the moderator, as `x`, with their weight in its model."""
    moderator = rows["moderator"].iloc[0]
    of_it = tests[(tests["moderator"] == moderator) & (tests["analysis"] == "meta-regression")]
    tau2 = of_it["tau2"].dropna()
    x = pd.to_numeric(effects[moderator], errors="coerce")
    table = effects.assign(x=x, weight=1 / (effects["vi"] + (tau2.iloc[0] if len(tau2) else 0.0)))
    return table[x.notna()]


def _panel(
    sheet: Sheet,
    top: float,
    studies: pd.DataFrame,
    rows: pd.DataFrame,
    synthesis: Synthesis,
    outcome: Outcome,
) -> None:
    at = [float(value) for value in rows["value"]]
    room = 0.05 * (at[-1] - at[0])
    ends = rows[["ci_low", "ci_high"]].to_numpy(float)
    lowest, highest = min(ends.min(), studies["yi"].min()), max(ends.max(), studies["yi"].max())
    null = measures.SCALES[synthesis.measure].null
    if null is not None:  # no effect is 0 on the analysis scale of every measure that has such
        lowest, highest = min(lowest, 0.0), max(highest, 0.0)
    above = 0.06 * (highest - lowest)
    low, high = float(lowest) - above, float(highest) + above
    xs = (at[0] - room, at[-1] + room)
    frame = Frame(LEFT, LEFT + WIDE, top, top + HIGH, xs, (low, high))
    scale = measures.of(synthesis.measure, outcome)
    name = measures.short(synthesis.measure, outcome)
    name += " (log scale)" if scale.log else ""
    name += " (on the scale it was pooled on)" if scale.kind == "proportion" else ""
    levels = measures.analysis_ticks(synthesis.measure, low, high, lambda v: -frame.y(v))
    # As they stand in the table: a year has no comma.
    ticks = [(value, f"{value:.10g}") for value in measures.linear_ticks(*xs)]
    frame.draw(sheet, heading(str(rows["moderator"].iloc[0])), name, ticks, levels)
    if null is not None:
        y = frame.y(0.0)
        sheet.line([frame.left, frame.right], [y, y], weight=HAIR, over=2)
    along = [frame.x(value) for value in at]
    under, over = ([frame.y(v) for v in rows[column]] for column in ("ci_low", "ci_high"))
    band = [*zip(along, under, strict=True), *zip(along[::-1], over[::-1], strict=True)]
    sheet.shape(band, fill="faint", over=1)
    sheet.line(along, [frame.y(v) for v in rows["estimate"]], colour="pooled", weight=BOLD, over=4)
    for column in ("pi_low", "pi_high"):
        if missing(rows[column].iloc[0]):
            continue
        # Kept inside the frame: the wide ends of few studies would squeeze the points.
        inside = [(x, v) for x, v in zip(along, rows[column], strict=True) if low <= v <= high]
        if len(inside) > 1:
            line = ([x for x, _ in inside], [frame.y(v) for _, v in inside])
            sheet.line(*line, colour="grey", weight=FINE, dashes=(3, 2))
    most = float(studies["weight"].max())
    # The heaviest first, so that no study is hidden behind another.
    for row in as_dicts(studies.sort_values("weight", ascending=False, kind="stable")):
        radius = max(SMALLEST, LARGEST * math.sqrt(row["weight"] / most))
        dot(sheet, frame.x(row["x"]), frame.y(row["yi"]), "study", radius)
