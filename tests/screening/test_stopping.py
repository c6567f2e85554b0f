"""The stopping statement: the exact test, known numbers, and a bound that holds."""

from math import comb, floor

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.errors import InternalError
from livingmeta.screening import stopping
from livingmeta.screening.decisions import Resolution


def none_in(drawn, unread, unseen):
    """The hypergeometric chance of no find, in whole numbers."""
    if unseen > unread:
        return 0.0
    return comb(unread + drawn - unseen, drawn) / comb(unread + drawn, drawn)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.booleans(), max_size=300),
    st.integers(1, 300),
    st.sampled_from([0.8, 0.9, 0.95, 0.99]),
    st.sampled_from([0.8, 0.95, 0.99]),
)
def test_the_statement_is_the_exact_test_since_the_last_find(kept, unread, recall, confidence):
    said = stopping.statement(kept, unread, recall=recall, confidence=confidence)
    found = sum(kept)
    dry = len(kept) if True not in kept else kept[::-1].index(True)
    missed = floor(found / recall + 1e-9) - found + 1
    assert said["read_since_last_find"] == dry
    assert said["p_value"] == pytest.approx(none_in(dry, unread, missed), rel=1e-9, abs=1e-12)
    assert found / (found + missed) < recall
    assert found == 0 or found / (found + missed - 1) >= recall - 1e-9
    most = said["unseen_at_most"]
    assert none_in(dry, unread, most) >= 1 - confidence - 1e-9
    assert none_in(dry, unread, most + 1) < 1 - confidence + 1e-9
    # Whoever asks again and again must be surer than who asks once.
    refuted = found > 0 and said["recall_at_least"] >= recall
    assert not said["enough"] or (refuted and not said["sorted"])
    assert [one["recall"] for one in said["targets"]] == sorted({*stopping.RECALLS, recall})
    costs = [one["read_more"] for one in said["targets"]]
    if found and not said["sorted"]:
        assert costs == sorted(costs)
        for one in said["targets"]:
            assert one["enough"] == (one["read_more"] == 0)
            if one["read_more"]:  # so many dry records later it may stop, and not before
                for more, enough in ((one["read_more"], True), (one["read_more"] - 1, False)):
                    later = stopping.statement(
                        kept + [False] * more,
                        unread - more,
                        recall=one["recall"],
                        confidence=confidence,
                    )
                    assert later["sorted"] or later["enough"] == enough
    else:
        assert costs == [None] * len(costs)


def test_a_case_counted_by_hand():
    """10 kept, then 60 dry of 100: one missed would be 10 / 11 = 91%, so one is one too many;
    60 dry draws of 100 miss a single one with chance 40 / 100."""
    said = stopping.statement([False] + [True] * 10 + [False] * 60, 40)
    assert said["p_value"] == pytest.approx(0.4)
    assert not said["enough"]
    # 0.4 x 39/99 ~ 0.158 for two, 0.061 for three, 0.0232 for four: three cannot be refuted
    assert said["unseen_at_most"] == 3
    assert said["recall_at_least"] == pytest.approx(10 / 13)
    assert said["unseen_expected"] == pytest.approx(0.6)  # 1 / 62 of 40
    assert said["sentence"].startswith("10 kept; 40 records are unread. With 95% confidence at ")
    assert "at most 3 of them" in said["sentence"]
    assert "at least 76.9%" in said["sentence"]


def test_enough_is_said_when_it_is():
    said = stopping.statement([False] + [True] * 40 + [False] * 900, 100)
    assert said["enough"]
    assert said["unseen_at_most"] == 1
    assert said["sentence"].endswith("reading may stop at 95% recall.")


def test_a_file_sorted_by_decision_is_no_order_of_reading():
    """As ASReview exports: the relevant first. The dry stretch after them never was."""
    said = stopping.statement([True] * 40 + [False] * 900, 100)
    assert said["sorted"]
    assert not said["enough"]
    assert "looks sorted by decision" in said["sentence"]
    few = stopping.statement([True] * 9 + [False] * 900, 5)
    assert not few["sorted"]
    assert not stopping.statement([True] * 40, 100)["sorted"]
    assert "Every record has been read" in stopping.statement([True] * 40 + [False], 0)["sentence"]


@pytest.mark.parametrize(
    ("kept", "unread", "words"),
    [
        ([], 50, "nothing can be said yet"),
        ([False] * 30, 50, "nothing can be said yet"),
        ([True, False], 0, "Every record has been read; 1 was kept."),
        ([], 0, "Every record has been read; 0 were kept."),
    ],
)
def test_the_ends(kept, unread, words):
    said = stopping.statement(kept, unread)
    assert words in said["sentence"]
    assert said["recall_at_least"] in (None, 1.0)
    assert not (said["enough"] and unread)


def test_what_was_found_before_counts_but_says_nothing_of_what_came_later():
    dry = [False] * 20
    alone = stopping.statement(dry, 20, found_before=100)
    assert alone["found"] == 100
    assert alone["read"] == 20
    # 20 of 40 read, none kept: 4 unread ones are missed with chance about 1 in 19
    assert alone["unseen_at_most"] == 4
    assert alone["enough"]  # 100 of 104 is more than 95%


