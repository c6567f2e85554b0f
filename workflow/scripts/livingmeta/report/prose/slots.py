"""Which number a slot of a text is: that of an id of numbers.json, or that of a synthesis' result,
whatever model gives it (`{{os/result/estimate}}`)."""

from collections.abc import Mapping

import pandas as pd

from livingmeta.words import ids
from livingmeta.words.numbers import MISSING, Numbers, missing

RESULT = "/result/"
# Parts of an id below which a whole number is a name: any other is a place in a table.
NAMED = ("year", "study", "without", "unusable", "trust")
Results = Mapping[str, str]  # by synthesis what the ids of its result begin with


def results(pooled: pd.DataFrame) -> dict[str, str]:
    """What the ids of each synthesis' result begin with. `pooled`: pooled.csv."""
    rows = pooled[pooled["primary"].astype(bool)].to_dict("records")
    return {row["synthesis"]: ids.model(row) for row in rows if missing(row["subgroup"])}


def models(pooled: pd.DataFrame) -> dict[str, str]:
    """The synthesis by what the ids of a model beside its result begin with."""
    rows = pooled[~pooled["primary"].astype(bool)].to_dict("records")
    return {ids.model(row): row["synthesis"] for row in rows if missing(row["subgroup"])}


def id_of(slot: str, of_result: Results) -> str:
    """The id in numbers.json that a slot means."""
    synthesis, result, part = slot.partition(RESULT)
    return f"{of_result[synthesis]}/{part}" if result and synthesis in of_result else slot


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
    parts = id_.split("/")
    return any(
        part.isdecimal() and before not in NAMED
        for before, part in zip(["", *parts], parts, strict=False)
    )
