"""Pairs that people have settled: which copies each row means, and which rows hold nothing now."""

import re
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.errors import InputError
from livingmeta.screening import identity

WAITING = tables.columns("screening/unsettled")
# Why a row waits.
GONE, SEVERAL = "no-record", "several-records"
_LINE = re.compile(r"(?!(doi|pmid|pmcid|title):).+:\d+(\.\d+)?", re.IGNORECASE)


class SettledError(InputError):
    """Settled pairs that cannot be honoured; one line each."""


class Row(NamedTuple):
    """One row of duplicates.csv with the copies that each of its names means."""

    at: str
    cells: dict[Any, Any]
    sides: tuple[frozenset[str], frozenset[str]]


def rows(called: identity.ByName, settled: pd.DataFrame | None) -> list[Row]:
    """Each row with what it names. `called`: the copies that go by each name.

    Raises SettledError for a `file:line` that is not there, a decision that is neither `same` nor
    `different`, and single copies of which one row says what others exclude.
    """
    found, problems = [], []
    for position, cells in enumerate([] if settled is None else as_dicts(settled)):
        number = cells.get("row", position + 2)  # the header is row 1 of the file
        cells = {"file": "", **cells, "row": int(number)}
        at = f"{cells['file']}, row {number}" if cells["file"] else f"row {number}"
        names = [str(cells[column]).strip() for column in ("record", "other")]
        sides = [called.of(n) or called.of(identity.canonical(n)) for n in names]
        problems += [
            f"{at}, column {column}: no export holds {name!r}; name the record by an identifier "
            "instead"
            for column, name, side in zip(("record", "other"), names, sides, strict=True)
            if not side and _LINE.fullmatch(name)  # the line of a file exchanged or renamed
        ]
        if cells["decision"] not in ("same", "different"):
            problems.append(f"{at}, column decision: {cells['decision']!r}; same or different?")
        found.append(Row(at, cells, (frozenset(sides[0]), frozenset(sides[1]))))
    certain = {at for at, row in enumerate(found) if all(len(side) == 1 for side in row.sides)}
    problems += contradictions(found, set(range(len(found))) - certain)
    if problems:
        raise SettledError("\n".join(problems))
    return found


def pairs(found: Iterable[Row]) -> pd.DataFrame | None:
    """The rows as pairs of copies: all copies of one name and all of the other; `statement` is the
    place of the row. None where there is none."""
    table = [
        (a, b, row.cells["decision"] == "same", str(row.cells.get("decided_by", "")), at)
        for at, row in enumerate(found)
        for a in sorted(row.sides[0])
        for b in sorted(row.sides[1])
    ]
    columns = ["record_id", "duplicate_of", "same", "decided_by", "statement"]
    return pd.DataFrame(table, columns=columns) if table else None


def contradictions(found: list[Row], idle: Collection[int]) -> list[str]:
    """Rows that call different what rows that say same join; `idle`: places of rows that join
    nothing."""
    group: dict[str, str] = {}

    def of(name: str) -> str:
        while group.setdefault(name, name) != name:
            name = group[name]
        return name

    for at, row in enumerate(found):
        if row.cells["decision"] == "same" and at not in idle:
            for a in row.sides[0]:
                for b in row.sides[1]:
                    group[of(a)] = of(b)
    return [
        f"{row.at}: {row.cells['record']!r} and {row.cells['other']!r} are called different, but "
        "they share a copy, or rows that say same join them; correct one of these rows"
        for row in found
        if row.cells["decision"] == "different"
        and not {of(a) for a in row.sides[0]}.isdisjoint(of(b) for b in row.sides[1])
    ]


def waiting(
    found: list[Row],
    idle: Collection[int],
    record_of: dict[str, str],
    called: identity.ByName,
) -> list[dict[str, Any]]:
    """Rows of screening/unsettled: those that name what no export holds, with a name that one slip
    tells apart, and the `idle`, which name more than two records.

    `record_of`: the record of each copy; `called`: as for `rows`.
    """
    gone = {
        (at, column): str(row.cells[column]).strip()
        for at, row in enumerate(found)
        for column, side in zip(("record", "other"), row.sides, strict=True)
        if not side
    }
    asked = {identity.canonical(name) for name in gone.values()}
    kinds = {name.partition(":")[0] for name in asked}
    alike = (name for name in called if name.partition(":")[0] in kinds)
    near = identity.slips(asked, alike)
    out = []
    for (at, _), name in gone.items():
        perhaps = near.get(identity.canonical(name), [""])[0]
        out.append((at, {"why": GONE, "name": name, "records": perhaps}))
    for at in idle:
        both = set().union(*found[at].sides)
        records = " ".join(sorted({record_of[copy] for copy in both}))
        most = max(zip(("record", "other"), found[at].sides, strict=True), key=lambda s: len(s[1]))
        name = str(found[at].cells[most[0]]).strip()
        out.append((at, {"why": SEVERAL, "name": name, "records": records}))
    return [
        {c: found[at].cells.get(c, "") for c in WAITING} | facts
        for at, facts in sorted(out, key=lambda row: (row[0], row[1]["name"]))
    ]
