"""What people brought of the extraction: the CSV files and the workbooks beside them, as one.

What two people fill in differently, each in files of their own, is no fault but to be settled.
"""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple

import pandas as pd

from livingmeta import spreadsheets, tables
from livingmeta.extraction import by_person, places, readings, studies, study_readings
from livingmeta.extraction.settled import LEAVE_OUT
from livingmeta.extraction.workbook import layout, read
from livingmeta.screening import dropped
from livingmeta.words import people as of_people
from livingmeta.words import settling

# Each table but that of printed numbers by its name among what rules read: its sheet and CSV file.
WHO = {layout.BIAS: "assessor"}  # the column that says whose a row is
KEYED = {
    "studies": (layout.STUDIES, settling.STUDIES),
    "risk_of_bias": (layout.BIAS, settling.RISK_OF_BIAS),
    "certainty": (layout.CERTAINTY, settling.CERTAINTY),
}


class Brought(NamedTuple):
    """Tables as `tables.read` gives those of their schemas. Where there is a workbook, OF_FILE say
    where each of its rows stands (places.named). `fields`: what several people have filled in of
    studies, and `readers` of studies who they are; none where there is one reading."""

    studies: pd.DataFrame
    outcomes: pd.DataFrame
    risk_of_bias: pd.DataFrame
    certainty: pd.DataFrame
    fields: Sequence[study_readings.Field] = ()
    readers: Sequence[str] = ()


def together(paths: Mapping[str, Sequence[str]], until: str = LEAVE_OUT) -> Brought:
    """All that stands in the CSV files and in the workbooks.

    `paths`: CSV files under `outcomes` and under the names of KEYED, and under `workbook` the
    workbooks; [] for what nobody brought. A file of `outcomes` may have the form of a sheet. What
    the name of a file says of who read it goes for its empty cells. Printed numbers are those of
    all files, what two say alike once; a study or a judgement is one row, and what one file leaves
    empty is filled from the others of the same person. Of studies that several people have read
    stands what study_readings.merge makes of it; `until`: as there.

    Raises TableError for all that cannot be read, and for a study or judgement of which two files
    of one person say different things.
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
    fields: list[study_readings.Field] = []
    readers: list[str] = []
    for name, (sheet, path) in KEYED.items():
        try:
            own = [p for p in paths.get(name, []) if of_nobody(name, p)]
            others = [p for p in paths.get(name, []) if p not in own]
            table = tables.brought(own, layout.TABLES[sheet])
            of_books = {book: held.rows.get(sheet, []) for book, held in books.items()}
            by = {book: "" if unnamed(book) else readings.named_for(book) for book in of_books}
            for part in by_person.read(others, layout.TABLES[sheet], WHO.get(sheet, "")):
                by[part.path], of_books[part.path] = part.by, _as_of_a_book(part, sheet)
                table.attrs["notes"] += part.rows.attrs["notes"]
            # One person however the name of a file is written, by the first of them.
            spelt: dict[str, str] = {}
            by = {book: spelt.setdefault(of_people.key(who), who) for book, who in by.items()}
            people = dict.fromkeys(by[book] for book, rows in of_books.items() if rows)
            if sheet != layout.STUDIES or not any(people):
                some = any(of_books.values())
                found[name] = _joined(table, of_books, sheet, path) if some else table
                continue
            parts = []
            for who in dict.fromkeys(["", *people]):
                first = table if who == "" else table.iloc[:0]
                mine = {book: rows for book, rows in of_books.items() if by[book] == who and rows}
                if len(first) or mine:
                    parts.append((who, _joined(first, mine, sheet, path)))
            found[name], fields, readers = study_readings.merge(parts, until)
            found[name].attrs["notes"] = table.attrs["notes"]
        except tables.TableError as error:
            problems += error.problems
    if problems:
        raise tables.TableError(problems)
    found["studies"] = studies.in_one_writing(found["studies"])
    return Brought(**found, fields=fields, readers=readers)


def _as_of_a_book(part: by_person.Part, sheet: str) -> list[dict[str, str]]:
    """The rows of a file named for a person as those of a workbook: text, and where each stands."""
    rows = texts(part.rows)
    for row, number in zip(rows, part.rows["row"], strict=True):
        row[read.AT] = str(number)
        if who := WHO.get(sheet):
            row[who] = row[who] or part.by
    return rows


def unnamed(path: str) -> bool:
    """Whether a file is of no extractor by its name: the table, the workbook, or one sheet of it
    saved as a table, outcomes-binary.csv."""
    name = spreadsheets.squeezed(readings.named_for(path))
    return name in {"", *map(spreadsheets.squeezed, layout.FORMS)}


def of_nobody(name: str, path: str) -> bool:
    """Whether a CSV file of a table is named for no person; `name`: as in paths of `together`."""
    return unnamed(path) if name == "outcomes" else PurePath(path).stem == name


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
