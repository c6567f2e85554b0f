"""Asking a public service politely: at its pace, again when it falters, never half an answer."""

import email.utils
import http.client
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from livingmeta.errors import InputError, InternalError

CALLED = "livingmeta/1 (living systematic reviews)"
TRIES = 6
WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)  # seconds before the second to the sixth try
LONGEST = 120.0  # what a server may ask us to wait
TIMEOUT = 60.0
LARGEST = 200_000_000  # bytes of one answer; what is larger is no page of records
PASSING = frozenset([429, 500, 502, 503, 504])


class FetchError(InputError):
    """A service that could not be asked, or whose answer was not whole, after several tries."""


class UnusableError(InternalError):
    """An answer that is not what was asked for, though it came whole; asking again may help."""


class Client:
    """One service. `base`: address under which its calls lie; `per_second`: how many requests it
    allows; `fixed`: parameters of every request, which are never repeated in a message; `say`:
    takes a line about each delay."""

    def __init__(
        self,
        name: str,
        base: str,
        per_second: float,
        say: Callable[[str], None],
        fixed: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.base, self.say = name, base.rstrip("/"), say
        self.fixed = dict(fixed or {})
        self._pause, self._last = 1.0 / per_second, float("-inf")

    def ask(self, call: str, parameters: dict, use: Callable[[bytes], object]) -> Any:
        """POST `parameters` to `call`; returns `use(body)`.

        Tries again, waiting longer each time, where the service is busy (429, as long as its
        Retry-After says) or fails (5xx), the connection is cut, or `use` raises UnusableError.
        Raises FetchError, naming the service and what it said, when that did not help.
        """
        body = urllib.parse.urlencode({**parameters, **self.fixed}).encode()
        request = urllib.request.Request(
            f"{self.base}/{call}", data=body, headers={"User-Agent": CALLED}
        )
        for turn in range(TRIES):
            wait = WAITS[min(turn, len(WAITS) - 1)]
            try:
                return use(self._answer(request))
            except urllib.error.HTTPError as error:
                told = _words(error.read(2000))
                problem = f"it answered {error.code} {error.reason}{told and f': {told}'}"
                if error.code not in PASSING:
                    raise FetchError(f"{self.name}, {call}: {problem}.") from None
                wait = max(wait, _asked_to_wait(error.headers.get("Retry-After")))
            except UnusableError as error:
                problem = str(error)
            except (OSError, http.client.HTTPException) as error:
                reason = getattr(error, "reason", None) or error
                problem = f"the connection failed ({reason or type(error).__name__})"
            if turn + 1 < TRIES:
                self.say(f"{self.name}: {problem}; asking again in {wait:g} s")
                time.sleep(wait)
        raise FetchError(
            f"{self.name}, {call}: {problem}. Asked {TRIES} times. What was downloaded is kept; "
            "run the search again to go on from there."
        )

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


def _words(body: bytes) -> str:
    """The first words of an error page, without its tags."""
    text = re.sub(r"<[^>]*>", " ", body.decode("utf-8", errors="replace"))
    return " ".join(text.split())[:200]
