"""A study held against all others of its outcome: scale and unit. See `run`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations
from math import atanh, e, inf, isfinite, log, nan, sqrt
from statistics import median
from typing import NamedTuple

from livingmeta.extraction.checks.beside import RISKS, risk_of, spreads, with_columns
from livingmeta.extraction.checks.intervals import most_of_error
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.printed import preference
from livingmeta.extraction.reworded import along_the_scale
from livingmeta.extraction.rows import ADJUSTED, RATIOS, Row, plain, same_moment
from livingmeta.extraction.units import printed_for

# ASSUME: z of a study that differs the other way than all others, and of two of these. With others
# on its side: its z, the share of those clear, and what these may be (a quarter, and of no more
# than this z: a trial that found nothing).
_ALONE, _OTHERS = 2.576, 1.96
_WITH_NULL, _CLEAR, _SHARE, _NOTHING = 3.0, 0.7, 0.25, 1.0
# ASSUME: beside two or three others that are clear only together, and agree within this z: its z,
# that of these together, and of the difference, as though all were of one size. Where effects vary
# about nought (by 0.3 SDs, 3 to 11 studies) 24 reviews in 1,000 show all this, 20 the rule above.
_FEW, _AGREE, _OF_FEW, _TOGETHER, _APART = 3, 0.5, 1.9, 2.4, 3.0


# z by outcome and two arms (or the one that is all there is), each with its rows.
_Found = dict[tuple[str, str, str], tuple[float, tuple[int, ...]]]


def scale_of_one_study(
    rows: dict[str, tuple[Row, ...]],
    by_lot: Collection[str] = (),
    survival: Collection[str] = (),
) -> Iterator[tuple[str, Problem]]:
    """A study whose means, or whose printed difference of them, clearly differ the other way than
    those of all others, as though a scale that is marked reversed ran like theirs: more may be
    better on it alone, or the mark is one too many. And one whose ratio, counts, effect or
    correlation does, or where none is printed its difference of risks, rates, survival, percentages
    or medians of survival.

    `rows`: by study; `by_lot`: those whose arms were drawn by lot; of the others what is adjusted
    counts before what is not; `survival`: outcomes of that kind. At least three studies of the same
    two arms. Where populations differ, others are on both sides, and nothing is asked.
    """
    marked = {(s, r.outcome) for s, mine in rows.items() for r in mine if r.direction}
    rows = {s: tuple(map(along_the_scale, mine)) for s, mine in rows.items()}
    of_scale = {s: _differences(with_columns(mine), s in by_lot) for s, mine in rows.items()}
    asked = "does more mean the opposite on its scale, or are its arms swapped?"
    cure = "the column direction reversed in all rows of such a scale"
    yield from _the_other_way(of_scale, marked, "direction of the scale", asked, cure)
    of_ratios = {s: _ratios(mine, s in by_lot, survival) for s, mine in rows.items()}
    asked = "are its arms swapped, is it of the other one as reference, or of the other event?"
    cure = "a ratio of the arms as they are named, of the event of the others"
    yield from _the_other_way(of_ratios, marked, "direction of one study", asked, cure)


def _the_other_way(
    studies: dict[str, _Found], marked: set[tuple[str, str]], check: str, asked: str, cure: str
) -> Iterator[tuple[str, Problem]]:
    found: dict[tuple[str, str, str], dict[str, tuple[float, tuple[int, ...]]]] = {}
    for study, mine in studies.items():
        for key, at in mine.items():
            found.setdefault(key, {})[study] = at
    for (outcome, first, second), by_study in found.items():
        for study, (z, of) in by_study.items():
            against = [
                -other if z > 0 else other for s, (other, _) in by_study.items() if s != study
            ]
            if not _clearly_turned(abs(z), against):
                continue
            pair = f"{first} against {second}" if second else first or "it"
            beside = sum(other <= 0 for other in against)
            most = f"{len(against) - beside} of {len(against)}" if beside else f"all {len(against)}"
            differs = f"{pair} differs on {outcome} the other way than in {most} other studies: "
            if (study, outcome) in marked:
                differs += "it is marked reversed, and are its numbers as they are printed?"
                of_mark = "no reversed in the column direction where the numbers are turned already"
                yield study, Problem("warning", of, check, differs, f"z {z:.1f}", of_mark)
            else:
                yield study, Problem("warning", of, check, differs + asked, f"z {z:.1f}", cure)


def _clearly_turned(z: float, against: list[float]) -> bool:
    """Whether a study of this z, above nought, is turned beside others; `against`: their z, above
    nought where they lie the other way."""
    if len(against) < 2:
        return False
    clear = sum(other >= _OTHERS for other in against)
    if beside := [-other for other in against if other <= 0]:
        nothing = len(beside) <= _SHARE * len(against) and max(beside) <= _NOTHING
        return nothing and z >= _WITH_NULL and clear >= max(2, _CLEAR * len(against))
    together = sum(against) / sqrt(len(against))
    apart = (z + sum(against) / len(against)) / sqrt(1 + 1 / len(against))
    agree = len(against) <= _FEW and max(against) - min(against) <= _AGREE
    few = agree and z >= _OF_FEW and together >= _TOGETHER and apart >= _APART
    return few or (z >= _ALONE and clear >= 2)


# How many times as large, or as small, as all others a study's means and SDs must be for another
# unit to be asked about: less than those of weeks for days, and no more than a factor of this
# apart may the others be.
OTHER_UNIT = 6.5


def unit_of_one_study(
    rows: dict[str, tuple[Row, ...]], in_units: Collection[str]
) -> Iterator[tuple[str, Problem]]:
    """A study whose means are many times as large or as small as those of all others, and its SDs
    alike: in another unit. Of changes, which lie about nought, the SDs must be so far off, and the
    largest changes alike. Where two or more are so far off, those of the smaller camp are told, or
    of both; of two studies both, where means and SDs are apart by nearly the same.

    `rows`: by study; `in_units`: outcomes that all studies should have in one unit.
    """
    for outcome, change in ((outcome, change) for outcome in in_units for change in (False, True)):
        sized = {s: of for s, mine in rows.items() if (of := level(mine, outcome, change=change))}
        apart = _camps(sized)
        for study, mine in sized.items():
            others = [of for name, of in sized.items() if name not in apart.get(study, {study})]
            two = len(sized) == 2
            by = off(mine.level, [of.level for of in others], least=1 if two else 2)
            spreads = [of.spread for of in others if isfinite(of.spread)]
            alike = not two
            if by and spreads and median(spreads) > 0 and isfinite(mine.spread):
                # Another population or scale, and no other unit.
                near = _OF_TWO[change] if two else 3
                alike = 1 / near < (mine.spread / median(spreads)) / by < near
            what = "the SDs of its changes" if change else "its means or medians"
            low, high = (of(o.level for o in others) for of in (min, max)) if others else (nan, nan)
            if by and alike:
                who = f"{'' if study in apart else 'all '}{len(others)} other studies"
                who = "the other study" if two else who
                asked = f"{what} are {times_as(by)} those of {who}: are "
                expected = f"{low:.3g} to {high:.3g}, or the unit in the column unit"
                asked += "they in another unit?"
            elif not change and (base := _logarithm(mine, others)):
                asked = f"{what} and SDs are those of a logarithm ({base}) of what all "
                asked += f"{len(others)} other studies have: are they on a log scale?"
                expected = f"{low:.3g} to {high:.3g}"
            else:
                continue
            found = f"about {mine.level:.3g}"
            said = f"{outcome}: {asked}"
            yield study, Problem("warning", mine.rows, "unit of one study", said, found, expected)


# ASSUME: of two studies in two units, means and SDs, or SDs of changes and the largest of them, are
# apart by the same within these.
_OF_TWO = {False: 1.5, True: 2.5}
# ASSUME: studies of one unit in one camp are no further apart than this, as those of one measure in
# like patients are; camps that differ by more than a unit are further apart within.
_WITHIN = 3.0


def _camps(sized: dict[str, Level]) -> dict[str, set[str]]:
    """Of studies that fall into two camps of two or more, OTHER_UNIT apart and each near together:
    by study of the smaller one (of both, where they are as many) the studies of its camp."""
    order = sorted(sized, key=lambda study: sized[study].level)
    levels = [sized[study].level for study in order]
    cut = max(range(1, len(order)), key=lambda i: levels[i] / levels[i - 1], default=0)
    camps = order[:cut], order[cut:]
    near = all(len(c) > 1 and sized[c[-1]].level <= _WITHIN * sized[c[0]].level for c in camps)
    if not near or levels[cut] < OTHER_UNIT * levels[cut - 1]:
        return {}
    few = min(map(len, camps))
    return {study: set(camp) for camp in camps if len(camp) == few for study in camp}


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


# ASSUME: means turned into the unit of the others lie among theirs widened by half an SD, which are
# no further apart than two, and SDs as theirs within this; as they are printed they are an SD off.
# Other patients whose means and SDs differ by just the factor of a unit are rare (of kg it is 2.2).
_SDS_OF_UNIT = 1.35


def known_unit_of_one_study(
    rows: dict[str, tuple[Row, ...]], units: Mapping[str, str]
) -> Iterator[tuple[str, Problem]]:
    """A study whose means and SDs are those of all others in the unit that is printed instead of
    the outcome's (lb for kg, °F for °C), less far off than `unit_of_one_study` sees: two others or
    more, and as many as are so.

    `rows`: by study; `units`: the unit of each outcome that has one.
    """
    for outcome, unit in units.items():
        if not (printed := printed_for(unit)):
            continue
        name, by, more = printed
        sized = {s: of for s, mine in rows.items() if (of := level(mine, outcome))}
        for study, mine in sized.items():
            turned, spread = (mine.level - more) / by, mine.spread / by
            middle = (mine.level + turned) / 2
            others = [of for of in sized.values() if (of.level < middle) != (mine.level < middle)]
            if len(others) < max(2, len(sized) - len(others)):
                continue
            low, high = (of(o.level for o in others) for of in (min, max))
            sd = median(of.spread for of in others)
            alike = all(1 / _SDS_OF_UNIT < spread / of.spread < _SDS_OF_UNIT for of in others)
            near = high - low <= 2 * sd and low - sd / 2 < turned < high + sd / 2
            if alike and near and not low - sd < mine.level < high + sd:
                asked = f"its means and SDs are those of {len(others)} other studies in {name}: is "
                asked += f"it in {name}, and not in {unit}?"
                found = f"about {mine.level:.3g}, SD {mine.spread:.2g}"
                right = f"{low:.3g} to {high:.3g}, as {turned:.3g} with SD {spread:.2g} is"
                said = ("unit of one study", f"{outcome}: {asked}", found, right)
                yield study, Problem("warning", mine.rows, *said)


def off(mine: float, others: list[float], least: int = 2) -> float | None:
    """How many times all others that are known, `least` or more, a size is, where that is far and
    they are near one another."""
    others = [of for of in others if isfinite(of)]
    if len(others) < least or not min(others) > 0 or not mine > 0:
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
