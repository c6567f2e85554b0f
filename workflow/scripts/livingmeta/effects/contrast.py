"""A ratio, a difference or a correlation as the paper prints it, with its CI, SE, test statistic,
exact p or n."""

from __future__ import annotations

from dataclasses import replace
from math import atanh, isclose, isfinite, log, nan, sqrt
from typing import NamedTuple

from livingmeta.effects.candidate import USUAL, Candidate, all_used, computed, usable, words
from livingmeta.effects.one_time import of_another, read_at
from livingmeta.effects.routes import worst
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import DIFFERENCES, RATIOS, Row, Used, plain, same_time, turned
from livingmeta.formulas import standard_error
from livingmeta.formulas import time_to_event as tte


class Error(NamedTuple):
    """The variance of a contrast on its analysis scale, and how it came about."""

    route: str
    vi: float
    inputs: tuple[Used | None, ...]
    assumed: tuple[str, ...] = ()
    grade: str = "exact"


def ratio_candidate(
    row: Row, printed: Printed, assumed: tuple[str, ...], *, log_scale: bool, by_t: bool = False
) -> Candidate:
    """R or R4 from a printed contrast; raises RouteError where it has no error to go with it.

    `by_t`: a difference of means, whose interval and p are by t where the arms' sizes are known.
    """
    if log_scale and not row.value > 0:
        raise tte.RouteError(f"a ratio of {row.value:g} has no logarithm")
    yi = log(row.value) if log_scale else row.value
    df = degrees_of_freedom(row, printed) if by_t else None
    found = error(row, printed, log_scale=log_scale, df=df, tests=by_t)
    if found is None:
        bound = f" (p {row.p} is only a bound)" if row.p else ""
        kind = row.statistic.replace("-", " ")
        elsewhere = of_another(printed, ("se", "t", "f") if by_t else ("se",), row)
        raise tte.RouteError(f"{kind} {row.value:g} without CI, SE or exact p{bound}{elsewhere}")
    nought = f"{row.statistic} {row.value:g} with an error of nought"
    made = usable(lambda: tte.Effect(yi, found.vi), nought)
    n = patients(row, printed)
    return Candidate(
        found.route,
        *made,
        all_used(*found.inputs),
        words(*assumed, *found.assumed),
        n,
        nan,
        row.adjusted,
        grade=worst(["close" if found.route == "R4" else "exact", found.grade]),
    )


def error(
    row: Row, printed: Printed, *, log_scale: bool, df: float | None = None, tests: bool = False
) -> Error | None:
    """The error of a contrast by the best that is printed: CI, SE, t or F, one limit, exact p.

    `tests`: whether `t` and `f` of the same arms and time may serve. None where nothing is printed;
    raises RouteError where what is printed cannot be.
    """
    by = () if df is None else (f"interval or p read by t with {df:g} degrees of freedom",)
    exact = bool(row.p and row.p.exact)
    if row.has_ci:
        if log_scale:
            effect = tte.ratio_and_ci(row.value, row.ci_low, row.ci_high, row.ci_level)
            return Error("R", effect.vi, (row.used(),))
        limits = (row.value, row.ci_low, row.ci_high, row.ci_level)
        return Error("R", standard_error.from_interval(*limits, df) ** 2, (row.used(),), by)
    if (found := printed_error(row, printed, log_scale=log_scale, or_p=exact)) is not None:
        return found
    if tests and (test := test_of(row, printed)) is not None and test.value != 0 != row.value:
        return Error("R", (row.value / test.value) ** 2, (row.used(), test.used()), _of_f(test))
    if (found := one_limit(row, log_scale=log_scale, df=df)) is not None:
        return found
    if row.p and exact:
        yi = log(row.value) if log_scale else row.value
        se = standard_error.from_p(yi, row.p.value, df, one_sided=row.p.one_sided)
        doubled = ("p is one-sided and was doubled",) if row.p.one_sided else ()
        return Error("R4", se**2, (row.used(f" p {row.p}"),), (*doubled, *by))
    return None


def one_limit(row: Row, *, log_scale: bool, df: float | None = None) -> Error | None:
    """The error by the one limit that is printed, if it is one alone (Handbook 6.3.2)."""
    limit = row.ci_low if isfinite(row.ci_low) else row.ci_high
    if row.has_ci or not isfinite(limit):
        return None
    side = "lower" if isfinite(row.ci_low) else "upper"
    if log_scale and not limit > 0:
        raise tte.RouteError(f"a {side} limit of {limit:g} has no logarithm")
    beyond = limit > row.value if side == "lower" else limit < row.value
    if beyond or not limit != row.value:
        raise tte.RouteError(f"the {side} limit {limit:g} is not beyond its estimate {row.value:g}")
    ends = (log(row.value), log(limit)) if log_scale else (row.value, limit)
    se = standard_error.from_limit(*ends, row.ci_level, df)
    said = f"SE from the {side} limit alone, taken as of a two-sided {100 * row.ci_level:g}% CI"
    return Error("R", se**2, (row.used(f" {side} limit {limit:g}"),), (said,), "close")


