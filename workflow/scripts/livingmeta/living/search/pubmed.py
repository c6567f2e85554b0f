"""PubMed through NCBI's E-utilities: esearch for the identifiers of a query, efetch for records.

Sayers, The E-utilities In-Depth (NCBI Bookshelf NBK25499): parameters, and POST for many
identifiers; for PubMed esearch gives the first 9,999 of a query. Kans, NBK25497: three requests a
second, ten with a key. PubMed help: `[crdt]` is the day on which a record was created, and
`first:last[crdt]` a range of them; `[uid]` and `[aid]` find by PMID and by DOI.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from livingmeta.living.search import found
from livingmeta.living.search.cursor import as_json, in_parts, number
from livingmeta.living.search.fetch import Client, FetchError, UnusableError
from livingmeta.living.search.found import Found, Hit, by_kind
from livingmeta.living.search.pages import Pages

NAME = "PubMed"
PLATFORM = "NCBI E-utilities"
SUFFIX = ".nbib"
BASE = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
PER_SECOND = {False: 3.0, True: 10.0}  # without and with a key
MOST = 9_999  # identifiers that one query gives
PAGE = 500
# Days of creation that are asked for where a query finds more; what lies outside is asked for too.
FIRST_DAY = date(1800, 1, 1)
_RECORD = re.compile(r"^PMID- *(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class _Answer:
    count: int
    identifiers: list[str]
    read_as: str
    warnings: list[str]


def client(base: str, environment: Mapping[str, str], say: Callable[[str], None]) -> Client:
    """The service at `base`; a key and an e-mail address may stand in the environment."""
    key, contact = environment.get("NCBI_API_KEY", ""), environment.get("NCBI_EMAIL", "")
    fixed = {"tool": "livingmeta", "email": contact, "api_key": key}
    given = {name: value for name, value in fixed.items() if value}
    return Client(NAME, base, PER_SECOND[bool(key)], say, given)


def find(service: Client, query: str, day: str, pages: Pages) -> Found:
    """Every record that `query` finds today, `day` (YYYY-MM-DD).

    Queries of more than MOST records are asked in spans of days of creation, and what has none of
    these days by itself; together they must come to the number of the whole query. Raises
    FetchError where the service cannot be asked, or the numbers do not come to one another twice.
    """
    whole = _esearch(service, query)
    for turn in range(2):
        parts = [whole] if whole.count <= MOST else _in_spans(service, query, day)
        identifiers = {name for part in parts for name in part.identifiers}
        if len(identifiers) == whole.count:
            break
        told = f"{whole.count:,} records, and by day {len(identifiers):,} different ones"
        if turn:
            raise FetchError(
                f"{NAME} finds {told}: its index changed meanwhile. Nothing was written; run the "
                "search again."
            )
        service.say(f"{NAME} finds {told}; starting again")
        whole = _esearch(service, query)
    service.say(f"{NAME}: {whole.count:,} records found")
    warnings = [service.hide(word) for word in whole.warnings]
    hits = [Hit(f"pmid:{name}") for name in sorted(identifiers, key=int)]
    return Found(hits, service.hide(whole.read_as), warnings)


def fetch(service: Client, wanted: Iterable[str], pages: Pages) -> str:
    """The records called `wanted` (`pmid:...`) in PubMed's own format, as they came.

    Pages are kept until all are there. Raises FetchError where one is not given.
    """
    identifiers = [name.removeprefix("pmid:") for name in wanted]
    parts, done = [], 0
    for place, part in enumerate(in_parts(identifiers, PAGE)):
        name = f"{place:06d}.nbib"
        page = pages.read(name)
        if page is None or set(_RECORD.findall(page)) != set(part):
            page = _efetch(service, part)
            pages.keep(name, page)
        parts.append(page)
        done += len(part)
        service.say(f"{NAME}: {done:,} of {len(identifiers):,} records fetched")
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def look_up(
    service: Client, reports: Iterable[frozenset[str]], day: str, pages: Pages
) -> list[Hit]:
    """The records that it holds of reports, each with its names: by PMID, else by DOI."""
    of = by_kind(found.best(reports))
    hits: dict[str, Hit] = {}
    for part in in_parts(of.get("pmid", []), PAGE):
        answer = _esearch(service, " OR ".join(f"{name}[uid]" for name in part))
        hits |= {name: Hit(f"pmid:{name}") for name in answer.identifiers}
    for doi in of.get("doi", []):
        answer = _esearch(service, f'"{doi}"[aid]')
        # ASSUME: of several records with one DOI (abstracts of a meeting) none is the one meant.
        if answer.count == 1:
            name = answer.identifiers[0]
            hits[name] = Hit(f"pmid:{name}", frozenset([f"doi:{doi}"]))
    return list(hits.values())


def among(service: Client, query: str, own: list[str], day: str, pages: Pages) -> set[str]:
    """Which of the records called `own` a query, or a part of one, finds."""
    these: set[str] = set()
    for part in in_parts([name.removeprefix("pmid:") for name in own], PAGE):
        names = " OR ".join(f"{name}[uid]" for name in part)
        answer = _esearch(service, f"({query}) AND ({names})")
        these |= {f"pmid:{name}" for name in answer.identifiers}
    return these


def _in_spans(service: Client, query: str, day: str) -> list[_Answer]:
    """Answers of MOST records at most that together are the whole query's."""
    # A day ahead: where PubMed is, today may have begun earlier.
    last_day = date.fromisoformat(day) + timedelta(days=1)
    waiting, answers = [(FIRST_DAY, last_day)], []
    while waiting:
        first, last = waiting.pop()
        answer = _esearch(service, f"({query}) AND {_days(first, last)}")
        if answer.count <= MOST:
            answers.append(answer)
            done = sum(len(one.identifiers) for one in answers)
            service.say(f"{NAME}: {done:,} records found, to {last}")
        elif first == last:
            raise FetchError(
                f"{NAME} finds {answer.count:,} records created on the single day {first}, and "
                f"names no more than {MOST:,}. Make the strategy narrower."
            )
        else:
            middle = first + timedelta(days=(last - first).days // 2)
            waiting += [(middle + timedelta(days=1), last), (first, middle)]
    rest = _esearch(service, f"({query}) NOT {_days(FIRST_DAY, last_day)}")
    if rest.count > MOST:
        raise FetchError(
            f"{NAME} finds {rest.count:,} records without a day of creation, and names no more "
            f"than {MOST:,}. Make the strategy narrower."
        )
    return [*answers, rest]


def _days(first: date, last: date) -> str:
    return f"{first:%Y/%m/%d}:{last:%Y/%m/%d}[crdt]"


def _esearch(service: Client, term: str) -> _Answer:
    parameters = {"db": "pubmed", "term": term, "retmax": MOST, "retmode": "json"}
    return service.ask("esearch.fcgi", parameters, _read_found)


def _read_found(body: bytes) -> _Answer:
    answer = as_json(body)
    result = answer.get("esearchresult") if isinstance(answer, dict) else None
    said = answer.get("error") if isinstance(answer, dict) else None
    count = number(result.get("count")) if isinstance(result, dict) else None
    if result is None or "ERROR" in result or count is None:
        told = said or (result or {}).get("ERROR") or "no count of records"
        raise UnusableError(f"its answer to esearch says: {told}")
    identifiers = list(dict.fromkeys(map(str, result.get("idlist") or [])))
    if len(identifiers) != min(count, MOST):
        raise UnusableError(f"it announced {count:,} records and named {len(identifiers):,}")
    return _Answer(count, identifiers, result.get("querytranslation", ""), _warnings(result))


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


def _efetch(service: Client, part: list[str]) -> str:
    def use(body: bytes) -> str:
        text = body.decode("utf-8", errors="replace").replace("\r\n", "\n")
        here = _RECORD.findall(text)
        if set(here) != set(part) or len(here) != len(part):
            missing = [name for name in part if name not in set(here)]
            raise UnusableError(
                f"{len(here)} records where {len(part)} were due"
                + (f"; not among them PMID {', '.join(missing[:5])}" if missing else "")
            )
        return text

    parameters = {
        "db": "pubmed",
        "id": ",".join(part),
        "rettype": "medline",
        "retmode": "text",
        "retmax": PAGE,
    }
    return service.ask("efetch.fcgi", parameters, use)
