"""The counts of the flow diagrams as the R package PRISMA2020 reads them (Haddaway et al. 2022,
Campbell Syst Rev 18:e1230): a row a number, in the columns and under the names of its PRISMA.csv.

What other methods than databases and registers found has boxes of its own for the whole review. An
update has one stream: there, its own boxes stand as 0 below the first.
"""

from collections.abc import Mapping

import pandas as pd

from livingmeta import tables
from livingmeta.living.told import Changes
from livingmeta.living.versions import compared
from livingmeta.screening.counts import Counts, UpdateCounts
from livingmeta.screening.flow import source_of, went_on

COLUMNS = tables.columns("report/prisma2020")
# Name, box and words of each row, in the package's order; "" is a heading without a number.
ROWS = (
    ("", "prevstud", "Previous studies"),
    ("previous_studies", "box1", "Studies included in previous version of review"),
    ("previous_reports", "box1", "Reports of studies included in previous version of review"),
    ("", "newstud", "Identification of new studies via databases and registers"),
    ("database_results", "box2", "Databases"),
    ("database_specific_results", "box2", "Databases"),
    ("register_results", "box2", "Registers"),
    ("register_specific_results", "box2", "Registers"),
    ("", "othstud", "Identification of new studies via other methods"),
    ("website_results", "box11", "Websites"),
    ("organisation_results", "box11", "Organisations"),
    ("citations_results", "box11", "Citation searching"),
    ("duplicates", "box3", "Duplicate records"),
    ("excluded_automatic", "box3", "Records marked as ineligible by automation tools"),
    ("excluded_other", "box3", "Records removed for other reasons"),
    ("records_screened", "box4", "Records screened"),
    ("records_excluded", "box5", "Records excluded"),
    ("dbr_sought_reports", "box6", "Reports sought for retrieval"),
    ("dbr_notretrieved_reports", "box7", "Reports not retrieved"),
    ("other_sought_reports", "box12", "Reports sought for retrieval"),
    ("other_notretrieved_reports", "box13", "Reports not retrieved"),
    ("dbr_assessed", "box8", "Reports assessed for eligibility"),
    ("dbr_excluded", "box9", "Reports excluded"),
    ("other_assessed", "box14", "Reports assessed for eligibility"),
    ("other_excluded", "box15", "Reports excluded"),
    ("new_studies", "box10", "New studies included in review"),
    ("new_reports", "box10", "Reports of new included studies"),
    ("total_studies", "box16", "Total studies included in review"),
    ("total_reports", "box16", "Reports of total included studies"),
    ("identification", "identification", "Identification"),
    ("screening", "screening", "Screening"),
    ("included", "included", "Included"),
    # Ours, and passed over by the package, which has no box for what is not decided yet, nor for
    # what other methods found and nobody sought.
    ("waiting_records", "", "Records awaiting a decision on title and abstract"),
    ("waiting_reports", "", "Reports awaiting full text or a decision on it"),
    ("copies_elsewhere", "", "Found by other methods: duplicates and what could not be read"),
    ("screened_out_elsewhere", "", "Found by other methods: excluded on title and abstract"),
)
# The row that each kind of source counts in.
# ASSUME: people asked and other ways stand with organisations; the package has no row of theirs.
SOURCES = {
    "database": "database_results",
    "register": "register_results",
    "website": "website_results",
    "organisation": "organisation_results",
    "citation searching": "citations_results",
    "contact": "organisation_results",
    "other": "organisation_results",
}


Boxes = dict[str, int | str]  # by the names of ROWS


def of_review(counts: Counts, reasons: Mapping[str, str]) -> pd.DataFrame:
    """The whole review. `counts`: the content of flow.json; `reasons`: words by code."""
    included, via = counts["included"], counts.get("via")
    main = via["databases_and_registers"] if via else counts
    return _table(
        _stream(main, reasons, main["screened"], main["sought"], main["assessed"])
        | _found(counts)
        | (_elsewhere(via["other_methods"], reasons) if via else {})
        | {
            "excluded_automatic": main["removed_before_screening"].get("automation", 0),
            "new_studies": included["studies"],
            "new_reports": included["reports"],
            "total_studies": included["studies"],
            "total_reports": included["reports"],
            "waiting_records": sum(counts["awaiting_screening"].values()),
            "waiting_reports": counts["awaiting_assessment"]
            + sum(counts["awaiting_classification"].values()),
        }
    )


