"""Where a printed number stands: its row of outcomes.csv, or of a file beside it.

Rows of all files have one number each, which code compares and sorts by; a person is told the file
and the row in it. Nothing differs where there is no file but outcomes.csv.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from livingmeta import tables

FILE = "data/raw/extraction/outcomes.csv"
# Columns of a row of another file: that file, and the row in it.
OF_FILE = ("in_file", "in_row")


class Place(int):
    """The number of a row over all files, which prints as a person finds it: `7`, or `4 of
    outcomes-kim.csv`. It is an integer in all else."""

    shown: str
    file: str

    def __new__(cls, number: int, shown: str = "", file: str = FILE) -> Place:
        made = super().__new__(cls, number)
        made.shown, made.file = shown or int.__repr__(made), file
        return made

    def __str__(self) -> str:
        return self.shown

    def __format__(self, form: str) -> str:
        return format(self.shown, form)


class Where(NamedTuple):
    """Rows as the list of what waits names them: the file of the first, and all of them, those of
    other files with the name of theirs."""

    file: str
    rows: str


def of(record: Mapping[Any, Any]) -> Place:
    """The place of a row of results/extraction/outcomes.csv; -1 where it has no number."""
    number = tables.text(record.get("row"))
    file, row = (tables.text(record.get(name)) for name in OF_FILE)
    shown = f"{row} of {PurePosixPath(file).name}" if file else ""
    return Place(int(float(number)) if number else -1, shown, file or FILE)


def file_of(record: Mapping[Any, Any]) -> str:
    """The file that a row stands in."""
    return tables.text(record.get("in_file")) or FILE


def row_in_file(record: Mapping[Any, Any]) -> int:
    """The row in that file."""
    return int(float(tables.text(record.get("in_row")) or tables.text(record["row"])))


def together(records: Iterable[Mapping[Any, Any]]) -> Where:
    """Where some rows stand, each once."""
    records = list(records)
    file = file_of(records[0]) if records else FILE
    shown = [str(row_in_file(record)) for record in records]
    others = [PurePosixPath(file_of(r)).name * (file_of(r) != file) for r in records]
    rows = [f"{row} of {name}" if name else row for row, name in zip(shown, others, strict=True)]
    return Where(file, ", ".join(dict.fromkeys(rows)))


def named(record: Mapping[Any, Any]) -> str:
    """`data/raw/extraction/outcomes.csv, row 7`."""
    return f"{file_of(record)}, row {row_in_file(record)}"
