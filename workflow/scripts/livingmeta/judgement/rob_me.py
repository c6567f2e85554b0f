"""Results that are missing: which study gives an effect to which synthesis, and what people say.

Page et al. 2023, BMJ 383:e076754 (ROB-ME). What the tables hold is told; whether a result that is
not there was measured, and what follows for the synthesis, is for people.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.errors import Fault, sentences
from livingmeta.plan import Synthesis
from livingmeta.words import settling

WHOLE = ("low", "some concerns", "high")
REPORTED, UNUSABLE = "reported", "not usable"
ELSEWHERE, NOTHING = "nothing printed", "nothing extracted"
GONE = "no longer missing"
COLUMNS = tables.columns("judgement/rob_me")


def matrix(
    effects: pd.DataFrame,
    unusable: pd.DataFrame,
    outcomes: pd.DataFrame,
    syntheses: Mapping[str, Synthesis],
    path: Path | str | None = None,
    unpublished: Iterable[tuple[str, str, str]] = (),
    registered: Iterable[str] = (),
) -> pd.DataFrame:
    """Rows of judgement/rob_me.csv: each study that a synthesis takes, each registered trial that
    ended without a report, and each synthesis as a whole where somebody judged it.

    `effects`, `unusable`: those tables, which hold the studies of each synthesis (those that its
    filter by risk of bias keeps out are none); `outcomes`: of extraction; `path`: rob_me.csv;
    `unpublished`: as unpublished.of gives it; `registered`: the numbers of all
    trials that the review knows, of which one that was unpublished may be published by now, or
    excluded: what is said of it counts nowhere, and it is `GONE`.
    Raises TableError with each kind of fault once, with its rows: a synthesis, outcome or study
    that is not known, a word that is not for a study or not for a whole, a study said to be missing
    that gives an effect, one judged twice.
    """
    kept_out = unusable["reason"].str.startswith(settling.BY_RISK)
    columns = ["synthesis", "study_id"]
    taken = pd.concat([effects[columns], unusable.loc[~kept_out.astype(bool), columns]])
    has = set(zip(effects["synthesis"], effects["study_id"], strict=True))
    printed = set(zip(outcomes["outcome"], outcomes["study_id"], strict=True))
    any_row = set(outcomes["study_id"])
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for name, asked in syntheses.items():
        for study in sorted(set(taken.loc[taken["synthesis"] == name, "study_id"])):
            state = NOTHING if study not in any_row else ELSEWHERE
            state = UNUSABLE if (asked.outcome, study) in printed else state
            state = REPORTED if (name, study) in has else state
            found[name, study] = _row(name, study, asked.outcome, state)
    for name, number, state in unpublished:
        found[name, number] = _row(name, number, syntheses[name].outcome, state)
    if path:
        known = {study for _, study in found}
        _judged(found, tables.read(path, "data/rob_me"), syntheses, known, set(registered), path)
    return pd.DataFrame(list(found.values()), columns=COLUMNS)


def _row(name: str, study: str, outcome: str, found: str) -> dict[str, Any]:
    head = {"synthesis": name, "study_id": study, "outcome": outcome, "found": found}
    return head | dict.fromkeys(("state", "reason", "assessor"), "")


def _judged(
    found: dict[tuple[str, str], dict[str, Any]],
    said: pd.DataFrame,
    syntheses: Mapping[str, Synthesis],
    studies: set[str],
    registered: set[str],
    path: Path | str,
) -> None:
    faults: list[Fault] = []
    rows_of: dict[tuple[str, str], int] = {}
    for row in as_dicts(said):
        wrong = list(_wrong(row, syntheses, studies, registered))
        faults += wrong
        for name in [] if wrong else _named(row, syntheses):
            place, number = (name, row["study_id"]), int(row["row"])
            if row["study_id"] and found.get(place, {"found": GONE})["found"] == GONE:
                if row["study_id"] not in studies:
                    found[place] = _row(*place, syntheses[name].outcome, GONE)
                    found[place] |= {part: row[part] for part in ("reason", "assessor")}
                elif row["synthesis"]:
                    gone = f"{name} does not take this study"
                    faults.append(Fault(number, "study_id", f"'{row['study_id']}'", gone))
                continue
            own = found.setdefault(place, _row(name, "", syntheses[name].outcome, ""))
            if place in rows_of:
                twice = f"it is judged on row {rows_of[place]} already; once is right"
                faults.append(Fault(number, "study_id", f"'{row['study_id']}'", twice))
            if own["found"] == REPORTED and row["state"] not in (REPORTED, *WHOLE):
                gives = f"the study gives an effect to {name}"
                faults.append(Fault(number, "state", f"'{row['state']}'", gives))
            rows_of[place] = number
            own |= {part: row[part] for part in ("state", "reason", "assessor")}
    if faults:
        raise tables.TableError(sentences(path, faults))


def _named(row: Mapping[Any, Any], syntheses: Mapping[str, Synthesis]) -> list[str]:
    if row["synthesis"]:
        return [row["synthesis"]]
    return [name for name, asked in syntheses.items() if asked.outcome == row["outcome"]]


def _wrong(
    row: Mapping[Any, Any],
    syntheses: Mapping[str, Synthesis],
    studies: set[str],
    registered: set[str],
) -> Iterator[Fault]:
    outcomes = {asked.outcome for asked in syntheses.values()}
    for column, known in (("synthesis", set(syntheses)), ("outcome", outcomes)):
        if row[column] and row[column] not in known:
            yield _unknown(row, column, known, f"no {column} of the protocol's syntheses")
    if not row["synthesis"] and not row["outcome"]:
        yield Fault(int(row["row"]), "synthesis", "empty", "name a synthesis or an outcome")
    if row["study_id"] and row["study_id"] not in studies | registered:
        yield _unknown(row, "study_id", studies, "no study that a synthesis takes")
    if bool(row["study_id"]) == (row["state"] in WHOLE):
        of = "the synthesis as a whole (study_id empty)" if row["study_id"] else "a study"
        yield Fault(int(row["row"]), "state", f"'{row['state']}'", f"that is said of {of}")


def _unknown(row: Mapping[Any, Any], column: str, known: set[str], wrong: str) -> Fault:
    close = difflib.get_close_matches(row[column], sorted(known), n=1, cutoff=0.5)
    near = f" (did you mean {close[0]}?)" if close else ""
    return Fault(int(row["row"]), column, f"'{row[column]}'", wrong + near)
