"""What an export holds beside the records of its own format: another format's, and loose text."""

import re
from collections.abc import Iterator
from itertools import groupby

from livingmeta.screening.readers import bibtex, delimited, markup

OUTSIDE = "a title or DOI outside any record; what opens its record is lost"
BY_ROW = "table, a field on each line"
# What no other format holds at the start of a line, so that exports of two kinds that were put
# into one file can be told apart; before it a part of it that is quickly looked for.
_MARKED = {
    "RIS": ("TY  ", r"^TY {2}- ?[A-Z]{3,}"),
    "PubMed": ("PMID-", r"^PMID- ?\d"),
    "Web of Science": ("PT ", r"^PT [A-Z]\s*$"),
    "RefWorks": ("RT ", r"^RT [A-Z][a-z]+ ?[A-Z]?[a-z]*$"),
    "EndNote": ("%0 ", r"^%0 [A-Z]"),
    "Ovid": ("\n<", r"^<\d+\.?\s*>\s*\n(?=[A-Z])"),
    "Ovid, not numbered": ("VN  - ", r"^VN  - Ovid"),
    "Cochrane": ("Record #", r"^Record #\d+ of \d+\s*\n(?=[A-Z]{2}: )"),
    "BibTeX": ("@", bibtex.OPENS.pattern),
    markup.ENDNOTE: ("<record", markup.OPENS[markup.ENDNOTE].pattern),
    markup.PUBMED: ("<", markup.OPENS[markup.PUBMED].pattern),
    "JSON": ("{", r'^[ \t]*(?:\[\s*)?\{\s*"\w+"\s*:'),
    "table": ("", r'^"?(?:TITLE|Title|title)"?[,\t;]|^PT\tAU\t'),
}
_MARKS = {name: (part, re.compile(mark, re.MULTILINE)) for name, (part, mark) in _MARKED.items()}
# 0-based first line, one past the last, the row or why there is none, the text (None: the lines)
Found = Iterator[tuple[int, int, dict[str, str] | str, str | None]]
_NAMES = re.compile(
    r'^\s*(?:title|booktitle)\s*=|^"[^"\n]+",|"title":|<(?:title|ArticleTitle)[\s>]|'
    r"^(?:TI|T1) {0,2}[-:] |^%T |^TI |^Title[^\S\n]*$|\b10\.\d{4,9}/\w",
    re.MULTILINE | re.IGNORECASE,
)


def with_the_rest(kind: str, found: Found, lines: list[str], header: tuple | None) -> Found:
    """What was found, each with its text, and titles and DOIs that stand outside all of it.

    Where more text stands outside than inside, all that stands outside.
    """
    own = [header[0]] if header else []  # names of columns, no title
    past, outside, inside = 0, [], 0
    on_one_line: list[tuple[int, str]] = []  # records of a line that holds more than one
    for start, stop, row, raw in found:
        outside.append((past, start))
        raw = "\n".join(lines[start:stop]) if raw is None else raw
        yield start, stop, row, raw
        if stop == start + 1 and (kind in markup.OPENS or kind == "JSON"):
            on_one_line.append((start, raw))
        past, inside = max(past, stop), inside + len(raw)
    for at, records in groupby(on_one_line, key=lambda found: found[0]):
        for left in _between(lines[at], [raw for _, raw in records]):
            if _NAMES.search(left):
                yield at, at + 1, OUTSIDE, left
    pieces = []
    for start, stop in [*outside, (past, len(lines))]:
        text = "\n".join("" if at in own else lines[at] for at in range(start, stop))
        if text.strip():
            pieces.append((start, stop, text))
    most = sum(len(text) for *_, text in pieces) > inside > 0
    # nothing but tags and brackets stand outside; an answer holds what was asked, too
    answer = kind == "JSON" and next((s for x in lines if (s := x.strip())), "")[:1] == "{"
    formal = (kind in markup.OPENS or kind == "JSON") and not answer
    for start, stop, text in pieces:
        if _NAMES.search(text):
            yield start, stop, OUTSIDE, text
        elif (most and not answer and len(re.findall(r"^.*\w", text, re.MULTILINE)) >= 4) or (
            formal and start > 0 and len(re.sub(r"<[^<>]*>|\W", "", text)) >= 40
        ):
            yield start, stop, "text outside any record; what opens its record is lost", text


def _between(line: str, records: list[str]) -> Iterator[str]:
    """What of a line stands before, between and behind records that begin and end on it."""
    past = 0
    for record in records:
        at = line.find(record, past)
        if at >= 0:
            yield line[past:at].strip()
            past = at + len(record)
    yield line[past:].strip()


def apart(kind: str, text: str, lines: list[str]) -> list[tuple[int, int, str]]:
    """Stretches of lines that hold records of another format: first line, one past the last, name.

    One goes on until the next record of the file's own format opens.
    """
    # numbered records may say once more that they are Ovid's; "TITLE","..." is a line by row
    passed = {"Ovid": "Ovid, not numbered", BY_ROW: "table"}.get(kind)
    marks = [mark for name in _MARKS if name not in (kind, passed) for mark in _marked(name, text)]
    if kind != "table":
        marks += [(at, "table") for at in _headers(text)]
    if not marks:
        return []
    if kind in _MARKS:
        marks += _marked(kind, text)
    numbers, line, counted = [], 0, 0
    for at, name in sorted(marks):
        line, counted = line + text.count("\n", counted, at), at
        numbers.append((line, name))
    out: list[tuple[int, int, str]] = []
    opened = None
    for line, name in numbers:
        if opened and name == kind and kind not in ("table", "JSON"):
            out.append((opened[0], line, opened[1]))
            opened = None
        elif not opened and name != kind:
            opened = line, name
    return [*out, (opened[0], len(lines), opened[1])] if opened else out


def _marked(name: str, text: str) -> Iterator[tuple[int, str]]:
    part, mark = _MARKS[name]
    for found in mark.finditer(text) if part in text else ():
        yield found.start() + len(found.group()) - len(found.group().lstrip()), name


def _headers(text: str) -> Iterator[int]:
    """Where lines begin that name three columns of a table or more."""
    for word in ("itle", "ITLE"):
        at = text.find(word)
        while at >= 0:
            if text[at + 4 : at + 6].lstrip('"')[:1] in (",", "\t", ";"):
                start = text.rfind("\n", 0, at) + 1
                header = delimited.header_of([text[start : start + 2_000].split("\n")[0]])
                if header and len(header[2]) >= 3:
                    yield start
            at = text.find(word, at + 4)
