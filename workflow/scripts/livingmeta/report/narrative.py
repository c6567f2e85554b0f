"""What the report says of a synthesis that is told and not pooled."""

import pandas as pd

from livingmeta.plan import Outcome, Synthesis
from livingmeta.pooling import narrative
from livingmeta.words import ids, measures
from livingmeta.words.numbers import Numbers, missing

COUNTS = {
    "first": "studies whose effect speaks for {first}",
    "second": "studies whose effect speaks for {second}",
    "neither": "studies whose effect is exactly none",
}


def section(
    numbers: Numbers,
    rows: list[dict],
    shown: pd.DataFrame,
    synthesis: Synthesis,
    outcome: Outcome,
    arms: list[str],
) -> dict | None:
    """What is told, or None where the effects are pooled; its numbers go into `numbers`.

    `rows`: of narrative.csv; `shown`: the effects with the columns of scales.shown; `arms`: labels.
    """
    if not rows:
        return None
    groups = []
    for row in rows:
        column, _, value = row["group"].partition("=")
        among = shown
        if value:
            text = shown[column].map(lambda v: "" if missing(v) else str(v))
            among = shown[text == value]
        key = ids.narrative(row)
        _register(numbers, key, row, ids.effects(row["synthesis"], among["study_id"]), arms)
        clear = 0 if missing(row["share"]) else int(row["first"] + row["second"])
        found = {"key": key, "column": column, "value": value, "k": row["k"], "pointing": clear}
        groups.append(found | {"ranged": bool(row["measure"])})
    speaks = narrative.directions(shown, synthesis, outcome)
    sides = {narrative.FIRST: arms[0], narrative.SECOND: arms[-1], narrative.NEITHER: "neither"}
    return {
        "why": rows[0]["why"],
        "mixed": rows[0]["why"] == narrative.MIXED,
        "whole": groups[0],
        "groups": groups[1:],
        "directed": any(speaks),
        "speaks_for": [sides.get(side, "") for side in speaks],
        "measures": [measures.SCALES[code].name for code in dict.fromkeys(shown["measure"])],
        "each": [measures.SCALES[code].short for code in shown["measure"]],
    }


def _register(numbers, key, row, parents, arms):
    numbers.add(f"{key}/k", row["k"], "count", "studies", parents, "studies told, not pooled")
    if not missing(row["share"]):
        for name, what in COUNTS.items():
            words = what.format(first=arms[0], second=arms[-1])
            numbers.add(f"{key}/{name}", row[name], "count", "studies", parents, words)
        clear = row["first"] + row["second"]
        counts = [f"{key}/first", f"{key}/second"]
        for name, value, kind, what in (
            ("clear", clear, "count", "studies with a direction"),
            ("share", row["share"], "proportion", f"share of them that speaks for {arms[0]}"),
            ("ci", (row["ci_low"], row["ci_high"]), "proportion", "95% interval of the share"),
            ("p", row["p_value"], "p", "sign test"),
        ):
            numbers.add(f"{key}/{name}", value, kind, "", counts, what)
    if row["measure"]:
        kind = measures.SCALES[row["measure"]].kind
        for name, value, what in (
            ("median", row["median"], "median of the effects"),
            ("quartiles", (row["lower_quartile"], row["upper_quartile"]), "their quartiles"),
            ("range", (row["lowest"], row["highest"]), "their range"),
        ):
            numbers.add(f"{key}/{name}", value, kind, "", parents, what)
