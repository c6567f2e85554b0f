"""Reading an export of any vendor: the format is found by what stands in the file.

    records, rejects = read("searches/2022/pubmed.nbib")

Nothing is lost in silence: each record that the file holds is a row of `records` or of
`rejects`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from livingmeta.screening import bibtex, delimited, fields, markup, tagged
from livingmeta.screening.decode import decode

RECORD_COLUMNS = [*fields.COLUMNS, "file", "line", "raw"]
REJECT_COLUMNS = ["file", "line", "reason", "raw"]

# The line that opens a record of each tagged format; the format with most of them is the file's.
_OPENS = {
    "RIS": r"^\s*TY {0,3}[-–] ?\S|^ER  -",
    "PubMed": r"^PMID ?-|^PMCR?\s?-|^OWN +- |^DP  - \d{4}",
    "Web of Science": r"^PT [A-Z]\s*$",
    "EndNote": r"^ ?%0(?: |$)|^%[AT] ",
    "Ovid": r"^<\d+\.?\s*>\s*$",
    "Cochrane": r"^Record #\d+ of \d+\s*\n(?=[A-Z]{2}: )",
}
_SNIFFED = 1_000_000  # characters
_OPENS = {name: re.compile(pattern, re.MULTILINE) for name, pattern in _OPENS.items()}
_MAGIC = (
    (b"PK\x03\x04", "a zip or Excel file (.xlsx)", "save it as 'CSV UTF-8' or unpack it"),
    (b"PK\x05\x06", "a zip file of nothing", "export the search again"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", "save it as 'CSV UTF-8'"),
    (b"%PDF", "a PDF", "export the references from the database instead"),
    (b"\x1f\x8b", "a gzip file", "unpack it"),
    (b"{\\rtf", "a rich text document", "save it as plain text"),
    (b"SQLite format 3", "a database", "export the references from its program"),
)
_EXPECTED = (
    "right would be RIS, PubMed (.nbib or XML), Web of Science, Ovid, Cochrane or EndNote (text or "
    "XML), BibTeX, or a CSV or tab-delimited table with a header that names a title column"
)
# ASSUME: no field of a real record is longer (characters). What is has swallowed other records, and
# comparing it with others would take minutes. Titles stay below 2,000, abstracts below 50,000.
_LONGEST = {"title": 5_000} | dict.fromkeys(set(fields.COLUMNS) - {"title"}, 500_000)


class ReadError(ValueError):
    """A file that holds no record, or that is no export; says what was seen and what is right."""


def read(path: str | Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read one export file.

    Returns `records` (columns `RECORD_COLUMNS`, all text but `line`, empty where unknown) and
    `rejects` (columns `REJECT_COLUMNS`). `authors` is `Family, Given; Family, Given`; `line` is
    the 1-based first line, `raw` the text as it stood there. `records.attrs` holds `format` and
    `notes`, a list of sentences on how it was read (an encoding other than UTF-8).

    Raises ReadError for an empty export and for a file that is no export.
    """
    path = Path(path)
    data = path.read_bytes()
    for magic, what, remedy in _MAGIC:
        if data.startswith(magic):
            raise ReadError(f"{path}: this is {what}, not an export; {remedy}")
    text, note = decode(data)
    if not text.strip():
        raise ReadError(f"{path}: the file is empty; export the search again")
    notes = [f"{path.name}: {note}"] if note else []
    if text.count("\0") > len(text) // 100:
        raise ReadError(f"{path}: line 1 holds binary data, not text; {_EXPECTED}")

    lines = text.split("\n")
    kind, found = _read_text(path, text, lines)
    rows, rejects = [], []
    for start, stop, row, raw in found:
        raw = "\n".join(lines[start:stop]) if raw is None else raw
        place = {"file": str(path), "line": start + 1}
        long = [] if isinstance(row, str) else [c for c in row if len(row[c]) > _LONGEST[c]]
        if long:
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
        raise ReadError(
            f"{path}: a {kind} export without a record; if the search found nothing, say so in "
            "searches.csv (hits 0) and leave the file out"
        )
    records = pd.DataFrame(rows, columns=RECORD_COLUMNS)
    if not rows:
        records = records.astype({c: "str" for c in RECORD_COLUMNS if c != "line"})
    records.attrs.update(format=kind, notes=notes)
    return records, pd.DataFrame(rejects, columns=REJECT_COLUMNS)


