"""Tables of which each person may have a file beside the table, as studies-kim.csv.

What a person read stands under the name of the file; `studies-consensus-2026-11-28.csv`, as the
page to settle on gives it, under consensus.
"""

from collections.abc import Sequence
from pathlib import PurePath
from typing import NamedTuple

import pandas as pd

from livingmeta import tables
from livingmeta.extraction.readings import is_nobody, person
from livingmeta.screening import dropped


class Part(NamedTuple):
    """The rows of one file, and whose they are by its name; "" of the table itself."""

    path: str
    by: str
    rows: pd.DataFrame


def read(paths: Sequence[str], name: str, column: str = "") -> list[Part]:
    """The files at `paths`, each held to schema `name`, the table itself first.

    `column`: of the table, if it has one, that says of a row whose it is. Raises TableError with
    the faults of all files, and for a name that is no one's.
    """
    own = name.rpartition("/")[2]
    found, problems = [], []
    for path in dropped.in_order(paths, own):
        try:
            rows = tables.read(path, name)
            by = person(path, own)
            if PurePath(path).stem == own:
                by = ""
            elif is_nobody(by) and not (column and len(rows) and (rows[column] != "").all()):
                raise tables.TableError([f"{path}: {_unnamed(own, by, column)}"])
            found.append(Part(path, by, rows))
        except tables.TableError as error:
            problems += error.problems
    if problems:
        raise tables.TableError(problems)
    return found


def _unnamed(own: str, by: str, column: str) -> str:
    fill = f"fill the column {column}, " if column else ""
    return (
        f"its rows would count as what somebody called '{by}' read. Name it for who read "
        f"({own}-kim.csv), {fill}or take it out of data/raw."
    )
