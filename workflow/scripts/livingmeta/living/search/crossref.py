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
from livingmeta.living.search.fetch import Client, RefusedError, UnusableError

NAME = "Crossref"
BASE = "https://api.crossref.org/v1"
PER_SECOND = 5.0
NOT_FOUND = 404


def client(base: str, environment: Mapping[str, str], say: Callable[[str], None]) -> Client:
    """The service at `base`; an e-mail address may stand in the environment."""
    contact = environment.get("CROSSREF_EMAIL", "")
    return Client(NAME, base, PER_SECOND, say, {"mailto": contact} if contact else {})


def work(service: Client, doi: str) -> Mapping[str, Any] | None:
    """What Crossref holds of a DOI; None where it holds nothing.

    Raises RefusedError where it does not take the DOI, or answers with another work, as it does
    for the alias of a DOI; FetchError where it cannot be asked.
    """

    def read(body: bytes) -> Mapping[str, Any]:
        answer = cursor.as_json(body)
        found = answer.get("message") if isinstance(answer, dict) else None
        if not isinstance(found, dict) or not found.get("DOI"):
            raise UnusableError("its answer holds no work")
        return found

    call = f"works/{urllib.parse.quote(doi, safe='')}"
    found: Mapping[str, Any] | None = service.ask(call, {}, read, get=True, absent=NOT_FOUND)
    if found is not None and (other := str(found["DOI"]).lower()) != doi:
        raise RefusedError(f"{NAME}, {call}: its answer is on doi:{other}.")
    return found
