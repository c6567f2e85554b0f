"""Checks of which arm the numbers of a comparison favour. See `run`."""

from __future__ import annotations

from collections.abc import Iterator
from math import log, sqrt
from typing import NamedTuple

from livingmeta.extraction.checks import log_rank
from livingmeta.extraction.checks.arms import Rows, by_no_model, deaths, of
from livingmeta.extraction.checks.contrasts import contrasts, usable
from livingmeta.extraction.checks.p_against import CRUDE
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import same_time
from livingmeta.formulas import time_to_event as tte


def direction(rows: Rows) -> Iterator[Problem]:
    """Medians, survival and hazard ratio should favour the same arm."""
    pairs = {tuple(r.arm.split("/")) for r in contrasts(rows, {"hazard-ratio"})}
    names = list(dict.fromkeys(r.arm for r in rows if r.arm and "/" not in r.arm))
    if len(names) == 2:
        pairs = {pair for pair in pairs if set(pair) != set(names)} | {tuple(names)}
    for first, second in pairs:
        votes = list(_votes(rows, first, second))
        for_first = [v for v in votes if v.gain > 0]
        for_second = [v for v in votes if v.gain < 0]
        if not (for_first and for_second):
            continue
        few, many = sorted((for_first, for_second), key=len)
        strong = max(abs(v.gain) for v in few) > 0.3 and max(abs(v.gain) for v in many) > 0.3
        ratio = any(v.ratio for v in votes)
        # Numbers of one pair of curves share most of their error, so that three times the
        # larger standard error is far apart.
        sure = any(
            abs(f.gain - m.gain) > max(0.5, 3 * max(f.se, m.se))
            for f in few
            for m in many
            if not _explained(f, m)
        )
        yield Problem(
            "warning" if sure and (strong or ratio) else "note",
            tuple(sorted({row for v in few for row in v.rows})),
            "direction",
            f"these favour the other arm than the {'rest' if len(many) > 1 else 'other number'} "
            f"does ({first} against {second}): are the arms swapped?",
            "; ".join(v.words for v in few),
            "; ".join(v.words for v in many),
        )


def ratio_against_deaths(rows: Rows, by_lot: bool) -> Iterator[Problem]:
    """A randomised hazard ratio should favour the arm in which fewer died; where curves or medians
    are printed, `direction` asks those. `by_lot`: whether the study drew its arms by lot, so that
    its crude ratios are randomised ones; others may be of arms followed for other times."""
    if any(r.statistic in ("survival", "median") for r in rows):
        return
    for r in _ratios(rows):
        died = [d for arm in r.arms for d in deaths(rows, arm)]
        randomised = r.adjusted == "randomised" or (by_lot and r.adjusted in CRUDE)
        if not randomised or len(died) != 2:
            continue
        shares = [d.value / d.n for d in died if d.n > 0 and 0.02 < d.value / d.n < 0.97]
        if len(shares) != 2:
            continue
        hazards = [-log(1 - share) for share in shares]
        implied = log(hazards[0] / hazards[1])
        se = sqrt(
            sum(
                share / (1 - share) / d.n / hazard**2
                for share, d, hazard in zip(shares, died, hazards, strict=True)
            )
        )
        if implied * r.log < 0 and abs(r.log - implied) > max(0.5, 3 * max(se, r.se)):
            a, b = died
            yield Problem(
                "warning",
                (*r.rows, a.row, b.row),
                "direction",
                f"{r.kind} of {'/'.join(r.arms)} favours the arm in which more died: "
                "the other way round, or are the arms swapped?",
                r.value,
                f"{a.value:g} of {a.n:g} and {b.value:g} of {b.n:g} died",
            )


class _Ratio(NamedTuple):
    """The logarithm of a hazard ratio of two arms, printed or by O-E, and its standard error."""

    arms: tuple[str, ...]
    log: float
    se: float
    rows: tuple[int, ...]
    adjusted: str
    kind: str
    value: str


