"""Rows of tables beside a table (`outcomes-ruiz.csv`), so that none goes without a word.

Such a file may go once its rows stand in another one. A cloud drive that takes it away, a name or
a folder that somebody changed, would else take a second reader's numbers and every conflict along.
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path, PurePath
from typing import TypedDict

from livingmeta import files, spreadsheets
from livingmeta.run import digests
from livingmeta.words import english

# By path what the tables of the last run held.
NOTED = ".snakemake/rows.json"
# None of what stands beside these goes without its rows.
TABLES = (
    "data/raw/screening/decisions.csv",
    "data/raw/screening/duplicates.csv",
    "data/raw/fulltexts.csv",
    "data/raw/screening/fulltexts.csv",
    "data/raw/extraction/studies.csv",
    "data/raw/extraction/outcomes.csv",
    "data/raw/extraction/risk_of_bias.csv",
    "data/raw/extraction/extraction.xlsx",
)
# ASSUME: who takes rows out of a table on purpose takes out fewer than this share at a time, and
# what is cut short lacks more.
_CUT = 0.5
# What a row of a table is about, and by whom; what it says of it may have been corrected since.
ABOUT = {
    "decisions": ("record", "stage", "reviewer"),
    "duplicates": ("record", "other"),
    "fulltexts": ("record",),
    "outcomes": ("study_id", "outcome", "arm", "statistic", "time", "extractor"),
    "studies": ("study_id", "extractor"),
    "risk_of_bias": ("study_id", "outcome", "tool", "domain", "assessor"),
}
PERSON = {"reviewer", "extractor", "assessor"}


class Held(TypedDict):
    """What a file held: its digest; and of a text its rows, the first too, each as its cells as
    they are compared. A workbook has none here, and is compared as a whole."""

    digest: str
    rows: list[list[str]]


Noted = dict[str, Held]


def read(path: Path | str = NOTED) -> Noted:
    """What `note` wrote; {} where there is nothing that can be read."""
    try:
        return json.loads(Path(path).read_bytes())
    except (OSError, ValueError):
        return {}


def kinds(known: Collection[str] = ()) -> dict[str, list[str]]:
    """By each of TABLES the files that are read as it; a log of full texts stands at two places.
    `known`: as digests.several takes it, and raises for."""
    found = {path: digests.several(path, known) for path in TABLES}
    stem = {path: PurePath(path).name for path in TABLES}
    return {
        path: [file for other in TABLES if stem[other] == stem[path] for file in found[other]]
        for path in TABLES
    }


def note(tables: Iterable[str], before: Noted, path: Path | str = NOTED) -> None:
    """Write down what `tables` hold, which a run has read; `before`: what was noted, of which that
    stays of which the run has read nothing."""
    now = {path: held for path, held in before.items() if Path(path).is_file()}
    now |= {table: _held(table, before) for table in sorted(tables)}
    if now != before:
        files.write(json.dumps(now, ensure_ascii=False).encode(), path)


def must_stand(kinds: Mapping[str, Iterable[str]], before: Noted) -> None:
    """Raise FilesError for tables that an earlier run read and that are gone, though some of their
    rows stand in no other of their kind.

    `kinds`: by the path of a table the files that are read as that table now, the table itself
    among them or not; `before`: as `read` gives it. That the table itself is gone is told by
    `digests.table`.
    """
    told = []
    for table, found in kinds.items():
        there = list(found)
        of_kind = {path for path in before if files.of_kind(path, table)}
        for path in sorted(of_kind - {table, *there}):
            if what := _lost(path, there, before, ABOUT.get(PurePath(table).stem, ())):
                told.append(f"{path} is gone, and an earlier run has read it: {what}.")
    if told:
        raise digests.FilesError(
            [
                *told,
                "Put it back (did a cloud drive take it away, or was it renamed?). Where nothing "
                "of it is meant to stay, leave its first row there.",
            ]
        )


def fewer(kinds: Mapping[str, Iterable[str]], before: Noted) -> list[str]:
    """A line on each table that is there and has lost most of its rows since the last run, which
    stand in no other of its kind: a copy that was cut short, or a slip of the hand.

    `kinds`, `before`: as for `must_stand`.
    """
    told: dict[str, str] = {}
    for table, found in kinds.items():
        there = list(found)
        for path in there:
            rows = before[path]["rows"][1:] if path in before else []
            if not rows or len(_held(path, before)["rows"][1:]) > _CUT * len(rows):
                continue  # as many rows with another name in each are a person's name set right
            gone = _gone(path, there, before, ABOUT.get(PurePath(table).stem, ()))
            if len(gone) > _CUT * len(rows):
                many = f"{len(rows)} {english.plural(len(rows), 'row')}"
                told[path] = (
                    f"{path} held {many} at the last run, and {len(gone)} of them stand in no file "
                    f"any more, such as {', '.join(gone[0])}. If nobody took them out, put them "
                    "back (was it copied in part?)."
                )
    return list(told.values())


def _lost(path: str, there: Iterable[str], before: Noted, about: tuple[str, ...]) -> str:
    """What of a file that is gone stands in none of those that are `there`, in words; or ""."""
    held = before[path]
    if not held["rows"]:
        beside = (p for p in Path(path).parent.glob("*") if p.is_file())
        same = any(digests.digest(p) == held["digest"] for p in beside)
        return "" if same else "no file beside it is the same under another name"
    if not (missing := _gone(path, there, before, about)):
        return ""
    stand = "row stands" if len(missing) == 1 else "rows stand"
    return f"{len(missing)} {stand} in no other file, such as {', '.join(missing[0])}"


def _gone(
    path: str, there: Iterable[str], before: Noted, about: tuple[str, ...]
) -> list[list[str]]:
    """The rows that a text held, by the cells that tell them, and that stand in none of `there`."""
    head, *rows = before[path]["rows"]
    told = []
    for row in rows:
        said = {name: cell for name, cell in zip(head, row, strict=False) if cell}
        # Whose row it is may be told by the name of the file alone: then all of it must stand.
        whole = not set(about) & said.keys() or set(about) & PERSON - said.keys()
        told.append([cell for name, cell in said.items() if whole or name in about])
    others = [row for one in there for row in _held(one, before)["rows"][1:]]
    return _missing([row for row in told if row], others)


def _held(path: str, before: Noted) -> Held:
    digest = digests.digest(path)
    if path in before and before[path]["digest"] == digest:
        return before[path]
    return {"digest": digest, "rows": _rows(path)}


def _rows(path: str) -> list[list[str]]:
    """The rows of a text, its cells as they are compared; [] of a workbook."""
    if PurePath(path).suffix.casefold() != ".csv":
        return []
    content = Path(path).read_bytes()
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    found = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    return [[_cell(cell) for cell in row] for row in found if any(map(str.strip, row))]


def _cell(text: str) -> str:
    """A cell as it is compared, whatever a spreadsheet makes of it: 24.0 is 24, and a day, of which
    nobody knows how it is written afterwards, is none."""
    text = " ".join(text.split()).casefold()
    if spreadsheets.date(text):
        return ""
    try:
        return f"{float(text.replace(',', '.')):g}"
    except ValueError:
        return text


def _missing(rows: list[list[str]], others: list[list[str]]) -> list[list[str]]:
    """Those of `rows` of which no other row holds all cells."""
    having: dict[str, set[int]] = defaultdict(set)
    for number, row in enumerate(others):
        for cell in row:
            having[cell].add(number)
    return [row for row in rows if not set.intersection(*(having[cell] for cell in row))]
