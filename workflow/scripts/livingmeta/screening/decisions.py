"""Screening decisions: whom they are about, what they come to, what is still open."""

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.errors import InputError
from livingmeta.screening import identity

STAGES = ("title-abstract", "full-text")
DECISIONS = ("include", "exclude", "unsure")
CONSENSUS = "consensus"
# Strokes that stand for a hyphen; NFKC leaves them apart.
_STROKES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
INCLUDED_COLUMNS = tables.columns("screening/included")
EXCLUDED_COLUMNS = tables.columns("screening/excluded")
AWAITING_COLUMNS = tables.columns("screening/awaiting")
STANDING_COLUMNS = tables.columns("screening/standing")
CONFLICT_COLUMNS = tables.columns("screening/conflicts")
VOTE_COLUMNS = ["record_id", "stage", "reviewer", "decision", "reason", "decided_on", "note", "row"]
UNMATCHED_COLUMNS = tables.columns("screening/unmatched")
PROBLEM_COLUMNS = ["row", "column", "value", "message", "file"]


def person(name: str) -> str:
    """A reviewer's name as it is compared."""
    # ASSUME: "Kim", "kim " and a name whose accent or hyphen another keyboard writes otherwise are
    # one person; two would let one reviewer vote twice.
    letters = unicodedata.normalize("NFKC", " ".join(name.split())).translate(_STROKES)
    return letters.casefold()


class DecisionError(InputError):
    """Decisions that cannot be right: `breaches` lists all (row, column, value, message)."""

    def __init__(self, breaches: list[dict]) -> None:
        self.breaches = breaches
        super().__init__(
            f"decisions, row {p['row']}, column {p['column']}, {p['value']!r}: {p['message']}"
            for p in breaches
        )


@dataclass(frozen=True)
class Resolution:
    """What the decisions come to; each record is in exactly one of the first four tables.

    `included` passed both stages; `excluded` carries its stage and reason; `awaiting` its stage
    and `state`: `undecided` (no vote, or fewer than needed) or `unsure`; `conflicts` have votes
    that differ and no consensus. `votes` are the reviewers' own last votes and `original` their
    first, which nobody had discussed, consensus apart in both. `unmatched` are decisions on what no
    export holds, or on a name of several records: kept and counted nowhere. `warnings` (columns of
    problems) deserve a look but stop nothing.
    """

    included: pd.DataFrame
    excluded: pd.DataFrame
    awaiting: pd.DataFrame
    conflicts: pd.DataFrame
    votes: pd.DataFrame
    original: pd.DataFrame
    unmatched: pd.DataFrame
    warnings: pd.DataFrame


@dataclass(frozen=True)
class _Vote:
    record: str
    name: str  # what the row calls the record
    stage: str
    reviewer: str
    decision: str
    reason: str
    decided_on: str
    note: str
    row: int
    file: str
    place: int  # among all rows of all files


# By record and stage, by reviewer: votes from the first to the last.
_Cast = dict[tuple[str, str], dict[str, list[_Vote]]]


def resolve(
    records: pd.DataFrame,
    decisions: pd.DataFrame,
    *,
    reviewers: int,
    reasons: Iterable[str],
    studies: pd.DataFrame | None = None,
    since: Mapping[str, str] | None = None,
) -> Resolution:
    """Bring the decisions onto the records.

    `records`: as `records.assemble` gives them (`record_id`, `title`, `year`, `identifiers`).
    `decisions`: one row a vote, in the order of the file (`record, stage, reviewer, decision,
    reason, decided_on, note`); `record` is any identifier of any copy. Of several votes of one
    reviewer on one record and stage the latest counts, and on one day the lower row. `reviewers`:
    how many votes a record needs at each stage; `consensus` settles it alone. `reasons`: the
    protocol's reasons for exclusion at full text. `studies`: studies.csv, whose `records` tell
    which study an included report belongs to. `since`: the day of each record's first search, as
    `first_searched` gives it.

    Of several records whose identifier a decision names it is on the one that was there on its day.
    A decision on what no export holds, or on several records that were, is kept in `unmatched`;
    `perhaps` names an identifier that differs by one slip of the hand, of a record that this
    reviewer has not decided on there.

    Raises DecisionError with every problem: an unknown stage, decision or reason, a date that is
    none, and decisions of one reviewer and day that differ and call the record by two names: two
    records then turned out to be one.
    """
    reasons = list(reasons)
    known = by_name(records)
    problems: list[dict] = []
    warnings: list[dict] = []
    votes, astray, called = [], [], {CONSENSUS: CONSENSUS}
    for position, given in enumerate(decisions.to_dict("records")):
        row = {str(k): "" if v is None or v != v else str(v).strip() for k, v in given.items()}
        who = " ".join(row.get("reviewer", "").split())
        row["reviewer"] = called.setdefault(person(who), who)
        number = given.get("row", position + 2)  # the header is row 1 of the file
        found = _check(row, number, known, reasons, problems)
        if len(found) > 1 and row.get("decided_on"):
            then = {r for r in found if (since or {}).get(r, "") <= row["decided_on"]}
            found = then if len(then) == 1 else found
        if len(found) == 1:
            votes.append(_vote(row, number, next(iter(found)), position))
        else:
            astray.append({**row, "row": number, "several": " ".join(sorted(found))})
    cast = _cast(votes, problems, warnings)
    if problems:
        raise DecisionError(sorted(problems, key=lambda p: (p["file"], p["row"])))
    unmatched = _unmatched(astray, known, cast)
    return _outcome(records, cast, reviewers, _study_of(known, studies), unmatched, warnings)


