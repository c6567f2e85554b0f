"""Votes of other programs: their reasons in the protocol's words, and votes that are none."""

from collections.abc import Iterable, Mapping

from livingmeta.errors import InputError
from livingmeta.screening.decisions import STAGES


class VoteError(InputError):
    """An export of another program with a vote that is none."""


def because(
    said: Iterable[str], stage: str, decision: str, reasons: Mapping[str, str]
) -> tuple[str, list[str]]:
    """The reason of one vote as decisions.csv has it, and what else was said, for its note.

    `said`: reasons as the program tells them. `reasons`: the protocol's by their key; one that is
    named by its text gets its key. On title and abstract all are the reason; at full text the first
    that is one of the protocol's, else the first. Who did not exclude has none.
    """
    if decision != "exclude":
        return "", []
    keys = {key.casefold(): key for key in reasons}
    keys |= {text.casefold(): key for key, text in reasons.items()}
    words = (word.strip() for word in said)
    named = list(dict.fromkeys(keys.get(word.casefold(), word) for word in words if word))
    if stage == STAGES[0]:
        return "; ".join(named), []
    reason = next((word for word in named if word in reasons), "".join(named[:1]))
    return reason, [word for word in named if word != reason]
