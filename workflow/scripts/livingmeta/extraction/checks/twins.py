"""One study under two names, whose patients would count twice; numbers of a study that stand in two
of its places. See `run`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations
from math import isfinite, log10, pi, prod, sqrt

from livingmeta.extraction.checks.arms import Rows, of
from livingmeta.extraction.checks.beside import Spread, beside, spreads, with_columns
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.checks.study import ALL
from livingmeta.extraction.rows import Row, plain, same_moment
from livingmeta.formulas.rounding import half_unit
from livingmeta.formulas.time_to_event import critical_value

# ASSUME: two studies that agree by chance in all numbers of an outcome agree in fewer significant
# digits (of 8, 17 and 40 there are four), those of one report in fewer than the second.
CHANCE, ONE_REPORT = 4, 2
FOLLOWED = {"minimum-followup", "maximum-followup"}  # alike in all series of one report


def twins(
    rows: dict[str, tuple[Row, ...]], reports: dict[str, set[str]], trials: dict[str, str]
) -> Iterator[tuple[str, Problem]]:
    """Pairs of studies of which all that both print on an outcome is the same, number by number,
    unless they are two comparisons of one trial and share one arm of it.

    `rows`, `reports`, `trials`: by study. How much must be alike: `CHANCE`, of studies of one
    report `ONE_REPORT`. Yields the later study of the pair and what is the matter.
    """
    found = {
        (study, outcome): here
        for study, mine in rows.items()
        if (all_ := with_columns(mine))
        for outcome in dict.fromkeys(row.outcome for row in mine)
        if (here := printed(row for row in all_ if row.outcome == outcome))
    }
    # Only those that have a number in common are tried against each other.
    alike: dict[tuple, list[str]] = {}
    for (study, outcome), cells in found.items():
        for cell, (numbers, _) in cells.items():
            alike.setdefault((outcome, cell, numbers), []).append(study)
    pairs = {
        (outcome, *pair): None
        for (outcome, *_), of in alike.items()
        for pair in combinations(of, 2)
    }
    by_chance = CHANCE + digits_more(len(rows))
    for outcome, first, second in pairs:
        mine, theirs = found[first, outcome], found[second, outcome]
        both = [cell for cell in mine if cell in theirs]
        if any(mine[cell][0] != theirs[cell][0] for cell in both):
            continue
        of_one = trials.get(first) and trials.get(first) == trials.get(second)
        if of_one and len({arm for arm, *_ in both}) == 1:
            continue
        common = {number for cell in telling(both) for number in mine[cell][0] if number > 0}
        together = reports.get(first, set()) & reports.get(second, set())
        if sum(map(digits, common)) >= (ONE_REPORT if together else by_chance):
            where = [place[cell][1] for cell in both for place in (mine, theirs)]
            why = f" and the report {min(together)}" if together else ""
            said = f"the same numbers on {outcome}{why} as the study {first}: one study twice?"
            yield second, Problem("warning", tuple(sorted(where)), "one study twice", said, "", "")


def one_report(
    reports: dict[str, set[str]], trials: dict[str, str], said: set[tuple[str, str]]
) -> Iterator[tuple[str, Problem]]:
    """Pairs of studies that name one report, unless both say of which trial they are.

    `reports`, `trials`: by study; `said`: pairs of which more is known already.
    """
    first_of: dict[str, str] = {}
    named_already: set[tuple[str, str]] = set(said)
    for study, named in reports.items():
        for report in sorted(named):
            first = first_of.setdefault(report, study)
            told = trials.get(first) and trials.get(study)
            if first != study and (first, study) not in named_already and not told:
                named_already.add((first, study))
                words = (
                    f"the report {report} is of the study {first} too: one study twice, or two "
                    "trials in one report (then the column trial of studies.csv names each)?"
                )
                yield study, Problem("warning", (), "one report in two studies", words, "", "")


def digits_more(studies: int) -> int:
    """More studies, more pairs that agree by chance: a digit for every tenfold above 50 pairs."""
    return max(0, round(log10(max(studies * (studies - 1) / 2, 1) / 50)))


def digits(number: float) -> int:
    """The significant digits of a number, noughts at its ends aside."""
    return len(f"{number:.6e}".partition("e")[0].replace(".", "").strip("0"))


def telling(cells: list[tuple]) -> list[tuple]:
    """The cells but for percentages of counts that are among them: they and their intervals follow
    from those, so that two studies are no more alike for them."""
    return [
        cell
        for cell in cells
        if cell[-3] != "proportion" or (*cell[:-3], "events", *cell[-2:]) not in cells
    ]


def printed(rows: Iterable[Row]) -> dict[tuple, tuple[tuple[float, ...], int]]:
    """What is printed in each cell, and in which row; the last three of a cell are statistic, time
    and adjustment."""
    return {
        (r.arm, r.statistic, r.time if isfinite(r.time) else None, r.adjusted): (
            tuple(x for x in (r.value, r.n, r.ci_low, r.ci_high) if isfinite(x)),
            r.row,
        )
        for r in rows
        if isfinite(r.value) and r.statistic not in FOLLOWED
    }


def quartiles_twice(rows: Rows) -> Iterator[Problem]:
    """Both quartiles of an arm that are its minimum and maximum: one of the two was not printed.

    ASSUME: of five patients and more, on a scale of five steps and more, a quarter does not lie at
    either end.
    """
    for q1 in of(rows, "q1"):
        low, q3, high = (beside(rows, end, q1)[:1] for end in ("minimum", "q3", "maximum"))
        here = [q1, *low, *q3, *high]
        if len(here) < 4 or any(0 < r.n < 5 for r in here):
            continue
        steps = (q3[0].value - q1.value) / (2 * half_unit(q1.value, q3[0].value))
        if (low[0].value, high[0].value) == (q1.value, q3[0].value) and steps >= 5:
            yield Problem(
                "warning",
                tuple(r.row for r in here),
                "quartiles and range",
                f"the quartiles of {q1.arm} are its minimum and maximum as well: is one of them not"
                " printed?",
                f"{plain(q1.value)} to {plain(q3[0].value)} twice",
                "quartiles within minimum and maximum; where only one is printed, only that",
            )


# ASSUME: how seldom numbers may agree by chance before they are asked about; medians are often
# those of scans, and so of few times.
_SELDOM, _OF_MEDIANS = 3e-3, 1e-3
# ASSUME: a patient's first and later values correlate by about 0.75, so that means and SDs of one
# arm lie half as far apart as those of two; so many digits do not agree in all arms at once.
_ONE_ARM, _ALL_ARMS = 0.5, 6
# ASSUME: two later values correlate by more than first and later ones, and there are many of them.
_LATER = 1e-4


def one_row_in_two_arms(
    rows: Rows, joins: Mapping[str, Collection[str]], in_both: bool
) -> Iterator[Problem]:
    """Two arms with one mean, SD and number of patients, or one median and interval.

    `rows`: of one outcome, `with_columns`; `joins`: the parts of arms that are made of others;
    `in_both`: whether each patient is in both arms, whose values are alike. Percentages and counts
    agree often, and so do means at time 0 where arms were made alike.
    """
    found = [s for s in _told_by_means(rows) if s.centre.time != 0]
    pairs = [
        (a.centre, b.centre)
        for a, b in combinations(found, 2)
        if _agree(a, b) and a.n > 1 and _by_chance(a, 1.0) < _SELDOM
    ]
    for a, b in combinations(of(rows, "median"), 2):
        ends = [(m.value, m.ci_low, m.ci_high) for m in (a, b)]
        if a.has_ci and a.ci_low < a.ci_high and ends[0] == ends[1] and _same(a.n, b.n):
            se = (a.ci_high - a.ci_low) / (2 * critical_value(a.ci_level))
            once = 2 * half_unit(*ends[0]) / (se * sqrt(4 * pi))
            pairs += [(a, b)] * (once**2 < _OF_MEDIANS)
    for a, b in pairs:
        whole = b.arm in joins.get(a.arm, ALL) or a.arm in joins.get(b.arm, ALL)
        alike = a.measured == b.measured and same_moment(a.time, b.time)
        if a.arm != b.arm and alike and not whole and not in_both:
            said = f"{a.statistic} of {a.arm} and of {b.arm} are"
            yield _copied((a, b), f"{said} the same, and so are what stands beside them and n")


def earlier_row_as_later(rows: Rows) -> Iterator[Problem]:
    """Means and SDs of two times that are the same: at time 0 and later in all arms, or to more
    digits than agree by chance in one; at two later times likewise, by chance in all arms together.
    `rows`: as of `one_row_in_two_arms`."""
    of_time: dict[tuple[bool, float], list[Spread]] = {}
    for s in _told_by_means(rows):
        if s.centre.time >= 0:
            of_time.setdefault((s.centre.measured == "change", s.centre.time), []).append(s)
    for (change, time), later in sorted(of_time.items()):
        told: set[str] = set()
        times = sorted((t for c, t in of_time if c == change and t < time), reverse=True)
        for before in (t for t in times if not same_moment(t, time)):
            earlier = {s.row.arm: s for s in of_time[change, before]}
            both = [s for s in later if s.row.arm in earlier]
            same = [s for s in both if _agree(earlier[s.row.arm], s) and s.row.arm not in told]
            shown = sum(digits(s.centre.value) + digits(s.row.value) for s in same)
            seldom = prod(_by_chance(s, _ONE_ARM) if s.n > 1 else 1.0 for s in same)
            everywhere = len(same) == len(both) > 1 and shown >= _ALL_ARMS
            everywhere = everywhere and (before == 0 or seldom < _LATER)
            for s in same:
                alone = s.n > 1 and _by_chance(s, _ONE_ARM) < (_LATER if before else _SELDOM)
                if everywhere or alone:
                    two = earlier[s.row.arm].centre, s.centre
                    said = (
                        f"mean of {s.row.arm} at {s.centre.when} is that at {two[0].when}, and so"
                    )
                    yield _copied(two, f"{said} are its SD and n")
                    told.add(s.row.arm)


def _told_by_means(rows: Rows) -> list[Spread]:
    return [s for s in spreads(rows) if s.kind in ("sd", "se", "interval")]


def _same(a: float, b: float) -> bool:
    return a == b or not (isfinite(a) or isfinite(b))


def _agree(a: Spread, b: Spread) -> bool:
    """Whether mean, n and what tells the SD are the same."""
    alike = (a.kind, a.centre.value, a.size) == (b.kind, b.centre.value, b.size)
    return alike and _same(a.n, b.n)


def _by_chance(s: Spread, apart: float) -> float:
    """How often two means, and their SDs, that are one in truth are one as they are printed;
    `apart`: how far they lie apart, of what those of two arms do."""
    printed = (s.centre.ci_low, s.centre.ci_high) if s.kind == "interval" else (s.row.value,)
    size = printed[-1] - printed[0] if s.kind == "interval" else printed[0]
    steps = half_unit(s.centre.value) / s.size, half_unit(*printed) / size
    errors = sqrt(2 / s.n) * apart, sqrt(1 / s.n) * apart
    once = (2 * h / (e * sqrt(2 * pi)) for h, e in zip(steps, errors, strict=True))
    return prod(min(1.0, p) for p in once)


def _copied(both: tuple[Row, Row], said: str) -> Problem:
    return Problem(
        "warning",
        tuple(dict.fromkeys(r.row for r in both)),
        "one row twice",
        f"{said}: was a row copied?",
        f"{plain(both[0].value)} twice",
        "what is printed of each",
    )
