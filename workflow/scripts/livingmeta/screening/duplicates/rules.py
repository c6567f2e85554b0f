"""Are two records copies of one report? Rules in the order in which a librarian asks.

Where one thing speaks against a pair that all else makes one, a person decides; two records of
different kinds are never one.
"""

import re

from livingmeta.screening import kinds
from livingmeta.screening.duplicates import fields_compared, likeness
from livingmeta.screening.duplicates.by_title import by_title
from livingmeta.screening.duplicates.entries import IDENTIFIERS, Entry
from livingmeta.screening.duplicates.fields_compared import DIFFERENT, SAME
from livingmeta.screening.duplicates.verdicts import Place, Verdict, doubt

# Kinds that a title alone tells, and one database's title may not: under one identifier such a
# record is the report.
_TITLED = frozenset([kinds.WITHDRAWN, kinds.PROTOCOL, kinds.THESIS, kinds.REPORT])

_PART = re.compile(r"(?:part|phase)?(?:\d{1,2}|[ivx]+)")


def judge(a: Entry, b: Entry) -> Verdict | None:
    """The verdict on a pair that shares a shelf; None when they are different reports."""
    if a.trial and b.trial:
        return Verdict(True, "registration", 1.0) if a.trial == b.trial else None
    apart = kinds.apart(a.kind, b.kind, a.unsaid, b.unsaid)
    if a.shared and a.shared == b.shared:
        return None if apart else _under_shared_doi(a, b)
    if shared := _identifiers_shared(a, b):
        if apart and not {a.kind, b.kind} <= _TITLED:
            return doubt(f"{shared[0]}, but another kind of record")
        return _under_one_identifier(a, b, shared[0])
    if apart:
        return None
    found = _by_title_and_place(a, b)
    if found and found.same and a.kind != b.kind and found.rule not in _PLACED:
        return doubt(f"{found.rule}, but perhaps another kind of record")
    if found and any(_differ(a, b, n) for n in ("doi", "pmid")):
        if not found.same or any(_differ(a, b, n) for n in ("volume", "issue", "page")):
            return None
        return doubt(f"{found.rule}, but the identifiers differ")
    return found


def _identifiers_shared(a: Entry, b: Entry) -> list[str]:
    return [n for n in IDENTIFIERS if getattr(a, n) and getattr(a, n) == getattr(b, n)]


def same_title(a: Entry, b: Entry) -> bool:
    """Whether two titles can be one title, cut short or with a slip.

    Titles that each have a word of their own, or a number (part 2), can be of two reports.
    """
    if not a.words or not b.words:
        return True
    shorter, longer = sorted((a.title.replace("_", ""), b.title.replace("_", "")), key=len)
    if len(shorter) >= 15 and longer.startswith(shorter):
        further = longer[len(shorter) :]
        return len(further) > 6 or not _PART.fullmatch(further)
    title = likeness.title(a, b, loosely=True)
    if title in ("near", "part"):
        ours, theirs = likeness.further_words(a, b)
        return not (ours and theirs) and not any(map(fields_compared.is_number, ours + theirs))
    return title == "same"


def two_reports(a: Entry, b: Entry) -> bool:
    """Whether two records under one DOI are plainly two: it is a supplement's or a book's."""
    if same_title(a, b):
        return False
    page, authors = fields_compared.pages(a.page, b.page), likeness.authors(a, b)
    return DIFFERENT in (page, authors) and likeness.title(a, b, loosely=True) == "other"


_PLACED = ("title-author-place", "title-part-author-place", "title-near-author-place")


def _under_one_identifier(a: Entry, b: Entry, name: str) -> Verdict:
    """One identifier is not one report: a supplement's abstracts and a book's chapters share it.

    Other authors, pages or words in the title make a doubt.
    """
    authors, page = likeness.authors(a, b), fields_compared.pages(a.page, b.page)
    titled = same_title(a, b)
    against = [
        words
        for words, differs in (
            ("titles", not titled),
            ("authors", authors == DIFFERENT),
            ("pages", page == DIFFERENT),
        )
        if differs
    ]
    if not against:
        return Verdict(True, name, 1.0)
    # PubMed's title of a report in another language; a PMID is never a supplement's
    translated = against == ["titles"] and a.translated != b.translated
    if translated and authors == SAME and (page == SAME or name != "doi"):
        return Verdict(True, name, 0.95)
    found = None if against != ["titles"] else _by_title_and_place(a, b)
    # a slip in the title that is passed over where there is no identifier
    if found and found.same:
        return Verdict(True, name, 0.95)
    return doubt(
        f"{name}, but the {' and '.join(against)} differ", 0.5 if len(against) == 1 else 0.3
    )


