"""Which studies drew their arms by lot."""

import re

import pandas as pd

from livingmeta import tables

# A design that says so of itself: randomised, RCT, cluster-randomised, not "non-randomised".
_BY_LOT = re.compile(r"(cluster[- ])?random|rct\b|(individually|double-blind) random")


def says_by_lot(design: str) -> bool:
    """Whether a design says of itself that its arms were drawn by lot."""
    return bool(_BY_LOT.match(design.strip().casefold()))


def by_lot(studies: pd.DataFrame) -> set[str]:
    """The studies of which the column comparability or design says that their arms were drawn by
    lot."""
    found = set()
    for row in studies.to_dict("records"):
        how, design = (tables.text(row.get(c)).strip() for c in ("comparability", "design"))
        if how.casefold() == "randomised" or says_by_lot(design):
            found.add(str(row["study_id"]))
    return found
