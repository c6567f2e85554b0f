"""The answer that the report opens with: the syntheses gathered under the questions they answer."""

from typing import Any

import pandas as pd

from livingmeta.living.without_effect import counted_with, without_effect
from livingmeta.plan import Protocol
from livingmeta.words import english, settling
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
        s["of"] = _of(s, bool(synthesis.include), tables, numbers)
    for one in questions.values():
        answering = [s for s in one["syntheses"] if s["key"] or s["told"]]
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


def _of(s: dict, filtered: bool, tables: dict[str, pd.DataFrame], numbers: Numbers) -> dict:
    """Of how many studies a result is: all included ones, or those that the synthesis asks for.

    `key`: id of their number; `left`, `joined`, `unnamed`: ids of the numbers of those that give no
    usable effect, that count with another comparison of their trial, and of included reports that
    no study names, "" where there are none. With those that give an effect they make up `key`."""
    name = s["id"]
    plain = not filtered and not s["waiting"]
    joined = len(counted_with(tables, name))
    left, unnamed = _count(numbers, f"{name}/unusable") - joined, 0
    if plain:
        left = len(without_effect(tables, name))
        unnamed = int((tables["included"]["study_id"].fillna("") == "").sum())
    parts = {
        "left": (left, "of these without a usable effect"),
        "joined": (joined, "of these that count with another comparison of their trial"),
        "unnamed": (unnamed, "of these included reports that no study names"),
    }
    some = {part: f"{name}/{part}" for part, (value, _) in parts.items() if value}
    for part, id_ in some.items():
        numbers.add(id_, parts[part][0], "count", "studies", [settling.STUDIES], parts[part][1])
    whole = s["k"] + left + joined + unnamed
    what = "included studies" if plain else "studies that the synthesis asks for"
    of = [f"{name}/k", *some.values()]
    numbers.add(f"{name}/of", whole, "count", "studies", of, what)
    return dict.fromkeys(parts, "") | some | {"key": f"{name}/of", "included": plain}


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
