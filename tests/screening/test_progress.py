"""How far each reviewer has come."""

import pandas as pd

from livingmeta import tables
from livingmeta.screening import decisions, progress

RECORDS = pd.DataFrame(
    {"record_id": list("abcd"), "title": "T", "identifiers": [f"pmid:{i}" for i in range(1, 5)]}
)
CAST = [
    ("a", "title-abstract", "kim", "exclude", "2026-01-01"),
    ("a", "title-abstract", "kim", "include", "2026-01-02"),  # a changed mind is one record
    ("a", "title-abstract", "lee", "include", "2026-01-01"),
    ("b", "title-abstract", "kim", "unsure", "2026-01-04"),
    ("c", "title-abstract", "lee", "exclude", "2026-01-03"),
    ("c", "title-abstract", "consensus", "exclude", "2026-01-05"),
    ("a", "full-text", "lee", "include", "2026-01-06"),
]


def test_by_stage_and_reviewer(tmp_path):
    cast = pd.DataFrame(CAST, columns=["record", "stage", "reviewer", "decision", "decided_on"])
    resolved = decisions.resolve(RECORDS, cast, reviewers=2, reasons=[])
    table = progress.by_person(resolved)
    assert table.drop(columns="stage").to_numpy().tolist() == [
        ["kim", 2, 1, 0, 1, 1, "2026-01-04"],  # d; c is settled
        ["lee", 2, 1, 1, 0, 2, "2026-01-03"],  # b and d
        ["lee", 1, 1, 0, 0, 0, "2026-01-06"],
    ]
    tables.write(table, tmp_path / "progress.csv", "screening/progress")


def test_nobody_has_begun():
    resolved = decisions.resolve(RECORDS, tables.empty("data/decisions"), reviewers=2, reasons=[])
    assert progress.by_person(resolved).empty
