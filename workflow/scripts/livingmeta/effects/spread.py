"""Mean, SD and patients of one arm, as printed or derived from what is.

Routes: D (SD, SE or CI of the mean), D3, D3q and D3b (median with quartiles, range or both), D5 and
D5r (a change, by the SDs of both values and their correlation), D4 (an SD borrowed from the other
studies). One SD for both arms, from a test of their difference (D2), stands in common_sd.py.
What is derived says so in `assumed`, and a sensitivity analysis leaves it out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from math import fsum, isfinite, nan, sqrt
from typing import NamedTuple

from livingmeta.effects.candidate import all_used, words
from livingmeta.effects.one_time import (
    at_or_of_none,
    beside,
    of_another,
    of_other_outcome,
)
from livingmeta.effects.routes import ROUTES, poorer, worst
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import Row, Used, plain, same_time
from livingmeta.formulas import dispersion, standard_error


class Side(NamedTuple):
    """One arm's mean, SD and patients, where they stand and what was assumed."""

    route: str
    mean: float
    sd: float
    n: float
    inputs: tuple[Used, ...]
    assumed: tuple[str, ...] = ()
    grade: str = "exact"
    reversed: bool = False
    change: bool = False


class Borrowed(NamedTuple):
    """By arm the SD of the other studies, of changes (True) and of values apart, and the
    correlation of first and later values, each with how many studies it is of."""

    sds: Mapping[tuple[str, bool], tuple[float, int]]
    correlations: Mapping[str, tuple[float, int]]


def sides(
    printed: Printed,
    arm: str,
    time: float | None,
    asked: Collection[str] = (),
    borrowed: Borrowed | None = None,
) -> list[Side] | str:
    """An arm's numbers by every way, best first, or why there is none.

    `asked`: routes on request (D3q, D3b, D4, D5r); `borrowed`: what the other studies say.
    """
    found: list[Side] = []
    made = _from_mean(printed, arm, time)
    if isinstance(made, Side):
        found.append(made)
    change = _from_both_values(printed, arm, time, asked, borrowed)
    if isinstance(change, Side):
        found.append(change)
    elif isinstance(made, str):
        made += change
    quantiles = _from_quantiles(printed, arm, time, asked)
    why_not = "" if isinstance(made, Side) else made
    if isinstance(quantiles, str):
        why_not = quantiles
    else:
        found += quantiles
    if not found and "D4" in asked and borrowed:
        mean, passed = printed.one("mean", arm, time)
        n, where, of_n = patients(printed, mean) if mean else (None, None, "")
        of_others = borrowed.sds.get((arm, is_change(mean))) if mean else None
        if mean and n and n >= 2 and of_others:
            sd, many = of_others
            of_what = " of changes" * is_change(mean)
            said = f"SD{of_what} of {arm} borrowed: that of {many} other studies together"
            rows = all_used(mean.used(), where)
            assumed = words(passed, said, of_n)
            found.append(
                Side(
                    "D4",
                    mean.value,
                    sd,
                    n,
                    rows,
                    assumed,
                    "rough",
                    is_turned(mean),
                    is_change(mean),
                )
            )
    return found or why_not


