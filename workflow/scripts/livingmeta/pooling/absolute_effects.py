"""The same evidence on every scale: what a pooled comparison means for patients.

For the result of every two-arm synthesis (OR, RR, HR, RD, PETO) and each baseline: odds, risk and
hazard ratio, risk difference, and how many of 1,000; the difference in restricted mean survival
where curves of both arms were rebuilt; E-values; fragility. So that nobody reads an odds ratio of
4.7 as a risk ratio. All values are on the display scale. Intervals are those of the pooled effect:
the baseline is taken as known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import isfinite, log, nan, sqrt
from typing import Any

import numpy as np
import pandas as pd

from livingmeta import tables
from livingmeta.analyses import METHODS
from livingmeta.effect_measures import MEASURES
from livingmeta.formulas import absolute
from livingmeta.formulas.individual_data import kaplan_meier, restricted_mean
from livingmeta.formulas.measures import effect_size
from livingmeta.plan import Outcome, Synthesis
from livingmeta.pooling import guards
from livingmeta.pooling.baselines import STANDARD_SOURCE, Baseline, baselines
from livingmeta.pooling.engines.counts import CountError, CountFit, mantel_haenszel, peto
from livingmeta.pooling.engines.intervals import INTERVALS
from livingmeta.pooling.engines.models import FitMany, fit, fit_many

SURVIVAL = ("survival", "time")
COLUMNS = tables.columns("pooling/absolute")
OF_NO_PLAIN_MODEL = "the result is of a method that is not tried again with other counts"
# Above this share of patients with the event it is common (VanderWeele & Ding 2017).
RARE = 0.15

# From the share in the first arm (treated) and in the comparator (baseline).
_FROM_SHARES = {
    "OR": lambda treated, base: treated / (1 - treated) / (base / (1 - base)),
    "RR": lambda treated, base: treated / base,
    "RD": lambda treated, base: treated - base,
    "HR": lambda treated, base: log(treated) / log(base),
}


def absolute_effects(
    pooled: pd.DataFrame,
    effects: pd.DataFrame,
    syntheses: Mapping[str, Synthesis],
    outcomes: Mapping[str, Outcome],
    stated: Mapping[str, float],
    individual: pd.DataFrame,
) -> pd.DataFrame:
    """Rows of absolute.csv for every two-arm synthesis with a result, in the protocol's order.

    `pooled`, `effects`: those tables. `syntheses`, `outcomes`: those of the protocol, by
    name; `stated`: baselines of the protocol by synthesis. `individual`:
    patients of rebuilt curves (study_id, arm, outcome, time, event), times in the protocol's unit.
    """
    rows = []
    for name, asked in syntheses.items():
        result = pooled[
            (pooled["synthesis"] == name) & pooled["primary"] & (pooled["subgroup"] == "")
        ]
        if not MEASURES[asked.measure].absolute or result.empty:
            continue
        found = result.iloc[0]
        estimate, low, high = (
            float(found[f"display_{x}"]) for x in ("estimate", "ci_low", "ci_high")
        )
        shown = estimate, low, high
        if not all(isfinite(x) for x in shown):
            continue
        mine = effects[effects["synthesis"] == name]
        survival = outcomes[asked.outcome].kind in SURVIVAL
        known = baselines(name, syntheses, effects, pooled, stated)
        head = {"synthesis": name}
        rows.append(
            head
            | _row(asked.time_or_nan, None, asked.measure, shown)
            | {"note": _as_pooled(asked.measure, survival, int(found["k"]))}
        )
        for baseline in known:
            rows += [head | row for row in _on_every_scale(asked, shown, baseline, survival)]
        if survival:
            rows += [head | row for row in _months_gained(asked, mine, individual)]
        rows += [head | row for row in _e_values(asked, shown, known[0], survival)]
        rows += [head | row for row in _fragility(asked, mine, found)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(
    time: float, baseline: Baseline | None, scale: str, values: tuple[float, ...], note: str = ""
) -> dict:
    estimate, low, high = values
    return {
        "time": time,
        "baseline": baseline.value if baseline else nan,
        "baseline_source": baseline.source if baseline else "",
        "scale": scale,
        "estimate": estimate,
        "low": low,
        "high": high,
        "note": note,
    }


def _as_pooled(measure: str, survival: bool, k: int) -> str:
    of = "of the event"
    if survival:
        of = "of what ends survival" if measure == "HR" else "of surviving"
    return f"as pooled, {k} {'study' if k == 1 else 'studies'}; {of}"


def _on_every_scale(
    asked: Synthesis, shown: tuple[float, float, float], baseline: Baseline, survival: bool
) -> list[dict]:
    measure = asked.measure
    [row] = absolute.survivors_per_1000(measure, *shown, {baseline.time: baseline.value})
    shares = [float(x) / 1000 for x in (row.treated, row.treated_low, row.treated_high)]
    who = "survivors" if survival or measure == "HR" else "patients with the event"
    note = who + ("; if hazards are in proportion" if measure == "HR" else "")
    per = tuple(1000 * x for x in shares)
    gained = tuple(1000 * (x - baseline.value) for x in shares)
    control = (1000 * baseline.value, nan, nan)
    rows = [
        _row(baseline.time, baseline, "control-per-1000", control, who),
        _row(baseline.time, baseline, "per-1000", per, note),
        _row(baseline.time, baseline, "difference-per-1000", gained, note),
    ]
    for scale, convert in _FROM_SHARES.items():
        if scale == MEASURES[measure].estimand or (scale == "HR" and not survival):
            continue
        if scale in ("OR", "HR") and not all(0 < x < 1 for x in shares):
            # A risk ratio or difference can lead beyond all or nobody; no odds follow from that.
            continue
        middle, *limits = (convert(x, baseline.value) for x in shares)
        proportional = "HR" in (scale, measure)
        words = "if hazards are in proportion" if proportional else f"of {who}"
        rows.append(_row(baseline.time, baseline, scale, (middle, *sorted(limits)), words))
    return rows


def _months_gained(asked: Synthesis, mine: pd.DataFrame, individual: pd.DataFrame) -> list[dict]:
    """Difference of restricted means, up to the smallest of the longest follow-ups."""
    arms = asked.arms
    here = individual[
        (individual["outcome"] == asked.outcome) & individual["study_id"].isin(mine["study_id"])
    ]
    pairs = []
    for _, patients in here.groupby("study_id", sort=False):
        sides = [patients[patients["arm"] == arm] for arm in arms]
        if all(len(side) for side in sides):
            pairs.append(sides)
    if not pairs:
        return []
    ends = [_known_up_to(side) for pair in pairs for side in pair]
    tau = min([*ends, *([asked.time_or_nan] if isfinite(asked.time_or_nan) else [])])
    if not isfinite(tau):
        tau = float(here["time"].max())
    means = [[restricted_mean(side, tau) for side in pair] for pair in pairs]
    y = np.array([a.value - b.value for a, b in means])
    v = np.array([a.variance + b.variance for a, b in means])
    if not (v > 0).all():
        return []
    found, words = _simply(y, v)
    note = f"mean time lived up to {tau:.4g}, from {len(pairs)} pair(s) of rebuilt curves; {words}"
    return [_row(tau, None, "RMST-difference", found, note)]


def _known_up_to(patients: pd.DataFrame) -> float:
    """The time up to which a curve is known: for ever once it has come down to nought."""
    km = kaplan_meier(patients)
    return float("inf") if km.survival.size and km.survival[-1] == 0 else km.last


def _simply(y: np.ndarray, v: np.ndarray) -> tuple[tuple[float, float, float], str]:
    """Effects pooled as their number allows (guards), and the model in words."""
    if y.size == 1:
        half = 1.959963984540054 * sqrt(v[0])
        return (float(y[0]), float(y[0] - half), float(y[0] + half)), "one study"
    model = guards.choose(y.size, fit(y, v).tau2 if y.size > 2 else 0.0)
    f = fit(y, v, tau2=model.tau2, interval=model.interval)
    return (float(f.estimate), float(f.ci_low), float(f.ci_high)), f"pooled by {model.name}"


def _e_values(
    asked: Synthesis, shown: tuple[float, float, float], baseline: Baseline, survival: bool
) -> list[dict]:
    measure = asked.measure
    real = baseline if baseline.source != STANDARD_SOURCE else None
    if measure == "RD":
        if real is None:
            return []
        ratios = [(real.value + x) / real.value for x in shown]
        if min(ratios) <= 0:
            return []
        point, limit = absolute.e_values("RR", *ratios)
        how = "risk ratio at the baseline"
    else:
        share = nan if real is None else real.value
        # The event of a hazard ratio is what ends survival.
        share = 1 - share if measure == "HR" and survival else share
        rare = isfinite(share) and share <= RARE
        point, limit = absolute.e_values(measure, *shown, rare=rare)
        way = MEASURES[measure].estimand
        how = "the ratio is one of risks" if way == "RR" else _APPROXIMATED[way]
        if rare and measure != "RR":
            how = "read as a ratio of risks, since the event is rare"
    note = (
        "risk ratio that an unmeasured confounder would need with treatment and with outcome to"
        f" explain {{}} away; {how}"
    )
    time, at = asked.time_or_nan, real if measure == "RD" else None
    return [
        _row(time, at, "E-value", (point, nan, nan), note.format("the result")),
        _row(time, at, "E-value-limit", (limit, nan, nan), note.format("its interval")),
    ]


_APPROXIMATED = {
    "OR": "square root of the odds ratio as risk ratio (common outcome)",
    "HR": "risk ratio approximated from the hazard ratio (common outcome)",
}


def _fragility(asked: Synthesis, mine: pd.DataFrame, found: pd.Series) -> list[dict]:
    """How many patients faring otherwise would turn the conclusion; needs whole counts, and a
    result that is found again from them."""
    if asked.measure == "HR":
        return []
    counted = mine[mine["route"] == "C"]
    if counted.empty:
        return []
    cells = counted[["ai", "bi", "ci", "di"]].to_numpy(float)
    lost = ""
    if len(counted) < len(mine):
        lost = f"{len(mine) - len(counted)} of {len(mine)} studies print no counts"
    elif parts := int((cells != np.round(cells)).any(axis=1).sum()):
        lost = f"counts of {parts} of {len(mine)} studies are no whole patients, by their design"
    elif str(found["interval"] or "wald") not in INTERVALS:  # CR2, of clusters of effects
        lost = OF_NO_PLAIN_MODEL
    else:
        conclude, guess = _refits(asked, found)
        again = [float(limit[0]) for limit in conclude(cells[None])]
        ends = [float(found[limit]) for limit in ("ci_low", "ci_high")]
        if not np.allclose(again, ends, rtol=0, atol=1e-6 * (ends[1] - ends[0])):
            lost = OF_NO_PLAIN_MODEL
    if lost:
        return [_row(nan, None, "fragility", (nan, nan, nan), f"not computed: {lost}")]
    count = absolute.fragility(cells, conclude, guess, most=MOST)
    change = "lose" if found["ci_low"] > 0 or found["ci_high"] < 0 else "gain"
    tried = ""
    if 2 * len(cells) > absolute.TRIED:
        tried = f" (the {absolute.TRIED} changes that promise most tried at each step)"
    if count is None:
        words = f"more than {MOST} patients would have to fare otherwise to {change} significance"
        words += tried
        return [_row(nan, None, "fragility", (nan, nan, nan), words)]
    words = f"patients who would have to fare otherwise for the result to {change} significance"
    words += tried
    return [_row(nan, None, "fragility", (float(count), nan, nan), words)]


def _refits(asked: Synthesis, found: pd.Series) -> tuple[absolute.Limits, Any]:
    """Of m tables (m, k, 4) the limits of the pooled interval, by the method of the result `found`,
    and what absolute.fragility takes to rank changes."""
    model = {
        "tau2": str(found["tau2_method"] or "FE"),
        "interval": str(found["interval"] or "wald"),
    }
    counting: dict[str, Callable[..., CountFit]] = {
        METHODS["mantel-haenszel"]: partial(mantel_haenszel, measure=asked.measure),
        METHODS["peto"]: peto,
    }
    by_counts = counting.get(str(found["model"]))

    def limits_of(table):
        try:
            f = counting[str(found["model"])](*table.T, level=asked.level)
        except CountError:  # nobody, or everybody, in all studies
            return nan, nan
        return f.ci_low, f.ci_high

    def effects_of(rows):
        names = ("ai", "bi", "ci", "di")
        return effect_size(asked.measure, **dict(zip(names, rows.T, strict=True)))

    def pooled_of(counts):
        yi, vi = (x.reshape(counts.shape[:2]) for x in effects_of(counts.reshape(-1, 4)))
        unknown = ~(np.isfinite(yi) & np.isfinite(vi))
        yi[unknown] = vi[unknown] = nan
        return yi, vi, fit_many(yi, vi, level=asked.level, **model)

    def conclude(counts):
        if by_counts is None:
            f = pooled_of(counts)[-1]
            return np.asarray(f.ci_low), np.asarray(f.ci_high)
        low, high = np.array([limits_of(table) for table in counts]).T
        return low, high

    def guess(table, studies, rows):
        yi, vi, f = pooled_of(table[None])
        return _with_one_changed(yi[0], vi[0], studies, effects_of(rows), f)

    return conclude, guess


def _with_one_changed(
    yi: np.ndarray,
    vi: np.ndarray,
    studies: np.ndarray,
    changed: tuple[np.ndarray, np.ndarray],
    f: FitMany,
) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the interval (m,) if one study's effect and variance were the changed ones, with
    tau² and the width in standard errors as they are: good to rank the changes."""

    def sums(y, v):
        known = np.isfinite(y) & np.isfinite(v)
        weight = np.where(known, 1 / (v + f.tau2), 0.0)
        return weight, np.where(known, weight * y, 0.0)

    (weight, part), (new, new_part) = sums(yi, vi), sums(*changed)
    total = weight.sum() - weight[studies] + new
    middle = (part.sum() - part[studies] + new_part) / total
    half = (f.ci_high - f.ci_low) / 2 * np.sqrt(weight.sum() / total)
    return middle - half, middle + half


MOST = 100  # beyond so many patients a conclusion is not fragile
