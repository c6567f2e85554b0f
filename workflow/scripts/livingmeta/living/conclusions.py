"""What a result says, in the words that a reader takes away: on which side it falls, whether its
interval excludes no effect, and where it lies among the thresholds of the protocol."""

import math
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

from livingmeta.formulas.measures import more_is_better
from livingmeta.plan import Protocol, Synthesis
from livingmeta.words import measures
from livingmeta.words.english import within
from livingmeta.words.numbers import show


@dataclass(frozen=True)
class Threshold:
    """Where a result lies by a threshold of its synthesis, all on the display scale: the `value`,
    the side on which the `estimate` lies (above, below, on) and that of the `interval` (above,
    below, across, or "" where there is none)."""

    value: float
    estimate: str
    interval: str


@dataclass(frozen=True)
class Conclusion:
    """What a result says. `favours` is an arm, or "" where the measure has no value of no effect
    (proportions, one arm) or the estimate lies on it; `excludes_no_effect` is None where that
    cannot be asked; `thresholds` are those of the synthesis; `text` says it all in words."""

    favours: str
    excludes_no_effect: bool | None
    thresholds: tuple[Threshold, ...]
    text: str


NO_RESULT = Conclusion("", None, (), "no result")


def conclusion(result: dict | None, synthesis: Synthesis, asked: Protocol) -> Conclusion:
    """What the primary result of a synthesis says.

    `result`: its row of pooled.csv, or None; `asked`: the protocol's `arms` and `outcomes`. The
    display scale is used: it is the one on which people state thresholds and scales.SCALES the
    value of no effect.
    """
    if result is None:
        return NO_RESULT
    scale = measures.SCALES[synthesis.measure]
    middle, low, high = (result[f"display_{x}"] for x in ("estimate", "ci_low", "ci_high"))
    favours, excludes, text = "", None, "no comparison"
    if scale.null is not None and len(synthesis.arms) == 2 and not math.isnan(low):
        excludes = not low <= scale.null <= high
        favours = _favours(middle, scale.null, synthesis, asked)
        side = within(asked.arms[favours].label) if favours else "neither arm"
        sure = "excludes" if excludes else "includes"
        text = f"favours {side}; the interval {sure} no effect"
    thresholds = tuple(_against(value, middle, low, high) for value in sorted(synthesis.thresholds))
    told = "; ".join(_told(threshold, scale.kind) for threshold in thresholds)
    text = "; ".join(part for part in (text, told) if part)
    return Conclusion(favours, excludes, thresholds, text)


def _favours(middle: float, null: float, synthesis: Synthesis, asked: Protocol) -> str:
    """The arm that the estimate speaks for, or ""."""
    outcome = asked.outcomes[synthesis.outcome]
    better = (middle > null) == more_is_better(synthesis.measure, outcome.good, outcome.kind)
    return "" if middle == null else synthesis.arms[0] if better else synthesis.arms[1]


def _against(value: float, middle: float, low: float, high: float) -> Threshold:
    interval = "above" if low > value else "below" if high < value else "across"
    # A result without an interval lies on a side, and nothing says how surely.
    return Threshold(
        value,
        "above" if middle > value else "below" if middle < value else "on",
        "" if math.isnan(low) else interval,
    )


def _told(threshold: Threshold, kind: str) -> str:
    value = show(threshold.value, "percentage-as-printed" if kind == "proportion" else kind)
    lead = f"{threshold.estimate} the threshold of {value}"
    if threshold.interval == "across":
        return f"{lead}, which lies within the interval"
    return f"{lead} with its whole interval" if threshold.interval else lead


class ConclusionChange(TypedDict):
    """Two conclusions, as changes.json holds them, whether they differ, and the change in words."""

    before: dict[str, Any]
    after: dict[str, Any]
    changed: bool
    text: str


def change(before: Conclusion, after: Conclusion) -> ConclusionChange:
    """What became of a conclusion."""
    changed = (before.favours, before.excludes_no_effect, before.thresholds) != (
        after.favours,
        after.excludes_no_effect,
        after.thresholds,
    )
    if NO_RESULT in (before, after):
        changed = before.text != after.text
    text = f"before: {before.text}; now: {after.text}" if changed else f"as before: {after.text}"
    return {"before": _plain(before), "after": _plain(after), "changed": changed, "text": text}


def _plain(said: Conclusion) -> dict[str, Any]:
    return asdict(said) | {"thresholds": [asdict(threshold) for threshold in said.thresholds]}
