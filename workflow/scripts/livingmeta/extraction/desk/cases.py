"""What two people read differently, as cases to settle: each with its readings side by side.

A case holds what each reading says, cell by cell as typed, where it stands, what the checks say of
it, and the rows of consensus that choosing it writes. Only what both have read is here: a page
that anybody may open can keep nothing from the second reader.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction import agreement, places
from livingmeta.extraction.cells import cells, reader
from livingmeta.extraction.checks import problem
from livingmeta.extraction.proposals import Proposed, one_cell
from livingmeta.extraction.settled import clashes
from livingmeta.words import settling

NUMBERS = "numbers"
# Columns of outcomes.csv that a case is about, or that say who read.
_ABOUT = ("study_id", "outcome", "extractor")
# What can be typed where neither reading is right, whatever these fill.
_TYPED = ("value", "n", "source", "quote")
COLUMNS = [name for name in tables.columns("data/outcomes") if name not in _ABOUT]
# A field that is compared, and the columns that it stands in where these are called otherwise.
_STANDS_IN = {"interval": ("ci_low", "ci_high", "ci_level"), "time": ("time", "time_unit")}


def of_numbers(
    typed: pd.DataFrame,
    outcomes: pd.DataFrame,
    problems: pd.DataFrame,
    proposed: Iterable[Proposed] = (),
) -> dict[str, Any]:
    """`cases`: each number that two extractors read differently and nobody has settled, in the
    order of the rows; `printed`: by study and outcome of these what else two have read.

    `typed`: rows as they stand in the files, names as the protocol has them; `outcomes`,
    `problems`: results/extraction/*.csv; rows of all are told by the column `row`.
    """
    empty: dict[str, Any] = {"cases": [], "printed": {}}
    if len(agreement.extractors(outcomes)) < 2:
        return empty
    rows = as_dicts(outcomes.astype(object).where(outcomes.notna(), None))
    open_ = [c for c in clashes(rows) if c.kind == "conflict-of-extractors"]
    if not open_:
        return empty
    as_typed = {int(row["row"]): row for row in as_dicts(typed)}
    said = _of_checks(problems)
    proposals = list(proposed)
    found: list[dict[str, Any]] = []
    for clash in open_:
        first = clash.records[0]
        numbers = [int(record["row"]) for record in clash.records]
        sides = [
            _side(record, as_typed[number], said.get(number, []))
            for number, record in zip(numbers, clash.records, strict=True)
        ]
        theirs = [p for p in proposals if any(one_cell(r, p.record) for r in clash.records)]
        machines = [_side(p.record, p.typed, []) | {"number": p.row} for p in theirs]
        filled = {name: "" if value is None else value for name, value in first.items()}
        said_of = {name for side in sides for name in side["cells"]} - {*_TYPED}
        found.append(
            {
                "kind": NUMBERS,
                "key": key([{"study": first["study_id"], "outcome": first["outcome"]}, *sides]),
                "study": first["study_id"],
                "title": settling.cell(filled, further=not clash.apart),
                "fixed": {"study_id": first["study_id"], "outcome": first["outcome"]},
                "differs": _differs(clash.records),
                "edit": [*_TYPED, *(name for name in COLUMNS if name in said_of)],
                "sides": sides,
                "machines": machines,
                "beside": _beside_key(first),
            }
        )
    wanted = {case["beside"] for case in found}
    return {"cases": found, "printed": _printed(rows, wanted)}


def together(numbers: dict[str, Any], others: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Cases of numbers with those of other tables behind them."""
    keyed = [case | {"key": key([case["fixed"], *case["sides"]])} for case in others]
    return numbers | {"cases": [*numbers["cases"], *keyed]}


def key(sides: Iterable[Mapping[str, Any]]) -> str:
    """What a decision on a case is kept under: another one as soon as a reading changes."""
    told = [[side.get("by"), side.get("cells", side)] for side in sides]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _side(
    record: Mapping[str, Any], typed: Mapping[Any, Any], checks: list[list[str]]
) -> dict[str, Any]:
    """One reading: who, where, its row, and its cells as typed."""
    cells = {name: tables.text(typed.get(name)).strip() for name in COLUMNS}
    return {
        "by": tables.text(record.get("extractor")).strip(),
        "where": places.beside_name(record, settling.OUTCOMES),
        "number": int(record["row"]),
        "cells": {name: text for name, text in cells.items() if text},
        "checks": checks,
    }


def _differs(records: Iterable[dict]) -> list[str]:
    """The columns in which any two of some readings differ."""
    found: set[str] = set()
    for one, other in combinations(records, 2):
        if reader(one) != reader(other):
            same = agreement.compare_fields(one, other)
            for name in (name for name, alike in same.items() if not alike):
                found |= {*_STANDS_IN.get(name, (name,))}
    return [name for name in COLUMNS if name in found]


def _of_checks(problems: pd.DataFrame) -> dict[int, list[list[str]]]:
    """By row what the checks say of it: how grave, and in words."""
    found: dict[int, list[list[str]]] = {}
    for _, one in problem.each(problems):
        for row in one.rows:
            beside = settling.beside(tables.text(one.value), tables.text(one.expected))
            found.setdefault(row, []).append([one.severity, f"{one.message}{beside}"])
    return found


def _beside_key(record: Mapping[Any, Any]) -> str:
    return f"{record['study_id']}/{record['outcome']}"


def _printed(rows: Iterable[dict[Any, Any]], wanted: set[str]) -> dict[str, list[list[Any]]]:
    """By study and outcome what else two have read: the rows of it, what it is, the number, and who
    read it so. What one alone has read is still to be read by the other."""
    mine: dict[str, list[dict]] = {name: [] for name in sorted(wanted)}
    for row in rows:
        if (name := _beside_key(row)) in wanted:
            mine[name].append(row)
    found: dict[str, list[list[Any]]] = {}
    for name, of_outcome in mine.items():
        said: dict[tuple[str, str], list[dict]] = {}
        for alike in cells(of_outcome):
            if len({reader(row) for row in alike}) > 1:
                for row in alike:
                    filled = {k: "" if v is None else v for k, v in row.items()}
                    words = settling.cell(filled).replace(f" on {row['outcome']}", "")
                    said.setdefault((words, tables.text(row["printed"])), []).append(row)
        found[name] = [
            [
                [int(row["row"]) for row in together],
                *what,
                ", ".join(tables.text(row.get("extractor")).strip() for row in together),
            ]
            for what, together in said.items()
        ]
    return found
