"""Checks of deaths and numbers at risk against survival; times in another unit. See `run`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from math import isfinite, log, nan, sqrt

from livingmeta.extraction.checks.arms import Rows, arms, deaths, of
from livingmeta.extraction.checks.beside import beside, variance_of_median
from livingmeta.extraction.checks.designs import number
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.randomised import drawn_by_lot
from livingmeta.extraction.rows import Row, same_time
from livingmeta.formulas.rounding import half_per_cent, half_unit
from livingmeta.formulas.survival_at_time import se_from_ci
from livingmeta.formulas.time_to_event import RouteError, critical_value

# Of a unit of time so many make another: months a year, weeks and days a month, weeks and days a
# year.
UNITS = (12.0, 365.25 / 84, 365.25 / 12, 365.25 / 7, 365.25)


def survival_at_start(rows: Rows) -> Iterator[Problem]:
    """Everybody lives at time 0."""
    for r in of(rows, "survival"):
        if r.time == 0 and r.value < 1:
            yield Problem(
                "error",
                (r.row,),
                "survival at 0",
                f"survival of {r.arm} at time 0 is not 100%: is its time missing?",
                f"{r.value:.6g}",
                "1",
            )


def at_risk_against_survival(rows: Rows) -> Iterator[Problem]:
    """R(t) / R(u) is at most S(t) / S(u): who is at risk at t is among the survivors.

    Each factor of Kaplan and Meier, (r - d) / r, is at least the share of r that is at risk at the
    next death. Beyond rounding of S, a few may die at that very time (5%, at least two).
    """
    for arm in arms(rows):
        at = {r.time: r for r in of(rows, "at-risk", arm) if isfinite(r.time)}
        survival = [s for s in of(rows, "survival", arm) if isfinite(s.time)]
        for s in survival:
            now = next((r for t, r in at.items() if t > 0 and same_time(t, s.time)), None)
            if now is None:
                continue
            n = at[0.0].value if 0.0 in at else s.n
            share = s.value + half_per_cent(s.value)
            if n > 0 and now.value > n * share + max(2.0, 0.05 * n):
                rows_of = (now.row, s.row)
                yield _too_many(arm, now, s, n, "", rows_of)
                continue
            for u, before in at.items():
                first = next((x for x in survival if same_time(x.time, u)), None)
                if first is None or not 0 < u < s.time or not first.value > 0.02:
                    continue
                least = first.value - half_per_cent(first.value)
                if now.value > before.value * share / least + max(2.0, 0.05 * before.value):
                    places = (now.row, s.row, before.row, first.row)
                    since = f" at {u:g}, when survival was {first.value:.4g},"
                    yield _too_many(arm, now, s, before.value, since, places, first.value)


def _too_many(
    arm: str, now: Row, s: Row, of_them: float, since: str, rows: tuple[int, ...], from_: float = 1
) -> Problem:
    return Problem(
        "error",
        rows,
        "at risk against survival",
        f"{now.value:g} of {of_them:g} in {arm}{since} still at risk at {s.when}, "
        f"but survival {s.value:.4g}",
        f"{now.value:g} at risk",
        f"at most {int(of_them * s.value / from_)}, or survival of "
        f"{now.value * from_ / of_them:.3g} or more",
    )


def events_fall(rows: Rows) -> Iterator[Problem]:
    """Events of an arm, counted from the beginning, are no fewer at a later time.

    Of fewer patients they may be, for the others were not followed so long.
    """
    for arm in arms(rows):
        timed = sorted(
            (r for r in of(rows, "events", arm) if isfinite(r.time)), key=lambda r: r.time
        )
        for before, after in pairwise(timed):
            fewer = after.value < before.value and not same_time(before.time, after.time)
            if fewer and not after.n < before.n:
                yield Problem(
                    "error",
                    (before.row, after.row),
                    "events fall",
                    f"events of {arm} fall from {before.when} to {after.when}: of another arm, "
                    "or of that interval alone?",
                    f"{after.value:g}",
                    f"{before.value:g} or more",
                )


def too_few_deaths(rows: Rows) -> Iterator[Problem]:
    """Survival cannot fall without deaths.

    With R at risk after t, at least R (1 - S) / S died, whatever was censored. With var(ln S) from
    an interval, at least (ln S)^2 / var(ln S) did (Greenwood's sum, by Cauchy and Schwarz).
    """
    for arm in arms(rows):
        for e in of(rows, "events", arm):
            for s in of(rows, "survival", arm):
                if not 0 < s.value < 1 or e.time < 0.98 * s.time:
                    continue
                most = s.value + half_per_cent(s.value)
                if most >= 1:
                    continue
                for r in of(rows, "at-risk", arm):
                    if same_time(r.time, s.time) and r.time > 0:
                        left = r.value - max(2.0, 0.05 * r.value)  # some die at that very time
                        if e.value < left * (1 - most) / most - 0.5:
                            least = r.value * (1 - s.value) / s.value
                            beside = f"survival {s.value:.4g} with {r.value:g} at risk"
                            yield _too_few("error", e, s, beside, least, (r.row,))
                            break
                else:
                    least = _deaths_of_interval(s)
                    if e.value < 0.85 * least - 1:
                        beside = f"survival {s.value:.4g} with such an interval"
                        yield _too_few("warning", e, s, beside, least)
                    elif e.n > 0 and e.value < 0.2 * e.n * (1 - most) - 1:
                        beside = f"survival {s.value:.4g} of {e.n:g}"
                        yield _too_few("warning", e, s, beside, e.n * (1 - s.value))
            for m in of(rows, "median", arm):
                if e.n > 0 and not isfinite(e.time) and e.value < 0.1 * e.n - 1:
                    words = f"a median of {m.value:.4g} that was reached"
                    yield _too_few("warning", e, m, words, 0.5 * e.n)


def too_many_deaths(rows: Rows) -> Iterator[Problem]:
    """Until t at most n (1 - S) died, and after it at most those who are at risk then.

    With 5% of these and two patients allowed, for who dies at that very time.
    """
    for arm in arms(rows):
        for e in of(rows, "events", arm):
            for s in of(rows, "survival", arm):
                n = s.n if s.n > 0 else e.n
                risk = [r for r in of(rows, "at-risk", arm) if same_time(r.time, s.time)]
                if not risk or not n > 0 or not s.time > 0 or not 0 <= s.value <= 1:
                    continue
                if isfinite(e.time) and e.time <= s.time:
                    continue  # `counts_against_percentages`
                most = n * (1 - s.value + half_per_cent(s.value)) + risk[0].value
                if e.value > most + 2 + 0.05 * risk[0].value:
                    yield Problem(
                        "error",
                        (e.row, s.row, risk[0].row),
                        "deaths against survival",
                        f"{e.value:g} events in {arm} are more than survival {s.value:.4g} of "
                        f"{n:g} at {s.when} and the {risk[0].value:g} at risk then leave",
                        f"{e.value:g}",
                        f"{int(most)} or less",
                    )
                    break


def deaths_after_follow_up(rows: Rows, about: dict, month: float) -> Iterator[Problem]:
    """Nobody dies after the longest follow-up, and after the median one at most half of all do:
    what survival until then leaves is too little for survivors typed as deaths.

    `rows`: of one outcome of survival; `month`: how many of the protocol's units of time it is.
    ASSUME: 5% of the patients and two more are allowed, for a median follow-up may be of those who
    live.
    """
    told = number(about, "followup_months") * month
    for e in (r for r in of(rows, "events") if r.n > 0 and "/" not in r.arm):
        longest = [r.value for r in of(rows, "maximum-followup") if r.arm in (e.arm, "all", "")]
        for s in (s for s in of(rows, "survival", e.arm) if s.time > 0 and 0 <= s.value <= 1):
            if isfinite(e.time) and e.time <= s.time:
                continue  # `counts_against_percentages`
            dead = e.n * (1 - s.value + half_per_cent(s.value))
            last = bool(longest) and s.time >= 0.97 * min(longest)
            most = dead + 0.5 if last else dead + 0.55 * e.n + 2
            if (last or 0 < told <= s.time) and e.value > most:
                follow_up = "longest" if last else "median"
                yield Problem(
                    "error" if last else "warning",
                    (e.row, s.row),
                    "deaths against survival",
                    f"{e.value:g} of {e.n:g} in {e.arm} had the event, but survival {s.value:.4g} "
                    f"at {s.when}, the {follow_up} follow-up or later: are these the survivors?",
                    f"{e.value:g}",
                    f"{int(most)} or less",
                )
                break


def _deaths_of_interval(s: Row) -> float:
    """The deaths that an interval of S(t) speaks of at least; NaN where it tells nothing."""
    if not (s.has_ci and 0.03 < s.value < 0.97 and s.ci_low > 0 and s.ci_high < 1):
        return nan
    try:
        se, _ = se_from_ci(s.value, s.ci_low, s.ci_high, s.ci_level)
    except RouteError:
        return nan
    se += half_per_cent(s.value, s.ci_low, s.ci_high) / 1.4  # both limits off by half a digit
    return (s.value * log(s.value) / se) ** 2


def _too_few(
    severity: str, e: Row, other: Row, beside: str, least: float, more: tuple[int, ...] = ()
) -> Problem:
    when = f" at {other.when}" if isfinite(other.time) else ""
    return Problem(
        severity,
        (e.row, other.row, *more),
        "deaths against survival",
        f"{e.value:g} events in {e.arm} are too few for {beside}{when}",
        f"{e.value:g}",
        f"about {least:.0f} or more",
    )


def half_dead_without_median(rows: Rows) -> Iterator[Problem]:
    """S at the end is at most 1 - D / n: where more than half have died, the median was reached."""
    for m in (r for r in rows if r.statistic == "median" and not isfinite(r.value)):
        for e in of(rows, "events", m.arm):
            survival = any(r.statistic == "survival" for r in rows) or "reached" in m.note
            if survival and e.n > 0 and e.value > e.n / 2 + 0.5:
                yield Problem(
                    "error",
                    (m.row, e.row),
                    "median not reached",
                    f"median of {m.arm} not reached, but {e.value:g} of {e.n:g} had the event",
                    f"{e.value:g} events",
                    f"{int(e.n / 2)} or fewer, or a median",
                )


def times_in_another_unit(rows: Rows) -> Iterator[Problem]:
    """A time at which one arm alone is printed, and a twelfth of it in the other arm alone."""
    times = {
        arm: {r.time: r for r in of(rows, "survival", arm) if r.time > 0} for arm in arms(rows)
    }
    for first, second in combinations(times, 2):
        for a, b in ((first, second), (second, first)):
            for t, r in times[a].items():
                for u, s in times[b].items():
                    alone = not _among(t, times[b]) and not _among(u, times[a])
                    factor = next((f for f in UNITS if abs(f * t / u - 1) < 0.03), None)
                    if alone and factor:
                        yield _other_unit(r, (r.row, s.row), f"{b} is printed at {u:g}", factor * t)


def _among(time: float, times: dict[float, Row]) -> bool:
    return any(same_time(time, t) for t in times)


def uneven_hazard(rows: Rows) -> Iterator[Problem]:
    """Ten times the hazard up to a time than after it, and the same if the time were in years."""
    for arm in arms(rows):
        timed = sorted((r for r in of(rows, "survival", arm) if r.time > 0), key=lambda r: r.time)
        for r, later in pairwise(timed):
            t, u = r.time, later.time
            if not (0 < later.value < r.value < 0.98) or t != int(t) or t > 5 or 12 * t >= u:
                continue
            early, late = -log(r.value) / t, -log(later.value / r.value) / (u - t)
            then = -log(r.value) / (12 * t)
            after = -log(later.value / r.value) / (u - 12 * t)
            if early > 10 * late and 1 / 2.5 < then / after < 2.5:
                words = f"most of {arm} would have died before {t:g} of those who died by {u:g}"
                yield _other_unit(r, (r.row, later.row), words, 12 * t)


def _other_unit(r: Row, rows: tuple[int, ...], why: str, would: float) -> Problem:
    return Problem(
        "warning",
        rows,
        "unit of time",
        f"survival of {r.arm} at {r.when}, but {why}: is this time in another unit?",
        f"{r.when}",
        f"{would:.4g}?",
    )


def restricted_mean(rows: Rows) -> Iterator[Problem]:
    """The mean of life up to t is at most t, and at least t S(t)."""
    for r in of(rows, "rmst"):
        half = half_unit(r.value)
        if isfinite(r.time) and r.time > 0 and r.value - half > r.time:
            yield Problem(
                "error",
                (r.row,),
                "restricted mean",
                f"restricted mean of {r.arm} is longer than the time it is restricted to",
                f"{r.value:.6g}",
                f"{r.when} or less",
            )
        for s in of(rows, "survival", r.arm):
            least = r.time * (s.value - half_per_cent(s.value))
            if same_time(s.time, r.time) and r.value + half < least:
                yield Problem(
                    "error",
                    (r.row, s.row),
                    "restricted mean",
                    f"restricted mean of {r.arm} is shorter than what the {100 * s.value:.4g}% "
                    f"alive at {r.when} lived",
                    f"{r.value:.6g}",
                    f"{r.time * s.value:.4g} or more",
                )


# ASSUME: how many times as long as the median follow-up that is told half of the patients may live;
# how far apart the medians of two arms drawn by lot are at most (6 times in the largest trials of
# targeted drugs; others may be of an operation and of the dying), and how far off their deaths.
FOLLOWED, _BY_LOT, _OFF_DEATHS = 9.0, 7.0, 3.5


def medians_in_another_unit(rows: Rows, about: dict, month: float) -> Iterator[Problem]:
    """The median survival of one arm many times that of another by lot, which it would be in
    another unit of time; or many times the median follow-up of the study. Where a hazard ratio of
    the two is printed it tells more (`hazard_ratio_against_arms`).

    `rows`: of one outcome of survival; `month`: how many of the protocol's units of time it is.
    """
    medians = [r for r in of(rows, "median") if r.value > 0 and "/" not in r.arm]
    told = number(about, "followup_months") * month
    late = [r for r in medians if told > 0 and r.value > FOLLOWED * told]
    for r in late:
        yield Problem(
            "warning",
            (r.row,),
            "unit of time",
            f"median of {r.arm} is {r.value / told:.2g} times as long as the median follow-up of "
            "studies.csv: is it in another unit?",
            f"{r.value:.4g}",
            f"{told:.4g} at a median follow-up of as long, or the unit in the column unit",
        )
    for a, b in combinations(medians if drawn_by_lot(about) else [], 2):
        compared = any(set(r.arm.split("/")) == {a.arm, b.arm} for r in of(rows, "hazard-ratio"))
        if a.arm == b.arm or compared or a in late or b in late:
            continue
        short, long = sorted((a, b), key=lambda r: r.value)
        apart, error = log(long.value / short.value), sqrt(sum(map(variance_of_median, (a, b))))
        unit = any(abs(apart - log(factor)) < log(2.5) for factor in UNITS)
        most = log(_BY_LOT)
        died = [deaths(rows, arm) for arm in (short.arm, long.arm)]
        hazards = [-log(1 - d[0].value / d[0].n) for d in died if d and 0 < d[0].value < d[0].n]
        if len(hazards) == 2:
            most = min(most, max(log(4.0), log(hazards[0] / hazards[1]) + log(_OFF_DEATHS)))
        if unit and apart > max(most, 3 * error):
            yield Problem(
                "warning",
                (short.row, long.row),
                "unit of time",
                f"median of {long.arm} is {long.value / short.value:.2g} times as long as that of "
                f"{short.arm}: is one of them in another unit?",
                f"{short.value:.4g} and {long.value:.4g}",
                "one unit of time, or that of each in the column unit",
            )


def errors_of_restricted_means(rows: Rows) -> Iterator[Problem]:
    """The SD of times from 0 to t is at most t/2 (Popoviciu), so the SE of their mean t/2/n^1/2.

    ASSUME: three times that is allowed, for censoring leaves fewer patients to the end.
    """
    for r in of(rows, "rmst"):
        se = next((s.value for s in (beside(rows, "se", r)) if s.value > 0), r.se)
        if r.has_ci:
            se = (r.ci_high - r.ci_low) / (2 * critical_value(r.ci_level))
        most = r.time / 2 / sqrt(r.n) if r.n > 1 and r.time > 0 else nan
        if se > 3 * most:
            yield Problem(
                "warning",
                (r.row,),
                "SD",
                f"SE of the restricted mean of {r.arm} is far above what {r.n:g} times between 0 "
                f"and {r.when} have: is it an SD?",
                f"{se:.4g}",
                f"{most:.3g} or less",
            )
