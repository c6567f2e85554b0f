"""What a database finds: identifiers of records, before any of them is fetched."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from livingmeta.screening import normalise

NAMED = ("pmid:", "pmcid:", "doi:")
_SPELT = {"pmid": normalise.pmid, "pmcid": normalise.pmcid, "doi": normalise.doi}


@dataclass(frozen=True)
class Hit:
    """One record of a database. `own`: what the database calls it (`pmid:123`, `MED:123`, ...);
    `names`: identifiers that others know it by, spelt as screening/identity.py spells them."""

    own: str
    names: frozenset[str] = frozenset()

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


def new(hits: Iterable[Hit], held: Mapping[str, object] | frozenset[str]) -> list[Hit]:
    """The hits that are not `held` yet, which has names of records and databases' own.

    A PMID, a PMCID or the database's own name says so. A DOI alone only of a hit without a PMID,
    and where no other hit has it: all abstracts of a meeting may share one, and a record that is
    fetched once more is a duplicate, while one that is not fetched is missed.
    """
    hits = list(hits)
    shared = _shared(hits)

    def here(hit: Hit) -> bool:
        pmid = [name for name in hit.all if name.startswith("pmid:")]
        sure = [hit.own, *(pmid or hit.names - shared)]
        return any(name in held for name in sure)

    return [hit for hit in hits if not here(hit)]


def by_doi_alone(hits: Iterable[Hit], held: frozenset[str]) -> int:
    """How many hits count as held (`new`) for their DOI and nothing else."""
    hits = list(hits)
    shared = _shared(hits)
    by_name = [
        {name for name in hit.all - shared if name in held}
        for hit in hits
        if not any(name.startswith("pmid:") for name in hit.all)
    ]
    return sum(bool(names) and all(n.startswith("doi:") for n in names) for names in by_name)


def _shared(hits: Iterable[Hit]) -> frozenset[str]:
    """The DOIs that more than one hit has: of a supplement or a book, and no report's own."""
    owners: dict[str, set[str]] = {}
    for hit in hits:
        for name in hit.names:
            if name.startswith("doi:"):
                owners.setdefault(name, set()).add(hit.own)
    return frozenset(name for name, of in owners.items() if len(of) > 1)
