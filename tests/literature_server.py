"""Literature services on loopback, as their documentation describes them, with their moods.

`Service` holds the records, what it was asked, and a list of `moods`: faults that the next requests
meet, one each, before it behaves again.
"""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import boolean_queries

LIMIT = 9_999  # identifiers of PubMed that one query gives


def made_up(number: int, created: str = "2026/03/01", words=(), **more) -> dict:
    """A record; `created`: day of creation in PubMed, "" for none; `words`: those that queries find
    it by, none for all; `more`: what is otherwise."""
    return {
        "number": number,
        "created": created.replace("-", "/"),
        "words": frozenset(words),
        "pmid": str(91000000 + number),
        "id": str(91000000 + number),
        "source": "MED",
        "pmcid": f"PMC{700 + number}",
        "doi": f"10.5555/search.{number}",
        "types": ["Randomized Controlled Trial", "Journal Article"],
        "tags": "",
        "changes": [],  # as Europe PMC lists them
        "openalex": f"W{number + 1}",
        "nct": f"NCT{90000000 + number}",
        "s2": f"{number:040x}",
        "cites": (),
        "prime": "",  # the DOI of which `doi` is an alias, to Crossref
        "updated_by": [],  # as Crossref does; None for a DOI of another agency
    } | more


def titled(record: dict) -> str:
    """Its title; those of records with numbers far apart have few words in common."""
    number = record["number"]
    words = [f"{stem}{number // 7 % 89}" for stem in ("alpha", "beta", "gamma", "delta")]
    return " ".join(["Testomycin in imaginary fever, part", str(number), *words * (number > 99)])


def nbib(record: dict) -> str:
    """A record of PubMed in its own format."""
    return (
        f"PMID- {record['pmid']}\nOWN - NLM\n"
        f"TI  - {titled(record)} &\n      last\n"
        f"LID - {record['doi']} [doi]\nAU  - Ahn B\nTA  - J Imag Med\n"
        + "".join(f"PT  - {kind}\n" for kind in record["types"])
        + f"{record['tags']}DP  - 2025 Mar\n"
    )


def lite(record: dict) -> dict:
    """The identifiers of a record of Europe PMC."""
    named = {key: record[key] for key in ("id", "source", "pmid", "pmcid", "doi") if record[key]}
    return named | {"title": titled(record) + " &amp; last"}


def core(record: dict) -> dict:
    """A record of Europe PMC in its `core` form."""
    return lite(record) | {
        "title": titled(record).replace("imaginary", "<i>imaginary</i>") + "\n &amp; last",
        "authorString": "Ahn B, Imaginary Fever Group.",
        "authorList": {
            "author": [
                {"fullName": "Ahn B", "firstName": "Bo", "lastName": "Ahn", "initials": "B"},
                {"collectiveName": "Imaginary Fever Group"},
            ]
        },
        "journalInfo": {
            "volume": "7",
            "issue": "2",
            "yearOfPublication": 2025,
            "journal": {
                "title": "Journal of Imaginary Medicine",
                "medlineAbbreviation": "J Imag Med",
            },
        },
        "pageInfo": "10-19",
        "pubYear": "2025",
        "abstractText": "<h4>Aim</h4>To test p<0.05.",
        "pubTypeList": {"pubType": record["types"]},
        "keywordList": {"keyword": ["fever", "testomycin"]},
        "language": "eng",
        "commentCorrectionList": {"commentCorrection": record["changes"]},
    }


def work(record: dict) -> dict:
    """A work of OpenAlex."""
    address = f"https://openalex.org/{record['openalex']}"
    pmid = {"pmid": f"https://pubmed.ncbi.nlm.nih.gov/{record['pmid']}"} if record["pmid"] else {}
    return {
        "id": address,
        "doi": f"https://doi.org/{record['doi']}" if record["doi"] else None,
        "ids": {"openalex": address} | pmid,
        "title": f"{titled(record)} & last",
        "publication_year": 2025,
        "authorships": [{"author": {"display_name": "Bo Ahn"}}],
        "type": "article",
        "is_retracted": False,
    }


def study(record: dict) -> dict:
    """A study of ClinicalTrials.gov."""
    named = {"nctId": record["nct"], "briefTitle": titled(record)}
    return {"protocolSection": {"identificationModule": named}, "hasResults": False}


def external(record: dict) -> dict:
    """What Semantic Scholar has of other identifiers."""
    named = {"PubMed": record["pmid"], "DOI": record["doi"]}
    return {name: value for name, value in named.items() if value} | {"CorpusId": record["number"]}


def paper(record: dict) -> dict:
    """A paper of Semantic Scholar."""
    return {
        "paperId": record["s2"],
        "externalIds": external(record),
        "title": f"{titled(record)} & last",
        "year": 2025,
        "authors": [{"authorId": "1", "name": "Bo Ahn"}],
    }


