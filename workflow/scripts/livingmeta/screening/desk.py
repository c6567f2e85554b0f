"""The page to settle on: reviewers who differ, and records that are one report or two.

It is made of the screening page's parts and, unlike that page, shows what the reviewers voted: all
of them have. What it downloads is rows of decisions.csv (`consensus`) and of duplicates.csv.
"""

from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.plan import Review, Screening
from livingmeta.screening import abstracts, decisions, page, terms
from livingmeta.screening.decisions import Resolution

# What is laid side by side of two records, in this order.
COMPARED = [
    "title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid", "type",
    "abstract",
]  # fmt: skip
SHOWN = [
    "record_id", "title", "authors", "year", "journal", "type", "flag", "abstract", "url",
    "identifiers",
]  # fmt: skip


def render(
    records: pd.DataFrame,
    resolved: Resolution,
    tables: dict[str, pd.DataFrame],
    *,
    review: Review,
    screening: Screening,
) -> str:
    """The page as HTML. `records`: records.csv. `resolved`: what the decisions come to. `tables`:
    `duplicates`, `doubtful` and `linked`, as screening writes them. A doubtful pair whose copies
    no record is called by is not on the page; it says how many there are."""
    doubtful, unnamed = _doubtful(records, tables["doubtful"])
    content = {
        "review": page.key(f"{review.title}\ndesk"),
        "conflicts": _conflicts(records, resolved),
        "fields": COMPARED,
        "doubtful": doubtful,
        "linked": _linked(tables["duplicates"], tables["linked"]),
        "reasons": screening.reasons,
        "marks": terms.marks(review, screening),
        "letters": terms.LETTERS,
    }
    return page.template("settle.html.jinja").render(
        title=review.title,
        criteria=screening.criteria,
        unnamed=unnamed,
        content=page.script_safe(content),
    )


def _conflicts(records: pd.DataFrame, resolved: Resolution) -> list[dict[str, Any]]:
    """Each record in conflict with the last vote of every reviewer, and an overtaken consensus."""
    stages = dict(zip(resolved.conflicts["record_id"], resolved.conflicts["stage"], strict=True))
    cast: dict[str, list[dict[str, str]]] = {record: [] for record in stages}
    mine = resolved.votes[resolved.votes["record_id"].isin(stages)]
    for vote in as_dicts(pd.concat([mine, resolved.overtaken])):
        if vote["stage"] == stages[vote["record_id"]]:
            told = ("reviewer", "decision", "reason", "note", "decided_on")
            cast[vote["record_id"]].append({name: vote[name] for name in told})
    rows = records[records["record_id"].isin(stages)]
    return [
        {
            **{f: _text(row.get(f)) for f in SHOWN},
            "abstract": abstracts.paragraphs(_text(row.get("abstract"))),
            "stage": stages[row["record_id"]],
            "votes": cast[row["record_id"]],
        }
        for row in as_dicts(rows)
    ]


def _doubtful(records: pd.DataFrame, doubtful: pd.DataFrame) -> tuple[list[dict[str, Any]], int]:
    """The doubtful pairs with the fields of both records; how many name no record."""
    known = decisions.by_name(records)
    by_id = {row["record_id"]: row for row in as_dicts(records)} if len(doubtful) else {}
    pairs = []
    for pair in as_dicts(doubtful):
        # Of a pair, the one that is called by the copy's name and is not the other.
        here = sorted(known.get(pair["record_id"], set()) - {pair["duplicate_of"]})
        if len(here) == 1 and pair["duplicate_of"] in by_id:
            names = (pair["record_id"], pair["duplicate_of"])
            sides = (by_id[here[0]], by_id[pair["duplicate_of"]])
            pairs.append(_pair(pair, names, sides, "doubtful"))
    return pairs, len(doubtful) - len(pairs)


def _linked(duplicates: pd.DataFrame, linked: pd.DataFrame) -> list[dict[str, Any]]:
    """The links that are laid side by side, the least sure first."""
    links = {row["record_id"]: row for row in as_dicts(duplicates)}
    copies = as_dicts(linked)
    lead = {row["record_id"]: row for row in copies if row["copy"] not in links}
    pairs = []
    for row in copies:
        if (link := links.get(row["copy"])) and row["record_id"] in lead:
            other = lead[row["record_id"]]
            pairs.append(_pair(link, (row["name"], other["name"]), (row, other), "linked"))
    return sorted(pairs, key=lambda pair: (pair["score"], -pair["differ"], pair["names"]))


def _pair(
    link: dict[Any, Any], names: tuple[str, str], sides: tuple[dict, dict], kind: str
) -> dict[str, Any]:
    one, other = ([_text(side.get(field)) for field in COMPARED] for side in sides)
    return {
        "kind": kind,
        "names": list(names),
        "rule": link["rule"],
        "score": float(link["score"]),
        "by": link["decided_by"],
        "differ": sum(a != b for a, b in zip(one, other, strict=True)),
        "sides": [one, other],
    }


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)
