"""One arm's cells, with the event and without it, by every route from counts and percentages.

A survival percentage with standard error SE enters as its effective counts, S n_eff and
(1-S) n_eff with n_eff = S(1-S)/SE^2, which gives exactly the delta-method variance on each scale.
"""

from __future__ import annotations

from collections.abc import Collection
from math import isfinite, nan

from livingmeta.effects.candidate import all_used, downgraded, of_curve, words
from livingmeta.effects.one_time import read_as_at
from livingmeta.effects.rough_survival import (
    Arm,
    between,
    by_median,
    carried_survival,
    curve_at_nought,
    times_around,
)
from livingmeta.effects.routes import ROUTES, poorer
from livingmeta.effects.spread import patients
from livingmeta.extraction.curves.rebuild import Curve
from livingmeta.extraction.printed import Printed, at_one_time, pick
from livingmeta.extraction.rows import Row, Used, plain, same_time
from livingmeta.formulas import time_to_event as tte
from livingmeta.formulas.survival_at_time import Rung, ladder


def arm_cells(
    printed: Printed,
    arm: str,
    time: float | None,
    *,
    survival: bool,
    curve: Curve | None = None,
    asked: Collection[str] = (),
) -> tuple[list[Arm], list[str]]:
    """One arm's cells by every route (C, S1-S7), best first, and the reasons where none is.

    `asked`: routes on request, the rough S6 and S7.
    """
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
    if not found and survival and time is not None:
        carried = carried_survival(printed, arm, time) or curve_at_nought(printed, arm, time, curve)
        found = [carried] if carried else []
    if not found and survival and time is not None and asked:
        found = _on_request(printed, arm, time, asked)
    if found:
        return found, []
    return [], reasons or [_missing(printed, arm, time, survival)]


def _on_request(printed: Printed, arm: str, time: float, asked: Collection[str]) -> list[Arm]:
    """S6 and S7 where they are asked for and nothing better is printed."""
    found = []
    if "S6" in asked and (times := times_around(printed, arm, time)):
        sides = [_percentages(printed, arm, t, survival=True, curve=None) for t in times]
        earlier, later = ([] if isinstance(side, str) else side for side in sides)
        if earlier and later:
            found.append(between(time, times, earlier[0], later[0]))
    if "S7" in asked and (made := by_median(printed, arm, time)):
        found.append(made)
    return found


def at_time(rows: list[Row], time: float | None, *, timeless_too: bool) -> list[Row]:
    """The rows of a time; where none is and `timeless_too`, those of no time."""
    if time is None:
        return rows
    found = [r for r in rows if isfinite(r.time) and same_time(r.time, time)]
    if found or not timeless_too:
        return found
    return [r for r in rows if not isfinite(r.time)]


def _counts(printed: Printed, arm: str, time: float | None, survival: bool) -> Arm | str:
    """Cells from `events` of n. Deaths without a time are no survival at a time."""
    rows = at_time(printed.find("events", arm), time, timeless_too=not survival)
    rows = [r for r in rows if isfinite(r.value)]
    if not rows:
        return ""
    row, passed = pick(at_one_time(rows, time))
    n, where, of_n = _patients(printed, row, survival)
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
        words(passed, complete, read_as_at(row, time), of_n),
        n,
        row.value,
        row.adjusted,
        poorer("exact") if of_n else "exact",
        not isfinite(row.time),
    )


def _patients(printed: Printed, row: Row, survival: bool) -> tuple[float | None, Used | None, str]:
    """As `spread.patients`; of survival those at the beginning serve for every time."""
    if not survival:
        return patients(printed, row)
    n, where = (row.n, None) if isfinite(row.n) else printed.size(row.arm)
    return n, where, ""


