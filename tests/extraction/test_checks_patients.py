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
    ],
)
def test_arms_as_many_as_the_study_are_more_than_it_together(sizes, told):
    assert raised(counted(**sizes), n=262) == told


def test_arms_that_are_made_of_others_or_weighted_may_be_all_patients():
    about = pd.DataFrame([{"study_id": "s", "n": 122}])
    rows = counted(low=60, both=122)
    assert len(check(rows, about, joins={"both": ["low", "high"]})) == 0
    assert len(check(rows, about)) == 2
    assert raised(counted(a=122, b=122).assign(adjusted="weighted"), n=122) == []


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (("events", 12, of(29)), ("events", 17, of(23)), 1),  # those without the event as n
        (("events", 12, of(41)), ("events", 17, of(40)), 0),
        (("events", 12, of(29)), ("events", 16, of(23)), 0),
        (("mean", 53.0, of(20, sd=41.0)), ("mean", 47.0, of(18, sd=40.0)), 1),  # n as SD
        (("mean", 41.0, of(20, sd=53.0)), ("mean", 40.0, of(18, sd=47.0)), 1),  # n as mean
        (("mean", 53.0, of(41, sd=20.0)), ("mean", 47.0, of(40, sd=18.0)), 0),
    ],
)
def test_another_column_that_adds_up_to_the_study_is_asked_about(first, second, told):
    cells = [(f"{arm} {row[0]}", *row[1:]) for arm, row in (("a", first), ("b", second))]
    assert raised(table(*cells), n=81) == [("warning", "patients")] * told
