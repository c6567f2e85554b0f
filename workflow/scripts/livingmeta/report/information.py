"""The required information size of a synthesis, for the page, where the protocol asks for it."""

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.figures.on_screen import Picture
from livingmeta.words import measures
from livingmeta.words.numbers import Numbers, missing

# Column of the table -> kind of number and what it is.
PRINTED = {
    "alpha": ("percentage-as-printed", "two-sided chance of a false alarm"),
    "power": ("percentage-as-printed", "chance to find the difference if it is there"),
    "d2": ("percentage", "diversity D²"),
    "required_n": ("count", "patients in proportion to the required information"),
    "fraction": ("proportion", "share of the required information"),
    "z": ("statistic", "z of the random effects estimate"),
    "boundary": ("statistic", "what z must exceed at the last look"),
}


def section(
    numbers: Numbers,
    name: str,
    tables: dict[str, pd.DataFrame],
    figure: Picture | None,
    measure: str,
) -> dict | None:
    """What the template needs, its numbers registered under `<synthesis>/information/...`; None
    where the protocol does not ask. `tables`: with information_size and information_looks."""
    table, looks = tables["information_size"], tables["information_looks"]
    rows = as_dicts(table[table["synthesis"] == name])
    if not rows:
        return None
    row, key = rows[0], f"{name}/information"
    kind = measures.SCALES[measure].kind
    asked = f"config/config.yaml: syntheses.{name}.information_size"
    numbers.add(f"{key}/difference", row["difference"], kind, "", [asked], "smallest effect sought")
    for column, (kind_, what) in PRINTED.items():
        parents = [asked] if column in ("alpha", "power") else [f"{name}/k"]
        numbers.add(f"{key}/{column}", row[column], kind_, "", parents, what)
    boundary = float("inf")
    for look in as_dicts(looks[looks["synthesis"] == name]):
        # Past all the information there is none of its own: the last one goes on.
        boundary = boundary if missing(look["boundary"]) else look["boundary"]
        at, lead = f"{key}/{look['step']}", f"after the studies published up to {look['step']}"
        for column in ("fraction", "z"):
            kind_, what = PRINTED[column]
            numbers.add(f"{at}/{column}", look[column], kind_, "", [f"{name}/k"], f"{what}, {lead}")
        if look["step"].isdecimal():
            numbers.add(f"{at}/year", int(look["step"]), "year", "", [f"{name}/k"], lead)
    return {
        "key": key,
        "verdict": row["verdict"],
        "crossed_at": row["crossed_at"],
        # An early look may have crossed, and later studies have turned the result.
        "within": abs(row["z"]) <= boundary,
        "bounded": not missing(row["boundary"]),
        "figure": figure,
    }
