"""Effects from means, rates, and effects printed on their analysis scale."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from math import isfinite, log, nan, sqrt
from typing import NamedTuple

from livingmeta.effect_measures import MEASURES, Measure
from livingmeta.effects.candidate import (
    USUAL,
    Candidate,
    Reckoning,
    WithoutInformationError,
    added,
    all_used,
    computed,
    usable,
    words,
)
from livingmeta.effects.common_sd import common_sd
from livingmeta.effects.contrast import ratio_candidate
from livingmeta.effects.one_time import (
    beside,
    common_time,
    not_turned,
    of_no_time,
    read_as_at,
    read_at,
    unlike,
    without_beginning,
)
from livingmeta.effects.routes import ROUTES, poorer, worst
from livingmeta.effects.spread import Borrowed, Side, sides
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import Row, Used
from livingmeta.formulas import standard_error
from livingmeta.formulas import time_to_event as tte

OF_CHANGES = (
    "in SDs of the change since the beginning, which are none of final values: not to be pooled "
    "with those (Handbook 10.5.2)"
)
# The same of a mean and of a ratio of means, where the two are other quantities altogether.
AS_CHANGES = (
    "of changes since the beginning, which are no final values: not to be pooled with those"
)
_OF_CHANGES = {"SMD": OF_CHANGES, "MN": AS_CHANGES, "ROM": AS_CHANGES}


def means(
    measure: str,
    printed: Printed,
    arms: tuple[str, ...],
    time: float | None,
    asked: Collection[str] = (),
    borrowed: Borrowed | None = None,
    by: Reckoning = USUAL,
) -> tuple[list[Candidate], list[str]]:
    """MN of one arm, MD, SMD, ROM of two from mean, SD and n; MD and SMD also as printed.

    `asked`, `borrowed`: as `spread.sides` takes them.
    """
    printed, early = without_beginning(printed, time)
    found, reasons = _printed(printed, MEASURES[measure], arms, time)
    at_time, said = (time, "") if found else read_at(printed, ["mean", "median"], arms, time)
    occasions, apart = ([at_time], "") if at_time is not None else _occasions(printed, arms)
    why_not = [apart] if apart else []
    for occasion in occasions:
        at = printed
        if occasion is None:
            at = of_no_time(printed, ["mean", "median"], arms)
        made, why = _at_one_time(measure, at, arms, occasion, asked, borrowed, by)
        found += [one.also(said) for one in made]
        why_not += why
        if made:
            break
    return found, [*reasons, *why_not, *(early if not found else ())]


def _occasions(printed: Printed, arms: tuple[str, ...]) -> tuple[list[float | None], str]:
    """The times at which the arms are compared, the first to be preferred (None: of none said).

    Of two means and of a mean and a median the later time comes first, whatever its route.
    """
    of_means, no_means = common_time(printed, ["mean"], arms)
    of_both, apart = common_time(printed, ["mean", "median"], arms)
    if no_means or not printed.each("mean", arms, of_means):
        return ([], apart) if apart else ([of_both], "")
    if of_means is not None and of_both is not None and of_both > of_means:
        return [of_both, of_means], ""
    return [of_means], ""


def _at_one_time(
    measure: str,
    printed: Printed,
    arms: tuple[str, ...],
    time: float | None,
    asked: Collection[str],
    borrowed: Borrowed | None,
    by: Reckoning,
) -> tuple[list[Candidate], list[str]]:
    """The effects by the arms' own numbers of a time, and why others are none."""
    found, reasons = [], []
    by_arm = [sides(printed, arm, time, asked, borrowed) for arm in arms]
    missing = [why for why in by_arm if isinstance(why, str)]
    ways: list[tuple[Side, ...]] = []
    if not missing:
        first, *others = [known for known in by_arm if not isinstance(known, str)]
        ways += [(one,) for one in first] if not others else _paired(first, others[0])
        if others and not ways:
            reasons.append(unlike(first[0].change, arms))
    exact = any(all(side.route == "D" for side in way) for way in ways)
    if len(arms) == 2 and (not exact or printed.pairs is not None):
        research, control = arms
        asked_for = MEASURES[measure]
        more, why_not = common_sd(
            printed,
            (research, control),
            time,
            of_means=asked_for.kind == "ratio",
            in_units=asked_for.in_units,
        )
        ways += more
        missing += why_not
    for way in ways:
        made = _from_sides(measure, by, way)
        if isinstance(made, str):
            reasons.append(made)
        else:
            found.append(made)
    return found, reasons + missing


