"""Pooled survival curves (measure SURV) as panels of the figure of survival over time."""

import pandas as pd

from livingmeta.words import ids
from livingmeta.words.numbers import show

OF_A_CURVE = (
    "One curve across times: the product of the pooled shares that survive each interval, all times"
    " together; squares: survival at each time pooled on its own. (few): fewer than 3 studies, or"
    " than half, give the interval."
)


def curve_panels(course: pd.DataFrame, table: pd.DataFrame) -> list[list[dict]]:
    """The points of each pooled curve in course.csv that is a result; the first of each holds as
    `beside` the rows of over_time.csv (`table`) of its outcome, arm and filter."""
    panels = []
    for name, group in course[course["primary"]].groupby("synthesis", sort=False):
        points = group.assign(include=group["include"].fillna("")).to_dict("records")
        alike = {key: points[0][key] for key in ("outcome", "arm", "include")}
        rows = table.assign(include=table["include"].fillna("")).to_dict("records")
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
