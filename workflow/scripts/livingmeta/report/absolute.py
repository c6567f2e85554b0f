"""From a ratio to patients: how many of a thousand, for a stated baseline (METHODS section 4)."""

from livingmeta.numbers import missing


def with_treatment(measure: str, effect: float, baseline: float) -> float | None:
    """The proportion in the first arm, given that of the second; None where the measure has none.

    `effect`: on the display scale. `baseline`: survival (or risk) with the second arm, in (0, 1).
    OR: p = OR o / (1 + OR o) with the odds o of the baseline; HR of what ends survival, under
    proportional hazards: p = baseline ** HR; RR: p = RR baseline; RD: p = baseline + RD.
    """
    if measure in ("OR", "PETO"):
        odds = effect * baseline / (1 - baseline)
        return odds / (1 + odds)
    if measure == "HR":
        return baseline**effect
    if measure in ("RR", "RD"):
        value = baseline * effect if measure == "RR" else baseline + effect
        return min(max(value, 0.0), 1.0)
    return None


def baseline_of(synthesis: str, measure: str, effects, protocol: dict) -> tuple[float | None, str]:
    """The baseline and where it comes from: the protocol's, else that of the studies' own
    comparator patients taken together; (None, "") where neither is known."""
    chosen = protocol["report"].get("baseline_survival", {}).get(synthesis)
    if chosen is not None:
        return float(chosen), "as the protocol assumes"
    if measure == "HR" or not {"ci", "di"} <= set(effects.columns):
        return None, ""
    known = effects.dropna(subset=["ci", "di"])
    total = float((known["ci"] + known["di"]).sum())
    if missing(total) or not total:
        return None, ""
    share = float(known["ci"].sum()) / total
    words = "as in the comparator arm of this study"
    if len(known) > 1:
        words = "as in the comparator arms of these studies together"
    return (share, words) if 0 < share < 1 else (None, "")
