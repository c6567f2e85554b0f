"""A workbook as bytes: what it holds, with drop-downs, hints, and marks on what cannot be."""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from string import Template
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from livingmeta import spreadsheets, tables
from livingmeta.extraction.workbook import layout, marks
from livingmeta.extraction.workbook.fill import Content
from livingmeta.extraction.workbook.form import Wide
from livingmeta.extraction.workbook.layout import Field
from livingmeta.extraction.workbook.read import GUIDE, LISTS

TEMPLATE = tables.SCHEMAS.parent / "templates" / "workbook.txt"
_LINE = 95  # characters of the guide that fit into one line
_SPARE = 300  # rows below the last that lists, hints and marks hold for too
_WIDE, _NARROW = 36, 11  # widths of columns of words and of numbers
_WORDS = ("source", "quote", "note", "support", "reason", "records", "label")
_FIRST = ("study_id", "outcome", "time")  # what stands left of the arms
_NEXT = ("unit", "source", "quote", "extractor", "note")  # and right of them, before the rest
_HEAD = PatternFill("solid", fgColor="DDE5EE")
_ARMS = [PatternFill("solid", fgColor=c) for c in ("D5E8D4", "FFF2CC", "E1D5E7", "F8CECC")]
_MARK = PatternFill("solid", bgColor="FF9999")
_TITLE, _PROMPT = 32, 255  # characters of a hint, as Excel allows
_TEXT: Mapping[str, Any] = {"type": "string"}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SHEETS = {
    layout.OTHER: "Numbers that have no column on the sheets above: one a row, as in outcomes.csv.",
    layout.STUDIES: "One study a row. Reports without a study have a row with a name proposed.",
    layout.BIAS: "One judgement on one domain of one study a row.",
    layout.CERTAINTY: "How sure you are of each result (GRADE): one judgement a row.",
}


def book(
    held: Content,
    arms: Sequence[str],
    pairs: Sequence[str],
    lists: Mapping[str, list[str]],
    old: Path | None,
) -> bytes:
    """The Excel file.

    `held`: its rows; `arms`, `pairs`: those of the protocol, the latter as `first/second`, which
    have columns whether or not anything is filled in; `lists`: words to choose from, by column or
    by `sheet!column`, beside those of the schemas; `old`: a workbook whose further sheets go along.
    """
    made = load_workbook(old, keep_links=False) if old else Workbook()
    ours = {spreadsheets.squeezed(name) for name in (*layout.SHEETS, GUIDE, LISTS)}
    for sheet in list(made.worksheets):
        if not old or spreadsheets.squeezed(sheet.title) in ours:
            made.remove(sheet)
    places_ = iter(range(len(ours)))
    _guide(made.create_sheet(GUIDE, next(places_)), held.wide, pairs)
    words = _Lists(lists)
    for name, rows in held.wide.items():
        seen = list(dict.fromkeys(one.arm for wide in rows for one in wide.cells))
        own = dict.fromkeys([*arms, *(arm for arm in seen if "/" not in arm)])
        two = dict.fromkeys([*pairs, *(arm for arm in seen if "/" in arm)])
        _wide(made.create_sheet(name, next(places_)), rows, layout.fields(name, own, two), words)
    for name, table in held.tables.items():
        _table(made.create_sheet(name, next(places_)), table, words)
    words.write(made.create_sheet(LISTS))
    made.properties.creator, made.active = "livingmeta", 0
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


class _Lists:
    """Words to choose from, each list a column of a hidden sheet."""

    def __init__(self, lists: Mapping[str, list[str]]) -> None:
        self.given = lists
        self.columns: dict[tuple[str, ...], int] = {}

    def of(self, sheet: str, column: str, rule: Mapping[str, Any]) -> str:
        """The cells that hold what a column may hold, or "" where that is no closed list."""
        given = self.given.get(f"{sheet}!{column}") or self.given.get(column)
        found = tuple(given or map(str, rule.get("allowed", ())))
        if not found:
            return ""
        at = self.columns.setdefault(found, len(self.columns) + 1)
        letter = spreadsheets.letters(at)
        return f"{LISTS}!${letter}$1:${letter}${len(found)}"

    def write(self, sheet: Worksheet) -> None:
        for found, at in self.columns.items():
            for row, word in enumerate(found, 1):
                _put(sheet, row, at, word)
        sheet.sheet_state = "hidden"


