"""From a digitised Kaplan-Meier figure and its numbers at risk back to individual data.

After Guyot et al., BMC Med Res Methodol 2012;12:9: in each interval of the risk table the censored
are spread evenly, the clicks are walked with d_k = round(n_k (1 - S_k/S_km)), S_km being the curve
rebuilt so far, and the number of censored is adjusted until the next number at risk is met.
After the last number at risk it is chosen by the total of events where that is printed, else by
the fit of the curve; where the fit does not tell, by the average censoring before.

Nothing is invented: a table that contradicts the curve is refused and the interval named, a flat
tail stays flat, and without numbers at risk beyond the first the result is graded low.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from livingmeta.extraction.curves.clicks import (
    HAND,
    CurveError,
    clean_clicks,
    clean_risk_table,
    ends_apart,
    read_curve,
)
from livingmeta.extraction.curves.drops import Solution, solve
from livingmeta.formulas.individual_data import KaplanMeier, kaplan_meier

# How far the recovered number at risk may miss the printed one before it is called inconsistent:
# two patients or 3%, since a pixel in a figure is worth about half a per cent.
SLACK_PATIENTS = 2.0
SLACK_SHARE = 0.03
# Differences of fit below this (root mean square, survival scale) do not tell two solutions apart.
SAME_FIT = 0.001
SHORTEST = 1e-300  # a time by which a number of patients can still be divided
# How much worse a fit may be for the sake of a printed total of events (survival scale).
ALLOWED_MISFIT = 0.01
# How the censored may lie in an interval: even (1), more of them early (< 1) or late (> 1).
BENDS = (1.0, 0.5, 2.0, 0.25, 4.0)
# Groups up to this size are solved from the size of the steps (module `drops`).
SMALL = 500
LARGE = 1000


@dataclass(frozen=True)
class Curve:
    """A reconstructed curve: the individual data and how well they fit the figure.

    `data`: `time, event`, sorted. `rmse` and `largest_error` of the rebuilt curve at the clicks,
    survival scale. `n` and `events` recovered. `grade` is `close`, or `rough` with `warnings`.
    `file`: where its clicks stand; `until`: what is said where it counts until it is settled.
    """

    data: pd.DataFrame
    click_time: np.ndarray
    click_survival: np.ndarray
    risk_time: np.ndarray
    at_risk: np.ndarray
    rmse: float
    largest_error: float
    n: int
    events: int
    grade: str
    warnings: tuple[str, ...] = ()
    file: str = ""
    until: str = ""

    @cached_property
    def kaplan_meier(self) -> KaplanMeier:
        return kaplan_meier(self.data)

    @property
    def last_time(self) -> float:
        return float(self.click_time[-1])

    @property
    def risk_times(self) -> list[float]:
        return self.risk_time.tolist()

    def doubted(self, *warnings: str) -> Curve:
        """The same with further warnings, if there are any, and graded low for them."""
        if not warnings:
            return self
        return replace(self, grade="rough", warnings=(*self.warnings, *warnings))

    def survival_and_se(self, t: float) -> tuple[float, float]:
        """S(t) and its Greenwood standard error from the reconstructed data."""
        return self.kaplan_meier.at(t)

    def read(self, times: Any) -> Any:
        """S(t) read off the clicks (a step function), at one time or an array of times."""
        return read_curve(self.click_time, self.click_survival, times)

    def risk_at(self, t: float) -> float:
        """The printed number at risk at a time of the risk table."""
        return float(self.at_risk[self.risk_time == t][0])


def reconstruct(
    time: ArrayLike,
    survival: ArrayLike,
    at_risk_time: ArrayLike,
    at_risk: ArrayLike,
    events: float | None = None,
) -> pd.DataFrame:
    """Individual data (`time, event`) behind one arm of a Kaplan-Meier figure.

    `time, survival`: clicks, survival as a proportion; `at_risk_time, at_risk`: the numbers below
    the figure, the first at time 0; `events`: deaths in the arm, where printed. All times in one
    unit, which the result keeps. Raises CurveError (a ValueError) when clicks are no survival
    curve or the risk table contradicts them. `rebuild` also tells how good the result is.
    """
    return rebuild(time, survival, at_risk_time, at_risk, events).data


def rebuild(
    time: ArrayLike,
    survival: ArrayLike,
    at_risk_time: ArrayLike,
    at_risk: ArrayLike,
    events: Any = None,
) -> Curve:
    """As `reconstruct`, with the fit, the warnings and the cleaned input beside the data."""
    risk_time, risk = clean_risk_table(at_risk_time, at_risk)
    t, s, warnings = clean_clicks(time, survival, risk_time)
    warnings += ends_apart(float(t[-1]), risk_time, risk)
    if events is not None:
        events = _checked_events(events, risk[0])
    if len(risk) == 1:
        known = "but a total of events" if events is not None else "and no total of events"
        warnings.append(f"no numbers at risk after the start {known}")
    walk = _Walk(int(risk[0]))
    room = HAND * max(t[-1], risk_time[-1])
    # Nobody at risk from the curve's end on says no more than that the curve has ended.
    ended = (risk == 0) & (risk_time >= t[-1] - room)
    edges = _intervals(t, s, risk_time[~ended], risk[~ended])
    for i in range(len(edges) - 1):
        _up_to(walk, edges, i, int(risk[i + 1]), risk_time[i + 1], room, warnings)
    t = np.concatenate([times for times, _ in edges])
    _last_interval(walk, *edges[-1], risk_time[~ended][-1], events)
    data = walk.table()
    rebuilt = kaplan_meier(data)
    index = np.searchsorted(rebuilt.time, t, side="right")
    error = np.concatenate([[1.0], rebuilt.survival])[index] - s
    found = int(data["event"].sum())
    if events is not None and abs(found - events) > max(1, 0.02 * events):
        warnings.append(f"{found} deaths recovered, {events} printed")
    rmse, largest = float(np.sqrt((error**2).mean())), float(np.abs(error).max())
    if largest > max(0.05, 1.5 / int(risk[0])):
        warnings.append(f"the rebuilt curve is off by up to {largest:.3f}")
    return Curve(
        data=data,
        click_time=t,
        click_survival=s,
        risk_time=risk_time,
        at_risk=risk,
        rmse=rmse,
        largest_error=largest,
        n=len(data),
        events=found,
        grade="rough" if warnings else "close",
        warnings=tuple(warnings),
    )


def _checked_events(events: float, patients: float) -> int:
    if not 0 <= events <= patients or events != int(events):
        raise CurveError(f"{events:g} events among {patients:g} patients at the start")
    return int(events)


def _intervals(
    t: np.ndarray, s: np.ndarray, risk_time: np.ndarray, risk: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Clicks of each interval of the risk table; a click at a table's time begins the next one."""
    cuts = np.searchsorted(t, risk_time[1:], side="left")
    return list(zip(np.split(t, cuts), np.split(s, cuts), strict=True))


