"""The points of a digitised curve in a file as people and digitisers write it.

Two columns of numbers, with names above or without (WebPlotDigitizer and plotdigitizer export
none), called `x, y`, `x,Curve1` (Engauge), by a data set's name over `X,Y` (WebPlotDigitizer, all
data sets), or in words, their units beside them or a line below; cells separated by commas,
semicolons, tabs or blanks; decimal points or commas; proportions or percentages. What is none of
these is refused in one message a file.
"""

import csv
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from livingmeta import spreadsheets, tables
from livingmeta.extraction.curves import origin, units
from livingmeta.extraction.curves.clicks import HAND, OUTSIDE
from livingmeta.extraction.units import DAYS

SEPARATORS = {";": "semicolons", "\t": "tabs", ",": "commas", " ": "blanks"}
WRITE = "Time (days), Time (weeks), Time (months) or Time (years)"
MOST_ABOVE = 10  # lines that may stand above the numbers
# Above this, survival is in percent; a curve in percent has been higher than the second.
PROPORTION = 1.5
PERCENT = 50.0
SMALL_PERCENT = 0.03  # a hand's nought; what lies between it and 1.03 is rather a proportion

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?%?")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_TIME = {*units.UNITS, *["x", "t", "time", "times", "timepoint"]} | {
    *["zeit", "temps", "tiempo", "tempo"]
}
_FOLLOW_UP = re.compile(r"follow[\s_-]*up|since|from (start|randomi[sz]ation|diagnosis)")
_SURVIVAL = re.compile(
    r"surviv|survie|überleb|ueberleb|supervivencia|sopravvivenza|sobrevida|alive|free|without|"
    r"^(y|s|st|s\(t\)|surv|km|os|pfs|dfs|rfs|efs|ttp|lrfs)\b|kaplan"
)
_NOT_SURVIVAL = re.compile(
    r"incidence|mortality|death|died|dead|event|failure|hazard|relapse|recurren|progressed|"
    r"1\s*[-\u2212]\s*(s|km)"
)
_TURNED = re.compile(r"1\s*[-\u2212]\s*(s|km|os|pfs)")
# Signs that stand for a minus: hyphens, dashes of typesetters, the mathematical sign.
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"), "-")
_BY_BLANKS = re.compile(r"[+-]?[1-9]\d{0,2}(\s\d{3})+([.,]\d+)?%?")  # 1 200
_NOTHING = re.compile(r"n\.?/?a\.?|nan|null|none|nil|missing|n\.?[dr]\.?|#\w+[/!?]?\w*!?|[-.?*]+")
_ROW_NUMBER = {"", "#", "id", "no", "nr", "index", "point", "row", "obs"}


class _Table(NamedTuple):
    """Rows of cells that are numbers, the line each stands on, and the lines above them."""

    rows: list[list[str]]
    lines: list[int]
    above: list[list[str]]
    separator: str


def read(path: Path | str, time_unit: str) -> pd.DataFrame:
    """The points in the file at `path`: `time` in `time_unit` (days, weeks, months or years: the
    protocol's), converted where the column's name gives another; `survival` as a proportion.

    `attrs["notes"]` says in one sentence how it was read, where not as it stands there;
    `attrs["origin"]` where the points come from, an origin.Origin or None. Raises TableError with
    one sentence on the first thing that is wrong and how often it is.
    """
    path = Path(path)
    text, notes = tables.decode(path.read_bytes(), path)
    try:
        text, told = origin.apart(text)
    except origin.OriginError as error:
        raise _refuse(path, f": {error}.") from None
    table = _table(text, path)
    if table.separator != ",":
        notes.append(f"{path}: cells separated by {SEPARATORS[table.separator]}; read as such.")
    names = _names(table)
    places = origin.columns(names)
    time_at, survival_at = _columns(table, names, places, path, notes)
    time, survival, *pixels = (
        _numbers(table, at, column, path)
        for at, column in zip(
            (time_at, survival_at, *places), tables.columns("data/curves"), strict=False
        )
    )
    if told:
        _must_come_from(told, time, survival, pixels, table, path)
    if any("," in row[at] for row in table.rows for at in (time_at, survival_at)):
        notes.append(f"{path}: decimal commas read as points.")
    unit, by = _unit(table, names, time_at, survival_at, time_unit, path)
    if unit != time_unit:
        notes.append(f"{path}: times in {unit}, as the column '{by}' says; read as {time_unit}.")
        factor = float(DAYS[unit] / DAYS[time_unit])
        time = [t * factor for t in time]
    above = [row[survival_at] for row in table.above if row[time_at]]
    said = "%" in "".join(row[survival_at] for row in table.rows)
    said |= any(re.search("%|percent", cell, re.IGNORECASE) for cell in above)
    survival = _proportions(survival, said, path, notes)
    points = pd.DataFrame({"time": time, "survival": survival})
    _must_not_be_swapped(points, path)
    said_once = "; ".join(note.removeprefix(f"{path}: ").removesuffix(".") for note in notes)
    points.attrs["origin"] = told
    points.attrs["notes"] = [f"{path}: {said_once}."] if notes else []
    return points


