"""Printed numbers as people bring them: outcomes.csv, and a file beside it for each extractor.

`outcomes-kim.csv` holds what Kim read, and so does the workbook `extraction-kim.xlsx`: where the
column extractor is empty, the name is that of the file.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import NamedTuple

import pandas as pd

from livingmeta import tables
from livingmeta.extraction.cells import CONSENSUS
from livingmeta.extraction.places import FILE, OF_FILE
from livingmeta.screening import dropped
from livingmeta.words import people, settling

SCHEMA = "data/outcomes"
# Files that are of no extractor by their name: the table, and the workbook.
_STEMS = {PurePath(path).suffix: PurePath(path).stem for path in (FILE, settling.WORKBOOK)}
# What a file is called that nobody read anew: its rows would be taken for a second reading.
_DAY = re.compile(r"[ _.-]*\d{4}-\d\d-\d\d$")
_NOBODY = re.compile(
    r"(copy|copies|old|new|backup|bak|draft|final|version|v?\d[\d. -]*|all|merged|template|test)"
    r"|.*\b(copy|backup|bak|old|draft|final|v\d+)\b.*|kopie|copie|copia",
    re.IGNORECASE,
)


def is_nobody(name: str) -> bool:
    """Whether what a file is called is no person, but a copy or a version of it."""
    return not name or bool(_NOBODY.fullmatch(name))


class Form(NamedTuple):
    """The rows of a file of another form than outcomes.csv, a workbook: as `tables.read` gives
    those of schema data/outcomes; where each stands, as a person finds it; and whether the file's
    name is of no extractor."""

    rows: pd.DataFrame
    cells: list[str]
    unnamed: bool


def read(paths: Sequence[str], forms: Mapping[str, Form] | None = None) -> pd.DataFrame:
    """The rows of all files at `paths`, each held to schema data/outcomes, and of `forms`, by
    their paths; none without a file.

    `row` numbers them over all files, outcomes.csv first. Where there are others `in_file` and
    `in_row` say where each of theirs stands (empty for outcomes.csv). A row that an earlier file
    holds as often counts once. `attrs["notes"]` say so, beside the notes of `tables.read`.
    Raises TableError with the faults of all files, and for a file whose name is no one's and whose
    rows do not say who read them.
    """
    forms = forms or {}
    if all(map(_own, paths)) and not forms:
        return tables.brought(paths, SCHEMA)
    parts: list[pd.DataFrame] = []
    notes: list[str] = []
    problems: list[str] = []
    held: Counter[tuple] = Counter()
    above = 0
    csv, books = ([p for p in (*paths, *forms) if (p in forms) == form] for form in (False, True))
    for path in [*dropped.in_order(csv, _STEMS[".csv"]), *books]:
        try:
            part = forms[path].rows if path in forms else tables.read(path, SCHEMA)
            _free(part, path)
            part = _signed(part, path, notes, path in forms and forms[path].unnamed)
        except tables.TableError as error:
            problems += error.problems
            continue
        notes += part.attrs["notes"]
        fresh = dropped.fresh(_said(part), held)
        notes += dropped.counted_once(path, fresh)
        last = above + int(part["row"].max() if len(part) else 0)
        if path in forms or not _own(path):
            at = forms[path].cells if path in forms else part["row"].astype(str)
            part = part.assign(in_file=path, in_row=at)
        parts.append(part.assign(row=part["row"] + above).loc[fresh])
        above = last
    if problems:
        raise tables.TableError(problems)
    table = pd.concat(parts, ignore_index=True)
    for column in table.columns.difference(tables.columns(SCHEMA)):
        table[column] = table[column].fillna("")  # one that only some of the files have
    table.attrs["notes"] = notes
    return table


def _said(part: pd.DataFrame) -> list[tuple]:
    """What each row says, wherever it stands; an empty cell says as much as none."""
    columns = [column for column in part.columns if column != "row"]
    rows = part[columns].itertuples(index=False, name=None)
    said = ([(c, tables.text(v)) for c, v in zip(columns, row, strict=True)] for row in rows)
    return [tuple(sorted((c, v) for c, v in row if v)) for row in said]


def _own(path: str) -> bool:
    """Whether a file is the table itself, and not one beside it."""
    return PurePath(path).name == PurePath(FILE).name


def _free(part: pd.DataFrame, path: str) -> None:
    """Raises TableError for a further column that is called as one of ours."""
    if taken := [name for name in OF_FILE if name in part]:
        raise tables.TableError(
            [f"{path}, row 1, column {taken[0]}: the results have a column of this name."]
        )


def named_for(path: str) -> str:
    """What the name of a file adds to that of the table or the workbook: `kim` of
    outcomes-kim.csv; "" of these themselves."""
    return person(path, _STEMS[PurePath(path).suffix.casefold()])


def person(path: str, own: str) -> str:
    """Who a file is named for beside the name `own` of its table, without a day behind: `kim` of
    studies-kim-2026-11-28.csv; consensus for what people settled, by whomever it was put there."""
    name = _DAY.sub("", dropped.first_name(path)[len(own) :]).strip(" _.-")
    return CONSENSUS if people.key(name) == CONSENSUS else name


def extractor(path: str, column: str = "extractor") -> str:
    """Who read what stands in a file, by its name; `column`: what would say it of each row. Raises
    TableError for a name that is no one's."""
    name = named_for(path)
    if is_nobody(name):
        table = PurePath(path)
        example = f"{_STEMS[table.suffix.casefold()]}-kim{table.suffix}"
        raise tables.TableError(
            [
                f"{path}: its rows would count as what an extractor called '{name}' read. Name it "
                f"for who read ({example}), fill the column {column}, or take it out of data/raw."
            ]
        )
    return name


def _signed(part: pd.DataFrame, path: str, notes: list[str], unnamed: bool) -> pd.DataFrame:
    """The rows of a file with who read them: the name of the file where none is given."""
    unsigned = part["extractor"] == ""
    if _own(path) or unnamed or not unsigned.any():
        return part
    name = extractor(path)
    notes.append(f"{path}: {int(unsigned.sum())} rows without an extractor read as {name}'s.")
    signed = part.assign(extractor=part["extractor"].where(~unsigned, name))
    signed.attrs["notes"] = part.attrs["notes"]
    return signed
