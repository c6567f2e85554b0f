"""Effects from proportions: one arm's survival at a time, or two arms' counts or percentages.

For an outcome of kind `survival` the event of the effect is *surviving* to the protocol's time, so
that an odds ratio above 1 favours the first arm; printed `events` are deaths and are turned round.
For any other outcome it is the event as the outcome defines it.
All measures come from an arm's cells (arm_cells.py) through `effect_size`.
"""

from __future__ import annotations

from collections.abc import Collection
from math import nan

from livingmeta.effect_measures import MEASURES
from livingmeta.effects.arm_cells import arm_cells, at_time
from livingmeta.effects.candidate import (
    USUAL,
    Candidate,
    Reckoning,
    WithoutInformationError,
    added,
    computed,
    words,
)
from livingmeta.effects.contrast import ratio_candidate
from livingmeta.effects.one_time import common_time, read_as_at
from livingmeta.effects.rough_survival import Arm
from livingmeta.effects.routes import ROUTES, worst
from livingmeta.extraction.curves.rebuild import Curve
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.reworded import of_surviving
from livingmeta.extraction.rows import Row
from livingmeta.formulas import time_to_event as tte


def one_arm(
    measure: str,
    printed: Printed,
    arm: str,
    time: float | None,
    *,
    survival: bool,
    curve: Curve | None = None,
    asked: Collection[str] = (),
    by: Reckoning = USUAL,
) -> tuple[list[Candidate], list[str]]:
    """All routes to a single-arm measure (PLO PR PAS PLN) and the reasons where one failed.

    `asked`: the routes that the protocol names; S6 and S7 are gone only then.
    """
    arms, reasons = arm_cells(printed, arm, time, survival=survival, curve=curve, asked=asked)
    found = []
    for cells in arms:
        counts = {"xi": cells.event, "mi": cells.other}
        try:
            effect = computed(measure, by, **counts)
        except tte.RouteError as error:
            reasons.append(str(error))
            continue
        found.append(
            Candidate(
                cells.route,
                *effect,
                cells.inputs,
                words(*cells.assumed, _added(measure, effect.yi, by, counts)),
                cells.n,
                cells.events,
                cells.adjusted,
                cells={"ai": cells.event, "bi": cells.other},
                grade=cells.grade,
                made_from=counts,
                by=by,
            )
        )
    return found, reasons


def two_arms(
    measure: str,
    printed: Printed,
    arms: tuple[str, str],
    time: float | None,
    *,
    survival: bool,
    curves: tuple[Curve | None, ...] = (None, None),
    asked: Collection[str] = (),
    by: Reckoning = USUAL,
) -> tuple[list[Candidate], list[str]]:
    """All routes to a two-arm measure (OR RR RD AS PETO) and the reasons where one failed."""
    found, reasons = _printed_ratio(measure, printed, arms, time, survival)
    if time is None:
        counted = ("events", "survival" if survival else "proportion")
        time, apart = common_time(printed, counted, arms)
        if apart:
            return found, [*reasons, apart]
    (first, why_first), (second, why_second) = (
        arm_cells(printed, arm, time, survival=survival, curve=curve, asked=asked)
        for arm, curve in zip(arms, curves, strict=True)
    )
    reasons += why_first + why_second
    if first and second:
        pairs = {(0, 0): (first[0], second[0])}
        for i, a in enumerate(first):
            for j, b in enumerate(second):
                if a.route == b.route:
                    pairs.setdefault((i, j), (a, b))
        for a, b in pairs.values():
            if time is not None and a.timeless != b.timeless:
                bare, dated = arms if a.timeless else arms[::-1]
                reasons.append(
                    f"what {dated} had is printed at {time:g}, what {bare} had without a time: "
                    "write its time"
                )
                continue
            try:
                found.append(_from_cells(measure, by, a, b))
            except tte.RouteError as error:
                reasons.append(str(error))
    return found, reasons


def _from_cells(measure: str, by: Reckoning, a: Arm, b: Arm) -> Candidate:
    cells = {"ai": a.event, "bi": a.other, "ci": b.event, "di": b.other}
    empty = ""
    try:
        effect = computed(measure, by, **cells)
    except WithoutInformationError as error:
        effect, empty = tte.Effect(nan, nan), str(error)
    order = list(ROUTES)
    route = max(a.route, b.route, key=order.index)
    return Candidate(
        route,
        *effect,
        a.inputs + b.inputs,
        words(*a.assumed, *b.assumed, empty or _added(measure, effect.yi, by, cells)),
        a.n + b.n,
        a.events + b.events,
        a.adjusted if a.adjusted == b.adjusted and a.adjusted != "no" else "",
        cells=cells,
        grade=worst([a.grade, b.grade]),
        made_from=cells,
        patients=(a.n, b.n),
        by=by,
        empty=empty,
    )


def _added(measure: str, yi: float, by: Reckoning, cells: dict[str, float]) -> str:
    return added(measure, yi, by, tuple(cells), "every cell", **cells)


def _printed_ratio(
    measure: str, printed: Printed, arms: tuple[str, str], time: float | None, survival: bool
) -> tuple[list[Candidate], list[str]]:
    """R (CI or SE) and R4 (exact p): the ratio or difference as the paper gives it."""
    statistic = MEASURES[measure].contrast
    if statistic is None:
        return [], []
    found, reasons = [], []
    rows = printed.contrasts(statistic, *arms, time=time)
    for stated in at_time(rows, time, timeless_too=True):
        row = stated
        if survival:
            named = _of_surviving(row)
            if isinstance(named, str):
                reasons.append(named)
                continue
            row = named
        try:
            found.append(
                ratio_candidate(
                    row, printed, words(read_as_at(stated, time)), log_scale=MEASURES[measure].log
                )
            )
        except tte.RouteError as error:
            reasons.append(f"{error} (row {row.row})")
    return found, reasons


def _of_surviving(row: Row) -> Row | str:
    """A ratio or difference as one of surviving, or why it cannot be read so."""
    kind = f"{row.statistic.replace('-', ' ')} {row.value:g}"
    if row.event == "survival":
        return row
    if row.event != "death":
        return (
            f"{kind} does not say what it counts: write death or survival in the column event "
            f"(row {row.row})"
        )
    if row.statistic == "risk-ratio":
        return (
            f"{kind} of death cannot be turned into one of surviving without the risk in one arm: "
            f"write survival, events or the risk ratio of surviving (row {row.row})"
        )
    return of_surviving(row)
