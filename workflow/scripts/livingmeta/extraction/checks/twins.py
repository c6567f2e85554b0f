"""One study under two names, whose patients would count twice; numbers of a study that stand in two
of its places. See `run`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from math import isfinite, log10

from livingmeta.extraction.checks.arms import Rows, of
from livingmeta.extraction.checks.beside import beside, with_columns
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import Row, plain
from livingmeta.formulas.rounding import half_unit

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
