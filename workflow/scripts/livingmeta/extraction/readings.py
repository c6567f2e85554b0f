"""Printed numbers as people bring them: outcomes.csv, and a file beside it for each extractor.

`outcomes-kim.csv` holds what Kim read: where its column extractor is empty, the name is that of the
file.
"""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

import pandas as pd

from livingmeta import tables
from livingmeta.extraction.places import FILE, OF_FILE
from livingmeta.screening import dropped

SCHEMA = "data/outcomes"
# What a file is called that nobody read anew: its rows would be taken for a second reading.
_NOBODY = re.compile(
    r"(copy|copies|old|new|backup|bak|draft|final|version|v?\d[\d. -]*|all|merged|template|test)"
    r"|.*\b(copy|backup|bak|old|draft|final)\b.*|kopie|copie|copia",
    re.IGNORECASE,
)


def is_nobody(name: str) -> bool:
    """Whether what a file is called is no person, but a copy or a version of it."""
    return not name or bool(_NOBODY.fullmatch(name))


def read(paths: Sequence[str]) -> pd.DataFrame:
    """The rows of all files at `paths`, each held to schema data/outcomes; none without a file.

    `row` numbers them over all files, outcomes.csv first. Where there are others `in_file` and
    `in_row` say where each of theirs stands (empty for outcomes.csv). A row that an earlier file
    holds as often counts once. `attrs["notes"]` say so, beside the notes of `tables.read`.
    Raises TableError with the faults of all files, and for a file whose name is no one's and whose
    rows do not say who read them.
    """
    if all(map(_own, paths)):
        return tables.brought(paths, SCHEMA)
    parts: list[pd.DataFrame] = []
    notes: list[str] = []
    problems: list[str] = []
    held: Counter[tuple] = Counter()
    above = 0
    for path in dropped.in_order(paths, PurePath(FILE).stem):
        try:
            part = tables.read(path, SCHEMA)
            _free(part, path)
            part = _signed(part, path, notes)
        except tables.TableError as error:
            problems += error.problems
            continue
        notes += part.attrs["notes"]
        said = [
            tuple(map(tables.text, row))
            for row in part[tables.columns(SCHEMA)].itertuples(index=False, name=None)
        ]
        fresh = dropped.fresh(said, held)
        notes += dropped.counted_once(path, fresh)
        last = above + int(part["row"].max() if len(part) else 0)
        if not _own(path):
            part = part.assign(in_file=path, in_row=part["row"].astype(str))
        parts.append(part.assign(row=part["row"] + above).loc[fresh])
        above = last
    if problems:
        raise tables.TableError(problems)
    table = pd.concat(parts, ignore_index=True)
    for column in table.columns.difference(tables.columns(SCHEMA)):
        table[column] = table[column].fillna("")  # one that only some of the files have
    table.attrs["notes"] = notes
    return table


def _own(path: str) -> bool:
    """Whether a file is the table itself, and not one beside it."""
    return PurePath(path).name == PurePath(FILE).name


def _free(part: pd.DataFrame, path: str) -> None:
    """Raises TableError for a further column that is called as one of ours."""
    if taken := [name for name in OF_FILE if name in part]:
        raise tables.TableError(
            [f"{path}, row 1, column {taken[0]}: the results have a column of this name."]
        )


def _signed(part: pd.DataFrame, path: str, notes: list[str]) -> pd.DataFrame:
    """The rows of a file with who read them: the name of the file where none is given."""
    unsigned = part["extractor"] == ""
    if _own(path) or not unsigned.any():
        return part
    stem = dropped.first_name(path)
    name = re.sub(r"^[\s_.-]+|[\s_.-]+$", "", stem[len(PurePath(FILE).stem) :])
    if is_nobody(name):
        raise tables.TableError(
            [
                f"{path}: its rows would count as what an extractor called '{name}' read. Name it "
                "for who read (outcomes-kim.csv), fill the column extractor, or take it out of "
                "data/raw."
            ]
        )
    notes.append(f"{path}: {int(unsigned.sum())} rows without an extractor read as {name}'s.")
    signed = part.assign(extractor=part["extractor"].where(~unsigned, name))
    signed.attrs["notes"] = part.attrs["notes"]
    return signed
