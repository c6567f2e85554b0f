"""Machines that vote: kept apart from people, and compared with what people came to.

Nothing that a machine says reaches `decisions.resolve`, so with and without its rows every count,
state and order is the same.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.errors import InputError
from livingmeta.formulas.shares import wilson
from livingmeta.screening import identity
from livingmeta.screening.decisions import CONSENSUS, STAGES, Resolution, by_name, person
from livingmeta.words import machines as words_of

COLUMNS = tables.columns("screening/machines")
DESCRIBED = ("name", "version", "used_on", "purpose", "prompt", "responsible")
# ASSUME: on fewer records than this nothing is said of a share; of 20 right in 20 the interval
# still begins at 84%.
FEWEST = 20


def declared(paths: Sequence[str]) -> pd.DataFrame:
    """The rows of reviewers.csv, which may stand at several of the places it is read from.

    Raises InputError for `consensus` as a machine, and for one name of which two rows say
    different things.
    """
    read = [tables.read(path, "data/reviewers").assign(file=path) for path in paths]
    if not read:
        return tables.empty("data/reviewers")
    found, wrong = pd.concat(read, ignore_index=True), []
    before: dict[str, dict[Any, Any]] = {}
    for row in as_dicts(found):
        place = f"{row['file']}, row {row['row']}, column"
        if row["kind"] == "machine" and person(row["reviewer"]) == CONSENSUS:
            wrong.append(
                f"{place} reviewer: '{row['reviewer']}'; consensus is what people settle together, "
                "and no machine settles anything: give the machine a name of its own"
            )
        other = before.setdefault(person(row["reviewer"]), row)
        unlike = [c for c in ("kind", *DESCRIBED) if _shown(row[c]) != _shown(other[c])]
        if unlike:
            column, *more = unlike
            elsewhere = f"{other['file']}, row {other['row']}"
            wrong.append(
                f"{place} {column}: {_shown(row[column])}; {elsewhere} says "
                f"{_shown(other[column])} of the same '{row['reviewer']}'"
                + (f", and differs in {', '.join(more)} too" if more else "")
                + ": keep one of the two rows"
            )
    if wrong:
        raise InputError(wrong)
    return found


def must_be_people(reviewers: pd.DataFrame, signed: Iterable[tuple[str, str]]) -> None:
    """Raises InputError for what a declared machine has signed and people alone may: each place and
    name once. `reviewers`: as `declared` gives them; `signed`: place and name."""
    wrong = []
    for place, name in dict.fromkeys(signed):
        if said := is_a_machine(str(name), reviewers):
            wrong.append(
                f"{place}: '{name}' {said}, and what a machine reads or judges never counts as a "
                "person's: name the person who answers for it, or take it out; numbers that it "
                "proposes belong into data/raw/extraction/proposals.csv"
            )
    if wrong:
        raise InputError(wrong)


def is_a_machine(name: str, reviewers: pd.DataFrame) -> str:
    """That a name is a declared machine's, or nearly so and no declared person's, in words; ""
    where it is neither. `reviewers`: as `declared` gives them."""
    kind = dict(zip(map(person, reviewers["reviewer"]), reviewers["kind"], strict=True))
    if kind.get(person(name)) == "machine":
        return "is a machine of data/raw/reviewers.csv"
    like = words_of.declared_as(name, as_dicts(reviewers[reviewers["kind"] == "machine"]))
    if not like or person(name) in kind:
        return ""
    return (
        f"is named nearly as the machine {like} of data/raw/reviewers.csv (if it is a person, say "
        "so there: kind person)"
    )


def _shown(cell: Any) -> str:
    return (
        "nothing" if pd.isna(cell) or not str(cell).strip() else f"'{' '.join(str(cell).split())}'"
    )


def persons(reviewers: pd.DataFrame) -> list[str]:
    """Who is said to be a person, of `reviewers` as `declared` gives them."""
    return reviewers["reviewer"][reviewers["kind"] == "person"].tolist()


def apart(votes: pd.DataFrame, reviewers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of decisions.csv by people, and those by machines, each in their order.

    `votes`: with `reviewer`; `reviewers`: as `declared` gives them.
    """
    machines = {person(name) for name in reviewers["reviewer"][reviewers["kind"] == "machine"]}
    theirs = votes["reviewer"].map(lambda name: person(str(name)) in machines).astype(bool)
    return votes[~theirs], votes[theirs]


def told(records: pd.DataFrame, theirs: pd.DataFrame) -> dict[str, dict[str, dict[str, str]]]:
    """What each machine said last, by stage, record and machine; `theirs`: as `apart` gives it."""
    called: dict[str, str] = {}
    for name in theirs["reviewer"]:
        called.setdefault(person(name), " ".join(name.split()))
    out: dict[str, dict[str, dict[str, str]]] = {}
    for who, stages in sorted(_last(records, theirs)[0].items()):
        for stage, said in stages.items():
            for record, decision in said.items():
                out.setdefault(stage, {}).setdefault(record, {})[called[who]] = decision
    return out