def _under_shared_doi(a: Entry, b: Entry) -> Verdict | None:
    """Two records under the DOI of a supplement or a book: all but the DOI has to tell."""
    found = _by_title_and_place(a, b)
    if found:
        return found
    authors, page = likeness.authors(a, b), fields_compared.pages(a.page, b.page)
    if likeness.title(a, b, loosely=False) == "same":
        if DIFFERENT not in (authors, page):
            return Verdict(True, "doi", 0.95)
        return doubt("doi of several reports, the same title")
    return doubt(SHARED, 0.3)


# This doubt is put before a person only where a DOI has two titles, which may be two of one report.
SHARED = "doi, but titles and authors or pages differ"


def _differ(a: Entry, b: Entry, field: str) -> bool:
    how = fields_compared.pages if field == "page" else fields_compared.agree
    return how(getattr(a, field), getattr(b, field)) == DIFFERENT


def _by_title_and_place(a: Entry, b: Entry) -> Verdict | None:
    place = Place(
        abs(a.year - b.year) if a.year and b.year else 0,
        likeness.authors(a, b),
        fields_compared.pages(a.page, b.page),
        fields_compared.agree(a.volume, b.volume),
        fields_compared.agree(a.issue, b.issue),
        min(len(a.words), len(b.words)),
    )
    # only the same title can be told without the place, or under other authors
    loosely = place.sure and place.authors != DIFFERENT and place.apart <= 2
    in_issue = not loosely and place.in_issue and place.authors == SAME
    title = likeness.title(a, b, loosely=loosely or in_issue)
    if title != "same" and not place.sure and not place.against:
        found = _by_abstract(a, b, place)
        if found:
            return found
    if title == "other":
        return _under_another_title(a, b, place) or _nearly(a, b, place)
    if in_issue and title != "same":
        return _of_one_issue(a, b, title) or _nearly(a, b, place)
    if place.sure:
        return _at_one_place(a, b, title, place)
    return by_title(a, b, place) if title == "same" else None


def _at_one_place(a: Entry, b: Entry, title: str, place: Place) -> Verdict | None:
    if place.authors == DIFFERENT:
        if place.apart <= 2 and title == "same" and place.words >= 5:
            return doubt("title-place, but the authors differ", 0.6)
        return None
    abstract = likeness.abstracts(a, b)
    # what is numbered from 1 stands nowhere, so that title and abstract have to tell
    nowhere = a.page == b.page == "1" and abstract != SAME
    if abstract == DIFFERENT and (nowhere or title != "same"):
        return doubt(f"title-{title}-place, but the abstracts differ")
    ours, theirs = likeness.further_words(a, b)
    shared = _shares_page(a, b)
    # "... for depression", "... for anxiety": nobody has two papers on one page, but a row that was
    # copied and typed over says so
    apart = bool(ours and theirs) or _denied(a, b)
    sure = abstract == SAME or bool(_identifiers_shared(a, b)) or _mistyped(ours, theirs)
    others = apart and (shared or nowhere or not sure)
    more = nowhere and not fields_compared.OF_DESIGN.issuperset(ours + theirs)
    if title == "part":
        return (
            _unless(shared or more, "title-part-author-place", 0.92) if place.words >= 2 else None
        )
    if title == "number":
        # part 1 and part 2 do not begin on one page
        if place.volume == place.authors == SAME and a.page.isdigit():
            return _unless(shared or nowhere or others, "title-number-author-place", 0.9)
        return None
    if title == "near":
        if place.authors == SAME:
            return _unless(others or more, "title-near-author-place", 0.94)
        return _unless(shared or apart or more, "title-near-place", 0.9)
    if place.apart > 2 and place.authors != SAME:
        return doubt("title-place, but the years differ", 0.6)
    return Verdict(True, "title-author-place" if place.authors == SAME else "title-place", 0.99)


# "... in adults with sepsis", "... without sepsis".
_DENIALS = frozenset(["no", "non", "not", "without"])


def _denied(a: Entry, b: Entry) -> bool:
    """Whether one title denies what the other says."""
    words = [set(entry.title.split("_")) for entry in (a, b)]
    return not _DENIALS.isdisjoint(words[0] ^ words[1])


def _mistyped(ours: list[str], theirs: list[str]) -> bool:
    """Whether the words that two titles do not share are one text but for one letter, be it the
    first of a word or what stood between two."""
    # a letter in front and between, since a slip is looked for inside one word
    one, two = ("".join(f"x{word}" for word in words) for words in (ours, theirs))
    return len(one) == len(two) and fields_compared.slip(one, two)


