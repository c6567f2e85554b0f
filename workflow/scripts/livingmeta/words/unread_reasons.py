"""Reasons of exclusion at full text that say that nobody had the report: PRISMA 2020 counts such
reports as not retrieved, and not as assessed and excluded."""

import re

from livingmeta.words import english

# With these a record is not retrieved.
NOT_RETRIEVED = frozenset(["not-retrieved", "not retrieved", "no-full-text", "full-text-not-found"])
_REPORT = r"(?:full[ -]?texts?|papers?|reports?|articles?|publications?|pdfs?|manuscripts?)"
_GONE = (
    r"(?:unavailable|inaccessible|unobtainable|(?:not|never) (?:be )?"
    r"(?:available|accessible|obtain(?:ed|able)|retriev(?:ed|able)|accessed|found|located))"
)
# Data or results that are not available are another thing: what is gone is a report, or not named.
_LIKE = re.compile(
    rf"(?:^|\b{_REPORT} (?:(?:is|are|was|were|could|can) )?){_GONE}"
    rf"|\bno (?:access|{_REPORT})$|\bno access to (?:the )?{_REPORT}"
    rf"|\bno {_REPORT} (?:available|found)"
    rf"|(?:could not|cannot|can not|unable to|failed to) "
    rf"(?:access|obtain|retrieve|find|locate|get)(?: (?:the|a|any))? {_REPORT}"
    r"|\bvolltext(?:e)? (?:ist |war |waren )?nicht|\bkein volltext"
)
# ASSUME: where a language or an abstract of a meeting is named, that is why it was excluded.
_OTHER = re.compile(r"language|english|abstract|poster|translat")


def is_one(key: str, text: str) -> bool:
    """Whether a reason of the protocol, by its text or, where it has none, by its key, reads as if
    nobody had got the report, though it is none of NOT_RETRIEVED."""
    words = " ".join(re.sub(r"[-_]", " ", (text or key).casefold()).split()).rstrip(".")
    return key not in NOT_RETRIEVED and bool(_LIKE.search(words)) and not _OTHER.search(words)


def told(count: int, key: str, text: str) -> str:
    """What is said of `count` reports that were excluded for such a reason."""
    reason = f"{key} ({text})" if text and text != key else key
    many = f"{count} {english.plural(count, 'report')}"
    return (
        f"{many} excluded at full text for {reason}: by its words nobody had the report, and "
        f"{'it counts' if count == 1 else 'they count'} as assessed"
    )
