"""Which tags of which format hold which column, and how a raw record becomes a row.

A column takes the first tag that holds something; `authors` and `keywords` all its values,
`abstract` the longest. The tables are data: a librarian can add a vendor's habit here.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from livingmeta.screening import normalise
from livingmeta.screening.readers import sources, told
from livingmeta.screening.readers.tagged import Raw

COLUMNS = [
    "title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid", "pmcid",
    "abstract", "type", "language", "keywords", "url", "note",
]  # fmt: skip
# What a register says of a trial, and every number of a register that a record holds.
REGISTERED = ["registration", *sources.TRIAL]
ASIDE = "aside"  # of a row: what was set aside, for a note on its file

TAGS = {
    "RIS": {
        "title": "TI CT BT ST",
        "authors": "AU A2 ED A3 A4",
        "year": "PY Y1 DA YR",
        "journal": "JF T2 JO JA J2 J1 JI J9 BT T3",
        "volume": "VL VO",
        "issue": "IS CP",
        "first_page": "SP BP C7 AR",
        "last_page": "EP",
        "doi": "DO DI DOI",
        "pmid": "PM PMID",
        "pmcid": "PMCID",
        "abstract": "AB N2",
        "type": "TY",
        "language": "LA",
        "keywords": "KW DE",
        "url": "UR L2 L1 LK",
        "note": "N1",
    },
    "PubMed": {
        "title": "TI BTI TT",
        "authors": "FAU AU CN FED ED",
        "year": "DP DEP EDAT DA",
        "journal": "JT TA",
        "volume": "VI VTI",
        "issue": "IP",
        "first_page": "PG",
        "doi": "LID AID DOI",
        "pmid": "PMID",
        "pmcid": "PMC PMCR",
        "abstract": "AB OAB",
        "type": "PT",
        "language": "LA",
        "keywords": "MH OT",
        "note": "RIN ROF PRIN PROF RRI RRF ECI ECF EIN EFR UIN UOF CRI CRF CON CIN",
    },
    "Web of Science": {
        "title": "TI",
        "authors": "AF AU CA BE",
        "year": "PY EA PD",
        "journal": "SO JI J9",
        "volume": "VL",
        "issue": "IS",
        "first_page": "BP AR PS",
        "last_page": "EP",
        "doi": "DI D2",
        "pmid": "PM",
        "abstract": "AB",
        "type": "DT",
        "language": "LA",
        "keywords": "DE ID",
        "note": "",
    },
    "EndNote": {
        "title": "%T %Q",
        "authors": "%A %E %Y",
        "year": "%D %8",
        "journal": "%J %B",
        "volume": "%V",
        "issue": "%N",
        "first_page": "%P",
        "doi": "%R",
        "pmid": "%M",
        "pmcid": "%2",
        "abstract": "%X",
        "type": "%0",
        "language": "%G",
        "keywords": "%K",
        "url": "%U",
        "note": "%Z",
    },
    "Ovid": {
        "title": "TI title original_title TT",
        "authors": "FA AU authors_full_name authors author author(s) author_name",
        "year": "YR DP year year_of_publication publication_year date_of_publication",
        "journal": "JN JT journal_name",
        "volume": "VO VI volume",
        "issue": "IP issue issue/part",
        "first_page": "PG page pages",
        "doi": "DO digital_object_identifier doi",
        "pmid": "PM UI pmid unique_identifier",
        "pmcid": "PC pmc",
        "abstract": "AB abstract",
        "type": "PT publication_type",
        "language": "LG LA language",
        "keywords": "MH KW HW SH subject_headings mesh_subject_headings keyword_heading keywords",
        "url": "UR LK link_to_the_ovid_full_text_or_citation",
        "note": "CM comments RI retraction_in",
    },
    "RefWorks": {
        "title": "T1 TI",
        "authors": "A1 AU A2",
        "year": "YR FD",
        "journal": "JF JO T2",
        "volume": "VO",
        "issue": "IS",
        "first_page": "SP",
        "last_page": "OP",
        "doi": "DO",
        "pmid": "PM",
        "abstract": "AB",
        "type": "RT",
        "language": "LA OL",
        "keywords": "K1",
        "url": "UL LK",
        "note": "NO",
    },
    "Cochrane": {
        "title": "TI",
        "authors": "AU",
        "year": "YR",
        "journal": "SO",
        "volume": "VL",
        "issue": "NO",
        "first_page": "PG",
        "doi": "DOI",
        "pmid": "PM",
        "abstract": "AB",
        "type": "PT",
        "language": "LA",
        "keywords": "KY",
        "url": "US",
        "note": "CC",
    },
}
TAGS["Ovid, not numbered"] = TAGS["Ovid"]
_TAGS = {
    name: {column: tuple(tags.split()) for column, tags in table.items()}
    for name, table in TAGS.items()
}

# Where exporters put identifiers under tags that may hold anything: only what says so counts.
_HIDDEN_DOI = ["M3", "L3", "N1", "NO", "UR", "LK", "L2", "U4", "M1", "ID", "AN"]
_HIDDEN_PMID = [
    "U1", "U2", "U3", "AN", "C1", "C2", "C3", "C5", "C6", "C7", "C8", "M1", "M2", "N1", "ID",
    "LB", "NO", "UR", "L2", "UT",
]  # fmt: skip
_HIDDEN_PMCID = ["C2", "U2", "AN", "L1", "L2", "UR", "M1", "OID", "AID", "N1", "UT"]
_SAYS_DOI = re.compile(
    r"^\s*(?:doi\b|10\.\d{4,9}/)|doi\.org/|[?&=/]doi[:=/]|[/:]10\.\d{4,9}/", re.I
)
_SAYS_PMID = re.compile(
    r"\b(\d{1,8})\s?\[pmid\]|\bpmid\b[:\s-]{0,3}(?:NLM)?(\d{1,8})\b|^MEDLINE:(\d{1,8})$|"
    r"\bpubmed\b[:\s-]{0,3}(?!(?:19|20)\d\d\b)(?:NLM)?(\d{1,8})\b|"  # a year beside its name
    r"pubmed\.ncbi\.nlm\.nih\.gov/(\d{1,8})|ncbi\.nlm\.nih\.gov/pubmed/(\d{1,8})",
    re.IGNORECASE,
)
_SAYS_PMCID = re.compile(r"\bPMC(\d{3,9})\b")
_PUBMED = frozenset(["pubmed", "nlm", "medline", "ncbi", "ovid medline"])

RIS_TYPES = {
    "ABST": "abstract", "BLOG": "blog", "BOOK": "book", "CHAP": "book chapter",
    "CONF": "conference proceedings", "CPAPER": "conference paper", "DATA": "data set",
    "EBOOK": "book", "ECHAP": "book chapter", "EDBOOK": "edited book", "EJOUR": "journal article",
    "ELEC": "web page", "GEN": "", "GOVDOC": "government document", "INPR": "in press",
    "JFULL": "journal", "JOUR": "journal article", "MGZN": "magazine article",
    "MANSCPT": "manuscript", "NEWS": "newspaper article", "PAT": "patent", "RPRT": "report",
    "SER": "serial", "SLIDE": "presentation", "THES": "thesis", "UNPB": "unpublished work",
    "UNPD": "unpublished work", "WEB": "web page",
}  # fmt: skip


# A citation in one cell: Embase's "Cancer (2004) 102:4 (253-258).", PubMed's "J Ex. 2021 Feb;8(2):
# 101-9." and Ovid's "J Ex. 24(3):345-52, 2006 Jan 20.", "J Ex. 8 (9) (pp 1-10), 2020." or, of CAB's
# databases, "J Ex; 2019. 3(1):5-9."; PsycINFO's "J Ex. Vol.8(2), Feb 2020, pp. 1-9."
_SOURCES = (
    re.compile(
        r"(?P<journal>[^;]+?)\s*\((?P<year>(?:1[5-9]|20)\d\d)\)(?!:)\s*(?P<volume>[\w.-]+)?"
        r"(?::(?P<issue>[^()]+?))?(?:\s+(?:Article Number: \S+|\((?P<pages>[^()]*)\)))?\s*[.,]"
    ),
    re.compile(
        r"(?P<journal>[^.;]+)\.\s*(?P<year>\d{4})[^;.]*;\s*(?P<volume>[^(:;]+)?"
        r"(?:\((?P<issue>[^)]+)\))?(?::\s*(?P<pages>[\w-]+))?"
    ),
    re.compile(
        r"(?P<journal>.+?)\.\s+(?P<volume>[^\s(:,.;]+)?\s*(?:\((?P<issue>[^()]+)\))?\s*"
        r"(?::\s*|\(pp\.? )(?P<pages>[\w.-]+)\)?\s*[,.]\s*(?P<year>\d{4})"
    ),
    re.compile(
        r"(?P<journal>[^;]+);\s*(?P<year>(?:1[5-9]|20)\d\d)\.\s*(?P<volume>[\w.-]+)?\s*"
        r"(?:\((?P<issue>[^()]+)\))?\s*:\s*(?P<pages>[\w-]+)"
    ),
    re.compile(
        r"(?P<journal>.+?)\.\s+Vol\.\s?(?P<volume>[\w.-]+)(?:\((?P<issue>[^()]+)\))?,\s*"
        r"[^,]*?(?P<year>\d{4}),\s*pp\.\s*(?P<pages>[\w-]+)"
    ),
)


def fill_from_source(out: dict[str, str], source: str) -> None:
    """Fill what is empty from a citation in one cell."""
    for pattern in _SOURCES:
        if found := pattern.match(source):
            for column, value in found.groupdict().items():
                if value and not out[column]:
                    out[column] = normalise.pages(value) if column == "pages" else value.strip()
            return


def row(raw: Raw, dialect: str) -> dict[str, str]:
    """One record in the columns of `COLUMNS`, every field normalised."""
    values, tags = raw.values, _TAGS[dialect]

    def every(column: str) -> list[str]:
        empty = normalise.absent if column in normalise.BIBLIOGRAPHIC else str.isspace
        for tag in tags.get(column, ()):
            if found := [v for v in values.get(tag, ()) if v and not empty(v)]:
                return found
        return []

    def one(column: str) -> str:
        found = every(column)
        return found[0] if found else ""

    names = every("authors")
    if dialect in ("Web of Science", "Cochrane") or dialect.startswith("Ovid"):
        names = [name for value in names for name in value.split("\n")]
        if dialect != "Cochrane" or len(names) > 1:
            names = [part for name in names for part in name.split(";")]
    elif len(names) == 1 and ";" in names[0]:
        names = names[0].split(";")
    out = {
        "title": whole_title(every("title")),
        "authors": normalise.authors(names),
        "year": _first(normalise.year, (v for t in tags["year"] for v in values.get(t, ()))),
        "journal": normalise.text(one("journal")),
        "volume": normalise.text(one("volume")),
        "issue": normalise.text(one("issue")),
        "pages": normalise.page_range(one("first_page"), one("last_page")),
        "doi": _doi(values, tags["doi"]),
        "pmid": _pmid(values, tags["pmid"]),
        "pmcid": _pmcid(values, tags.get("pmcid", ())),
        "abstract": normalise.text(max(every("abstract"), key=len, default="")),
        "type": _type(values, every("type"), dialect),
        "language": normalise.language("\n".join(every("language"))),
        "keywords": normalise.keywords(v for t in tags["keywords"] for v in values.get(t, ())),
        "url": normalise.text(one("url").split("\n")[0]),
        "note": normalise.text("; ".join(every("note"))),
    }
    if dialect.startswith("Ovid"):
        for source in values.get("SO", []) + values.get("source", []):
            fill_from_source(out, normalise.text(source))
    own = (values.get(tag, ()) for tag in tags["doi"])
    return out | aside(out["doi"], next((v for v in own if any("10." in cell for cell in v)), ()))


def aside(doi: str, dois: Sequence[str], *lost: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """What no column takes, under `ASIDE`: of `dois`, cells of DOIs, those other than `doi`; of
    `lost`, by column, cells that are not what it holds, of the first mapping those with a digit."""
    many = len(dois) > 1 or (len(dois) == 1 and dois[0].count("10.") > 1)
    others = (name for name in (normalise.dois(" ; ".join(dois)) if many else ()) if name != doi)
    found = [f"DOI {name}" for name in others]
    for place, columns in enumerate(lost):
        for column, cells in columns.items():
            found += [f"{column} '{c.strip()}'" for c in cells if place or re.search("[1-9]", c)]
    return {ASIDE: ", ".join(dict.fromkeys(found))} if found else {}


def _first(function: Callable[[str], str], values: Iterable[str]) -> str:
    return next(filter(None, map(function, values)), "")


def whole_title(parts: list[str]) -> str:
    """The title; a second, different one is a subtitle or a continuation and is not dropped."""
    if len(parts) < 2:
        return normalise.title(parts[0]) if parts else ""
    whole = normalise.text(parts[0])
    for part in map(normalise.text, parts[1:]):
        if normalise.title_key(part) not in normalise.title_key(whole):
            whole += (" " if whole[-1:] in ".:?!" else ": ") + part
    return normalise.title(whole)


# PubMed's tags of what is tied to an article, as the type that such an article has.
_STATES = {
    "RIN": "Retracted Publication", "PRIN": "Retracted Publication",
    "ROF": "Retraction of Publication", "PROF": "Retraction of Publication",
    "EFR": "Published Erratum", "ECF": "Expression of Concern", "ECI": "Under Concern",
} | dict.fromkeys(["EIN", "CRI"], "Corrected Publication")  # fmt: skip


def states(tags: Iterable[str]) -> list[str]:
    """Types of publication that PubMed's tags of corrections give: `RIN` is a retracted article."""
    return list(dict.fromkeys(_STATES[tag] for tag in tags if tag in _STATES))


