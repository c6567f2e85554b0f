"""One written form for each field of a record, whatever the vendor's habit.

Every function takes the text as exported and returns the text to keep; an empty string
means that nothing usable stood there. None of them raises.
"""

import html
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

from livingmeta.screening import trial_numbers

# Only mark-up that vendors are known to put into titles and abstracts: "p<0.05" must survive.
_MARKUP = re.compile(
    r"</?(?:i|b|u|em|strong|sub|sup|p|br|sc|span|div|bold|italic|title|sec|abstract|h\d|"
    r"inf|math|mml:\w+|jats:[\w-]+)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200b\u00ad]")
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+")
# What typesetters and Word make of a hyphen, and marks that nobody sees: no DOI has them, but where
# it was copied from a page.
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_AS_TYPESET = dict.fromkeys(map(ord, "‐‑‒–−"), "-") | _UNSEEN
# What stands between two DOIs of one cell. Some DOIs hold a semicolon or a comma of their own.
_NEXT_DOI = re.compile(
    r"(?:\s*[;,|]\s*|\s+)(?:and\s+)?(?=(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:?\s*)?10\.\d{4,9}/)",
    re.IGNORECASE,
)
_DOI_PAGE = re.compile(
    r"/(?:full|fulltext|abstract|pdf|epdf|html|meta|summary|full\.pdf|pdfft)$|\.pdf$"
)
# What an address holds behind the article's DOI: its figures, supplements and pictures.
_ASSET = re.compile(
    r"/(?:assets?|attachments?|suppl_file|supplementary|supplemental|mediaobjects|figures?|tables?|"
    r"images?|references|citedby|related|media|mmc\d+)(?:/.*)?$"
)
# Names that are no report's: CENTRAL's own records, addresses of a publisher's files, and the parts
# of an article (PLOS' figures and files).
_NO_REPORT = re.compile(
    r"^10\.1002/central/|^10\.\d{4,9}(?:\.\d+)*/(?:assets?|attachment|cms|toc|loi|action|journals?)(?:[/:]|$)"
)
_COMPONENT = re.compile(r"^(10\.1371/journal\.p\w+\.\d{7})\.[gst]\d{3}$")
# How programs write that a value is missing. Behind them what a spreadsheet writes for a formula
# that has no value.
MISSING = frozenset([
    "NA", "N/A", "<NA>", "NaN", "nan", "NULL",
    "#NAME?", "#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!",
])  # fmt: skip
# How programs and people say it in these fields, whatever the case and the brackets; elsewhere it
# may be a title, the status of a trial, or its control.
# ASSUME: nobody's whole name and no journal is one of these; Na, a surname, is not among them.
BIBLIOGRAPHIC = frozenset([
    "authors", "glued_authors", "year", "journal", "volume", "issue", "pages", "first_page",
    "last_page", "article_number", "doi", "pmid", "pmcid", "abstract", "language", "url",
])  # fmt: skip
_SAID_MISSING = frozenset([
    "n/a", "n.a", "nan", "null", "none", "nil", "undefined", "missing", "unknown", "not available",
    "not applicable", "not reported", "not stated", "not specified", "not provided", "not found",
    "no data", "no abstract", "no abstract available", "abstract not available", "no author",
    "no author listed", "no authors", "no authors listed", "no author name available", "no doi",
    "no pmid", "tba", "tbd", "",
])  # fmt: skip
_ROUND = " \t\n.()[]<>-–—?_*"
_HEADING = re.compile(r"</h\d>", re.IGNORECASE)  # of a part of an abstract; words follow it
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_COMPACT_DATE = re.compile(r"^((?:19|20)\d\d)(?:0\d|1[0-2])[0-3]\d$")
# A number alone, behind a label, or in an address of PubMed. Nothing stands before the number
# that could make it another's: `PubMed Central: PMC123` names no PMID.
_PMID = re.compile(
    r"^(?!(?:pubmed|medline)\s+(?:19|20)\d\d$)(?:.*?\b(?:pmid|pubmed|medline)(?:[\s:#=.()\[-]|\b(?:id|no|number|uid|pmid|nlm)\b)*|"
    r".*\b(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/(?:m/)?pubmed/))?"
    r"0*([1-9]\d{0,7})(?:\.0+)?\s*(?:\[(?:pmid|uid)\])?[\s/)]*$",
    re.IGNORECASE,
)
# A search of PubMed for one number: a year has four digits.
_PMID_SEARCH = re.compile(r"\bpubmed\b.*[?&]term=0*([1-9]\d{5,7})(?!\d)", re.IGNORECASE)
# How spreadsheets write a long number; it is whole where no digit is left out.
_POWER = re.compile(r"([1-9])(?:[.,](\d+))?e\+?0?(\d)", re.IGNORECASE)
_PMCID = re.compile(r"PMC\s*[:-]?\s*0*(\d{3,9})", re.IGNORECASE)
_RANGE = re.compile(r"^([A-Za-z]{0,3})(\d+)-([A-Za-z]{0,3})(\d+)$")
_DASHES = re.compile(r"\s*(?:-{1,3}|[‐‑‒–—―−])\s*")