def _from_mean(printed: Printed, arm: str, time: float | None) -> Side | str:
    mean, passed = printed.one("mean", arm, time)
    when = f" at {time:g}" if time is not None else ""
    if mean is None:
        return f"no mean of {arm}{when}"
    n, where, of_n = patients(printed, mean)
    if n is None or n < 2:
        if n is not None:
            return f"mean of {arm} {mean.value:g} of {n:g} patients has no SD (row {mean.row})"
        return f"mean of {arm} {mean.value:g} without arm size (row {mean.row})"

    def side(
        sd: float, row: Row | None, said: str = "", also: str = "", grade: str = "exact"
    ) -> Side | str:
        if not sd > 0:
            of = said or f"SD of {arm}"
            return f"{of} is {sd:g}, which no patients' values have (row {(row or mean).row})"
        rows = all_used(mean.used(also), row.used() if row else None, where)
        assumed = words(passed, said, of_n)
        grade = worst([grade, "close"]) if of_n else grade
        return Side("D", mean.value, sd, n, rows, assumed, grade, is_turned(mean), is_change(mean))

    def elsewhere(row: Row, sd: float, said: str, borrowed: str) -> Side | str:
        made = side(sd, row, said)
        if isinstance(made, str) or not borrowed:
            return made
        assumed = words(*made.assumed, borrowed)
        return made._replace(assumed=assumed, grade=poorer(made.grade))

    by_se = f"SD of {arm} from its SE and n"
    if isfinite(mean.sd):
        return side(mean.sd, None, also=f" SD {mean.sd:g}")
    sd, borrowed = beside(printed, "sd", mean)
    if sd is not None:
        return elsewhere(sd, sd.value, "", borrowed)
    if isfinite(mean.se):
        return side(mean.se * sqrt(n), None, by_se, f" SE {mean.se:g}")
    se, borrowed = beside(printed, "se", mean)
    if se is not None:
        return elsewhere(se, se.value * sqrt(n), by_se, borrowed)
    if mean.has_ci:
        t = standard_error.reach(mean.ci_level, n - 1)
        half = (mean.ci_high - mean.ci_low) / 2
        return side(half / t * sqrt(n), None, f"SD of {arm} from the t interval of its mean")
    limit = mean.ci_low if isfinite(mean.ci_low) else mean.ci_high
    if isfinite(limit) and limit != mean.value:
        se_by = standard_error.from_limit(mean.value, limit, mean.ci_level, n - 1)
        which = "lower" if isfinite(mean.ci_low) else "upper"
        said = f"SD of {arm} from the {which} limit of its mean alone"
        return side(se_by * sqrt(n), None, said, f" {which} limit {limit:g}", "close")
    elsewhere_ = of_another(printed, ("sd", "se"), mean)
    return f"mean of {arm} {mean.value:g} without SD, SE or CI (row {mean.row}){elsewhere_}"


def _from_both_values(
    printed: Printed,
    arm: str,
    time: float | None,
    asked: Collection[str],
    borrowed: Borrowed | None,
) -> Side | str:
    """D5, and on request D5r: the change since the beginning, with SD² = SD_b² + SD_f² - 2 r SD_b
    SD_f (Handbook 6.5.2.8); or why not, "" where no change is known but by its own SD."""
    mean, passed = printed.one("mean", arm, time)
    both = _both_values(printed, mean) if mean else None
    if mean is None or both is None:
        return ""
    first, last = both
    n, where, of_n = patients(printed, mean)
    turned = {side.reversed for side in both if isfinite(side.mean)}
    value = mean.value if is_change(mean) else last.mean - first.mean
    if not isfinite(value) or n is None or n < 2 or len(turned) > 1:
        return ""
    route, grade = "D5", ROUTES["D5"].grade
    stated = _correlation(printed, mean)
    if stated is None and "D5r" in asked and borrowed and arm in borrowed.correlations:
        r, many = borrowed.correlations[arm]
        source = f"borrowed: that of {many} other studies together"
        stated, route, grade = (r, source, None), "D5r", ROUTES["D5r"].grade
    if stated is None:
        why = "; SDs of the first and the later value are printed, and no correlation of the two"
        return f"{why}{_of_others(printed, mean)}" * is_change(mean)
    r, source, row = stated
    variance = first.sd**2 + last.sd**2 - 2 * r * first.sd * last.sd
    if not (-1 < r <= 1 and variance > 0):
        return f"; a correlation of {r:g} gives its SD {first.sd:g} and {last.sd:g} no SD of change"
    said = f"SD of the change of {arm} from those of both values, correlated by {r:g} ({source})"
    inputs = all_used(
        mean.used() if is_change(mean) else None,
        *first.inputs,
        *last.inputs,
        row.used() if row else None,
        where,
    )
    grade = worst([grade, first.grade, last.grade])
    return Side(
        route,
        value,
        sqrt(variance),
        n,
        inputs,
        words(passed, said, of_n),
        grade,
        is_turned(mean),
        True,
    )


