"""Do two reports that are not one tell of the same patients? A preprint and its article, a talk and
the paper made of it.

Records of different kinds are never one (`rules`), so that what they have in common is asked of the
studies that they are the reports of (extraction/overlap.py; Cochrane Handbook 4.6.2: authors and
title are among what links the reports of one study).
"""

import re

from livingmeta.screening import kinds
from livingmeta.screening.duplicates import fields_compared, likeness
from livingmeta.screening.duplicates.entries import Entry
from livingmeta.screening.duplicates.fields_compared import DIFFERENT, SAME

# ASSUME: a title of fewer words is, without its author, that of several reports (as in `rules`),
# and so is one of fewer words that say more than how a study was done.
_TELLING, _OF_SUBJECT = 5, 4
# ASSUME: of the words that say what a longer title is about this share stands in the other; else a
# short title would be found in that of any later trial of its group. One of so many words, with
# more behind it, has a subtitle.
_SHARE, _LONG = 0.6, 6
# What comes before a paper, whose title is often a little other.
_EARLIER = (kinds.PREPRINT, kinds.ABSTRACT, kinds.THESIS)
# What is on a report, and tells of no patients by its title.
_ABOUT = (kinds.NOTICE, kinds.CONCERN, kinds.ERRATUM, kinds.REPLY)
# Words that tell no two trials of one group apart, beside those of design.
_IDLE = fields_compared.OF_DESIGN | frozenset([
    "data", "effect", "effectiveness", "effects", "efficacy", "final", "findings", "first",
    "impact", "interim", "main", "outcome", "outcomes", "phase", "pivotal",
    "preliminary", "primary", "protocol", "rct", "result", "results", "using", "versus",
    "vs",
])  # fmt: skip
# What says that a report is of an earlier one's patients, with the time that they were followed; a
# time by itself may be that of the treatment (12 weeks of tea), and tells two trials apart.
_TIME = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve)_(?:year|month|week|day)s?"
_SAID = r"(?:follow_?ups?|results?|outcomes?|data|findings|update|survival|report|analysis)"
_LATER = re.compile(
    rf"(?:^|_)(?:(?:with|at|after)_)?(?:{_TIME}|long_?term|extended|final|updated|longer)(?:_{_SAID})+"
    rf"(?=_|$)|(?:^|_){_SAID}_(?:at|after|of|over)_{_TIME}(?=_|$)|(?:^|_)follow_?up(?=_(?:of|study|results|data|from|report)_|_study$|$)|"
    r"(?:^|_)(?:secondary|post_?hoc|subgroup|exploratory|ancillary)_(?:sub)?(?:analys[ei]s|study)(?=_|$)|"
    r"(?:^|_)(?:open_label_extension|extension_(?:study|phase|trial|period))(?=_|$)|"
    r"(?:^|_)sub_?study(?=_|$)"
)
# What stands before the numbers of talks and posters, by kind, day or section.
_PROGRAMMES = frozenset([
    "a", "ab", "c", "cp", "e", "ep", "f", "fc", "fr", "fri", "gs", "lba", "m", "ma", "mo", "mon",
    "o", "oa", "oc", "op", "or", "p", "pa", "pd", "po", "pos", "pp", "ps", "s", "sa", "sat", "su",
    "sun", "t", "th", "thu", "tip", "tp", "tu", "tue", "w", "we", "wed", "ws",
])  # fmt: skip
_PHASE = re.compile(r"(?:^|_)phase_(?:\d[ab]?|i{1,3}[ab]?|iv)(?=_|$)")


def retold(a: Entry, b: Entry) -> bool:
    """Whether two reports have one title and first author, or one abstract.

    Where one of them is a preprint, a thesis or an abstract of a meeting, or says that it follows
    another (two-year follow-up, a secondary analysis), the titles may be nearly the same: one cut
    short, in another order, with a subtitle or a slip. Titles of which each has words of its own
    (in men, in women), or that differ by a number (part II, 24 weeks of tea), are of two.
    """
    first = likeness.authors(a, b)
    if first == DIFFERENT or a.kind in _ABOUT or b.kind in _ABOUT:
        return False
    if likeness.abstracts(a, b) == SAME:
        return True
    one, other = (
        (e.unnumbered or e.title for e in (a, b)) if _at_meetings(a, b) else (a.title, b.title)
    )
    if likeness.title(a, b, loosely=False) == "same" or (one and one == other):
        return first == SAME or min(len(a.words), len(b.words)) >= _TELLING
    bare = [_LATER.sub("", title).strip("_") for title in (one, other)]
    follows = bare != [one, other]
    return first == SAME and (follows or _early(a) or _early(b)) and _nearly(*bare)


def _at_meetings(a: Entry, b: Entry) -> bool:
    """Whether the numbers before two titles are of programmes, and tell no two trials apart: P-123
    and 1045P do not, and of the phases of one trial (ACT-1, ACT-2) the letters are the same."""
    if not likeness.two_numbers(a, b):
        return True
    letters = {"".join(filter(str.isalpha, e.numbered)) for e in (a, b)}
    # ASSUME: of other letters, or fewer figures, they may be of molecules (ABT-263) or trials.
    told = all(letter == "" or letter in _PROGRAMMES for letter in letters)
    return told and len(letters) == 2 and all(map(_of_many, (a, b)))


def _of_many(entry: Entry) -> bool:
    return sum(map(str.isdigit, entry.numbered)) >= 3


def _early(entry: Entry) -> bool:
    """Whether a report is of those that a paper follows."""
    supplement = re.match(r"s\d", entry.page)
    # ASSUME: of fewer figures the number before a title may be of a molecule (IL-6).
    return (
        entry.kind in _EARLIER
        or entry.meeting
        or entry.proceedings
        or _of_many(entry)
        or bool(supplement)
    )


def _nearly(one: str, other: str) -> bool:
    """Whether two titles say the same but for how the study was done; one may say more."""
    if ("phase" in one.split("_")) != ("phase" in other.split("_")):
        one, other = _PHASE.sub("", one), _PHASE.sub("", other)
    _, ours, theirs = fields_compared.words_in_common(one, other)
    ours, theirs = ([w for w in own if w not in _IDLE] for own in (ours, theirs))
    if (ours and theirs) or any(map(fields_compared.is_number, ours + theirs)):
        return False
    sizes = [len(frozenset(title.split("_")) - _IDLE) for title in (one, other)]
    shorter, longer = sorted((one, other), key=len)
    if min(sizes) >= _LONG and longer.startswith(f"{shorter}_"):
        return True
    return min(sizes) >= max(_OF_SUBJECT, _SHARE * max(sizes))
