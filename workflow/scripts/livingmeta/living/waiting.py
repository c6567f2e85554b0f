"""One thing that waits for a person, and the tables in which such things are found."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

Tables = Mapping[str, pd.DataFrame]


class Item(NamedTuple):
    """One thing that waits: where it stands, and the facts that its words need."""

    facts: dict[str, Any]
    study_id: str = ""
    record: str = ""
    file: str = ""
    rows: str = ""


def rows_of(table: pd.DataFrame) -> list[dict]:
    """The rows of a table with empty text where pandas holds nothing."""
    filled = table.astype(object).where(table.notna(), "")
    return filled.to_dict("records")


def syntheses_of(found: Tables) -> dict[str, list[str]]:
    """The syntheses in which each study counts, in the order of the tables."""
    of: dict[str, dict[str, None]] = {}
    usable = [row for row in rows_of(found["intervals"]) if not row["reason"]]
    for row in [*rows_of(found["effects"]), *usable]:
        of.setdefault(row["study_id"], {})[row["synthesis"]] = None
    return {study: list(names) for study, names in of.items()}
