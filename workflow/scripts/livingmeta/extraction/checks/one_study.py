"""A study held against all others of its outcome: scale, unit, and whether its means are changes.
See `run`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import combinations
from math import atanh, e, exp, inf, isfinite, log, nan, sqrt
from statistics import median
from typing import NamedTuple

from livingmeta.extraction.checks.beside import RISKS, risk_of, spreads, with_columns
from livingmeta.extraction.checks.intervals import most_of_error
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.printed import preference
from livingmeta.extraction.rows import ADJUSTED, RATIOS, Row, plain, same_moment

# z of a study whose means differ the other way than those of all others, and of two of these.
_ALONE, _OTHERS = 2.576, 1.96


# z by outcome and two arms (or the one that is all there is), each with its rows.
_Found = dict[tuple[str, str, str], tuple[float, tuple[int, ...]]]


def scale_of_one_study(
    rows: dict[str, tuple[Row, ...]],
    by_lot: Collection[str] = (),
    survival: Collection[str] = (),
) -> Iterator[tuple[str, Problem]]:
    """A study whose means, or whose printed difference of them, clearly differ the other way than
    those of all others, while no row of the outcome says of a scale that it is reversed: more may
    be better on it alone. And one whose ratio, counts, effect or correlation does, or where none is
    printed its difference of risks, rates, survival, percentages or medians of survival.

    `rows`: by study; `by_lot`: those whose arms were drawn by lot; of the others what is adjusted
    counts before what is not; `survival`: outcomes of that kind. At least three studies of the same
    two arms, two of them clear as well.
    """
    said = {r.outcome for mine in rows.values() for r in mine if r.direction}
    of_scale = {s: _differences(with_columns(mine), s in by_lot) for s, mine in rows.items()}
    asked = "does more mean the opposite on its scale, or are its arms swapped?"
    cure = "the column direction reversed in all rows of such a scale"
    yield from _the_other_way(of_scale, said, "direction of the scale", asked, cure)
    of_ratios = {s: _ratios(mine, s in by_lot, survival) for s, mine in rows.items()}
    asked = "are its arms swapped, is it of the other one as reference, or of the other event?"
    cure = "a ratio of the arms as they are named, of the event of the others"
    yield from _the_other_way(of_ratios, said, "direction of one study", asked, cure)


def _the_other_way(
    studies: dict[str, _Found], said: set[str], check: str, asked: str, cure: str
) -> Iterator[tuple[str, Problem]]:
    found: dict[tuple[str, str, str], dict[str, tuple[float, tuple[int, ...]]]] = {}
    for study, mine in studies.items():
        for (outcome, first, second), (z, of) in mine.items():
            if outcome not in said:
                found.setdefault((outcome, first, second), {})[study] = z, of
    for (outcome, first, second), by_study in found.items():
        for study, (z, of) in by_study.items():
            against = [
                -other if z > 0 else other for s, (other, _) in by_study.items() if s != study
            ]
            clear = sum(other >= _OTHERS for other in against)
            if abs(z) >= _ALONE and clear >= 2 and min(against) > 0:
                pair = f"{first} against {second}" if second else first or "it"
                asked = asked if second else "is a scale of it the other way round than theirs?"
                differs = (
                    f"{pair} differs on {outcome} the other way than in all {len(against)} other "
                    f"studies: {asked}"
                )
                yield study, Problem("warning", of, check, differs, f"z {z:.1f}", cure)


# How many times as large, or as small, as all others a study's means and SDs must be for another
# unit to be asked about: less than those of weeks for days, and no more than a factor of this
# apart may the others be.
OTHER_UNIT = 6.5


def unit_of_one_study(
    rows: dict[str, tuple[Row, ...]], in_units: Collection[str]
) -> Iterator[tuple[str, Problem]]:
    """A study whose means are many times as large or as small as those of all others, and its SDs
    alike: in another unit. Of changes, which lie about nought, the SDs must be so far off, and the
    largest changes alike. Three studies at least.

    `rows`: by study; `in_units`: outcomes that all studies should have in one unit. What falls into
    two camps nobody can tell apart, and is left.
    """
    for outcome, change in ((outcome, change) for outcome in in_units for change in (False, True)):
        sized = {s: of for s, mine in rows.items() if (of := level(mine, outcome, change=change))}
        for study, mine in sized.items():
            others = [of for name, of in sized.items() if name != study]
            by = off(mine.level, [of.level for of in others])
            spreads = [of.spread for of in others if isfinite(of.spread)]
            alike = True
            if by and spreads and isfinite(mine.spread):
                # Another population or scale, and no other unit.
                alike = 1 / 3 < (mine.spread / median(spreads)) / by < 3
            what = "the SDs of its changes" if change else "its means or medians"
            low, high = (of(o.level for o in others) for of in (min, max)) if others else (nan, nan)
            if by and alike:
                asked = f"{what} are {times_as(by)} those of all {len(others)} other studies: are "
                expected = f"{low:.3g} to {high:.3g}, or the unit in the column unit"
                asked += "they in another unit?"
            elif not change and (base := _logarithm(mine, others)):
                asked = f"{what} and SDs are those of a logarithm ({base}) of what all "
                asked += f"{len(others)} other studies have: are they on a log scale?"
                expected = f"{low:.3g} to {high:.3g}"
            else:
                continue
            found = f"about {mine.level:.3g}"
            yield (
                study,
                Problem(
                    "warning",
                    mine.rows,
                    "unit of one study",
                    f"{outcome}: {asked}",
                    found,
                    expected,
                ),
            )


_BASES = {"natural": e, "base 10": 10.0, "base 2": 2.0}


def _logarithm(mine: Level, others: list[Level]) -> str:
    """Which logarithm of what all others have a study's means and SDs are likely of: means a third
    of theirs or less and SDs smaller beside them, of which both fit when they are turned back."""
    shares = [of.spread / of.level for of in others]
    usual = median(shares) if shares else nan
    # ASSUME: numbers above nought, so skewed that somebody takes logarithms; SDs within a factor of
    # 1.6 of what others' shares make on the log scale, as SDs of one measure vary.
    if len(others) < 2 or not usual > 0.2 or not min(min(of.means) for of in others) > 0:
        return ""
    low, high = min(min(of.means) for of in others), max(max(of.means) for of in others)
    if not 3 * max(mine.means) < low or not mine.spread / mine.level < min(shares) / 1.5:
        return ""
    for name, base in _BASES.items():
        fits = all(low / 1.5 < base**mean < high * 1.5 for mean in mine.means)
        by = mine.spread * log(base) / sqrt(log(1 + usual**2))
        if fits and 1 / 1.6 < by < 1.6:
            return name
    return ""


def rate_of_one_study(rows: dict[str, tuple[Row, ...]]) -> Iterator[tuple[str, Problem]]:
    """A study whose rates are many times as high or as low as those of all others, beyond what so
    few events may do: of another person-time. Four studies at least.

    ASSUME: populations differ in their rates more than in their means, so a study must be further
    from the others than the square of how far these are from one another.
    """
    for outcome in dict.fromkeys(r.outcome for mine in rows.values() for r in mine):
        rates = {s: of for s, mine in rows.items() if (of := _rates(mine, outcome))}
        for study, mine in rates.items():
            others = [r.value for s, of in rates.items() if s != study for r, _ in of]
            if len(rates) < 4:
                continue
            low, high = min(others), max(others)
            far = max(OTHER_UNIT, (high / low) ** 2)
            below = all(r.value * far * exp(2 * se) < low for r, se in mine)
            if below or all(r.value > far * high * exp(2 * se) for r, se in mine):
                by = median(r.value for r, _ in mine) / median(others)
                yield (
                    study,
                    Problem(
                        "warning",
                        tuple(r.row for r, _ in mine),
                        "unit of one study",
                        f"{outcome}: its rates are {times_as(by)} those of all {len(rates) - 1} "
                        "other studies: are they of another person-time?",
                        f"about {mine[0][0].value:.3g}",
                        f"{low:.3g} to {high:.3g}, or the person-time in the column unit",
                    ),
                )


def _rates(rows: Iterable[Row], outcome: str) -> list[tuple[Row, float]]:
    """The rates of a study's arms, each with the SE of its logarithm: by its events, its interval
    or its SE; 0 where nothing tells."""
    mine = [r for r in rows if r.outcome == outcome and "/" not in r.arm and not r.part]
    found = []
    for r in (r for r in mine if r.statistic == "rate" and r.value > 0):
        died = [x for x in mine if (x.arm, x.statistic) == (r.arm, "events") and x.value > 0]
        se = 1 / sqrt(min(x.value for x in died)) if died else r.se / r.value if r.se > 0 else 0.0
        if r.has_ci and 0 < r.ci_low < r.ci_high:
            se = max(se, log(r.ci_high / r.ci_low) / 4)
        found.append((r, se))
    return found


# How many SDs means of changes lie below those of final values, and how near to nought they are.
_BELOW, _NEAR = 1.5, 0.7


def change_of_one_study(
    rows: dict[str, tuple[Row, ...]], in_units: Collection[str]
) -> Iterator[tuple[str, Problem]]:
    """A study whose means lie about nought, while those of all others are far above it with SDs
    of the same size: changes since the beginning which are not marked as such. Three studies at
    least; of a lower mean in other patients the SD is smaller, or the means are not about nought.

    `rows`: by study; `in_units`: outcomes that all studies should have in one unit.
    """
    found: dict[str, dict[str, Level]] = {}
    for study, mine in rows.items():
        for outcome in in_units:
            if sized := level([r for r in mine if r.time != 0], outcome):
                found.setdefault(outcome, {})[study] = sized
    for outcome, by_study in found.items():
        for study, of in by_study.items():
            others = [o for s, o in by_study.items() if s != study]
            if len(others) < 2 or not all(isfinite(o.spread) for o in (of, *others)):
                continue
            sign = 1 if others[0].means[0] > 0 else -1
            least = min(sign * mean for o in others for mean in o.means)
            most = max(sign * mean for mean in of.means)
            spread = max(of.spread, median(o.spread for o in others))
            alike = all(0.5 < o.spread / of.spread < 2 for o in others)
            near = min(least, _NEAR * of.spread if most > 0 else least)
            about_nought = all(abs(m) < near for m in of.means)
            if alike and about_nought and least > max(0.0, most + _BELOW * spread):
                yield (
                    study,
                    Problem(
                        "warning",
                        of.rows,
                        "change or final value",
                        f"{outcome}: its means are about nought or beyond it, and those of all "
                        f"{len(others)} other studies far off, with SDs as large: are they changes "
                        "since the beginning?",
                        f"means {' and '.join(f'{mean:.4g}' for mean in of.means)}",
                        f"{'above' if sign > 0 else 'below'} {sign * least:.4g}, or change in the "
                        "column measured",
                    ),
                )


def off(mine: float, others: list[float]) -> float | None:
    """How many times all others that are known a size is, where that is far and they are near one
    another."""
    others = [of for of in others if isfinite(of)]
    if len(others) < 2 or not min(others) > 0 or not mine > 0:
        return None
    low, high = min(others), max(others)
    alike = high <= OTHER_UNIT * low
    far = not low / OTHER_UNIT < mine < high * OTHER_UNIT
    return mine / median(others) if alike and far else None


def times_as(ratio: float) -> str:
    """A ratio in words: `10 times as large as`."""
    by, size = (ratio, "large") if ratio > 1 else (1 / ratio, "small")
    return f"{plain(float(f'{by:.2g}'))} times as {size} as"


class Level(NamedTuple):
    """How large the means and medians of a study's arms are, its SDs (NaN: none), their rows, and
    the means and medians themselves."""

    level: float
    spread: float
    rows: tuple[int, ...]
    means: tuple[float, ...]


def level(rows: Iterable[Row], outcome: str, *, change: bool = False) -> Level | None:
    """How large a study's numbers of an outcome are; of changes the `level` is that of their SDs,
    and the `spread` the largest change. None where nothing tells."""
    mine = tuple(r for r in rows if r.outcome == outcome and "/" not in r.arm)
    sized = [
        r
        for r in mine
        if r.statistic in ("mean", "median")
        and (r.measured == "change") == change
        and isfinite(r.value)
    ]
    told = [s for s in spreads(with_columns(mine)) if (s.centre.measured == "change") == change]
    sds = [s.size for s in told]
    middles = [abs(r.value) for r in sized]
    size, spread = (median(of) if of else nan for of in (middles, sds))
    if change:
        size, spread = spread, max(middles, default=nan)
    if not size > 0:
        return None
    places = tuple(dict.fromkeys(r.row for r in sized))
    return Level(size, spread, places, tuple(r.value for r in sized))


def _preferred_last(rows: Iterable[Row], by_lot: bool) -> list[Row]:
    """The rows such that of several of one thing the one that counts comes last."""

    def later(r: Row) -> tuple:
        return (*preference(r, None, by_lot)[:-2], r.adjusted in ADJUSTED)

    return sorted(rows, key=later, reverse=True)


def _ratios(rows: tuple[Row, ...], by_lot: bool, survival: Collection[str]) -> _Found:
    """z of the ratio, or difference of risks, of two arms that counts, of all patients; where none
    is printed, of the odds ratio of their counts, else of `_risks`; of an effect, and of a
    correlation."""
    found: _Found = {}
    for r in _preferred_last(rows, by_lot):
        if r.part or not isfinite(r.value):
            continue
        first, _, second = r.arm.partition("/")
        turn = -1.0 if (second and first > second) != (r.event == "survival") else 1.0
        if r.statistic in RATIOS and second and r.value > 0:
            z = turn * log(r.value) / most_of_error(r, ratio=True)[1]
        elif r.statistic == "correlation" and r.n > 4 and abs(r.value) < 1:
            z = atanh(r.value) * sqrt(r.n - 3)
        elif r.statistic in ("effect", "correlation") or (
            r.statistic == "risk-difference" and second
        ):
            turn = 1.0 if r.statistic == "correlation" else turn
            z = turn * r.value / most_of_error(r, ratio=False)[1]
        else:
            continue
        if z:  # nought where nothing tells its error
            lower, upper = sorted((first, second)) if second else (first, "")
            found[r.outcome, lower, upper] = z, (r.row,)
    counted: dict[tuple[str, str], Row] = {}
    for r in rows:
        if r.statistic == "events" and r.n > 0 and not r.part and 0 <= r.value <= r.n:
            counted[r.outcome, r.arm] = r
    for (one, a), (other, b) in combinations(sorted(counted.items()), 2):
        key = one[0], one[1], other[1]
        if one[0] == other[0] and key not in found:
            cells = [a.value + 0.5, a.n - a.value + 0.5, b.value + 0.5, b.n - b.value + 0.5]
            odds = log(cells[0] / cells[1]) - log(cells[2] / cells[3])
            found[key] = odds / sqrt(sum(1 / cell for cell in cells)), (a.row, b.row)
    return _risks(rows, survival) | found


def _risks(rows: tuple[Row, ...], survival: Collection[str]) -> _Found:
    """By outcome and two arms z of what the arms print of their risks at the last time that both
    have, and rows."""
    found: _Found = {}
    of_all = [r for r in rows if not r.part and isfinite(r.value)]
    for statistic in reversed(RISKS):
        timed = [r for r in of_all if r.statistic == statistic and "/" not in r.arm]
        timed.sort(key=lambda r: r.time if isfinite(r.time) else inf)
        for a, b in combinations(timed, 2):
            if a.arm == b.arm or a.outcome != b.outcome or not same_moment(a.time, b.time):
                continue
            beside_it = tuple(r for r in of_all if r.outcome == a.outcome)
            first, second = sorted((a, b), key=lambda r: r.arm)
            risks = [risk_of(r, beside_it, a.outcome in survival) for r in (first, second)]
            if risks[0] and risks[1]:
                z = (risks[0].value - risks[1].value) / sqrt(sum(x.variance for x in risks if x))
                found[a.outcome, first.arm, second.arm] = z, (first.row, second.row)
    return found


_OF_MEANS = {"mean-difference", "standardised-mean-difference"}


def _differences(rows: tuple[Row, ...], by_lot: bool) -> _Found:
    """By outcome and two arms z of the difference of their last means of all patients, and rows;
    where these are not printed, or an adjusted difference counts before them, of the one that is.
    """
    means: dict[tuple[str, str], tuple[Row, float]] = {}
    for r in rows:
        if r.statistic != "mean" or "/" in r.arm or r.part or not (isfinite(r.value) and r.n >= 2):
            continue
        sds = [
            o.value
            for o in rows
            if (o.statistic, o.outcome, o.arm, o.part, o.measured)
            == ("sd", r.outcome, r.arm, "", r.measured)
            and (o.time == r.time or not isfinite(o.time + r.time))
            and o.value > 0
        ]
        last = means.get((r.outcome, r.arm))
        if sds and (last is None or not last[0].time > r.time):
            means[r.outcome, r.arm] = r, sds[0] / sqrt(r.n)
    found: _Found = {}
    for (one, (a, se_a)), (other, (b, se_b)) in combinations(sorted(means.items()), 2):
        alike = a.measured == b.measured and (a.time == b.time or not isfinite(a.time + b.time))
        if one[0] == other[0] and alike:
            z = (a.value - b.value) / sqrt(se_a**2 + se_b**2)
            found[one[0], one[1], other[1]] = z, (a.row, b.row)
    printed = [r for r in rows if r.statistic in _OF_MEANS and "/" in r.arm and not r.part]
    for r in _preferred_last(printed, by_lot):
        first, second = sorted(r.arm.split("/"))
        se = most_of_error(r, ratio=False)[1]
        of_means = len(found.get((r.outcome, first, second), (0.0, ()))[1]) > 1
        of_means = of_means and (by_lot or r.adjusted not in ADJUSTED)
        if isfinite(r.value) and isfinite(se) and not of_means:
            z = r.value / se if r.arm == f"{first}/{second}" else -r.value / se
            found[r.outcome, first, second] = z, (r.row,)
    return found
