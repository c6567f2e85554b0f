"""What a protocol leaves unsaid that decides a direction or a unit, and what is taken for it.

A wrong one turns every sentence and arrow round, or makes weeks of months, and nothing contradicts
it. So it is taken here by rule, and waits until somebody has said it.
"""

import re
from collections.abc import Mapping
from typing import Any

from livingmeta import courses

# Labels that say of being alive, and of dying, and nothing beside; of an organ, a graft or a drug
# that survives, or of one cause of death, they do not.
_WHEN = r"\d+[- ]?(?:day|week|month|year)s?|long[- ]term|short[- ]term|early|late"
_AT = (
    r"(?:[ ,(]+(?:at|to|by (?:the |end|week|month|day|year|\d)|within|in|during|after|since|over"
    r"|up to|until|nach|bei|à|a)(?!.*\b(?:or|and|with|without|free|oder|und|ohne)\b).*)?"
)
_ALIVE = re.compile(
    rf"(?:(?:overall|patients?|crude|actuarial|total|who|{_WHEN})[ :,-]*)*"
    r"(?:survival|survived|survivors|os|alive|gesamtüberleben|überleben|survie(?: globale)?"
    r"|supervivencia(?: global)?|sopravvivenza(?: globale)?|sobrevida(?: global)?)"
    rf"(?: rate| probability)?(?: \(os\))?{_AT}",
    re.IGNORECASE,
)
_DEAD = re.compile(
    r"(?:(?:all[- ]cause|overall|total|(?:in[- ])?hospital|patients?|who|peri-?operative|maternal"
    rf"|post-?operative|neonatal|infant|{_WHEN})[ :,-]*)*"
    r"(?:deaths?|mortality|died|tod|todesfälle|sterblichkeit|gesamtmortalität|mortalität|décès"
    r"|mortalité|muertes?|mortalidad|morte|mortalità)"
    rf"(?: rate)?(?: (?:from|of) (?:any|all) causes?)?(?!.*\b(?:home|place)\b){_AT}",
    re.IGNORECASE,
)
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
# Labels that leave no doubt: of an event that patients hope for, the time to it, and living without
# a bad one.
_GOOD_NEWS = (
    r"(?:(?:complete|partial|overall|objective|clinical|full|virologic\w*|pathologic\w*|best)[ -])*"
    rf"(?:response|remission|cure|recovery|live birth)(?: rate)?{_AT}"
)
_HOPED = re.compile(_GOOD_NEWS, re.IGNORECASE)
_TIME_TO = re.compile(rf"time to {_GOOD_NEWS}", re.IGNORECASE)
_WITHOUT_BAD = re.compile(
    rf"(?:progression|event|disease|relapse|recurrence)[- ]free survival{_AT}", re.IGNORECASE
)
# Outcomes whose numbers are of time, or per time, whatever their measure.
OF_TIME = ("survival", "time", "count")
# The kinds of to_settle.csv.
DIRECTION, TIME_UNIT = "direction-not-said", "time-unit-not-said"
UNLIKE_LABEL = "direction-unlike-label"


def counted(label: str) -> str:
    """`death` or `survival` where an outcome is by its label of either and of nothing beside, so
    that those without its event are alive, else ""."""
    label = " ".join(label.split())
    return "survival" if _ALIVE.fullmatch(label) else "death" if _DEAD.fullmatch(label) else ""


def direction(outcome: Mapping[str, Any]) -> str:
    """`higher` or `lower`: what of an outcome of the protocol is taken for good for the patient
    where it has no `good`. Survival is, unless it is the time to something good; else lower."""
    if outcome.get("good"):
        return outcome["good"]
    words = f"{outcome.get('label', '')} {outcome.get('definition', '')}"
    waited_for = HOPED_FOR.search(words) and not ENDED.search(words)
    return "higher" if outcome.get("kind") == "survival" and not waited_for else "lower"


def by_label(outcome: Mapping[str, Any]) -> str:
    """`higher` or `lower`: what is good of an outcome whose label leaves no doubt, else ""."""
    label, kind = " ".join(outcome.get("label", "").split()), outcome.get("kind")
    named = counted(label)
    if kind == "survival":
        if named or _WITHOUT_BAD.fullmatch(label):
            return "higher"
        return "lower" if _TIME_TO.fullmatch(label) else ""
    if kind != "binary":
        return ""
    hoped = "higher" if _HOPED.fullmatch(label) else ""
    return {"death": "lower", "survival": "higher"}.get(named, hoped)


def filled(part: dict[str, Any]) -> dict[str, Any]:
    """A protocol, or a slice of it, each of whose outcomes says what is good."""
    if "outcomes" not in part:
        return part
    each = {name: {**of, "good": direction(of)} for name, of in part["outcomes"].items()}
    return {**part, "outcomes": each}


def unsaid(written: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """What a sound protocol as `written` leaves to be taken, or says against itself, by kind of
    to_settle.csv: the facts of each row. Only of what a synthesis uses."""
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
    unlike = [
        {
            "outcome": name,
            "label": of["label"],
            "good": of["good"],
            "other": by_label(of),
            "syntheses": ", ".join(used[name]),
        }
        for name, of in outcomes.items()
        if name in used and of.get("good") and by_label(of) not in ("", of["good"])
    ]
    # A hazard ratio is the same in whatever unit its times are.
    timed = [
        name
        for name, synthesis in asked.items()
        if synthesis.get("time") is not None
        or (outcomes[synthesis["outcome"]]["kind"] in OF_TIME and synthesis["measure"] != "HR")
    ]
    unit = [{"syntheses": ", ".join(timed)}] if timed and not written.get("time_unit") else []
    return {DIRECTION: directions, UNLIKE_LABEL: unlike, TIME_UNIT: unit}
