"""Answers that come page by page, each naming the next: read to the end, or not at all."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from livingmeta.errors import InternalError
from livingmeta.living.search.fetch import Client, FetchError, UnusableError
from livingmeta.living.search.pages import Pages

# Where services say what went wrong, whatever else the answer holds: it may hold no record then.
TOLD = ("error", "errMsg", "message")


class MovedError(InternalError):
    """The index changed while pages were downloaded."""


@dataclass(frozen=True)
class Page:
    """One page: its `items`, how many the whole query finds (None where this page does not say),
    and what asks for the next one ("" for none)."""

    items: list[Any]
    total: int | None
    following: str


def every(
    service: Client,
    pages: Pages,
    first: str,
    ask: Callable[[str], Any],
    read: Callable[[Any], Page],
    own: Callable[[Any], str],
    full: int = 0,
) -> list[Any]:
    """Every item of a query, each once, in the order of the pages.

    `first`: what asks for the first page; `ask`: the answer (JSON, as read) to what asks for a
    page; `read`: what it holds; `own`: what an item is called. Answers are kept in `pages`, so that
    a download that was cut short goes on. `full`: of a service that announces no number,
    or one that is about right only, how many items a full page has; what comes until no page
    follows is all then, unless too many are missing. Raises FetchError where the number changes
    twice, or another number of items came.
    """
    try:
        return _once(service, pages, first, ask, read, own, full)
    except MovedError as moved:
        service.say(f"{service.name}: {moved}; starting again")
        pages.forget()
    try:
        return _once(service, pages, first, ask, read, own, full)
    except MovedError as moved:
        pages.forget()
        raise FetchError(
            f"{service.name}: {moved}. Nothing was written; run the search again."
        ) from None


def _once(
    service: Client,
    pages: Pages,
    first: str,
    ask: Callable[[str], Any],
    read: Callable[[Any], Page],
    own: Callable[[Any], str],
    full: int,
) -> list[Any]:
    items: dict[str, Any] = {}
    exact = not full
    cursor, number, total = first, 0, None
    while True:
        name = f"{number:06d}.json"
        kept = pages.read(name)
        stood = json.loads(kept) if kept is not None else {}
        if stood.get("request") != cursor:
            stood = {"request": cursor, "answer": ask(cursor)}
            pages.keep(name, json.dumps(stood, ensure_ascii=False) + "\n")
        page = read(stood["answer"])
        total = page.total if total is None else total
        if exact and page.total not in (None, total):
            raise MovedError(f"it announced {total:,} records and then {page.total:,}")
        items |= {own(item): item for item in page.items}
        of_all = f" of {total:,}" if exact and total is not None else ""
        service.say(f"{service.name}: {len(items):,}{of_all} records found")
        if page.following in ("", cursor) or (exact and len(items) == total):
            break
        if exact and not page.items:  # no more will come, though another page is named
            break
        cursor, number = page.following, number + 1
    if not exact:
        short = (total or 0) - len(items)
        # ASSUME: a number that is about right is not off by a page, and no page that is full is
        # the last one while more are announced: what asks for the next one was lost.
        if short > 0 and (short >= full or len(page.items) >= full):
            raise MovedError(
                f"it announced about {total:,} records, and names no page after {len(items):,}"
            )
        return list(items.values())
    if total is None:
        raise FetchError(f"{service.name} does not say how many records it finds.")
    if len(items) != total:
        raise MovedError(f"it announced {total:,} records and gave {len(items):,} different ones")
    return list(items.values())


def as_json(body: bytes) -> Any:
    """An answer as JSON; UnusableError where it is none, or tells of an error, so that it is asked
    for again.

    Line breaks within a text, which some services send, are let pass.
    """
    try:
        answer = json.loads(body, strict=False)
    except ValueError:
        raise UnusableError("its answer is not JSON") from None
    said = [answer.get(key) for key in TOLD] if isinstance(answer, dict) else []
    # What is no text under `message` is what was asked for (Crossref).
    if told := next((one for one in said if isinstance(one, str) and one.strip()), None):
        raise UnusableError(f"its answer says: {told}")
    if isinstance(answer, dict) and (answer.get("error") or answer.get("errors")):
        raise UnusableError("its answer tells of an error")
    return answer


def number(value: Any) -> int | None:
    """A count as a service sends it, as a number or as text; None where there is none."""
    text = "" if isinstance(value, bool) else str(value)
    return int(text) if text.isascii() and text.isdigit() else None


def in_parts(names: list[str], most: int) -> list[list[str]]:
    """Names in parts of at most `most`."""
    return [names[at : at + most] for at in range(0, len(names), most)]


def by_name(
    service: Client,
    pages: Pages,
    wanted: list[str],
    most: int,
    ask: Callable[[list[str]], list[Any]],
    own: Callable[[Any], str],
) -> str:
    """The records called `wanted` as a JSON list, one a line, as they came.

    `ask`: records of at most `most` names; asked again where not all came. Raises FetchError.
    """
    lines: list[str] = []
    for number, part in enumerate(in_parts(wanted, most)):
        name = f"{number:06d}.json"
        kept = pages.read(name)
        came = json.loads(kept) if kept is not None else []
        if {own(item) for item in came} != set(part):
            came = ask(part)
            pages.keep(name, json.dumps(came, ensure_ascii=False) + "\n")
        lines += [json.dumps(item, ensure_ascii=False) for item in came]
        service.say(f"{service.name}: {len(lines):,} of {len(wanted):,} records fetched")
    return "[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n"


def exactly(items: list[Any], part: list[str], own: Callable[[Any], str]) -> list[Any]:
    """The items called `part`, each once and in its order; UnusableError where one is missing."""
    of = {own(item): item for item in items}
    missing = [name for name in part if name not in of]
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        raise UnusableError(f"it finds and does not give {', '.join(missing[:5])}{more}")
    return [of[name] for name in part]
