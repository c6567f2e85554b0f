"""Checks within one arm: survival, medians, counts, percentages, means. See `checks`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import ceil, isfinite, log, sqrt

from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import Row, same_moment
from livingmeta.formulas.rounding import half_per_cent, half_unit
from livingmeta.formulas.survival_at_time import se_from_ci
from livingmeta.formulas.time_to_event import RouteError

Rows = tuple[Row, ...]


def of(rows: Rows, statistic: str, arm: str | None = None) -> list[Row]:
    """Rows of a statistic with a value."""
    return [
        r
        for r in rows
        if r.statistic == statistic and isfinite(r.value) and (arm is None or r.arm == arm)
    ]


def deaths(rows: Rows, arm: str) -> list[Row]:
    """The row of an arm's events over the whole follow-up, or none: also as a log-rank test's."""
    found = of(rows, "events", arm) or of(rows, "log-rank-observed", arm)
    return found[:1]


def arms(rows: Rows) -> list[str]:
    """Single arms in order of appearance."""
    return list(dict.fromkeys(r.arm for r in rows if r.arm and "/" not in r.arm))


# Patients of one arm that are others than all of it: a number of theirs is no number of all.
OTHERS = {"matched", "weighted"}


def of_whom(row: Row) -> tuple[str, str]:
    """Which patients a row is of: a part of them or all (""), and those matched or weighted."""
    return row.part, row.adjusted if row.adjusted in OTHERS else ""


def by_no_model(row: Row) -> bool:
    """Whether a comparison is one of its arms as they are printed: not adjusted, and not by a model
    of clusters, which weighs patients unlike their numbers do."""
    return row.adjusted in ("no", "randomised", "") and not row.clusters


def impossible_values(rows: Rows) -> Iterator[Problem]:
    """Events above n, proportions outside 0 to 1, an interval that misses its estimate."""
    for r in rows:
        if r.statistic == "events" and r.value > r.n:
            yield Problem(
                "error",
                (r.row,),
                "events above n",
                f"more events than patients in {r.arm}",
                f"{r.value:g}",
                f"{r.n:g} or less",
            )
        if r.statistic in ("survival", "proportion") and not 0 <= r.value <= 1:
            yield Problem(
                "error",
                (r.row,),
                "proportion",
                f"{r.statistic} of {r.arm} outside 0 to 1",
                f"{r.value:g}",
                "0 to 1, or 0% to 100%",
            )
        if r.has_ci and isfinite(r.value):
            half = half_unit(r.value, r.ci_low, r.ci_high)
            if not r.ci_low - half <= r.value <= r.ci_high + half:
                yield Problem(
                    "error",
                    (r.row,),
                    "outside its interval",
                    f"{r.statistic} of {r.arm} lies outside its own confidence interval",
                    f"{r.value:.6g}",
                    f"{r.ci_low:.6g} to {r.ci_high:.6g}",
                )


def survival_rises(rows: Rows) -> Iterator[Problem]:
    """S(t) cannot rise in t."""
    for arm in arms(rows):
        yield from _rises(_over_time(rows, "survival", arm), "survival", "survival rises")


def _over_time(rows: Rows, statistic: str, arm: str) -> list[Row]:
    """An arm's rows of a statistic that have a time, in its order."""
    return sorted((r for r in of(rows, statistic, arm) if isfinite(r.time)), key=lambda r: r.time)


def _rises(timed: list[Row], what: str, check: str) -> Iterator[Problem]:
    """What can only fall with time, and does not."""
    for before, after in pairwise(timed):
        if after.time > before.time and after.value > before.value:
            yield Problem(
                "error",
                (before.row, after.row),
                check,
                f"{what} of {after.arm} rises from {before.when} to {after.when}",
                f"{after.value:.6g}",
                f"{before.value:.6g} or less",
            )


def median_against_survival(rows: Rows) -> Iterator[Problem]:
    """Survival is at least one half before the median and at most one half after it."""
    for arm in arms(rows):
        for m in of(rows, "median", arm):
            for s in of(rows, "survival", arm):
                slack = half_per_cent(s.value) + 0.02
                late, early = s.time > 1.03 * m.value, s.time < 0.97 * m.value
                if (late and s.value > 0.5 + slack) or (early and s.value < 0.5 - slack):
                    yield Problem(
                        "error",
                        (m.row, s.row),
                        "median against survival",
                        f"median of {arm} {m.value:.4g}, but survival {s.value:.4g} at {s.when}",
                        f"{s.value:.6g}",
                        f"0.5 or {'less' if late else 'more'} at {s.when}",
                    )
                elif 0.03 < s.value < 0.97 and s.time > 0 and m.value > 0:
                    yield from _far_from_median(arm, m, s)


