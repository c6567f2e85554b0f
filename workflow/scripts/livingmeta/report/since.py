"""What changed since the latest release, for the page: numbers registered, words chosen."""

from livingmeta.numbers import Numbers, missing
from livingmeta.report import scales

CHANGES = "results/living/changes.json"
# What changes.json calls its kinds, in the words of the page.
KINDS = {
    "search": "search",
    "record": "record",
    "study": "study",
    "cell": "printed number",
    "effect": "effect",
}


def context(changes: dict, numbers: Numbers) -> dict | None:
    """The section on changes, or None for a first version.

    `changes`: content of changes.json. Every number goes into `numbers` under an id that begins
    with `living/`, on the display scale except the shares of a change, which are on the analysis
    scale.
    """
    if not changes.get("since"):
        return None
    counts = []
    for kind, word in KINDS.items():
        if kind in changes["counts"]:
            id_ = f"living/{kind}"
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
    parts = []
    for i, part in enumerate((change.get("attribution") or {}).get("parts", [])):
        id_ = f"{key}/share/{i}"
        what = f"share of the change, {part['label']}, analysis scale"
        numbers.add(id_, part["share"], "analysis", "", [CHANGES], what)
        parts.append({"id": id_, "label": part["label"], "because": part["because"]})
    conclusion = change.get("conclusion") or {}
    return {
        "id": change["synthesis"],
        "title": change["title"],
        "change": change["change"],
        "key": key,
        "before": change.get("before") is not None,
        "after": change.get("after") is not None,
        "parts": parts,
        "note": (change.get("attribution") or {}).get("note", ""),
        "conclusion": conclusion.get("text", ""),
        "differs": bool(conclusion.get("changed")),
    }


def _estimate(row: dict | None, key: str, numbers: Numbers) -> None:
    if row is None:
        return
    kind = scales.SCALES[row["measure"]].kind
    low, high = row.get("display_ci_low"), row.get("display_ci_high")
    pair = None if missing(low) or missing(high) else (low, high)
    numbers.add(f"{key}/estimate", row.get("display_estimate"), kind, "", [CHANGES], key)
    numbers.add(f"{key}/ci", pair, kind, "", [CHANGES], f"{key}, interval")
    numbers.add(f"{key}/k", row["k"], "count", "studies", [CHANGES], f"{key}, studies")
