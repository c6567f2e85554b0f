"""Survival of an arm at a time at which it is not printed: carried, read between, exponential.

S5 is feasible always, S6 and S7 only where the protocol names them. All are rough, and the result
without them stands beside the one with them. What is printed of some patients only (column `part`)
says nothing here of the others: that all of a stage have died is not that all have. But matched
pairs are what a matched comparison is of, so their medians serve S7.
"""

from __future__ import annotations

from math import exp, isfinite, log, nan
from typing import NamedTuple

from livingmeta.effects.candidate import all_used, of_curve, words
from livingmeta.effects.routes import ROUTES
from livingmeta.extraction.curves.rebuild import Curve
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import ADJUSTED, Row, Used, plain, same_time
from livingmeta.formulas.standard_error import reach


class Arm(NamedTuple):
    """One arm's cells: with the event, without it, and how they came about; whether they were
    printed without the time that is wanted."""

    route: str
    event: float
    other: float
    inputs: tuple[Used, ...]
    assumed: tuple[str, ...]
    n: float
    events: float
    adjusted: str
    grade: str
    timeless: bool = False


def carried_survival(printed: Printed, arm: str, time: float) -> Arm | None:
    """S5: who has all died stays so, and where all live, all lived before.

    Survival of 0 at an earlier time (or as many deaths as patients) is 0 at `time`, of those at
    risk last before, where that is printed; survival of 1 at a later time is 1, of those at risk
    then. Else all patients are counted as followed throughout.
    """
    known = [*printed.find("survival", arm), *printed.find("events", arm)]
    known = [r for r in known if isfinite(r.time + r.value) and not r.part]
    gone = [r for r in known if _alive(r, printed) == 0 and r.time < time]
    alive = [r for r in known if _alive(r, printed) == 1 and r.time > time]
    if not gone and not alive:
        return None
    row = min(gone or alive, key=lambda r: (r.time, r.row))
    n, where = (row.n, None) if isfinite(row.n) else printed.size(arm)
    risk = _at_risk(printed, arm, row.time, before=bool(gone))
    size = risk.value if risk else n
    if size is None:
        return None
    at_risk = risk.used_for("at-risk", size, f"at risk {arm} {plain(size)}") if risk else None
    used = all_used(row.used(), None if risk else where, at_risk)
    return _carried(bool(gone), row.time, time, size, used, n or nan, row.adjusted)


def curve_at_nought(printed: Printed, arm: str, time: float, curve: Curve | None) -> Arm | None:
    """S5 off a curve that came to 0 and ends before `time`, as from a printed survival of 0."""
    if curve is None or time <= curve.last_time or curve.survival_and_se(curve.last_time)[0] != 0:
        return None
    fell = float(curve.kaplan_meier.time[-1])
    risk = _at_risk(printed, arm, fell, before=True)
    size = risk.value if risk else float(curve.n)
    at_risk = risk.used_for("at-risk", size, f"at risk {arm} {plain(size)}") if risk else None
    used = all_used(of_curve(arm, 0.0, curve.n, f"survival 0 at {fell:g}"), at_risk)
    return _carried(True, fell, time, size, used, float(curve.n), "")


def _at_risk(printed: Printed, arm: str, time: float, before: bool) -> Row | None:
    """The last printed number at risk before a time, or the one at it."""
    rows = [r for r in printed.find("at-risk", arm) if isfinite(r.time) and r.value > 0]
    rows = [r for r in rows if not r.part]
    rows = [r for r in rows if (r.time < time if before else same_time(r.time, time))]
    return max(rows, key=lambda r: r.time, default=None)


def _carried(
    gone: bool,
    known: float,
    time: float,
    size: float,
    used: tuple[Used, ...],
    n: float,
    adjusted: str,
) -> Arm:
    """The cells of `size` patients all dead from `known` on (`gone`), or all alive until then."""
    said = (
        f"survival of {0 if gone else 1} at {known:g} holds {'from' if gone else 'until'} then, "
        f"so at {time:g}",
        f"{plain(size)} patients counted as followed throughout",
    )
    cells = (0.0, size) if gone else (size, 0.0)
    return Arm("S5", *cells, used, said, n, nan, adjusted, ROUTES["S5"].grade)


