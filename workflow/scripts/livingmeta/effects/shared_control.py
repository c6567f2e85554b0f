"""Comparisons of one trial that share an arm, mostly the control: its patients counted once.

`join` makes one effect of them, the other arms joined and the shared one taken once; `share`
divides the shared arm's patients and events among them, so that means and SDs stay (Cochrane
Handbook 23.3.4). Neither can be done to a printed ratio or difference alone, which is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import isfinite, nan
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.effects import designs
from livingmeta.effects.candidate import Candidate, computed, words
from livingmeta.effects.choice import Choice, is_allowed
from livingmeta.effects.joined import Joins, with_wholes
from livingmeta.extraction.alike import kind
from livingmeta.extraction.checks import shared, twins
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import Row, Used, plain
from livingmeta.formulas import time_to_event as tte
from livingmeta.plan import Synthesis
from livingmeta.words import settling

SETTLE, JOIN, SHARE = "settle", "join", "share"
# What of the numbers of each of two arms is divided (`made_from` of an effect); the rest stays.
_OF_ARM = (("n1i", "x1i", "t1i", "ai", "bi"), ("n2i", "x2i", "t2i", "ci", "di"))
_CELLS = (("ai", "bi", "t1i"), ("ci", "di", "t2i"))
# The same of what is printed.
_DIVIDED = ("events", "person-time", "size", "at-risk")


def counted_once(
    made: Mapping[str, Choice],
    studies: pd.DataFrame,
    synthesis: Synthesis,
    ask: Callable[[str, Printed], Choice],
    *,
    joins: Joins,
    survival: bool,
    allowed: Mapping[str, Any],
    built: Mapping[str, designs.Design],
) -> dict[str, Choice]:
    """What each study gives, once comparisons of one trial count their shared arm once.

    `made`: what each gives by itself; `studies`: studies.csv; `ask`: what a study would give if it
    printed something else; `built`: how each is built. Joined comparisons count as the first of
    them by name.
    """
    done = dict(made)
    if synthesis.shared_control == SETTLE:
        return done
    usable = sorted(study for study, choice in made.items() if choice.chosen is not None)
    if len(synthesis.arms) == 1:
        printed = {study: made[study].printed for study in usable}
        for study, why in same_arm(printed, studies, synthesis.arms[0]).items():
            done[study] = made[study]._replace(chosen=None, why_not=[why])
        return done
    for trial in _trials(usable, made, studies, synthesis.arms):
        side, why = _shared_side(trial, made, synthesis.arms)
        if any(built[study].in_both for study in trial):
            why = designs.SAME_PATIENTS
        elif len({designs.key(built[study]) for study in trial}) > 1:
            why = "studies.csv does not say alike of them how the trial is built (allocation, icc)"
        found: dict[str, Choice] | str = why
        if not why and synthesis.shared_control == JOIN:
            found = _one_effect(trial, made, synthesis, side, ask)
        elif not why:
            found = _shared_out(trial, made, synthesis.arms, side, joins, survival, allowed)
        if isinstance(found, str):
            why_not = [f"{settling.SHARED_ARM}{' and '.join(trial)}: {found}"]
            found = {s: made[s]._replace(chosen=None, why_not=why_not) for s in trial}
        done |= found
    return done


def same_arm(printed: Mapping[str, Printed], studies: pd.DataFrame, arm: str) -> dict[str, str]:
    """Of one arm alone: the studies whose patients of it another comparison of their trial has, and
    how that is said. Of those alike the first by name counts.

    `printed`: what each usable study prints; `studies`: studies.csv.
    """
    about = {str(row["study_id"]): row for row in as_dicts(studies)}
    trial = {study: tables.text(about[study].get("trial")).strip() for study in printed}
    reports = {study: set(tables.text(about[study].get("records")).split()) for study in printed}
    found: dict[str, str] = {}
    for first, other in combinations(sorted(printed), 2):
        if trial[first] and trial[other]:
            of_one = trial[first] == trial[other]
        else:
            of_one = bool(reports[first] & reports[other])
        counts = of_one and not {first, other} & set(found)
        if counts and _same_patients(printed[first], printed[other], arm):
            found[other] = f"{settling.COUNTED_WITH}{first} has the same patients of {arm}"
    return found


def _same_patients(one: Printed, other: Printed, arm: str) -> bool:
    """Whether two comparisons say the same of an arm, and not of every arm that both have."""
    of = [{r.arm for r in p.rows if isfinite(r.value) and "/" not in r.arm} for p in (one, other)]
    alike = set()
    for name in of[0] & of[1]:
        mine, theirs = _said(one, name), _said(other, name)
        if set(mine) & set(theirs) and not _unlike(mine, theirs):
            alike.add(name)
    return arm in alike and (len(of[0] & of[1]) == 1 or alike != of[0] & of[1])


def _trials(
    usable: Sequence[str],
    made: Mapping[str, Choice],
    studies: pd.DataFrame,
    arms: Sequence[str],
) -> list[list[str]]:
    """Studies that are comparisons of one trial: two or more, by name.

    They name one `trial`; where one of a pair names none, they have a report in common, and one arm
    of theirs says the same in more digits than chance has.
    """
    about = {str(row["study_id"]): row for row in as_dicts(studies)}
    trial = {study: tables.text(about[study].get("trial")).strip() for study in usable}
    reports = {study: set(tables.text(about[study].get("records")).split()) for study in usable}
    group = {study: {study} for study in usable}
    for a, b in combinations(usable, 2):
        if trial[a] and trial[b]:
            one = trial[a] == trial[b]
        else:
            one = bool(reports[a] & reports[b]) and _one_arm_alike(made[a], made[b], arms)
        if one and group[a] is not group[b]:
            group[a] |= group[b]
            for study in group[b]:
                group[study] = group[a]
    found = {min(of): sorted(of) for of in group.values() if len(of) > 1}
    return list(found.values())


def _one_arm_alike(a: Choice, b: Choice, arms: Sequence[str]) -> bool:
    """Whether two studies say the same of one of their arms, and not of both."""
    alike = []
    for arm in arms:
        mine, theirs = _said(a.printed, arm), _said(b.printed, arm)
        both = [cell for cell in mine if cell in theirs]
        numbers = {x for cell in both for x in mine[cell][0] if isfinite(x) and x > 0}
        digits = sum(map(twins.digits, numbers))
        alike.append(not _unlike(mine, theirs) and digits >= shared.ONE_REPORT)
    return sum(alike) == 1


_Said = dict[tuple, tuple[tuple[float, ...], Row]]


def _said(printed: Printed, arm: str) -> _Said:
    """What a study prints of an arm: by statistic, time and kind of patients the numbers."""
    found: _Said = {}
    for r in printed.rows:
        if r.arm == arm and isfinite(r.value):
            cell = (r.statistic, r.time if isfinite(r.time) else None, *kind(r))
            found.setdefault(cell, ((r.value, r.n, r.ci_low, r.ci_high, r.se, r.sd), r))
    return found


def _unlike(mine: _Said, theirs: _Said) -> tuple[Row, Row] | None:
    """The first rows of one cell that say different numbers; what one leaves out is none."""
    for cell, (numbers, row) in mine.items():
        others, other = theirs.get(cell, ((), row))
        if any(x != y for x, y in zip(numbers, others, strict=False) if x == x and y == y):
            return row, other
    return None


def _shared_side(
    trial: Sequence[str], made: Mapping[str, Choice], arms: Sequence[str]
) -> tuple[int, str]:
    """Which of the two arms all comparisons share, the control where it is; else why none."""
    for side in (1, 0):
        said = [_said(made[study].printed, arms[side]) for study in trial]
        pairs = list(combinations(said, 2))
        if all(set(a) & set(b) and not _unlike(a, b) for a, b in pairs):
            return side, ""
    said = [_said(made[study].printed, arms[1]) for study in trial]
    for mine, theirs in combinations(said, 2):
        if rows := _unlike(mine, theirs):
            return 1, (
                f"{arms[1]} is not the same in them ({rows[0].words()} against {rows[1].words()}): "
                "mend what is a slip, or name two trials in the column trial"
            )
        if mine and theirs and not set(mine) & set(theirs):
            first, second = (next(iter(one.values()))[1] for one in (mine, theirs))
            return 1, (
                f"nothing shows that {arms[1]} is the same in them: no number of it is entered in "
                f"both alike ({first.words()} against {second.words()}); enter the same statistic "
                "of one time in each"
            )
    return 1, (
        f"no number of {arms[1]} alone is printed in both: a ratio or difference against it is "
        "neither joined nor shared out"
    )


def _one_effect(
    trial: Sequence[str],
    made: Mapping[str, Choice],
    synthesis: Synthesis,
    side: int,
    ask: Callable[[str, Printed], Choice],
) -> dict[str, Choice] | str:
    """The first of the comparisons with the effect of all of them; or why there is none."""
    common, own = synthesis.arms[side], synthesis.arms[1 - side]
    names = {study: f"{own} ({study})" for study in trial}
    rows: list[Row] = []
    other: list[Row] = []
    for study in trial:
        printed = made[study].printed
        for every, kept in ((rows, printed.rows), (other, printed.other)):
            every += [_of_part(r, own, names[study]) for r in kept if own in r.arm.split("/")]
            if study == trial[0]:
                # A p beside it is of one of the comparisons.
                every += [replace(r, p=None) for r in kept if r.arm == common]
    virtual = replace(
        made[trial[0]].printed,
        rows=tuple(rows),
        other=tuple(other),
        clashes=tuple(c for study in trial for c in made[study].printed.clashes),
        until={k: v for study in trial for k, v in made[study].printed.until.items()},
    )
    whole, why = with_wholes(virtual, synthesis.arms, {own: tuple(names.values())}, synthesis.time)
    choice = ask(trial[0], whole)
    if choice.chosen is None:
        return "; ".join(dict.fromkeys([*why, *choice.why_not]))
    said = f"one effect of the comparisons {' and '.join(trial)}, {common} counted once"
    over = _passed_over([made[study] for study in trial], "joined")
    of_all = replace(choice.chosen, assumed=words(said, over, *choice.chosen.assumed))
    reason = f"{settling.COUNTED_WITH}{' and '.join(trial)} are one effect, named {trial[0]}"
    away = {s: made[s]._replace(chosen=None, why_not=[reason]) for s in trial[1:]}
    return {trial[0]: _with(choice, choice.chosen, of_all), **away}


def _of_part(row: Row, arm: str, name: str) -> Row:
    """A row of an arm, or of its comparison, under the name of one of its parts."""
    pair = "/".join(name if one == arm else one for one in row.arm.split("/"))
    return replace(row, arm=pair)


def _shared_out(
    trial: Sequence[str],
    made: Mapping[str, Choice],
    arms: Sequence[str],
    side: int,
    joins: Joins,
    survival: bool,
    allowed: Mapping[str, Any],
) -> dict[str, Choice] | str:
    """Each comparison with its part of the shared arm; or why one of them can have none."""
    done: dict[str, Choice] = {}
    for study in trial:
        choice = made[study]
        measure, ways = next(
            (measure, found)
            for measure, found in choice.found.items()
            if any(c is choice.chosen for c in found)
        )
        first = [choice.chosen, *ways] if choice.chosen else ways
        for way in first:
            if not isfinite(way.yi) or not is_allowed(way, allowed):
                continue
            part = _part(way, measure, arms[side], side, joins, len(trial), survival)
            if part is not None:
                break
        else:
            return (
                f"{study} gives its effect without the numbers of each arm, and a ratio or "
                f"difference cannot be shared out ({'; '.join(u.text for u in ways[0].inputs)})"
            )
        each = f"to each {_of(way, side, len(trial))}"
        said = f"{arms[side]} {settling.SHARED_OUT}: {' and '.join(trial)}, {each}"
        over = _passed_over([choice], "shared out") if way is not choice.chosen else ""
        part = replace(part, assumed=words(said, over, *part.assumed))
        done[study] = _with(choice, way, part)
    return done


def _passed_over(choices: Sequence[Choice], done: str) -> str:
    """Words on the ratios and differences that counted alone, and cannot be `done` so."""
    chosen = [c.chosen for c in choices if c.chosen is not None]
    over = [u.text for c in chosen for u in c.inputs if "/" in u.arm]
    return f"passed over, since it cannot be {done}: {'; '.join(over)}" if over else ""


def _of(way: Candidate, side: int, many: int) -> str:
    n = way.patients[side]
    return f"{plain(n / many)} of {plain(n)} patients" if n == n else f"one part of {many}"


def _part(
    way: Candidate, measure: str, arm: str, side: int, joins: Joins, many: int, survival: bool
) -> Candidate | None:
    """An effect with one of `many` equal parts of an arm; None where it is of no arms' numbers.

    What the design of the study did to its variance it does to that of the part.
    """
    if len(way.patients) != 2:
        return None
    parts = {name: way.made_from[name] / many for name in _OF_ARM[side] if name in way.made_from}
    try:
        whole = computed(measure, way.by, **way.made_from)
        made = computed(measure, way.by, **(way.made_from | parts))
    except tte.RouteError:
        return None
    n, of_it = way.patients[side], {arm, *joins.get(arm, ())}
    cells = {name: way.cells[name] / many for name in _CELLS[side] if name in way.cells}
    counted = way.made_from.get(("ai", "ci")[side] if not survival else ("bi", "di")[side], nan)
    if not isfinite(counted):
        counted = way.made_from.get(("x1i", "x2i")[side], nan)
    return replace(
        way,
        yi=made.yi,
        vi=made.vi * (way.vi / whole.vi),
        n=way.n - n + n / many,
        events=way.events - counted + counted / many,
        cells=way.cells | cells,
        made_from=way.made_from | parts,
        inputs=tuple(_divided(u, many) if u.arm in of_it else u for u in way.inputs),
    )


def _divided(used: Used, many: int) -> Used:
    value = used.value / many if used.role in _DIVIDED else used.value
    return replace(used, value=value, n=used.n / many)


def _with(choice: Choice, old: Candidate, new: Candidate) -> Choice:
    """A choice of `new` where `old` stood."""
    found = {
        measure: [new if c is old else c for c in ways] for measure, ways in choice.found.items()
    }
    return choice._replace(found=found, chosen=new)
