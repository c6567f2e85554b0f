"""Decisions and settled pairs as people drop them: a table, and any number of files beside it.

A page's download is read where it is put: `decisions-kim-2026-03-01.csv` beside `decisions.csv`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePath

import pandas as pd

from livingmeta import tables

# What a browser puts behind the name of a file that it has downloaded before: " (1)".
_AGAIN = re.compile(r"^(.*?)(?: ?\((\d+)\))?$")


def read(paths: Sequence[str], name: str) -> pd.DataFrame:
    """The tables at `paths` below one another, each held to schema `name`; no rows if there are
    none.

    `file` is added to `row`: the file in which a row stands. The table without an addition to its
    name comes first, then the others by name, a further download of one name behind the earlier
    one. A row that an earlier file holds as often counts once; `attrs["notes"]` say so, beside
    the notes of `tables.read`. Raises TableError with the faults of all files.
    """
    if not paths:
        return _named(tables.brought(paths, name), "")
    parts: list[pd.DataFrame] = []
    notes: list[str] = []
    problems: list[str] = []
    held: Counter[tuple] = Counter()
    for path in in_order(paths, name.rpartition("/")[2]):
        try:
            part = tables.read(path, name)
        except tables.TableError as error:
            problems += str(error).splitlines()
            continue
        notes += part.attrs["notes"]
        rows = list(part[tables.columns(name)].itertuples(index=False, name=None))
        new = fresh(rows, held)
        notes += counted_once(path, new)
        parts.append(_named(part.loc[new], path))
    if problems:
        raise tables.TableError(problems)
    table = pd.concat(parts, ignore_index=True)
    for column in table.columns.difference(tables.columns(name)):
        table[column] = table[column].fillna("")  # one that only some of the files have
    table.attrs["notes"] = notes
    return table


def _named(table: pd.DataFrame, path: str) -> pd.DataFrame:
    found = table.assign(file=path)
    found.attrs["notes"] = table.attrs["notes"]
    return found


def in_order(paths: Iterable[str], table: str) -> list[str]:
    """The table itself first; `decisions-kim (2).csv` behind `decisions-kim.csv`."""
    return sorted(paths, key=lambda path: (PurePath(path).stem != table, *_again(path)))


def fresh(rows: Iterable[tuple], held: Counter[tuple]) -> list[bool]:
    """Which rows of a file no earlier file holds as often; `held`: the rows of those, to which
    these are added."""
    here: Counter[tuple] = Counter()
    found = []
    for row in rows:
        here[row] += 1
        found.append(here[row] > held[row])
    held |= here
    return found


def counted_once(path: str, new: Sequence[bool]) -> list[str]:
    """What is said of a file some of whose rows stand in an earlier one: a sentence, or none."""
    many = len(new) - sum(new)
    rows_stand = "1 row stands" if many == 1 else f"{many} rows stand"
    return [f"{path}: {rows_stand} in an earlier file too; counted once."] if many else []


def first_name(path: str) -> str:
    """The name of a file as it was first downloaded, without its ending."""
    return _again(path)[0]


def _again(path: str) -> tuple[str, int]:
    """That name, and which download of it this is: 0 for the first."""
    found = _AGAIN.fullmatch(PurePath(path).stem)
    stem, number = found.groups() if found else ("", None)
    return stem, int(number or 0)