def _alive(row: Row, printed: Printed) -> float:
    """The share alive by a survival or by deaths of so many patients; NaN where not told."""
    if row.statistic == "survival":
        return row.value
    n = row.n if isfinite(row.n) else printed.size(row.arm)[0]
    return 1 - row.value / n if n else nan


def times_around(printed: Printed, arm: str, time: float) -> tuple[float, float] | None:
    """The nearest printed times before and after one at which survival lies within 0 and 1."""
    rows = [r for r in printed.find("survival", arm) if not r.part]
    times = sorted({r.time for r in rows if 0 < r.value < 1 and isfinite(r.time) and r.time > 0})
    before, after = [t for t in times if t < time], [t for t in times if t > time]
    return (before[-1], after[0]) if before and after else None


def between(time: float, times: tuple[float, float], earlier: Arm, later: Arm) -> Arm:
    """S6: on the straight line of ln(-ln S) against ln t, as of a Weibull curve.

    The two errors are of the same patients and are added as though they went together, which is the
    most that they can be.
    """
    share = log(time / times[0]) / log(times[1] / times[0])
    line = [_log_hazard(side) for side in (earlier, later)]
    height, error = (
        (1 - share) * first + share * second for first, second in zip(*line, strict=True)
    )
    survival = exp(-exp(height))
    said = words(
        *earlier.assumed,
        *later.assumed,
        f"survival at {time:g} read between {times[0]:g} and {times[1]:g}, on the line of the log "
        "cumulative hazard",
    )
    adjusted = earlier.adjusted if earlier.adjusted == later.adjusted else ""
    n = min(earlier.n, later.n)
    inputs = all_used(*earlier.inputs, *later.inputs)
    return _of_error("S6", survival, survival * -log(survival) * error, inputs, said, n, adjusted)


def _log_hazard(arm: Arm) -> tuple[float, float]:
    """ln(-ln S) of an arm's cells and its standard error."""
    size = arm.event + arm.other
    survival = arm.event / size
    error = (survival * (1 - survival) / size) ** 0.5
    return log(-log(survival)), error / (survival * -log(survival))


def by_median(printed: Printed, arm: str, time: float) -> Arm | None:
    """S7: of an exponential curve through the printed median, lambda = ln 2 / median.

    var(ln lambda) from the median's own interval, else that of a sample median, 1/(n ln^2 2).
    """
    row, passed = printed.one("median", arm)
    if row is None or not row.value > 0 or (row.part and row.adjusted not in ADJUSTED):
        return None
    # Matched pairs are what a matched comparison is of, with their own n; the arm's is of more.
    n: float | None = row.n if isfinite(row.n) else None
    where = None
    if n is None and not row.part:
        n, where = printed.size(arm)
    if row.has_ci and row.ci_low > 0:
        error = log(row.ci_high / row.ci_low) / (2 * reach(row.ci_level))
        said = "its error from the median's interval"
        where = None
    elif n:
        error = (n * log(2) ** 2) ** -0.5
        said = f"its error as of the median of {plain(n)} patients"
    else:
        return None
    hazard = log(2) * time / row.value
    survival = exp(-hazard)
    if not 0 < survival < 1 or not error > 0:
        return None
    assumed = words(passed, f"survival at {time:g} of an exponential curve by its median; {said}")
    inputs = all_used(row.used(), where)
    se = survival * hazard * error
    return _of_error("S7", survival, se, inputs, assumed, n or nan, row.adjusted)


def _of_error(
    route: str,
    survival: float,
    se: float,
    inputs: tuple[Used, ...],
    assumed: tuple[str, ...],
    n: float,
    adjusted: str,
) -> Arm:
    """The cells of as many patients followed throughout as would give this error."""
    size = survival * (1 - survival) / se**2
    cells = (survival * size, (1 - survival) * size)
    return Arm(route, *cells, inputs, assumed, n, nan, adjusted, ROUTES[route].grade)