_INITIALS = re.compile(r"^(?:[^\W\d_]\.?[-‐ ]?){1,4}$")
PARTICLES = frozenset([
    "van", "von", "de", "del", "della", "der", "den", "des", "di", "da", "dos", "du", "la", "le",
    "ten", "ter", "te", "zu", "zum", "af", "al", "el", "bin", "ibn",
])  # fmt: skip
_SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv", "2nd", "3rd"])
_COLLECTIVE = re.compile(
    r"\b(?:group|consorti\w+|collaborat\w+|committee|investigators|network|society|association|"
    r"organi[sz]ation|institute|university|team|federation|agency|centre|center|trialists|"
    r"college|council|department|foundation|taskforce|task force|ministry|registry|program\w*)\b",
    re.IGNORECASE,
)
_ORCID = re.compile(r"\s*\((?:ORCID|https?:)[^)]*\)|\s*\d{4}-\d{4}-\d{4}-\d{3}[\dX]$")
_RUNS = re.compile(r"[\W_]+")
_BLANKS = {code: " " for code in range(128) if not chr(code).isalnum()}
_ANONYMOUS = frozenset(
    ["anonymous", "anon", "no authors listed", "not available", "unknown", "et al", "others"]
)

LANGUAGES = {
    "ara": "Arabic", "chi": "Chinese", "zho": "Chinese", "cze": "Czech", "dan": "Danish",
    "dut": "Dutch", "nld": "Dutch", "eng": "English", "en": "English", "fin": "Finnish",
    "fre": "French", "fra": "French", "fr": "French", "ger": "German", "deu": "German",
    "de": "German", "gre": "Greek", "heb": "Hebrew", "hun": "Hungarian", "ita": "Italian",
    "it": "Italian", "jpn": "Japanese", "ja": "Japanese", "kor": "Korean", "ko": "Korean",
    "nor": "Norwegian", "per": "Persian", "pol": "Polish", "por": "Portuguese",
    "pt": "Portuguese", "rum": "Romanian", "rus": "Russian", "ru": "Russian", "spa": "Spanish",
    "es": "Spanish", "swe": "Swedish", "tur": "Turkish", "ukr": "Ukrainian", "zh": "Chinese",
}  # fmt: skip


def text(value: str) -> str:
    """Entities resolved, mark-up and control characters gone, white space single, NFC.

    Empty where a program wrote that nothing is there: R's `NA` and its like, alone.
    """
    if not value or (len(value) < 9 and value.strip() in MISSING):
        return ""
    if "&" in value:
        value = html.unescape(html.unescape(value))
    if "<" in value:
        value = _MARKUP.sub("", _HEADING.sub(" ", value))
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
    if not value.isprintable():
        value = _CONTROL.sub("", value)
    return " ".join(value.split())


# Where a thing stands; Publish or Perish writes 0 for what it does not know of it.
_PLACES = frozenset(["volume", "issue", "pages", "first_page", "last_page"])


def absent(value: str, column: str = "") -> bool:
    """Whether a field of `BIBLIOGRAPHIC`, `column`, is empty or says that it is."""
    if column in _PLACES and value.strip() in ("0", "0.0", "0-0"):
        return True
    return len(value) < 32 and value.casefold().strip(_ROUND) in _SAID_MISSING


def title(value: str) -> str:
    """A title without its closing full stop; brackets, PubMed's sign of a translation, stay."""
    value = text(value)
    if value.endswith(".") and not value.endswith(".."):
        value = value[:-1].rstrip()
    return value


def title_key(value: str) -> str:
    """The title as an identifier: NFKD, marks dropped, lower case, other runs one underscore."""
    return _short_key(value) if len(value) < 300 else _key(value)


