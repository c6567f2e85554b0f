"""One thing in the extracted data that does not fit."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from livingmeta.as_dicts import as_dicts


class Problem(NamedTuple):
    """`rows` of outcomes.csv; `value` as found; `expected` what the other numbers imply."""

    severity: str
    rows: tuple[int, ...]
    check: str
    message: str
    value: str
    expected: str


def each(table: pd.DataFrame) -> list[tuple[str, Problem]]:
    """The problems of problems.csv in its order, each with the study it is of; `rows` are the
    printed rows that clash."""
    studies: dict[str, str] = {}
    found: dict[str, Problem] = {}
    for row in as_dicts(table):
        key, rows = row["problem_id"], () if pd.isna(row["row"]) else (int(row["row"]),)
        studies[key] = row["study_id"]
        if key in found:
            found[key] = found[key]._replace(rows=found[key].rows + rows)
        else:
            said = (row[part] for part in ("check", "message", "value", "expected"))
            found[key] = Problem(row["severity"], rows, *said)
    return [(studies[key], problem) for key, problem in found.items()]
