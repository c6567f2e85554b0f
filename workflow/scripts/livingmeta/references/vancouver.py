"""One style of references: Vancouver, as the journals of the ICMJE have it (Citing Medicine).

ASSUME: one style is enough here. Journals that want another take references.json (CSL-JSON),
references.ris or references.bib of the package into a reference manager, which has thousands.
citeproc-py 0.11.1 would set them here, in 0.5 s of processor for 93 works, but brings one style;
all others are a package of their own, and the marks of what is retracted, excluded or awaited,
which stand within a reference here, are no part of a style.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from livingmeta.references.works import year

MOST = 6  # authors named; more are `et al`
PLACES = {
    "DOI": ("doi:", "https://doi.org/"),
    "PMID": ("PMID: ", "https://pubmed.ncbi.nlm.nih.gov/"),
}


class Piece(NamedTuple):
    """A stretch of a reference; `href`: where it leads to."""

    text: str
    href: str = ""


def pieces(item: Mapping[str, Any]) -> list[Piece]:
    """An item of CSL-JSON as a reference: `Kim S, Lee J. Title. Journal. 2021;3(4):5-9.` and the
    places where it can be opened."""
    found = [Piece(part) for part in (_authors(item), _stop(item.get("title", ""))) if part]
    found += [
        Piece(part) for part in (_stop(item.get("container-title", "")), _where(item)) if part
    ]
    for name, (lead, address) in PLACES.items():
        if value := item.get(name):
            found.append(Piece(f"{lead}{value}", f"{address}{value}"))
    url = str(item.get("URL", ""))
    if len(found) and not found[-1].href and re.match(r"https?://", url):
        found.append(Piece(url, url))
    return found


def _authors(item: Mapping[str, Any]) -> str:
    people = [_name(person) for person in item.get("author", [])]
    more = ["et al"] if len(people) > MOST else []
    return _stop(", ".join([*people[:MOST], *more]))


def _name(person: Mapping[str, str]) -> str:
    if "literal" in person:
        return person["literal"]
    given = person["given"]
    # `KH` and `K.H.` are initials already; a name of several letters gives its first.
    parts = [part for part in re.split(r"[\s.-]+", given) if part]
    short = "".join(part if part.isupper() and len(part) <= 3 else part[0] for part in parts)
    return f"{person['family']} {short.upper()}"


def _where(item: Mapping[str, Any]) -> str:
    """`2021;3(4):5-9.`, or of a register's entry its number, register and status."""
    if "number" in item:
        said = (item["number"], item.get("publisher", ""), item.get("status", ""))
        return _stop(", ".join(filter(None, map(str, said))))
    issue = f"({item['issue']})" if "issue" in item else ""
    volume = f"{item.get('volume', '')}{issue}"
    pages = f":{item['page']}" if "page" in item else ""
    both = f"{volume}{pages}"
    return _stop(";".join(filter(None, (year(item), both.lstrip(":")))))


def _stop(text: str) -> str:
    text = " ".join(str(text).split())
    return text if not text or text[-1] in ".?!" else f"{text}."