def _paired(first: list[Side], second: list[Side]) -> list[tuple[Side, ...]]:
    """The best of both arms, and each other way by which both can go.

    A change never stands against a final value.
    """
    alike = {
        (i, j): (a, b)
        for i, a in enumerate(first)
        for j, b in enumerate(second)
        if a.change == b.change
    }
    best = next(iter(alike.values()), ())
    return [pair for pair in alike.values() if pair is best or pair[0].route == pair[1].route]


def _from_sides(measure: str, by: Reckoning, way: tuple[Side, ...]) -> Candidate | str:
    """The effect of one arm or two, or why there is none."""
    one_scale = MEASURES[measure].arms == 1 or MEASURES[measure].kind == "ratio"
    if one_scale and any(side.reversed for side in way):
        return f"{measure} of a scale of the opposite direction: only differences can be turned"
    if MEASURES[measure].kind == "ratio" and all(side.mean < 0 for side in way):
        return f"{measure} of means below nought: above 1 it would be of the lower one; ask for MD"
    numbers = ("",) if len(way) == 1 else ("1", "2")
    counts = {
        f"{name}{number}i": value
        for number, side in zip(numbers, way, strict=True)
        for name, value in zip(("m", "sd", "n"), (side.mean, side.sd, side.n), strict=True)
    }
    try:
        effect = computed(measure, by, **counts)
    except tte.RouteError as error:
        return str(error)
    order = list(ROUTES)
    return Candidate(
        max((side.route for side in way), key=order.index),
        *effect,
        all_used(*(used for side in way for used in side.inputs)),
        words(
            *(text for side in way for text in side.assumed),
            _OF_CHANGES.get(measure, "") if way[0].change else "",
        ),
        sum(side.n for side in way),
        grade=worst([side.grade for side in way]),
        made_from=counts,
        patients=tuple(side.n for side in way),
        by=by,
    )


def rates(
    measure: str,
    printed: Printed,
    arms: tuple[str, ...],
    time: float | None,
    by: Reckoning = USUAL,
) -> tuple[list[Candidate], list[str]]:
    """IRR, IRD and IRSD of two arms, IR and IRLN of one, from events and person-time."""
    found, reasons = _printed(printed, MEASURES[measure], arms, time)
    time, said = (time, "") if found else read_at(printed, ["events", "rate"], arms, time)
    counted_at, apart = (time, "") if time is not None else common_time(printed, ["events"], arms)
    counted = [apart or _events_and_time(printed, arm, counted_at) for arm in arms]
    missing = [why for why in counted if isinstance(why, str)]
    rated_at, apart = (time, "") if time is not None else common_time(printed, ["rate"], arms)
    rows = [] if apart else printed.each("rate", arms, rated_at)
    reasons += [apart] if apart else []
    if rows:
        try:
            found.append(_from_rates(measure, printed, rows).also(said))
        except tte.RouteError as error:
            reasons.append(str(error))
    if not missing:
        made = _from_events(measure, by, [pair for pair in counted if not isinstance(pair, str)])
        if isinstance(made, Candidate):
            found.append(made.also(said))
        else:
            reasons.append(made)
    return found, reasons + list(dict.fromkeys(missing))


class Counted(NamedTuple):
    """Events (`number`) and person-time of one arm, and the rows that they stand in or come of."""

    number: float
    events: Row
    person_time: float
    beside: Row
    assumed: tuple[str, ...]
    route: str
    # Whether the person-time is of a time and the events are of none.
    borrowed: bool


