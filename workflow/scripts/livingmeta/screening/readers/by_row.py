"""Tables with a field on each line, its name first: Embase's "CSV, fields by row"."""

import csv
import re
from collections.abc import Iterator

from livingmeta.screening.readers import delimited


def is_one(lines: list[str]) -> bool:
    """Whether each line holds one field, its name first."""
    rows = [next(csv.reader([line]), []) for line in lines[:40] if line.strip()]
    names = [delimited.key(row[0]) if len(row) > 1 else "" for row in rows]
    known = [name for name in names if name in delimited.COLUMN_OF]
    return "title" in known and len(known) >= 3 and len(known) >= 0.3 * len(names)


_NAMED = re.compile(r'"[A-Z][A-Z ()]+","')


def split(lines: list[str]) -> Iterator[tuple[int, int, dict[str, list[str]]]]:
    """Records of a table with a field on each line: (first line, one past the last, our columns).

    An empty line, or a second title, begins a record. Where the line of the title holds several,
    each record is a column.
    """
    rows = [next(csv.reader([line])) for line in lines if line.strip()]
    titles = [row for row in rows if delimited.COLUMN_OF.get(delimited.key(row[0])) == "title"]
    if len(titles) == 1 and len(titles[0]) > 2:
        for at in range(1, len(titles[0])):
            record: dict[str, list[str]] = {}
            for row in rows:
                value = row[at] if at < len(row) else ""
                record.setdefault(delimited.COLUMN_OF.get(delimited.key(row[0]), ""), []).append(
                    value
                )
            yield 0, len(lines), record
        return
    start = at = 0
    record = {}
    while at < len(lines):
        stop, cells, closed = delimited.logical_row(lines, at, ",")
        if not closed or any(_NAMED.match(line) for line in lines[at + 1 : stop]):
            stop, cells = at + 1, next(csv.reader([lines[at]]), [])
        column = delimited.COLUMN_OF.get(delimited.key(cells[0]), "") if cells else ""
        if record and (not lines[at].strip() or (column == "title" and "title" in record)):
            yield start, at, record
            record = {}
        if lines[at].strip():
            start = start if record else at
            values = [cell for cell in cells[1:] if cell.strip()]
            record.setdefault(column, []).append("; ".join(values))
        at = stop
    if record:
        yield start, at, record
