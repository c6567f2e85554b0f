"""Searches and strategies as PRISMA-S asks for them (Rethlefsen et al. 2021, Syst Rev 10:39)."""

import pandas as pd

from livingmeta import tables
from livingmeta.words.english import date, listed
from livingmeta.words.numbers import missing

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


def table(searches: pd.DataFrame) -> pd.DataFrame:
    """The table results/package/prisma_s.csv (schema report/prisma_s), a row a search, by day and
    database; `searches`: screening/searches.csv."""
    found = searches.reindex(columns=COLUMNS, fill_value="")
    found[OWES] = [_owes(row) for row in found.to_dict("records")]
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
