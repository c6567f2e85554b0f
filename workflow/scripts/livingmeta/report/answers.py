"""The answer that the report opens with: the syntheses gathered under the questions they answer."""

from typing import Any

import pandas as pd

from livingmeta.plan import Protocol
from livingmeta.words import english
from livingmeta.words.numbers import Numbers, missing

# Questions that the box answers; the tables below it hold them all.
MOST = 5


def section(
    syntheses: list[dict], asked: Protocol, tables: dict[str, pd.DataFrame], numbers: Numbers
) -> dict[str, Any]:
    """What the box and the tables below it say.

    `syntheses`: as results.section gives them. `questions`: one outcome in the same arms each,
    comparisons before single arms and else in the protocol's order, with the `lead` that answers
    it and stands first: the first synthesis of the protocol that has a result of more than one
    study, else of one, else None. `searched_to`: the day of
    the last search, in words; `reviewers`: who decided on the records, in words; both may be "".
    """
    questions: dict[tuple, dict] = {}
    for s in syntheses:
        synthesis = asked.syntheses[s["id"]]
        key = (synthesis.outcome, tuple(synthesis.arms))
        label = f"{s['outcome'].label}: {english.listed(map(english.within, s['arms']), 'against')}"
        one = questions.setdefault(key, {"label": label, "syntheses": [], "lead": None})
        one["syntheses"].append(s)
        s["of"] = _of(s, bool(synthesis.include), numbers)
    for one in questions.values():
        answering = [s for s in one["syntheses"] if _answers(s)]
        # One study is no synthesis: it answers only where nothing else does.
        one["lead"] = next((s for s in answering if s["k"] > 1), next(iter(answering), None))
        one["syntheses"].sort(key=lambda s, lead=one["lead"]: s is not lead)
    ordered = sorted(questions.values(), key=lambda q: len(q["syntheses"][0]["arms"]) < 2)
    days = [day for day in tables["searches"]["searched_on"] if not missing(day)]
    return {
        "questions": ordered,
        "led": [q for q in ordered if q["lead"]][:MOST],
        "searched_to": english.date(str(max(days))) if days else "",
        "reviewers": english.listed(_reviewers(tables)),
    }


def _answers(s: dict) -> bool:
    return bool(s["key"] or s["told"] or s["apart"] or s["not_estimable"])


def _of(s: dict, filtered: bool, numbers: Numbers) -> dict:
    """Of how many studies a result is: all included ones, or those that the synthesis asks for.

    `key`: id of their number; `left`: id of the number of those that give no usable effect."""
    name = s["id"]
    asked_for: int = s["k"] + _count(numbers, f"{name}/unusable")
    whole, parents = asked_for, [f"{name}/k", f"{name}/unusable"]
    included = _count(numbers, "flow/included-studies")
    plain = not filtered and not s["waiting"]
    if plain and included >= asked_for:
        whole, parents = included, ["flow/included-studies"]
    what = "included studies" if plain else "studies that the synthesis asks for"
    numbers.add(f"{name}/of", whole, "count", "studies", parents, what)
    left = "of these without a usable effect"
    numbers.add(f"{name}/left", whole - s["k"], "count", "studies", [f"{name}/of"], left)
    return {"key": f"{name}/of", "left": f"{name}/left", "included": plain}


def _count(numbers: Numbers, id_: str) -> int:
    found: Any = numbers.entry(id_)["value"]
    return int(found or 0)


def _reviewers(tables: dict[str, pd.DataFrame]) -> list[str]:
    """Everybody who decided on a record, each once, in order of name."""
    cells = [
        str(cell)
        for name in ("included", "excluded", "awaiting")
        for cell in tables[name].get("reviewers", ())
        if not missing(cell)
    ]
    names = {name.strip() for cell in set(cells) for name in cell.split(";")}
    return sorted(names - {""})
