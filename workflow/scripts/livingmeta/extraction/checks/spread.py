"""Checks of SDs, SEs, quartiles and ranges in one study. See `run`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from math import isfinite, nan, sqrt
from statistics import median

from livingmeta.extraction.checks.arms import Rows, arms, of
from livingmeta.extraction.checks.beside import (
    Spread,
    beside,
    sd_of_interval,
    sd_typed,
    spreads,
    typed_for,
    width_of_quartiles,
    width_of_range,
)
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import Row, plain, same_moment
from livingmeta.formulas import special
from livingmeta.formulas.rounding import half_unit
from livingmeta.formulas.time_to_event import critical_value

ORDER = ("minimum", "q1", "median", "q3", "maximum")
WORDS = {"minimum": "minimum", "q1": "first quartile", "median": "median"}
WORDS |= {"q3": "third quartile", "maximum": "maximum", "mean": "mean"}
# SDs of two arms differ by more than they may by chance in so few of many studies.
CHANCE = 1e-4


def spread_of_means(rows: Rows) -> Iterator[Problem]:
    """SD against SE and interval of its mean: an SE entered as SD is sqrt(n) too small."""
    for mean in of(rows, "mean"):
        sds, ses = (beside(rows, statistic, mean) for statistic in ("sd", "se"))
        n = next((r.n for r in (mean, *sds, *ses) if r.n > 0), nan)
        for sd in (r for r in sds if r.value > 0):
            if ses and n > 1 and not 0.85 < ses[0].value * sqrt(n) / sd.value < 1.18:
                rows_of = tuple(dict.fromkeys((sd.row, ses[0].row)))
                yield _not_sd(sd, sd.value, ses[0].value * sqrt(n), "its SE", rows_of)
            yield from _of_interval(sd, sd.value, mean, n)
        if ses and n > 1 and not sds and ses[0].value > 0:
            yield from _of_interval(ses[0], ses[0].value * sqrt(n), mean, n)


def spread_of_arms(rows: Rows) -> Iterator[Problem]:
    """The SDs of any two arms at one time, and those that intervals and quartiles stand for."""
    told: set[int] = set()
    for a, b in combinations(spreads(rows), 2):
        means = a.centre, b.centre
        unlike = means[0].measured != means[1].measured or not same_moment(*(m.time for m in means))
        if a.row.arm == b.row.arm or unlike or a.kind == b.kind == "se":  # those: `ses_of_arms`
            continue
        small, large = sorted((a, b), key=lambda s: s.size)
        if large.kind == "range":  # one patient makes it wide
            continue
        by = large.size / small.size
        # SDs above half of their means are of skewed numbers, which a few patients carry.
        alike = 2.5 if large.share < 0.5 else 5
        if not by > max(alike, by_chance(a, b)):
            continue
        variance = _variance(small, large)
        # Quartiles of skewed numbers lie as near to each other as their medians are low.
        if not {a.kind, b.kind} <= {"sd", "se"} and small.share * 3 > large.share:
            continue
        odd = variance or odd_one(small, large, 0.6) or _of_an_interval(small, large)
        # Of three arms each is asked about once, whichever others it is unlike.
        if odd is None or odd.row.row in told:
            continue
        told.add(odd.row.row)
        usual = (large if odd is small else small).size
        rows_of = tuple(dict.fromkeys((*small.rows, *large.rows)))
        if variance:
            name = typed_for(small.size, small.n, large.size) if small.kind == "sd" else ""
            other = f"{small.row.arm} {name}" if odd is large and name else ""
            yield squared(odd.row, odd.size, "the other arm's", usual, rows_of, other)
        else:
            yield misfit(odd._replace(rows=rows_of), "the other arm's SD", usual)


def by_chance(a: Spread, b: Spread) -> float:
    """How many times as large one of two SDs may be by chance. Quartiles say as much of an SD as
    the values of a third of the patients."""
    df = [((s.n - 1) * (0.37 if s.kind == "quartiles" else 1.0)) for s in (a, b) if s.n > 2]
    fewest = max(min(df), 1.0) if len(df) == 2 else 10.0
    return sqrt(float(special.fdtri(fewest, fewest, 1 - CHANCE)))


def too_small(s: Spread) -> float:
    """What is left of an SD where its numbers are of something else: an SE, limits of an interval
    or mean ± SE typed as quartiles, quartiles typed as range; NaN where nothing makes it small."""
    match s.kind:
        case "sd" | "se":
            return 1 / sqrt(s.n) if s.n > 0 else 1.0
        case "quartiles":  # 1.96 or 1 SE to each side, for 0.67 SD
            return 1.4 / width_of_quartiles() * 2 / sqrt(s.n) if s.n > 0 else nan
        case "range":
            return width_of_quartiles() / width_of_range(s.n)
    return nan


def too_large(s: Spread) -> float:
    """How many times an SD its numbers make it where they are of something else: an SD typed as SE,
    mean ± SD or quartiles as interval, minimum and maximum as quartiles; NaN where nothing does."""
    match s.kind:
        case "se":
            return sqrt(s.n)
        case "interval":  # 1 or 0.67 SD to each side, for 1.96 SE
            return 0.82 / 1.96 * sqrt(s.n)
        case "quartiles":
            return width_of_range(s.n) / width_of_quartiles()
    return nan


def odd_one(small: Spread, large: Spread, share: float) -> Spread | None:
    """Which of two SDs is likely of something else: that which this makes so far off, or at least a
    `share` of it."""
    by = large.size / small.size
    if by * too_small(small) > share:
        return small
    return large if by > share * too_large(large) else None


# How near to the square of another SD a number must be to be a variance, as a factor of its root.
ROOT = 1.25


def _variance(small: Spread, large: Spread) -> Spread | None:
    """The SD of one arm that is about the square of the other's; None where neither is. Below 1
    the variance is the smaller one."""
    odd, other = (large, small) if large.size > 1 else (small, large)
    return odd if odd.kind == "sd" and 1 / ROOT < sqrt(odd.size) / other.size < ROOT else None


# ASSUME: SDs of two arms of a trial are as near as this, where one is half or all of an interval.
_ARMS_ALIKE = 1.3


def _of_an_interval(small: Spread, large: Spread) -> Spread | None:
    """The smaller of two SDs, where half or all of the interval of its mean is as near as that, and
    its mean is no smaller by as much: of scores near their floor both are."""
    alike = large.share > 2.5 * small.share and small.kind == "sd"
    return small if alike and typed_for(small.size, small.n, large.size, _ARMS_ALIKE) else None


def squared(
    r: Row, value: float, whose: str, usual: float, rows: tuple[int, ...], other: str = ""
) -> Problem:
    """An SD that is about the square of a `usual` one, which is `whose`; `other`: the arm of that
    one, and what it may be as well."""
    asked = f", or that of {other}" if other else ""
    return Problem(
        "warning",
        rows,
        "SD",
        f"SD of {r.arm} is about the square of {whose} ({usual:.4g}): is it a variance{asked}?",
        f"{value:.4g}",
        f"about {usual:.4g}, or {sqrt(value):.4g}, the root of it",
    )


def _of_interval(of_it: Row, sd: float, mean: Row, n: float) -> Iterator[Problem]:
    """An SD, or that of an SE, against the interval of its mean."""
    if not (mean.has_ci and mean.ci_low < mean.ci_high and n > 1):
        return
    half = half_unit(mean.ci_low, mean.ci_high) * 2 / (mean.ci_high - mean.ci_low)
    half += half_unit(of_it.value) / of_it.value if of_it.statistic == "se" else 0.0
    t = float(special.stdtrit(n - 1, 0.5 + mean.ci_level / 2))
    implied = sd_of_interval(mean, n)
    # With the normal's 1.96 for t, of few patients, or from a model of all.
    least = 0.87 * critical_value(mean.ci_level) / t - half
    if not least < implied / sd < 1.15 + half:
        rows_of = tuple(dict.fromkeys((of_it.row, mean.row)))
        yield _not_sd(of_it, sd, implied, "the interval of its mean", rows_of)


def _not_sd(r: Row, sd: float, implied: float, by: str, rows: tuple[int, ...]) -> Problem:
    return misfit(Spread(r, r.statistic, sd, r, nan, rows), by, implied)


def misfit(s: Spread, by: str, implied: float) -> Problem:
    """What tells an SD, and does not fit another that is told `by` something."""
    name, asked = _ASKED[s.kind]
    of_it = "" if s.kind == "sd" else f"{f' {s.row.value:.4g}' * (s.kind == 'se')}"
    of_it += "" if s.kind == "sd" else f" (an SD of {s.size:.4g})"
    do = "does" if s.kind in ("sd", "se", "interval") else "do"
    return Problem(
        "warning",
        s.rows,
        "SD",
        f"{name}{of_it} of {s.row.arm} {do} not fit {by}: {asked}?",
        f"{s.size:.4g}",
        f"about {implied:.4g}",
    )


_ASKED = {
    "sd": ("SD", "is one of them an SE, or a decimal point shifted"),
    "se": ("SE", "is one of them an SE, or a decimal point shifted"),
    "interval": ("interval", "is it mean ± SD, or quartiles"),
    "quartiles": ("quartiles", "are they limits of an interval, or minimum and maximum"),
    "range": ("minimum and maximum", "are they quartiles"),
}


def order(rows: Rows) -> Iterator[Problem]:
    """Minimum, quartiles, median and maximum stand in this order; the mean is within the range."""
    for arm in arms(rows):
        for time in _times(rows, arm):
            at = {s: [r for r in of(rows, s, arm) if same_moment(r.time, time)] for s in WORDS}
            known = [at[s][0] for s in ORDER if at[s]]
            for low, high in pairwise(known):
                if low.value > high.value:
                    yield _disorder(low, high)
            for mean in at["mean"]:
                for low in at["minimum"]:
                    if low.value > mean.value + half_unit(mean.value):
                        yield _disorder(low, mean)
                for high in at["maximum"]:
                    if mean.value - half_unit(mean.value) > high.value:
                        yield _disorder(mean, high)


def _disorder(low: Row, high: Row) -> Problem:
    return Problem(
        "error",
        (low.row, high.row),
        "order of quartiles",
        f"{WORDS[low.statistic]} of {low.arm} is above its {WORDS[high.statistic]}",
        plain(low.value),
        f"{plain(high.value)} or less",
    )


def sd_against_range(rows: Rows) -> Iterator[Problem]:
    """An SD is at most half the range, by (n/(n-1))^1/2, and at least that of all but two in its
    middle; and about three quarters of q3 - q1."""
    for sd in of(rows, "sd"):
        ends = {
            s: next((r for r in of(rows, s, sd.arm) if same_moment(r.time, sd.time)), None)
            for s in ("minimum", "maximum", "q1", "q3")
        }
        low, high = ends["minimum"], ends["maximum"]
        if low and high and high.value > low.value:
            half = half_unit(low.value, high.value)
            most = (high.value - low.value + 2 * half) / 2
            most *= sqrt(sd.n / (sd.n - 1)) if sd.n > 1 else sqrt(2)
            if sd.value - half_unit(sd.value) > most:
                yield Problem(
                    "error",
                    (sd.row, low.row, high.row),
                    "SD against range",
                    f"SD of {sd.arm} is above half of its range",
                    f"{sd.value:.4g}",
                    f"{most:.4g} or less",
                )
            least = (high.value - low.value - 2 * half) / sqrt(2 * (sd.n - 1)) if sd.n > 2 else 0
            if sd.value + half_unit(sd.value) < least:
                yield Problem(
                    "error",
                    (sd.row, low.row, high.row),
                    "SD against range",
                    f"SD of {sd.arm} is below what its minimum and maximum alone make of {sd.n:g}: "
                    "is it an SE?",
                    f"{sd.value:.4g}",
                    f"{least:.4g} or more",
                )
        low, high = ends["q1"], ends["q3"]
        if low and high and high.value > low.value and sd.value > 0:
            usual = (high.value - low.value) / 1.35
            if not 0.35 < sd.value / usual < 10:
                yield Problem(
                    "warning",
                    (sd.row, low.row, high.row),
                    "SD",
                    f"SD of {sd.arm} does not fit its quartiles: is it an SE?",
                    f"{sd.value:.4g}",
                    f"about {usual:.4g}",
                )


# ASSUME: SDs of changes are a tenth of those of values only where first and later ones correlate
# above 0.995, and SDs of values are a fifth of those of changes nowhere.
OF_CHANGE, OF_VALUE = 10.0, 5.0
# ASSUME: who may enter a trial narrows the first SDs of all its arms, to less than the later ones;
# an SE, times the root of n, is then no SD that is so much above them.
_ENTRY = 1.25


def sd_of_other_times(rows: Rows) -> Iterator[Problem]:
    """SDs of one arm at several times are of one size; an SE among them is not."""
    for arm in arms(rows):
        sds = [r for r in of(rows, "sd", arm) if r.value > 0]
        for r in sds:
            change = r.measured == "change"
            alike = [s for s in sds if s is not r and (s.measured == "change") == change]
            others = [s.value for s in alike or sds if s is not r]
            far = 1.0 if alike else OF_CHANGE if change else OF_VALUE
            n = r.n if r.n > 0 else next((m.n for m in of(rows, "mean", arm) if m.n > 0), 0.0)
            usual = median(others) if others else nan
            name = typed_for(r.value, n, usual) if r.value * far < usual else ""
            narrow = name != "an SE" or r.value * sqrt(n) > _ENTRY * usual
            if name and not (narrow and _first_of_all(rows, r)):
                yield part_as_sd(r, "at other times", usual, n, name)


def _first_of_all(rows: Rows, r: Row) -> bool:
    """Whether an SD is the first of its arm, and no other arm's is clearly larger then."""
    earlier = any(s.time < r.time for s in of(rows, "sd", r.arm))
    then = [s for s in of(rows, "sd") if same_moment(s.time, r.time) and "/" not in s.arm]
    return isfinite(r.time) and not earlier and all(s.value < 1.5 * r.value for s in then)


