"""Checks of rates: events by person-time, of one arm and of two. See `run`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb, exp, inf, isfinite, log, log10, nan, sqrt
from typing import NamedTuple

from livingmeta import tables
from livingmeta.extraction import places
from livingmeta.extraction.checks.arms import Rows, arms, by_no_model, of
from livingmeta.extraction.checks.contrasts import TEST_SLACK, contrasts
from livingmeta.extraction.checks.designs import number
from livingmeta.extraction.checks.intervals import most_of_error
from livingmeta.extraction.checks.p_against import CRUDE, misfit, of_pair, pairs, z_of
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.checks.study import ALL
from livingmeta.extraction.randomised import drawn_by_lot
from livingmeta.extraction.rows import Row, same_moment
from livingmeta.extraction.units import A_RATE, of_rate
from livingmeta.formulas import time_to_event as tte
from livingmeta.formulas.rounding import Range, half_unit, log_range, se_range

# What a rate may be off by where its unit is another: powers of ten, and those of time.
OF_TIME = {12.0: "12", 1 / 12: "12", 365.25: "365", 1 / 365.25: "365"}
FEW_EVENTS = 1.3  # by how much an exact interval of few events is wider than its SE
TURNED = 0.05  # of the logarithm, by which a ratio that is turned round may be off
EXACT = 3000  # events, above which the exact test is the others'


def rate_of_events(rows: Rows) -> Iterator[Problem]:
    """A rate is events by person-time. Rates are read in the unit that is printed with them, so one
    off by ten or twelve is of another unit, and would count as it stands."""
    for arm in arms(rows):
        for e, t in _followed(rows, arm):
            for rate in of(rows, "rate", arm):
                if not (same_moment(rate.time, t.time) and rate.value > 0 and e.value > 0):
                    continue
                implied = e.value / t.value
                slack = half_unit(rate.value) / rate.value + half_unit(t.value) / t.value + 0.02
                shift = rate.value / implied
                if abs(shift - 1) <= slack or abs(1 / shift - 1) <= slack:
                    continue
                yield Problem(
                    "warning",
                    (rate.row, e.row, t.row),
                    "rate",
                    f"rate of {arm} is not {e.value:g} events by {t.value:g} of person-time"
                    f"{_unit(shift, slack)}",
                    f"{rate.value:.4g}",
                    f"{implied:.4g}",
                )


def _unit(shift: float, slack: float) -> str:
    """A word on the unit that a rate may be of, by how far it is off."""
    off = {}
    for factor, name in ({1.0: "10"} | OF_TIME).items():
        power = round(log10(shift / factor))
        by = f"1{'0' * abs(power)}" if name == "10" else name
        off[abs(shift / factor / 10.0**power - 1)] = by
    if min(off) > min(slack, 0.03):  # a rate of few digits may be near any of them
        return ""
    return f", but off by {off[min(off)]}: another unit, or a decimal point?"


def units_of_rates(records: list[dict]) -> list[Problem]:
    """Rates of one outcome of a study, read by one person, that are of other numbers or units of
    person-time: a paper prints one. `records`: rows of outcomes.csv as records of the study."""
    found: dict[tuple[str, str], dict[tuple[int, str], int]] = {}
    for record in records:
        unit = A_RATE.fullmatch(tables.text(record.get("unit")))
        if record["statistic"] == "rate" and unit:
            by_whom = tables.text(record["outcome"]), tables.text(record.get("extractor"))
            of = found.setdefault(by_whom, {})
            of.setdefault(of_rate(unit), places.of(record))
    return [
        Problem(
            "warning",
            tuple(of.values()),
            "unit of rate",
            f"rates of {outcome} are of other person-time: a paper prints those of one outcome in "
            "one unit",
            " and ".join(f"per {many} {unit}" for many, unit in of),
            "one unit",
        )
        for (outcome, _), of in found.items()
        if len(of) > 1
    ]


# ASSUME: how long a patient is followed on average at least (in months, or in days where that is
# the unit as it is written: of catheters, of intensive care) and at most; how far off the median
# follow-up that is told the mean one may be that person-time or events and rate give (a median is
# no mean, events on treatment are of a shorter time), or the one that an interval implies (events
# come in clusters).
SHORTEST, SHORTEST_DAYS, LONGEST = 0.1, 0.5, 600.0
OTHER_FOLLOW_UP, IMPLIED_FOLLOW_UP = 9.0, 20.0
# ASSUME: how far apart the mean follow-up of two arms may be: where they were drawn by lot it
# differs by who has the event, elsewhere by when the arms began and how exposure is counted.
BY_LOT, OTHERWISE = 5.0, 8.0
# ASSUME: by how much more where an interval implies the events, and where nobody says how many of
# the study are in an arm (two of three, say).
IMPLIED, GUESSED = 1.6, 1.2
# ASSUME: of patients who would have any event by the rate, a third or more do: events that come in
# clusters are of fewer. So many may be the patients with an event, and not all events.
CLUSTERED = 3.0


class _Followed(NamedTuple):
    """How long each of n patients of an arm was followed by what is printed, in the protocol's
    unit; by how much that may be off the median follow-up below and above; the row and others; by
    how much more than others' it may be off that of another arm."""

    each: float
    n: float
    less: float
    more: float
    row: Row
    rows: tuple[int, ...]
    words: str
    slack: float


