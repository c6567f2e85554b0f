"""A filled workbook, and tables of the form of its sheets, to rows as the CSV files have them."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from livingmeta import cell_rules, spreadsheets, tables
from livingmeta.errors import Fault, sentences
from livingmeta.extraction import places
from livingmeta.extraction.workbook import cells, form, layout
from livingmeta.extraction.workbook.cells import Cell, Grid
from livingmeta.extraction.workbook.layout import SHARED, UNITLESS, Field

# Sheets that hold no rows: how to fill the others, and the words of their drop-downs.
GUIDE, LISTS = "How to fill", "Lists"
# What is filled in beforehand: a row that says no more is not filled in yet.
GIVEN = {
    **dict.fromkeys(layout.FORMS, ("study_id", "outcome", "time", "time_unit", "extractor")),
    layout.BIAS: ("study_id", "outcome", "tool", "domain", "assessor"),
    layout.CERTAINTY: ("synthesis", "domain", "assessor"),
}
SCHEMA = "data/outcomes"
AT = places.OF_FILE[1]  # under which a row has the cell where it stands
_JUDGED = ("judgement", "score")
_HEAD_WITHIN = 10  # the first rows, among which one names the columns
_WITH_UNIT = ("value", "se", "sd", "ci_low", "ci_high")


@dataclass
class Book:
    """What was found: rows as text by sheet (those of sheets with arms side by side as rows of
    outcomes.csv, under OTHER), each with its cell under AT; `unfilled`: rows of a sheet that hold
    no number, as they stand; sentences on how it was read."""

    rows: dict[str, list[dict]] = field(default_factory=dict)
    unfilled: dict[str, list[dict]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read(path: str) -> Book:
    """What stands in a workbook, or in a table of the form of one of its sheets.

    Raises TableError with every cell that cannot be taken, each with sheet, row and column.
    """
    book = Book()
    faults: list[Fault] = []
    whole: list[str] = []
    for grid, sheet in _sheets(path, book, whole):
        reader = _Sheet(path, grid, sheet)
        reader.read(book)
        faults += reader.faults
        whole += reader.whole
    if problems := [*whole, *sentences(path, faults)]:
        raise tables.TableError(problems)
    return book


def is_wide(path: str) -> bool:
    """Whether a table has the arms side by side: its head names what is of an arm, `drug: events`,
    and no column `arm`."""
    try:
        grid, _ = cells.of_csv(Path(path))
    except tables.TableError:
        return False
    head = grid.cells.get(_head(grid, "study_id"), {})
    names = {spreadsheets.squeezed(cell.text) for cell in head.values()}
    return "arm" not in names and any(layout.field(cell.text) for cell in head.values())


def _sheets(path: str, book: Book, whole: list[str]) -> Iterable[tuple[Grid, str]]:
    """The sheets of a file that hold rows, each with the sheet whose form it has."""
    if PurePath(path).suffix.casefold() == ".csv":
        grid, notes = cells.of_csv(Path(path))
        book.notes += notes
        if grid.cells:
            yield grid, next(iter(layout.FORMS))  # any of them: the headings say what stands there
        return
    known = {spreadsheets.squeezed(name): name for name in (*layout.SHEETS, GUIDE, LISTS)}
    found: dict[str, str] = {}
    for grid in cells.of_workbook(Path(path)):
        sheet = known.get(spreadsheets.squeezed(grid.name))
        if sheet in (GUIDE, LISTS) or not grid.cells:
            continue
        if sheet is None and _head(grid, "study_id"):
            names = ", ".join(layout.SHEETS)
            whole.append(
                f"{path}, sheet {grid.name}: it names studies, and no sheet is called so; move its "
                f"rows to one of {names}, or give its column study_id another name."
            )
        elif sheet is None:
            book.notes.append(
                f"{path}, sheet {grid.name}: none of the workbook's; nobody reads it."
            )
        elif sheet in found:
            whole.append(f"{path}: the sheets {found[sheet]} and {grid.name} are one; keep one.")
        else:
            found[sheet] = grid.name
            yield grid, sheet


def _head(grid: Grid, column: str) -> int:
    """The row that names the columns, this one among them; 0 where none does."""
    for row in sorted(grid.cells)[:_HEAD_WITHIN]:
        if any(spreadsheets.squeezed(c.text) == spreadsheets.squeezed(column)
               for c in grid.cells[row].values()):  # fmt: skip
            return row
    return 0


class _Sheet:
    """One sheet while it is read: its faults by cell, and those of the `whole` sheet."""

    def __init__(self, path: str, grid: Grid, sheet: str) -> None:
        self.path, self.grid, self.sheet = path, grid, sheet
        self.faults: list[Fault] = []
        self.whole: list[str] = []
        self.where = f"{path}, sheet {grid.name}" if grid.name else path
        self.wide = sheet in layout.FORMS
        schema = tables.schema(SCHEMA if self.wide else layout.TABLES[sheet])
        self.rules: dict[str, dict] = schema["columns"]
        # Of judgements of bias the tool's names decide, which are known later.
        self.key = () if sheet == layout.BIAS else layout.KEYS.get(sheet, ())
        self.once: dict[int, str] = {}
        self.fields: dict[int, Field] = {}

    def read(self, book: Book) -> None:
        head = _head(self.grid, "synthesis" if self.sheet == layout.CERTAINTY else "study_id")
        if not head:
            first = min(self.grid.cells)
            self.whole.append(
                f"{self.where}, row {first}: no row names the columns; the first one must, with "
                f"{'synthesis' if self.sheet == layout.CERTAINTY else 'study_id'} among them."
            )
            return
        self._columns(head, book.notes)
        self._joined(head, book.notes)
        if self.whole:
            return
        if hidden := [row for row in self.grid.hidden if row > head]:
            shown = ", ".join(map(str, hidden))
            book.notes.append(f"{self.where}: rows that are hidden are read too: {shown}.")
        if columns := self._known() & {*self.grid.hidden_columns}:
            shown = ", ".join(map(spreadsheets.letters, sorted(columns)))
            book.notes.append(f"{self.where}: columns that are hidden are read too: {shown}.")
        if self.grid.unseen and max(self.grid.cells) > head:
            book.notes.append(f"{self.where}: the sheet is hidden, and read too.")
        numbers = [(c, r) for c, r in ((c, self._rule(c)) for c in self._known()) if _numeric(r)]
        typed = {
            cell.text.removesuffix("%").strip()
            for row, of in self.grid.cells.items()
            for column, _ in numbers
            if row > head and not (cell := of.get(column, Cell())).number
        }
        self.mended, self.doubtful = spreadsheets.decimal_commas(typed, "sheet")
        seen: dict[tuple, int] = {}
        for row in sorted(r for r in self.grid.cells if r > head):
            of = self.grid.cells[row]
            if any(of.get(column, Cell()) != Cell() for column in self._known()):
                self._row(row, of, book, seen)

    def _known(self) -> set[int]:
        return {*self.once, *self.fields}

    def _rule(self, column: int) -> dict:
        if column in self.fields:
            return self.rules[self.fields[column].column]
        return self.rules.get(self.once[column], {"type": "string"})

    def _columns(self, head: int, notes: list[str]) -> None:
        """What each column is, by the row that names them."""
        headings = self.grid.cells[head]
        by_name = {spreadsheets.squeezed(name): name for name in self.rules}
        where = f"{self.where}, row {head}"
        spelt: dict[str, str] = {}  # one arm however its columns spell it: Drug and drug
        for column, cell in headings.items():
            at = f"{where}, column {spreadsheets.letters(column)}: '{cell.text}'"
            name = by_name.get(spreadsheets.squeezed(cell.text), "")
            if self.wide and name in layout.OF_ARM:
                cure = f"name the arm that it is of: 'arm: {cell.text}'."
                self.whole.append(f"{at}; {cure}")
            elif self.wide and (found := layout.field(cell.text)):
                arm = spelt.setdefault(spreadsheets.squeezed(found.arm), found.arm)
                self.fields[column] = found._replace(arm=arm)
            elif self.wide and ":" in cell.text:
                _, _, what = cell.text.rpartition(":")
                near = difflib.get_close_matches(
                    what.strip(), self.rules["statistic"]["allowed"], 1
                )
                hint = f" (perhaps {near[0]})" if near else ""
                self.whole.append(
                    f"{at} names no statistic{hint}; config/README.md has them, and n, sd and se."
                )
            else:
                self.once[column] = name or cell.text
        named = [*self.once.values(), *map(layout.head, self.fields.values())]
        for name in sorted({name for name in named if named.count(name) > 1}):
            self.whole.append(f"{where}: '{name}' stands there twice, case and blanks aside.")
        known = {n: r for n, r in self.rules.items() if not (self.wide and n in layout.OF_ARM)}
        for name, rule in known.items():
            if rule.get("required") and name not in named:
                what = f"the column '{name}' is missing ({rule['meaning']})"
                self.whole.append(f"{where}: {what}.")
        own = list(self.once.values())
        self.whole += [f"{where}: {said}" for said in spreadsheets.doubts(own, known)]
        self.whole += [
            f"{where}: '{name}'; the results have a column of this name: name it otherwise."
            for name in own
            if name in places.OF_FILE
        ]
        if self.wide:
            self._without_an_arm(where, head, notes)
        if above := sum(1 for row in self.grid.cells if row < head):
            rows = "row" if above == 1 else "rows"
            notes.append(f"{self.where}: {above} {rows} above row {head} are a title; not read.")
        for row, of in self.grid.cells.items():
            for column in sorted(set(of) - set(headings)):
                if row > head:
                    at = f"{spreadsheets.letters(column)}{row}"
                    shown = tables.shown(of[column].text)
                    self.whole.append(
                        f"{self.where}, cell {at}: '{shown}' stands under no name of a column. "
                        "Name the column, or empty the cell."
                    )

    def _without_an_arm(self, where: str, head: int, notes: list[str]) -> None:
        """Columns of one's own that hold numbers: refused where they name a statistic, for the arm
        was left out; else told, for a heading may have been changed."""
        for column, name in self.once.items():
            below = (
                of[column].text for r, of in self.grid.cells.items() if r > head and column in of
            )
            if name in self.rules or not any(text[:1].isdigit() for text in below):
                continue
            if not layout.looks_like_a_field(name):
                at = f"{where}, column {spreadsheets.letters(column)}"
                notes.append(f"{at}: '{name}' is a column of your own; no number is taken from it.")
            else:
                self.whole.append(
                    f"{where}, column {spreadsheets.letters(column)}: '{name}' holds numbers, and "
                    "nothing says of which arm: name it 'arm: events' or the like, or otherwise if "
                    "it is a column of your own."
                )

    def _joined(self, head: int, notes: list[str]) -> None:
        """Joined cells: of what is said once, one column wide, each row has it; no others."""
        for top, bottom, left, right in self.grid.merged:
            inside = [c for c in range(left, right + 1) if c in self._known()]
            if bottom < head or not inside:
                continue
            span = f"{spreadsheets.letters(left)}{top}:{spreadsheets.letters(right)}{bottom}"
            if len(inside) > 1 or inside[0] in self.fields or top <= head:
                self.whole.append(f"{self.where}, cells {span}: they are joined; part them.")
                continue
            cell = self.grid.cells.get(top, {}).get(left, Cell())
            for row in range(top, bottom + 1):
                if row in self.grid.cells:
                    self.grid.cells[row][inside[0]] = cell
            notes.append(f"{self.where}, cells {span} are joined; each row has what they say.")

    def _place(self, row: int, column: int) -> str:
        cell = f"{spreadsheets.letters(column)}{row}"
        return f"{self.grid.name}!{cell}" if self.grid.name else cell

    def _fault(self, row: int, column: int, cell: Cell, wrong: str) -> None:
        name = self.once.get(column) or layout.head(self.fields[column])
        shown = f"'{tables.shown(cell.text)}{'%' * cell.percent}'" if cell.text else "empty"
        self.faults.append(Fault(self._place(row, column), name, shown, wrong))

    def _row(self, row: int, of: Mapping[int, Cell], book: Book, seen: dict[tuple, int]) -> None:
        own = {name: of.get(c, Cell()) for c, name in self.once.items()}
        filled = any(of.get(c, Cell()) != Cell() for c in self.fields)
        given = GIVEN.get(self.sheet, ())
        judged = any(own.get(name, Cell()) != Cell() for name in _JUDGED)
        if given and (not filled if self.wide else not judged):
            typed = [name for name, cell in own.items() if cell.text and name not in given]
            kept = {name: cell.text for name, cell in own.items()}
            book.unfilled.setdefault(self.sheet, []).append(kept)
            if typed:
                what = "number" if self.wide else "judgement"
                said = f"{', '.join(typed)} and no {what}; it is used for nothing."
                book.notes.append(f"{self.where}, row {row}: {said}")
            return
        columns = {name: c for c, name in self.once.items()}
        once = dict.fromkeys((n for n in self.rules if not (self.wide and n in layout.OF_ARM)), "")
        once |= {
            name: self._text(row, columns[name], cell, book.notes) for name, cell in own.items()
        }
        if not self.wide:
            if self.sheet == layout.OTHER:
                self._percent(row, of, once, [c for n, c in columns.items() if n in _WITH_UNIT])
            self._keyed(row, once, columns, book, seen)
            return
        wide = form.Wide(once)
        wide.cells = {
            one: self._text(row, c, of.get(c, Cell()), book.notes) for c, one in self.fields.items()
        }
        column_of = {one: c for c, one in self.fields.items()}
        here = {fault.row for fault in self.faults}
        for one in form.without_number(wide):
            column = column_of[one]
            if any(self._place(row, c) in here for c, f in self.fields.items() if f.arm == one.arm):
                continue  # what is wrong with the arm's own number is told
            self._fault(row, column, of[column], f"nothing else of {one.arm} stands in this row")
        if form.idle_unit(wide):
            said = f"the unit {once['unit']} is of none of its numbers."
            book.notes.append(f"{self.where}, row {row}: {said}")
        for long, first in form.lengthen(wide):
            of_it = [c for c, f in self.fields.items() if f[:2] == first[:2]]
            self._percent(row, of, long, [c for c in of_it if self.fields[c].column in _WITH_UNIT])
            long[AT] = self._place(row, column_of[first])
            book.rows.setdefault(layout.OTHER, []).append(long)

    def _keyed(
        self, row: int, once: dict, columns: Mapping[str, int], book: Book, seen: dict[tuple, int]
    ) -> None:
        place = self._place(row, columns.get("value", min(columns.values())))
        key = tuple(once[name] for name in self.key)
        if self.key and key in seen:
            column = columns[self.key[0]]
            wrong = f"it stands already on row {seen[key]}; it may stand there once"
            self._fault(row, column, Cell(" ".join(key)), wrong)
        seen.setdefault(key, row)
        book.rows.setdefault(self.sheet, []).append({**once, AT: place})

    def _text(self, row: int, column: int, cell: Cell, notes: list[str]) -> str:
        """A cell as its column has it; what is wrong with it is among the faults."""
        rule, text, numeric = self._rule(column), cell.text, _numeric(self._rule(column))
        of = self.fields.get(column)
        if cell.wrong:
            self._fault(row, column, cell, cell.wrong)
            return ""
        if numeric and cell.day:
            cure = "a spreadsheet has made a date of what was typed; set the cell to text or number"
            self._fault(row, column, cell, cure)
            return ""
        if numeric and not cell.number:
            percent = text.endswith("%")
            text = text.removesuffix("%").strip()
            if text in self.doubtful:
                self._fault(row, column, cell, self.doubtful[text])
                return ""
            text = self.mended.get(text, text)
            cell = cell._replace(text=text, percent=percent)
        if cell.percent and not self._may_be_percent(column):
            name = of.statistic or SHARED if of else self.once[column]
            self._fault(row, column, cell, f"it is a percentage, and {name} is none")
            return ""
        if cell.percent and not numeric:
            text += "%"
        read = cell_rules.as_written_here(text, rule)
        if read != text:
            at = f"cell {spreadsheets.letters(column)}{row}"
            notes.append(f"{self.where}, {at}: '{tables.shown(text)}' read as {read}.")
        if wrong := cell_rules.wrong(read, rule):
            self._fault(row, column, cell, wrong)
        elif len(read) > tables.LONGEST:
            self._fault(row, column, cell, f"a cell holds at most {tables.LONGEST} characters")
        return read

    def _may_be_percent(self, column: int) -> bool:
        of = self.fields.get(column)
        if of is None:
            rule = self._rule(column)
            long = self.sheet == layout.OTHER and self.once[column] in _WITH_UNIT
            return long or rule.get("unit") == "%" or not _numeric(rule)
        return of.column == "ci_level" or (of.column in _WITH_UNIT and of.statistic not in UNITLESS)

    def _percent(self, row: int, of: Mapping[int, Cell], long: dict, own: list[int]) -> None:
        """Numbers shown as percentages: then % is the unit of all of a row of outcomes.csv; `own`:
        the columns of its numbers that have a unit."""
        mine = {c: of[c] for c in own if of.get(c, Cell()).text}
        shown = {c for c, cell in mine.items() if cell.percent or cell.text.endswith("%")}
        if not shown:
            return
        if len(shown) < len(mine):
            column = min(set(mine) - shown)
            wrong = "it is no percentage, and another number of the same is; show both alike"
            self._fault(row, column, mine[column], wrong)
        elif long["unit"] not in ("", "%", "proportion") or long["statistic"] in UNITLESS:
            unit = (
                f"the unit of its row is {long['unit']}" if long["unit"] else "its number is none"
            )
            wrong = f"it is a percentage, and {unit}"
            self._fault(row, min(shown), mine[min(shown)], wrong)
        long["unit"] = "%"


def _numeric(rule: Mapping) -> bool:
    return rule["type"] in ("number", "integer")
