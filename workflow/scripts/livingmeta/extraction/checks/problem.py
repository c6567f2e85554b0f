"""One thing in the extracted data that does not fit."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd


class Problem(NamedTuple):
    """`rows` of outcomes.csv; `value` as found; `expected` what the other numbers imply."""

    severity: str
    rows: tuple[int, ...]
    check: str
    message: str
    value: str
    expected: str


def each(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The problems of problems.csv, one dict each in the table's order: its columns, and in `rows`
    the numbers of the printed rows that clash, in theirs."""
    found: dict[str, dict[str, Any]] = {}
    for row in table.to_dict("records"):
        columns = {str(column): value for column, value in row.items()}
        problem = found.setdefault(row["problem_id"], columns | {"rows": []})
        if not pd.isna(row["row"]):
            problem["rows"].append(int(row["row"]))
    return list(found.values())
