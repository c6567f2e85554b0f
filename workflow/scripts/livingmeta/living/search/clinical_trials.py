"""ClinicalTrials.gov through its API, version 2: pages of studies, each with the token of the next.

ClinicalTrials.gov Data API v2: `query.term` searches as the website's "Other terms", `countTotal`
asks for the number, `nextPageToken` is missing on the last page, `filter.ids` finds single studies.
It states no limit of requests; its robots.txt asks for a second between two.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from livingmeta.living.search import cursor
from livingmeta.living.search.fetch import Client, UnusableError
from livingmeta.living.search.found import Found, Hit, by_kind
from livingmeta.living.search.pages import Pages

NAME = "ClinicalTrials.gov"
PLATFORM = "ClinicalTrials.gov API v2"
SUFFIX = ".json"
BASE = "https://clinicaltrials.gov/api/v2"
PER_SECOND = 1.0
PAGE = 1000
PART = 100  # studies asked for by number at a time


def client(base: str, environment: Mapping[str, str], say: Callable[[str], None]) -> Client:
    """The service at `base`; it takes no key."""
    return Client(NAME, base, PER_SECOND, say)


def find(service: Client, query: str, day: str, pages: Pages) -> Found:
    """Every study that `query` finds. Raises FetchError where not all of them can be named."""

    def ask(token: str) -> Any:
        asked = {"query.term": query, "fields": "NCTId", "countTotal": "true", "pageSize": PAGE}
        return _ask(service, asked | ({"pageToken": token} if token else {}))

    studies = cursor.every(service, pages, "", ask, _page, called)
    return Found([Hit(called(study)) for study in studies], "", [])


def fetch(service: Client, wanted: Iterable[str], pages: Pages) -> str:
    """The studies called `wanted` (`nct:NCT...`) as a JSON list, as they came.

    Raises FetchError where one is not given.
    """

    def ask(part: list[str]) -> list[Any]:
        def use(body: bytes) -> list[Any]:
            return cursor.exactly(_read(body)["studies"], part, called)

        return service.ask("studies", _these(part), use, get=True)

    return cursor.by_name(service, pages, list(wanted), PART, ask, called)


def look_up(
    service: Client, reports: Iterable[frozenset[str]], day: str, pages: Pages
) -> list[Hit]:
    """The studies that it holds of the numbers that reports name."""
    numbers = by_kind({name for known in reports for name in known}).get("nct", [])
    return [
        Hit(called(study))
        for part in cursor.in_parts([f"nct:{number}" for number in numbers], PART)
        for study in _ask(service, _these(part))["studies"]
    ]


def called(study: Any) -> str:
    """A study by its number."""
    module = (study.get("protocolSection") or {}).get("identificationModule") or {}
    return f"nct:{module.get('nctId', '')}"


def _these(part: list[str]) -> dict[str, object]:
    numbers = ",".join(name.removeprefix("nct:") for name in part)
    return {"filter.ids": numbers, "pageSize": PAGE}


def _ask(service: Client, parameters: Mapping[str, object]) -> Any:
    return service.ask("studies", parameters, _read, get=True)


def _read(body: bytes) -> Any:
    page = cursor.as_json(body)
    if not isinstance(page, dict) or not isinstance(page.get("studies"), list):
        raise UnusableError("its answer holds no list of studies")
    return page


def _page(answer: Any) -> cursor.Page:
    total = cursor.number(answer.get("totalCount"))
    return cursor.Page(answer["studies"], total, str(answer.get("nextPageToken") or ""))
