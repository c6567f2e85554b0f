"""How sure people are of each result: their GRADE judgements, held to GRADE's words.

Guyatt et al. 2011, J Clin Epidemiol 64:383 (GRADE guidelines 1). Nothing here is computed from the
data: certainty is judged by people, and a program that guessed it would be believed.
"""

import difflib
from collections.abc import Iterator, Mapping
from typing import TypedDict

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction import places
from livingmeta.words import settling

SCHEMA = "living/certainty"
OVERALL = "overall"
LOWERS = ("not-serious", "serious", "very-serious", "extremely-serious")
# The words of each domain; the first of those that lower or raise says that it did not.
WORDS = {
    OVERALL: ("high", "moderate", "low", "very-low"),
    "risk-of-bias": LOWERS,
    "inconsistency": LOWERS,
    "indirectness": LOWERS,
    "imprecision": LOWERS,
    "publication-bias": ("undetected", "suspected"),
    "large-effect": ("no", "large", "very-large"),
    "dose-response": ("no", "yes"),
    "opposing-confounding": ("no", "yes"),
}

LEVELS = WORDS[OVERALL][::-1]  # the lowest first
LOWERING = ("risk-of-bias", "inconsistency", "indirectness", "imprecision", "publication-bias")
RAISING = ("large-effect", "dose-response", "opposing-confounding")
# By how many levels a judgement of a domain lowers or raises.
STEPS = {"serious": 1, "very-serious": 2, "extremely-serious": 3, "suspected": 1}
STEPS |= {"large": 1, "very-large": 2, "yes": 1}


def held(table: pd.DataFrame, syntheses: tuple[str, ...]) -> pd.DataFrame:
    """The judgements that people brought (`table`: schema data/certainty) as schema
    living/certainty, in the order of `syntheses` and of GRADE's domains.

    Raises TableError with every breach, each with its row: an unknown synthesis, a word that is
    not the domain's, domains without an overall judgement, a change of level without a reason.
    """

    words = table["judgement"]
    table = table.assign(judgement=words.map(_plain).astype(words.dtype))

    def said(value: str) -> str:
        return f"'{tables.shown(value)}'" if value else "empty"

    faults = [
        places.faulty(row, column, said(tables.text(row[column])), wrong, settling.CERTAINTY)
        for row in as_dicts(table)
        for column, wrong in _wrong(row, syntheses)
    ]
    problems = places.sentences(faults)
    judged = set(table["synthesis"][table["domain"] == OVERALL])
    problems += [
        f"{settling.CERTAINTY}: '{synthesis}' has judgements of domains and none whose domain is "
        "overall."
        for synthesis in dict.fromkeys(table["synthesis"])
        if synthesis in syntheses and synthesis not in judged
    ]
    if problems:
        raise tables.TableError(problems)
    ranks = ({name: i for i, name in enumerate(order)} for order in (syntheses, WORDS))
    by = dict(zip(("synthesis", "domain"), ranks, strict=True))
    ordered = table.sort_values(list(by), key=lambda c: c.map(by[str(c.name)]), kind="stable")
    own = ["row", *places.OF_FILE]
    return ordered.drop(columns=own, errors="ignore").reset_index(drop=True)


def _plain(word: object) -> str:
    """A word of GRADE as it is written here: Very low is very-low."""
    return "-".join(tables.text(word).casefold().split())


def _wrong(row: dict, syntheses: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if row["synthesis"] not in syntheses:
        close = difflib.get_close_matches(row["synthesis"], list(syntheses), n=1, cutoff=0.5)
        hint = f"did you mean {close[0]}, or" if close else f"known: {', '.join(syntheses)};"
        yield (
            "synthesis",
            f"no synthesis of the protocol; {hint} was it taken out? Then take out its rows too",
        )
    words = WORDS[row["domain"]]
    if row["judgement"] not in words:
        yield (
            "judgement",
            f"for {row['domain']} it must be one of {', '.join(words)}",
        )
    elif row["domain"] != OVERALL and row["judgement"] != words[0] and not row["reason"]:
        yield "reason", f"say why {row['domain']} is {row['judgement']}"


def levels(table: pd.DataFrame) -> dict[str, str]:
    """The overall judgement by synthesis."""
    rows = table[table["domain"] == OVERALL]
    return dict(zip(rows["synthesis"], rows["judgement"], strict=True))


def reach(judged: Mapping[str, str]) -> tuple[int, int]:
    """(lowest, highest) place in LEVELS that the overall judgement can have, by those of the
    domains: from high, or from low where the studies are not randomised, down for each that lowers
    and up for each that raises. Without a word on each that lowers, the lowest is the very lowest.
    """
    down = sum(STEPS.get(judged.get(domain, ""), 0) for domain in LOWERING)
    up = sum(STEPS.get(judged.get(domain, ""), 0) for domain in RAISING)
    most = len(LEVELS) - 1
    low, high = (min(max(start - down + up, 0), most) for start in (LEVELS.index("low"), most))
    return low if all(domain in judged for domain in LOWERING) else 0, high


class Standing(TypedDict):
    """How sure people were of a synthesis and are now, "" where nobody judged. `as_before`: the
    same judgements stand although the result moved: somebody should say whether they hold."""

    before: str
    after: str
    as_before: bool


def change(before: pd.DataFrame, after: pd.DataFrame, synthesis: str, moved: bool) -> Standing:
    """How sure people were of a synthesis and are now; `moved`: whether its result did."""
    old, new = (t[t["synthesis"] == synthesis] for t in (before, after))
    columns = ["domain", "judgement", "reason"]
    same = as_dicts(old[columns]) == as_dicts(new[columns])
    return {
        "before": levels(old).get(synthesis, ""),
        "after": levels(new).get(synthesis, ""),
        "as_before": bool(len(new)) and same and moved,
    }
