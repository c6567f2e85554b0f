"""What kind of record it is: an ordinary report, an abstract of a meeting, a preprint, a notice.

Records of different kinds are never duplicates of each other, however alike their titles and
whatever identifier they share. A record whose type says nothing may be of any kind that only its
type would tell.
"""

import re
from functools import lru_cache

from livingmeta.screening import trial_numbers

REPORT, PREPRINT, ERRATUM, NOTICE = "report", "preprint", "erratum", "notice"
WITHDRAWN, REPLY, PROTOCOL = "withdrawn", "reply", "protocol"
THESIS, REGISTRATION, CONCERN = "thesis", "registration", "concern"
# What records.csv flags, the gravest first.
FLAGS = ("retracted", WITHDRAWN, CONCERN, ERRATUM, PREPRINT)
REINSTATED = "reinstated"  # no flag: whether the retraction before it still counts, a person says
CORRECTED = "corrected"  # no flag: the report stands, and its numbers may be others
ABSTRACT, CHAPTER, BOOK = "abstract", "chapter", "book"

_PREPRINT_DOI = re.compile(
    r"^10\.(?:1101/(?:\d{4}\.\d\d\.\d\d|\d{6})|21203/rs|2139/ssrn|20944/preprints|31219|31234|31235|"
    r"31222|48550/arxiv|26434/chemrxiv|22541/au|36227/techrxiv|2196/preprints|32388|"
    r"64898|22434/|12688/verixiv|62061)"
)
_PREPRINT_SERVER = re.compile(
    r"^(?:bio|med|chem|psy|soc|ar|tech|eco|agri|veri)r?x+iv\b|^research square\b|"
    r"^ssrn\b|^preprints?\b|^authorea\b|^osf preprints\b|^jmir preprints\b|"
    r"^cold spring harbor laboratory(?: press)?$",
    re.IGNORECASE,
)
# "Correction in serum sodium" is a trial; where a capital, a quotation mark or names follow, as in
# "Correction to Snow on roofs" and "Correction for Lind et al.", it is one of a report.
_ERRATUM = re.compile(
    r"^\W*(?:(?:publisher|author|editorial)s?'?s? )?(?:"
    r"(?:erratum|errata|corrigend(?:um|a)|corrections?|addendum)"
    r"(?:\s*(?:[:.—–-]|notice\b|$)|\s*\W*$|"
    r"\s+(?:to|for|in)\b(?=\s*[:\"“‘]|\s+[–—-]|.*\bet al\b|\s+(?:this|the) (?:article|paper)\b))|"
    r"(?:erratum|corrigend(?:um|a))\s+(?:to|for)\b|"
    r"(?:erratum|errata|corrigend(?:um|a)|addendum)\s+(?:to|for|in)\s+(?=(?-i:[A-Z]))|"
    r"correction\s+to\s+(?=(?-i:[A-Z]))|department of error\W*$)",
    re.IGNORECASE,
)
# Others only the title of a known report tells.
_PERHAPS_ERRATUM = re.compile(
    r"^\W*(?:corrections?|errata|addend(?:um|a)) (?:to|for|in)\b", re.IGNORECASE
)
# Web of Science puts the place behind the title of a correction: (vol 12, pg 101, 2019).
_ERRATUM_BEHIND = re.compile(
    r"\s*[(\[]vol\.? [\w-]+(?: [\w-]+)?, (?:(?:pp?|pg|art)\b\.? ?)?[\w.-]*\d[\w.-]*, "
    r"(?:19|20)\d\d[)\]]\W*$",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"^\W*(?:(?:partial|author|editor(?:ial)?|publisher|article|letter of)(?:['’]?s)?['’]? )?"
    r"(?:(?!retraction:\s(?-i:an?|the)\s)retractions?(?: notice| note| letter|"
    r"(?: and|,? with| ?[&/]) ?re(?:placement|publication)(?: of(?=\s*[:\"“]| \w))?)?"
    r"\s*(?:[:—–\])]|\.\W*$|-(?!\w)|to\b|$)|"
    r"retractions?(?: notice| note| letter)\s*\.|"
    r"retraction(?: notice| note| and re(?:placement|publication)| ?& ?replacement) "
    r"(?:for|of|on)\b|"
    r"retraction of\s*(?::|(?:publication|article|paper)|[\"“'‘])|"
    r"retraction (?:for|of)\b.*\bet al\b|removal notice\b|"
    r"noti(?:ce|fication) of (?:retraction|withdrawal|removal)"
    r"(?: and re(?:placement|publication))?|"
    r"withdrawal (?:notice|of article)\b|statement of retraction|retraction statement|"
    # "Editors' note: retraction of ..."
    r"(?:editor(?:ial)?(?:['’]?s)?['’]? )?(?:note|notice|letter)\W+(?:of )?retraction\b|"
    # French, German, Spanish, Portuguese, Italian and Dutch
    r"(?:avis de |note de )?r[ée]tractation\b|(?:avis de retrait|retrait\s*:|"
    r"retrait (?:de l['’]article|d['’](?:un )?article|de (?:la |cette )?publication))|"
    r"zur(?:ü|ue)ckziehung\b|retraktion\s*:|widerruf\s*:|r(?:ü|ue)ckzug\s*"
    r"(?::|(?:der|einer) publikation|(?:des|eines) artikels|von publikation)|"
    r"(?:nota de |aviso de )?(?:retractaci[óo]n|retrata[çc][ãa]o)\s*(?:[:.—–]|d[eoa]l?\b|$)|"
    r"(?:retiro|retirada) (?:del?|do) art[íi](?:culo|go)\b|"
    r"ritrattazione\b|terugtrekking\s*:|"
    # Chinese: 撤稿声明, 关于撤销《Snow on roofs》一文的声明
    r"(?:撤稿|撤回|撤销)(?:论文)?(?:声明|通知|启事|公告|说明)|"
    r"关于(?=.*(?:撤稿|撤销|撤回).*(?:声明|通知|启事|公告|说明|决定)))",
    re.IGNORECASE,
)
# Web of Science puts the place of the report behind its title: (Retraction of vol 4, pg 11, 2019).
_NOTICE_BEHIND = re.compile(r"[(\[]retraction of (?:vol|art|pg)\b[^\[\]]*[)\]]\W*$", re.IGNORECASE)
# `Retraction-Snow on roofs` is a notice, and `Retraction-induced injury` none: the title tells. So
# with `Withdrawal: Snow on roofs` and `Withdrawal: a review of its symptoms`, and behind a small
# letter with `Retraction: a new suture`.
_PERHAPS_NOTICE = re.compile(
    r"^\W*(?:retraction(?:-(?=\w)|\.\s|:(?=\s(?-i:an?|the)\s))|retraction (?:for|of)\b|"
    r"withdrawal\s*[:—–]|retrait de\b|r(?:ü|ue)ckzug (?:von|der|des)\b)",
    re.IGNORECASE,
)
# `. Roofs. 2010;12(1):1-5` behind the title of a report that a notice names.
_CITED = re.compile(r"(?<=[.?!])\s+[^.?!]{2,80}\.\s*(?:19|20)\d\d\b.*$")
_CONCERN = re.compile(
    r"^\W*(?:(?:(?:interim|publisher|author|editor|journal)(?:['’]?s)?['’]? )?"
    r"(?:(?:notice|statement|note) of (?:editorial )?concern|"
    r"editorial expression of concern|expression of (?:editorial )?concern"
    r"(?:\s*(?:[^\w\s]|$)|\s+(?:to|on|for|regarding|concerning|re|statement|notice|note|letter)\b|"
    # "Expression of concern among parents" is a survey
    r"\s+(?=(?-i:[A-Z]))(?!(?:among|by|from|with|in|about|over|of)\b)|"
    r"\s+(?:about|over|in|relat\w+ to)\s+(?:[\"“‘]|the (?:article|paper|publication)|"
    r"(?=(?-i:[A-Z]))|(?=.*\bet al\b)))|"
    # Not taken back yet: somebody asks for it, or readers are warned.
    r"request (?:for|of) (?:the )?(?:retraction|withdrawal)\b|(?:retraction|withdrawal) request\b)|"
    r"editor(?:ial|['’]?s['’]?)? note\s*[:.—–]"
    r"(?!\W*(?:notice )?(?:of )?(?:retraction|withdrawal|removal|correction|erratum|corrigend)))",
    re.IGNORECASE,
)
# What a report is called once it was taken back, before its title or behind it; `retracted` within
# a title is a word of surgery (a retracted tendon), and tells nothing.
_WORK = r"(?: (?:article|paper|publication|chapter|study))?"
_MARK = r"\s*(?:[:.\])>}＞】：—–]|-(?!\w))"
_BY = r"(?: (?:from publication|by (?:the )?(?:authors?|editors?|journal|publisher)))?"
# German, Spanish, Portuguese, French, Italian, Dutch, Chinese and Japanese.
_ELSEWHERE = (
    r"(?:(?:artikel|beitrag|art[íi]culo|artigo|articolo|article)\s+)?(?:zur(?:ü|ue)ckgezogen|"
    r"widerrufen|retractad[oa]|retratad[oa]|retirad[oa]|r[ée]tract[ée]e?|retirée?|"
    r"ritrattat[oa]|ritirat[oa]|ingetrokken|teruggetrokken)|已?撤稿|已?撤回|撤销"
)
_BEFORE = {
    "retracted": r"^\W*(?:(?:article )?retracted(?: and (?:republished|replaced))?|removed)"
    rf"{_WORK}{_BY}{_MARK}|^\W*(?:{_ELSEWHERE}){_MARK}"
    r"|^\W*(?:(?-i:RETRACTED)(?=\W+(?-i:[A-Z]).*(?-i:[a-z]))|"
    r"retracted (?:article|paper|publication))\b"
    r"|^\W*this (?:article|paper) (?:has been|is|was) retracted\b",
    # "Withdrawn: a study of those who left" is none
    WITHDRAWN: rf"^\W*(?:(?!(?-i:Withdrawn: (?:an?|the)\s))withdrawn{_WORK}{_BY}|"
    rf"temporarily (?:withdrawn|removed){_WORK}|temporary removal){_MARK}"
    r"|^\W*(?:(?-i:WITHDRAWN)(?=\W+(?-i:[A-Z]).*(?-i:[a-z]))|"
    r"withdrawn (?:article|paper|publication))\b"
    r"|^\W*this (?:article|paper) (?:has been|is|was) withdrawn\b",
}


