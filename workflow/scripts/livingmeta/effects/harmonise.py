"""From printed statistics to one comparable effect a study, with the route in sight.

For each synthesis of the protocol every study that passes its filter ends in exactly one of two
tables: `effects` (the chosen route) or `unusable` (why not). `routes` keeps every feasible way.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from math import isfinite, nan, sqrt
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.effect_measures import MEASURES
from livingmeta.effects import choice, designs, passed_over, routes, several, shared_control
from livingmeta.effects.candidate import Candidate, words
from livingmeta.effects.choice import Choice
from livingmeta.effects.joined import Joins, of_curves, parts_beside
from livingmeta.effects.spread import borrow
from livingmeta.errors import InputError
from livingmeta.extraction import filters
from livingmeta.extraction.curves.digitisers import Waiting
from livingmeta.extraction.curves.drawing import Key
from livingmeta.extraction.curves.rebuild import Curve
from livingmeta.extraction.places import Place
from livingmeta.extraction.printed import Printed, by_studies, read_study
from livingmeta.extraction.randomised import by_lot
from livingmeta.extraction.rows import Row
from livingmeta.extraction.settled import LEAVE_OUT
from livingmeta.plan import Outcome, Synthesis
from livingmeta.words import settling

_DECIMAL = re.compile(r"-?\d+\.\d*")
Risk = Mapping[str, Mapping[str, str]]  # overall judgements by synthesis and study
# What a filter may ask of the effect and not of the study.
CELLS = ["ai", "bi", "ci", "di", "t1i", "t2i"]
# Of each arm, where an effect is made of means; by metafor's names, and those of a single arm.
MEANS = {"m1i": "mi", "sd1i": "sdi", "n1i": "ni", "m2i": "", "sd2i": "", "n2i": ""}
EFFECT_COLUMNS = tables.columns("effects/effects")
ROUTE_COLUMNS = tables.columns("effects/routes")
USED_COLUMNS = tables.columns("effects/used")
OF_EMPTY = dict.fromkeys(CELLS, float)
UNUSABLE_COLUMNS = tables.columns("effects/unusable")


class HarmoniseError(InputError):
    """The protocol asks for something that the tables or the methods cannot give."""


def harmonise(
    outcomes: pd.DataFrame,
    studies: pd.DataFrame,
    syntheses: Mapping[str, Synthesis],
    arms: Collection[str],
    outcomes_meta: Mapping[str, Outcome],
    curves: Mapping[Key, Curve] | None = None,
    until: str = LEAVE_OUT,
    joins: Joins | None = None,
    risk: Risk | None = None,
    waiting: Mapping[Key, Waiting] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Effects, unusable studies, all feasible routes and what each used, for every synthesis.

    `outcomes`, `studies`: results/extraction/*.csv (percentages already proportions, times in the
    protocol's unit). `syntheses`, `arms`, `outcomes_meta`: those of the protocol, by name.
    `curves`: reconstructed curves, `(study_id, arm, outcome) -> Curve`. `until`: whose reading
    counts where two extractors differ (protocol: extraction.until_settled). `joins`: the arms that
    are made of others, each with its parts (protocol: arms.<name>.joins). `waiting`: curves that
    two people digitised differently.
    Returns `(effects, unusable, routes, used)`; yi and vi on the analysis scale (log for ratios,
    logit for PLO). `n` counts patients, `events` those printed; `ai`..`di` are the cells (effective
    counts where survival percentages stand behind them); `agrees` in `routes` is the z of a
    route's difference from the chosen one on the larger of their standard errors, since both are
    of the same patients; of others (`part`) it is empty. `used` has a row a printed row or curve
    behind a route, as they follow in its `inputs`; `way` counts a study's ways by one route in the
    order of `routes`, and is empty for a row passed over for another value of the same thing.
    `unsettled` in `unusable`: the study would count, were its two values of one cell settled, or
    which of its parts counts, or how an arm that it shares with another comparison of its trial is
    counted once; `empty`: nobody (or, for odds, everybody) in both arms had the event, with the
    counts that say so.
    `several: multilevel` or `robust` of a synthesis gives each of several effects of a study rows
    of its own, told apart by `effect_name`; what `agrees` with several is not said.
    Rows follow the protocol, then studies.csv, then the routes' order.
    Raises HarmoniseError for an unknown measure, arm, outcome or filter column.
    """
    curves, joins, waiting = curves or {}, joins or {}, waiting or {}
    by_study = by_studies(outcomes)
    randomised = by_lot(studies)
    built = {str(row["study_id"]): designs.of_study(row) for row in as_dicts(studies)}
    effects, unusable, feasible, behind = [], [], [], []
    for name, synthesis in syntheses.items():
        orders = _checked(name, synthesis, arms, outcomes_meta)
        outcome = synthesis.outcome
        survival = outcomes_meta[outcome].kind == "survival"
        mine = (risk or {}).get(name, {})
        selected = filters.select(studies, synthesis.include, name, mine)
        for study, aside in filters.set_aside(studies, synthesis.include, selected, mine):
            differ = aside.startswith(settling.READ_TWICE)
            apart = {"synthesis": name, "study_id": study, "reason": aside}
            unusable.append(apart | {"unsettled": differ, "empty": False})
        allowed = {c: v for c, v in synthesis.include.items() if c in filters.OF_EFFECTS}
        # For SDs and correlations borrowed from the other studies, which the protocol asks for.
        read = {
            study: designs.read(
                built[study],
                read_study(by_study.get(study, []), outcome, time=synthesis.time, until=until),
                synthesis.arms,
                synthesis.time,
            )[1]
            for study in selected
            if {"D4", "D5r"} & {*synthesis.routes}
        }
        asks: dict[str, partial[Choice]] = {}
        for study in selected:
            records = by_study.get(study, [])
            others = [printed for other, printed in read.items() if other != study]
            asks[study] = partial(
                choice.choose,
                records,
                synthesis=synthesis,
                orders=orders,
                curves=tuple(curves.get((study, arm, outcome)) for arm in synthesis.arms),
                survival=survival,
                randomised=study in randomised,
                until=until,
                borrowed=borrow(others, synthesis.arms, synthesis.time),
                allowed=allowed,
                joins=joins,
                design=built[study],
            )
        alone = {study: ask() for study, ask in asks.items()}
        # Whatever is added everywhere if any study has a zero hangs on all of them.
        if synthesis.zeros["to"] == "if0all":
            to = "all" if any(_zero(made) for made in alone.values()) else "only0"
            synthesis = synthesis.but(zeros={**synthesis.zeros, "to": to})
            alone = {study: ask(synthesis=synthesis) for study, ask in asks.items()}
        of_all = shared_control.counted_once(
            alone,
            studies,
            synthesis,
            partial(_again, synthesis, orders, survival, randomised, allowed, built),
            joins=joins,
            survival=survival,
            allowed=allowed,
            built=built,
        )
        for study, made in of_all.items():
            first = alone[study]
            drawn_of = {a: c for a in synthesis.arms if (c := curves.get((study, a, outcome)))}
            waits_of = {a: w for a in synthesis.arms if (w := waiting.get((study, a, outcome)))}
            would = first
            if first.printed.clashes or waits_of:
                drawn_too = drawn_of | {arm: one.curve for arm, one in waits_of.items()}
                as_if = tuple(drawn_too.get(arm) for arm in synthesis.arms)
                would = asks[study](unsettled=True, curves=as_if)
            unsettled = choice.unsettled(first, would, waits_of)
            identity: dict[str, Any] = {"synthesis": name, "study_id": study}
            for measure, found in made.found.items():
                of = identity | {"measure": measure}
                best = next((c for c in found if c is made.chosen), None)
                ways: Counter[str] = Counter()
                for whole, label, candidate in several.each(found, made.printed):
                    ways[candidate.route] += 1
                    own = of | {several.NAME: label}
                    place = own | {"used": whole is best, "way": ways[candidate.route]}
                    behind += [place | row for row in _used(candidate, drawn_of)]
                    agrees = _agrees(candidate, best, made.printed)
                    chosen = whole is best
                    if chosen:
                        over, said = _beside(
                            whole, made, measure, synthesis, unsettled, study in randomised
                        )
                        said = (*said, *choice.until_settled(whole, drawn_of))
                        more, also = parts_beside(whole, made.printed, synthesis.arms, joins)
                        over, said = [*over, *more], (*said, *also)
                        candidate = replace(candidate, assumed=(*candidate.assumed, *said))
                        passed = replace(candidate, inputs=tuple(row.used() for row in over))
                        place |= {"used": False, "way": pd.NA}
                        behind += [place | row for row in _used(passed, drawn_of)]
                        effects.append(own | _row(candidate))
                    row = own | _row(candidate)
                    feasible.append(row | {"chosen": chosen, "agrees": agrees})
            if made.chosen is None:
                undecided = (settling.ONLY_OF_PARTS, settling.SHARED_ARM)
                asked = [x for x in made.why_not if x.startswith(undecided)]
                waits = [*unsettled, *asked]
                drawn = [arm for name, arm, on in curves if (name, on) == (study, outcome)]
                why_not = [*made.why_not, *of_curves(synthesis.arms, joins, drawn)]
                if not why_not:  # of what is in conflict nothing counts, and yet it is printed
                    why_not = [*(clash.words for clash in first.printed.clashes), *would.why_not]
                reason = _reason(waits or why_not, outcome)
                unusable.append(identity | _set_aside(made, reason, bool(waits)))
    return (
        _table(effects, EFFECT_COLUMNS),
        pd.DataFrame(unusable, columns=UNUSABLE_COLUMNS).astype({"n": float, **OF_EMPTY}),
        _table(feasible, ROUTE_COLUMNS),
        pd.DataFrame(behind, columns=USED_COLUMNS).astype({"row": "Int64", "way": "Int64"}),
    )