def median_not_reached(rows: Rows) -> Iterator[Problem]:
    """A median that was not reached, beside survival that is below one half."""
    for m in (r for r in rows if r.statistic == "median" and not isfinite(r.value)):
        for s in of(rows, "survival", m.arm):
            if s.value < 0.5 - half_per_cent(s.value) - 0.02:
                yield Problem(
                    "error",
                    (m.row, s.row),
                    "median not reached",
                    f"median of {m.arm} not reached, but survival {s.value:.4g} at {s.when}",
                    f"{s.value:.6g}",
                    "0.5 or more at all times",
                )


def _far_from_median(arm: str, m: Row, s: Row) -> Iterator[Problem]:
    """A curve through (0, 1), the median and S(t) has no business bending sevenfold."""
    implied = 0.5 ** (s.time / m.value)
    ratio = log(s.value) / log(implied) if 0 < implied < 1 else 1.0
    if not 0.15 < ratio < 7:
        yield Problem(
            "warning",
            (m.row, s.row),
            "median against survival",
            f"median of {arm} {m.value:.4g} and survival {s.value:.4g} at {s.when} "
            "belong to very different curves",
            f"{s.value:.6g}",
            f"about {implied:.2g} at a steady hazard",
        )


def survival_interval_against_size(rows: Rows) -> Iterator[Problem]:
    """No interval or SE of S(t) is narrower than if everybody had been followed to t."""
    for r in of(rows, "survival"):
        if not (r.n > 0 and 0.03 < r.value < 0.97):
            continue
        for what, se, half in _errors_of_survival(rows, r):
            least = sqrt(r.value * (1 - r.value) / r.n)
            if se + half < 0.92 * least:
                yield Problem(
                    "warning",
                    (r.row,),
                    "interval against n",
                    f"{what} of survival in {r.arm} is narrower than {r.n:g} patients allow; "
                    f"{'is it of another level, or n' if what == 'interval' else 'is n'} of "
                    "another group?",
                    f"SE {se:.4f}",
                    f"SE {least:.4f} or more",
                )
                continue
            # Peto's error with the number at risk at t is the most that Greenwood's can be.
            risk = next((x for x in of(rows, "at-risk", r.arm) if x.time == r.time > 0), None)
            most, by = 3.5 * least, f"{r.n:g} patients"
            if risk and risk.value > 0:
                most = 1.2 * r.value * sqrt((1 - r.value) / max(risk.value - 2, 1))
                by = f"{risk.value:g} at risk"
            if r.n >= 10 and se - half > most:
                yield Problem(
                    "warning",
                    (r.row, risk.row) if risk else (r.row,),
                    "interval against n",
                    f"{what} of survival in {r.arm} is far wider than {by} would give",
                    f"SE {se:.4f}",
                    f"about {least:.4f}",
                )


def _errors_of_survival(rows: Rows, r: Row) -> Iterator[tuple[str, float, float]]:
    """What is printed of the error of survival: interval or SE (also in a row of its own, where
    nothing else of that time has one), the SE, half its last digit."""
    if r.has_ci:
        try:
            se, scale = se_from_ci(r.value, r.ci_low, r.ci_high, r.ci_level)
        except RouteError:
            return
        if "cut off" not in scale:
            yield "interval", se, half_per_cent(r.value, r.ci_low, r.ci_high)
    if r.se > 0:
        yield "SE", r.se, half_per_cent(r.se)
        return
    timely = [x for x in rows if x.arm == r.arm and same_moment(x.time, r.time)]
    if not any(x.statistic in ("rmst", "median", "mean", "rate") for x in timely):
        for s in of(tuple(timely), "se", r.arm):
            if s.value <= 0.5:  # as that of a share is; others are of a time
                yield "SE", s.value, half_per_cent(s.value)


