"""Syntheses of measure SURV: a survival curve across times instead of one effect a study.

The protocol has them among its syntheses; behind it they stand apart (`courses`), since nothing
that pools one effect a study has to do with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MEASURE = "SURV"
# What a synthesis of one effect a study can ask for, and a curve cannot.
_NOT_OF_A_CURVE = (
    *("other_measures", "narrative", "routes", "correlation", "sensitivity"),
    *("subgroups", "moderators", "thresholds", "information_size"),
)


def apart(protocol: dict[str, Any]) -> dict[str, Any]:
    """A completed protocol whose syntheses of measure SURV stand under `courses`."""
    every = protocol["syntheses"]
    courses = {name: s for name, s in every.items() if s["measure"] == MEASURE}
    rest = {name: s for name, s in every.items() if name not in courses}
    return {**protocol, "syntheses": rest, "courses": courses}


def together(protocol: dict[str, Any]) -> dict[str, Any]:
    """A protocol that `apart` may have parted, as it was written."""
    courses = protocol.get("courses") if isinstance(protocol, dict) else None
    if not isinstance(courses, dict) or not isinstance(protocol.get("syntheses"), dict):
        return protocol
    if not all(isinstance(s, dict) and s.get("measure") == MEASURE for s in courses.values()):
        return protocol
    rest = {key: value for key, value in protocol.items() if key != "courses"}
    return {**rest, "syntheses": {**protocol["syntheses"], **courses}}


def problems(protocol: dict[str, Any]) -> Iterator[str]:
    """What a curve is asked for that it cannot give, in sentences."""
    for name, asked in protocol["courses"].items():
        where = f"syntheses.{name}"
        outcome = protocol["outcomes"].get(asked["outcome"])
        if outcome is None:
            known = ", ".join(protocol["outcomes"])
            yield f"{where}.outcome: '{asked['outcome']}' is not defined; the protocol has {known}."
        elif outcome["kind"] != "survival":
            yield (
                f"{where}: measure {MEASURE} is a survival curve, and the outcome "
                f"{asked['outcome']} is of kind {outcome['kind']}; it must be survival."
            )
        for arm in asked["arms"]:
            if arm not in protocol["arms"]:
                known = ", ".join(protocol["arms"])
                yield f"{where}.arms: '{arm}' is not defined; the protocol has {known}."
        if len(asked["arms"]) != 1:
            yield (
                f"{where}: measure {MEASURE} needs 1 arm, and arms names {len(asked['arms'])}; "
                "write a synthesis for each arm."
            )
        for key in [key for key in _NOT_OF_A_CURVE if asked[key]]:
            yield f"{where}.{key}: a survival curve ({MEASURE}) has none; remove {key}."
        for key in [key for key in ("grade", "route") if key in asked["include"]]:
            yield f"{where}.include.{key}: a survival curve ({MEASURE}) has no {key}; remove it."
        model = asked["model"]
        of_tau2 = model != "auto" and model.get("tau2") in ("DL", "FE")
        if model != "auto" and not (of_tau2 and model["interval"] == "wald"):
            yield (
                f"{where}.model: a survival curve ({MEASURE}) is pooled by {{tau2: DL}} or "
                "{tau2: FE}, with a wald interval; auto is the first."
            )