def _key(value: str) -> str:
    value = text(value)
    if not value.isascii():
        value = unicodedata.normalize("NFKD", value)
        value = "".join(c for c in value.lower() if not unicodedata.combining(c))
    if value.isascii():  # the same without an expression: most words of most exports
        return "_".join(value.lower().translate(_BLANKS).split())
    return _RUNS.sub("_", value).strip("_")


# One record asks for the key of its title several times, and many records for that of a journal.
_short_key = lru_cache(maxsize=10_000)(_key)


def doi(value: str) -> str:
    """The bare DOI in lower case, from any address, label or sentence round it.

    Of several the first. Empty for names that are no report's own, such as CENTRAL's
    `10.1002/central/cn-...`.
    """
    if "10." not in value:
        return ""
    value = _as_typed(value)
    address = "://" in value or value.lstrip().startswith("//") or "doi.org" in value
    found = _DOI.search(unquote(value) if "%" in value else value)
    if not found:
        return ""
    name = found.group().lower()
    if name.count("10.") > 1:
        name = _NEXT_DOI.split(name)[0]
    if address and "(sici)" not in name:
        name = re.split(r"[?#&]", name, maxsplit=1)[0]
        name = _ASSET.sub("", _DOI_PAGE.sub("", name))
    while name and (
        name[-1] in ".,;:'\"/\\*"
        or (name[-1] == ")" and name.count("(") < name.count(")"))
        or (name[-1] == "]" and name.count("[") < name.count("]"))
        or (name[-1] == ">" and name.count("<") < name.count(">"))
        or (name[-1] == "}" and name.count("{") < name.count("}"))
    ):
        name = name[:-1]
    if _NO_REPORT.match(name):
        return ""
    name = _COMPONENT.sub(r"\1", name)
    return name if name.partition("/")[2] else ""


def dois(value: str) -> list[str]:
    """All DOIs of a cell that may hold several, each once."""
    found = filter(None, map(doi, _NEXT_DOI.split(_as_typed(value))))
    return list(dict.fromkeys(found))


def unseen(value: str) -> str:
    """An identifier without the marks that nobody sees, such as a blank of no width."""
    return value.translate(_UNSEEN)


def _as_typed(value: str) -> str:
    """A cell of DOIs without entities, and with the hyphens that a keyboard has."""
    value = html.unescape(value)
    return value if value.isascii() else value.translate(_AS_TYPESET)


def pmid(value: str) -> str:
    """The digits of a PubMed identifier: `PMID: 123`, `123[pmid]`, `MEDLINE:123`, an address."""
    value = value.strip()
    if found := _PMID.match(value) or _PMID_SEARCH.search(value):
        return found.group(1)
    found = _POWER.fullmatch(value)
    if found and len(found[2] or "") == int(found[3]) < 8:
        return found[1] + (found[2] or "")
    return ""


def pmcid(value: str) -> str:
    """`PMC` and digits, from a column that holds PubMed Central identifiers."""
    value = value.strip()
    found = _PMCID.search(value)
    if found:
        return f"PMC{found.group(1)}"
    bare = value.removesuffix(".0")
    return f"PMC{int(bare)}" if bare.isascii() and bare.isdigit() and int(bare) else ""


@lru_cache(maxsize=50_000)
def year(value: str) -> str:
    """The first four-digit year from 1500 on, as text."""
    found = _YEAR.search(value) or _COMPACT_DATE.match(value.strip())
    return found.group(1) if found else ""


def pages(value: str) -> str:
    """`first-last` with the last page written out: `454-81` becomes `454-481`."""
    value = text(value)
    value = re.sub(r"^(?:pp?\.?|pages?:?)\s*(?=\w*\d)", "", value, flags=re.IGNORECASE)
    value = _DASHES.sub("-", value).strip("- .;")
    found = _RANGE.match(value)
    if not found:
        return value
    prefix, first, prefix2, last = found.groups()
    if len(last) < len(first) and prefix2 in ("", prefix):
        last = first[: len(first) - len(last)] + last
    if (prefix, first) == (prefix2 or prefix, last):
        return f"{prefix}{first}"
    return f"{prefix}{first}-{prefix2 or prefix}{last}"


def page_range(first: str, last: str) -> str:
    """Pages from two columns; words such as `No` - `Specified` are no pages."""
    first, last = text(first), text(last)
    if first and not any(c.isdigit() for c in first + last) and len(first) > 4 + len(last):
        return ""
    if (first.lower(), last.lower()) == ("no", "specified"):
        return ""
    if _DASHES.search(first) or not last:
        return pages(first)
    return pages(f"{first}-{last}") if first else pages(last)


