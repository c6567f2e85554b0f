"""Records as RIS, and the works that a report names as RIS and BibTeX, for reference managers."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.references.works import year

TYPES = (
    ("preprint", "UNPB"),
    ("conference", "CONF"),
    ("chapter", "CHAP"),
    ("book", "BOOK"),
    ("thesis", "THES"),
)


def ris(records: pd.DataFrame, notes: dict[str, str] | None = None) -> str:
    """Rows of records.csv as RIS, in their order; what is not there is left out.

    `notes`: a note by record_id, such as the study that a report belongs to.
    """
    return "".join(_one(row, (notes or {}).get(row["record_id"], "")) for row in _rows(records))


def of(records: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """The rows of records.csv that another table lists, in that table's order. A report that no
    search found has no such row; its identifier and its title, where given, stand for it."""
    known = {row["record_id"]: row for row in _rows(records)}
    bare = dict.fromkeys(records.columns, "")
    rows = []
    for row in _rows(listed):
        id_ = row["record_id"]
        scheme, _, value = id_.partition(":")
        said = {scheme: value} if scheme in ("doi", "pmid") else {}
        alone = bare | {"record_id": id_, "title": row.get("title", "")} | said
        rows.append(known.get(id_, alone))
    return pd.DataFrame(rows, columns=records.columns)


def works_ris(items: Iterable[Mapping[str, Any]]) -> str:
    """Items of CSL-JSON as RIS, in their order, each with its group as keyword."""
    return "".join(_one(_row(item), str(item.get("note", ""))) for item in items)


def _row(item: Mapping[str, Any]) -> dict:
    """An item as a row of records.csv has it."""
    people = (
        one["literal"] if "literal" in one else f"{one['family']}, {one['given']}"
        for one in item.get("author", [])
    )
    columns = {"title": "title", "journal": "container-title", "volume": "volume"}
    columns |= {"issue": "issue", "pages": "page", "doi": "DOI", "pmid": "PMID", "url": "URL"}
    columns |= {"language": "language", "keywords": "keyword", "record_id": "id"}
    kind = {"article": "preprint", "paper-conference": "conference"}.get(item["type"], item["type"])
    row = {column: item.get(name, "") for column, name in columns.items()}
    return row | {"type": kind, "authors": "; ".join(people), "year": year(item), "abstract": ""}


BIBTEX = {
    "title": "title",
    "journal": "container-title",
    "volume": "volume",
    "number": "issue",
    "pages": "page",
    "doi": "DOI",
    "pmid": "PMID",
    "url": "URL",
    "publisher": "publisher",
    "keywords": "keyword",
    "note": "note",
}
ENTRIES = {"article-journal": "article", "paper-conference": "inproceedings", "book": "book"}
SPECIAL = {c: f"\\{c}" for c in "&%$#_{}"}
SPECIAL |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def bibtex(items: Iterable[Mapping[str, Any]]) -> str:
    """Items of CSL-JSON as BibTeX (UTF-8), keyed by first author, year and number: `kim2021-3`."""
    return "\n".join(map(_entry, items))


def _entry(item: Mapping[str, Any]) -> str:
    people = [
        "others"
        if one.get("literal") == "et al"
        else f"{{{_tex(one['literal'])}}}"
        if "literal" in one
        else f"{_tex(one['family'])}, {_tex(one['given'])}"
        for one in item.get("author", [])
    ]
    first = item.get("author", [{}])[0]
    name = re.sub(r"[^a-z]", "", str(first.get("family") or first.get("literal", "")).lower())
    key = f"{name or 'anonymous'}{year(item)}-{item['citation-number']}"
    fields = {"author": " and ".join(people)}
    # Braces keep the capitals of a title; an address is no text.
    fields |= {
        tag: str(item[own]) if tag in ("url", "doi") else _tex(item[own])
        for tag, own in BIBTEX.items()
        if own in item
    }
    fields |= {"title": f"{{{fields['title']}}}" if "title" in fields else "", "year": year(item)}
    lines = [f"  {tag} = {{{value}}}," for tag, value in fields.items() if value]
    return "\n".join([f"@{ENTRIES.get(item['type'], 'misc')}{{{key},", *lines, "}", ""])


def _tex(text: Any) -> str:
    return "".join(SPECIAL.get(c, c) for c in " ".join(str(text).split()))


def _rows(table):
    filled = table.astype(object).where(table.notna(), "")
    return as_dicts(filled)


def _one(row: dict, note: str) -> str:
    kind = str(row["type"]).lower()
    first, _, last = str(row["pages"]).partition("-")
    tags = [
        ("TY", next((tag for word, tag in TYPES if word in kind), "JOUR")),
        *(("AU", name) for name in str(row["authors"]).split(";")),
        ("TI", row["title"]),
        ("T2", row["journal"]),
        ("PY", row["year"]),
        ("VL", row["volume"]),
        ("IS", row["issue"]),
        ("SP", first),
        ("EP", last),
        ("DO", row["doi"]),
        ("AN", f"PMID:{row['pmid']}" if row["pmid"] else ""),
        ("UR", row["url"]),
        ("AB", row["abstract"]),
        ("LA", row["language"]),
        *(("KW", word) for word in str(row["keywords"]).split(";")),
        ("N1", note),
        ("ID", row["record_id"]),
    ]
    # In RIS a line break would end the field.
    lines = [f"{tag}  - {text}" for tag, value in tags if (text := _line(value))]
    return "\n".join([*lines, "ER  - ", "", ""])


def _line(value: str) -> str:
    text = str(value)
    text = text[:-2] if re.fullmatch(r"\d+\.0", text) else text
    return " ".join(text.split())
