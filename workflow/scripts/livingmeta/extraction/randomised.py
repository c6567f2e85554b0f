"""Which studies drew their arms by lot."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts

# A design that says so of itself: randomised, RCT, cluster-randomised, not "non-randomised".
_BY_LOT = re.compile(r"(cluster[- ])?random|rct\b|(individually|double-blind) random")


def says_by_lot(design: str) -> bool:
    """Whether a design says of itself that its arms were drawn by lot."""
    return bool(_BY_LOT.match(design.strip().casefold()))


def drawn_by_lot(study: Mapping[Any, Any]) -> bool:
    """Whether the column comparability or design of a row of studies.csv says that its arms were
    drawn by lot."""
    how, design = (tables.text(study.get(c)).strip() for c in ("comparability", "design"))
    return how.casefold() == "randomised" or says_by_lot(design)


def by_lot(studies: pd.DataFrame) -> set[str]:
    """The studies whose arms were drawn by lot, as `drawn_by_lot` reads their rows."""
    return {str(row["study_id"]) for row in as_dicts(studies) if drawn_by_lot(row)}