def _guide(sheet: Worksheet, wide: Iterable[str], pairs: Sequence[str]) -> None:
    forms = [(name, layout.FORMS[name].meaning) for name in wide]
    sheets = "\n".join(f"{name}: {what}" for name, what in [*forms, *_SHEETS.items()])
    pair = next(iter(pairs), "first/second")
    arm = pair.partition("/")[0]
    text = Template(TEMPLATE.read_text(encoding="utf-8"))
    for line in text.substitute(sheets=sheets, arm=arm, pair=pair).splitlines():
        sheet.append([line.removeprefix("# ")])
        cell = sheet.cell(sheet.max_row, 1)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[cell.row].height = 16 * (1 + len(line) // _LINE)
        cell.font = Font(bold=line.startswith("#"), size=12 if line.startswith("#") else 11)
    sheet.column_dimensions["A"].width = 110


def _wide(sheet: Worksheet, rows: list[Wide], fields: list[Field], words: _Lists) -> None:
    needed = dict.fromkeys(one for wide in rows for one, cell in wide.cells.items() if cell)
    fields = _in_order(fields, [one for one in needed if one not in fields])
    once = [c for c in dict.fromkeys((*_NEXT, *layout.ONCE)) if c not in _FIRST]
    further = dict.fromkeys(c for wide in rows for c in wide.once if c not in layout.ONCE)
    columns: list[str | Field] = [*_FIRST, *fields, *once, *further]
    arms = list(dict.fromkeys(one.arm for one in fields))
    tints = {arm: _ARMS[i % len(_ARMS)] for i, arm in enumerate(arms)}
    heads = [tints[c.arm] if isinstance(c, Field) else _HEAD for c in columns]
    cells = [
        [one.cells.get(c, "") if isinstance(c, Field) else one.once.get(c, "") for c in columns]
        for one in rows
    ]
    _fill(sheet, columns, heads, cells, tables.schema("data/outcomes")["columns"], words)
    sheet.freeze_panes = "D2"


def _table(sheet: Worksheet, rows: list[dict[str, str]], words: _Lists) -> None:
    rules = tables.schema(layout.TABLES[sheet.title])["columns"]
    columns = [*rules, *dict.fromkeys(c for row in rows for c in row if c not in rules)]
    cells = [[row.get(column, "") for column in columns] for row in rows]
    _fill(sheet, columns, [_HEAD] * len(columns), cells, rules, words)
    sheet.freeze_panes = "B2"


def _fill(
    sheet: Worksheet,
    columns: Sequence[str | Field],
    heads: list[PatternFill],
    rows: list[list[str]],
    rules: Mapping[str, dict],
    words: _Lists,
) -> None:
    """Heads, cells, lists, hints and marks of a sheet."""
    last = len(rows) + 1 + _SPARE
    for at, (column, tint) in enumerate(zip(columns, heads, strict=True), 1):
        one = isinstance(column, Field)
        name = layout.head(column) if isinstance(column, Field) else column
        rule = rules.get(column.column if isinstance(column, Field) else column, _TEXT)
        head = sheet.cell(1, at, name)
        head.font, head.fill = Font(bold=True), tint
        head.alignment = Alignment(wrap_text=True, vertical="top")
        letter = spreadsheets.letters(at)
        numeric = rule["type"] in ("number", "integer")
        wide = (
            _WIDE if name in _WORDS else max(_NARROW, min(len(name) + 3, _WIDE if not one else 16))
        )
        sheet.column_dimensions[letter].width = wide
        if not numeric:  # so that 1-2 does not become a day in February
            sheet.column_dimensions[letter].number_format = "@"
        for row, cells in enumerate(rows, 2):
            _put(sheet, row, at, cells[at - 1], rule)
        _hint(sheet, f"{letter}2:{letter}{last}", column, rule, words)
    for at, formula in marks.of(columns, rules, partial(words.of, sheet.title)):
        letter = spreadsheets.letters(at)
        rule_ = FormulaRule(formula=[formula], fill=_MARK)
        sheet.conditional_formatting.add(f"{letter}2:{letter}{last}", rule_)
    sheet.row_dimensions[1].height = 48
    sheet.auto_filter.ref = f"A1:{spreadsheets.letters(len(columns))}{len(rows) + 1}"


def _hint(
    sheet: Worksheet, cells: str, column: str | Field, rule: Mapping[str, Any], words: _Lists
) -> None:
    """What to type, and the words to choose from; other words warn and may stay, for the reader
    knows more ways of writing than a list has."""
    if isinstance(column, Field):
        title, listed = layout.head(column), ""
        what = f"{column.statistic or 'patients'} of {column.arm}"
        said = "as printed" if column.column == "value" else rule["meaning"]
        prompt = f"{what}: {said}"
    else:
        title, listed = column, words.of(sheet.title, column, rule)
        prompt = rule.get("meaning", "a column of your own")
    if unit := rule.get("unit"):
        prompt += f" ({unit})"
    kind = {"formula1": listed, "type": "list"} if listed else {"type": None}
    one = DataValidation(
        **kind,
        allow_blank=True,
        errorStyle="warning",
        showErrorMessage=bool(listed),
        showInputMessage=True,
        promptTitle=title if len(title) <= _TITLE else f"{title[: _TITLE - 3]}...",
        prompt=prompt if len(prompt) <= _PROMPT else f"{prompt[: _PROMPT - 3]}...",
        error="This word is not on the list.",
    )
    one.add(cells)
    sheet.add_data_validation(one)


def _put(sheet: Worksheet, row: int, at: int, text: str, rule: Mapping[str, Any] = _TEXT) -> None:
    """A cell: a number where its column holds them, else text, which is never a formula."""
    if not text:
        return
    cell = sheet.cell(row, at)
    if rule["type"] in ("number", "integer") and (number := _number(text)) is not None:
        cell.value = number
        return
    cell.value = _NOT_XML.sub(" ", text)[: tables.LONGEST]
    cell.data_type, cell.number_format = "s", "@"
    cell.alignment = Alignment(vertical="top")


def _number(text: str) -> float | int | None:
    """The number that comes back as this very text, if there is one."""
    try:
        number = float(text)
    except ValueError:
        return None
    whole = int(number) if number.is_integer() and abs(number) < 1e15 else number
    return whole if tables.text(float(f"{number:.15g}")) == text else None


def _in_order(fields: list[Field], more: list[Field]) -> list[Field]:
    """Further fields behind the last of their arm and statistic, of their arm, or of all."""
    found = list(fields)
    for one in more:
        beside = [
            i for i, f in enumerate(found) if f.arm == one.arm and f.statistic == one.statistic
        ]
        beside = beside or [i for i, f in enumerate(found) if f.arm == one.arm]
        found.insert(beside[-1] + 1 if beside else len(found), one)
    return found