def _of_one_issue(a: Entry, b: Entry, title: str) -> Verdict | None:
    """A title with a heading before it or a subtitle behind it, in the same issue of a journal."""
    shorter, longer = sorted((a.title, b.title), key=len)
    before, found, behind = f"_{longer}_".partition(f"_{shorter}_")
    further = [word for word in f"{before}_{behind}".split("_") if word]
    if not found or title == "number" or shorter.count("_") < 5:
        return None
    if any(map(fields_compared.is_number, further)):  # part II
        return None
    if fields_compared.journals(a.journal, b.journal) != SAME:
        return None
    # "Cost-effectiveness of ..." and "... in children" stand beside the paper whose title they hold
    if not fields_compared.OF_DESIGN.issuperset(further) or fields_compared.DESIGNS.isdisjoint(
        further
    ):
        return doubt("title-part-author-issue, but the further words may be of another report")
    return Verdict(True, "title-part-author-issue", 0.9)


def _shares_page(a: Entry, b: Entry) -> bool:
    """Whether the page (`81A`, `S12`, `597` of a supplement) may hold several abstracts.

    One group often has two there, "... in men" and "... in women". Electronic pages are longer,
    and what runs over three pages has them for itself.
    """
    if a.long or b.long:
        return False
    if a.meeting or b.meeting or not (a.range or b.range):
        return sum(c.isdigit() for c in a.page) <= 4
    return not a.page.isdigit() and sum(c.isdigit() for c in a.page) <= 4


def _unless(doubt: bool, rule: str, score: float) -> Verdict:
    return Verdict(not doubt, rule, 0.5 if doubt else score)


def _under_another_title(a: Entry, b: Entry, place: Place) -> Verdict | None:
    """A title in two languages or two translations, so the place must say it all."""
    if place.apart or not (place.page == SAME == place.volume == place.authors):
        return None
    if place.issue == DIFFERENT or _shares_page(a, b):
        return None
    # every paper of a journal on the web begins on page 1
    if a.page == "1" and (a.range != b.range or likeness.abstracts(a, b) == DIFFERENT):
        return None
    journal = fields_compared.journals(a.journal, b.journal)
    # nobody has two papers on the same pages, and more than one of a volume's begin on page 1
    if a.range and a.range == b.range and a.page != "1" and likeness.everyone(a, b):
        if journal == SAME or a.authors > 2:
            # two titles in English are of two reports, were the pages right
            alike = all(map(_in_english, (a, b))) or len(a.words & b.words) > 1
            alike = alike and not a.translated and not b.translated
            alike = alike and likeness.abstracts(a, b) != SAME
            return _unless(alike, "author-pages", 0.9)
        return None
    if journal != SAME or a.authors != b.authors:
        return None
    return doubt("author-journal-place, but the titles differ")


# Of these an English title nearly always has one, and one in another language none.
_ENGLISH = frozenset(["after", "and", "by", "during", "for", "from", "of", "on", "the", "with"])


def _in_english(entry: Entry) -> bool:
    return not _ENGLISH.isdisjoint(entry.title.split("_"))


def _by_abstract(a: Entry, b: Entry, place: Place) -> Verdict | None:
    """A title that is garbled, cut short or missing, above one and the same abstract.

    Nothing known of the place speaks against it. Companion papers of one group have their own
    numbers in the abstract.
    """
    if not a.abstract or not b.abstract or a.meeting or b.meeting:
        return None
    title = likeness.title(a, b, loosely=True)
    if title == "number" or (place.authors == DIFFERENT and not a.families & b.families):
        return None
    if title == "other" and place.authors != SAME:
        return None
    if likeness.abstracts(a, b) != SAME:
        return None
    if title == "other" and a.words and b.words:
        return doubt("abstract and author, but the titles differ", 0.6)
    if fields_compared.journals(a.journal, b.journal) == DIFFERENT:
        return doubt("abstract, in another journal", 0.6)
    return Verdict(True, "title-abstract", 0.9)


def _nearly(a: Entry, b: Entry, place: Place) -> Verdict | None:
    """A title cut short or with a mark too many, of the same people in the same year: a doubt."""
    if place.against or place.words < 5 or a.meeting or b.meeting:
        return None
    if a.authors < 2 or not likeness.everyone(a, b):
        return None
    if not a.year or not b.year or a.year != b.year:
        return None
    if likeness.title(a, b, loosely=True) not in ("near", "part") or not same_title(a, b):
        return None
    if DIFFERENT in (fields_compared.journals(a.journal, b.journal), likeness.abstracts(a, b)):
        return None
    return doubt("title-near-author", 0.4)


def elsewhere(a: Entry, b: Entry) -> bool:
    """Whether two records plainly stand at different places, so that no third can join them."""
    return _differ(a, b, "volume") and _differ(a, b, "page")