def _events_and_time(printed: Printed, arm: str, time: float | None) -> Counted | str:
    """Person-time as printed, else from the events and their rate."""
    events, _ = printed.one("events", arm, time)
    if events is None and (made := _by_rate(printed, arm, time)):
        return made
    if events is None:
        return f"no events of {arm}{f' at {time:g}' if time is not None else ''}"
    lived, borrowed = beside(printed, "person-time", events)
    if lived is None:
        rate, borrowed = beside(printed, "rate", events)
        if rate is None or not (rate.value > 0 and events.value > 0):
            return f"no person-time of {arm}"
        said = words(f"person-time of {arm} from its events and their rate", borrowed)
        return Counted(
            events.value, events, events.value / rate.value, rate, said, "P2", bool(borrowed)
        )
    if events.value < 0 or not lived.value > 0:
        return f"{events.value:g} events in person-time {lived.value:g} of {arm}"
    return Counted(events.value, events, lived.value, lived, words(borrowed), "P", bool(borrowed))


def _by_rate(printed: Printed, arm: str, time: float | None) -> Counted | None:
    """The events of an arm from its rate and the person-time of it, whole where rounding allows;
    none where the rate has an error of its own."""
    rate, _ = printed.one("rate", arm, time)
    if rate is None or rate.has_ci or rate.se > 0 or not rate.value > 0:
        return None
    lived, borrowed = beside(printed, "person-time", rate)
    if lived is None or not lived.value > 0:
        return None
    count = rate.value * lived.value
    # ASSUME: a rate is rounded to three digits or fewer, so a count within a hundredth is whole.
    count = round(count) if round(count) and abs(count / round(count) - 1) < 0.01 else count
    said = words(f"events of {arm} from its rate and its person-time", borrowed)
    return Counted(count, rate, lived.value, lived, said, "P2", bool(borrowed))


def _from_events(measure: str, by: Reckoning, sides: list[Counted]) -> Candidate | str:
    names = ("x1i", "t1i", "x2i", "t2i") if len(sides) == 2 else ("xi", "ti")
    values = [value for side in sides for value in (side.number, side.person_time)]
    counts = dict(zip(names, values, strict=True))
    said = ""
    try:
        effect = computed(measure, by, **counts)
        said = added(measure, effect.yi, by, names[::2], "the events", **counts)
    except WithoutInformationError as error:
        effect, said = tte.Effect(nan, nan), str(error)
    except tte.RouteError as error:
        return str(error)
    derived = any(side.route == "P2" for side in sides)
    grade = "close" if derived else ROUTES["P"].grade
    return Candidate(
        "P2" if derived else "P",
        *effect,
        tuple(row.used() for side in sides for row in (side.events, side.beside)),
        words(*(text for side in sides for text in side.assumed), said),
        sum(side.events.n for side in sides),
        sum(side.number for side in sides),
        cells=dict(zip(("ai", "t1i", "ci", "t2i"), values, strict=False)),
        grade=poorer(grade) if any(side.borrowed for side in sides) else grade,
        made_from=counts,
        patients=tuple(side.events.n for side in sides),
        by=by,
        empty="" if isfinite(effect.yi) else said,
    )


def _from_rates(measure: str, printed: Printed, rows: list[Row]) -> Candidate:
    """P2: from the rates themselves and their errors, which are those of their logarithms."""
    rows, errors, said = _with_errors(printed, rows)
    logs = [_log_rate(row) for row in rows]
    rates = [row.value for row in rows]
    by_arm = {
        "log": [(yi, vi) for yi, vi in logs],
        "identity": [(x, x * x * vi) for x, (_, vi) in zip(rates, logs, strict=True)],
        "root": [(sqrt(x), x * vi / 4) for x, (_, vi) in zip(rates, logs, strict=True)],
    }
    scale = "root" if measure == "IRSD" else MEASURES[measure].scale
    (yi, vi), *others = by_arm[scale]
    for other, more in others:
        yi, vi = yi - other, vi + more
    used = (
        (row.used(f" SE {row.se:g}" if row.se > 0 and not row.has_ci and not se else ""), se)
        for row, se in zip(rows, errors, strict=True)
    )
    limits = (
        f"error of the rate of {row.arm} from one limit alone"
        for row in rows
        if not row.has_ci and not row.se > 0
    )
    grade = "close" if any(not row.has_ci and not row.se > 0 for row in rows) else "exact"
    inputs = all_used(*(part for pair in used for part in pair))
    grade = poorer(grade) if any(said) else grade
    effect, n = usable(lambda: tte.Effect(yi, vi)), sum(row.n for row in rows)
    return Candidate("P2", *effect, inputs, words(*limits, *said), n, grade=grade)


