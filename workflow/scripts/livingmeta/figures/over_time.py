"""Summary survival across times: pooled survival of one arm at each time, with its band."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.figures.drawn import Drawn
from livingmeta.figures.style import (
    BOLD,
    FINE,
    HAIR,
    SIZE,
    SMALL,
    TITLE,
    Sheet,
    at_most,
    width,
    wrap,
)
from livingmeta.figures.survival_axes import SurvivalAxes
from livingmeta.plan import Arm, Outcome
from livingmeta.words import ids
from livingmeta.words.numbers import show

MARGIN = 4.0
WIDE, HIGH = 86.0, 46.0  # the axes of a panel
LEFT = MARGIN + 14.0
BESIDE = LEFT + WIDE + 8.0
LINE = 4.4
NOTE = (
    "Each point is pooled on its own; the lines between only guide the eye. Points share patients,"
    " and the studies behind them differ."
)
OF_A_CURVE = (
    "One curve across times: the product of the pooled shares that survive each interval, all times"
    " together; squares: survival at each time pooled on its own. (few): fewer than 3 studies, or"
    " than half, give the interval."
)
NOTHING = "No arm has pooled survival at two times or more, so there is no course of time to draw."


def draw(
    table: pd.DataFrame,
    *,
    arms: Mapping[str, Arm],
    outcomes: Mapping[str, Outcome],
    time_unit: str,
    course: pd.DataFrame | None = None,
) -> Drawn:
    """The figure, a panel for each group of over_time.csv (`table`) and for each pooled curve of
    course.csv (`course`), over the points of its arm and filter; it may be cut between two.

    `arms`, `outcomes`, `time_unit`: those parts of the protocol. Survival is 100% at time 0. Beside
    each curve stand its numbers and how many cohorts had to be treated as followed throughout.
    Where no group has two times, a sentence.
    """
    curves = [] if course is None else curve_panels(course, table)
    if table.empty and not curves:
        sheet = Sheet(150, 14)
        sheet.text(MARGIN, 8, NOTHING, colour="grey")
        return sheet.drawn("Summary survival over time", NOTHING)
    panels = [as_dicts(group) for _, group in table.groupby("group", sort=False)]
    panels += curves
    beside = [[_lines(row, time_unit) for row in points] for points in panels]
    room = max(width(words, size) for rows in beside for lines in rows for words, size in lines)
    wide = BESIDE + room + MARGIN
    headed = [_heading(points[0], arms, outcomes, wide) for points in panels]
    notes = [line for words in _notes(panels) for line in wrap(words, wide - 2 * MARGIN, SMALL)]
    heights = [
        4.0 + 4.2 * len(head) + max(HIGH + 10.0, LINE * sum(map(len, rows)) + 4.0)
        for head, rows in zip(headed, beside, strict=True)
    ]
    sheet = Sheet(wide, sum(heights) + 3.3 * len(notes) + 6.0)
    top = 2.0
    for points, head, rows, high in zip(panels, headed, beside, heights, strict=True):
        _panel(sheet, top, points, head, rows, time_unit)
        top += high
        sheet.panel(sheet.high if points is panels[-1] else top)
    for i, line in enumerate(notes):
        sheet.text(MARGIN, top + 3.0 + 3.3 * i, line, size=SMALL, colour="grey")
    return sheet.drawn("Summary survival over time", _in_words(panels, arms, outcomes, time_unit))


def _heading(
    point: dict, arms: Mapping[str, Arm], outcomes: Mapping[str, Outcome], wide: float
) -> list[str]:
    words = f"{outcomes[point['outcome']].label}: {arms[point['arm']].label}"
    if point["include"]:
        words += f" ({point['include']})"
    words += ", one curve across times" if "model" in point else ""
    return at_most(words, wide - 2 * MARGIN, 2, TITLE, True)


def _lines(row: dict, unit: str) -> list[tuple[str, float]]:
    """What stands beside the curve for one time: (words, size), two lines."""
    if "model" in row:
        return [(curve_line(row, unit), SIZE)]
    low, high = show(row["ci_low"], "proportion"), show(row["ci_high"], "proportion")
    studies = f"{row['k']} {'study' if row['k'] == 1 else 'studies'}"
    if row["n"] == row["n"]:
        studies += f", {show(row['n'], 'count')} patients"
    if row["complete"]:
        studies += f"; {row['complete']} treated as complete"
    first = f"{show(row['time'], 'time-point')} {unit}: {show(row['estimate'], 'proportion')}"
    first += f" ({low} to {high}){' (rises)' if row['rises'] else ''}"
    return [(first, SIZE), (studies, SMALL)]


def _panel(
    sheet: Sheet,
    top: float,
    points: list[dict],
    head: list[str],
    rows: list[list[tuple[Any, ...]]],
    unit: str,
) -> None:
    for i, line in enumerate(head):
        sheet.text(MARGIN, top + 4.2 * (i + 1), line, size=TITLE, bold=True)
    top += 4.2 * len(head) + 4.0
    axes = SurvivalAxes(LEFT, top, WIDE, HIGH, points[-1]["time"] * 1.04)
    times = [0.0, *(p["time"] for p in points)]
    high = [1.0, *(p["ci_high"] for p in points)]
    low = [1.0, *(p["ci_low"] for p in points)]
    ahead = [(axes.x(t), axes.y(s)) for t, s in zip(times, high, strict=True)]
    back = [(axes.x(t), axes.y(s)) for t, s in zip(times[:0:-1], low[:0:-1], strict=True)]
    sheet.shape([*ahead, *back], fill="band1", over=2)
    middle = [1.0, *(p["estimate"] for p in points)]
    sheet.line(
        [axes.x(t) for t in times], [axes.y(s) for s in middle], colour="pooled", weight=BOLD
    )
    beside = points[0].get("beside", [])
    for p in points if "model" not in points[0] else beside:
        x, y = axes.x(p["time"]), axes.y(p["estimate"])
        sheet.line([x, x], [axes.y(p["ci_low"]), axes.y(p["ci_high"])], colour="ink", weight=FINE)
        hollow = {"fill": "paper", "edge": "ink"} if beside else {"fill": "pooled", "edge": "paper"}
        sheet.box(x - 0.9, y - 0.9, 1.8, 1.8, weight=HAIR, over=6, **hollow)
    axes.draw(sheet, unit)
    y = top + 2.6
    for point, lines in zip(points, rows, strict=True):
        for words, size in lines:
            colour = "ink" if size == SIZE else "grey"
            number = point.get("key", f"over-time/{point['synthesis']}")
            sheet.text(BESIDE, y, words, size=size, colour=colour, number=number)
            y += LINE


def _notes(panels: list[list[dict]]) -> list[str]:
    complete = any(p["complete"] for points in panels for p in points)
    notes = [NOTE] if any("model" not in points[0] for points in panels) else []
    notes += [OF_A_CURVE] if any("model" in points[0] for points in panels) else []
    if complete:
        notes.append(
            "Treated as complete: cohorts that print no error of their survival, whose patients"
            " were taken as all followed to that time, which overstates precision."
        )
    risen = [p["note"] for points in panels for p in points if p.get("rises")]
    return notes + [words[:1].upper() + words[1:] + "." for words in risen]


def _in_words(
    panels: list[list[dict]],
    arms: Mapping[str, Arm],
    outcomes: Mapping[str, Outcome],
    unit: str,
) -> str:
    return " ".join(
        f"{outcomes[points[0]['outcome']].label}, {arms[points[0]['arm']].label}: "
        + "; ".join(_lines(p, unit)[0][0] for p in points)
        + "."
        for points in panels
    )


def curve_panels(course: pd.DataFrame, table: pd.DataFrame) -> list[list[dict]]:
    """The points of each pooled curve in course.csv that is a result; the first of each holds as
    `beside` the rows of over_time.csv (`table`) of its outcome, arm and filter."""
    panels = []
    for name, group in course[course["primary"]].groupby("synthesis", sort=False):
        points = as_dicts(group.assign(include=group["include"].fillna("")))
        alike = {key: points[0][key] for key in ("outcome", "arm", "include")}
        rows = as_dicts(table.assign(include=table["include"].fillna("")))
        last = points[-1]["time"]
        beside = [row for row in rows if alike.items() <= row.items() and row["time"] <= last]
        for i, point in enumerate(points, start=1):
            point["key"] = ids.course(str(name), i)
        points[0]["beside"] = beside
        panels.append(points)
    return panels


def curve_line(row: dict, unit: str) -> str:
    """What stands beside the curve for one time, on one line."""
    low, high = show(row["ci_low"], "proportion"), show(row["ci_high"], "proportion")
    said = f"{show(row['time'], 'time-point')} {unit}: {show(row['estimate'], 'proportion')}"
    said += f" ({low} to {high}); {row['k']} {'study' if row['k'] == 1 else 'studies'}"
    said += f", {show(row['at_risk'], 'count')} at risk"
    return f"{said}{' (few)' if row['few'] else ''}"
