"""Patients who would count twice: one control group in two studies, a total beside its parts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from math import inf, isclose, isfinite

from livingmeta.extraction.checks import twins
from livingmeta.extraction.checks.arms import Rows, of
from livingmeta.extraction.checks.beside import with_columns
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import Row, plain, same_moment
from livingmeta.formulas.rounding import half_per_cent, half_unit

# ASSUME: two studies whose arms agree by chance in all that both print of them agree in fewer
# significant digits than this; of one report or trial in fewer than the second.
CHANCE, ONE_REPORT = 7, 3
# ASSUME: two numbers of one arm that differ by no more than this may be a slip: 30 and 31 patients.
NEARLY = 0.05
MOST_PARTS = 8  # so many parts of one total are tried in all sets
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


def total_of_parts(
    rows: dict[str, tuple[Row, ...]], trials: dict[str, str]
) -> Iterator[tuple[str, Problem]]:
    """Studies of one trial whose patients are those of other studies of it added up: a total beside
    its subgroups. Yields the study of the total, once.

    Told where in each arm of the total, two at least or one of events, n and events are the sums.
    """
    of_trial: dict[str, list[str]] = {}
    for study in rows:
        if trial := trials.get(study):
            of_trial.setdefault(trial, []).append(study)
    for trial, studies in of_trial.items():
        cells = {study: _sizes(rows[study]) for study in studies}
        for study in studies:
            others = [other for other in studies if other != study][:MOST_PARTS]
            sets = (s for size in range(2, len(others) + 1) for s in combinations(others, size))
            for parts in sets:
                if where := _added_up(cells[study], [cells[part] for part in parts]):
                    yield (
                        study,
                        Problem(
                            "warning",
                            tuple(sorted(where)),
                            "total beside its parts",
                            f"the patients of {study} are those of {' and '.join(parts)} added "
                            f"up, all of the trial {trial}: a total beside its subgroups, each "
                            "patient twice? Then exclude the total or the parts",
                            "",
                            "",
                        ),
                    )
                    break


Sizes = dict[tuple, tuple[float, float, int]]


def _sizes(rows: tuple[Row, ...]) -> Sizes:
    """Patients of an arm, the number printed of them, and its row, by outcome, arm, statistic and
    time; of means and proportions the sum over the patients."""
    return {
        (r.outcome, r.arm, r.statistic, r.time if isfinite(r.time) else None): (
            r.n,
            r.value if r.statistic == "events" else r.n * r.value,
            r.row,
        )
        for r in rows
        if r.statistic in ("events", "mean", "proportion")
        and not r.part
        and "/" not in r.arm
        and r.n > 0
        and isfinite(r.value)
    }


def _added_up(total: Sizes, parts: list[Sizes]) -> list[int]:
    """The rows of a total and its parts, where it is their sum in all that all of them print."""
    both = [cell for cell in total if all(cell in part for part in parts)]
    for cell in both:
        n, value, _ = total[cell]
        of_parts = [part[cell] for part in parts]
        # A mean is printed to a few digits: each may be off by half a per cent.
        room = 0.005 * sum(abs(x) for _, x, _ in of_parts) if cell[2] != "events" else 0.0
        if n != sum(x for x, *_ in of_parts) or abs(value - sum(x for _, x, _ in of_parts)) > room:
            return []
    if len({cell[1] for cell in both}) < 2 and not any(total[c][1] >= 10 for c in both):
        return []  # one arm of few events may be a sum by chance
    return [place[cell][2] for cell in both for place in (total, *parts)]


def _two_groups(first: tuple[Row, ...], second: tuple[Row, ...], outcome: str, arm: str) -> bool:
    """Whether two studies print two numbers of one arm, which so is of other patients.

    Where all but one number are the same and that one nearly, it is rather a slip.
    """
    mine, theirs = (
        twins.printed(r for r in with_columns(rows) if (r.outcome, r.arm) == (outcome, arm))
        for rows in (first, second)
    )
    both = [cell for cell in mine if cell in theirs]
    if any(len(mine[cell][0]) != len(theirs[cell][0]) for cell in both):
        return True
    pairs = [two for cell in both for two in zip(mine[cell][0], theirs[cell][0], strict=True)]
    off = [(a, b) for a, b in pairs if a != b]
    slip = len(off) == 1 < len(pairs) and isclose(*off[0], rel_tol=NEARLY)
    return bool(off) and not slip


def _printed(rows: tuple[Row, ...], arm: str) -> dict[tuple, tuple[tuple[float, ...], int]]:
    """What is printed of an arm by outcome, statistic and time, and in which row."""
    found = twins.printed(r for r in with_columns(rows) if r.arm == arm)
    outcome_of = {r.row: r.outcome for r in rows}
    return {(outcome_of[row], *cell): (values, row) for cell, (values, row) in found.items()}


def whole_of_parts(rows: Rows, joins: Mapping[str, Collection[str]]) -> Iterator[Problem]:
    """An arm that the protocol makes of others, printed itself beside all of them: events, shares
    and means of the same patients add up, rates, survival and medians are between those of parts.

    `rows`: of one study, outcome and kind of patients; `joins`: the parts of each such arm.
    """
    for whole in (r for r in rows if r.arm in joins and r.statistic in _ADD_UP | _BETWEEN):
        parts = [_part(rows, whole, arm) for arm in joins[whole.arm]]
        found = [r for r in parts if r is not None]
        if found and len(found) == len(parts):
            yield from _made_of(whole, found, [f"in {r.arm}" for r in found])


def whole_of_all_parts(rows: Rows) -> Iterator[Problem]:
    """A part of the patients of an arm (column `part`) is no larger than all of them, and has no
    more events; where all parts printed are all patients, they add up. `rows`: of one study and
    outcome, of all patients and of parts."""
    for whole in rows:
        if whole.part or "/" in whole.arm or whole.statistic not in _ADD_UP | _BETWEEN:
            continue
        found = [
            r
            for r in rows
            if r.part and r.adjusted == whole.adjusted and _part((r,), whole, whole.arm)
        ]
        larger = [r for r in found if r.n > whole.n]
        larger += [r for r in found if whole.statistic == "events" and r.value > whole.value]
        if larger:
            yield Problem(
                "warning",
                (whole.row, *dict.fromkeys(r.row for r in larger)),
                "whole of parts",
                f"{larger[0].part}, a part of {whole.arm}, has more patients or events than all of "
                f"it: {_said(larger[0])}, and all {_said(whole)}",
                _said(larger[0]),
                f"{_said(whole)} or less",
            )
        elif len(found) > 1 and sum(r.n for r in found) == whole.n and whole.statistic in _ADD_UP:
            yield from _made_of(whole, found, [f"in {r.part}" for r in found])


def _said(r: Row) -> str:
    return plain(r.value) + (f" of {plain(r.n)}" if r.n > 0 else "")


def _made_of(whole: Row, found: list[Row], named: list[str]) -> Iterator[Problem]:
    """What is printed of a whole, against all of its parts."""
    sizes = [r.n for r in found]
    told = whole.n > 0 and all(n > 0 for n in sizes)
    more = told and whole.n > sum(sizes)  # some are of no part
    if told and (1 - NEARLY) * sum(sizes) < whole.n < sum(sizes):
        return  # a few who are not known of in the whole
    fewer = told and whole.n < sum(sizes)
    counts = whole.statistic in ("events", "person-time")
    most = inf
    if whole.statistic in _BETWEEN:
        if more:
            return
        together = min(r.value for r in found)
        most = max(r.value for r in found) * (1 + NEARLY) - together
    elif not (told or counts) or (told and whole.n != sum(sizes) and not (counts or fewer)):
        return
    elif counts:
        together = sum(r.value for r in found)
    else:
        together = sum(r.value * r.n for r in found) / sum(sizes)
    of_share = whole.statistic in ("proportion", "survival")
    half = 2 * max((half_per_cent if of_share else half_unit)(r.value) for r in (whole, *found))
    half = 0.0 if whole.statistic == "events" else half
    if whole.statistic in _BETWEEN:
        # Censoring takes what is pooled a little beyond its parts.
        fits = -half - NEARLY * together <= whole.value - together <= most + half
    else:
        fits = -half <= whole.value - together and (whole.value - together <= half or more)
    if fits and not fewer:
        return
    of = ", ".join(f"{_said(r)} {name}" for r, name in zip(found, named, strict=True))
    hint = ": fewer patients than its parts have" * fewer
    yield Problem(
        "error" if whole.statistic == "events" and not fewer else "warning",
        (whole.row, *(r.row for r in found)),
        "whole of parts",
        f"{whole.statistic} of {whole.arm} {_said(whole)}, but {of}, of which it is made{hint}",
        _said(whole) if fewer else plain(whole.value),
        f"{plain(sum(sizes))} patients"
        if fewer
        else f"{together:.6g}"
        + " or more" * more
        + (f" to {max(r.value for r in found):.6g}" if whole.statistic in _BETWEEN else ""),
    )


_BETWEEN = {"rate", "survival", "median"}
_ADD_UP = {"events", "proportion", "mean", "person-time"}


def _part(rows: Rows, whole: Row, arm: str) -> Row | None:
    """What is printed of a part at the time of the whole, of the same thing."""
    alike = (whole.measured, whole.event, whole.direction)
    found = (
        r
        for r in of(rows, whole.statistic, arm)
        if same_moment(r.time, whole.time) and (r.measured, r.event, r.direction) == alike
    )
    return next(found, None) if isfinite(whole.value) else None
