"""What a result says, in the two words that a reader takes away: on which side it falls, and
whether its interval excludes no effect."""

import math

from livingmeta.report import scales


def conclusion(result: dict | None, synthesis: dict, protocol: dict) -> dict:
    """What the primary result of a synthesis says.

    `result`: its row of pooled.csv, or None; `synthesis`: its part of the `protocol`. `favours`
    is an arm, or "" where the measure has no value of no effect (proportions, one arm) or the
    estimate lies on it; `excludes_no_effect` is None where that cannot be asked. The display
    scale is used: it is the one on which scales.SCALES gives the value of no effect.
    """
    arms = synthesis["arms"]
    null = scales.SCALES[synthesis["measure"]].null
    if result is None:
        return {"favours": "", "excludes_no_effect": None, "text": "no result"}
    middle, low, high = (result[f"display_{x}"] for x in ("estimate", "ci_low", "ci_high"))
    if null is None or len(arms) != 2 or math.isnan(low):
        text = "no comparison: how much, not which is better"
        return {"favours": "", "excludes_no_effect": None, "text": text}
    outcome = protocol["outcomes"][synthesis["outcome"]]
    better = (middle > null) == scales.more_is_better(synthesis["measure"], outcome)
    favours = "" if middle == null else arms[0] if better else arms[1]
    excludes = not low <= null <= high
    side = protocol["arms"][favours]["label"] if favours else "neither arm"
    sure = "excludes" if excludes else "includes"
    text = f"favours {side}; the interval {sure} no effect"
    return {"favours": favours, "excludes_no_effect": excludes, "text": text}


def change(before: dict, after: dict) -> dict:
    """`before` and `after`, whether the conclusion `changed`, and the change in words."""
    keys = ("favours", "excludes_no_effect")
    changed = any(before[key] != after[key] for key in keys)
    if before["text"] == "no result" or after["text"] == "no result":
        changed = before["text"] != after["text"]
    text = (
        f"before: {before['text']}; now: {after['text']}"
        if changed
        else f"as before: {after['text']}"
    )
    return {"before": before, "after": after, "changed": changed, "text": text}