class _Walk:
    """The patients so far: those still at risk, the rebuilt survival and everyone's last time."""

    def __init__(self, patients: int) -> None:
        self.n = patients
        self.survival = 1.0
        self.now = 0.0
        self.death_times: list[float] = []
        self.deaths: list[int] = []
        self.censored: list[np.ndarray] = []

    def try_interval(self, t: np.ndarray, s: list, end: float, spread: tuple) -> tuple:
        """Walk the clicks with (censored, bend): deaths, patients left, survival and misfit."""
        censored, bend = spread
        share = (t - self.now) / max(end - self.now, 1e-12)
        due = np.minimum((share**bend * (censored + 1)).astype(int), censored).tolist()
        n, km, gone, misfit = self.n, self.survival, 0, 0.0
        deaths = []
        for lost, target in zip(due, s, strict=True):
            n -= lost - gone
            gone = lost
            d = 0
            if n > 0 and target < km:
                d = int(n * (1 - target / km) + 0.5)
                if d:
                    km *= 1 - d / n
                    n -= d
            deaths.append(d)
            misfit += (km - target) ** 2
        return deaths, n - (censored - gone), km, misfit

    def commit(self, t: np.ndarray, deaths: list, end: float, spread: tuple, km: float) -> None:
        """Take an interval over; the censored may be cut down to the patients that are there."""
        censored, bend = spread
        died = sum(deaths)
        leaving = max(0, min(censored, self.n - died))
        share = (np.arange(1, leaving + 1) / (censored + 1)) ** (1 / bend)
        self.censored.append(self.now + share * (end - self.now))
        self.death_times += [time for time, d in zip(t.tolist(), deaths, strict=True) if d]
        self.deaths += [d for d in deaths if d]
        self.n -= died + leaving
        self.survival = km
        self.now = end

    def commit_steps(self, t: np.ndarray, way: Solution, end: float) -> None:
        """Take over a solution of `drops.solve`: the censored lie even in the gap of each click."""
        edges = [self.now, *t.tolist(), end]
        gap_start = 0
        for i, censored in enumerate(way.censored):
            if censored:
                low, high = edges[gap_start], edges[i + 1]
                share = np.arange(1, censored + 1) / (censored + 1)
                self.censored.append(low + share * (high - low))
            if i < len(way.deaths) and way.deaths[i]:
                self.death_times.append(edges[i + 1])
                self.deaths.append(way.deaths[i])
                gap_start = i + 1
        self.n -= sum(way.deaths) + sum(way.censored)
        self.survival = way.survival
        self.now = end

    def drop(self, patients: int, at: float) -> None:
        """Censor some at one time."""
        self.censored.append(np.full(patients, float(at)))
        self.n -= patients

    def table(self) -> pd.DataFrame:
        died = np.repeat(self.death_times, self.deaths)
        lost = np.concatenate([*self.censored, np.empty(0)])
        time = np.concatenate([died, lost])
        event = np.concatenate([np.ones(died.size, int), np.zeros(lost.size, int)])
        order = np.lexsort((-event, time))
        return pd.DataFrame({"time": time[order], "event": event[order]})


