"""What was found of each study that bears on whether it can be trusted, by INSPECT-SR's checks.

Nothing is judged: notices on its reports, the day of its registration against the first enrolment,
and what the checks of extraction raised, each beside the check of the tool that asks for it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.extraction.checks import problem
from livingmeta.extraction.overlap import months
from livingmeta.extraction.randomised import by_lot
from livingmeta.words.inspect_sr import LATE, NONE, check_of

COLUMNS = tables.columns("judgement/inspect_sr")
# ASSUME: that a randomised trial of before that year was not registered says nothing: the editors
# of medical journals want registration of trials that enrol from July 2005 on (ICMJE).
REGISTERED_SINCE = 2005
# Statistics of time 0 that count patients from there on, and describe nobody.
COUNTED = ("survival", "at-risk")
Found = tuple[str, str, str, str, str]  # check, found, source, value, expected


def found(
    studies: pd.DataFrame,
    problems: pd.DataFrame,
    outcomes: pd.DataFrame,
    trials: pd.DataFrame,
    used: pd.Series,
) -> pd.DataFrame:
    """Rows of judgement/inspect_sr.csv, of the included studies and of those that give an effect.

    `studies`, `problems`, `outcomes`: those tables of extraction; `trials`: of screening; `used`:
    the study of each effect. Notes of problems.csv are left out.
    """
    shown = studies[(studies["status"] == "included") | studies["study_id"].isin(set(used))]
    of_problems = _of_problems(problems, outcomes)
    entries: dict[str, list[dict[Any, Any]]] = {}
    for row in trials.to_dict("records"):
        for study in row["studies"].split():
            entries.setdefault(study, []).append(row)
    randomised = by_lot(studies)
    # Where the column is empty throughout nobody has looked.
    looked = "registration" in studies and bool((studies["registration"].fillna("") != "").any())
    rows = []
    for study in shown.to_dict("records"):
        name = study["study_id"]
        here: list[Found] = [
            (check_of(flag), flag, "", "", "") for flag in tables.text(study["report_flag"]).split()
        ]
        if name in randomised:
            here += _of_registration(study, entries.get(name, []), looked)
        here += of_problems.get(name, [])
        for check, what, source, value, expected in here:
            head = {"study_id": name, "domain": int(check.split(".")[0]), "check": check}
            body = {"found": what, "source": source, "value": value, "expected": expected}
            kept = tables.text(study["flag_kept"]) if not source and check[0] == "1" else ""
            rows.append(head | body | {"answer": kept})
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def _of_registration(
    study: Mapping[Any, Any], entries: list[dict[Any, Any]], looked: bool
) -> Iterator[Found]:
    """Registration after the first enrolment, by the study's report or else by the register, where
    the months leave no doubt; and that there is none."""
    printed = tables.text(study["enrolled_from"]).strip()
    began = months(printed)
    dated = [(when, e) for e in entries if (when := months(e["registered"]))]
    if dated:  # the first of several registers is the one that counts
        registered, entry = min(dated, key=lambda one: one[0])
        start = printed if began else entry["started"]
        if (first := months(start)) and registered[0] > first[1]:
            yield check_of(LATE), LATE, entry["number"], entry["registered"], start
    year = began[0] // 12 if began else study["year"]
    recent = not pd.isna(year) and year >= REGISTERED_SINCE
    if looked and recent and not tables.text(study.get("registration")).strip():
        yield check_of(NONE), NONE, "", "", ""


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
