"""Effects from means, correlations, rates, and effects printed on their analysis scale."""

from __future__ import annotations

from math import isfinite, sqrt
from typing import NamedTuple

from livingmeta.effect_measures import MEASURES, Measure
from livingmeta.effects.candidate import Candidate, all_used, computed, half_added, words
from livingmeta.effects.contrast import ratio_candidate
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import Row, Used, plain
from livingmeta.formulas import time_to_event as tte


class Side(NamedTuple):
    """One arm's mean, SD and patients, where they stand and what was assumed."""

    mean: float
    sd: float
    n: float
    inputs: tuple[Used, ...]
    assumed: tuple[str, ...]


def means(
    measure: str, printed: Printed, arms: tuple[str, ...], time: float | None
) -> tuple[list[Candidate], list[str]]:
    """MN of one arm, MD, SMD, ROM of two from mean, SD and n; MD and SMD also as printed."""
    found, reasons = _printed(printed, MEASURES[measure], arms, time)
    sides: list[Side] = []
    missing: list[str] = []
    if time is None:
        time, apart = printed.common_time(["mean"], arms)
        if apart:
            return found, [*reasons, apart]
    for arm in arms:
        side = _mean_sd_n(printed, arm, time)
        if isinstance(side, str):
            missing.append(side)
        else:
            sides.append(side)
    if missing:
        return found, reasons + missing
    numbers = ("",) if len(sides) == 1 else ("1", "2")
    counts = {
        f"{name}{number}i": value
        for number, side in zip(numbers, sides, strict=True)
        for name, value in zip(("m", "sd", "n"), (side.mean, side.sd, side.n), strict=True)
    }
    try:
        effect = computed(measure, **counts)
    except tte.RouteError as error:
        return found, [*reasons, str(error)]
    inputs = tuple(used for side in sides for used in side.inputs)
    assumed = words(*(text for side in sides for text in side.assumed))
    found.append(Candidate("D", *effect, inputs, assumed, sum(side.n for side in sides)))
    return found, reasons


def _mean_sd_n(printed: Printed, arm: str, time: float | None) -> Side | str:
    mean, passed = printed.one("mean", arm, time)
    when = f" at {time:g}" if time is not None else ""
    if mean is None:
        return f"no mean of {arm}{when}"
    n, where = (mean.n, None) if isfinite(mean.n) else printed.size(arm)
    if n is None or n < 2:
        return f"mean of {arm} {mean.value:g} without arm size (row {mean.row})"
    sd = printed.beside("sd", mean)
    if sd is not None:
        rows = all_used(mean.used(), sd.used(), where)
        return Side(mean.value, sd.value, n, rows, words(passed))
    se = printed.beside("se", mean)
    if se is not None:
        return Side(
            *(mean.value, se.value * sqrt(n), n),
            all_used(mean.used(), se.used(), where),
            words(passed, f"SD of {arm} from its SE and n"),
        )
    if mean.has_ci:
        from scipy.special import stdtrit

        half = (mean.ci_high - mean.ci_low) / 2
        t = float(stdtrit(n - 1, 0.5 + mean.ci_level / 2))
        return Side(
            *(mean.value, half / t * sqrt(n), n),
            all_used(mean.used(), where),
            words(passed, f"SD of {arm} from the t interval of its mean"),
        )
    return f"mean of {arm} {mean.value:g} without SD, SE or CI (row {mean.row})"


def correlations(
    measure: str, printed: Printed, arms: tuple[str, ...], time: float | None
) -> tuple[list[Candidate], list[str]]:
    """COR and ZCOR from a correlation and its n."""
    arm = "/".join(arms)
    row = (printed.one("correlation", arm, time) if arm else (None, ""))[0]
    rows = [row] if row else [r for r in printed.find("correlation", time=time) if not arm]
    if not rows:
        return [], ["no correlation printed" + (f" for {arm}" if arm else "")]
    row = rows[0]
    if not isfinite(row.n):
        return [], [f"correlation {row.value:g} without n (row {row.row})"]
    try:
        effect = computed(measure, ri=row.value, ni=row.n)
    except tte.RouteError as error:
        return [], [f"{error} (row {row.row})"]
    made = row.used(f"; n {plain(row.n)}")
    return [Candidate("N", *effect, (made,), (), row.n, adjusted=row.adjusted)], []


def rates(
    measure: str, printed: Printed, arms: tuple[str, ...], time: float | None
) -> tuple[list[Candidate], list[str]]:
    """IRR, IRD and IRSD of two arms, IR and IRLN of one, from events and person-time."""
    found, reasons = _printed(printed, MEASURES[measure], arms, time)
    sides, missing = [], []
    if time is None:
        time, apart = printed.common_time(["events"], arms)
        if apart:
            return found, [*reasons, apart]
    for arm in arms:
        events, _ = printed.one("events", arm, time)
        person_time = printed.beside("person-time", events) if events else None
        if events is None or person_time is None:
            lacking = "events" if events is None else "person-time"
            missing.append(f"no {lacking} of {arm}")
        elif events.value < 0 or not person_time.value > 0:
            missing.append(f"{events.value:g} events in person-time {person_time.value:g} of {arm}")
        else:
            sides.append((events, person_time))
    if missing:
        return found, reasons + missing
    names = ("x1i", "t1i", "x2i", "t2i") if len(arms) == 2 else ("xi", "ti")
    values = [row.value for side in sides for row in side]
    counts = dict(zip(names, values, strict=True))
    try:
        effect = computed(measure, **counts)
        halved = half_added(measure, effect.yi, names[::2], **counts)
    except tte.RouteError as error:
        return found, [*reasons, str(error)]
    found.append(
        Candidate(
            "P",
            *effect,
            tuple(row.used() for side in sides for row in side),
            ("a half added to the events because a count is zero",) if halved else (),
            sum(side[0].n for side in sides),
            sum(side[0].value for side in sides),
            cells=dict(zip(("ai", "t1i", "ci", "t2i"), values, strict=False)),
        )
    )
    return found, reasons


def generic(
    printed: Printed, arms: tuple[str, ...], time: float | None
) -> tuple[list[Candidate], list[str]]:
    """GEN: an effect printed on its analysis scale with SE or CI."""
    if len(arms) == 2:
        return _printed(printed, MEASURES["GEN"], tuple(arms), time)
    rows = [r for r in printed.find("effect", arms[0] if arms else None, time) if isfinite(r.value)]
    found, reasons = [], []
    for row in rows:
        try:
            found.append(ratio_candidate(row, printed, (), log_scale=False))
        except tte.RouteError as error:
            reasons.append(f"{error} (row {row.row})")
    return found, reasons or ([] if found else ["no effect printed"])


def _printed(
    printed: Printed, measure: Measure, arms: tuple[str, ...], time: float | None
) -> tuple[list[Candidate], list[str]]:
    statistic = measure.contrast
    if statistic is None:
        return [], []
    found, reasons = [], []
    rows: list[Row] = printed.contrasts(statistic, *arms, time=time)
    for row in rows:
        if time is not None and isfinite(row.time) and abs(row.time - time) > 0.02 * time:
            reasons.append(f"{statistic} printed at {row.time:g}, {time:g} wanted")
            continue
        try:
            found.append(ratio_candidate(row, printed, (), log_scale=measure.log))
        except tte.RouteError as error:
            reasons.append(f"{error} (row {row.row})")
    return found, reasons
