"""Reasons of exclusion at full text that say that nobody had the report are asked about."""

import pandas as pd
import pytest

from livingmeta.screening import decisions

COLUMNS = ["record", "stage", "reviewer", "decision", "reason", "decided_on"]
RECORDS = pd.DataFrame(
    {"record_id": ["a", "c"], "title": "x", "year": "", "identifiers": ["pmid:1", "pmid:2"]}
)


@pytest.mark.parametrize(
    ("key", "text", "asked"),
    [
        ("no-access", "Full text not available", True),
        ("unavailable", "", True),
        ("no-full-text-available", "", True),
        ("lost", "Could not obtain the article.", True),
        ("paper-not-found", "", True),
        ("not-retrieved", "Full text not available", False),
        ("unavailable", "Outcome data not available", False),
        ("no-report", "No report of adverse events", False),
        ("results-not-available", "", False),
        ("unavailable", "Unavailable outcome data", False),
        ("unavailable", "Not available as full text", True),
        ("language", "Full text not available in English", False),
        ("abstract", "Abstract of a meeting, no full text", False),
    ],
)
def test_a_reason_that_reads_as_if_nobody_had_the_report_waits(key, text, asked):
    day = "2026-01-01"
    rows = [
        (record, stage, "kim", decision, reason, day)
        for record in "ac"
        for stage, decision, reason in (
            ("title-abstract", "include", ""),
            ("full-text", "exclude", key),
        )
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    found = decisions.resolve(RECORDS, table, reviewers=1, reasons={key: text})
    said = found.warnings[["row", "column", "value", "waits"]].to_numpy().tolist()
    assert said == [[3, "reason", key, "a"]] * asked
    assert not asked or found.warnings["message"][0].startswith("2 reports excluded at full text")