def _refuse(path: Path, said: str, line: int | None = None) -> tables.TableError:
    return tables.TableError([f"{path}{f', row {line}' if line else ''}{said}"])


def _table(text: str, path: Path) -> _Table:
    """The lines of numbers, by the separator that makes most lines such."""
    lines = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip(' \t,;"#')]
    if lines and re.fullmatch(r"sep=.", lines[0][1].strip()):  # Excel's own line
        lines = lines[1:]
    if not lines:
        raise _refuse(path, " is empty. It holds the points of a curve, time and survival.")
    found, separator = max(
        ((_split(lines, s), s) for s in SEPARATORS), key=lambda way: sum(map(_is_point, way[0]))
    )
    points = [i for i, cells in enumerate(found) if _is_point(cells)]
    if not points:
        raise _refuse(
            path,
            f": '{tables.shown(lines[0][1])}'; no row is two numbers, the time and the survival of "
            "a point.",
            lines[0][0],
        )
    first = points[0]
    wrong = [i for i in range(first, len(lines)) if not _is_point(found[i])]
    if first > MOST_ABOVE:
        wrong, first = list(range(1, first)), 1
    if wrong:
        number, line = lines[wrong[0]]
        cure = "each row is two numbers, the time and the survival of a point"
        if found[wrong[0]] in found[:first]:
            cure = "the columns are named once more: a file holds one curve, and its names once"
        raise _refuse(path, f": '{tables.shown(line)}'; {cure}{_more(wrong)}.", number)
    unread = first
    while unread and _is_no_name(found[unread - 1]):
        unread -= 1
    if unread < first:
        number, line = lines[unread]
        raise _refuse(
            path,
            f": '{tables.shown(line)}'; each row is two numbers, the time and the survival of a "
            f"point (names of columns are words){_more(list(range(unread, first)))}.",
            number,
        )
    widest = max(len(cells) for cells in found)
    padded = [cells + [""] * (widest - len(cells)) for cells in found]
    return _Table(padded[first:], [i for i, _ in lines[first:]], padded[:first], separator)


def _more(wrong: list) -> str:
    return f" ({len(wrong) - 1} more rows like it)" if len(wrong) > 1 else ""


def _split(lines: list[tuple[int, str]], separator: str) -> list[list[str]]:
    """The cells of each line; signs of other kinds and apostrophes of spreadsheets mended."""
    rows = []
    for _, line in lines:
        line = line.strip().lstrip("#").translate(_DASHES)
        if separator == " ":
            cells = re.sub(r"(^|\s)([+-])\s+(?=[.,\d])", r"\1\2", line).split()
        else:
            cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True))
        rows.append([_mended(cell.strip(" \u00a0'\"")) for cell in cells])
    return rows


def _mended(cell: str) -> str:
    """A number without the blanks after its sign, between its thousands and before its %."""
    cell = re.sub(r"^([+-])\s+(?=[.,\d])", r"\1", cell)
    cell = re.sub(r"(?<=\d)\s+%$", "%", cell)
    return re.sub(r"\s", "", cell) if _BY_BLANKS.fullmatch(cell) else cell


def _is_no_name(cells: list[str]) -> bool:
    """Whether a line above the points is rather one of them, a number of which cannot be read: it
    holds a number, or what stands for none, and beside it nothing that names a column."""
    filled = [cell for cell in cells if cell]
    words = [cell for cell in filled if not _NUMBER.fullmatch(cell)]
    unread = any(
        _NOTHING.fullmatch(c.casefold()) or re.fullmatch(r"[\W_]*\d[\W\d_]*", c) for c in words
    )
    named = any(cell[0].isalpha() and _kind(cell) for cell in words)
    return not named and (unread or len(words) < len(filled))


