"""Several values of one cell: which rows count, and what people have to settle first.

A cell is what one number can stand for: study, outcome, arm (or pair of arms, whichever way round),
time, statistic, and what tells rows of these apart (settling.CELL_FURTHER). Rows of one cell that
say the same count once; where two say different things none counts, until a person settles it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, product
from math import isfinite, nan
from typing import Any, NamedTuple

from livingmeta import tables
from livingmeta.errors import InputError
from livingmeta.extraction.cells import (
    EVENTS,
    SPREADS,
    at_one_time,
    cell,
    cells,
    content,
    is_consensus,
    reader,
)
from livingmeta.extraction.p_values import PValueError
from livingmeta.extraction.reworded import in_other_words, of_surviving
from livingmeta.extraction.rows import DIFFERENCES, RATIOS, Row, read_row, turned
from livingmeta.extraction.same_number import (
    alike,
    alike_turned,
    both,
    decimals,
    errors_differ,
    one_p,
)
from livingmeta.extraction.two_readings import readings_apart, told_apart
from livingmeta.words import settling
from livingmeta.words.cells import qualified, said_as

LEAVE_OUT = "leave-out"
EFFECTS = RATIOS | DIFFERENCES | {"effect"}  # statistics that are the effect itself


class Clash(NamedTuple):
    """Rows of one cell that contradict one another; `kind`: that of words/settling.py; `apart`: the
    columns by which two readings of one number stand in two cells."""

    kind: str
    records: tuple[dict, ...]
    apart: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What the rows say, each with its row and who read it."""
        of = _named(self.records[0], further=not self.apart)
        return f"{of} is to be settled: {_values(self.records, self.apart)}"


class Counted(NamedTuple):
    """The rows that count, those in clash, and by row a word on a reading taken until settled."""

    records: list[dict]
    clashes: list[Clash]
    until: dict[int, str]

    def unsettled(self, statistic: str) -> list[dict]:
        """The rows of a statistic that are in clash."""
        rows = (record for clash in self.clashes for record in clash.records)
        return [record for record in rows if record["statistic"] == statistic]


def settled(records: Iterable[dict]) -> list[dict]:
    """The rows of which none is overruled: of a cell that has a row of `consensus`, that alone."""
    records = list(records)
    if not any(map(is_consensus, records)):
        return records
    records = _agreed_spreads(records)
    groups = cells(records)
    overruled = {
        id(record)
        for rows in groups
        if any(map(is_consensus, rows))
        for record in rows
        if not is_consensus(record)
    }
    # What people agreed on of one cell overrules also the reading that was put into another.
    for one, other in readings_apart(records, _differ):
        if {id(one), id(other)} & overruled:
            overruled |= {id(one), id(other)}
    return [record for record in records if id(record) not in overruled]


def counted(records: Iterable[dict], until: str = LEAVE_OUT, *, several: bool = False) -> Counted:
    """The rows that a number may be taken from.

    `until`: whose reading counts where two extractors differ and nobody has settled it; `leave-out`
    for neither. A cell to which one reader gives two values counts in no case, unless it is of
    printed effects and `several` of a study are wanted.
    """
    standing = settled(records)
    found, said, out = [], {}, set()
    apart = list(readings_apart(standing, _differ))
    for rows in (*cells(standing), *_spreads(standing), *apart):
        for clash in [_apart(rows)] if rows in apart else _clashes(rows):
            of_effects = in_other_words(rows[0]["statistic"]) in EFFECTS
            if several and of_effects and clash.kind == "printed-twice":
                continue
            found.append(clash)
            out |= {id(record) for record in clash.records}
        chosen = [r for r in rows if reader(r) == until.strip().casefold()]
        others = [r for r in rows if reader(r) != until.strip().casefold()]
        if chosen and any(id(r) in out for r in chosen) and not _differing(chosen):
            out -= {id(record) for record in chosen}
            for record in chosen:
                said[read_row(record).row] = (
                    f"{_named(record)} as {until} reads it until it is settled: {_values(chosen)}, "
                    f"not {_values(others)}"
                )
    return Counted([r for r in standing if id(r) not in out], found, said)


def must_be_known(until: str, extractors: Iterable[Any]) -> None:
    """InputError where the reading that counts until it is settled is nobody's."""
    names = sorted({tables.text(name).strip() for name in extractors} - {""})
    if until != LEAVE_OUT and until.strip().casefold() not in {n.casefold() for n in names}:
        known = "".join(f" or {name}" for name in names)
        raise InputError(
            f"config/config.yaml: extraction.until_settled is '{until}', who has read no row of "
            f"outcomes.csv; it must be {LEAVE_OUT}{known}"
        )


