"""Which record holds which number of a trial register, and what the register says of the trial.

A number leads from a registration to the reports that name it: both stay records of their own.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.screening import kinds, trial_numbers

COLUMNS = tables.columns("screening/registrations")
_SAID = COLUMNS[5:]  # what a register says of its trial
ENTRY, NAMED = "entry", "named"


def held(copies: pd.DataFrame, names: list[str], listed: pd.DataFrame) -> pd.DataFrame:
    """One row a number and record, in the columns of registrations.csv, sorted by both.

    `copies`: the records of all exports as they were read, `names` what each of them is called in
    `listed`, the rows of copies.csv. Of
    several copies of an entry the one says most that has most of its fields filled.
    """
    if "registration" not in copies or not copies["registration"].any():
        return tables.empty("screening/registrations")
    record = dict(zip(listed["copy"], listed["record_id"], strict=True))
    found: dict[tuple[str, str], list[dict[Any, Any]]] = defaultdict(list)
    for name, row in zip(names, as_dicts(copies), strict=True):
        for place, number in enumerate(row["registration"].split()):
            own = place == 0 and _is_entry(row)
            found[number, record[name]].append({**row, "role": ENTRY if own else NAMED})
    out = []
    for (number, record_id), rows in sorted(found.items()):
        best = max(rows, key=lambda row: (row["role"] == ENTRY, sum(map(bool, _said(row)))))
        said = dict(zip(_SAID, _said(best), strict=True))
        out.append(
            {
                "number": number,
                "register": trial_numbers.register(number),
                "record_id": record_id,
                "role": best["role"],
                "title": best["title"],
                **(said if best["role"] == ENTRY else dict.fromkeys(said, "")),
            }
        )
    return pd.DataFrame(out, columns=COLUMNS).astype("str")


def entry_of(row: Mapping[Any, Any]) -> str:
    """The number of the trial whose entry a copy is; "" where it is none."""
    numbers = (row.get("registration") or "").split()
    return numbers[0] if numbers and _is_entry(row) else ""


def _is_entry(row: Mapping[Any, Any]) -> bool:
    kind = kinds.kind(row["title"], row["type"], row["doi"], row["journal"])
    return kind == kinds.REGISTRATION or "registr" in row["type"].lower()


def _said(row: dict[Any, Any]) -> list[str]:
    return [row.get(column) or "" for column in _SAID]
