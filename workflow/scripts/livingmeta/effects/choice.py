"""Of all ways from one study's rows to a measure the one that counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from math import isfinite
from typing import NamedTuple

from livingmeta.effect_measures import MEASURES
from livingmeta.effects import (
    continuous,
    contrast,
    designs,
    hazard,
    passed_over,
    proportions,
    routes,
    several,
)
from livingmeta.effects.candidate import USUAL, Candidate, Reckoning, beyond, words
from livingmeta.effects.joined import Joins, with_wholes
from livingmeta.effects.median_time import median_times
from livingmeta.effects.restricted_mean import restricted_means
from livingmeta.effects.spread import Borrowed
from livingmeta.extraction import places
from livingmeta.extraction.alike import alike, kind, of_other_patients
from livingmeta.extraction.cells import reader
from livingmeta.extraction.curves.digitisers import Waiting
from livingmeta.extraction.curves.rebuild import Curve
from livingmeta.extraction.printed import Printed, preference, read_study
from livingmeta.extraction.settled import say_the_same, settled
from livingmeta.plan import Synthesis

AGGREGATE = "aggregate"  # what a protocol says of several effects of one study


class Choice(NamedTuple):
    """What one study's rows give: all candidates by measure, the one chosen, why others are none;
    `printed`: all rows that count, of which some are passed over."""

    printed: Printed
    found: dict[str, list[Candidate]]
    chosen: Candidate | None
    why_not: list[str]


def choose(
    records: list[dict],
    synthesis: Synthesis,
    orders: Mapping[str, tuple[str, ...]],
    curves: tuple[Curve | None, ...],
    *,
    survival: bool,
    randomised: bool,
    until: str,
    borrowed: Borrowed | None = None,
    allowed: Mapping[str, Collection[str]] | None = None,
    joins: Joins | None = None,
    unsettled: bool = False,
    design: designs.Design = designs.PARALLEL,
) -> Choice:
    """As `choose_of` of what the study prints; an arm that is made of others (`joins`) is
    put together where the study gives no effect of it as a whole.

    `records`: its rows of outcomes.csv; `until`, `unsettled`: as in `read_study`.
    """
    printed = read_study(
        records,
        synthesis.outcome,
        time=synthesis.time,
        randomised=randomised,
        until=until,
        unsettled=unsettled,
        several=synthesis.several in (AGGREGATE, *several.APART),
    )
    ask = partial(
        choose_of,
        records=records,
        synthesis=synthesis,
        orders=orders,
        curves=curves,
        survival=survival,
        randomised=randomised,
        borrowed=borrowed,
        allowed=allowed,
        design=design,
    )
    made = ask(printed)
    if made.chosen is not None or not joins:
        return made
    whole, why = with_wholes(printed, synthesis.arms, joins, synthesis.time)
    if design.in_both and len(whole.rows) > len(printed.rows):
        return made._replace(why_not=[designs.SAME_PATIENTS, *made.why_not])
    if len(whole.rows) > len(printed.rows):
        made = ask(whole)
    return made._replace(why_not=[*why, *made.why_not])


def choose_of(
    printed: Printed,
    synthesis: Synthesis,
    orders: Mapping[str, tuple[str, ...]],
    curves: tuple[Curve | None, ...],
    *,
    survival: bool,
    randomised: bool,
    borrowed: Borrowed | None = None,
    allowed: Mapping[str, Collection[str]] | None = None,
    records: Iterable[dict] = (),
    design: designs.Design = designs.PARALLEL,
) -> Choice:
    """Every way of a study to the first measure that it gives; the others are asked only where it
    gives none, and rows of other patients only where those to be preferred give nothing.

    `orders`: routes by measure; `curves`: of the arms; `borrowed`: what the other studies say;
    `allowed`: grades and routes of the effects that the synthesis takes, all where none are named;
    `design`: how the study is built; `records`: the rows of outcomes.csv, of which those that say
    the same are one effect.
    """
    time, allowed = synthesis.time, allowed or {}
    design, printed = designs.read(design, printed, synthesis.arms, time)
    all_found: dict[str, list[Candidate]] = {}
    why_not: list[str] = []
    for measure, order in orders.items():

        def ask(
            rows: Printed, reasons: list[str], measure: str = measure, order: tuple = order
        ) -> passed_over.Asked:
            found, why = candidates(
                measure,
                rows,
                synthesis.arms,
                time,
                survival=survival,
                curves=curves,
                named=synthesis.routes,
                borrowed=borrowed,
                by=Reckoning.of(synthesis),
            )
            reasons += why
            far = {id(c): beyond(measure, c) for c in found}
            reasons += filter(None, far.values())
            found = [c for c in found if not far[id(c)]]
            mixed = {id(c): passed_over.of_several_parts(c, rows) for c in found}
            reasons += filter(None, mixed.values())
            found = [
                replace(
                    c,
                    adjusted=c.adjusted or passed_over.adjustment(c, rows),
                    assumed=words(*c.assumed, *passed_over.borrowed(c, rows)),
                )
                for c in found
                if not mixed[id(c)]
            ]
            found.sort(key=lambda c: (order.index(c.route), not isfinite(c.yi)))
            named = set(synthesis.routes) - routes.ON_REQUEST
            found, why = designs.applied(found, design, rows, measure, synthesis.arms, named)
            reasons += why
            taken = [c for c in found if is_allowed(c, allowed)]
            reasons += [
                f"route {c.route} ({_said_of(c, allowed)}) is none that the synthesis includes"
                for c in found
                if not is_allowed(c, allowed)
            ]
            chosen = _best(taken, printed, time, randomised, named)
            if chosen is not None and synthesis.several in (AGGREGATE, *several.APART):
                once = _once(_alike(chosen, taken, printed, time, randomised), records)
                equal = [_typed_again(c, records) for c in once]
                if len(equal) > 1:
                    chosen = several.aggregate(equal, printed, synthesis.correlation or 0.0)
                    if synthesis.several in several.APART:
                        chosen = several.standing_for(chosen, equal, printed)
                    found = [chosen, *(c for c in found if c not in once)]
                elif equal != once:
                    chosen = equal[0]
                    found = [chosen if c in once else c for c in found]
            return found, chosen

        def first(rows: Printed, ask: Callable[..., passed_over.Asked] = ask) -> passed_over.Asked:
            made: passed_over.Asked = ([], None)
            for some in alike(rows, synthesis.arms, randomised):
                made = ask(some, [])
                if made[1] is not None:
                    break
            return made

        for rows in alike(printed, synthesis.arms, randomised):
            made = ask(rows, why_not)
            found, chosen, why = passed_over.whole_first(made, printed, first, time, randomised)
            if len(found) > len(made[0]):  # those of the whole among them
                found.sort(key=lambda c: (order.index(c.route), not isfinite(c.yi)))
            all_found[measure] = found
            if why:
                why_not.append(why)
                break
            if chosen is not None:
                return Choice(printed, all_found, chosen, why_not)
    return Choice(printed, all_found, None, _told_apart(why_not, printed, synthesis.arms))


def _told_apart(why_not: list[str], printed: Printed, arms: tuple[str, ...]) -> list[str]:
    """Why a study gives no effect, with what its arms print of other patients than one another,
    which is not what is not printed at all."""
    apart = of_other_patients(printed, arms)
    untrue = tuple(
        f"{nothing} {arm}"
        for statistic, _ in apart
        for nothing in ("nothing printed for", f"no {statistic} of")
        for arm in arms
    )
    return [*(said for _, said in apart), *(x for x in why_not if not x.startswith(untrue))]


def _said_of(candidate: Candidate, allowed: Mapping[str, Collection[str]]) -> str:
    """Its grade, and how it is adjusted where the synthesis asks."""
    how = [candidate.adjusted or "not adjusted"] if "adjusted" in allowed else []
    return ", ".join([candidate.grade, *how])


def is_allowed(candidate: Candidate, allowed: Mapping[str, Collection[str]]) -> bool:
    """Whether a candidate is of the grades, routes and adjustments that are taken; all where none
    are named. What says nothing of its adjustment is not adjusted."""
    return all((getattr(candidate, name) or "no") in values for name, values in allowed.items())


def _best(
    found: list[Candidate],
    printed: Printed,
    time: float | None,
    randomised: bool,
    named: Collection[str],
) -> Candidate | None:
    """The first in the order of the routes, of the whole study before a part; of several printed
    contrasts of one statistic the one to be preferred, by whatever route.

    In a study that was not randomised an adjusted contrast comes before crude numbers, unless these
    are of a later time or by a route that the protocol has `named`.
    """
    of_part = {r.row for r in printed.rows if r.part}
    finite = [c for c in found if isfinite(c.yi)]
    finite.sort(key=lambda c: any(used.row in of_part for used in c.inputs))
    if not finite:
        return None
    first = finite[0]
    contrasts = [(r, c) for c in finite if (r := passed_over.contrast(c, printed)) is not None]
    if not randomised and first.route not in named and not passed_over.adjustment(first, printed):
        adjusted = (
            c
            for r, c in contrasts
            if kind(r)[0] and not passed_over.of_later_time(first, r, printed)
        )
        first = next(adjusted, first)
    mine = passed_over.contrast(first, printed)
    if mine is None:
        return first
    rivals = [(r, c) for r, c in contrasts if r.statistic == mine.statistic]
    return min(rivals, key=lambda pair: preference(pair[0], time, randomised)[:-2])[1]


def _alike(
    chosen: Candidate,
    found: list[Candidate],
    printed: Printed,
    time: float | None,
    randomised: bool,
) -> list[Candidate]:
    """The printed effects between which nothing prefers, one a row, that of `chosen` first."""
    mine = passed_over.contrast(chosen, printed)
    if mine is None:
        return [chosen]
    of_row: dict[int, Candidate] = {}
    for each in found:
        row = passed_over.contrast(each, printed)
        if row is None or row.statistic != mine.statistic or not isfinite(each.yi):
            continue
        alike_ = preference(row, time, randomised)[:-2] == preference(mine, time, randomised)[:-2]
        if alike_ and (kind(row)[0], row.event) == (kind(mine)[0], mine.event):
            of_row.setdefault(row.row, each)
    return [of_row.pop(mine.row), *of_row.values()]


def _once(several: list[Candidate], records: Iterable[dict]) -> list[Candidate]:
    """Of effects whose rows say the same in other words the first, which is to be preferred."""
    by_row = {record["row"]: record for record in records}
    kept: list[Candidate] = []
    for each in several:
        mine = by_row.get(each.inputs[0].row)
        others = [by_row.get(c.inputs[0].row) for c in kept]
        if mine is None or not any(o and say_the_same(o, mine) for o in others):
            kept.append(each)
    return kept


def _typed_again(candidate: Candidate, records: Iterable[dict]) -> Candidate:
    """An effect, saying which further rows of the same reader have its very numbers."""
    rows = settled(records)
    mine = next((r for r in rows if r["row"] == candidate.inputs[0].row), None)
    if mine is None:
        return candidate
    again = [
        f"row {places.of(r)}"
        for r in rows
        if r["row"] != mine["row"]
        and (r["statistic"], reader(r)) == (mine["statistic"], reader(mine))
        and say_the_same(r, mine)
    ]
    said = f"one effect, typed again in {', '.join(again)}" if again else ""
    return replace(candidate, assumed=words(*candidate.assumed, said))


def unsettled(made: Choice, would: Choice, waiting: Mapping[str, Waiting]) -> list[str]:
    """What is said of the cells with two values, and of the curves, that stand between a study and
    its effect, or another one; `waiting`: curves that are to be settled, by arm."""
    if would.chosen is None or would is made:
        return []
    rows = {used.row for used in would.chosen.inputs}
    cells = [
        clash.words
        for clash in made.printed.clashes
        if any(record["row"] in rows for record in clash.records)
    ]
    drawn = {used.arm for used in would.chosen.inputs if used.role == "curve"}
    return [*cells, *(one.words for arm, one in waiting.items() if arm in drawn)]


def until_settled(chosen: Candidate, curves: Mapping[str, Curve]) -> list[str]:
    """What is said of curves that count as one person has them; `curves`: by arm."""
    drawn = {used.arm for used in chosen.inputs if used.role == "curve"}
    return [one.until for arm, one in curves.items() if arm in drawn and one.until]


def candidates(
    measure: str,
    printed: Printed,
    arms: tuple[str, ...],
    time: float | None,
    *,
    survival: bool,
    curves: tuple[Curve | None, ...] = (),
    named: Collection[str] = (),
    borrowed: Borrowed | None = None,
    by: Reckoning = USUAL,
) -> tuple[list[Candidate], list[str]]:
    """Every feasible route of one study to a measure, and why the others are not.

    `named`: the routes that the protocol names, `borrowed`: as `spread.sides`
    takes it.
    """
    if not printed.rows and not any(curve is not None for curve in curves):
        return [], []
    asked = MEASURES[measure]
    if asked.family == "hazard":
        research, control = arms
        return hazard.hazard_ratios(printed, (research, control), time, curves)
    if asked.family == "proportions" and asked.arms == 2:
        research, control = arms
        return proportions.two_arms(
            measure,
            printed,
            (research, control),
            time,
            survival=survival,
            curves=curves or (None, None),
            asked=named,
            by=by,
        )
    if asked.family == "proportions":
        curve = curves[0] if curves else None
        return proportions.one_arm(
            measure, printed, arms[0], time, survival=survival, curve=curve, asked=named, by=by
        )
    if asked.family == "median":
        return median_times(printed, arms[0], curves[0] if curves else None)
    if asked.restricted and survival:
        return restricted_means(measure, printed, arms, time, curves)
    if asked.family == "means":
        return continuous.means(measure, printed, arms, time, named, borrowed, by)
    if asked.family == "correlation":
        return contrast.correlations(measure, printed, arms, time)
    if asked.family == "rates":
        return continuous.rates(measure, printed, arms, time, by)
    return continuous.generic(printed, arms, time)
