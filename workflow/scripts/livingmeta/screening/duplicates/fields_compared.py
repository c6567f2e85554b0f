"""Comparable forms of the fields of a record, and how two of them stand to each other."""

import re
from functools import lru_cache

from livingmeta.screening import kinds, normalise

SAME, UNKNOWN, DIFFERENT = 1, 0, -1

# What databases append to titles: [Review] [45 refs], (Provisional abstract), [see comment]
_APPENDED = re.compile(
    r"\s*(?:\[[^\[\]]*\]|\((?:provisional|structured|meeting) abstract\))[\s.?*]*$", re.I
)
_REMARK = re.compile(
    r"^(?:in )?[a-z]+$|\brefs?\b|^\(?see comments?|erratum|comment|abstract|review|corrected|"
    r"author.s transl|proceeding|retract|letter|editorial|summary|in process",
    re.IGNORECASE,
)
SMALL = frozenset(
    [
        "a", "an", "the", "of", "and", "or", "in", "on", "for", "with", "to", "by", "from", "at",
        "as", "amp", "und", "der", "die", "das", "et", "de", "la", "le",
    ]
)  # fmt: skip
# ASSUME: what only says how a study was done, naming it, tells no two reports of one group in one
# issue apart: "a randomised trial", and not "open" or "group" alone, which may be what was studied.
DESIGNS = frozenset(["article", "analysis", "metaanalysis", "report", "review", "study", "trial"])
OF_DESIGN = SMALL | DESIGNS | frozenset([
    "arm", "blind", "blinded", "case", "center", "centre", "clinical", "cohort", "control",
    "controlled", "cross", "crossover", "double", "group", "international", "investigation",
    "label", "masked", "meta", "multi", "multicenter", "multicentre", "multicentric",
    "multinational", "national", "nationwide", "observational", "open", "original", "over",
    "parallel", "placebo", "prospective", "randomised", "randomized", "research",
    "retrospective", "sectional", "sham", "single", "systematic", "triple",
])  # fmt: skip
_ROMAN = frozenset(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"])
_COUNTRY = re.compile(r"united_states_(?:of_america|am)|u_s_a?")
_NUMBER = re.compile(r"\d+")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})[a-z]*\b", re.IGNORECASE)
_SUPPLEMENT = re.compile(r"\W*s(?:upp)?", re.IGNORECASE)
_EXTENT = re.compile(r"\[?\d+\]?(?: +p|\s*(?:pp|pages|leaves))\.?$", re.IGNORECASE)
# A mark of a footnote that a PDF leaves behind the title; `phase2` is none.
_FOOTNOTE = re.compile(r"(?<=[a-z]{5})(?<!part)(?<!phase)(?<!study)(?<!trial)(?<!cohort)[1-9]$")
_LIGATURE = re.compile(r"f[fil]*")
_ARTICLE = re.compile(r"^(?:art(?:icle)?(?:no|n)?|e)(?=\d)")


def titles(title: str) -> list[str]:
    """The keys of a title and, where brackets hold one, of the same title in another language;
    behind them each with Greek letters, small numbers and `vs` as others spell them."""
    title = kinds.bare_title(title)
    apart = []
    while found := _APPENDED.search(title):
        rest, note = title[: found.start()], found.group().strip(" .?*")
        if not rest.strip(" [("):
            break
        if not _REMARK.search(note.strip("[]()")) and note.count(" ") >= 2:
            apart.append(note)
        title = rest
    if _FOOTNOTE.search(title):
        apart.append(title[:-1])
    keys = [k for k in map(normalise.title_key, [title, *apart]) if k]
    return list(dict.fromkeys([*keys, *map(_respelled, keys)]))


# The number of an abstract in the programme of its meeting, as supplements print it before the
# title: OP0123, P-123, Su1234, P3-14-02, MA10.06, P.1.d.012, 1045P, LBA12_PR, `123. `; behind the
# word any number is one.
_CODE = (
    r"(?:[A-Z]{1,4}|[A-Z][a-z])-?\d{3,5}|[A-Z]{1,4}\d{0,2}-\d{1,4}(?:-\d{1,4})?|"
    r"[A-Z]{1,3}\d{1,2}\.\d{2}(?:-\d{2,3})?|[A-Z](?:\.\w{1,3}){2,3}|LBA-?\d{1,3}(?:_PR)?|"
    r"\d{1,4}(?:P|O|PD|MO|TiP)(?:_PR)?"
)
_ABSTRACT = r"(?i:abstract|abstr|poster|oral presentation)\b\W{0,2}(?:(?i:no|nr|number)\b\W{0,2})?"
_BEFORE = re.compile(
    rf"\W*(?:{_ABSTRACT}({_CODE}|[A-Z]{{0,3}}[ -]?\d{{1,5}})|({_CODE})|(\d{{1,5}})(?=[.:]\s))"
    r"(?:[\s.:)\]–—-]+)(?=\S+\s+\S)"
)
_BEHIND = re.compile(
    rf"\s*[(\[](?:{_ABSTRACT}({_CODE}|[A-Z]{{0,3}}[ -]?\d{{1,5}})?|({_CODE}))[)\]]\W*$"
)


