"""Decisions of EPPI-Reviewer, read from the JSON of all coding with one of its coding tools.

The file (`All coding for Screen on Title & Abstract.json`) lists items, and for each code of the
tool who gave it, with a note, and whether that person's coding was made the final one. A code whose
name begins with include or exclude is a decision, what follows its reason. Items have a title and a
short title such as `Kim (2021)`, no identifier. Facts on the format: EPPI-Reviewer's own public
source (EPPI-Centre/ER4, ReportAllCodingCommand); EPPI-Reviewer itself was not run.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import pandas as pd

from livingmeta.screening import identity, normalise
from livingmeta.screening.decisions import CONSENSUS
from livingmeta.screening.readers import asreview, votes

# ASSUME: EPPI-Reviewer's standard tools call a doubt "include for second opinion".
_CODE = re.compile(
    r"\s*(?:(?P<unsure>include for second opinion|unsure|uncertain|maybe)"
    r"|(?P<include>includ(?:e|ed))|(?P<exclude>exclud(?:e|ed)))\b"
    r"[\s:,-]*(?:(?:based )?on\b|because of\b|for\b)?[\s:]*(?P<reason>.*)",
    re.IGNORECASE | re.DOTALL,
)
_DECISIONS = ("unsure", "include", "exclude")


def decisions(
    text: str,
    known: dict[str, set[str]],
    years: Mapping[str, str],
    stage: str,
    day: str,
    reasons: Mapping[str, str],
) -> tuple[pd.DataFrame, list[str]]:
    """The votes of all people as rows of decisions.csv (`asreview.READ`, without a time), in the
    order of the file, and in words those that are on no record, could be on several or are none.

    `text`: the JSON. `known`: record ids by name, as decisions.by_name gives them. `years`: year by
    record id; an item of another year (by more than one: online first) is not that record. `stage`:
    what the tool was used at. `day`: the date (YYYY-MM-DD) of all of them. `reasons`: the
    protocol's by their key. Where people differ and the coding of one was made final, that is a row
    of `consensus` too. Raises VoteError for JSON that is no such export.
    """
    rows, lost, others = [], [], Counter[str]()
    for item in _items(text):
        title, short = str(item.get("title") or ""), str(item.get("shortTitle") or "")
        where = f"item {item.get('itemId')}, '{title[:60]}'"
        cast, final = _cast(item, others)
        if not cast:
            continue
        year = normalise.year(short)
        as_read = {"title": title, "year": year, "authors": re.sub(r"\W*\d{4}.*", "", short)}
        names = identity.identifiers(as_read)
        named = {record for name in names for record in known.get(name, ())}
        fits = {one for one in named if _fits(year, years.get(one, ""))}
        if len(fits) != 1:
            why = "several records" if len(fits) > 1 else "no record"
            lost.append(f"{where}: {why} of that title{' and year' if named else ''}")
            continue
        agreed = {}
        for person, said in cast.items():
            told = {decision for decision, _, _ in said}
            if len(told) > 1:
                lost.append(f"{where}: {person} said {' and '.join(sorted(told))}; none is taken")
                continue
            decision = said[0][0]
            given = [reason for _, reason, _ in said if reason]
            reason, more = votes.because(given, stage, decision, reasons)
            note = "; ".join(filter(None, [*more, *(note for *_, note in said)]))
            agreed[person] = (decision, reason, day, note, None, where)
        ends = final & set(agreed)
        for person, row in agreed.items():
            rows.append((*fits, stage, person, *row))
        if len({row[:2] for row in agreed.values()}) > 1 and len(ends) == 1:
            rows.append((*fits, stage, CONSENSUS, *agreed[ends.pop()]))
    lost += [
        f"code '{code}' ({count} times) begins with neither include nor exclude; it is no decision"
        for code, count in sorted(others.items())
    ]
    return pd.DataFrame(rows, columns=asreview.READ, dtype=object), lost


def _items(text: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise votes.VoteError(f"it is no whole JSON ({error}); export it again") from error
    items = found.get("items") if isinstance(found, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise votes.VoteError(
            "it does not list items and their coding; right would be EPPI-Reviewer's JSON of all "
            "coding with one tool (Review statistics, the tool's row)"
        )
    return items


def _cast(
    item: Mapping[str, Any], others: Counter[str]
) -> tuple[dict[str, list[tuple[str, str, str]]], set[str]]:
    """Decision, reason and note by person, and whose coding was made final."""
    cast: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    final = set()
    for coded in item.get("codingsList") or []:
        name = " ".join(str((coded.get("key") or {}).get("attName") or "").split())
        code = _CODE.fullmatch(name)
        for coding in coded.get("value") or []:
            if not code:
                others[name] += 1
                continue
            decision = next(each for each in _DECISIONS if code[each])
            person = " ".join(str(coding.get("contactName") or "").split())
            note = " ".join(str(coding.get("infoBox") or "").split())
            reason = code["reason"].strip() if decision == "exclude" else ""
            cast[person].append((decision, reason, note))
            if coding.get("isComplete"):
                final.add(person)
    return cast, final


def _fits(year: str, of_record: str) -> bool:
    """Whether two years may be those of one report; an unknown one may."""
    return not (year and of_record) or abs(int(year) - int(of_record)) <= 1
