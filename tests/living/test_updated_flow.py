"""The flow of an update: every box from hand-made ledgers, and random ones that must close."""

import copy
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.living import differences, state, updated_flow
from states import make

# state, stage and reason of a record that may stand in either ledger
STANDS = [
    ("included", "full-text", ""),
    ("excluded", "title-abstract", "off topic"),
    ("excluded", "full-text", "wrong-drug"),
    ("not-retrieved", "full-text", ""),
    ("undecided", "title-abstract", ""),
    ("unsure", "title-abstract", ""),
    ("undecided", "full-text", ""),
    ("unsure", "full-text", ""),
    ("conflict", "full-text", ""),
]


@cache
def empty():
    return make({})


def ledger(stands: dict[str, tuple], searches: dict[str, int] | None = None):
    """A State with these records, each included one a report of a study of its own name."""
    state = empty()
    rows = [
        {
            "record_id": name,
            "title": name,
            "state": s,
            "stage": stage,
            "reason": reason,
            "study_id": f"study-{name}" if s == "included" else "",
            "found_on": "",
            "sources": "PubMed",
            "identifiers": name,
        }
        for name, (s, stage, reason) in stands.items()
    ]
    records = pd.DataFrame(rows, columns=state.records.columns)
    flow = copy.deepcopy(state.flow)
    included = sum(s == "included" for s, _, _ in stands.values())
    searches = searches or {"2024-01-01": len(stands)}
    flow["identified"]["databases"] = [
        {"database": "PubMed", "searched_on": day, "records": n} for day, n in searches.items()
    ]
    flow["included"] = {"reports": included, "studies": included}
    return replace(state, records=records, flow=flow)


def count(before, after):
    return updated_flow.count(before, after, differences.matched(before, after))


def test_an_update_read_by_hand():
    included, excluded, waiting = STANDS[0], STANDS[1], STANDS[7]
    before = ledger({"a": included, "b": included, "c": excluded, "d": waiting, "e": waiting})
    after = ledger(
        {
            "a": included,
            "b": STANDS[2],
            "c": excluded,
            "d": included,
            "e": waiting,
            "f": included,
            "g": excluded,
            "h": STANDS[3],
            "i": STANDS[4],
        },
        {"2024-01-01": 5, "2025-01-01": 6},
    )
    assert count(before, after) == {
        "previous": {"version": "1.0", "studies": 2, "reports": 2},
        "identified": {
            "databases": [{"database": "PubMed", "searched_on": "2025-01-01", "records": 6}],
            "records": 6,
        },
        "removed_before_screening": {"duplicates": 2, "unreadable": 0},
        "new_records": 4,
        "awaiting_before": 2,
        "decided_again": 1,
        "records": 7,
        "awaiting_screening": 1,
        "excluded_title_abstract": 1,
        "not_retrieved": 1,
        "awaiting_assessment": 0,
        "excluded_full_text": {
            "reports": 1,
            "reasons": [{"reason": "wrong-drug", "reports": 1}],
        },
        "awaiting_classification": 1,
        "reports_included": 2,
        "new": {"studies": 2, "reports": 2},
        "no_longer_included": {"studies": 1, "reports": 1},
        "included": {"studies": 3, "reports": 3},
    }


def test_a_search_that_lost_records_leaves_no_flow():
    before = ledger({"a": STANDS[0]}, {"2024-01-01": 5})
    assert count(before, ledger({"a": STANDS[0]}, {"2024-01-01": 4})) is None
    assert count(before, ledger({"a": STANDS[0]}, {"2025-01-01": 9})) is None


def test_two_reports_that_turned_out_to_be_one():
    before = ledger({"a": STANDS[0], "b": STANDS[0]})
    after = ledger({"a": STANDS[0]}, {"2024-01-01": 2})
    after.records.loc[0, "identifiers"] = "a b"
    counts = count(before, after)
    assert counts["no_longer_included"] == {"studies": 1, "reports": 1}
    assert counts["included"] == {"studies": 1, "reports": 1}


def test_a_report_of_two_studies_and_a_trial_of_two_comparisons():
    before = ledger({"a": STANDS[0], "b": STANDS[0]})
    after = ledger({"a": STANDS[0], "b": STANDS[0], "c": STANDS[0]}, {"2024-01-01": 3})
    after.records["study_id"] = ["study-a", "study-b study-d", "study-c"]
    after.flow["included"] = {"reports": 3, "studies": 4}
    assert count(before, after)["new"] == {"studies": 2, "reports": 1}
    trials = pd.DataFrame({"study_id": ["study-b", "study-d", "study-c"], "trial": ["T", "T", ""]})
    after = replace(after, studies=trials)
    after.flow["included"]["studies"] = 3
    counts = count(before, after)
    assert counts["new"] == {"studies": 1, "reports": 1}
    assert counts["no_longer_included"] == {"studies": 0, "reports": 0}


