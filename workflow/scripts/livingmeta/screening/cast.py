"""Votes as they were cast: which of them count, and what those on one record come to."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath
from typing import Any

from livingmeta.screening import dropped, identity
from livingmeta.words import english
from livingmeta.words.people import CONSENSUS, doubtful
from livingmeta.words.people import asked as asked_of

STAGES = ("title-abstract", "full-text")
OWN = ("stage", "reviewer", "decision", "reason", "decided_on", "note", "labels")


@dataclass(frozen=True)
class Vote:
    """One row of decisions.csv that is about a record."""

    record: str
    name: str  # what the row calls the record
    stage: str
    reviewer: str
    decision: str
    reason: str
    decided_on: str
    note: str
    labels: str
    row: int
    file: str
    place: int  # among all rows of all files


# By record and stage, by reviewer: votes from the first to the last.
Cast = dict[tuple[str, str], dict[str, list[Vote]]]


def vote(row: Mapping[str, str], number: int, record: str, place: int) -> Vote:
    """The vote of a row of decisions.csv, in row `number` of its file, on `record`."""
    stage, who, decision, reason, day, note, said = (row.get(column, "") for column in OWN)
    name = identity.canonical(row["record"])
    file = row.get("file", "")
    return Vote(record, name, stage, who, decision, reason, day, note, said, number, file, place)


def in_turn(
    votes: list[Vote], problems: list[dict], warnings: list[dict], since: Mapping[str, str]
) -> Cast:
    """The votes of each reviewer on each record and stage, from the first to the last. `since`: the
    day of the first search that held each record.

    Rows are appended, but files get sorted: the date goes first, then the file and the row. Which
    of two files is the later nobody can tell, save of downloads of one name (see `apart`).
    """
    cast: Cast = defaultdict(lambda: defaultdict(list))
    renamed: list[tuple[Vote, dict]] = []
    for vote in sorted(votes, key=lambda v: (v.decided_on, v.place)):
        mine = cast[vote.record, vote.stage][vote.reviewer]
        before = mine[-1] if mine else vote
        mine.append(vote)
        same_day, same_name = before.decided_on == vote.decided_on, before.name == vote.name
        if before.decision == vote.decision or (same_name and not same_day):  # a changed mind
            continue
        earlier = f"row {before.row}" + f" of {before.file}" * (before.file != vote.file)
        at = {"row": vote.row, "column": "record", "value": vote.name, "file": vote.file}
        if same_day and not same_name:
            told = (
                f"contradicts {earlier}: {vote.reviewer} decided {before.decision} on "
                f"{vote.record} at {vote.stage} on the same day ({vote.decided_on or 'no date'}), "
                f"and called it {before.name}; remove one, or date the later one later"
            )
            problems.append(at | {"column": "decision", "value": vote.decision, "message": told})
            continue
        # What was voted is not told: the other may still be blind.
        told = f"{vote.reviewer} decided otherwise in {earlier} of "
        if same_day and _after(vote, before):
            told += "the same day; the later row counts"
        elif same_day:
            told += "the same day; of two files nobody can tell the later, so neither counts alone"
        else:
            told += f"{before.decided_on or 'no date'} and called it {before.name}; the later day "
            told += "counts. If these were two records then, look at it again"
        warnings.append({**at, "message": told})
        if not same_day:
            renamed.append((vote, warnings[-1]))
    for vote, warning in renamed:
        warning["waits"] = "" if _looked_at_since(vote, cast) else vote.record
    appended = _appended(votes)
    for (record, _), by in cast.items():
        for mine in by.values():
            for slip, warning in _below_the_last(mine):
                # No vote is cast before the record is found, nor, in a table in which rows are
                # appended day by day, below one of a later day.
                wrong = slip.decided_on < since.get(record, "") or (
                    (slip.file, slip.reviewer) in appended
                )
                settled = CONSENSUS in by and slip.reviewer != CONSENSUS
                warning["waits"] = record if wrong and not settled else ""
                warnings.append(warning)
    return cast


# ASSUME: of fewer rows nobody can tell whether they are sorted by their days or by chance.
_ENOUGH = 5


def _appended(votes: Iterable[Vote]) -> set[tuple[str, str]]:
    """The files, each with a reviewer, whose rows stand in the order of their days but for one."""
    of: dict[tuple[str, str], list[Vote]] = defaultdict(list)
    for vote in sorted(votes, key=lambda v: v.place):
        of[vote.file, vote.reviewer].append(vote)
    return {
        place
        for place, mine in of.items()
        if len(mine) >= _ENOUGH
        and sum(one.decided_on > two.decided_on for one, two in pairwise(mine)) <= 1
    }


def _looked_at_since(vote: Vote, cast: Cast) -> bool:
    """Whether its reviewer, or a consensus, has decided again since this vote."""
    by = cast[vote.record, vote.stage]
    if by[vote.reviewer][-1] is not vote:
        return True
    return CONSENSUS in by and vote.reviewer != CONSENSUS and not later(vote, by[CONSENSUS][-1])


def _below_the_last(mine: list[Vote]) -> list[tuple[Vote, dict[str, Any]]]:
    """A vote of an earlier day, and a warning, where it stands in the lowest row of the file of the
    vote that counts: rows are mostly appended, so one of the two days may be a slip."""
    last = mine[-1]
    lowest = max((v for v in mine if v.file == last.file), key=lambda v: v.place)
    if lowest.decided_on == last.decided_on or _says(lowest) == _says(last):
        return []
    told = (
        f"{last.reviewer} decided otherwise in row {last.row}, which counts by its later day "
        f"({last.decided_on}), though it stands above this row of "
        f"{lowest.decided_on or 'no date'}; is one of the days wrong?"
    )
    at = {"row": lowest.row, "column": "decided_on", "value": lowest.decided_on}
    return [(lowest, {**at, "file": lowest.file, "message": told})]


def _says(vote: Vote) -> tuple[str, str]:
    """What a vote comes to: at full text an exclusion with its reason."""
    of_reason = vote.decision == "exclude" and vote.stage == STAGES[1]
    return vote.decision, vote.reason if of_reason else ""


def apart(mine: list[Vote]) -> list[Vote]:
    """The votes of one reviewer on one record and stage that say different things and of which none
    is known to be the later: a copy of the table, or what a page once downloaded, may hold a vote
    that was corrected in the table since. [] where the last word is known."""
    if len({_says(vote) for vote in mine}) == 1:
        return []
    standing = [vote for vote in mine if not any(_after(other, vote) for other in mine)]
    return standing if len({_says(vote) for vote in standing}) > 1 else []


def _after(vote: Vote, other: Vote) -> bool:
    """Whether a vote of the same reviewer is known to be the later: by its day; on one day by its
    row, in one file or in downloads of one name."""
    if vote.decided_on != other.decided_on:
        return vote.decided_on > other.decided_on
    return dropped.one_series(vote.file, other.file) and vote.place > other.place


def at_odds(by: Mapping[str, list[Vote]]) -> str:
    """The votes of a conflict in words; of a reviewer with two last words where each stands."""
    said = []
    for who in sorted(by):
        words = [
            f"{vote.decision} ({PurePath(vote.file).name}, row {vote.row})"
            for vote in apart(by[who])
        ]
        told = f"{' and '.join(words)}, of one day" if words else by[who][-1].decision
        said.append(f"{who}: {told}")
    return "; ".join(said)


def names_in_doubt(cast: Cast, known: Collection[str]) -> list[dict]:
    """What is said of reviewers who by their names may be one person and would fill two votes of
    a record, and of names of several people, each once, on the first vote by that name. What
    people agreed on counts by itself. `known`: who is said to be a person, as people.key has it."""
    at: dict[tuple[str, ...], list[Vote]] = defaultdict(list)
    asked: dict[frozenset[str], list[tuple[str, ...]]] = {}
    for by in cast.values():
        names = frozenset(by)
        if CONSENSUS in names:
            continue
        if names not in asked:
            asked[names] = doubtful(names, known)
        for some in asked[names]:
            at[some].append(min((by[name][0] for name in some), key=lambda vote: vote.place))
    told = []
    for some, votes in at.items():
        first = min(votes, key=lambda vote: vote.place)
        many = len({vote.record for vote in votes})
        what = asked_of(some, "reviewer", f"{many} {english.plural(many, 'record')}")
        row = {"row": first.row, "column": "reviewer", "value": first.reviewer, "file": first.file}
        told.append({**row, "message": what, "waits": first.record})
    return told


def last(by: Mapping[str, list[Vote]]) -> dict[str, Vote]:
    """The vote of each reviewer that counts."""
    return {who: votes[-1] for who, votes in by.items()}


def state(by: Mapping[str, list[Vote]], reviewers: int) -> str:
    """`include`, `exclude`, `conflict`, `unsure` or `undecided`, as far as the votes go.

    `by`: the votes of each reviewer on one record at one stage, from the first to the last;
    `reviewers`: how many it needs.
    """
    if CONSENSUS in by:
        settled = not apart(by[CONSENSUS]) and not _overtaken(by, reviewers)
        return by[CONSENSUS][-1].decision if settled else "conflict"
    votes = last(by)
    cast = {vote.decision for vote in votes.values()}
    if len(votes) < reviewers:
        return "undecided"
    if len(cast) > 1 or any(map(apart, by.values())):
        return "conflict"
    decision = cast.pop()
    # The flow diagram has one reason for each exclusion at full text: two are to be settled.
    reasons = {vote.reason for vote in votes.values() if vote.stage == STAGES[1]}
    return "conflict" if decision == "exclude" and len(reasons) > 1 else decision


def _overtaken(by: Mapping[str, list[Vote]], reviewers: int) -> bool:
    """Whether the reviewers all say one other thing than their consensus, and one of them has come
    to it only since: there is nothing left of what was settled."""
    settled = by[CONSENSUS][-1]
    others = {who: votes for who, votes in by.items() if who != CONSENSUS}
    if not others or state(others, reviewers) in ("undecided", "conflict"):
        return False
    if any(_says(votes[-1]) == _says(settled) for votes in others.values()):
        return False
    for votes in others.values():
        before = [vote for vote in votes if not later(vote, settled)]
        if len(before) < len(votes) and (not before or _says(before[-1]) != _says(votes[-1])):
            return True
    return False


def later(vote: Vote, settled: Vote) -> bool:
    """Whether a vote was cast after a consensus. On one day, or without one, the lower row of one
    file; between two files that cannot be told."""
    days = vote.decided_on, settled.decided_on
    if all(days) and days[0] != days[1]:
        return days[0] > days[1]
    return vote.file == settled.file and vote.place > settled.place


def summary(votes: Mapping[str, Vote]) -> dict[str, str]:
    """The votes in words; with a consensus, its date, reason and note count."""
    final = [votes[CONSENSUS]] if CONSENSUS in votes else [votes[k] for k in sorted(votes)]
    ordered = [votes[k] for k in sorted(votes)]
    said = [f"{v.reviewer}: {v.reason}" for v in ordered if v.reason]
    return {
        "decided_on": max((v.decided_on for v in final), default=""),
        "reviewers": "; ".join(v.reviewer for v in ordered),
        "votes": "; ".join(f"{v.reviewer}: {v.decision}" for v in ordered),
        "reasons": "; ".join(said),
        "reason": "; ".join(dict.fromkeys(v.reason for v in final if v.reason)),
        "note": "; ".join(dict.fromkeys(v.note for v in ordered if v.note)),
    }


def labels(cells: Iterable[str]) -> str:
    """The labels of all these cells, words of people's own beside include and exclude, separated by
    semicolons, each once whatever its case."""
    found: dict[str, str] = {}
    for cell in cells:
        for label in cell.split(";"):
            if label := " ".join(label.split()):
                found.setdefault(label.casefold(), label)
    return "; ".join(found[name] for name in sorted(found))