def by_name(records: pd.DataFrame) -> dict[str, set[str]]:
    """The records that each name may mean: their own ids and the identifiers of their copies."""
    known: dict[str, set[str]] = defaultdict(set)
    names = records["identifiers"] if "identifiers" in records else records["record_id"]
    for record, identifiers in zip(records["record_id"], names, strict=True):
        known[identity.canonical(record)].add(record)
        for name in identifiers.split():
            known[name].add(record)
    for record in records["record_id"]:  # a record's own name is never ambiguous
        known[record] = {record}
    return known


def first_searched(searches: pd.DataFrame, copies: pd.DataFrame) -> dict[str, str]:
    """The day of the search that first held each record; empty text where one has no day.

    `searches`: with `file` and `searched_on`; `copies`: with `record_id` and `file`.
    """
    days = searches["searched_on"].fillna("").astype(str)
    day_of = dict(zip(searches["file"], days, strict=True))
    found: dict[str, str] = {}
    for record, file in zip(copies["record_id"], copies["file"], strict=True):
        day = day_of.get(file, "")
        found[record] = min(found.get(record, day), day)
    return found


def _check(
    row: dict[str, str], number: int, known: Any, reasons: list[str], problems: list[Any]
) -> set[str]:
    """Note what is wrong with one row; the records that it may be about."""

    def wrong(column, message):
        at = {"row": number, "file": row.get("file", "")}
        problems.append({**at, "column": column, "value": row.get(column, ""), "message": message})

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
    return known.get(name, set()) or known.get(row.get("record", ""), set())


