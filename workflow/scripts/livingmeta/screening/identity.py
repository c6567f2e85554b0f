"""What a record is called: identifiers that stay the same in every run."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from livingmeta.screening import normalise, trial_numbers


class ByName:
    """What goes by each name: one in most cases, for which a set would be four times as large."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}
        self._others: dict[str, set[str]] = {}

    def add(self, name: str, what: str) -> None:
        """Let `what` go by this name too."""
        if self._first.setdefault(name, what) != what:
            self._others.setdefault(name, set()).add(what)

    def of(self, name: str) -> set[str]:
        """All that go by this name; none where nothing does."""
        return {self._first[name], *self._others.get(name, ())} if name in self._first else set()

    def __iter__(self) -> Iterator[str]:
        return iter(self._first)


def readable(title: str, year: str, authors: str, more: str = "") -> str:
    """A key for a record without an identifier, such as `kim-2021-efficacy-of-local-1a2b3c`.

    The hash is over the normalised title, year and first author's family name; `more` parts
    two records that share all three.
    """
    family, words = normalise.family_name(authors), normalise.title_key(title)
    digest = hashlib.sha256(f"{words}|{year}|{family}|{more}".encode()).hexdigest()[:6]
    stem = [family.replace("_", "-") or "anonymous", year or "undated", *words.split("_")[:3]]
    return "-".join([*(part[:24] for part in stem if part), digest])


def identifiers(row: Mapping[Any, Any]) -> list[str]:
    """Every name by which a decision may call this copy, the best first."""
    found = [f"{name}:{value}" for name in ("doi", "pmid", "pmcid") if (value := row.get(name, ""))]
    title = row.get("title", "")
    if title:
        found.append(readable(title, row.get("year", ""), row.get("authors", "")))
        found.append(f"title:{normalise.title_key(title)}")
    return found


def several(cell: str, known: Container[str]) -> list[str]:
    """The identifiers in one cell, in the spelling of `identifiers`: between blanks, and between
    semicolons and commas where these belong to none (a DOI may hold both).

    `known`: every identifier of every record.
    """
    found: list[str] = []
    for piece in re.sub(r"(?i)\b(pmid|pmcid|doi)\s*:?\s+(?=\S)", r"\1:", cell).split():
        whole = piece.strip(";,")
        parts = [part for part in re.split("[;,]", whole) if part]
        one = piece in known or canonical(whole) in known
        found += [whole] if one or len(parts) < 2 or not _any(parts, known) else parts
    return [name if name in known else canonical(name) for name in found]


def _any(names: list[str], known: Container[str]) -> bool:
    return any(canonical(name) in known for name in names)


# A spreadsheet shows a PMID as a number: 33604314.0.
_AS_NUMBER = re.compile(r"(?<=\d)(?<!\.\d)\.0$")


def canonical(name: str) -> str:
    """An identifier as people type it in the spelling of `identifiers`.

    `DOI: 10.1000/X`, `https://doi.org/10.1000/X` and `10.1000/x` all become `doi:10.1000/x`; a
    bare number is a PMID, `33604314.0` too, and `nct01234567` is spelt as its register does.
    """
    name = name if name.isascii() else normalise.unseen(name)
    name = re.sub(r"(?i)^(pmid|pmcid|doi)\s+(?=\S)", r"\1:", name.strip())
    if name[:5].lower() == "pmid:":
        name = _AS_NUMBER.sub("", name)
    prefix, colon, rest = name.partition(":")
    prefix = prefix.strip().lower()
    if colon and prefix in ("title", "pmid", "pmcid"):
        rest = rest.strip()
        value = {
            "title": normalise.title_key,
            "pmid": normalise.pmid,
            "pmcid": normalise.pmcid,
        }[prefix](rest)
        return f"{prefix}:{value or rest}"
    if prefix == "doi" or name.startswith("10.") or "doi.org/10." in name:
        return f"doi:{normalise.doi(name) or rest.strip().lower()}"
    name = _AS_NUMBER.sub("", name)
    if name.isascii() and name.isdigit():
        return f"pmid:{normalise.pmid(name) or name}"
    if name.upper().startswith("PMC") and normalise.pmcid(name):
        return f"pmcid:{normalise.pmcid(name)}"
    if trial_numbers.alone(name):
        return trial_numbers.first(name)
    return name


# In running text: by DOI, or by an address or word that holds its PMID or PMCID.
_NAMED = re.compile(
    r"(?P<doi>10\.\d{4,9}/[^\s;,)\]]+)|(?:pubmed\S*/|pmid\W{0,3})(?P<pmid>\d{1,8})|(?P<pmcid>PMC\d+)",
    re.IGNORECASE,
)


def named_in(text: str) -> list[str]:
    """The reports that a text names, such as a source, in the spelling of `identifiers`."""
    return [
        canonical(name if kind == "pmcid" else f"{kind}:{name}")
        for match in _NAMED.finditer(text)
        for kind in [match.lastgroup or ""]
        for name in [match.group(kind).rstrip(".:")]
    ]


def slips(names: Iterable[str], known: Iterable[str]) -> dict[str, list[str]]:
    """For each of `names` those of `known`, sorted, that one slip of the hand makes of it.

    A slip is one character wrong, missing or too many, or two neighbours swapped: what is left
    after taking one character away from the one, or the other, or both, is then the same.
    """
    left = defaultdict(set)
    for name in names:
        for rest in _less(name):
            left[rest].add(name)
    found = defaultdict(set)
    for near in known if left else ():
        for rest in _less(near):
            for name in left.get(rest, ()):
                found[name].add(near)
    return {name: sorted(near) for name, near in found.items()}


def _less(name: str) -> set[str]:
    """A name, and all that it becomes by the loss of one character."""
    return {name, *(name[:i] + name[i + 1 :] for i in range(len(name)))}
