"""A record of Europe PMC's `core` answer as RIS, the form that reference managers exchange."""

import html
import re
from typing import Any

# Types of publication that are no journal article, by what Europe PMC calls them.
TYPES = (("preprint", "UNPB"), ("book", "BOOK"), ("chapter", "CHAP"), ("thesis", "THES"))


def ris(record: dict) -> str:
    """The record as RIS, from `TY` to `ER`; what is not there is left out."""
    kinds = _listed(record, "pubTypeList", "pubType")
    said = " ".join(kinds).lower()
    journal = record.get("journalInfo") or {}
    names = journal.get("journal") or {}
    book = record.get("bookOrReportDetails") or {}
    pages = str(record.get("pageInfo") or "")
    first, _, last = pages.partition("-")
    source, identifier = record.get("source", ""), record.get("id", "")
    tags = [
        ("TY", next((tag for word, tag in TYPES if word in said), "JOUR")),
        *(("AU", name) for name in _authors(record)),
        ("TI", record.get("title")),
        ("T2", names.get("title") or book.get("publisher")),
        ("J2", names.get("medlineAbbreviation")),
        ("PY", record.get("pubYear") or journal.get("yearOfPublication")),
        ("DA", record.get("firstPublicationDate")),
        ("VL", journal.get("volume")),
        ("IS", journal.get("issue")),
        ("SP", first),
        ("EP", last),
        ("DO", record.get("doi")),
        ("AN", f"PMID:{record['pmid']}" if record.get("pmid") else ""),
        ("C2", record.get("pmcid")),
        ("SN", names.get("issn") or names.get("essn")),
        ("AB", record.get("abstractText")),
        ("LA", record.get("language")),
        *(("KW", word) for word in _listed(record, "keywordList", "keyword")),
        *(("M3", kind) for kind in kinds),
        ("DB", "Europe PMC"),
        ("ID", f"{source}:{identifier}" if identifier else ""),
    ]
    lines = [f"{tag}  - {clean}" for tag, value in tags if (clean := _line(value))]
    return "\n".join([*lines, "ER  - ", "", ""])


def _authors(record: dict) -> list[str]:
    """`Family, Given`, or the name of a group."""
    names = []
    for author in _listed(record, "authorList", "author"):
        family = author.get("lastName")
        given = author.get("firstName") or author.get("initials")
        whole = author.get("collectiveName") or author.get("fullName") or ""
        names.append(f"{family}, {given}" if family and given else family or whole)
    if names:
        return names
    listed = str(record.get("authorString") or "").rstrip(".")
    return [re.sub(r" (\S+)$", r", \1", name) for name in listed.split(", ") if name]


def _listed(record: dict, outer: str, inner: str) -> list:
    found = (record.get(outer) or {}).get(inner) or []
    return found if isinstance(found, list) else [found]


def _line(value: Any) -> str:
    """One line without tags: in RIS a line break would end the field."""
    text = html.unescape(re.sub(r"</?[a-zA-Z][^>]*>", " ", str(value or "")))
    return " ".join(text.split())
