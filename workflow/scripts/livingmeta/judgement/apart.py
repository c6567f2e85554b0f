"""Judgements of risk of bias by two assessors: how far they agree, and what is to be settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction import agreement, places
from livingmeta.judgement import tools
from livingmeta.judgement.assessments import CONFLICT, CONSENSUS, sides
from livingmeta.words import people as of_people
from livingmeta.words import settling

Record = dict[str, Any]
# What a case shows of a judgement, in this order.
_SHOWN = ("judgement", "score", "support")
_PLACE = ("study_id", "outcome", "tool", "domain")


def agree(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Rows of extraction/agreement: of each two assessors, in all that both have judged, and by
    tool with Cohen's kappa of its words. `records`: as assessments.known gives them."""
    pairs: dict[tuple[str, str], dict[str, list[tuple[str, str]]]] = {}
    for rows in sides(records, {}).values():
        people = [
            row
            for row in rows
            if of_people.key(row["assessor"]) != CONSENSUS and not row.get("wider")
        ]
        for a, b in combinations(people, 2):
            of = pairs.setdefault((a["assessor"], b["assessor"]), {})
            of.setdefault(a["tool"], []).append((_said(a), _said(b)))
    found = []
    for (first, second), by_tool in pairs.items():
        head = {"table": "risk_of_bias", "first": first, "second": second}
        every = [pair for some in by_tool.values() for pair in some]
        found.append(head | {"field": agreement.ALL} | agreement.share_of(a == b for a, b in every))
        for tool, some in by_tool.items():
            row = head | {"field": tool} | agreement.share_of(a == b for a, b in some)
            found.append(row | agreement.kappa_of(some))
    return found


def cases(
    records: Iterable[Record], standing: pd.DataFrame, within: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The judgements that nobody has settled, as extraction/desk has cases; `standing`: what
    assessments.settled makes of the records and of `within`, the outcome of each synthesis."""
    open_ = standing[standing["state"] == CONFLICT] if len(standing) else standing
    label = {tuple(row[name] for name in _PLACE): row for row in as_dicts(open_)}
    found = []
    for place, rows in sides(records, within or {}).items():
        if place not in label:
            continue
        tool = tools.every()[place[2]]
        whose = label[place]
        of = f" ({whose['outcome']})" if whose["outcome"] else ""
        shown = [
            {
                "by": row["assessor"] + (f" ({row['wider']})" if row.get("wider") else ""),
                "where": places.beside_name(row, settling.RISK_OF_BIAS),
                "cells": {k: text for k in _SHOWN if (text := tables.text(row.get(k)).strip())},
                "checks": [],
            }
            for row in rows
        ]
        words = [one.word for one in tool.judgements] or list(tool.answers)
        answers = bool(words) and place[3] != tools.OVERALL
        said = "score" if tool.in_points and not answers else "judgement"
        rule: dict[str, Any] = {"filled": True}
        if said == "score":
            rule |= {"maximum": tool.most_of(place[3]), "type": "integer"}
        else:
            rule |= {"allowed": words}
        found.append(
            {
                "kind": "bias",
                "study": place[0],
                "title": f"{tool.name}, {whose['label']}{of}",
                "fixed": dict(zip(_PLACE, place, strict=True)),
                "differs": [said],
                "edit": [said, "support"],
                "rules": {said: rule},
                "sides": shown,
                "machines": [],
                "beside": "",
            }
        )
    return found


def _said(row: Record) -> str:
    return str(row["judgement"]) or f"{row['score']:g}"
