"""What the measures are called, how their numbers are printed, and which side is the good one."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from livingmeta.effect_measures import MEASURES, Measure
from livingmeta.formulas.measures import back_transform
from livingmeta.plan import Outcome
from livingmeta.words import models
from livingmeta.words.english import plural
from livingmeta.words.numbers import missing


class Scale(NamedTuple):
    """How one effect measure is shown: `kind` of number on the display scale (numbers.RULES),
    its name in words and in a column head, the value of no effect there, whether its axis is
    logarithmic, and as what it is pooled where its name must say so."""

    name: str
    short: str
    kind: str
    null: float | None
    log: bool = False
    pooled_as: str = ""

    @property
    def analysis(self) -> str:
        """What it is on the analysis scale, in words."""
        if self.pooled_as:
            return f"{self.short.lower()} as {self.pooled_as}"
        return f"logarithm of the {self.name}" if self.log else self.name


# Name and head of a column.
NAMES = {
    "OR": ("odds ratio", "Odds ratio"),
    "RR": ("risk ratio", "Risk ratio"),
    "RD": ("risk difference", "Risk difference"),
    "PETO": ("odds ratio (Peto)", "Peto odds ratio"),
    "AS": ("difference of arcsine-transformed risks", "Arcsine difference"),
    "HR": ("hazard ratio", "Hazard ratio"),
    "MD": ("mean difference", "Mean difference"),
    "SMD": ("standardised mean difference", "SMD"),
    "ROM": ("ratio of means", "Ratio of means"),
    "COR": ("correlation", "Correlation"),
    "ZCOR": ("correlation", "Correlation"),
    "PLO": ("proportion", "Proportion"),
    "PAS": ("proportion", "Proportion"),
    "PLN": ("proportion", "Proportion"),
    "PR": ("proportion", "Proportion"),
    "MN": ("mean", "Mean"),
    "MEDLN": ("median time", "Median time"),
    "IRR": ("incidence rate ratio", "Rate ratio"),
    "IRD": ("incidence rate difference", "Rate difference"),
    "IRSD": ("difference of square-root incidence rates", "Difference of root rates"),
    "IRLN": ("incidence rate", "Rate"),
    "IR": ("incidence rate", "Rate"),
    "GEN": ("effect", "Effect"),
}
# What the values of a scale are called. Ratios are always pooled as logarithms: no name says so.
POOLED_AS = {
    "identity": "",
    "log": "logarithms",
    "logit": "logits",
    "arcsine": "arcsines",
    "atanh": "Fisher's z",
}


def _scale(measure: Measure) -> Scale:
    name, head = NAMES[measure.code]
    pooled_as = "" if measure.kind == "ratio" else POOLED_AS[measure.scale]
    name += f" (pooled as {pooled_as})" if pooled_as else ""
    return Scale(name, head, measure.kind, measure.null, measure.log, pooled_as)


SCALES = {code: _scale(measure) for code, measure in MEASURES.items()}
# The ratios as which a comparison is shown beside its own, in the order of their columns.
OTHER_RATIOS = ("RR", "OR", "HR")
Z95 = 1.959963984540054
# What means of a survival outcome are: of the time lived up to the synthesis's time.
RESTRICTED = {
    "MN": ("restricted mean survival time", "RMST"),
    "MD": ("difference in restricted mean survival time", "RMST difference"),
    "ROM": ("ratio of restricted mean survival times", "RMST ratio"),
}


def of(measure: str, outcome: Outcome) -> Scale:
    """How a measure of this outcome is shown."""
    scale = SCALES[measure]
    if MEASURES[measure].restricted and outcome.kind == "survival":
        name, head = RESTRICTED[measure]
        return scale._replace(name=name, short=head)
    return scale


def analysis_scales(scales: Iterable[Scale]) -> list[str]:
    """On which scales measures are pooled, each once: `logits of proportions`; nothing of those
    pooled as they are printed."""
    found = [
        "logarithms of ratios"
        if scale.log and not scale.pooled_as
        else f"{scale.pooled_as} of {plural(2, scale.short.lower())}"
        for scale in scales
        if scale.log or scale.pooled_as
    ]
    return list(dict.fromkeys(found))


def unit(measure: str, outcome: Outcome, time_unit: str) -> str:
    """Unit of the number that a measure shows; "" where it has none. `time_unit`: the protocol's,
    in which all times are."""
    if not MEASURES[measure].in_units:
        return ""
    if MEASURES[measure].family == "rates":
        return f"events per {time_unit.removesuffix('s')}"
    return time_unit if outcome.kind in ("survival", "time") else outcome.unit


def short(measure: str, outcome: Outcome) -> str:
    """Head of the column of effects: `Survival` rather than `Proportion` where that is meant."""
    scale = of(measure, outcome)
    if scale.kind == "proportion" and outcome.kind == "survival":
        return "Survival"
    return scale.short


def shown(effects: pd.DataFrame, measure: str) -> pd.DataFrame:
    """`effects` with the columns `display`, `display_low`, `display_high`: each study's effect and
    its 95% confidence interval on the display scale. `measure` is that of the synthesis; where the
    effects have a column `measure`, each goes back from its own."""
    half = Z95 * effects["vi"].map(math.sqrt)
    table = effects.copy()
    measures = effects["measure"] if "measure" in effects else [measure] * len(effects)
    for column, values in (
        ("display", effects["yi"]),
        ("display_low", effects["yi"] - half),
        ("display_high", effects["yi"] + half),
    ):
        table[column] = [
            float(np.clip(back_transform(code, value), *MEASURES[code].bounds))
            for code, value in zip(measures, values, strict=True)
        ]
    return table


def one_scale(effects: pd.DataFrame, measure: str) -> bool:
    """Whether all effects are of the measure asked for, so that one axis can hold them."""
    return "measure" not in effects or set(effects["measure"]) <= {measure}


def level(share: float) -> str:
    """A confidence level in words: `95%`."""
    return f"{100 * share:.6g}%"


def weights(effects: pd.DataFrame, result: Mapping[str, Any]) -> pd.Series:
    """Each effect's share of the weight in percent under `result`, a row of pooled.csv: that of
    Mantel-Haenszel or Peto, else 1 / (vi + tau2), tau2 missing counting as 0; NaN under a method
    that gives effects no weight, such as a binomial-normal model.

    `tau2_within`: what of tau2 lies between the effects of one study, in a multilevel model, where
    the effects of a study share the weight that it has; by another column than the study they are
    not known.
    """
    tau2, within = result.get("tau2"), result.get("tau2_within")
    model = str(result.get("model", ""))
    if model.startswith(models.WITHOUT_WEIGHTS) or (
        model.startswith(models.BY_CLUSTER) and missing(result.get("effects"))
    ):
        return pd.Series(math.nan, index=effects.index)
    if model.startswith(models.OF_COUNTS):
        weight = _of_counts(effects, model)
        return 100 * weight / weight.sum()
    whole = 0.0 if tau2 is None or missing(tau2) else float(tau2)
    if within is None or missing(within):
        weight = 1 / (effects["vi"] + whole)
    else:
        weight = 1 / (effects["vi"] + within)
        of_study = weight.groupby(effects["study_id"]).transform("sum")
        weight = weight / (1 + (whole - within) * of_study)
    return 100 * weight / weight.sum()


def totals(effects: pd.DataFrame, kind: str, k: int) -> list[tuple[float, ...]]:
    """Of each arm (events, patients) of all studies, or (patients,) where effects are made of
    means; none where not every study says it, where numbers are only effective ones, or where the
    result is of other studies. `effects`: rows of effects.csv; `kind`: of the outcome; `k`: of how
    many studies the result is."""
    cells, sizes = ["ai", "bi", "ci", "di"], ["n1i", "n2i"]
    counts = effects.reindex(columns=[*cells, *sizes]).astype(float)
    found: list[tuple[float, ...]] = []
    if effects["study_id"].nunique() != k or len(effects) != k:
        return found
    if kind == "binary" and counts[cells].notna().all(axis=None):
        a, b, c, d = counts[cells].sum()
        found = [(a, a + b), (c, c + d)]
    elif counts[sizes].notna().all(axis=None):
        found = [(n,) for n in counts[sizes].sum()]
    return found if all(float(n).is_integer() for arm in found for n in arm) else []


def _of_counts(effects: pd.DataFrame, model: str) -> pd.Series:
    """Weights of two-by-two tables: of Peto the variance of the events, of Mantel-Haenszel that of
    the ratio or difference. A half more in all cells makes no odds here (RevMan's rule)."""
    a, b, c, d = (effects[cell].astype(float) for cell in ("ai", "bi", "ci", "di"))
    first, second = a + b, c + d
    n = first + second
    if model.startswith(models.OF_COUNTS[1]):
        return (a + c) * (b + d) * first * second / (n**2 * (n - 1))
    measure = str(effects["measure"].iloc[0])
    return {"OR": b * c / n, "RR": c * first / n}.get(measure, first * second / n)


PROPORTIONS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
# Multiples of a power of ten that a logarithmic axis may show, the densest first.
LADDERS = (
    (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6, 7, 8, 9),
    (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8),
    (1, 1.5, 2, 3, 4, 5, 7),
    (1, 2, 5),
    (1, 3),
    (1,),
)


def log_ticks(low: float, high: float) -> list[float]:
    """Three to eight round tick values of a logarithmic axis, among them 1 if it is in range."""
    decades = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2)
    for ladder in LADDERS:
        ticks = [float(f"{m * 10.0**d:.6g}") for d in decades for m in ladder]
        ticks = [t for t in ticks if low <= t <= high]
        if 3 <= len(ticks) <= 8:
            return ticks
    if high / low < 10:
        return linear_ticks(low, high)
    step = max(1, math.ceil(math.log10(high / low) / 7))
    return [10.0**d for d in decades if d % step == 0 and low <= 10.0**d <= high]