def _with_errors(
    printed: Printed, rows: list[Row]
) -> tuple[list[Row], list[Used | None], list[str]]:
    """Rates with the SE of a row of its own where none stands beside them, that row, and a word
    where it is of another time. An SE is of the rate only where it can be of nothing else."""
    found, errors, said = [], [], []
    for row in rows:
        se, of_time = None, ""
        others = ("mean", "median", "rmst", "survival", "proportion")
        if not row.has_ci and not row.se > 0 and not any(printed.find(x, row.arm) for x in others):
            se, of_time = beside(printed, "se", row)
        found.append(replace(row, se=se.value) if se else row)
        errors.append(se.used() if se else None)
        said.append(of_time if se else "")
    return found, errors, said


def _log_rate(row: Row) -> tte.Effect:
    """ln rate and its variance, from the interval or the SE of the rate; RouteError without."""
    shown = f"rate of {row.arm} {row.value:g}"
    if not row.value > 0:
        raise tte.RouteError(f"{shown} has no logarithm (row {row.row})")
    if row.has_ci and row.ci_low > 0:
        return tte.ratio_and_ci(row.value, row.ci_low, row.ci_high, row.ci_level)
    if row.se > 0:
        return tte.Effect(log(row.value), (row.se / row.value) ** 2)
    limit = row.ci_high if isfinite(row.ci_high) else row.ci_low
    if isfinite(limit) and limit > 0 and limit != row.value:
        se = standard_error.from_limit(log(row.value), log(limit), row.ci_level)
        return tte.Effect(log(row.value), se**2)
    raise tte.RouteError(f"{shown} without CI, SE or person-time (row {row.row})")


def generic(
    printed: Printed, arms: tuple[str, ...], time: float | None
) -> tuple[list[Candidate], list[str]]:
    """GEN: an effect printed on its analysis scale with SE or CI."""
    if len(arms) == 2:
        return _printed(printed, MEASURES["GEN"], tuple(arms), time)
    time, said = read_at(printed, ["effect"], arms, time)
    rows = [r for r in printed.find("effect", arms[0] if arms else None, time) if isfinite(r.value)]
    found, reasons = [], []
    for row in rows:
        try:
            found.append(ratio_candidate(row, printed, words(said), log_scale=False))
        except tte.RouteError as error:
            reasons.append(f"{error} (row {row.row})")
    return found, reasons or ([] if found else ["no effect printed"])


def _printed(
    printed: Printed, measure: Measure, arms: tuple[str, ...], time: float | None
) -> tuple[list[Candidate], list[str]]:
    statistic = measure.contrast
    if statistic is None:
        return [], []
    found, reasons = [], []
    rows: list[Row] = printed.contrasts(statistic, *arms, time=time)
    for row in rows:
        if time is not None and isfinite(row.time) and abs(row.time - time) > 0.02 * time:
            reasons.append(f"{statistic} printed at {row.when}, {time:g} wanted")
            continue
        if measure.family == "means" and (why := not_turned(row, printed, arms)):
            reasons.append(why)
            continue
        of_change = measure.code == "SMD" and row.measured == "change"
        said = words(OF_CHANGES if of_change else "", read_as_at(row, time))
        try:
            by_t = statistic == "mean-difference"
            found.append(ratio_candidate(row, printed, said, log_scale=measure.log, by_t=by_t))
        except tte.RouteError as error:
            reasons.append(f"{error} (row {row.row})")
    return found, reasons
