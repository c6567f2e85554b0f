"""An Excel file (.xlsx) to the text of a table, a row on each line.

Only the cells as they stand: a formula by the value that was kept, a date as Excel's number.
Nothing outside the file is ever opened.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

from livingmeta.errors import InputError
from livingmeta.screening.readers import delimited

_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml$")
_MOST = 1_000_000_000  # bytes of a sheet: what unpacks to more is no export


class SheetError(InputError):
    """What calls itself an Excel file is none, or holds records on several sheets."""


def text(data: bytes) -> str:
    """The sheet that names columns of an export, as CSV; empty where none does.

    An empty row stays a line, so that a line's number is its row's. Raises SheetError where several
    such sheets hold rows, one file being one export, and where another sheet has rows that look
    like records below no head that names a title.
    """
    found: list[str] = []
    heads: list[str] = []
    headless: list[str] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name for name in archive.namelist() if _SHEET.match(name)]
            if sum(info.file_size for info in archive.infolist()) > _MOST:
                return ""
            shared = _shared(archive)
            for name in sorted(names, key=lambda name: int(_SHEET.match(name)[1])):  # type: ignore[index]
                lines = list(_lines(archive.read(name), shared))
                if delimited.header_of(lines):
                    filled = sum(any(c not in ',"' for c in line) for line in lines)
                    (found if filled > 1 else heads).append("\n".join(lines))
                elif rows := _like_records(lines):
                    headless.append(f"{_SHEET.match(name)[1]} ({rows})")  # type: ignore[index]
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, IndexError, SheetError):
        return ""
    if len(found) > 1:
        raise SheetError(f"{len(found)} sheets hold records; save each as a CSV UTF-8 of its own")
    if found and headless:
        raise SheetError(
            f"beside the sheet that names a title, rows that look like records stand on sheet "
            f"{' and '.join(headless)} without a head that names their columns; give it one "
            "(Title, Authors, Year, DOI, PMID), and save each sheet as a CSV UTF-8 of its own"
        )
    return next(iter([*found, *heads]), "")


# ASSUME: a row with a DOI in a cell, or with a long text and a year in cells, is a record; the
# rows of a search strategy, a legend or a log have neither.
_DOI = re.compile(r"\s*(?:doi:?\s*|https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+\s*", re.IGNORECASE)
_QUERY = re.compile(
    r"\b(?:AND|OR|NOT)\b|/exp\b|\bexp \w|\[(?:tiab|mesh|MeSH|tw|all)|\.(?:mp|ti|ab|tw)\b"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_TITLE = 20  # letters


def _like_records(lines: list[str]) -> str:
    """Which rows of a sheet look like records, in words; "" for none."""
    rows = [(n, cells) for n, cells in enumerate(csv.reader(lines), 1) if _like_a_record(cells)]
    # One row alone may be a note that cites a paper, unless it has the cells of a record.
    if not rows or (len(rows) == 1 and not any(map(_DOI.fullmatch, rows[0][1]))):
        return ""
    if len(rows) == 1 and sum(map(bool, rows[0][1])) < 4:
        return ""
    return f"{len(rows)} from row {rows[0][0]} on"


def _like_a_record(cells: list[str]) -> bool:
    if any(_DOI.fullmatch(cell) for cell in cells):
        return True
    if any(_QUERY.search(cell) for cell in cells):
        return False
    long = any(len(cell) >= _TITLE and len(cell.split()) >= 4 for cell in cells)
    return long and sum(map(bool, cells)) >= 4 and any(_YEAR.fullmatch(c.strip()) for c in cells)


def _parsed(content: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in content[:1000]:  # no sheet has one; nothing declared is expanded
        raise SheetError("a document type")
    return ElementTree.fromstring(content)


def _shared(archive: zipfile.ZipFile) -> list[str]:
    """The texts that cells name by number."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    root = _parsed(archive.read("xl/sharedStrings.xml"))
    return [_text(item) for item in root.iter(f"{_SPACE}si")]


def _text(item: ElementTree.Element) -> str:
    """The text of a cell, without the reading aids that Japanese sheets put beside it."""
    runs = [*item.findall(f"{_SPACE}t"), *item.findall(f"{_SPACE}r/{_SPACE}t")]
    return "".join(run.text or "" for run in runs)


def _lines(content: bytes, shared: list[str]) -> Iterator[str]:
    at = 1
    for row in _parsed(content).iter(f"{_SPACE}row"):
        number = _whole(row.get("r", str(at)))
        for _ in range(at, number):
            yield ""
        cells: list[str] = []
        for cell in row.iter(f"{_SPACE}c"):
            column = _column(cell.get("r", ""), len(cells))
            cells += [""] * (column - len(cells))
            cells.append(_value(cell, shared))
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(cells)
        yield out.getvalue()
        at = number + 1


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SheetError(f"'{text}' is no number of a row or text") from None


def _column(place: str, following: int) -> int:
    """The 0-based column of `AB12`."""
    letters = re.match(r"[A-Z]{1,3}", place)
    if not letters:
        return following
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _value(cell: ElementTree.Element, shared: list[str]) -> str:
    inline = cell.find(f"{_SPACE}is")
    if inline is not None:
        value = _text(inline)
    else:
        value = cell.findtext(f"{_SPACE}v") or ""
        if cell.get("t") == "s":
            value = shared[_whole(value)]
        elif cell.get("t", "n") == "n":
            value = value.removesuffix(".0")
    return " ".join(value.split("\n")).replace("\r", " ")
