"""What each study says of the whole course of survival: the share that survives each interval.

For `measure: SURV`. The times are those that at least half of the studies give that go so far, so
that no interval is cut in two by the few; a rebuilt curve gives any time up to its end. Who is at
risk at the beginning of an interval is printed, counted in the rebuilt patients, or reckoned:
n S(t) times the share still followed, which the numbers at risk before tell, else the least and
greatest follow-up (even censoring: Parmar 1998; Williamson 2002), else is taken as all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite, nan
from typing import Any

import numpy as np
import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.effects import designs, shared_control
from livingmeta.effects.harmonise import Risk
from livingmeta.effects.joined import with_wholes
from livingmeta.extraction import filters
from livingmeta.extraction.curves.digitisers import Waiting
from livingmeta.extraction.curves.drawing import Key
from livingmeta.extraction.curves.rebuild import Curve
from livingmeta.extraction.printed import Printed, at_one_time, by_studies, pick, read_study
from livingmeta.extraction.rows import Row, plain, same_time
from livingmeta.extraction.settled import LEAVE_OUT
from livingmeta.plan import Synthesis

COLUMNS = tables.columns("effects/intervals")
# Shares above 1 by no more than this are rounding of the survival at both ends.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class _Known:
    """One study's survival by time, as printed or off its curve, and who is followed."""

    study: str
    rows: Mapping[float, tuple[float, Row]]
    risk: Mapping[float, Row]
    n: float
    follow_up: tuple[float, float] | None
    curve: Curve | None
    # By time a word on what was passed over there; and on what is printed and cannot count.
    passed: Mapping[float, str]
    not_used: tuple[str, ...] = ()

    def times(self) -> list[float]:
        """The times that it gives by itself: printed ones, and those below its curve."""
        below = [t for t in self.curve.risk_times if self.drawn(t)] if self.curve else []
        return sorted({t for t in (*self.rows, *below) if t > 0})

    def drawn(self, time: float) -> bool:
        """Whether its rebuilt curve gives survival then: to its end, for good once it is 0."""
        if self.curve is None:
            return False
        last = self.curve.last_time
        return time <= last or self.curve.survival_and_se(last)[0] == 0

    def survival(self, time: float) -> float:
        """Survival at a time, NaN where it is not known."""
        if time == 0:
            return 1.0
        if self.curve is not None and self.drawn(time):
            return self.curve.survival_and_se(time)[0]
        return next((s for t, (s, _) in self.rows.items() if same_time(t, time)), nan)

    def when(self, time: float) -> str:
        """A time in a sentence, in the unit in which the study writes it."""
        written = (r.as_written for t, (_, r) in self.rows.items() if same_time(t, time))
        return next(filter(None, written), plain(time))

    def last(self) -> float:
        """The last time at which survival is known."""
        drawn = [self.curve.last_time] if self.curve else []
        return max([*self.rows, *drawn], default=0.0)

    def counted(self, time: float) -> float:
        """Those at risk after a time where somebody counted them, else NaN."""
        if self.curve is not None and time <= self.curve.last_time:
            return float((self.curve.data["time"] > time).sum()) if time > 0 else self.curve.n
        if time == 0:
            return self.n
        return next((r.value for t, r in self.risk.items() if same_time(t, time)), nan)

    def at_risk(self, time: float) -> tuple[float, str]:
        """Those at risk after a time, and what was assumed where nobody counted them."""
        counted = self.counted(time)
        if isfinite(counted):
            return counted, ""
        alive = self.n * self.survival(time)
        followed = {0.0: 1.0}
        for t in self.risk:
            if t > 0 and self.survival(t) > 0:
                share = self.risk[t].value / (self.n * self.survival(t))
                followed[t] = min(share, *followed.values())
        if len(followed) > 1:
            share = float(np.interp(time, list(followed), list(followed.values())))
            between = time < max(followed)
            return alive * share, "numbers at risk between those printed" if between else COMPLETE
        if self.follow_up:
            least, most = self.follow_up
            share = min(1.0, max(0.0, (most - time) / (most - least)))
            return alive * share, f"followed evenly between {least:g} and {most:g}"
        return alive, COMPLETE


COMPLETE = "all counted as followed"


