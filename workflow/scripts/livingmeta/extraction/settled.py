"""Several values of one cell: which rows count, and what people have to settle first.

A cell is what one number can stand for: study, outcome, arm (or pair of arms, whichever way round),
time, statistic, and what tells rows of these apart (settling.CELL_FURTHER). Rows of one cell that
say the same count once; where two say different things none counts, until a person settles it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from math import nan
from typing import Any, NamedTuple

from livingmeta import tables
from livingmeta.errors import InputError
from livingmeta.extraction import places
from livingmeta.extraction.cells import (
    SPREADS,
    at_one_time,
    cell,
    cells,
    content,
    is_consensus,
    reader,
)
from livingmeta.extraction.compared import differ, differing, wording
from livingmeta.extraction.reworded import in_other_words
from livingmeta.extraction.rows import DIFFERENCES, RATIOS, read_row
from livingmeta.extraction.two_readings import readings_apart, told_apart
from livingmeta.words import people, settling
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
    for one, other in readings_apart(records, differ):
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
    apart = list(readings_apart(standing, differ))
    for rows in (*cells(standing), *_spreads(standing), *apart):
        for clash in [_apart(rows)] if rows in apart else _clashes(rows):
            of_effects = in_other_words(rows[0]["statistic"]) in EFFECTS
            if several and of_effects and clash.kind == "printed-twice":
                continue
            found.append(clash)
            out |= {id(record) for record in clash.records}
        chosen = [r for r in rows if reader(r) == people.key(until)]
        others = [r for r in rows if reader(r) != people.key(until)]
        if chosen and any(id(r) in out for r in chosen) and not differing(chosen):
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
    if until != LEAVE_OUT and people.key(until) not in map(people.key, names):
        known = "".join(f" or {name}" for name in names)
        raise InputError(
            f"config/config.yaml: extraction.until_settled is '{until}', who has read no row of "
            f"outcomes.csv; it must be {LEAVE_OUT}{known}"
        )


def say_the_same(one: dict, other: dict) -> bool:
    """Whether two rows are of one cell and can be one value, however it is printed."""
    return cell(one) == cell(other) and not differ(one, other)


def clashes(records: Iterable[dict]) -> list[Clash]:
    """Every cell with two values, in the order of the rows."""
    standing = settled(records)
    groups = (*cells(standing), *_spreads(standing))
    found = [clash for rows in groups for clash in _clashes(rows)]
    return [*found, *map(_apart, readings_apart(standing, differ))]


def _apart(rows: list[dict]) -> Clash:
    return Clash("conflict-of-extractors", tuple(rows), told_apart(*rows))


def _clashes(rows: list[dict]) -> Iterator[Clash]:
    """What of the rows of one cell contradicts: within each reader, and between readers."""
    by_reader: dict[str, list[dict]] = {}
    for record in rows:
        by_reader.setdefault(reader(record), []).append(record)
    for mine in by_reader.values():
        if differing(mine):
            yield Clash("printed-twice", tuple(mine))
    lists = {tuple(sorted(map(content, mine))) for mine in by_reader.values()}
    if len(lists) > 1 and any(
        reader(a) != reader(b) and differ(a, b) for a, b in combinations(rows, 2)
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
    told_by = [*apart, *(["arm"] * (len({r["arm"] for r in records}) > 1))]
    errors = [k for k in SPREADS if len({tables.text(_spread(r, k)) for r in records} - {""}) > 1]
    for record in records:
        place = [f"row {places.of(record)}", tables.text(record.get("extractor")).strip()]
        value = tables.text(record.get("printed")) or tables.text(record.get("value"))
        value = value or f"p {tables.text(record.get('p_value'))}"
        if len(set(map(wording, records))) > 1:
            value = " ".join([said_as(record), value])
        given = [(k, tables.text(record.get(k))) for k in errors]
        value += "".join(
            f" {k.upper()} {text}" for k, text in given if text and k.upper() not in value
        )
        for column, word in beside:
            told = tables.text(record.get(column))
            value += f" {word} {told}" if told and f"p {told}" != value else ""
        value += f" {qualified(record, told_by)}" if told_by else ""
        said.append(f"{value} ({', '.join(filter(None, place))})")
    return " or ".join(said)
