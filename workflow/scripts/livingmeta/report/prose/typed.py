"""Numbers of a text that may not follow the result: typed by hand where the data give them too, or
slots of a model that is not the result."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.prose.texts import Text
from livingmeta.report.prose import slots
from livingmeta.words.numbers import MINUS, Entry
from livingmeta.words.sentences import NUMBER

COLUMNS = tables.columns("prose/typed")
MOST = 3  # ids named
# A whole number below this is as likely a count of something else; so is a year.
SMALL, YEARS = 100, range(1900, 2101)
# The level of an interval is no result.
LEVEL = re.compile(r"\s*(?:%\s*)?(?:confidence|credible|prediction|CI\b|PI\b)")
# The points of decimals that other journals and languages write, and a blank before a percentage.
POINT = re.compile(
    r"(?<=\d)(?:·|(?<!\.\d)(?<!\.\d\d)(?<!\.\d{3}),(?=\d{1,2}(?![\d,.]\d|\d)))(?=\d)"
)
BLANK = re.compile(r"[ \xa0\u2009\u202f]%")
HALF = re.compile(r"(?<!\{)\{ *([\w./-]+) *\}(?!\})")  # a slot with one brace for two
# Numbers of sentences that the report itself makes on what waits name no result.
ASIDE = ("to-settle/", "checks/")


def found(
    written: Mapping[str, Text], entries: Iterable[Entry], pooled: pd.DataFrame
) -> list[dict[str, Any]]:
    """Rows of results/prose/typed.csv (schema prose/typed): each number of a text that stands
    there as `entries` of numbers.json print it, with its line and their ids, and each slot of a
    model that is not the result (`pooled`: pooled.csv), with the slot that would follow it.

    Years, whole numbers below 100 and levels of intervals are passed over.
    """
    beside = slots.models(pooled)
    rows: list[list] = []
    known: dict[str, list[str]] | None = None
    for text in written.values():
        for piece in (p for block in text.blocks for p in block.pieces):
            model, _, part = piece.text.rpartition("/")
            if piece.kind == "slot" and model in beside:
                of_it = f"{beside[model]}{slots.RESULT}/{part}"
                rows.append([text.file, piece.line, f"{{{{{piece.text}}}}}", of_it])
            if piece.kind != "text":
                continue
            if "{" in piece.text:  # braces that make no slot
                ids_ = {entry["id"] for entry in entries}
                rows += [
                    [text.file, piece.line, half[0], half[1]]
                    for half in HALF.finditer(piece.text)
                    if half[1] in ids_
                ]
            plain = POINT.sub(".", piece.text)
            for match in NUMBER.finditer(plain):
                blank = None if match[0].endswith("%") else BLANK.match(plain, match.end())
                end = blank.end() if blank else match.end()
                typed, number = piece.text[match.start() : end], match[0] + ("%" if blank else "")
                if _plain(number) or LEVEL.match(piece.text, end):
                    continue
                known = _printed(entries) if known is None else known
                if ids := known.get(_as_printed(number)):
                    rows.append([text.file, piece.line, typed, " ".join(ids[:MOST])])
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def _plain(typed: str) -> bool:
    """Whether a number is a year or small and whole."""
    if not typed.isdigit():
        return False
    return int(typed) < SMALL or int(typed) in YEARS


def _as_printed(typed: str) -> str:
    return typed.replace("-", MINUS)


def _printed(entries: Iterable[Entry]) -> dict[str, list[str]]:
    """Ids by each number that their texts hold: an interval has two. Results come before what
    papers print."""
    ordered = sorted(entries, key=lambda e: e["id"].startswith("printed/"))
    found: dict[str, list[str]] = {}
    for entry in ordered:
        if not entry["id"].startswith(ASIDE):
            for match in NUMBER.finditer(entry["text"]):
                ids = found.setdefault(_as_printed(match[0]), [])
                if entry["id"] not in ids:
                    ids.append(entry["id"])
    return found
