"""A search for new literature: which databases, from which day, and what goes where."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from livingmeta import tables
from livingmeta.errors import InputError
from livingmeta.living.search.pubmed import Answer

FOLDER = PurePosixPath("data/raw/searches")
COLUMNS = ("file", "database", "platform", "searched_on", "hits", "strategy", "note")


class LiteratureError(InputError):
    """A search that the protocol or searches.csv does not allow."""


@dataclass(frozen=True)
class Search:
    """One database to ask: its `name` and `platform` in searches.csv, the `query`, the first day
    that counts ("" for all), and the `stem` and `suffix` of the export."""

    name: str
    platform: str
    query: str
    since: str
    stem: str
    suffix: str


def since(asked: str, database: str, ledger: Any, day: str) -> str:
    """The first day that a search of `database` looks at, or "" for all.

    `asked`: `from` of the protocol: a day, or `last`: the day of the last search of the same
    database in `ledger` (searches.csv), that day included, since it may not have been over. A
    database that was never searched is searched from its beginning, whatever others were.
    """
    if asked != "last":
        first = str(asked)
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", first):
            raise LiteratureError(
                f"config/config.yaml, search.from: '{first}'; it must be last, or a day such as "
                "2022-05-01."
            )
    else:
        mine = [
            row["searched_on"]
            for row in ledger.to_dict("records")
            if row["database"].casefold() == database.casefold()
        ]
        first = max(mine, default="")
    if first > day:
        raise LiteratureError(
            f"{database}: the last search was on {first}, after today, {day}. Is a date in "
            f"{FOLDER}/searches.csv wrong, or this computer's clock?"
        )
    return first


def strategy(search: Search, answer: Answer, day: str) -> str:
    """The text file that documents the search: the query exactly as run, and what limited it."""
    lines = [
        f"{search.name}, searched on {day} through {search.platform}",
        "",
        search.query.strip(),
        "",
        f"Limits: {answer.limits}",
        f"Records: {answer.records}",
    ]
    if answer.read_as:
        lines.append(f"{search.name} read it as: {answer.read_as}")
    return "\n".join([*lines, *answer.warnings, ""])


def done(search: Search, ledger: Any, day: str, root: Path | str) -> bool:
    """Whether this very query was run on this day already."""
    for row in ledger.to_dict("records"):
        if (row["database"], row["platform"], row["searched_on"]) != (
            *(search.name, search.platform),
            day,
        ):
            continue
        path = Path(root) / FOLDER / row["strategy"]
        if row["strategy"] and path.is_file():
            told = path.read_text(encoding="utf-8").split("\n\nLimits: ")[0]
            if told.split("\n\n", 1)[-1] == search.query.strip():
                return True
    return False


def keep(found: list[tuple[Search, Answer]], day: str, root: Path | str) -> list[str]:
    """Write exports, strategies and rows of searches.csv under folder `root`; the files written.

    searches.csv comes last and at once, so a search is in it or is not. A search without a record
    leaves its strategy only: an export without a record could not be read. Files that are there
    already are never written over: a second export of a day gets a number.
    """
    written: list[Any] = []
    rows = []
    for search, answer in found:
        name = _free(root, day, search)
        text = strategy(search, answer, day)
        if not answer.records and text in _told(root, day, search):
            continue
        kept = f"strategies/{name.replace('/', '-').rpartition('.')[0]}.txt"
        _new(text, kept, root, written)
        if answer.records:
            _new(answer.export, name, root, written)
            note = f"Limits: {answer.limits}"
            values = (name, search.name, search.platform, day, str(answer.records), kept, note)
            rows.append(dict(zip(COLUMNS, values, strict=True)))
    if rows:
        path = Path(root) / FOLDER / "searches.csv"
        tables.write_text(with_rows(path, rows), path)
        written.append((FOLDER / "searches.csv").as_posix())
    return written


def _told(root: Path | str, day: str, search: Search) -> list[str]:
    """The strategies of this day and database that are on file."""
    kept = (Path(root) / FOLDER / "strategies").glob(f"{day}-{search.stem}*.txt")
    return [path.read_text(encoding="utf-8") for path in sorted(kept)]


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

    The new rows follow the file's own columns and separator. Raises LiteratureError where the file
    lacks one of COLUMNS.
    """
    path = Path(path)
    text = tables.decode(path.read_bytes(), path)[0] if path.exists() else ",".join(COLUMNS) + "\n"
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    header = [cell.strip() for cell in next(csv.reader([first.rstrip("\r")], delimiter=separator))]
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise LiteratureError(
            f"{FOLDER}/searches.csv, row 1: the columns {', '.join(missing)} are missing; add them "
            "to the header, and the search can write its row."
        )
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\n")
    for row in rows:
        writer.writerow([row.get(column, "") for column in header])
    body = text.replace("\r\n", "\n")
    return body + ("" if body.endswith("\n") else "\n") + buffer.getvalue()
