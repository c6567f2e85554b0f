"""One control group in two studies: its patients would count twice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from livingmeta.extraction.checks import twins
from livingmeta.extraction.checks.beside import with_columns
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import Row

# ASSUME: two studies whose arms agree by chance in all that both print of them agree in fewer
# significant digits than this; of one report or trial in fewer than the second.
CHANCE, ONE_REPORT = 7, 3
SEVERAL = 2  # numbers at least, so that 117 of 240 alone is none


def arms_of_two(
    rows: dict[str, tuple[Row, ...]],
    reports: dict[str, set[str]],
    trials: dict[str, str],
    said: set[tuple[str, str]],
) -> Iterator[tuple[str, Problem]]:
    """Pairs of studies in which all that both print of one arm on an outcome is the same.

    `rows`, `reports`, `trials`: by study; `said`: pairs that are one study as a whole. Yields the
    later study of the pair and what is the matter, once a pair and arm.
    """
    cells = {
        (study, arm): found
        for study, mine in rows.items()
        for arm in dict.fromkeys(r.arm for r in mine if r.arm and "/" not in r.arm)
        if (found := _printed(mine, arm))
    }
    alike: dict[tuple, list[tuple[str, str]]] = {}
    for place, numbers in cells.items():
        for cell, (values, _) in numbers.items():
            alike.setdefault((place[1], cell, values), []).append(place)
    pairs = {pair: None for of in alike.values() for pair in combinations(dict.fromkeys(of), 2)}
    by_chance = CHANCE + twins.digits_more(len(rows))
    for (first, arm), (second, _) in pairs:
        if (first, second) in said:
            continue
        mine, theirs = cells[first, arm], cells[second, arm]
        both = [cell for cell in mine if cell in theirs]
        outcomes = {cell[0] for cell in both}
        # Of each outcome all or nothing: a control group has one number of everything.
        whole = [o for o in outcomes if all(mine[c][0] == theirs[c][0] for c in both if c[0] == o)]
        cells_alike = [c for c in both if c[0] in whole]
        told = twins.telling(cells_alike)
        common = {number for c in told for number in mine[c][0] if number > 0}
        known = reports.get(first, set()) & reports.get(second, set())
        trial = trials.get(first, "") if trials.get(first, "") == trials.get(second) else ""
        digits = sum(map(twins.digits, common))
        enough = digits >= (ONE_REPORT if known or trial else by_chance)
        if not enough or (len(told) < SEVERAL and not (known or trial)):
            continue
        where = sorted(place[c][1] for c in cells_alike for place in (mine, theirs))
        why = f" and the report {min(known)}" if known else f" and the trial {trial}" * bool(trial)
        yield (
            second,
            Problem(
                "warning",
                tuple(dict.fromkeys(where)),
                "one arm in two studies",
                f"the same numbers of {arm} on {', '.join(sorted(whole))}{why} as the study "
                f"{first}: one group of patients twice? Then join the arms or "
                "share it out between them",
                "",
                "",
            ),
        )


def arms_of_one_trial(
    rows: dict[str, tuple[Row, ...]], trials: dict[str, str], said: set[tuple[str, str]]
) -> Iterator[tuple[str, Problem]]:
    """Pairs of studies that are comparisons of one trial and have an arm in common, unless their
    numbers show two groups. Arguments and what comes back: as of `arms_of_two`."""
    of_trial: dict[str, list[str]] = {}
    for study in rows:
        if trial := trials.get(study):
            of_trial.setdefault(trial, []).append(study)
    pairs = (
        (trial, *pair) for trial, studies in of_trial.items() for pair in combinations(studies, 2)
    )
    for trial, first, second in pairs:
        if (first, second) in said:
            continue
        mine, theirs = _arms(rows[first]), _arms(rows[second])
        # By outcome and arm, in the order of the rows.
        both = [key for key in mine if key in theirs]
        one = [key for key in both if not _two_groups(rows[first], rows[second], *key)]
        if not one:
            continue
        arms = list(dict.fromkeys(arm for _, arm in one))
        outcomes = list(dict.fromkeys(outcome for outcome, _ in one))
        where = sorted({row for key in one for row in (*mine[key], *theirs[key])})
        yield (
            second,
            Problem(
                "warning",
                tuple(where),
                "one arm in two studies",
                f"{' and '.join(arms)} of the trial {trial} on {', '.join(outcomes)}, as in the "
                f"study {first}: one group of patients twice? Then join the arms or share it out "
                "between them",
                "",
                "",
            ),
        )


def _arms(rows: tuple[Row, ...]) -> dict[tuple[str, str], list[int]]:
    """The rows by outcome and by each arm that they are of, alone or in a contrast."""
    found: dict[tuple[str, str], list[int]] = {}
    for r in rows:
        for arm in filter(None, r.arm.split("/")):
            found.setdefault((r.outcome, arm), []).append(r.row)
    return found


def _two_groups(first: tuple[Row, ...], second: tuple[Row, ...], outcome: str, arm: str) -> bool:
    """Whether two studies print two numbers of one arm, which so is of other patients."""
    mine, theirs = (
        twins.printed(r for r in with_columns(rows) if (r.outcome, r.arm) == (outcome, arm))
        for rows in (first, second)
    )
    return any(mine[cell][0] != theirs[cell][0] for cell in mine if cell in theirs)


def _printed(rows: tuple[Row, ...], arm: str) -> dict[tuple, tuple[tuple[float, ...], int]]:
    """What is printed of an arm by outcome, statistic and time, and in which row."""
    found = twins.printed(r for r in with_columns(rows) if r.arm == arm)
    outcome_of = {r.row: r.outcome for r in rows}
    return {(outcome_of[row], *cell): (values, row) for cell, (values, row) in found.items()}
