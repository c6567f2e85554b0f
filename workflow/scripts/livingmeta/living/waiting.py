"""One thing that waits for a person, and the tables in which such things are found."""

import re
from collections.abc import Collection, Mapping
from pathlib import PurePath
from typing import Any, NamedTuple

import pandas as pd

from livingmeta import files
from livingmeta.as_dicts import as_dicts
from livingmeta.words import settling

Tables = Mapping[str, pd.DataFrame]
# Tables that a workbook may hold too.
OF_WORKBOOK = (settling.STUDIES, settling.OUTCOMES, settling.RISK_OF_BIAS, settling.CERTAINTY)


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
    return as_dicts(filled)


def syntheses_of(found: Tables) -> dict[str, list[str]]:
    """The syntheses in which each study counts, in the order of the tables."""
    of: dict[str, dict[str, None]] = {}
    usable = [row for row in rows_of(found["intervals"]) if not row["reason"]]
    for row in [*rows_of(found["effects"]), *usable]:
        of.setdefault(row["study_id"], {})[row["synthesis"]] = None
    return {study: list(names) for study, names in of.items()}


def where_it_stands(row: dict[str, str], brought: Collection[str]) -> dict[str, str]:
    """A row of the list that names the workbook where its numbers stand there, or where nobody
    brought the table that it names."""
    books = sorted(path for path in brought if files.of_kind(path, settling.WORKBOOK))
    books.sort(key=lambda path: path != settling.WORKBOOK)
    absent = [table for table in OF_WORKBOOK if table not in brought] if books else []
    file, cure = row["file"], row["cure"]
    if file == settling.STUDIES and file not in cure:  # what is said of a study and of no number
        cure = cure.replace(settling.OUTCOMES, file)
    if file in absent or (file in OF_WORKBOOK and re.match(r"[^,]+!", row["rows"])):
        named = re.match(r"[^,!]+![^,]* of ([^,]+)", row["rows"])
        own = [path for path in books if named and PurePath(path).name == named[1]]
        file = next(iter([*own, *books]), settling.WORKBOOK)
    if file.endswith(".xlsx") and row["file"] not in absent:
        cure = cure.replace(row["file"], file).replace(settling.OUTCOMES, file)
    for table in absent:
        cure = cure.replace(table, " or ".join(books))
    return row | {"file": file, "cure": cure}
