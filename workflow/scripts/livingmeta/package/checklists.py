"""Reporting checklists: where the review answers each item, and what its author still owes.

The items are data, workflow/checklists/*.yaml: numbers of the checklists, topics in our own words.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from livingmeta import tables
from livingmeta.plan import Protocol
from livingmeta.report.content import Block, Heading, Paragraph, Run, Table
from livingmeta.screening.machines import DESCRIBED

FOLDER = Path(__file__).parents[3] / "checklists"
LISTS = ("prisma_2020", "prisma_2020_abstracts", "prisma_s", "moose")
COLUMNS = tables.columns("report/checklists")
# Facts that hold once a column of searches.csv is filled for every search.
FILLED = {
    "strategies": "query",
    "sources": "source",
    "dated": "searched_on",
    "limits": "limits",
    "filters": "filters",
    "adapted": "adapted_from",
    "peer-reviewed": "peer_review",
}
KINDS = ("systematic review", "meta-analysis", "meta-analyses")


@dataclass(frozen=True)
class Item:
    """An item of a checklist: its number, its topic in our words, the places where a report answers
    it (`#anchor` of the page, or a path), what its authors still owe, and the fact that settles
    that debt; "" for none."""

    item: str
    topic: str
    place: tuple[str, ...] = ()
    owes: str = ""
    unless: str = ""


@dataclass(frozen=True)
class Checklist:
    """A checklist by its name, and the paper that it stands in."""

    name: str
    source: str
    items: tuple[Item, ...]


def read() -> list[Checklist]:
    """The checklists in the order in which they are printed."""
    return [_read(FOLDER / f"{name}.yaml") for name in LISTS]


def _read(path: Path) -> Checklist:
    said = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    items = (Item(**one | {"place": tuple(one.get("place", ()))}) for one in said["items"])
    return Checklist(said["name"], said["source"], tuple(items))


def facts(asked: Protocol, tables: dict[str, pd.DataFrame]) -> set[str]:
    """What this review has that settles an item: the words that `unless` of a checklist uses.

    `asked`: the protocol's `review`, `screening`, `outcomes` and `syntheses`."""
    review, searches = asked.review, tables["searches"]
    title = review.title.lower()
    known = {
        "title-names-kind": any(kind in title for kind in KINDS),
        "registered": bool(review.registration),
        "note": bool(review.note),
        "criteria": bool(asked.screening.criteria.include),
        "definitions": all(asked.outcomes[s.outcome].definition for s in asked.syntheses.values()),
        "designs": bool(review.question.study_designs),
        "searches": len(searches) > 0,
        **{fact: len(searches) > 0 and searches[c].map(bool).all() for fact, c in FILLED.items()},
        "machines-described": _described(tables["machines"]),
        "bias": len(tables["risk_of_bias"]) > 0,
        "amendments": len(tables["registrations"]) > 0
        and tables["amendments"]["reason"].map(bool).all(),
        "certainty": set(asked.syntheses) <= set(tables["certainty"]["synthesis"]),
    }
    return {fact for fact, holds in known.items() if holds}


def _described(machines: pd.DataFrame) -> bool:
    """Whether all is said of each machine that voted, as far as there is one."""
    return all(
        row["declared"] and all(row[k] and row[k] == row[k] for k in DESCRIBED)
        for row in machines.to_dict("records")
    )


def table(lists: list[Checklist], holding: set[str], anchors: set[str]) -> pd.DataFrame:
    """The table results/package/checklists.csv (schema report/checklists).

    `holding`: see `facts`. `anchors`: ids of the report's page; a place that this report does not
    have, such as a section on risk of bias where none was judged, is left out. An item with no
    place left is owed.
    """
    rows = []
    for checklist in lists:
        for item in checklist.items:
            places = [p for p in item.place if not p.startswith("#") or p[1:] in anchors]
            owes = "" if item.unless in holding else item.owes
            state = "answered" if places and not owes else "in part" if places else "owed"
            shown = "; ".join(f"report.html{p}" if p.startswith("#") else p for p in places)
            if not places and not owes:
                owes = "a place in the report"
            rows.append([checklist.name, item.item, item.topic, state, shown, owes])
    return pd.DataFrame(rows, columns=COLUMNS)


def blocks(lists: list[Checklist], answers: pd.DataFrame) -> list[Block]:
    """The checklists as a part of the appendix."""
    found: list[Block] = [Heading(2, (Run("Reporting checklists"),), "checklists")]
    lead = (
        "The numbers are those of the checklists, the topics are in our own words; the wording "
        "that counts is in the papers named. Files are of the review's folder."
    )
    found.append(Paragraph((Run(lead),)))
    for checklist in lists:
        mine = answers[answers["checklist"] == checklist.name]
        rows = tuple(
            (
                (Run(row["item"]),),
                (Run(row["topic"]),),
                (Run(row["state"]),),
                (Run(row["place"]),),
                (Run(row["owes"]),),
            )
            for row in mine.to_dict("records")
        )
        heads = tuple((Run(head),) for head in ("Item", "Topic", "State", "Where", "Still owed"))
        caption = (Run(f"{checklist.name} ({checklist.source})"),)
        name = f"checklist-{checklist.name.lower().replace(' ', '-')}"
        found.append(Table(name, caption, heads, rows, (False,) * 5))
    return found
