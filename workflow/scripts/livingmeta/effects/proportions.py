"""Effects from proportions: one arm's survival at a time, or two arms' counts or percentages.

For an outcome of kind `survival` the event of the effect is *surviving* to the protocol's time, so
that an odds ratio above 1 favours the first arm; printed `events` are deaths and are turned round.
For any other outcome it is the event as the outcome defines it.
All measures come from cells through `effect_size`; a survival percentage with standard error SE
enters as its effective counts, S n_eff and (1-S) n_eff with n_eff = S(1-S)/SE^2, which gives
exactly the delta-method variance on each scale.
"""

from __future__ import annotations

from math import isfinite, nan
from typing import NamedTuple

from livingmeta.effect_measures import MEASURES
from livingmeta.effects.candidate import (
    Candidate,
    all_used,
    computed,
    half_added,
    of_curve,
    words,
)
from livingmeta.effects.contrast import ratio_candidate
from livingmeta.effects.routes import ROUTES, worst
from livingmeta.extraction.curves.rebuild import Curve
from livingmeta.extraction.printed import Printed, at_one_time, pick
from livingmeta.extraction.rows import Row, Used, plain, same_time
from livingmeta.formulas import time_to_event as tte
from livingmeta.formulas.survival_at_time import Rung, ladder


class Arm(NamedTuple):
    """One arm's cells: with the event, without it, and how they came about."""

    route: str
    event: float
    other: float
    inputs: tuple[Used, ...]
    assumed: tuple[str, ...]
    n: float
    events: float
    adjusted: str
    grade: str


