"""Reading an export of any vendor: the format is found by what stands in the file.

    records, rejects = read("searches/2022/pubmed.nbib")

Nothing is lost in silence: each record that the file holds is a row of `records` or of
`rejects`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.errors import InputError
from livingmeta.screening.readers import bibtex, delimited, fields, markup, tagged
from livingmeta.screening.readers.decode import decode

RECORD_COLUMNS = [*fields.COLUMNS, "file", "line", "raw"]
REJECT_COLUMNS = tables.columns("screening/rejects")

# The line that opens a record of each tagged format; the format with most of them is the file's.
_OPENING = {
    "RIS": r"^\s*TY[^\S\n]{0,3}[-–—][^\S\n]?\S|^ER  -",
    "PubMed": r"^PMID ?-|^PMCR?\s?-|^OWN +- |^DP  - \d{4}",
    "Web of Science": r"^PT [A-Z]\s*$",
    "EndNote": r"^ ?%0(?: |$)|^%[AT] ",
    "Ovid": r"^<\d+\.?\s*>\s*$",
    "Ovid, not numbered": r"^VN  - |^UI  - ",
    "Cochrane": r"^Record #\d+ of \d+\s*\n(?=[A-Z]{2}: )",
}
_BY_ROW = "table, a field on each line"
_SNIFFED = 1_000_000  # characters
_OPENS = {name: re.compile(pattern, re.MULTILINE) for name, pattern in _OPENING.items()}
# What no other format holds at the start of a line, so that exports of two kinds that were put
# into one file can be told apart; before it a part of it that is quickly looked for.
_MARKED = {
    "RIS": ("TY  ", r"^TY {2}- ?[A-Z]{3,}"),
    "PubMed": ("PMID-", r"^PMID- ?\d"),
    "Web of Science": ("PT ", r"^PT [A-Z]\s*$"),
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
_MAGIC = (
    (b"PK\x03\x04", "a zip or Excel file (.xlsx)", "save it as 'CSV UTF-8' or unpack it"),
    (b"PK\x05\x06", "a zip file of nothing", "export the search again"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", "save it as 'CSV UTF-8'"),
    (b"%PDF", "a PDF", "export the references from the database instead"),
    (b"\x1f\x8b", "a gzip file", "unpack it"),
    (b"{\\rtf", "a rich text document", "save it as plain text"),
    (b"SQLite format 3", "a database", "export the references from its program"),
)
_NO_RECORD = (
    "if the search found nothing, write 0 under hits in its row of searches.csv, else export the "
    "search again"
)
_EXPECTED = (
    "right would be RIS, PubMed (.nbib or XML), Web of Science, Ovid, Cochrane or EndNote (text or "
    "XML), BibTeX, or a CSV or tab-delimited table with a header that names a title column"
)
# ASSUME: no field of a real record is longer (characters). What is has swallowed other records, and
# comparing it with others would take minutes. Titles stay below 2,000, abstracts below 50,000.
_LONGEST = {"title": 5_000} | dict.fromkeys(set(fields.COLUMNS) - {"title"}, 500_000)


class ReadError(InputError):
    """A file that holds no record, or that is no export; says what was seen and what is right."""


class NoRecordError(ReadError):
    """An empty file, or an export of a known format that holds no record."""


def read(path: str | Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read one export file.

    Returns `records` (columns `RECORD_COLUMNS`, all text but `line`, empty where unknown) and
    `rejects` (columns `REJECT_COLUMNS`). `authors` is `Family, Given; Family, Given`; `line` is
    the 1-based first line, `raw` the text as it stood there. `records.attrs` holds `format` and
    `notes`, a list of sentences on how it was read (an encoding other than UTF-8).

    Raises NoRecordError, a ReadError, for an export of nothing; ReadError for what is no export.
    """
    path = Path(path)
    data = path.read_bytes()
    for magic, what, remedy in _MAGIC:
        if data.startswith(magic):
            raise ReadError(f"{path}: this is {what}, not an export; {remedy}")
    text, note = decode(data)
    if not text.strip():
        raise NoRecordError(f"{path}: the file is empty; {_NO_RECORD}")
    notes = [f"{path.name}: {note}"] if note else []
    if text.count("\0") > len(text) // 100:
        raise ReadError(f"{path}: line 1 holds binary data, not text; {_EXPECTED}")

    lines = text.split("\n")
    kind, found = _read_text(path, text, lines)
    rows, rejects = [], []
    for start, _stop, row, raw in found:
        place = {"file": str(path), "line": start + 1}
        long = [] if isinstance(row, str) else [c for c in row if len(row[c]) > _LONGEST[c]]
        if long and not isinstance(row, str):
            row = (
                f"{long[0]} of {len(row[long[0]]):,} characters (at most {_LONGEST[long[0]]:,}); "
                "the end of a field or record is probably missing in the export"
            )
        if isinstance(row, str):
            rejects.append({**place, "reason": row, "raw": raw})
        elif row["title"] or row["doi"] or row["pmid"] or row["pmcid"]:
            rows.append({**row, **place, "raw": raw})
        else:
            reason = "neither a title nor an identifier (DOI, PMID, PMCID)"
            rejects.append({**place, "reason": reason, "raw": raw})
    if not rows and not rejects:
        raise NoRecordError(f"{path}: a {kind} export without a record; {_NO_RECORD}")
    records = pd.DataFrame(rows, columns=RECORD_COLUMNS) if rows else nothing()[0]
    records.attrs.update(format=kind, notes=notes)
    return records, pd.DataFrame(rejects, columns=REJECT_COLUMNS)


