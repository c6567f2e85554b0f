"""Of each kind of what waits for people: the tables that hold it, and what the list says of it."""

import pandas as pd

import settle
from living.waiting_judgements import INCLUDED, JUDGEMENTS, VALUES
from living.waiting_records import HAS, RECORD, SCREENING, SEARCH, STUDY
from livingmeta import tables
from livingmeta.words import settling

OUTCOMES = "data/raw/extraction/outcomes.csv"


def row(schema, **cells):
    """A row of a table; text is empty and the rest missing where not given."""
    contract = tables.schema(schema)["columns"]
    blank = {name: "" if rule["type"] == "string" else None for name, rule in contract.items()}
    return blank | cells


def whole(**rows):
    """Every table that the list is made from, with these rows and else empty."""
    found = {}
    for schema in (*settle.TABLES, *settle.RAW, "living/amendments", "data/reviewers"):
        name = schema.partition("/")[2]
        given = [row(schema, **cells) for cells in rows.get(name, [])]
        found[name] = pd.DataFrame(given) if given else tables.empty(schema)
    if "searches" not in rows:
        found["searches"] = pd.DataFrame([row("screening/searches", **SEARCH)])
    return found


def printed(number, value, **more):
    cells = {"study_id": STUDY, "outcome": "os", "arm": "drug", "statistic": "survival"}
    return cells | {"time": 24.0, "row": number, "value": value, "printed": f"{value}%"} | more