def of_update(changes: Changes, reasons: Mapping[str, str]) -> pd.DataFrame:
    """The update since the latest release; no row where its boxes cannot be counted.

    `changes`: the content of changes.json. Records that awaited a decision before, or were decided
    again, are among those screened."""
    counts = compared(changes)["flow"]
    if counts is None:
        return pd.DataFrame(columns=COLUMNS)
    return _table(
        _stream(counts, reasons, *went_on(counts))
        | _found(counts)
        | {
            "previous_studies": counts["previous"]["studies"],
            "previous_reports": counts["previous"]["reports"],
            "new_studies": counts["new"]["studies"],
            "new_reports": counts["new"]["reports"],
            "total_studies": counts["included"]["studies"],
            "total_reports": counts["included"]["reports"],
            "waiting_records": counts["awaiting_screening"],
            "waiting_reports": counts["awaiting_assessment"] + counts["awaiting_classification"],
        }
    )


def _found(counts: Counts | UpdateCounts) -> Boxes:
    """Records identified by kind of source; frozen counts may name none."""
    found = dict.fromkeys(SOURCES.values(), 0)
    named: dict[str, dict[str, int]] = {"database": {}, "register": {}}
    for row in counts["identified"]["databases"]:
        name = row["database"]
        kind = row.get("source") or source_of(name)
        found[SOURCES[kind]] += row["records"]
        if kind in named:
            named[kind][name] = named[kind].get(name, 0) + row["records"]
    return found | {f"{kind}_specific_results": _listed(n) for kind, n in named.items()}


def _stream(
    counts: Counts | UpdateCounts,
    reasons: Mapping[str, str],
    screened: int,
    sought: int,
    assessed: int,
) -> Boxes:
    """The boxes from what was removed before screening to what was excluded at full text."""
    removed = counts["removed_before_screening"]
    return {
        "duplicates": removed["duplicates"],
        "excluded_other": removed["unreadable"],
        "records_screened": screened,
        "records_excluded": counts["excluded_title_abstract"],
        "dbr_sought_reports": sought,
        "dbr_notretrieved_reports": counts["not_retrieved"],
        "dbr_assessed": assessed,
        "dbr_excluded": _excluded(counts, reasons),
    }


def _elsewhere(counts: Counts, reasons: Mapping[str, str]) -> Boxes:
    """The boxes of what other methods found."""
    removed = counts["removed_before_screening"]
    return {
        "other_sought_reports": counts["sought"],
        "other_notretrieved_reports": counts["not_retrieved"],
        "other_assessed": counts["assessed"],
        "other_excluded": _excluded(counts, reasons),
        "copies_elsewhere": removed["duplicates"] + removed["unreadable"],
        "screened_out_elsewhere": counts["excluded_title_abstract"],
    }


def _excluded(counts: Counts | UpdateCounts, reasons: Mapping[str, str]) -> str:
    rows = counts["excluded_full_text"]["reasons"]
    return _listed({reasons.get(r["reason"], r["reason"]): r["reports"] for r in rows})


def _listed(numbers: dict[str, int]) -> str:
    """`PubMed, 12; Embase, 30`. The package splits at semicolons and cuts a name at its first
    comma, so names go without either."""
    plain = {name.replace(";", " /").replace(",", ""): n for name, n in numbers.items()}
    return "; ".join(f"{name}, {n}" for name, n in plain.items()) or "0"


def _table(numbers: Boxes) -> pd.DataFrame:
    rows = [
        (name or "NA", "NA", box or "NA", words, words, "NA", "NA", str(numbers.get(name, 0)))
        for name, box, words in ROWS
    ]
    return pd.DataFrame(rows, columns=COLUMNS)
