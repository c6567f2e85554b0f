"""When enough has been screened: how many relevant records can still lie among the unread ones.

The records read since the last relevant one are taken for a draw from all that were open then.
Were many relevant ones left, such a dry draw would be unlikely: the hypergeometric test of
Callaghan & Müller-Hansen (Syst Rev 2020;9:273). A ranked queue puts the promising records first,
so its draws are richer than random ones, and what they say of the rest errs on the safe side.
Their test takes the best of all stretches of reading that end now. Picking the best is paid for:
asked once of records in random order, its 95% bound was wrong in 9.5% of runs, and the bound from
the one stretch since the last find in 3.2% (docs/screening.md), at nearly the same reading.
"""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from livingmeta.errors import InternalError
from livingmeta.screening.decisions import STAGES, Resolution

# ASSUME: with as many finds as this, no ranking puts all of them before the first record dropped.
FINDS_IN_A_ROW = 10
# What the protocol may ask for (config.schema.yaml), each tried in benchmarks/stopping.py.
RECALLS = (0.8, 0.9, 0.95)
CONFIDENCES = (0.8, 0.9, 0.95, 0.99)


class Target(TypedDict):
    """A recall to aim at, and its price. `enough`: whether reading may stop for it now;
    `read_more`: the fewest records to read until then, which is so where none of them is kept;
    None where nothing has been found yet."""

    recall: float
    enough: bool
    read_more: int | None


class Measured(TypedDict):
    """What is known of a reading that goes on. `read`, `unread`, `found`, `read_since_last_find`:
    records; `recall_wanted`, `confidence`: proportions, as asked.

    `unseen_at_most`: the largest number of unread relevant records that is not refuted at
    `confidence`; `recall_at_least`: what that leaves of the relevant ones, None with none found;
    `unseen_expected`: an estimate; `p_value`: of the hypothesis that recall is below the one
    wanted; `enough`: whether it is refuted, however often one has asked; `sorted`: whether the
    records look sorted by decision, so that the order of reading is lost and nothing here holds;
    `targets`: what each recall of `RECALLS`, and the one wanted, would cost at this confidence.
    """

    read: int
    unread: int
    found: int
    read_since_last_find: int
    recall_wanted: float
    confidence: float
    recall_at_least: float | None
    unseen_at_most: int
    unseen_expected: float
    p_value: float
    enough: bool
    sorted: bool
    targets: list[Target]


class Statement(Measured):
    """The same, and in words."""

    sentence: str


class Observed(TypedDict):
    """Arguments of `statement`."""

    relevant: list[bool]
    unread: int
    found_before: int


def statement(
    relevant: Sequence[bool],
    unread: int,
    *,
    found_before: int = 0,
    recall: float = 0.95,
    confidence: float = 0.95,
) -> Statement:
    """What can be said about the relevant records that nobody has read yet.

    `relevant`: for each record read, in the order of reading, whether it was kept. `unread`:
    records still open. `found_before`: relevant records found in earlier searches, whose reading
    says nothing about the records that came later. `recall`, `confidence`: proportions.

    Raises InternalError for impossible counts.
    """
    if unread < 0 or found_before < 0:
        raise InternalError(
            f"counts cannot be negative: {unread} unread, {found_before} found before"
        )
    kept = np.asarray(relevant, dtype=bool)
    finds = int(kept.sum())
    found = found_before + finds
    dry = len(kept) - (int(np.flatnonzero(kept)[-1]) + 1 if kept.any() else 0)
    alpha = 1 - confidence
    in_a_row = dry > 0 and finds >= FINDS_IN_A_ROW and finds + dry == len(kept)
    most = _largest(lambda unseen: _none_in(dry, unread, unseen) >= alpha, unread)
    p_value = _none_in(dry, unread, _missed(found, recall))

    def target(aim: float) -> Target:
        if unread and (in_a_row or not found):
            return {"recall": aim, "enough": False, "read_more": None}
        missed, least = _missed(found, aim), _of_each_ask(finds, found, aim, alpha)
        more = 0
        if _none_in(dry, unread, missed) >= least:
            more = 1 + _largest(lambda e: _none_in(dry + e, unread - e, missed) >= least, unread)
        return {"recall": aim, "enough": bool(found) and more == 0, "read_more": min(more, unread)}

    targets = [target(aim) for aim in sorted({*RECALLS, recall})]
    out: Measured = {
        "read": len(kept),
        "unread": unread,
        "found": found,
        "read_since_last_find": dry,
        "recall_wanted": recall,
        "confidence": confidence,
        "recall_at_least": found / (found + most) if found else None,
        "unseen_at_most": most,
        "unseen_expected": round(_expected(kept, unread), 1),
        "p_value": p_value,
        "enough": next(one["enough"] for one in targets if one["recall"] == recall),
        "sorted": in_a_row,
        "targets": targets,
    }
    return {**out, "sentence": _sentence(out)}


