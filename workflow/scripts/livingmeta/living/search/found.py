"""What a database finds: identifiers of records, before any of them is fetched."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from livingmeta.screening import normalise

NAMED = ("pmid:", "pmcid:", "doi:")
_SPELT = {"pmid": normalise.pmid, "pmcid": normalise.pmcid, "doi": normalise.doi}


@dataclass(frozen=True)
class Hit:
    """One record of a database. `own`: what the database calls it (`pmid:123`, `MED:123`, ...);
    `names`: identifiers that others know it by, spelt as screening/identity.py spells them;
    `title`: as `normalise.title_key` has it, "" where it was not asked for."""

    own: str
    names: frozenset[str] = frozenset()
    title: str = ""

    @property
    def all(self) -> frozenset[str]:
        """Every name of it."""
        return self.names | {self.own}


@dataclass(frozen=True)
class Found:
    """All that a query finds: `hits`, how the service read the query ("" where it does not say),
    and `warnings` such as phrases that it does not know."""

    hits: list[Hit]
    read_as: str
    warnings: list[str]


def names(**identifiers: str | None) -> frozenset[str]:
    """Identifiers (`pmid`, `pmcid`, `doi`, as a service writes them) as names; unusable ones are
    left out."""
    spelt = {kind: _SPELT[kind](str(value or "")) for kind, value in identifiers.items()}
    return frozenset(f"{kind}:{value}" for kind, value in spelt.items() if value)


def best(reports: Iterable[frozenset[str]]) -> set[str]:
    """Of each report its PMIDs, and all its names where it has none."""
    best: set[str] = set()
    for known in reports:
        pmids = {name for name in known if name.startswith("pmid:")}
        best |= pmids or known
    return best


def by_kind(known: Iterable[str]) -> dict[str, list[str]]:
    """The values of names by the kind of identifier, sorted."""
    of: dict[str, list[str]] = {}
    for name in sorted(known):
        kind, _, value = name.partition(":")
        of.setdefault(kind, []).append(value)
    return of


def new(
    hits: Iterable[Hit], held: frozenset[str], titles: Mapping[str, frozenset[str]]
) -> list[Hit]:
    """The hits that are not held yet. `held`: names of records and databases' own; `titles`: by DOI
    (`doi:...`) those under which it is held, as `normalise.title_key` has them.

    The PMID, else the PMCID or the database's own name says so. A DOI only of a hit without a PMID,
    and with a title that is held under it: all abstracts of a meeting may share one, and a record
    that is fetched once more is a duplicate, while one that is not fetched is missed.
    """
    return [hit for hit in hits if not (_named(hit, held) or _by_doi(hit, titles))]


def by_doi_alone(
    hits: Iterable[Hit], held: frozenset[str], titles: Mapping[str, frozenset[str]]
) -> int:
    """How many hits count as held for their DOI and title, and nothing else."""
    return sum(not _named(hit, held) and _by_doi(hit, titles) for hit in hits)


def _of(hit: Hit, kind: str) -> list[str]:
    return [name for name in hit.all if name.startswith(kind)]


def _named(hit: Hit, held: frozenset[str]) -> bool:
    return any(n in held for n in [hit.own, *(_of(hit, "pmid:") or _of(hit, "pmcid:"))])


def _by_doi(hit: Hit, titles: Mapping[str, frozenset[str]]) -> bool:
    if not hit.title or _of(hit, "pmid:"):
        return False
    return any(hit.title in titles.get(doi, ()) for doi in _of(hit, "doi:"))


def meant(hits: Iterable[Hit], wanted: Collection[str]) -> list[Hit]:
    """Of hits that were looked up by the names `wanted` those that are the reports so named: under
    a DOI that hits of several titles share (abstracts of a meeting) none is the one meant."""
    hits = list(hits)
    titles: dict[str, set[str]] = {}
    for hit in hits:
        for doi in _of(hit, "doi:"):
            titles.setdefault(doi, set()).add(hit.title)

    def sure(hit: Hit) -> bool:
        asked = [name for name in hit.all if name in wanted]
        return any(not name.startswith("doi:") or len(titles[name]) == 1 for name in asked)

    return [hit for hit in hits if sure(hit)]
