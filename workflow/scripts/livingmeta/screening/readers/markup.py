"""EndNote XML, PubMed XML and JSON to raw records, each record parsed for itself.

A damaged record costs only itself, and nothing outside the file is ever fetched: document types
and entities other than HTML's are not expanded.
"""

import html
import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from livingmeta.screening.readers import sources
from livingmeta.screening.readers.tagged import Raw, Reject

ENDNOTE, PUBMED = "EndNote XML", "PubMed XML"
OPENS = {
    ENDNOTE: re.compile(r"<record(?=[\s>])"),
    PUBMED: re.compile(r"<(?:PubmedArticle|PubmedBookArticle|MedlineCitation)(?=[\s>])"),
    **{name: re.compile(rf"<{element}(?=[\s>])") for name, (element, _) in sources.XML.items()},
}
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_PREFIX = re.compile(r"(</?|\s)([A-Za-z][\w.-]*):(?=[A-Za-z])")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);|#)(\w+);")
_INVALID = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

_ENDNOTE_TAGS = {
    "TI": ["titles/title"],
    "AU": ["contributors/authors/author"],
    "A2": ["contributors/secondary-authors/author"],
    "PY": ["dates/year", "dates/pub-dates/date"],
    "JF": ["periodical/full-title"],
    "T2": ["titles/secondary-title"],
    "J2": [
        "periodical/abbr-1",
        "titles/alt-title",
        "alt-periodical/full-title",
        "alt-periodical/abbr-1",
    ],
    "VL": ["volume"],
    "IS": ["number", "issue"],
    "SP": ["pages"],
    "DO": ["electronic-resource-num"],
    "AN": ["accession-num"],
    "DP": ["remote-database-provider"],
    "DB": ["remote-database-name"],
    "C2": ["custom2"],
    "AB": ["abstract"],
    "KW": ["keywords/keyword"],
    "LA": ["language"],
    "UR": ["urls/related-urls/url", "urls/web-urls/url"],
    "N1": ["notes"],
}
_PUBMED_TAGS = {
    "PMID": ["MedlineCitation/PMID", "BookDocument/PMID", "PMID"],
    "TI": ["*/Article/ArticleTitle", "Article/ArticleTitle", "BookDocument/ArticleTitle"],
    "BTI": ["BookDocument/Book/BookTitle"],
    "TT": ["*/Article/VernacularTitle"],
    "DP": ["*/Article/Journal/JournalIssue/PubDate", "Article/Journal/JournalIssue/PubDate",
           "*/Article/ArticleDate", "BookDocument/Book/PubDate", "BookDocument/ContributionDate"],
    "JT": ["*/Article/Journal/Title", "Article/Journal/Title"],
    "TA": ["*/Article/Journal/ISOAbbreviation", "*/MedlineJournalInfo/MedlineTA"],
    "VI": ["*/Article/Journal/JournalIssue/Volume", "Article/Journal/JournalIssue/Volume"],
    "IP": ["*/Article/Journal/JournalIssue/Issue", "Article/Journal/JournalIssue/Issue"],
    "PG": ["*/Article/Pagination/MedlinePgn", "Article/Pagination/MedlinePgn",
           "BookDocument/Pagination/MedlinePgn", "*/Article/ELocationID[@EIdType='pii']"],
    "PT": ["*/Article/PublicationTypeList/PublicationType", "*/PublicationType"],
    "LA": ["*/Article/Language", "BookDocument/Language", "Article/Language"],
    "MH": ["*/MeshHeadingList/MeshHeading/DescriptorName"],
    "OT": ["*/KeywordList/Keyword"],
}  # fmt: skip


# PubMed's names of what is tied to an article, and the tags of its text
_CORRECTIONS = {
    "RetractionIn": "RIN", "RetractionOf": "ROF", "PartialRetractionIn": "PRIN",
    "PartialRetractionOf": "PROF", "RetractedandRepublishedIn": "RRI",
    "RetractedandRepublishedFrom": "RRF", "ErratumIn": "EIN", "ErratumFor": "EFR",
    "ExpressionOfConcernIn": "ECI", "ExpressionOfConcernFor": "ECF",
    "UpdateIn": "UIN", "UpdateOf": "UOF", "CorrectedandRepublishedIn": "CRI",
    "CorrectedandRepublishedFrom": "CRF", "CommentIn": "CIN", "CommentOn": "CON",
}  # fmt: skip


def elements(
    text: str, kind: str
) -> Iterator[tuple[ElementTree.Element | str, int, int, int, int]]:
    """Each record as an element, or why there is none; its first line, one past its last, its span.

    Lines are 0-based, the span is in characters.
    """
    starts = [found.start() for found in OPENS[kind].finditer(text)]
    if kind == PUBMED:  # a citation within an article is part of it
        inner = {m.end() for m in re.finditer(r"<PubmedArticle>\s*(?=<MedlineCitation)", text)}
        starts = [at for at in starts if at not in inner]
    lines = counted = 0
    for start, following in zip(starts, [*starts[1:], len(text)], strict=True):
        lines, counted = lines + text.count("\n", counted, start), start
        opened = re.match(r"<([\w:-]+)", text[start : start + 60])
        assert opened  # as `starts` were found
        name = opened[1]
        end = text.find(f"</{name}>", start, following)
        if end < 0:
            stop = lines + text.count("\n", start, following) + 1
            yield f"<{name}> opens here and is not closed", lines, stop, start, following
            continue
        end += len(name) + 3
        stop = lines + text.count("\n", start, end) + 1
        try:
            yield element(text[start:end]), lines, stop, start, end
        except ElementTree.ParseError as error:
            yield f"damaged XML: {error}", lines, stop, start, end


