"""Words for full texts."""

import re

from livingmeta.words import english

# What does not fit of a full text, by its code in screening/fulltexts.csv.
AT_ODDS = {
    "decided": "decided at full text, though fulltexts.csv says that nobody could get the report; "
    "the decision counts",
    "obtained": "called not retrieved, though it is obtained; it counts as not retrieved",
    "digest": "the file held is not the one whose SHA-256 fulltexts.csv has",
    "unknown": "no record has this name",
    "shared": "several records have this name",
}

# With these reasons a record is not retrieved: PRISMA 2020 counts it so, and not as assessed and
# excluded.
NOT_RETRIEVED = frozenset(["not-retrieved", "not retrieved", "no-full-text", "full-text-not-found"])
_REPORT = r"(?:full[ -]?texts?|papers?|reports?|articles?|publications?|pdfs?|manuscripts?)"
_GONE = (
    r"(?:unavailable|inaccessible|unobtainable|(?:not|never) (?:be )?"
    r"(?:available|accessible|obtain(?:ed|able)|retriev(?:ed|able)|accessed|found|located))"
)
# Data or results that are not available are another thing: what is gone is a report, or not named.
_LIKE = re.compile(
    rf"(?:^{_GONE}(?=$|[.,;:(]| (?:in|as|online|anywhere)\b)"
    rf"|\b{_REPORT} (?:(?:is|are|was|were|could|can) )?{_GONE})"
    rf"|\bno (?:access|{_REPORT})$|\bno access to (?:the )?{_REPORT}"
    rf"|\bno {_REPORT} (?:available|found)"
    rf"|(?:could not|cannot|can not|unable to|failed to) "
    rf"(?:access|obtain|retrieve|find|locate|get)(?: (?:the|a|any))? {_REPORT}"
    r"|\bvolltext(?:e)? (?:ist |war |waren )?nicht|\bkein volltext"
)
# ASSUME: where a language or an abstract of a meeting is named, that is why it was excluded.
_OTHER = re.compile(r"language|english|abstract|poster|translat")


def reads_not_retrieved(key: str, text: str) -> bool:
    """Whether a reason of the protocol, by its text or, where it has none, by its key, reads as if
    nobody had got the report, though it is none of NOT_RETRIEVED."""
    words = " ".join(re.sub(r"[-_]", " ", (text or key).casefold()).split()).rstrip(".")
    return key not in NOT_RETRIEVED and bool(_LIKE.search(words)) and not _OTHER.search(words)


def told_of_reason(count: int, key: str, text: str) -> str:
    """What is said of `count` reports that were excluded for such a reason."""
    reason = f"{key} ({text})" if text and text != key else key
    many = f"{count} {english.plural(count, 'report')}"
    return (
        f"{many} excluded at full text for {reason}: by its words nobody had the report, and "
        f"{'it counts' if count == 1 else 'they count'} as assessed"
    )
