"""The risk of bias of the results that a synthesis takes.

A judgement of the synthesis itself counts before one of its outcome, and that before one of every
result of the study; each domain for itself.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.judgement.tools import OVERALL, Judgement, every
from livingmeta.plan import Synthesis
from livingmeta.words import settling

COLUMN = settling.RISK_COLUMN


def of_synthesis(judged: pd.DataFrame, name: str, outcome: str) -> pd.DataFrame:
    """The rows of extraction/risk_of_bias that hold for a synthesis: one a study, tool, domain.

    `name`: the synthesis; `outcome`: that of the protocol it is about.
    """
    rank = {name: 0, outcome: 1, "": 2}
    mine = judged[judged["outcome"].isin(list(rank))]
    order = mine["outcome"].map(rank).sort_values(kind="stable").index
    nearest = mine.loc[order].drop_duplicates(["study_id", "tool", "domain"])
    return nearest.sort_index()


def words(judged: pd.DataFrame, syntheses: Mapping[str, Synthesis]) -> dict[str, dict[str, str]]:
    """By synthesis and study the word of the whole, such as `high`; "" where assessors differ or
    nobody judged the whole. Two tools that say different things are both named: `low (RoB 2),
    serious (ROBINS-I)`. A synthesis of whose studies none is judged is not there."""
    found: dict[str, dict[str, str]] = {}
    for name, asked in syntheses.items():
        rows = of_synthesis(judged, name, asked.outcome)
        whole = rows[rows["domain"] == OVERALL]
        for study, mine in whole.groupby("study_id", sort=False):
            found.setdefault(name, {})[str(study)] = _together(as_dicts(mine))
    return found


def _together(rows: list[dict[Any, Any]]) -> str:
    # Points without cut-offs are no light, and take none from another tool.
    rows = [row for row in rows if row["light"] or not every()[row["tool"]].in_points] or rows
    said = list(dict.fromkeys(row["light"] for row in rows))
    if len(said) == 1 or not all(said):
        return said[0] if len(said) == 1 else ""
    return ", ".join(f"{row['light']} ({row['tool']})" for row in rows)


def beside(
    effects: pd.DataFrame, judged: pd.DataFrame, syntheses: Mapping[str, Synthesis]
) -> pd.DataFrame:
    """`effects` (rows of effects.csv) with the overall judgement of each as the column
    `risk_of_bias`; as they are where nobody judged anything."""
    said = words(judged, syntheses)
    if not said:
        return effects
    pairs = zip(effects["synthesis"], effects["study_id"], strict=True)
    return effects.assign(**{COLUMN: [said.get(name, {}).get(study, "") for name, study in pairs]})


def lights(judged: pd.DataFrame, name: str, outcome: str) -> dict[str, list[Judgement]]:
    """By study how the whole of its result is drawn in a synthesis, one a tool with lights."""
    rows = of_synthesis(judged, name, outcome)
    found: dict[str, list[Judgement]] = {}
    for row in as_dicts(rows[rows["domain"] == OVERALL]):
        light = every()[row["tool"]].light(row["light"])
        if light:
            found.setdefault(row["study_id"], []).append(light)
    return found