def nothing() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The records and rejects of a search that found nothing."""
    records = pd.DataFrame(columns=RECORD_COLUMNS)
    text = {c: "str" for c in RECORD_COLUMNS if c != "line"}
    return records.astype(text), pd.DataFrame(columns=REJECT_COLUMNS)


# 0-based first line, one past the last, the row or why there is none, the text (None: the lines)
_Found = Iterator[tuple[int, int, dict[str, str] | str, str | None]]
_NAMES = re.compile(
    r'^\s*(?:title|booktitle)\s*=|^"[^"\n]+",|"title":|<(?:title|ArticleTitle)[\s>]|'
    r"^(?:TI|T1) {0,2}[-:] |^%T |^TI |^Title[^\S\n]*$|\b10\.\d{4,9}/\w",
    re.MULTILINE | re.IGNORECASE,
)


def _read_text(path: Path, text: str, lines: list[str]) -> tuple[str, _Found]:
    """The format's name, and what stands in the file record by record."""
    kind, header = _kind(path, text, lines)
    apart = _apart(kind, text, lines)
    if not apart:
        return kind, _with_the_rest(kind, _read_kind(kind, header, text, lines), lines, header)
    rest = lines.copy()
    for start, stop, _ in apart:
        rest[start:stop] = [""] * (stop - start)
    own = _with_the_rest(kind, _read_kind(kind, header, "\n".join(rest), rest), rest, header)
    others = [
        (
            start,
            stop,
            f"another format ({name}) within this {kind} export; put it into a file of its own",
            "\n".join(lines[start:stop]),
        )
        for start, stop, name in apart
    ]
    return kind, iter(sorted([*own, *others], key=lambda found: found[:2]))


def _with_the_rest(kind: str, found: _Found, lines: list[str], header: tuple | None) -> _Found:
    """What was found, each with its text, and titles and DOIs that stand outside all of it.

    Where more text stands outside than inside, all that stands outside.
    """
    own = [header[0]] if header else []  # names of columns, no title
    past, outside, inside = 0, [], 0
    for start, stop, row, raw in found:
        outside.append((past, start))
        raw = "\n".join(lines[start:stop]) if raw is None else raw
        yield start, stop, row, raw
        past, inside = max(past, stop), inside + len(raw)
    pieces = []
    for start, stop in [*outside, (past, len(lines))]:
        text = "\n".join("" if at in own else lines[at] for at in range(start, stop))
        if text.strip():
            pieces.append((start, stop, text))
    most = sum(len(text) for *_, text in pieces) > inside > 0
    formal = kind in markup.OPENS or kind == "JSON"  # nothing but tags and brackets stand outside
    for start, stop, text in pieces:
        if _NAMES.search(text):
            yield (
                start,
                stop,
                "a title or DOI outside any record; what opens its record is lost",
                text,
            )
        elif (most and len(re.findall(r"^.*\w", text, re.MULTILINE)) >= 4) or (
            formal and start > 0 and len(re.sub(r"<[^<>]*>|\W", "", text)) >= 40
        ):
            yield start, stop, "text outside any record; what opens its record is lost", text