def _up_to(
    walk: _Walk,
    edges: list[tuple[np.ndarray, np.ndarray]],
    i: int,
    wanted: int,
    end: float,
    room: float,
    warnings: list[str],
) -> None:
    """An interval of the risk table. Where it shows more deaths than the next number at risk
    allows, those clicked within `room` before that number are taken to be at its time, where they
    are still counted: scans and visits fall on the same dates as numbers at risk."""
    try:
        _middle_interval(walk, *edges[i], wanted, end, warnings)
    except CurveError:
        (t, s), (later, lower) = edges[i], edges[i + 1]
        kept = int(np.searchsorted(t, end - room))
        if kept == t.size:
            raise
        _middle_interval(walk, t[:kept], s[:kept], wanted, end, warnings)
        moved = np.full(t.size - kept, end)
        edges[i] = t[:kept], s[:kept]
        edges[i + 1] = np.append(moved, later), np.append(s[kept:], lower)


def _middle_interval(
    walk: _Walk, t: np.ndarray, clicked: np.ndarray, wanted: int, end: float, warnings: list[str]
) -> None:
    """One interval between two numbers at risk: adjust the censored until the next one is met."""
    s = clicked.tolist()
    start, before = walk.now, walk.n
    if before - wanted <= SMALL and before <= LARGE and s:
        usual = _meet(walk, t, s, wanted, end, 1.0)
        rate = max(usual[1][0], 0.3) / max(end - start, 1e-12)
        ways = solve(t, s, start, end, before, walk.survival, rate, wanted)
        if ways:
            walk.commit_steps(t, ways[0], end)
            return
    found = [_meet(walk, t, s, wanted, end, bend) for bend in BENDS]
    nearest = min(abs(way[0]) for way in found)
    off, spread, way = _best([w for w in found if abs(w[0]) == nearest], len(s))
    deaths, _, km, _ = way
    if off < -max(SLACK_PATIENTS, SLACK_SHARE * before):
        raise CurveError(
            f"numbers at risk contradict the curve between {start:g} and {end:g}: of {before:g} "
            f"at risk at {start:g} at most {max(0, before - sum(deaths)):g} can be left at {end:g} "
            f"after the deaths that the curve shows, the table says {wanted:g}"
        )
    walk.commit(t, deaths, end, spread, km)
    if walk.n > wanted:
        walk.drop(walk.n - wanted, end)
    elif wanted - walk.n > 1:
        warnings.append(
            f"numbers at risk miss the curve by {wanted - walk.n:g} patients "
            f"from {start:g} to {end:g}"
        )


