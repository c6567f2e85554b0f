"""Two records of one title whose place is not the same, or not known."""

import re

from livingmeta.screening import kinds
from livingmeta.screening.duplicates import fields_compared, likeness
from livingmeta.screening.duplicates.entries import Entry
from livingmeta.screening.duplicates.fields_compared import DIFFERENT, SAME
from livingmeta.screening.duplicates.verdicts import Place, Verdict, doubt

# Titles that a journal or a book has many of, by one author in one year too.
_GENERIC = re.compile(
    r"(?:(?:in|a|the)_)?(?:authors?_(?:s_)?)?(?:repl(?:y|ies)|respon[sd]s?e?)"
    r"(?:_(?:to|by|from)_(?:the_)?(?:letters?(?:_to_(?:the_)?editors?)?|editors?|authors?))?|"
    r"(?:(?:letters?|message|note)_(?:to|from)_|from_)(?:the_)?editors?|"
    r"(?:(?:guest|invited)_)?(?:editorial|commentary)(?:_comment(?:ary|s)?)?|"
    r"introduction|preface|foreword|conclusions?|book_reviews?|(?:(?:list_of|meeting)_)?abstracts|"
    r"annual_report|case_report|in_this_issue|table_of_contents|president_s_message"
)


def by_title(a: Entry, b: Entry, place: Place) -> Verdict | None:
    """The same title, and a place that is not the same or not known. Where one has the number of a
    talk before it, and the other is perhaps the paper, a person decides."""
    found = _by_title(a, b, place)
    letters = [title.replace("_", "") for title in (a.title, b.title)]  # IL-6, IL6
    one_numbered = bool(a.numbered) != bool(b.numbered) and letters[0] != letters[1]
    if found and found.same and one_numbered and not (place.in_issue or (a.meeting and b.meeting)):
        return doubt("title, one of them with the number of a talk")
    return found


def _by_title(a: Entry, b: Entry, place: Place) -> Verdict | None:
    authors, page, volume, against = place.authors, place.page, place.volume, place.against
    journal = fields_compared.journals(a.journal, b.journal)
    if authors == DIFFERENT:
        if against or journal == DIFFERENT or likeness.abstracts(a, b) != SAME:
            return None
        if a.families & b.families:
            return Verdict(True, "title-abstract", 0.9)
        return doubt("title and abstract, but the authors differ", 0.6)
    if against:
        return _against(a, b, place, journal)
    abstract = likeness.abstracts(a, b)
    if abstract == DIFFERENT and page != SAME:
        return doubt("title, but the abstracts differ")
    if place.apart and a.kind == kinds.THESIS:
        return doubt("thesis, of another year")
    if authors == SAME:
        # proceedings are called as anybody pleases
        talks = a.proceedings and b.proceedings and a.authors == b.authors and place.words >= 6
        numbered = volume == place.issue == SAME  # the journal's name may be a translation
        if journal == DIFFERENT and not talks and not numbered:
            return doubt("title and author, in another journal", 0.6)
        certain = journal == SAME or (likeness.everyone(a, b) and not place.apart)
        if a.proceedings != b.proceedings and not certain:  # a talk and the paper made of it
            return doubt("title and author, talk and paper")
        if said := _weak(a, b, place, abstract):
            return doubt(said)
        if page != SAME and abstract != SAME and _in_supplement_and_out(a, b):
            return doubt("title and author, one of them in a supplement")
        if place.words >= 3 or (a.year and a.year == b.year and journal == SAME):
            return Verdict(True, "title-year-author" if a.year and b.year else "title-author", 0.97)
        return Verdict(True, "title-abstract", 0.9) if abstract == SAME else doubt("short title")
    if abstract == SAME and journal != DIFFERENT:
        return Verdict(True, "title-abstract", 0.9)
    if place.words >= 7 and journal != DIFFERENT:
        return Verdict(True, "title", 0.9)
    return doubt("title, author unknown")


def _weak(a: Entry, b: Entry, place: Place, abstract: int) -> str:
    """Why one title of the same people is not enough, where no place says that it is one report;
    "" where it is."""
    if likeness.registrations(a, b) == DIFFERENT:
        return "title and author, but the registrations differ"
    if abstract == SAME:
        return ""
    if a.kind == b.kind == kinds.CHAPTER and a.journal and b.journal and a.journal != b.journal:
        return "title and author, chapters perhaps of two books"
    # what comes every year has one title
    if place.apart and not any(map(_placed, (a, b))):
        return "title and author, but the years differ and neither has a place"
    if _GENERIC.fullmatch(a.title) or _GENERIC.fullmatch(b.title):
        return "title of many reports"
    return "short title" if place.words <= 2 and place.volume != SAME else ""


def _in_supplement_and_out(a: Entry, b: Entry) -> bool:
    """Whether one stands in a supplement, as abstracts of meetings do, and the other says that it
    stands in an issue or on pages of no supplement, which have a letter in front."""
    talk, paper = (a, b) if a.meeting else (b, a)
    said = bool(paper.issue) or paper.page[:1].isdigit()
    return talk.meeting and not paper.meeting and said


def _placed(entry: Entry) -> bool:
    """Whether it says where it stands; page 1 alone is that of many."""
    return bool(entry.volume or entry.issue or entry.range or entry.page not in ("", "1"))


def _against(a: Entry, b: Entry, place: Place, journal: int) -> Verdict | None:
    """The same title, and a year, issue, volume or page that is another.

    One of these alone may be a slip; an issue and a page say together that it is another report.
    """
    authors, volume, against = place.authors, place.volume, place.against
    yearly = place.apart and volume == DIFFERENT  # on the same page of the next volume
    if place.apart > 1 or place.issue == DIFFERENT or len(against) > 1:
        alone = len(against) == 1 and authors == SAME and journal != DIFFERENT
        known = SAME in (place.page, place.volume) or (place.apart <= 2 and journal == SAME)
        if alone and known and place.words >= 4:
            return doubt(f"title and author, but the {against[0]} differs")
        return None
    if volume == authors == journal == SAME and place.words >= 5:
        # two papers of one title in a volume, were the pages right
        if place.page == DIFFERENT and not _one_extent(a, b, place.issue == SAME):
            return doubt("title and author, but the pages differ", 0.6)
        return Verdict(True, "title-author-journal", 0.9)
    if place.page == authors == SAME and place.words >= 5 and not yearly:
        return Verdict(True, "title-author-page", 0.92)
    return doubt("title, at another place")


def _one_extent(a: Entry, b: Entry, in_issue: bool) -> bool:
    """Whether two first pages may be those of one report: on paper and of its electronic form, one
    where the other ends or inside it, or in one issue a digit mistyped."""
    electronic = [entry.page[0].isalpha() and entry.page[0] not in "sp" for entry in (a, b)]
    if electronic[0] != electronic[1]:
        return True
    if in_issue and len(a.page) == len(b.page) and sum(map(str.__ne__, a.page, b.page)) == 1:
        return True
    (first, last), (start, end) = (_bounds(entry) for entry in (a, b))
    return 0 < max(first, start) <= min(last, end)


def _bounds(entry: Entry) -> tuple[int, int]:
    """First and last page where they are plain numbers, else 0 and 0."""
    if entry.range:
        first, _, last = entry.range.partition("-")
        return int(first), int(last)
    page = int(entry.page) if entry.page.isdecimal() else 0
    return page, page
