"""Are two records copies of one report? Rules in the order in which a librarian asks."""

from collections.abc import Iterator
from dataclasses import dataclass

from livingmeta.screening import kinds, normalise
from livingmeta.screening.duplicates import fields_compared
from livingmeta.screening.duplicates.fields_compared import DIFFERENT, SAME, UNKNOWN

IDENTIFIERS = ("doi", "pmid", "pmcid")
# Kinds that stand beside a report under its identifier; a preprint or a withdrawn report that
# carries the identifier itself is the report.
_APART = frozenset([kinds.ERRATUM, kinds.NOTICE, kinds.REPLY])


@dataclass(frozen=True, slots=True)
class Entry:
    """A record in comparable form; empty text and 0 mean unknown."""

    name: str
    title: str
    other_titles: tuple[str, ...]
    words: frozenset[str]
    year: int
    family: frozenset[str]
    given: frozenset[str]
    families: frozenset[str]
    authors: int
    journal: str
    volume: str
    issue: str
    page: str
    range: str
    doi: str
    pmid: str
    pmcid: str
    kind: str
    proceedings: bool
    fullness: int

    def shelves(self) -> Iterator[tuple[str, str]]:
        """Under what this entry is filed: entries that share a shelf are compared."""
        for name in IDENTIFIERS:
            if value := getattr(self, name):
                yield name, value
        for title in (self.title, *self.other_titles):
            letters = title.replace("_", "")
            yield "title", letters
            if len(letters) > 24:
                yield "opening", letters[:20]
                yield "closing", letters[-20:]
                longest = sorted(set(title.split("_")), key=lambda w: (-len(w), w))[1:4]
                yield "words", "_".join(sorted(longest))
        if self.page and (self.volume or self.year):
            for word in self.family:
                if self.volume:
                    yield "place", f"{self.volume}:{self.page}:{word}"
                if self.year:
                    yield "year", f"{self.year}:{self.page}:{word}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two records are the same report (else: perhaps), by which rule, how surely."""

    same: bool
    rule: str
    score: float


def prepare(name: str, row: dict[str, str]) -> Entry:
    """A row of records.csv in comparable form."""
    get = row.get
    doi, journal, type_ = get("doi", ""), get("journal", ""), get("type", "")
    doi = kinds.bare_doi(normalise.doi(doi)) if doi else ""
    pages, number, volume = get("pages", ""), get("issue", ""), get("volume", "")
    if number.isdecimal() and len(number) > 4:  # an article number in the place of the issue
        pages, number = pages or number, ""
    title = normalise.text(get("title", ""))
    keys = fields_compared.titles(title)
    family, given, families, authors = fields_compared.name_words(get("authors", ""))
    return Entry(
        name=name,
        title=keys[0] if keys else "",
        other_titles=tuple(keys[1:]),
        words=frozenset(keys[0].split("_")) if keys else frozenset(),
        year=int(normalise.year(get("year", "")) or 0),
        family=family,
        given=given,
        families=families,
        authors=authors,
        journal=normalise.title_key(journal),
        volume=fields_compared.volume(volume),
        issue=fields_compared.issue(number),
        page=fields_compared.first_page(pages),
        range=fields_compared.page_range(pages),
        doi=doi,
        pmid=normalise.pmid(get("pmid", "")),
        pmcid=normalise.pmcid(get("pmcid", "")),
        kind=kinds.kind(title, type_, doi, journal, volume),
        proceedings=any(w in type_.lower() for w in ("proceedings", "conference")),
        fullness=sum(1 for v in row.values() if v) * 100_000
        + min(len(get("abstract", "")), 99_999),
    )


def judge(a: Entry, b: Entry) -> Verdict | None:
    """The verdict on a pair that shares a shelf; None when they are different reports."""
    shared = [n for n in IDENTIFIERS if getattr(a, n) and getattr(a, n) == getattr(b, n)]
    if shared:
        if a.kind != b.kind and not _APART.isdisjoint((a.kind, b.kind)):
            return Verdict(False, f"{shared[0]}, but another kind of record", 0.5)
        if _could_be_one(a, b):
            return Verdict(True, shared[0], 1.0)
        return Verdict(False, f"{shared[0]}, but the titles differ", 0.5)
    if a.kind != b.kind:
        return None
    found = _by_title_and_place(a, b)
    if found and any(_differ(a, b, n) for n in ("doi", "pmid")):
        if not found.same or any(_differ(a, b, n) for n in ("volume", "issue", "page")):
            return None
        return Verdict(False, f"{found.rule}, but the identifiers differ", 0.5)
    return found


