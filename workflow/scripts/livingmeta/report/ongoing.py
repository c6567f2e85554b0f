"""Ongoing studies: trials whose registration counts or may count, without a report known."""

from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.report import inline, table_numbers
from livingmeta.words.numbers import Numbers, missing

# Where the registration stands, in words.
STATES = {
    "included": "included",
    "undecided": "awaits a decision",
    "unsure": "awaits a decision",
    "conflict": "awaits a decision",
    "not-retrieved": "not retrieved",
}


def section(tables: dict[str, pd.DataFrame], numbers: Numbers) -> list[dict[str, Any]]:
    """The rows of the table, [] without one; their number is registered as `ongoing`."""
    table = tables["trials"]
    rows = as_dicts(table[table["ongoing"].astype(bool)]) if len(table) else []
    if rows:
        source = [table_numbers.SEARCHES, table_numbers.DECISIONS]
        what = "registrations that are not excluded and to which no report is known"
        numbers.add("ongoing", len(rows), "count", "", source, what)
    urls = dict(zip(tables["records"]["record_id"], tables["records"]["url"], strict=True))
    found = []
    for row in rows:
        said: dict[str, Any] = {
            str(column): "" if missing(value) else str(value) for column, value in row.items()
        }
        url = urls.get(said["record_id"], "")
        address = inline.record_address(said["record_id"], "" if missing(url) else url)
        found.append(
            said
            | {"address": address, "stands": STATES[said["state"]]}
            | {"names": " ".join(filter(None, (said["number"], said["others"])))}
        )
    return found
