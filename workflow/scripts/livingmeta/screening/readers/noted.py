"""What is noted of how an export was read: columns that nobody knows, an end that is missing."""

import csv
import re
from pathlib import Path

from livingmeta.screening.readers import asreview, covidence, delimited, rayyan, tagged

# As Covidence writes it: at the beginning of a note, and not anywhere in an abstract.
_COVIDENCE = re.compile(r'(?:^|[,;\t{])"?(?:[A-Z][A-Z0-9] {1,2}- )?Exclusion reason:', re.MULTILINE)
Header = tuple[int, str, dict[str, list[int]]]


def of_table(path: Path, lines: list[str], header: Header) -> list[str]:
    """Notes on the columns of a table; `header`: as delimited.header_of gives it."""
    unnamed = _unnamed(path, lines, header)
    return [*([unnamed] if unnamed else []), *_twice(path, lines, header)]


def _unnamed(path: Path, lines: list[str], header: Header) -> str:
    """A note where a table names no title or no authors; empty where it names both."""
    number, delimiter, found = header
    if "registration" in found:
        return ""
    lacking = [
        what
        for what, columns in (("title", ["title"]), ("authors", ["authors", "glued_authors"]))
        if not set(columns) & set(found)
    ]
    if not lacking:
        return ""
    names = next(csv.reader([lines[number]], delimiter=delimiter))
    known = {at for places in found.values() for at in places}
    left = [name for at, name in enumerate(names) if at not in known and name.strip()]
    if not left:
        return ""
    lack = " or the ".join(lacking)
    return (
        f"{path.name}: line {number + 1} names no column of the {lack}; "
        f"not recognised: {', '.join(left)}"
    )


def _twice(path: Path, lines: list[str], header: Header) -> list[str]:
    """Notes on columns that a header names twice, and whose cells differ."""
    number, delimiter, found = header
    names = next(csv.reader([lines[number]], delimiter=delimiter))
    places: dict[str, list[int]] = {}
    for at in sorted({at for column in found.values() for at in column}):
        places.setdefault(delimited.key(names[at]), []).append(at)
    places = {name: at for name, at in places.items() if len(at) > 1}
    if not places:
        return []
    notes = []
    every = (r for r in delimited.split(lines, *header) if not isinstance(r, tagged.Reject))
    rows = [row for row in every if row[3] == found]  # those of a further table have its names
    for several in places.values():
        apart = []
        for start, _, cells, _ in rows:
            said = list(dict.fromkeys(text for i in several if (text := cells[i].strip())))
            if len(said) > 1:
                apart.append((start + 1, said))
        if apart:
            line, said = apart[0]
            many = "1 row" if len(apart) == 1 else f"{len(apart)} rows"
            notes.append(
                f"{path.name}: line {number + 1} names the column {names[several[0]].strip()} "
                f"{len(several)} times, and they differ in {many}, first on line {line} "
                f"('{said[0][:60]}', '{said[1][:60]}'); the first counts"
            )
    return notes


def voted(path: Path, text: str, header: str) -> str:
    """The program whose decisions stand in an export, by its text or the `header` of its table:
    rayyan, covidence, eppi, asreview, or another column of decisions (column); else empty."""
    # The words alone are quickly looked for, in exports of 100,000 records too.
    if rayyan.MARK in text and rayyan.VOTED.search(text):
        return "rayyan"
    if '"codingsList"' in text:
        return "eppi"
    noted = "Exclusion reason:" in text and _COVIDENCE.search(text)
    if noted or covidence.NAMED.search(path.stem):
        return "covidence"
    labels = asreview.NOTED.findall(text) if "ASReview_" in text else ()
    if any(word != "not_seen" for word in labels):
        return "asreview"
    column = asreview.column_of(asreview.heads_of(header)) if header else None
    # ASSUME: a column "label" alone is one of many things.
    if column in (None, "label"):
        return ""
    return "asreview" if column == asreview.LABELS[0] else "column"


# The line that opens a record and the one that ends it, by which a file that was cut off shows;
# SO is the last of PubMed's.
_ENDS = {
    "RIS": (r"\s*TY\s{0,4}[-–—]\s?\S", r"\s*ER\s*[-–—]?\s*$"),
    "Web of Science": (r"PT [A-Z]\s*$", r"ER\s*$"),
    "PubMed": (r"PMID ?-", r"SO +- "),
}
_TAGS = frozenset(["TY", "ER", "PT", "PM", "SO"])


def cut_off(path: Path, kind: str, lines: list[str]) -> list[str]:
    """A note where the last record lacks the end that all others have."""
    if kind not in _ENDS:
        return []
    # few lines need the closer look
    few = [(at, line) for at, line in enumerate(lines) if line.lstrip()[:2] in _TAGS]
    opened, ended = ([at for at, line in few if re.match(pattern, line)] for pattern in _ENDS[kind])
    if not ended or len(opened) != len(ended) + 1 or opened[-1] < ended[-1]:
        return []
    return [
        f"{path.name}: the last record, on line {opened[-1] + 1}, lacks the end that all others "
        "have: the file was perhaps cut off there. Compare the hits of the search, or export it "
        "once more"
    ]
