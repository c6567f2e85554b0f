"""Checks of times: follow-up, the calendar, person-time, medians, what one outcome holds of
another."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations
from math import exp, isfinite, log, nan, sqrt
from statistics import median

from livingmeta.extraction.checks.arms import Rows, arms, of
from livingmeta.extraction.checks.deaths import FOLLOWED
from livingmeta.extraction.checks.designs import number
from livingmeta.extraction.checks.one_study import OTHER_UNIT, times_as
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.checks.study import COMPOSITE, OVERALL, counts
from livingmeta.extraction.randomised import drawn_by_lot
from livingmeta.extraction.rows import Row, same_moment
from livingmeta.formulas.rounding import half_per_cent, half_unit

YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def follow_up(rows: Rows, about: dict) -> Iterator[Problem]:
    """The least follow-up is not above the longest, and until it nobody is censored."""
    for arm in dict.fromkeys(r.arm for r in rows):
        for least in of(rows, "minimum-followup", arm):
            for most in of(rows, "maximum-followup", arm):
                if most.outcome == least.outcome and least.value > most.value:
                    yield Problem(
                        "error",
                        (least.row, most.row),
                        "follow-up",
                        f"the shortest follow-up of {arm} is above the longest",
                        f"{least.value:.4g}",
                        f"{most.value:.4g} or less",
                    )
            yield from _censored_before(rows, least)
        for most in of(rows, "maximum-followup", arm):
            for r in of(rows, "at-risk", arm):
                if r.outcome == most.outcome and r.value > 0 and r.time > 1.03 * most.value:
                    yield Problem(
                        "error",
                        (most.row, r.row),
                        "beyond follow-up",
                        f"{r.value:g} at risk in {arm} at {r.time:.4g}, after the "
                        "longest follow-up",
                        f"{r.time:.4g}",
                        f"{most.value:.4g} or less",
                    )


def _censored_before(rows: Rows, least: Row) -> Iterator[Problem]:
    """Until the least follow-up R(t) is n S(t)."""
    for s in of(rows, "survival", least.arm):
        for r in of(rows, "at-risk", least.arm):
            alike = r.outcome == s.outcome == least.outcome and r.time == s.time
            if not alike or not 0 < s.time < 0.97 * least.value or not s.n > 0:
                continue
            expected = s.n * (s.value - half_per_cent(s.value))
            if r.value < expected - max(1.0, 0.05 * s.n):
                yield Problem(
                    "warning",
                    (least.row, r.row, s.row),
                    "follow-up",
                    f"{r.value:g} of {s.n:g} in {r.arm} at risk at {r.when} with survival "
                    f"{s.value:.4g}, though all were followed for {least.value:.4g}",
                    f"{r.value:g}",
                    f"about {s.n * s.value:.0f}",
                )


def median_follow_up(rows: Rows, about: dict, month: float) -> Iterator[Problem]:
    """The median follow-up of studies.csv lies between the least and the longest.

    `month`: how many of the protocol's units of time a month is.
    """
    told = number(about, "followup_months")
    if not told > 0:
        return
    middle = told * month
    by = "median follow-up of studies.csv"
    for statistic, sign, words in (
        ("maximum-followup", 1, "the longest"),
        ("minimum-followup", -1, "the shortest"),
    ):
        ends = [r for r in rows if r.statistic == statistic and r.value > 0]
        if not ends or (len({r.arm for r in ends}) < len(arms(rows)) and statistic[1] == "a"):
            continue
        end = (max if sign > 0 else min)(ends, key=lambda r: r.value)
        if sign * middle > 1.03**sign * sign * end.value:
            yield Problem(
                "error",
                (end.row,),
                "follow-up",
                f"{by} ({told:g} months) is {'above' if sign > 0 else 'below'} {words}",
                f"{end.value:.4g}",
                f"{middle:.4g} or {'more' if sign > 0 else 'less'}",
            )


def calendar(rows: Rows, about: dict, month: float) -> Iterator[Problem]:
    """Nobody is followed longer than from the first enrolment to the end of the report's year."""
    first, last = (YEAR.search(str(about.get(c) or "")) for c in ("enrolled_from", "enrolled_to"))
    year = number(about, "year")
    if first and last and int(last[0]) < int(first[0]):
        yield Problem(
            "error",
            (),
            "calendar",
            "enrolment ends before it begins",
            last[0],
            f"{first[0]} or later",
        )
    if not (first and isfinite(year)):
        return
    if int(first[0]) > year:
        yield Problem(
            "error",
            (),
            "calendar",
            "enrolment begins after the year of the report",
            first[0],
            f"{year:.0f} or earlier",
        )
        return
    most = (year + 1 - int(first[0])) * 12 * month
    late = [r for r in rows if r.statistic in ("survival", "at-risk") and r.time > most]
    late += [
        r for r in rows if r.statistic in ("median", "maximum-followup") and _is_time(rows, r, most)
    ]
    if late:
        worst = max(late, key=lambda r: r.time if isfinite(r.time) else r.value)
        when = worst.time if isfinite(worst.time) else worst.value
        yield Problem(
            "warning",
            tuple(r.row for r in late),
            "calendar",
            f"{worst.statistic.replace('-', ' ')} of {worst.arm} at {when:.4g}, but enrolment "
            f"began in {first[0]} and the report is of {year:.0f}: another unit of time?",
            f"{when:.4g}",
            f"{most:.4g} or less",
        )
    told = number(about, "followup_months") * month
    if told > most:
        yield Problem(
            "warning",
            (),
            "calendar",
            f"median follow-up of studies.csv is longer than from {first[0]} to {year:.0f}",
            f"{told:.4g}",
            f"{most:.4g} or less",
        )


