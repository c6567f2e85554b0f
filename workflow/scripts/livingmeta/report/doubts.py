"""What is doubted of a synthesis: rows that the checks point at, routes that lie far apart."""

from collections.abc import Mapping

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.extraction.checks import problem
from livingmeta.report import table_numbers
from livingmeta.words import ids, measures
from livingmeta.words.numbers import Numbers, missing

# Two routes of one study disagree where they lie further apart than chance would put them.
DISAGREE = 1.96


def doubted(
    problems: pd.DataFrame,
    shown: pd.DataFrame,
    labels: Mapping[str, str],
    used: Mapping[str, list[dict]],
) -> list[str]:
    """The labels of studies whose effect rests on a row on which the checks of extraction raised a
    point. `problems`: problems.csv; `shown`: the effects of a synthesis; `used`: by study the rows
    of used.csv that were used."""
    doubts = {
        (study, number)
        for study, each in problem.each(problems)
        if each.severity != "note"
        for number in each.rows
    }
    return [
        labels.get(row["study_id"], row["study_id"])
        for row in as_dicts(shown)
        if any(
            (row["study_id"], number) in doubts
            for number in table_numbers.cited(used.get(row["study_id"], []))
        )
    ]


def disagreements(
    numbers: Numbers,
    table: pd.DataFrame,
    used: pd.DataFrame,
    labels: Mapping[str, str],
    measure: str,
) -> list[dict]:
    """Studies whose further routes lie far from the chosen one, each route once, with the ids under
    which their numbers are registered. `table`, `used`: routes.csv and used.csv of a synthesis."""
    found, seen = [], set()
    kind = measures.SCALES[measure].kind
    behind = table_numbers.behind(used)
    ways = table.groupby(["study_id", "measure", "route"]).cumcount() + 1
    table = table.assign(way=ways)
    for i, row in enumerate(as_dicts(table)):
        if row["chosen"] or missing(row["agrees"]) or abs(row["agrees"]) <= DISAGREE:
            continue
        if (row["study_id"], row["route"]) in seen:
            continue
        seen.add((row["study_id"], row["route"]))
        key = f"{row['synthesis']}/route/{row['study_id']}/{i}"
        value = measures.shown(pd.DataFrame([row]), measure)["display"].iloc[0]
        of_it = behind.get((row["study_id"], row["measure"], row["route"], row["way"]), [])
        parents = table_numbers.sources_of(numbers, row, of_it)
        what = f"{labels.get(row['study_id'], '')} by route {row['route']}, not chosen"
        numbers.add(f"{key}/estimate", value, kind, "", parents, what)
        found.append(
            {
                "label": labels.get(row["study_id"], row["study_id"]),
                "key": key,
                "chosen": ids.study(row["synthesis"], row["study_id"]),
                "route": row["route"],
                "inputs": row["inputs"],
            }
        )
    return found
