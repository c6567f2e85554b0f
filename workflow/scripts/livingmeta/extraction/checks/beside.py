"""What stands beside a mean: SDs and SEs as rows, also those in columns; the value at the beginning
and the change since. See `run`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import isfinite, nan, sqrt

from livingmeta.extraction.checks.arms import Rows, of
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import DIFFERENCES, RATIOS, Row, plain, same_moment
from livingmeta.formulas.rounding import half_unit

# ASSUME: a change out of a model with the value at the beginning in it, or of fewer patients, is
# off the difference of the two means by no more than this share of it, or of an SD, or of the first
# mean where no SD is known.
OF_CHANGE, OF_SD, OF_FIRST = 0.3, 0.25, 0.1
# ASSUME: a value that was this many SDs from nought and is on the other side of it, this many from
# where it was, is a change since.
FROM_NOUGHT, FROM_FIRST = 1.5, 2.0


def with_columns(rows: Rows) -> Rows:
    """The rows, and one more for each SD beside a mean and each SE beside a mean or a contrast."""
    found = list(rows)
    for r in rows:
        contrast = "/" in r.arm and r.statistic in RATIOS | DIFFERENCES
        mean = "/" not in r.arm and r.statistic == "mean"
        beside_it = [("sd", r.sd)] * mean + [("se", r.se)] * (mean or contrast)
        for statistic, value in beside_it:
            if isfinite(value):
                plain = replace(r, ci_low=nan, ci_high=nan, p=None, se=nan, sd=nan)
                found.append(replace(plain, statistic=statistic, value=value))
    return tuple(found)


def beside(rows: Rows, statistic: str, mean: Row) -> list[Row]:
    """The SDs or SEs of a mean: of its own columns, else of its time and what was measured."""
    found = [r for r in of(rows, statistic, mean.arm) if same_moment(r.time, mean.time)]
    own = [r for r in found if r.row == mean.row]
    return own or [r for r in found if r.measured == mean.measured]


def change_of_arm(rows: Rows) -> Iterator[Problem]:
    """Of one arm the change since the beginning is the later mean less the first; a value on the
    other side of nought is rather a change. `rows`: with one for each SD and SE in a column."""
    for first in (r for r in of(rows, "mean") if r.time == 0 and r.measured != "change"):
        if "/" in first.arm:
            continue
        later = [
            r
            for r in of(rows, "mean", first.arm)
            if r.time > 0 and r.direction == first.direction and r.part == first.part
        ]
        finals = [r for r in later if r.measured != "change"]
        changes = [r for r in later if r.measured == "change"]
        for final in finals:
            of_it = [c for c in changes if same_moment(c.time, final.time)]
            for change in of_it:
                yield from _unlike(rows, first, final, change)
            if not of_it:
                yield from _unmarked(rows, first, final)


def _unlike(rows: Rows, first: Row, final: Row, change: Row) -> Iterator[Problem]:
    true = final.value - first.value
    sd = max((_sd(rows, r) for r in (first, final)), default=0.0)
    half = sum(half_unit(r.value) for r in (first, final, change))
    room = max(OF_CHANGE * abs(true), OF_SD * sd if sd > 0 else OF_FIRST * abs(first.value))
    if abs(change.value - true) <= half + room:
        return
    hint = ": of another arm or time, or a decimal point?"
    share = 100 * true / first.value if first.value else nan
    if abs(change.value + true) <= half + room:
        hint = ": the other way round? A change is the later value less the first"
    elif abs(abs(change.value) - abs(share)) < 1 + 0.05 * abs(share):
        hint = ": in percent of the first?"
    yield Problem(
        "warning",
        tuple(dict.fromkeys((change.row, first.row, final.row))),
        "change of an arm",
        f"the change of {change.arm} at {change.when} is not the later mean {plain(final.value)} "
        f"less the first {plain(first.value)}{hint}",
        plain(change.value),
        f"about {true:.4g}",
    )


def _unmarked(rows: Rows, first: Row, final: Row) -> Iterator[Problem]:
    sd = _sd(rows, first)
    beyond = sd > 0 and abs(first.value) > FROM_NOUGHT * sd and first.value * final.value < 0
    if beyond and abs(final.value - first.value) > FROM_FIRST * sd:
        yield Problem(
            "warning",
            (final.row, first.row),
            "change or final value",
            f"the mean of {final.arm} at {final.when} is on the other side of nought than at the "
            f"beginning ({plain(first.value)}, SD {plain(sd)}): a change since then?",
            plain(final.value),
            "change in the column measured, if it is one",
        )


def _sd(rows: Rows, mean: Row) -> float:
    """The SD of a mean, from its SE where that alone is printed; 0 where nothing is."""
    for sd in beside(rows, "sd", mean):
        return sd.value
    for se in beside(rows, "se", mean):
        n = mean.n if mean.n > 0 else se.n
        return se.value * sqrt(n) if n > 0 else 0.0
    return 0.0