def _followed_by(rows: Rows, told: float, about: dict) -> Iterator[_Followed]:
    """Follow-up by person-time, by a rate and its events, or by a rate and its interval or SE.

    Where no row says how many an arm has that was drawn by lot, it is taken as one of equals.
    """
    patients = number(about, "n")
    drawn = [arm for arm in arms(rows) if arm not in ALL]
    equal = patients / len(drawn) if len(drawn) > 1 and drawn_by_lot(about) else 0.0
    for r in rows:
        if not r.value > 0 or "/" in r.arm or r.statistic not in ("person-time", "rate"):
            continue
        of_it = tuple(x for x in rows if (x.outcome, x.part, x.arm) == (r.outcome, r.part, r.arm))
        counted = [e for e in of(of_it, "events") if same_moment(e.time, r.time)]
        said = next((x.n for x in (r, *counted) if x.n > 0), 0.0)
        n, slack = said or equal, 1.0 if said else GUESSED
        timed = any(same_moment(x.time, r.time) for x in of(of_it, "person-time"))
        if not n > 0 or (timed and counted and r.statistic == "rate"):
            continue  # of no known number, or held to its person-time
        limits = OTHER_FOLLOW_UP, OTHER_FOLLOW_UP
        if r.statistic == "person-time":
            yield _Followed(r.value / n, n, *limits, r, (r.row,), "person-time", slack)
            continue
        where = (r.row, *(e.row for e in counted[:1]))
        many, coarse = (counted[0].value, False) if counted else _events_implied(r)
        less = OTHER_FOLLOW_UP if counted else IMPLIED_FOLLOW_UP
        if counted and n >= many >= n * (1 - exp(-r.value * told)) / CLUSTERED:
            less = inf
        if coarse:  # as few events as its digits may mean, and maybe more
            less = slack = inf
        more = OTHER_FOLLOW_UP if counted else IMPLIED_FOLLOW_UP
        if many > 0:
            words = f"about {many:.0f} events"
            slack *= 1.0 if counted else IMPLIED
            yield _Followed(many / r.value / n, n, less, more, r, where, words, slack)


def rate_against_follow_up(rows: Rows, about: dict, month: float) -> Iterator[Problem]:
    """Person-time, or a rate and its interval or events, are of so many patients for so long:
    hardly a few hours, nor a lifetime, nor far from the follow-up that is told.

    `month`: how many of the protocol's units of time a month is.
    """
    told = number(about, "followup_months") * month
    for f in _followed_by(rows, told, about):
        unit = A_RATE.fullmatch(f.row.unit)
        in_days = (unit["unit"] if unit else f.row.unit).casefold().rstrip("s") in ("day", "week")
        least = SHORTEST_DAYS * 12 / 365.25 * month if in_days else SHORTEST * month
        most = LONGEST * month
        if told > 0:
            least, most = told / f.less, told * f.more
        if not least <= f.each <= most:
            rate = f.row.statistic == "rate"
            by = f"median follow-up of studies.csv: {told / month:.3g} months" if told > 0 else ""
            asked = (
                "is its unit right, or a decimal point shifted?"
                if f.row.unit
                else ("per which person-time is it?" if rate else "in which unit is it?")
            )
            kind = "rate" if rate else "person-time"
            of_it = f"is of {f.words}, and so of" if rate else "is"
            yield Problem(
                "warning",
                f.rows,
                f"unit of {kind}",
                f"the {kind} of {f.row.arm} {of_it} {f.each / month:.3g} months for each of "
                f"{'about ' * (f.n % 1 > 0)}{f.n:.0f} patients: {asked}",
                f"{f.row.value:.4g}",
                by
                or (
                    "its unit in the column unit, such as per 100 person-years"
                    if rate and not f.row.unit
                    else f"{least / month:.2g} to {most / month:.4g} months for each patient"
                ),
            )