def _type(values: dict[str, list[str]], found: list[str], dialect: str) -> str:
    if dialect != "RIS":
        words = [*map(normalise.text, found), *(states(values) if dialect == "PubMed" else ())]
        return "; ".join(dict.fromkeys(filter(None, words)))
    code = normalise.text(found[0]) if found else ""
    kinds = [RIS_TYPES.get(code, code)]
    # M3: type of work, or a misplaced DOI
    for kind in map(normalise.text, (*values.get("M3", ()), *values.get("PT", ()))):
        named = normalise.doi(kind) or kind.lower().startswith("doi")
        if 2 < len(kind) < 60 and not named and kind.lower() not in kinds:
            kinds.append(kind)
    kinds += told.of_tags(values)
    return "; ".join(dict.fromkeys(filter(None, kinds)))


def _doi(values: dict[str, list[str]], tags: tuple[str, ...]) -> str:
    candidates = [v for tag in tags for v in values.get(tag, ()) if "10." in v]
    said = [v for v in candidates if "[doi]" in v or "doi" in v.lower()]
    if found := _first(normalise.doi, said + candidates):
        return found
    return hidden_doi(values)


# ASSUME: under tags that may hold anything an identifier counts where it stands alone or its text
# names no other work; under those where PsycINFO lists the references, alone only.
_OF_REFERENCES = frozenset(["M1", "M2"])
_ITS_OWN = frozenset(["AN", "UT", "UR", "LK", "L1", "L2", "L3", "OID", "AID"])
_ALONE = re.compile(
    r"[\s(\[]*(?:(?:doi|pmid|pubmed(?:\s?id)?|pmc(?:id)?|[\w.-]*https?://\S+?/)\W{0,3})?\S+"
    r"(?:\s?\[\w+\])?[\s.;,)\]]*",
    re.IGNORECASE,
)
_CITED = re.compile(
    r"\b(?:references?|cited|cites|see also|published as|(?:comment\w*|erratum|corrigendum|reply|"
    r"correct\w+|retract\w+|republished|translated|update|response|supplement|duplicate|version|"
    r"preprint|protocol|analysis) (?:for|of|in|on|to|from)|"
    r"(?:original|parent|main|primary|companion|related|linked|previous|later|final|other) \w+)\b|"
    r"\((?:19|20)\d\d[a-z]?\)",
    re.IGNORECASE,
)


