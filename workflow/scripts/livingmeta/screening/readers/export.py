"""Reading an export of any vendor: the format is found by what stands in the file.

    records, rejects = read("searches/2022/pubmed.nbib")

Nothing is lost in silence: each record that the file holds is a row of `records` or of
`rejects`.
"""

import operator
import re
from pathlib import Path
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.errors import InputError
from livingmeta.screening import kinds, trial_numbers
from livingmeta.screening.readers import (
    answers,
    bibtex,
    by_hand,
    by_row,
    delimited,
    fields,
    markup,
    mixed,
    noted,
    sources,
    tagged,
    told,
    workbook,
)
from livingmeta.screening.readers.decode import decode, ungarbled

RECORD_COLUMNS = [*fields.COLUMNS, *fields.REGISTERED, "file", "line", "raw"]
REJECT_COLUMNS = tables.columns("screening/rejects")

# The line that opens a record of each tagged format; the format with most of them is the file's.
_OPENING = {
    "RIS": r"^\s*TY[^\S\n]{0,3}[-–—][^\S\n]?\S|^ER  -",
    "PubMed": r"^PMID ?-|^PMCR?\s?-|^OWN +- |^DP  - \d{4}",
    "Web of Science": r"^PT [A-Z]\s*$",
    "RefWorks": r"^RT [A-Z][a-z]+",
    "EndNote": r"^ ?%0(?: |$)|^%[AT] ",
    "Ovid": r"^<\d+\.?\s*>\s*$",
    "Ovid, not numbered": r"^VN  - |^UI  - ",
    "Cochrane": r"^Record #\d+ of \d+\s*\n(?=[A-Z]{2}: )",
}
_SNIFFED = 1_000_000  # characters
# Formats that may say how many records their search found.
ANSWERS = ("JSON", *sources.XML)
SHOWN = 10  # identifiers set aside that a note names
_OPENS = {name: re.compile(pattern, re.MULTILINE) for name, pattern in _OPENING.items()}
_AS_CSV = "save it as 'CSV UTF-8 (comma delimited)'"
_MAGIC = (
    (b"PK\x03\x04", "a zip or Excel file (.xlsx)", f"{_AS_CSV} or unpack it"),
    (b"PK\x05\x06", "a zip file of nothing", "export the search again"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", _AS_CSV),
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
    "XML), RefWorks, BibTeX, JSON of a database, or an Excel, CSV or tab-delimited table with a "
    "header that names a title column"
)
# ASSUME: no field of a real record is longer (characters). What is has swallowed other records, and
# comparing it with others would take minutes. Titles stay below 2,000, abstracts below 50,000.
_LONGEST = {"title": 5_000} | dict.fromkeys(
    {*fields.COLUMNS, *fields.REGISTERED} - {"title"}, 500_000
)


class ReadError(InputError):
    """A file that holds no record, or that is no export; says what was seen and what is right."""


class NoRecordError(ReadError):
    """An empty file, or an export of a known format that holds no record."""


def read(path: str | Path, *, texts: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read one export file.

    Returns `records` (columns `RECORD_COLUMNS`, all text but `line`, empty where unknown) and
    `rejects` (columns `REJECT_COLUMNS`). `authors` is `Family, Given; Family, Given`; `line` is
    the 1-based first line, `raw` the text as it stood there; without `texts`, which of very many
    records are as large as all else, `raw` only of those that begin on one line, which it tells
    apart. `records.attrs` holds `format`, `notes`, a list of sentences on how it was read (an
    encoding other than UTF-8), and what the file says of itself: `hits`, how many its search found
    (or None), `follow`, whether more follow; `header`, the first line of a table; `votes_of`, the
    program whose decisions stand in it.

    Raises NoRecordError, a ReadError, for an export of nothing; ReadError for what is no export.
    """
    path = Path(path)
    data = path.read_bytes()
    try:
        sheet = workbook.text(data) if data.startswith(b"PK\x03\x04") else ""
    except workbook.SheetError as error:
        raise ReadError(f"{path}: {error}") from None
    for magic, what, remedy in _MAGIC:
        if data.startswith(magic) and not sheet:
            raise ReadError(f"{path}: this is {what}, not an export; {remedy}")
    if sheet:
        text, note = sheet, "read from the sheet that names a title; a line is a row"
    else:
        text, note = decode(data)
    text, garbled = ungarbled(text)
    del data  # of many records as large as their text
    if not text.strip():
        raise NoRecordError(f"{path}: the file is empty; {_NO_RECORD}")
    notes = [f"{path.name}: {said}" for said in (note, garbled) if said]
    if text.count("\0") > len(text) // 100:
        raise ReadError(f"{path}: line 1 holds binary data, not text; {_EXPECTED}")

    lines = text.split("\n")
    kind, header = _kind(path, text, lines)
    names = lines[header[0]] if header else ""
    votes_of = noted.voted(path, text, names)
    if header and not votes_of and "registration" not in header[2]:
        votes_of = "column" if by_hand.holds(names, lines[header[0] + 1 :]) else ""
    notes += noted.of_table(path, lines, header) if header else noted.cut_off(path, kind, lines)
    found = _read_text(kind, header, text, lines)
    words = trial_numbers.words(text)
    hits, follow = answers.told(text) if kind in ANSWERS else (None, False)
    del text  # where records are cut out of it, `found` holds it
    rows, rejects, aside = [], [], []
    raws: list[str] = []
    says = {"hits": hits, "follow": follow, "header": names, "votes_of": votes_of}
    line, above = -1, ""
    for start, _stop, row, raw in found:
        place = {"file": str(path), "line": start + 1}
        long = (
            [] if isinstance(row, str) else [c for c in row if len(row[c]) > _LONGEST.get(c, 500)]
        )
        if long and not isinstance(row, str):
            row = (
                f"{long[0]} of {len(row[long[0]]):,} characters (at most {_LONGEST[long[0]]:,}); "
                "the end of a field or record is probably missing in the export"
            )
        if isinstance(row, str):
            rejects.append({**place, "reason": row, "raw": raw})
        elif any(row.get(c) for c in ("title", "doi", "pmid", "pmcid", "registration")):
            row["type"] = told.with_state(row)
            numbers = _numbers(row, raw, words)
            if fields.ASIDE in row:
                aside.append(f"line {start + 1}: {row[fields.ASIDE]}")
            rows.append(_IN_ORDER({**_BLANK, **row, **place, "registration": numbers}))
            if line == start:
                raws[-1] = above
            raws.append((raw or "") if texts or line == start else "")
            line, above = start, raw or ""
        else:
            reason = "neither a title nor an identifier (DOI, PMID, PMCID)"
            rejects.append({**place, "reason": reason, "raw": raw})
    if not rows and not rejects:
        raise NoRecordError(f"{path}: a {kind} export without a record; {_NO_RECORD}")
    if aside:
        more = f"; and {len(aside) - SHOWN} more" if len(aside) > SHOWN else ""
        which = "; ".join(aside[:SHOWN])
        notes.append(
            f"{path.name}: set aside, a second DOI or not what the column holds: {which}{more}"
        )
    records = nothing()[0]
    if rows:
        records = pd.DataFrame(rows, columns=RECORD_COLUMNS[:-1]).assign(raw=raws)
    records.attrs.update(format=kind, notes=notes, **says)
    return records, pd.DataFrame(rejects, columns=REJECT_COLUMNS)


_BLANK = dict.fromkeys([*fields.COLUMNS, *fields.REGISTERED], "")
_IN_ORDER = operator.itemgetter(*RECORD_COLUMNS[:-1])  # a quarter of the memory of a dictionary


def _numbers(row: dict[str, str], raw: str | None, words: list[str]) -> str:
    """Every number of a register that a record holds, its own first, with a blank between."""
    own = row.get("registration", "").split()
    found = trial_numbers.numbers(raw or "", words)
    if not found:
        return " ".join(own)
    if kinds.kind(row["title"], row["type"], row["doi"], row["journal"]) == kinds.REGISTRATION:
        own += trial_numbers.numbers(f"{row['url']} {row['journal']} {row['title']}")
    return " ".join(dict.fromkeys([*own, *found]))


def nothing() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The records and rejects of a search that found nothing."""
    records = pd.DataFrame(columns=RECORD_COLUMNS)
    text = {c: "str" for c in RECORD_COLUMNS if c != "line"}
    return records.astype(text), pd.DataFrame(columns=REJECT_COLUMNS)


def _read_text(kind: str, header: tuple | None, text: str, lines: list[str]) -> mixed.Found:
    """What stands in the file record by record."""
    apart = mixed.apart(kind, text, lines)
    if kind == answers.ZOTERO and answers.sound(text):  # outside stand journals, files and notes
        return _read_kind(kind, header, text, lines)
    if not apart:
        return mixed.with_the_rest(kind, _read_kind(kind, header, text, lines), lines, header)
    rest = lines.copy()
    for start, stop, _ in apart:
        rest[start:stop] = [""] * (stop - start)
    own = mixed.with_the_rest(kind, _read_kind(kind, header, "\n".join(rest), rest), rest, header)
    others = [
        (
            start,
            stop,
            f"another format ({name}) within this {kind} export; put it into a file of its own",
            "\n".join(lines[start:stop]),
        )
        for start, stop, name in apart
    ]
    return iter(sorted([*own, *others], key=lambda found: found[:2]))


def _kind(path: Path, text: str, lines: list[str]) -> tuple[str, tuple | None]:
    """The format's name and, for a table, its header."""
    start = text.lstrip()[:1]
    if start == "<":
        for kind, opens in markup.OPENS.items():
            if opens.search(text):
                return kind, None
    if re.match(r'\s*\[\s*[{\]]|\s*\{\s*"\w', text):
        return "JSON", None
    counts = _openings(text[:_SNIFFED])
    if not any(counts.values()):
        counts = _openings(text)
    best = max(counts, key=counts.__getitem__)
    header = delimited.header_of(lines)
    above = lines[: header[0]] if header else lines
    if by_row.is_one(above) and (counts[best] == 0 or _above(0, _OPENS[best], lines)):
        return mixed.BY_ROW, None
    if (
        header
        and not bibtex.OPENS.match(text)
        and (counts[best] == 0 or _above(header[0], _OPENS[best], lines))
    ):
        return "table", header
    if "@" in text and len(bibtex.OPENS.findall(text)) > counts[best]:
        return "BibTeX", None
    if counts[best]:
        return best, None
    if re.match(r"FN .*\nVR ", text.lstrip()):
        raise NoRecordError(f"{path}: a Web of Science export without a record; {_NO_RECORD}")
    if {"file", "searched_on"} <= set(re.split(r"[\s,;\"]+", text.lstrip()[:500].lower())):
        raise ReadError(
            f"{path}: a table like searches.csv, of which only the one of that very name is read; "
            "put its rows there, or remove it if it is a copy"
        )
    raise ReadError(f"{path}: {_seen(lines)}; {_EXPECTED}")


def _read_kind(kind: str, header: tuple | None, text: str, lines: list[str]) -> mixed.Found:
    if kind in sources.XML:
        return _read_elements(text, kind)
    if kind in markup.OPENS:
        return _read_spans(text, markup.split_xml(text, kind), kind)
    if kind == "JSON":
        return _read_json(text)
    if kind == "table":
        assert header is not None  # by which it was told
        return _read_table(lines, *header)
    if kind == mixed.BY_ROW:
        return _read_by_row(lines)
    if kind == "BibTeX":
        return _read_spans(text, bibtex.split(text), "RIS")
    return _read_tagged(lines, kind)


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


def _read_tagged(lines: list[str], name: str) -> mixed.Found:
    for raw in tagged.split(lines, tagged.DIALECTS[name]):
        row = raw.reason if isinstance(raw, tagged.Reject) else fields.row(raw, name)
        yield raw.start, raw.stop, row, None


def _read_spans(text: str, found: Any, dialect: str) -> mixed.Found:
    """Records that may share a line with others: their text goes with them."""
    name = {markup.ENDNOTE: "RIS", markup.PUBMED: "PubMed"}.get(dialect, dialect)
    for raw, start, end in found:
        row = raw.reason if isinstance(raw, tagged.Reject) else fields.row(raw, name)
        yield raw.start, raw.stop, row, text[start:end].rstrip()


def _read_elements(text: str, kind: str) -> mixed.Found:
    for row, first, stop, start, end in answers.rows(text, kind):
        yield first, stop, row, text[start:end]


def _read_json(text: str) -> mixed.Found:
    line = counted = 0
    for item, start, end in answers.objects(text):
        line, counted = line + text.count("\n", counted, start), start
        row: dict[str, str] | str = "damaged JSON: not an object that ends"
        if item is not None:
            row = answers.row(item)
        yield line, line + text.count("\n", start, end) + 1, row, text[start:end]


def _read_table(lines: list[str], start: int, delimiter: str, found: dict) -> mixed.Found:
    for row in delimited.split(lines, start, delimiter, found):
        if isinstance(row, tagged.Reject):
            yield row.start, row.stop, row.reason, None
        else:
            yield row[0], row[1], delimited.row(row[2], row[3]), None


def _read_by_row(lines: list[str]) -> mixed.Found:
    for start, stop, record in by_row.split(lines):
        filled = {column: [v for v in values if v] for column, values in record.items()}

        def cells(column: str, of: dict[str, list[str]] = filled) -> list[str]:
            return of.get(column, [])

        yield start, stop, delimited.row_of(cells), None
