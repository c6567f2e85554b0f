"""Copies of one report: linked, never deleted.

    links, doubtful = find(records)

`prep` brings fields into comparable form, `block` finds pairs worth a look, `match` judges each
pair, `cluster` makes groups of the links, `merge` names a record for each group. The outcome
does not depend on the order of the rows.
"""

from collections import defaultdict
from itertools import pairwise
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.screening.duplicates.rules import (
    IDENTIFIERS,
    Entry,
    Verdict,
    elsewhere,
    judge,
    prepare,
)

LINK_COLUMNS = tables.columns("screening/duplicates")
_FIELDS = [
    "title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid", "pmcid",
    "abstract", "type", "language",
]  # fmt: skip
_FULL_BLOCK = 40


def find(
    records: pd.DataFrame, *, settled: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Link the copies of one report.

    `records`: the columns of records.csv, any of which may be missing; a row is named by
    `record_id`, else `file:line`, else its index. Returns `links`, one row a redundant copy
    (`record_id` is a copy of `duplicate_of`, which is never itself a copy; `rule` and `score`,
    0 to 1, of the strongest link that holds it), and `doubtful`, pairs for a person to settle.
    `settled`: pairs that a person has settled (`record_id, duplicate_of, same, decided_by`, with
    `same` true or false); they outweigh every rule. Raises ValueError when two rows carry the
    same name.
    """
    entries = prep(records)
    verdicts = match(entries, block(entries))
    same, apart = _settled(entries, settled)
    groups, held, refused = cluster(entries, verdicts, same, apart)
    doubtful = _doubtful(entries, verdicts + refused, groups, apart)
    return merge(entries, groups, held), doubtful


_Pairs = dict[tuple[int, int], str]


def _settled(entries: list[Entry], settled: pd.DataFrame | None) -> tuple[_Pairs, _Pairs]:
    """Pairs of positions that a person called the same, and different, with who decided."""
    same: _Pairs = {}
    apart: _Pairs = {}
    if settled is None:
        return same, apart
    at = {entry.name: place for place, entry in enumerate(entries)}
    for row in settled.to_dict("records"):
        one, other = at.get(str(row["record_id"])), at.get(str(row["duplicate_of"]))
        if one is not None and other is not None and one != other:
            pair = min(one, other), max(one, other)
            (same if row["same"] else apart)[pair] = str(row["decided_by"])
    return same, apart


def names(records: pd.DataFrame) -> list[str]:
    """What each row is called in the links."""
    if "record_id" in records:
        return [str(name) for name in records["record_id"]]
    if {"file", "line"} <= set(records):
        return [f"{f}:{n}" for f, n in zip(records["file"], records["line"], strict=True)]
    return [str(name) for name in records.index]


def prep(records: pd.DataFrame) -> list[Entry]:
    """Rows in comparable form, in an order of their own, so that theirs does not matter."""
    called = names(records)
    if len(set(called)) < len(called):
        twice = next(name for name in called if called.count(name) > 1)
        raise ValueError(f"two records are called {twice!r}; each row needs a record_id of its own")
    columns = {
        name: [("" if v is None or v != v else str(v)) for v in records[name]]
        for name in _FIELDS
        if name in records
    }
    rows = (
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    )
    entries = [prepare(name, row) for name, row in zip(called, rows, strict=False)]
    return sorted(entries, key=lambda e: (e.title, e.year, e.page, e.doi, e.name))


def block(entries: list[Entry]) -> list[tuple[int, int]]:
    """Pairs of positions that share an identifier or a title, each pair once."""
    shelves: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, entry in enumerate(entries):
        for shelf in entry.shelves():
            shelves[shelf].append(at)
    size = len(entries)
    pairs: set[int] = set()  # first * size + second: whole numbers are lighter than tuples
    for members in shelves.values():
        if len(members) <= _FULL_BLOCK:
            pairs.update(a * size + b for i, a in enumerate(members) for b in members[i + 1 :])
        else:  # a shared supplement DOI or a title such as "Editorial": neighbours only
            pairs.update(a * size + b for a, b in pairwise(members))
    return [divmod(pair, size) for pair in sorted(pairs)]


def match(entries: list[Entry], pairs: list[tuple[int, int]]) -> list[tuple[int, int, Verdict]]:
    """The judgement on each pair that is a duplicate or may be one."""
    judged = ((a, b, judge(entries[a], entries[b])) for a, b in pairs)
    return [(a, b, verdict) for a, b, verdict in judged if verdict is not None]


def cluster(
    entries: list[Entry], verdicts: list[tuple[int, int, Verdict]], same: _Pairs, apart: _Pairs
) -> tuple[list[int], dict[int, tuple[str, float, str]], list[Any]]:
    """Groups of positions: first what a person joined, then links, the strongest first.

    A link is refused when it would join two groups of which a person said that they differ, or
    which contradict each other (identifiers, or place); the latter becomes doubtful. Returns the
    group of each position, what holds each position in it (rule, score, who), and the refused.
    """
    group = list(range(len(entries)))
    members = {i: [i] for i in group}
    held: dict[int, tuple[str, float, str]] = {}
    refused = []

    def join(a: int, b: int, why: tuple[str, float, str]) -> None:
        held.setdefault(a, why)
        held.setdefault(b, why)
        keep, go = sorted((group[a], group[b]))
        for i in members.pop(go):
            group[i] = keep
            members[keep].append(i)

    for (a, b), who in sorted(same.items()):
        if group[a] != group[b]:
            join(a, b, ("settled", 1.0, who))
    links = [(a, b, v) for a, b, v in verdicts if v.same]
    for a, b, verdict in sorted(links, key=lambda x: (-x[2].score, x[0], x[1])):
        left, right = members[group[a]], members[group[b]]
        if group[a] == group[b]:
            continue
        if apart and any((min(i, j), max(i, j)) in apart for i in left for j in right):
            continue
        if verdict.rule not in IDENTIFIERS and _contradict(entries, left, right):
            refused.append((a, b, Verdict(False, f"{verdict.rule}, but other copies differ", 0.5)))
            continue
        join(a, b, (verdict.rule, verdict.score, "rule"))
    return group, held, refused


def _contradict(entries: list[Entry], left: list[int], right: list[int]) -> bool:
    for field in ("doi", "pmid"):
        ours = {v for i in left if (v := getattr(entries[i], field))}
        theirs = {v for i in right if (v := getattr(entries[i], field))}
        if ours and theirs and ours.isdisjoint(theirs):
            return True
    return any(elsewhere(entries[i], entries[j]) for i in left for j in right)


def merge(
    entries: list[Entry], group: list[int], held: dict[int, tuple[str, float, str]]
) -> pd.DataFrame:
    """One row a redundant copy: the fullest copy of a group stands for it."""
    members = defaultdict(list)
    for at, place in enumerate(group):
        members[place].append(at)
    rows = []
    for places in members.values():
        if len(places) > 1:
            kept = min(places, key=lambda at: (-entries[at].fullness, entries[at].name))
            rows += [
                (entries[at].name, entries[kept].name, *held[at]) for at in places if at != kept
            ]
    return _table(rows)


def _doubtful(
    entries: list[Entry], verdicts: list[tuple[int, int, Verdict]], group: list[int], apart: _Pairs
) -> pd.DataFrame:
    rows: dict[Any, Any] = {}
    for a, b, verdict in verdicts:
        if not verdict.same and group[a] != group[b] and (min(a, b), max(a, b)) not in apart:
            one, other = sorted((entries[a].name, entries[b].name))
            rows.setdefault((one, other), (one, other, verdict.rule, verdict.score, ""))
    return _table(list(rows.values()))


def _table(rows: list[tuple]) -> pd.DataFrame:
    table = pd.DataFrame(sorted(rows), columns=LINK_COLUMNS)
    return table.astype({c: "float" if c == "score" else "str" for c in LINK_COLUMNS})
