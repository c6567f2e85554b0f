"""The summary of findings, the facts behind each judgement, and results that are missing."""

from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.judgement.certainty import OVERALL
from livingmeta.judgement.findings import CONTROL_MEANS, footnotes
from livingmeta.plan import Protocol
from livingmeta.report import other_scales
from livingmeta.words import measures
from livingmeta.words.english import sentence
from livingmeta.words.numbers import Numbers, finer, missing
from livingmeta.words.sentences import with_numbers

LETTERS = "abcdefghijklmnopqrstuvwxyz"  # more notes than these are aa, bb, ...
PARTS = ("corresponding", "corresponding_low", "corresponding_high")
# How facts of grade_facts.csv are printed and called; estimates by the scale of their measure.
FACTS = {
    "k": ("count", "studies"),
    "n": ("count", "patients"),
    "events": ("count", "events"),
    "high-risk": ("percentage", "of the weight at high risk of bias"),
    "not-judged": ("percentage", "of the weight not judged"),
    "i2": ("percentage", "I²"),
    "tau2": ("variance", "τ²"),
    "q-p": ("p", "p of homogeneity"),
    "information": ("percentage", "of the optimal information size"),
    "required-n": ("count", "patients needed for it"),
    "baseline": ("per-thousand", "of a thousand with the comparator"),
    "per-1000": ("per-thousand", "of a thousand by the result"),
    "per-1000-low": ("per-thousand", "lower limit"),
    "per-1000-high": ("per-thousand", "upper limit"),
    "egger-p": ("p", "p by Egger"),
    "peters-p": ("p", "p by Peters"),
    "harbord-p": ("p", "p by Harbord"),
    "missing": ("count", "results measured but missing"),
    "unpublished": ("count", "registered trials ended without a report"),
}
EFFECTS = {
    "estimate": "effect",
    "ci-low": "lower confidence limit",
    "ci-high": "upper confidence limit",
    "pi-low": "lower prediction limit",
    "pi-high": "upper prediction limit",
}


def section(
    asked: Protocol, tables: dict[str, pd.DataFrame], results: list[dict], numbers: Numbers
) -> dict[str, Any]:
    """`lines` of the summary of findings and its `notes`; `facts` by domain for the judges;
    `missing`, the matrix of ROB-ME. `results`: as results.section gives them, in which stand the
    ids of pooled effects.
    """
    by_id = {s["id"]: s for s in results}
    titles = {name: synthesis.title for name, synthesis in asked.syntheses.items()}
    lines: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for i, given in enumerate(as_dicts(tables["summary_of_findings"])):
        row: dict[str, Any] = {str(name): value for name, value in given.items()}
        key, s = f"findings/{i}", by_id[row["synthesis"]]
        _risks(numbers, key, row, s["key"])
        if row["footnotes"] and row["footnotes"] not in [note["said"] for note in notes]:
            judged = tables["certainty"][tables["certainty"]["synthesis"] == row["synthesis"]]
            notes.append(
                {
                    "letter": _letter(len(notes)),
                    "said": row["footnotes"],
                    "parts": footnotes(as_dicts(judged)),
                }
            )
        of = {note["said"]: note["letter"] for note in notes}
        source = other_scales.by_title(row["assumed_source"], titles)
        source = with_numbers(numbers, f"{key}/source", source, [f"{s['id']}/k"])
        lines.append(
            row
            | {"key": key, "of": s["key"], "letter": of.get(row["footnotes"], "")}
            | {"assumed_source": source, "first_of_synthesis": _first(lines, row)}
        )
    return {
        "lines": lines,
        "notes": notes,
        "facts": _facts(asked, tables, numbers),
        "missing": _missing(asked, tables),
    }


def _letter(place: int) -> str:
    times, letter = divmod(place, len(LETTERS))
    return LETTERS[letter] * (times + 1)


def _first(lines: list[dict], row: dict) -> bool:
    return not lines or lines[-1]["synthesis"] != row["synthesis"]


