"""What changed since a release, for the pages: numbers registered, words chosen."""

import math

from livingmeta.numbers import Numbers, missing
from livingmeta.report import scales

CHANGES = "results/living/changes.json"
# What changes.json calls its kinds, in the words of the page.
KINDS = {
    "protocol": "protocol key",
    "search": "search",
    "record": "record",
    "decision": "decision",
    "study": "study detail",
    "cell": "printed number",
    "effect": "effect",
    "estimate": "pooled result",
    "conclusion": "conclusion",
    "certainty": "certainty judgement",
    "guard rail": "guard rail",
}


def told(changes: dict) -> dict:
    """The comparison that the pages tell of: the present state against the latest release or,
    where that is the present state to the last number, what that release itself changed."""
    return changes if changes["counts"] else changes.get("previous") or changes


def context(changes: dict, numbers: Numbers) -> dict | None:
    """The section on changes, or None for a first version.

    `changes`: content of changes.json. Every number goes into `numbers` under an id that begins
    with `living/`, on the display scale except the shares of a change, which are on the analysis
    scale.
    """
    if not changes.get("since"):
        return None
    changes = told(changes)
    counts = []
    for kind, word in KINDS.items():
        if kind in changes["counts"]:
            id_ = f"living/{kind.replace(' ', '-')}"
            numbers.add(id_, changes["counts"][kind], "count", "", [CHANGES], f"changed: {word}")
            counts.append((id_, word))
    return {
        "since": changes["since"],
        "searched_to": changes["searched_to"],
        "counts": counts,
        "protocol": changes["protocol"],
        "syntheses": [_synthesis(s, numbers) for s in changes["syntheses"]],
    }


def _synthesis(change: dict, numbers: Numbers) -> dict:
    key = f"living/{change['synthesis']}"
    for when in ("before", "after"):
        _estimate(change.get(when), f"{key}/{when}", numbers)
    attribution = change.get("attribution") or {}
    parts, whole = _parts(attribution, key, numbers)
    conclusion = change.get("conclusion") or {}
    return {
        "id": change["synthesis"],
        "title": change["title"],
        "change": change["change"],
        "key": key,
        "before": change.get("before") is not None,
        "after": change.get("after") is not None,
        "parts": parts,
        "whole": whole,
        "note": attribution.get("note", ""),
        "conclusion": conclusion.get("text", ""),
        "differs": bool(conclusion.get("changed")),
        "certainty": change.get("certainty") or {"before": "", "after": "", "as_before": False},
    }


def _parts(attribution: dict, key: str, numbers: Numbers) -> tuple[list[dict], dict]:
    """Each part's share with the place of its bar, and the bar of the whole change. The bars
    follow one another from the result then to the result now, `left` and `width` in percent of
    the whole way they go."""
    parts = attribution.get("parts", [])
    if not parts:
        return [], {}
    places = [0.0]
    for part in parts:
        places.append(places[-1] + part["share"])
    total = attribution["total"]
    if not math.isclose(places[-1], total, abs_tol=1e-9):
        raise AssertionError(f"{key}: shares of {places[-1]} for a change of {total}")
    numbers.add(f"{key}/total", total, "analysis", "", [CHANGES], "the change, analysis scale")

    def bar(start, end):
        low, way = min(places), max(places) - min(places) or 1.0
        left, width = (100 * x / way for x in (min(start, end) - low, abs(end - start)))
        return {"up": end > start, "left": round(left, 2), "width": round(width, 2)}

    found = []
    for i, part in enumerate(parts):
        id_ = f"{key}/share/{i}"
        what = f"share of the change, {part['label']}, analysis scale"
        numbers.add(id_, part["share"], "analysis", "", [CHANGES], what)
        told = {name: part[name] for name in ("kind", "label", "because")}
        found.append({"id": id_, **told, **bar(places[i], places[i + 1])})
    return found, bar(0.0, total)


def _estimate(row: dict | None, key: str, numbers: Numbers) -> None:
    if row is None:
        return
    kind = scales.SCALES[row["measure"]].kind
    low, high = row.get("display_ci_low"), row.get("display_ci_high")
    pair = None if missing(low) or missing(high) else (low, high)
    numbers.add(f"{key}/estimate", row.get("display_estimate"), kind, "", [CHANGES], key)
    numbers.add(f"{key}/ci", pair, kind, "", [CHANGES], f"{key}, interval")
    numbers.add(f"{key}/k", row["k"], "count", "studies", [CHANGES], f"{key}, studies")
