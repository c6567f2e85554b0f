"""OpenAlex: works along a cursor.

OpenAlex developer documentation: `cursor` starts as `*` and `meta.next_cursor` names the next page,
null on the last; at most 100 works a page. `search` looks in titles, abstracts and full texts.
Since 2026 a key is needed to page by cursor; it is free, and goes along as `api_key`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from livingmeta.living.search import cursor
from livingmeta.living.search.fetch import Client, UnusableError
from livingmeta.living.search.found import Found, Hit, by_kind, meant, names
from livingmeta.living.search.pages import Pages
from livingmeta.screening import normalise

NAME = "OpenAlex"
PLATFORM = "OpenAlex API"
SUFFIX = ".json"
BASE = "https://api.openalex.org"
PER_SECOND = 5.0
PAGE = 100
PART = 50  # works asked for by name at a time
FIELDS = "id,doi,ids,title"  # of a work that is not fetched yet


def client(base: str, environment: Mapping[str, str], say: Callable[[str], None]) -> Client:
    """The service at `base`; a key may stand in the environment."""
    key = environment.get("OPENALEX_API_KEY", "")
    return Client(NAME, base, PER_SECOND, say, {"api_key": key} if key else {})


def find(service: Client, query: str, day: str, pages: Pages) -> Found:
    """Every work that `query` finds. Raises FetchError where not all of them can be named."""

    return Found(_every(service, {"search": query}, pages), "", [])


def fetch(service: Client, wanted: Iterable[str], pages: Pages) -> str:
    """The works called `wanted` (`openalex:W...`) as a JSON list, as they came.

    Raises FetchError where one is not given.
    """

    def ask(part: list[str]) -> list[Any]:
        works = "|".join(name.removeprefix("openalex:") for name in part)

        def use(body: bytes) -> list[Any]:
            return cursor.exactly(_read(body)["results"], part, called)

        asked = {"filter": f"openalex:{works}", "per_page": PAGE}
        return service.ask("works", asked, use, get=True)

    return cursor.by_name(service, pages, list(wanted), PART, ask, called)


def look_up(
    service: Client, reports: Iterable[frozenset[str]], day: str, pages: Pages
) -> list[Hit]:
    """The works that it holds of reports, each with its names: by PMID and by DOI."""
    wanted = {name for known in reports for name in known}
    of = by_kind(wanted)
    hits: dict[str, Hit] = {}
    for kind in ("pmid", "doi"):
        # ASSUME: a comma would end the filter; a DOI that holds one is not looked up.
        values = [value for value in of.get(kind, []) if "," not in value and "|" not in value]
        for part in cursor.in_parts(values, PART):
            asked = {"filter": f"{kind}:{'|'.join(part)}", "per_page": PAGE, "select": FIELDS}
            works = service.ask("works", asked, _read, get=True)["results"]
            hits |= {called(work): _hit(work) for work in works}
    return meant(hits.values(), wanted)


def citations(service: Client, own: str, pages: Pages) -> tuple[list[Hit], int]:
    """The works that the work called `own` cites, and those that cite it; and 0, for each is one.

    OpenAlex: `cited_by` and `cites` of a work.
    """
    number = own.removeprefix("openalex:")
    hits: list[Hit] = []
    for way in ("cited_by", "cites"):
        hits += _every(service, {"filter": f"{way}:{number}"}, pages.of(f"{way} {own}"))
    return hits, 0


def _every(service: Client, asked: Mapping[str, object], pages: Pages) -> list[Hit]:
    def ask(mark: str) -> Any:
        paged = {"select": FIELDS, "per_page": PAGE, "cursor": mark}
        return service.ask("works", {**asked, **paged}, _read, get=True)

    return [_hit(work) for work in cursor.every(service, pages, "*", ask, _page, called)]


def called(work: Any) -> str:
    """What OpenAlex calls a work."""
    return f"openalex:{str(work.get('id', '')).rpartition('/')[2]}"


def _hit(work: Any) -> Hit:
    ids = work.get("ids") or {}
    known = names(pmid=ids.get("pmid"), pmcid=ids.get("pmcid"), doi=work.get("doi"))
    return Hit(called(work), known, normalise.title_key(str(work.get("title") or "")))


def _read(body: bytes) -> Any:
    page = cursor.as_json(body)
    if not isinstance(page, dict) or not isinstance(page.get("results"), list):
        told = page.get("message") or page.get("error") if isinstance(page, dict) else None
        raise UnusableError(f"its answer says: {told or 'no list of works'}")
    return page


def _page(answer: Any) -> cursor.Page:
    meta = answer.get("meta") or {}
    total = cursor.number(meta.get("count"))
    return cursor.Page(answer["results"], total, str(meta.get("next_cursor") or ""))
