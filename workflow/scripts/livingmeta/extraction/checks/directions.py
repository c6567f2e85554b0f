"""Checks of which arm the numbers of a comparison favour. See `run`."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, log, sqrt
from typing import NamedTuple

from livingmeta.extraction.checks import log_rank
from livingmeta.extraction.checks.arms import Rows, arms, by_no_model, deaths, of
from livingmeta.extraction.checks.contrasts import contrasts
from livingmeta.extraction.checks.intervals import most_of_error
from livingmeta.extraction.checks.p_against import CRUDE, curve_p, z_of
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import Row, same_moment, same_time
from livingmeta.formulas import time_to_event as tte

# Comparisons of two curves, printed as such.
OF_CURVES = {"hazard-ratio", "log-rank-o-minus-e", "rmst-difference"}
# ASSUME: numbers of two curves that are further apart than this by their logarithms, and than three
# of the larger standard error (they share most of it), differ by no chance.
_CLEAR, _ERRORS = 0.5, 3.0
# ASSUME: medians or restricted means less apart than this, on the log scale, favour neither arm.
_DIFFERS = 0.15
# ASSUME: adjustment moves the logarithm of a ratio by this much, as a standard error.
MODEL = 0.3


def _pairs(rows: Rows) -> list[tuple[str, str]]:
    """Each pair of arms whose curves are compared, the way round that stands first, or the only
    two."""
    names = [arm for arm in arms(rows) if arm != "all"]
    pairs = [tuple(names)] if len(names) == 2 else []
    pairs += [tuple(r.arm.split("/")) for r in contrasts(rows, OF_CURVES)]
    found = {frozenset(pair): (pair[0], pair[1]) for pair in reversed(pairs)}
    return [found[key] for key in dict.fromkeys(map(frozenset, pairs))]


def direction(rows: Rows) -> Iterator[Problem]:
    """Medians, survival, restricted means and hazard ratio should favour the same arm."""
    for first, second in _pairs(rows):
        votes = list(_votes(rows, first, second))
        for_first = [v for v in votes if v.gain > 0]
        for_second = [v for v in votes if v.gain < 0]
        if not (for_first and for_second):
            continue
        few, many = sorted((for_first, for_second), key=len)
        strong = max(abs(v.gain) for v in few) > 0.3 and max(abs(v.gain) for v in many) > 0.3
        ratio = any(v.ratio for v in votes)
        sure = any(
            abs(f.gain - m.gain) > max(_CLEAR, _ERRORS * max(f.se, m.se))
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
    of both arms are printed, `direction` asks those. `by_lot`: whether the study drew its arms by
    lot, so that its crude ratios are randomised ones; others may be of arms followed for other
    times."""
    for first, second in _pairs(rows):
        if any(not v.ratio for v in _votes(rows, first, second)):
            continue
        died = [d for arm in (first, second) for d in deaths(rows, arm)]
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
        for r in _ratios(rows, first, second):
            randomised = r.adjusted == "randomised" or (by_lot and r.adjusted in CRUDE)
            # Where nothing tells the error of a ratio it is made of these deaths.
            own = r.se if isfinite(r.se) else sqrt(sum(1 / d.value for d in died))
            apart = abs(r.log - implied)
            if randomised and implied * r.log < 0 and apart > max(_CLEAR, _ERRORS * max(se, own)):
                a, b = died
                yield Problem(
                    "warning",
                    (*r.rows, a.row, b.row),
                    "direction",
                    f"{r.kind} of {first}/{second} favours the arm in which more died: "
                    "the other way round, or are the arms swapped?",
                    r.value,
                    f"{a.value:g} of {a.n:g} and {b.value:g} of {b.n:g} died",
                )


class _Ratio(NamedTuple):
    """The logarithm of a hazard ratio of two arms, printed or by O-E, and its standard error,
    infinite where nothing tells it."""

    log: float
    se: float
    rows: tuple[int, ...]
    adjusted: str
    kind: str
    value: str


