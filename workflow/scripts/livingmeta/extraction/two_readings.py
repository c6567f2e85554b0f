"""Readings of two extractors that are of one number, though they put it into two cells.

One says of a hazard ratio that it is adjusted, the other that it is not; one that 71% are alive at
18, the other at 18.4. Each would stand as a number of its own, and none would be asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from math import isfinite

from livingmeta import tables
from livingmeta.extraction.cells import at_one_time, cell, is_consensus, reader, time_of
from livingmeta.extraction.reworded import in_other_words
from livingmeta.extraction.rows import same_time
from livingmeta.extraction.same_number import alike
from livingmeta.words import settling

Differ = Callable[[dict, dict], bool]
# Statistics that one number is easily put under for another.
_ALIKE = (
    {"mean", "median"},
    {"se", "sd"},
    {"q1", "minimum"},
    {"q3", "maximum"},
    {"odds-ratio", "risk-ratio", "hazard-ratio", "incidence-rate-ratio"},
    {"mean-difference", "standardised-mean-difference"},
)
_FAMILY = {name: min(family) for family in _ALIKE for name in family}


def readings_apart(records: list[dict], differ: Differ) -> Iterator[list[dict]]:
    """Pairs of rows of two extractors, of one outcome, arm and statistic (or of two that are easily
    taken for each other), that are in two cells and are two readings of one number, in the order of
    the rows.

    They are where both say the same number, whatever else they say of it (of 22 weeks and of 22
    months: one unit is wrong; of 3 and of 12 weeks, with one SD: one time is); and where each is
    the only one of its time that the other extractor did not read, unless their patients differ.
    `differ`: whether two rows of one cell contradict. What people agreed on is none of them.
    """
    records = [record for record in records if not is_consensus(record)]
    if len({reader(record) for record in records}) < 2:
        return
    found: dict[tuple, list[dict]] = {}
    of_row = {id(record): cell(record) for record in records}
    for record in records:
        arms = "/".join(sorted(tables.text(record["arm"]).split("/")))
        of = (record.get("study_id"), record.get("outcome"))
        statistic = in_other_words(record["statistic"])
        what = (*of, arms, _FAMILY.get(statistic, statistic))
        found.setdefault(what, []).append(record)
    for rows in found.values():
        names = sorted({reader(record) for record in rows})
        if len({of_row[id(r)] for r in rows}) == len({time_of(r) for r in rows}) == 1:
            continue
        for first, second in combinations(names, 2):
            mine, theirs = ([r for r in rows if reader(r) == name] for name in (first, second))
            alone = _alone(mine, theirs, of_row), _alone(theirs, mine, of_row)
            yield from _pairs(*alone, differ)


def told_apart(one: dict, other: dict) -> tuple[str, ...]:
    """The columns by which two rows stand in two cells."""
    last = len(settling.CELL_FURTHER)
    pairs = zip(settling.CELL_FURTHER, cell(one)[-last:], cell(other)[-last:], strict=True)
    found = [name for name, mine, theirs in pairs if mine != theirs]
    found += ["statistic"] * (not _one_statistic(one, other))
    return (*found, *(["time"] * (time_of(one) != time_of(other))))


def _alone(mine: list[dict], theirs: list[dict], of_row: dict[int, tuple]) -> list[dict]:
    """The rows of one extractor whose cell the other has no row of; `of_row`: the cell of each, but
    for its time."""
    of_cell: dict[tuple, list[dict]] = {}
    for row in theirs:
        of_cell.setdefault(of_row[id(row)], []).append(row)
    return [
        row
        for row in mine
        if not any(_at_once(row, other) for other in of_cell.get(of_row[id(row)], []))
    ]


def _at_once(one: dict, other: dict) -> bool:
    """Whether two rows are of one time, as cells have it."""
    a, b = time_of(one), time_of(other)
    return a == b or any(len(group) == 2 for group in at_one_time([one, other]))


def _pairs(mine: list[dict], theirs: list[dict], differ: Differ) -> Iterator[list[dict]]:
    left = list(theirs)
    unlike = []
    for row in mine:
        same = [other for other in left if _one_number(row, other, differ)]
        if same:
            left = [other for other in left if other is not same[0]]
            yield sorted((row, same[0]), key=lambda r: int(r["row"]))
        else:
            unlike.append(row)
    for row in unlike:
        others = [o for o in left if _about(row, o) and _one_statistic(row, o)]
        rivals = [r for r in unlike if any(_about(r, o) and _one_statistic(r, o) for o in others)]
        if len(others) == len(rivals) == 1 and _of_the_same(row, others[0]):
            yield sorted((row, others[0]), key=lambda r: int(r["row"]))


def _one_number(one: dict, other: dict, differ: Differ) -> bool:
    """Whether two rows say the same number, whatever else they say of it."""
    times = time_of(one), time_of(other)
    near = None in times or _about(one, other) or _written(one) == _written(other)
    if not near and not _said_of_one_time(one, other):
        return False
    told = [tables.text(r.get(k)) for r in (one, other) for k in ("value", "p_value")]
    if not any(told):
        return False
    as_one = {name: one.get(name) for name in (*settling.CELL_FURTHER, "time")}
    if not _one_statistic(one, other):
        value = tables.text(one.get("value"))
        at_floor = value == "0" and {one["statistic"], other["statistic"]} == {"q1", "minimum"}
        if value != tables.text(other.get("value")) or at_floor:
            return False
        as_one["statistic"] = one["statistic"]
    return not differ(one, other | as_one)


# ASSUME: of so many events or more two times have the same number less often than one is typed
# with a wrong time.
_EVENTS = 10


def _said_of_one_time(one: dict, other: dict) -> bool:
    """Whether what two rows of unlike times say is too much to be true of both: a number with the
    same error, or a count of the same patients."""
    told = [
        {name: tables.text(r.get(name)) for name in ("value", "n", "sd", "se", "ci_low", "ci_high")}
        for r in (one, other)
    ]
    mine, theirs = told
    if not mine["value"] or any(mine[name] != theirs[name] for name in mine):
        return False
    error = any(mine[name] for name in ("sd", "se", "ci_low"))
    counted = one["statistic"] == "events" and mine["n"] and float(mine["value"]) >= _EVENTS
    return bool(error or counted)


def _one_statistic(one: dict, other: dict) -> bool:
    """Whether two rows are of one statistic, in whatever words."""
    return in_other_words(one["statistic"]) == in_other_words(other["statistic"])


def _about(one: dict, other: dict) -> bool:
    """Whether two rows may be of about one time: 18 and 18.4, or none is said of one."""
    a, b = time_of(one), time_of(other)
    return a is None or b is None or same_time(a, b) or alike(a, b)


def _written(record: dict) -> float:
    """The number of a time as it is written, whatever its unit: 22 of 22 weeks."""
    words = tables.text(record.get("time_as_written")) or tables.text(record.get("time"))
    return float(words.split()[0])


def _of_the_same(one: dict, other: dict) -> bool:
    """Whether two rows may be of the same patients: of two parts or sizes they are not."""
    sizes = [float(r["n"]) for r in (one, other) if tables.text(r.get("n"))]
    known = [n for n in sizes if isfinite(n)]
    if len(known) == 2 and known[0] != known[1]:
        return False
    parts = {tables.text(r.get("part")).strip() for r in (one, other)}
    return len(parts) == 1 or ("" in parts and len(known) == 2)
