"""Screening decisions: whom they are about, what they come to, what is still open."""

import difflib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from livingmeta.screening import identity

STAGES = ("title-abstract", "full-text")
DECISIONS = ("include", "exclude", "unsure")
CONSENSUS = "consensus"
INCLUDED_COLUMNS = ["record_id", "title", "year", "decided_on", "reviewers", "study_id", "note"]
EXCLUDED_COLUMNS = ["record_id", "title", "stage", "reason", "decided_on", "reviewers", "note"]
AWAITING_COLUMNS = ["record_id", "title", "stage", "state", "votes", "note"]
CONFLICT_COLUMNS = ["record_id", "title", "stage", "votes", "reasons", "note"]
VOTE_COLUMNS = ["record_id", "stage", "reviewer", "decision", "reason", "decided_on", "row"]
PROBLEM_COLUMNS = ["row", "column", "value", "message"]


class DecisionError(ValueError):
    """Decisions that cannot be right: `problems` lists all (row, column, value, message)."""

    def __init__(self, problems: list[dict]):
        self.problems = problems
        super().__init__(
            "\n".join(
                f"decisions, row {p['row']}, column {p['column']}, {p['value']!r}: {p['message']}"
                for p in problems
            )
        )


@dataclass(frozen=True)
class Resolution:
    """What the decisions come to; each record is in exactly one of the first four tables.

    `included` passed both stages; `excluded` carries its stage and reason; `awaiting` its stage
    and `state`: `undecided` (no vote, or fewer than needed) or `unsure`; `conflicts` have votes
    that differ and no consensus. `votes` are the reviewers' own last votes, consensus apart;
    `warnings` (columns of problems) deserve a look but stop nothing.
    """

    included: pd.DataFrame
    excluded: pd.DataFrame
    awaiting: pd.DataFrame
    conflicts: pd.DataFrame
    votes: pd.DataFrame
    warnings: pd.DataFrame


@dataclass(frozen=True)
class _Vote:
    record: str
    stage: str
    reviewer: str
    decision: str
    reason: str
    decided_on: str
    note: str
    row: int


def resolve(
    records: pd.DataFrame,
    decisions: pd.DataFrame,
    *,
    reviewers: int,
    reasons: Iterable[str],
    studies: pd.DataFrame | None = None,
) -> Resolution:
    """Bring the decisions onto the records.

    `records`: as `records.assemble` gives them (`record_id`, `title`, `year`, `identifiers`).
    `decisions`: one row a vote, in the order of the file (`record, stage, reviewer, decision,
    reason, decided_on, note`); `record` is any identifier of any copy. A later row of a reviewer
    on the same record and stage takes the place of the earlier one. `reviewers`: how many votes a
    record needs at each stage; `consensus` settles it alone. `reasons`: the protocol's reasons
    for exclusion at full text. `studies`: studies.csv, whose `records` tell which study an
    included report belongs to.

    Raises DecisionError with every problem: an unknown record (the nearest known is named), an
    identifier of several records, an unknown stage, decision or reason, a date that is none, and
    two contradictory decisions of one reviewer on one day.
    """
    reasons = list(reasons)
    known = _known(records)
    problems: list[dict] = []
    warnings: list[dict] = []
    votes = []
    for position, given in enumerate(decisions.to_dict("records")):
        row = {k: "" if v is None or v != v else str(v).strip() for k, v in given.items()}
        number = given.get("row", position + 2)  # the header is row 1 of the file
        found = _check(row, number, known, reasons, problems, warnings)
        if found:
            votes.append(_vote(row, number, found))
    last = _latest(votes, problems)
    if problems:
        raise DecisionError(sorted(problems, key=lambda p: p["row"]))
    return _outcome(records, last, reviewers, _study_of(known, studies), warnings)


def _known(records: pd.DataFrame) -> dict[str, set[str]]:
    known: dict[str, set[str]] = defaultdict(set)
    names = records["identifiers"] if "identifiers" in records else records["record_id"]
    for record, identifiers in zip(records["record_id"], names, strict=True):
        known[identity.canonical(record)].add(record)
        for name in identifiers.split():
            known[name].add(record)
    for record in records["record_id"]:  # a record's own name is never ambiguous
        known[record] = {record}
    return known


def _check(row, number, known, reasons, problems, warnings) -> str:
    """Note what is wrong with one row; the record it is about, or empty."""

    def wrong(column, message, where=problems):
        where.append(
            {"row": number, "column": column, "value": row.get(column, ""), "message": message}
        )

    stage, decision, reason = row.get("stage"), row.get("decision"), row.get("reason", "")
    for column, value, allowed in (("stage", stage, STAGES), ("decision", decision, DECISIONS)):
        if value not in allowed:
            wrong(column, f"must be one of {', '.join(allowed)}{_nearest(value, allowed)}")
    if not row.get("reviewer"):
        wrong("reviewer", "who decided? Every decision needs a name")
    if row.get("decided_on") and not _is_date(row["decided_on"]):
        wrong("decided_on", "must be a date such as 2026-11-23")
    if stage == "full-text" and decision == "exclude" and reason not in reasons:
        choice = (
            f"one of the protocol's reasons: {', '.join(reasons)}"
            if reasons
            else ("a reason, and the protocol (screening: reasons) lists none yet")
        )
        wrong("reason", f"an exclusion at full text needs {choice}{_nearest(reason, reasons)}")
    name = identity.canonical(row.get("record", ""))
    matches = known.get(name, set()) or known.get(row.get("record", ""), set())
    if len(matches) > 1:
        some = ", ".join(sorted(matches)[:4])
        wrong("record", f"names {len(matches)} records; use the record_id of one: {some}")
    elif not matches:
        near = _nearest(name, known) if len(problems) < 20 else ""  # a search of all names
        wrong("record", f"no export holds this record{near or '; check the identifier'}")
    return next(iter(matches)) if len(matches) == 1 else ""


