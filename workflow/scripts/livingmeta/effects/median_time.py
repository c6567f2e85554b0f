"""MEDLN: the median survival time of one arm, pooled as its logarithm.

metafor has no code for it. McGrath et al., "Meta-analysis of median survival times with
inverse-variance weighting" (2025, arXiv 2503.03065), take the error from the printed interval as if
it were a Wald one. Here the same is done on the log scale, where the intervals of medians are more
nearly symmetric and no limit falls below 0 (measured in docs/survival.md).

A median that was not reached has no value, and an upper limit that was not reached gives no error.
Both are set aside with the reason: leaving long medians out makes the pooled one too short, so the
report must show who is missing.
"""

from __future__ import annotations

from math import isfinite, log, nan

from livingmeta.effects.candidate import Candidate, all_used, downgraded, of_curve, usable, words
from livingmeta.extraction.curves.rebuild import Curve
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import Row
from livingmeta.formulas import time_to_event as tte


def median_times(
    printed: Printed, arm: str, curve: Curve | None = None
) -> tuple[list[Candidate], list[str]]:
    """All routes to ln median (M1, M2, M3) in the protocol's time unit, and why others failed.

    `curve`: the arm's reconstructed curve or None.
    """
    found: list[Candidate] = []
    reasons = unreached(printed, arm)
    row, passed = printed.one("median", arm)
    if row is not None:
        try:
            found.append(_from_print(printed, row, words(passed)))
        except tte.RouteError as error:
            reasons.append(f"{error} (row {row.row})")
    if curve is not None:
        try:
            found.append(_from_curve(arm, curve))
        except tte.RouteError as error:
            reasons.append(f"curve {arm}: {error}")
    if not found and not reasons:
        reasons.append(f"no median of {arm}")
    return found, reasons


def _from_print(printed: Printed, row: Row, assumed: tuple[str, ...]) -> Candidate:
    """M1 from a whole interval or an SE; M3 from deaths where no interval is printed at all."""
    size, where = (row.n, None) if isfinite(row.n) else printed.size(row.arm)
    n = nan if size is None else size
    deaths, _ = printed.one("events", row.arm)
    shown = f"median of {row.arm} {row.value:g}"
    if row.has_ci:
        effect = usable(lambda: tte.ratio_and_ci(row.value, row.ci_low, row.ci_high, row.ci_level))
        events = nan if deaths is None else deaths.value
        inputs = all_used(row.used(), where)
        return Candidate("M1", *effect, inputs, assumed, n, events, row.adjusted)
    if row.se > 0 and row.value > 0:
        # The SE of a logarithm by the delta method.
        effect = usable(lambda: tte.Effect(log(row.value), (row.se / row.value) ** 2))
        events = nan if deaths is None else deaths.value
        inputs = all_used(row.used(f" SE {row.se:g}"), where)
        assumed = words(*assumed, "SE of the median carried to its logarithm")
        return Candidate("M1", *effect, inputs, assumed, n, events, row.adjusted, grade="close")
    if isfinite(row.ci_low) or isfinite(row.ci_high):
        which = "upper" if isfinite(row.ci_low) else "lower"
        raise tte.RouteError(f"{shown}: its {which} limit was not reached or is not printed")
    if deaths is None:
        raise tte.RouteError(f"{shown} without CI or number of deaths")
    effect = usable(lambda: exponential_median(row.value, deaths.value))
    inputs = all_used(row.used(), deaths.used(), where)
    assumed = words(*assumed, "exponential survival for the error of the median")
    return Candidate("M3", *effect, inputs, assumed, n, deaths.value, row.adjusted)


def _from_curve(arm: str, curve: Curve) -> Candidate:
    """M2: the median of the rebuilt patients and its Brookmeyer-Crowley interval (log-log)."""
    from livingmeta.formulas.individual_data import median

    value, low, high = median(curve.data)
    if not isfinite(value):
        raise tte.RouteError("median not reached")
    if not (isfinite(low) and isfinite(high)):
        raise tte.RouteError(f"median {value:g}, but a limit of its interval was not reached")
    read = f"median {value:.4g} [{low:.4g}, {high:.4g}]"
    return Candidate(
        "M2",
        *usable(lambda: tte.ratio_and_ci(value, low, high)),
        (of_curve(arm, value, curve.n, read),),
        words(*curve.warnings),
        float(curve.n),
        float(curve.events),
        grade=downgraded("M2", curve.grade),
    )


def unreached(printed: Printed, arm: str) -> list[str]:
    """Words on each median of an arm that the paper reports as not reached."""
    rows = [r for r in printed.find("median", arm) if not isfinite(r.value)]
    return [f"median of {arm} not reached (row {r.row})" for r in rows]


def exponential_median(median: float, deaths: float) -> tte.Effect:
    """M3: ln median, var = 1/(O (ln 2)^2).

    A Kaplan-Meier median has var(ln m) = var(S)/[m f(m)]^2; without censoring var(S) = 1/(4n), and
    m f(m) = ln(2)/2 for exponential survival. O deaths stand for n: with censoring that is rather
    too wide than too narrow, since patients who left after the median have told all they could.
    """
    if not (median > 0 and deaths > 0):
        raise tte.RouteError(f"a median of {median:g} with {deaths:g} deaths gives no error")
    return tte.Effect(log(median), 1 / (deaths * log(2) ** 2))
