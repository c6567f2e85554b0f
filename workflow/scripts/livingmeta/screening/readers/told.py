"""What a record's own note, keywords, or first words of the abstract say became of the report.

Programs for references have no field for PubMed's `Retraction in` and its type `Retracted
Publication`: EndNote writes both among its notes, Zotero and Mendeley among keywords and tags.
"""

import re
from collections.abc import Mapping, Sequence

# Of each type, as PubMed calls it, what a note says. Words of a type count as PubMed writes them,
# since "retracted publication" in a sentence, and the heading `Retraction of Publication as Topic`,
# are what an article is about; what ties to another article has its journal, year or number behind.
_TIE = r"\s*(?:[:/]|(?=[A-Z(]))(?=.{0,200}?(?:\b(?:19|20)\d\d\b|\bPMID\b|\b10\.\d{4,9}/))"
_THIS = (
    r"\bth(?:is|e above) (?:article|paper|publication|manuscript)"
    r"(?: (?:has|had) (?:since )?been| is(?: now)?| was)"
    r"(?: (?:formally|fully|partially|officially))?"
)
# Who takes this article back, in words of publishers and preprint servers.
_WHO = r"\b(?:we|the (?:authors?|editors?|editors?-in-chief|publishers?|journal))"
_OWN = r"(?:this|the above|the|their) (?:article|paper|publication|manuscript|preprint)"
_TAKE_BACK = rf"{_WHO} (?:hereby |wish to |(?:have|has) )?retract(?:ed|s)? {_OWN}"
_NOTES = {
    "Retracted Publication": rf"\bRetracted Publication\b|(?i:\bretraction in\b){_TIE}"
    rf"|(?i:{_THIS} retracted\b)",
    "Retraction of Publication": r"\bRetraction of Publication\b(?! as Topic)",
    "Withdrawn Publication": rf"(?i:{_THIS} withdrawn\b)",
    "Under Concern": rf"(?i:\bexpression of concern in\b){_TIE}",
    "Expression of Concern": rf"(?i:\bexpression of concern for\b){_TIE}",
    "Corrected Publication": rf"(?i:\b(?:erratum|corrected and republished) in\b){_TIE}",
}
_IN_NOTE = {kind: re.compile(pattern) for kind, pattern in _NOTES.items()}
# The whole of a keyword, a tag, a line or a sentence of a note.
_WORK = r"(?: (?:article|paper|publication|study))?"
_ALONE = {
    "Retracted Publication": re.compile(
        rf"(?:(?:publication )?(?:status|stage|note)\s*:\s*)?retracted{_WORK}s?"
        r"(?:\s*:\s*(?:yes|true|1|[\d./-]{8,10}(?: reasons?\b.*)?))?"
        r"(?: (?:by|on|due to|because of|see)\b.*)?",
        re.IGNORECASE,
    ),
    "Withdrawn Publication": re.compile(
        r"withdrawn (?:article|paper|publication)s?", re.IGNORECASE
    ),
}
_PARTS = re.compile(r"[;|\n]|\.(?=\s|$)")
_OF_ANOTHER = {
    "Retraction of Publication": re.compile(r"\W*this retracts the article\b", re.IGNORECASE),
    "Published Erratum": re.compile(r"\W*this corrects the article\b", re.IGNORECASE),
}
_OF_ITSELF = {
    "Retracted Publication": re.compile(rf"\W*(?:{_THIS} retracted\b|{_TAKE_BACK})", re.IGNORECASE),
    # medRxiv and bioRxiv; Elsevier
    "Withdrawn Publication": re.compile(
        rf"\W*(?:{_THIS} (?:temporarily )?(?:withdrawn|removed)\b|"
        rf"{_WHO} (?:have|has|wish to)? ?withdr(?:awn?|ew) {_OWN}|"
        r"the publisher regrets that this article\b)",
        re.IGNORECASE,
    ),
}
# Behind an abstract, in brackets or as a sentence.
_ENDS = re.compile(
    rf"(?:[.?!\])]\s*|[\[(])(?:{_THIS} retracted\b|"
    rf"(?:retraction(?: notice)?|editor(?:ial|'s)? note)\s*[:.]\s*"
    rf"(?:{_THIS} retracted|{_TAKE_BACK}))",
    re.IGNORECASE,
)
_WORDS = (
    *("retract", "withdr", "concern", "erratum", "republished in", "this corrects", "removed"),
    "publisher regrets",
)
_OPENING = 300  # characters at both ends of an abstract: what stands between is its subject
# RIS' tags for whatever somebody noted, and its short title.
_FREE = ("C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "M1", "M2", "RN", "U1", "U2", "U3", "ST")
_MARKED = re.compile(
    rf"\W*(?:(?:publication )?(?:status|stage|note)\s*:\s*)?retracted{_WORK}\W*"
    r"(?:$|:(?!\W*(?:no|not|none|false|0|n/?a|nein|non)\b))",
    re.IGNORECASE,
)


def of_tags(values: Mapping[str, Sequence[str]]) -> list[str]:
    """The type that a RIS record has by what stands alone under a tag that nobody reads."""
    held = [(tag, value) for tag in _FREE for value in values.get(tag, ())]
    tied = _IN_NOTE["Retracted Publication"]
    # PsycINFO lists the references under M1 and M2.
    marked = any(
        _MARKED.match(value) or (tag[0] != "M" and tied.search(value)) for tag, value in held
    )
    return ["Retracted Publication"] if marked else []


def with_state(row: Mapping[str, str]) -> str:
    """The type of a record with what its note, keywords and abstract add to it.

    `row`: a record in the columns of readers/fields.py.
    """
    type_, note, keywords = row.get("type", ""), row.get("note", ""), row.get("keywords", "")
    abstract = row.get("abstract", "")
    opening, ending = abstract[:_OPENING], abstract[-_OPENING:]
    plain = f"{note} {keywords} {opening[:80]} {ending}".lower()
    if not any(word in plain for word in _WORDS):
        return type_
    found = [kind for kind, pattern in _IN_NOTE.items() if note and pattern.search(note)]
    # An article on retractions has them among its keywords.
    subject = "retract" in row.get("title", "").lower()
    parts = [*_PARTS.split(note), *([] if subject else keywords.split(";"))]
    bare = [part.strip(" []()#*\"'") for part in parts]
    found += [kind for kind, alone in _ALONE.items() if any(map(alone.fullmatch, bare))]
    # The abstract of what its title calls a notice speaks of another article.
    begins = _OF_ANOTHER | ({} if subject else _OF_ITSELF)
    found += [kind for kind, begin in begins.items() if begin.match(opening)]
    if not subject and _ENDS.search(ending):
        found.append("Retracted Publication")
    held = {word.strip().lower() for word in type_.split(";")}
    new = dict.fromkeys(kind for kind in found if kind.lower() not in held)
    return "; ".join(filter(None, [type_, *new]))
