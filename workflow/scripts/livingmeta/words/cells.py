"""Rows of outcomes.csv in words, where they are told apart."""

from collections.abc import Iterable, Mapping
from typing import Any

from livingmeta.words import settling


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


def cell(row: dict[str, Any], *, further: bool = True) -> str:
    """A cell of outcomes.csv in words: `survival of local on os at 24 (adjusted: matched)`; empty
    text in `row` for what is not said. `further`: with what only some of its rows may say."""
    words = f"{row['statistic']} of {row['arm']} on {row['outcome']}"
    if not further:
        return words
    written = row.get("time_as_written") or ""
    at = f" at {written or format(row['time'], 'g')}" if row.get("time", "") != "" else ""
    more = [f"{name}: {row[name]}" for name in settling.CELL_FURTHER if row.get(name)]
    return words + at + (f" ({', '.join(more)})" if more else "")


def twice(message: str) -> str:
    """What is said of an arm that stands in two studies, where neither says how it counts."""
    return f"{message.partition('?')[0]}? Its patients count in each"


def beside(value: str, expected: str) -> str:
    """` (found 38.3%, expected 38.06%)`, of what there is."""
    parts = [f"{lead} {text}" for lead, text in (("found", value), ("expected", expected)) if text]
    return f" ({', '.join(parts)})" if parts else ""
