"""What a pooled ratio means for a thousand patients, and how easily it could be otherwise.

A survival odds ratio of 4.7 is no risk ratio of 4.7: what it means depends on how many of the
controls survive. Everything here is on the display scale (ratios, proportions), not logs.
Odds and risk ratios are of *surviving*; hazard ratios are of dying.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import log, sqrt
from typing import NamedTuple

import numpy as np

from livingmeta.effect_measures import MEASURES


class AbsoluteError(ValueError):
    """A baseline or ratio from which no absolute effect follows."""


def _check(baseline: float, ratio: float = 1.0) -> None:
    if not 0 < baseline < 1:
        raise AbsoluteError(f"baseline survival {baseline:g} must lie between 0 and 1")
    if not ratio > 0:
        raise AbsoluteError(f"a ratio of {ratio:g}: must be above 0")


def survival_from_odds_ratio(odds_ratio: float, baseline: float) -> float:
    """S_r = OR odds(S_c) / (1 + OR odds(S_c))."""
    _check(baseline, odds_ratio)
    odds = odds_ratio * baseline / (1 - baseline)
    return odds / (1 + odds)


def survival_from_hazard_ratio(hazard_ratio: float, baseline: float) -> float:
    """S_r = S_c^HR, proportional hazards."""
    _check(baseline, hazard_ratio)
    return baseline**hazard_ratio


# By measure, from its value and the comparator's share to the share with treatment.
SHARE_OF_TREATED: dict[str, Callable[[float, float], float]] = {
    "OR": survival_from_odds_ratio,
    # ASSUME: Peto's is read as an odds ratio, which it approximates where events are rare and arms
    # alike; nothing in it says by how much it is off elsewhere.
    "PETO": survival_from_odds_ratio,
    "RR": lambda ratio, baseline: min(1.0, ratio * baseline),
    "RD": lambda difference, baseline: min(1.0, max(0.0, baseline + difference)),
    "HR": survival_from_hazard_ratio,
}


class PerThousand(NamedTuple):
    """Survivors of 1,000 by a `time`, without and with treatment, and the `difference`; `baseline`
    is the share of controls that survive. `hazard_ratio`: the one that leads there, NaN where all
    or nobody survives."""

    time: float
    baseline: float
    control: float
    treated: float
    treated_low: float
    treated_high: float
    difference: float
    difference_low: float
    difference_high: float
    hazard_ratio: float


def survivors_per_1000(
    measure: str,
    estimate: float,
    ci_low: float,
    ci_high: float,
    baselines: Mapping[float, float],
) -> list[PerThousand]:
    """Survivors per 1,000 with and without treatment, a row for each of `baselines`.

    `estimate, ci_low, ci_high`: the pooled effect on the display scale; `measure`: OR PETO RR RD
    (of surviving) or HR (of dying). `baselines`: time -> control survival, stated by the protocol.
    `treated_low` and `difference_low` are the fewer survivors, whichever limit gives them. The
    interval is of the effect only, the baseline is taken as known. An OR, RR or RD belongs to the
    one time at which it was pooled; an HR may be read at several.
    """
    if measure not in SHARE_OF_TREATED:
        known = ", ".join(SHARE_OF_TREATED)
        raise AbsoluteError(f"no absolute effect from {measure!r}; known are {known}")
    rows = []
    for time, baseline in baselines.items():
        _check(baseline)
        middle, *limits = (
            SHARE_OF_TREATED[measure](x, baseline) for x in (estimate, ci_low, ci_high)
        )
        low, high = sorted(limits)
        inside = 0 < middle < 1
        rows.append(
            PerThousand(
                time=time,
                baseline=baseline,
                control=1000 * baseline,
                treated=1000 * middle,
                treated_low=1000 * low,
                treated_high=1000 * high,
                difference=1000 * (middle - baseline),
                difference_low=1000 * (low - baseline),
                difference_high=1000 * (high - baseline),
                hazard_ratio=log(middle) / log(baseline) if inside else float("nan"),
            )
        )
    return rows


def e_value(ratio: float) -> float:
    """E = RR + sqrt(RR (RR - 1)), inverted below 1 (VanderWeele & Ding, Ann Intern Med 2017).

    The strength that an unmeasured confounder would need with both treatment and outcome, on the
    risk-ratio scale, to explain the ratio away; 1 for a ratio of 1.
    """
    if not ratio > 0:
        raise AbsoluteError(f"a ratio of {ratio:g}: must be above 0")
    ratio = max(ratio, 1 / ratio)
    return ratio + sqrt(ratio * (ratio - 1))


def as_risk_ratio(measure: str, ratio: float, *, rare: bool = False) -> float:
    """An OR or HR as the risk ratio that E-values need (VanderWeele & Ding 2017, table 2).

    A common outcome (more than 15% by the end): sqrt(OR); (1 - 0.5^sqrt(HR))/(1 - 0.5^sqrt(1/HR)).
    """
    ratios = [code for code in SHARE_OF_TREATED if MEASURES[code].kind == "ratio"]
    if measure not in ratios:
        raise AbsoluteError(f"no E-value for {measure!r}; known are {', '.join(ratios)}")
    if measure == "RR" or rare:
        return ratio
    if MEASURES[measure].estimand == "OR":
        return sqrt(ratio)
    return (1 - 0.5 ** sqrt(ratio)) / (1 - 0.5 ** sqrt(1 / ratio))


def e_values(
    measure: str, estimate: float, ci_low: float, ci_high: float, *, rare: bool = False
) -> tuple[float, float]:
    """E-value of a ratio and of the limit of its interval nearer to 1 (1 if the interval has 1)."""
    point, low, high = (as_risk_ratio(measure, x, rare=rare) for x in (estimate, ci_low, ci_high))
    if low <= 1 <= high:
        return e_value(point), 1.0
    return e_value(point), e_value(low if low > 1 else high)


Limits = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
# Changes whose fit is tried at each step: all of them, to 20 studies.
TRIED = 40


def fragility(
    cells: np.ndarray,
    conclude: Limits,
    guess: Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    most: int = 100,
) -> int | None:
    """How many patients would have to have fared otherwise for the conclusion to change.

    `cells`: (k, 4), each study's ai bi ci di; `conclude(tables)` returns both limits (m,) of the
    pooled interval of each of m tables (m, k, 4), on the analysis scale. One patient at a time
    changes sides in the arm and study that moves the limit nearer to 0 most (Atal et al., J Clin
    Epidemiol 2019;111:32), until significance is gained or lost. None if that takes more than
    `most`.

    `guess(cells, studies, rows)` returns the two limits (m,) of each of m changes, row `i` of
    `rows` (m, 4) in the place of study `studies[i]`, near enough to rank them: where there are
    more than TRIED, only the TRIED that promise most are concluded in full at each step.
    """
    cells = np.array(cells, float)
    low, high = (limit[0] for limit in conclude(cells[None]))
    significant = low > 0 or high < 0
    towards = -1.0 if (significant and low > 0) or (not significant and low + high < 0) else 1.0
    limit = 0 if (towards < 0) == significant else 1
    for count in range(1, most + 1):
        studies, rows = _one_patient_otherwise(cells, towards)
        if len(studies) > TRIED:
            promise = towards * guess(cells, studies, rows)[limit]
            first = np.sort(np.argsort(-promise, kind="stable")[:TRIED])
            studies, rows = studies[first], rows[first]
        if not len(studies):
            return None
        changed = np.repeat(cells[None], len(studies), axis=0)
        changed[np.arange(len(studies)), studies] = rows
        limits = conclude(changed)
        gain = towards * np.asarray(limits[limit], float)
        if not np.isfinite(gain).any():
            return None
        best = int(np.argmax(np.where(np.isfinite(gain), gain, -np.inf)))
        cells, low, high = changed[best], limits[0][best], limits[1][best]
        if (low > 0 or high < 0) != significant:
            return count
    return None


def _one_patient_otherwise(cells: np.ndarray, towards: float) -> tuple[np.ndarray, np.ndarray]:
    """The study (m,) and its new row (m, 4) for each way to move one patient so that the effect
    goes down (-1) or up (+1)."""
    moves = np.array([[-1, 1, 0, 0], [0, 0, 1, -1]]) * (1 if towards < 0 else -1)
    rows = (cells[:, None, :] + moves).reshape(-1, 4)
    studies = np.repeat(np.arange(len(cells)), 2)
    possible = (rows >= 0).all(1)
    return studies[possible], rows[possible]
