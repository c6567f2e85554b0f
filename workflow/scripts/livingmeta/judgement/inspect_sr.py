"""What was found of each study that bears on whether it can be trusted, by INSPECT-SR's checks.

Nothing is judged: notices on its reports, the day of its registration against the first enrolment,
patients and outcomes as registered against what this review has of the report, and what the
checks of extraction raised, each beside the check of the tool that asks for it.
"""

import re
from collections.abc import Iterator, Mapping
from math import inf
from types import MappingProxyType
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction import sentinel
from livingmeta.extraction.checks import problem
from livingmeta.extraction.overlap import months
from livingmeta.extraction.randomised import by_lot
from livingmeta.screening import trial_numbers
from livingmeta.words.inspect_sr import (
    LATE,
    NO_NUMBER,
    NO_SECOND,
    NONE,
    NOT_REGISTERED,
    OTHER_N,
    check_of,
)

COLUMNS = tables.columns("judgement/inspect_sr")
# ASSUME: that a randomised trial of before that year was not registered says nothing: the editors
# of medical journals want registration of trials that enrol from July 2005 on (ICMJE).
REGISTERED_SINCE = 2005 * 12.0 + 6  # months from year 0
# Statistics of time 0 that count patients from there on, and describe nobody.
COUNTED = ("survival", "at-risk")
# A register's number of patients that says nothing else.
WHOLE = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+")
Found = tuple[str, str, str, str, str]  # check, found, source, value, expected


