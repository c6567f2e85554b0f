"""How many patients the arms have together, against those of the study."""

import pandas as pd
import pytest

from extraction.test_slips import of, raised, table
from livingmeta.extraction.checks.run import check

BOTH = [("error", "patients of both arms")]
ALL = [("error", "patients of the arms")]


def counted(**sizes):
    return table(*((f"{arm} events", 5, of(n)) for arm, n in sizes.items()))


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ({"a": 262, "b": 262}, BOTH),  # the study's in both arms
        ({"a": 123, "b": 262}, BOTH),
        ({"a": 123, "b": 139}, []),
        ({"a": 123, "all": 262}, []),
        ({"a": 60, "b": 62, "c": 140}, []),
        ({"a": 60, "b": 62, "c": 262}, ALL),
        ({"a": 88, "b": 90, "c": 178}, ALL),  # the control of both comparisons
        ({"a": 88, "b": 90, "c": 178, "d": 84}, []),  # of the two, and nobody says so
        ({"a": 60, "b": 62, "c": 120, "d": 140}, ALL),
        ({"a": 102, "b": 54, "all": 156}, []),  # all twice are no control counted twice
    ],
)
def test_arms_as_many_as_the_study_are_more_than_it_together(sizes, told):
    assert raised(counted(**sizes), n=262) == told


def test_weighted_arms_may_be_as_many_as_all_patients():
    assert raised(counted(a=122, b=122).assign(adjusted="weighted"), n=122) == []


def test_an_arm_that_is_made_of_others_may_be_all_patients():
    about = pd.DataFrame([{"study_id": "s", "n": 122}])
    rows = counted(low=60, both=122)
    assert len(check(rows, about, joins={"both": ["low", "high"]})) == 0
    assert len(check(rows, about)) == 2


@pytest.mark.parametrize(
    ("sizes", "total", "told"),
    [
        ({"a": 60, "b": 62, "both": 120}, 125, []),  # two of both are missing
        ({"a": 80, "b": 62, "both": 120}, 125, BOTH),
        ({"a": 60, "c": 80, "both": 120}, 190, []),
        ({"both": 120, "c": 80}, 190, BOTH),
    ],
)
def test_an_arm_that_joins_others_counts_where_these_are_not_printed(sizes, total, told):
    about = pd.DataFrame([{"study_id": "s", "n": total}])
    found = check(counted(**sizes), about, joins={"both": ["a", "b"]})
    found = found[found["check"].str.startswith("patients")]
    pairs = dict.fromkeys(zip(found["severity"], found["check"], strict=True))
    assert [(str(s), str(c)) for s, c in pairs] == told
