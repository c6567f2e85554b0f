"""Routes to ln HR that do not use a hazard ratio or a test: curves, survival at a time, medians."""

from __future__ import annotations

from functools import partial
from math import isfinite, log
from typing import NamedTuple

import numpy as np

from livingmeta.effects.candidate import downgraded, of_curve, words
from livingmeta.effects.comparison import Comparison
from livingmeta.effects.median_time import unreached
from livingmeta.effects.routes import ROUTES
from livingmeta.extraction.curves.rebuild import Curve
from livingmeta.extraction.rows import Row, same_time
from livingmeta.formulas import time_to_event as tte
from livingmeta.formulas.curve_intervals import parmar, shared_falls, williamson
from livingmeta.formulas.survival_at_time import ladder


def from_curves(study: Comparison, research: Curve, control: Curve) -> None:
    """G from the rebuilt patients of both arms; T12 and T11 from the same curves by intervals."""
    from livingmeta.formulas.individual_data import IndividualDataError, cox

    curves = (research, control)
    names = tuple(of_curve(arm, n=curve.n) for arm, curve in zip(study.arms, curves, strict=True))
    n = float(research.n + control.n)
    quality = words(*(w for c in curves for w in c.warnings))
    grade = downgraded("G", "rough") if quality else ""

    def fitted() -> tte.Effect:
        try:
            return tte.Effect(*cox(research.data, control.data))
        except IndividualDataError as error:
            raise tte.RouteError(str(error)) from None

    study.add("G", fitted, names, quality, grade=grade, n=n)
    grid = williamson_grid(research, control)
    if grid is not None:
        study.add(
            "T12", partial(williamson, *grid), names, ("censoring even within intervals",), n=n
        )
    follow = [
        row
        for name in ("minimum-followup", "maximum-followup")
        for arm in study.arms
        if (row := study.printed.one(name, arm)[0] or study.printed.one(name, "all")[0])
    ]
    if len(follow) == 4 and study.patients:
        low_r, low_c, high_r, high_c = (r.value for r in follow)
        study.add(
            "T11",
            lambda: parmar(
                (research.read, study.patients[0], low_r, high_r),
                (control.read, study.patients[1], low_c, high_c),
            ),
            (*names, *(r.used() for r in follow), *study.size_rows),
            ("censoring even between least and greatest follow-up",),
        )


class Grid(NamedTuple):
    """What T12 reads: times, and of both arms survival and numbers at risk at them."""

    times: np.ndarray
    survival_r: np.ndarray
    survival_c: np.ndarray
    at_risk_r: np.ndarray
    at_risk_c: np.ndarray


def williamson_grid(research: Curve, control: Curve, pieces: int = 8) -> Grid | None:
    """Times, survival and numbers at risk of both arms for T12, or None.

    The shared times of the risk tables, each interval cut into `pieces` in which censoring is even
    (the number at risk follows the curve times a steady loss), then thinned so that both curves
    fall in each interval.
    """
    shared = [t for t in research.risk_times if t in set(control.risk_times)]
    if len(shared) < 2:
        return None
    steps = np.arange(pieces) / pieces
    edges = np.append(
        (np.diff(shared)[:, None] * steps + np.array(shared)[:-1, None]).ravel(), shared[-1]
    )
    survival = [curve.read(edges) for curve in (research, control)]
    keep = shared_falls(edges, *survival)
    at_risk = [_between(curve, shared, edges) for curve in (research, control)]
    return Grid(edges[keep], *(s[keep] for s in survival), *(n[keep] for n in at_risk))


def _between(curve: Curve, shared: list[float], edges: np.ndarray) -> np.ndarray:
    """Numbers at risk at `edges`, between the printed ones at `shared` times."""
    printed = np.array([curve.risk_at(t) for t in shared])
    survival = curve.read(np.array(shared))
    # Those at risk as a share of those who would be, had nobody been censored.
    uncensored = np.divide(printed, survival, out=np.zeros(len(shared)), where=survival > 0)
    return np.interp(edges, shared, uncensored) * curve.read(edges)