def _risks(numbers: Numbers, key: str, row: dict, of: str | None) -> None:
    """The assumed and the corresponding risk or mean of a line; of one without a result (`of` is
    None) the number of its studies."""
    means = missing(row["assumed"]) is False and row["assumed_source"] == CONTROL_MEANS
    divide = 1 if means else 1000
    value, low, high = (None if missing(row[p]) else row[p] / divide for p in PARTS)
    kind = finer("difference", value, low, high) if means else "per-thousand"
    assumed = None if missing(row["assumed"]) else row["assumed"] / divide
    parents, unit = [f"{of}/estimate"] if of else [], row["unit"]
    if not of:
        numbers.add(f"{key}/k", int(row["k"]), "count", "", [], "studies")
    numbers.add(f"{key}/assumed", assumed, kind, unit, parents, "with the comparator")
    numbers.add(f"{key}/estimate", value, kind, unit, parents, "by the result")
    pair = None if low is None or high is None else (low, high)
    numbers.add(f"{key}/ci", pair, kind, unit, parents, "by the result, interval")


def _facts(
    asked: Protocol, tables: dict[str, pd.DataFrame], numbers: Numbers
) -> list[dict[str, Any]]:
    """By synthesis and domain: the facts as ids with words, and whether a judgement is stale."""
    known = tables["grade_facts"]
    found = []
    for row in as_dicts(tables["to_judge"]):
        name, domain = row["synthesis"], row["domain"]
        mine = known[(known["synthesis"] == name) & (known["domain"] == domain)]
        said = []
        exact = _exact(known[known["synthesis"] == name], asked.syntheses[name].measure)
        for fact in as_dicts(mine):
            kind, words = FACTS.get(fact["fact"], (exact, ""))
            words = words or EFFECTS[fact["fact"]]
            id_ = f"facts/{name}/{domain}/{fact['fact']}"
            value = fact["value"] / (1000 if kind == "per-thousand" else 1)
            value = int(value) if kind == "count" and value == int(value) else value
            numbers.add(id_, value, kind, "", [f"{name}/k"], words)
            said.append({"id": id_, "words": words})
        if said or row["judgement"]:
            moved = with_numbers(numbers, f"facts/{name}/{domain}/moved", row["moved"], [])
            found.append(
                {
                    "title": asked.syntheses[name].title,
                    "domain": sentence(domain.replace("-", " ")),
                    "facts": said,
                    "judgement": row["judgement"].replace("-", " "),
                    "moved": moved if row["moved"] else "",
                }
            )
    return found


def _exact(facts: pd.DataFrame, measure: str) -> str:
    """The kind of the effects among the facts of a synthesis, fine enough for its interval."""
    whole = facts[facts["domain"] == OVERALL]
    of = dict(zip(whole["fact"], whole["value"], strict=True))
    three = (of.get(part) for part in ("estimate", "ci-low", "ci-high"))
    return finer(measures.SCALES[measure].kind, *three)


def _missing(asked: Protocol, tables: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """ROB-ME: a row a study, a column a synthesis, and what people said of each as a whole."""
    table = tables["rob_me"]
    labels = dict(zip(tables["studies"]["study_id"], tables["studies"]["label"], strict=True))
    of_studies = table[table["study_id"] != ""]
    # A registered trial without a report goes by its number.
    labels = {name: name for name in of_studies["study_id"]} | labels
    names = [name for name in asked.syntheses if name in set(table["synthesis"])]
    cell = {(r["study_id"], r["synthesis"]): r["state"] or r["found"] for r in as_dicts(of_studies)}
    studies = [study for study in labels if study in set(of_studies["study_id"])]
    whole = {r["synthesis"]: r for r in as_dicts(table[table["study_id"] == ""])}
    lost = of_studies[(of_studies["found"] != "reported") | (of_studies["state"] != "")]
    reasons = [
        {"label": labels[r["study_id"]], "title": asked.syntheses[r["synthesis"]].title} | r
        for r in as_dicts(of_studies[of_studies["reason"] != ""])
    ]
    return {
        "shown": bool(len(lost)) or bool(whole),
        "titles": [asked.syntheses[name].title for name in names],
        "rows": [
            {"label": labels[study], "cells": [cell.get((study, name), "–") for name in names]}
            for study in studies
        ],
        "whole": [whole.get(name, {}).get("state", "") or "not judged" for name in names],
        "reasons": reasons,
    }