def _own(values: dict[str, list[str]], tag: str) -> list[str]:
    """What stands under a tag, less what names other works than the record's own."""
    found = values.get(tag, [])
    if not found or tag in _ITS_OWN:
        return found
    listed = tag in _OF_REFERENCES
    return [v for v in found if _ALONE.fullmatch(v) or not (listed or _CITED.search(v))]


def hidden_doi(values: dict[str, list[str]]) -> str:
    """A DOI that stands in an address or a note and says that it is one."""
    hidden = (v for tag in _HIDDEN_DOI for v in _own(values, tag) if "10." in v)
    return _first(normalise.doi, (v for v in hidden if _SAYS_DOI.search(v) and len(v) < 1000))


def _pmid(values: dict[str, list[str]], tags: tuple[str, ...]) -> str:
    found = _first(normalise.pmid, (v for tag in tags for v in values.get(tag, ())))
    return found or hidden_pmid(values)


def hidden_pmid(values: dict[str, list[str]]) -> str:
    """A PubMed identifier under another tag: labelled, in an address, or PubMed's own number."""
    for tag in _HIDDEN_PMID:
        for value in _own(values, tag):
            if found := _SAYS_PMID.search(value):
                return next(filter(None, found.groups())).lstrip("0")
    source = {v.strip().lower() for tag in ("DP", "DB") for v in values.get(tag, ())}
    if source & _PUBMED and (number := _first(_bare_number, values.get("AN", ()))):
        return number
    if "C5" in values and any(name.startswith("embase") for name in source):
        return _first(_bare_number, values["C5"])
    return ""


def _bare_number(cell: str) -> str:
    value = cell.strip()
    return value.lstrip("0") if value.isascii() and value.isdigit() and len(value) <= 8 else ""


def _pmcid(values: dict[str, list[str]], tags: tuple[str, ...]) -> str:
    found = _first(normalise.pmcid, (v for tag in tags for v in values.get(tag, ())))
    return found or hidden_pmcid(values)


def hidden_pmcid(values: dict[str, list[str]]) -> str:
    """A PubMed Central identifier under another tag."""
    hidden = (value for tag in _HIDDEN_PMCID for value in _own(values, tag))
    return next((f"PMC{m[1]}" for v in hidden if (m := _SAYS_PMCID.search(v))), "")
