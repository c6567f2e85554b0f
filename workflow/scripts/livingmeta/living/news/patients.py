"""How many patients a record is about, as its title or abstract says."""

import re
from collections.abc import Iterator
from typing import NamedTuple

WHO = (
    "patients|participants|subjects|individuals|adults|children|infants|neonates|women|men|persons|"
    "people|volunteers|cases|survivors"
)
# Words that may not stand between the number and the patients: the number is then of other things.
OTHERS = (
    "of|in|for|to|and|or|per|with|from|the|among|than|at|on|by|were|was|had|who|years?|months?|"
    "weeks?|days?|hours?|minutes?|mg|g|kg|ml|mm|cm|gy|fractions?|doses?|cycles?|centers?|centres?|"
    "hospitals?|trials?|studies|study|reports?|arms?|groups?|lesions?|tumou?rs?|events?|deaths?"
)
# What a number is that stands behind one of these: a rate or a name.
NAMES = "per|phase|stage|grade|type|class|level|day|week|month|year|cycle|arm|group|cohort|score"
# And one that could be a year, behind one of these: a year ("in 2019", but "in 300 children").
CALENDAR = (
    "in|since|until|through|during|between|by|to|and|from|before|after|january|february|march|"
    "april|may|june|july|august|september|october|november|december"
)
YEARS = range(1900, 2100)
NUMBER = r"(?<![\w.,/%-])(?P<n>[0-9]{1,3}(?:[,\u00a0\u2009\u202f][0-9]{3})+|[0-9]{1,7})"
BETWEEN = rf"(?:(?!(?:{OTHERS})\b)[a-z][a-z'-]*[ ]){{0,3}}"
COUNTED = re.compile(rf"{NUMBER}[ ]{BETWEEN}(?:{WHO})\b(?!-)", re.IGNORECASE)
# Behind a number, it ends a range.
BEHIND = re.compile(rf"(?:\b(?:{NAMES})|[0-9] (?:to|and|or))[ ]?$", re.IGNORECASE)
DATED = re.compile(rf"\b(?:{CALENDAR}) $", re.IGNORECASE)
IN_BRACKETS = re.compile(
    rf"\b(?:{WHO})[ ]?\([ ]?n[ ]?=[ ]?(?P<n>[0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]{{1,7}})[ ]?\)",
    re.IGNORECASE,
)
# How a study says which of several numbers entered it.
ENTERED = r"(?:randomi[sz]ed|enrolled|recruited|included|analy[sz]ed|allocated|assigned|treated)"
BEFORE = re.compile(rf"\b{ENTERED}[ ](?:a total of )?$", re.IGNORECASE)
AFTER = re.compile(
    rf"^[ ](?:(?:were|was|who|had|been|randomly)[ ]){{0,3}}{ENTERED}\b", re.IGNORECASE
)


class Read(NamedTuple):
    """`n` patients, `where` (title or abstract) it says so, and what it `said`."""

    n: int
    where: str
    said: str


def read(title: str, abstract: str) -> Read | None:
    """The number of patients that a title, or else an abstract, says, or None.

    A number before a word for people, with up to three words between them, or `(n = 45)` behind
    one. What no machine can know, it does not guess: numbers in words are not read, and those of
    arms are not added up.
    """
    for where, text in (("title", title), ("abstract", abstract)):
        found = list(_counts(re.sub(r"[ \t\r\n]+", " ", text)))
        # ASSUME of several numbers those said to be randomised, included or analysed are of the
        # study (not the screened, not the country's), and of these the largest is all of it.
        entered = [(n, said) for n, said, inside in found if inside]
        if found:
            n, said = max(entered or [(n, said) for n, said, _ in found], key=lambda one: one[0])
            return Read(n, where, said)
    return None


def _counts(text: str) -> Iterator[tuple[int, str, bool]]:
    """(number, words, whether they are said to have entered) of each number of people."""
    for pattern in (COUNTED, IN_BRACKETS):
        for hit in pattern.finditer(text):
            n = int(re.sub("[^0-9]", "", hit["n"]))
            begun, rest = text[: hit.start()], text[hit.end() :]
            is_year = hit["n"].isdigit() and n in YEARS and DATED.search(begun[-20:])
            if n and not is_year and not BEHIND.search(begun[-20:]):
                inside = bool(BEFORE.search(begun[-40:]) or AFTER.search(rest[:60]))
                yield n, hit[0], inside