def year_to_come(about: dict, newest: float) -> Iterator[Problem]:
    """A study's main report is none that was printed years after all of its reports. `newest`: the
    year of the last of these, NaN where nobody knows. Earlier it may be: an older study may be
    known by a review alone.

    ASSUME: what is ahead of print is of a year before its issue, and of no two.
    """
    year = number(about, "year")
    if year > newest + 1:
        yield Problem(
            "warning",
            (),
            "calendar",
            "year of studies.csv is later than any of its reports: a digit off, or is its main "
            "report missing in the column records?",
            f"{year:.0f}",
            f"{newest:.0f} or earlier",
        )


def _is_time(rows: Rows, r: Row, most: float) -> bool:
    survival = any(x.outcome == r.outcome and x.statistic == "survival" for x in rows)
    return r.value > most and (r.statistic == "maximum-followup" or survival)


def deaths_are_progressions(rows: Rows, about: dict) -> Iterator[Problem]:
    """Progressions or deaths are at least the deaths, of the same patients."""
    overall = tuple(r for r in rows if OVERALL.search(r.outcome))
    for p in (r for r in rows if COMPOSITE.search(r.outcome) and r.statistic == "events"):
        for o in of(overall, "events", p.arm):
            same = o.time == p.time or not (isfinite(o.time) or isfinite(p.time))
            if same and p.n == o.n and p.value < o.value and not counts(p):
                yield Problem(
                    "error",
                    (p.row, o.row),
                    "progression after death",
                    f"{p.value:g} events of {p.outcome} in {p.arm}, but {o.value:g} deaths: every "
                    "death is one",
                    f"{p.value:g}",
                    f"{o.value:g} or more",
                )


def person_time(rows: Rows) -> Iterator[Problem]:
    """Person-time is at most n times the longest follow-up."""
    for t in of(rows, "person-time"):
        longest = of(rows, "maximum-followup", t.arm)
        events = [e for e in of(rows, "events", t.arm) if e.time == t.time or not isfinite(t.time)]
        n = next((r.n for r in (t, *events) if r.n > 0), nan)
        if longest and t.value > 1.03 * n * longest[0].value:
            yield Problem(
                "error",
                (t.row, longest[0].row),
                "person-time",
                f"person-time of {t.arm} is longer than {n:g} patients could be followed",
                f"{t.value:.6g}",
                f"{n * longest[0].value:.6g} or less",
            )


def rates_turned(rows: Rows, about: dict, month: float) -> Iterator[Problem]:
    """Rates of two arms drawn by lot, each just what the events of the other make of its patients
    and the follow-up of the study: swapped. Rates that go another way than events because one arm
    was followed, or treated, for longer fit neither.

    `month`: how many of the protocol's units of time a month is.
    """
    told = number(about, "followup_months") * month
    counted = [
        (r, e)
        for r in of(rows, "rate")
        for e in of(rows, "events", r.arm)
        if (r.outcome, r.part) == (e.outcome, e.part) and same_moment(r.time, e.time)
        if r.value > 0 and e.value > 0 and (e.n > 0 or r.n > 0)
    ]
    for (a, x), (b, y) in combinations(counted if told > 0 and drawn_by_lot(about) else [], 2):
        if a.arm == b.arm or (a.outcome, a.part) != (b.outcome, b.part):
            continue
        each = x.value / (x.n if x.n > 0 else a.n), y.value / (y.n if y.n > 0 else b.n)
        rates, events = log(a.value / b.value), log(each[0] / each[1])
        slack = _NEAR + half_unit(a.value) / a.value + half_unit(b.value) / b.value
        swapped = abs(rates + events) < slack and abs(rates) > 2 * slack
        followed = log(each[1] / a.value / told), log(each[0] / b.value / told)
        if swapped and max(map(abs, followed)) < _FOLLOWED:
            yield Problem(
                "warning",
                (a.row, b.row, x.row, y.row),
                "direction",
                f"the rate of {a.arm} is what the events of {b.arm} make, and the other way round: "
                "are the arms swapped?",
                f"{a.value:.4g} and {b.value:.4g}",
                f"{b.value:.4g} and {a.value:.4g}",
            )


