"""Screening decisions: whom they are about, what they come to, what is still open."""

import difflib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from livingmeta import cell_rules, tables
from livingmeta.as_dicts import as_dicts
from livingmeta.errors import InputError
from livingmeta.screening import cast as casting
from livingmeta.screening import identity
from livingmeta.screening.cast import OWN, STAGES, Cast, Vote
from livingmeta.words import english, fulltexts, people
from livingmeta.words.people import CONSENSUS

DECISIONS = ("include", "exclude", "unsure")
NOT_RETRIEVED = fulltexts.NOT_RETRIEVED
INCLUDED_COLUMNS = tables.columns("screening/included")
EXCLUDED_COLUMNS = tables.columns("screening/excluded")
AWAITING_COLUMNS = tables.columns("screening/awaiting")
CONFLICT_COLUMNS = tables.columns("screening/conflicts")
VOTE_COLUMNS = ["record_id", *OWN, "row"]
NOT_RETRIEVED_COLUMNS = ["record_id", "title", "stage", "reason", "reviewers", "note"]
UNMATCHED_COLUMNS = tables.columns("screening/unmatched")
PROBLEM_COLUMNS = ["row", "column", "value", "message", "file"]
WARNING_COLUMNS = [*PROBLEM_COLUMNS, "waits"]


# A reviewer's name as it is compared: who is spelt in two ways would else fill both votes.
person = people.key

# The tables of a Resolution in one of which each record stands.
PLACES = ("included", "excluded", "awaiting", "conflicts", "not_retrieved")


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
    """What the decisions come to; each record is in exactly one of the first five tables.

    `included` passed both stages; `excluded` carries its stage and reason; `awaiting` its stage
    and `state`: `undecided` (no vote, or fewer than needed) or `unsure`; `conflicts` have votes
    that differ and no consensus, or a consensus that they have `overtaken` (there stand those);
    `not_retrieved` (its columns: NOT_RETRIEVED_COLUMNS) are reports that nobody could get.
    `votes` are the reviewers' own last votes and `original` their first, which nobody had
    discussed, consensus apart in both. `unmatched` are decisions on what no export holds, or on
    a name of several records: kept and counted nowhere. `warnings` (columns of problems)
    deserve a look but stop nothing; `waits` is the record where a person has to settle what no
    other table tells.
    """

    included: pd.DataFrame
    excluded: pd.DataFrame
    awaiting: pd.DataFrame
    conflicts: pd.DataFrame
    votes: pd.DataFrame
    original: pd.DataFrame
    unmatched: pd.DataFrame
    warnings: pd.DataFrame
    not_retrieved: pd.DataFrame = field(default_factory=lambda: _table([], NOT_RETRIEVED_COLUMNS))
    overtaken: pd.DataFrame = field(default_factory=lambda: _votes([]))


