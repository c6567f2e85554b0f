"""A change of mind whose day is a slip is outdone by the vote that it was to replace."""

import pandas as pd
import pytest

from livingmeta.screening import decisions

COLUMNS = ["record", "stage", "reviewer", "decision", "reason", "decided_on", "note"]
NAMES = [f"doi:10.5555/{i}" for i in range(6)]
RECORDS = pd.DataFrame({"record_id": NAMES, "title": NAMES, "year": "", "identifiers": NAMES})
TA = "title-abstract"
DAYS = [f"2026-03-0{i}" for i in range(1, 7)]
APPENDED = [(name, "include", day) for name, day in zip(NAMES, DAYS, strict=True)]
SLIP = (NAMES[2], "exclude", "2025-03-09")


def waits(rows, since=None, more=()):
    table = [(name, TA, "Kim", said, "", day, "") for name, said, day in rows]
    table += [(name, TA, who, said, "", day, "") for name, who, said, day in more]
    votes = pd.DataFrame(table, columns=COLUMNS)
    found = decisions.resolve(RECORDS, votes, reviewers=1, reasons={}, since=since)
    return found.warnings["waits"].tolist()


@pytest.mark.parametrize(
    ("rows", "since", "said"),
    [
        ([*APPENDED, SLIP], None, [NAMES[2]]),  # the old year, in January
        ([*APPENDED, (NAMES[2], "exclude", "2026-03-09")], None, []),  # a change of mind
        ([*APPENDED, (NAMES[2], "include", "2025-03-09")], None, []),  # that says the same
        # Sorted by record, or too few to tell: the log alone asks.
        ([*APPENDED[::-1], SLIP], None, [""]),
        ([APPENDED[2], SLIP], None, [""]),
        ([APPENDED[2], SLIP], {NAMES[2]: "2026-03-01"}, [NAMES[2]]),  # before the search
    ],
)
def test_a_change_of_mind_with_a_day_that_cannot_be_waits(rows, since, said):
    assert waits(rows, since) == said


def test_what_a_consensus_settled_waits_no_more():
    assert waits([*APPENDED, SLIP], more=[(NAMES[2], "consensus", "exclude", "2026-03-10")]) == [""]
