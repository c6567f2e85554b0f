"""Copies of one report: linked, never deleted.

    links, doubtful = find(records)

`prep` brings fields into comparable form, `block` finds pairs worth a look, `match` judges each
pair, `cluster` makes groups of the links, `merge` names a record for each group. The outcome
does not depend on the order of the rows.
"""

from collections import defaultdict
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.screening.duplicates import likeness
from livingmeta.screening.duplicates.entries import IDENTIFIERS, Entry, prepare
from livingmeta.screening.duplicates.rules import SHARED, Verdict, elsewhere, judge, two_reports

LINK_COLUMNS = tables.columns("screening/duplicates")
_FIELDS = [
    "title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid", "pmcid",
    "abstract", "type", "language", "url", "registration",
]  # fmt: skip
_FULL_BLOCK = 40
_SURE = (*IDENTIFIERS, "registration")


def find(
    records: pd.DataFrame, *, settled: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Link the copies of one report.

    `records`: the columns of records.csv, any of which may be missing; a row is named by
    `record_id`, else `file:line`, else its index. Returns `links`, one row a redundant copy
    (`record_id` is a copy of `duplicate_of`, which is never itself a copy; `rule` and `score`,
    0 to 1, of the strongest link that holds it), and `doubtful`, pairs for a person to settle.
    `settled`: pairs that a person has settled (`record_id, duplicate_of, same, decided_by`, with
    `same` true or false); they outweigh every rule. Pairs that share a `statement`, where that
    column is there, are what one name of several copies stands for: they join two records, and
    where they would join more they join none and `attrs["idle"]` of `doubtful` lists them. Raises
    ValueError when two rows carry the same name.
    """
    entries = prep(records)
    verdicts = match(entries, block(entries))
    statements, apart = _settled(entries, settled)
    same, idle = _certain(entries, verdicts, statements, apart)
    groups, held, refused = cluster(entries, verdicts, same, apart)
    doubtful = _doubtful(entries, verdicts + refused, groups, apart)
    doubtful.attrs["idle"] = idle
    return merge(entries, groups, held), doubtful


_Pairs = dict[tuple[int, int], str]


def _settled(
    entries: list[Entry], settled: pd.DataFrame | None
) -> tuple[dict[int, _Pairs], _Pairs]:
    """Pairs of positions that a person called the same, by statement, and different, with who
    decided."""
    same: dict[int, _Pairs] = defaultdict(dict)
    apart: _Pairs = {}
    if settled is None:
        return same, apart
    at = {entry.name: place for place, entry in enumerate(entries)}
    for place, row in enumerate(as_dicts(settled)):
        one, other = at.get(str(row["record_id"])), at.get(str(row["duplicate_of"]))
        if one is not None and other is not None and one != other:
            pair = min(one, other), max(one, other)
            pairs = same[row.get("statement", place)] if row["same"] else apart
            pairs[pair] = str(row["decided_by"])
    return same, apart


def _certain(
    entries: list[Entry], verdicts: list[Any], statements: dict[int, _Pairs], apart: _Pairs
) -> tuple[_Pairs, list[int]]:
    """The pairs of the statements that join two records, and the other statements.

    A record is what the rules and statements already taken make one.
    """
    same: _Pairs = {}
    left = dict(statements)
    for name in [name for name, pairs in left.items() if len(pairs) == 1]:
        same |= left.pop(name)
    while left:
        groups, _, _ = cluster(entries, verdicts, same, apart)
        fits = [n for n, pairs in left.items() if len({groups[i] for p in pairs for i in p}) <= 2]
        if not fits:
            break
        for name in fits:
            same |= left.pop(name)
    return same, sorted(left)


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
        name: [("" if v is None or v != v else str(v)) for v in records[name].to_numpy(object)]
        for name in _FIELDS
        if name in records
    }
    rows = (
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    )
    entries = [prepare(name, row) for name, row in zip(called, rows, strict=False)]
    return _own(sorted(entries, key=lambda e: (e.title, e.year, e.page, e.doi, e.name)))


def _own(entries: list[Entry]) -> list[Entry]:
    """Entries whose DOI is their own; that of a supplement or a book, which plainly different
    reports carry, is set aside as `shared`."""
    holders: dict[str, list[int]] = defaultdict(list)
    for at, entry in enumerate(entries):
        if entry.doi:
            holders[entry.doi].append(at)
    for places in holders.values():
        if len(places) < 2:
            continue
        pairs = combinations(places, 2) if len(places) <= _FULL_BLOCK else pairwise(places)
        if any(two_reports(entries[a], entries[b]) for a, b in pairs):
            for at in places:
                entries[at] = replace(entries[at], doi="", shared=entries[at].doi)
    return entries


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
    # where a person has parted two, a further copy goes to the one that it equals most
    asked = {at for pair in apart for at in pair}

    def rank(link: tuple[int, int, Verdict]) -> tuple[float, ...]:
        a, b, verdict = link
        near = likeness.alike(entries[a], entries[b]) if asked & {a, b} else 0
        return (-verdict.score, -near, a, b) if not asked else (-near, -verdict.score, a, b)

    for a, b, verdict in sorted(links, key=rank):
        left, right = members[group[a]], members[group[b]]
        if group[a] == group[b]:
            continue
        if apart and any((min(i, j), max(i, j)) in apart for i in left for j in right):
            continue
        if verdict.rule not in _SURE and _contradict(entries, left, right):
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
    return _table(sorted(rows))


def _doubtful(
    entries: list[Entry], verdicts: list[tuple[int, int, Verdict]], group: list[int], apart: _Pairs
) -> pd.DataFrame:
    """One row for two groups of copies, the strongest; see `_ranked` for their order."""
    titles: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.shared:
            titles[entry.shared].add(entry.title)
    parted = {(min(group[a], group[b]), max(group[a], group[b])) for a, b in apart}
    rows: dict[tuple[int, int], tuple] = {}
    for a, b, verdict in verdicts:
        sides = min(group[a], group[b]), max(group[a], group[b])
        if verdict.same or sides[0] == sides[1] or sides in parted:
            continue
        if verdict.rule == SHARED and len(titles[entries[a].shared]) > 2:
            continue
        one, other = sorted((entries[a].name, entries[b].name))
        row = (one, other, verdict.rule, verdict.score, "")
        rows[sides] = min(rows.get(sides, row), row, key=lambda r: (-r[3], r))
    return _table(_ranked(rows))


def _ranked(rows: dict[tuple[int, int], tuple]) -> list[tuple]:
    """Pairs that hang together one below the other, the likeliest first."""
    neighbours = defaultdict(set)
    for a, b in rows:
        neighbours[a].add(b)
        neighbours[b].add(a)
    batch: dict[int, int] = {}
    for start in sorted(neighbours):
        left = [start]
        while left:
            at = left.pop()
            if at not in batch:
                batch[at] = start
                left += neighbours[at]
    batches = defaultdict(list)
    for (a, _), row in rows.items():
        batches[batch[a]].append(row)
    for pairs in batches.values():
        pairs.sort(key=lambda r: (-r[3], r))
    ordered = sorted(batches.values(), key=lambda pairs: (-pairs[0][3], pairs[0]))
    return [row for pairs in ordered for row in pairs]


def _table(rows: list[tuple]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=LINK_COLUMNS)
    return table.astype({c: "float" if c == "score" else "str" for c in LINK_COLUMNS})
