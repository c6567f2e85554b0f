"""What is said of machines that vote."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from livingmeta.words.settling import STAGES

# Words in names that hardly a person bears. ASSUME: a person who signs as AI declares that once.
_WORDS = (
    r"(chat)?gpt|llms?|llama|copilot|deepseek|mistral|mixtral|qwen|grok|perplexity"
    r"|openai|gemma[-_ ]?\d"
    r"|gemini(?=$|[-_ ]?(\d|pro|flash|ultra|advanced|nano))"
    r"|claude[-_ ]?(\d|opus|sonnet|haiku)|o[1-4][-_ ]?(mini|pro|preview|high)"
    r"|(bio|pubmed|sci|med|distil)bert"
    r"|asreview|abstrackr|elicit|nested[-_ ]?knowledge|distiller([-_ ]?(sr|ai))?|sysrev|colandr"
    r"|swift[-_ ]?(active|review)[a-z]*|eppi([-_ ]?reviewer)?|laser[-_ ]?ai|otto-?sr"
    r"|rayyan[-_ ]?(ai|bot|prediction)[a-z]*"
    r"|robot[a-z]*|bot|ai|machine|maschine|algorithm|classifier|language[-_ ]model|automat[a-z]+"
    r"|(artificial|k[uü]nstliche|artificielle)[-_ ]intelligen[cz][ae]?|machine[-_ ]learning"
    r"|random[-_ ]forest|naive[-_ ]bayes|neural[-_ ]net(work)?"
)
_LIKE = re.compile(rf"(?<![a-z])({_WORDS})(?![a-z])", re.IGNORECASE)
# As the whole name: Swift and Rayyan are names of people as well, and Ki and Ml the initials of
# some. ASSUME: such a person is rare, and declared once.
_WHOLE = re.compile(
    r"(KI|ML|SWIFT)([-_ ]?(\d+|model|modell|tool|screener))?|[Rr]ayyan|RAYYAN|[Cc]ovidence"
)


def is_like_a_machine(name: str) -> bool:
    """Whether a reviewer is named like a program or a model, and hardly like a person."""
    return bool(_LIKE.search(name) or _WHOLE.fullmatch(name.strip()))


# What a machine's name, or a person's, may have beside what they are called.
_BESIDE = frozenset([
    "ai", "assessor", "assistant", "author", "bot", "classifier", "extractor", "first", "ki", "lab",
    "llm", "machine", "model", "rater", "reader", "research", "researcher", "reviewer", "robot",
    "screener", "second", "student", "third", "tool", "user", "v", "version",
])  # fmt: skip
# Behind these a machine's own name tells of others: prompted by Anna Berg, (Utrecht University).
_OF_OTHERS = re.compile(r"[,;:(\[]|\b(?:by|of|at|from|with|for)\b", re.IGNORECASE)


def declared_as(name: str, machines: Iterable[Mapping[Any, Any]]) -> str:
    """The declared machine that a name is another form of (Iris 2.1, iris-screener of Iris), by its
    `reviewer`; "" for none. `machines`: its rows of reviewers.csv, whose own names are none."""
    words = set(_words(name))
    for row in machines:
        cells = (row.get(column) for column in ("reviewer", "name"))
        called = [_OF_OTHERS.split(cell)[0] for cell in cells if isinstance(cell, str)]
        own = {word for one in called for word in _words(one)} - _BESIDE
        # ASSUME: of fewer letters they are somebody's initials.
        said = words - _BESIDE
        glued = any(words == {"".join(_words(one))} and len(one) > 2 for one in called)
        if glued or (said <= own and any(len(word) > 2 for word in said)):
            return str(row["reviewer"])
    return ""


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", name.casefold())


def second_look(stage: str, machine: str) -> str:
    """What is said of a record that people excluded and a machine would include."""
    return f"{STAGES[stage]}: excluded by people, and {machine} would include it"


def undeclared(reviewer: str, declared: str = "") -> str:
    """What is said of a reviewer who is named like a machine, or nearly as a `declared` one."""
    if declared:
        return (
            f"{reviewer} is named nearly as the machine {declared} of data/raw/reviewers.csv, and "
            "its decisions count as a person's"
        )
    return (
        f"{reviewer} is named like a machine, nobody says what it is, and its decisions count as "
        "a person's"
    )