def resolve(
    records: pd.DataFrame,
    decisions: pd.DataFrame,
    *,
    reviewers: int,
    reasons: Mapping[str, str] | Iterable[str],
    studies: pd.DataFrame | None = None,
    unobtained: Mapping[str, Mapping[Any, Any]] | None = None,
    pilot: tuple[int, Callable[[pd.DataFrame], Collection[str]]] | None = None,
    since: Mapping[str, str] | None = None,
    persons: Collection[str] = (),
) -> Resolution:
    """Bring the decisions onto the records.

    `records`: as `records.assemble` gives them (`record_id`, `title`, `year`, `identifiers`).
    `decisions`: one row a vote, in the order of the file (`record, stage, reviewer, decision,
    reason, decided_on, note`); `record` is any identifier of any copy. Of several votes of one
    reviewer on one record and stage the latest counts, and on one day the lower row (between two
    files neither: that is a conflict). `reviewers`:
    how many votes a record needs at each stage; `consensus` settles it alone, until the reviewers
    have all come to one other thing since, which is a conflict. `reasons`: the
    protocol's for exclusion at full text, by key; a row may have the text. `studies`: studies.csv,
    whose `records` tell which studies an included report is of. `unobtained`: by record_id the row
    of fulltexts.csv that says that nobody could get the report; it is then not retrieved, unless
    somebody has decided on it at full text, which is told among the warnings. `pilot`: how many
    votes a record of the pilot needs on title and abstract, and what picks those records, given all
    first votes. `since`: the day of the first search that held each record (assignment.found_on).
    `persons`: reviewers of whom reviewers.csv says that they are people, about whose names nothing
    is asked.

    Of several records whose identifier a decision names it is on the one that was there on its day.
    A decision on what no export holds, or on several records that were, is kept in `unmatched`;
    `perhaps` names an identifier that differs by one slip of the hand, of a record that this
    reviewer has not decided on there.

    Raises DecisionError with every problem: an unknown stage, decision or reason, a date that is
    none, a cell that names several people, and decisions of one reviewer and day
    that differ and call the record by two names: two records then turned out to be one.
    """
    reasons = reasons if isinstance(reasons, Mapping) else dict.fromkeys(reasons, "")
    known = by_name(records)
    problems: list[dict] = []
    warnings: list[dict] = []
    votes, astray, called = [], [], {CONSENSUS: CONSENSUS}
    team = set(map(person, decisions["reviewer"].astype(str)))
    for position, given in enumerate(as_dicts(decisions)):
        row = {str(k): "" if v is None or v != v else str(v).strip() for k, v in given.items()}
        who = " ".join(row.get("reviewer", "").split())
        row["reviewer"] = called.setdefault(person(who), who)
        number = given.get("row", position + 2)  # the header is row 1 of the file
        found = _check(row, number, known, reasons, problems)
        _check_person({**row, "reviewer": who}, number, team, problems)
        if len(found) > 1 and row.get("decided_on"):
            then = {r for r in found if (since or {}).get(r, "") <= row["decided_on"]}
            found = then if len(then) == 1 else found
        if len(found) == 1:
            votes.append(casting.vote(row, number, next(iter(found)), position))
        else:
            astray.append({**row, "row": number, "several": " ".join(sorted(found))})
    cast = casting.in_turn(votes, problems, warnings, since or {})
    if problems:
        raise DecisionError(sorted(problems, key=lambda p: (p["file"], p["row"])))
    warnings += casting.names_in_doubt(cast, set(map(person, persons)))
    unmatched = _unmatched(astray, known, cast)
    named = _studies_of(known, studies)
    need: dict[str, int] = {}
    if pilot:
        first = [by[0] for at in sorted(cast) for who, by in cast[at].items() if who != CONSENSUS]
        need = dict.fromkeys(pilot[1](_votes(first)), pilot[0])
    outcome = _outcome(records, cast, reviewers, need, named, unobtained or {}, unmatched, warnings)
    return replace(outcome, warnings=_warned(warnings, outcome.excluded, cast, reasons))


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


def _check(
    row: dict[str, str], number: int, known: Any, reasons: Mapping[str, str], problems: list[Any]
) -> set[str]:
    """Note what is wrong with one row; the records that it may be about."""

    def wrong(column, message):
        at = {"row": number, "file": row.get("file", "")}
        problems.append({**at, "column": column, "value": row.get(column, ""), "message": message})

    stage, decision = row.get("stage"), row.get("decision")
    for column, value, allowed in (("stage", stage, STAGES), ("decision", decision, DECISIONS)):
        if value not in allowed:
            wrong(column, f"must be one of {', '.join(allowed)}{_nearest(value, allowed)}")
    if not row.get("reviewer"):
        wrong("reviewer", "who decided? Every decision needs a name")
    if row.get("decided_on") and not _is_date(row["decided_on"]):
        wrong("decided_on", "must be a date such as 2026-11-23")
    if stage == "full-text" and decision == "exclude":
        reason = row["reason"] = cell_rules.keyed(row.get("reason", ""), reasons)
        if reason not in reasons:
            choice = f"one of the protocol's reasons: {', '.join(reasons)}"
            lacking = "a reason, and the protocol (screening: reasons) lists none yet"
            needed = f"{choice}{_nearest(reason, reasons)}" if reasons else lacking
            wrong("reason", f"an exclusion at full text needs {needed}")
    name = identity.canonical(row.get("record", ""))
    return known.get(name, set()) or known.get(row.get("record", ""), set())