def follow_up_of_arms(rows: Rows, about: dict, month: float) -> Iterator[Problem]:
    """The patients of two arms are followed for about as long, by person-time or by events and
    rates (or what their intervals imply): months for years in one arm are far off, or its thousands
    left out."""
    apart = BY_LOT if drawn_by_lot(about) else OTHERWISE
    said = {row for problem in rate_against_follow_up(rows, about, month) for row in problem.rows}
    known = [f for f in _followed_by(rows, nan, about) if f.row.row not in said]
    for a, b in combinations(known, 2):
        x, y = a.row, b.row
        one = (x.outcome, x.part, x.statistic) == (y.outcome, y.part, y.statistic)
        if not one or x.arm == y.arm or not same_moment(x.time, y.time):
            continue
        few, many = sorted((a, b), key=lambda f: f.each)
        most = apart * max(a.slack, b.slack)
        if many.each > most * few.each:
            yield Problem(
                "warning",
                (*few.rows, *many.rows),
                f"unit of {x.statistic}",
                f"by their {x.statistic} patients of {few.row.arm} were followed for "
                f"{few.each / month:.3g} months each, those of {many.row.arm} for "
                f"{many.each / month:.3g}: is one in another unit, or a decimal point shifted?",
                f"{few.row.value:.4g} and {many.row.value:.4g}",
                f"less than {most:.2g} times as long",
            )


def error_of_rate(rows: Rows) -> Iterator[Problem]:
    """The SE of a rate against its interval, which is plain, of the logarithm or exact."""
    for r in of(rows, "rate"):
        beside = [
            x for x in of(rows, "se", r.arm) if same_moment(x.time, r.time) and not isfinite(r.se)
        ]
        se, where = (r.se, (r.row,)) if not beside else (beside[0].value, (r.row, beside[0].row))
        if not (r.has_ci and se > 0 and r.value > 0 and 0 <= r.ci_low < r.ci_high):
            continue
        reach, half = 2 * tte.critical_value(r.ci_level), half_unit(r.ci_low, r.ci_high)
        width = r.ci_high - r.ci_low
        ends = [width / reach]
        if r.ci_low > 0:
            ends.append(r.value * log(r.ci_high / r.ci_low) / reach)
        allowed = Range(
            min(ends) / FEW_EVENTS - 2 * half / reach, max(ends) * 1.05 + 2 * half / reach
        )
        if Range(se - half_unit(se), se + half_unit(se)).gap(allowed) > 0:
            yield Problem(
                "warning",
                where,
                "SE against the rest",
                f"SE of the rate of {r.arm} does not fit its interval",
                f"{se:.4g}",
                f"about {ends[0]:.3g}",
            )


class TwoRates(NamedTuple):
    """The logarithm of the ratio of two arms' rates, its standard error (infinite where nothing
    tells it), by how much rounding moves it, the rows, and what these are."""

    log: float
    se: float
    half: float
    rows: tuple[int, ...]
    words: str


def rates_of_arms(rows: Rows, r: Row) -> TwoRates | None:
    """Events and person-time of the two arms of a ratio, or else their rates as printed."""
    first, second = (_one(rows, arm, r.time) for arm in r.arm.split("/"))
    if first and second:
        (a, x), (b, y) = first, second
        ratio = a.value / x.value * y.value / b.value
        half = sum(half_unit(t.value) / t.value for t in (x, y))
        where = (a.row, x.row, b.row, y.row)
        se = sqrt(1 / a.value + 1 / b.value)
        return TwoRates(log(ratio), se, half, where, "events and person-time")
    both = [
        next((x for x in of(rows, "rate", arm) if same_moment(x.time, r.time)), None)
        for arm in r.arm.split("/")
    ]
    printed = [x for x in both if x and x.value > 0]
    if len(printed) != 2:
        return None
    c, d = printed
    half = sum(half_unit(x.value) / x.value for x in printed)
    se = sqrt(sum(_error_of_log(x) ** 2 for x in printed))
    return TwoRates(log(c.value / d.value), se, half, (c.row, d.row), "the rates")


def _error_of_log(rate: Row) -> float:
    """The SE of a rate's logarithm by its interval or SE, infinite where it has none."""
    if rate.has_ci and 0 < rate.ci_low < rate.ci_high:
        return log(rate.ci_high / rate.ci_low) / (2 * tte.critical_value(rate.ci_level))
    return rate.se / rate.value if rate.se > 0 else inf


