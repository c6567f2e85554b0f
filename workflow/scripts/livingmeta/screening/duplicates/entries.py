"""A record in the form in which two of them are compared."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from livingmeta.screening import kinds, normalise, trial_numbers
from livingmeta.screening.duplicates import fields_compared

IDENTIFIERS = ("doi", "pmid", "pmcid")
# The fullest copy leads its group; these are read to tell a registration.
_NOT_COUNTED = frozenset(["url", "registration"])
# What stands before the first sentence of an abstract, in one export and not in the other.
_HEADING = re.compile(
    r"^(?:(?:a_b_s_t_r_a_c_t|abstract|summary|background|introduction|objectives?|aims?|purpose|"
    r"context|importance)_)+"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A record in comparable form; empty text and 0 mean unknown.

    `shared`: a DOI of a supplement or a book, which other reports carry too; `trial`: the number
    under which a register holds it, for a registration alone; `unsaid`: its type leaves open
    what it is; `numbered`: the number of its abstract in a programme, `unnumbered`: its title
    without that; `collective`: its one author is a group; `long`: it runs over three pages or more;
    `meeting`: an abstract of one, as its type or a supplement tells, so that others
    may stand on its page.
    """

    name: str
    title: str
    other_titles: tuple[str, ...]
    numbered: str
    unnumbered: str
    translated: bool
    year: int
    family: frozenset[str]
    given: frozenset[str]
    families: frozenset[str]
    authors: int
    collective: bool
    journal: str
    volume: str
    issue: str
    page: str
    range: str
    long: bool
    doi: str
    pmid: str
    pmcid: str
    kind: str
    unsaid: bool
    trial: str
    shared: str
    abstract: str
    proceedings: bool
    meeting: bool
    fullness: int

    @property
    def words(self) -> frozenset[str]:
        """The words of the title; made when asked for, since they are half of an entry's memory."""
        return frozenset(self.title.split("_")) if self.title else frozenset()

    def shelves(self) -> Iterator[tuple[str, str]]:
        """Under what this entry is filed: entries that share a shelf are compared."""
        for name in IDENTIFIERS:
            if value := getattr(self, name):
                yield name, value
        if self.shared:
            yield "doi", self.shared
        if self.trial:
            yield "trial", self.trial
        if self.abstract and not self.page:
            yield "abstract", abstract_opening(self.abstract)
        for title in filter(None, (self.title, *self.other_titles, self.unnumbered)):
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
    numbered, unnumbered = fields_compared.programme(title)
    url, names = get("url", ""), get("authors", "")
    kind = kinds.kind(title, type_, doi, journal, volume)
    if kind in (kinds.REPORT, kinds.PROTOCOL) and kinds.registered(journal, url, names):
        kind = kinds.REGISTRATION
    trial = ""
    if kind == kinds.REGISTRATION:
        fields = (get("registration", ""), journal, url, names, title)
        trial = next(filter(None, map(trial_numbers.first, fields)), "")
        names = "" if trial_numbers.alone(names) else names
    family, given, families, authors = fields_compared.name_words(names)
    range_ = fields_compared.page_range(pages)
    return Entry(
        name=name,
        title=keys[0] if keys else "",
        other_titles=tuple(keys[1:]),
        numbered=numbered,
        unnumbered=unnumbered,
        translated=title.startswith("["),
        year=int(normalise.year(get("year", "")) or 0),
        family=family,
        given=given,
        families=families,
        authors=authors,
        collective=authors == 1 and normalise.is_collective(names),
        journal=normalise.title_key(journal),
        volume=fields_compared.volume(volume),
        issue=fields_compared.issue(number),
        page=fields_compared.first_page(pages),
        range=range_,
        long=bool(range_) and int(range_.partition("-")[2]) - int(range_.partition("-")[0]) > 1,
        doi=doi,
        pmid=normalise.pmid(get("pmid", "")),
        pmcid=normalise.pmcid(get("pmcid", "")),
        kind=kind,
        unsaid=kinds.unsaid(type_),
        trial=trial,
        shared="",
        abstract=get("abstract", ""),
        proceedings=any(w in type_.lower() for w in ("proceedings", "conference")),
        meeting=kind == kinds.ABSTRACT or "sup" in f"{number} {volume} {pages}".lower(),
        fullness=sum(1 for n, v in row.items() if v and n not in _NOT_COUNTED) * 100_000
        + min(len(get("abstract", "")), 99_999),
    )


def abstract_opening(abstract: str) -> str:
    """The letters with which an abstract begins, its heading left out."""
    return _HEADING.sub("", normalise.title_key(abstract[:120])).replace("_", "")[:40]
