"""PubMed through NCBI's E-utilities: esearch onto the history server, efetch page by page.

Sayers, The E-utilities In-Depth (NCBI Bookshelf NBK25499): parameters, the history server, and
the limit of 10,000 records of PubMed that one query can give; Kans, NBK25497: three requests a
second, ten with a key.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from livingmeta.errors import InternalError
from livingmeta.living.search.fetch import Client, FetchError, UnusableError
from livingmeta.living.search.pages import Pages

NAME = "PubMed"
PLATFORM = "NCBI E-utilities"
BASE = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
PER_SECOND = {False: 3.0, True: 10.0}  # without and with a key
MOST = 9_999  # records that one query gives
PAGE = 500
FIRST_DAY = date(1800, 1, 1)  # before any record
_RECORD = re.compile(r"^PMID- *(\d+)", re.MULTILINE)


class ExpiredError(InternalError):
    """The history server has forgotten the query."""


@dataclass(frozen=True)
class Answer:
    """What a search gave: the `export` (NBIB), its number of records, `limits` in words, how the
    service read the query, and `warnings` such as phrases it does not know."""

    export: str
    records: int
    limits: str
    read_as: str
    warnings: list[str]


@dataclass(frozen=True)
class _Found:
    count: int
    key: str
    environment: str
    read_as: str
    warnings: list[str]


def client(base: str, key: str, contact: str, say: Callable[[str], None]) -> Client:
    """The service at `base`; `key` and `contact` (an e-mail address) may be ""."""
    fixed = {"tool": "livingmeta", "email": contact, "api_key": key}
    given = {name: value for name, value in fixed.items() if value}
    return Client(NAME, base, PER_SECOND[bool(key)], say, given)


def search(service: Client, query: str, since: str, day: str, folder: Path | str) -> Answer:
    """Every record that `query` finds and that entered PubMed from `since` to `day`.

    `since`: a day (YYYY-MM-DD) or "" for all; the Entrez date counts, the day a record came in,
    which an update needs rather than the day of publication. Pages are kept in `folder` until the
    search is whole. Queries of more than MOST records are asked in spans of days.

    Raises FetchError where the service cannot be asked or the download is not whole.
    """
    spans = _spans(service, query, since, day)
    total = sum(found.count for _, _, found in spans)
    service.say(f"{NAME}: {total:,} records")
    parts, done = [], 0
    for start, end, found in spans:
        pages = Pages(folder, [NAME, query, start, end, str(found.count)])
        parts += _download(service, query, (start, end), found, pages, (done, total))
        done += found.count
    export = "\n".join(part.strip("\n") + "\n" for part in parts)
    identifiers = _RECORD.findall(export)
    if len(set(identifiers)) != total:
        for start, end, found in spans:
            Pages(folder, [NAME, query, start, end, str(found.count)]).forget()
        raise FetchError(
            f"{NAME} announced {total:,} records and gave {len(set(identifiers)):,} different ones:"
            " its index changed meanwhile. Nothing was written; run the search again."
        )
    limits = f"Entrez date from {since} to {day}" if since else f"Entrez date to {day}"
    told = dict.fromkeys(w for _, _, found in spans for w in found.warnings)
    warnings = [service.hide(warning) for warning in told]
    return Answer(export, total, limits, service.hide(spans[0][2].read_as), warnings)


def _spans(service: Client, query: str, since: str, day: str) -> list[tuple[str, str, _Found]]:
    """Spans of days, each of MOST records at most, with what the service found in it."""
    start = date.fromisoformat(since) if since else FIRST_DAY
    waiting, spans = [(start, date.fromisoformat(day))], []
    while waiting:
        first, last = waiting.pop()
        found = _find(service, query, first.isoformat(), last.isoformat())
        if found.count <= MOST:
            spans.append((first.isoformat(), last.isoformat(), found))
        elif first == last:
            raise FetchError(
                f"{NAME} finds {found.count:,} records of the single day {first}, and gives no "
                f"more than {MOST:,}. Make the strategy narrower."
            )
        else:
            middle = first + timedelta(days=(last - first).days // 2)
            waiting += [(middle + timedelta(days=1), last), (first, middle)]
    return spans


def _find(service: Client, query: str, first: str, last: str) -> _Found:
    parameters = {
        "db": "pubmed",
        "term": query,
        "usehistory": "y",
        "retmax": 0,
        "retmode": "json",
        "datetype": "edat",
        "mindate": first.replace("-", "/"),
        "maxdate": last.replace("-", "/"),
    }
    return service.ask("esearch.fcgi", parameters, _read_found)


def _read_found(body: bytes) -> _Found:
    try:
        answer = json.loads(body)
    except ValueError:
        raise UnusableError("its answer to esearch is not JSON") from None
    result = answer.get("esearchresult") if isinstance(answer, dict) else None
    said = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(result, dict) or "ERROR" in result or "count" not in result:
        told = said or (result or {}).get("ERROR") or "no count of records"
        raise UnusableError(f"its answer to esearch says: {told}")
    count = int(result["count"])
    if count and not (result.get("querykey") and result.get("webenv")):
        raise UnusableError("its answer to esearch names no history")
    return _Found(
        count,
        result.get("querykey", ""),
        result.get("webenv", ""),
        result.get("querytranslation", ""),
        _warnings(result) if count else [],
    )


def _warnings(result: dict) -> list[str]:
    """What the service could not use of the query: it searches without it, and finds otherwise."""
    told = []
    for place, what in (
        ("phrasesnotfound", "does not know the phrase"),
        ("fieldsnotfound", "does not know the field"),
        ("phrasesignored", "left out"),
        ("quotedphrasesnotfound", "does not find the quoted phrase"),
        ("outputmessages", "says"),
    ):
        for listed in ("errorlist", "warninglist"):
            told += [f"{NAME} {what}: {word}" for word in (result.get(listed) or {}).get(place, [])]
    return told


def _download(
    service: Client,
    query: str,
    span: tuple[str, str],
    found: _Found,
    pages: Pages,
    progress: tuple[int, int],
) -> list[str]:
    """The pages of one span, in order; those that are kept already are not asked for again."""
    parts, (done, total) = [], progress
    for start in range(0, found.count, PAGE):
        wanted = min(PAGE, found.count - start)
        name = f"{start:06d}.nbib"
        page = pages.read(name)
        if page is None or len(_RECORD.findall(page)) != wanted:
            page, found = _page(service, query, span, found, start, wanted)
            pages.keep(name, page)
        parts.append(page)
        service.say(f"{NAME}: {done + start + wanted:,} of {total:,} records")
    return parts


def _page(
    service: Client, query: str, span: tuple[str, str], found: _Found, start: int, wanted: int
) -> tuple[str, _Found]:
    """One page, and what was found: again, where the history server has forgotten it."""

    def use(body: bytes) -> str:
        text = body.decode("utf-8", errors="replace").replace("\r\n", "\n")
        here = len(_RECORD.findall(text))
        if here != wanted:
            if "unable to obtain query" in text[:2000].lower():
                raise ExpiredError
            raise UnusableError(f"{here} records where {wanted} were due, from {start + 1:,} on")
        return text

    for _ in range(2):
        parameters = {
            "db": "pubmed",
            "query_key": found.key,
            "WebEnv": found.environment,
            "rettype": "medline",
            "retmode": "text",
            "retstart": start,
            "retmax": PAGE,
        }
        try:
            return service.ask("efetch.fcgi", parameters, use), found
        except ExpiredError:
            again = _find(service, query, *span)
            if again.count != found.count:
                break
            found = again
    raise FetchError(
        f"{NAME} forgot the search while it was downloaded, and finds another number of records "
        "now. Nothing was written; run the search again."
    )
