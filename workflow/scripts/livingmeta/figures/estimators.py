"""Results side by side: every model of a synthesis."""

import numpy as np
import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.figures.axis import Axis
from livingmeta.figures.drawn import Drawn, plot_beside
from livingmeta.figures.forest_table import result_of
from livingmeta.figures.style import (
    FINE,
    HAIR,
    ROW,
    SMALL,
    TITLE,
    Sheet,
    shorten,
    width,
    wrap,
)
from livingmeta.plan import Outcome, Synthesis
from livingmeta.words import ids, measures, models
from livingmeta.words.numbers import MISSING, finer, missing, show

MARGIN, GAP = 3.0, 3.0
PLOT = (40.0, 70.0)  # at the least and at the most
LABEL = 60.0


def draw(pooled: pd.DataFrame, synthesis: Synthesis, outcome: Outcome) -> Drawn:
    """All models of a synthesis: interval and estimate, and the prediction interval as a
    thin line behind; the result of the protocol first and filled.

    `pooled`: the synthesis' rows of pooled.csv; subgroups are left out. Fewer than two models give
    a sentence.
    """
    pooled = pooled.assign(subgroup=pooled["subgroup"].fillna(""))
    rows = [
        row | {"label": models.name(row)}
        for row in as_dicts(pooled[pooled["subgroup"] == ""])
        if not missing(row["display_estimate"])
    ]
    title = f"Models side by side: {synthesis.title}"
    note = ""
    if any(not missing(row["display_pi_low"]) for row in rows):
        level = measures.level(synthesis.level)
        note = f"Diamonds: pooled estimate and {level} interval; grey lines: {level} prediction"
        note += " interval."
    return _drawn(rows, title, synthesis, outcome, result_of(pooled), note)


def _drawn(
    rows: list[dict],
    title: str,
    synthesis: Synthesis,
    outcome: Outcome,
    result: dict,
    note: str = "",
) -> Drawn:
    if len(rows) < 2:
        words = "There is nothing to set side by side."
        sheet = Sheet(120, 20)
        sheet.text(MARGIN, 6.4, shorten(title, 112, TITLE, True), size=TITLE, bold=True)
        sheet.text(MARGIN, 14, words, colour="grey")
        return sheet.drawn(title, words)
    scale = measures.SCALES[synthesis.measure]
    for row in rows:
        pair = (row["display_ci_low"], row["display_ci_high"])
        kind = finer(scale.kind, row["display_estimate"], *pair)
        row["text"] = f"{show(row['display_estimate'], kind)} ({show(pair, kind)})"
        row["lines"] = wrap(row["label"], LABEL)
    x_plot = MARGIN + max(width(line) for row in rows for line in row["lines"]) + GAP + 2
    heads = [
        measures.short(synthesis.measure, outcome),
        f"({measures.level(synthesis.level)} CI)",
    ]
    texts = [*(width(row["text"]) for row in rows), width(heads[0], SMALL, True)]
    right = GAP + max(texts) + GAP + width("0.000", SMALL) + 3
    plot = plot_beside(x_plot + right + MARGIN, *PLOT)
    x_tau = x_plot + plot + right
    x_text = x_plot + plot + GAP + max(texts)
    wide = x_tau + MARGIN
    lines = wrap(title, wide - 2 * MARGIN, TITLE, True)
    top = 3.0 + 4.2 * len(lines) + 8.6
    bottom = top + 2.4 + sum(ROW * len(row["lines"]) for row in rows)
    sheet = Sheet(wide, bottom + (16.0 if note else 11.5))
    for i, line in enumerate(lines):
        sheet.text(MARGIN, 6.2 + 4.2 * i, line, size=TITLE, bold=True)
    for x, head in ((x_text, heads), (x_tau, ["τ²"])):
        for i, line in enumerate(reversed(head)):
            sheet.text(x, top - 1.2 - 3.1 * i, line, size=SMALL, bold=True, align="right")
    sheet.line([MARGIN, wide - MARGIN], [top, top], weight=FINE)
    studies = np.array(
        [[row[f"display_{part}"] for part in ("estimate", "ci_low", "ci_high")] for row in rows]
    )
    axis = Axis(scale, studies, [result] if result else [], x_plot, x_plot + plot)
    axis.draw(sheet, top + 1.2, bottom, heads[0] + (" (log scale)" if scale.log else ""), None)
    if result:
        x = axis.x(result["display_estimate"])
        sheet.line([x, x], [top + 1.2, bottom], colour="pooled", weight=HAIR, dashes=(3, 2.2))
    sheet.text(MARGIN, bottom + 13.5, note, size=SMALL, colour="grey")
    y = top + 1.4
    cuts = []
    for row in rows:
        _line(sheet, axis, row, y, x_text, x_tau)
        y += ROW * len(row["lines"])
        cuts.append(y)
    sheet.panel(sheet.high, head=top + 0.6, foot=bottom - 0.5, cuts=cuts[:-1])
    return sheet.drawn(title, "; ".join(f"{row['label']}: {row['text']}" for row in rows) + ".")


def _line(sheet, axis, row, top, x_text, x_tau):
    """One model, or one study left out, its lines from `top` down."""
    primary = row.get("primary") is True
    middle = top + ROW * len(row["lines"]) / 2
    for i, line in enumerate(row["lines"]):
        sheet.text(MARGIN, top + 3.3 + ROW * 0.8 * i, line, bold=primary)
    tau2 = MISSING if missing(row["tau2"]) else show(row["tau2"], "variance")
    key = ids.model(row)
    sheet.text(x_text, middle + 1.0, row["text"], align="right", bold=primary, number=key)
    sheet.text(x_tau, middle + 1.0, tau2, align="right", number=f"{key}/tau2")
    if not missing(row.get("display_pi_low")):
        low, high = row["display_pi_low"], row["display_pi_high"]
        axis.interval(sheet, low, high, middle, colour="line", weight=HAIR, ends=False)
    low, high = row["display_ci_low"], row["display_ci_high"]
    axis.diamond(sheet, low, row["display_estimate"], high, middle, 1.35, filled=primary)