def intervals(
    outcomes: pd.DataFrame,
    studies: pd.DataFrame,
    courses: Mapping[str, Synthesis],
    curves: Mapping[Key, Curve] | None = None,
    until: str = LEAVE_OUT,
    joins: Mapping[str, Sequence[str]] | None = None,
    risk: Risk | None = None,
    waiting: Mapping[Key, Waiting] | None = None,
) -> pd.DataFrame:
    """Rows of effects/intervals.csv: a study and an interval that it gives, or a study and why it
    gives none.

    Arguments as of `harmonise.harmonise`; `courses`: the syntheses of measure SURV by name. Times
    in the protocol's unit, survival as proportions.
    """
    by_study = by_studies(outcomes) if courses else {}
    built = {str(row["study_id"]): designs.of_study(row) for row in as_dicts(studies)}
    rows: list[dict[str, Any]] = []
    for name, asked in courses.items():
        parts = (joins or {}).get(asked.arms[0], ())
        known, found, as_built, not_joined = [], [], {}, {}
        usable: dict[str, Printed] = {}
        mine = (risk or {}).get(name, {})
        selected = filters.select(studies, asked.include, name, mine)
        for study in selected:
            printed = read_study(by_study.get(study, []), asked.outcome, until=until)
            printed, not_joined[study] = _with_whole(printed, asked.arms[0], parts)
            as_built[study] = designs.of_outcome(built[study], printed, asked.arms, None)
            curve = (curves or {}).get((study, asked.arms[0], asked.outcome))
            known.append(_known(study, printed, asked.arms[0], curve))
            if open_ := (waiting or {}).get((study, asked.arms[0], asked.outcome)):
                known[-1] = replace(known[-1], not_used=(open_.words, *known[-1].not_used))
            if known[-1].times() and isfinite(known[-1].n):
                usable[study] = printed
        again = {}
        if asked.shared_control != shared_control.SETTLE:
            again = shared_control.same_arm(usable, studies, asked.arms[0])
        known = [one for one in known if one.study not in again]
        for study, why in again.items():
            found.append({"study_id": study, "reason": why, "complete": False, "curve": False})
        grid = times([k for k in known if isfinite(k.n)], asked.time)
        for one in known:
            made, why_not = _of_study(one, grid)
            by, said = designs.of_course(as_built[one.study])
            if made and why_not:
                made[-1]["left_out"] = f"nothing after {one.when(made[-1]['end'])}: {why_not}"
            if made and one.not_used:
                why = "; ".join(one.not_used)
                made[-1]["left_out"] = "; ".join(filter(None, (made[-1].get("left_out"), why)))
            for row in made:
                row["exposed"] /= by
                until_then = one.curve.until if one.curve and row["curve"] else ""
                told = (row["assumed"], said, until_then, *not_joined[one.study])
                row["assumed"] = "; ".join(filter(None, told))
            found += [{"study_id": one.study, "reason": "", **row} for row in made]
            if not made:
                why_not = "; ".join(not_joined[one.study]) or why_not
            if not made:
                found.append(
                    {"study_id": one.study, "reason": why_not, "complete": False, "curve": False}
                )
        for study, why in filters.set_aside(studies, asked.include, selected, mine):
            found.append({"study_id": study, "reason": why, "complete": False, "curve": False})
        rows += [{"synthesis": name, **row} for row in found]
    return pd.DataFrame(rows, columns=COLUMNS)


def _with_whole(printed: Printed, arm: str, parts: Sequence[str]) -> tuple[Printed, list[str]]:
    """The study with the survival, deaths and numbers at risk of an arm that its parts give, added
    up at each time, where it prints none of the whole; and why they give none."""
    if not parts or any(r.arm == arm and r.statistic in _OF_A_COURSE for r in printed.rows):
        return printed, []
    whole, why_not = with_wholes(printed, (arm,), {arm: parts}, None)
    rows = [r for r in printed.find("at-risk") if r.arm in parts and isfinite(r.time + r.value)]
    added = []
    for time in sorted({r.time for r in rows}):
        of = [next((r for r in rows if (r.arm, r.time) == (part, time)), None) for part in parts]
        mine = [r for r in of if r is not None and not r.part]
        if len(mine) == len(parts):
            total, used = sum(r.value for r in mine), tuple(r.used() for r in mine)
            added.append(replace(mine[0], arm=arm, value=total, n=nan, made_of=used))
    drawn = any(r.arm in parts and r.statistic in _OF_A_COURSE for r in printed.rows)
    if not any(r.arm == arm and r.statistic in ("survival", "events") for r in whole.rows):
        alone = f"printed of {' and '.join(parts)} alone, whose courses are not joined"
        return printed, why_not or [alone] * drawn
    return replace(whole, rows=(*whole.rows, *added)), why_not


_OF_A_COURSE = {"survival", "events", "at-risk"}


def _known(study: str, printed: Printed, arm: str, curve: Curve | None) -> _Known:
    """A study's survival by time: what is printed of all its patients, else what deaths say."""
    found: dict[float, tuple[float, Row]] = {}
    passed: dict[float, str] = {}
    size, _ = printed.size(arm)
    for statistic in ("survival", "events"):
        rows = [r for r in printed.find(statistic, arm) if isfinite(r.value) and not r.part]
        for time in sorted({r.time for r in rows if isfinite(r.time) and r.time > 0}):
            row, said = pick(at_one_time([r for r in rows if r.time == time]))
            n = row.n if isfinite(row.n) else size
            share = row.value if statistic == "survival" else 1 - row.value / n if n else nan
            if 0 <= share <= 1 and not any(same_time(time, t) for t in found):
                found[time] = share, row
                passed[time] = said
    risk = [r for r in printed.find("at-risk", arm) if isfinite(r.time + r.value) and not r.part]
    follow_up = [
        next((r.value for r in printed.find(s, arm) if isfinite(r.value)), nan)
        for s in ("minimum-followup", "maximum-followup")
    ]
    told = isfinite(sum(follow_up)) and follow_up[0] < follow_up[1]
    return _Known(
        study,
        dict(sorted(found.items())),
        {r.time: r for r in sorted(risk, key=lambda r: r.time)},
        float(curve.n) if curve else size or nan,
        (follow_up[0], follow_up[1]) if told else None,
        curve,
        passed,
        _not_used(printed, arm, bool(found)),
    )