def _percentages(
    printed: Printed, arm: str, time: float | None, survival: bool, curve: Curve | None
) -> list[Arm] | str:
    statistic = "survival" if survival else "proportion"
    rows = at_time(printed.find(statistic, arm), time, timeless_too=not survival)
    rows = [r for r in rows if isfinite(r.value)]
    if not rows:
        return _from_curve(arm, time, curve) if survival else []
    row, passed = pick(at_one_time(rows, time))
    n, where, of_n = _patients(printed, row, survival)
    risk = printed.at_risk(row) if survival else None
    at_risk = risk.value if risk else None
    greenwood = None
    if survival and curve is not None:
        greenwood = curve.survival_and_se(row.time)[1]
    se, se_row = _printed_se(printed, row)
    try:
        rungs = ladder(
            row.value,
            ci=(row.ci_low, row.ci_high),
            se=se,
            level=row.ci_level,
            cut_scale=printed.interval_scale(),
            greenwood=greenwood,
            at_risk=at_risk,
            n=n,
        )
    except tte.RouteError as error:
        return f"{error} (row {row.row})"
    if not rungs:
        at = f" at {row.when}" if isfinite(row.time) else ""
        return f"{statistic} of {arm} {row.value:.6g}{at} without arm size, CI or numbers at risk"
    at_risk_row = (
        risk.used_for("at-risk", at_risk, f"at risk {arm} {plain(at_risk)}")
        if risk and at_risk
        else None
    )

    def by_se(rung: Rung) -> bool:
        return rung.route == "S1" and rung.se == se and not row.has_ci

    drift = f"time {row.when} read as {time:g}" if time is not None and _drifts(row, time) else ""
    return [
        Arm(
            rung.route,
            row.value * rung.n_effective,
            (1 - row.value) * rung.n_effective,
            all_used(
                row.used(f" SE {row.se:g}" if by_se(rung) and se_row is None else ""),
                se_row.used() if by_se(rung) and se_row else None,
                where if rung.route == "S4" else None,
                at_risk_row if rung.route == "S3" else None,
                of_curve(arm, n=curve.n) if curve and rung.route == "S2" else None,
            ),
            words(
                passed,
                drift,
                read_as_at(row, time),
                _reworded(rung, survival),
                of_n if rung.route == "S4" else "",
            ),
            n if n is not None else nan,
            nan,
            row.adjusted,
            _grade(rung, survival, of_n),
            not isfinite(row.time),
        )
        for rung in rungs
    ]


def _printed_se(printed: Printed, row: Row) -> tuple[float | None, Row | None]:
    """The SE beside a percentage, or in a row of the same arm and time that is of it alone."""
    if isfinite(row.se):
        return row.se, None
    here = [
        r
        for r in printed.rows
        if (r.arm, r.part) == (row.arm, row.part)
        and (same_time(r.time, row.time) or not (isfinite(r.time) or isfinite(row.time)))
    ]
    errors = [r for r in here if r.statistic == "se" and 0 < r.value < 1]
    others = {r.statistic for r in here} & {"mean", "median", "rmst", "rate"}
    if len(errors) != 1 or others:
        return None, None
    return errors[0].value, errors[0]


def _grade(rung: Rung, survival: bool, of_n: str) -> str:
    """A percentage of patients that nobody could leave is as good as its rounding, and poorer where
    these are not said to be its own (`of_n`)."""
    if rung.route == "S1":
        return "close" if rung.assumed else "exact"
    if rung.route == "S4" and not survival:
        return poorer("close") if of_n else "close"
    return ROUTES[rung.route].grade


def _reworded(rung: Rung, survival: bool) -> str:
    """What is assumed of a survival; nothing is of a percentage of patients whom nobody lost."""
    return rung.assumed if survival or rung.route != "S4" else ""


def _drifts(row: Row, time: float) -> bool:
    return isfinite(row.time) and abs(row.time - time) > 1e-9


def _from_curve(arm: str, time: float | None, curve: Curve | None) -> list[Arm]:
    """S(t) and Greenwood read off reconstructed data where the text prints no percentage.

    A curve at 0 or 1 has no error of its own: it counts as a percentage printed so does (S4), of
    those at risk then where all live, else of all.
    """
    if curve is None or time is None or time > curve.last_time:
        return []
    s, se = curve.survival_and_se(time)
    read = (of_curve(arm, s, curve.n, f"survival {s:.4g} at {time:g}"),)
    if 0 < s < 1 and se > 0:
        size = s * (1 - s) / se**2
        return [Arm("S2", s * size, (1 - s) * size, read, (), float(curve.n), nan, "", curve.grade)]
    left = int((curve.data["time"] >= time).sum())
    return [
        Arm(
            rung.route,
            s * rung.n_effective,
            (1 - s) * rung.n_effective,
            read,
            words(rung.assumed),
            float(curve.n),
            nan,
            "",
            downgraded(rung.route, curve.grade),
        )
        for rung in ladder(s, n=curve.n, at_risk=left)
        if s in (0, 1)
    ]


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
