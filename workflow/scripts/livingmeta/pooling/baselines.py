"""What becomes of the comparator's patients: the baseline that an absolute effect needs.

A proportion: of survivors at a time where the outcome is survival, else of patients with the event.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import NamedTuple

import pandas as pd

from livingmeta.effect_measures import MEASURES
from livingmeta.plan import Synthesis

# Baselines at which every comparison is also shown, so that readers find their own patients.
STANDARD = (0.5, 0.3, 0.2, 0.1, 0.05)
STANDARD_SOURCE = "standard value"


class Baseline(NamedTuple):
    """A comparator's proportion at a time (NaN where the synthesis has none), and its source."""

    time: float
    value: float
    source: str


def baselines(
    name: str,
    syntheses: Mapping[str, Synthesis],
    effects: pd.DataFrame,
    pooled: pd.DataFrame,
    stated: Mapping[str, float],
) -> list[Baseline]:
    """The baselines of a two-arm synthesis, those of real patients first, then the standard ones.

    `syntheses`: those of the protocol, by name. `effects`, `pooled`: tables of all of them.
    `stated`: `report.baseline_survival` of the protocol, which settles it for a synthesis. Else, at
    its time (a hazard ratio without one: at every time the protocol has for its outcome), the
    comparator arms of its own studies together; else a synthesis of the comparator alone; else the
    comparator arms of another comparison with the same comparator.
    """
    own = syntheses[name].time_or_nan
    if name in stated:
        found = [Baseline(own, float(stated[name]), "stated by the protocol")]
    else:
        times = [own] if isfinite(own) or syntheses[name].measure != "HR" else None
        if times is None:
            times = times_of_outcome(syntheses, syntheses[name].outcome)
        ways = (_own_arms, _comparator_alone, _other_comparison)
        every = [[way(name, time, syntheses, effects, pooled) for way in ways] for time in times]
        first = [next((b for b in some if b is not None), None) for some in every]
        found = [b for b in first if b is not None and 0 < b.value < 1]
    return found + [Baseline(own, value, STANDARD_SOURCE) for value in STANDARD]


def times_of_outcome(syntheses: Mapping[str, Synthesis], outcome: str) -> list[float]:
    """All times at which the protocol looks at an outcome, in order."""
    times = {s.time_or_nan for s in syntheses.values() if s.outcome == outcome}
    return sorted(time for time in times if isfinite(time))


def _together(rows: pd.DataFrame, time: float, where: str) -> Baseline | None:
    """Comparator patients of several studies added up, as if they were of one."""
    known = rows.dropna(subset=["ci", "di"])
    total = float((known["ci"] + known["di"]).sum())
    if not total:
        return None
    who = f"comparator arms of {len(known)} studies{where} together"
    if len(known) == 1:
        who = f"comparator arm of the one study{where}"
    words = f"{who}, {total:,.0f} patients"
    return Baseline(time, float(known["ci"].sum()) / total, words)


def _own_arms(
    name: str,
    time: float,
    syntheses: Mapping[str, Synthesis],
    effects: pd.DataFrame,
    pooled: pd.DataFrame,
) -> Baseline | None:
    if syntheses[name].measure == "HR":
        return None
    return _together(effects[effects["synthesis"] == name], time, "")


def _comparator_alone(
    name: str,
    time: float,
    syntheses: Mapping[str, Synthesis],
    effects: pd.DataFrame,
    pooled: pd.DataFrame,
) -> Baseline | None:
    asked = syntheses[name]
    for other, s in syntheses.items():
        share = MEASURES[s.measure].kind == "proportion"
        alone = share and s.arms == asked.arms[1:]
        if not (alone and s.outcome == asked.outcome and s.time_or_nan == time):
            continue
        rows = pooled[(pooled["synthesis"] == other) & pooled["primary"]]
        if len(rows) and isfinite(rows["display_estimate"].iloc[0]):
            value = float(rows["display_estimate"].iloc[0])
            return Baseline(time, value, f"pooled comparator arms, synthesis {other}")
    return None


def _other_comparison(
    name: str,
    time: float,
    syntheses: Mapping[str, Synthesis],
    effects: pd.DataFrame,
    pooled: pd.DataFrame,
) -> Baseline | None:
    asked = syntheses[name]
    for other, s in syntheses.items():
        alike = s.outcome == asked.outcome and s.arms[1:] == asked.arms[1:]
        if other == name or not alike or s.time_or_nan != time:
            continue
        found = _together(effects[effects["synthesis"] == other], time, f" of {other}")
        if found:
            return found
    return None
