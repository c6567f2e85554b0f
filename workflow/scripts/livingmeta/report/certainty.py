"""How sure people are of each result, for the page: their GRADE judgements in words."""

from collections.abc import Iterable

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.living.told import Changes
from livingmeta.words.english import listed

# What a level means for a reader: GRADE guidelines 3 (Balshem et al. 2011), in our own words.
MEANS = {
    "high": "further research is very unlikely to change it",
    "moderate": "further research may well change it",
    "low": "further research is likely to change it",
    "very-low": "any estimate is very uncertain",
}
UNTOUCHED = ("not-serious", "undetected", "no")


def section(judged: pd.DataFrame, syntheses: Iterable[str], since: Changes | None) -> dict:
    """The judgements by synthesis: level, what it means, what lowered or raised
    it and why; a synthesis nobody judged is not in it.

    `judged`: results/living/certainty.csv; `since`: content of changes.json, which says where a
    judgement stands although the result has moved.
    """
    as_before = {
        s["synthesis"]: since["since"]
        for s in (since["syntheses"] if since else [])
        if since and s["certainty"]["as_before"]
    }
    found = {}
    for name in syntheses:
        rows = as_dicts(judged[judged["synthesis"] == name])
        overall = next((r for r in rows if r["domain"] == "overall"), None)
        if overall is None:
            continue
        told = [r for r in rows if r is not overall and r["judgement"] not in UNTOUCHED]
        found[name] = {
            "level": overall["judgement"].replace("-", " "),
            "means": MEANS[overall["judgement"]],
            "domains": [{"name": _words(r), "reason": r["reason"]} for r in told],
            "because": listed(r["domain"].replace("-", " ") for r in told),
            "reason": overall["reason"],
            "assessors": listed(dict.fromkeys(r["assessor"] for r in rows if r["assessor"])),
            "as_of": as_before.get(name, ""),
        }
    return found


def _words(row: dict) -> str:
    if row["judgement"] in ("yes", "suspected", "large"):
        return row["domain"].replace("-", " ")
    if row["judgement"] == "very-large":
        return "very large effect"
    return f"{row['judgement'].replace('-', ' ')} {row['domain'].replace('-', ' ')}"
