"""What a protocol leaves unsaid that decides a direction or a unit, and what is taken for it.

A wrong one turns every sentence and arrow round, or makes weeks of months, and nothing contradicts
it. So it is taken here by rule, and waits until somebody has said it.
"""

import re
from collections.abc import Mapping
from typing import Any

from livingmeta import courses

# ASSUME: what patients wait for. Where an outcome of kind survival names one of these, living
# without it is bad; of every other event (death, progression, relapse) living without is good.
HOPED_FOR = re.compile(
    r"\b(recover|discharg|remission|respon[sd]|cure|heal|resol|improve|relief|clearance|convers"
    r"|pregnan|live birth|wean|extubat|engraft|return to|union)\w*",
    re.IGNORECASE,
)
# With these the event is that it does not come, or ends: loss of response, treatment failure.
ENDED = re.compile(
    r"\b(no|non|not|loss|lost|lack|without|free|failure|fail\w*|duration|relapse|death|worse\w*)\b",
    re.IGNORECASE,
)
# Outcomes whose numbers are of time, or per time, whatever their measure.
OF_TIME = ("survival", "time", "count")
# The kinds of to_settle.csv.
DIRECTION, TIME_UNIT = "direction-not-said", "time-unit-not-said"


def direction(outcome: Mapping[str, Any]) -> str:
    """`higher` or `lower`: what of an outcome of the protocol is taken for good for the patient
    where it has no `good`. Survival is, unless it is the time to something good; else lower."""
    if outcome.get("good"):
        return outcome["good"]
    words = f"{outcome.get('label', '')} {outcome.get('definition', '')}"
    waited_for = HOPED_FOR.search(words) and not ENDED.search(words)
    return "higher" if outcome.get("kind") == "survival" and not waited_for else "lower"


def filled(part: dict[str, Any]) -> dict[str, Any]:
    """A protocol, or a slice of it, each of whose outcomes says what is good."""
    if "outcomes" not in part:
        return part
    each = {name: {**of, "good": direction(of)} for name, of in part["outcomes"].items()}
    return {**part, "outcomes": each}


def unsaid(written: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """What a sound protocol as `written` leaves to be taken, by kind of to_settle.csv: the facts of
    each row. Only of what a synthesis uses."""
    asked = courses.together(dict(written)).get("syntheses", {})
    outcomes = written.get("outcomes", {})
    used: dict[str, list[str]] = {}
    for name, synthesis in asked.items():
        used.setdefault(synthesis["outcome"], []).append(name)
    directions = [
        {
            "outcome": name,
            "label": of["label"],
            "taken": direction(of),
            "other": {"higher": "lower", "lower": "higher"}[direction(of)],
            "syntheses": ", ".join(used[name]),
        }
        for name, of in outcomes.items()
        if name in used and not of.get("good")
    ]
    # A hazard ratio is the same in whatever unit its times are.
    timed = [
        name
        for name, synthesis in asked.items()
        if synthesis.get("time") is not None
        or (outcomes[synthesis["outcome"]]["kind"] in OF_TIME and synthesis["measure"] != "HR")
    ]
    unit = [{"syntheses": ", ".join(timed)}] if timed and not written.get("time_unit") else []
    return {DIRECTION: directions, TIME_UNIT: unit}