_DIGIT = re.compile(r"\d")


def programme(title: str) -> tuple[str, str]:
    """The number of an abstract in the programme of its meeting, and the key of the title without
    it; two empty texts where the title has none. A gene or a drug (PD-1, MK-3475) looks alike."""
    # most titles have none, and are not tried
    if not _DIGIT.search(title, 0, 30) and title.rstrip(" .")[-1:] not in (")", "]"):
        return "", ""
    title = kinds.bare_title(title)
    match = _BEFORE.match(title) or _BEHIND.search(title)
    if not match:
        return "", ""
    number = next(filter(None, match.groups()), "")
    keys = titles(title[match.end() :] if match.start() == 0 else title[: match.start()])
    return normalise.title_key(number).replace("_", "") or "0", keys[0] if keys else ""


# What databases spell in two ways, as one of them does.
_GREEK = ("alpha", "beta", "gamma", "delta", "epsilon", "kappa", "lambda", "mu", "tau", "omega")
_SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SPELT = dict(zip("αβγδεκλμτω", _GREEK, strict=True))
_SPELT |= {"vs": "versus", "ii": "2", "iii": "3", "iv": "4"}
_SPELT |= {word: str(number) for number, word in enumerate(_SMALL, 1)}


def _respelled(key: str) -> str:
    words = key.split("_")
    return key if _SPELT.keys().isdisjoint(words) else "_".join(_SPELT.get(w, w) for w in words)


def is_number(word: str) -> bool:
    """Whether a word counts something: parts and phases with other numbers are other reports."""
    return word in _ROMAN or not word.isalpha()


@lru_cache(maxsize=200_000)
def slip(a: str, b: str) -> bool:
    """Whether two words differ by one slip of the pen, not at the first letter.

    One letter more, less, other or two swapped. The first letter is left out because
    `symptomatic` and `asymptomatic` are no slip; short words and numbers likewise.
    """
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) > 1 or len(a) < 4 or a[0] != b[0] or is_number(a) or is_number(b):
        return False
    start = 0
    while start < len(a) and a[start] == b[start]:
        start += 1
    end = 0
    while end < len(a) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    left_a, left_b = a[start : len(a) - end], b[start : len(b) - end]
    if len(left_a) <= 1 and len(left_b) <= 1:
        return True
    return len(left_a) == 2 and left_a == left_b[::-1]


def words_in_common(a: str, b: str) -> tuple[int, list[str], list[str]]:
    """Number of common words of two keys, and what is left on each side, in order.

    Slips of the pen count as common, and so do words that one side writes apart (`p16 ink4a`).
    """
    ours, theirs = a.split("_"), b.split("_")
    in_a, in_b = frozenset(ours), frozenset(theirs)
    common = len(in_a & in_b)
    left_a = [w for w in dict.fromkeys(ours) if w not in in_b]
    left_b = [w for w in dict.fromkeys(theirs) if w not in in_a]
    if left_a and left_b and len(left_a) + len(left_b) <= 8:
        for word in list(left_a):
            other = next((w for w in left_b if slip(word, w)), None)
            if other is not None:
                left_a.remove(word)
                left_b.remove(other)
                common += 1
        if left_a and _without_ligatures(left_a) == _without_ligatures(left_b):
            return common + len(left_a), [], []
    return common, left_a, left_b


def _without_ligatures(words: list[str]) -> str:
    """Words as one, without what a PDF loses or parts: `ef cacy` for `efficacy`."""
    whole = "".join(words)
    return _LIGATURE.sub("", whole) if len(whole) > 5 and whole.isalpha() else whole