def _is_point(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return len(filled) >= 2 and all(_NUMBER.fullmatch(cell) for cell in filled)


def _names(table: _Table) -> list[str]:
    """The names of the columns, with the units that stand in a line below them."""
    header = table.above[-1] if table.above else []
    if len(table.above) > 1 and units.only_units(header) and not units.only_units(table.above[-2]):
        header = [f"{name} {unit}" for name, unit in zip(table.above[-2], header, strict=True)]
    return [" ".join(cell.split()) for cell in header]


def _must_come_from(
    told: origin.Origin,
    time: list[float],
    survival: list[float],
    pixels: list[list[float]],
    table: _Table,
    path: Path,
) -> None:
    """Refuses points that are not what their pixels give, or that have none."""
    try:
        if not pixels:
            raise origin.OriginError(
                "the lines above the points say where the axes are, and the columns x (pixel) and "
                "y (pixel) are missing: keep the file as it was saved"
            )
        found, places = np.column_stack([time, survival]), np.column_stack(pixels)
        origin.must_fit(told, found, places, table.lines)
    except origin.OriginError as error:
        said = f": {error}." if not error.row else f"; {error}."
        raise _refuse(path, said, error.row or None) from None


def _columns(
    table: _Table, names: list[str], places: list[int], path: Path, notes: list[str]
) -> tuple[int, int]:
    """Where time and survival stand, beside the columns of `places`; refused where they are not two
    columns of one curve."""
    used = [
        i
        for i in range(len(table.rows[0]))
        if i not in places and any(row[i] for row in table.rows)
    ]
    if len(used) > 2 and _counts(table, used[0], names):
        used = used[1:]
    sets = [cell for cell in table.above[-2] if cell] if len(table.above) > 1 else []
    if len(used) > 2:
        what = ", ".join(f"'{names[i]}'" for i in used) if names else "without names"
        if sets and len(used) == 2 * len(sets):
            what += f" of {', '.join(repr(name) for name in sets)}"
        cure = "a file holds one curve, time and survival: keep these two columns"
        if not names and table.separator == ",":
            cure += " (where the decimals follow commas, separate the columns by semicolons)"
        raise _refuse(path, f": {len(used)} columns of numbers ({what}); {cure}.", table.lines[0])
    gap = [k for k, row in enumerate(table.rows) if not (row[used[0]] and row[used[-1]])]
    if gap or len(used) < 2:
        line = table.lines[gap[0] if gap else 0]
        raise _refuse(path, f": a time or a survival is missing{_more(gap)}.", line)
    first, second = used
    if not names:
        notes.append(f"{path}: no names of columns; read as time and survival.")
        return first, second
    kinds = [_kind(names[i]) for i in used]
    if "other" in kinds:
        name = names[used[kinds.index("other")]]
        raise _refuse(
            path,
            f", column '{tables.shown(name)}': this is no survival. A curve of those who died or "
            "relapsed is 1 minus it: turn its values round and call the column survival.",
        )
    # Of two that say the same the first is the time: `Overall survival,Survival probability`.
    if kinds[0] != kinds[1] and (kinds[0] == "survival" or kinds[1] == "time"):
        first, second = second, first
    for at, meant in ((first, "time"), (second, "survival")):
        if spreadsheets.squeezed(names[at]) != meant:
            notes.append(f"{path}: the column '{tables.shown(names[at])}' read as {meant}.")
    return first, second


def _counts(table: _Table, at: int, names: list[str]) -> bool:
    """Whether a column numbers the rows, as R writes them."""
    cells = [row[at] for row in table.rows]
    numbered = any(cells == [str(k + s) for k in range(len(cells))] for s in (0, 1))
    return numbered and (not names or spreadsheets.squeezed(names[at]) in _ROW_NUMBER)


def _kind(name: str) -> str:
    """What a column holds by its name: time, survival, other (no survival), or "" if unknown."""
    plain = name.casefold().strip()
    words = units.words_of(name)
    if _TURNED.match(plain):
        return "other"
    if _SURVIVAL.search(plain) and not words & {"time", *units.UNITS}:
        return "survival"
    if words & _TIME or _FOLLOW_UP.search(plain):
        return "time"
    if _SURVIVAL.search(plain):
        return "survival"
    if _NOT_SURVIVAL.search(plain):
        return "other"
    return "survival" if "probab" in plain else ""


def _numbers(table: _Table, at: int, column: str, path: Path) -> list[float]:
    """The numbers of a column. Beside decimal commas a point may stand for thousands."""
    cells = [row[at] for row in table.rows]
    if empty := [k for k, cell in enumerate(cells) if not cell]:
        raise _refuse(path, f", column {column}: empty{_more(empty)}.", table.lines[empty[0]])
    if any("," in cell for row in table.rows for cell in row):
        mixed = [k for k, cell in enumerate(cells) if "." in cell]
        if mixed:
            raise _refuse(
                path,
                f", column {column}: '{cells[mixed[0]]}'; other numbers of this file have decimal "
                f"commas, so write this one with a comma too{_more(mixed)}.",
                table.lines[mixed[0]],
            )
    numbers = [float(cell.rstrip("%").replace(",", ".")) for cell in cells]
    thousands = [k for k, cell in enumerate(cells) if _THOUSANDS.fullmatch(cell)]
    plain = [k for k, cell in enumerate(cells) if cell.isdigit()]
    if thousands and plain and len(thousands) + len(plain) == len(cells) and plain[0] == 0:
        whole, k = [int(re.sub("[.,]", "", cell)) for cell in cells], thousands[0]
        if whole == sorted(whole) and whole[k - 1] >= 100 and numbers[k] < numbers[k - 1]:
            raise _refuse(
                path,
                f", column {column}: '{cells[k]}' after '{cells[k - 1]}'; write thousands without "
                "a point or comma.",
                table.lines[k],
            )
    return numbers


def _must_not_be_swapped(points: pd.DataFrame, path: Path) -> None:
    """Refuses a curve without its beginning that comes to nought at a time of 1 or 100: this is the
    beginning, with the time and the survival of each point in the other's place."""
    time, survival = (points[c].to_numpy(float) for c in ("time", "survival"))
    first, last = time.argmin(), time.argmax()
    full = any(abs(time[last] - whole) <= OUTSIDE * whole for whole in (1, 100))
    begins = (time <= HAND * time[last]) & (survival >= 1 - OUTSIDE)
    if full and abs(survival[last]) <= HAND and not begins.any():
        raise _refuse(
            path,
            f": survival is {survival[first]:g} at time {time[first]:g} and {survival[last]:g} at "
            f"{time[last]:g}: do both stand in each other's column? Name the columns time and "
            "survival; where they are right, add the point at which the curve begins, 0 and 1.",
        )


def _unit(
    table: _Table, names: list[str], time_at: int, survival_at: int, time_unit: str, path: Path
) -> tuple[str, str]:
    """The unit of the times and the name that gives it: the column's or one above it; else that of
    the protocol, `time_unit`.

    Refused where a name holds a word like a unit that is none, and where one stands elsewhere.
    """
    if not names:
        return time_unit, ""
    higher = [row for row in table.above[:-1] if row[time_at] and row[survival_at]]
    for name in (names[time_at], *(row[time_at] for row in reversed(higher))):
        try:
            unit = units.of_name(name) if name == names[time_at] or _kind(name) == "time" else ""
        except units.UnitError as error:
            raise _refuse(
                path,
                f", column '{tables.shown(name)}': {error}; write the unit of its times in "
                f"brackets: {WRITE}.",
            ) from None
        if unit:
            return unit, name
    for text in (names[survival_at], *(", ".join(filter(None, row)) for row in table.above[:-1])):
        if units.named(text) - {time_unit}:
            raise _refuse(
                path,
                f": '{tables.shown(text)}' names a unit of time, and the column of times, "
                f"'{tables.shown(names[time_at])}', none; write the unit of its times there: "
                f"{WRITE}.",
            )
    return time_unit, ""


def _proportions(survival: list[float], said: bool, path: Path, notes: list[str]) -> list[float]:
    """Survival as proportions; `said`: whether the file calls it a percentage."""
    most = max(survival)
    if most <= PROPORTION:
        if said:
            notes.append(f"{path}: survival up to {most:g} read as proportions, not as percent.")
        return survival
    if most < PERCENT and not said:
        raise _refuse(
            path,
            f", column survival: its largest value is {most:g}; it must be a proportion (1 at the "
            "start) or a percentage (100 at the start).",
        )
    small = [s for s in survival if SMALL_PERCENT < s <= 1 + SMALL_PERCENT]
    if len(small) > len(survival) / 2:
        raise _refuse(
            path,
            f", column survival: percentages and proportions in one file ({most:g} beside "
            f"{small[0]:g}); write all as one or the other.",
        )
    notes.append(f"{path}: survival up to {most:g} read as percent.")
    return [s / 100 for s in survival]