def _check_person(
    row: dict[str, str], number: int, team: Collection[str], problems: list[Any]
) -> None:
    """Note a cell that names several people; `team`: everybody who decides, as compared."""
    if people.several(row["reviewer"], team):
        told = (
            "names several people, who would count as one reviewer; give each a row, or write "
            f"{CONSENSUS} for what they settled together"
        )
        at = {"row": number, "file": row.get("file", ""), "column": "reviewer"}
        problems.append({**at, "value": row["reviewer"], "message": told})


def _nearest(value: str | None, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(value or "", list(known), n=1, cutoff=0.75)
    return f"; did you mean {near[0]}?" if near else ""


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _unmatched(astray: list[dict], known: dict[str, set[str]], cast: Cast) -> pd.DataFrame:
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


def _studies_of(known: dict[str, set[str]], studies: pd.DataFrame | None) -> dict[str, str]:
    """The studies that name each record among their reports, in their order, with blanks between:
    a paper may report several."""
    studies_of: dict[str, dict[str, None]] = defaultdict(dict)
    if studies is None or "records" not in studies:
        return {}
    for study, names in zip(studies["study_id"], studies["records"], strict=True):
        for name in identity.several(str(names or ""), known):
            for record in known.get(name, ()):
                studies_of[record][str(study)] = None
    return {record: " ".join(found) for record, found in studies_of.items()}


def _outcome(
    records: pd.DataFrame,
    cast: Cast,
    reviewers: int,
    need: Mapping[str, int],
    studies_of: dict[str, str],
    unobtained: Mapping[str, Mapping[Any, Any]],
    unmatched: pd.DataFrame,
    warnings: list[Any],
) -> Resolution:
    included, excluded, awaiting, conflicts, missed = [], [], [], [], []
    overtaken = []
    columns = (records["record_id"], records["title"], records.get("year", [""] * len(records)))
    for record, title, year in zip(*columns, strict=True):
        named = {"record_id": record, "title": title, "year": year}
        by = cast.get((record, STAGES[0]), {})
        stage, votes, state = (
            STAGES[0],
            casting.last(by),
            casting.state(by, need.get(record, reviewers)),
        )
        screened, read = votes, casting.last(cast.get((record, STAGES[1]), {}))
        if read and state != "include":
            warnings.append(_read_before(read, screened, state))
        if state == "include":
            stage, votes = STAGES[1], read
            state = casting.state(cast.get((record, STAGES[1]), {}), reviewers)
        row = {**named, "stage": stage, **casting.summary(votes)}
        row["labels"] = casting.labels(v.labels for v in (*screened.values(), *read.values()))
        said_missing = row["reason"] in NOT_RETRIEVED and state == "exclude"
        # Who only says that nobody has it has not judged it.
        judged = any(vote.reason not in NOT_RETRIEVED for vote in read.values())
        if judged and record in unobtained and not said_missing:
            warnings.append(_decided_unread(read, unobtained[record]))
        if stage == STAGES[1] and said_missing:
            missed.append(row)
        elif stage == STAGES[1] and not judged and record in unobtained:
            missed.append({**row, **unobtained[record], "reason": ""})
        elif state == "include":
            included.append({**row, "study_id": studies_of.get(record, "")})
        elif state == "exclude":
            excluded.append(row)
        elif state == "conflict":
            by = cast[record, stage]
            conflicts.append({**row, "votes": casting.at_odds(by)})
            unsure = {who: twice for who, mine in by.items() if (twice := casting.apart(mine))}
            # The last votes of people stand among `votes`.
            overtaken += [
                vote
                for who, twice in unsure.items()
                for vote in twice
                if who == CONSENSUS or vote is not votes[who]
            ]
            if CONSENSUS in votes and CONSENSUS not in unsure:
                overtaken.append(votes[CONSENSUS])
                warnings.append(_overtaken(votes[CONSENSUS], row["reviewers"]))
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
        warnings=_table([], WARNING_COLUMNS),
        not_retrieved=_table(missed, NOT_RETRIEVED_COLUMNS),
        overtaken=_votes(overtaken),
    )