def say_the_same(one: dict, other: dict) -> bool:
    """Whether two rows are of one cell and can be one value, however it is printed."""
    return cell(one) == cell(other) and not _differ(one, other)


def clashes(records: Iterable[dict]) -> list[Clash]:
    """Every cell with two values, in the order of the rows."""
    standing = settled(records)
    groups = (*cells(standing), *_spreads(standing))
    found = [clash for rows in groups for clash in _clashes(rows)]
    return [*found, *map(_apart, readings_apart(standing, _differ))]


def _apart(rows: list[dict]) -> Clash:
    return Clash("conflict-of-extractors", tuple(rows), told_apart(*rows))


def _clashes(rows: list[dict]) -> Iterator[Clash]:
    """What of the rows of one cell contradicts: within each reader, and between readers."""
    by_reader: dict[str, list[dict]] = {}
    for record in rows:
        by_reader.setdefault(reader(record), []).append(record)
    for mine in by_reader.values():
        if _differing(mine):
            yield Clash("printed-twice", tuple(mine))
    lists = {tuple(sorted(map(content, mine))) for mine in by_reader.values()}
    if len(lists) > 1 and any(
        reader(a) != reader(b) and _differ(a, b) for a, b in combinations(rows, 2)
    ):
        yield Clash("conflict-of-extractors", tuple(rows))


def _spreads(records: Iterable[dict]) -> list[list[dict]]:
    """SDs and SEs that are printed as rows, with each mean that has another in a column: pairs."""
    found = []
    for name in SPREADS:
        alone: dict[tuple[str, ...], list[dict]] = {}
        beside: dict[tuple[str, ...], list[dict]] = {}
        for record in records:
            if record["statistic"] == name:
                alone.setdefault(cell(record), []).append(record)
            elif record["statistic"] == "mean" and tables.text(record.get(name)):
                beside.setdefault(cell({**record, "statistic": name}), []).append(record)
        for key, means in beside.items():
            for pair in product(means, alone.get(key, [])):
                found += [some for some in at_one_time(list(pair)) if len(some) > 1]
    return found


def _spread(record: Mapping[str, Any], name: str) -> Any:
    return record.get("value" if record["statistic"] == name else name)


def _agreed_spreads(records: list[dict]) -> list[dict]:
    """Without the SD or SE, row or column, that another one of `consensus` overrules."""
    out: set[int] = set()
    bare: dict[int, dict] = {}
    for mean, alone in _spreads(records):
        mean, alone = (alone, mean) if mean["statistic"] in SPREADS else (mean, alone)
        if is_consensus(mean) and not is_consensus(alone):
            out.add(id(alone))
        elif is_consensus(alone) and not is_consensus(mean):
            bare.setdefault(id(mean), dict(mean))[alone["statistic"]] = nan
    return [bare.get(id(r), r) for r in records if id(r) not in out]


def _differing(rows: list[dict]) -> bool:
    return any(_differ(a, b) for a, b in combinations(rows, 2))


def _differ(one: dict, other: dict) -> bool:
    """Whether two rows of one cell contradict: what one of them leaves out contradicts nothing."""
    a, b = printed = _read(one), _read(other)
    if a.statistic != b.statistic:
        name = a.statistic if a.statistic in SPREADS else b.statistic
        if name not in SPREADS:  # one of them has no value that could be said in other words
            return False
        x, y = (float(r.value if r.statistic == name else getattr(r, name)) for r in (a, b))
        return both(x, y) and not alike(x, y)
    if a.direction != b.direction or (both(a.n, b.n) and a.n != b.n):
        return True
    if a.statistic == "median" and isfinite(a.value) != isfinite(b.value):
        return True  # not reached, and reached
    same = alike
    if _wording(one) != _wording(other) or a.logarithm:
        if any(low >= high for low, high in _overlaps(one, other)):
            return True
        a, b = (replace(r, value=nan, ci_low=nan, ci_high=nan) for r in (a, b))
        if a.statistic in RATIOS and not (a.logarithm and b.logarithm):
            a = replace(a, se=nan)
    elif a.arm != b.arm:
        b, same = turned(b, a.arm), alike_turned
    pairs = [(a.value, b.value), (a.ci_low, b.ci_low), (a.ci_high, b.ci_high)]
    if not (b.turned and a.statistic in RATIOS):  # an SE of 1/x is not that of x
        pairs += [(a.se, b.se), (a.sd, b.sd)]
    if any(both(x, y) and not same(x, y) for x, y in pairs) or errors_differ(*printed):
        return True
    if a.has_ci and b.has_ci and a.ci_level != b.ci_level:
        return True
    return a.p is not None and b.p is not None and not one_p(a.p, b.p)


