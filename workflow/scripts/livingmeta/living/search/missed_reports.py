"""How many relevant reports the searches missed, by capture-recapture over pairs of databases."""

import re
from itertools import combinations
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.formulas.capture_recapture import two_sources
from livingmeta.screening.flow import OTHER_METHODS

COLUMNS = tables.columns("screening/missed_reports")
COUNTS = ("n_first", "n_second", "both", "found", "elsewhere")
# Reports in common from which on the bias of Chapman's estimate is negligible with 95% confidence
# (Robson & Regier 1964, Trans Am Fish Soc 93:215-226; Seber 1982, p. 60).
FEWEST = 7
# ASSUME: databases that are called so hold one index, or take it in whole: both find the same.
ONE_INDEX = re.compile(r"\b(pubmed|medline|europe ?pmc)\b", re.IGNORECASE)


def of(searches: pd.DataFrame, copies: pd.DataFrame, included: pd.DataFrame) -> pd.DataFrame:
    """The table screening/missed_reports: a row each two databases with the estimate, or the reason
    for none; and one for each database that nothing can be compared with.

    `searches`, `copies`: as in screening/; `included`: the records included at full text, in
    `record_id`. Left out are exports of no database or register (citations, contacts), those of
    which nobody says where they are from, and those that hold only what was new to the review.
    """
    wanted = set(included["record_id"])
    reports = {file: set(records) & wanted for file, records in copies.groupby("file")["record_id"]}
    held: dict[str, set[str]] = {}
    partial: dict[str, str] = {}
    called: dict[str, str] = {}
    for row in as_dicts(searches.sort_values("file")):
        if row["source"] in OTHER_METHODS or row["searched_on"] == "":
            continue
        key = " ".join(str(row["database"]).casefold().split())
        name = called.setdefault(key, row["database"])
        if _by_difference(row):
            partial[name] = name
        else:
            held.setdefault(name, set()).update(reports.get(row["file"], ()))
    every = sorted(held, key=lambda name: (name.casefold(), name))
    rows = [_pair(one, other, held, wanted) for one, other in combinations(every, 2)]
    if len(every) == 1:
        n_first = len(held[every[0]])
        alone = {"first": every[0], "second": "", "n_first": n_first, "reason": "one-source"}
        rows.append(alone)
    left = sorted(name for name in partial if name not in held)
    rows += [{"first": name, "second": "", "reason": "by-difference"} for name in left]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype(dict.fromkeys(COUNTS, "Int64"))


def _by_difference(row: dict[Any, Any]) -> bool:
    """Whether an export holds only what was new: what else its query found, nobody can tell."""
    found, hits = row.get("found"), row["hits"]
    return bool(pd.notna(found) and pd.notna(hits) and found > hits)


def _pair(one: str, other: str, held: dict[str, set[str]], wanted: set[str]) -> dict[str, Any]:
    first, second = held[one], held[other]
    both = len(first & second)
    row: dict[str, Any] = {"first": one, "second": other, "both": both}
    row |= {"n_first": len(first), "n_second": len(second)}
    row |= {"found": len(first | second), "elsewhere": len(wanted - first - second)}
    if ONE_INDEX.search(one) and ONE_INDEX.search(other):
        return row | {"reason": "one-index"}
    if both < FEWEST:
        return row | {"reason": "few-in-common"}
    if both == min(len(first), len(second)):
        return row | {"reason": "one-within-other"}
    size = two_sources(len(first), len(second), both)
    row |= {"estimate": size.estimate, "se": size.se, "ci_low": size.ci_low}
    row |= {"ci_high": size.ci_high, "missed": size.estimate - size.known}
    low, high = size.ci_low - size.known, size.ci_high - size.known
    return row | {"missed_low": low, "missed_high": high, "reason": ""}