def _ratios(rows: Rows) -> Iterator[_Ratio]:
    for r in contrasts(rows, {"hazard-ratio"}):
        if usable(r):
            se = log(r.ci_high / r.ci_low) / (2 * tte.critical_value(r.ci_level))
            of_two = (tuple(r.arm.split("/")), log(r.value), se, (r.row,), r.adjusted)
            yield _Ratio(*of_two, "hazard ratio", f"hazard ratio {r.value:.3g}")
    names = tuple(
        dict.fromkeys(r.arm for r in rows if r.arm not in ("", "all") and "/" not in r.arm)
    )
    if len(names) == 2:
        for r, sign, v in log_rank.with_variance(rows, *names):
            gain = sign * r.value / v.value
            told = (names, gain, v.value**-0.5, (r.row, v.row), r.adjusted)
            yield _Ratio(*told, "O-E", f"O-E {r.value:g} of {r.arm}")


class _Vote(NamedTuple):
    """Log advantage of the first of two arms, its standard error (0 where nobody can tell)."""

    gain: float
    se: float
    rows: tuple[int, ...]
    ratio: bool
    words: str
    times: tuple[float, ...] = ()


def _explained(one: _Vote, other: _Vote) -> bool:
    """Whether curves that cross explain it: survival at two times, or far from the medians, may
    well favour different arms."""
    if not (one.times and other.times):
        return False
    few, many = sorted((one.times, other.times), key=len)
    if len(few) == len(many) == 1:
        return not same_time(few[0], many[0])
    return len(few) == 1 and not 0.5 * min(many) <= few[0] <= 1.5 * max(many)


def _votes(rows: Rows, first: str, second: str) -> Iterator[_Vote]:
    """What is printed of clear differences between two arms."""
    printed = Printed("", rows)
    for r in printed.contrasts("hazard-ratio", first, second):
        if r.value > 0 and abs(log(r.value)) > 0.1:
            z = tte.critical_value(r.ci_level)
            se = log(r.ci_high / r.ci_low) / (2 * z) if usable(r) else 0.0
            if not by_no_model(r):
                se = sqrt(se**2 + 0.3**2)  # adjustment may well move it
            yield _Vote(-log(r.value), se, (r.row,), True, f"hazard ratio {r.value:.3g}")
    for difference, sign, v in log_rank.with_variance(rows, first, second):
        gain = -sign * difference.value / v.value
        if abs(gain) > 0.1:
            words = f"O-E {difference.value:g} of {difference.arm}"
            yield _Vote(gain, v.value**-0.5, (difference.row, v.row), True, words)
    for a in of(rows, "median", first):
        for b in of(rows, "median", second):
            if a.value > 0 and b.value > 0 and abs(log(a.value / b.value)) > 0.15:
                words = f"medians {a.value:.3g}, {b.value:.3g}"
                # An exponential's median is off by 1.44/n^1/2 on the log scale.
                se = sqrt(1 / a.n + 1 / b.n) / log(2) if a.n > 0 and b.n > 0 else 0.0
                yield _Vote(
                    log(a.value / b.value), se, (a.row, b.row), False, words, (a.value, b.value)
                )
    for a in of(rows, "survival", first):
        for b in of(rows, "survival", second):
            inside = 0 < a.value < 1 and 0 < b.value < 1 and same_time(a.time, b.time)
            if inside and abs(a.value - b.value) > 0.04:
                gain = -log(log(a.value) / log(b.value))
                words = f"survival {a.value:.3g}, {b.value:.3g} at {a.when}"
                se = 0.0
                if a.n > 0 and b.n > 0:
                    variances = (x.value * (1 - x.value) / x.n for x in (a, b))
                    se = sqrt(tte.survival_at_one_time(a.value, b.value, *variances).vi)
                yield _Vote(gain, se, (a.row, b.row), False, words, (a.time,))
