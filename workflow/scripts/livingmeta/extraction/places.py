"""Where a printed number stands: its row of outcomes.csv, or a row or cell of a file beside it.

Rows of all files have one number each, which code compares and sorts by; a person is told the file
and the row or cell in it. Nothing differs where there is no file but outcomes.csv.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import pandas as pd

from livingmeta import errors, tables
from livingmeta.errors import Fault
from livingmeta.words import settling

FILE = settling.OUTCOMES
# Columns of a row of another file: that file, and the row in it, or the cell of a workbook.
OF_FILE = ("in_file", "in_row")


class Place(int):
    """The number of a row over all files, which prints as a person finds it: `7`, `4 of
    outcomes-kim.csv`, or `Binary!D5` of the workbook. It is an integer in all else."""

    shown: str
    file: str
    inside: str  # the row or cell in another file than outcomes.csv

    def __new__(cls, number: int, shown: str = "", file: str = FILE, inside: str = "") -> Place:
        made = super().__new__(cls, number)
        made.shown, made.file = shown or int.__repr__(made), file
        made.inside = inside
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
    file, inside = (tables.text(record.get(name)) for name in OF_FILE)
    named = "" if file == settling.WORKBOOK else f" of {PurePosixPath(file).name}"
    shown = f"{inside}{named}" if file else ""
    return Place(int(float(number)) if number else -1, shown, file or FILE, inside)


def file_of(record: Mapping[Any, Any], own: str = FILE) -> str:
    """The file that a row stands in; `own`: the table whose rows name none."""
    return tables.text(record.get("in_file")) or own


def row_in_file(record: Mapping[Any, Any]) -> int | str:
    """The row in that file, or the cell of a workbook."""
    found = tables.text(record.get("in_row")) or tables.text(record["row"])
    return int(found) if found.isdigit() else found


def together(records: Iterable[Mapping[Any, Any]]) -> Where:
    """Where some rows stand, each once."""
    records = list(records)
    file = file_of(records[0]) if records else FILE
    shown = [str(row_in_file(record)) for record in records]
    others = [PurePosixPath(file_of(r)).name * (file_of(r) != file) for r in records]
    rows = [f"{row} of {name}" if name else row for row, name in zip(shown, others, strict=True)]
    return Where(file, ", ".join(dict.fromkeys(rows)))


def beside_name(record: Mapping[Any, Any], own: str) -> str:
    """`row 7 of studies-kim.csv`, or `Studies!B4 of extraction.xlsx`, by names without folders."""
    at = row_in_file(record)
    name = PurePosixPath(file_of(record, own)).name
    return f"{'row ' * isinstance(at, int)}{at} of {name}"


def within(records: Iterable[Mapping[Any, Any]], own: str) -> str:
    """The rows of some records, file by file, those of another than `own` with its name: `2-4, 5 of
    risk_of_bias-kim.csv`."""
    of: dict[str, list[int | str]] = {}
    for record in records:
        of.setdefault(file_of(record, own), []).append(row_in_file(record))
    told = {file: errors.rows_in_words(rows).split(" ", 1)[1] for file, rows in of.items()}
    return ", ".join(
        rows if file == own else f"{rows} of {PurePosixPath(file).name}"
        for file, rows in told.items()
    )


def files(records: Iterable[Mapping[Any, Any]]) -> list[str]:
    """The files that some rows stand in, each once; outcomes.csv where there are none."""
    return list(dict.fromkeys(map(file_of, records))) or [FILE]


def named(record: Mapping[Any, Any], own: str = FILE) -> str:
    """`data/raw/extraction/outcomes.csv, row 7`, or `data/raw/extraction/extraction.xlsx, cell
    Binary!D5`; `own`: the table whose rows name no file."""
    return f"{file_of(record, own)}, {inside(record)}"


def inside(record: Mapping[Any, Any]) -> str:
    """`row 7`, or `cell Binary!D5`: where in its file a row stands."""
    at = row_in_file(record)
    return f"{'row' if isinstance(at, int) else 'cell'} {at}"


Faulty = tuple[str, Fault]  # a fault, and the file it is in


def faulty(
    record: Mapping[Any, Any], column: str, value: str, wrong: str, own: str = FILE
) -> Faulty:
    """What is wrong with a cell of a row; `own`: the table whose rows name no file."""
    return file_of(record, own), Fault(row_in_file(record), column, value, wrong)


def sentences(faults: Iterable[Faulty]) -> list[str]:
    """Each kind of fault of each file once, file by file."""
    of: dict[str, list[Fault]] = {}
    for file, fault in faults:
        of.setdefault(file, []).append(fault)
    return [sentence for file, some in of.items() for sentence in errors.sentences(file, some)]


def beside(table: pd.DataFrame, printed: pd.DataFrame) -> pd.DataFrame:
    """A table whose column `row` names rows of `printed`, with OF_FILE of these; as it is where
    there is no file but outcomes.csv."""
    if not {*OF_FILE} <= {*printed.columns}:
        return table
    of_row = printed.set_index("row")[list(OF_FILE)].to_dict("index")
    found = [of_row.get(number, {}) for number in table["row"]]
    return table.assign(**{name: [one.get(name, "") for one in found] for name in OF_FILE})