@lru_cache(maxsize=50_000)
def language(value: str) -> str:
    """The language in English words where a known code stood."""
    parts = [p.strip() for p in re.split(r"[;,/|\n]", value) if p.strip()]
    return "; ".join(dict.fromkeys(LANGUAGES.get(p.lower(), text(p)) for p in parts))


@lru_cache(maxsize=50_000)
def author(name: str) -> str:
    """One name as `Family, Given`; a collective keeps its words. Empty for `et al.` and such.

    Without a comma the family name comes first when initials follow (`Kim TH`, `Adler D.G.`),
    else last (`Catarina Barata`), particles with it (`Ludwig van Beethoven`).
    """
    name = "" if absent(name) else text(name).strip(" ;,")
    if not name.isascii() or not name.replace(", ", "").isalpha():
        name = _ORCID.sub("", name)
        if trial_numbers.number(name):  # CENTRAL puts a trial's number where the authors stand
            return ""
    if name.lower().strip(".[] ") in _ANONYMOUS or not any(c.isalpha() for c in name):
        return ""
    if "," in name:
        family, _, given = (p.strip() for p in name.partition(","))
        given = given.lstrip(", ")
        return f"{family}, {given}" if given else family
    words = name.split()
    if len(words) == 1 or _COLLECTIVE.search(name):
        return name
    suffix = f" {words.pop()}" if words[-1].lower().strip(".") in _SUFFIXES else ""
    if len(words) == 1:
        return f"{words[0]},{suffix}"
    tail = 1
    while tail < len(words) and _are_initials(words[-tail]):
        tail += 1
    if tail > 1:  # family name first; `tail - 1` words of initials
        last, first = words[: len(words) - tail + 1], words[len(words) - tail + 1 :]
    else:
        cut = len(words) - 1
        lower = [i for i, w in enumerate(words[1:-1], 1) if w in PARTICLES]
        cut = lower[0] if lower else cut
        last, first = words[cut:], words[:cut]
    return f"{' '.join(last)}, {' '.join(first)}{suffix}"


def is_collective(name: str) -> bool:
    """Whether a name is of a group, a society or an institution, and not of a person."""
    return bool(_COLLECTIVE.search(name))


def _are_initials(word: str) -> bool:
    letters = word.replace(".", "").replace("-", "")
    if not letters or not letters[0].isupper() or not _INITIALS.match(word):
        return False
    return "." in word or (letters.isupper() and len(letters) <= 4)


def authors(names: Iterable[str]) -> str:
    """Names as `Family, Given; Family, Given`, in the order given, without repeats."""
    return "; ".join(dict.fromkeys(a for a in map(author, names) if a))


def split_authors(value: str) -> list[str]:
    """The single names of a cell that holds them all, by whichever separator it uses."""
    value = re.sub(r"\s*\[?\bet al\b\.?\]?\s*$", "", text(value.replace("\n", "; ")))
    for separator in (";", "|", " and ", " & "):
        if separator in value:
            parts = [p.strip() for p in value.split(separator)]
            if separator in (" and ", " & ") and len(parts) == 2 and parts[0].count(",") > 1:
                return [*split_authors(parts[0]), parts[1]]
            return [p for p in parts if p]
    if _COLLECTIVE.search(value) and value.count(",") < 2:
        return [value]
    parts = [p.strip() for p in value.split(",") if p.strip()]
    if value.endswith(".") and all(re.search(r" [A-Z]{1,4}$", p) for p in parts[:-1]):
        parts[-1:] = [p.rstrip(".") if p.count(".") == 1 else p for p in parts[-1:]]
    if len(parts) > 1 and len(parts) % 2 == 0 and all(_are_initials(p) for p in parts[1::2]):
        return [f"{family}, {given}" for family, given in zip(parts[::2], parts[1::2], strict=True)]
    if len(parts) == 2 and " " not in parts[0]:
        return [value]
    return parts


def keywords(values: Iterable[str]) -> str:
    """Keywords as `one; two`, in the order given, without repeats."""
    found = (text(part) for value in values for part in re.split(r"[;\n|]", value))
    return "; ".join(dict.fromkeys(word for word in found if word))


def family_name(authors_text: str) -> str:
    """The first author's family name in letters of `title_key`, for keys and comparisons."""
    first = authors_text.partition(";")[0]
    return title_key(first.partition(",")[0])
