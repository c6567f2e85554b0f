"""What spreadsheets make of cells: formulas they would run, and values they have changed."""

import datetime
import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# ASSUME: a cell that a spreadsheet would compute begins as OWASP lists ("CSV Injection"); a signed
# number, alone or with its interval in brackets, is what it seems.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_SIGNED = re.compile(
    r"[+-](\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?%?( ?[(\[][\d\s.,;:()\[\]%+\u2013\u2212to-]*)?"
)
# A decimal point as some journals print it, in the middle of the line: 20\u00b75.
RAISED_POINT = re.compile(r"(?<=\d) ?[\u00b7\u2022\u2027\u2219\u22c5] ?(?=\d)")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH_NAMES = [
    *("january", "february", "march", "april", "june", "july", "august", "september"),
    *("october", "november", "december"),
]


def harmless(cell: str) -> str:
    """A cell as written: with an apostrophe in front where a spreadsheet would take the text for a
    formula. Negative numbers stay numbers. `plain` takes it back."""
    return f"'{cell}" if _FORMULA.match(cell) and not _SIGNED.fullmatch(cell) else cell


def letters(column: int) -> str:
    """The name of a column: A of 1, AA of 27."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def plain(cell: str) -> str:
    """A cell as it was before `harmless`."""
    return cell[1:] if cell.startswith("'") and harmless(cell[1:]) == cell else cell


def number(cell: str) -> list[str]:
    """What a cell that is no number may have been meant to be, most likely first; [] if unknown."""
    cell = re.sub(r"[\s'\u2019]", "", RAISED_POINT.sub(".", cell))
    cell = cell.replace("\u2212", "-").replace("\u2013", "-")
    cell = "".join(str(unicodedata.digit(c, c)) for c in cell)  # digits of other scripts
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})", cell):  # 1,234: a decimal comma or thousands?
        return [cell.replace(",", "."), cell.replace(",", "")]
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", cell):
        return [cell.replace(",", "")]
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}(\.\d{3})+,\d+", cell):
        return [cell.replace(".", "").replace(",", ".")]
    if re.fullmatch(r"[+-]?\d*,\d+", cell):
        return [cell.replace(",", ".")]
    return [cell] if re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", cell) else []


def turned_into_a_date(cell: str) -> bool:
    """Whether a spreadsheet has made a date of what was typed: 1-2 becomes 01-Feb."""
    parts = re.split(r"[-. /]+", cell.lower())
    return len(parts) in (2, 3) and any(part[:3] in _MONTHS for part in parts if part.isalpha())


def date(cell: str) -> list[str]:
    """The dates, as 2026-11-23, that a cell in another order may be; [] if unknown."""
    named = re.fullmatch(r"(\d{1,2})[. -]+([A-Za-z]{3,9})[., -]+((?:19|20)\d\d)", cell)
    if named and (month := named[2].lower()) in (*_MONTHS, *_MONTH_NAMES):  # 20-Mar-2024
        day = f"{named[3]}-{_MONTHS.index(month[:3]) + 1:02d}-{int(named[1]):02d}"
        return [day] if is_a_day(day) else []
    found = re.fullmatch(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?:[ T][\d:.]+)?", cell)
    if not found:
        return []
    first, second, third = map(int, found.groups())
    if len(found[1]) == 4:
        orders = [(first, second, third)]
    elif len(found[3]) == 4:
        orders = [(third, second, first), (third, first, second)]
    else:
        return []
    written = dict.fromkeys(f"{year:04d}-{month:02d}-{day:02d}" for year, month, day in orders)
    days = [day for day in written if is_a_day(day)]
    return days[:1] if "." in cell else days  # day first with points, where there is such a day


def is_a_day(written: str) -> bool:
    """Whether there is a day of this date, 2026-11-23; there is none of 2026-02-30."""
    try:
        datetime.date.fromisoformat(written)
    except ValueError:
        return False
    return True


def month_first(cells: Iterable[str]) -> bool:
    """Whether a date with points among `cells` can only have its month first: 03.15.2024."""
    return any(re.fullmatch(r"\d{1,2}\.(1[3-9]|[23]\d)\.\d{4}", cell) for cell in cells)


def decimal_commas(
    cells: set[str], where: str, *, usual: bool = False
) -> tuple[dict[str, str], dict[str, str]]:
    """Of the numbers of a file whose cells are parted by semicolons: those with a decimal comma,
    with a point instead, and what to ask of those that are doubtful.

    1,234 may be thousands, and 1.234 too. Where another number shows that decimals follow a comma,
    the first is no longer doubtful and the second is; also where such commas are `usual` and no
    number has one, or a point that only a decimal has. `where`: a word for the file.
    """
    readings = {cell: number(cell) for cell in cells if "," in cell}
    mended = {cell: meant[0] for cell, meant in readings.items() if len(meant) == 1}
    pointed = {cell for cell in cells if "." in cell and "," not in cell and number(cell)}
    thousands = {cell for cell in pointed if _thousands(cell)}
    if any(mended[cell] == cell.replace(",", ".") for cell in mended):
        mended = {cell: meant[0] for cell, meant in readings.items() if meant}
        said = f"other numbers of this {where} have decimal commas"
        decimals = {cell: cell.replace(".", ",") for cell in thousands}
    elif usual and thousands == pointed and not readings:
        said = f"no other number tells whether this {where} has decimal commas or points"
        decimals = {cell: f"{cell}0" for cell in thousands if cell.count(".") == 1}
    else:
        return mended, {}
    ways = {
        cell: " or ".join(filter(None, [cell.replace(".", ""), decimals.get(cell)]))
        for cell in thousands
    }
    return mended, {cell: f"{said}: write {of}" for cell, of in ways.items()}


def _thousands(cell: str) -> bool:
    """Whether a number may be 1234 written as 1.234, where the decimals follow a comma."""
    return bool(re.fullmatch(r"[+-]?[1-9]\d{0,2}(\.\d{3})+", cell))


def hint(cell: str, rule: Mapping[str, Any]) -> str:
    """What may have been meant by a cell that is not of its column's type, in brackets, or "".

    `rule`: the column's in its schema: `type`; `unit`, that of all the column; `cures`, what to say
    of a cell of the form of a regular expression.
    """
    kind, unit = rule["type"], rule.get("unit", "")
    for form, cure in rule.get("cures", {}).items():
        if re.fullmatch(form, cell, re.IGNORECASE):
            return f" ({cure})"
    numeric = kind in ("number", "integer")
    if kind == "number" and cell.endswith("%") and not unit:
        return f" ({cell[:-1].strip()} here and % in the column unit)"
    if numeric and turned_into_a_date(cell):
        return " (a spreadsheet has made a date of what was typed; set the column to text)"
    if numeric and re.fullmatch(r"[+-]?\d(\.\d+)?E\+\d+", cell):
        return " (a spreadsheet has shortened what was typed; show the whole number and save again)"
    if kind == "integer" and _thousands(cell):
        meant = [cell.replace(".", ""), cell.split(".")[0]]
        meant = meant if cell.endswith(".000") and cell.count(".") == 1 else meant[:1]
    elif numeric:
        whole = r"[+-]?\d+(\.0*)?" if kind == "integer" else ".*"
        meant = [v for v in number(cell.removesuffix(unit)) if re.fullmatch(whole, v)]
    else:
        meant = date(cell) if kind == "date" else []
    return f" (perhaps {' or '.join(meant)})" if meant else ""


def named(header: list[str], known: Iterable[str], where: str, notes: list[str]) -> list[str]:
    """The columns of `header` by the names they are known by, whatever their case, blanks, _ and -.

    What was written otherwise is told in `notes`, each beginning with `where`. A name may come
    out twice (`n` and `N`).
    """
    plain_names = {squeezed(name): name for name in known}
    found = [plain_names.get(squeezed(column), column) for column in header]
    for column, meant in zip(header, found, strict=True):
        if meant != column:
            notes.append(f"{where}: the column '{column}' read as {meant}.")
    return found


def header_below(rows: list[list[str]], known: Mapping[str, Mapping[str, Any]]) -> int:
    """Which of the first rows names all columns that are needed, if the first one names none of
    them: a title stands above. 0 where there is none such."""
    needed = {squeezed(name) for name, rule in known.items() if rule.get("required")}
    found = [needed & set(names(";".join(row), ";")) for row in rows]
    below = (at for at, names_ in enumerate(found) if names_ == needed)
    return next(below, 0) if needed and rows and not found[0] else 0


def squeezed(name: str) -> str:
    """A column's name as far as it counts: `CI low` is `ci_low`."""
    return re.sub(r"[\s_-]", "", name).casefold()