# 0-based first line, one past the last, the row or why there is none, the text (None: the lines)
_Found = Iterator[tuple[int, int, dict[str, str] | str, str | None]]


def _read_text(path: Path, text: str, lines: list[str]) -> tuple[str, _Found]:
    """The format's name, and what stands in the file record by record."""
    start = text.lstrip()[:1]
    if start == "<":
        for kind, opens in markup.OPENS.items():
            if opens.search(text):
                return kind, _read_spans(text, markup.split_xml(text, kind), kind)
    if start == "[" and re.match(r"\s*\[\s*[{\]]", text):
        return "JSON", _read_json(text)
    counts = _openings(text[:_SNIFFED])
    if not any(counts.values()):
        counts = _openings(text)
    best = max(counts, key=counts.__getitem__)
    header = delimited.header_of(lines)
    if (
        header
        and not bibtex.OPENS.match(text)
        and (counts[best] == 0 or _above(header[0], _OPENS[best], lines))
    ):
        return "table", _read_table(lines, *header)
    entries = len(bibtex.OPENS.findall(text))
    if entries > counts[best]:
        return "BibTeX", _read_spans(text, bibtex.split(text), "RIS")
    if counts[best]:
        return best, _read_tagged(lines, best)
    if re.match(r"FN .*\nVR ", text.lstrip()):
        raise ReadError(f"{path}: a Web of Science export without a record; export it again")
    if delimited.by_row(lines):
        return "table, a field on each line", _read_by_row(lines)
    raise ReadError(f"{path}: {_seen(lines)}; {_EXPECTED}")


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
    return f"no known export format; line {number} reads {first[:80]!r}"


def _read_tagged(lines: list[str], name: str) -> _Found:
    past = 0
    for raw in tagged.split(lines, tagged.DIALECTS[name]):
        yield from _foreign(lines, past, raw.start, name)
        past = raw.stop
        if isinstance(raw, tagged.Reject):
            yield raw.start, raw.stop, raw.reason, None
        else:
            yield raw.start, raw.stop, fields.row(raw, name), None
    yield from _foreign(lines, past, len(lines), name)


def _foreign(lines: list[str], start: int, stop: int, name: str) -> _Found:
    """Records of another format between two of this one: exports of two kinds in one file."""
    between = "\n".join(lines[start:stop])
    if between.strip():
        for other, number in _openings(between).items():
            if number and other != name:
                reason = f"{number} records in another format ({other}) within a {name} export"
                yield start, stop, f"{reason}; put them into a file of their own", None
                return


def _read_spans(text: str, found, dialect: str) -> _Found:
    """Records that may share a line with others: their text goes with them."""
    name = {markup.ENDNOTE: "RIS", markup.PUBMED: "PubMed"}.get(dialect, dialect)
    for raw, start, end in found:
        row = raw.reason if isinstance(raw, tagged.Reject) else fields.row(raw, name)
        yield raw.start, raw.stop, row, text[start:end].rstrip()


def _read_json(text: str) -> _Found:
    line = counted = 0
    for item, start, end in markup.split_json(text):
        line, counted = line + text.count("\n", counted, start), start
        row = "damaged JSON: not an object that ends"
        if item is not None:
            names, cells = markup.cells(item)
            row = delimited.row(cells, delimited.columns(names))
        yield line, line + 1, row, text[start:end]


def _read_table(lines: list[str], start: int, delimiter: str, found: dict) -> _Found:
    for row in delimited.split(lines, start, delimiter):
        if isinstance(row, tagged.Reject):
            yield row.start, row.stop, row.reason, None
        else:
            yield row[0], row[1], delimited.row(row[2], found), None


def _read_by_row(lines: list[str]) -> _Found:
    for start, stop, record in delimited.split_by_row(lines):
        filled = {column: [v for v in values if v] for column, values in record.items()}
        yield start, stop, delimited.row_of(lambda column, f=filled: f.get(column, [])), None
