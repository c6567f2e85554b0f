"""How much of each result rests on words that were found where they are said to stand."""

from collections import Counter
from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.extraction.quotes import check
from livingmeta.extraction.quotes.check import FOUND, NO_QUOTE
from livingmeta.words import ids
from livingmeta.words.numbers import Numbers, missing

SOURCE = "results/extraction/quotes.csv"


def verified(
    numbers: Numbers, name: str, each: list[dict], used: pd.DataFrame, quotes: pd.DataFrame
) -> bool:
    """Register the share of the weight of a synthesis that is verified to the words, as
    `<synthesis>/verified`, and the studies that it is of, `<synthesis>/verified/k`: those of which
    every printed row behind the effect was found by its quote. False where no row has a quote.

    `each`: the effects of the synthesis with their `weight` in percent; `used`: its rows of
    used.csv.
    """
    if not each or (quotes["state"] == NO_QUOTE).all():
        return False
    known = {study for _, study, whole in check.shares(used, quotes) if whole}
    weights = [100.0] if len(each) == 1 else [row["weight"] for row in each]
    if any(map(missing, weights)):  # what is not pooled has none
        return False
    mine = [row for row in each if row["study_id"] in known]
    share = sum(w for w, row in zip(weights, each, strict=True) if row["study_id"] in known)
    total = sum(weights)
    of = [SOURCE, *(f"{ids.study(name, ids.own(row))}/weight" for row in mine)]
    what = "share of the weight verified to the words"
    numbers.add(f"{name}/verified", 100 * share / total, "percentage", "", of, what)
    studies = len({row["study_id"] for row in mine})
    numbers.add(f"{name}/verified/k", studies, "count", "studies", [SOURCE], "studies verified")
    return True


def section(tables: dict[str, pd.DataFrame], numbers: Numbers) -> dict[str, Any]:
    """How many quotes became what, as `quotes/<state>`; {} where there is none. `kept`: whether
    some of it is known from the kept copy alone, the last day of which is `verified_on`."""
    rows = as_dicts(tables["quotes"])
    counts = Counter(row["state"] for row in rows)
    if len(rows) == counts[NO_QUOTE]:
        return {}
    for state in check.STATES:
        what = f"printed numbers: {state.replace('-', ' ')}"
        numbers.add(f"quotes/{state}", counts[state], "count", "numbers", [SOURCE], what)
    numbers.add("quotes/all", len(rows), "count", "numbers", [SOURCE], "printed numbers")
    kept = [row for row in rows if row["why"] == "kept" and row["state"] == FOUND]
    numbers.add("quotes/kept", len(kept), "count", "numbers", [SOURCE], "found, by the kept copy")
    days = [row["verified_on"] for row in kept if row["verified_on"]]
    return {"kept": bool(kept), "verified_on": max(days, default="")}