def _zero(made: Choice) -> bool:
    """Whether any of a study's counts is zero."""
    return made.chosen is not None and 0 in made.chosen.made_from.values()


def _set_aside(made: Choice, reason: str, waits: bool) -> dict[str, Any]:
    """The rest of a row of unusable.csv, with the counts of a study without information."""
    told = {"reason": reason, "unsettled": waits, "empty": False}
    if waits:
        return told
    for each in (c for found in made.found.values() for c in found if c.empty):
        return told | {"reason": each.empty, "empty": True, "n": each.n} | each.cells
    return told


def _again(
    synthesis: Synthesis,
    orders: Mapping[str, tuple[str, ...]],
    survival: bool,
    randomised: Collection[str],
    allowed: Mapping[str, Collection[str]],
    built: Mapping[str, designs.Design],
    study: str,
    printed: Printed,
) -> Choice:
    """What a study would give if it printed this; its curves are of arms as they stand."""
    return choice.choose_of(
        printed,
        synthesis,
        orders,
        (),
        survival=survival,
        randomised=study in randomised,
        allowed=allowed,
        design=built[study],
    )


def _beside(
    chosen: Candidate,
    made: Choice,
    measure: str,
    synthesis: Synthesis,
    unsettled: list[str],
    randomised: bool,
) -> tuple[list[Row], tuple[str, ...]]:
    """The rows passed over for the effect, and what is to be said of them and of its own."""
    printed, asked = made.printed, MEASURES[measure]
    over = passed_over.passed_over(chosen, printed, synthesis.time, hazard=asked.family == "hazard")
    said = [*passed_over.words(over, "; ".join(chosen.assumed))]
    if not randomised and asked.contrast and len(synthesis.arms) == 2:
        first, second = synthesis.arms
        contrasts = printed.contrasts(asked.contrast, first, second, time=synthesis.time)
        known = {row.row for row in over}
        rest = [row for row in contrasts if row.row not in known]
        more, words_ = passed_over.of_other_adjustment(chosen, made.found[measure], printed, rest)
        over, said = [*over, *more], [*said, *words_]
    said += passed_over.unlike(chosen, printed)
    rows = [used.row for used in chosen.inputs if used.row is not None]
    said += [printed.until[row] for row in rows if row in printed.until]
    said += [f"not used: {what}" for what in unsettled]
    return over, words(*said)


