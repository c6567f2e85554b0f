"""The same evidence on other scales: of a thousand patients, as other ratios; how firm it is."""

import re
from collections.abc import Mapping

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.effect_measures import MEASURES
from livingmeta.words import english, measures
from livingmeta.words.numbers import Numbers, missing
from livingmeta.words.sentences import with_numbers

STANDARD = "standard value"  # baselines that nobody stated or observed
# Columns of the table of baselines: the scale in absolute.csv, and how it is printed.
COLUMNS = {
    "control-per-1000": "per-thousand",
    "per-1000": "per-thousand",
    "difference-per-1000": "per-thousand",
    **dict.fromkeys(measures.OTHER_RATIOS, "ratio"),
}
# What stands once for a synthesis, with its kind and words.
ALONE = {
    "RMST-difference": ("difference", "Difference of restricted mean survival"),
    "E-value": ("ratio", "E-value of the estimate"),
    "E-value-limit": ("ratio", "E-value of its limit"),
    "fragility": ("count", "Fragility: patients whose other outcome would undo the result"),
}


def section(
    numbers: Numbers,
    name: str,
    measure: str,
    rows: pd.DataFrame,
    parents: list[str],
    titles: Mapping[str, str],
) -> dict | None:
    """What the page says of a synthesis on other scales, or None where nothing leads there.

    `rows`: those of absolute.csv for the synthesis `name` of a `measure`, display scale; `parents`:
    ids of the numbers they were computed from; `titles`: of all syntheses, by key. `lead` is the
    first baseline that is no standard value.
    """
    groups: dict[tuple, dict] = {}
    alone = []
    for row in as_dicts(rows):
        if row["scale"] in ALONE:
            alone.append(_once(numbers, name, row, parents))
        elif row["scale"] in COLUMNS and not missing(row["baseline"]):
            key = (row["time"] if not missing(row["time"]) else None, row["baseline"])
            group = groups.setdefault(
                key, {"source": by_title(row["baseline_source"], titles), "cells": {}}
            )
            group["cells"][row["scale"]] = row
    behind = parents or [f"{name}/k"]
    listed = [
        _baseline(numbers, f"{name}/absolute/{_at(time, value, group)}", time, group, behind)
        for (time, value), group in groups.items()
    ]
    if not listed and not alone:
        return None
    lead = next((group for group in listed if group["stated"]), None)
    # A ratio is not shown as one of the others beside itself.
    others = [r for r in measures.OTHER_RATIOS if r != MEASURES[measure].estimand]
    ratios = [(ratio, measures.SCALES[ratio].short) for ratio in others]
    return {"lead": lead, "baselines": listed, "alone": alone, "ratios": ratios}


def _at(time: float | None, baseline: float, group: dict) -> str:
    """What ids call a baseline: the standard ones by their number of 1,000; else there is one of
    patients, or one at each time."""
    if group["source"] == STANDARD:
        return f"standard-{1000 * baseline:g}"
    return "patients" if time is None else f"patients-{time:g}"


def by_title(source: str, titles: Mapping[str, str]) -> str:
    """Where a baseline comes from, with another synthesis by its title."""
    return re.sub(
        r"(study of|studies of|synthesis) ([\w-]+)(?= together|,|$)",
        lambda found: f"{found[1]} “{titles.get(found[2], found[2])}”",
        source,
    )


def _baseline(
    numbers: Numbers, key: str, time: float | None, group: dict, parents: list[str]
) -> dict:
    cells = group["cells"]
    for scale, kind in COLUMNS.items():
        row = cells.get(scale, {})
        divide = 1000 if kind == "per-thousand" else 1
        value, low, high = (_over(row.get(part), divide) for part in ("estimate", "low", "high"))
        pair = None if low is None or high is None else (low, high)
        unit = "of 1,000" if divide == 1000 else ""
        what = f"{scale}, {group['source']}"
        numbers.add(f"{key}/{scale}/estimate", value, kind, unit, parents, what)
        numbers.add(f"{key}/{scale}/ci", pair, kind, unit, parents, f"{what}, interval")
    if time is not None:
        numbers.add(f"{key}/time", time, "time-point", "", parents, "time of the baseline")
    source = with_numbers(numbers, f"{key}/source", group["source"], parents)
    return {
        "key": key,
        "timed": time is not None,
        "stated": group["source"] != STANDARD,
        "source": source,
    }


def _once(numbers: Numbers, name: str, row: dict, parents: list[str]) -> dict:
    kind, label = ALONE[row["scale"]]
    key = f"{name}/absolute/{row['scale']}"
    low, high = _over(row["low"], 1), _over(row["high"], 1)
    pair = None if low is None or high is None else (low, high)
    numbers.add(f"{key}/estimate", _over(row["estimate"], 1), kind, "", parents, label)
    numbers.add(f"{key}/ci", pair, kind, "", parents, f"{label}, interval")
    note = english.full_stop(english.sentence(row["note"]))
    return {"key": key, "label": label, "note": with_numbers(numbers, f"{key}/note", note, parents)}


def _over(value, divide):
    return None if missing(value) else value / divide