def _nearest(value: str | None, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(value or "", list(known), n=1, cutoff=0.75)
    return f"; did you mean {near[0]}?" if near else ""


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _vote(row: dict[str, str], number: int, record: str, place: int) -> _Vote:
    columns = ("stage", "reviewer", "decision", "reason", "decided_on", "note")
    stage, who, decision, reason, day, note = (row.get(column, "") for column in columns)
    name = identity.canonical(row["record"])
    file = row.get("file", "")
    return _Vote(record, name, stage, who, decision, reason, day, note, number, file, place)


def _cast(votes: list[_Vote], problems: list[dict], warnings: list[dict]) -> _Cast:
    """The votes of each reviewer on each record and stage, from the first to the last.

    Rows are appended, but files get sorted: the date goes first, then the file and the row.
    """
    cast: _Cast = defaultdict(lambda: defaultdict(list))
    for vote in sorted(votes, key=lambda v: (v.decided_on, v.place)):
        mine = cast[vote.record, vote.stage][vote.reviewer]
        before = mine[-1] if mine else None
        mine.append(vote)
        if not before or before.decided_on != vote.decided_on or before.decision == vote.decision:
            continue
        elsewhere = f" of {before.file}" if before.file != vote.file else ""
        earlier = f"row {before.row}{elsewhere}"
        if before.name == vote.name:  # what was voted is not told: the other may still be blind
            told = f"{vote.reviewer} decided otherwise in {earlier} of the same day; the "
            at = {"row": vote.row, "column": "record", "value": vote.name, "file": vote.file}
            warnings.append({**at, "message": told + "later row counts"})
            continue
        told = (
            f"contradicts {earlier}: {vote.reviewer} decided {before.decision} on "
            f"{vote.record} at {vote.stage} on the same day ({vote.decided_on or 'no date'}), and "
            f"called it {before.name}; remove one, or date the later one later"
        )
        at = {"row": vote.row, "column": "decision", "value": vote.decision, "file": vote.file}
        problems.append({**at, "message": told})
    return cast


def _unmatched(astray: list[dict], known: dict[str, set[str]], cast: _Cast) -> pd.DataFrame:
    """Decisions on what no export holds, with what may have been meant."""
    names = {row["record"]: identity.canonical(row["record"]) for row in astray}
    near = identity.slips(names.values(), known)

    def meant(row):
        # A slip leaves the record that was meant undecided; a neighbouring DOI is not meant.
        return [
            name
            for name in ([] if row["several"] else near.get(names[row["record"]], []))
            if all(row["reviewer"] not in cast.get((r, row["stage"]), ()) for r in known[name])
        ]

    rows = [{**row, "perhaps": " ".join(meant(row)[:1])} for row in astray]
    return _table(rows, UNMATCHED_COLUMNS)


def _study_of(known: dict[str, set[str]], studies: pd.DataFrame | None) -> dict[str, str]:
    """The study of each record that a study names among its reports."""
    study_of: dict[str, str] = {}
    if studies is None or "records" not in studies:
        return study_of
    for study, names in zip(studies["study_id"], studies["records"], strict=True):
        for name in identity.several(str(names or ""), known):
            for record in known.get(name, ()):
                study_of.setdefault(record, str(study))
    return study_of


def _outcome(
    records: pd.DataFrame,
    cast: _Cast,
    reviewers: int,
    study_of: dict[str, str],
    unmatched: pd.DataFrame,
    warnings: list[Any],
) -> Resolution:
    last = {at: {who: votes[-1] for who, votes in by.items()} for at, by in cast.items()}
    included, excluded, awaiting, conflicts = [], [], [], []
    columns = (records["record_id"], records["title"], records.get("year", [""] * len(records)))
    for record, title, year in zip(*columns, strict=True):
        named = {"record_id": record, "title": title, "year": year}
        screened = last.get((record, STAGES[0]), {})
        read = last.get((record, STAGES[1]), {})
        stage, votes = STAGES[0], screened
        state = _state(votes, reviewers)
        if read and state != "include":
            first = min(read.values(), key=lambda vote: vote.place)
            verb = "excluded" if state == "exclude" else "not yet decided"
            message = f"decided at full text, though {verb} at title-abstract"
            found = {"row": first.row, "column": "stage", "value": STAGES[1], "file": first.file}
            warnings.append({**found, "message": message})
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
        elif state == "unsure":
            awaiting.append({**row, "state": state})
        else:  # who has voted, but not what: the others are still blind
            awaiting.append({**row, "state": state, "votes": row["reviewers"], "note": ""})
    own = [
        votes for at in sorted(cast) for who, votes in sorted(cast[at].items()) if who != CONSENSUS
    ]
    return Resolution(
        included=_table(included, INCLUDED_COLUMNS),
        excluded=_table(excluded, EXCLUDED_COLUMNS),
        awaiting=_table(awaiting, AWAITING_COLUMNS),
        conflicts=_table(conflicts, CONFLICT_COLUMNS),
        votes=_votes(votes[-1] for votes in own),
        original=_votes(votes[0] for votes in own),
        unmatched=unmatched,
        warnings=_table(sorted(warnings, key=lambda w: (w["file"], w["row"])), PROBLEM_COLUMNS),
    )


def _votes(cast: Iterable[_Vote]) -> pd.DataFrame:
    """`row` is counted through all files, in their order."""
    rows = [{**vars(vote), "record_id": vote.record, "row": vote.place + 2} for vote in cast]
    return _table(rows, VOTE_COLUMNS)


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


def standing(records: pd.DataFrame, resolved: Resolution) -> pd.DataFrame:
    """Where every record stands, in the order of `records`: what later stages ask of screening, so
    that a vote which moves no record is nothing to them."""
    found = {}
    for row in resolved.included.to_dict("records"):
        found[row["record_id"]] = ("included", STAGES[-1], "", row["study_id"])
    for row in resolved.excluded.to_dict("records"):
        found[row["record_id"]] = ("excluded", row["stage"], row["reason"], "")
    for row in resolved.awaiting.to_dict("records"):
        found[row["record_id"]] = (row["state"], row["stage"], "", "")
    for row in resolved.conflicts.to_dict("records"):
        found[row["record_id"]] = ("conflict", row["stage"], "", "")
    rows = [(record, *found[record]) for record in records["record_id"]]
    return pd.DataFrame(rows, columns=STANDING_COLUMNS)


def _table(rows: list[dict], columns: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({c: "int64" if c == "row" else "str" for c in columns})
