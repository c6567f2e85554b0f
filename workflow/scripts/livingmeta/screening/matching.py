"""Are two records copies of one report? Rules in the order in which a librarian asks."""

from dataclasses import dataclass

from livingmeta.screening import kinds, normalise

IDENTIFIERS = ("doi", "pmid", "pmcid")


@dataclass(frozen=True, slots=True)
class Entry:
    """A record in comparable form; empty text and 0 mean unknown."""

    name: str
    title: str
    words: frozenset[str]
    year: int
    family: str
    journal: str
    volume: str
    page: str
    doi: str
    pmid: str
    pmcid: str
    kind: str
    fullness: int

    def shelves(self):
        """Under what this entry is filed: entries that share a shelf are compared."""
        for name in ("doi", "pmid", "pmcid", "title"):
            if value := getattr(self, name):
                yield name, value


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two records are the same report (else: perhaps), by which rule, how surely."""

    same: bool
    rule: str
    score: float


def prepare(name: str, row: dict[str, str]) -> Entry:
    """A row of records.csv in comparable form."""
    get = row.get
    doi = normalise.doi(get("doi", ""))
    title = normalise.title_key(kinds.bare_title(normalise.text(get("title", ""))))
    return Entry(
        name=name,
        title=title,
        words=frozenset(title.split("_")) - {""},
        year=int(normalise.year(get("year", "")) or 0),
        family=_first_family(get("authors", "")),
        journal=normalise.title_key(get("journal", "")),
        volume=normalise.title_key(get("volume", "")),
        page=normalise.title_key(normalise.pages(get("pages", "")).partition("-")[0]),
        doi=doi,
        pmid=normalise.pmid(get("pmid", "")),
        pmcid=normalise.pmcid(get("pmcid", "")),
        kind=kinds.kind(get("title", ""), get("type", ""), doi, get("journal", "")),
        fullness=sum(1 for v in row.values() if v) * 100_000
        + min(len(get("abstract", "")), 99_999),
    )


def _first_family(authors: str) -> str:
    first = authors.partition(";")[0]
    if "," not in first:
        first = normalise.author(next(iter(normalise.split_authors(first)), ""))
    return normalise.family_name(first)


def judge(a: Entry, b: Entry) -> Verdict | None:
    """The verdict on a pair that shares a shelf; None when they are different reports.

    Equal identifiers link, unless the titles plainly differ: abstracts of one supplement share
    its DOI. Equal titles link when year and first author agree and nothing speaks against it.
    """
    shared = [n for n in IDENTIFIERS if getattr(a, n) and getattr(a, n) == getattr(b, n)]
    if shared:
        if _alike(a, b) and a.kind == b.kind:
            return Verdict(True, shared[0], 1.0)
        return Verdict(False, f"{shared[0]}, but the titles differ", 0.5)
    if a.kind != b.kind or not a.title or a.title != b.title:
        return None
    if any(_differ(a, b, field) for field in ("year", "family", "volume", "page")):
        return None
    if _differ(a, b, "doi") or _differ(a, b, "pmid"):
        return Verdict(False, "title, but the identifiers differ", 0.5)
    if a.year and a.year == b.year and a.family and a.family == b.family:
        return Verdict(True, "title-year-author", 0.99)
    if len(a.words) >= 7:
        return Verdict(True, "title", 0.9)
    return Verdict(False, "short title", 0.5)


def _differ(a: Entry, b: Entry, field: str) -> bool:
    left, right = getattr(a, field), getattr(b, field)
    return bool(left and right and left != right)


def _alike(a: Entry, b: Entry) -> bool:
    """Whether two titles could be one title, shortened or spelt otherwise."""
    if not a.words or not b.words:
        return True
    common = len(a.words & b.words)
    if common / min(len(a.words), len(b.words)) >= 0.5:
        return True
    # a translated title: nothing in common but first author, and year or page
    return (
        bool(a.family)
        and a.family == b.family
        and (a.year == b.year != 0 or (a.page == b.page != ""))
    )
