"""Who reads what: each record falls to one batch of people, and a pilot is read by all of them.

What a record falls to is drawn from its own name (highest random weight: Thaler & Ravishankar,
IEEE/ACM Trans Netw 1998;6:1-14), so it stays where it is however many records come, and a further
batch takes only its share of what nobody has read.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

import pandas as pd

from livingmeta.errors import InputError
from livingmeta.plan import Assign
from livingmeta.screening import machines
from livingmeta.screening.agreement import PILOT
from livingmeta.screening.decisions import STAGES, person


def people(assign: Assign) -> list[str]:
    """Everybody whom a batch names, each once, in the order of the protocol."""
    return list({person(name): name for batch in assign.batches for name in batch}.values())


def must_be_people(assign: Assign, reviewers: pd.DataFrame) -> None:
    """Raise InputError for a batch that names a machine of reviewers.csv."""
    said = ((name, machines.is_a_machine(name, reviewers)) for name in people(assign))
    if wrong := [
        f"config/config.yaml, screening.assign.batches: '{name}' {what}, and a machine's votes "
        "count nowhere; name people alone"
        for name, what in said
        if what
    ]:
        raise InputError(wrong)


def batches(
    records: pd.DataFrame, votes: pd.DataFrame, assign: Assign
) -> dict[str, tuple[str, ...]]:
    """The people of the batch to which each record falls; {} where the protocol names no batch.

    `votes`: `record_id, reviewer`. Whoever has voted on a record keeps it: of the batches
    those come first that have most of its voters.
    """
    if not assign.batches:
        return {}
    named = [frozenset(map(person, batch)) for batch in assign.batches]
    # One that stands twice weighs twice.
    keys = [f"{sorted(who)}{named[:i].count(who)}" for i, who in enumerate(named)]
    cast: dict[str, set[str]] = {}
    for record, who in zip(votes["record_id"], votes["reviewer"], strict=True):
        cast.setdefault(record, set()).add(person(who))
    out = {}
    for record in records["record_id"]:
        mine = cast.get(record, set())
        best = max(
            range(len(named)), key=lambda i: (len(named[i] & mine), _drawn(f"{keys[i]}\n{record}"))
        )
        out[record] = assign.batches[best]
    return out


def pilot(
    records: pd.DataFrame,
    votes: pd.DataFrame,
    found_on: Mapping[str, str],
    assign: Assign,
) -> frozenset[str]:
    """The records that everybody reads first, on title and abstract.

    First those that people of other batches than their own have voted on already: only a pilot
    brings that about; then by the day they were found, and on one day by lot. So no later search
    takes a record out of it. `votes`: `record_id, stage, reviewer`; `found_on`: day by record.
    """
    if not (assign.pilot and assign.batches):
        return frozenset()
    first = votes[votes["stage"] == STAGES[0]]
    own, team = batches(records, first, assign), set(map(person, people(assign)))
    begun = {
        record
        for record, who in zip(first["record_id"], first["reviewer"], strict=True)
        if person(who) in team - set(map(person, own[record]))
    }
    order = sorted(
        records["record_id"],
        key=lambda r: (r not in begun, found_on.get(r, ""), _drawn(f"{PILOT}\n{r}")),
    )
    return frozenset(order[: assign.pilot])


def of_pilot(
    records: pd.DataFrame, found: Mapping[str, str], assign: Assign
) -> tuple[int, Callable[[pd.DataFrame], Collection[str]]] | None:
    """The pilot as decisions.resolve asks for it."""
    everybody = len(people(assign))
    return (everybody, lambda votes: pilot(records, votes, found, assign)) if assign.pilot else None


def _drawn(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def found_on(copies: pd.DataFrame, searches: pd.DataFrame) -> dict[str, str]:
    """The day of the first search that found each record; "" where a search has none."""
    days = copies["file"].map(dict(zip(searches["file"], searches["searched_on"], strict=True)))
    first = days.fillna("").groupby(copies["record_id"]).min()
    return dict(zip(first.index.astype(str), first, strict=True))


def readers(
    records: pd.DataFrame,
    votes: pd.DataFrame,
    found: Mapping[str, str],
    assign: Assign,
) -> dict[str, dict[str, tuple[str, ...]]]:
    """By stage who reads each record: its batch, and a record of the pilot everybody on title and
    abstract; {} where the protocol names no batch. The tables as for `pilot`."""
    if not assign.batches:
        return {}
    own, everybody = batches(records, votes, assign), tuple(people(assign))
    first = pilot(records, votes, found, assign)
    return {STAGES[0]: own | dict.fromkeys(first, everybody), STAGES[1]: own}


def told(
    waiting: pd.DataFrame,
    who: Mapping[str, Mapping[str, tuple[str, ...]]],
    first: frozenset[str],
) -> pd.DataFrame:
    """A queue with `readers` and `round`, the pilot in front of its stage. `waiting`: as queue.at
    gives it, of all stages; `who`: as `readers` gives it; `first`: the pilot."""
    pairs = zip(waiting["stage"], waiting["record_id"], strict=True)
    named = ["; ".join(who[stage][record]) if who else "" for stage, record in pairs]
    rounds: Any = waiting["record_id"].isin(first) & (waiting["stage"] == STAGES[0])
    out = waiting.assign(readers=named, round=rounds.map({True: PILOT, False: ""}))
    if rounds.any():
        out["place"] = out["stage"].map(STAGES.index)
        out = out.sort_values(["place", "round"], ascending=[True, False], kind="stable")
        out["rank"] = out.groupby("place").cumcount() + 1
        out = out.drop(columns="place")
    return out
