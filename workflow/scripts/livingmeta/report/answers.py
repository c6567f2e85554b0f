"""The answer that the report opens with: the syntheses gathered under the questions they answer."""

from typing import Any

import pandas as pd

from livingmeta.living.without_effect import counted_with, without_effect
from livingmeta.plan import Protocol, Synthesis
from livingmeta.screening.flow import counted_as
from livingmeta.words import english, settling
from livingmeta.words.numbers import Numbers, missing

# Questions that the box answers; the tables below it hold them all.
MOST = 5
# Times at which the answer tells a survival curve; its own table holds them all.
MOST_TIMES = 5


def section(
    syntheses: list[dict],
    curves: list[dict],
    asked: Protocol,
    tables: dict[str, pd.DataFrame],
    numbers: Numbers,
) -> dict[str, Any]:
    """What the box and the tables below it say.

    `syntheses`: as results.section gives them; `curves`: as pooled_curves.curves. `questions`: one
    outcome in the same arms each, comparisons before single arms and else in the protocol's order,
    with the `lead` that answers it and stands first: the first synthesis of the protocol that has
    a result of more than one study, else of one, else None; and its pooled `curves`, the first
    that has times being the `curve` of the answer. `searched_to`: the day of
    the last search, in words; `reviewers`: who decided on the records, in words; both may be "".
    """
    questions: dict[tuple, dict] = {}
    for s in syntheses:
        synthesis = asked.syntheses[s["id"]]
        _question(questions, synthesis, asked)["syntheses"].append(s)
        s["of"] = _of(s, s["id"], bool(synthesis.include), tables, numbers)
    for curve in curves:
        _add_curve(questions, curve, asked, tables, numbers)
    for one in questions.values():
        answering = [s for s in one["syntheses"] if _answers(s)]
        # One study is no synthesis: it answers only where nothing else does.
        one["lead"] = next((s for s in answering if s["k"] > 1), next(iter(answering), None))
        one["syntheses"].sort(key=lambda s, lead=one["lead"]: s is not lead)
    ordered = sorted(questions.values(), key=lambda q: q["arms"] < 2)
    days = [day for day in tables["searches"]["searched_on"] if not missing(day)]
    return {
        "questions": ordered,
        "led": [q for q in ordered if q["lead"] or q["curve"]][:MOST],
        "searched_to": english.date(str(max(days))) if days else "",
        "reviewers": english.listed(_reviewers(tables)),
    }


def _answers(s: dict) -> bool:
    return bool(s["key"] or s["told"] or s["apart"] or s["not_estimable"])


def _question(questions: dict[tuple, dict], synthesis: Synthesis, asked: Protocol) -> dict:
    """The question that a synthesis answers, made where it is the first."""
    arms = [english.within(asked.arms[arm].label) for arm in synthesis.arms]
    label = f"{asked.outcomes[synthesis.outcome].label}: {english.listed(arms, 'against')}"
    none = {"label": label, "arms": len(arms), "syntheses": [], "lead": None}
    none |= {"curves": [], "curve": None}
    return questions.setdefault((synthesis.outcome, tuple(synthesis.arms)), none)


def _add_curve(
    questions: dict[tuple, dict],
    curve: dict,
    asked: Protocol,
    tables: dict[str, pd.DataFrame],
    numbers: Numbers,
) -> None:
    """Put a pooled curve to its question, with the times at which the answer tells it (`told`):
    those of enough studies where there are any, spread evenly, the last among them."""
    course = asked.courses[curve["id"]]
    question = _question(questions, course, asked)
    question["curves"].append(curve)
    curve["outcome"] = asked.outcomes[course.outcome].label
    if not curve["rows"]:
        return
    studies = tables["studies"]
    awaiting = set(studies.loc[studies["status"] == "awaiting", "study_id"])
    key = f"course/{curve['id']}"
    waiting = len(awaiting & set(curve["studies"]))
    numbers.add(f"{key}/waiting", waiting, "count", "studies", [f"{key}/k"], "awaiting full text")
    aside, of = len(curve["aside"]), ["data/raw/extraction"]
    numbers.add(f"{key}/unusable", aside, "count", "studies", of, "without an interval")
    size = {"id": key, "k": len(curve["studies"]), "waiting": waiting}
    of_it = _of(size, curve["id"], bool(course.include), tables, numbers)
    curve |= size | {"id": curve["id"], "of": of_it}
    rows = [row for row in curve["rows"] if not row["few"]] or curve["rows"]
    many = min(MOST_TIMES, len(rows))
    curve["told"] = [rows[(i + 1) * len(rows) // many - 1] for i in range(many)]
    question["curve"] = question["curve"] or curve


def _of(
    s: dict, synthesis: str, filtered: bool, tables: dict[str, pd.DataFrame], numbers: Numbers
) -> dict:
    """Of how many studies a result is: all included ones, or those that the synthesis asks for.

    `synthesis`: its key in the protocol. What comes back: `key`, the id of their number; `left`,
    `joined`, `unnamed`: ids of the numbers of those that give no usable effect, that count with
    another comparison of their trial, and of included reports that no study names, "" where there
    are none. With those that give an effect they make up `key`. `studies`: where all included ones
    are meant and some are comparisons of one trial, the id of how many studies they are."""
    name = s["id"]
    plain = not filtered and not s["waiting"]
    joined = len(counted_with(tables, synthesis))
    left, unnamed = _count(numbers, f"{name}/unusable") - joined, 0
    if plain:
        left = len(without_effect(tables, synthesis))
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
    found = dict.fromkeys(parts, "") | some | {"key": f"{name}/of", "included": plain}
    return found | {"studies": _of_trials(name, whole, unnamed, tables, numbers) if plain else ""}


def _of_trials(
    name: str, whole: int, unnamed: int, tables: dict[str, pd.DataFrame], numbers: Numbers
) -> str:
    """The id of how many studies the included rows of studies.csv are, "" where each is one."""
    studies = tables["studies"]
    included = studies.loc[studies["status"] == "included", "study_id"]
    apart = unnamed + len(counted_as(included, studies))
    if apart == unnamed + len(included):
        return ""
    id_, what = f"{name}/studies", "studies, comparisons of one trial counted once"
    numbers.add(id_, apart, "count", "studies", [f"{name}/of", settling.STUDIES], what)
    return id_


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
