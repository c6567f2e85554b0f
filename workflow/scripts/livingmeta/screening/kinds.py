"""What kind of record it is: an ordinary report, a preprint, a notice, a withdrawn report.

Records of different kinds are never duplicates of each other, however alike their titles.
"""

import re

REPORT, PREPRINT, ERRATUM, NOTICE = "report", "preprint", "erratum", "notice"
WITHDRAWN, REPLY, PROTOCOL = "withdrawn", "reply", "protocol"
THESIS, REGISTRATION = "thesis", "registration"

_PREPRINT_DOI = re.compile(
    r"^10\.(?:1101/(?:\d{4}\.\d\d\.\d\d|\d{6})|21203/rs|2139/ssrn|20944/preprints|31219|31234|31235|"
    r"31222|48550/arxiv|26434/chemrxiv|22541/au|36227/techrxiv|2196/preprints|32388|"
    r"64898|22434/|12688/verixiv|62061)"
)
_PREPRINT_SERVER = re.compile(
    r"^(?:bio|med|chem|psy|soc|ar|tech|eco|agri|veri)r?x+iv\b|^research square\b|"
    r"^ssrn\b|^preprints?\b|^authorea\b|^osf preprints\b|^jmir preprints\b",
    re.IGNORECASE,
)
_ERRATUM = re.compile(
    r"^\W*(?:(?:publisher|author|editorial)s?'?s? )?(?:erratum|errata|corrigend(?:um|a)|"
    r"corrections?|addendum)\b(?!\s+of\b)"
    r"(?:\s*(?:[:.—–-]|to\b|for\b|in\b|notice\b|$)|\s*\W*$)",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"^\W*(?:retraction(?: notice| note)?\s*(?:[:.—–-]|to\b|$)|"
    r"retraction of\s+(?:publication|article|paper|[\"“'‘])|"
    r"notice of (?:retraction|withdrawal|concern)|(?:editorial )?expression of concern|"
    r"withdrawal (?:notice|of article)\b|statement of retraction|retraction statement)",
    re.IGNORECASE,
)
_RETRACTED = re.compile(
    r"^\W*(?:retracted(?: article| paper)?)\b\W|[(\[]retracted(?: article)?\b|"
    r"\s[-–—:]\s*retracted(?: article| paper)?\W*$|^\W*removed(?: article)?\s*:|"
    r"^\W*this (?:article|paper) has been retracted\b",
    re.IGNORECASE,
)
_WITHDRAWN = re.compile(r"^\W*(?:temporarily )?withdrawn(?: article)?\b\W|\(withdrawn\)", re.I)
_REPLY = re.compile(
    r"^\W*(?:(?:the )?(?:author'?s'? )?reply\b(?:\s*[:.—–-]|\s+to\b|\s*$)|"
    r"(?:author'?s'? )?(?:response|rebuttal)(?:\s*[:.—–-]|\s*$|\s+to\s+(?:the\s+)?"
    r"(?:letter|comment|editor|author|reader|correspond|dr\b|[\"“'‘]|.*\bet al\b))|"
    r"re\s*:|comments? on\b|letter to the editor|in reply\b|invited commentary|commentary on\b)",
    re.IGNORECASE,
)
_THESIS = re.compile(r"thesis\b|\bdissertation", re.IGNORECASE)
_DEGREE = re.compile(r"^(?:ph|m|ed|psy|d|sc)\.? ?(?:d|a|s|sc|phil|n\.?p)\.?$", re.IGNORECASE)
_VERSION = re.compile(r"(?<=\d)[./-]?v\d{1,2}$")
_FUNDERS = re.compile(r"^(10\.12688/[a-z0-9]+\.\d+)\.\d+$")  # F1000 and its kin: 10.12688/name.1.2
_REGISTRY = re.compile(
    r"clinicaltrials\.gov|\bictrp\b|trialsearch|\bisrctn\b|trials? regist|clinicaltrialsregister",
    re.IGNORECASE,
)
_PROTOCOL = re.compile(
    r"\(protocol\)\s*$|^protocol (?:for|of)\b|: (?:a |the )?(?:study|trial|review) protocol\b",
    re.IGNORECASE,
)


def kind(title: str, type_: str = "", doi: str = "", journal: str = "", volume: str = "") -> str:
    """`report`, or one of the other words at the top of this module.

    A thesis also shows by a degree where the volume should be.
    """
    words = type_.lower()
    if _NOTICE.match(title) or "retraction of publication" in words or words == "retraction":
        return NOTICE
    if _ERRATUM.match(title) or "erratum" in words or words in ("correction", "corrigendum"):
        return ERRATUM
    if _WITHDRAWN.search(title):
        return WITHDRAWN
    # a preprint's DOI under a journal's name: a database has mixed the two; the journal counts
    server = _PREPRINT_SERVER.match(journal) or (not journal and _PREPRINT_DOI.match(doi))
    if server or "preprint" in words:
        return PREPRINT
    if _REGISTRY.search(journal) or _REGISTRY.search(type_):
        return REGISTRATION
    if _THESIS.search(type_) or _THESIS.match(journal) or _DEGREE.match(volume):
        return THESIS
    if _REPLY.match(title):
        return REPLY
    return PROTOCOL if _PROTOCOL.search(title) else REPORT


def flag(title: str, type_: str = "", doi: str = "", journal: str = "") -> str:
    """`retracted`, `withdrawn`, `erratum`, `preprint`, or empty for an ordinary report.

    A notice of retraction carries `retracted` as well: it must not pass for a report.
    """
    words = type_.lower()
    if _RETRACTED.search(title) or "retracted publication" in words or "retracted" in words:
        return "retracted"
    is_a = kind(title, type_, doi, journal)
    if is_a == NOTICE:
        return "retracted"
    return is_a if is_a in (WITHDRAWN, ERRATUM, PREPRINT) else ""


def bare_doi(doi: str) -> str:
    """The DOI without the version that preprint servers and F1000 put behind it."""
    if _PREPRINT_DOI.match(doi):
        return _VERSION.sub("", doi)
    return _FUNDERS.sub(r"\1", doi)


def bare_title(title: str) -> str:
    """The title without `RETRACTED ARTICLE:` before it or `(Retracted ...)` behind it."""
    title = re.sub(
        r"^\W*(?:retracted(?: article| paper)?|(?:temporarily )?withdrawn(?: article)?)\b\W+",
        "",
        title,
        flags=re.IGNORECASE,
    )
    return re.sub(
        r"\s*(?:\((?:retracted|withdrawn)\b[^()]*\)|\[(?:retracted|withdrawn)\b[^\[\]]*\])",
        "",
        title,
        flags=re.IGNORECASE,
    )