def _both_values(printed: Printed, mean: Row) -> tuple[Side, Side] | None:
    """What is printed of the values at the beginning and at the time of a mean; of an SD alone the
    mean is NaN."""
    rows = (*printed.rows, *printed.beginning)
    rows = tuple(r for r in rows if r.part == mean.part and r.measured != "change")
    values = replace(printed, rows=rows)
    found: list[Side] = []
    for when in (0.0, mean.time):
        if not isfinite(when) or (found and when == 0):
            return None
        made = _from_mean(values, mean.arm, when)
        if isinstance(made, str):
            sd, _ = values.one("sd", mean.arm, when)
            if sd is None or not sd.value > 0:
                return None
            made = Side("D", nan, sd.value, nan, (sd.used(),))
        found.append(made)
    return found[0], found[1]


def _correlation(printed: Printed, mean: Row) -> tuple[float, str, Row | None] | None:
    """The correlation of first and later value that a study states of an arm, and where."""
    rows = [r for r in printed.find("correlation", mean.arm) if r.part == mean.part]
    rows = [r for r in rows if isfinite(r.value) and at_or_of_none(r, mean.time)]
    if rows:
        return rows[0].value, rows[0].place, rows[0]
    if printed.correlation is not None:
        r, source = printed.correlation
        return r, source or "studies.csv, source not said", None
    return None


def _of_others(printed: Printed, mean: Row) -> str:
    """In brackets the correlations of an arm that are of another time or part than its mean."""
    own = f"not at {mean.when}" + (f" of {mean.part}" if mean.part else "")
    said = [
        f"that in row {r.row} is {f'at {r.when}' if isfinite(r.time) else 'of no time'}"
        f"{f' of {r.part}' if r.part else ''}, {own}"
        for r in printed.find("correlation", mean.arm)
        if isfinite(r.value)
    ]
    return f" ({'; '.join(said)})" if said else ""


def patients(printed: Printed, row: Row) -> tuple[float | None, Used | None, str]:
    """The patients of a row, where they stand, and a word where that is of another time or of
    another outcome."""
    if isfinite(row.n):
        return row.n, None, ""
    if isfinite(row.time):
        for r in printed.rows:
            if r.arm == row.arm and r.part == row.part and r.n > 0 and same_time(r.time, row.time):
                return r.n, r.used_for("size", r.n, f"n {r.arm} {plain(r.n)}"), ""
    n, where = printed.size(row.arm)
    of = next((r for r in printed.rows if where is not None and r.row == where.row), None)
    other = next((r for r in printed.other if where is not None and r.row == where.row), None)
    if of is None and other is not None:
        return n, where, of_other_outcome(other)
    if of is None or not isfinite(of.time + row.time) or same_time(of.time, row.time):
        return n, where, ""
    return n, where, f"n of {row.arm} at {of.when} (row {of.row}) taken at {row.when}"


def is_change(row: Row) -> bool:
    """Whether a row is of a change since the beginning."""
    return row.measured == "change"


def is_turned(row: Row) -> bool:
    """Whether a row was turned along the scale of the other studies."""
    return bool(row.direction)


_WAYS = {"D3q": "mcgrath", "D3b": "box-cox", "D3": "luo-shi"}