def printed_error(
    row: Row, printed: Printed, *, log_scale: bool, or_p: bool, events: float = nan
) -> Error | None:
    """The SE printed beside a contrast, in its own row or in one of the statistic `se`.

    Of a ratio it may be of its logarithm or of the ratio: p and `events` (the SE of ln ratio that
    they would give) are asked, and where neither tells it is taken as of the logarithm.
    """
    if isfinite(row.se):
        value, where, same_way = row.se, None, True
    else:
        own = own_error(row, printed, or_p=or_p)
        if own is None:
            return None
        as_printed = "/".join(reversed(row.arm.split("/"))) if row.turned else row.arm
        value, where, same_way = own.value, own.used(), own.arm == as_printed
    beside = f" SE {value:g}" if where is None else ""
    inputs = (row.used(beside), where)
    if not log_scale or row.logarithm:
        if not value > 0:
            raise tte.RouteError(f"{row.statistic} {row.value:g} with an error of nought")
        return Error("R", value**2, inputs)
    by_p = by_ci = nan
    if row.has_ci:
        by_ci = sqrt(tte.ratio_and_ci(row.value, row.ci_low, row.ci_high, row.ci_level).vi)
    if row.p and row.p.exact and row.value != 1:
        z = tte.z_of_p(row.p.value, one_sided=row.p.one_sided)
        by_p = abs(log(row.value)) / z if z > 0 else nan
    ratio = row.value if row.inverted != same_way else 1 / row.value
    made = standard_error.of_ratio(ratio, value, CI=by_ci, p=by_p, events=events)
    if made.told_by == "both":
        return Error("R", made.se**2, inputs)
    if not made.told_by:
        said = "SE taken as of the logarithm of the ratio: neither its p nor events tell"
        return Error("R", made.se**2, inputs, (said,), "approximate")
    of = "of the logarithm of the ratio" if made.of_logarithm else "of the ratio itself"
    told_by = "the events tell" if made.told_by == "events" else f"its {made.told_by} tells"
    return Error("R", made.se**2, inputs, (f"SE is {of}, as {told_by}",))


def degrees_of_freedom(row: Row, printed: Printed) -> float | None:
    """Those of a difference of two means, n1 + n2 - 2; None where the patients are not known.

    Of N patients in both arms N - 1.
    """
    if printed.pairs is None:
        df = patients(row, printed) - 2
    else:
        sizes = printed.sizes(row.arm.split("/")) if "/" in row.arm else []
        df = min([row.n, *sizes] if isfinite(row.n) else sizes or [nan]) - 1
    return df if df >= 1 else None


def patients(row: Row, printed: Printed) -> float:
    """The patients that a contrast is of: its own n, else those of its arms at its time, else those
    at the beginning; NaN where they are not known."""
    if isfinite(row.n) or "/" not in row.arm:
        return row.n
    arms = row.arm.split("/")
    then = [
        next(
            (
                r.n
                for r in printed.rows
                if r.arm == arm and r.part == row.part and r.n > 0 and same_time(r.time, row.time)
            ),
            nan,
        )
        for arm in arms
    ]
    if all(map(isfinite, then)):
        return sum(then)
    # What is printed at the beginning is of all patients, and their number not that of a part.
    return nan if row.part else sum(printed.sizes(arms)) or nan


def test_of(row: Row, printed: Printed) -> Row | None:
    """A test of the arms, time and adjustment of a contrast as its t; of an F its root.

    The sign of a t is turned where the arms are; an F, which has none, is never negative.
    """
    arms = set(row.arm.split("/"))
    for r in printed.rows:
        if r.statistic not in ("t", "f") or not isfinite(r.value) or set(r.arm.split("/")) != arms:
            continue
        if (r.adjusted, r.part) == (row.adjusted, row.part) and of_one_time(r, row):
            return as_t(r, row.arm)
    return None


def as_t(row: Row, arm: str) -> Row:
    """A t or F of two arms as the t of `arm`, the first against the second."""
    if row.statistic == "f":
        return replace(row, value=sqrt(row.value) if row.value >= 0 else nan)
    return row if row.arm == arm else replace(row, arm=arm, value=-row.value, turned=True)


