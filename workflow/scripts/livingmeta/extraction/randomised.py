"""Which studies drew their arms by lot."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts

# A design that says so of itself, wherever its words stand: "randomised trial", "multicentre
# double-blind RCT", "cluster-randomised", RKS as in German.
_BY_LOT = re.compile(
    r"^random|\b(randomi[sz]|randomly (allocat|assign)|random allocation|rcts?\b|rks\b)"
)
# ASSUME: with these the arms compared were not, or need not have been: "non-randomised" (also in
# "non-RCT"), by turns, of one arm of a trial, or a cohort of its patients.
_NOT_BY_LOT = re.compile(
    r"\b(non|not|un|quasi|pseudo|no|without)\b[- ]*(a )?(cluster[- ]?)?(randomi|rct)|\bnon-?randomi"
    r"|\b(unrandomi|quasirandomi|mendelian|single[- ]arm|one arm|cohort|case[- ]|registry|register"
    r"|retrospective|observational|post[- ]?hoc|secondary|nested|survey)"
)


def says_by_lot(design: str) -> bool:
    """Whether a design says of itself that its arms were drawn by lot."""
    words = design.strip().casefold()
    return bool(_BY_LOT.search(words)) and not _NOT_BY_LOT.search(words)


def drawn_by_lot(study: Mapping[Any, Any]) -> bool:
    """Whether the column comparability or design of a row of studies.csv says that its arms were
    drawn by lot."""
    how, design = (tables.text(study.get(c)).strip() for c in ("comparability", "design"))
    return how.casefold() == "randomised" or says_by_lot(design)


def by_lot(studies: pd.DataFrame) -> set[str]:
    """The studies whose arms were drawn by lot, as `drawn_by_lot` reads their rows."""
    return {str(row["study_id"]) for row in as_dicts(studies) if drawn_by_lot(row)}