def _read_before(read: dict[str, Vote], screened: dict[str, Vote], state: str) -> dict[str, Any]:
    """What is said of votes at full text on a record that did not come to it. Those on an excluded
    one wait, unless a consensus has excluded it since."""
    first = min(read.values(), key=lambda vote: vote.place)
    found = {"row": first.row, "column": "stage", "value": STAGES[1], "file": first.file}
    message = "decided at full text, though not yet decided at title-abstract"
    if state != "exclude":  # it waits as undecided
        return {**found, "message": message}
    message = f"decided at full text by {english.listed(sorted(read))}, though excluded at "
    settled = screened.get(CONSENSUS)
    known = settled and not any(casting.later(vote, settled) for vote in read.values())
    told = f"{message}{STAGES[0]}, which counts"
    return {**found, "message": told, "waits": "" if known else first.record}


def _warned(
    warnings: list[Any], excluded: pd.DataFrame, cast: Cast, reasons: Mapping[str, str]
) -> pd.DataFrame:
    """All warnings in the order of the files, and those on reasons by whose words a report that
    counts as excluded was never read: each reason once, on the first vote that gives it."""
    unread: dict[str, list[Vote]] = defaultdict(list)
    for record, reason in excluded.loc[
        excluded["stage"] == STAGES[1], ["record_id", "reason"]
    ].values:
        if fulltexts.reads_not_retrieved(reason, reasons.get(reason, "")):
            read = casting.last(cast[record, STAGES[1]])
            unread[reason].append(min(read.values(), key=lambda vote: vote.place))
    for reason, votes in unread.items():
        first = min(votes, key=lambda vote: vote.place)
        found = {"row": first.row, "column": "reason", "value": reason, "file": first.file}
        told = fulltexts.told_of_reason(len(votes), reason, reasons.get(reason, ""))
        warnings.append({**found, "message": told, "waits": first.record})
    ordered = sorted(warnings, key=lambda w: (w["file"], w["row"]))
    return _table([{"waits": "", **w} for w in ordered], WARNING_COLUMNS)


def _overtaken(settled: Vote, reviewers: str) -> dict[str, Any]:
    found = {"row": settled.row, "column": "record", "value": settled.name, "file": settled.file}
    names = english.listed([who for who in reviewers.split("; ") if who != CONSENSUS])
    told = f"a consensus that was overtaken: {names} have decided otherwise since, and alike"
    return {**found, "message": f"{told}; a further row of {CONSENSUS} settles it"}


def _decided_unread(read: dict[str, Vote], said: Mapping[Any, Any]) -> dict[str, Any]:
    first = min(read.values(), key=lambda vote: vote.place)
    found = {"row": first.row, "column": "record", "value": first.name, "file": first.file}
    log = f"{said['file']}, row {said['row']}"
    return {**found, "message": f"decided at full text, though nobody got the report ({log})"}


def _votes(cast: Iterable[Vote]) -> pd.DataFrame:
    """`row` is counted through all files, in their order."""
    rows = [{**vars(vote), "record_id": vote.record, "row": vote.place + 2} for vote in cast]
    return _table(rows, VOTE_COLUMNS)


def _table(rows: list[dict], columns: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({c: "int64" if c == "row" else "str" for c in columns})
