"""Studies that are called otherwise than in a release: one study, and none that came or went."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import pandas as pd

from livingmeta.living.differences import matched
from livingmeta.living.state import State

# Columns that name studies, several with blanks between.
_NAMES = ("study_id", "shares_with")


def renamed(before: State, after: State, same: Mapping[str, str]) -> dict[str, str]:
    """The study_id after by study_id before, of each study that is gone and whose very reports are
    those of one that is new. `same`: as differences.matched gives it.

    Where two such have one report, as two comparisons of one trial, nobody can tell which is which.
    """
    old, new = _reports(before, same), _reports(after, {})
    gone, come = (
        {reports: name for name, reports in one.items() if reports and name not in other}
        for one, other in ((old, new), (new, old))
    )
    of = [*old.values()], [*new.values()]
    alone = (r for r in gone if r in come and all(studies.count(r) == 1 for studies in of))
    return {gone[reports]: come[reports] for reports in alone}


def _reports(state: State, same: Mapping[str, str]) -> dict[str, frozenset[str]]:
    pairs = zip(state.studies["study_id"], state.studies["records"], strict=True)
    return {
        str(name): frozenset(same.get(record, record) for record in str(records).split())
        for name, records in pairs
    }


def called(state: State, names: Mapping[str, str]) -> State:
    """The same state with studies under other names; `names`: by those that they have."""
    if not names:
        return state

    def of_cell(cell: object) -> object:
        return " ".join(names.get(n, n) for n in cell.split()) if isinstance(cell, str) else cell

    changed: dict[str, Any] = {}
    for field in fields(state):
        table = getattr(state, field.name)
        if isinstance(table, pd.DataFrame):
            columns = {name: table[name].map(of_cell) for name in _NAMES if name in table}
            changed[field.name] = table.assign(**columns) if columns else table
    return replace(state, **changed)


def in_latest_names(states: list[State]) -> list[State]:
    """States, the oldest first, with each study as the last of them calls it."""
    found = states[-1:]
    for state in reversed(states[:-1]):
        names = renamed(state, found[0], matched(state, found[0]))
        found.insert(0, called(state, names))
    return found
