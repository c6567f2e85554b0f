"""The page to settle readings on, made of the parts of the screening pages.

What it downloads is rows of `consensus` in the form of outcomes.csv, studies.csv and
risk_of_bias.csv, which are read where they are put.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.screening import page as kit
from livingmeta.words import quotes as words
from livingmeta.words.readings import UNNAMED

# What stands in a column, as a third value is held to it while it is typed.
_BOUNDS = ("type", "filled", "minimum", "maximum", "pattern", "allowed", "example", "meaning")
TABLES = {"numbers": "data/outcomes", "studies": "data/studies", "bias": "data/risk_of_bias"}


def render(
    cases: Mapping[str, Any], quotes: pd.DataFrame, proposed: pd.DataFrame, *, title: str
) -> str:
    """The page as HTML. `cases`: what is to settle, as results/extraction/side_by_side.json has it;
    `quotes`, `proposed`: results/extraction/quotes.csv and proposed_quotes.csv, which say of each
    reading and each proposal what became of its quote; `title`: of the review. All text is
    escaped."""
    of_people, of_machines = _states(quotes), _states(proposed)
    content = {
        "review": kit.key(f"{title}\nreadings"),
        "cases": [_with_quotes(case, of_people, of_machines) for case in cases["cases"]],
        "printed": cases["printed"],
        "tables": {kind: _columns(schema) for kind, schema in TABLES.items()},
        "unnamed": UNNAMED,
    }
    return kit.template("agree.html.jinja").render(
        title=title,
        most=max((len(case["sides"]) for case in cases["cases"]), default=2),
        content=kit.script_safe(content),
    )


def _columns(schema: str) -> dict[str, dict[str, Any]]:
    """By column of a table what may stand there, as its schema has it."""
    columns: Mapping[str, Mapping[str, Any]] = tables.schema(schema)["columns"]
    return {
        name: {part: rule[part] for part in _BOUNDS if part in rule}
        for name, rule in columns.items()
    }


def _states(quotes: pd.DataFrame) -> dict[int, str]:
    """By row what became of its quote, in words; nothing of rows without one."""
    found = {}
    for row in as_dicts(quotes):
        page = f", page {row['page']}" if pd.notna(row["page"]) and row["page"] != "" else ""
        found[int(row["row"])] = words.STATES[row["state"]].format(page=page)
    return found


def _with_quotes(
    case: Mapping[str, Any], people: Mapping[int, str], machines: Mapping[int, str]
) -> dict[str, Any]:
    def told(sides: Sequence[Mapping[str, Any]], states: Mapping[int, str]) -> list[dict[str, Any]]:
        return [{**side, "quote": states.get(side.get("number", 0), "")} for side in sides]

    return {
        **case,
        "sides": told(case["sides"], people),
        "machines": told(case["machines"], machines),
    }
