"""Pooled survival curves (measure SURV), for the page: their times, medians and who is left."""

import json

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.plan import Protocol
from livingmeta.report import results
from livingmeta.words import english, guard_rails, ids
from livingmeta.words.numbers import Numbers, missing, show
from livingmeta.words.sentences import with_numbers

MODELS = {"random": "random effects", "common": "a common effect"}


def curves(asked: Protocol, tables: dict[str, pd.DataFrame], numbers: Numbers) -> list[dict]:
    """Each curve that is asked for, its numbers registered as `course/<synthesis>/...`.

    `tables`: by name, display scale. A curve to which no study gives an interval has no `rows`.
    """
    mine = results.of_each(tables, ("course", "courses", "intervals"), asked.courses)
    return [_curve(name, asked, tables, rows, numbers) for name, rows in mine.items()]


def _curve(
    name: str,
    asked: Protocol,
    tables: dict[str, pd.DataFrame],
    mine: dict[str, pd.DataFrame],
    numbers: Numbers,
) -> dict:
    course, whole, intervals = mine["course"], mine["courses"], mine["intervals"]
    aside = [
        {"study": row["study_id"], "reason": english.full_stop(row[column])}
        for row in as_dicts(intervals)
        for column in ("reason", "left_out")
        if not missing(row.get(column))
    ]
    rows: list[dict] = []
    found = {"id": name, "title": asked.courses[name].title, "rows": rows, "aside": aside}
    for one in aside:
        key = f"course/{name}/aside/{one['study']}"
        one["reason"] = with_numbers(numbers, key, one["reason"], ["data/raw/extraction"])
    if course.empty:
        return found
    result, other = course[course["primary"]], course[~course["primary"]]
    given = intervals[intervals["reason"] == ""]
    pairs = zip(as_dicts(result), as_dicts(other), strict=True)
    for i, (row, beside) in enumerate(pairs, start=1):
        key = ids.course(name, i)
        behind = _behind(given[given["end"] == row["time"]], asked.courses[name].arms[0], numbers)
        what = f"survival at {show(row['time'], 'time-point')}"
        numbers.add(f"{key}/time", row["time"], "time-point", asked.time_unit, behind, "time")
        numbers.add(f"{key}/k", row["k"], "count", "studies", behind, "studies of the interval")
        risk = "patients at risk at the beginning of the interval"
        numbers.add(f"{key}/at-risk", row["at_risk"], "count", "patients", behind, risk)
        complete = "studies counted as followed"
        numbers.add(f"{key}/complete", row["complete"], "count", "studies", behind, complete)
        before = [f"{ids.course(name, j)}/k" for j in range(1, i + 1)]
        for lead, of in ((key, row), (f"{key}/other", beside)):
            numbers.add(f"{lead}/estimate", of["estimate"], "proportion", "", before, what)
            pair = (of["ci_low"], of["ci_high"])
            numbers.add(f"{lead}/ci", pair, "proportion", "", before, f"{what}, 95% interval")
        rows.append({"key": key, "few": bool(row["few"])})
    found["studies"] = sorted(set(given["study_id"]))
    return found | _whole(name, whole, len(result), asked, tables, numbers)


def _whole(
    name: str,
    whole: pd.DataFrame,
    many: int,
    asked: Protocol,
    tables: dict[str, pd.DataFrame],
    numbers: Numbers,
) -> dict:
    """What is said of a curve as a whole: its studies, median, heterogeneity and guard rail."""
    row = whole[whole["primary"]].iloc[0].to_dict()
    key, unit = f"course/{name}", asked.time_unit
    parents = [f"{ids.course(name, i)}/k" for i in range(1, many + 1)]
    numbers.add(f"{key}/k", row["k"], "count", "studies", parents, "studies of the curve")
    numbers.add(f"{key}/n", row["n"], "count", "patients", parents, "their patients")
    numbers.add(
        f"{key}/i2", row["i2"], "percentage", "", parents, "I\u00b2 of all intervals together"
    )
    for end, column in (("estimate", "median"), ("low", "median_low"), ("high", "median_high")):
        what = column.replace("median_", "limit of the median, ")
        numbers.add(f"{key}/median/{end}", row[column], "time", unit, parents, what)
    rails = tables["decisions"]
    fired = rails.loc[
        (rails["synthesis"] == name) & (rails["rule"] == guard_rails.FEW_LEFT), "parameters"
    ]
    few = [
        guard_rails.phrase(guard_rails.FEW_LEFT, json.loads(str(parameters)))
        for parameters in fired
    ]
    said = [english.full_stop(f"{rail.rule}: {rail.because}; {rail.done}") for rail in few]
    return {
        "key": key,
        "unit": unit,
        "model": MODELS[row["model"]],
        "other": next(words for model, words in MODELS.items() if model != row["model"]),
        "rails": [with_numbers(numbers, f"{key}/few", words, parents) for words in said],
    }


def _behind(intervals: pd.DataFrame, arm: str, numbers: Numbers) -> list[str]:
    """Ids of the printed rows and rebuilt curves behind the studies of one interval."""
    found = []
    for row in as_dicts(intervals):
        printed = [ids.printed(int(number)) for number in str(row["rows"] or "").split()]
        found += [id_ for id_ in printed if id_ in numbers]
        if row["curve"]:
            found += numbers.under(f"curves/{row['study_id']}.{arm}.")
    return found or ["data/raw/extraction/outcomes.csv"]
