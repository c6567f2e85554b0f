"""The SDs of a study held against those of all others of its outcome, and what stands for them
against those of other times. See `run`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from math import inf, isfinite, isnan, log, nan, sqrt
from statistics import median
from typing import NamedTuple

from livingmeta.extraction.checks.arms import Rows
from livingmeta.extraction.checks.beside import (
    ALIKE,
    AN_SE,
    Spread,
    spreads,
    typed_for,
    with_columns,
)
from livingmeta.extraction.checks.intervals import most_of_error, patients_of_arms
from livingmeta.extraction.checks.one_study import level, off, times_as
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.checks.spread import (
    OF_CHANGE,
    OF_VALUE,
    ROOT,
    misfit,
    part_as_sd,
    squared,
    too_large,
    too_small,
)
from livingmeta.extraction.rows import Row, same_moment


def sds_of_studies(
    rows: dict[str, tuple[Row, ...]], in_units: Collection[str]
) -> Iterator[tuple[str, Problem]]:
    """SDs that fit those of the other studies only times the root of their n are SEs, and those
    whose root fits them are variances; SEs that fit them as they are, SDs. Intervals, quartiles and
    ranges stand for SDs as well, and are off where they are of something else.

    All of a study's must say so, and be far off every one of those that do not, the further the
    fewer studies there are; so must their shares of the means: a scale of another length has both
    means and SDs of another size. Where all means are about nought, these shares say nothing, and
    are left out of outcomes `in_units`, those that all studies should have in one unit. Less than
    half of the studies, and two others at least; of two studies, and of more than half, where the
    means are alike and only SEs explain it. Changes are held to changes.
    """
    found: dict[tuple[str, bool], dict[str, list[_Sized]]] = {}
    for study, printed in rows.items():
        for (outcome, change), mine in _by_outcome(printed).items():
            found.setdefault((outcome, change), {})[study] = mine
    for (outcome, _), studies in found.items():
        every = [
            (median(s.size for s in of), median(s.share for s in of)) for of in studies.values()
        ]
        usual, usual_share = (median(of) for of in zip(*every, strict=True))
        if outcome in in_units and usual_share > _ABOUT_NOUGHT:
            usual_share = nan
        odd = {
            study: slips.pop()
            for study, of in studies.items()
            if len(slips := {s.slip(usual, usual_share) for s in of}) == 1 and "" not in slips
        }
        rest = [s for name, of in studies.items() if name not in odd for s in of]
        if not odd or len(studies) - len(odd) < max(2, len(odd) + 1):
            for study, of, camp, slip in _errors_of_most(studies):
                for s in of:
                    yield study, s.told(camp, slip)
            continue
        far = _FAR.get(len(studies), _FAR_OF_MANY)
        usual = median(s.size for s in rest)
        for study, slip in odd.items():
            if all(s.far_off(rest, far, slip, usual_share) for s in studies[study]):
                for s in studies[study]:
                    yield study, s.told(usual, slip)


# ASSUME: how far beyond all others an SD is asked about, by how many studies there are: SDs of one
# measure vary between studies by a quarter or a third, and of few nobody knows how far.
_FAR, _FAR_OF_MANY = {3: 4.0, 4: 3.0}, 1.6
# ASSUME: the same of two camps of which neither is the smaller, or it is the one that is right.
_FAR_OF_CAMPS, _MEANS_OF_CAMPS = 4.0, 1.6
# ASSUME: means within half an SD of nought are about it: of numbers above nought few are so skewed.
_ABOUT_NOUGHT = 2.0


def _errors_of_most(
    studies: dict[str, list[_Sized]],
) -> Iterator[tuple[str, list[_Sized], float, str]]:
    """Studies with like means that fall into two camps by their SDs, one of which holds SEs for
    SDs, or SDs for SEs, all through; the size of the other, and which slip it is."""
    order = sorted(studies, key=lambda study: median(s.size for s in studies[study]))
    sizes = [median(s.size for s in studies[study]) for study in order]
    cut = max(range(1, len(order)), key=lambda i: sizes[i] / sizes[i - 1], default=0)
    means = [s.size / s.share for of in studies.values() for s in of if s.share]
    if not cut or not 0 < max(means) <= _MEANS_OF_CAMPS * min(means):
        return
    for slip, kind, odd, right in (
        ("low", "sd", order[:cut], order[cut:]),
        ("high", "se", order[cut:], order[:cut]),
    ):
        rest = [s for study in right for s in studies[study]]
        usual = median(s.size for s in rest)
        every = [s for study in odd for s in studies[study]]
        # SDs of twice the means are hardly the right ones
        if median(s.share for s in rest) < _ABOUT_NOUGHT and all(
            s.spread.kind == kind
            and s.slip(usual, nan) == slip
            and s.far_off(rest, _FAR_OF_CAMPS, slip, nan)
            for s in every
        ):
            yield from ((study, studies[study], usual, slip) for study in odd)
            return


def _by_outcome(printed: tuple[Row, ...]) -> dict[tuple[str, bool], list[_Sized]]:
    """The SDs of a study by outcome and whether they are of changes."""
    found: dict[tuple[str, bool], list[Spread]] = {}
    mine = with_columns(printed)
    for outcome in dict.fromkeys(r.outcome for r in mine):
        for s in spreads(tuple(r for r in mine if r.outcome == outcome)):
            change = s.centre.measured == "change"
            if change or s.centre.value:
                found.setdefault((outcome, change), []).append(s)
    sized = {}
    for (outcome, change), of in found.items():
        # One arm may not have changed: the study's largest change tells the size of its scale.
        largest = max(abs(s.centre.value) for s in of)
        levels = [largest if change else abs(s.centre.value) for s in of]
        sized[outcome, change] = [
            _Sized(s, s.size, s.size / level if level else inf)
            for s, level in zip(of, levels, strict=True)
        ]
    return sized


def spreads_of_other_times(rows: Rows) -> Iterator[Problem]:
    """SEs and intervals of means stand for SDs of about the size that the arm has at other times;
    those that do not, and would as what they may be of (an SD, mean ± SD), are asked about. SDs
    themselves: `sd_of_other_times`; quartiles of skewed numbers may narrow as much as their median.

    `rows`: of one outcome, `with_columns`.
    """
    found = [s for s in spreads(rows) if s.kind in ("sd", "se", "interval")]
    for s in found:
        others = [
            o
            for o in found
            if o.row.arm == s.row.arm and not same_moment(o.centre.time, s.centre.time)
        ]
        change = s.centre.measured == "change"
        alike = [o for o in others if (o.centre.measured == "change") == change]
        others = alike or others
        later = [o for o in others if o.centre.time > 0] if s.centre.time > 0 else []
        if s.kind == "sd" or not others:
            continue
        usual = median(o.size for o in later or others)
        by = s.size / usual
        far = _TIMES if later else _SINCE_START
        if not alike:
            far = OF_CHANGE if change == (by < 1) else OF_VALUE
        # Numbers of a change are about nought, and those of others from nought grow with the mean.
        shares = [o.share for o in later or others if o.centre.measured == s.centre.measured]
        usual_share = median(shares) if shares and s.centre.measured != "change" else nan
        mine = _Sized(s, s.size, s.share if isfinite(s.share) else nan)
        if max(by, 1 / by) > far and mine.slip(usual, usual_share):
            asked = f"the {'SD' if len(others) == 1 else 'SDs'} at other times"
            yield misfit(s, asked, usual)


# ASSUME: SDs of one arm at two times are less apart than this; who may enter a trial narrows those
# at the beginning, to a third of what they are later.
_TIMES, _SINCE_START = 2.5, 4.0


class _Sized(NamedTuple):
    """What tells an SD, its `size`, and its `share` of the mean, or of the largest change."""

    spread: Spread
    size: float
    share: float

    def slip(self, usual: float, usual_share: float) -> str:
        """`low` or `high` for a number that is of something else and makes the SD so, `square` for
        a variance; "" for none. `usual_share`: NaN where shares say nothing."""
        both = _known((self.size, usual), (self.share, usual_share))
        s = self.spread
        if s.kind == "sd":
            if all(typed_for(a, s.n, b) for a, b in both):
                return "low"
            off = [max(a / b, b / a) > 2.5 and (a > b) == (usual > 1) for a, b in both]
            squared_ = 1 / ROOT < sqrt(self.size) / usual < ROOT
            return f"square {'high' if usual > 1 else 'low'}" if all(off) and squared_ else ""
        if not s.n >= 9:
            return ""
        low = too_small(s) if s.kind != "se" else nan
        highs = (too_large(s), _WIDTH) if s.kind == "se" else (too_large(s),)
        if all(a * 2.5 < b and 1 / ALIKE < a / b / low < ALIKE for a, b in both):
            return "low"
        far = (
            all(a > 2.5 * b and 1 / ALIKE < a / b / high < ALIKE for a, b in both) for high in highs
        )
        return "high" if any(far) else ""

    def far_off(self, rest: list[_Sized], far: float, slip: str, usual_share: float) -> bool:
        """Whether it lies so far below, or above, every one of the rest."""
        pairs = [(self.size, [s.size for s in rest])]
        pairs += [(self.share, [s.share for s in rest])] * (not isnan(usual_share))
        if slip.endswith("low"):
            return all(far * own < min(others) for own, others in pairs)
        return all(own > far * max(others) for own, others in pairs)

    def told(self, usual: float, slip: str) -> Problem:
        r, n = self.spread.row, self.spread.n
        if slip.startswith("square"):
            return squared(r, r.value, "those in the other studies", usual, (r.row,))
        if self.spread.kind == "sd":
            # The slip was seen beside all studies; beside the rest alone it may be just too far.
            name = typed_for(r.value, n, usual, inf) or AN_SE
            return part_as_sd(r, "in the other studies", usual, n, name)
        if self.spread.kind != "se":
            return misfit(self.spread, "the SDs in the other studies", usual)
        return Problem(
            "warning",
            (r.row,),
            "SD",
            f"SE of {r.arm} is {_as_large(self.size / usual, n)}?",
            f"{r.value:.4g}",
            f"about {usual / sqrt(n):.3g}, as SE of {n:g}",
        )


_WIDTH = 3.92  # standard errors in the width of an interval of 95%


def _as_large(by: float, n: float) -> str:
    """What an SE that is so many times too large may be."""
    if abs(log(by / _WIDTH)) < abs(log(by / sqrt(n))):
        return "far above what the SDs in the other studies make: is it the width of an interval"
    return "as large as the SDs in the other studies: is it an SD"


def _known(*pairs: tuple[float, float]) -> list[tuple[float, float]]:
    """The pairs of which the second is known."""
    return [pair for pair in pairs if not isnan(pair[1])]


# ASSUME: means of a study are within a factor of these of the means of others, and SDs of theirs,
# where both are of one unit; what is so many times its SD is no SD.
_NEAR_MEANS, _NEAR_SDS, _TIMES_SD = 1.6, 2.0, 3.0


def columns_changed_over(
    rows: dict[str, tuple[Row, ...]], in_units: Collection[str]
) -> Iterator[tuple[str, Problem]]:
    """A study whose means are as large as the SDs of all others, and its SDs as their means, which
    are far from one another. Three studies at least. `rows`, `in_units`: as of
    `unit_of_one_study`."""
    for outcome in in_units:
        sized = {s: of for s, mine in rows.items() if (of := level(mine, outcome))}
        for study, mine in sized.items():
            others = [of for name, of in sized.items() if name != study]
            over = [
                1 / _NEAR_MEANS < mine.spread / of.level < _NEAR_MEANS
                and 1 / _NEAR_SDS < mine.level / of.spread < _NEAR_SDS
                and min(of.level / of.spread, mine.spread / mine.level) > _TIMES_SD
                for of in others
            ]
            if len(over) >= 2 and all(over):
                yield (
                    study,
                    Problem(
                        "warning",
                        mine.rows,
                        "SD",
                        f"{outcome}: its means are as large as the SDs of all {len(others)} other "
                        "studies, and its SDs as their means: are the columns changed over?",
                        f"mean about {mine.level:.3g}, SD about {mine.spread:.3g}",
                        f"mean about {mine.spread:.3g}, SD about {mine.level:.3g}",
                    ),
                )


class _Difference(NamedTuple):
    """How large a study's differences, their SEs and the SDs that these are of are (NaN where
    nothing tells), and their rows: none where the SDs are those of its arms."""

    value: float
    se: float
    sd: float
    rows: tuple[int, ...]


# ASSUME: a patient's values in the two arms of a crossover correlate by less than 0.98: the SD of
# their differences is then a fifth of that of the values or more, and what two arms of other
# patients would make of its SE a tenth.
_PAIRED = 10.0


def difference_of_one_study(
    rows: dict[str, tuple[Row, ...]],
    in_units: Collection[str],
    patients: Mapping[str, float],
    in_both: Collection[str] = (),
) -> Iterator[tuple[str, Problem]]:
    """A study that prints a difference alone, whose SE is of SDs many times as large or as small as
    those of all others: in another unit, or of something else. Where patients are not known, three
    studies at least, and SEs and differences must both be so far off.

    `rows`, `in_units`: as of `unit_of_one_study`; `patients`: of each study, where rows have none;
    `in_both`: studies with each patient in both arms, whose differences are held to one another, or
    from afar to the others.
    """
    for outcome in in_units:
        sized = {
            study: of
            for study, mine in rows.items()
            if (of := _difference(mine, outcome, patients.get(study, nan)))
        }
        for study, mine in sized.items():
            if not mine.rows:
                continue
            within = {name for name, of in sized.items() if of.rows and name in in_both}
            alike = len(within - {study}) > 1 and study in within
            rest = (within if alike else sized.keys() - within) - {study}
            others = [of for name, of in sized.items() if name in rest]
            least = 2 if len(sized) > 2 else 1
            known = isfinite(mine.sd) and sum(isfinite(of.sd) for of in others) >= least
            if known:
                by = off(mine.sd, [of.sd for of in others], least)
                if by and by < 1 and study in in_both and not alike:
                    most = off(_PAIRED * mine.sd, [of.sd for of in others])
                    by = by if most and most < 1 else None
            else:
                by = off(mine.se, [of.se for of in others])
                of_values = off(mine.value, [of.value for of in others])
                by = by if by and of_values and (by > 1) == (of_values > 1) else None
            sds = [of.sd for of in others if isfinite(of.sd)]
            if by is None and known and _is_sd(mine, sds):
                yield (
                    study,
                    Problem(
                        "warning",
                        mine.rows,
                        "SD",
                        f"{outcome}: the SE of its difference is as large as the SDs in the other "
                        "studies: is it an SD?",
                        f"SE about {mine.se:.3g}",
                        f"about {mine.se * median(sds) / mine.sd:.2g}",
                    ),
                )
            if by is not None:
                yield (
                    study,
                    Problem(
                        "warning",
                        mine.rows,
                        "unit of one study",
                        f"{outcome}: the SE of its difference is {times_as(by)} those of all other "
                        f"studies{' for as many patients' * known}: is it in another unit, or of "
                        "something else?",
                        f"SE about {mine.se:.3g}",
                        f"about {mine.se / by:.2g}, or the unit in the column unit",
                    ),
                )


def _is_sd(mine: _Difference, others: list[float]) -> bool:
    """Whether the SD that the SE of a difference stands for is far above those of others, and the
    SE itself about theirs."""
    usual, far = median(others), _FAR.get(len(others) + 1, _FAR_OF_MANY)
    # A difference of two SDs or more is none that many have: it is in another unit, if anything.
    near = 1 / ALIKE < mine.se / usual < ALIKE and mine.value < 2 * mine.se
    return near and mine.sd > 2.5 * usual and mine.sd > far * max(others)


def _difference(rows: tuple[Row, ...], outcome: str, patients: float) -> _Difference | None:
    """A study's differences of an outcome, of so many `patients` where no row says how many; where
    its arms print SDs, these."""
    mine = tuple(r for r in rows if r.outcome == outcome and not r.part)
    of_arms = level(mine, outcome)
    if of_arms and isfinite(of_arms.spread):
        return _Difference(nan, nan, of_arms.spread, ())
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
        n = sum(x.n for x in sized) or patients
        sds += [se * sqrt(n) / 2] if n > 0 else []
    value, se = (median(of) for of in ([abs(r.value) for r, _ in printed], [e for _, e in printed]))
    return _Difference(value, se, median(sds) if sds else nan, tuple(r.row for r, _ in printed))
