"""How far each reviewer has come."""

from collections.abc import Mapping, Sequence

import pandas as pd

from livingmeta import tables
from livingmeta.screening.decisions import STAGES, Resolution, person

COLUMNS = tables.columns("screening/progress")


def by_person(
    resolved: Resolution, readers: Mapping[str, Mapping[str, Sequence[str]]] | None = None
) -> pd.DataFrame:
    """One row a stage and reviewer, in the order of the stages and of the names: records decided,
    how, and those that lack votes and still wait for this reviewer.

    `readers`: by stage who reads each record, as assignment.readers gives it. Whoever it names has
    a row, decided or not; `assigned` and `waiting` are then of what falls to this reviewer.
    """
    rows = []
    missing = resolved.awaiting[resolved.awaiting["state"] == "undecided"]
    for stage in STAGES:
        waiting = set(missing.loc[missing["stage"] == stage, "record_id"])
        cast = resolved.votes[resolved.votes["stage"] == stage]
        names = {person(who): str(who) for who in cast["reviewer"]}
        own = {person(str(who)): votes for who, votes in cast.groupby("reviewer")}
        falls = _falls_to(resolved, stage, (readers or {}).get(stage, {}), names)
        for who in sorted(names, key=names.__getitem__):
            votes = own.get(who, cast.iloc[:0])
            said, mine = votes["decision"].value_counts(), set(votes["record_id"])
            to_read = waiting & falls.get(who, set()) if readers else waiting
            rows.append(
                {
                    "stage": stage,
                    "reviewer": names[who],
                    "assigned": len(falls.get(who, ())) if readers else None,
                    "decided": len(votes),
                    "included": int(said.get("include", 0)),
                    "excluded": int(said.get("exclude", 0)),
                    "unsure": int(said.get("unsure", 0)),
                    "waiting": len(to_read - mine),
                    "latest": max(votes["decided_on"], default=""),
                }
            )
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table if readers else table.drop(columns="assigned")


def _falls_to(
    resolved: Resolution, stage: str, readers: Mapping[str, Sequence[str]], names: dict[str, str]
) -> dict[str, set[str]]:
    """The records of a stage that fall to each person; adds whom the batches name to `names`."""
    here = set(readers)
    if stage == STAGES[1]:
        here = set(resolved.included["record_id"])
        for table in (resolved.excluded, resolved.awaiting, resolved.conflicts):
            here |= set(table.loc[table["stage"] == stage, "record_id"])
    falls: dict[str, set[str]] = {}
    for record, team in readers.items():
        for name in team:
            names.setdefault(person(name), name)
            if record in here:
                falls.setdefault(person(name), set()).add(record)
    return falls