def split_xml(text: str, kind: str) -> Iterator[tuple[Raw | Reject, int, int]]:
    """Each record with where it begins and ends in the text (characters)."""
    for root, first, stop, start, end in elements(text, kind):
        if isinstance(root, str):
            yield Reject(first, stop, root), start, end
            continue
        values = _values(root, _ENDNOTE_TAGS if kind == ENDNOTE else _PUBMED_TAGS)
        (_add_endnote if kind == ENDNOTE else _add_pubmed)(root, values)
        yield Raw(first, stop, values), start, end


def _well_formed(chunk: str) -> str:
    """Undeclared prefixes and HTML's entities made harmless, so that a part can stand alone."""
    chunk = _ENTITY.sub(lambda found: html.unescape(found.group()), _INVALID.sub("", chunk))
    return _TAG.sub(lambda found: _PREFIX.sub(r"\1\2_", found.group()), chunk)


def element(chunk: str) -> ElementTree.Element:
    """A part of a file as an element of its own. Raises ParseError where it is damaged."""
    return ElementTree.fromstring(_well_formed(chunk))


def text_of(element: ElementTree.Element) -> str:
    """All text within an element, white space single."""
    return " ".join("".join(element.itertext()).split())


def _values(root: ElementTree.Element, tags: dict[str, list[str]]) -> dict[str, list[str]]:
    values = {}
    for tag, paths in tags.items():
        for path in paths:
            if found := [t for t in map(text_of, root.findall(path)) if t]:
                values[tag] = found
                break
    return values


def _add_endnote(root: ElementTree.Element, values: dict[str, list[str]]) -> None:
    kind = root.find("ref-type")
    if kind is not None:
        values["TY"] = [kind.get("name") or text_of(kind)]


def _add_pubmed(root: ElementTree.Element, values: dict[str, list[str]]) -> None:
    names = []
    for author in root.iterfind(".//AuthorList/Author"):
        parts = [text_of(p) for p in map(author.find, ("LastName", "ForeName")) if p is not None]
        initials, group = author.find("Initials"), author.find("CollectiveName")
        if len(parts) == 1 and initials is not None:
            parts.append(text_of(initials))
        own = ", ".join(parts)
        if own:
            names.append(own)
        elif group is not None:
            names.append(text_of(group))
    values["FAU"] = names
    for tied in root.iterfind(".//CommentsCorrections"):
        if tag := _CORRECTIONS.get(tied.get("RefType", "")):
            source = tied.find("RefSource")
            values.setdefault(tag, []).append("" if source is None else text_of(source))
    values["SI"] = [text_of(e) for e in root.iterfind(".//DataBank//AccessionNumber")]
    found = [text_of(e) for e in root.iterfind(".//ELocationID[@EIdType='doi']")]
    lists = "PubmedData/ArticleIdList/ArticleId", "PubmedBookData/ArticleIdList/ArticleId"
    paths = *lists, "BookDocument/ArticleIdList/ArticleId"
    listed = [e for path in paths for e in root.findall(path)]
    found += [text_of(e) for e in listed if e.get("IdType") == "doi"]
    values["LID"] = [f"{doi} [doi]" for doi in found]
    values["PMC"] = [text_of(e) for e in listed if e.get("IdType") == "pmc"]
    texts = root.findall("*/Article/Abstract/AbstractText") or root.findall(".//AbstractText")
    said = [(e.get("Label") or "", text_of(e)) for e in texts]
    values["AB"] = ["\n".join(f"{label}: {t}" if label else t for label, t in said)]


def split_json(text: str, at: int = 0) -> Iterator[tuple[dict | None, int, int]]:
    """Each object of a list (of CSL-JSON, Reflib ...) from `at` on, None where it is damaged."""
    decode = json.JSONDecoder(strict=False).raw_decode
    while found := re.compile(r"[\s,\[\]]*").match(text, at):  # of one list or of several
        at = found.end()
        if at >= len(text):
            return
        try:
            item, end = decode(text, at)
        except (ValueError, RecursionError):
            following = text.find("\n{", at + 1)
            end = following if following > 0 else len(text)
            item = None
        yield item if isinstance(item, dict) else None, at, end
        at = end


def cells(item: dict) -> tuple[list[str], list[str]]:
    """An object's names and values as a table's header and row."""
    return list(item), [cell(value) for value in item.values()]


def cell(value: Any) -> str:
    """A value of JSON as one text: dates, names, lists of them."""
    if isinstance(value, dict) and "date-parts" in value:
        parts = value["date-parts"]
        parts = parts[0] if isinstance(parts, list) and parts else parts
        return "-".join(map(str, parts)) if isinstance(parts, list) else str(parts or "")
    if isinstance(value, dict):
        names = ("family", "given") if value.get("family") else ("lastName", "firstName")
        return ", ".join(str(value[k]) for k in names if value.get(k)) or str(
            value.get("literal") or value.get("name") or value.get("collectiveName") or ""
        )
    if isinstance(value, list):
        return "; ".join(filter(None, map(cell, value)))
    return "" if value is None else str(value)
