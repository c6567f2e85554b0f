"""Reporting checklists as a table and in the supplement: where the review answers each item, and
what its authors still owe."""

from collections.abc import Mapping

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.prose.checklists import Checklist
from livingmeta.prose.texts import Text
from livingmeta.report.content import Block, Heading, Paragraph, Run, Table

COLUMNS = tables.columns("report/checklists")


def table(
    lists: list[Checklist], holding: set[str], anchors: set[str], written: Mapping[str, Text]
) -> pd.DataFrame:
    """The table results/package/checklists.csv (schema report/checklists).

    `holding`: see `checklists.facts`. `anchors`: ids of the report's page; a place that this report
    does not have, such as a section on risk of bias where none was judged, is left out. `written`:
    the texts of data/raw/prose. An item with no place left is owed.
    """
    rows = []
    for checklist in lists:
        for item in checklist.items:
            places = [p for p in item.place if not p.startswith("#") or p[1:] in anchors]
            owes = item.owing(holding, written)
            file, anchor = item.answered_in(written)
            places += [f"#{anchor}", file] if file else []
            state = "answered" if places and not owes else "in part" if places else "owed"
            each = dict.fromkeys(places)
            shown = "; ".join(f"report.html{p}" if p.startswith("#") else p for p in each)
            if not places and not owes:
                owes = "a place in the report"
            rows.append([checklist.name, item.item, item.topic, state, shown, owes])
    return pd.DataFrame(rows, columns=COLUMNS)


def blocks(lists: list[Checklist], answers: pd.DataFrame) -> list[Block]:
    """The checklists as a section of the supplement."""
    found: list[Block] = [Heading(1, (Run("Reporting checklists"),), "checklists")]
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
            for row in as_dicts(mine)
        )
        heads = tuple((Run(head),) for head in ("Item", "Topic", "State", "Where", "Still owed"))
        caption = (Run(f"{checklist.name} ({checklist.source})"),)
        name = f"checklist-{checklist.name.lower().replace(' ', '-')}"
        found.append(Table(name, caption, heads, rows, (False,) * 5))
    return found
