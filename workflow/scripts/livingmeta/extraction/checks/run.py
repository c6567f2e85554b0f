"""Checks that try the printed statistics of a study against each other.

Most errors of extraction contradict another number of the same paper: an interval that its p does
not fit, survival above one half after the median, a hazard ratio that favours the other arm. Each
check is a function over one study's rows of one outcome (`checks_arms`, `checks_contrasts`) or over
the whole study; the tables below say which. Severities: `error` cannot be true, `warning` is
unlikely enough to look it up, `note` is worth knowing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from math import nan

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction.checks import (
    arms,
    contrasts,
    curves,
    deaths,
    designs,
    differences,
    directions,
    follow_up,
    intervals,
    log_rank,
    one_study,
    p_against,
    p_of_tests,
    rates,
    shared,
    sizes,
    spread,
    spread_of_studies,
    twins,
    unlike_others,
    unsaid,
)
from livingmeta.extraction.checks import study as checks_study
from livingmeta.extraction.checks.beside import with_columns
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.curves.drawing import Key
from livingmeta.extraction.curves.rebuild import Curve
from livingmeta.extraction.p_values import PValueError
from livingmeta.extraction.randomised import by_lot, drawn_by_lot
from livingmeta.extraction.rows import Row, read_row
from livingmeta.extraction.settled import settled
from livingmeta.extraction.units import DAYS
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
    contrasts.impossible_ratios,
    contrasts.interval_symmetric,
    contrasts.ratio_as_logarithm,
    contrasts.interval_against_p,
    contrasts.interval_against_events,
    directions.direction,
    contrasts.hazard_ratio_against_arms,
    contrasts.ratio_against_arms,
    log_rank.sums,
    log_rank.numbers,
    log_rank.ratio_of_observed,
    log_rank.beyond_expected,
    deaths.survival_at_start,
    deaths.at_risk_against_survival,
    deaths.too_few_deaths,
    deaths.too_many_deaths,
    deaths.half_dead_without_median,
    deaths.times_in_another_unit,
    deaths.uneven_hazard,
    deaths.restricted_mean,
    differences.restricted_means,
    follow_up.person_time,
    intervals.middle_of_limited,
    intervals.middle_of_differences,
    intervals.limit_as_estimate,
    intervals.interval_of_table,
    intervals.rates_against_events,
    p_against.p_against_counts,
    p_against.p_against_survival,
    p_against.p_against_medians,
    p_against.log_rank_against_ratio,
    p_of_tests.p_against_correlation,
    p_of_tests.p_of_t,
    p_of_tests.p_of_chi_squared,
    p_against.p_against_events,
    rates.rate_of_events,
    rates.error_of_rate,
    rates.ratio_of_rates,
    rates.p_against_rates,
    sizes.sizes_of_rows,
    sizes.at_risk_at_start,
    sizes.percentage_interval_against_n,
    sizes.percentage_error_against_n,
    sizes.error_without_percent,
    sizes.other_intervals,
    sizes.patients_of_contrasts,
    spread.order,
    twins.quartiles_twice,
    unsaid.scale_of_some_rows,
    unsaid.ratio_in_percent,
    unsaid.se_of_what,
    unsaid.spread_of_no_mean,
    unsaid.adjusted_counts,
)
# Each takes besides a row for every SD and SE in a column.
SPREAD_CHECKS = (
    differences.change_of_arm,
    differences.difference_against_means,
    differences.p_against_means,
    directions.against_arms,
    differences.standardised,
    intervals.standard_errors,
    p_of_tests.t_of_difference,
    arms.no_spread,
    spread.spread_of_means,
    spread.spread_of_arms,
    differences.mean_against_median,
    spread.sd_against_range,
    deaths.errors_of_restricted_means,
    spread.sd_of_other_times,
    spread_of_studies.spreads_of_other_times,
    twins.earlier_row_as_later,
    spread.ses_of_arms,
    spread.means_far_apart,
)
# Each takes the rows of one study and an outcome of survival, whose events add up over time.
SURVIVAL_CHECKS = (deaths.events_fall,)
# Each takes all rows of one study and its row of studies.csv.
STUDY_CHECKS = (
    checks_study.sizes,
    checks_study.n_of_another_column,
    checks_study.progression_before_death,
    checks_study.beyond_follow_up,
    designs.design,
    designs.clusters_within_arms,
    designs.sequences_as_arms,
    designs.divided_twice,
    designs.values_against_each_other,
    follow_up.follow_up,
    follow_up.deaths_are_progressions,
    checks_study.study_of_more_digits,
    checks_study.time_zero,
)
# Each takes besides how many of the protocol's units of time a month is.
CALENDAR_CHECKS = (
    follow_up.median_follow_up,
    follow_up.calendar,
    follow_up.rates_turned,
    rates.rate_against_follow_up,
    rates.follow_up_of_arms,
)


def check(
    outcomes: pd.DataFrame,
    studies: pd.DataFrame,
    time_unit: str = "months",
    survival: Collection[str] = (),
    in_units: Collection[str] = (),
    drawn: Mapping[Key, Curve] | None = None,
    joins: Mapping[str, Collection[str]] | None = None,
    repeated: Collection[str] = (),
    newest: Mapping[str, float] | None = None,
    units: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """What does not fit, in the columns of problems.csv, gravest first within each study: a row a
    printed row and check, `problem_id` shared by the rows that clash.

    `outcomes`: results/extraction/outcomes.csv (proportions, the protocol's time unit);
    `studies`: results/extraction/studies.csv; `time_unit`: the protocol's; `survival`: its
    outcomes of that kind; `in_units`: those whose values all studies should have in one unit;
    `drawn`: the rebuilt curves that count; `joins`: the parts of its arms that are made of others;
    `repeated`: its outcomes whose event a patient may have several times; `newest`: the year of
    the last report of each study; `units`: of each outcome that has one.
    `row` is that of outcomes.csv.
    """
    month = float(DAYS["months"] / DAYS[time_unit])
    about = {str(r["study_id"]): r for r in as_dicts(studies)}
    found: list[dict] = []
    rows: dict[str, tuple[Row, ...]] = {}
    problems: dict[str, list[Problem]] = {}
    printed: dict[str, list[dict]] = {}
    for record in as_dicts(outcomes):
        printed.setdefault(str(record["study_id"]), []).append(record)
    for name, records in printed.items():
        problems[name], rows[name] = _of_study(
            records, about.get(name, {}), month, survival, joins or {}, repeated
        )
        problems[name] += follow_up.year_to_come(about.get(name, {}), (newest or {}).get(name, nan))
        lines = {key[1:]: curve for key, curve in (drawn or {}).items() if key[0] == name}
        problems[name] += curves.printed(rows[name], lines)
        problems[name] += curves.ends(rows[name], lines, about.get(name, {}), month)
    reports = {name: set(tables.text(of.get("records")).split()) for name, of in about.items()}
    trials = {name: tables.text(of.get("trial")).strip() for name, of in about.items()}
    # A study that is excluded counts nowhere, so no patient of it counts twice.
    counted = {n: r for n, r in rows.items() if about.get(n, {}).get("status") != "excluded"}
    reports = {name: of for name, of in reports.items() if name in counted}
    patients = {name: designs.number(of, "n") for name, of in about.items()}
    in_both = {name for name, of in about.items() if designs.in_both(of)}
    of_all = (in_units, survival, patients, by_lot(studies), in_both, repeated)
    followed = {name: designs.number(of, "followup_months") for name, of in about.items()}
    for name, other in _between(counted, reports, trials, *of_all):
        problems[name].append(other)
    once = {  # an event that a patient may have several times has no complement
        name: tuple(r for r in mine if r.outcome not in repeated) for name, mine in counted.items()
    }
    for name, other in unlike_others.share_of_one_study(once, survival, followed):
        problems[name].append(other)
    for name, other in unlike_others.reduction_as_difference(once, survival):
        problems[name].append(other)
    for name, other in one_study.known_unit_of_one_study(counted, units or {}):
        problems[name].append(other)
    times = {name: of * month for name, of in followed.items()}
    for name, other in follow_up.weeks_of_one_study(counted, survival, times):
        problems[name].append(other)
    for name in (name for name, mine in rows.items() if mine and name not in counted):
        problems[name].append(unsaid.excluded(rows[name]))
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
            found += [about_it | {"row": int(row)} for row in dict.fromkeys(p.rows)]
            found += [about_it | {"row": pd.NA}] * (not p.rows)
    return pd.DataFrame(found, columns=COLUMNS, dtype=object)


def _between(
    rows: dict[str, tuple[Row, ...]],
    reports: dict[str, set[str]],
    trials: dict[str, str],
    in_units: Collection[str],
    survival: Collection[str],
    patients: Mapping[str, float],
    randomised: Collection[str],
    in_both: Collection[str],
    repeated: Collection[str],
) -> Iterator[tuple[str, Problem]]:
    """What does not fit between studies, each with the study it is told of."""
    study_of = {row.row: name for name, mine in rows.items() for row in mine}
    said: set[tuple[str, str]] = set()
    # Each is asked when those before it have said what they know.
    finders: tuple[Callable[[], Iterator[tuple[str, Problem]]], ...] = (
        partial(twins.twins, rows, reports, trials),
        partial(shared.arms_of_two, rows, reports, trials, said),
        partial(shared.arms_of_one_trial, rows, trials, said),
        partial(shared.total_of_parts, rows, trials),
        partial(twins.one_report, reports, trials, said),
    )
    for find in finders:
        for name, problem in list(find()):
            said.update((study_of[row], name) for row in problem.rows)
            yield name, problem
    yield from spread_of_studies.sds_of_studies(rows, in_units)
    yield from one_study.scale_of_one_study(rows, randomised, survival)
    # Medians of survival are in the protocol's unit of time.
    yield from one_study.unit_of_one_study(rows, dict.fromkeys([*in_units, *survival]))
    yield from follow_up.rate_of_one_study(rows)
    yield from differences.changes_among_values(rows, in_units)
    yield from unsaid.changes_turned(rows)
    yield from unlike_others.events_turned(rows, repeated)
    yield from unlike_others.digit_of_one_arm(rows, repeated)
    yield from spread_of_studies.columns_changed_over(rows, in_units)
    yield from spread_of_studies.difference_of_one_study(rows, in_units, patients, in_both)


def _first_row(problem: Problem) -> int:
    return problem.rows[0] if problem.rows else 0


def _of_study(
    records: list[dict],
    about: dict,
    month: float,
    survival: Collection[str],
    joins: Mapping[str, Collection[str]],
    repeated: Collection[str],
) -> tuple[list[Problem], tuple[Row, ...]]:
    """What does not fit in a study by itself, and its rows."""
    rows: list[Row] = []
    problems = unsaid.consensus_unread(records)
    counted = settled(records)
    problems += rates.units_of_rates(counted)
    for record in counted:
        try:
            rows.append(read_row(record))
        except PValueError as error:
            printed = str(error.value)
            problems.append(
                Problem("error", error.rows, "p value", str(error), printed, error.cure)
            )
    problems += designs.sds_of_differences(rows, about)
    rows = designs.as_built(rows, about)
    for outcome in dict.fromkeys(r.outcome for r in rows):
        of_it = tuple(r for r in rows if r.outcome == outcome)
        problems += shared.whole_of_all_parts(of_it)
        if outcome in repeated:
            of_it = designs.events_of_nobody(of_it)
        for here in _populations(list(of_it)):
            for run in OUTCOME_CHECKS:
                if not (run is sizes.patients_of_contrasts and designs.in_both(about)):
                    problems += run(here)
            problems += intervals.contrast_against_patients(here, designs.number(about, "n"))
            problems += shared.whole_of_parts(here, joins)
            problems += directions.ratio_against_deaths(here, drawn_by_lot(about))
            problems += p_against.p_against_deaths(here, drawn_by_lot(about))
            if outcome in survival:
                for run in SURVIVAL_CHECKS:
                    problems += run(here)
                problems += deaths.medians_in_another_unit(here, about, month)
                problems += deaths.deaths_after_follow_up(here, about, month)
            spread_too = with_columns(here)
            for run in SPREAD_CHECKS:
                problems += run(spread_too)
            problems += twins.one_row_in_two_arms(spread_too, joins, designs.in_both(about))
    for check in STUDY_CHECKS:
        problems += check(tuple(rows), about)
    problems += sizes.arms_together(tuple(rows), about, joins)
    problems += sizes.all_arms_together(tuple(rows), about, joins)
    for of_time in CALENDAR_CHECKS:
        problems += of_time(tuple(rows), about, month)
    return [p for p in problems if designs.let_be_made(p, about)], tuple(rows)


def _populations(rows: list[Row]) -> Iterator[tuple[Row, ...]]:
    """The rows of an outcome by whom they are of: all, a part, the matched or the weighted.

    A comparison of matched patients whose arms are printed of all alone stands beside those.
    """
    found: dict[tuple[str, str], list[Row]] = {}
    for r in rows:
        found.setdefault(arms.of_whom(r), []).append(r)
    for (part, whom), mine in found.items():
        of_all = found.get((part, ""), [])
        alone = all("/" in r.arm for r in mine)
        yield tuple(mine + (of_all if whom and alone else []))