def _meet(
    walk: _Walk, t: np.ndarray, s: list[float], wanted: int, end: float, bend: float
) -> tuple:
    """The number of censored that comes nearest to the next number at risk, by fixed point."""
    kept = (s[-1] if s else walk.survival) / walk.survival if walk.survival else 0.0
    censored = max(0, round(walk.n * kept - wanted))
    best: Any = None
    seen: set[int] = set()
    while censored not in seen and len(seen) < 40:
        seen.add(censored)
        way = walk.try_interval(t, s, end, (censored, bend))
        off = way[1] - wanted
        if best is None or abs(off) < abs(best[0]):
            best = (off, (censored, bend), way)
        if off == 0:
            break
        censored = int(np.clip(censored + off, 0, walk.n))
    return best


def _best(found: list[tuple], clicks: int, prefer: Callable[..., Any] | None = None) -> tuple:
    """The best fit; among fits that the figure cannot tell apart the most even censoring."""
    rmse = [(way[2][3] / max(clicks, 1)) ** 0.5 for way in found]
    limit = min(rmse) + SAME_FIT
    same = [way for way, error in zip(found, rmse, strict=True) if error <= limit]
    return min(same, key=prefer or (lambda way: abs(np.log(way[1][1]))))


def _last_interval(
    walk: _Walk, t: np.ndarray, clicked: np.ndarray, start: float, events: int | None
) -> None:
    """After the last number at risk: censoring from the events, the fit, or the average before."""
    s = clicked.tolist()
    end = max(float(t[-1]), start) if len(t) else start
    if walk.n and end > start and s:
        needed = None if events is None else events - sum(walk.deaths)
        if start > 0:
            usual = min(sum(map(len, walk.censored)) / start * (end - start), walk.n)
        else:  # nobody was seen to leave before: whoever does not die leaves up to the end
            usual = walk.n * s[-1] if needed is None else float(walk.n - needed)
        if walk.n <= SMALL:
            rate = max(usual, 0.3) / max(end - start, SHORTEST)
            ways = solve(t, s, start, end, walk.n, walk.survival, rate)
            # The total of events decides between ways that the curve allows, not against it.
            ways = [w for w in ways if w.score >= ways[0].score - max(10, len(s))]
            if needed is not None:
                ways.sort(key=lambda w: abs(sum(w.deaths) - needed))
            walk.commit_steps(t, ways[0], end)
        else:
            _spread_last(walk, t, s, end, usual, needed)
    elif walk.n and s:  # the curve ends by a fall at the last number at risk, which counts them
        at_once = 0, 1.0
        deaths, _, survival, _ = walk.try_interval(t, s, end, at_once)
        walk.commit(t, deaths, end, at_once, survival)
    if walk.n:
        walk.drop(walk.n, end)


def _spread_last(
    walk: _Walk, t: np.ndarray, s: list[float], end: float, usual: float, needed: int | None
) -> None:
    found = []
    for censored in sorted({round(x) for x in np.linspace(0, walk.n, 41)}):
        for bend in BENDS if censored else (1.0,):
            found.append((0, (censored, bend), walk.try_interval(t, s, end, (censored, bend))))
    if needed is not None:
        limit = (min(w[2][3] for w in found) / len(s)) ** 0.5 + ALLOWED_MISFIT
        found = [w for w in found if (w[2][3] / len(s)) ** 0.5 <= limit]
        nearest = min(abs(sum(w[2][0]) - needed) for w in found)
        found = [w for w in found if abs(sum(w[2][0]) - needed) == nearest]
    _, spread, way = _best(
        found, len(s), lambda w: (abs(w[1][0] - usual), abs(np.log(w[1][1])), w[1][0])
    )
    walk.commit(t, way[0], end, spread, way[2])
