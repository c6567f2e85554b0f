"""Survival over time, for the page: the one-arm syntheses put together by outcome and studies."""

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.figures.on_screen import Picture
from livingmeta.plan import Protocol
from livingmeta.words import english
from livingmeta.words.numbers import Numbers, show
from livingmeta.words.sentences import with_numbers


def section(
    asked: Protocol,
    curves: list[dict],
    tables: dict[str, pd.DataFrame],
    drawn: dict[str, Picture],
    numbers: Numbers,
) -> dict | None:
    """Rows of over_time.csv with their numbers registered, the pooled curves and the figure;
    None without either.

    `curves`: as pooled_curves.curves. `tables`: by name, display scale. `drawn`: figures by name.
    """
    table = tables["over_time"]
    if not len(table) and not curves:
        return None
    rows = []
    for row in as_dicts(table):
        name = row["synthesis"]
        key = f"over-time/{name}"
        parents = [f"{name}/k"]
        pair = (row["ci_low"], row["ci_high"])
        what = f"survival at {show(row['time'], 'time-point')}"
        numbers.add(f"{key}/estimate", row["estimate"], "proportion", "", parents, what)
        numbers.add(f"{key}/ci", pair, "proportion", "", parents, f"{what}, interval")
        numbers.add(f"{key}/k", row["k"], "count", "studies", parents, "studies")
        complete = "studies counted as complete to that time"
        numbers.add(f"{key}/complete", row["complete"], "count", "studies", parents, complete)
        numbers.add(f"{key}/n", row["n"], "count", "patients", parents, "patients")
        unit = asked.time_unit
        numbers.add(f"{key}/time", row["time"], "time-point", unit, [f"{name}/time"], "time")
        title = asked.syntheses[name].title
        note = english.full_stop(row["note"]) if row["rises"] else row["note"]
        more = {
            "note": with_numbers(numbers, f"{key}/note", note, parents),
            "rises": bool(row["rises"]),
        }
        rows.append({"id": name, "title": title, "key": key} | more)
    return {"rows": rows, "curves": curves, "drawn": drawn.get("over_time")}