def _closes(flag: str) -> str:
    """How a title ends that is called so. In a title in capitals the word may be of it."""
    return (
        rf"(?:(?:\s[-–—:]\s*|[:.]\s+|\s*[†‡*]\s*){flag}{_WORK}|"
        rf"(?<=(?-i:[a-z?]))\W+(?-i:{flag.upper()}(?: (?:ARTICLE|PAPER|PUBLICATION))?))\W*$"
    )


_BEHIND = {
    flag: rf"{_closes(flag)}|[(\[]{flag}{_WORK}[)\]]\W*$|"
    rf"[(\[]{flag}(?: (?:article|paper|publication|by|in|on|due|see)\b|\W+see\b)"
    for flag in _BEFORE
}
_BEHIND["retracted"] += rf"|[(\[]retraction in\b|[(\[【]\s*(?:{_ELSEWHERE})\s*[)\]】]\W*$"
_RETRACTED, _WITHDRAWN = (
    re.compile(f"{_BEFORE[flag]}|{_BEHIND[flag]}", re.IGNORECASE) for flag in _BEFORE
)
# The words of a state within a title, for the title without them.
_OF_STATE = re.compile(
    "|".join(f"(?:{before})" r"\W*" for before in _BEFORE.values())
    + r"|\s*(?:\((?:retracted|withdrawn|publication with|retraction (?:of|in))\b"
    r"[^()]*(?:\([^()]*\)[^()]*)*\)|"
    r"\[(?:retracted|withdrawn|publication with|retraction (?:of|in))\b[^\[\]]*\])\W*$"
    rf"|\s*[(\[【]\s*(?:{_ELSEWHERE})\s*[)\]】]\W*$|{_closes('retracted')}|{_closes(WITHDRAWN)}",
    re.IGNORECASE,
)
_UNDER_CONCERN = re.compile(r"[(\[][^()\[\]]*\bexpression of concern\b", re.IGNORECASE)
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
# An address of one trial in a register.
_REGISTERED = re.compile(
    r"clinicaltrials\.gov/(?:ct2/)?(?:show|study)/|trialsearch\.who\.int|isrctn\.com/isrctn|"
    r"clinicaltrialsregister\.eu/ctr|euclinicaltrials\.eu/|drks\.de/|chictr\.org|anzctr\.org|"
    r"umin\.ac\.jp/ctr|jrct\.\w+\.go\.jp|cris\.nih\.go\.kr|ctri\.nic\.in|irct\.(?:ir|behdasht)",
    re.IGNORECASE,
)
_ABSTRACT = re.compile(
    r"(?:conference|meeting|congress|poster|published|proceedings?) abstracts?\b|"
    r"(?:^|;\s*)abstracts?\s*(?:$|;)|\bposter\b",
    re.IGNORECASE,
)
_CHAPTER = re.compile(r"chapter|book section|\binbook\b|\bincollection\b", re.IGNORECASE)
_BOOK = re.compile(r"(?:^|;\s*)(?:edited )?(?:e-?)?books?\s*(?:$|;)|\bmonograph\b", re.IGNORECASE)
_ARTICLE = re.compile(
    r"\barticle\b|\breview\b|clinical (?:trial|study)|controlled trial|case reports?\b|"
    r"(?:comparative|multicenter|observational|evaluation|validation) study|\bletter\b|editorial",
    re.IGNORECASE,
)
# What a program writes whatever the record is, or of a whole issue: it says nothing of the record.
_MEETING = re.compile(r"proceeding|conference", re.IGNORECASE)
_PROTOCOL = re.compile(
    r"\(protocol\)\s*$|^protocol (?:for|of)\b|: (?:a |the )?(?:study|trial|review) protocol\b",
    re.IGNORECASE,
)