def _nearest(value: str | None, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(value or "", list(known), n=1, cutoff=0.75)
    return f"; did you mean {near[0]}?" if near else ""


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _vote(row: dict[str, str], number: int, record: str) -> _Vote:
    rest = ("stage", "reviewer", "decision", "reason", "decided_on", "note")
    return _Vote(record, *(row.get(column, "") for column in rest), number)


def _latest(votes: list[_Vote], problems: list[dict]) -> dict[tuple[str, str], dict[str, _Vote]]:
    """The last vote of each reviewer on each record and stage."""
    last: dict[tuple[str, str], dict[str, _Vote]] = defaultdict(dict)
    for vote in votes:
        mine = last[vote.record, vote.stage]
        before = mine.get(vote.reviewer)
        if before and before.decided_on > vote.decided_on:
            continue  # rows are appended, but files get sorted: the later date counts
        if before and before.decided_on == vote.decided_on and before.decision != vote.decision:
            problems.append(
                {
                    "row": vote.row,
                    "column": "decision",
                    "value": vote.decision,
                    "message": f"contradicts row {before.row}: {vote.reviewer} decided "
                    f"{before.decision} on {vote.record} at {vote.stage} on the same day "
                    f"({vote.decided_on or 'no date'}); remove one, or date the later one later",
                }
            )
        mine[vote.reviewer] = vote
    return last


def _study_of(known: dict[str, set[str]], studies: pd.DataFrame | None) -> dict[str, str]:
    """The study of each record that a study names among its reports."""
    study_of: dict[str, str] = {}
    if studies is None or "records" not in studies:
        return study_of
    for study, names in zip(studies["study_id"], studies["records"], strict=True):
        for name in str(names or "").split():
            for record in known.get(identity.canonical(name), ()):
                study_of.setdefault(record, str(study))
    return study_of


def _outcome(records, last, reviewers, study_of, warnings) -> Resolution:
    included, excluded, awaiting, conflicts = [], [], [], []
    columns = (records["record_id"], records["title"], records.get("year", [""] * len(records)))
    for record, title, year in zip(*columns, strict=True):
        named = {"record_id": record, "title": title, "year": year}
        screened = last.get((record, STAGES[0]), {})
        read = last.get((record, STAGES[1]), {})
        stage, votes = STAGES[0], screened
        state = _state(votes, reviewers)
        if read and state != "include":
            row = min(vote.row for vote in read.values())
            verb = "excluded" if state == "exclude" else "not yet decided"
            message = f"decided at full text, though {verb} at title-abstract"
            warnings.append({"row": row, "column": "stage", "value": STAGES[1], "message": message})
        if state == "include":
            stage, votes = STAGES[1], read
            state = _state(votes, reviewers)
        row = {**named, "stage": stage, **_summary(votes)}
        if state == "include":
            included.append({**row, "study_id": study_of.get(record, "")})
        elif state == "exclude":
            excluded.append(row)
        elif state == "conflict":
            conflicts.append(row)
        else:
            awaiting.append({**row, "state": state})
    cast = [v for (_, _), votes in sorted(last.items()) for _, v in sorted(votes.items())]
    own = [
        dict(
            zip(
                VOTE_COLUMNS,
                (v.record, v.stage, v.reviewer, v.decision, v.reason, v.decided_on, v.row),
                strict=True,
            )
        )
        for v in cast
        if v.reviewer != CONSENSUS
    ]
    return Resolution(
        included=_table(included, INCLUDED_COLUMNS),
        excluded=_table(excluded, EXCLUDED_COLUMNS),
        awaiting=_table(awaiting, AWAITING_COLUMNS),
        conflicts=_table(conflicts, CONFLICT_COLUMNS),
        votes=_table(own, VOTE_COLUMNS),
        warnings=_table(sorted(warnings, key=lambda w: w["row"]), PROBLEM_COLUMNS),
    )


def _state(votes: dict[str, _Vote], reviewers: int) -> str:
    """`include`, `exclude`, `conflict`, `unsure` or `undecided`, as far as the votes go."""
    if CONSENSUS in votes:
        return votes[CONSENSUS].decision
    cast = {vote.decision for vote in votes.values()}
    if len(votes) < reviewers:
        return "undecided"
    if len(cast) > 1:
        return "conflict"
    state = cast.pop()
    # The flow diagram has one reason for each exclusion at full text: two are to be settled.
    reasons = {vote.reason for vote in votes.values() if vote.stage == STAGES[1]}
    return "conflict" if state == "exclude" and len(reasons) > 1 else state


def _summary(votes: dict[str, _Vote]) -> dict[str, str]:
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


def _table(rows: list[dict], columns: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({c: "int64" if c == "row" else "str" for c in columns})
