"""Rows of outcomes.csv in words, where they are told apart."""

from collections.abc import Iterable, Mapping
from typing import Any


def qualified(row: Mapping[str, Any], names: Iterable[str]) -> str:
    """What a row says of its number in the columns `names`: `[adjusted: no, part: not said]`."""
    said = []
    for name in names:
        told = row.get(name)
        told = "" if told is None or told != told else told
        shown = f"{told:g}" if isinstance(told, float) else str(told)
        said.append(f"{name}: {shown or 'not said'}")
    return f"[{', '.join(said)}]"


def said_as(row: Mapping[str, Any]) -> str:
    """In what words a row says what it is of: `odds ratio (death)`."""
    event = f" ({row['event']})" if row.get("event") else ""
    return row["statistic"].replace("-", " ") + event