def _wording(record: Mapping[str, Any]) -> tuple[str, str]:
    """In what words a row says what its cell is of: the statistic as printed, and its event."""
    event = tables.text(record.get("event")).strip()
    known = EVENTS.get(in_other_words(record["statistic"]), ())
    return record["statistic"], "death" if event == "" and "" in known else event


def _overlaps(one: dict, other: dict) -> Iterator[tuple[float, float]]:
    """Of each number that two rows print in other words, the highest of the lowest that they can be
    before rounding, and the lowest of the highest."""
    arm = _read(one).arm
    sides = [[_of_dying(r, arm) for r in _rounded_from(record)] for record in (one, other)]
    for name in ("value", "ci_low", "ci_high"):
        ranges = [sorted(getattr(row, name) for row in rows) for rows in sides]
        if all(x == x for pair in ranges for x in pair):
            (low_a, high_a), (low_b, high_b) = ranges
            slack = 1e-9 * max(1.0, abs(high_a)) if isfinite(high_a) else 0.0
            yield max(low_a, low_b) + slack, min(high_a, high_b)


def _rounded_from(record: dict) -> list[Row]:
    """The row with all its numbers half a digit lower, and half a digit higher."""
    found = []
    for sign in (-1, 1):
        moved = {}
        for name in ("value", "ci_low", "ci_high"):
            text = tables.text(record.get(name))
            if text and isfinite(float(text)):
                exact = Decimal(text)
                # A number has lost the noughts at its end: 0.7 may be 0.70.
                size = abs(exact)
                digits = max(decimals(exact), 2 if size < 1 else 1 if size < 10 else 0)
                moved[name] = float(exact + sign * Decimal(1).scaleb(-digits) / 2)
        found.append(_read(record | moved))
    return found


def _of_dying(row: Row, arm: str) -> Row:
    """A ratio or difference the way round of `arm`, and of dying whatever it counts."""
    row = row if row.arm == arm else turned(row, arm)
    if row.event == "survival" and row.statistic in ("odds-ratio", "risk-difference"):
        return of_surviving(row)  # the same turn leads back
    return row


def _read(record: dict) -> Row:
    """The row as numbers; the spelling of its p is looked at elsewhere."""
    try:
        return read_row(record)
    except PValueError:
        return replace(read_row(record | {"p_value": ""}), p=None)


def _named(record: Mapping[str, Any], *, further: bool = True) -> str:
    said = {k: "" if v is None or v != v else v for k, v in record.items()}
    return settling.cell(said, further=further)


def _values(records: Iterable[Mapping[str, Any]], apart: Sequence[str] = ()) -> str:
    """What rows say, each with its row and who read it."""
    said = []
    records = list(records)
    # What tells rows apart that print the same.
    beside = [
        (column, word)
        for column, word in (("n", "of"), ("p_value", "p"), ("ci_level", "at"), ("direction", ""))
        if len({tables.text(r.get(column)) for r in records} - {""}) > 1
    ]
    errors = [k for k in SPREADS if len({tables.text(_spread(r, k)) for r in records} - {""}) > 1]
    for record in records:
        place = [f"row {record['row']}", tables.text(record.get("extractor")).strip()]
        value = tables.text(record.get("printed")) or tables.text(record.get("value"))
        value = value or f"p {tables.text(record.get('p_value'))}"
        if len(set(map(_wording, records))) > 1:
            value = " ".join([said_as(record), value])
        given = [(k, tables.text(record.get(k))) for k in errors]
        value += "".join(
            f" {k.upper()} {text}" for k, text in given if text and k.upper() not in value
        )
        for column, word in beside:
            told = tables.text(record.get(column))
            value += f" {word} {told}" if told and f"p {told}" != value else ""
        value += f" {qualified(record, apart)}" if apart else ""
        said.append(f"{value} ({', '.join(filter(None, place))})")
    return " or ".join(said)