class Service:
    """`records`: as `made_up` has them, or their days of creation; `moods`: see `_mood`."""

    def __init__(self, records: list, moods=()):
        self.records = [
            record if isinstance(record, dict) else made_up(number, record)
            for number, record in enumerate(records)
        ]
        self.moods = list(moods)
        self.asked: list[tuple[float, str, dict]] = []
        self.limit = LIMIT
        self.page = 10  # studies and papers a page, where the service decides
        self.off = 0  # by how many the number that Semantic Scholar announces is off
        self.headers: list[dict] = []
        self.fetched: list[str] = []  # the name of each record that was given, as often as it was

    def cited(self, name: str, forward: bool, key: str) -> list[dict]:
        """What cites the record called `name`, or what it cites."""
        (seed,) = [r for r in self.records if r[key] == name]
        if forward:
            return [r for r in self.records if seed["number"] in r["cites"]]
        return [r for r in self.records if r["number"] in seed["cites"]]

    def found(self, query: str) -> list[dict]:
        return [record for record in self.records if boolean_queries.finds(query, record)]


class _Handler(BaseHTTPRequestHandler):
    service: Service

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._do({})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.headers.get("Content-Type") == "application/json":
            return self._do({"sent": json.loads(body)})
        return self._do({k: v[0] for k, v in parse_qs(body).items()})

    def _do(self, form: dict):
        address = urlsplit(self.path)
        form |= {k: v[0] for k, v in parse_qs(address.query).items()}
        call = address.path.partition("/api/")[2]
        if call.startswith("works/"):
            call, form["doi"] = "works", unquote(call.removeprefix("works/"))
        self.service.asked.append((time.monotonic(), call, form))
        self.service.headers.append(dict(self.headers))
        if self.service.moods and not self._mood(self.service.moods.pop(0), form):
            return None
        if call.startswith("paper/") and call.endswith(("/references", "/citations")):
            _, form["paper"], form["way"] = call.split("/")
            call = "paper/citations"
        answer = {
            "paper/citations": self._citations,
            "esearch.fcgi": self._esearch,
            "efetch.fcgi": self._efetch,
            "searchPOST": self._europe_pmc,
            "works": self._crossref if "doi" in form else self._openalex,
            "studies": self._clinical_trials,
            "paper/search/bulk": self._semantic_scholar,
            "paper/batch": self._batch,
        }.get(call)
        found = answer(form) if answer else None
        if found is None:
            return self._send(404, b"<html><title>Not found</title></html>")
        return self._send(200, found if isinstance(found, bytes) else json.dumps(found).encode())

    def _mood(self, mood: str, form: dict) -> bool:
        """Misbehave once; True if the request is to be answered all the same."""
        if mood == "fine":
            return True
        if mood == "throttle":
            self._send(429, b'{"error":"API rate limit exceeded"}', {"Retry-After": "0"})
        elif mood == "throttle-silent":
            self._send(429, b'{"error":"API rate limit exceeded"}')
        elif mood == "broken":
            self._send(502, b"<html><h1>Bad Gateway</h1></html>")
        elif mood == "forbidden":
            self._send(403, b"<html><h1>Blocked</h1></html>")
        elif mood == "page-of-html":
            self._send(200, b"<html><h1>Server Error</h1></html>")
        elif mood == "backend":
            body = {"esearchresult": {"ERROR": "Search Backend failed: timeout"}}
            self._send(200, json.dumps(body).encode())
        elif mood == "refused":
            self._send(400, b'{"status":"failed"}')
        elif mood == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b"PMID- 91000000\nTI  - Half a")
            self.wfile.flush()
            self.connection.close()
        elif mood == "short":
            self._send(200, nbib(self.service.records[0]).encode())
        elif mood == "grown":
            self.service.records.append(made_up(len(self.service.records)))
            return True
        else:
            raise AssertionError(mood)
        return False

    def _send(self, code: int, body: bytes, headers=None):
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _esearch(self, form: dict) -> dict:
        if not form.get("term"):
            return {"esearchresult": {"ERROR": "Empty term and query_key"}}
        found = [r for r in self.service.found(form["term"]) if r["pmid"]]
        most = min(int(form["retmax"]), self.service.limit)
        result = {
            "count": str(len(found)),
            "retmax": str(most),
            "retstart": "0",
            "idlist": [record["pmid"] for record in found[::-1]][:most],
            "querytranslation": f"({form['term']}[All Fields])",
        }
        if "xyzzy" in form["term"]:
            result["errorlist"] = {"phrasesnotfound": ["xyzzy"], "fieldsnotfound": []}
        return {"header": {"type": "esearch"}, "esearchresult": result}

    def _efetch(self, form: dict) -> bytes:
        wanted = form["id"].split(",")
        found = [r for r in self.service.records if r["pmid"] in wanted]
        self.service.fetched += [record["pmid"] for record in found]
        return ("\n" + "\n".join(map(nbib, found))).encode()

    def _openalex(self, form: dict) -> dict:
        if "search" in form:
            found = self.service.found(form["search"])
            start = 0 if form["cursor"] == "*" else int(form["cursor"])
            size = int(form["per_page"])
            page, following = found[start : start + size], str(start + size)
            works = [{k: work(r)[k] for k in form["select"].split(",")} for r in page]
            meta = {"count": len(found), "per_page": size}
            return {"meta": meta | {"next_cursor": following if page else None}, "results": works}
        kind, _, values = form["filter"].partition(":")
        if kind in ("cites", "cited_by"):
            found = self.service.cited(values, kind == "cites", "openalex")
            start = 0 if form["cursor"] == "*" else int(form["cursor"])
            works = [work(r) for r in found[start : start + int(form["per_page"])]]
            meta = {"count": len(found), "next_cursor": str(start + len(works)) if works else None}
            return {"meta": meta, "results": works}
        key = {"openalex": "openalex", "pmid": "pmid", "doi": "doi"}[kind]
        found = [r for r in self.service.records if r[key] and r[key] in values.split("|")]
        if kind == "openalex":
            self.service.fetched += [r["openalex"] for r in found]
        return {"meta": {"count": len(found)}, "results": [work(r) for r in found]}

    def _clinical_trials(self, form: dict) -> dict:
        if "filter.ids" in form:
            found = [r for r in self.service.records if r["nct"] in form["filter.ids"].split(",")]
            self.service.fetched += [r["nct"] for r in found]
            return {"studies": [study(r) for r in found]}
        found = self.service.found(form["query.term"])
        start, size = int(form.get("pageToken", 0)), min(int(form["pageSize"]), self.service.page)
        page = {"studies": [study(r) for r in found[start : start + size]]}
        if not start:
            page["totalCount"] = len(found)
        return page | ({"nextPageToken": str(start + size)} if start + size < len(found) else {})

    def _semantic_scholar(self, form: dict) -> dict:
        found = self.service.found(form["query"])
        start, size = int(form.get("token", 0)), self.service.page
        papers = [{k: paper(r)[k] for k in ("paperId", "externalIds", "title")} for r in found]
        page = {"total": str(len(found) + self.service.off), "data": papers[start : start + size]}
        return page | {"token": str(start + size) if start + size < len(found) else None}

    def _citations(self, form: dict) -> dict:
        forward = form["way"] == "citations"
        key = "citingPaper" if forward else "citedPaper"
        found = [
            {k: paper(r)[k] for k in ("paperId", "externalIds", "title")}
            for r in self.service.cited(form["paper"], forward, "s2")
        ]
        found += [] if forward else [{"paperId": None, "title": "By title alone"}]
        start, size = int(form["offset"]), min(int(form["limit"]), self.service.page)
        page = {"offset": start, "data": [{key: one} for one in found[start : start + size]]}
        return page | ({"next": start + size} if start + size < len(found) else {})

    def _batch(self, form: dict) -> list:
        named = {}
        for r in self.service.records:
            named |= {r["s2"]: r, f"PMID:{r['pmid']}": r, f"DOI:{r['doi']}": r}
        found = [named.get(name) for name in form["sent"]["ids"]]
        if "abstract" in form["fields"]:
            self.service.fetched += [r["s2"] for r in found if r]
        return [r and paper(r) for r in found]

    def _crossref(self, form: dict) -> dict | None:
        for record in self.service.records:
            if record["doi"] == form["doi"] and record["updated_by"] is not None:
                work = {
                    "DOI": record["prime"] or record["doi"],
                    "title": [titled(record)],
                    "type": "journal-article",
                }
                return {"status": "ok", "message": work | {"updated-by": record["updated_by"]}}
        return None

    def _europe_pmc(self, form: dict) -> dict:
        found = self.service.found(form["query"])
        mark, size = form["cursorMark"], int(form["pageSize"])
        start = 0 if mark == "*" else int(mark)
        page = found[start : start + size]
        if form["resultType"] == "core":
            self.service.fetched += [record["id"] for record in page]
        return {
            "version": "6.9",
            "hitCount": len(found),
            "nextCursorMark": str(start + len(page)) if page else mark,
            "resultList": {
                "result": [{"lite": lite, "core": core}[form["resultType"]](r) for r in page]
            },
        }


@contextmanager
def serving(service: Service):
    """The address of `service` while the block runs."""
    handler = type("Handler", (_Handler,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