def _kind(path: Path, text: str, lines: list[str]) -> tuple[str, tuple | None]:
    """The format's name and, for a table, its header."""
    start = text.lstrip()[:1]
    if start == "<":
        for kind, opens in markup.OPENS.items():
            if opens.search(text):
                return kind, None
    if start == "[" and re.match(r"\s*\[\s*[{\]]", text):
        return "JSON", None
    counts = _openings(text[:_SNIFFED])
    if not any(counts.values()):
        counts = _openings(text)
    best = max(counts, key=counts.__getitem__)
    header = delimited.header_of(lines)
    above = lines[: header[0]] if header else lines
    if delimited.by_row(above) and (counts[best] == 0 or _above(0, _OPENS[best], lines)):
        return _BY_ROW, None
    if (
        header
        and not bibtex.OPENS.match(text)
        and (counts[best] == 0 or _above(header[0], _OPENS[best], lines))
    ):
        return "table", header
    if len(bibtex.OPENS.findall(text)) > counts[best]:
        return "BibTeX", None
    if counts[best]:
        return best, None
    if re.match(r"FN .*\nVR ", text.lstrip()):
        raise NoRecordError(f"{path}: a Web of Science export without a record; {_NO_RECORD}")
    raise ReadError(f"{path}: {_seen(lines)}; {_EXPECTED}")


def _read_kind(kind: str, header: tuple | None, text: str, lines: list[str]) -> _Found:
    if kind in markup.OPENS:
        return _read_spans(text, markup.split_xml(text, kind), kind)
    if kind == "JSON":
        return _read_json(text)
    if kind == "table":
        assert header is not None  # by which it was told
        return _read_table(lines, *header)
    if kind == _BY_ROW:
        return _read_by_row(lines)
    if kind == "BibTeX":
        return _read_spans(text, bibtex.split(text), "RIS")
    return _read_tagged(lines, kind)


def _apart(kind: str, text: str, lines: list[str]) -> list[tuple[int, int, str]]:
    """Stretches of lines that hold records of another format: first line, one past the last, name.

    One goes on until the next record of the file's own format opens.
    """
    # numbered records may say once more that they are Ovid's; "TITLE","..." is a line by row
    passed = {"Ovid": "Ovid, not numbered", _BY_ROW: "table"}.get(kind)
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


def _openings(text: str) -> dict[str, int]:
    """How many lines look as if they opened a record of each tagged format."""
    return {name: len(pattern.findall(text)) for name, pattern in _OPENS.items()}


def _above(number: int, pattern: re.Pattern[str], lines: list[str]) -> bool:
    """Whether a table's header stands above the first line that opens a tagged record."""
    return not any(pattern.match(line) for line in lines[: number + 1])


def _seen(lines: list[str]) -> str:
    number, first = next((i, x.strip()) for i, x in enumerate(lines, 1) if x.strip())
    if first[:1] == "<" and "<html" in "\n".join(lines[:50]).lower():
        return f"line {number} begins a web page (perhaps a log-in page), not an export"
    if "PMID: " in "\n".join(lines[:200]):
        return "PubMed's list for the eye; choose the format 'PubMed' when you save the search"
    return f"no known export format; line {number} reads {first[:80]!r}"


def _read_tagged(lines: list[str], name: str) -> _Found:
    for raw in tagged.split(lines, tagged.DIALECTS[name]):
        row = raw.reason if isinstance(raw, tagged.Reject) else fields.row(raw, name)
        yield raw.start, raw.stop, row, None


def _read_spans(text: str, found: Any, dialect: str) -> _Found:
    """Records that may share a line with others: their text goes with them."""
    name = {markup.ENDNOTE: "RIS", markup.PUBMED: "PubMed"}.get(dialect, dialect)
    for raw, start, end in found:
        row = raw.reason if isinstance(raw, tagged.Reject) else fields.row(raw, name)
        yield raw.start, raw.stop, row, text[start:end].rstrip()


def _read_json(text: str) -> _Found:
    line = counted = 0
    for item, start, end in markup.split_json(text):
        line, counted = line + text.count("\n", counted, start), start
        row: dict[str, str] | str = "damaged JSON: not an object that ends"
        if item is not None:
            names, cells = markup.cells(item)
            row = delimited.row(cells, delimited.columns(names))
        yield line, line + text.count("\n", start, end) + 1, row, text[start:end]


def _read_table(lines: list[str], start: int, delimiter: str, found: dict) -> _Found:
    for row in delimited.split(lines, start, delimiter):
        if isinstance(row, tagged.Reject):
            yield row.start, row.stop, row.reason, None
        else:
            yield row[0], row[1], delimited.row(row[2], found), None


def _read_by_row(lines: list[str]) -> _Found:
    for start, stop, record in delimited.split_by_row(lines):
        filled = {column: [v for v in values if v] for column, values in record.items()}

        def cells(column: str, of: dict[str, list[str]] = filled) -> list[str]:
            return of.get(column, [])

        yield start, stop, delimited.row_of(cells), None