def ses_of_arms(rows: Rows) -> Iterator[Problem]:
    """SDs that the SEs of two arms stand for; one far above the other is an SD typed as SE."""
    found = {arm: [r for r in of(rows, "se", arm) if r.value > 0 and r.n > 1] for arm in arms(rows)}
    told: set[int] = set()
    for (_, ses), (_, others) in combinations(found.items(), 2):
        for r, s in ((r, s) for r in ses for s in others if same_moment(r.time, s.time)):
            high, low = sorted((r, s), key=lambda x: x.value * sqrt(x.n), reverse=True)
            usual = low.value * sqrt(low.n)
            if high.value * sqrt(high.n) > 3 * usual and high.row not in told:
                told.add(high.row)
                yield Problem(
                    "warning",
                    (high.row, low.row),
                    "SD",
                    f"SE of {high.arm} is far above that of {low.arm} for {high.n:g} patients: "
                    "is it an SD, or the width of an interval?",
                    f"{high.value:.4g}",
                    f"about {usual / sqrt(high.n):.3g}",
                )


def means_far_apart(rows: Rows) -> Iterator[Problem]:
    """Means of two arms that lie more than four SDs apart: SEs typed as SDs, or a decimal point."""
    first_of = {arm: of(rows, "mean", arm) for arm in arms(rows)}
    for (a, means), (b, others) in combinations(first_of.items(), 2):
        for m in means:
            for o in others:
                if not same_moment(m.time, o.time) or m.measured != o.measured:
                    continue
                sds = [s for mean in (m, o) for s in beside(rows, "sd", mean)[:1]]
                if len(sds) == 2 and min(s.value for s in sds) > 0:
                    far = abs(m.value - o.value) / max(s.value for s in sds)
                    if far > 2 and m.value * o.value < 0 and m.measured != "change":
                        yield _change_of_arm(min((m, o), key=lambda r: abs(r.value)), (m, o), far)
                    elif far > 4:
                        yield Problem(
                            "warning",
                            tuple(dict.fromkeys((m.row, o.row, *(s.row for s in sds)))),
                            "SD",
                            f"means of {a} and {b} are {far:.2g} SDs apart: are these SEs, or is a "
                            "decimal point shifted?",
                            ", ".join(f"{s.value:.4g}" for s in sds),
                            "as a rule less than 2 apart",
                        )


