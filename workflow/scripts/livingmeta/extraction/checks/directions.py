"""Checks of which arm the numbers of a comparison favour. See `run`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import copysign, exp, inf, isfinite, log, nan, sqrt
from typing import NamedTuple

from livingmeta.extraction.checks import log_rank
from livingmeta.extraction.checks.arms import Rows, arms, by_no_model, deaths, of
from livingmeta.extraction.checks.contrasts import contrast_of, contrasts, shares_of
from livingmeta.extraction.checks.differences import Spread, at_time_of, spread_of
from livingmeta.extraction.checks.intervals import most_of_error
from livingmeta.extraction.checks.p_against import CRUDE, curve_p, z_of
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.checks.rates import rates_of_arms
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import RATIOS, Row, same_moment, same_time
from livingmeta.formulas import time_to_event as tte

# Comparisons of two curves, printed as such.
OF_CURVES = {"hazard-ratio", "log-rank-o-minus-e", "rmst-difference"}
# ASSUME: numbers of two curves that are further apart than this by their logarithms, and than three
# of the larger standard error (they share most of it), differ by no chance.
_CLEAR, _ERRORS = 0.5, 3.0
# ASSUME: where curves cross, medians and all deaths favour different arms, but not both by this.
_BOTH = 0.6
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
    of both arms are printed, `direction` asks those, and of arms drawn by lot these should not
    favour clearly the one in which clearly more died. `by_lot`: whether the study drew its arms so,
    and its crude ratios are randomised ones; others may be of arms followed for other times."""
    for first, second in _pairs(rows):
        of_arms = [v for v in _votes(rows, first, second) if not v.ratio]
        if of_arms and not by_lot:
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
        for v in of_arms:
            both = min(v.gain, implied) if v.gain > 0 else -max(v.gain, implied)
            if both > _BOTH and abs(v.gain) > _ERRORS * v.se and abs(implied) > _ERRORS * se:
                yield Problem(
                    "warning",
                    (*v.rows, *(d.row for d in died)),
                    "direction",
                    f"these favour the arm of {first} and {second} in which more died: are the "
                    "arms swapped?",
                    v.words,
                    " and ".join(f"{d.value:g} of {d.n:g}" for d in died) + " died",
                )
                break
        for r in _ratios(rows, first, second) if not of_arms else ():
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


class _Said(NamedTuple):
    """What two arms say of their comparison: its value (of a ratio the logarithm), the standard
    error (NaN where nothing tells it), by how much more than its own one median varies, the rows,
    and words."""

    value: float
    se: float
    wider: float
    rows: tuple[int, ...]
    by: str
    words: str


# How much wider a median varies than a mean.
_OF_MEDIANS = 1.25
# ASSUME: by what is adjusted for a ratio of events may be moved by this as a standard error (a
# difference of risks by as many tenths); what is less apart than the second is never asked about.
_MOVED = {"risk-difference": (0.07, 0.1)}
_OF_RATIOS = (MODEL, _CLEAR)
_OTHER_WAY = {True: "favours the other arm than", False: "has the other sign than"}


def against_arms(rows: Rows) -> Iterator[Problem]:
    """A comparison that its arms do not give number by number (by a model, or beside medians) may
    well be off them, but not clearly on the other side of none at all.

    What is adjusted for may turn a ratio of events, so that one is asked about where it is far
    from its arms, or would fit them the other way round.
    """
    for r in contrasts(rows, set(_OF_ARMS)):
        ratio = r.statistic in RATIOS
        if ratio and not r.value > 0:
            continue
        value, own = log(r.value) if ratio else r.value, most_of_error(r, ratio)[1]
        own = own if isfinite(own) else 0.0
        for said in _OF_ARMS[r.statistic](rows, r):
            error = max(own, said.se if isfinite(said.se) else own * said.wider)
            least, sure = _ERRORS * error, _ERRORS * error
            if r.statistic in _OF_EVENTS:
                moved, clear = _MOVED.get(r.statistic, _OF_RATIOS)
                fits = abs(value + said.value) <= error
                least, sure = max(clear, least), _ERRORS * sqrt(error**2 + moved**2)
                least = least if fits else max(least, sure)
            if error > 0 and value * said.value < 0 and abs(value - said.value) > least:
                yield Problem(
                    "warning",
                    (r.row, *said.rows),
                    "direction",
                    f"{r.statistic.replace('-', ' ')} of {r.arm} {_OTHER_WAY[ratio]} its {said.by}"
                    f"{' do' * ratio}: the other way round, or are the arms swapped?",
                    f"{r.value:.4g}",
                    said.words,
                )
                break


