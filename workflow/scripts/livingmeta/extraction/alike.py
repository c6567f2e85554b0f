"""Rows of the arms that may stand against each other: of the same patients, adjusted alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from math import isfinite

from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import ADJUSTED, Row, same_time

# What an arm's effect is made from; what else is printed follows the row that it stands beside.
_OWN = {"events", "survival", "proportion", "mean", "median", "rmst", "rate", "mortality"}
Kind = tuple[str, str, str]  # adjusted (empty: crude), part, measured (empty: final)


def alike(printed: Printed, arms: tuple[str, ...], randomised: bool = False) -> Iterator[Printed]:
    """The study once for each way in which its arms can be compared, the preferred one first.

    In each, the rows of one statistic and time are of one kind in all arms: an arm's matched
    patients never stand against all of the other where both print the same. Where the arms have
    no kind in common, rows of a part are left out. A study that prints one kind comes as it is.
    """
    options = [
        (group, _kinds(group, arms, randomised)) for group in _groups(printed.rows, set(arms))
    ]
    most = max((len(kinds) for _, kinds in options), default=1)
    for turn in range(most):
        out: set[int] = set()
        for group, kinds in options:
            wanted = kinds[min(turn, len(kinds) - 1)]
            out |= {id(r) for r in group if wanted is not None and kind(r) not in wanted}
        yield replace(printed, rows=tuple(r for r in printed.rows if id(r) not in out))


def of_other_patients(printed: Printed, arms: tuple[str, ...]) -> list[tuple[str, str]]:
    """Statistics that every arm prints and no two of the same patients: each with what they are
    of."""
    found = []
    for group in _groups(printed.rows, set(arms)):
        of = {arm: {r.part: r for r in reversed(group) if r.arm == arm} for arm in arms}
        if not all(of.values()) or set.intersection(*({*parts} for parts in of.values())):
            continue
        said = [
            f"{r.statistic} {r.arm} is of {part or 'all patients'} (row {r.row})"
            for parts in of.values()
            for part, r in parts.items()
        ]
        one = all("" not in parts for parts in of.values())
        hint = "; if that is one part, write it in one way (column part)" * one
        found.append((group[0].statistic, f"{', '.join(said)}: not of the same patients{hint}"))
    return found


def kind(row: Row) -> Kind:
    """Of which patients a row is and how they were made comparable."""
    adjusted = row.adjusted if row.adjusted in ADJUSTED else ""
    return (adjusted, row.part, "" if row.measured == "final" else row.measured)


def _groups(rows: Iterable[Row], arms: set[str]) -> list[list[Row]]:
    """The arms' own rows by statistic and time."""
    found: list[list[Row]] = []
    for row in rows:
        if row.statistic not in _OWN or row.arm not in arms or not isfinite(row.value):
            continue
        for group in found:
            timeless = not isfinite(row.time) and not isfinite(group[0].time)
            if group[0].statistic == row.statistic and (
                timeless or same_time(group[0].time, row.time)
            ):
                group.append(row)
                break
        else:
            found.append([row])
    return found


def _kinds(rows: list[Row], arms: tuple[str, ...], randomised: bool) -> list[set[Kind] | None]:
    """What kinds of rows may stand together, the preferred ones first; None: all of them."""
    of_arm: Mapping[str, set[Kind]] = {
        arm: {kind(r) for r in rows if r.arm == arm} for arm in dict.fromkeys(r.arm for r in rows)
    }
    known = set().union(*of_arm.values())
    if len(known) == 1:
        return [None]
    common = set.intersection(*of_arm.values()) if len(of_arm) == len(set(arms)) else known

    def rank(of: Kind) -> tuple:
        adjusted, part, measured = of
        first = len(ADJUSTED) if randomised or not adjusted else ADJUSTED.index(adjusted)
        return (first, bool(part), bool(measured), of)

    ways: list[set[Kind] | None] = [{of} for of in sorted(common, key=rank)]
    whole = {of for of in known if not of[1]}
    if whole & common:
        return ways
    # Adjusted in one arm and not in the other, which is said, before a part of both.
    if all(mine & whole for mine in of_arm.values()):
        return [whole, *ways]
    return ways or [whole]
