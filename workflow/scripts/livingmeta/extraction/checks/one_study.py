"""A study held against all others of its outcome: scale, unit, and whether its means are changes.
See `run`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import combinations
from math import inf, isfinite, nan, sqrt
from statistics import median
from typing import NamedTuple

from livingmeta.extraction.checks.beside import with_columns
from livingmeta.extraction.checks.intervals import most_of_error, patients_of_arms
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import Row, plain

# z of a study whose means differ the other way than those of all others, and of two of these.
_ALONE, _OTHERS = 2.576, 1.96


def scale_of_one_study(rows: dict[str, tuple[Row, ...]]) -> Iterator[tuple[str, Problem]]:
    """A study whose means, or whose printed difference of them, clearly differ the other way than
    those of all others, while no row of the outcome says of a scale that it is reversed: more may
    be better on it alone.

    `rows`: by study. At least three studies of the same two arms, two of them clear as well.
    """
    said = {r.outcome for mine in rows.values() for r in mine if r.direction}
    found: dict[tuple[str, str, str], dict[str, tuple[float, tuple[int, ...]]]] = {}
    for study, mine in rows.items():
        for (outcome, first, second), (z, of) in _differences(with_columns(mine)).items():
            if outcome not in said:
                found.setdefault((outcome, first, second), {})[study] = z, of
    for (outcome, first, second), by_study in found.items():
        for study, (z, of) in by_study.items():
            against = [
                -other if z > 0 else other for s, (other, _) in by_study.items() if s != study
            ]
            clear = sum(other >= _OTHERS for other in against)
            if abs(z) >= _ALONE and clear >= 2 and min(against) > 0:
                yield (
                    study,
                    Problem(
                        "warning",
                        of,
                        "direction of the scale",
                        f"{first} against {second} differs on {outcome} the other way than in all "
                        f"{len(against)} other studies: does more mean the opposite on its scale, "
                        "or are its arms swapped?",
                        f"z {z:.1f}",
                        "the column direction reversed in all rows of such a scale",
                    ),
                )


# How many times as large, or as small, as all others a study's means and SDs must be for another
# unit to be asked about: less than those of weeks for days, and no more than a factor of this
# apart may the others be.
_OTHER_UNIT = 6.5


def unit_of_one_study(
    rows: dict[str, tuple[Row, ...]], in_units: Collection[str]
) -> Iterator[tuple[str, Problem]]:
    """A study whose means are many times as large or as small as those of all others, and its SDs
    alike: in another unit. Three studies at least.

    `rows`: by study; `in_units`: outcomes that all studies should have in one unit. What falls into
    two camps nobody can tell apart, and is left.
    """
    found: dict[str, dict[str, _Level]] = {}
    for study, mine in rows.items():
        for outcome in in_units:
            if sized := _level(mine, outcome):
                found.setdefault(outcome, {})[study] = sized
    for outcome, by_study in found.items():
        for study, (level, spread, of, _) in by_study.items():
            others = [o[:2] for s, o in by_study.items() if s != study]
            low, high = min(m for m, _ in others or [(0, 0)]), max(m for m, _ in others or [(0, 0)])
            if len(others) < 2 or high > _OTHER_UNIT * low:
                continue
            if low / _OTHER_UNIT < level < high * _OTHER_UNIT:
                continue
            usual = median(mean for mean, _ in others)
            spreads = [sd for _, sd in others if isfinite(sd)]
            if spreads and isfinite(spread):
                by = (spread / median(spreads)) / (level / usual)
                if not 1 / 3 < by < 3:  # another population or scale, and no other unit
                    continue
            yield (
                study,
                Problem(
                    "warning",
                    of,
                    "unit of one study",
                    f"{outcome}: its means are {_times(level / usual)} those of all "
                    f"{len(others)} other studies: are they in another unit?",
                    f"about {level:.3g}",
                    f"{low:.3g} to {high:.3g}, or the unit in the column unit",
                ),
            )


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
    found: dict[str, dict[str, _Level]] = {}
    for study, mine in rows.items():
        for outcome in in_units:
            if sized := _level([r for r in mine if r.time != 0], outcome):
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


class _Difference(NamedTuple):
    """How large a study's differences, their SEs and the SDs that these are of are (NaN where
    nothing tells), and their rows: none where the SDs are those of its arms."""

    value: float
    se: float
    sd: float
    rows: tuple[int, ...]


def difference_of_one_study(
    rows: dict[str, tuple[Row, ...]], in_units: Collection[str]
) -> Iterator[tuple[str, Problem]]:
    """A study that prints a difference alone, whose SE is of SDs many times as large or as small as
    those of all others: in another unit, or of something else. Three studies at least; where
    patients are not known, SEs and differences must both be so far off.

    `rows`, `in_units`: as of `unit_of_one_study`.
    """
    for outcome in in_units:
        sized = {study: of for study, mine in rows.items() if (of := _difference(mine, outcome))}
        for study, mine in sized.items():
            if not mine.rows:
                continue
            others = [of for name, of in sized.items() if name != study]
            known = isfinite(mine.sd) and sum(isfinite(of.sd) for of in others) >= 2
            if known:
                by = _off(mine.sd, [of.sd for of in others])
            else:
                by = _off(mine.se, [of.se for of in others])
                of_values = _off(mine.value, [of.value for of in others])
                by = by if by and of_values and (by > 1) == (of_values > 1) else None
            if by is not None:
                yield (
                    study,
                    Problem(
                        "warning",
                        mine.rows,
                        "unit of one study",
                        f"{outcome}: the SE of its difference is {_times(by)} those of all other "
                        f"studies{' for as many patients' * known}: is it in another unit, or of "
                        "something else?",
                        f"SE about {mine.se:.3g}",
                        f"about {mine.se / by:.2g}, or the unit in the column unit",
                    ),
                )


def _off(mine: float, others: list[float]) -> float | None:
    """How many times all others that are known a size is, where that is far and they are near one
    another."""
    others = [of for of in others if isfinite(of)]
    if len(others) < 2 or not min(others) > 0 or not mine > 0:
        return None
    low, high = min(others), max(others)
    alike = high <= _OTHER_UNIT * low
    far = not low / _OTHER_UNIT < mine < high * _OTHER_UNIT
    return mine / median(others) if alike and far else None


def _difference(rows: tuple[Row, ...], outcome: str) -> _Difference | None:
    """A study's differences of an outcome; where its arms print SDs, these."""
    mine = tuple(r for r in rows if r.outcome == outcome and not r.part)
    level = _level(mine, outcome)
    if level and isfinite(level[1]):
        return _Difference(nan, nan, level[1], ())
    printed = [
        (r, se)
        for r in mine
        if r.statistic == "mean-difference" and "/" in r.arm and r.clusters != "adjusted"
        if isfinite(r.value) and isfinite(se := most_of_error(r, ratio=False)[1])
    ]
    if not printed:
        return None
    sds = []
    for r, se in printed:
        sized = [r] if r.n > 0 else patients_of_arms(mine, r)
        sds += [se * sqrt(sum(x.n for x in sized)) / 2] if sized else []
    value, se = (median(of) for of in ([abs(r.value) for r, _ in printed], [e for _, e in printed]))
    return _Difference(value, se, median(sds) if sds else nan, tuple(r.row for r, _ in printed))