def _change_of_arm(nearer: Row, means: tuple[Row, Row], far: float) -> Problem:
    """Means on both sides of nought: a change since the beginning beside a final value."""
    other = means[1] if nearer is means[0] else means[0]
    return Problem(
        "warning",
        tuple(r.row for r in means),
        "change or final value",
        f"mean of {nearer.arm} is {far:.2g} SDs from that of {other.arm}, on the other side of "
        "nought: is one a change since the beginning, and the other a final value?",
        f"{nearer.value:.4g}",
        f"about {other.value:.4g}, or change in the column measured",
    )


def part_as_sd(r: Row, where: str, usual: float, n: float, name: str) -> Problem:
    """An SD far below the `usual` one at other times or in other studies, which would fit as what
    `typed_for` names it, of n."""
    by = f"{r.value:.4g} x root of {n:g}"
    by += f" / {r.value * sqrt(n) / sd_typed(r.value, n, name):.3g}" if name != "an SE" else ""
    fits = "As SE" if name == "an SE" else "As that"
    return Problem(
        "warning",
        (r.row,),
        "SD",
        f"SD of {r.arm} is far below those {where}: is it {name}? {fits} of {n:g} it would fit",
        f"{r.value:.4g}",
        f"about {usual:.4g}, or {sd_typed(r.value, n, name):.4g} = {by}",
    )


def _times(rows: Rows, arm: str) -> list[float]:
    """The times of an arm's means and medians, each once; NaN where they have none."""
    found: list[float] = []
    for r in rows:
        if r.arm == arm and r.statistic in WORDS and not any(same_moment(r.time, t) for t in found):
            found.append(r.time)
    return found
