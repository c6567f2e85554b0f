"""Two rows of one cell held against each other, number by number.

What one of them leaves out contradicts nothing. Each number is compared as it was rounded,
whichever way round a contrast is printed and in whatever words (a mortality, a logarithm).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from math import isfinite, nan
from typing import Any

from livingmeta import tables
from livingmeta.extraction.cells import EVENTS, SPREADS
from livingmeta.extraction.p_values import PValueError
from livingmeta.extraction.reworded import in_other_words, of_surviving
from livingmeta.extraction.rows import RATIOS, Row, read_row, turned
from livingmeta.extraction.same_number import (
    alike,
    alike_turned,
    both,
    decimals,
    errors_differ,
    one_p,
)

_LIMITS = ("ci_low", "ci_high")


def differ(one: dict, other: dict) -> bool:
    """Whether two rows of one cell contradict."""
    return not all(compared(one, other).values())


def differing(rows: list[dict]) -> bool:
    """Whether any two of some rows of one cell contradict."""
    return any(differ(a, b) for a, b in combinations(rows, 2))


def compared(one: dict, other: dict) -> dict[str, bool]:
    """Of each number that two rows of one cell both give, whether it can be one: `value`, `n`,
    `interval` (its limits and level), `se`, `sd`, `p_value`, `direction`."""
    a, b = printed = _read(one), _read(other)
    if a.statistic != b.statistic:
        name = a.statistic if a.statistic in SPREADS else b.statistic
        if name not in SPREADS:  # one of them has no value that could be said in other words
            return {}
        x, y = (float(r.value if r.statistic == name else getattr(r, name)) for r in (a, b))
        return {name: alike(x, y)} if both(x, y) else {}
    found: dict[str, bool] = {"direction": a.direction == b.direction}
    if both(a.n, b.n):
        found["n"] = a.n == b.n
    if a.statistic == "median" and isfinite(a.value) != isfinite(b.value):
        return found | {"value": False}  # not reached, and reached
    same = alike
    if wording(one) != wording(other) or a.logarithm:
        for name, (low, high) in _overlaps(one, other).items():
            _note(found, name, low < high)
        a, b = (replace(r, value=nan, ci_low=nan, ci_high=nan) for r in (a, b))
        if a.statistic in RATIOS and not (a.logarithm and b.logarithm):
            a = replace(a, se=nan)
    elif a.arm != b.arm:
        b, same = turned(b, a.arm), alike_turned
    pairs = [(name, getattr(a, name), getattr(b, name)) for name in ("value", *_LIMITS)]
    if not (b.turned and a.statistic in RATIOS):  # an SE of 1/x is not that of x
        pairs += [(name, getattr(a, name), getattr(b, name)) for name in SPREADS]
    for name, x, y in pairs:
        if both(x, y):
            _note(found, name, same(x, y))
    if errors_differ(*printed):
        _note(found, "se", False)
    if a.has_ci and b.has_ci:
        _note(found, "interval", a.ci_level == b.ci_level)
    if a.p is not None and b.p is not None:
        found["p_value"] = one_p(a.p, b.p)
    return found


def _note(found: dict[str, bool], name: str, same: bool) -> None:
    """One limit that differs makes the interval differ."""
    name = "interval" if name in _LIMITS else name
    found[name] = found.get(name, True) and same


def wording(record: Mapping[str, Any]) -> tuple[str, str]:
    """In what words a row says what its cell is of: the statistic as printed, and its event."""
    event = tables.text(record.get("event")).strip()
    known = EVENTS.get(in_other_words(record["statistic"]), ())
    return record["statistic"], "death" if event == "" and "" in known else event


def _overlaps(one: dict, other: dict) -> dict[str, tuple[float, float]]:
    """Of each number that two rows print in other words, the highest of the lowest that they can be
    before rounding, and the lowest of the highest."""
    found: dict[str, tuple[float, float]] = {}
    arm = _read(one).arm
    sides = [[_of_dying(r, arm) for r in _rounded_from(record)] for record in (one, other)]
    for name in ("value", "ci_low", "ci_high"):
        ranges = [sorted(getattr(row, name) for row in rows) for rows in sides]
        if all(x == x for pair in ranges for x in pair):
            (low_a, high_a), (low_b, high_b) = ranges
            slack = 1e-9 * max(1.0, abs(high_a)) if isfinite(high_a) else 0.0
            found[name] = max(low_a, low_b) + slack, min(high_a, high_b)
    return found


def _rounded_from(record: dict) -> list[Row]:
    """The row with all its numbers half a digit lower, and half a digit higher."""
    found = []
    for sign in (-1, 1):
        moved = {}
        for name in ("value", "ci_low", "ci_high"):
            text = tables.text(record.get(name))
            if text and isfinite(float(text)):
                exact = Decimal(text)
                # A number has lost the noughts at its end: 0.7 may be 0.70.
                size = abs(exact)
                digits = max(decimals(exact), 2 if size < 1 else 1 if size < 10 else 0)
                moved[name] = float(exact + sign * Decimal(1).scaleb(-digits) / 2)
        found.append(_read(record | moved))
    return found


def _of_dying(row: Row, arm: str) -> Row:
    """A ratio or difference the way round of `arm`, and of dying whatever it counts."""
    row = row if row.arm == arm else turned(row, arm)
    if row.event == "survival" and row.statistic in ("odds-ratio", "risk-difference"):
        return of_surviving(row)  # the same turn leads back
    return row


def _read(record: dict) -> Row:
    """The row as numbers; the spelling of its p is looked at elsewhere."""
    try:
        return read_row(record)
    except PValueError:
        return replace(read_row(record | {"p_value": ""}), p=None)