def _events_implied(rate: Row) -> tuple[float, bool]:
    """The events that an interval or SE of a rate stands for; the fewest, and True, where its
    digits are too few to tell."""
    se = _error_of_log(rate)
    if rate.has_ci and 0 < rate.ci_low < rate.ci_high:
        half = half_unit(rate.value, rate.ci_low, rate.ci_high)
        ends = se_range(rate.ci_low, rate.ci_high, half, tte.critical_value(rate.ci_level))
        if ends.high > 1.5 * ends.low:
            return ends.high**-2, True
    return se**-2, False


def ratio_of_rates(rows: Rows) -> Iterator[Problem]:
    """A crude ratio of rates against the events and person-time, or rates, of its two arms. Models
    of rates differ a little from these: 15%, and three quarters of its standard error. Where
    nothing tells that, it is asked only whether it is turned round."""
    for r in contrasts(rows, {"incidence-rate-ratio"}):
        two = rates_of_arms(rows, r) if by_no_model(r) and r.value > 0 else None
        if two is None:
            continue
        half = half_unit(r.value, *((r.ci_low, r.ci_high) if r.has_ci else ()))
        off = log_range(r.value, half).gap(Range(two.log, two.log)) - two.half
        turned = abs(log(r.value) + two.log) < max(TURNED, two.half)
        se = min(two.se, most_of_error(r, ratio=True)[1])
        if off > max(0.15, 0.75 * se if isfinite(se) else (0.15 if turned else inf)):
            yield Problem(
                "warning",
                (r.row, *two.rows),
                "ratio against arms",
                f"incidence rate ratio does not follow from {two.words} of its two arms"
                + ": the other way round?" * turned,
                f"{r.value:.4g}",
                f"{exp(two.log):.3g}",
            )


def p_against_rates(rows: Rows) -> Iterator[Problem]:
    """p of two rates: Wald's, score and exact test. Events that come in clusters make p larger, so
    that much of a difference is allowed on this side."""
    for first, second in pairs(rows):
        for r in of_pair(rows, first, second):
            a, b = (_one(rows, arm, r.time) for arm in (first, second))
            of_rates = r.statistic == "incidence-rate-ratio"
            if not (r.p and a and b and of_rates and r.adjusted in CRUDE):
                continue
            zs = _z_of_rates(*(x.value for x in (*a, *b)))
            printed = z_of(r.p)
            above = printed.low - max(zs) - 0.3
            if above > TEST_SLACK or printed.high < min(zs) / 3 - 0.5:
                places = (r.row, *(x.row for x in (*a, *b)))
                words = " against ".join(
                    f"{e.value:g} events in {t.value:g} of {e.arm}" for e, t in (a, b)
                )
                middle = sum(zs) / len(zs)
                yield misfit(r, places, "p against counts", words, middle, above > 1.5)


def _z_of_rates(a: float, x: float, b: float, y: float) -> tuple[float, ...]:
    """|z| of the tests in use of a events in x of person-time against b in y."""
    total, share = a + b, x / (x + y)
    wald = abs(log(a / x * y / b)) / sqrt(1 / a + 1 / b)
    score = abs(a - total * share) / sqrt(total * share * (1 - share))
    n, k = round(total), round(a)
    if n > EXACT or n != total or k != a:
        return wald, score
    logs = [
        (log(comb(n, i)) + i * log(share) + (n - i) * log(1 - share)) if comb(n, i) else 0.0
        for i in range(n + 1)
    ]
    p = sum(2.718281828459045**q for q in logs if q <= logs[k] + 1e-7)
    return wald, score, tte.z_of_p(min(max(p, 1e-300), 1.0))


def _followed(rows: Rows, arm: str) -> list[tuple[Row, Row]]:
    """Events of an arm and the person-time that they happened in."""
    return [
        (e, t)
        for t in of(rows, "person-time", arm)
        for e in of(rows, "events", arm)
        if t.value > 0 and same_moment(e.time, t.time)
    ]


def _one(rows: Rows, arm: str, time: float) -> tuple[Row, Row] | None:
    """The only events and person-time of an arm at a time, or none."""
    found = _followed(rows, arm)
    timely = [(e, t) for e, t in found if same_moment(t.time, time)] or found
    return timely[0] if len(timely) == 1 and timely[0][0].value > 0 else None