def _differ(a: Entry, b: Entry, field: str) -> bool:
    how = fields_compared.pages if field == "page" else fields_compared.agree
    return how(getattr(a, field), getattr(b, field)) == DIFFERENT


def _could_be_one(a: Entry, b: Entry) -> bool:
    """Whether two titles under one identifier could be one title, shortened or translated.

    Abstracts of one supplement can share its DOI: these have other authors or another page.
    """
    if not a.words or not b.words or _title(a, b, loosely=True) != "other":
        return True
    page, authors = fields_compared.pages(a.page, b.page), _authors(a, b)
    ours, theirs = a.words - fields_compared.SMALL, b.words - fields_compared.SMALL
    if len(ours & theirs) >= 0.5 * max(min(len(ours), len(theirs)), 1):
        return not page == authors == DIFFERENT
    return authors == SAME and (page == SAME or (page == UNKNOWN and a.year == b.year != 0))


def _by_title_and_place(a: Entry, b: Entry) -> Verdict | None:
    place = _Place(
        abs(a.year - b.year) if a.year and b.year else 0,
        _authors(a, b),
        fields_compared.pages(a.page, b.page),
        fields_compared.agree(a.volume, b.volume),
        fields_compared.agree(a.issue, b.issue),
        min(len(a.words), len(b.words)),
    )
    if place.apart > 2 and not place.page == place.volume == SAME:
        return None
    # only the same title can be told without the place, or under other authors
    loosely = place.sure and place.authors != DIFFERENT and place.apart <= 2
    in_issue = not loosely and place.in_issue and place.authors == SAME
    title = _title(a, b, loosely=loosely or in_issue)
    if title == "other":
        return _under_another_title(a, b, place)
    if in_issue and title != "same":
        return _of_one_issue(a, b, title)
    if place.sure:
        return _at_one_place(a, b, title, place)
    return _by_title(a, b, place) if title == "same" and place.authors != DIFFERENT else None


@dataclass(frozen=True, slots=True)
class _Place:
    """How two records stand to each other but for their titles.

    `apart`: years between them, 0 where unknown; `words`: in the shorter title; the rest SAME,
    UNKNOWN or DIFFERENT.
    """

    apart: int
    authors: int
    page: int
    volume: int
    issue: int
    words: int

    @property
    def sure(self) -> bool:
        """One page of one volume. Each issue of some journals begins anew on page 1, with an
        editorial, so a short title has to have its issue too."""
        here = self.volume == SAME or (self.volume == UNKNOWN and self.apart == 0)
        return self.page == SAME and here and (self.issue != DIFFERENT or self.words >= 6)

    @property
    def in_issue(self) -> bool:
        """One issue, the page not known to be another."""
        return self.issue == SAME and self.apart == 0 and DIFFERENT not in (self.page, self.volume)


def _at_one_place(a: Entry, b: Entry, title: str, place: _Place) -> Verdict | None:
    if place.authors == DIFFERENT:
        if place.apart <= 2 and title == "same" and place.words >= 5:
            return Verdict(True, "title-place", 0.93)
        return None
    if title == "part":
        if place.words >= 2:
            return _unless(_shares_page(a), "title-part-author-place", 0.92)
        return None
    if title == "number":
        # part 1 and part 2 do not begin on one page
        if place.volume == place.authors == SAME and a.page.isdigit():
            return Verdict(True, "title-number-author-place", 0.9)
        return None
    if title == "near":
        if place.authors == SAME:
            both = bool(a.words - b.words) and bool(b.words - a.words)
            return _unless(_shares_page(a) and both, "title-near-author-place", 0.94)
        return None
    if place.apart > 2 and place.authors != SAME:
        return None
    return Verdict(True, "title-author-place" if place.authors == SAME else "title-place", 0.99)


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
    return Verdict(True, "title-part-author-issue", 0.9)


def _shares_page(entry: Entry) -> bool:
    """Whether the page (`81A`, `S12`) may hold several abstracts of a meeting.

    One group often has two there, "... in men" and "... in women". Electronic pages are longer.
    """
    return not entry.page.isdigit() and sum(c.isdigit() for c in entry.page) <= 4


def _unless(doubt: bool, rule: str, score: float) -> Verdict:
    return Verdict(not doubt, rule, 0.5 if doubt else score)


