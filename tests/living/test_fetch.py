"""What a service says back: never the key or the address that it was sent."""

import base64
import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from livingmeta.living.search import fetch, pubmed

KEY, ADDRESS = "0f1e2d3c4b5a69788796a5b4c3d2e1f00000", 'o"neil+kim@example.org'
# In how many ways a page, an address or JSON may write what it was sent.
FORMS = [
    lambda text: text,
    urllib.parse.quote_plus,
    lambda text: urllib.parse.quote(text, safe="").lower(),
    lambda text: json.dumps(text)[1:-1],
    lambda text: text.replace('"', "&quot;"),
    lambda text: base64.b64encode(text.encode()).decode(),
    str.upper,
]


@pytest.fixture
def echoing(monkeypatch):
    """A service that says back what it is told to, and a function that asks it."""
    answers = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            code, body = answers.pop(0)
            self.send_response(code, body[:60] if code == 503 else None)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(fetch, "WAITS", (0,))
    said = []

    def ask(*given):
        answers[:] = given
        asked = {"NCBI_API_KEY": KEY, "NCBI_EMAIL": ADDRESS}
        service = pubmed.client(f"http://127.0.0.1:{server.server_port}", asked, said.append)
        service._pause = 0.0
        try:
            return said, service.ask("esearch.fcgi", {"term": "fever"}, pubmed._read_found)
        except fetch.FetchError as error:
            return [*said, str(error)], None

    yield ask
    server.shutdown()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", [KEY, ADDRESS], ids=["key", "address"])
def test_no_line_holds_what_the_service_was_sent(echoing, form, secret):
    written = form(secret)
    unusable = json.dumps({"error": f"no count for {secret}"})
    said, _ = echoing(
        (429, f"<p>busy, {written}, wait</p>"),
        (503, f"{written} is busy"),
        (200, unusable),
        (400, f'{{"error": "{written}"}} of {written}'),
    )
    assert len(said) == 4
    assert all("(hidden)" in line for line in said)
    assert not any(s.lower() in line.lower() for line in said for s in (written, secret))


def test_a_key_at_the_end_of_a_long_page_is_not_told_in_part(echoing):
    said, _ = echoing((400, "<i></i>" * 281 + "x" * 170 + " " + KEY))
    assert "(hidden)" in said[0]
    assert KEY[:6] not in said[0]