def from_survival(study: Comparison, time: float | None) -> None:
    """L at each time at which both arms print survival; the protocol's time comes first."""
    pairs = [
        (a, b)
        for a in study.printed.find("survival", study.arms[0])
        for b in study.printed.find("survival", study.arms[1])
        if isfinite(a.time + b.time + a.value + b.value) and same_time(a.time, b.time)
        if a.part == b.part
    ]
    if time is not None:
        pairs.sort(key=lambda pair: not same_time(pair[0].time, time))
    for a, b in pairs:
        rungs = []
        for row, (size, where) in zip((a, b), study.sizes, strict=True):
            risk = study.printed.at_risk(row)
            try:
                ways = ladder(
                    row.value,
                    ci=(row.ci_low, row.ci_high),
                    se=row.se if isfinite(row.se) else None,
                    level=row.ci_level,
                    cut_scale=study.printed.interval_scale(),
                    at_risk=risk.value if risk else None,
                    n=row.n if isfinite(row.n) else size,
                )
            except tte.RouteError as error:
                study.reasons.append(f"L: {error} (row {row.row})")
                break
            if not ways:
                study.reasons.append(
                    f"survival of {row.arm} {row.value:.6g} at {row.when} "
                    "without arm size, CI or numbers at risk"
                )
                break
            other = where if ways[0].route == "S4" and not isfinite(row.n) else None
            if ways[0].route == "S3" and risk:
                other = risk.used()
            rungs.append((ways[0], other))
        if len(rungs) < 2:
            continue
        (first, where_a), (second, where_b) = rungs
        study.add(
            "L",
            partial(tte.survival_at_one_time, a.value, b.value, first.se**2, second.se**2),
            (a.used(), b.used(), where_a, where_b),
            (f"proportional hazards up to {a.when}", first.assumed, second.assumed),
            _shared(a, b),
            grade=downgraded("L", ROUTES[first.route].grade, ROUTES[second.route].grade),
        )


def _shared(a: Row, b: Row) -> str:
    """How the two arms were made comparable, where both rows say the same."""
    return a.adjusted if a.adjusted == b.adjusted and a.adjusted != "no" else ""


def from_medians(study: Comparison) -> None:
    """M: error from the medians' own intervals, else from events, else from all patients."""
    both = study.printed.each("median", study.arms)
    if not both:
        study.reasons += [w for arm in study.arms for w in unreached(study.printed, arm)]
        return
    a, b = both
    inputs = (a.used(), b.used())
    exponential = "exponential survival in both arms (medians only)"
    if a.has_ci and b.has_ci and a.ci_low > 0 and b.ci_low > 0 and a.ci_level == b.ci_level:
        study.add(
            "M",
            lambda: tte.medians_and_cis(
                a.value, (a.ci_low, a.ci_high), b.value, (b.ci_low, b.ci_high), a.ci_level
            ),
            inputs,
            (exponential, "error from the medians' own intervals"),
            _shared(a, b),
        )
    if a.se > 0 and b.se > 0 and not (a.has_ci and b.has_ci) and a.value > 0 and b.value > 0:
        study.add(
            "M",
            lambda: tte.Effect(
                log(b.value / a.value), (a.se / a.value) ** 2 + (b.se / b.value) ** 2
            ),
            (a.used(f" SE {a.se:g}"), b.used(f" SE {b.se:g}")),
            (exponential, "error from the medians' own SEs"),
            _shared(a, b),
        )
    if study.events:
        study.add(
            "M",
            lambda: tte.medians(a.value, b.value, *(arm.value for arm in study.events)),
            (*inputs, *study.total[1]),
            (exponential,),
            _shared(a, b),
        )
        return
    sizes = [
        row.n if isfinite(row.n) else size
        for row, (size, _) in zip((a, b), study.sizes, strict=True)
    ]
    known = [size for size in sizes if size is not None]
    if len(known) == 2:
        study.add(
            "M",
            lambda: tte.medians(a.value, b.value, *known),
            (*inputs, *study.size_rows),
            (exponential, "all patients counted as events (precision overstated)"),
            _shared(a, b),
        )
    elif not (a.has_ci and b.has_ci) and not (a.se > 0 and b.se > 0):
        study.reasons.append(
            f"medians {a.value:g} and {b.value:g} without group sizes, events or CIs"
        )
