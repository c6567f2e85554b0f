"""Every digitised curve under the one rebuilt from it, so that a bad fit is seen at a glance."""

from collections.abc import Mapping

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.figures.drawn import Drawn
from livingmeta.figures.style import BOLD, SIZE, SMALL, Sheet, at_most, shorten, width, wrap
from livingmeta.figures.survival_axes import SurvivalAxes
from livingmeta.formulas.individual_data import kaplan_meier
from livingmeta.plan import Protocol
from livingmeta.words import ids
from livingmeta.words.numbers import show

MARGIN = 4.0
WIDE, HIGH = 70.0, 44.0  # the axes of a panel
LEFT = 14.0
PANEL = LEFT + WIDE + 8.0
ACROSS = 2
HEAD, UNDER = 9.0, 24.0  # above and below the axes
WARNINGS = 3  # lines of a panel for what is doubtful about a reconstruction


def draw(
    clicks: Mapping[str, pd.DataFrame],
    individual: pd.DataFrame,
    quality: pd.DataFrame,
    outcomes: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    asked: Protocol,
) -> Drawn:
    """The figure: a panel a curve, in the order of `quality`; it may be cut between rows of panels.

    `clicks`: `time, survival` by file; `individual`,
    `quality`, `outcomes`: individual.csv, curves.csv and outcomes.csv of the extraction stage;
    `labels`: study_id -> label; `asked`: the protocol's `arms`, `outcomes` and `time_unit`.
    Clicks are squares, the rebuilt Kaplan-Meier curve is a line, numbers at risk as printed stand
    below.
    """
    rows = as_dicts(quality)
    down = -(-len(rows) // ACROSS)
    extra = 3.3 * WARNINGS if any(row["warnings"] for row in rows) else 0.0
    each = HEAD + HIGH + UNDER + extra
    across = min(ACROSS, len(rows))
    sheet = Sheet(2 * MARGIN + across * PANEL, MARGIN + down * each)
    for i, row in enumerate(rows):
        key = [row[c] for c in ("study_id", "arm", "outcome")]
        mine = (individual[["study_id", "arm", "outcome"]] == key).all(axis=1)
        risk = outcomes[
            (outcomes[["study_id", "arm", "outcome"]] == key).all(axis=1)
            & (outcomes["statistic"] == "at-risk")
        ].sort_values("time")
        _panel(
            sheet,
            (MARGIN + i % ACROSS * PANEL, MARGIN + i // ACROSS * each),
            _title(row, labels, asked),
            clicks[row["file"]],
            individual[mine],
            row,
            risk[["time", "value", "row"]].dropna().to_numpy().tolist(),
            asked.time_unit,
        )
    for i in range(1, down + 1):
        sheet.panel(MARGIN + i * each)
    return sheet.drawn("Digitised curves and what was rebuilt from them", _in_words(rows, labels))


def _title(row: dict, labels: Mapping[str, str], asked: Protocol) -> str:
    arm, outcome = row["arm"], row["outcome"]
    arm = asked.arms[arm].label if arm in asked.arms else arm
    outcome = asked.outcomes[outcome].label if outcome in asked.outcomes else outcome
    return f"{labels.get(row['study_id'], row['study_id'])}: {arm}, {outcome.lower()}"


def _fit(row: dict) -> str:
    return (
        f"RMSE {show(row['rmse'], 'analysis')}, "
        f"largest error {show(row['largest_error'], 'analysis')}; "
        f"{show(row['n'], 'count')} patients, {show(row['events'], 'count')} events"
    )


def _panel(
    sheet: Sheet,
    corner: tuple[float, ...],
    title: str,
    clicks: pd.DataFrame,
    patients: pd.DataFrame,
    row: dict,
    risk: list[list[float]],
    unit: str,
) -> None:
    x0, y0 = corner
    for i, line in enumerate(at_most(title, PANEL - 6, 2, SIZE, True)):
        sheet.text(x0, y0 + 2.6 + 3.4 * i, line, bold=True)
    last = max(float(clicks["time"].max()), float(patients["time"].max()))
    last = max([last, *(time for time, *_ in risk)])
    axes = SurvivalAxes(x0 + LEFT, y0 + HEAD, WIDE, HIGH, last * 1.02)
    km = kaplan_meier(patients)
    xs, ys = axes.steps(km.time, km.survival)
    xs, ys = [*xs, axes.x(km.last)], [*ys, ys[-1]]
    for time, survival in zip(clicks["time"], clicks["survival"], strict=True):
        x, y = axes.x(time), axes.y(survival)
        sheet.box(x - 0.45, y - 0.45, 0.9, 0.9, fill="pooled", over=4)
    sheet.line(xs, ys, colour="study", weight=BOLD, over=5)
    axes.draw(sheet, unit)
    y = axes.bottom + 11.6
    sheet.text(x0, y, "At risk", size=SMALL, colour="grey")
    edge = x0 + width("At risk", SMALL)
    for time, count, row_ in risk:
        words = show(count, "count")
        half = width(words, SMALL) / 2
        x = max(axes.x(time), edge + 1 + half) if time == 0 else axes.x(time)
        if x - half >= edge + 1:
            number = f"printed/{row_:.0f}"
            sheet.text(x, y, words, size=SMALL, align="center", number=number)
            edge = x + half
    sheet.text(x0, y + 4.0, shorten(_fit(row), PANEL - 4, SMALL), size=SMALL, number=ids.curve(row))
    if row["warnings"]:
        lines = wrap(f"Graded {row['grade']}: {row['warnings']}", PANEL - 6, SMALL)[:WARNINGS]
        for i, line in enumerate(lines):
            sheet.text(x0, y + 7.6 + 3.3 * i, line, size=SMALL, colour="pooled")


def _in_words(rows: list[dict], labels: Mapping[str, str]) -> str:
    return " ".join(
        f"{labels.get(row['study_id'], row['study_id'])}, {row['arm']}: {_fit(row)}."
        for row in rows
    )