def test_impossible_counts_are_refused():
    with pytest.raises(InternalError, match="cannot be negative: -1 unread"):
        stopping.statement([True], -1)


def test_the_bound_holds_on_records_in_random_order():
    """Random order is the hardest that the assumption allows, asked once at any time."""
    rng = np.random.default_rng(5)
    wrong = 0
    for _ in range(400):
        relevant = rng.permutation(400) < rng.integers(5, 60)
        read = int(rng.integers(50, 380))
        said = stopping.statement(relevant[:read], 400 - read)
        wrong += relevant[read:].sum() > said["unseen_at_most"]
    assert wrong / 400 <= 0.05


@pytest.mark.parametrize("recall", stopping.RECALLS)
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_who_asks_after_every_few_records_stops_no_earlier_than_stated(recall, confidence):
    """Random order and many relevant records, where asking often errs most: with the error of one
    ask 80% were reached in 30% of runs at a confidence of 80%."""
    rng = np.random.default_rng(3)
    reached = 0
    for _ in range(60):
        kept = rng.permutation(500) < rng.choice([10, 50, 150])
        for read in range(10, 500, 10):
            said = stopping.statement(
                kept[:read].tolist(), 500 - read, recall=recall, confidence=confidence
            )
            if said["enough"]:
                reached += kept[:read].sum() >= recall * kept.sum()
                break
        else:
            reached += 1
    assert reached / 60 >= confidence


def test_the_cost_of_each_target_is_said():
    said = stopping.statement([False] + [True] * 10 + [False] * 60, 40)
    assert said["sentence"].endswith(
        "Records still to read, if none of them is kept: for 95% 36 more; for 90% 20 more; for 80% "
        "7 more."
    )
    # One dry stretch is enough for whoever asks but once, and a longer one for all.
    asked = [
        stopping.statement([False] + [True] * 60 + [False] * dry, 200, recall=0.8)
        for dry in range(80)
    ]
    torn = [said for said in asked if said["recall_at_least"] >= 0.8 and not said["enough"]]
    assert torn
    assert all("Asked once that is 80%, but" in said["sentence"] for said in torn)
    assert asked[-1]["enough"]


def resolution(**tables):
    """A Resolution of the rows given, the rest empty."""
    columns = {
        "included": ["record_id"],
        "excluded": ["record_id", "stage"],
        "awaiting": ["record_id", "stage", "state"],
        "conflicts": ["record_id", "stage"],
        "votes": ["record_id", "stage", "reviewer", "decided_on", "row"],
        "original": [],
        "unmatched": [],
        "warnings": [],
    }
    return Resolution(**{k: pd.DataFrame(tables.get(k, []), columns=c) for k, c in columns.items()})


FIRST = "title-abstract"
HELD = [("a", "old.ris"), ("b", "old.ris"), ("b", "new.ris"), ("c", "new.ris"), ("d", "new.ris")]
COPIES = pd.DataFrame(HELD, columns=["record_id", "file"])
SEARCHES = pd.DataFrame(
    {"file": ["old.ris", "new.ris"], "searched_on": ["2025-01-01", "2026-06-01"]}
)


def test_decisions_from_before_the_latest_search_are_found_before():
    votes = [
        ("b", FIRST, "x", "2025-02-01", 2),
        ("a", FIRST, "x", "2025-02-02", 3),
        ("c", FIRST, "x", "2026-06-02", 4),
    ]
    said = stopping.observed(
        COPIES,
        resolution(
            included=[("b",)],
            excluded=[("a", FIRST), ("c", FIRST)],
            awaiting=[("d", FIRST, "undecided")],
            votes=votes,
        ),
        SEARCHES,
    )
    assert said == {"relevant": [False], "unread": 1, "found_before": 1}


def test_order_of_reading_doubt_and_full_text():
    votes = [
        ("d", FIRST, "x", "2026-06-03", 2),  # the file was sorted: the date counts
        ("c", FIRST, "x", "2026-06-02", 3),
        ("a", FIRST, "x", "2026-06-02", 4),
        ("a", "full-text", "x", "2026-06-09", 5),
    ]
    said = stopping.observed(
        COPIES,
        resolution(
            excluded=[("c", FIRST), ("a", "full-text")],
            awaiting=[("d", FIRST, "unsure"), ("b", FIRST, "undecided")],
            votes=votes,
        ),
        SEARCHES,
    )
    assert said == {"relevant": [False, True, True], "unread": 1, "found_before": 0}


def test_the_day_of_a_search_is_found_though_its_file_has_a_colon_in_its_name():
    records = pd.DataFrame({"record_id": ["a", "b"], "file": "pub:med.ris"})
    found = resolution(
        excluded=[("a", FIRST)],
        awaiting=[("b", FIRST, "undecided")],
        votes=[("a", FIRST, "x", "2026-01-01", 2)],
    )
    searches = pd.DataFrame({"file": ["pub:med.ris"], "searched_on": ["2026-01-05"]})
    # What was decided before the search says nothing about what it brought.
    assert stopping.observed(records, found, searches)["relevant"] == []
