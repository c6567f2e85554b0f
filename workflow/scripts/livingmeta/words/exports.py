"""What is said of an export that does not hold what its search found."""

from typing import Any

import pandas as pd


def lacking(hits: Any, stated: Any, follow: bool, number: int) -> str:
    """Whether a file of `number` records holds what its search found; empty where it does.

    `hits`: what people say that the database said; `stated`: what the file says; `follow`: whether
    it says that more follow. None, NA and empty text are unknown.
    """
    held = f"the file holds {number} records"
    if _known(hits) and hits != number:
        return f"the database said {hits} hits, {held}"
    if _known(stated) and stated > number:
        return f"the file says that its search found {stated}, {held}"
    return f"the file says that more follow in another, {held}" if follow else ""


def again(other: str) -> str:
    """What is said of an export that is another one once more."""
    return (
        f"the same file as {other}, byte for byte: its records are counted twice among those "
        "identified; take one of the two out, or export the search that it stands for"
    )


# Programs for screening, as they are called.
PROGRAMS = {
    "asreview": "ASReview",
    "rayyan": "Rayyan",
    "covidence": "Covidence",
    "eppi": "EPPI-Reviewer",
}


def not_taken(program: str, missing: int, votes: int, why: str) -> str:
    """What is said of an export with decisions that no table of decisions holds."""
    of = f" of {PROGRAMS[program]}" if program in PROGRAMS else ""
    if why:
        return f"decisions{of} that cannot be taken: {why}"
    if missing == votes:
        return (
            f"none of its {votes} decisions{of} stands in a table of decisions; they count nowhere"
        )
    return (
        f"{missing} of its {votes} decisions{of} stand in no table of decisions and count nowhere"
    )


def _known(number: Any) -> bool:
    return not pd.isna(number) and number != ""


# Why it cannot be said how many reports two databases missed (screening/missed_reports).
NO_ESTIMATE = {
    "one-source": "there is no second database to compare it with",
    "by-difference": "its exports hold only what was new to the review",
    "one-index": "both hold the same index",
    "few-in-common": "fewer than seven included reports in common",
    "one-within-other": "one found every included report that the other found",
}
