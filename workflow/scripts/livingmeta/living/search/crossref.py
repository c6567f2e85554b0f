"""Crossref: what was published about a report later, with what Retraction Watch knows of it.

Crossref REST API: `works/{doi}` gives a work, 404 where another agency has the DOI;
`updated-by` lists notices, each with its DOI, `type`, and `source` (`publisher` or
`retraction-watch`). It has no Boolean search. A polite client tells its e-mail address and asks
five times a second at most.
"""

import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

from livingmeta.living.search import cursor
from livingmeta.living.search.fetch import Client, UnusableError

NAME = "Crossref"
BASE = "https://api.crossref.org/v1"
PER_SECOND = 5.0
NOT_FOUND = 404


def client(base: str, environment: Mapping[str, str], say: Callable[[str], None]) -> Client:
    """The service at `base`; an e-mail address may stand in the environment."""
    contact = environment.get("CROSSREF_EMAIL", "")
    return Client(NAME, base, PER_SECOND, say, {"mailto": contact} if contact else {})


def work(service: Client, doi: str) -> Mapping[str, Any] | None:
    """What Crossref holds of a DOI; None where it holds nothing. Raises FetchError."""

    def read(body: bytes) -> Mapping[str, Any]:
        answer = cursor.as_json(body)
        found = answer.get("message") if isinstance(answer, dict) else None
        if not isinstance(found, dict) or str(found.get("DOI", "")).lower() != doi:
            raise UnusableError("its answer is not on the work that was asked for")
        return found

    call = f"works/{urllib.parse.quote(doi, safe='')}"
    found: Mapping[str, Any] | None = service.ask(call, {}, read, get=True, absent=NOT_FOUND)
    return found
