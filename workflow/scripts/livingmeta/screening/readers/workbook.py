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
# A DOI, or a cell that is a PMID.
_NAME = re.compile(r"\b10\.\d{4,9}/\S|^(?:PMID:? *)?[1-4]?\d{7}$", re.IGNORECASE)
_MOST = 1_000_000_000  # bytes of a sheet: what unpacks to more is no export


class SheetError(InputError):
    """What calls itself an Excel file is none, or holds records on several sheets."""


def text(data: bytes) -> str:
    """The sheet that names columns of an export, as CSV; empty where none does.

    An empty row stays a line, so that a line's number is its row's. Raises SheetError where several
    such sheets hold rows: one file is one export.
    """
    found: list[str] = []
    heads: list[str] = []
    unnamed: list[str] = []
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
                elif told := _records_without_names(lines):
                    unnamed.append(told)
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, IndexError, SheetError):
        return ""
    if len(found) > 1:
        raise SheetError(f"{len(found)} sheets hold records; save each as a CSV UTF-8 of its own")
    if found and unnamed:
        raise SheetError(
            f"one sheet is read, and another holds records too, {unnamed[0]}, and no header that "
            "names a title; give it one and save each sheet as a CSV UTF-8 of its own, or take it "
            "out"
        )
    return next(iter([*found, *heads]), "")


def _records_without_names(lines: list[str]) -> str:
    """Where the records of a sheet without a known header stand, in words; empty where none do."""
    rows = []
    for number, cells in enumerate(csv.reader(lines), 1):
        filled = [cell.strip() for cell in cells if cell.strip()]
        titled = any(len(cell) > 20 and " " in cell for cell in filled)
        if titled and len(filled) > 2 and any(_NAME.search(cell) for cell in filled):
            rows.append(number)
    # ASSUME: one such row alone may be a note that cites a paper.
    return f"{len(rows)} from row {rows[0]} on" if len(rows) > 1 else ""


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