ASKED = {"os": {"outcome": "os", "arms": ["drug", "none"]}}
# Values of studies.csv that the protocol names; nowhere but in the case of them has a study any.
NAMED = {"os": {"include": {"site": ["lung", "Single-arm"]}}}
# Of each kind: the tables that hold it, and what the list says of it.
CASES = SCREENING | {
    "numbers-not-counted": (
        {
            "studies": [
                {"study_id": STUDY, "records": f"{RECORD} pmid:1", "status": "excluded"},
                {"study_id": "lee-2016", "records": f"{RECORD} pmid:2", "status": "excluded"},
                {"study_id": "oda-2017", "records": "pmid:1", "status": "excluded"},
            ],
            "excluded": [
                {"record_id": RECORD, "stage": "title-abstract"},
                {"record_id": "pmid:1", "stage": "title-abstract"},
                {"record_id": "pmid:2", "stage": "full-text"},
            ],
            "outcomes": [
                printed(2, 1.0),
                printed(3, 2.0, arm="none"),
                printed(4, 1.0) | {"study_id": "lee-2016"},
            ],
        },
        {"study_id": STUDY, "what": "2 of its rows in the extraction count in no result: its rep"},
    ),
    "numbers-of-report-out": (
        {
            "studies": [INCLUDED | {"records": f"{RECORD} pmid:1"}],
            **HAS,
            "records": [{"record_id": name, "identifiers": name} for name in (RECORD, "pmid:1")],
            "included": [{"record_id": RECORD, "study_id": STUDY}],
            "excluded": [{"record_id": "pmid:1", "stage": "full-text"}],
            "outcomes": [
                printed(2, 1.0, source="PMID: 1, Table 2"),
                printed(3, 1.0, source="page 3", arm="none"),
                printed(4, 1.0, source=f"{RECORD}; pmid 1", time=12.0),
            ],
        },
        {"record": "pmid:1", "rows": "2", "what": "1 of its rows name pmid:1 as their source, whi"},
    ),
    "printed-twice": (
        {
            "outcomes": [
                printed(2, 62.5),
                printed(3, 70.0),
                printed(4, 70.0, time=None),
                printed(5, 1.0, arm="none"),
                printed(6, 2.0, adjusted="matched"),
                printed(7, 3.0, part="men"),
            ]
        },
        {"rows": "2, 3", "what": "survival of drug on os at 24: 62.5% and 70.0%"},
    ),
    "conflict-of-extractors": (
        {
            "outcomes": [
                printed(2, 62.5, extractor="kim"),
                printed(3, 62.6, extractor="ann"),
                # Read alike, and settled by consensus.
                printed(4, 1.0, extractor="kim", arm="none"),
                printed(5, 1.0, extractor="ann", arm="none"),
                printed(6, 1.0, extractor="kim", time=12.0),
                printed(7, 2.0, extractor="ann", time=12.0),
                printed(8, 2.0, extractor="Consensus", time=12.0),
                # What one leaves out contradicts nobody.
                printed(9, 3.0, extractor="kim", time=6.0, n=40),
                printed(10, 3.0, extractor="ann", time=6.0),
            ]
        },
        {"rows": "2, 3", "what": "62.5% by kim and 62.6% by ann"},
    ),
    "reader-under-two-names": (
        {
            "outcomes": [
                printed(2, 62.5, extractor="Anna Berg"),
                printed(3, 62.5, extractor="A. Berg"),
                # Of another number, and of people who say who they are.
                printed(4, 1.0, extractor="Berg", arm="none"),
                printed(5, 2.0, extractor="Schmidt", time=12.0),
                printed(6, 2.0, extractor="Schmit", time=12.0),
            ],
            "reviewers": [{"reviewer": name, "kind": "person"} for name in ("schmidt", "Schmit")],
        },
        {"study_id": STUDY, "what": "A. Berg and Anna Berg count as two extractors, on ahn-2015"},
    ),
    "quote-unlike": (
        {
            "outcomes": [printed(n, 8.0, quote="9 of 40 died") for n in range(2, 6)],
            "quotes": [
                {"row": n, "study_id": STUDY, "state": state}
                for n, state in enumerate(("found", "value-not-in-quote", "no-text", "unread"), 2)
            ],
        },
        {
            "rows": "3",
            "what": "survival of drug on os at 24, 8.0%: its quote holds another number",
        },
    ),
    "unread-text": (
        {
            "outcomes": [printed(n, 8.0, extractor="kim") for n in (2, 3)],
            "quotes": [
                {"row": n, "study_id": STUDY, "state": "unread", "file": "a.pdf", "why": why}
                for n, why in ((2, "scan"), (3, "scan"))
            ]
            + [{"row": 4, "study_id": STUDY, "state": "found", "sha256": "0", "why": "kept"}],
        },
        {"file": "a.pdf", "what": "without text"},
    ),
    "routes-disagree": (
        {"disagreements": [{"synthesis": "os", "study_id": STUDY, "message": "far apart"}]},
        {"study_id": STUDY, "what": "os: far apart"},
    ),
    # Named though the study gives another synthesis its effect.
    "parts-undecided": (
        {
            "studies": [INCLUDED],
            **HAS,
            "unusable": [
                {
                    "synthesis": "pfs",
                    "study_id": STUDY,
                    "reason": f"{settling.ONLY_OF_PARTS}men: median a 24 (row 5, turned round), "
                    "women: median a 12 (row 2)",
                    "unsettled": True,
                },
                {"synthesis": "pfs", "study_id": "b", "reason": "no mean (row 9)"},
            ],
        },
        {
            "study_id": STUDY,
            "rows": "5, 2",
            "what": "pfs: only of parts, and nobody says which",
        },
    ),
    "shared-arm": (
        {
            "studies": [INCLUDED],
            **HAS,
            "unusable": [
                {"synthesis": "pfs", "study_id": name, "reason": reason, "unsettled": True}
                for name, reason in (
                    (
                        STUDY,
                        f"{settling.SHARED_ARM}a and b: none is not the same (row 5, row 7)",
                    ),
                    ("b", f"{settling.SHARED_ARM}a and b: none is not the same (row 5, row 7)"),
                    ("c", f"{settling.COUNTED_WITH}c and d are one effect, named c"),
                )
            ],
        },
        {
            "study_id": STUDY,
            "what": "a and b: pfs: none is not the same (row 5, row 7)",
            "cure": "join makes one effect of the comparisons, share divides the group",
        },
    ),
    "clusters-not-accounted": (
        {
            "studies": [INCLUDED],
            "risk_of_bias": HAS["risk_of_bias"],
            "effects": [
                {
                    "synthesis": name,
                    "study_id": STUDY,
                    "assumed": f"balanced; {settling.AS_PRINTED}no icc in studies.csv",
                }
                for name in ("os", "pfs")
            ],
        },
        {
            "study_id": STUDY,
            "what": "os, pfs: clusters not accounted for: no icc",
            "cure": "icc",
        },
    ),
    "pairs-not-accounted": (
        {
            "studies": [INCLUDED],
            "risk_of_bias": HAS["risk_of_bias"],
            "effects": [
                {
                    "synthesis": "pain",
                    "study_id": STUDY,
                    "assumed": f"{settling.AS_PARALLEL}no correlation in studies.csv",
                },
                {"synthesis": "os", "study_id": STUDY, "assumed": "balanced"},
            ],
        },
        {"study_id": STUDY, "what": "pain: patients in both arms", "cure": "correlation"},
    ),
    "study-without-effect": (
        {
            "studies": [INCLUDED, {"study_id": "b", "status": "awaiting"}],
            "risk_of_bias": HAS["risk_of_bias"],
            "unusable": [
                {"synthesis": "os", "study_id": STUDY, "reason": "nothing printed"},
                {"synthesis": "pfs", "study_id": STUDY, "reason": "nothing printed"},
                {"synthesis": "pfs", "study_id": "b", "reason": "nothing printed"},
            ],
            "outcomes": [printed(4, 1.0), printed(5, 1.0, arm="none")],
        },
        {"study_id": STUDY, "rows": "4, 5", "what": "nothing printed (os, pfs)"},
    ),
    "outcome-without-effect": (
        {
            "studies": [INCLUDED],
            **HAS,
            "effects": [{"study_id": STUDY, "synthesis": "pfs"}],
            "unusable": [{"synthesis": "os", "study_id": STUDY, "reason": "no survival of none"}],
            "outcomes": [
                printed(4, 1.0),
                printed(5, 1.0, outcome="pfs"),
                printed(6, 1.0, outcome="pfs", arm="none"),
            ],
        },
        {"study_id": STUDY, "rows": "4", "what": "os: no survival of none (os)"},
    ),
    "analysis-not-done": (
        {
            "decisions": [
                {
                    "synthesis": "os",
                    "model": model,
                    "parameters": '{"column": "site"}',
                    "rule": "no-column-for-subgroups",
                }
                for model in ("REML", "DL")
            ]
        },
        {"what": "os: subgroups by site; no study has the column site; not done"},
    ),
    "analysis-held-back": (
        {
            "decisions": [
                {
                    "synthesis": "os",
                    "rule": "subgroups-held-back",
                    "parameters": '{"column": "site", "reason": "two-no-subgroups"}',
                }
            ]
        },
        {"what": "os: subgroups by site held back; two studies cannot be divided; not done"},
    ),
    "change-without-reason": (
        {
            "amendments": [
                {
                    "key": "syntheses.os.time",
                    "mark": "changed",
                    "registered": "12",
                    "now": "24",
                },
                {"key": "syntheses.pfs", "mark": "dropped", "reason": "No trial has it."},
            ]
        },
        {
            "file": "data/raw/prose/amendments.md",
            "what": "syntheses.os.time: changed (now 24, registered 12)",
        },
    ),
    "conflict-on-curve": (
        {
            "curve_readings": [
                {
                    "study_id": STUDY,
                    "arm": "drug",
                    "outcome": "os",
                    "first": "ann",
                    "second": "kim",
                }
                | {"first_file": "data/raw/extraction/curves/a.drug.os-ann.csv", "state": state}
                | {"differs": "survival end", "difference": 0.0512, "at": 12.0}
                | {"first_end": 24.0, "second_end": 48.0}
                for state in ("conflict", "agree", "consensus")
            ]
        },
        {
            "study_id": STUDY,
            "file": "data/raw/extraction/curves/a.drug.os-ann.csv",
            "what": "drug on os: ann and kim differ by 0.051 in survival at 12 and end at 24 and "
            f"at 48; {STUDY}.drug.os-consensus.csv settles it",
        },
    ),
    "copied-reading": (
        {
            "outcomes": [
                *(printed(n, float(n), source=f"p. {n}", extractor="kim") for n in range(2, 12)),
                *(
                    printed(n + 10, float(n), source=f"p. {n}", extractor="ann")
                    for n in range(2, 12)
                ),
                # Of another study, and what people agreed on: no second reading.
                printed(22, 1.0, study_id="b", extractor="kim"),
                printed(23, 5.0, extractor="consensus"),
            ]
        },
        {
            "file": OUTCOMES,
            "what": "kim and ann say the same in every cell of 10 rows, places, quotes and notes "
            "to the letter",
        },
    ),
    "conflict-on-study": (
        {
            "study_fields": [
                {
                    "study_id": STUDY,
                    "field": "year",
                    "state": state,
                    "said": "2015 (a); 2016 (b)",
                }
                | {"file": "data/raw/extraction/studies-a.csv", "rows": "2, 3 of studies-b.csv"}
                for state in ("conflict", "agree", "consensus")
            ]
        },
        {
            "study_id": STUDY,
            "file": "data/raw/extraction/studies-a.csv",
            "rows": "2, 3 of studies-b.csv",
            "what": "year: 2015 (a); 2016 (b)",
            "cure": "studies-consensus.csv",
        },
    ),
    "printed-misfit": (
        {
            "problems": [
                {
                    "severity": severity,
                    "study_id": STUDY,
                    "row": "4",
                    "check": "size",
                    "message": "too many",
                    "value": "9",
                    "expected": "8",
                }
                for severity in ("warning", "note")
            ]
        },
        {"rows": "4", "what": "warning, size: too many (found 9, expected 8)"},
    ),
}
CASES |= JUDGEMENTS | VALUES
