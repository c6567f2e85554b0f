"""Decisions typed into a column of an export: `Final decision`, `Reviewer 1`, `Exclude`.

The column is told by what its cells say; by its name as well where they say no more than yes or no.
"""

import csv
import re
from collections.abc import Iterable

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.screening import identity
from livingmeta.screening.readers import asreview

# What no column but one of decisions holds alone.
_SAYS = {
    "include": r"includ(?:e|ed)|relevant|eligible|eingeschlossen|einschlie(?:ß|ss)en",
    "exclude": r"exclud(?:e|ed)|irrelevant|not relevant|ineligible|not eligible|ausgeschlossen|"
    r"ausschlie(?:ß|ss)en",
}
_WORDS = {
    said: re.compile(rf"(?:{words})(?:\s*[:;,(–-].*)?", re.I) for said, words in _SAYS.items()
}
# What many columns hold, so that the name has to tell what it is about.
_YES = frozenset(["yes", "y", "1", "1.0", "true", "x", "✓", "ja", "oui", "in", "keep", "accept"])
_NO = frozenset(["no", "n", "0", "0.0", "false", "nein", "non", "out", "drop", "reject"])
_OPEN = frozenset(["maybe", "unclear", "unsure", "?", "vielleicht", "-1"])
_HEAD = re.compile(
    r"\b(?:includ\w*|inclusion|exclud\w*|exclusion|eligib\w*|relevant|decisions?|screening|screen|"
    r"verdict|votes?|entscheidung|einschluss|ausschluss)\b",
    re.IGNORECASE,
)
# Of registers and of databases: `Inclusion Criteria`, `Decision date`.
_OTHER = re.compile(r"criteria|\bage|gender|\bsex\b|date|day|year|tool|method|score", re.I)
_AGAINST = re.compile(r"exclu|ausschluss|irrelevant", re.I)
_REASON = re.compile(r"reasons? (?:for|of) exclu|exclu\w* reason|ausschlussgrund", re.I)
# ASSUME: who decides has begun among so many rows; exports of 100,000 are not read twice for it.
_ROWS = 5_000
_COLUMNS = ["record_id", "decision"]


def holds(header: str, lines: Iterable[str]) -> bool:
    """Whether a table below its first line has a column of decisions typed by hand."""
    delimiter = max(",;\t", key=header.count)
    rows = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    return bool(_columns(header, (row for row, _ in zip(rows, range(_ROWS), strict=False))))


def decisions(
    read: pd.DataFrame, known: dict[str, set[str]], header: str
) -> tuple[pd.DataFrame, list[str]]:
    """The decisions that stand beside records (`record_id`, `decision`), and in words those that
    are on no record or could be on several; arguments as for asreview.decisions."""
    delimiter = max(",;\t", key=header.count)
    rows = [next(csv.reader(raw.split("\n"), delimiter=delimiter), []) for raw in read["raw"]]
    columns = _columns(header, rows)
    found, lost = [], []
    for record, cells in zip(as_dicts(read), rows, strict=True):
        for at, name in columns.items():
            said = _said(name, cells[at].strip()) if at < len(cells) else ""
            if not said:
                continue
            named, why = asreview.meant(record, known)
            if named:
                found.append((named[0], said))
            else:
                lost.append(f"line {record['line']}, '{record['title'][:60]}': {why}")
    return pd.DataFrame(found, columns=_COLUMNS, dtype=object), lost


def missing(votes: pd.DataFrame, held: pd.DataFrame, known: dict[str, set[str]]) -> int:
    """How many of these decisions no row of `held` says of their record, at whatever stage."""
    own = {
        (record, row["decision"])
        for row in as_dicts(held)
        for record in known.get(identity.canonical(row["record"]), ())
    }
    return sum((row["record_id"], row["decision"]) not in own for row in as_dicts(votes))


def _columns(header: str, rows: Iterable[list[str]]) -> dict[int, str]:
    """The names of the columns of decisions, by place."""
    heads = next(csv.reader([header], delimiter=max(",;\t", key=header.count)), [])
    heads = [head.strip(" \ufeff") for head in heads]
    named = {at for at, head in enumerate(heads) if _HEAD.search(head) and not _OTHER.search(head)}
    reasons = {at for at, head in enumerate(heads) if _REASON.search(head)}
    open_, filled = set(range(len(heads))), set()
    for cells in rows:
        for at in [at for at in open_ if at < len(cells)]:
            if cell := cells[at].strip():
                filled.add(at)
                if not (at in reasons or _in_words(cell) or (at in named and _short(cell))):
                    open_.discard(at)
    return {at: heads[at] for at in sorted(open_ & filled)}


def _in_words(cell: str) -> str:
    return next((said for said, words in _WORDS.items() if words.fullmatch(cell)), "")


def _short(cell: str) -> bool:
    return cell.lower() in _YES | _NO | _OPEN


def _said(name: str, cell: str) -> str:
    """include, exclude, or empty where nothing was decided."""
    if not cell or cell.lower() in _OPEN:
        return ""
    if said := _in_words(cell):
        return said
    yes = cell.lower() not in _NO
    return "include" if yes != bool(_AGAINST.search(name)) else "exclude"