def kind(title: str, type_: str = "", doi: str = "", journal: str = "", volume: str = "") -> str:
    """`report`, or one of the other words at the top of this module.

    A thesis also shows by a degree where the volume should be.
    """
    words = type_.lower()
    told = _tells(title)  # most titles tell nothing, and are not tried against each form
    if (told and _CONCERN.match(title)) or "expression of concern" in words:
        return CONCERN
    if (
        (told and (_NOTICE.match(title) or _NOTICE_BEHIND.search(title)))
        or "retraction of publication" in words
        or (words not in _PLAIN and not _RETRACTION.isdisjoint(_parts(words)))
    ):
        return NOTICE
    if _ERRATUM.match(title) or "erratum" in words:
        return ERRATUM
    if words not in _PLAIN and not _CORRECTION.isdisjoint(_parts(words)):
        return ERRATUM
    if "vol" in title[-60:].lower() and _ERRATUM_BEHIND.search(title) and not _REPLY.match(title):
        return ERRATUM
    if told and _WITHDRAWN.search(title):
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
    if _PROTOCOL.search(title):
        return PROTOCOL
    return _by_type(type_) if words not in _PLAIN else REPORT


def _tells(title: str) -> bool:
    """Whether a title holds a word of a state, or of a notice of one."""
    plain = title.lower()
    return any(word in plain for word in _OF_STATES)