def _from_quantiles(
    printed: Printed, arm: str, time: float | None, asked: Collection[str]
) -> list[Side] | str:
    """D3, and on request D3q and D3b, from a median with quartiles or range; [] without one."""
    median, passed = printed.one("median", arm, time)
    if median is None:
        return []
    around = {n: beside(printed, n, median) for n in ("q1", "q3", "minimum", "maximum")}
    known = {name: row for name, (row, _) in around.items()}
    pairs = [("q1", "q3"), ("minimum", "maximum")]
    whole = [name for pair in pairs if all(known[x] for x in pair) for name in pair]
    used = [row for name in whole if (row := known[name]) is not None]
    if not used:
        elsewhere = of_another(printed, tuple(around), median)
        why_not = f"median of {arm} {median.value:g} without quartiles or range"
        return f"{why_not} (row {median.row}){elsewhere}"
    n, where, of_n = patients(printed, median)
    borrowed = words(*(around[name][1] for name in whole), of_n)
    if n is None:
        return f"median of {arm} {median.value:g} without arm size (row {median.row})"
    shown = {"median": median.value} | {row.statistic: row.value for row in used}
    inputs = all_used(median.used(), *(row.used() for row in used), where)
    found = []
    methods = {route: way for route, way in _WAYS.items() if route == "D3" or route in asked}
    missed = ""
    try:
        skewed = dispersion.skewed(int(n), **shown)
        for route, method in methods.items():
            try:
                made = dispersion.from_quantiles(int(n), **shown, method=method)
            except dispersion.NoPowerError as error_:
                missed = f"{arm} not by {route}: {error_}"
                continue
            doubt = "" if not skewed or route == "D3q" else f"{arm} is skewed by Shi's test (2023)"
            grade = "rough" if doubt else ROUTES[route].grade
            grade = poorer(grade) if borrowed else grade
            said = words(passed, f"{made.assumed}, {arm}", missed, doubt, *borrowed)
            kind = (is_turned(median), is_change(median))
            found.append(Side(route, made.mean, made.sd, n, inputs, said, grade, *kind))
    except dispersion.DispersionError as error_:
        return f"{arm}: {error_} (row {median.row})"
    return found


def borrow(studies: Collection[Printed], arms: tuple[str, ...], time: float | None) -> Borrowed:
    """Of all studies that print it, by arm the SD of all together, of changes and of values apart,
    and the mean correlation of first and later values: as stated, else as the three SDs tell it;
    weighted by n - 1. Of whole studies, and not of their parts."""
    sds, correlations = {}, {}
    whole = [_whole(printed, {False, True}) for printed in studies]
    for arm in arms:
        for change in (False, True):
            alike = [_whole(printed, {change}) for printed in studies]
            found = [_from_mean(printed, arm, time) for printed in alike]
            known = [side for side in found if isinstance(side, Side)]
            df = fsum(side.n - 1 for side in known)
            if df > 0:
                variance = fsum((side.n - 1) * side.sd**2 for side in known) / df
                sds[arm, change] = (sqrt(variance), len(known))
        told = [x for printed in whole if (x := _told_correlation(printed, arm, time))]
        df = fsum(weight for _, weight in told)
        if df > 0:
            correlations[arm] = (fsum(r * weight for r, weight in told) / df, len(told))
    return Borrowed(sds, correlations)


def _whole(printed: Printed, changes: Collection[bool]) -> Printed:
    """The study with the means, SDs and SEs of all patients, of changes or of values."""
    rows = (
        r
        for r in printed.rows
        if r.statistic not in ("mean", "sd", "se") or (not r.part and is_change(r) in changes)
    )
    return replace(printed, rows=tuple(rows))


def _told_correlation(printed: Printed, arm: str, time: float | None) -> tuple[float, float] | None:
    """The correlation that a study states of an arm or its SDs tell, and its patients less one."""
    changes = tuple(r for r in printed.rows if r.measured == "change")
    change = _from_mean(replace(printed, rows=changes), arm, time)
    rows = [r for r in printed.rows if r.time != 0]
    mean, _ = replace(printed, rows=tuple(rows)).one("mean", arm, time)
    n = (patients(printed, mean)[0] or nan) if mean else nan
    if mean is None or not n >= 2:
        return None
    if stated := _correlation(printed, mean):
        return stated[0], n - 1
    both = _both_values(printed, mean)
    if both is None or isinstance(change, str):
        return None
    first, last = (side.sd for side in both)
    r = (first**2 + last**2 - change.sd**2) / (2 * first * last)
    return (r, n - 1) if -1 < r < 1 else None
