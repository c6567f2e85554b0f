"""Trials as registers know them: their entry, the reports that name them, the studies they are.

A trial whose entry is let in or awaits a decision, and of which this review knows no report, is an
ongoing study, or one that has ended and not been published.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.screening import identity, trial_numbers

COLUMNS = tables.columns("screening/trials")
# What a register says of its trial.
SAID = tables.columns("screening/registrations")[5:]
# Where a record stands that nothing more is expected of.
OUT = "excluded"


def of(
    registrations: pd.DataFrame,
    standing: pd.DataFrame,
    studies: pd.DataFrame,
    known: Mapping[str, Any],
) -> pd.DataFrame:
    """The table screening/trials, by number.

    `registrations`, `standing`: those tables of screening; `studies`: studies.csv, whose
    `registration` holds numbers and whose `records` are its reports; `known`: as decisions.by_name
    gives it.
    """
    state = dict(zip(standing["record_id"], standing["state"], strict=True))
    entries: dict[str, dict[Any, Any]] = {}
    held: dict[str, list[str]] = defaultdict(list)
    named: dict[str, list[str]] = defaultdict(list)
    rows = as_dicts(registrations)
    registers = {row["record_id"] for row in rows if row["role"] == "entry"}
    for row in rows:
        held[row["record_id"]].append(row["number"])
        if row["role"] == "entry":
            entries.setdefault(row["number"], row)
        elif row["record_id"] not in registers and state.get(row["record_id"]) != OUT:
            named[row["number"]].append(row["record_id"])
    given, reports_of = _of_studies(studies, known)
    same = _same_trial(entries, held, {row["record_id"]: row["title"] for row in rows}, named)
    out = []
    for number in sorted({*entries, *given}):
        entry = entries.get(number, {})
        record = entry.get("record_id", "")
        numbers = same.get(number, {number})
        theirs = {
            report
            for one in numbers
            for study in given.get(one, ())
            for report in reports_of[study] - registers
            if state.get(report) != OUT
        }
        reports = sorted({*(r for one in numbers for r in named.get(one, ())), *theirs})
        of_numbers = {study for one in numbers for study in given.get(one, ())}
        found = {s for s, records in reports_of.items() if records & {*reports, record}}
        out.append(
            {
                "number": number,
                "register": trial_numbers.register(number),
                "record_id": record,
                "title": entry.get("title", ""),
                **{column: entry.get(column, "") for column in SAID},
                "state": state.get(record, ""),
                "others": " ".join(n for n in held.get(record, ()) if n != number),
                "reports": " ".join(reports),
                "studies": " ".join(sorted({*of_numbers, *found})),
                "ongoing": bool(record) and state.get(record) != OUT and not reports,
            }
        )
    told = {row["number"]: row for row in out}
    # Of several entries of one trial the one tells it that was let in, or else the first.
    for one in sorted(out, key=lambda one: (one["state"] != "included", one["number"])):
        for other in same.get(one["number"], set()) - {one["number"]} if one["ongoing"] else ():
            if other in told:
                told[other]["ongoing"] = False
    return pd.DataFrame(out, columns=COLUMNS)


def _same_trial(
    entries: Mapping[str, Mapping[Any, Any]],
    held: Mapping[str, list[str]],
    titles: Mapping[str, str],
    named: Mapping[str, list[str]],
) -> dict[str, set[str]]:
    """The numbers of one trial in several registers, by each of them.

    `entries` by number; `held`: the numbers that a record holds; `titles` by record; `named`: the
    reports that name a number.
    """
    same: dict[str, set[str]] = {}
    for number, entry in entries.items():
        for other in held[entry["record_id"]]:
            whose = [entries[other]["record_id"]] if other in entries else named.get(other, [])
            if other == number or _further(entry["title"], [titles[one] for one in whose]):
                continue
            joined = same.get(number, {number}) | same.get(other, {other})
            # A register gives a trial one number: two of one register are two trials.
            if len({*map(trial_numbers.register, joined)}) == len(joined):
                same.update(dict.fromkeys(joined, joined))
    return same


# ASSUME: an entry that holds another register's number is of that trial, since registers ask for
# the others' numbers; but a study that goes on from a trial names it too, and its title says so.
FURTHER = re.compile(
    r"\b(extension|extended|follow[- ]?up|long[- ]?term|roll[- ]?over|sub-?stud(y|ies)|ancillary"
    r"|open[- ]label|post[- ]?trial|observational|registry)\b",
    re.IGNORECASE,
)


def _further(title: str, others: list[str]) -> bool:
    """Whether a title says that its study goes on from another, and the other's titles do not."""
    words = {found[0].lower() for found in FURTHER.finditer(title)}
    return bool(words) and not any(
        words <= {f[0].lower() for f in FURTHER.finditer(o)} for o in others
    )


def _of_studies(
    studies: pd.DataFrame, known: Mapping[str, Any]
) -> tuple[dict[str, list[str]], dict[str, set[str]]]:
    """The studies by the number that they give as their registration, and the records of each."""
    given: dict[str, list[str]] = defaultdict(list)
    reports: dict[str, set[str]] = {}
    for row in as_dicts(studies):
        study = row["study_id"]
        names = identity.several(str(row["records"] or ""), known)
        reports[study] = {record for name in names for record in known.get(name, ())}
        for number in trial_numbers.of_column(row["registration"]):
            given[number].append(study)
    return given, reports


def not_understood(cells: Iterable[tuple[str, str]]) -> list[str]:
    """Cells of the column registration of studies, by where they stand, in which no number of a
    register stands, in words."""
    return [
        f"{place}, column registration: '{cell}' holds no number of a trial register that is "
        "known, and leads to no entry"
        for place, cell in cells
        if cell and not trial_numbers.of_column(cell)
    ]
