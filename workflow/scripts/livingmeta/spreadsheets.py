"""What spreadsheets make of cells: formulas they would run, and values they have changed."""

import re

# ASSUME: a cell that a spreadsheet would compute begins as OWASP lists ("CSV Injection"); a signed
# number, alone or with its interval in brackets, is what it seems.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_SIGNED = re.compile(
    r"[+-](\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?%?( ?[(\[][\d\s.,;:()\[\]%+\u2013\u2212to-]*)?"
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def harmless(cell: str) -> str:
    """A cell as written: with an apostrophe in front where a spreadsheet would take the text for a
    formula. Negative numbers stay numbers. `plain` takes it back."""
    return f"'{cell}" if _FORMULA.match(cell) and not _SIGNED.fullmatch(cell) else cell


def plain(cell: str) -> str:
    """A cell as it was before `harmless`."""
    return cell[1:] if cell.startswith("'") and harmless(cell[1:]) == cell else cell


def number(cell: str) -> list[str]:
    """What a cell that is no number may have been meant to be, most likely first; [] if unknown."""
    cell = re.sub(r"[\s'\u2019]", "", cell).replace("\u2212", "-").replace("\u2013", "-")
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})", cell):  # 1,234: a decimal comma or thousands?
        return [cell.replace(",", "."), cell.replace(",", "")]
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", cell):
        return [cell.replace(",", "")]
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+,\d+", cell):
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
    found = re.fullmatch(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?:[ T][\d:.]+)?", cell)
    if not found:
        return []
    first, second, third = map(int, found.groups())
    if len(found[1]) == 4:
        orders = [(first, second, third)]
    elif len(found[3]) == 4:  # day first with points; with strokes either may come first
        orders = [(third, second, first), (third, first, second)][: 1 if "." in cell else 2]
    else:
        return []
    return list(
        dict.fromkeys(
            f"{year:04d}-{month:02d}-{day:02d}"
            for year, month, day in orders
            if 1 <= month <= 12 and 1 <= day <= 31
        )
    )