def _checked(
    name: str, synthesis: Synthesis, arms: Collection[str], outcomes_meta: Mapping[str, Outcome]
) -> dict[str, tuple[str, ...]]:
    """The order of the routes by measure, once measures, outcome and arms are known and fit."""
    measures = [synthesis.measure, *synthesis.other_measures]
    outcome = synthesis.outcome
    unknown = [measure for measure in measures if measure not in MEASURES]
    if unknown:
        raise HarmoniseError(
            f"synthesis {name}: unknown measure {unknown[0]!r}; known are {', '.join(MEASURES)}"
        )
    if outcome not in outcomes_meta:
        raise HarmoniseError(
            f"synthesis {name}: unknown outcome {outcome!r}; "
            f"the protocol has {', '.join(outcomes_meta)}"
        )
    kind = outcomes_meta[outcome].kind
    for arm in synthesis.arms:
        if arm not in arms:
            raise HarmoniseError(
                f"synthesis {name}: unknown arm {arm!r}; the protocol has {', '.join(arms)}"
            )
    for measure in measures:
        if MEASURES[measure].family == "median" and kind not in ("survival", "time"):
            raise HarmoniseError(
                f"synthesis {name}: {measure} is a median time, but the outcome {outcome} is of "
                f"kind {kind}; it must be survival or time"
            )
        wanted = MEASURES[measure].arms
        if wanted is not None and len(synthesis.arms) != wanted:
            raise HarmoniseError(
                f"synthesis {name}: {measure} compares {wanted} arm{'s' * (wanted > 1)}, "
                f"the protocol gives {len(synthesis.arms)}"
            )
    for column in filters.OF_EFFECTS:
        known = tables.schema("effects/effects")["columns"][column]["allowed"]
        for value in synthesis.include.get(column, ()):
            if value not in known:
                raise HarmoniseError(
                    f"synthesis {name}: include names the {column} {value!r}; "
                    f"known are {', '.join(known)}"
                )
    try:
        # The protocol's own order is about its measure; further ones keep theirs.
        orders = {measure: routes.order(measure, ()) for measure in measures}
        orders[measures[0]] = routes.order(measures[0], synthesis.routes)
    except routes.NoRouteError as error:
        raise HarmoniseError(f"synthesis {name}: {error}") from None
    return orders


