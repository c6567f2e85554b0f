"""Two-arm trials as outcomes.csv prints them, harmonised and pooled as a run does it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

import asking
from livingmeta.effects.harmonise import harmonise
from livingmeta.pooling import synthesis

NUMBERS = ("ci_low", "ci_high", "ci_level", "p_value", "se", "sd")
TEXTS = (
    *("unit", "adjusted", "source", "quote", "note", "part", "event", "direction"),
    *("measured", "time_unit", "extractor", "clusters"),
)


def events(trials: Sequence[Sequence[float]]) -> tuple[str, list[dict[str, Any]], int]:
    """The rows of trials of (events, patients) of the first arm, then of the second."""
    rows = [
        {"study_id": f"t{i}", "arm": arm, "statistic": "events", "value": float(x), "n": float(n)}
        for i, (a, n1, c, n2) in enumerate(trials, 1)
        for arm, x, n in (("drug", a, n1), ("placebo", c, n2))
    ]
    return "binary", rows, len(trials)


def means(trials: Sequence[Sequence[float]]) -> tuple[str, list[dict[str, Any]], int]:
    """The rows of trials of (patients, mean, SD) of the first arm, then of the second."""
    rows = [
        {"study_id": f"t{i}", "arm": arm, "statistic": name, "value": value, "n": float(n)}
        for i, (n1, m1, s1, n2, m2, s2) in enumerate(trials, 1)
        for arm, n, mean, sd in (("drug", n1, m1, s1), ("placebo", n2, m2, s2))
        for name, value in (("mean", float(mean)), ("sd", float(sd)))
    ]
    return "continuous", rows, len(trials)


def ratios(
    statistic: str, trials: Sequence[Sequence[float]], kind: str
) -> tuple[str, list[dict[str, Any]], int]:
    """The rows of trials of (ratio of the first arm to the second, lower limit, upper limit)."""
    rows = [
        {"study_id": f"t{i}", "arm": "drug/placebo", "statistic": statistic}
        | dict(zip(("value", "ci_low", "ci_high"), map(float, one), strict=True))
        for i, one in enumerate(trials, 1)
    ]
    return kind, rows, len(trials)


def harmonised(
    printed: tuple[str, list[dict[str, Any]], int],
    measure: str = "OR",
    traits: Mapping[str, Sequence[Any]] | None = None,
    **keys: Any,
) -> tuple[pd.DataFrame, pd.DataFrame, Any]:
    """effects.csv and unusable.csv, with the columns `traits` of studies.csv, and the plan."""
    kind, rows, k = printed
    outcomes = pd.DataFrame(rows).assign(
        row=range(2, len(rows) + 2), outcome="harm", time=np.nan, file="outcomes.csv"
    )
    empty = dict.fromkeys(NUMBERS, np.nan) | dict.fromkeys(TEXTS, "")
    outcomes = outcomes.assign(**{c: x for c, x in empty.items() if c not in outcomes})
    ids = [f"t{i}" for i in range(1, k + 1)]
    studies = pd.DataFrame({"study_id": ids, "status": "included"} | dict(traits or {}))
    asked = {"outcome": "harm", "measure": measure, "arms": ["drug", "placebo"]} | keys
    plans = asking.syntheses({"s": asked})
    arms = asking.arms(drug="Drug", placebo="Placebo")
    meta = asking.outcomes({"harm": {"label": "Harm", "kind": kind, "good": "lower"}})
    effects, unusable, *_ = harmonise(outcomes, studies, plans, arms, meta)
    known = studies.drop(columns="status")
    both = [table.merge(known, on="study_id", how="left") for table in (effects, unusable)]
    return both[0], both[1], plans["s"]


def pooled(
    printed: tuple[str, list[dict[str, Any]], int],
    measure: str = "OR",
    traits: Mapping[str, Sequence[Any]] | None = None,
    **keys: Any,
) -> dict[str, pd.DataFrame]:
    """The tables of synthesis.pool."""
    effects, unusable, plan = harmonised(printed, measure, traits, **keys)
    return synthesis.pool(effects, "s", plan, unusable[unusable["empty"]])
