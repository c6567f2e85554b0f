"""Two literature services on loopback, as their documentation describes them, with their moods.

`Service` holds the records, what it was asked, and a list of `moods`: faults that the next requests
meet, one each, before it behaves again.
"""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

LIMIT = 10_000  # records of PubMed that one query gives


def nbib(number: int) -> str:
    """A record of PubMed in its own format."""
    return (
        f"PMID- {91000000 + number}\nOWN - NLM\n"
        f"TI  - Testomycin in imaginary fever, part {number} &\n      last\n"
        f"LID - 10.5555/search.{number} [doi]\nAU  - Ahn B\nTA  - J Imag Med\n"
        "DP  - 2025 Mar\n"
    )


def core(number: int) -> dict:
    """A record of Europe PMC in its `core` form."""
    return {
        "id": str(91000000 + number),
        "source": "MED",
        "pmid": str(91000000 + number),
        "pmcid": f"PMC{700 + number}",
        "doi": f"10.5555/search.{number}",
        "title": f"Testomycin in <i>imaginary</i> fever,\n part {number} &amp; last",
        "authorString": "Ahn B, Bauer C.",
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
        "pubTypeList": {"pubType": ["Randomized Controlled Trial", "Journal Article"]},
        "keywordList": {"keyword": ["fever", "testomycin"]},
        "language": "eng",
    }


class Service:
    """`entered`: the day on which each record came in; `moods`: see `_mood`."""

    def __init__(self, entered: list[str], moods=()):
        self.entered, self.moods = entered, list(moods)
        self.asked: list[tuple[float, str, dict]] = []
        self.histories: dict[str, list[int]] = {}

    def between(self, first: str, last: str) -> list[int]:
        return [i for i, day in enumerate(self.entered) if first <= day <= last]


class _Handler(BaseHTTPRequestHandler):
    service: Service

    def log_message(self, *_):
        pass

    def do_POST(self):
        size = int(self.headers.get("Content-Length", 0))
        form = {k: v[0] for k, v in parse_qs(self.rfile.read(size).decode()).items()}
        call = self.path.rpartition("/")[2]
        self.service.asked.append((time.monotonic(), call, form))
        if self.service.moods and not self._mood(self.service.moods.pop(0), form):
            return None
        answer = {"esearch.fcgi": self._esearch, "efetch.fcgi": self._efetch}.get(call)
        answer = self._cursor if call == "searchPOST" else answer
        if answer is None:
            return self._send(404, b"<html><title>Not found</title></html>")
        return self._send(200, answer(form))

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
        elif mood == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b"PMID- 91000000\nTI  - Half a")
            self.wfile.flush()
            self.connection.close()
        elif mood == "short":
            self._send(200, nbib(0).encode())
        elif mood == "forgotten":
            self.service.histories.clear()
            return True
        elif mood == "grown":
            self.service.entered.append(self.service.entered[-1])
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

    def _esearch(self, form: dict) -> bytes:
        if not form.get("term"):
            return json.dumps({"esearchresult": {"ERROR": "Empty term and query_key"}}).encode()
        first, last = (form[k].replace("/", "-") for k in ("mindate", "maxdate"))
        found = self.service.between(first, last)
        name = f"MCID_{len(self.service.histories)}"
        self.service.histories[name] = found
        result = {
            "count": str(len(found)),
            "retmax": "0",
            "retstart": "0",
            "querykey": "1",
            "webenv": name,
            "idlist": [],
            "querytranslation": f"({form['term']}[All Fields])",
        }
        if "xyzzy" in form["term"]:
            result["errorlist"] = {"phrasesnotfound": ["xyzzy"], "fieldsnotfound": []}
        return json.dumps({"header": {"type": "esearch"}, "esearchresult": result}).encode()

    def _efetch(self, form: dict) -> bytes:
        found = self.service.histories.get(form["WebEnv"])
        start, most = int(form["retstart"]), int(form["retmax"])
        if found is None:
            return b'{"error":"Unable to obtain query #1"}'
        if start + most > LIMIT:
            return b'{"error":"retstart cannot be larger than 9998"}'
        return ("\n" + "\n".join(map(nbib, found[start : start + most]))).encode()

    def _cursor(self, form: dict) -> bytes:
        limits = form["query"].rpartition("FIRST_IDATE:[")[2].rstrip("])")
        found = self.service.between(*limits.split(" TO "))
        cursor, size = form["cursorMark"], int(form["pageSize"])
        start = 0 if cursor == "*" else int(cursor)
        page = found[start : start + size]
        answer = {
            "version": "6.9",
            "hitCount": len(found),
            "nextCursorMark": str(start + len(page)) if page else cursor,
            "resultList": {"result": [core(i) for i in page]},
        }
        return json.dumps(answer).encode()


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
