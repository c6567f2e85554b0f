"""A search for new literature: what of it goes where."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from livingmeta import spreadsheets, tables
from livingmeta.as_dicts import as_dicts
from livingmeta.errors import InputError

FOLDER = PurePosixPath("data/raw/searches")
COLUMNS = ("file", "database", "platform", "searched_on", "hits", "strategy", "note")
# Columns that are written where a row has something to say there.
FOUND, SOURCE = "found", "source"


class LiteratureError(InputError):
    """A search that the protocol does not allow."""


@dataclass(frozen=True)
class Search:
    """One database to ask: its `name` and `platform` in searches.csv, the `query`, the `stem` and
    `suffix` of the export, and the kind of `source` where it is no search of a database."""

    name: str
    platform: str
    query: str
    stem: str
    suffix: str
    source: str = ""


@dataclass(frozen=True)
class Answer:
    """What a search gave: the `export` of what was `new`, the number that the whole query `found`,
    how the service read the query, and `warnings` such as phrases it does not know."""

    export: str
    new: int
    found: int
    read_as: str
    warnings: list[str]


def ledger(root: Path | str) -> pd.DataFrame:
    """searches.csv of the review in folder `root`; no rows where there is none."""
    path = Path(root) / FOLDER / "searches.csv"
    return tables.brought([str(path)] if path.exists() else [], "data/searches")


def strategy(search: Search, answer: Answer, day: str) -> str:
    """The text file that documents the search: the query exactly as run, and what it gave."""
    digest = hashlib.sha256(answer.export.encode()).hexdigest()
    lines = [
        f"{search.name}, searched on {day} through {search.platform}",
        "",
        search.query.strip(),
        "",
        "Limits: none; all that the query finds was compared with what the review held",
        f"Found: {answer.found}",
        f"New: {answer.new}",
        f"SHA-256 of the export: {digest}",
    ]
    if answer.read_as:
        lines.append(f"{search.name} read it as: {answer.read_as}")
    return "\n".join([*lines, *answer.warnings, ""])


def done(search: Search, ledger: Any, day: str, root: Path | str) -> bool:
    """Whether this very query was run on this day already."""
    return any(row["searched_on"] == day for row in _earlier(search, ledger, root))


def most_found(search: Search, ledger: Any, root: Path | str) -> int:
    """The most records that this very query found on any day."""
    counts = [row["found"] for row in _earlier(search, ledger, root)]
    return max((int(count) for count in counts if pd.notna(count)), default=0)


def _earlier(search: Search, ledger: Any, root: Path | str) -> Iterator[dict[str, Any]]:
    """The rows of searches.csv on this very query."""
    for row in as_dicts(ledger):
        if (row["database"], row["platform"]) != (search.name, search.platform):
            continue
        path = Path(root) / FOLDER / row["strategy"]
        if row["strategy"] and path.is_file():
            told = path.read_text(encoding="utf-8").split("\n\nLimits: ")[0]
            if told.split("\n\n", 1)[-1] == search.query.strip():
                yield row


def keep(found: Iterable[tuple[Search, Answer]], day: str, root: Path | str) -> list[str]:
    """Write exports, strategies and rows of searches.csv under folder `root`; the files written.

    searches.csv comes last and at once, so a search is in it or is not. A search that finds nothing
    new has its row too, with an export of nothing: the review is up to date to that day. Files that
    are there already are never written over: a second export of a day gets a number.
    """
    written: list[Any] = []
    rows = []
    for search, answer in found:
        name = _free(root, day, search)
        kept = f"strategies/{name.replace('/', '-').rpartition('.')[0]}.txt"
        _new(strategy(search, answer, day), kept, root, written)
        _new(answer.export, name, root, written)
        rows.append(
            {
                "file": name,
                "database": search.name,
                "platform": search.platform,
                SOURCE: search.source,
                "searched_on": day,
                "hits": str(answer.new),
                FOUND: str(answer.found),
                "strategy": kept,
                "note": "",
            }
        )
    if rows:
        path = Path(root) / FOLDER / "searches.csv"
        tables.write_text(with_rows(path, rows), path)
        written.append((FOLDER / "searches.csv").as_posix())
    return written


def _new(content: str, name: str, root: Path | str, written: list[str]) -> None:
    tables.write_text(content, Path(root) / FOLDER / name)
    written.append((FOLDER / name).as_posix())


def _free(root: Path | str, day: str, search: Search) -> str:
    """A name for the export that no file has: 2026-11-23/pubmed.nbib, else .../pubmed-2.nbib."""
    folder = Path(root) / FOLDER
    number = 1
    while True:
        stem = search.stem if number == 1 else f"{search.stem}-{number}"
        strategy_file = folder / "strategies" / f"{day}-{stem}.txt"
        if not (folder / day / f"{stem}{search.suffix}").exists() and not strategy_file.exists():
            return f"{day}/{stem}{search.suffix}"
        number += 1


def with_rows(path: Path | str, rows: list[dict[str, str]]) -> str:
    """The text of searches.csv with `rows` after its own, which stay as they stand.

    The file must have been read (`ledger`), which refuses what is no such table. The new rows
    follow its own columns, however these are written, and its separator; columns that are wanted
    and missing are added at the end.
    """
    path = Path(path)
    fresh = ",".join([*COLUMNS[:3], SOURCE, *COLUMNS[3:5], FOUND, *COLUMNS[5:]]) + "\n"
    text = tables.decode(path.read_bytes(), path)[0] if path.exists() else fresh
    text = re.sub(r"\r\n?", "\n", text)
    above = re.match(r"sep=.\n", text)  # Excel's own line on the separator
    lead, body = (above[0], text[above.end() :]) if above else ("", text)
    first = body.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    written = [cell.strip() for cell in next(csv.reader([first], delimiter=separator))]
    known = tables.schema("data/searches")["columns"]
    header = spreadsheets.named(written, known, path.name, [])
    wanted = [*COLUMNS, *(c for c in (SOURCE, FOUND) if any(row.get(c) for row in rows))]
    missing = [column for column in wanted if column not in header]
    body += "" if body.endswith("\n") else "\n"
    if missing:
        # Empty columns that a spreadsheet has at its right take names first.
        named = max(at for at, column in enumerate(header, 1) if column)
        empty = len(header) - named
        header = [*header[:named], *missing, *[""] * (empty - len(missing))]
        body = _widened(body, separator, [*written[:named], *header[named:]], len(written))
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\n")
    for row in rows:
        writer.writerow([row.get(column, "") for column in header])
    return lead + body + buffer.getvalue()


def _widened(body: str, separator: str, header: list[str], before: int) -> str:
    """A table under this header, which had `before` columns; the new ones are empty in its rows,
    which else stay as they stand."""
    lines = body.split("\n")[:-1]
    more = separator * (len(header) - before)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator)
    for number, row in enumerate(reader):
        if row and number:  # a row may run over several lines; its last is where the reader stands
            lines[reader.line_num - 1] += more
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=separator, lineterminator="").writerow(header)
    return "\n".join([buffer.getvalue(), *lines[1:], ""])
