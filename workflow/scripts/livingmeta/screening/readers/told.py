"""What a record's own note, keywords, or first words of the abstract say became of the report.

Programs for references have no field for PubMed's `Retraction in` and its type `Retracted
Publication`: EndNote writes both among its notes, Zotero and Mendeley among keywords and tags.
"""

import re
from collections.abc import Mapping

# Of each type, as PubMed calls it, what a note says. Words of a type count as PubMed writes them,
# since "retracted publication" in a sentence, and the heading `Retraction of Publication as Topic`,
# are what an article is about; what ties to another article has its journal, year or number behind.
_TIE = r"\s*(?:[:/]|(?=[A-Z(]))(?=.{0,200}?(?:\b(?:19|20)\d\d\b|\bPMID\b|\b10\.\d{4,9}/))"
_THIS = (
    r"\bth(?:is|e above) (?:article|paper|publication|manuscript)"
    r"(?: (?:has|had) (?:since )?been| is(?: now)?| was)"
    r"(?: (?:formally|fully|partially|officially))?"
)
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
        r"(?:\s*:\s*(?:yes|true|1))?(?: (?:by|on|due to|because of|see)\b.*)?",
        re.IGNORECASE,
    ),
    "Withdrawn Publication": re.compile(
        r"withdrawn (?:article|paper|publication)s?", re.IGNORECASE
    ),
}
_PARTS = re.compile(r"[;|\n]|\.(?=\s|$)")
_BEGINS = {
    "Retraction of Publication": re.compile(r"\W*this retracts the article\b", re.IGNORECASE),
    "Published Erratum": re.compile(r"\W*this corrects the article\b", re.IGNORECASE),
    "Retracted Publication": re.compile(rf"\W*{_THIS} retracted\b", re.IGNORECASE),
}
_WORDS = ("retract", "withdr", "concern", "erratum", "republished in")
_OPENING = 300  # characters of an abstract: what stands behind them is its subject


def with_state(row: Mapping[str, str]) -> str:
    """The type of a record with what its note, keywords and abstract add to it.

    `row`: a record in the columns of readers/fields.py.
    """
    type_, note, keywords = row.get("type", ""), row.get("note", ""), row.get("keywords", "")
    opening = row.get("abstract", "")[:_OPENING]
    plain = f"{note} {keywords} {opening[:80]}".lower()
    if not any(word in plain for word in _WORDS) and "this corrects" not in plain:
        return type_
    found = [kind for kind, pattern in _IN_NOTE.items() if note and pattern.search(note)]
    # An article on retractions has them among its keywords.
    subject = "retract" in row.get("title", "").lower()
    parts = [*_PARTS.split(note), *([] if subject else keywords.split(";"))]
    bare = [part.strip(" []()#*\"'") for part in parts]
    found += [kind for kind, alone in _ALONE.items() if any(map(alone.fullmatch, bare))]
    found += [kind for kind, begins in _BEGINS.items() if begins.match(opening)]
    held = {word.strip().lower() for word in type_.split(";")}
    new = dict.fromkeys(kind for kind in found if kind.lower() not in held)
    return "; ".join(filter(None, [type_, *new]))
