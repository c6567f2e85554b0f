"""Searches and strategies as PRISMA-S asks for them (Rethlefsen et al. 2021, Syst Rev 10:39), and
what they may have missed."""

from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.report import table_numbers
from livingmeta.words import exports
from livingmeta.words.english import date, listed
from livingmeta.words.numbers import Numbers, missing

OWES = "owes"  # the one column of the table that screening/searches.csv does not have
COLUMNS = [name for name in tables.columns("report/prisma_s") if name != OWES]
# What an empty cell leaves open, by the number of the item.
ASKED = {
    "platform": ("1", "platform"),
    "source": ("3 to 7", "kind of source"),
    "query": ("8", "query as run"),
    "limits": ("9", "limits"),
    "filters": ("10", "filters"),
    "adapted_from": ("11", "earlier strategies"),
    "searched_on": ("13", "day"),
    "peer_review": ("14", "peer review"),
    "hits": ("15", "hits"),
}

# What is counted of two databases (screening/missed_reports).
COUNTED = {
    "n_first": "included reports that the first found",
    "n_second": "included reports that the second found",
    "both": "included reports that both found",
    "elsewhere": "included reports that other sources alone found",
}


def table(searches: pd.DataFrame) -> pd.DataFrame:
    """The table results/package/prisma_s.csv (schema report/prisma_s), a row a search, by day and
    database; `searches`: screening/searches.csv."""
    found = searches.reindex(columns=COLUMNS, fill_value="")
    found[OWES] = [_owes(row) for row in as_dicts(found)]
    return found.sort_values(["searched_on", "database", "file"], ignore_index=True)


def _owes(row: dict) -> str:
    empty = [asked for column, asked in ASKED.items() if missing(row[column])]
    return "; ".join(f"{item} {what}" for item, what in empty)


def as_run(searches: pd.DataFrame) -> list[dict]:
    """Each strategy once: `file`, its `lines`, and in `told` which databases it was run on when."""
    found = []
    for file, rows in searches[searches["query"] != ""].groupby("strategy", sort=False):
        runs = [
            listed(dict.fromkeys(these["database"])) + (f" on {date(str(day))}" if day else "")
            for day, these in rows.groupby("searched_on")
        ]
        lines = [line for line in rows["query"].iloc[0].split("\n") if line.strip()]
        found.append({"file": file, "told": "; ".join(runs), "lines": lines})
    return found


def missed(table: pd.DataFrame, numbers: Numbers) -> dict[str, Any]:
    """How many relevant reports the searches missed, by pair of databases: `pairs` with their
    numbers registered under `key`, `unknown`, each (`of`) of which nothing can be said and `why`,
    and whether one pair alone is estimated (`single`).

    `table`: screening/missed_reports.csv.
    """
    found: list[dict[str, Any]] = []
    unknown: dict[str, list[str]] = {}
    source = [table_numbers.SEARCHES, table_numbers.DECISIONS]
    for i, row in enumerate(as_dicts(table)):
        names = [row["first"], row["second"]] if row["second"] else [row["first"]]
        if row["reason"]:
            unknown.setdefault(row["reason"], []).append(" and ".join(names))
            continue
        key, of = f"missed/{i}", f"of {listed(names)}"
        for column, what in COUNTED.items():
            numbers.add(f"{key}/{column}", row[column], "count", "reports", source, f"{what}, {of}")
        for name in ("", "missed"):
            what = f"{'reports that both missed' if name else 'relevant reports in all'}, {of}"
            limits = tuple(row[f"{name or 'ci'}_{end}"] for end in ("low", "high"))
            own = [f"{key}/{column}" for column in ("n_first", "n_second", "both")]
            value, at = row[name or "estimate"], f"{key}/{name or 'estimate'}"
            numbers.add(at, value, "count", "reports", own, f"{what} (estimate)")
            numbers.add(f"{at}-ci", limits, "count", "reports", own, f"{what}, 95% interval")
        found.append({"first": names[0], "second": names[1], "key": key})
    said = [
        {"of": "; ".join(names), "why": exports.NO_ESTIMATE[why]} for why, names in unknown.items()
    ]
    return {"pairs": found, "unknown": said, "single": len(found) == 1}
