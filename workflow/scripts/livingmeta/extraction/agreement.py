"""How far two extractors agree: cell by cell of outcomes.csv, field by field, and in all.

Two are compared on the studies of which both have read something. Consensus is neither's reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from livingmeta import spreadsheets, tables
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction.cells import at_one_time, cell, is_consensus, reader
from livingmeta.extraction.compared import compared, differ
from livingmeta.extraction.two_readings import readings_apart, told_apart
from livingmeta.formulas.shares import wilson
from livingmeta.screening.agreement import kappa

# What two readings of a cell can contradict one another in; the rest is told, and no conflict.
NUMBERS = ("value", "n", "interval", "se", "sd", "p_value")
LISTS = ("adjusted", "part", "event", "measured", "clusters", "direction")
TOLD = ("unit", "arm", "source")
FIELDS = (*NUMBERS, "statistic", "time", *LISTS, *TOLD)
# Those of a closed list, of which kappa is given: what nobody says is a word of it too.
CLOSED = ("adjusted", "event", "measured", "direction", "unit")
ALL, FOUND = "all", "found"  # cells that agree in all, and cells that both have found


class Both(NamedTuple):
    """A cell as either or both of two read it, and whether they say the same in each field."""

    first: dict | None
    second: dict | None
    same: dict[str, bool]


class Compared(NamedTuple):
    """Two readings of everything: tables in the columns of their schemas.

    `readings`: a row a cell and pair of extractors, in the order of studies and rows; `agreement`:
    a row a pair of extractors and field.
    """

    readings: pd.DataFrame
    agreement: pd.DataFrame


def compare(outcomes: pd.DataFrame) -> Compared:
    """Each cell that one of two extractors has read, and how far they agree; no rows where no two
    have read one study.

    `outcomes`: results/extraction/outcomes.csv. A field is compared where both say something.
    Shares have Wilson's interval, which takes cells as independent; kappa is Cohen's.
    """
    rows: list[dict[str, Any]] = []
    of: dict[tuple[str, str], list[Both]] = {}
    for records in _studies(outcomes):
        for names, found, agreed in _compared(records):
            both = [
                Both(a, b, compare_fields(a, b) if a is not None and b is not None else {})
                for a, b in found
            ]
            rows += [_row(names, one, agreed) for one in both]
            of.setdefault(names, []).extend(both)
    shares = [row for names, both in of.items() for row in _fields(names, both)]
    return Compared(
        pd.DataFrame(rows, columns=tables.columns("extraction/readings"), dtype=object),
        pd.DataFrame(shares, columns=tables.columns("extraction/agreement"), dtype=object),
    )


def together(numbers: pd.DataFrame, others: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Agreement on outcomes.csv with rows of other tables below it."""
    rows = pd.DataFrame(others, columns=numbers.columns, dtype=object)
    return pd.concat([numbers, rows], ignore_index=True) if len(rows) else numbers


def extractors(outcomes: pd.DataFrame) -> list[str]:
    """Who has read something, as first written, in the order of the rows; no name is one: ""."""
    found: dict[str, str] = {}
    for name in outcomes["extractor"]:
        record = {"extractor": name}
        if not is_consensus(record):
            found.setdefault(reader(record), tables.text(name).strip())
    return list(found.values())


def compare_fields(one: dict, other: dict) -> dict[str, bool]:
    """Of each field that two readings of one number both fill, whether they say the same."""
    apart = told_apart(one, other)
    found = {} if apart else compared(one, other)
    if apart:
        as_one = {name: one.get(name) for name in apart}
        found = compared(one, other | as_one) | dict.fromkeys(apart, False)
    if not (tables.text(one.get("direction")) or tables.text(other.get("direction"))):
        found.pop("direction", None)
    for name in ("statistic", "time", *LISTS):
        told = [tables.text(r.get(name)).strip() for r in (one, other)]
        if all(told):
            found.setdefault(name, True)
    units = [tables.text(r.get("unit")).strip() for r in (one, other)]
    if any(units):
        found["unit"] = units[0] == units[1]
    if "/" in one["arm"]:
        found["arm"] = one["arm"] == other["arm"]
    places = [spreadsheets.squeezed(tables.text(r.get("source"))) for r in (one, other)]
    if all(places):
        found["source"] = places[0] in places[1] or places[1] in places[0]
    return found


def _studies(outcomes: pd.DataFrame) -> Iterator[list[dict]]:
    """The rows of each study that more than one has read, with None for what is missing."""
    found: dict[str, list[dict]] = {}
    for row in as_dicts(outcomes.astype(object).where(outcomes.notna(), None)):
        found.setdefault(row["study_id"], []).append(row)
    yield from (rows for rows in found.values() if len({reader(row) for row in rows}) > 1)


Found = tuple[tuple[str, str], list[tuple[dict | None, dict | None]], list[dict]]


