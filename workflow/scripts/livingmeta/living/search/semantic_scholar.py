"""Semantic Scholar: its bulk search, page by page, each with the token of the next.

Semantic Scholar Academic Graph API: `paper/search/bulk` gives up to 1,000 papers a page in no order
of relevance, with a `token` while more follow; `+`, `|` and `-` join the words of a query, and the
`total` it announces is approximate. `paper/batch` gives up to 500 papers by name, null for one that
it does not hold. One request a second; a key goes along as a header.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from livingmeta.living.search import cursor
from livingmeta.living.search.fetch import Client, UnusableError
from livingmeta.living.search.found import Found, Hit, by_kind, names
from livingmeta.living.search.pages import Pages
from livingmeta.screening import normalise

NAME = "Semantic Scholar"
PLATFORM = "Semantic Scholar Academic Graph API, bulk search"
SUFFIX = ".json"
BASE = "https://api.semanticscholar.org/graph/v1"
PER_SECOND = 1.0
PAGE = 1000  # citations at a time
FULL = 1000  # papers on a full page of the bulk search
PART = 500  # papers asked for by name at a time
NAMES = "externalIds,title"  # of a paper that is not fetched yet
FIELDS = (
    *("title", "abstract", "year", "authors", "venue", "journal", "publicationVenue"),
    *("externalIds", "publicationTypes", "publicationDate", "fieldsOfStudy", "url"),
)


def client(base: str, environment: Mapping[str, str], say: Callable[[str], None]) -> Client:
    """The service at `base`; a key may stand in the environment."""
    key = environment.get("SEMANTIC_SCHOLAR_API_KEY", "")
    return Client(NAME, base, PER_SECOND, say, key=("x-api-key", key) if key else None)


def find(service: Client, query: str, day: str, pages: Pages) -> Found:
    """Every paper that `query` finds: all that come until no page follows.

    Raises FetchError where the service cannot be asked.
    """
    announced: list[int] = []

    def ask(token: str) -> Any:
        asked = {"query": query, "fields": NAMES} | ({"token": token} if token else {})
        return service.ask("paper/search/bulk", asked, _read, get=True)

    def read(answer: Any) -> cursor.Page:
        total = cursor.number(answer.get("total"))
        announced.append(total or 0)
        return cursor.Page(answer["data"], total, str(answer.get("token") or ""))

    papers = cursor.every(service, pages, "", ask, read, called, full=FULL)
    warnings = []
    if announced and announced[0] != len(papers):
        warnings.append(f"{NAME} announced about {announced[0]:,} papers and gave {len(papers):,}")
    return Found([_hit(paper) for paper in papers], "", warnings)


def fetch(service: Client, wanted: Iterable[str], pages: Pages) -> str:
    """The papers called `wanted` (`s2:...`) as a JSON list, as they came.

    Raises FetchError where one is not given.
    """

    def ask(part: list[str]) -> list[Any]:
        def use(body: bytes) -> list[Any]:
            return cursor.exactly(_batch(body), part, called)

        sent = {"ids": [name.removeprefix("s2:") for name in part]}
        return service.ask("paper/batch", {"fields": ",".join(FIELDS)}, use, sent=sent)

    return cursor.by_name(service, pages, list(wanted), PART, ask, called)


def look_up(
    service: Client, reports: Iterable[frozenset[str]], day: str, pages: Pages
) -> list[Hit]:
    """The papers that it holds of reports, each with its names: by PMID and by DOI."""
    of = by_kind({name for known in reports for name in known})
    asked = [f"{kind.upper()}:{value}" for kind in ("pmid", "doi") for value in of.get(kind, [])]
    hits: dict[str, Hit] = {}
    for part in cursor.in_parts(asked, PART):
        papers = service.ask("paper/batch", {"fields": NAMES}, _batch, sent={"ids": part})
        hits |= {called(paper): _hit(paper) for paper in papers}
    return list(hits.values())


def citations(service: Client, own: str, pages: Pages) -> tuple[list[Hit], int]:
    """The papers that the paper called `own` cites, and those that cite it; and how many of them
    Semantic Scholar knows by their titles alone, so that they cannot be fetched.

    `paper/{id}/references` and `citations` are paged by `offset`; `next` is missing on the last.
    """
    hits, nameless = [], 0
    for way, key in (("references", "citedPaper"), ("citations", "citingPaper")):
        call = f"paper/{own.removeprefix('s2:')}/{way}"

        def ask(offset: str, call: str = call) -> Any:
            asked = {"fields": NAMES, "limit": PAGE, "offset": offset}
            return service.ask(call, asked, _read, get=True)

        def read(answer: Any, key: str = key) -> cursor.Page:
            start = int(answer.get("offset") or 0)
            papers = [(start + at, one.get(key) or {}) for at, one in enumerate(answer["data"])]
            return cursor.Page(papers, None, str(answer.get("next") or ""))

        kept = pages.of(f"{way} {own}")
        found = cursor.every(service, kept, "0", ask, read, lambda one: str(one[0]), full=PAGE)
        hits += [_hit(paper) for _, paper in found if paper.get("paperId")]
        nameless += sum(not paper.get("paperId") for _, paper in found)
    return hits, nameless


def called(paper: Any) -> str:
    """What Semantic Scholar calls a paper."""
    return f"s2:{paper.get('paperId', '')}"


def _hit(paper: Any) -> Hit:
    ids = paper.get("externalIds") or {}
    pmcid = ids.get("PubMedCentral")
    known = names(pmid=ids.get("PubMed"), pmcid=pmcid and f"PMC{pmcid}", doi=ids.get("DOI"))
    return Hit(called(paper), known, normalise.title_key(str(paper.get("title") or "")))


def _read(body: bytes) -> Any:
    page = cursor.as_json(body)
    # An answer without a paper may leave the list out.
    if isinstance(page, dict) and cursor.number(page.get("total")) == 0:
        return page | {"data": page.get("data") or []}
    if not isinstance(page, dict) or not isinstance(page.get("data"), list):
        told = page.get("error") or page.get("message") if isinstance(page, dict) else None
        raise UnusableError(f"its answer says: {told or 'no list of papers'}")
    return page


def _batch(body: bytes) -> list[Any]:
    papers = cursor.as_json(body)
    if not isinstance(papers, list):
        told = papers.get("error") if isinstance(papers, dict) else None
        raise UnusableError(f"its answer says: {told or 'no list of papers'}")
    return [paper for paper in papers if paper]