def _row(candidate: Candidate) -> dict[str, Any]:
    made = candidate.made_from if {"mi", "m1i"} & candidate.made_from.keys() else {}
    return {
        "yi": candidate.yi,
        "vi": candidate.vi,
        "n": candidate.n,
        "events": candidate.events,
        "route": candidate.route,
        "inputs": "; ".join(used.text for used in candidate.inputs),
        "assumed": "; ".join(candidate.assumed),
        "grade": candidate.grade,
        "adjusted": candidate.adjusted,
        **{cell: candidate.cells.get(cell, nan) for cell in CELLS},
        **{name: made.get(name, made.get(alone, nan)) for name, alone in MEANS.items()},
    }


def _used(candidate: Candidate, curves: Mapping[str, Curve]) -> list[dict[str, Any]]:
    """What a candidate used, in the columns of used.csv; `curves`: those of the study by arm."""
    return [
        {
            "route": candidate.route,
            "arm": used.arm,
            "role": used.role,
            "file": (used.row.file if isinstance(used.row, Place) else used.file)
            or curves[used.arm].file,
            "row": used.row,
            "in_row": used.row.inside if isinstance(used.row, Place) else "",
            "value": used.value,
            "n": used.n,
            "turned": used.turned,
        }
        for used in candidate.inputs
    ]


def _agrees(candidate: Candidate, chosen: Candidate | None, printed: Printed) -> float:
    if chosen is None or chosen.several:  # which of them another route should meet is not said
        return nan
    mine, others = (passed_over.parts_of(c, printed) or {""} for c in (candidate, chosen))
    if set(mine) != set(others):  # those of a subgroup may well differ from all
        return nan
    target = candidate.yi
    if isfinite(candidate.limit):
        # A bound agrees with all that lies beyond it.
        target = chosen.yi if abs(chosen.yi) >= abs(candidate.limit) else candidate.limit
        target = candidate.limit if chosen.yi * candidate.limit < 0 else target
    return (target - chosen.yi) / sqrt(max(candidate.vi, chosen.vi))


def _reason(reasons: list[str], outcome: str) -> str:
    return "; ".join(dict.fromkeys(reasons)) or f"nothing printed on {outcome}"


def _table(rows: list[dict], columns: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=columns)
    for column in ("n", "events"):
        values = pd.to_numeric(table[column])
        table[column] = values.astype("Int64") if (values.dropna() % 1 == 0).all() else values
    return table
