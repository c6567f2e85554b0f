"""Sentences that data can write, offered to people: results/prose/drafts.md. Nothing of it goes
into the report; who takes one over has numbers that follow the data."""

import re
from collections.abc import Iterable

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.plan import Protocol, Synthesis
from livingmeta.report.prose import slots
from livingmeta.words import english, ids, measures, models
from livingmeta.words.numbers import Entry, missing

HEAD = """\
# Sentences to begin with

Made by the run from the protocol and the data; no report holds any of it. Take over what is true
and what you would sign into data/raw/prose/abstract.md (or another text there), and say it in your
own words. A number between double braces follows the data: results/numbers.json lists all of them.
"""
# What only people know, by the words that begin its paragraph.
OWED = {
    "Limitations": "what weakens the evidence, and what weakens this review",
    "Interpretation": "what the results mean, and for whom",
    "Funding": "who paid, and what they had a say in",
}


def text(asked: Protocol, tables: dict[str, pd.DataFrame], entries: Iterable[Entry]) -> str:
    """The drafts as Markdown. `tables`: as for page.render; `entries`: of numbers.json."""
    known = {entry["id"]: entry for entry in entries}
    parts: dict[str, list[str]] = {
        "Objectives": _objectives(asked),
        "Eligibility": [english.full_stop(line) for line in asked.screening.criteria.include],
        "Data sources": _sources(tables["searches"]),
        "Risk of bias": _bias(tables["risk_of_bias"]),
        "Synthesis": _synthesis(asked, tables["pooled"]),
        "Included studies": _included(known),
        "Results": [
            said for row in as_dicts(tables["pooled"]) if (said := _result(row, asked, known))
        ],
    }
    parts |= {name: [f"({what}: to be written by its authors)"] for name, what in OWED.items()}
    number = asked.review.registration
    parts["Registration"] = [f"{_plain(number)}." if number else "The review was not registered."]
    found = [f"**{name}.** {' '.join(lines)}" for name, lines in parts.items() if lines]
    return "\n\n".join([HEAD.rstrip(), "## For the abstract", *found]) + "\n"


def _plain(words: object) -> str:
    """Words of the protocol or a table as Markdown prints them."""
    return re.sub(r"([\\`*_\[\]<>&{}])", r"\\\1", " ".join(str(words).split()))


def _objectives(asked: Protocol) -> list[str]:
    question = asked.review.question
    compared = question.comparator and f", compared with {english.within(question.comparator)}"
    what = f"To assess {english.within(question.intervention)}{compared or ''}"
    whom = f"in {english.within(question.population)}"
    return [_plain(f"{what}, {whom}.")]


def _sources(searches: pd.DataFrame) -> list[str]:
    if searches.empty:
        return []
    names = list(dict.fromkeys(name for name in searches["database"] if not missing(name)))
    days = [str(day) for day in searches["searched_on"] if not missing(day)]
    last = f", last searched on {english.date(max(days))}" if days else ""
    return [_plain(f"{english.listed(names) or 'Sources not named'}{last}.")]


def _bias(judged: pd.DataFrame) -> list[str]:
    tools = english.listed(dict.fromkeys(judged["tool"]))
    return [_plain(f"Judged by {tools}.") if tools else "Risk of bias was not judged."]


def _synthesis(asked: Protocol, pooled: pd.DataFrame) -> list[str]:
    of: dict[str, list[str]] = {}
    for row in as_dicts(pooled[pooled["primary"].astype(bool)]):
        if row["k"] == 1:  # nothing is pooled
            continue
        titles = of.setdefault(models.name(row), [])
        if (title := english.within(asked.syntheses[row["synthesis"]].title)) not in titles:
            titles.append(title)
    return [_plain(f"{model} for {english.listed(titles)}.") for model, titles in of.items()]


def _included(known: dict[str, Entry]) -> list[str]:
    slots = _slots(known, "flow/records", "flow/included-studies", "flow/included-reports")
    if len(slots) < 3:
        return []
    return [f"Of {slots[0]} records, {slots[2]} reports of {slots[1]} studies were included."]


def _result(row: dict, asked: Protocol, known: dict[str, Entry]) -> str:
    """A pooled result of the protocol's model as a sentence; "" for others."""
    key = ids.model(row)
    if not row["primary"] or row.get("subgroup") or not _slots(known, f"{key}/estimate"):
        return ""
    counted = f"{row['synthesis']}/k"
    one = counted in known and known[counted]["value"] == 1
    synthesis: Synthesis = asked.syntheses[row["synthesis"]]
    measure = measures.SCALES[row["measure"]].name
    within = "; ".join(
        lead + slot + after
        for lead, id_, after in (
            (f"{100 * synthesis.level:g}% confidence interval ", f"{key}/ci", ""),
            ("", counted, " study" if one else " studies"),
            ("", f"{key}/n", " patients"),
            ("I² ", f"{row['synthesis']}/i2", ""),
        )
        for slot in _slots(known, id_)
    ).replace(f"{{{{{key}/", f"{{{{{row['synthesis']}{slots.RESULT}/")
    result = f"{{{{{row['synthesis']}{slots.RESULT}/estimate}}}}"
    said = f"{_plain(synthesis.title)}: {_plain(measure)} {result}"
    return f"{said} ({within})." if within else f"{said}."


def _slots(known: dict[str, Entry], *wanted: str) -> list[str]:
    """Slots of the ids that there are, and that have a value."""
    there = [id_ for id_ in wanted if id_ in known and known[id_]["value"] is not None]
    return [f"{{{{{id_}}}}}" for id_ in there]