def _under_another_title(a: Entry, b: Entry, place: _Place) -> Verdict | None:
    """A title in two languages or two translations, so the place must say it all."""
    if place.apart or not (place.page == SAME == place.volume == place.authors) or _shares_page(a):
        return None
    if place.issue == DIFFERENT:
        return None
    journal = fields_compared.journals(a.journal, b.journal)
    # nobody has two papers on the same pages, and more than one of a volume's begin on page 1
    if a.range and a.range == b.range and a.page != "1" and _everyone(a, b):
        if journal == SAME or a.authors > 2:
            return Verdict(True, "author-pages", 0.9)
        return None
    if journal != SAME or a.authors != b.authors:
        return None
    if len(a.words & b.words) > 0.3 * place.words:  # hardly a word in common: two languages
        return None
    return Verdict(True, "author-journal-place", 0.9)


def _by_title(a: Entry, b: Entry, place: _Place) -> Verdict | None:
    """The same title, and a place that is not the same or not known."""
    apart, authors, page, volume = place.apart, place.authors, place.page, place.volume
    if apart > 1 or page == volume == DIFFERENT or place.issue == DIFFERENT:
        return None
    journal = fields_compared.journals(a.journal, b.journal)
    if page == DIFFERENT or volume == DIFFERENT:
        if volume == authors == journal == SAME and place.words >= 5:
            return Verdict(True, "title-author-journal", 0.9)
        if page == authors == SAME and place.words >= 5:
            return Verdict(True, "title-author-page", 0.92)
        return Verdict(False, "title, at another place", 0.5)
    if apart and a.kind == kinds.THESIS:
        return Verdict(False, "thesis, of another year", 0.5)
    if authors == SAME:
        # proceedings are called as anybody pleases
        talks = a.proceedings and b.proceedings and a.authors == b.authors and place.words >= 6
        numbered = volume == place.issue == SAME  # the journal's name may be a translation
        if journal == DIFFERENT and not talks and not numbered:
            return Verdict(False, "title and author, in another journal", 0.6)
        certain = journal == SAME or (_everyone(a, b) and not apart)
        if a.proceedings != b.proceedings and not certain:  # a talk and the paper made of it
            return Verdict(False, "title and author, talk and paper", 0.5)
        if place.words >= 3 or (a.year and a.year == b.year and journal == SAME):
            return Verdict(True, "title-year-author" if a.year and b.year else "title-author", 0.97)
        return Verdict(False, "short title", 0.5)
    if place.words >= 7 and journal != DIFFERENT:
        return Verdict(True, "title", 0.9)
    return Verdict(False, "title, author unknown", 0.5)


def elsewhere(a: Entry, b: Entry) -> bool:
    """Whether two records plainly stand at different places, so that no third can join them."""
    return (
        fields_compared.agree(a.volume, b.volume)
        == fields_compared.pages(a.page, b.page)
        == DIFFERENT
    )


def _title(a: Entry, b: Entry, *, loosely: bool) -> str:
    """How two titles stand to each other; unless `loosely`, only `same` is told from `other`.

    `same` but for slips, `number` but for one, `near`, `part` (one in the other) or `other`.
    """
    if a.title == b.title:
        return "same" if a.title else "other"
    if a.title.replace("_", "") == b.title.replace("_", ""):
        return "same"
    if not a.words or not b.words:
        return "other"
    if a.other_titles or b.other_titles:
        mine, theirs = {a.title, *a.other_titles}, {b.title, *b.other_titles}
        if mine & theirs:
            return "same"
    shorter, longer = sorted((len(a.words), len(b.words)))
    if len(a.words & b.words) < (0.5 * shorter - 2 if loosely else longer - 4):
        return "other"
    common, left_a, left_b = fields_compared.words_in_common(a.title, b.title)
    if not left_a and not left_b:
        return "same"
    if not loosely:
        return "other"
    numbers_a = [w for w in left_a if fields_compared.is_number(w)]
    numbers_b = [w for w in left_b if fields_compared.is_number(w)]
    if numbers_a and numbers_b:
        return "number" if left_a == numbers_a and left_b == numbers_b else "other"
    if common >= 0.8 * longer:
        return "near"
    if common >= 0.9 * shorter:
        return "part"
    return "other"


def _authors(a: Entry, b: Entry) -> int:
    """Whether the first authors, or most of all, are the same people."""
    if not a.family or not b.family:
        return UNKNOWN
    if a.family & b.family or a.family & b.given or a.given & b.family:
        return SAME
    if any(fields_compared.slip(x, y) for x in a.family for y in b.family):
        return SAME
    common = len(a.families & b.families)
    if common and common >= 0.5 * min(len(a.families), len(b.families)):
        return SAME
    return DIFFERENT


def _everyone(a: Entry, b: Entry) -> bool:
    """Whether all authors are the same people, one name in four perhaps written otherwise."""
    common = len(a.families & b.families)
    return a.authors == b.authors > 0 and common >= 0.75 * max(len(a.families), len(b.families))