# ASSUME: how near two rates must be to those of the other arm's events, and how near these to the
# median follow-up that is told, as logarithms.
_NEAR, _FOLLOWED = 0.03, 0.3


# ASSUME: a median of weeks typed as months is 4.3 times too long. Medians of one arm differ between
# studies by so much that these alone tell nothing (drawn reviews were asked about as often as such
# slips were found); one so many times the study's median follow-up as well, and so many times the
# middle one of three others or more, is no chance.
_WEEKS, _MEDIANS, _LATE, _LEAST_LONG, _MOST_LONG = 365.25 / 84, 3, 3.0, 2.5, 7.0


def weeks_of_one_study(
    rows: dict[str, tuple[Row, ...]], survival: Collection[str], followed: Mapping[str, float]
) -> Iterator[tuple[str, Problem]]:
    """A median of survival far beyond the median follow-up of its study, and beyond those of all
    other studies of the arm by as much as a month is longer than a week. What is further off:
    `deaths.medians_in_another_unit`, `one_study.unit_of_one_study`.

    `rows`: by study; `survival`: outcomes of that kind; `followed`: the median follow-up of each
    study in the protocol's unit of time, NaN where nobody knows.
    """
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for study, mine in rows.items():
        for r in mine:
            reached = r.statistic == "median" and r.value > 0 and isfinite(r.value)
            if reached and r.outcome in survival and "/" not in r.arm and not r.part:
                found.setdefault((r.outcome, r.arm), {}).setdefault(study, r)
    for (outcome, arm), by_study in found.items():
        for study, r in by_study.items():
            others = [o.value for name, o in by_study.items() if name != study]
            late = r.value / (followed.get(study) or nan)
            if len(others) < _MEDIANS or not _LATE < late <= FOLLOWED:
                continue
            by = r.value / median(others)
            if _LEAST_LONG < by < _MOST_LONG and r.value > 1.5 * max(others):
                yield (
                    study,
                    Problem(
                        "warning",
                        (r.row,),
                        "unit of time",
                        f"{outcome}: median of {arm} is {late:.2g} times as long as the median "
                        f"follow-up of studies.csv, and {by:.2g} times as those of the "
                        f"{len(others)} other studies: is it of weeks?",
                        f"{r.value:.4g}",
                        f"{min(others):.3g} to {max(others):.3g}, or {r.value / _WEEKS:.3g} of "
                        f"{r.value:.4g} weeks",
                    ),
                )


def rate_of_one_study(rows: dict[str, tuple[Row, ...]]) -> Iterator[tuple[str, Problem]]:
    """A study whose rates are many times as high or as low as those of all others, beyond what so
    few events may do: of another person-time. Four studies at least.

    ASSUME: populations differ in their rates more than in their means, so a study must be further
    from the others than the square of how far these are from one another.
    """
    for outcome in dict.fromkeys(r.outcome for mine in rows.values() for r in mine):
        rates = {s: of for s, mine in rows.items() if (of := _rates(mine, outcome))}
        for study, mine in rates.items():
            others = [r.value for s, of in rates.items() if s != study for r, _ in of]
            if len(rates) < 4:
                continue
            low, high = min(others), max(others)
            far = max(OTHER_UNIT, (high / low) ** 2)
            below = all(r.value * far * exp(2 * se) < low for r, se in mine)
            if below or all(r.value > far * high * exp(2 * se) for r, se in mine):
                by = median(r.value for r, _ in mine) / median(others)
                yield (
                    study,
                    Problem(
                        "warning",
                        tuple(r.row for r, _ in mine),
                        "unit of one study",
                        f"{outcome}: its rates are {times_as(by)} those of all {len(rates) - 1} "
                        "other studies: are they of another person-time?",
                        f"about {mine[0][0].value:.3g}",
                        f"{low:.3g} to {high:.3g}, or the person-time in the column unit",
                    ),
                )


def _rates(rows: Iterable[Row], outcome: str) -> list[tuple[Row, float]]:
    """The rates of a study's arms, each with the SE of its logarithm: by its events, its interval
    or its SE; 0 where nothing tells."""
    mine = [r for r in rows if r.outcome == outcome and "/" not in r.arm and not r.part]
    found = []
    for r in (r for r in mine if r.statistic == "rate" and r.value > 0):
        died = [x for x in mine if (x.arm, x.statistic) == (r.arm, "events") and x.value > 0]
        se = 1 / sqrt(min(x.value for x in died)) if died else r.se / r.value if r.se > 0 else 0.0
        if r.has_ci and 0 < r.ci_low < r.ci_high:
            se = max(se, log(r.ci_high / r.ci_low) / 4)
        found.append((r, se))
    return found