def _not_used(printed: Printed, arm: str, of_whole: bool) -> tuple[str, ...]:
    """What is said of survival or deaths of an arm that wait to be settled or, unless there are
    some `of_whole` arm, are of a part."""
    clashes = [
        clash.words
        for clash in printed.clashes
        if clash.records[0]["arm"] == arm and clash.records[0]["statistic"] in _OF_A_COURSE
    ]
    of_parts = [
        f"of a part of the patients only ({row.part}): {row.words()}"
        for row in sorted(printed.rows, key=lambda row: row.row)
        if row.arm == arm and row.part and row.statistic in _OF_A_COURSE and not of_whole
    ]
    return (*clashes, *of_parts)


def times(known: list[_Known], until: float | None) -> list[float]:
    """The ends of the intervals: times that half of the studies or more give that go so far, and
    between which at least one study gives both ends; none after `until`."""
    every = sorted(t for one in known for t in one.times())
    if until is not None:
        every = [t for t in every if t <= until or same_time(t, until)]
    groups: list[list[float]] = []
    for time in every:
        if groups and same_time(groups[-1][0], time):
            groups[-1].append(time)
        else:
            groups.append([time])
    grid = []
    for group in groups:
        time = max(group, key=lambda t: (group.count(t), t % 1 == 0, -t))
        far = [one for one in known if one.last() >= time or same_time(one.last(), time)]
        giving = sum(isfinite(one.survival(time)) for one in far)
        if 2 * giving >= len(far):
            grid.append(time)
    while gap := _gap(known, grid):
        grid.remove(gap)
    return grid


def _gap(known: list[_Known], grid: list[float]) -> float | None:
    """The time to leave out where no study gives both ends of an interval: that of fewer."""
    for start, end in pairwise([0.0, *grid]):
        both = [one for one in known if one.survival(start) > 0 and isfinite(one.survival(end))]
        if not both:
            if start == 0:
                return end
            return min((end, start), key=lambda t: sum(isfinite(one.survival(t)) for one in known))
    return None


def _of_study(one: _Known, grid: list[float]) -> tuple[list[dict[str, Any]], str]:
    """The intervals that a study gives, and why it gives none or no further ones."""
    if not one.times() and one.curve is None:
        return [], "; ".join(one.not_used) or "no survival printed at a time, and no curve"
    if not isfinite(one.n):
        return [], "no number of patients"
    made: list[dict[str, Any]] = []
    nobody = ""
    for start, end in pairwise([0.0, *grid]):
        before, after = one.survival(start), one.survival(end)
        if not (before > 0 and isfinite(after)):
            continue
        share = after / before
        if share > 1 + _ROUNDING:
            first, last = f"{before:.3g} at {one.when(start)}", f"{after:.3g} at {one.when(end)}"
            return made, f"survival rises from {first} to {last}"
        left, assumed = one.at_risk(start)
        if left < 1:
            nobody = f"nobody at risk at {one.when(start)}"
            continue
        share = min(share, 1.0)
        # Who leaves within the interval counts as half (actuarial).
        stay, then = one.at_risk(end)
        gone = max(0.0, left * share - stay)
        made.append(
            {
                "start": start,
                "end": end,
                "end_as_written": one.when(end) if one.when(end) != plain(end) else "",
                "survival": after,
                "share": share,
                "at_risk": left,
                "exposed": left - gone / 2,
                "complete": then == COMPLETE,
                **_behind(one, start, end),
                "assumed": "; ".join(
                    dict.fromkeys(filter(None, (assumed, then, *_said(one, start, end))))
                ),
            }
        )
    if made or nobody:
        return made, nobody
    printed = ", ".join(map(one.when, one.times()))
    return [], f"survival at {printed} gives both ends of no interval"


def _said(one: _Known, start: float, end: float) -> list[str]:
    """What is said of the survival of several arms together at both ends, and of what was passed
    over there."""
    at = {t: r for t, (_, r) in one.rows.items() if same_time(t, start) or same_time(t, end)}
    return [*(row.said for row in at.values() if row.made_of), *(one.passed[t] for t in at)]


def _behind(one: _Known, start: float, end: float) -> dict[str, Any]:
    """What an interval was made from: in words, and by the numbers of the rows of outcomes.csv."""
    if one.curve is not None and one.drawn(end):
        return {"inputs": f"curve of {one.n:g} patients", "rows": "", "curve": True}
    rows = [r for t, (_, r) in one.rows.items() if same_time(t, start) or same_time(t, end)]
    rows += [r for t, r in one.risk.items() if same_time(t, start)]
    behind = [used.row for row in rows for used in row.made_of] or [row.row for row in rows]
    return {
        "inputs": "; ".join(row.words() for row in rows),
        "rows": " ".join(str(int(row)) for row in dict.fromkeys(behind) if row is not None),
        "curve": False,
    }
