"""How a result came to be: release after release, and year of publication after year."""

from typing import Any

import numpy as np
import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.figures.axis import Axis
from livingmeta.figures.drawn import Drawn, plot_beside
from livingmeta.figures.style import (
    FINE,
    HAIR,
    ROW,
    SMALL,
    TITLE,
    Sheet,
    at_most,
    shorten,
    width,
    wrap,
)
from livingmeta.plan import Outcome, Synthesis
from livingmeta.words import ids, measures
from livingmeta.words.numbers import finer, missing, show

MARGIN, GAP = 3.0, 3.0
PLOT = (40.0, 70.0)  # at the least and at the most
ADDED = 56.0
BLOCKS = {
    "release": "As each version had it, by its own model",
    "year": "Today's studies by year of publication, by the model of today's result",
}
NOTE = "Each row takes all studies of the rows above it; these are not independent results."


def draw(
    steps: pd.DataFrame, synthesis: Synthesis, outcome: Outcome, labels: dict[str, str]
) -> Drawn:
    """The cumulative forest plot of a synthesis, in two blocks; it may be cut between its rows.

    `steps`: the synthesis' rows of living/cumulative.csv; `labels`: of the studies by study_id.
    A block of one row is left out; without any block there is a sentence.
    """
    title = f"How the result came to be: {synthesis.title}"
    blocks = [
        (words, _rows(steps[steps["along"] == along], synthesis, labels))
        for along, words in BLOCKS.items()
    ]
    # One row alone is no history: the result stands in the forest plot.
    blocks = [(words, rows) for words, rows in blocks if len(rows) > 1]
    if not blocks:
        words = "There is one step only, and nothing came to be yet."
        sheet = Sheet(120, 20)
        sheet.text(MARGIN, 6.4, shorten(title, 112, TITLE, True), size=TITLE, bold=True)
        sheet.text(MARGIN, 14, words, colour="grey")
        return sheet.drawn(title, words)
    return _drawn(blocks, title, synthesis, outcome)


def _rows(table: pd.DataFrame, synthesis: Synthesis, labels: dict[str, str]) -> list[dict]:
    printed = measures.SCALES[synthesis.measure].kind
    found: list[dict] = []
    for row in as_dicts(table):
        pair = (row["display_ci_low"], row["display_ci_high"])
        kind = finer(printed, row["display_estimate"], *pair)
        came = [labels.get(study, study) for study in row["added"].split()]
        went = [labels.get(study, study) for study in row["removed"].split()]
        words = ", ".join([*(f"+ {name}" for name in came), *(f"without {n}" for n in went)])
        if row["along"] == "release" and not found:
            words = "the studies of that version"
        step = {"present": "now", "none": "no year"}.get(row["step"], row["step"])
        found.append(
            row
            | {
                "key": ids.history(row),
                "step": step,
                "text": f"{show(row['display_estimate'], kind)} ({show(pair, kind)})",
                "k_text": show(row["k"], "count"),
                "lines": at_most(words or "the same studies", ADDED, 2, SMALL),
            }
        )
    return found


def _drawn(
    blocks: list[tuple[str, list[Any]]],
    title: str,
    synthesis: Synthesis,
    outcome: Outcome,
) -> Drawn:
    scale = measures.SCALES[synthesis.measure]
    every = [row for _, rows in blocks for row in rows]
    x_added = MARGIN + max(width(row["step"]) for row in every) + GAP
    x_k = x_added + max(width(line, SMALL) for row in every for line in row["lines"]) + 12.0
    x_plot = x_k + GAP
    heads = [
        measures.short(synthesis.measure, outcome),
        f"({measures.level(synthesis.level)} CI)",
    ]
    texts = [*(width(row["text"]) for row in every), width(heads[0], SMALL, True)]
    plot = plot_beside(x_plot + GAP + max(texts) + MARGIN, *PLOT)
    x_text = x_plot + plot + GAP + max(texts)
    wide = x_text + MARGIN
    lines = wrap(title, wide - 2 * MARGIN, TITLE, True)
    top = 3.0 + 4.2 * len(lines) + 8.6
    bottom = top + 2.4 + sum(7.0 + sum(map(_high, rows)) for _, rows in blocks)
    sheet = Sheet(wide, bottom + 16.0)
    for i, line in enumerate(lines):
        sheet.text(MARGIN, 6.2 + 4.2 * i, line, size=TITLE, bold=True)
    for x, head in ((x_k, ["Studies"]), (x_text, heads)):
        for i, line in enumerate(reversed(head)):
            sheet.text(x, top - 1.2 - 3.1 * i, line, size=SMALL, bold=True, align="right")
    sheet.line([MARGIN, wide - MARGIN], [top, top], weight=FINE)
    values = np.array(
        [[row[f"display_{part}"] for part in ("estimate", "ci_low", "ci_high")] for row in every],
        dtype=float,
    )
    # A step without an interval reaches no further than its estimate.
    values[:, 1:] = np.where(np.isnan(values[:, 1:]), values[:, :1], values[:, 1:])
    axis = Axis(scale, values, [], x_plot, x_plot + plot)
    axis.draw(sheet, top + 1.2, bottom, heads[0] + (" (log scale)" if scale.log else ""), None)
    last = axis.x(every[-1]["display_estimate"])
    sheet.line([last, last], [top + 1.2, bottom], colour="pooled", weight=HAIR, dashes=(3, 2.2))
    sheet.text(MARGIN, bottom + 13.5, NOTE, size=SMALL, colour="grey")
    y = top + 1.4
    cuts: list[float] = []
    begins = []
    for words, rows in blocks:
        cuts.append(y)
        begins.append(y)
        sheet.text(MARGIN, y + 4.2, words, size=SMALL, bold=True, colour="grey")
        y += 7.0
        for row in rows:
            _line(sheet, axis, row, y, x_added, x_k, x_text, newest=row is rows[-1])
            y += _high(row)
            cuts.append(y)
        del cuts[-1]  # where the next block begins
    sheet.panel(sheet.high, head=top + 0.6, foot=bottom - 0.5, cuts=cuts[1:], blocks=begins)
    return sheet.drawn(title, "; ".join(f"{row['step']}: {row['text']}" for row in every) + ".")


def _high(row: dict) -> float:
    return ROW * (0.3 + 0.7 * len(row["lines"]))


def _line(sheet, axis, row, top, x_added, x_k, x_text, newest):
    middle = top + _high(row) / 2
    dated = f"{row['key']}/year" if row["along"] == "year" and row["step"].isdecimal() else ""
    sheet.text(MARGIN, middle + 1.0, row["step"], bold=newest, number=dated)
    first = middle + 0.8 - 1.5 * (len(row["lines"]) - 1)
    for i, line in enumerate(row["lines"]):
        sheet.text(x_added, first + 3.0 * i, line, size=SMALL, colour="grey")
    studies = f"{row['key']}/k"
    sheet.text(x_k, middle + 1.0, row["k_text"], align="right", bold=newest, number=studies)
    sheet.text(x_text, middle + 1.0, row["text"], align="right", bold=newest, number=row["key"])
    low, high = row["display_ci_low"], row["display_ci_high"]
    if missing(low) or missing(high):
        axis.square(sheet, row["display_estimate"], middle, 0.9)
    else:
        axis.diamond(sheet, low, row["display_estimate"], high, middle, 1.35, filled=newest)
