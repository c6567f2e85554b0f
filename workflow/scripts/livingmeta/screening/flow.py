"""The numbers of the PRISMA 2020 flow diagram, and a check that they add up."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from livingmeta import spreadsheets, tables
from livingmeta.as_dicts import as_dicts
from livingmeta.errors import InternalError
from livingmeta.screening.counts import Counts, Source, UpdateCounts
from livingmeta.screening.decisions import PLACES, STAGES, Resolution

# Sources that PRISMA 2020 draws in a column of their own (column `source` of searches.csv).
OTHER_METHODS = ("website", "organisation", "citation searching", "contact", "other")
# ASSUME: where `source` is empty, it is a register if its name says so, and else a database.
REGISTER = re.compile(
    r"\b(clinicaltrials\.gov|trials? regist(er|ry)|ictrp|isrctn|eudract|ctis|anzctr|chictr|ctri"
    r"|drks|jrct|umin-ctr)\b",
    re.IGNORECASE,
)


# Boxes to which either way of finding records brings its part.
SHARED = (
    *("identified/records", "removed_before_screening/duplicates", "records", "screened"),
    *("sought", "not_retrieved", "assessed", "excluded_full_text/reports", "included/reports"),
)


class FlowError(InternalError):
    """Boxes of the flow diagram that do not add up, or records that stand in no one place."""


def count(
    searches: pd.DataFrame,
    records: pd.DataFrame,
    duplicates: pd.DataFrame,
    copies: pd.DataFrame,
    resolution: Resolution,
    studies: pd.DataFrame | None = None,
    sought: pd.DataFrame | None = None,
) -> Counts:
    """Counts for flow.json, in the diagram's order.

    `searches`: a row an export, with its database, its `source` (may be empty) and day, and how
    many pieces were `read` as records and `rejected`. `duplicates`: a row a copy beyond the first.
    `copies`: each copy with its `record_id` and `file`.
    `studies`: studies.csv. A report of two studies is one report and two studies; comparisons of
    one `trial` are one study; an included report that no study names is one of its own.
    `sought`: as fulltexts.sought gives it.

    Where something was found by other methods than databases and registers, `via` holds the same
    counts for either way. A record that both found is one of the databases and registers.
    """
    counts = _counted(searches, len(records), len(duplicates), resolution, studies)
    if sought is not None:
        states = Counter(sought["state"])
        counts["retrieval"] = {
            "retrieved": states["retrieved"],
            "not_retrieved": states["not-retrieved"],
            "outstanding": states["outstanding"],
        }
    other = searches["source"].isin(OTHER_METHODS)
    if other.any():
        elsewhere = _found_only_in(records, copies, set(searches["file"][other]))
        counts["via"] = {
            "databases_and_registers": _way(
                searches[~other], records[~elsewhere], resolution, studies
            ),
            "other_methods": _way(searches[other], records[elsewhere], resolution, studies),
        }
    return counts


def _found_only_in(records: pd.DataFrame, copies: pd.DataFrame, files: set[str]) -> pd.Series:
    """Whether all copies of a record stand in these files."""
    others = copies.loc[~copies["file"].isin(files), "record_id"]
    return ~records["record_id"].isin(others)


def _way(
    searches: pd.DataFrame,
    records: pd.DataFrame,
    resolution: Resolution,
    studies: pd.DataFrame | None,
) -> Counts:
    """The counts of the records found in one way; copies of a record that the other way is
    credited with are duplicates of this one."""
    these = set(records["record_id"])
    placed = {name: getattr(resolution, name) for name in PLACES}
    only = {name: table[table["record_id"].isin(these)] for name, table in placed.items()}
    copies = int(searches["read"].sum()) - len(records)
    if studies is not None:  # a study without a report of this way may have one of the other
        studies = studies[studies["study_id"].isin(_named(only["included"]))]
    return _counted(searches, len(records), copies, replace(resolution, **only), studies)


def _counted(
    searches: pd.DataFrame,
    records: int,
    duplicates: int,
    resolution: Resolution,
    studies: pd.DataFrame | None,
) -> Counts:
    included, excluded = resolution.included, resolution.excluded
    awaiting, conflicts = resolution.awaiting, resolution.conflicts

    def at(table: pd.DataFrame, stage: str, state: str = "") -> int:
        rows = table["stage"] == stage
        return int((rows & (table["state"] == state)).sum() if state else rows.sum())

    full_text = excluded[excluded["stage"] == STAGES[1]]
    reasons = Counter(full_text["reason"])
    not_retrieved = len(resolution.not_retrieved)
    named = _named(included)
    unnamed = int((included["study_id"] == "").sum())
    excluded_full_text = sum(reasons.values())
    unsure, split = at(awaiting, STAGES[1], "unsure"), at(conflicts, STAGES[1])
    undecided = at(awaiting, STAGES[1], "undecided")
    assessed = excluded_full_text + len(included) + unsure + split
    first = at(excluded, STAGES[0])
    sought = not_retrieved + assessed + undecided
    return {
        "identified": {
            "databases": _identified(searches),
            "records": int(searches["read"].sum() + searches["rejected"].sum()),
        },
        "removed_before_screening": {
            "duplicates": duplicates,
            "automation": 0,
            "unreadable": int(searches["rejected"].sum()),
        },
        "records": records,
        "awaiting_screening": {
            "undecided": at(awaiting, STAGES[0], "undecided"),
            "unsure": at(awaiting, STAGES[0], "unsure"),
            "conflicts": at(conflicts, STAGES[0]),
        },
        "screened": first + sought,
        "excluded_title_abstract": first,
        "sought": sought,
        "not_retrieved": not_retrieved,
        "awaiting_assessment": undecided,
        "assessed": assessed,
        "excluded_full_text": {
            "reports": excluded_full_text,
            "reasons": [
                {"reason": reason, "reports": n}
                for reason, n in sorted(reasons.items(), key=lambda x: (-x[1], x[0]))
            ],
        },
        "awaiting_classification": {"unsure": unsure, "conflicts": split},
        "included": {
            "reports": len(included),
            "studies": len(counted_as(named, studies)) + unnamed,
            "reports_without_study": unnamed,
            "studies_without_included_report": _unreported(named, studies),
        },
    }


def _identified(searches: pd.DataFrame) -> list[Source]:
    """Records per database, or other source, and day of search."""
    found: Counter[tuple[str, str, str]] = Counter()
    called: dict[str, str] = {}  # PubMed and PUBMED are one, by the first name
    for row in as_dicts(searches):
        name = called.setdefault(spreadsheets.squeezed(row["database"]), row["database"])
        key = row["searched_on"], name, row["source"] or source_of(name)
        found[key] += int(row["read"] + row["rejected"])
    return [
        {"database": database, "source": source, "searched_on": day, "records": n}
        for (day, database, source), n in sorted(found.items())
    ]


def source_of(name: str) -> str:
    """The kind of a source of which only the name is known: `register` or `database`."""
    return "register" if REGISTER.search(name) else "database"


def _named(included: pd.DataFrame) -> set[str]:
    return set(" ".join(included["study_id"]).split())


def counted_as(named: Iterable[str], studies: pd.DataFrame | None) -> set[str]:
    """The studies, in the sense of PRISMA 2020, that rows of studies.csv are: comparisons of one
    `trial` are one investigation, and any other row is one by itself. `named`: their study_ids."""
    trial_of = {}
    if studies is not None and "trial" in studies:
        trial_of = dict(zip(studies["study_id"], studies["trial"].map(tables.text), strict=True))
    # Two words, which no study_id is.
    return {
        f"trial {trial}" if (trial := trial_of.get(study, "").strip()) else study for study in named
    }


def _unreported(named: set[str], studies: pd.DataFrame | None) -> int:
    return len(set(studies["study_id"]) - named) if studies is not None else 0


def must_add_up(counts: Counts) -> None:
    """Raise FlowError, naming the boxes, unless every box is the sum of those that follow, and
    either way of finding records adds up to the whole."""
    wrong = _not_adding_up(counts)
    if "via" in counts:
        main, other = counts["via"]["databases_and_registers"], counts["via"]["other_methods"]
        wrong += [f"databases and registers: {fault}" for fault in _not_adding_up(main)]
        wrong += [f"other methods: {fault}" for fault in _not_adding_up(other)]
        wrong += [
            f"{box} ({_at(counts, box)}) is not the sum of both ways of finding"
            for box in SHARED
            if _at(counts, box) != _at(main, box) + _at(other, box)
        ]
    if wrong:
        raise FlowError("the flow diagram does not add up: " + "; ".join(wrong))


def _at(counts: Counts, box: str) -> int:
    found: Any = counts
    for key in box.split("/"):
        found = found[key]
    return found


def _not_adding_up(counts: Counts) -> list[str]:
    """The boxes that are not the sum of those that follow, in words."""
    included, reasons = counts["included"], counts["excluded_full_text"]["reasons"]
    found = counts["identified"]
    databases = [(f"{d['database']} {d['searched_on']}", d["records"]) for d in found["databases"]]
    gone = counts["removed_before_screening"]
    removed = [
        ("duplicates", gone["duplicates"]),
        ("automation", gone.get("automation", 0)),
        ("unreadable", gone["unreadable"]),
    ]
    waiting = [(f"awaiting: {k}", n) for k, n in counts["awaiting_screening"].items()]
    pending = [
        (f"awaiting classification: {k}", n) for k, n in counts["awaiting_classification"].items()
    ]
    sums = [
        ("records identified", found["records"], databases),
        ("records identified", found["records"], [*removed, ("records", counts["records"])]),
        ("records", counts["records"], [("screened", counts["screened"]), *waiting]),
        (
            "screened",
            counts["screened"],
            [
                ("excluded title abstract", counts["excluded_title_abstract"]),
                ("sought", counts["sought"]),
            ],
        ),
        (
            "sought",
            counts["sought"],
            [
                ("not retrieved", counts["not_retrieved"]),
                ("awaiting assessment", counts["awaiting_assessment"]),
                ("assessed", counts["assessed"]),
            ],
        ),
        (
            "assessed",
            counts["assessed"],
            [
                ("excluded", counts["excluded_full_text"]["reports"]),
                *pending,
                ("included", included["reports"]),
            ],
        ),
        (
            "excluded at full text",
            counts["excluded_full_text"]["reports"],
            [(r["reason"], r["reports"]) for r in reasons],
        ),
    ]
    wrong = [
        f"{box} ({total}) is not {' + '.join(f'{name} ({n})' for name, n in parts)}"
        for box, total, parts in sums
        if total != sum(n for _, n in parts)
    ]
    if "retrieval" in counts:
        log = counts["retrieval"]
        in_hand = counts["awaiting_assessment"] + counts["assessed"]
        if (
            log["not_retrieved"] != counts["not_retrieved"]
            or log["retrieved"] + log["outstanding"] != in_hand
            or log["retrieved"] < counts["assessed"]
        ):
            parts = " + ".join(f"{name.replace('_', ' ')} ({n})" for name, n in log.items())
            wrong.append(f"sought ({counts['sought']}) is not, by the log of full texts, {parts}")
    alone = included["reports_without_study"]
    if (included["studies"] > alone) != (included["reports"] > alone) or alone > included[
        "studies"
    ]:
        wrong.append(
            f"studies included ({included['studies']}) cannot be those of their reports "
            f"({included['reports']}, of which {alone} without a study)"
        )
    return wrong


def check_ledger(
    searches: pd.DataFrame,
    records: pd.DataFrame,
    duplicates: pd.DataFrame,
    copies: pd.DataFrame,
    resolution: Resolution,
) -> None:
    """Raise FlowError, naming the records, unless each stands in one place with all its copies.

    The tables as `count` takes them.
    """
    placed = Counter(r for place in PLACES for r in getattr(resolution, place)["record_id"])
    listed = Counter(records["record_id"])
    further = Counter(duplicates["duplicate_of"])
    wrong = [
        f"{record} stands {_times(n)} among the records" for record, n in listed.items() if n > 1
    ]
    for record in sorted({*listed, *placed}):
        if not listed[record]:
            wrong.append(f"{record} is decided on, but is no record")
        elif placed[record] != 1:
            wrong.append(f"{record} stands {_times(placed[record])} in {', '.join(PLACES)}")
    held, own = Counter(copies["file"]), Counter(copies["record_id"])
    strangers = sorted({*further, *own} - {*listed})
    wrong += [f"{record} has copies, but is no record" for record in strangers]
    for record in listed:
        if own[record] != 1 + further[record]:
            wrong.append(f"{record} has {own[record]} copies, duplicates {further[record]} more")
    for file, read in zip(searches["file"], searches["read"], strict=True):
        if held[file] != read:
            wrong.append(f"{file}: {read} read, but {held[file]} copies stand in copies.csv")
    if wrong:
        more = f"; and {len(wrong) - 20} more" if len(wrong) > 20 else ""
        raise FlowError("the ledger does not close: " + "; ".join(wrong[:20]) + more)


def _times(count: int) -> str:
    return {0: "nowhere", 1: "once", 2: "twice"}.get(count, f"{count} times")


def went_on(counts: UpdateCounts) -> tuple[int, int, int]:
    """Records of an update that were screened, reports sought for retrieval, reports assessed."""
    assessed = (
        counts["excluded_full_text"]["reports"]
        + counts["awaiting_classification"]
        + counts["reports_included"]
    )
    sought = counts["not_retrieved"] + counts["awaiting_assessment"] + assessed
    return counts["excluded_title_abstract"] + sought, sought, assessed
