"""Digitised curves with the numbers at risk of outcomes.csv: rebuilt, or refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from livingmeta.extraction.clicks import CurveError
from livingmeta.extraction.curves import Curve, rebuild

Key = tuple[str, str, str]


def key(path: str | Path) -> Key:
    """(study_id, arm, outcome) from a file named `<study_id>.<arm>.<outcome>.csv`.

    Raises CurveError for another name. A study_id may hold dots, arms and outcomes may not.
    """
    parts = Path(path).name.removesuffix(".csv").rsplit(".", 2)
    if len(parts) != 3 or not all(parts):
        raise CurveError(f"{path}: a curve's file is named <study_id>.<arm>.<outcome>.csv")
    return parts[0], parts[1], parts[2]


def rebuild_all(
    clicks: Mapping[Key, pd.DataFrame], outcomes: pd.DataFrame
) -> tuple[dict[Key, Curve], pd.DataFrame]:
    """All curves that can be rebuilt, and the others as rows of problems.csv.

    `clicks`: `time, survival` of each curve (protocol's time unit, proportions); `outcomes`:
    results/extraction/outcomes.csv, whose `at-risk` and `events` rows belong to the curves. An arm
    without numbers at risk takes the n of its other rows at time 0 and is graded low.
    """
    curves: dict[Key, Curve] = {}
    refused = []
    for (study, arm, outcome), table in clicks.items():
        rows = outcomes[
            (outcomes["study_id"] == study)
            & (outcomes["arm"] == arm)
            & (outcomes["outcome"] == outcome)
        ]
        try:
            times, at_risk = _numbers_at_risk(rows)
            curves[study, arm, outcome] = rebuild(
                table["time"], table["survival"], times, at_risk, _total_events(rows)
            )
        except CurveError as error:
            refused.append(
                {
                    "severity": "error",
                    "study_id": study,
                    "row": "",
                    "check": "curve",
                    "message": f"{study}.{arm}.{outcome}.csv: {error}",
                    "value": "",
                    "expected": "",
                }
            )
    columns = ["severity", "study_id", "row", "check", "message", "value", "expected"]
    return curves, pd.DataFrame(refused, columns=columns, dtype=object)


def _numbers_at_risk(rows: pd.DataFrame) -> tuple[list[float], list[float]]:
    printed = rows[(rows["statistic"] == "at-risk") & rows["time"].notna() & rows["value"].notna()]
    times, numbers = printed["time"].tolist(), printed["value"].tolist()
    if 0 not in times:
        sizes = rows.loc[rows["statistic"] != "at-risk", "n"].dropna()
        if sizes.empty:
            raise CurveError("no number of patients at the start: an at-risk row at time 0 or n")
        times, numbers = [0.0, *times], [float(sizes.iloc[0]), *numbers]
    return times, numbers


def _total_events(rows: pd.DataFrame) -> int | None:
    """Deaths over the whole follow-up: an `events` row without a time."""
    total = rows[(rows["statistic"] == "events") & rows["time"].isna() & rows["value"].notna()]
    return None if total.empty else int(total["value"].iloc[0])
