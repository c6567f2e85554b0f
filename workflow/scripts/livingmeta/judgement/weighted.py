"""How much of a result rests on which judgements of risk of bias: shares of its weight."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.judgement.tools import OVERALL, Tool, every
from livingmeta.words import measures
from livingmeta.words.numbers import missing


class Share(NamedTuple):
    """The share of weight, in percent, of the studies that a tool judges so in a domain; `word` ""
    for those that it does not judge."""

    tool: str
    domain: str
    word: str
    share: float


def of_studies(effects: pd.DataFrame, result: Mapping[Any, Any] | None) -> dict[str, float]:
    """The weight of each study in percent: in the pooled `result` (its row of pooled.csv), or the
    same for each where nothing was pooled or the method gives studies no weight. `effects`: rows of
    effects.csv of one synthesis."""
    studies = list(dict.fromkeys(effects["study_id"]))
    alike = dict.fromkeys(studies, 100 / len(studies)) if studies else {}
    if not result or missing(result.get("estimate")):
        return alike
    weights = measures.weights(effects, result)
    if weights.isna().any():
        return alike
    return {str(k): float(v) for k, v in weights.groupby(effects["study_id"]).sum().items()}


def used(judged: pd.DataFrame, studies: Mapping[str, float]) -> list[Tool]:
    """The tools by which some of these studies are judged, in the order of their files."""
    mine = set(judged.loc[judged["study_id"].isin(list(studies)), "tool"])
    return [tool for name, tool in every().items() if name in mine]


def shares(judged: pd.DataFrame, weight: Mapping[str, float]) -> list[Share]:
    """The shares of a synthesis, by tool, domain (the whole last) and word from the least to the
    most bias; `judged`: as risk_of_bias.of_synthesis gives it. A domain without lights is left out.
    """
    found = []
    for tool in used(judged, weight):
        rows = judged[judged["tool"] == tool.name]
        for domain in (*tool.domains, tool.domain(OVERALL)):
            mine = rows[rows["domain"] == domain.id]
            light = dict(zip(mine["study_id"], mine["light"], strict=True))
            if not any(light.values()):
                continue
            total: dict[str, float] = {}
            for study, share in weight.items():
                word = light.get(study, "")
                total[word] = total.get(word, 0.0) + share
            known = [one.word for one in tool.lights()]
            ordered = [word for word in (*known, "") if word in total]
            found += [Share(tool.name, domain.id, word, total[word]) for word in ordered]
    return found


def at_high_risk(judged: pd.DataFrame, weight: Mapping[str, float]) -> tuple[float, float]:
    """Shares of weight, in percent: of the studies whose results are at high risk as a whole (high,
    serious or critical by any tool), and of those that no tool judges as a whole."""
    whole = judged[judged["domain"] == OVERALL]
    high, known = set(), set()
    for row in as_dicts(whole):
        light = every()[row["tool"]].light(row["light"])
        known |= {row["study_id"]} if light else set()
        high |= {row["study_id"]} if light and light.serious else set()
    return (
        sum(share for study, share in weight.items() if study in high),
        sum(share for study, share in weight.items() if study not in known),
    )