def name_words(authors: str) -> tuple[frozenset[str], frozenset[str], frozenset[str], int]:
    """First author's family and given names, family names of all, as words; number of authors.

    Databases part names differently (`Brismar Wendel, S` and `Wendel, S B`; family and given name
    swapped), so names are compared as sets of words. Initials and particles are left out.
    """
    if not authors:
        return frozenset(), frozenset(), frozenset(), 0
    if ";" in authors:
        parts = authors.split(";")
    elif " and " in authors:
        parts = authors.split(" and ")
    else:
        parts = normalise.split_authors(authors)
    names = [part if "," in part else normalise.author(part) for part in parts]
    family, _, given = names[0].partition(",")
    return (
        _name(family),
        frozenset(w for w in normalise.title_key(given).split("_") if len(w) > 2),
        _name(" ".join(name.partition(",")[0] for name in names)),
        len(parts),
    )


def _name(family: str) -> frozenset[str]:
    key = normalise.title_key(family)
    if not key.isalpha() and any(c.isdigit() for c in key):  # a PDF's marks of institutions
        key = _NUMBER.sub("", key)
    words = frozenset(key.split("_")) - {""}
    return frozenset(w for w in words - normalise.PARTICLES if len(w) > 1) or words - {""}


def volume(value: str) -> str:
    """The first number of a volume; none where it is a year, as in proceedings."""
    found = _NUMBER.search(value)
    number = found.group().lstrip("0") if found else ""
    return "" if len(number) == 4 and number[:2] in ("19", "20") else number


def issue(value: str) -> str:
    """The number of an issue, that of a month where it is named; none for a supplement."""
    if found := _MONTH.search(value):
        return str(_MONTHS.index(found[1].lower()) + 1)
    return "" if _SUPPLEMENT.match(value) else volume(value)


def first_page(value: str) -> str:
    """The first page or the article's number, without the `e` that only some databases write.

    None where the value counts pages (`215 p`, a thesis) or is a date: spreadsheets turn pages
    1-12 into `12-Jan`.
    """
    if _EXTENT.match(value.strip()) or _MONTH.search(value):
        return ""
    page = normalise.title_key(normalise.pages(value).partition("-")[0]).replace("_", "")
    page = _ARTICLE.sub("", page)
    return page.lstrip("0") if any(c.isdigit() for c in page) else ""


def page_range(value: str) -> str:
    """`first-last` where both are numbers and the last is the greater one, else empty."""
    first, _, last = normalise.pages(value).partition("-")
    whole = first.isdecimal() and last.isdecimal() and int(first) < int(last)
    return f"{int(first)}-{int(last)}" if whole else ""


def agree(a: str, b: str) -> int:
    """SAME, DIFFERENT, or UNKNOWN where one is empty."""
    if not a or not b:
        return UNKNOWN
    return SAME if a == b else DIFFERENT


def pages(a: str, b: str) -> int:
    """`agree` for first pages: `S42` can be `42`, and page 1 says nothing against another.

    Journals on the web count each article's pages from 1, and databases differ in which of the two
    they print.
    """
    if a and b and a != b:
        if "1" in (a, b):
            return UNKNOWN
        if (len(a) > 4) != (len(b) > 4) and a.isdigit() and b.isdigit():
            return UNKNOWN  # an article's number, and a page or how many there are
        letterless = a.isdigit() or b.isdigit()
        return SAME if letterless and _NUMBER.findall(a) == _NUMBER.findall(b) else DIFFERENT
    return agree(a, b)


@lru_cache(maxsize=200_000)
def journals(a: str, b: str) -> int:
    """Whether two journal keys can be one journal: in full, abbreviated, or as an acronym."""
    if not a or not b:
        return UNKNOWN
    if a == b:
        return SAME
    one = [w for w in _COUNTRY.sub("usa", a).split("_") if w not in SMALL]
    two = [w for w in _COUNTRY.sub("usa", b).split("_") if w not in SMALL]
    if len(one) > len(two):
        one, two = two, one
    if not one:
        return UNKNOWN
    if len(one) == 1 and one[0] == "".join(w[0] for w in two):
        return SAME
    rest = iter(two)  # abbreviation: each word shortens a word of the full name, in order
    if shortens(one[0], two[0]) and all(any(shortens(w, word) for word in rest) for w in one):
        return SAME
    common = len(set(one) & set(two))
    return SAME if common >= 2 and common >= 0.75 * len(one) else DIFFERENT


def shortens(a: str, b: str) -> bool:
    """Whether one word abbreviates the other: `j` and `journal`, `natl` and `national`."""
    if len(a) > len(b):
        a, b = b, a
    if b.startswith(a) or a[0] != b[0]:
        return b.startswith(a)
    rest = iter(b)
    return (len(a) > 3 or a[-1] == b[-1]) and all(letter in rest for letter in a)