def linear_ticks(low: float, high: float) -> list[float]:
    """Three to eight round tick values of a plain axis."""
    size = 10.0 ** math.floor(math.log10((high - low) / 8))
    for step in (size * multiple for multiple in (1, 2, 2.5, 5, 10, 20)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < 8:
            break
    return [float(f"{i * step:.10g}") for i in range(first, last + 1)]


def analysis_ticks(measure: str, low: float, high: float, place: Callable[..., Any]) -> list[tuple]:
    """(value on the analysis scale, text on the display scale) of the ticks of an axis from `low`
    to `high` on the analysis scale.

    `place`: from such a value to millimetres, which keeps proportions apart.
    """
    scale = SCALES[measure]

    def display(value):
        return float(back_transform(measure, value))

    if scale.log:
        wanted = log_ticks(display(low), display(high))
        return [(math.log(t), tick_text(t, scale.kind)) for t in wanted]
    if scale.kind == "proportion":
        return _apart(display, low, high, place)
    wanted = linear_ticks(low, high)
    if measure == "ZCOR":
        return [(t, tick_text(round(display(t), 2), "difference")) for t in wanted]
    return [(t, tick_text(t, scale.kind)) for t in wanted]


def _apart(display, low, high, place):
    """Round proportions with their places on the analysis scale, found by halving."""
    ends, ticks, last = (display(low), display(high)), [], -math.inf
    wanted = [target for target in PROPORTIONS if ends[0] <= target <= ends[1]]
    for target in wanted if len(wanted) > 2 else linear_ticks(*ends):
        below, above = low, high
        for _ in range(50):
            middle = (below + above) / 2
            below, above = (middle, above) if display(middle) < target else (below, middle)
        if place(below) - last > 8.5:
            ticks.append((below, tick_text(target, "proportion")))
            last = place(below)
    return ticks


def tick_text(value: float, kind: str) -> str:
    """A tick as short as it can be said: 0.5, 2, 40%."""
    if kind == "proportion":
        return f"{100 * value:.6g}%"
    return f"{value:,.6g}".replace("-", "−")
