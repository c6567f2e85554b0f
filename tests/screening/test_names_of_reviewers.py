"""Reviewers whose names say that they may be one person, or several, wait and count as they are."""

import pandas as pd
import pytest

from livingmeta.screening import decisions

COLUMNS = ["record", "stage", "reviewer", "decision", "reason", "decided_on"]
RECORDS = pd.DataFrame(
    {"record_id": ["a", "b"], "title": ["A", "B"], "identifiers": ["pmid:1", "pmid:2"]}
)


def asked(*votes, persons=()):
    """What waits of the names on votes at title and abstract: who, and on which record."""
    rows = [[r, "title-abstract", who, "include", "", "2026-01-01"] for r, who in votes]
    table = pd.DataFrame(rows, columns=COLUMNS)
    found = decisions.resolve(RECORDS, table, reviewers=2, reasons=[], persons=persons)
    waits = found.warnings[found.warnings["column"] == "reviewer"]
    return waits[["value", "waits", "message"]].to_numpy().tolist()


@pytest.mark.parametrize("other", ["Mueller", "M\u00c3\u00bcller", "M?ller"])
def test_one_person_under_two_spellings_is_asked_about_though_the_record_went_on(other):
    mine = "M\u00fcller"
    [(value, record, told)] = asked(("a", mine), ("a", other), ("b", other), ("b", mine))
    assert (value, record) == (mine, "a")
    assert "count as two reviewers, on 2 records; by their names they may be one" in told
    assert asked(("a", mine), ("b", other)) == []  # two votes of none
    assert asked(("a", mine), ("a", other), ("a", "consensus")) == []
    assert asked(("a", mine), ("a", other), persons=[mine, other]) == []


def test_a_name_of_several_people_is_asked_about():
    [(value, record, told)] = asked(("a", "both"), ("a", "Kim"))
    assert (value, record) == ("both", "a")
    assert told == "both is no name of one person, and counts as one more reviewer, on 1 record"
    assert asked(("a", "Kang"), ("a", "Kim")) == []
