"""Reporting checklists: where the review answers each item, and what its author still owes.

The items are data, workflow/checklists/*.yaml: numbers of the checklists, topics in our own words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from livingmeta.as_dicts import as_dicts
from livingmeta.plan import Protocol
from livingmeta.prose import texts
from livingmeta.screening.machines import DESCRIBED

FOLDER = Path(__file__).parents[3] / "checklists"
LISTS = ("prisma_2020", "prisma_2020_abstracts", "prisma_s", "moose")
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
    that debt; "" for none. `said`: texts of people any of which settles it as well: a section, or
    `section/words` for a part of it whose name begins so; `/words` in any but the abstract;
    `despite`: a fact while which no text settles it; "" for none."""

    item: str
    topic: str
    place: tuple[str, ...] = ()
    owes: str = ""
    unless: str = ""
    said: tuple[str, ...] = ()
    despite: str = ""

    def answered_in(self, written: Mapping[str, texts.Text]) -> tuple[str, str]:
        """The file and the anchor of the first text that settles it, or two empty texts."""
        for wanted in self.said:
            section, _, words = wanted.partition("/")
            for text in written.values():
                # The abstract repeats what stands elsewhere.
                if section == text.name or (not section and text.name != "abstract"):
                    if not words:
                        return text.file, text.name
                    for label, anchor in text.labels:
                        if label.startswith(words):
                            return text.file, anchor
        return "", ""

    def owing(self, holding: Iterable[str], written: Mapping[str, texts.Text]) -> str:
        """What its authors still owe, with where they can write it; "" for nothing."""
        known = set(holding)
        told = self.despite not in known and self.answered_in(written)[0]
        if not self.owes or self.unless in known or told:
            return ""
        return f"{self.owes} ({_where(self.said[0])})" if self.said else self.owes


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
    items = (
        Item(**one | {k: tuple(one.get(k, ())) for k in ("place", "said")}) for one in said["items"]
    )
    return Checklist(said["name"], said["source"], tuple(items))


def facts(asked: Protocol, tables: dict[str, pd.DataFrame]) -> set[str]:
    """What this review has that settles an item: the words that `unless` of a checklist uses.

    `asked`: the protocol's `review`, `screening`, `outcomes` and `syntheses`."""
    review, searches = asked.review, tables["searches"]
    reasons = tables["amendments"]["reason"].map(bool)
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
        "contacts": len(tables["contacts"]) > 0,
        "rob-me": set(asked.syntheses) <= _judged_whole(tables["rob_me"]),
        "reasons-missing": not reasons.all(),
        "amendments": len(tables["registrations"]) > 0 and reasons.all(),
        "certainty": set(asked.syntheses) <= set(tables["certainty"]["synthesis"]),
    }
    return {fact for fact, holds in known.items() if holds}


def owed(
    lists: Iterable[Checklist], holding: Iterable[str], written: Mapping[str, texts.Text]
) -> dict[str, list[str]]:
    """The numbers of the items that still want something of the authors, by checklist.

    `holding`: see `facts`; `written`: the texts of data/raw/prose."""
    found = {
        one.name: [item.item for item in one.items if item.owing(holding, written)] for one in lists
    }
    return {name: items for name, items in found.items() if items}


def _where(wanted: str) -> str:
    """Where a text is to be written that `said` of an item names."""
    section, _, words = wanted.partition("/")
    file = f"{texts.FOLDER}/{section}.md" if section else f"a text of {texts.FOLDER}"
    called = words.replace("-", " ").capitalize()
    return f"{file}, under the heading {called}" if words else file


def _judged_whole(rob_me: pd.DataFrame) -> set[str]:
    """The syntheses of which somebody has judged what results are missing (ROB-ME)."""
    whole = rob_me[(rob_me["study_id"].fillna("") == "") & (rob_me["state"].fillna("") != "")]
    return set(whole["synthesis"])


def _described(machines: pd.DataFrame) -> bool:
    """Whether all is said of each machine that voted, as far as there is one."""
    return all(
        row["declared"] and all(row[k] and row[k] == row[k] for k in DESCRIBED)
        for row in as_dicts(machines)
    )