def _times(ratio: float) -> str:
    by, size = (ratio, "large") if ratio > 1 else (1 / ratio, "small")
    return f"{plain(float(f'{by:.2g}'))} times as {size} as"


class _Level(NamedTuple):
    """How large the means and medians of a study's arms are, its SDs (NaN: none), their rows, and
    the means and medians themselves."""

    level: float
    spread: float
    rows: tuple[int, ...]
    means: tuple[float, ...]


def _level(rows: Iterable[Row], outcome: str) -> _Level | None:
    mine = [r for r in with_columns(tuple(rows)) if r.outcome == outcome and "/" not in r.arm]
    sized = [
        r
        for r in mine
        if r.statistic in ("mean", "median") and r.measured != "change" and isfinite(r.value)
    ]
    level = median(abs(r.value) for r in sized) if sized else 0.0
    if not level > 0:
        return None
    sds = [r.value for r in mine if r.statistic == "sd" and r.value > 0]
    sds += [r.value * sqrt(r.n) for r in mine if r.statistic == "se" and r.value > 0 and r.n > 0]
    places = tuple(dict.fromkeys(r.row for r in sized))
    return _Level(level, median(sds) if sds else nan, places, tuple(r.value for r in sized))


_OF_MEANS = {"mean-difference", "standardised-mean-difference"}


def _differences(
    rows: tuple[Row, ...],
) -> dict[tuple[str, str, str], tuple[float, tuple[int, ...]]]:
    """By outcome and two arms z of the difference of their last means of all patients, and rows;
    where these are not printed, of the last difference that is."""
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
    found: dict[tuple[str, str, str], tuple[float, tuple[int, ...]]] = {}
    for (one, (a, se_a)), (other, (b, se_b)) in combinations(sorted(means.items()), 2):
        alike = a.measured == b.measured and (a.time == b.time or not isfinite(a.time + b.time))
        if one[0] == other[0] and alike:
            z = (a.value - b.value) / sqrt(se_a**2 + se_b**2)
            found[one[0], one[1], other[1]] = z, (a.row, b.row)
    printed = [r for r in rows if r.statistic in _OF_MEANS and "/" in r.arm and not r.part]
    for r in sorted(printed, key=lambda r: r.time if isfinite(r.time) else inf):
        first, second = sorted(r.arm.split("/"))
        se = most_of_error(r, ratio=False)[1]
        of_means = len(found.get((r.outcome, first, second), (0.0, ()))[1]) > 1
        if isfinite(r.value) and isfinite(se) and not of_means:
            z = r.value / se if r.arm == f"{first}/{second}" else -r.value / se
            found[r.outcome, first, second] = z, (r.row,)
    return found
