"""The cells of an Excel file, or of a table of the form of one of its sheets, as text.

A cell comes as it is shown: 66.6% where Excel keeps 0.666. What cannot be read says why in `wrong`.
"""

import csv
import io
import re
import warnings
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from livingmeta import spreadsheets, tables

# ASSUME: no extraction is as large; what unpacks to more is no workbook of this form.
_MOST_BYTES, _MOST_CELLS = 60_000_000, 3_000_000
_MOST_ROWS, _MOST_COLUMNS = 99_999, 999
_FORMULA = re.compile(rb"<f[ />]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_QUOTED = re.compile(r'"[^"]*"|\\.')  # of the format of a number: text that is shown as it stands


class Cell(NamedTuple):
    """`text` as shown, a percentage without its sign and with `percent`; `number`: kept as one;
    `wrong`: why it cannot be taken, "" where it can; `day`: kept as a date."""

    text: str = ""
    percent: bool = False
    number: bool = False
    wrong: str = ""
    day: bool = False


class Grid(NamedTuple):
    """A sheet: its name, and by row and column (counted from 1) the cells that are not empty;
    `merged`: first and last row and column of joined cells; `hidden`, `hidden_columns`: rows and
    columns that are not shown; `unseen`: the whole sheet is not."""

    name: str
    cells: dict[int, dict[int, Cell]]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    unseen: bool = False


def of_workbook(path: Path) -> list[Grid]:
    """Every sheet of an Excel file, in its order.

    Raises TableError where it is none, or too large for an extraction.
    """
    return of_content(path.read_bytes(), path)


def of_content(content: bytes, path: Path) -> list[Grid]:
    """The same of the bytes of an Excel file; `path`: how messages name it."""
    formulas = _looked_at(path, content)
    sheets = _loaded(path, content, values=True)
    written = _loaded(path, content, values=False) if formulas else sheets
    return [_grid(path, sheet, written[sheet.title]) for sheet in sheets.worksheets]


def of_csv(path: Path) -> tuple[Grid, list[str]]:
    """A table as a sheet, and notes on how it was read; TableError where it is no text."""
    text, notes = tables.decode(path.read_bytes(), path)
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=lambda s: (first.count(s), s == ","))
    rows: dict[int, dict[int, Cell]] = {}
    reader = csv.reader(spreadsheets.lines(text), delimiter=separator, strict=True)
    line = 1
    try:
        for row in reader:
            read = {i: _of_text(cell) for i, cell in enumerate(row, 1) if cell.strip()}
            if read:
                rows[line] = read
            line = reader.line_num + 1
    except csv.Error as error:
        raise tables.TableError(
            [f"{path}, row {line}: {error}. A quotation mark is probably left open."]
        ) from error
    farthest = max((max(row) for row in rows.values()), default=0)
    _must_end(path, "", line, farthest)
    return Grid("", rows), notes


def _looked_at(path: Path, content: bytes) -> bool:
    """Whether a file has formulas; TableError where it is no Excel file that can be opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(info.file_size for info in archive.infolist())
            if size > _MOST_BYTES:
                raise tables.TableError(
                    [f"{path}: unpacks to {size:,} bytes; no extraction is as large."]
                )
            parts = {
                n: archive.read(n) for n in archive.namelist() if n.endswith((".xml", ".rels"))
            }
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise tables.TableError([f"{path}: {_NONE} ({error})."]) from error
    if odd := [name for name, part in parts.items() if b"<!DOCTYPE" in part[:1000]]:
        raise tables.TableError([f"{path}: {odd[0]} in it declares a document type; {_NONE}."])
    return any(_FORMULA.search(part) for n, part in parts.items() if "worksheets/" in n)


_NONE = "it cannot be read as an Excel workbook; save it as .xlsx once more"


def _loaded(path: Path, content: bytes, *, values: bool) -> Any:
    import openpyxl

    try:
        with warnings.catch_warnings():  # of decoration that it does not know
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(io.BytesIO(content), data_only=values, keep_links=False)
    except Exception as error:  # whatever a damaged file makes of the reader, the file is at fault
        raise tables.TableError([f"{path}: {_NONE} ({type(error).__name__})."]) from error


def _must_end(path: Path, sheet: str, rows: int, columns: int) -> None:
    """Raises TableError for a sheet that is larger than any extraction."""
    if rows > _MOST_ROWS or columns > _MOST_COLUMNS or rows * columns > _MOST_CELLS:
        of = f", sheet {sheet}" if sheet else ""
        last = f"{spreadsheets.letters(columns)}{rows}"
        cure = "Delete the empty rows and columns at its end."
        raise tables.TableError([f"{path}{of}: it reaches to cell {last}. {cure}"])


def _grid(path: Path, sheet: Any, written: Any) -> Grid:
    _must_end(path, sheet.title, sheet.max_row, sheet.max_column)
    found: dict[int, dict[int, Cell]] = {}
    for row in sheet.iter_rows():
        for cell in row:
            read = _cell(
                cell, written.cell(cell.row, cell.column) if written is not sheet else cell
            )
            if read.text and _struck(cell):
                read = read._replace(wrong=read.wrong or _STRUCK)
            if read.text or read.wrong:
                found.setdefault(cell.row, {})[cell.column] = read
    merged = tuple((r.min_row, r.max_row, r.min_col, r.max_col) for r in sheet.merged_cells.ranges)
    hidden = tuple(n for n in found if sheet.row_dimensions[n].hidden)
    filled = {column for cells in found.values() for column in cells}
    # Neighbours of one width share an entry, under the first of them.
    narrow = {
        column
        for of in sheet.column_dimensions.values()
        if of.hidden
        for column in range(of.min or 0, (of.max or 0) + 1)
    }
    unseen = sheet.sheet_state != "visible"
    return Grid(sheet.title, found, merged, hidden, tuple(sorted(filled & narrow)), unseen)


def _cell(cell: Any, written: Any) -> Cell:
    value = cell.value
    if value is None and getattr(written, "data_type", "") == "f":
        return Cell(wrong=_NO_VALUE)
    if value is None:
        return Cell()
    if isinstance(value, bool):
        return Cell("true" if value else "false")
    if isinstance(value, int | float):
        # As Excel shows it, to 15 digits: 0.1 + 0.2 is 0.3.
        number = Decimal(f"{value:.15g}")
        percent = "%" in _QUOTED.sub("", cell.number_format or "")
        return Cell(tables.text(float(number * 100 if percent else number)), percent, True)
    if isinstance(value, datetime | date | time):
        return Cell(_day(value), day=True)
    if cell.data_type == "e":
        return Cell(str(value), wrong="an error of the spreadsheet stands there instead of a value")
    return _of_text(str(value))


def _struck(cell: Any) -> bool:
    """Whether all of a cell is struck through, as people do with what no longer holds."""
    return bool(cell.has_style and cell.font and cell.font.strike)


_STRUCK = "it is struck through; delete it, or take the line away"
_NO_VALUE = (
    "a formula without the value it gives; open the file in Excel or LibreOffice and save it"
)


def _day(value: Any) -> str:
    if isinstance(value, datetime) and value.time() == time(0):
        value = value.date()
    return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()


def _of_text(text: str) -> Cell:
    return Cell(_CONTROL.sub(" ", text.replace("\r\n", "\n").replace("_x000D_", "")).strip())
