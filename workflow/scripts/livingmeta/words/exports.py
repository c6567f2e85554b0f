"""What is said of an export that does not hold what its search found."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from livingmeta.words import english

# What tells the parts of one search apart at the end of their names: pubmed_2, scopus-part 3 of 4,
# savedrecs(1), embase 1001-2000; the first may have no number.
_PART = re.compile(
    r"[\s_.-]*\(?(?:part|teil|partie|parte|batch|set)?[\s_.-]*\(?\d+"
    r"(?:\s*(?:-|–|_|to|of|von|bis)\s*\d+)?\)?$",
    re.IGNORECASE,
)


def all_lacking(searches: Sequence[Mapping[str, Any]]) -> list[str]:
    """What `lacking` says of each export, where several hold one search of the parts together.

    `searches`: a row an export as in screening/searches. Parts are of one database and day, or of
    one name but for a number, and of no two platforms or strategies; each may say the hits of the
    whole, or one of them. Where all together hold another number, it is said of the first.
    """
    alone = [_alone(row) for row in searches]
    said = list(alone)
    unfit = [i for i, what in enumerate(alone) if what or not _known(searches[i].get("hits"))]
    for i, what in enumerate(alone):
        whole = _whole(searches[i])
        if not what or whole in (None, _held(searches[i])):
            continue
        for of_name in (True, False):
            parts = [j for j in unfit if _one_search(searches[i], searches[j], of_name)]
            several = len({_whole(searches[j]) for j in parts} - {None, whole}) > 0
            if len(parts) < 2 or several:
                continue
            held = sum(map(_held, (searches[j] for j in parts)))
            if held == whole:
                said[i] = ""
                break
            each = sum(_whole(searches[j]) == whole for j in parts)
            if of_name or each > 1:
                files = english.listed([searches[j]["file"] for j in parts])
                told = f"the search found {whole} records, and {files} hold {held} together"
                first = min(j for j in parts if alone[j])
                said[i] = told if i == first else ""
    return said


def _alone(row: Mapping[str, Any]) -> str:
    return lacking(row["hits"], row["stated"], row["follow"] is True, _held(row))


def _held(row: Mapping[str, Any]) -> int:
    return int(row["read"] + row["rejected"])


def _whole(row: Mapping[str, Any]) -> int | None:
    """How many records a search found: as people say, unless that is what the file holds and it
    says another number itself; None where neither says."""
    own = _known(row["hits"]) and row["hits"] == _held(row) and _known(row["stated"])
    names = ("stated",) if own else ("hits", "stated")
    told = next((row[name] for name in names if _known(row[name])), None)
    return None if told is None else int(told)


def _one_search(one: Mapping[str, Any], other: Mapping[str, Any], of_name: bool) -> bool:
    """Whether two exports may be of one search; `of_name`: as their names say, else their day."""

    def said(row: Mapping[str, Any], name: str) -> str:
        value = row.get(name)
        return str(value).strip().casefold() if _known(value) else ""

    if any(
        said(one, name) != said(other, name) and said(one, name) and said(other, name)
        for name in ("platform", "strategy")
    ):
        return False
    if of_name and _stem(one["file"]) != _stem(other["file"]):
        return False
    day = of_name or said(one, "searched_on") == said(other, "searched_on") != ""
    return day and said(one, "database") == said(other, "database")


def _stem(file: str) -> str:
    path = PurePosixPath(file)
    return f"{path.parent}/{_PART.sub('', path.stem)}{path.suffix}".casefold()


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
