"""Registered trials that ended and of which no report is known, as facts for ROB-ME.

A trial whose entry people let in, and of which this review has no report, may have measured what a
synthesis asks. Whether it did, and what follows, is for people (Page et al. 2023, BMJ 383:e076754).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction.overlap import months
from livingmeta.judgement.inspect_sr import says
from livingmeta.plan import Synthesis

NAMED, UNKNOWN = "outcome registered, not published", "registered, not published"
IN_REGISTER = "results in the register alone"
STATES = (NAMED, UNKNOWN, IN_REGISTER)
# ASSUME: results are due a year after the end, as 42 CFR 11.44 has it for ClinicalTrials.gov; who
# ended later than that before the last search is not late.
DUE = 12
# A trial that was stopped has nothing to wait for; one that was withdrawn has enrolled nobody.
STOPPED, NOBODY = ("terminated", "stopped"), "withdrawn"


def of(
    trials: pd.DataFrame,
    searched: Iterable[str],
    syntheses: Mapping[str, Synthesis],
    labels: Mapping[str, str],
) -> list[tuple[str, str, str]]:
    """(synthesis, number, found) of each trial that ended unpublished, `found` one of STATES.

    `trials`: of screening; `searched`: the days of all searches, YYYY-MM-DD, the last of which is
    the day that counts; `labels`: of the protocol's outcomes. A trial stands with every synthesis,
    since the words of a register leave open what was measured; NAMED where they say it.
    """
    day = max((when[0] for when in map(months, searched) if when), default=None)
    found = []
    for row in as_dicts(trials):
        if not row["ongoing"] or row["state"] != "included" or not _ended(row, day):
            continue
        registered = list(_outcomes(row))
        for name, asked in syntheses.items():
            label = labels.get(asked.outcome, asked.outcome)
            state = NAMED if any(says(one, label) for one in registered) else UNKNOWN
            if _has_results(tables.text(row["results"])):
                state = IN_REGISTER
            found.append((name, str(row["number"]), state))
    return found


def _ended(row: Mapping[Any, Any], day: float | None) -> bool:
    """Whether a trial was stopped, or ended so long before the last search that a report is due."""
    status = tables.text(row["status"]).casefold()
    if NOBODY in status:
        return False
    if any(word in status for word in STOPPED):
        return True
    end = months(tables.text(row["completed"]), last=True)
    return end is not None and day is not None and end[1] + DUE < day


def _outcomes(row: Mapping[Any, Any]) -> Iterator[str]:
    for column in ("outcomes", "other_outcomes"):
        yield from tables.text(row[column]).split("|")


def _has_results(cell: str) -> bool:
    """Whether a register says that it holds results: yes, a day, Has Results; not No Results."""
    return bool(cell.strip()) and not cell.strip().casefold().startswith("no")
