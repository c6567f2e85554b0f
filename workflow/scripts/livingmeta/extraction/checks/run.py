"""Checks that try the printed statistics of a study against each other.

Most errors of extraction contradict another number of the same paper: an interval that its p does
not fit, survival above one half after the median, a hazard ratio that favours the other arm. Each
check is a function over one study's rows of one outcome (`checks_arms`, `checks_contrasts`) or over
the whole study; the tables below say which. Severities: `error` cannot be true, `warning` is
unlikely enough to look it up, `note` is worth knowing.
"""

from __future__ import annotations

from collections import Counter

import pandas as pd

from livingmeta import tables
from livingmeta.extraction.checks import arms, contrasts, time_zero, twins
from livingmeta.extraction.checks import study as checks_study
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.p_values import PValueError
from livingmeta.extraction.rows import Row, read_row
from livingmeta.extraction.settled import settled
from livingmeta.words import ids

COLUMNS = tables.columns("extraction/problems")
_SEVERITIES = ("error", "warning", "note")

# Each takes the rows of one study and outcome.
OUTCOME_CHECKS = (
    arms.impossible_values,
    arms.survival_rises,
    arms.median_against_survival,
    arms.median_not_reached,
    arms.survival_interval_against_size,
    arms.at_risk,
    arms.tiny_percentages,
    arms.percentages_of_counts,
    arms.counts_against_percentages,
    arms.spread_of_means,
    contrasts.impossible_ratios,
    contrasts.interval_symmetric,
    contrasts.interval_against_p,
    contrasts.interval_against_events,
    contrasts.direction,
    contrasts.hazard_ratio_against_arms,
    contrasts.ratio_against_arms,
    contrasts.difference_against_means,
    contrasts.log_rank_sums,
)
# Each takes all rows of one study and its row of studies.csv.
STUDY_CHECKS = (
    checks_study.sizes,
    checks_study.progression_before_death,
    checks_study.beyond_follow_up,
    time_zero.time_zero,
)


def check(outcomes: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """What does not fit, in the columns of problems.csv, gravest first within each study: a row a
    printed row and check, `problem_id` shared by the rows that clash.

    `outcomes`: results/extraction/outcomes.csv (proportions, the protocol's time unit);
    `studies`: results/extraction/studies.csv. `row` is that of outcomes.csv.
    """
    about = {str(r["study_id"]): r for r in studies.to_dict("records")}
    found: list[dict] = []
    rows: dict[str, tuple[Row, ...]] = {}
    problems: dict[str, list[Problem]] = {}
    for study, group in outcomes.groupby("study_id", sort=False):
        name = str(study)
        problems[name], rows[name] = _of_study(group.to_dict("records"), about.get(name, {}))
    reports = {name: set(str(of.get("records", "")).split()) for name, of in about.items()}
    # A study that is excluded counts nowhere, so no patient of it counts twice.
    counted = {n: r for n, r in rows.items() if about.get(n, {}).get("status") != "excluded"}
    for name, twice in twins.twins(counted, reports):
        problems[name].append(twice)
    for name, mine in problems.items():
        mine.sort(key=lambda p: (_SEVERITIES.index(p.severity), _first_row(p)))
        count: Counter[str] = Counter()
        for p in dict.fromkeys(mine):
            count[p.check] += 1
            about_it = {
                "problem_id": ids.problem(name, p.check, count[p.check]),
                "severity": p.severity,
                "study_id": name,
                "check": p.check,
                "message": p.message,
                "value": p.value,
                "expected": p.expected,
            }
            found += [about_it | {"row": row} for row in dict.fromkeys(p.rows or (pd.NA,))]
    return pd.DataFrame(found, columns=COLUMNS, dtype=object)


def _first_row(problem: Problem) -> int:
    return problem.rows[0] if problem.rows else 0


def _of_study(records: list[dict], about: dict) -> tuple[list[Problem], tuple[Row, ...]]:
    """What does not fit in a study by itself, and its rows."""
    rows: list[Row] = []
    problems: list[Problem] = []
    for record in settled(records):
        try:
            rows.append(read_row(record))
        except PValueError as error:
            printed = str(error.value)
            problems.append(
                Problem("error", error.rows, "p value", str(error), printed, error.cure)
            )
    for outcome in dict.fromkeys(r.outcome for r in rows):
        here = tuple(r for r in rows if r.outcome == outcome)
        for run in OUTCOME_CHECKS:
            problems += run(here)
    for check in STUDY_CHECKS:
        problems += check(tuple(rows), about)
    return problems, tuple(rows)
