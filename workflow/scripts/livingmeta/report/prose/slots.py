"""Which number a slot of a text is: that of an id of numbers.json, or that of a synthesis' result,
whatever model gives it (`{{os/result/estimate}}`), or of a subgroup of it
(`{{os/result/site=lung/estimate}}`)."""

from collections.abc import Mapping

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.words import ids
from livingmeta.words.numbers import MISSING, Numbers, missing

RESULT = "/result"
# Parts of an id with how many names stand below each, which may be whole numbers: those of a
# synthesis, a study, an effect or a year. Any other whole number is a place in a table.
OF_SYNTHESES = ("published", "course", "living")
OF_STUDIES = ("studies", "without", "unusable", "trust", "route")
NAMED = {
    **dict.fromkeys((*OF_SYNTHESES, *OF_STUDIES, "year", "reason"), 1),
    "study": 2,
    "predicted": 2,
}
Results = Mapping[str, str]  # what ids begin with, by what a text may write instead


def results(pooled: pd.DataFrame) -> dict[str, str]:
    """What the ids of each synthesis' result begin with, by `os/result`, and of its subgroups by
    `os/result/site=lung`, whatever model a subgroup of so many studies has. `pooled`: pooled.csv.
    """
    found: dict[str, list[str]] = {}
    for row in as_dicts(pooled):
        of_it = f"{row['synthesis']}{RESULT}"
        if not missing(row["subgroup"]):
            found.setdefault(f"{of_it}/{row['subgroup']}", []).append(ids.model(row))
        elif row["primary"]:
            found[of_it] = [ids.model(row)]
    # A subgroup that several models have is none's.
    return {name: begins[0] for name, begins in found.items() if len(begins) == 1}


def models(pooled: pd.DataFrame) -> dict[str, str]:
    """The synthesis by what the ids of a model beside its result begin with."""
    rows = as_dicts(pooled[~pooled["primary"].astype(bool)])
    return {ids.model(row): row["synthesis"] for row in rows if missing(row["subgroup"])}


def id_of(slot: str, of_result: Results) -> str:
    """The id in numbers.json that a slot means."""
    parts = slot.split("/")
    for n in range(len(parts) - 1, 1, -1):
        if begins := of_result.get("/".join(parts[:n])):
            return "/".join([begins, *parts[n:]])
    return slot


def fault(slot: str, numbers: Numbers, of_result: Results) -> str:
    """Why a slot cannot be printed; "" where it can."""
    id_ = id_of(slot, of_result)
    if id_ not in numbers:
        return "is no number of the report (results/numbers.json lists them all)"
    if numbers.text(id_) == MISSING:
        return "has no value now: the sentence would print a dash. Say it without the number"
    if is_place(id_):
        return (
            "counts a row of a table, in which another may stand tomorrow. Only ids without such "
            "a count keep to their number"
        )
    return ""


def is_place(id_: str) -> bool:
    """Whether an id counts rows: it names another number once one is added above."""
    synthesis, *parts = id_.split("/")
    names = NAMED.get(synthesis, 0)  # a synthesis may be called by a number as well
    for part in parts:
        if names:
            names -= 1
        elif part.isdecimal():
            return True
        else:
            names = NAMED.get(part, 0)
    return False