def found(
    studies: pd.DataFrame,
    problems: pd.DataFrame,
    outcomes: pd.DataFrame,
    trials: pd.DataFrame,
    used: pd.Series,
    labels: Mapping[str, str],
    notices: Mapping[str, list[tuple[str, str]]] = MappingProxyType({}),
    posted: Mapping[str, list[Found]] = MappingProxyType({}),
) -> pd.DataFrame:
    """Rows of judgement/inspect_sr.csv, of the included studies and of those that give an effect.

    `studies`, `problems`, `outcomes`: those tables of extraction; `trials`: of screening; `used`:
    the study of each effect; `labels`: of the protocol's outcomes; `notices`: as `notices_of`
    gives them; `posted`: as posted.found gives it. Notes of problems.csv are left out.
    """
    shown = studies[(studies["status"] == "included") | studies["study_id"].isin(set(used))]
    of_problems = _of_problems(problems, outcomes)
    entries: dict[str, list[dict[Any, Any]]] = {}
    for row in as_dicts(trials):
        for study in row["studies"].split():
            entries.setdefault(study, []).append(row)
    randomised = by_lot(studies)
    # Where the column is empty throughout nobody has looked.
    looked = "registration" in studies and bool((studies["registration"].fillna("") != "").any())
    rows = []
    for study in as_dicts(shown):
        name = study["study_id"]
        here: list[Found] = [
            (check_of(flag), flag, "", "", "") for flag in tables.text(study["report_flag"]).split()
        ]
        flagged = {what for _, what, *_ in here}
        told = [one for r in tables.text(study["records"]).split() for one in notices.get(r, [])]
        here += [(check_of(w), w, s, "", "") for w, s in dict.fromkeys(told) if w not in flagged]
        if name in randomised:
            here += _of_registration(study, entries.get(name, []), looked)
        printed = outcomes.loc[outcomes["study_id"] == name, "outcome"].unique()
        here += _of_register(study, entries.get(name, []))
        here += _of_outcomes(entries.get(name, []), [labels.get(o, o) for o in printed], labels)
        here += posted.get(name, [])
        here += of_problems.get(name, [])
        for check, what, source, value, expected in here:
            head = {"study_id": name, "domain": int(check.split(".")[0]), "check": check}
            body = {"found": what, "source": source, "value": value, "expected": expected}
            kept = tables.text(study["flag_kept"]) if not source and check[0] == "1" else ""
            rows.append(head | body | {"answer": kept})
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def notices_of(
    states: pd.DataFrame, record_of: Mapping[str, list[str]]
) -> dict[str, list[tuple[str, str]]]:
    """By record what a source told of it, and who says so: a record has the gravest as its flag,
    and a correction is no flag. `states`: as read under schema data/states; `record_of`: as
    studies.by_identifier gives it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in as_dicts(states):
        for record in sentinel.named(row["report"], record_of):
            says = tables.text(row["notice"]).strip() or row["source"]
            found.setdefault(record, []).append((row["state"], says))
    return found


def _of_registration(
    study: Mapping[Any, Any], entries: list[dict[Any, Any]], looked: bool
) -> Iterator[Found]:
    """Registration after the first enrolment, by the study's report or else by the register, where
    the months leave no doubt; and that there is none."""
    printed = tables.text(study["enrolled_from"]).strip()
    began = months(printed)
    named = tables.text(study.get("registration")).strip()
    dated = [(when, e) for e in entries if (when := months(e["registered"]))]
    # The first of several registers is the one that counts: it is known where all are.
    open_ = set(trial_numbers.of_column(named)) - {e["number"] for _, e in dated}
    if dated and len(dated) == len(entries) and not open_:
        registered, entry = min(dated, key=lambda one: one[0])
        starts = [printed] if began else [e["started"] for e in entries]
        known = [(when, start) for start in starts if (when := months(start))]
        if known and registered[0] > (last := max(known, key=lambda one: one[0][1]))[0][1]:
            yield check_of(LATE), LATE, entry["number"], entry["registered"], last[1]
    # ASSUME: what is published from 2006 on may have enrolled since; the words say it is not known.
    year = study.get("year")
    since = began[0] if began else -inf if pd.isna(year) else year * 12.0
    recent = since >= REGISTERED_SINCE
    # A number holds a digit: "none" and "not reported" say that somebody looked.
    if looked and recent and not entries and not re.search(r"\d", named):
        yield check_of(NONE), NONE, "", "", printed if began else ""


def _of_register(study: Mapping[Any, Any], entries: list[dict[Any, Any]]) -> Iterator[Found]:
    """How many patients the register says otherwise, where the trial is this study alone."""
    for entry in entries:
        enrolled = entry["enrolment"].strip()
        if WHOLE.fullmatch(enrolled) and entry["studies"] == study["study_id"]:
            registered = int(enrolled.replace(",", ""))
            if not pd.isna(study["n"]) and study["n"] != registered:
                yield (
                    check_of(OTHER_N),
                    OTHER_N,
                    entry["number"],
                    f"{study['n']:g}",
                    str(registered),
                )


def _of_outcomes(
    entries: list[dict[Any, Any]], printed: list[str], labels: Mapping[str, str]
) -> Iterator[Found]:
    """Primary outcomes of the register of which this review has no number by name; secondary ones
    that are outcomes of the protocol by name, and of which the study has no number; and outcomes
    with numbers that an entry which lists secondary outcomes names nowhere.

    `printed`: labels of the outcomes of which there are numbers; without any nobody has extracted
    yet, and none is missed. `labels`: of all outcomes of the protocol: registers list secondary
    outcomes by the dozen, and those that the review does not ask for are not missed.
    """
    for entry in entries if printed else ():
        number, held = entry["number"], "; ".join(printed)
        first, others = (
            [text for one in tables.text(entry.get(column)).split("|") if (text := one.strip())]
            for column in ("outcomes", "other_outcomes")
        )
        if missed := [one for one in first if not any(says(one, label) for label in printed)]:
            yield check_of(NO_NUMBER), NO_NUMBER, number, held, " | ".join(missed)
        open_ = [label for label in labels.values() if label not in printed]
        asked = [(one, label) for label in open_ for one in others if says(one, label)]
        if asked:
            registered, names = (list(dict.fromkeys(part)) for part in zip(*asked, strict=True))
            told = "; ".join(names), " | ".join(registered)
            yield check_of(NO_SECOND), NO_SECOND, number, *told
        new = [label for label in printed if not any(says(o, label) for o in (*first, *others))]
        if new and first and others:
            told = "; ".join(new), " | ".join((*first, *others))
            yield check_of(NOT_REGISTERED), NOT_REGISTERED, number, *told


def says(text: str, label: str) -> bool:
    """Whether a text has all words of a label. Other words for one thing are not known here: a
    person is asked once too often rather than not at all."""
    words, sought = (set(re.findall(r"\w+", one.casefold())) for one in (text, label))
    return bool(sought) and sought <= words


def _of_problems(problems: pd.DataFrame, outcomes: pd.DataFrame) -> dict[str, list[Found]]:
    """What the checks of extraction raised, by study."""
    first = (outcomes["time"] == 0) & ~outcomes["statistic"].isin(COUNTED)
    of_baseline = set(outcomes.loc[first, "row"])
    by_study: dict[str, list[Found]] = {}
    keys = dict.fromkeys(problems["problem_id"])
    for key, (study, each) in zip(keys, problem.each(problems), strict=True):
        at_start = bool(each.rows) and of_baseline.issuperset(each.rows)
        check = check_of(each.check, at_start)
        if each.severity != "note" and check:
            one = (check, each.check, key, each.value, each.expected)
            by_study.setdefault(study, []).append(one)
    return by_study
