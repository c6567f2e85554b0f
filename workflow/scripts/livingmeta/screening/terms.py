"""The protocol's own words: what the queue starts from and what the screening page marks."""

import re

from livingmeta.plan import Review, Screening

LETTERS = 6  # words that begin alike count as one: metastasis, metastases, metastatic
WORD = re.compile(r"\w\w+")
# Words that mean nothing on their own.
EMPTY = frozenset(
    WORD.findall(
        """
        about above after again against all also among an and any are around as at be because been
        before being below between both but by can cannot could did do does doing done down during
        each either else for from further had has have having here how if in into is it its itself
        least less more most much must neither no none nor not of off on once one only or other
        others our out over own per rather same several should so some such than that the their
        them then there these they this those through to too under until up upon very was we were
        what when where whether which while who whom whose why will with within without would yes
        you
        """
    )
)
# Words that nearly every protocol and every abstract holds: nothing is gained by marking them.
COMMON = frozenset(
    WORD.findall(
        """
        aimed analyses analysis apart article articles based called clinical compared data design
        designs eligible exclude excluded five four group groups include included including method
        methods mostly number outcome outcomes paper patient patients people person persons pooled
        population publication publications published report reported reporting reports result
        results show shown studied studies study ten three time times treat treated treatment
        treatments two usable use used using
        """
    )
)


def stem(word: str) -> str:
    """What a word counts as: its first letters, in lower case."""
    return word.lower()[:LETTERS]


def included(review: Review, screening: Screening) -> list[str]:
    """The texts that say what is let in. `review`, `screening`: those parts of the protocol."""
    question = review.question
    asked = (question.population, question.intervention, question.comparator)
    return [text for text in (*asked, *screening.criteria.include) if text]


def excluded(screening: Screening) -> list[str]:
    """The texts that say what is kept out."""
    return list(screening.criteria.exclude)


def marks(review: Review, screening: Screening) -> dict[str, list[str]]:
    """Stems of the words to mark, sorted, without those that stand in every abstract.

    `included`: words of the texts on who is let in; `excluded`: words that only the texts on what
    is kept out hold.
    """
    wanted = _stems(included(review, screening))
    unwanted = _stems(excluded(screening))
    return {"included": sorted(wanted), "excluded": sorted(unwanted - wanted)}


def _stems(texts: list[str]) -> set[str]:
    words = {word for text in texts for word in WORD.findall(text.lower())}
    return {stem(word) for word in words - EMPTY - COMMON if not word.isdigit()}