def _ratios(rows: Rows, first: str, second: str) -> Iterator[_Ratio]:
    """The hazard ratios that are printed of two arms, the first against the second."""
    for r in Printed("", rows).contrasts("hazard-ratio", first, second):
        if r.value > 0:
            printed = f"hazard ratio {r.value:.3g}"
            effect = log(r.value), _error(rows, r)
            yield _Ratio(*effect, (r.row,), r.adjusted, "hazard ratio", printed)
    for r, sign, v in log_rank.with_variance(rows, first, second):
        effect = sign * r.value / v.value, v.value**-0.5
        printed = f"O-E {r.value:g} of {r.arm}"
        yield _Ratio(*effect, (r.row, v.row), r.adjusted, "O-E", printed)


def _error(rows: Rows, r: Row) -> float:
    """The most that the standard error of a hazard ratio's logarithm may be, by its interval, its
    SE, its p or that of the log-rank test; infinite where none is printed."""
    most = most_of_error(r, ratio=True)[1]
    if isfinite(most):
        return most
    pair = tuple(x for x in rows if set(x.arm.split("/")) == set(r.arm.split("/")))
    told = [r.p] if r.p else [p for _, p in curve_p(pair, *r.arm.split("/"))]
    low = z_of(told[0]).low if told else 0.0
    return abs(log(r.value)) / low if low > 0 else most


class _Vote(NamedTuple):
    """Log advantage of the first of two arms, its standard error (0 where nobody can tell), and
    the times that it tells of, none where of the whole curves."""

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
            se = _error(rows, r)
            se = se if isfinite(se) else 0.0
            if not by_no_model(r):
                se = sqrt(se**2 + MODEL**2)
            yield _Vote(-log(r.value), se, (r.row,), True, f"hazard ratio {r.value:.3g}")
    for difference, sign, v in log_rank.with_variance(rows, first, second):
        gain = -sign * difference.value / v.value
        if abs(gain) > 0.1:
            words = f"O-E {difference.value:g} of {difference.arm}"
            yield _Vote(gain, v.value**-0.5, (difference.row, v.row), True, words)
    yield from _of_restricted(rows, first, second)
    yield from _of_medians(rows, first, second)
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


def _of_medians(rows: Rows, first: str, second: str) -> Iterator[_Vote]:
    """Medians that differ, or of which one alone was reached: by its lower limit, or else by so
    little that it counts as a difference at all."""
    for a in (r for r in rows if r.statistic == "median" and r.arm == first):
        for b in (r for r in rows if r.statistic == "median" and r.arm == second):
            # An exponential's median is off by 1.44/n^1/2 on the log scale.
            se = sqrt(1 / a.n + 1 / b.n) / log(2) if a.n > 0 and b.n > 0 else 0.0
            where = (a.row, b.row)
            times: tuple[float, ...]
            if a.value > 0 and b.value > 0:
                gain = log(a.value / b.value)
                words, times = f"medians {a.value:.3g}, {b.value:.3g}", (a.value, b.value)
            elif a.value > 0 or b.value > 0:
                sign, reached, beyond = (1, b, a) if b.value > 0 else (-1, a, b)
                low = beyond.ci_low if beyond.ci_low > reached.value else reached.value
                gain = sign * max(log(low / reached.value), 1.01 * _DIFFERS)
                words = f"median of {beyond.arm} not reached, of {reached.arm} {reached.value:.3g}"
                times = (reached.value,)
            else:
                continue
            if abs(gain) > _DIFFERS:
                yield _Vote(gain, se, where, False, words, times)


def _of_restricted(rows: Rows, first: str, second: str) -> Iterator[_Vote]:
    """Restricted means that differ, which they do less than hazards: half of their time has passed
    when they tell of it."""
    for a in of(rows, "rmst", first):
        for b in of(rows, "rmst", second):
            timely = same_moment(a.time, b.time) and a.value > 0 and b.value > 0
            if timely and abs(log(a.value / b.value)) > _DIFFERS:
                # What lies between 0 and t has an SD of t/2 at most.
                known = a.time > 0 and a.n > 0 and b.n > 0
                se = sqrt(sum((r.time / 2 / r.value) ** 2 / r.n for r in (a, b))) if known else 0.0
                words = f"restricted means {a.value:.3g}, {b.value:.3g}"
                times = (a.time / 2,) if isfinite(a.time) else ()
                yield _Vote(log(a.value / b.value), se, (a.row, b.row), False, words, times)
