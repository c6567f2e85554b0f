"""Decisions and settled pairs as people drop them: a table, and any number of files beside it.

A page's download is read where it is put: `decisions-kim-2026-03-01.csv` beside `decisions.csv`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import PurePath
from typing import Any

import pandas as pd

from livingmeta import tables

# What a browser puts behind the name of a file that it has downloaded before: " (1)", " 2", or "-2"
# behind a day.
_AGAIN = re.compile(r"^(.*?)(?: ?\((\d+)\)| (\d+)|(?<=\d{4}-\d\d-\d\d)-(\d+))?$")
# What the rows of a table are about; what they say of it may change from one row to a lower one.
_ABOUT = {
    "decisions": ("record", "stage", "reviewer"),
    "duplicates": ("record", "other"),
    "fulltexts": ("record",),
}


def read(paths: Sequence[str], name: str) -> pd.DataFrame:
    """The tables at `paths` below one another, each held to schema `name`; no rows if there are
    none.

    `file` is added to `row`: the file in which a row stands. The table without an addition to its
    name comes first, then the others by name, numbers in it as numbers, and a further download of
    one name behind the earlier one. What a file repeats of an earlier one counts once; `attrs
    ["notes"]` say so, beside the notes of `tables.read`. Of downloads of one name each is later
    than those before it, so what was changed and changed back in them counts; what else repeats
    earlier rows in their order takes nothing back. Raises TableError with the faults of all files.
    """
    if not paths:
        return _named(tables.brought(paths, name), "")
    parts: list[pd.DataFrame] = []
    notes: list[str] = []
    problems: list[str] = []
    held: dict[tuple, list[tuple]] = defaultdict(list)
    table_name = name.rpartition("/")[2]
    ordered = in_order(paths, table_name)
    for _, series in groupby(ordered, key=lambda path: _series(path, table_name)):
        read: list[tuple[str, pd.DataFrame]] = []
        for path in series:
            try:
                read.append((path, tables.read(path, name)))
            except tables.TableError as error:
                problems += str(error).splitlines()
        new = _fresh([part for _, part in read], held, name)
        for at, (path, part) in enumerate(read):
            notes += part.attrs["notes"]
            kept = set(new[at])
            notes += counted_once(path, [place in kept for place in range(len(part))])
            parts.append(_named(part.iloc[sorted(kept)], path))
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
    """The table itself first; `decisions-kim (2).csv` behind `decisions-kim.csv`, and before
    `decisions-kim (10).csv`."""
    return sorted(paths, key=lambda path: _place(path, table))


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
    return _parted(path)[0]


def one_series(one: str, other: str) -> bool:
    """Whether of two files of decisions the order is known: one file, or downloads of one name. The
    table itself is none, nor is a copy of it under a longer name."""
    return one == other or _series(one, "decisions") == _series(other, "decisions")


def _fresh(
    parts: list[pd.DataFrame], held: dict[tuple, list[tuple]], name: str
) -> dict[int, list[int]]:
    """By file of a series the places of the rows that no earlier file holds; they go to `held`.

    `held`: by what rows are about those of earlier files, in their order.
    """
    about = _ABOUT[name.rpartition("/")[2]]
    said: dict[tuple, list[tuple[tuple, int, int]]] = defaultdict(list)
    for file, part in enumerate(parts):
        here: dict[tuple, list[tuple[tuple, int, int]]] = defaultdict(list)
        subjects = part[list(about)].itertuples(index=False, name=None)
        rows = part[tables.columns(name)].itertuples(index=False, name=None)
        for place, (subject, row) in enumerate(zip(subjects, rows, strict=True)):
            here[subject].append((row, file, place))
        for subject, rows_of in here.items():
            said[subject] += rows_of[_overlap(said[subject], rows_of) :]
    fresh: dict[int, list[int]] = defaultdict(list)
    for subject, rows_of in said.items():
        earlier = iter(held[subject])
        known = 0
        while known < len(rows_of) and rows_of[known][0] in earlier:  # in the order of `earlier`
            known += 1
        for row, file, place in rows_of[known:]:
            held[subject].append(row)
            fresh[file].append(place)
    return fresh


def _overlap(before: list[tuple[Any, ...]], rows: list[tuple[Any, ...]]) -> int:
    """How many of `rows`, from the first on, are the last of those before."""
    old, new = [row[0] for row in before], [row[0] for row in rows]
    fits = (n for n in range(min(len(old), len(new)), 0, -1) if old[-n:] == new[:n])
    return next(fits, 0)


def _parted(path: str) -> tuple[str, int]:
    """A file's name without the number that a browser has put behind it, and that number."""
    found = _AGAIN.fullmatch(PurePath(path).stem)
    stem, *numbers = found.groups() if found else ("",)
    return stem, int(next(filter(None, numbers), 0))


def _series(path: str, table: str) -> tuple[str, bool]:
    """What downloads of one name share; the table itself is none of them."""
    stem, number = _parted(path)
    return stem, stem == table and not number


def _place(path: str, table: str) -> tuple[bool, list[tuple[int, str]], str, int]:
    """Where a file stands `in_order`."""
    stem, number = _parted(path)
    words = [
        (int(word), "") if word.isdigit() else (-1, word) for word in re.findall(r"\d+|\D+", stem)
    ]
    return stem != table, words, stem, number
