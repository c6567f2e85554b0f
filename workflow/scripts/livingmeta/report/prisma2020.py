"""The counts of the flow diagrams as the R package PRISMA2020 reads them (Haddaway et al. 2022,
Campbell Syst Rev 18:e1230): a row a number, in the columns and under the names of its PRISMA.csv.

Boxes that this workflow does not fill (other ways of searching) stand as 0 and can be filled in.
"""

import re

import pandas as pd

from livingmeta.report.since import compared, went_on

COLUMNS = ["data", "node", "box", "description", "boxtext", "tooltips", "url", "n"]
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
    # Ours, and passed over by the package, which has no box for what is not decided yet.
    ("waiting_records", "", "Records awaiting a decision on title and abstract"),
    ("waiting_reports", "", "Reports awaiting full text or a decision on it"),
)
# ASSUME: a source is a register of studies if its name says so; all others are databases.
REGISTER = re.compile(
    r"\b(clinicaltrials\.gov|trials? regist(er|ry)|ictrp|isrctn|eudract|ctis|anzctr|chictr|ctri"
    r"|drks|jrct|umin-ctr)\b",
    re.IGNORECASE,
)


def of_review(counts: dict, reasons: dict[str, str]) -> pd.DataFrame:
    """The whole review. `counts`: the content of flow.json; `reasons`: words by code."""
    included, removed = counts["included"], counts["removed_before_screening"]
    return _table(
        _shared(counts, reasons, counts["screened"], counts["sought"], counts["assessed"])
        | {
            "excluded_automatic": removed["automation"],
            "new_studies": included["studies"],
            "new_reports": included["reports"],
            "total_studies": included["studies"],
            "total_reports": included["reports"],
            "waiting_records": sum(counts["awaiting_screening"].values()),
            "waiting_reports": counts["awaiting_assessment"]
            + sum(counts["awaiting_classification"].values()),
        }
    )


def of_update(changes: dict, reasons: dict[str, str]) -> pd.DataFrame:
    """The update since the latest release; no row where its boxes cannot be counted.

    `changes`: the content of changes.json. Records that awaited a decision before, or were decided
    again, are among those screened."""
    counts = compared(changes)["flow"]
    if counts is None:
        return pd.DataFrame(columns=COLUMNS)
    return _table(
        _shared(counts, reasons, *went_on(counts))
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


def _shared(counts, reasons, screened, sought, assessed) -> dict:
    removed, excluded = counts["removed_before_screening"], counts["excluded_full_text"]
    sources: dict[bool, dict[str, int]] = {False: {}, True: {}}
    for row in counts["identified"]["databases"]:
        name = row["database"]
        kind = sources[REGISTER.search(name) is not None]
        kind[name] = kind.get(name, 0) + row["records"]
    databases, registers = sources[False], sources[True]
    return {
        "database_results": sum(databases.values()),
        "database_specific_results": _listed(databases),
        "register_results": sum(registers.values()),
        "register_specific_results": _listed(registers),
        "duplicates": removed["duplicates"],
        "excluded_other": removed["unreadable"],
        "records_screened": screened,
        "records_excluded": counts["excluded_title_abstract"],
        "dbr_sought_reports": sought,
        "dbr_notretrieved_reports": counts["not_retrieved"],
        "dbr_assessed": assessed,
        "dbr_excluded": _listed(
            {reasons.get(r["reason"], r["reason"]): r["reports"] for r in excluded["reasons"]}
        ),
    }


def _listed(numbers: dict[str, int]) -> str:
    """`PubMed, 12; Embase, 30`. The package splits at semicolons and cuts a name at its first
    comma, so names go without either."""
    plain = {name.replace(";", " /").replace(",", ""): n for name, n in numbers.items()}
    return "; ".join(f"{name}, {n}" for name, n in plain.items()) or "0"


def _table(numbers: dict) -> pd.DataFrame:
    rows = [
        (name or "NA", "NA", box or "NA", words, words, "NA", "NA", str(numbers.get(name, 0)))
        for name, box, words in ROWS
    ]
    return pd.DataFrame(rows, columns=COLUMNS)
