"""What people brought of the extraction: the CSV files and the workbooks beside them, as one."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from livingmeta import spreadsheets, tables
from livingmeta.extraction import places, readings
from livingmeta.extraction.workbook import layout, read
from livingmeta.screening import dropped
from livingmeta.words import settling

# Each table but that of printed numbers by its name among what rules read: its sheet and CSV file.
KEYED = {
    "studies": (layout.STUDIES, settling.STUDIES),
    "risk_of_bias": (layout.BIAS, settling.RISK_OF_BIAS),
    "certainty": (layout.CERTAINTY, settling.CERTAINTY),
}


class Brought(NamedTuple):
    """Tables as `tables.read` gives those of their schemas. Where there is a workbook, OF_FILE say
    where each of its rows stands (places.named)."""

    studies: pd.DataFrame
    outcomes: pd.DataFrame
    risk_of_bias: pd.DataFrame
    certainty: pd.DataFrame


def together(paths: Mapping[str, Sequence[str]]) -> Brought:
    """All that stands in the CSV files and in the workbooks.

    `paths`: CSV files under `outcomes` and under the names of KEYED, and under `workbook` the
    workbooks; [] for what nobody brought. A file of `outcomes` may have the form of a sheet. What
    the name of a file says of who read it goes for its empty cells. Printed numbers are those of
    all files, what two say alike once; a study or a judgement is one row, and what one file leaves
    empty is filled from the others.

    Raises TableError for all that cannot be read, and for a study or judgement of which two files
    say different things.
    """
    problems: list[str] = []
    csv = paths.get("outcomes", [])
    wide = [path for path in csv if read.is_wide(path)]
    books: dict[str, read.Book] = {}
    for path in [*wide, *dropped.in_order(paths.get("workbook", []), "extraction")]:
        try:
            books[path] = read.read(path)
            _sign(books[path], path)
        except tables.TableError as error:
            problems += error.problems
    found: dict[str, pd.DataFrame] = {}
    try:
        forms = {path: _form(book, path) for path, book in books.items()}
        found["outcomes"] = readings.read([path for path in csv if path not in wide], forms)
    except tables.TableError as error:
        problems += error.problems
    for name, (sheet, path) in KEYED.items():
        try:
            table = tables.brought(paths.get(name, []), layout.TABLES[sheet])
            of_books = {book: held.rows.get(sheet, []) for book, held in books.items()}
            found[name] = _joined(table, of_books, sheet, path) if any(of_books.values()) else table
        except tables.TableError as error:
            problems += error.problems
    if problems:
        raise tables.TableError(problems)
    return Brought(**found)


def unnamed(path: str) -> bool:
    """Whether a file is of no extractor by its name: the table, the workbook, or one sheet of it
    saved as a table, outcomes-binary.csv."""
    name = spreadsheets.squeezed(readings.named_for(path))
    return name in {"", *map(spreadsheets.squeezed, layout.FORMS)}


def frame(rows: Sequence[Mapping[str, Any]], schema: str) -> pd.DataFrame:
    """Rows of text cells, which break no rule, as a table of a schema, numbered in `row` as though
    they stood below a first one."""
    contract = tables.schema(schema)
    further = dict.fromkeys(c for row in rows for c in row if c not in contract["columns"])
    columns = [column for column in (*contract["columns"], *further) if column != "row"]
    texts = {c: [row.get(c, "") for row in rows] for c in columns}
    table = tables.typed(pd.DataFrame(texts, columns=columns, dtype=object), contract)
    table["row"] = pd.array(range(2, len(rows) + 2), dtype="int64")
    table.attrs["notes"] = []
    return table


def texts(table: pd.DataFrame) -> list[dict[str, str]]:
    """The rows of a table as text cells, without where they stand."""
    columns = [column for column in table.columns if column not in ("row", *places.OF_FILE)]
    cells = {column: [tables.text(value) for value in table[column]] for column in columns}
    return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]


def _form(book: read.Book, path: str) -> readings.Form:
    """The printed numbers of a workbook; the notes on all of it go with them."""
    rows = book.rows.get(layout.OTHER, [])
    table = frame(rows, read.SCHEMA).drop(columns=read.AT, errors="ignore")
    table.attrs["notes"] = book.notes
    return readings.Form(table, [row[read.AT] for row in rows], unnamed(path))


def _sign(book: read.Book, path: str) -> None:
    """Whoever a file is named for is the assessor of the judgements in it that name none."""
    unsigned = [row for row in book.rows.get(layout.BIAS, []) if not row.get("assessor")]
    if unsigned and not unnamed(path):
        name = readings.extractor(path, "assessor")
        for row in unsigned:
            row["assessor"] = name


def _joined(
    csv: pd.DataFrame, books: Mapping[str, Sequence[Mapping[str, str]]], sheet: str, path: str
) -> pd.DataFrame:
    schema, key = layout.TABLES[sheet], layout.KEYS[sheet]
    found: list[dict[str, Any]] = [
        {**row, "row": n} for row, n in zip(texts(csv), csv["row"], strict=True)
    ]
    problems = []
    for book, rows in books.items():
        of = {tuple(str(row[name]) for name in key): row for row in reversed(found)}
        # As the types of their columns have them, so that 2 is 2.0.
        for said, row in zip(texts(frame(rows, schema)), rows, strict=True):
            number = found[-1]["row"] + 1 if found else 2
            own = {**said, "row": number, "in_file": book, "in_row": row[read.AT]}
            same = of.get(tuple(str(own[name]) for name in key))
            if same is None:
                found.append(own)
                continue
            for column, cell in own.items():
                if column in ("row", *places.OF_FILE) or not cell:
                    continue
                if same.get(column) and same[column] != cell:
                    named = ", ".join(str(own[name]) for name in key if own[name])
                    problems.append(
                        f"{places.named(own, path)}, column {column} of {named}: "
                        f"'{tables.shown(cell)}'; {places.named(same, path)}, says "
                        f"'{tables.shown(same[column])}'. Make them one, or empty one of them."
                    )
                same[column] = same.get(column) or cell
    if problems:
        raise tables.TableError(problems)
    table = frame(found, schema)
    table["row"] = pd.array([row["row"] for row in found], dtype="int64")
    table.attrs["notes"] = csv.attrs["notes"]
    return table