def one_arm(
    measure: str,
    printed: Printed,
    arm: str,
    time: float | None,
    *,
    survival: bool,
    curve: Curve | None = None,
) -> tuple[list[Candidate], list[str]]:
    """All routes to a single-arm measure (PLO PR PAS PLN) and the reasons where one failed."""
    arms, reasons = arm_cells(printed, arm, time, survival=survival, curve=curve)
    found = []
    for cells in arms:
        counts = {"xi": cells.event, "mi": cells.other}
        try:
            effect = computed(measure, **counts)
        except tte.RouteError as error:
            reasons.append(str(error))
            continue
        found.append(
            Candidate(
                cells.route,
                *effect,
                cells.inputs,
                words(*cells.assumed, _added(measure, effect.yi, counts)),
                cells.n,
                cells.events,
                cells.adjusted,
                cells={"ai": cells.event, "bi": cells.other},
                grade=cells.grade,
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
) -> tuple[list[Candidate], list[str]]:
    """All routes to a two-arm measure (OR RR RD AS PETO) and the reasons where one failed."""
    found, reasons = _printed_ratio(measure, printed, arms, time, survival)
    if time is None:
        counted = ("events", "survival" if survival else "proportion")
        time, apart = printed.common_time(counted, arms)
        if apart:
            return found, [*reasons, apart]
    first, why_first = arm_cells(printed, arms[0], time, survival=survival, curve=curves[0])
    second, why_second = arm_cells(printed, arms[1], time, survival=survival, curve=curves[1])
    reasons += why_first + why_second
    if first and second:
        pairs = {(0, 0): (first[0], second[0])}
        for i, a in enumerate(first):
            for j, b in enumerate(second):
                if a.route == b.route:
                    pairs.setdefault((i, j), (a, b))
        for a, b in pairs.values():
            try:
                found.append(_from_cells(measure, a, b))
            except tte.RouteError as error:
                reasons.append(str(error))
    return found, reasons


def _from_cells(measure: str, a: Arm, b: Arm) -> Candidate:
    cells = {"ai": a.event, "bi": a.other, "ci": b.event, "di": b.other}
    effect = computed(measure, **cells)
    order = list(ROUTES)
    route = max(a.route, b.route, key=order.index)
    return Candidate(
        route,
        *effect,
        a.inputs + b.inputs,
        words(*a.assumed, *b.assumed, _added(measure, effect.yi, cells)),
        a.n + b.n,
        a.events + b.events,
        a.adjusted if a.adjusted == b.adjusted and a.adjusted != "no" else "",
        cells=cells,
        grade=worst([a.grade, b.grade]),
    )


def arm_cells(
    printed: Printed,
    arm: str,
    time: float | None,
    *,
    survival: bool,
    curve: Curve | None = None,
) -> tuple[list[Arm], list[str]]:
    """One arm's cells by every route (C, S1-S4), best first, and the reasons where none is."""
    found: list[Arm] = []
    reasons: list[str] = []
    counts = _counts(printed, arm, time, survival)
    if isinstance(counts, Arm):
        found.append(counts)
    elif counts:
        reasons.append(counts)
    percentages = _percentages(printed, arm, time, survival, curve)
    if isinstance(percentages, str):
        reasons.append(percentages)
    else:
        found += percentages
    if found:
        return found, []
    return [], reasons or [_missing(printed, arm, time, survival)]


def _at(rows: list[Row], time: float | None, *, timeless_too: bool) -> list[Row]:
    if time is None:
        return rows
    found = [r for r in rows if isfinite(r.time) and same_time(r.time, time)]
    if found or not timeless_too:
        return found
    return [r for r in rows if not isfinite(r.time)]


def _counts(printed: Printed, arm: str, time: float | None, survival: bool) -> Arm | str:
    """Cells from `events` of n. Deaths without a time are no survival at a time."""
    rows = _at(printed.find("events", arm), time, timeless_too=not survival)
    rows = [r for r in rows if isfinite(r.value)]
    if not rows:
        return ""
    row, passed = pick(at_one_time(rows))
    n, where = (row.n, None) if isfinite(row.n) else printed.size(arm)
    if n is None:
        return f"{plain(row.value)} events in {arm} without the number of patients (row {row.row})"
    if not 0 <= row.value <= n:
        return f"{plain(row.value)} events among {plain(n)} patients of {arm} (row {row.row})"
    event, other = (n - row.value, row.value) if survival else (row.value, n - row.value)
    complete = f"nobody in {arm} lost to follow-up before that time" if survival else ""
    return Arm(
        "C",
        event,
        other,
        all_used(row.used(), where),
        words(passed, complete),
        n,
        row.value,
        row.adjusted,
        "exact",
    )


def _percentages(
    printed: Printed, arm: str, time: float | None, survival: bool, curve: Curve | None
) -> list[Arm] | str:
    statistic = "survival" if survival else "proportion"
    rows = _at(printed.find(statistic, arm), time, timeless_too=not survival)
    rows = [r for r in rows if isfinite(r.value)]
    if not rows:
        return _from_curve(arm, time, curve) if survival else []
    row, passed = pick(at_one_time(rows))
    n, where = (row.n, None) if isfinite(row.n) else printed.size(arm)
    at_risk = None
    risk_rows = printed.find("at-risk", arm, row.time) if isfinite(row.time) else []
    if survival and risk_rows:
        at_risk = risk_rows[0].value
    greenwood = None
    if survival and curve is not None:
        greenwood = curve.survival_and_se(row.time)[1]
    try:
        rungs = ladder(
            row.value,
            ci=(row.ci_low, row.ci_high) if row.has_ci else None,
            level=row.ci_level,
            cut_scale=printed.interval_scale(),
            greenwood=greenwood,
            at_risk=at_risk,
            n=n,
        )
    except tte.RouteError as error:
        return f"{error} (row {row.row})"
    if not rungs:
        at = f" at {row.time:g}" if isfinite(row.time) else ""
        return f"{statistic} of {arm} {row.value:.6g}{at} without arm size, CI or numbers at risk"
    at_risk_row = (
        risk_rows[0].used_for("at-risk", at_risk, f"at risk {arm} {plain(at_risk)}")
        if at_risk
        else None
    )
    drift = f"time {row.time:g} read as {time:g}" if time is not None and _drifts(row, time) else ""
    return [
        Arm(
            rung.route,
            row.value * rung.n_effective,
            (1 - row.value) * rung.n_effective,
            all_used(
                row.used(),
                where if rung.route == "S4" else None,
                at_risk_row if rung.route == "S3" else None,
                of_curve(arm, n=curve.n) if curve and rung.route == "S2" else None,
            ),
            words(passed, drift, _reworded(rung, survival)),
            n if n is not None else nan,
            nan,
            row.adjusted,
            _grade(rung, survival),
        )
        for rung in rungs
    ]


def _grade(rung: Rung, survival: bool) -> str:
    """A percentage of patients that nobody could leave is as good as its rounding."""
    if rung.route == "S1":
        return "close" if rung.assumed else "exact"
    if rung.route == "S4" and not survival:
        return "close"
    return ROUTES[rung.route].grade


def _reworded(rung: Rung, survival: bool) -> str:
    if rung.route == "S4" and not survival:
        return "" if rung.se else rung.assumed
    return rung.assumed


def _drifts(row: Row, time: float) -> bool:
    return isfinite(row.time) and abs(row.time - time) > 1e-9


def _from_curve(arm: str, time: float | None, curve: Curve | None) -> list[Arm]:
    """S(t) and Greenwood read off reconstructed data where the text prints no percentage."""
    if curve is None or time is None or time > curve.last_time:
        return []
    s, se = curve.survival_and_se(time)
    if not 0 < s < 1 or not se > 0:
        return []
    size = s * (1 - s) / se**2
    read = (of_curve(arm, s, curve.n, f"survival {s:.4g} at {time:g}"),)
    return [Arm("S2", s * size, (1 - s) * size, read, (), float(curve.n), nan, "", curve.grade)]


def _added(measure: str, yi: float, cells: dict[str, float]) -> str:
    if half_added(measure, yi, tuple(cells), **cells):
        return "a half added to every cell because one is zero"
    return ""


def _missing(printed: Printed, arm: str, time: float | None, survival: bool) -> str:
    """Say what is printed instead of what is wanted."""
    statistic = "survival" if survival else "proportion"
    wanted = f"{time:g} wanted" if time is not None else ""
    times = sorted({r.time for r in printed.find(statistic, arm) if isfinite(r.time)})
    if times and wanted:
        return f"{statistic} of {arm} printed at {_listed(times)}, {wanted}"
    here = [r for r in printed.rows if r.arm == arm and isfinite(r.value)]
    medians = [r for r in here if r.statistic == "median"]
    if medians:
        what = f"median {medians[0].value:g}"
        return f"only the {what} of {arm} printed; {statistic}{f' at {wanted}' if wanted else ''}"
    if here:
        kinds = _listed(sorted({r.statistic for r in here}))
        return f"only {kinds} of {arm} printed; {statistic} or events {wanted or 'wanted'}"
    elsewhere = sorted({r.arm for r in printed.rows if r.arm})
    return f"nothing printed for {arm}" + (f", only for {_listed(elsewhere)}" if elsewhere else "")


def _listed(items: list) -> str:
    texts = [f"{x:g}" if isinstance(x, float) else str(x) for x in items]
    return " and ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))


def _printed_ratio(
    measure: str, printed: Printed, arms: tuple[str, str], time: float | None, survival: bool
) -> tuple[list[Candidate], list[str]]:
    """R (CI or SE) and R4 (exact p): the ratio or difference as the paper gives it."""
    statistic = MEASURES[measure].contrast
    if statistic is None:
        return [], []
    found, reasons = [], []
    rows = printed.contrasts(statistic, *arms, time=time)
    for row in _at(rows, time, timeless_too=True):
        if not isfinite(row.time) and time is not None:
            when = f"{statistic.replace('-', ' ')} printed without a time, read as at {time:g}"
        else:
            when = ""
        event = (
            f"the {statistic.replace('-', ' ')} is of surviving, as the outcome reads"
            if survival
            else ""
        )
        try:
            found.append(
                ratio_candidate(row, printed, words(when, event), log_scale=MEASURES[measure].log)
            )
        except tte.RouteError as error:
            reasons.append(f"{error} (row {row.row})")
    return found, reasons