_OF_STATES = (
    *(
        "editor",
        "retract",
        "withdraw",
        "remov",
        "concern",
        "rétract",
        "retrait",
        "retrakt",
        "zurück",
    ),
    *("zurueck", "rückzug", "rueckzug", "widerruf", "retrata", "retir", "ritratt", "ritirat"),
    *("terugtrek", "trokken", "撤"),
)


_RETRACTION = frozenset(["retraction", "retraction notice", "notice of retraction"])
_CORRECTION = frozenset(["correction", "corrigendum", "correction, addition"])
_PLAIN = frozenset(["", "journal article", "article", "inproceedings", "misc"])


def _parts(words: str) -> set[str]:
    return {part.strip() for part in words.split(";")}


@lru_cache(maxsize=10_000)
def _by_type(type_: str) -> str:
    """What the type alone tells; an article in a book is of either kind, and so an article."""
    if _ABSTRACT.search(type_):
        return ABSTRACT
    if _CHAPTER.search(type_):
        return REPORT if _ARTICLE.search(type_) else CHAPTER
    return BOOK if _BOOK.search(type_) and not _ARTICLE.search(type_) else REPORT


@lru_cache(maxsize=10_000)
def unsaid(type_: str) -> bool:
    """Whether the type leaves open if it is an article, an abstract of a meeting or a chapter.

    `Journal article; Conference proceeding` is how CENTRAL calls an abstract, and Web of Science
    a full paper; an article in a book is called either.
    """
    if _by_type(type_) != REPORT:
        return False
    return bool(_MEETING.search(type_) or _CHAPTER.search(type_) or not _ARTICLE.search(type_))


_BY_TYPE = frozenset([ABSTRACT, CHAPTER, BOOK])


