"""The page on changes: what an editor must see of an update, in a minute and then in full."""

import math
from collections.abc import Iterable

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.figures import on_screen
from livingmeta.figures.drawn import Drawn
from livingmeta.formulas.measures import back_transform
from livingmeta.living import versions
from livingmeta.living.told import Changes, Effect
from livingmeta.plan import Review
from livingmeta.report import changes_section, inline
from livingmeta.report.page import page
from livingmeta.words import ids, measures
from livingmeta.words.numbers import Entry, Numbers

# The kinds of changes.csv that have a section of their own, in the order in which an editor asks.
SECTIONS = (
    ("flag", "Reports retracted or doubted"),
    ("protocol", "The protocol"),
    ("prespecified", "Planned, changed, added after data"),
    ("effect", "Effects of studies"),
    ("course", "Studies on survival curves"),
    ("cell", "Printed numbers"),
    ("study", "Studies"),
    ("decision", "Decisions"),
    ("record", "Records"),
    ("search", "Searches"),
    ("certainty", "Certainty"),
    ("guard rail", "Guard rails"),
    ("estimate", "Every model and subgroup"),
)
HEADS = {
    "protocol": "Key",
    "course": "Change",
    "cell": "Number",
    "study": "Column",
    "decision": "Record",
    "flag": "Report",
    "record": "Record",
    "search": "Search",
    "certainty": "Domain",
    "guard rail": "Guard rail",
    "estimate": "Model",
    "prespecified": "Model",
}
BECAUSE = {
    "course": "Because",
    "cell": "Where",
    "record": "Found",
    "decision": "Why",
    "certainty": "Why",
    "flag": "What it touches",
}
OF_STUDIES = ("course", "cell", "study", "record", "decision", "flag")
OF_SYNTHESES = ("certainty", "guard rail", "estimate", "prespecified")
# A list longer than this is folded, so that the page stays one that is read.
FOLDED = 30


def render(
    review: Review,
    changes: Changes,
    rows: pd.DataFrame,
    studies: pd.DataFrame,
    printed: Iterable[Entry],
    figures: dict[str, Drawn],
) -> tuple[str, list[Entry]]:
    """The page as HTML, and the entries of numbers.json with its own added.

    `review`: that part of the protocol; `changes`, `rows`: changes.json and changes.csv; `studies`:
    studies.csv, for their labels; `printed`: the entries of numbers.json that the report
    registered. A number that stands in both pages must be the same (NumbersError). `figures`: by
    name.
    """
    numbers = Numbers.of(printed)
    told = versions.compared(changes)
    syntheses = told["syntheses"]
    found = {
        "review": review,
        "changes": changes_section.section(changes, numbers),
        "released": told is not changes,
        "version": told["version"],
        "kinds": _kinds(rows if told is changes else pd.DataFrame(told["rows"]), studies),
        "effects": _effects(told, numbers),
        "graded": any(s["certainty"]["before"] or s["certainty"]["after"] for s in syntheses),
        "moving": [s for s in syntheses if s["change"] not in ("none", "changed", "new", "gone")],
        "scale": {
            s["synthesis"]: measures.SCALES[s["after"]["measure"]].analysis
            for s in syntheses
            if s["attribution"] and s["after"]
        },
        "figures": {
            name: on_screen.figure(drawn, name)
            for name, drawn in figures.items()
            if name == "updated_flow" or name.startswith("cumulative-")
        },
        "folded": FOLDED,
        "sections": SECTIONS,
        "heads": HEADS,
        "because": BECAUSE,
        "of_studies": OF_STUDIES,
        "of_syntheses": OF_SYNTHESES,
    }
    return page.fill("changes.html.jinja", found, numbers), numbers.as_list()


def _kinds(rows: pd.DataFrame, studies: pd.DataFrame) -> dict[str, list[dict]]:
    """The rows of changes.csv by kind, each with the label of its study and the address of its
    record."""
    labels = dict(zip(studies["study_id"], studies["label"], strict=True))
    found: dict[str, list[dict]] = {}
    for row in as_dicts(rows):
        more = {
            "label": ", ".join(labels.get(name, name) for name in row["study_id"].split()),
            "address": inline.record_address(row["what"]) if row["kind"] in RECORDS else "",
        }
        found.setdefault(row["kind"], []).append(row | more)
    return found


RECORDS = ("record", "decision", "flag")


def _effects(changes: Changes, numbers: Numbers) -> list[dict]:
    """The effects that came, went or were corrected, with their numbers on the display scale."""
    found = []
    for synthesis in changes["syntheses"]:
        result = synthesis["after"] or synthesis["before"]
        if result is None:
            continue
        for effect in synthesis["effects"]:
            key = f"living/{synthesis['synthesis']}/effect/{effect['study_id']}"
            then = [f"releases/{changes['since']}"]
            now = ids.effects(synthesis["synthesis"], [effect["study_id"]])
            if was := effect["before"]:
                _effect(was, result["measure"], f"{key}/before", then, numbers)
            if is_ := effect["after"]:
                _effect(is_, result["measure"], f"{key}/after", now, numbers)
            found.append(
                {
                    "key": key,
                    "synthesis": synthesis["synthesis"],
                    "label": effect["label"],
                    "kind": effect["kind"],
                    "because": effect["because"],
                    "before": effect["before"] is not None,
                    "after": effect["after"] is not None,
                }
            )
    return found


def _effect(values: Effect, measure: str, key: str, parents: list[str], numbers: Numbers) -> None:
    half = measures.Z95 * math.sqrt(values["vi"])
    middle, low, high = (
        float(back_transform(measure, values["yi"] + step)) for step in (0.0, -half, half)
    )
    kind = measures.SCALES[measure].kind
    what = f"by route {values['route']}"
    numbers.add(f"{key}/estimate", middle, kind, "", parents, what)
    numbers.add(f"{key}/ci", (low, high), kind, "", parents, f"{what}, 95% interval")
