"""Votes from exports of other programs, beside those that decisions.csv holds: which are news."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from livingmeta.as_dicts import as_dicts
from livingmeta.screening import decisions, identity

_Key = tuple[str, str, str]  # record, stage, person
_Vote = tuple[str, str, str]  # day, decision, reason


def fresh(
    given: pd.DataFrame, held: pd.DataFrame, known: dict[str, set[str]]
) -> tuple[pd.DataFrame, list[str]]:
    """The votes of exports that decisions.csv does not have yet, from the first to the last, and in
    words what a person has to look at.

    `given`: rows of decisions.csv of all exports with `when` (a time or None), `where` (a place in
    words) and `file`; `held`: the rows that people have, in their order; `known`: record ids by
    name, as decisions.by_name gives them. Of several votes of one reviewer on one record all count
    in the order of their times; where they differ and no time tells which is the latest, none is
    taken. Votes without a time are of the day of the export. A vote is news where it differs from
    the last that is held up to its day, so one that was changed and changed back is.
    """
    before: dict[_Key, list[_Vote]] = defaultdict(list)
    for row in as_dicts(held.sort_values("decided_on", kind="stable")):
        for record in known.get(identity.canonical(row["record"]), ()):
            before[_key(row, record)].append(_vote(row))
    cast: dict[_Key, list[dict[Any, Any]]] = defaultdict(list)
    for row in as_dicts(given):
        cast[_key(row, row["record"])].append(row)
    news, told = [], []
    for key, votes in cast.items():
        ordered = _in_order(votes)
        if not ordered:
            told.append(_at_odds(votes))
            continue
        mine = before[key]
        for row in ordered:
            last = _last(mine, str(row["decided_on"]))
            known_already = row is not ordered[-1] and _vote(row) in mine
            if _same(last, _vote(row)) or known_already:
                continue
            later = row["when"] is not None and last is not None and last[0] < row["decided_on"]
            again = len(ordered) == 1 and any(_same(vote, _vote(row)) for vote in mine)
            if last and again and not later:
                told.append(
                    f"{row['file']}, {row['where']}: {row['reviewer']} said {row['decision']} "
                    f"before and {last[1]} since; taken as changed back. If this export is older "
                    "than that, leave the row out and take the export out of its folder"
                )
            mine.append(_vote(row))
            mine.sort(key=lambda vote: vote[0])
            news.append(row)
    news.sort(key=_time)
    table = pd.DataFrame(news, columns=given.columns)
    return table, told


def untaken(given: pd.DataFrame, held: pd.DataFrame, known: dict[str, set[str]]) -> pd.Series:
    """Of each vote of `given` whether no row of `held` says it: of that person, on that record at
    that stage, whatever the day and the reason, which people may have set right.

    Who has no row at all in `held` may be called otherwise there than in the exports: a vote of
    theirs is taken where somebody whom no export names has said the same.
    """
    own: set[tuple[str, str, str, str]] = set()
    for row in as_dicts(held):
        for record in known.get(identity.canonical(row["record"]), ()):
            own.add((*_key(row, record), row["decision"]))
    here = {who for _, _, who, _ in own}
    exported = set(given["reviewer"].map(decisions.person))
    # Each row there is the vote of one person here.
    taken: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    others = Counter(
        (record, stage, said) for record, stage, who, said in own if who not in exported
    )

    def is_news(row: dict[Any, Any]) -> bool:
        record, stage, who = _key(row, row["record"])
        if who in here:
            return (record, stage, who, row["decision"]) not in own
        vote = record, stage, row["decision"]
        if who not in taken[vote] and len(taken[vote]) < others[vote]:
            taken[vote].add(who)
        return who not in taken[vote]

    return pd.Series([is_news(row) for row in as_dicts(given)], given.index, dtype=bool)


def _key(row: dict[Any, Any], record: str) -> _Key:
    return record, row["stage"], decisions.person(row["reviewer"])


def _vote(row: dict[Any, Any]) -> _Vote:
    reason = row["reason"] if row["stage"] == decisions.STAGES[1] else ""
    return str(row["decided_on"]), row["decision"], str(reason)


def _same(one: _Vote | None, other: _Vote) -> bool:
    return one is not None and one[1:] == other[1:]


def _last(held: list[_Vote], day: str) -> _Vote | None:
    """The last vote up to a day; of one day the lower row."""
    return next((vote for vote in reversed(held) if vote[0] <= day), None)


def _in_order(votes: list[dict[Any, Any]]) -> list[dict[Any, Any]]:
    """Votes from the first to the last, each that differs from the one before; empty where nothing
    tells which of several is the last."""
    if len({_vote(row)[1:] for row in votes}) == 1:
        timed = [row for row in votes if row["when"] is not None]
        return [max(timed, key=_time) if timed else votes[0]]
    if any(row["when"] is None for row in votes):
        return []
    latest = max(map(_time, votes))
    if len({_vote(row)[1:] for row in votes if row["when"] == latest}) > 1:
        return []
    ordered: list[dict[Any, Any]] = []
    for row in sorted(votes, key=_time):
        if not ordered or _vote(row)[1:] != _vote(ordered[-1])[1:]:
            ordered.append(row)
    return ordered


def _time(row: dict[Any, Any]) -> datetime:
    """When a vote was given; without a time at the end of its day."""
    if row["when"] is not None:
        return row["when"]
    return datetime.combine(date.fromisoformat(row["decided_on"]), datetime.max.time(), UTC)


def _at_odds(votes: Iterable[dict[Any, Any]]) -> str:
    said = [f"{r['decision']} in {r['file']}, {r['where']}" for r in votes]
    who, record = next((r["reviewer"], r["record"]) for r in votes)
    return (
        f"{record}: {who} has votes that differ, and no time tells which is the last: "
        f"{'; '.join(dict.fromkeys(said))}. None of them is taken; take out what is older"
    )