def meant(value: str, known: Iterable[str]) -> str:
    """The only one of `known` that is `value` but for case, blanks, strokes and underscores within;
    or "". Anything else counts: `include?` is a doubt, `events (%)` no count."""
    letters = _letters(value) if value[:1].isalnum() and value[-1:].isalnum() else ""
    found = [name for name in known if letters and _letters(name) == letters]
    return found[0] if len(found) == 1 else ""


def _letters(name: str) -> str:
    return re.sub(r"[\s_/\u2010-\u2015-]", "", name).casefold()


def names(line: str, separator: str) -> list[str]:
    """The names of columns in a first line, as `squeezed` has them, if cells are separated so."""
    return [squeezed(cell.strip().strip('"')) for cell in line.strip().split(separator)]


_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def lines(text: str) -> Iterator[str]:
    """The lines of a text, one at a time: io.StringIO would hold it a second time, four bytes a
    character."""
    return (found[0] for found in _LINE.finditer(text))


def near(header: list[str], known: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What to ask about columns that nobody knows, by the known one that is absent and nearly
    alike.

    A column of one's own may be called as a known one with a number or further words: `site2`,
    `enrolled_total`, or by a word of another meaning that the schema names as `unlike` it.
    """
    all_known = {squeezed(name): name for name in known}
    found: dict[str, str] = {}
    for column in header:
        if not column or column in all_known.values():
            continue
        for name in difflib.get_close_matches(squeezed(column), list(all_known), n=1, cutoff=0.8):
            meant = all_known[name]
            other = column.casefold() in known[meant].get("unlike", ())
            if meant not in header and not other and not _further(column, meant):
                asked = f"did you mean the column '{meant}'? If not, name it otherwise."
                found[meant] = f"'{column}'; {asked}"
    return found


def _further(column: str, known: str) -> bool:
    """Whether two names differ by whole words or by a number at the end."""
    one, other = ({w.casefold() for w in re.split(r"[\s_-]+", x)} for x in (column, known))
    return one < other or other < one or squeezed(column).rstrip("0123456789") == squeezed(known)


def doubts(header: list[str], known: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What to ask about columns that nobody knows: those that hold what an absent one holds, by a
    nearly equal name or by one that its rule lists as `called`, and `row`, which the tables keep
    for themselves. `known`: the columns of the schema, of which the required are asked elsewhere.
    """
    found = near(header, known)
    words = {word: name for name, rule in known.items() for word in rule.get("called", ())}
    for column in header:
        meant = words.get(_gist(column))
        if column not in known and meant and meant not in header:
            asked = f"did you mean the column '{meant}'? If not, name it otherwise."
            found.setdefault(meant, f"'{column}'; {asked}")
    yield from (said for meant, said in found.items() if not known[meant].get("required"))
    if "row" in header and "row" not in known:
        yield "'row'; the tables keep under this name where each row stood: name it otherwise."


def _gist(column: str) -> str:
    """A name without case, blanks, brackets, points and the level of an interval: `95% CI (upper)`
    is `ciupper`."""
    return re.sub(r"[\W_]|95", "", column.casefold())