def observed(copies: pd.DataFrame, resolution: Resolution, searches: pd.DataFrame) -> Observed:
    """What was read at title and abstract, in the order of reading.

    `copies`: every copy of every record, by `record_id` and `file`; `searches`: `file,
    searched_on`. Records kept for their full text, in doubt or in conflict count as found. What was
    decided before the day of the latest search that still has unread records says nothing about
    these: it counts as found before.
    """
    stage = STAGES[0]
    waiting, out = resolution.awaiting, resolution.excluded
    unread = set(
        waiting.loc[(waiting["stage"] == stage) & (waiting["state"] == "undecided"), "record_id"]
    )
    dropped = set(out.loc[out["stage"] == stage, "record_id"])
    searched = dict(zip(searches["file"], searches["searched_on"], strict=True))
    days = copies["file"].map(searched).fillna("")
    first = days.groupby(copies["record_id"]).min().to_dict()
    since = max((first[record] for record in unread), default="")
    votes = resolution.votes[resolution.votes["stage"] == stage]
    votes = votes.sort_values(["decided_on", "row"], kind="stable")
    votes = votes.drop_duplicates("record_id", keep="last")
    recent = votes[~votes["record_id"].isin(unread) & (votes["decided_on"] >= since)]
    relevant = [record not in dropped for record in recent["record_id"]]
    found = len(first) - len(unread) - len(dropped)
    return {"relevant": relevant, "unread": len(unread), "found_before": found - sum(relevant)}


def _missed(found: int, recall: float) -> int:
    """The fewest unseen relevant records that break the target `recall`."""
    return math.floor(found / recall + 1e-9) + 1 - found


@cache
def _of_each_ask(finds: int, found: int, recall: float, alpha: float) -> float:
    """The chance of error that each dry stretch may have, so that in all of them together it is
    `alpha` at most, however often one asks.

    Each find begins a stretch that may end the reading too early. Had reading missed the target
    `recall` by one record now, the stretch after find i had so many more relevant records unseen
    than it was tested for, `unseen` against `tested`, and its chance of error was about the one
    allowed to the power of their ratio: of the stretches long past next to nothing is left.
    """
    truth = found + _missed(found, recall)
    before = found - finds
    ratios = [(truth - i) / _missed(i, recall) for i in range(found, max(before, 1) - 1, -1)]
    low, high = math.log(alpha) - math.log(len(ratios) + 1), math.log(alpha)
    for _ in range(40):
        middle = (low + high) / 2
        if math.fsum(math.exp(middle * ratio) for ratio in ratios) > alpha:
            high = middle
        else:
            low = middle
    return math.exp(low) if len(ratios) > 1 else alpha


def _none_in(drawn: int, unread: int, unseen: int) -> float:
    """Chance that `drawn` records, read at random, hold none of the relevant ones.

    They are drawn from themselves and the `unread`, among which `unseen` are relevant: the
    hypergeometric probability of 0, exact to about 1e-12.
    """
    from scipy.special import gammaln

    if unseen > unread:
        return 0.0
    population = unread + drawn
    parts = [population - unseen, population - drawn, population, population - unseen - drawn]
    a, b, c, d = gammaln(np.array(parts) + 1.0)
    return float(min(1.0, np.exp(a + b - c - d)))


def _largest(holds: Callable[..., Any], limit: int) -> int:
    """The largest whole number up to `limit` for which `holds`, which stops holding once."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _expected(kept: np.ndarray, unread: int) -> float:
    """Unread relevant records to expect, if the rest were as rich as the records read last.

    Laplace's rule of succession, (finds + 1) / (read + 2) of the rest, over the stretch of
    reading up to now that promises least: the rest of a ranked queue is poorer than what was
    read of it. For a given number of finds, the longest stretch starts right after a find.
    """
    starts = np.concatenate([[0], np.flatnonzero(kept) + 1])
    finds = np.arange(len(starts))[::-1]
    return float(((finds + 1) / (len(kept) - starts + 2)).min() * unread)


def _sentence(out: Measured) -> str:
    """The statement in words."""
    found, read, unread = out["found"], out["read"], out["unread"]
    if unread == 0:
        return f"Every record has been read; {found} {_were(found)} kept."
    least = out["recall_at_least"]
    if least is None:
        return f"{read} records read, {unread} unread, none kept so far: nothing can be said yet."
    if out["sorted"]:
        return (
            f"{found} kept; {unread} records are unread. All that were kept come before the first "
            "that was dropped, so decisions.csv looks sorted by decision: without the order of "
            "reading nothing can be said on what is unseen. Read on."
        )
    sure = f"{100 * out['confidence']:g}%"
    expected = f"{out['unseen_expected']:.1f}"
    bound = (
        f"{found} kept; {unread} records are unread. With {sure} confidence at most "
        f"{out['unseen_at_most']} of them would be kept (about {expected} expected), so at least "
        f"{100 * math.floor(1000 * least) / 1000:.1f}% of what is to be found has "
        "been found"
    )
    wanted = f"{100 * out['recall_wanted']:g}%"
    if out["enough"]:
        return f"{bound}: reading may stop at {wanted} recall."
    yet = f"That is not yet {wanted}"
    if least >= out["recall_wanted"]:
        yet = f"Asked once that is {wanted}, but asking again and again it is not sure enough"
    return f"{bound}. {yet}: read on. {_prices(out['targets'])}"


def _prices(targets: list[Target]) -> str:
    """What each target would cost, the highest first."""
    said = [
        f"for {100 * one['recall']:g}% "
        + (f"{one['read_more']:,} more" if one["read_more"] else "none, one may stop")
        for one in reversed(targets)
    ]
    return f"Records still to read, if none of them is kept: {'; '.join(said)}."


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
