"""Decisions of Rayyan (Ouzzani et al. 2016, Syst Rev 5:210), read from its exports.

Rayyan writes them into the notes of a record, CSV and RIS alike:

    RAYYAN-INCLUSION: {"Ann"=>"Included", "Bo"=>"Excluded"} | RAYYAN-LABELS: a,b |
    RAYYAN-EXCLUSION-REASONS: wrong population | USER-NOTES: {"Bo"=>["children only"]}

Neither the stage nor the day is told, and reasons stand beside the votes, not under a name. Facts
on the format: exports and scripts of reviews that are public; Rayyan itself was not run.
"""

import re
from collections.abc import Mapping

import pandas as pd

from livingmeta.errors import InputError
from livingmeta.screening.decisions import STAGES
from livingmeta.screening.readers import asreview

MARK = "RAYYAN-INCLUSION"
DECISIONS = {"included": "include", "excluded": "exclude", "maybe": "unsure"}
_VOTES = re.compile(r"RAYYAN-INCLUSION:\s*\{(.*?)\}", re.DOTALL)
_VOTE = re.compile(r'"([^"]*)"\s*=>\s*"([^"]*)"')
_REASONS = re.compile(r"RAYYAN-EXCLUSION-REASONS:\s*([^|\n]*)")
_NOTES = re.compile(r"USER-NOTES:\s*\{(.*)\}", re.DOTALL)
_NOTE = re.compile(r'"([^"]*)"\s*=>\s*\[((?:\s*"(?:[^"\\]|\\.)*"\s*,?)*)\]')
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


class VoteError(InputError):
    """An export of Rayyan with a vote that is none."""


def holds(read: pd.DataFrame) -> bool:
    """Whether an export holds decisions of Rayyan. `read`: as export.read gives it."""
    return bool(read["note"].str.contains(MARK, regex=False).any())


def decisions(
    read: pd.DataFrame,
    known: dict[str, set[str]],
    stage: str,
    day: str,
    reasons: Mapping[str, str],
) -> tuple[pd.DataFrame, list[str]]:
    """The votes of all reviewers as rows of decisions.csv, in the order of the file, and in words
    those that are on no record or could be on several.

    `read`: an export as export.read gives it. `known`: record ids by name, as decisions.by_name
    gives them. `stage`: what was read. `day`: the date (YYYY-MM-DD) of all of them. `reasons`: the
    protocol's reasons by their key; at full text the first reason that is one of them, by key or by
    text, is the row's, and the others go into its note. Raises VoteError for a word that is neither
    Included, Excluded nor Maybe.
    """
    keys = {key.casefold(): key for key in reasons}
    keys |= {text.casefold(): key for key, text in reasons.items()}
    rows, lost = [], []
    for record in read.to_dict("records"):
        votes = _VOTES.search(record["note"])
        if not votes:
            continue
        where = f"line {record['line']}, '{record['title'][:60]}'"
        named, why = asreview.meant(record, known)
        if not named:
            lost.append(f"{where}: {why}")
            continue
        given = _REASONS.search(record["note"])
        said = [
            w.strip().removeprefix("__EXR__").strip()
            for w in (given[1] if given else "").split(",")
        ]
        said = [keys.get(word.casefold(), word) for word in said if word]
        notes = _notes(record["note"])
        for reviewer, word in _VOTE.findall(votes[1]):
            decision = DECISIONS.get(word.strip().casefold())
            if decision is None:
                raise VoteError(
                    f"{where}: {reviewer} decided '{word}'; right would be Included, "
                    "Excluded or Maybe"
                )
            because, more = "; ".join(said), []
            if stage == STAGES[1]:
                because = next((word for word in said if word in reasons), "; ".join(said[:1]))
                more = [word for word in said if word != because]
            if decision != "exclude":
                because, more = "", []
            note = "; ".join([*more, *notes.get(reviewer, [])])
            rows.append((*named, stage, reviewer, decision, because, day, note))
    return pd.DataFrame(rows, columns=asreview.COLUMNS), lost


def _notes(text: str) -> dict[str, list[str]]:
    found = _NOTES.search(text)
    told = _NOTE.findall(found[1]) if found else []
    return {who: [" ".join(t.split()) for t in _TEXT.findall(texts)] for who, texts in told}