def at_risk(rows: Rows) -> Iterator[Problem]:
    """Numbers at risk do not rise."""
    for arm in arms(rows):
        risk = _over_time(rows, "at-risk", arm)
        yield from _rises(risk, "number at risk", "at risk rises")


# Of so many patients a difference of risks, and its interval, may well be less than 1%.
MANY = 2000


def tiny_percentages(rows: Rows) -> Iterator[Problem]:
    """A percentage below 1% is mostly a proportion entered as a percentage."""
    for r in rows:
        limits = (abs(r.ci_low), abs(r.ci_high)) if r.has_ci else (0.0,)
        of_two = r.statistic == "risk-difference" and 0 < abs(r.value) < 0.01 > max(limits)
        if of_two or (r.statistic in ("survival", "proportion") and 0 < r.value < 0.01):
            if r.n > 0 and (r.n > MANY if of_two else r.value * r.n > 0.95):
                continue
            yield Problem(
                "warning",
                (r.row,),
                "percentage below 1%",
                f"{r.statistic} of {r.arm} below 1%: was a proportion entered as a percentage?",
                f"{r.value:.6g}",
                f"{100 * r.value:.6g}?",
            )


def percentages_of_counts(rows: Rows) -> Iterator[Problem]:
    """GRIM (Brown & Heathers 2017): a percentage of n patients is one of n + 1 values.

    Not for survival, which censoring takes off the grid.
    """
    for r in of(rows, "proportion"):
        if not (r.n > 0 and 0 <= r.value <= 1):
            continue
        half = half_per_cent(r.value)
        count = r.value * r.n
        # Rounded, or cut off after the last digit: 5 of 9 is printed as 55.6% and as 55.5%.
        whole = [round(count), ceil(count)]
        close = any(-half < k / r.n - r.value < 2 * half for k in whole)
        rounded = any(abs(k / r.n - r.value) <= half * 1.02 for k in whole)
        if half * r.n < 0.35 and not (close or rounded):
            yield Problem(
                "warning",
                (r.row,),
                "percentage of n",
                f"no whole number of {r.n:g} patients in {r.arm} gives {100 * r.value:.4g}%",
                f"{100 * r.value:.4g}%",
                f"{100 * round(count) / r.n:.4g}% ({round(count)} of {r.n:g})",
            )


def counts_against_percentages(rows: Rows) -> Iterator[Problem]:
    """Events of n, and the percentage or survival printed beside them."""
    for e in of(rows, "events"):
        if not e.n > 0 or "/" in e.arm:
            continue
        for p in of(rows, "proportion", e.arm):
            both_timeless = not isfinite(e.time) and not isfinite(p.time)
            same = both_timeless or e.time == p.time
            if same and abs(e.value / e.n - p.value) > half_per_cent(p.value) + 0.5 / e.n:
                yield Problem(
                    "error",
                    (e.row, p.row),
                    "count against percentage",
                    f"{e.value:g} of {e.n:g} in {e.arm} is not {100 * p.value:.4g}%",
                    f"{p.value:.6g}",
                    f"{e.value / e.n:.4g}",
                )
        for s in of(rows, "survival", e.arm):
            if not (e.time <= s.time):
                continue
            # With censoring, 1 - S(t) is at least the share that is known to have died by t.
            if s.value - half_per_cent(s.value) > 1 - e.value / e.n + 0.5 / e.n:
                yield Problem(
                    "error",
                    (e.row, s.row),
                    "deaths against survival",
                    f"{e.value:g} of {e.n:g} in {e.arm} dead by {e.when}, "
                    f"but survival {s.value:.4g} at {s.when}",
                    f"{s.value:.6g}",
                    f"{1 - e.value / e.n:.4g} or less",
                )


def no_spread(rows: Rows) -> Iterator[Problem]:
    """An SD or SE of 0 says that all were alike, and would weigh without end."""
    for r in rows:
        if r.statistic in ("sd", "se") and r.value == 0 and r.n != 1:
            name = r.statistic.upper()
            yield Problem(
                "error",
                (r.row,),
                f"{name} of 0",
                f"{name} of {r.arm} is 0, as if all were alike: a slip, or too few digits printed?",
                "0",
                "above 0",
            )


def _same(a: float, b: float) -> bool:
    return a == b or (not isfinite(a) and not isfinite(b))
