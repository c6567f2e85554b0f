"""Checks of differences against the numbers of their two arms, of an arm's change since the
beginning against its two means, and of changes among final values. See `run`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from math import isfinite, nan, sqrt
from statistics import median
from typing import NamedTuple

from livingmeta.extraction.checks.arms import Rows, by_no_model, of
from livingmeta.extraction.checks.beside import beside
from livingmeta.extraction.checks.contrasts import contrasts
from livingmeta.extraction.checks.one_study import Level, level
from livingmeta.extraction.checks.p_against import CRUDE, misfit, of_pair, pairs, z_of
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import Row, plain, same_moment, same_time
from livingmeta.formulas import special
from livingmeta.formulas import time_to_event as tte
from livingmeta.formulas.rounding import Range, around, half_unit, z_range

# ASSUME: a change out of a model with the value at the beginning in it, or of fewer patients, is
# off the difference of the two means by no more than this share of it, or of an SD, or of the first
# mean where no SD is known.
OF_CHANGE, OF_SD, OF_FIRST = 0.3, 0.25, 0.1
# ASSUME: a value that was this many SDs from nought and is on the other side of it, this many from
# where it was, is a change since.
FROM_NOUGHT, FROM_FIRST = 1.5, 2.0
# How much a model with the baseline in it narrows the interval of a difference (a correlation of
# 0.8), and by what it raises z as a rule.
NARROWER, BASELINE = 0.6, 1.25
# By how much in z a test of ranks may differ from a t test where numbers are skewed.
RANKS = 1.2


def difference_against_means(rows: Rows) -> Iterator[Problem]:
    """A mean difference and its interval against the means and SDs of the arms."""
    for r in contrasts(rows, {"mean-difference"}):
        sides = [
            (mean, spread_of(rows, mean))
            for arm in r.arm.split("/")
            if (mean := at_time_of(of(rows, "mean", arm), r))
        ]
        if len(sides) != 2 or not by_no_model(r):
            continue
        (m1, sd1), (m2, sd2) = sides
        slack = half_unit(r.value) + half_unit(m1.value) + half_unit(m2.value)
        if abs(m1.value - m2.value - r.value) > 1.01 * slack:
            sure = r.adjusted == "no"
            yield Problem(
                "error" if sure else "warning",
                (r.row, m1.row, m2.row),
                "difference against means",
                "mean difference is not that of the two means"
                + (
                    "; where a model with the baseline in it gave it, its column adjusted says "
                    "multivariable"
                    if not sure
                    else ""
                ),
                f"{r.value:.6g}",
                f"{m1.value - m2.value:.6g}",
            )
        if sd1 and sd2:
            yield from _againstspread_of(rows, r, sd1, sd2)


class Spread(NamedTuple):
    """SD of an arm as printed or from its SE, the patients and the row that says so."""

    sd: float
    n: float
    row: int


def spread_of(rows: Rows, mean: Row) -> Spread | None:
    """The SD printed beside a mean, or that of its SE; none where the patients are not known."""
    for r in beside(rows, "sd", mean)[:1]:
        n = mean.n if mean.n > 0 else r.n
        return Spread(r.value, n, r.row) if n > 0 else None
    for r in beside(rows, "se", mean)[:1]:
        n = mean.n if mean.n > 0 else r.n
        return Spread(r.value * sqrt(n), n, r.row) if n > 0 else None
    return None


def _againstspread_of(rows: Rows, r: Row, s1: Spread, s2: Spread) -> Iterator[Problem]:
    """Interval or SE of a mean difference against SDs and patients of its arms."""
    implied = sqrt(s1.sd**2 / s1.n + s2.sd**2 / s2.n)
    df = max(s1.n + s2.n - 2, 1.0)
    pooled = ((s1.n - 1) * s1.sd**2 + (s2.n - 1) * s2.sd**2) / df
    low, high = sorted((implied, sqrt(pooled * (1 / s1.n + 1 / s2.n))))
    # Welch's test has fewer degrees of freedom.
    wider = float(special.stdtrit(max(min(s1.n, s2.n) - 1, 1.0), 0.5 + r.ci_level / 2))
    wider *= 1.12 / tte.critical_value(r.ci_level)
    where = (r.row, s1.row, s2.row)
    if r.has_ci:
        shown, by = (r.ci_high - r.ci_low) / (2 * tte.critical_value(r.ci_level)), "interval"
        half = half_unit(r.ci_low, r.ci_high) / tte.critical_value(r.ci_level)
    else:
        printed = [x for x in rows if x.statistic == "se" and x.row == r.row]
        if not printed:
            return
        shown, half, by = printed[0].value, half_unit(printed[0].value), "SE"
    if implied > 0 and not (NARROWER * low < shown + half and shown - half < wider * high):
        yield Problem(
            "warning",
            where,
            "difference against SDs",
            f"{by} of the mean difference does not follow from SDs and n: "
            "SE entered as SD, a decimal point, or another level?",
            f"SE {shown:.4g}",
            f"SE {implied:.4g}",
        )


def p_against_means(rows: Rows) -> Iterator[Problem]:
    """p or t of two means against their SDs: t tests. Others (ranks, baseline in the model) differ,
    so only what is far off is told."""
    for first, second in pairs(rows):
        for m1 in of(rows, "mean", first):
            m2 = next(
                (
                    m
                    for m in of(rows, "mean", second)
                    if same_moment(m.time, m1.time) and m.measured == m1.measured
                ),
                None,
            )
            s1, s2 = (spread_of(rows, m) if m else None for m in (m1, m2))
            if not (m2 and s1 and s2 and min(s1.n, s2.n) > 1 and min(s1.sd, s2.sd) > 0):
                continue
            half = half_unit(m1.value, m2.value) * 2
            pooled = ((s1.n - 1) * s1.sd**2 + (s2.n - 1) * s2.sd**2) / (s1.n + s2.n - 2)
            ses = (
                sqrt(s1.sd**2 / s1.n + s2.sd**2 / s2.n),
                sqrt(pooled * (1 / s1.n + 1 / s2.n)),
            )
            implied = z_range(around(m1.value - m2.value, half), Range(min(ses), max(ses)))
            printed = [
                r
                for r in of_pair(rows, first, second)
                if r.statistic in ("mean-difference", "t") and same_moment(r.time, m1.time)
                if r.measured in ("", m1.measured)
            ]
            skewed = any(s.sd > 0.5 * abs(m.value) for m, s in ((m1, s1), (m2, s2)))
            # With few patients t stands for z: 2.2 of 10 degrees of freedom is 1.96.
            few = 1 + 2.5 / (s1.n + s2.n)
            for r in (*printed, m1, m2):
                if r.adjusted not in CRUDE:
                    continue
                # A model with the baseline in it makes a p smaller.
                more = BASELINE if "/" in r.arm else 1.0
                allowed = Range(implied.low / few**2, implied.high * more)
                places = tuple(dict.fromkeys((r.row, m1.row, s1.row, m2.row, s2.row)))
                words = f"means {m1.value:.4g} and {m2.value:.4g} with these SDs and n"
                middle = abs(m1.value - m2.value) / ses[0]
                if r.statistic == "t" and isfinite(r.value):
                    if around(abs(r.value), half_unit(r.value)).gap(allowed) > 0.5:
                        yield Problem(
                            "warning",
                            places,
                            "p against means",
                            f"t does not follow from {words}",
                            f"{r.value:.4g}",
                            f"about {middle:.3g}",
                        )
                elif r.p and (gap := z_of(r.p).gap(allowed)) > (RANKS if skewed else 0.5):
                    yield misfit(r, places, "p against means", words, middle, gap > 2)


def restricted_means(rows: Rows) -> Iterator[Problem]:
    """A crude difference of restricted means is that of the two."""
    for r in contrasts(rows, {"rmst-difference"}):
        sides = [at_time_of(of(rows, "rmst", arm), r) for arm in r.arm.split("/")]
        if not by_no_model(r) or not all(sides):
            continue
        a, b = (side for side in sides if side)
        half = half_unit(r.value) + half_unit(a.value) + half_unit(b.value)
        if abs(a.value - b.value - r.value) > 1.01 * half:
            yield Problem(
                "error",
                (r.row, a.row, b.row),
                "difference against means",
                "difference of the restricted means is not that of the two",
                f"{r.value:.6g}",
                f"{a.value - b.value:.6g}",
            )


def standardised(rows: Rows) -> Iterator[Problem]:
    """A crude standardised difference is about that of the means by their SD: Cohen's d, Hedges' g,
    Glass's delta by either arm's SD."""
    for r in contrasts(rows, {"standardised-mean-difference"}):
        found = []
        for arm in r.arm.split("/"):
            mean = at_time_of(of(rows, "mean", arm), r)
            sd = next(iter(beside(rows, "sd", mean)), None) if mean else None
            if mean and sd and sd.value > 0:
                found.append((mean, sd))
        if not by_no_model(r) or len(found) != 2:
            continue
        (m1, s1), (m2, s2) = found
        ns = [m.n if m.n > 1 else s.n for m, s in found]
        known = min(ns) > 1  # NaN is not
        weights = [n - 1 for n in ns] if known else [1.0, 1.0]
        pooled = sqrt((weights[0] * s1.value**2 + weights[1] * s2.value**2) / sum(weights))
        off = m1.value - m2.value
        rounding = half_unit(m1.value) + half_unit(m2.value)
        small = 1 - 3 / (4 * (sum(ns) - 2) - 1) if known and sum(ns) > 4 else 1.0
        could = [
            (off + sign * rounding) / sd * g
            for sign in (-1, 1)
            for sd in (pooled, s1.value, s2.value)
            for g in (1.0, small)
        ]
        half = half_unit(r.value) + 0.03 * abs(r.value)
        if not min(could) - half <= r.value <= max(could) + half:
            turned = min(could) - half <= -r.value <= max(could) + half
            yield Problem(
                "warning",
                tuple(dict.fromkeys((r.row, m1.row, s1.row, m2.row, s2.row))),
                "difference against means",
                "standardised mean difference does not follow from means and SDs"
                + (": the other way round?" if turned else ""),
                f"{r.value:.4g}",
                f"about {off / pooled:.3g}",
            )


def at_time_of(rows: list[Row], r: Row) -> Row | None:
    """The row of the contrast's time and of what it measured, or the only one if either says no
    time."""
    rows = [x for x in rows if x.measured == r.measured] or rows
    timely = [
        x for x in rows if isfinite(x.time) and isfinite(r.time) and same_time(x.time, r.time)
    ]
    if timely:
        return timely[0]
    if len(rows) == 1 and not (isfinite(rows[0].time) and isfinite(r.time)):
        return rows[0]
    return next((x for x in rows if not isfinite(x.time) and not isfinite(r.time)), None)


def mean_against_median(rows: Rows) -> Iterator[Problem]:
    """Mean and median of the same patients are no more than their SD apart (Hotelling and Solomons
    1932); a mean out of a model may be."""
    for mean in of(rows, "mean"):
        for median_ in of(rows, "median", mean.arm):
            alike = mean.measured == median_.measured and mean.direction == median_.direction
            sds = beside(rows, "sd", mean) or beside(rows, "se", mean)
            if not (alike and same_moment(mean.time, median_.time) and sds):
                continue
            sd = sds[0]
            n = next((r.n for r in (mean, sd) if r.n > 0), nan)
            other_patients = n > 0 and median_.n > 0 and n != median_.n
            most = sd.value + half_unit(sd.value)
            most *= sqrt(n) if sd.statistic == "se" else 1.0
            most += half_unit(mean.value) + half_unit(median_.value)
            if sd.value > 0 and abs(mean.value - median_.value) > most:
                crude = mean.adjusted in CRUDE and not other_patients
                yield Problem(
                    "error" if crude else "warning",
                    tuple(dict.fromkeys((mean.row, median_.row, sd.row))),
                    "mean against median",
                    f"mean and median of {mean.arm} are further apart than its SD, which no "
                    "patients' values are: is one of them of something else, or the SD an SE?",
                    f"{mean.value:.4g} and {median_.value:.4g}",
                    f"{sd.value * (sqrt(n) if sd.statistic == 'se' else 1):.4g} apart or less",
                )


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


# How many SDs means of changes lie below those of final values, and how near to nought they are.
_BELOW, _NEAR = 1.5, 0.7


def changes_among_values(
    rows: dict[str, tuple[Row, ...]], in_units: Collection[str]
) -> Iterator[tuple[str, Problem]]:
    """Studies whose means lie about nought, while those of all others are far off it with SDs of
    the same size: changes since the beginning which are not marked as such. Beside one other study
    all their means must be beyond nought, and it is far off by itself. Of a lower mean in other
    patients the SD is smaller, or the means are not about nought.

    `rows`: by study; `in_units`: outcomes that all studies should have in one unit.
    """
    for outcome in in_units:
        sized = {
            study: of
            for study, mine in rows.items()
            if (of := level([r for r in mine if r.time != 0], outcome))
        }
        for sign in (1, -1) if all(isfinite(of.spread) for of in sized.values()) else ():
            order = sorted(sized, key=lambda study: max(sign * m for m in sized[study].means))
            for cut in range(1, len(order)):
                low, high = ([sized[study] for study in of] for of in (order[:cut], order[cut:]))
                if not all(_is_change(of, high, sign) for of in low):
                    continue
                least = sign * min(sign * m for of in high for m in of.means)
                others = f"{'' if cut > 1 else 'all '}{len(high)} other studies"
                others = "the other study" if len(high) == 1 else others
                for study in order[:cut]:
                    yield study, _as_change(outcome, sized[study], others, least)


def _is_change(mine: Level, others: list[Level], sign: int) -> bool:
    """Whether a study's means are about nought or beyond it, and those of others far off."""
    least = min(sign * mean for of in others for mean in of.means)
    most = max(sign * mean for mean in mine.means)
    spread = max(mine.spread, median(of.spread for of in others))
    alike = all(0.5 < of.spread / mine.spread < 2 for of in others)
    near = min(least, _NEAR * mine.spread if most > 0 else least)
    about_nought = all(abs(mean) < near for mean in mine.means)
    alone = len(others) > 1 or (most < 0 and least > _BELOW * spread)
    return alike and about_nought and alone and least > max(0.0, most + _BELOW * spread)


def _as_change(outcome: str, mine: Level, others: str, least: float) -> Problem:
    return Problem(
        "warning",
        mine.rows,
        "change or final value",
        f"{outcome}: its means are about nought or beyond it, and those of {others} far off, with "
        "SDs as large: are they changes since the beginning?",
        f"means {' and '.join(f'{mean:.4g}' for mean in mine.means)}",
        f"{'above' if least > 0 else 'below'} {least:.4g}, or change in the column measured",
    )