def _of_f(test: Row) -> tuple[str, ...]:
    return ("F of two arms: the square of t",) if test.statistic == "f" else ()


def own_error(row: Row, printed: Printed, *, or_p: bool) -> Row | None:
    """The SE of a contrast, if there is one; raises RouteError where it may be that of another
    statistic, unless there is an exact p to take in its place (`or_p`)."""
    se, rival = _error(row, printed), _rival(row, printed)
    if se is None or rival is None:
        return se
    if or_p:
        return None
    kinds = (row.statistic.replace("-", " "), rival.statistic.replace("-", " "))
    raise tte.RouteError(
        f"{kinds[0]} {row.value:g} with an SE (row {se.row}) that may be that of the {kinds[1]} in "
        f"row {rival.row}"
    )


def _error(row: Row, printed: Printed) -> Row | None:
    """The SE of a contrast, whichever way round it is printed; of a ratio it is of its log.

    The one of its adjustment and time (a hazard ratio is of no time), else one of which that is not
    said. None where several contrasts or several SEs could be meant.
    """
    arms = set(row.arm.split("/"))
    mine = [r for r in printed.rows if set(r.arm.split("/")) == arms and isfinite(r.value)]
    mine = [r for r in mine if r.part == row.part]
    alike = [r for r in mine if r.statistic == row.statistic]
    found = [r for r in mine if r.statistic == "se"]
    if any(r.adjusted == row.adjusted for r in found):
        found = [r for r in found if r.adjusted == row.adjusted]
        alike = [r for r in alike if r.adjusted == row.adjusted]
    elif row.adjusted:
        found = [r for r in found if not r.adjusted]
    if row.statistic != "hazard-ratio":
        alike = [r for r in alike if of_one_time(r, row)]
    if row.statistic != "hazard-ratio" and isfinite(row.time):
        found = [r for r in found if of_one_time(r, row)]
    elif any(not isfinite(r.time) for r in found):
        found = [r for r in found if not isfinite(r.time)]
    # A contrast printed both ways round says the same twice.
    values = [turned(r, row.arm).value if r.arm != row.arm else r.value for r in alike]
    once = all(isclose(value, row.value, rel_tol=0.02) for value in values)
    return found[0] if once and len({r.value for r in found}) == 1 else None


def of_one_time(one: Row, other: Row) -> bool:
    """Whether two rows are of the same time, or both of none."""
    return same_time(one.time, other.time) or not (isfinite(one.time) or isfinite(other.time))


def _rival(row: Row, printed: Printed) -> Row | None:
    """Another statistic of the same arms and time that has no interval: an SE may be its."""
    arms = set(row.arm.split("/"))
    others = (
        r
        for r in printed.rows
        if r.statistic != row.statistic
        and r.statistic in RATIOS | DIFFERENCES
        and set(r.arm.split("/")) == arms
        and r.part == row.part
        and not r.has_ci
        and of_one_time(r, row)
    )
    return next(others, None)


def correlations(
    measure: str, printed: Printed, arms: tuple[str, ...], time: float | None
) -> tuple[list[Candidate], list[str]]:
    """COR and ZCOR from a correlation and its n."""
    arm = "/".join(arms)
    time, said = read_at(printed, ["correlation"], [arm], time)
    row = printed.one("correlation", arm, time)[0] if arm else None
    rows = [row] if row else [r for r in printed.find("correlation", time=time) if not arm]
    if not rows:
        return [], ["no correlation printed" + (f" for {arm}" if arm else "")]
    row = rows[0]
    n, by = row.n, f"; n {plain(row.n)}"
    if not isfinite(n) and row.has_ci and -1 < row.ci_low < row.ci_high < 1:
        # That of Fisher's z tells for how many patients it is.
        width = atanh(row.ci_high) - atanh(row.ci_low)
        n, by = 3 + (2 * tte.critical_value(row.ci_level) / width) ** 2, ""
    if not isfinite(n):
        return [], [f"correlation {row.value:g} without n or CI (row {row.row})"]
    counts = {"ri": row.value, "ni": n}
    try:
        effect = computed(measure, USUAL, **counts)
    except tte.RouteError as error:
        return [], [f"{error} (row {row.row})"]
    found = Candidate(
        "N",
        *effect,
        (row.used(by),),
        words(said, "" if by else "its error from its CI, as of Fisher's z"),
        row.n,
        adjusted=row.adjusted,
        made_from=counts,
        grade="exact" if by else "close",
    )
    return [found], []