def apart(a: str, b: str, a_unsaid: bool, b_unsaid: bool) -> bool:
    """Whether two kinds exclude that the records are one; `unsaid` as the function tells."""
    if a == b:
        return False
    if REPORT not in (a, b):
        return True
    other, open_ = (b, a_unsaid) if a == REPORT else (a, b_unsaid)
    return not (other in _BY_TYPE and open_)


def registered(journal: str, url: str, authors: str) -> bool:
    """Whether a record stands for an entry of a trial register, though its type does not say so."""
    if _REGISTERED.search(journal) or trial_numbers.alone(authors):
        return True
    return not journal and bool(_REGISTERED.search(url))


def flag(title: str, type_: str = "", doi: str = "", journal: str = "") -> str:
    """`retracted`, `withdrawn`, `concern`, `erratum`, `preprint`, or empty for an ordinary report.

    A notice of retraction carries `retracted` as well, and one of concern `concern`: they must not
    pass for a report.
    """
    words = type_.lower()
    told = _tells(title)
    if (
        (told and _RETRACTED.search(title))
        or "retracted publication" in words
        or "retracted" in words
    ):
        return "retracted"
    is_a = kind(title, type_, doi, journal)
    if is_a == NOTICE:
        return "retracted"
    if is_a == CONCERN or "under concern" in words or (told and _UNDER_CONCERN.search(title)):
        return CONCERN
    if "withdrawn publication" in words:
        return WITHDRAWN
    return is_a if is_a in (WITHDRAWN, ERRATUM, PREPRINT) else ""


def bare_doi(doi: str) -> str:
    """The DOI without the version that preprint servers and F1000 put behind it."""
    if _PREPRINT_DOI.match(doi):
        return _VERSION.sub("", doi)
    return _FUNDERS.sub(r"\1", doi)


def bare_title(title: str) -> str:
    """The title without `RETRACTED ARTICLE:` before it or `(Retracted ...)` behind it."""
    return _OF_STATE.sub("", title) if _tells(title) else title


def says(title: str, type_: str = "", doi: str = "", journal: str = "") -> str:
    """What a record says of another, the report whose title it carries: `retracted`, `withdrawn`,
    `concern` or `corrected`; "" for a report. A copy that is called `WITHDRAWN: ...` or
    `REMOVED: ...` is one of its own where nothing links it to the other."""
    is_a = kind(title, type_, doi, journal)
    if is_a == NOTICE or (is_a == REPORT and _PERHAPS_NOTICE.match(title)):
        return FLAGS[0]
    if is_a in (CONCERN, WITHDRAWN):
        return is_a
    if is_a == ERRATUM or (is_a == REPORT and _PERHAPS_ERRATUM.match(title)):
        return CORRECTED
    return FLAGS[0] if is_a == REPORT and _tells(title) and _RETRACTED.search(title) else ""


def about(title: str) -> list[str]:
    """The titles of which a notice of retraction, concern or correction may be; [] if it is none.

    `Retraction: Smith A, et al. "Snow on roofs" [Roofs 12 (2010) 1-5]` may be of all behind the
    word, of what stands in quotation marks or behind the names, and of these without the place.
    """
    behind = _ERRATUM_BEHIND.sub("", bare_title(title))
    forms = (_NOTICE, _CONCERN, _PERHAPS_NOTICE, _ERRATUM, _PERHAPS_ERRATUM)
    match = next(filter(None, (form.match(title) for form in forms)), None)
    if not match:
        return [behind] if behind != title else []
    rest = re.sub(r"^\W*(?:to|of|for|on)\b\W*|^\W+", "", title[match.end() :], flags=re.IGNORECASE)
    if "et al" in match[0]:
        rest = title[match.end() :]
    quoted = re.findall(r"[\"“‘«„《〈「『](.+)[\"”’»“》〉」』]", title[max(match.end() - 1, 0) :])
    found = [rest, *quoted, *re.split(r"\bet al\b\W*", rest)[1:]]
    found += [_CITED.sub("", t) for t in found]  # and after the names, where there is no "et al"
    found += [t.partition(". ")[2] for t in found]
    found += [re.sub(r"\s*[(\[][^()\[\]]*(?:\([^()]*\)[^()\[\]]*)*[)\]]\W*$", "", t) for t in found]
    return list(dict.fromkeys(bare_title(t) for t in found if t.strip()))
