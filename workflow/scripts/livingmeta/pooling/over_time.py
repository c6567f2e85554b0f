"""Survival at several times: syntheses of one arm that differ in time only, put in a row.

Each time point is a synthesis of its own. They share patients, so their errors go together, and
not every study prints every time, so the studies behind two points may differ: that is how pooled
survival can rise with time, which no survival does. It is checked and said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.effect_measures import MEASURES
from livingmeta.plan import Outcome, Synthesis
from livingmeta.words import guard_rails

COLUMNS = tables.columns("pooling/over_time")
# Survival of a study whose patients had to be treated as all followed to that time.
COMPLETE = ("S4", "S5")
RISES = "survival-rises"  # the guard rail


def over_time(
    pooled: pd.DataFrame,
    effects: pd.DataFrame,
    syntheses: Mapping[str, Synthesis],
    outcomes: Mapping[str, Outcome],
) -> tuple[pd.DataFrame, list[dict]]:
    """Rows of over_time.csv and, where survival rises, rows of decisions.csv.

    `syntheses` and `outcomes` of the protocol, by name. A group
    has the same outcome, arm and filter and at least two times with a result. `estimate` and its
    limits are proportions; `complete` counts the studies taken as followed to that time (route S4).
    """
    groups: dict[tuple, dict[float, str]] = {}
    for name, s in syntheses.items():
        survival = outcomes[s.outcome].kind == "survival"
        share = MEASURES[s.measure].kind == "proportion"
        if not (survival and share and s.time_or_nan > 0):
            continue
        key = (s.outcome, s.arms[0], json.dumps(s.include, sort_keys=True))
        result = pooled[
            (pooled["synthesis"] == name) & pooled["primary"] & (pooled["subgroup"] == "")
        ]
        if len(result) and result["display_estimate"].notna().all():
            groups.setdefault(key, {}).setdefault(s.time_or_nan, name)
    rows: list[dict] = []
    decisions: list[dict] = []
    for (outcome, arm, include), points in groups.items():
        if len(points) < 2:
            continue
        here = [
            {
                "group": f"{outcome}, {arm}{_words(include)}",
                "outcome": outcome,
                "arm": arm,
                "include": _words(include).removeprefix(", "),
                **_point(points[time], pooled, effects),
                "time": time,
                "rises": False,
                "note": "",
            }
            for time in sorted(points)
        ]
        for before, after in pairwise(here):
            if after["estimate"] > before["estimate"]:
                after["rises"] = True
                rise = _rise(before, after, effects)
                after["note"] = guard_rails.phrase(RISES, rise).because
                decisions.append(_decision(after, rise, pooled))
        rows += here
    return pd.DataFrame(rows, columns=list(COLUMNS)), decisions


def in_words(filters: Mapping[str, Any]) -> str:
    """A filter of studies as the column `include` has it."""
    return _words(json.dumps(filters, sort_keys=True)).removeprefix(", ")


def _words(include: str) -> str:
    filters = json.loads(include)
    return "".join(
        f", {column} {' or '.join(map(str, values))}" for column, values in filters.items()
    )


def _point(name: str, pooled: pd.DataFrame, effects: pd.DataFrame) -> dict:
    row = pooled[
        (pooled["synthesis"] == name) & pooled["primary"] & (pooled["subgroup"] == "")
    ].iloc[0]
    routes = effects.loc[effects["synthesis"] == name, "route"]
    return {
        "synthesis": name,
        "k": int(row["k"]),
        "n": row["n"],
        "complete": int(routes.isin(COMPLETE).sum()),
        "estimate": row["display_estimate"],
        "ci_low": row["display_ci_low"],
        "ci_high": row["display_ci_high"],
    }


def _rise(before: dict, after: dict, effects: pd.DataFrame) -> dict:
    """The parameters of the guard rail RISES."""
    first, second = (
        set(effects.loc[effects["synthesis"] == point["synthesis"], "study_id"])
        for point in (before, after)
    )
    return {
        "before": float(before["estimate"]),
        "before_time": float(before["time"]),
        "before_k": len(first),
        "after": float(after["estimate"]),
        "after_time": float(after["time"]),
        "after_k": len(second),
        "both_k": len(first & second),
    }


def _decision(point: dict, rise: dict, pooled: pd.DataFrame) -> dict:
    rows = pooled[(pooled["synthesis"] == point["synthesis"]) & pooled["primary"]]
    return {
        "synthesis": point["synthesis"],
        "model": rows["model"].iloc[0],
        "subgroup": "",
        "rule": RISES,
        "parameters": json.dumps(rise, sort_keys=True),
    }
