"""Cells of outcomes.csv: what a number stands for, and which rows stand for one.

A cell is study, outcome, arm (or pair of arms, whichever way round), time, statistic, and what
tells rows of these apart (settling.CELL_FURTHER).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isclose
from typing import Any

from livingmeta import tables
from livingmeta.extraction.reworded import in_other_words
from livingmeta.extraction.rows import ADJUSTED
from livingmeta.words import people, settling

CONSENSUS = people.CONSENSUS  # the extractor whose row settles a cell
SPREADS = ("se", "sd")  # statistics that may also stand in a column beside a mean
# Two times of one cell differ by no more than units do: 104 weeks are 23.92 months.
_SAME_CELL = 0.004
_FINAL = "final"  # what a mean is of where nothing is said
# What of a statistic may be said of dying or of surviving, and be one cell: a hazard ratio is of
# dying where it does not say.
EVENTS = {
    "hazard-ratio": ("", "death", "survival"),
    "odds-ratio": ("death", "survival"),
    "risk-difference": ("death", "survival"),
}
_SAYS = (
    *("study_id", "outcome", "arm", "time", "statistic", *settling.CELL_FURTHER),
    *("value", "n", "ci_low", "ci_high", "ci_level", "p_value", "se", "sd", "direction"),
)
_CELL = ("study_id", "outcome", "arm", "statistic", *settling.CELL_FURTHER)


def cell(record: Mapping[str, Any]) -> tuple[str, ...]:
    """What a row of outcomes.csv is about but for its time, whoever read it."""
    said = {name: tables.text(record.get(name)).strip() for name in _CELL}
    said["arm"] = "/".join(sorted(said["arm"].split("/")))
    said["measured"] = "" if said["measured"] == _FINAL else said["measured"]
    said["adjusted"] = said["adjusted"] if said["adjusted"] in ADJUSTED else ""
    said["statistic"] = in_other_words(said["statistic"])
    if said["event"] in EVENTS.get(said["statistic"], ()):
        said["event"] = "death"
    return tuple(said.values())


def content(record: Mapping[str, Any]) -> tuple[str, ...]:
    """What a row says, whoever read it and wherever it stands."""
    said = {name: tables.text(record.get(name)).strip() for name in _SAYS}
    said["adjusted"] = said["adjusted"] if said["adjusted"] in ADJUSTED else ""
    return tuple(said.values())


def is_consensus(record: Mapping[str, Any]) -> bool:
    """Whether a row is what people agreed on where two had read differently."""
    return reader(record) == CONSENSUS


def reader(record: Mapping[str, Any]) -> str:
    """Who read a row, as names are compared; no name is one name."""
    return people.key(tables.text(record.get("extractor")))


def cells(records: Iterable[dict]) -> list[list[dict]]:
    """Rows by the cell that they fill, in the order of the rows; cells with two or more."""
    alike: dict[tuple[str, ...], list[dict]] = {}
    for record in records:
        alike.setdefault(cell(record), []).append(record)
    found = []
    for rows in alike.values():
        if len(rows) > 1:
            found += [some for some in at_one_time(rows) if len(some) > 1]
    return found


def at_one_time(rows: list[dict]) -> Iterator[list[dict]]:
    """Rows by their time: those of none, then groups that units alone tell apart."""
    timed = [(time_of(record), i) for i, record in enumerate(rows)]
    yield [rows[i] for time, i in timed if time is None]
    group: list[int] = []
    first = 0.0
    for time, i in sorted((time, i) for time, i in timed if time is not None):
        if group and not isclose(time, first, rel_tol=_SAME_CELL):
            yield [rows[j] for j in sorted(group)]
            group = []
        first = first if group else time
        group.append(i)
    yield [rows[j] for j in sorted(group)]


def time_of(record: Mapping[str, Any]) -> float | None:
    """The time of a row, None where it says none."""
    time = record.get("time")
    if time is None or time == "" or time != time:
        return None
    return float(time)
