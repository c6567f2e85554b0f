"""The required information size of a synthesis, for the page, where the protocol asks for it."""

import pandas as pd

from livingmeta.numbers import Numbers, missing
from livingmeta.report import scales

TABLE = "results/living/information_size.csv"
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


def context(
    numbers: Numbers, name: str, table: pd.DataFrame, figure: dict | None, measure: str
) -> dict | None:
    """What the template needs, its numbers registered under `<synthesis>/information/...`; None
    where the protocol does not ask. `table`: results/living/information_size.csv."""
    rows = table[table["synthesis"] == name].to_dict("records")
    if not rows:
        return None
    row, key = rows[0], f"{name}/information"
    kind = scales.SCALES[measure].kind
    asked = f"config/config.yaml: syntheses.{name}.information_size"
    numbers.add(f"{key}/difference", row["difference"], kind, "", [asked], "smallest effect sought")
    for column, (kind_, what) in PRINTED.items():
        parents = [asked] if column in ("alpha", "power") else [TABLE]
        numbers.add(f"{key}/{column}", row[column], kind_, "", parents, what)
    return {
        "key": key,
        "verdict": row["verdict"],
        "crossed_at": row["crossed_at"],
        "bounded": not missing(row["boundary"]),
        "figure": figure,
    }