def _compared(records: list[dict]) -> Iterator[Found]:
    """Of each two extractors of a study the cells, each with the row of either or None, and the
    rows of consensus."""
    agreed = [record for record in records if is_consensus(record)]
    mine: dict[str, list[dict]] = {}
    for record in records:
        if not is_consensus(record):
            mine.setdefault(reader(record), []).append(record)
    for one, other in combinations(mine, 2):
        names = (_named(mine[one]), _named(mine[other]))
        rows = mine[one] + mine[other]
        found: list[tuple[dict | None, dict | None]] = []
        alone: list[tuple[dict | None, dict | None]] = []
        for same in _cells(rows):
            sides = [[r for r in same if reader(r) == name] for name in (one, other)]
            if all(sides):
                first, second = min(product(*sides), key=_unlike)
                found.append((first, second))
            else:
                alone += [(r, None) for r in sides[0][:1]] + [(None, r) for r in sides[1][:1]]
        for pair in readings_apart(rows, differ):
            first, second = sorted(pair, key=lambda r: reader(r) != one)
            found.append((first, second))
            alone = [p for p in alone if not any(r is x for r in p for x in pair)]
        found = sorted([*found, *alone], key=lambda p: min(int(r["row"]) for r in p if r))
        yield names, found, agreed


def _named(rows: list[dict]) -> str:
    return tables.text(rows[0].get("extractor")).strip()


def _unlike(pair: tuple[Any, ...]) -> int:
    return sum(not same for same in compared(*pair).values())


def _cells(records: list[dict]) -> Iterator[list[dict]]:
    """Rows by the cell that they fill, those that stand alone too."""
    found: dict[tuple[str, ...], list[dict]] = {}
    for record in records:
        found.setdefault(cell(record), []).append(record)
    for rows in found.values():
        yield from (some for some in at_one_time(rows) if some)


def _row(names: tuple[str, str], both: Both, agreed: list[dict]) -> dict[str, Any]:
    first, second = both.first, both.second
    one = first or second or {}
    state = "first-only" if second is None else "second-only"
    unlike = [name for name, same in both.same.items() if not same]
    if first and second:
        state = "differ" if set(unlike) - set(TOLD) else "agree"
    consensus = _consensus([r for r in (first, second) if r], agreed)
    said = {
        f"{which}_{what}": row[column] if row else None
        for which, row in (("first", first), ("second", second))
        for what, column in (("row", "row"), ("says", "printed"))
    }
    return {
        **{name: one[name] for name in ("study_id", "outcome", "arm", "time", "statistic")},
        "first": names[0],
        "second": names[1],
        **said,
        "state": state,
        "differs": " ".join(name for name in FIELDS if name in unlike),
        "consensus_row": consensus["row"] if consensus else None,
        "consensus_says": consensus["printed"] if consensus else None,
        "settled_as": _settled_as(consensus, first, second) if consensus else "",
    }


def _consensus(rows: list[dict], agreed: list[dict]) -> dict | None:
    """What people agreed on of a cell, if they have."""
    for row in rows:
        for other in agreed:
            if cell(row) == cell(other) and any(
                len(group) == 2 for group in at_one_time([row, other])
            ):
                return other
    return None


def _settled_as(agreed: dict, first: dict | None, second: dict | None) -> str:
    """Whose reading people agreed on: first, second, both or neither."""
    same = [bool(row) and not differ(row or {}, agreed) for row in (first, second)]
    return {(True, True): "both", (True, False): "first", (False, True): "second"}.get(
        (same[0], same[1]), "neither"
    )


def _fields(names: tuple[str, str], found: list[Both]) -> Iterator[dict[str, Any]]:
    """Rows of extraction/agreement of two extractors."""
    both = [(one.first, one.second) for one in found if one.first and one.second]
    fields = [one.same for one in found if one.first and one.second]
    of = {"table": "outcomes", "first": names[0], "second": names[1]}
    conflicts = sum(any(not same and n not in TOLD for n, same in f.items()) for f in fields)
    yield of | {"field": ALL} | _share(len(both) - conflicts, len(both))
    yield of | {"field": FOUND} | _share(len(both), len(found))
    for name in FIELDS:
        told = [f[name] for f in fields if name in f]
        row = of | {"field": name} | _share(sum(told), len(told))
        if name in CLOSED:
            row |= kappa_of([(_word(a, name), _word(b, name)) for a, b in both])
        if told:
            yield row


def _word(row: dict, name: str) -> str:
    return tables.text(row.get(name)).strip()


def _share(count: int, of: int) -> dict[str, Any]:
    if not of:
        return {"compared": 0, "agree": 0}
    low, high = wilson(count, of)
    return {"compared": of, "agree": count, "share": count / of, "low": low, "high": high}


def share_of(same: Iterable[bool]) -> dict[str, Any]:
    """How many of some comparisons agree, as columns of extraction/agreement."""
    told = list(same)
    return _share(sum(told), len(told))


def kappa_of(words: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Cohen's kappa of what two say; nothing where chance explains all."""
    words = list(words)
    known = {word: i for i, word in enumerate(sorted({w for pair in words for w in pair}))}
    found = kappa(np.array([[known[a], known[b]] for a, b in words]).reshape(-1, 2))
    if found["kappa"] is None:
        return {}
    of = {"kappa": found["kappa"], "kappa_low": found["ci_low"], "kappa_high": found["ci_high"]}
    return {name: min(1.0, max(-1.0, value)) for name, value in of.items()}  # but for rounding
