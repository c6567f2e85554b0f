"""A new workbook in the place of the old one, which is kept beside it."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from livingmeta import files
from livingmeta.errors import InputError
from livingmeta.extraction import names
from livingmeta.extraction.workbook import brought, cells, fill, layout, read, write
from livingmeta.extraction.workbook.read import LISTS, Book
from livingmeta.plan import Arm, Outcome, Synthesis
from livingmeta.words import settling

# What Excel and LibreOffice put beside a file that is open.
_OPEN = ("~$extraction.xlsx", ".~lock.extraction.xlsx#")
_UNITS = ("%", "proportion", "days", "weeks", "months", "years")


class OpenError(InputError):
    """A workbook that somebody is working on."""


def anew(
    raw: Mapping[str, list[str]],
    records: pd.DataFrame,
    included: pd.DataFrame,
    outcomes: Mapping[str, Outcome],
    arms: Mapping[str, Arm],
    syntheses: Mapping[str, Synthesis],
    courses: Mapping[str, Synthesis],
    words: Mapping[str, list[str]],
    root: Path,
    day: str,
) -> tuple[int | None, str]:
    """Write the workbook of the review in folder `root`: how many studies it holds, None where the
    old one holds the same, and the name under which the old one is kept, "" where there was none.

    `raw`: paths of the CSV files, as `brought.together` takes them; those that are named for an
    extractor stay apart, for a second reading is no copy of the first. `records`, `included`:
    tables of the screening; `outcomes`, `arms`, `syntheses`, `courses`: the protocol's; `words`: to
    choose from, by `sheet!column`; `day`: today, YYYY-MM-DD.

    Raises OpenError while the workbook is open, and TableError where something cannot be read.
    """
    target = root / settling.WORKBOOK
    if held := [name for name in _OPEN if (target.parent / name).exists()]:
        raise OpenError(
            f"{settling.WORKBOOK} is open somewhere ({held[0]} stands beside it). Save and close "
            "it, and ask again; if nobody has it open, delete that file."
        )
    files.must_be_open([target.parent, target])
    before = target.read_bytes() if target.exists() else b""
    book = read.read(str(target)) if before else Book()
    own_files = {name: [p for p in of if brought.of_nobody(name, p)] for name, of in raw.items()}
    csv = brought.together({**own_files, "workbook": []})
    own = book.rows.get(layout.STUDIES, [])
    studies = [*brought.texts(csv.studies), *own]
    found = {
        layout.STUDIES: [
            *brought.texts(csv.studies),
            *fill.proposed(included, records, studies),
        ],
        layout.BIAS: brought.texts(csv.risk_of_bias),
        layout.CERTAINTY: brought.texts(csv.certainty),
    }
    ids = list(dict.fromkeys(row["study_id"] for row in [*found[layout.STUDIES], *own]))
    named = names.as_known(csv.outcomes, ids, outcomes, arms)
    found[layout.OTHER] = brought.texts(named)
    if typed := book.rows.get(layout.OTHER):
        typed = brought.texts(
            names.as_known(brought.frame(typed, read.SCHEMA), ids, outcomes, arms)
        )
        book.rows[layout.OTHER] = typed
    wanted = _wanted(included, found[layout.STUDIES], own)
    held_ = fill.content(found, book, wanted, outcomes, syntheses, courses)
    pairs = list(dict.fromkeys("/".join(s.arms) for s in syntheses.values() if len(s.arms) == 2))
    units = dict.fromkeys([*_UNITS, *(one.unit for one in outcomes.values() if one.unit)])
    lists = {
        "study_id": [row["study_id"] for row in held_.tables[layout.STUDIES]],
        "outcome": list(outcomes),
        "synthesis": list(syntheses),
        "arm": [*arms, *pairs],
        "unit": list(units),
        **words,
    }
    content = write.book(held_, list(arms), pairs, lists, target if before else None)
    if before and _holds(content, target.parent) == _holds(before, target.parent):
        return None, ""
    if (target.read_bytes() if target.exists() else b"") != before:
        raise OpenError(f"{settling.WORKBOOK} was saved while this was at work. Ask again.")
    kept = _keep(before, target, day) if before else ""
    files.write(content, target)
    return len(held_.tables[layout.STUDIES]), kept


def _wanted(included: pd.DataFrame, studies: list[dict], own: list[dict]) -> set[str]:
    """Studies that are to be filled in: those that an included report is of, and those proposed."""
    reports = set(included["record_id"][included["study_id"] == ""])
    wanted = set(included["study_id"]) - {""}
    for row in [*studies, *own]:
        if reports & set(row.get("records", "").split()):
            wanted.add(row["study_id"])
    return wanted


def _keep(content: bytes, target: Path, day: str) -> str:
    """Put the old workbook beside the new one, under a name that nothing has."""
    n = 1
    while True:
        again = f"-{n}" if n > 1 else ""
        name = f"{Path(settling.OLD_WORKBOOK).name}{day}{again}{target.suffix}"
        there = target.with_name(name)
        if not there.exists():
            files.write(content, there)
            return name
        if there.read_bytes() == content:
            return name
        n += 1


def _holds(content: bytes, folder: Path) -> dict[str, list]:
    """What stands in the cells of a workbook, its lists aside."""
    grids = cells.of_content(content, folder / Path(settling.WORKBOOK).name)
    return {
        grid.name: [
            (row, column, cell.text)
            for row, of in sorted(grid.cells.items())
            for column, cell in sorted(of.items())
        ]
        for grid in grids
        if grid.name != LISTS
    }