def compare(
    records: pd.DataFrame, votes: pd.DataFrame, reviewers: pd.DataFrame, resolved: Resolution
) -> pd.DataFrame:
    """The table screening/machines: a row a machine and stage, or one without a stage where a
    machine has judged no record; and one for each reviewer who is named like a machine, or
    nearly as a declared one, and not declared. `votes`: all of decisions.csv; `resolved`: of
    people's alone."""
    people, theirs = apart(votes, reviewers)
    cast, unmatched = _last(records, theirs)
    rows: list[dict[str, Any]] = []
    seen = set()
    for one in as_dicts(reviewers[reviewers["kind"] == "machine"]):
        who = person(one["reviewer"])
        if who in seen:
            continue
        seen.add(who)
        row = {"reviewer": one["reviewer"], "declared": True, **{k: one[k] for k in DESCRIBED}}
        stages = [stage for stage in STAGES if stage in cast.get(who, {})] or [""]
        rows += [
            row | {"unmatched": unmatched.get((who, stage), 0)} | _beside(said, stage, resolved)
            for stage in stages
            for said in [cast.get(who, {}).get(stage, {})]
        ]
    known = {person(name) for name in reviewers["reviewer"]}
    machines = as_dicts(reviewers[reviewers["kind"] == "machine"])
    for name in dict.fromkeys(people["reviewer"]):
        like = words_of.is_like_a_machine(name) or words_of.declared_as(name, machines)
        if person(name) not in known and like:
            known.add(person(name))
            rows.append({"reviewer": " ".join(name.split()), "declared": False, "stage": ""})
    table = pd.DataFrame(rows, columns=COLUMNS, dtype=object)
    return table.where(table.notna(), None)


def _last(
    records: pd.DataFrame, theirs: pd.DataFrame
) -> tuple[dict[str, dict[str, dict[str, str]]], dict[tuple[str, str], int]]:
    """The last vote of each machine by stage and record, and how many of its rows at a stage name
    no record, or several."""
    known = by_name(records) if len(theirs) else {}
    cast: dict[str, dict[str, dict[str, str]]] = {}
    lost: dict[tuple[str, str], int] = {}
    for row in as_dicts(theirs.sort_values("decided_on", kind="stable")):
        who, stage, name = person(row["reviewer"]), row["stage"], row["record"]
        meant = known.get(identity.canonical(name), set()) or known.get(name, set())
        if len(meant) == 1:
            cast.setdefault(who, {}).setdefault(stage, {})[next(iter(meant))] = row["decision"]
        else:
            cast.setdefault(who, {}).setdefault(stage, {})
            lost[who, stage] = lost.get((who, stage), 0) + 1
    return cast, lost


def _beside(said: dict[str, str], stage: str, resolved: Resolution) -> dict[str, Any]:
    """The votes of one machine at one stage beside what people came to there."""
    kept, dropped, settled = _people(stage, resolved)
    keeps = {record for record, decision in said.items() if decision != "exclude"}
    ours, theirs = kept & said.keys(), dropped & said.keys()
    row: dict[str, Any] = {
        "stage": stage,
        "votes": len(said),
        "unsure": sum(decision == "unsure" for decision in said.values()),
        "open": len(said) - len(ours) - len(theirs),
        "kept": len(ours),
        "kept_too": len(ours & keeps),
        "dropped": len(theirs),
        "dropped_too": len(theirs - keeps),
        "missed": " ".join(sorted(ours - keeps)),
        "second_look": " ".join(sorted(r for r in theirs - settled if said[r] == "include")),
    }
    for share, count, of in (
        ("sensitivity", row["kept_too"], row["kept"]),
        ("specificity", row["dropped_too"], row["dropped"]),
    ):
        if of >= FEWEST:
            row[share] = count / of
            row[f"{share}_low"], row[f"{share}_high"] = wilson(count, of)
    return row


def _people(stage: str, resolved: Resolution) -> tuple[set[str], set[str], set[str]]:
    """The records that people kept at a stage, those they excluded there, and those of the latter
    that a consensus settled. What nobody could get was not judged at full text."""
    out = resolved.excluded
    here = out[out["stage"] == stage]
    kept = set(resolved.included["record_id"])
    if stage == STAGES[0]:
        for table in (out, resolved.awaiting, resolved.conflicts, resolved.not_retrieved):
            kept |= set(table["record_id"][table["stage"] == STAGES[1]])
    by = here["reviewers"].map(lambda names: CONSENSUS in names.split("; "))
    return kept, set(here["record_id"]), set(here["record_id"][by.astype(bool)])