def _of_middles(rows: Rows, r: Row) -> Iterator[_Said]:
    """The difference of two medians, and where it is by a model (a standardised one: or beside no
    SDs) that of the means; standardised ones by their SD, or known by their sign alone."""
    standard = r.statistic == "standardised-mean-difference"
    for statistic in ("median", "mean"):
        a, b = (at_time_of(of(rows, statistic, arm), r) for arm in r.arm.split("/"))
        if not (a and b and {a.measured, b.measured, r.measured} <= {r.measured, ""}):
            continue
        if r.direction != a.direction or r.direction != b.direction or a.value == b.value:
            continue
        spreads = [spread_of(rows, side) or _of_quartiles(rows, side) for side in (a, b)]
        known = [s for s in spreads if s and s.sd > 0]
        if statistic == "mean" and by_no_model(r) and (not standard or len(known) == 2):
            continue  # `differences` holds it to these
        implied = a.value - b.value
        words = f"about {implied:.4g} ({statistic}s {a.value:.4g} and {b.value:.4g})"
        wider = _OF_MEDIANS if statistic == "median" else 1.0
        se = wider * sqrt(sum(s.sd**2 / s.n for s in known)) if len(known) == 2 else nan
        if standard:
            by = sqrt(sum(s.sd**2 for s in known) / 2) if len(known) == 2 else inf
            implied, se = (implied / by, se / by) if isfinite(by) else (copysign(1e-9, implied), se)
            words = f"{'above' if implied > 0 else 'below'} 0{words[words.index(' (') :]}"
        yield _Said(implied, se, wider, (a.row, b.row), f"{statistic}s", words)


def _of_quartiles(rows: Rows, middle: Row) -> Spread | None:
    """The SD of a median's quartiles, as of a normal distribution."""
    ends = [
        next((x for x in of(rows, s, middle.arm) if same_moment(x.time, middle.time)), None)
        for s in ("q1", "q3")
    ]
    low, high = ends
    if not (low and high and high.value > low.value and middle.n > 0):
        return None
    return Spread((high.value - low.value) / 1.35, middle.n, middle.row)


def _of_shares(rows: Rows, r: Row) -> Iterator[_Said]:
    """The two shares beside a ratio or difference by a model, where all that it may be of agree."""
    if by_no_model(r):
        return
    size = {x.row: x.n for x in rows}
    found = []
    for first, second in shares_of(rows, r):
        (a, _, row, _), (b, _, other, _) = first, second
        value = contrast_of(r.statistic, a, b)
        odds = r.statistic == "odds-ratio"
        terms = [
            (p * (1 - p)) / n
            if r.statistic == "risk-difference"
            else (1 / (p * (1 - p)) if odds else (1 - p) / p) / n
            for p, n in ((a, size[row]), (b, size[other]))
        ]
        value = log(value) if r.statistic in RATIOS else value
        words = f"{100 * a:.3g}% and {100 * b:.3g}%"
        se = sqrt(sum(terms)) if min(size[row], size[other]) > 0 else nan
        found.append(_Said(value, se, 1.0, (row, other), "percentages", words))
    if found and len({said.value > 0 for said in found}) == 1:
        yield found[0]


def _of_rates(rows: Rows, r: Row) -> Iterator[_Said]:
    """The two rates beside a ratio by a model."""
    two = None if by_no_model(r) else rates_of_arms(rows, r)
    if two:
        se = two.se if isfinite(two.se) else nan
        yield _Said(two.log, se, 1.0, two.rows, "rates", f"by {two.words} {exp(two.log):.3g}")


def _of_restricted_means(rows: Rows, r: Row) -> Iterator[_Said]:
    """The two restricted means beside a difference by a model."""
    a, b = (at_time_of(of(rows, "rmst", arm), r) for arm in r.arm.split("/"))
    if a and b and not by_no_model(r):
        words = f"{a.value:.4g} and {b.value:.4g}"
        yield _Said(a.value - b.value, nan, 1.0, (a.row, b.row), "restricted means", words)


_OF_ARMS: dict[str, Callable[[Rows, Row], Iterator[_Said]]] = {
    **dict.fromkeys(("mean-difference", "standardised-mean-difference"), _of_middles),
    **dict.fromkeys(("odds-ratio", "risk-ratio", "risk-difference"), _of_shares),
    "incidence-rate-ratio": _of_rates,
    "rmst-difference": _of_restricted_means,
}
_OF_EVENTS = {"odds-ratio", "risk-ratio", "risk-difference", "incidence-rate-ratio"}
