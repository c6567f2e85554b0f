"""At which stage the decisions of an export were made, where its program does not say so: by the
name of the file, and by which records it holds. What neither tells is asked."""

import re
from collections import defaultdict
from collections.abc import Callable

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.screening import identity, labels, normalise
from livingmeta.screening.decisions import CONSENSUS, STAGES, person
from livingmeta.screening.readers.votes import VoteError

SECOND = "second"  # a stage, and nobody says of what: perhaps that of a disease
# Where words run together, or a number is written behind one: KimFT, stage2.
_BETWEEN = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)")
_FULL_TEXT = re.compile(
    r"(?:^|_)ft(?=_|$)|full_?texts?|full_?papers?|voll_?text|texte_?(?:complet|integral)|"
    r"texto_?(?:completo|integral)|testo_?(?:completo|integrale)|volledige_?tekst|full?d?_?tekst"
)
# `abstracts` alone may be those of a meeting.
_TITLES = re.compile(
    r"(?:^|_)(?:ti_?abs?|ta|titles?|titel|titre|titulo|titolo)(?=_|$)|"
    r"title_?(?:and_?)?abstract|abstract_?screen"
)
_STAGE = r"(?:stage|step|level|stufe|schritt|etappe|etape|etapa|fase)"
_SECOND = re.compile(
    rf"(?:^|_){_STAGE}_(?:2|ii|two|zwei|deux|dos|due)(?=_|$)|"
    rf"(?:^|_)(?:second|2nd|zweite[rs]?|deuxieme|segund[ao]|seconda)_(?:{_STAGE}|screen)"
)
_CURE = (
    "rename it with full-text or title-abstract in its name, whichever it is (an export of both "
    "stages is exported once for each)"
)
_Read = tuple[pd.DataFrame, list[str]]


def named(name: str) -> str:
    """The stage that the name of a file tells; `SECOND` where it only says that, "" where nothing.

    Raises VoteError for a name of both stages.
    """
    key = normalise.title_key(_BETWEEN.sub("_", name))
    full, titles = _FULL_TEXT.search(key), _TITLES.search(key)
    if full and titles:
        raise VoteError(f"its name tells two stages; {_CURE}")
    if full or titles:
        return STAGES[bool(full)]
    return SECOND if _SECOND.search(key) else ""


def decided(
    name: str, read: Callable[[str], _Read], held: pd.DataFrame, known: dict[str, set[str]]
) -> _Read:
    """What `read` gives for the stage at which the decisions of an export were made.

    `name`: the file's; `held`: all rows of decisions.csv; `known`: record ids by name. Decisions on
    records that all went on to the full text may be of either stage, unless they are held already;
    those on others are of titles and abstracts. Raises VoteError where nothing tells the stage.
    """
    stage = named(name)
    if stage in STAGES:
        return read(stage)
    votes, lost = read(STAGES[0])
    if votes.empty:
        return votes, lost
    records = set(votes["record"])
    further = len(records - _went_on(held, known))
    if stage and further:
        raise VoteError(
            f"its name says a second stage, and {further} of its {len(records)} records with a "
            f"decision were not included on title and abstract; {_CURE}"
        )
    if stage:
        return read(STAGES[1])
    if not further and labels.untaken(votes, held, known).any():
        raise VoteError(
            f"its {len(records)} records with a decision were all included on title and abstract, "
            f"and its name does not say whether it is of their full texts; {_CURE}"
        )
    return votes, lost


def _went_on(held: pd.DataFrame, known: dict[str, set[str]]) -> set[str]:
    """The records that by their decisions on title and abstract went on to the full text, and those
    that somebody decided on there. A conflict that nobody settled is none."""
    said: dict[str, dict[str, str]] = defaultdict(dict)
    beyond = set()
    for row in as_dicts(held.sort_values("decided_on", kind="stable")):
        for record in known.get(identity.canonical(row["record"]), ()):
            if row["stage"] == STAGES[1]:
                beyond.add(record)
            else:
                said[record][person(row["reviewer"])] = row["decision"]
    settled = ({of[CONSENSUS]} if CONSENSUS in of else {*of.values()} for of in said.values())
    return beyond | {r for r, words in zip(said, settled, strict=True) if words == {"include"}}
