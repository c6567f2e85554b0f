"""Every route of one study to ln HR: looks up what each one needs and notes what it assumed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import isfinite, log, nan, sqrt

from livingmeta.effects.candidate import Candidate, all_used, downgraded, words
from livingmeta.effects.comparison import Comparison
from livingmeta.effects.contrast import one_limit, printed_error, ratio_candidate
from livingmeta.effects.hazard_indirect import from_curves, from_medians, from_survival
from livingmeta.effects.log_rank import LogRank
from livingmeta.extraction.curves.rebuild import Curve
from livingmeta.extraction.p_values import PValue
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.reworded import LARGEST_LOGARITHM
from livingmeta.extraction.rows import Row, same_time
from livingmeta.formulas import time_to_event as tte

ADJUSTED = {"multivariable", "matched", "weighted"}


def hazard_ratios(
    printed: Printed,
    arms: tuple[str, str],
    time: float | None = None,
    curves: tuple[Curve | None, ...] = (),
) -> tuple[list[Candidate], list[str]]:
    """All candidates for ln HR of the first arm against the second, and the reasons for the rest.

    `time` orders the times of route L (the protocol's time first); `curves` are the two arms'
    curves where a figure was digitised.
    """
    study = Comparison(printed, arms)
    ratios = printed.contrasts("hazard-ratio", *arms, time=time)
    for row in ratios:
        _from_ratio(study, row)
    if not ratios:
        _from_effects(study)
    _from_log_rank(study)
    _from_p(study)
    drawn = [curve for curve in curves if curve is not None]
    if len(drawn) == 2:
        from_curves(study, *drawn)
    from_survival(study, time)
    from_medians(study)
    if not study.found and not study.reasons:
        study.reasons.append(_missing(printed, arms))
    return study.found, study.reasons


def _from_ratio(study: Comparison, row: Row) -> None:
    hr = row.value
    adjusted = row.adjusted if row.adjusted != "no" else ""
    is_adjusted = row.adjusted in ADJUSTED
    unsaid = "" if row.adjusted else "not stated whether the hazard ratio is adjusted"
    n = row.n
    before = len(study.found)
    if row.has_ci:
        study.add(
            "A" if is_adjusted else "T3",
            lambda: tte.ratio_and_ci(hr, row.ci_low, row.ci_high, row.ci_level),
            (row.used(),),
            (unsaid,),
            adjusted,
            n=n,
        )
    total, total_rows = study.total
    try:
        for found in (
            printed_error(
                row,
                study.printed,
                log_scale=True,
                or_p=bool(row.p and row.p.exact),
                events=_error_by_events(study),
            ),
            one_limit(row, log_scale=True),
        ):
            if found:
                study.add(
                    "A" if is_adjusted else "T3s",
                    partial(tte.Effect, log(hr), found.vi),
                    found.inputs,
                    (unsaid, *found.assumed),
                    adjusted,
                    grade=found.grade,
                    n=n,
                )
    except tte.RouteError as error:
        study.reasons.append(str(error))
    if row.p and row.p.exact:
        study.add(
            "T4",
            partial(tte.ratio_and_p, hr, row.p.value, one_sided=row.p.one_sided),
            (row.used(f" p {row.p}"),),
            (unsaid, _one_sided(row.p)),
            adjusted,
            n=n,
        )
    if study.events:
        study.add(
            "T5",
            lambda: tte.ratio_and_events(hr, *(arm.value for arm in study.events)),
            (row.used(), *total_rows),
            (unsaid, "log-rank variance from events, as in balanced arms"),
            adjusted,
            n=n,
        )
    if isfinite(total):
        if study.patients:
            study.add(
                "T7",
                lambda: tte.ratio_and_total_events(hr, total, *study.patients),
                (row.used(), *total_rows, *study.size_rows),
                (unsaid, "log-rank variance from events and arm sizes"),
                adjusted,
                n=n,
            )
        else:
            study.add(
                "T6",
                lambda: tte.ratio_and_total_events(hr, total),
                (row.used(), *total_rows),
                (unsaid, "arms taken as equal in size"),
                adjusted,
                n=n,
            )
    if len(study.found) == before and not row.has_ci:
        bound = f" (p {row.p} is only a bound)" if row.p and not row.p.exact else ""
        study.reasons.append(
            f"hazard ratio {hr:g} without CI, SE, exact p or events{bound} (row {row.row})"
        )


def _from_effects(study: Comparison) -> None:
    """Effects of no time are on the analysis scale already, and here that is ln HR."""
    said = "effect read as ln HR: the scale on which hazard ratios are pooled"
    for row in study.printed.contrasts("effect", *study.arms):
        if isfinite(row.time) or abs(row.value) > LARGEST_LOGARITHM:
            continue
        try:
            found = ratio_candidate(row, study.printed, (said,), log_scale=False)
        except tte.RouteError as error:
            study.reasons.append(f"{error} (row {row.row})")
        else:
            study.found.append(replace(found, route="T3s", grade="approximate"))


def _error_by_events(study: Comparison) -> float:
    """The SE of ln HR that the events alone would give; NaN where they are not known."""
    try:
        if study.events:
            return sqrt(tte.variance_from_events(*(arm.value for arm in study.events)))
        return sqrt(tte.variance_from_total(study.total[0]))
    except tte.RouteError:
        return nan


def _one_sided(p: PValue) -> str:
    return "p is one-sided and was doubled" if p.one_sided else ""


def _from_log_rank(study: Comparison) -> None:
    tests = LogRank(study.printed, study.arms)
    if taken := tests.beyond_expected():
        (row, variance), sign = taken.rows, taken.sign
        study.add(
            "T1",
            partial(tte.observed_minus_expected, sign * row.value, variance.value),
            (row.used(), variance.used()),
            taken.assumed,
            grade=taken.grade("T1"),
        )
    elif taken := tests.beyond_expected_with_se():
        row, sign = taken.rows[0], taken.sign
        study.add(
            "T1",
            lambda: tte.observed_minus_expected(sign * row.value, row.se**2),
            (row.used(f" SE {row.se:g}"),),
        )
    elif why := tests.without_variance():
        study.reasons.append(why)
    if taken := tests.observed_of_one():
        observed, expected, variance = taken.rows
        # The two differences add to nought, so the control arm's does as well.
        study.add(
            "T1",
            partial(
                tte.observed_minus_expected,
                taken.sign * (observed.value - expected.value),
                variance.value,
            ),
            tuple(row.used() for row in taken.rows),
            taken.assumed,
            grade=taken.grade("T1"),
        )
    if taken := tests.observed_of_both():
        o1, e1, o2, e2 = taken.rows
        study.add(
            "T2",
            lambda: tte.observed_and_expected(o1.value, e1.value, o2.value, e2.value),
            # The observed of both arms, then the expected.
            tuple(row.used() for row in (o1, o2, e1, e2)),
            taken.assumed,
            grade=taken.grade("T2"),
        )
    elif why := tests.at_odds():
        study.reasons.append(why)


def direction(printed: Printed, arms: tuple[str, str], part: str) -> tuple[bool | None, str]:
    """Whether the first arm did better, and what says so (None: nothing printed tells): of the
    patients of a `part` alone, for others may have done otherwise."""
    printed = replace(printed, rows=tuple(r for r in printed.rows if r.part == part))
    for row in printed.contrasts("hazard-ratio", *arms):
        if row.value != 1:
            return row.value < 1, row.words()
    for statistic in ("median", "survival", "rmst"):
        for a in printed.find(statistic, arms[0]):
            for b in printed.find(statistic, arms[1]):
                timeless = not isfinite(a.time) and not isfinite(b.time)
                alike = timeless or same_time(a.time, b.time)
                if alike and isfinite(a.value + b.value) and a.value != b.value:
                    return a.value > b.value, f"{a.words()} against {b.words()}"
    events = printed.each("events", arms)
    if events and all(row.n > 0 for row in events):
        first, second = (row.value / row.n for row in events)
        if first != second:
            return first < second, f"{events[0].words()} against {events[1].words()}"
    return None, ""


def _from_p(study: Comparison) -> None:
    """T8-T10 from an exact p; from `<0.05` only a bound, never a value."""
    total, total_rows = study.total
    found, why_not = study.printed.p_values(*study.arms)
    study.reasons += why_not
    if not isfinite(total) or not found:
        return
    p, row = found[0]
    favours, because = direction(study.printed, study.arms, row.part)
    if favours is None:
        study.reasons.append(f"p {p} and events, but nothing says which arm did better")
        return
    is_log_rank = "" if row.statistic == "log-rank-p" else f"p {p} (row {row.row}) is a log-rank p"
    shared = (row.used_for("p-value", p.value, f"p {p}"), *total_rows)
    assumed = (is_log_rank, _one_sided(p), f"direction from {because}")
    if not p.exact:
        _bound(study, p, favours, shared, assumed)
        return
    if study.events:
        first, second = study.events
        study.add(
            "T8",
            lambda: tte.p_and_events(
                p.value, favours, first.value, second.value, one_sided=p.one_sided
            ),
            shared,
            assumed,
            grade=downgraded("T8", "approximate") if is_log_rank else "",
        )
    if study.patients:
        study.add(
            "T10",
            lambda: tte.p_and_total_events(
                p.value, favours, total, *study.patients, one_sided=p.one_sided
            ),
            (*shared, *study.size_rows),
            assumed,
        )
    study.add(
        "T9",
        lambda: tte.p_and_total_events(p.value, favours, total, one_sided=p.one_sided),
        shared,
        (*assumed, "arms taken as equal in size"),
    )


def _bound(study: Comparison, p: PValue, favours: bool, inputs: tuple, assumed: tuple) -> None:
    if p.relation != "<":
        return
    try:
        vi = (
            tte.variance_from_events(*(arm.value for arm in study.events))
            if study.events
            else tte.variance_from_total(study.total[0])
        )
        limit = tte.bound_from_p(p.two_sided, favours, vi)
    except tte.RouteError as error:
        study.reasons.append(f"T8: {error}")
        return
    side = "at most" if favours else "at least"
    says = f"p {p} is a bound: ln HR is {side} {limit:.3f}; not used as a value"
    study.reasons.append(f"p {p} is a bound only")
    study.found.append(
        Candidate(
            "T8" if study.events else "T9",
            nan,
            vi,
            all_used(*inputs),
            words(*assumed, says),
            study.n,
            study.total[0],
            grade="bound",
            limit=limit,
        )
    )


def _missing(printed: Printed, arms: tuple[str, str]) -> str:
    """Say what is printed of which arm, and that the other half is missing."""
    parts = []
    for arm in arms:
        kinds = sorted({r.statistic for r in printed.rows if r.arm == arm and isfinite(r.value)})
        parts.append(f"{' and '.join(kinds)} of {arm}" if kinds else f"nothing of {arm}")
    elsewhere = sorted({r.arm for r in printed.rows} - {*arms, ""})
    also = ""
    if elsewhere and not any(r.arm in arms for r in printed.rows):
        also = f" (rows only for {', '.join(elsewhere)})"
    elif contrasts := [arm for arm in elsewhere if "/" in arm]:
        also = f" (what compares arms is of {', '.join(contrasts)})"
    return f"no comparison: {', '.join(parts)}{also}"
