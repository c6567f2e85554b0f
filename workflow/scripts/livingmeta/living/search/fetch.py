"""Asking a public service politely: at its pace, again when it falters, never half an answer."""

import base64
import email.utils
import html
import http.client
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from livingmeta.errors import InputError, InternalError

CALLED = "livingmeta/1 (living systematic reviews)"
TRIES = 6
WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)  # seconds before the second to the sixth try
LONGEST = 120.0  # what a server may ask us to wait
TIMEOUT = 60.0
LARGEST = 200_000_000  # bytes of one answer; what is larger is no page of records
LONGEST_PAGE = 100_000  # bytes of an error that are looked at
SECRET = ("api_key", "email", "mailto")  # parameters that no line and no message may hold
PASSING = frozenset([429, 500, 502, 503, 504])
REFUSED = frozenset([400, 410, 414, 422])


class FetchError(InputError):
    """A service that could not be asked, or whose answer was not whole, after several tries."""


class RefusedError(FetchError):
    """A request that the service takes for wrong in itself (400, 410, 414, 422): it would answer
    others."""


class UnusableError(InternalError):
    """An answer that is not what was asked for, though it came whole; asking again may help."""


class Client:
    """One service. `base`: address under which its calls lie; `per_second`: how many requests it
    allows; `fixed`: parameters of every request, `key`: name and value of a header of every one,
    which are never repeated in a message; `say`: takes a line about each delay."""

    def __init__(
        self,
        name: str,
        base: str,
        per_second: float,
        say: Callable[[str], None],
        fixed: Mapping[str, str] | None = None,
        key: tuple[str, str] | None = None,
    ) -> None:
        self.name, self.base, self.say = name, base.rstrip("/"), say
        self.fixed = dict(fixed or {})
        self._pause, self._last = 1.0 / per_second, float("-inf")
        self._headers = {"User-Agent": CALLED, **dict([key] if key else [])}
        secret = [value for name, value in self.fixed.items() if name in SECRET]
        self._secrets = _as_echoed([*secret, *([key[1]] if key else [])])

    def hide(self, text: str) -> str:
        """What the service said, without the key and the e-mail address that it was sent: it may
        say them back in whatever form."""
        return self._secrets.sub("(hidden)", text) if self._secrets else text

    def ask(
        self,
        call: str,
        parameters: Mapping[str, object],
        use: Callable[[bytes], object],
        *,
        get: bool = False,
        sent: Any = None,
        absent: int = 0,
    ) -> Any:
        """POST `parameters` to `call`; returns `use(body)`. With `get` they are asked for as part
        of the address, and with `sent` too, which is posted as JSON. `absent`: an error by which
        the service says that it has no such thing; then None is returned.

        Tries again, waiting longer each time, where the service is busy (429, as long as its
        Retry-After says) or fails (5xx), the connection is cut, or `use` raises UnusableError.
        Raises FetchError, naming the service and what it said, when that did not help.
        """
        request = self._request(call, {**parameters, **self.fixed}, get, sent)
        for turn in range(TRIES):
            wait = WAITS[min(turn, len(WAITS) - 1)]
            try:
                return use(self._answer(request))
            except urllib.error.HTTPError as error:
                if error.code == absent:
                    return None
                told = _words(self.hide(_text(error.read(LONGEST_PAGE))))
                problem = self.hide(f"it answered {error.code} {error.reason}")
                problem += told and f": {told}"
                if error.code not in PASSING:
                    kind = RefusedError if error.code in REFUSED else FetchError
                    raise kind(f"{self.name}, {call}: {problem}.") from None
                wait = max(wait, _asked_to_wait(error.headers.get("Retry-After")))
            except UnusableError as error:
                problem = self.hide(str(error))
            except (OSError, http.client.HTTPException) as error:
                reason = getattr(error, "reason", None) or error
                problem = self.hide(f"the connection failed ({reason or type(error).__name__})")
            if turn + 1 < TRIES:
                self.say(f"{self.name}: {problem}; asking again in {wait:g} s")
                time.sleep(wait)
        raise FetchError(
            f"{self.name}, {call}: {problem}. Asked {TRIES} times. What was downloaded is kept; "
            "run the search again to go on from there."
        )

    def _request(self, call: str, parameters: Mapping[str, object], get: bool, sent: Any) -> Any:
        address, form = f"{self.base}/{call}", urllib.parse.urlencode(parameters)
        if not get and sent is None:
            return urllib.request.Request(address, data=form.encode(), headers=self._headers)
        address, headers = f"{address}?{form}", dict(self._headers)
        body = None if sent is None else json.dumps(sent).encode()
        if body is not None:
            headers["Content-Type"] = "application/json"
        return urllib.request.Request(address, data=body, headers=headers)

    def _answer(self, request: Any) -> bytes:
        pause = self._last + self._pause - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        self._last = time.monotonic()
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            body = answer.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise UnusableError(f"an answer of more than {LARGEST:,} bytes")
        return body


def _asked_to_wait(header: str | None) -> float:
    """Seconds that a Retry-After header asks for, a number or a date; at most LONGEST."""
    if not header:
        return 0.0
    try:
        seconds = float(header)
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(header)
        except ValueError:
            return 0.0
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST) if seconds == seconds else 0.0


def _text(body: bytes) -> str:
    return body.decode("utf-8", errors="replace")


def _words(page: str) -> str:
    """The first words of an error page, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())[:200]


def _as_echoed(values: Iterable[str]) -> re.Pattern[str] | None:
    """What finds any of the values as it is, or as an address, a page or JSON writes it."""
    forms = {
        form
        for value in values
        for form in (
            value,
            urllib.parse.quote(value, safe=""),
            urllib.parse.quote_plus(value),
            html.escape(value),
            json.dumps(value)[1:-1],
            base64.b64encode(value.encode()).decode(),
        )
        if form
    }
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if forms else None
