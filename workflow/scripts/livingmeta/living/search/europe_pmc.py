"""Europe PMC through its RESTful web service: searchPOST, page by page along a cursor.

Europe PMC RESTful Web Service reference: `cursorMark` starts as `*`, each answer names the next,
and the last page names none or the same again; `FIRST_IDATE` is the day a record came in.
"""

import json
from collections.abc import Callable
from pathlib import Path

from livingmeta.errors import InternalError
from livingmeta.living.search.fetch import Client, FetchError, UnusableError
from livingmeta.living.search.pages import Pages
from livingmeta.living.search.pubmed import Answer
from livingmeta.living.search.ris import ris

NAME = "Europe PMC"
PLATFORM = "Europe PMC RESTful web service"
BASE = "https://www.ebi.ac.uk/europepmc/webservices/rest"
PER_SECOND = 3.0
PAGE = 500


class MovedError(InternalError):
    """The index changed while pages were downloaded."""


def client(base: str, say: Callable[[str], None]) -> Client:
    """The service at `base`."""
    return Client(NAME, base, PER_SECOND, say)


def search(service: Client, query: str, since: str, day: str, folder: Path | str) -> Answer:
    """Every record that `query` finds and that entered Europe PMC from `since` to `day`.

    `since`: a day (YYYY-MM-DD) or "" for all. Pages are kept in `folder` until the search is whole.
    Raises FetchError where the service cannot be asked or the download is not whole.
    """
    limits = f"FIRST_IDATE:[{since or '1800-01-01'} TO {day}]"
    asked = f"({query}) AND ({limits})"
    pages = Pages(folder, [NAME, asked])
    for turn in range(2):
        try:
            records, total = _download(service, asked, pages)
            break
        except MovedError as moved:
            pages.forget()
            if turn:
                raise FetchError(
                    f"{NAME}: {moved}. Nothing was written; run the search again."
                ) from None
            service.say(f"{NAME}: {moved}; starting again")
    return Answer("".join(map(ris, records)), total, limits, "", [])


def _download(service: Client, asked: str, pages: Pages) -> tuple[list[dict], int]:
    """All records, each once, and how many the service announced."""
    records: dict[tuple[str, str], dict] = {}
    cursor, number, total = "*", 0, None
    while True:
        name = f"{number:06d}.json"
        kept = pages.read(name)
        page = _read(kept.encode()) if kept is not None else None
        if page is None or page["request"] != cursor:
            page = {**_page(service, asked, cursor), "request": cursor}
            pages.keep(name, json.dumps(page, ensure_ascii=False) + "\n")
        found = page["resultList"]["result"]
        total = page["hitCount"] if total is None else total
        if page["hitCount"] != total:
            raise MovedError(f"it announced {total:,} records and then {page['hitCount']:,}")
        records |= {(r.get("source", ""), r.get("id", "")): r for r in found}
        service.say(f"{NAME}: {len(records):,} of {total:,} records")
        following = page.get("nextCursorMark") or cursor
        if not found or following == cursor or len(records) >= total:
            break
        cursor, number = following, number + 1
    if len(records) != total:
        raise MovedError(f"it announced {total:,} records and gave {len(records):,} different ones")
    return list(records.values()), total


def _page(service: Client, asked: str, cursor: str) -> dict:
    parameters = {
        "query": asked,
        "format": "json",
        "resultType": "core",
        "pageSize": PAGE,
        "cursorMark": cursor,
    }
    return service.ask("searchPOST", parameters, _read)


def _read(body: bytes) -> dict:
    try:
        page = json.loads(body)
    except ValueError:
        raise UnusableError("its answer is not JSON") from None
    if not isinstance(page, dict) or not isinstance(page.get("hitCount"), int):
        told = page.get("errMsg") if isinstance(page, dict) else None
        raise UnusableError(f"its answer says: {told or 'no count of records'}")
    found = (page.get("resultList") or {}).get("result")
    if not isinstance(found, list):
        raise UnusableError("its answer holds no list of records")
    return page
