"""Europe PMC through its RESTful web service: searchPOST, page by page along a cursor.

Europe PMC RESTful Web Service reference: `cursorMark` starts as `*`, each answer names the next,
and the last page names none or the same again; `lite` gives the identifiers, `core` all there is.
Search syntax reference: `EXT_ID`, `SRC`, `DOI` and `PMCID` find single records.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from livingmeta.living.search import cursor
from livingmeta.living.search.fetch import Client, UnusableError
from livingmeta.living.search.found import Found, Hit, best, by_kind, meant, names
from livingmeta.living.search.pages import Pages
from livingmeta.screening import normalise

NAME = "Europe PMC"
PLATFORM = "Europe PMC RESTful web service"
SUFFIX = ".json"
BASE = "https://www.ebi.ac.uk/europepmc/webservices/rest"
PER_SECOND = 3.0
PAGE = 500
PART = 50  # records asked for by name at a time


def client(base: str, environment: Mapping[str, str], say: Callable[[str], None]) -> Client:
    """The service at `base`; it takes no key."""
    return Client(NAME, base, PER_SECOND, say)


def find(service: Client, query: str, day: str, pages: Pages) -> Found:
    """Every record that `query` finds. Raises FetchError where not all of them can be named."""
    found = cursor.every(
        service, pages, "*", lambda mark: _ask(service, query, "lite", mark), _page, called
    )
    return Found([_hit(record) for record in found], "", [])


def fetch(service: Client, wanted: Iterable[str], pages: Pages) -> str:
    """The records called `wanted` (`MED:123`) as a JSON list, as they came.

    Raises FetchError where one is not given.
    """

    def ask(part: list[str]) -> list[Any]:
        query = _these(part)

        def use(body: bytes) -> list[Any]:
            return cursor.exactly(_page(_read(body)).items, part, called)

        return service.ask("searchPOST", _parameters(query, "core", "*"), use)

    return cursor.by_name(service, pages, list(wanted), PART, ask, called)


def look_up(
    service: Client, reports: Iterable[frozenset[str]], day: str, pages: Pages
) -> list[Hit]:
    """The records that it holds of reports, each with its names: by PMID, else by any other."""
    wanted = best(reports)
    of = by_kind(wanted)
    asked = [f"(EXT_ID:{name} AND SRC:MED)" for name in of.get("pmid", [])]
    asked += [f"PMCID:{name}" for name in of.get("pmcid", [])]
    asked += [f'DOI:"{name}"' for name in of.get("doi", [])]
    hits: dict[str, Hit] = {}
    for part in cursor.in_parts(asked, PART):
        query = " OR ".join(part)
        hits |= {hit.own: hit for hit in find(service, query, day, pages.of(query)).hits}
    return meant(hits.values(), wanted)


def among(service: Client, query: str, own: list[str], day: str, pages: Pages) -> set[str]:
    """Which of the records called `own` a query, or a part of one, finds."""
    found: set[str] = set()
    for part in cursor.in_parts(own, PART):
        asked = f"({query}) AND ({_these(part)})"
        found |= {hit.own for hit in find(service, asked, day, pages.of(asked)).hits}
    return found


def called(record: Any) -> str:
    """What Europe PMC calls a record: its source, and its name there."""
    return f"{record.get('source', '')}:{record.get('id', '')}"


def _hit(record: Any) -> Hit:
    known = names(pmid=record.get("pmid"), pmcid=record.get("pmcid"), doi=record.get("doi"))
    return Hit(called(record), known, normalise.title_key(str(record.get("title") or "")))


def _these(part: list[str]) -> str:
    pairs = [name.split(":", 1) for name in part]
    return " OR ".join(f"(EXT_ID:{name} AND SRC:{source})" for source, name in pairs)


def _parameters(query: str, kind: str, mark: str) -> dict[str, object]:
    return {
        "query": query,
        "format": "json",
        "resultType": kind,
        "pageSize": PAGE,
        "cursorMark": mark,
    }


def _ask(service: Client, query: str, kind: str, mark: str) -> Any:
    return service.ask("searchPOST", _parameters(query, kind, mark), _read)


def _read(body: bytes) -> Any:
    page = cursor.as_json(body)
    if not isinstance(page, dict) or cursor.number(page.get("hitCount")) is None:
        told = page.get("errMsg") if isinstance(page, dict) else None
        raise UnusableError(f"its answer says: {told or 'no count of records'}")
    found = (page.get("resultList") or {}).get("result")
    if not isinstance(found, list):
        raise UnusableError("its answer holds no list of records")
    return page


def _page(answer: Any) -> cursor.Page:
    items = answer["resultList"]["result"]
    return cursor.Page(
        items, cursor.number(answer["hitCount"]), str(answer.get("nextCursorMark") or "")
    )