def test_a_release_that_counted_comparisons_of_one_trial_as_studies():
    trials = pd.DataFrame({"study_id": ["study-a", "study-b"], "trial": ["T", "T"]})
    before = replace(ledger({"a": STANDS[0], "b": STANDS[0]}), studies=trials)
    after = replace(ledger({"a": STANDS[0], "b": STANDS[0]}), studies=trials)
    after.flow["included"] = {"reports": 2, "studies": 1}
    counts = count(before, after)
    assert counts["previous"]["studies"] == 2
    assert counts["no_longer_included"] == {"studies": 1, "reports": 0}
    assert counts["included"]["studies"] == 1


def sourced(*named):
    """The sources of a flow: name, kind ("" for releases of before that was kept) and records."""
    return [
        {"database": name, "searched_on": "2024-01-01", "records": n}
        | ({"source": kind} if kind else {})
        for name, kind, n in named
    ]


CHASED = "citation searching"


@pytest.mark.parametrize(
    ("then", "now", "further"),
    [
        # One index searched, and its citations chased, on one day.
        ([("OpenAlex", "database", 2)],
         [("OpenAlex", "database", 2), ("OpenAlex", CHASED, 1)], [("OpenAlex", CHASED, 1)]),
        ([("OpenAlex", "database", 1), ("OpenAlex", CHASED, 1)],
         [("OpenAlex", "database", 2), ("OpenAlex", CHASED, 1)], [("OpenAlex", "database", 1)]),
        ([("OpenAlex", CHASED, 2)],
         [("OpenAlex", "database", 1), ("OpenAlex", CHASED, 2)], [("OpenAlex", "database", 1)]),
        ([("OpenAlex", "", 2)],
         [("OpenAlex", "database", 1), ("OpenAlex", CHASED, 2)], [("OpenAlex", CHASED, 1)]),
        # Somebody says what it is.
        ([("X", "database", 2)], [("X", "website", 3)], [("X", "website", 1)]),
        # Fewer than there were.
        ([("OpenAlex", "database", 2)], [("OpenAlex", "database", 1)], None),
        ([("OpenAlex", "database", 2), ("OpenAlex", CHASED, 1)],
         [("OpenAlex", "database", 2)], None),
    ],
)  # fmt: skip
def test_one_name_that_is_two_kinds_of_source_on_one_day(then, now, further):
    before, after = ledger({}), ledger({})
    before.flow["identified"]["databases"] = sourced(*then)
    after.flow["identified"]["databases"] = sourced(*now)
    stands = {f"r{n}": STANDS[4] for n in range(sum(n for *_, n in further or []))}
    after = replace(after, records=ledger(stands).records)
    counts = count(before, after)
    assert (counts and counts["identified"]["databases"]) == (
        None if further is None else sourced(*further)
    )


LEDGERS = st.dictionaries(st.sampled_from([f"r{i}" for i in range(12)]), st.sampled_from(STANDS))


@settings(max_examples=60, deadline=None)
@given(LEDGERS, LEDGERS, st.integers(0, 5))
def test_random_ledgers_close(first, more, copies):
    """`check` raises where they do not; here every later ledger holds the earlier records."""
    before = ledger(first)
    stands = {**first, **more}
    new = len(stands) - len(first)
    after = ledger(stands, {"2024-01-01": len(first), "2025-01-01": new + copies})
    counts = count(before, after)
    assert counts["new_records"] == new
    assert counts["removed_before_screening"]["duplicates"] == copies


@pytest.mark.parametrize("box", ["records", "awaiting_classification", "new", "included"])
def test_a_corrupted_box_is_named(box):
    counts = count(ledger({"a": STANDS[0]}), ledger({"a": STANDS[0], "b": STANDS[0]}))
    if isinstance(counts[box], dict):
        counts[box]["studies"] += 1
    else:
        counts[box] += 1
    with pytest.raises(updated_flow.UpdatedFlowError, match="does not add up"):
        updated_flow.must_add_up(counts)


def test_a_release_that_has_not_retrieved_as_a_reason_says_the_same(tmp_path):
    """So that nothing counts as decided again because the state got a name of its own."""
    before = ledger({"a": ("excluded", "full-text", "not-retrieved"), "b": STANDS[2]})
    before.records.to_csv(tmp_path / "records.csv", index=False)
    read = state._frozen(tmp_path / "records.csv", "living/records")
    assert read[["state", "reason"]].to_numpy().tolist() == [
        ["not-retrieved", ""],
        ["excluded", "wrong-drug"],
    ]
