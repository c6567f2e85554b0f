"""Rows of outcomes.csv to rows with arms side by side, and back: pure, as text, nothing lost."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from livingmeta.extraction.rows import MODELS
from livingmeta.extraction.units import A_RATE, DAYS, MEASURED, PROPORTIONS, TIMES, of_rate
from livingmeta.extraction.workbook import layout
from livingmeta.extraction.workbook.layout import OF_NUMBER, SHARED, UNITLESS, Field


@dataclass
class Wide:
    """One row of a sheet: what is said `once`, by column, and `cells` by field. Its unit is not
    `settled` while it holds no number that has one; it is `bare` of numbers where nothing of an arm
    is filled in."""

    once: dict[str, str]
    cells: dict[Field, str] = field(default_factory=dict)
    settled: bool = False

    @property
    def bare(self) -> bool:
        """Whether no cell of an arm is filled in."""
        return not any(self.cells.values())

    def takes(self, row: Mapping[str, str], own: Mapping[Field, str]) -> bool:
        """Whether a row of outcomes.csv has room beside what stands here already."""
        once = {**self.once, "unit": ""} == {**_once(row), "unit": ""}
        arms = {"/" in f.arm for f in (*self.cells, *own) if f.statistic}
        once &= len(arms) < 2 or not _of_pairs(self.once)
        bare = row["statistic"] in UNITLESS
        said = self.once["unit"] if bare else row["unit"]
        held = {**self.cells, **own}
        of_all = all(_unit(f, said, held) == said for f in held if f.statistic not in UNITLESS)
        unit = of_all and (bare or not self.settled or self.once["unit"] == said)
        free = all(self.cells.get(f, cell) == cell for f, cell in own.items() if f.statistic == "")
        return once and unit and free and not any(f in self.cells for f in own if f.statistic)

    def take(self, row: Mapping[str, str], own: Mapping[Field, str]) -> None:
        """Put a row of outcomes.csv into the cells."""
        if row["statistic"] not in UNITLESS:
            self.once["unit"], self.settled = row["unit"], True
        self.cells |= own


def _once(row: Mapping[str, str]) -> dict[str, str]:
    return {column: cell for column, cell in row.items() if column not in layout.OF_ARM}


def fits(row: Mapping[str, str], sheet: str) -> bool:
    """Whether a row of outcomes.csv can stand on a sheet with arms side by side, and come back."""
    if not layout.has(sheet, row["statistic"], row["arm"]):
        return False
    own = [f for f in _own(row) if f.statistic]
    unit = row["statistic"] in UNITLESS and row["unit"]
    # A heading that would be read as that of something else (an SD that is a row) does not do.
    return bool(own) and not unit and all(layout.field(layout.head(f)) == f for f in own)


def _own(row: Mapping[str, str]) -> dict[Field, str]:
    arm, statistic = row["arm"], row["statistic"]
    own = {Field(arm, statistic, column): row[column] for column in OF_NUMBER if row[column]}
    return {**own, Field(arm, "", SHARED): row[SHARED]}


def widen(rows: Iterable[Mapping[str, str]]) -> list[Wide]:
    """Rows of outcomes.csv, each with a cell for every column, as rows with arms side by side.

    Rows that differ in what is said once, or fill one cell twice, come under one another. Only for
    rows that `fits`; `lengthen` gives them back.
    """
    found: dict[tuple, list[Wide]] = {}
    for row in rows:
        once = _once(row)
        alike = found.setdefault(tuple(sorted({**once, "unit": ""}.items())), [])
        own = _own(row)
        wide = next((one for one in alike if one.takes(row, own)), None)
        if wide is None:
            wide = Wide({**once, "unit": ""})
            alike.append(wide)
        wide.take(row, own)
    return [wide for alike in found.values() for wide in alike]


def lengthen(wide: Wide) -> Iterator[tuple[dict[str, str], Field]]:
    """The rows of outcomes.csv that a row of a sheet holds, each with the field that names it: that
    of its value, or of the first cell that is filled in. Arms and statistics in their order."""
    named: dict[tuple[str, str], list[Field]] = {}
    for one, cell in wide.cells.items():
        if cell and one.statistic:
            named.setdefault((one.arm, one.statistic), []).append(one)
    for (arm, statistic), own in named.items():
        row = {**wide.once, "arm": arm, "statistic": statistic, **dict.fromkeys(OF_NUMBER, "")}
        row |= {one.column: wide.cells[one] for one in own}
        row[SHARED] = wide.cells.get(Field(arm, "", SHARED), "")
        if "/" not in arm and any("/" in pair for pair, _ in named):
            row |= dict.fromkeys(_of_pairs(row), "")
        row["unit"] = _unit(own[0], row["unit"], wide.cells)
        yield row, min(own, key=lambda one: OF_NUMBER.index(one.column))


def _of_pairs(once: Mapping[str, str]) -> list[str]:
    """The columns that are said once and, where a row holds a comparison beside its arms, are of
    the comparison alone: a model adjusts a ratio and not the counts beside it, and what accounts
    for clusters is an error."""
    model = ["adjusted"] if once.get("adjusted") in MODELS else []
    return [*model, *(["clusters"] if once.get("clusters") else [])]


_SHARES = {*PROPORTIONS, "risk-difference"}


def _unit(one: Field, unit: str, cells: Mapping[Field, str]) -> str:
    """The unit of a number in a row that says `unit` once: that of the numbers which it can be of,
    where there are such, and of the others none.

    Beside survival in percent a median is in the protocol's unit of time, and survival beside a
    median in years is in none. Person-time beside a rate per 100 person-years is in years; a rate
    beside events in years of person-time is per year, to which the checks hold it.
    """
    held = {f.statistic for f, cell in cells.items() if cell and f.statistic}
    mine = {f.statistic for f, cell in cells.items() if cell and f.arm == one.arm}
    statistic = one.statistic
    if statistic in UNITLESS:
        return ""
    times = (TIMES | MEASURED) if held & {"survival", "mortality"} else TIMES
    if unit in ("%", "proportion"):
        return "" if statistic in times and held & _SHARES else unit
    if unit in DAYS and statistic in _SHARES:
        return "" if held & times else unit
    if unit in DAYS and statistic == "rate":
        return f"per {unit[:-1]}" if {"events", "person-time"} <= mine else unit
    of = A_RATE.fullmatch(unit)
    return of_rate(of)[1] if of and statistic == "person-time" and "rate" in mine else unit


def without_number(wide: Wide) -> list[Field]:
    """Patients of an arm of which nothing else is filled in."""
    has = {one.arm for one, cell in wide.cells.items() if cell and one.statistic}
    return [one for one, c in wide.cells.items() if c and not one.statistic and one.arm not in has]


def idle_unit(wide: Wide) -> bool:
    """Whether a unit stands beside numbers none of which has one."""
    numbers = {one.statistic for one, cell in wide.cells.items() if cell and one.statistic}
    return bool(wide.once.get("unit")) and bool(numbers) and numbers <= UNITLESS
