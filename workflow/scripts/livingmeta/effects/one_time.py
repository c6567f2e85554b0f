"""Numbers of one time: two arms stand against each other at one, and what is beside one is of it.

What is of another time never serves. What is of one where its value is of none is said and costs a
grade. A mean at 0 is of the beginning, before any effect, unless the synthesis asks for that time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from math import isfinite, nan

from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import Row, plain, same_time

_VALUES = {"mean", "median", "mean-difference", "standardised-mean-difference"}
_OF_MEANS = _VALUES | {"sd", "se", "t", "f", "q1", "q3", "minimum", "maximum"}


def read_as_at(row: Row, time: float | None) -> str:
    """What is taken for granted of a number printed without the time that is wanted; "" where it
    has one, or none is wanted."""
    if time is None or not isfinite(time) or isfinite(row.time):
        return ""
    return f"{row.statistic.replace('-', ' ')} printed without a time, read as at {time:g}"


def common_time(
    printed: Printed, statistics: Collection[str], arms: Collection[str]
) -> tuple[float | None, str]:
    """As `Printed.common_time`; also why there is none where one arm alone says its time."""
    time, apart = printed.common_time(statistics, arms)
    if time is not None or apart:
        return time, apart
    times = {arm: _times(printed, statistics, arm) for arm in arms}
    told = [arm for arm, at in times.items() if at and all(isfinite(t) for t in at)]
    untold = [arm for arm, at in times.items() if at and not any(isfinite(t) for t in at)]
    if not told or not untold:
        return None, ""
    at = " and ".join(map(plain, sorted(set(times[told[0]]))))
    return None, f"the arms are printed at no common time: {told[0]} at {at}, {untold[0]} without"


def _times(printed: Printed, statistics: Collection[str], arm: str) -> list[float]:
    rows = (r for r in printed.rows if r.arm == arm and r.statistic in statistics)
    return [r.time for r in rows if isfinite(r.value)]


def read_at(
    printed: Printed, statistics: Collection[str], arms: Collection[str], time: float | None
) -> tuple[float | None, str]:
    """The time at which `statistics` of the arms are looked up, and what is taken for granted.

    That of the synthesis, and ""; where every arm prints some of them and none with a time, None
    and words as of `read_as_at`.
    """
    by_arm = [_times(printed, statistics, arm) for arm in arms]
    untold = by_arm and all(by_arm) and not any(isfinite(t) for times in by_arm for t in times)
    if time is None or not untold:
        return time, ""
    rows = (r for r in printed.rows if r.arm in arms and isfinite(r.value))
    kinds = dict.fromkeys(r.statistic for r in rows if r.statistic in statistics)
    return None, f"{' and '.join(kinds)} printed without a time, read as at {time:g}"


def beside(printed: Printed, statistic: str, row: Row) -> tuple[Row | None, str]:
    """As `Printed.beside`, and a word where it says a time and `row` does not.

    None where it is of the beginning, or of several times and so of none in particular.
    """
    found = printed.beside(statistic, row)
    if found is None or isfinite(row.time) or not isfinite(found.time):
        return found, ""
    times = _times(printed, [statistic], row.arm)
    if found.time == 0 or any(not same_time(t, found.time) for t in times):
        return None, ""
    named = f"{statistic.replace('-', ' ')} of {row.arm} at {found.when} (row {found.row})"
    return found, f"{named} taken for its {row.statistic} of no time"


def of_another(printed: Printed, statistics: Collection[str], row: Row) -> str:
    """In brackets what is printed of `statistics` for others than those of `row`: another time,
    part, change or pair of arms. Nothing where nothing is."""
    said = []
    for r in printed.rows:
        if r.statistic not in statistics or r.row == row.row or not isfinite(r.value):
            continue
        pair = "/" in row.arm and "/" in r.arm
        if not pair and r.arm != row.arm:
            continue
        apart = [
            f"at {r.when}" if isfinite(r.time) else "of no time",
            f"of {r.part or 'all patients'}",
            f"of the {r.measured or 'final value'}",
            f"of {r.arm}",
        ]
        differs = (
            not (same_time(r.time, row.time) or not (isfinite(r.time) or isfinite(row.time))),
            r.part != row.part,
            (r.measured or "final") != (row.measured or "final"),
            set(r.arm.split("/")) != set(row.arm.split("/")),
        )
        told = [text for text, other in zip(apart, differs, strict=True) if other]
        said += [f"{r.statistic} in row {r.row} is {' '.join(told)}"] if told else []
    return f" ({'; '.join(said)})" if said else ""


def of_other_outcome(of: Row) -> str:
    """What is said of patients of an arm that are printed of another outcome only."""
    at = f" at {of.when}" if isfinite(of.time) else ""
    return f"n of {of.arm} from {of.outcome}{at} (row {of.row})"


def without_beginning(printed: Printed, time: float | None) -> tuple[Printed, list[str]]:
    """The study without its means at 0, unless that is the time asked for, and what they are.

    Of their rows the patients stay.
    """
    if time == 0:
        return printed, []
    early = [r for r in printed.rows if r.time == 0 and r.statistic in _OF_MEANS]
    said = [
        f"{r.statistic.replace('-', ' ')} of {r.arm} at 0 (row {r.row}) is of the beginning, "
        "before any effect"
        for r in early
        if r.statistic in _VALUES and isfinite(r.value)
    ]
    return replace(_emptied(printed, early), beginning=tuple(early)), said


def of_no_time(printed: Printed, statistics: Collection[str], arms: Collection[str]) -> Printed:
    """Where every arm prints one of `statistics` without a time, the study without the others."""
    if not all(any(not isfinite(t) for t in _times(printed, statistics, arm)) for arm in arms):
        return printed
    timed = [r for r in printed.rows if r.statistic in statistics and isfinite(r.time)]
    return _emptied(printed, timed)


def unlike(first: bool, arms: tuple[str, ...]) -> str:
    """Why arms are not compared of which one prints a change, `first` or else the second."""
    a, b = (arms[0], arms[1]) if first else (arms[1], arms[0])
    return (
        f"{a} is printed as a change since the beginning and {b} as a final value (an empty cell "
        "of the column measured is final): these are not compared"
    )


def not_turned(row: Row, printed: Printed, arms: tuple[str, ...]) -> str:
    """Why a difference may have the wrong sign: it is said of the arms' scale that it is reversed
    and not of the difference, or the other way round."""
    values = [
        r
        for r in printed.rows
        if r.arm in arms and r.statistic in ("mean", "median") and isfinite(r.value)
    ]
    if row.direction:
        # Of another time it may be another scale.
        values = [r for r in values if at_or_of_none(r, row.time if isfinite(row.time) else None)]
    unlike_it = [r for r in values if bool(r.direction) != bool(row.direction)]
    if not unlike_it or (row.direction and len(unlike_it) < len(values)):
        return ""
    kind, of = row.statistic.replace("-", " "), unlike_it[0]
    marked, not_so = ("is", "the") if row.direction else ("is not", "as the")
    shown = -row.value if row.direction else row.value  # as it is printed
    return (
        f"{kind} {shown:g} (row {row.row}) {marked} marked reversed{',' * bool(row.direction)} "
        f"{not_so} {of.statistic} of {of.arm} is{' not' * bool(row.direction)} (row {of.row}): its "
        "sign is not known"
    )


def at_or_of_none(row: Row, time: float | None) -> bool:
    """Whether a row is of a time, or of none, or any is wanted (None or NaN)."""
    return time is None or not isfinite(time) or not isfinite(row.time) or same_time(row.time, time)


def _emptied(printed: Printed, rows: Collection[Row]) -> Printed:
    gone = {id(r) for r in rows}
    left = tuple(_without_values(r) if id(r) in gone else r for r in printed.rows)
    return replace(printed, rows=left) if gone else printed


def _without_values(row: Row) -> Row:
    return replace(row, value=nan, ci_low=nan, ci_high=nan, sd=nan, se=nan, p=None)
