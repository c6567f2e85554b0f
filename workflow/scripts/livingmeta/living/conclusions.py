"""What a result says, in the words that a reader takes away: on which side it falls, whether its
interval excludes no effect, and where it lies among the thresholds of the protocol."""

import math
from collections.abc import Mapping
from typing import Any

from livingmeta.formulas.measures import more_is_better
from livingmeta.words import measures
from livingmeta.words.english import within
from livingmeta.words.numbers import show

NONE: dict[str, Any] = {"favours": "", "excludes_no_effect": None, "thresholds": []}


def conclusion(result: dict | None, synthesis: dict, protocol: dict) -> dict:
    """What the primary result of a synthesis says.

    `result`: its row of pooled.csv, or None; `synthesis`: its part of the `protocol`. `favours`
    is an arm, or "" where the measure has no value of no effect (proportions, one arm) or the
    estimate lies on it; `excludes_no_effect` is None where that cannot be asked; `thresholds` has
    for each threshold of the synthesis the `value`, the side on which the `estimate` lies (above,
    below, on) and that of the `interval` (above, below, across). The display scale is used: it is
    the one on which people state thresholds and scales.SCALES the value of no effect.
    """
    if result is None:
        return NONE | {"text": "no result"}
    scale = measures.SCALES[synthesis["measure"]]
    middle, low, high = (result[f"display_{x}"] for x in ("estimate", "ci_low", "ci_high"))
    found: dict[str, Any] = NONE | {"text": "no comparison"}
    if scale.null is not None and len(synthesis["arms"]) == 2 and not math.isnan(low):
        found = NONE | _side(middle, low, high, synthesis, protocol)
    thresholds = [
        _against(value, middle, low, high) for value in sorted(synthesis.get("thresholds", []))
    ]
    told = "; ".join(_told(threshold, scale.kind) for threshold in thresholds)
    return found | {
        "thresholds": thresholds,
        "text": "; ".join(part for part in (found["text"], told) if part),
    }


def _side(
    middle: float, low: float, high: float, synthesis: dict[str, Any], protocol: Mapping[str, Any]
) -> dict:
    arms, null = synthesis["arms"], measures.SCALES[synthesis["measure"]].null
    outcome = protocol["outcomes"][synthesis["outcome"]]
    assert null is not None  # as its caller saw
    better = (middle > null) == more_is_better(synthesis["measure"], outcome)
    favours = "" if middle == null else arms[0] if better else arms[1]
    excludes = not low <= null <= high
    side = within(protocol["arms"][favours]["label"]) if favours else "neither arm"
    sure = "excludes" if excludes else "includes"
    return {
        "favours": favours,
        "excludes_no_effect": excludes,
        "text": f"favours {side}; the interval {sure} no effect",
    }


def _against(value: float, middle: float, low: float, high: float) -> dict:
    interval = "above" if low > value else "below" if high < value else "across"
    # A result without an interval lies on a side, and nothing says how surely.
    return {
        "value": value,
        "estimate": "above" if middle > value else "below" if middle < value else "on",
        "interval": "" if math.isnan(low) else interval,
    }


def _told(threshold: dict, kind: str) -> str:
    value = show(threshold["value"], "percentage-as-printed" if kind == "proportion" else kind)
    lead = f"{threshold['estimate']} the threshold of {value}"
    if threshold["interval"] == "across":
        return f"{lead}, which lies within the interval"
    return f"{lead} with its whole interval" if threshold["interval"] else lead


def change(before: dict, after: dict) -> dict:
    """`before` and `after`, whether the conclusion `changed`, and the change in words."""
    keys = ("favours", "excludes_no_effect", "thresholds")
    changed = any(before[key] != after[key] for key in keys)
    if before["text"] == "no result" or after["text"] == "no result":
        changed = before["text"] != after["text"]
    text = (
        f"before: {before['text']}; now: {after['text']}"
        if changed
        else f"as before: {after['text']}"
    )
    return {"before": before, "after": after, "changed": changed, "text": text}
