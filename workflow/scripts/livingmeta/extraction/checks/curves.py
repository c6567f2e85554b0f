"""Digitised curves against each other and against what is printed of their arms. See `run`.

The extract stage rebuilds each curve from its clicks alone; here its ends and heights are held to
numbers of the same paper. Times are in the protocol's unit, survival is a proportion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from math import isfinite
from pathlib import PurePosixPath

from livingmeta.extraction.checks.arms import Rows, of
from livingmeta.extraction.checks.designs import number
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.curves.clicks import HAND, OTHER_UNIT
from livingmeta.extraction.curves.rebuild import Curve
from livingmeta.extraction.rows import Row
from livingmeta.formulas.rounding import half_per_cent, half_unit

# The curves of one study by arm and outcome.
Curves = Mapping[tuple[str, str], Curve]
# ASSUME: the arms of one figure end within this factor of one another, unless one comes down to
# nought before, and then within the second; weeks for months are 4.3, months for years 12.
ENDS_APART, DEAD_APART = 3.5, 5.0
# ASSUME: a curve is drawn no further than this beyond the last number at risk below it, where
# there are three or more, and beyond the longest follow-up.
BEYOND = 3.0
# ASSUME: a curve that has come down to here may end long before follow-up does.
ALL_DEAD = 0.05
# ASSUME: the height that a digitised curve may miss a printed number by, beyond its rounding and
# what the curve has within 2% of the axis: three times the 0.01 to 0.02 that hands miss by.
MISSED = 0.05


def ends(rows: Rows, curves: Curves, about: Mapping, month: float) -> Iterator[Problem]:
    """Curves whose end is of another unit than that of the other arm, of the printed times, or of
    the study's follow-up. `month`: how many of the protocol's units of time a month is."""
    for (a, mine), (b, theirs) in combinations(curves.items(), 2):
        short, long = sorted((mine, theirs), key=lambda c: c.last_time)
        apart = DEAD_APART if float(short.read(short.last_time)) <= ALL_DEAD else ENDS_APART
        if a[1] == b[1] and long.last_time > apart * short.last_time:
            yield _other_unit(
                _rows(rows, a) + _rows(rows, b),
                f"the digitised curve {_file(short)} ends at {short.last_time:.4g}, "
                f"{_file(long)} at {long.last_time:.4g}",
                short.last_time,
                long.last_time,
            )
    middle = number(about, "followup_months") * month
    for (arm, outcome), curve in curves.items():
        end = curve.last_time
        here = tuple(r for r in rows if r.outcome == outcome and not r.part)
        said = f"the digitised curve {_file(curve)} ends at {end:.4g}"
        late = max(
            (r for r in of(here, "survival", arm) + of(here, "median", arm) if isfinite(_when(r))),
            key=_when,
            default=None,
        )
        dead = float(curve.read(end)) <= ALL_DEAD
        if late and _when(late) > DEAD_APART * end and not dead:
            words = f"{said}, but {late.statistic} is printed of {_when(late):.4g}"
            yield _other_unit((late.row,), words, end, _when(late))
        for longest in of(here, "maximum-followup"):
            if longest.arm in (arm, "all", "") and end > BEYOND * longest.value > 0:
                words = f"{said}, the longest follow-up is {longest.value:.4g}"
                yield _other_unit((longest.row,), words, end, longest.value)
        risk = [t for t in curve.risk_times if t > 0]
        if len(risk) > 1 and end > BEYOND * max(risk):
            at = tuple(r.row for r in of(here, "at-risk", arm) if r.time == max(risk))
            words = f"{said}, the numbers at risk below it at {max(risk):.4g}"
            yield _other_unit(at, words, end, max(risk))
        if end > OTHER_UNIT * middle > 0 or (middle > DEAD_APART * end and not dead):
            words = f"{said}, the median follow-up of studies.csv is {middle:.4g}"
            yield _other_unit((), words, end, middle)


def printed(rows: Rows, curves: Curves) -> Iterator[Problem]:
    """Survival and medians printed of all patients of an arm, against its curve."""
    for (arm, outcome), curve in curves.items():
        here = [r for r in rows if (r.arm, r.outcome) == (arm, outcome) and not r.part]
        for r in here:
            if r.adjusted in {"matched", "weighted"}:
                continue
            if r.statistic == "survival" and r.time > 0 and 0 <= r.value <= 1:
                yield from _off(curve, r, r.time, r.value, half_per_cent(r.value))
            elif r.statistic == "median" and r.value > 0:
                if isfinite(r.value):
                    yield from _off(curve, r, r.value, 0.5, 0.0, half_unit(r.value))
                elif (last := float(curve.read(curve.last_time))) < 0.5 - MISSED:
                    yield _unlike(curve, r, "not reached", f"{last:.2g} at its end")


def _off(
    curve: Curve, r: Row, time: float, value: float, half: float, half_time: float = 0.0
) -> Iterator[Problem]:
    """Where a curve is not at a height at a time, each to the printed digits. Beyond its end it is
    only known that it cannot be higher than there."""
    near = HAND * max(curve.last_time, *curve.risk_times) + half_time
    high, low = (float(curve.read(max(t, 0.0))) for t in (time - near, time + near))
    beyond = time > curve.last_time + near
    too_high = low > value + half + MISSED and not beyond
    if too_high or high < value - half - MISSED:
        at = f"{curve.read(time):.2g} at {time:.4g}"
        told = f"{value:.4g} at {r.when}" if r.statistic == "survival" else f"{time:.4g}"
        yield _unlike(curve, r, told, at)


def _unlike(curve: Curve, r: Row, told: str, at: str) -> Problem:
    return Problem(
        "warning",
        (r.row,),
        "curve against print",
        f"{r.statistic} of {r.arm} {told}, but its digitised curve {_file(curve)} is at {at}: "
        "another curve, axis or unit of time?",
        told,
        at,
    )


def _other_unit(rows: tuple[int, ...], said: str, one: float, other: float) -> Problem:
    return Problem(
        "warning",
        rows,
        "unit of time",
        f"{said}: are both in one unit? Name that of the file in its column, as Time (years)",
        f"{one:.4g}",
        f"about {other:.4g}",
    )


def _rows(rows: Rows, key: tuple[str, str]) -> tuple[int, ...]:
    return tuple(r.row for r in rows if (r.arm, r.outcome) == key)[:1]


def _when(r: Row) -> float:
    return r.value if r.statistic == "median" else r.time


def _file(curve: Curve) -> str:
    return PurePosixPath(curve.file).name
