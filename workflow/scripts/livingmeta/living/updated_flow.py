"""The counts of the PRISMA 2020 flow diagram for an update (Page et al. 2021, BMJ 372:n71): what
the previous version had included, and the way of the records that this one looked at.

The stream of an update is the records that no earlier search had found, those that still awaited
a decision, and those whose decision was taken again.
"""

from collections import Counter
from typing import Literal

from livingmeta.as_dicts import as_dicts
from livingmeta.errors import InternalError
from livingmeta.living.differences import stand
from livingmeta.living.state import State
from livingmeta.screening.counts import Sizes, Source, Stream, UpdateCounts
from livingmeta.screening.flow import counted_as, went_on

OPEN = ("undecided", "unsure", "conflict")
STAGES = ("title-abstract", "full-text")


class UpdatedFlowError(InternalError):
    """Boxes of the updated flow diagram that do not add up: then the fault is ours."""


def count(before: State, after: State, same: dict[str, str]) -> UpdateCounts | None:
    """The boxes; `same` as `differences.matched` gives it.

    None where a search of the release holds fewer records now than it did: what came before can
    then not be told from what is new.
    """
    then = {r["record_id"]: r for r in as_dicts(before.records)}
    now = {r["record_id"]: r for r in as_dicts(after.records)}
    earlier = {same[record]: then[record] for record in reversed(then) if record in same}
    new = [r for record, r in now.items() if record not in earlier]
    again = [(r, earlier[record]) for record, r in now.items() if record in earlier]
    waiting = [r for r, was in again if was["state"] in OPEN]
    revised = [r for r, was in again if was["state"] not in OPEN and stand(r) != stand(was)]
    databases = _further(before, after)
    unreadable = _unreadable(after) - _unreadable(before)
    copies = sum(d["records"] for d in databases) if databases is not None else -1
    duplicates = copies - unreadable - len(new)
    if databases is None or duplicates < 0 or unreadable < 0:
        return None
    stream = _stream([*new, *waiting, *revised])
    came, left = _moved(before, after, same)
    counts: UpdateCounts = {
        "previous": {"version": before.version, **_sizes(before)},
        "identified": {"databases": databases, "records": copies},
        "removed_before_screening": {"duplicates": duplicates, "unreadable": unreadable},
        "new_records": len(new),
        "awaiting_before": len(waiting),
        "decided_again": len(revised),
        **stream,
        "new": came,
        "no_longer_included": left,
        "included": _sizes(after),
    }
    must_add_up(counts)
    return counts


def _further(before: State, after: State) -> list[Source] | None:
    """Records of each source and day beyond those that the release counted.

    One name can be sources of two kinds on one day (a database that was searched, and one in which
    citations were chased). A source keeps its name if somebody says later of what kind it is: what
    the release counted is first looked for under the same kind, then under the name alone.
    """
    old: Counter[tuple[str, str, str]] = Counter()
    for d in before.flow["identified"]["databases"]:
        old[d["database"], d["searched_on"], d.get("source", "")] += d["records"]
    now = after.flow["identified"]["databases"]
    known = [old.pop((d["database"], d["searched_on"], d.get("source", "")), 0) for d in now]
    for (database, day, _), records in old.items():
        for place, d in enumerate(now):
            if (d["database"], d["searched_on"]) == (database, day):
                taken = min(records, d["records"] - known[place])
                known[place], records = known[place] + taken, records - taken
        if records:
            return None
    found: list[Source] = []
    for d, of_release in zip(now, known, strict=True):
        if of_release > d["records"]:
            return None
        if of_release < d["records"]:
            found.append({**d, "records": d["records"] - of_release})
    return found


def _unreadable(state: State) -> int:
    return state.flow["removed_before_screening"]["unreadable"]


def _sizes(state: State) -> Sizes:
    included = state.flow["included"]
    return {"studies": included["studies"], "reports": included["reports"]}


def _stream(records: list[dict]) -> Stream:
    """Where the records of the stream stand."""
    at = Counter((r["stage"], r["state"]) for r in records)
    first, second = STAGES
    excluded = [r for r in records if (r["stage"], r["state"]) == (second, "excluded")]
    reasons = Counter(r["reason"] for r in excluded)
    return {
        "records": len(records),
        "awaiting_screening": sum(at[first, state] for state in OPEN),
        "excluded_title_abstract": at[first, "excluded"],
        "not_retrieved": at[second, "not-retrieved"],
        "awaiting_assessment": at[second, "undecided"],
        "excluded_full_text": {
            "reports": sum(reasons.values()),
            "reasons": [
                {"reason": reason, "reports": n}
                for reason, n in sorted(reasons.items(), key=lambda x: (-x[1], x[0]))
            ],
        },
        "awaiting_classification": at[second, "unsure"] + at[second, "conflict"],
        "reports_included": at[second, "included"],
    }


def _moved(before: State, after: State, same: dict[str, str]) -> tuple[Sizes, Sizes]:
    """Studies and reports that came in, and those that are included no longer.

    A report stays if it is included still, whatever it is called now; a study, if one of its
    reports does. Where two became one, one of them counts as gone; where one became two, one of
    them as new. What the release had is what its flow diagram counted.
    """
    old, new = _units(before), _units(after)
    reports = {same[record] for record in old if same.get(record) in new}
    kept = min(
        len(set().union(*(old[record] for record in old if same.get(record) in new))),
        len(set().union(*(new[record] for record in reports))),
        _sizes(before)["studies"],
    )
    came = Sizes(studies=len(set().union(*new.values())) - kept, reports=len(new) - len(reports))
    left = Sizes(studies=_sizes(before)["studies"] - kept, reports=len(old) - len(reports))
    return came, left


def _units(state: State) -> dict[str, set[str]]:
    """The studies of each included report, as they are counted; a report that no study names is a
    study of its own."""
    rows = state.records[state.records["state"] == "included"]
    named = zip(rows["record_id"], rows["study_id"], strict=True)
    return {
        record: counted_as(studies.split(), state.studies) or {record} for record, studies in named
    }


def must_add_up(counts: UpdateCounts) -> None:
    """Raise UpdatedFlowError, naming the boxes, unless they add up."""
    screened, *_ = went_on(counts)
    stream = counts["awaiting_screening"] + screened
    came = counts["new_records"] + counts["awaiting_before"] + counts["decided_again"]
    wrong = []
    if not stream == came == counts["records"]:
        wrong.append(f"records ({counts['records']}): {came} came in and {stream} are placed")
    units: tuple[Literal["studies"], Literal["reports"]] = ("studies", "reports")
    for unit in units:
        total = counts["previous"][unit] - counts["no_longer_included"][unit] + counts["new"][unit]
        if total != counts["included"][unit]:
            wrong.append(f"{unit} included ({counts['included'][unit]}) are not {total}")
    if wrong:
        raise UpdatedFlowError(
            "the flow diagram of the update does not add up: " + "; ".join(wrong)
        )
