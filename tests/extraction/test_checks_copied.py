"""Numbers that stand twice: rows copied, quartiles that are minimum and maximum."""

import pandas as pd
import pytest

from extraction.test_slips import at, ends, of, raised, table
from livingmeta.extraction.checks.run import check

COPIED = [("warning", "copied row")]
ORDER = [("warning", "order of quartiles")]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (("a mean", 52.3, at(6, 61, sd=22.1)), ("b mean", 52.3, at(6, 61, sd=22.1)), COPIED),
        (("a mean", 52.3, at(6, 61, sd=22.1)), ("b mean", 52.3, at(6, 61, sd=22.4)), []),
        (("a mean", 45.0, at(6, 60, sd=20.0)), ("b mean", 45.0, at(6, 60, sd=20.0)), []),  # chance
        (("a mean", 52.3, at(6, 61, sd=22.1)), ("a mean", 52.3, at(0, 61, sd=22.1)), COPIED),
        (("a mean", 8.5, at(6, 150, sd=0.9)), ("a mean", 8.5, at(0, 150, sd=0.9)), []),  # no change
        (("a median", 12.2, ends(9.7, 15.1)), ("b median", 12.2, ends(9.7, 15.1)), COPIED),
        (("a median", 12.2, ends(9.7, 15.1)), ("b median", 12.2, ends(9.8, 15.1)), []),
        (("a median", 3.0, ends(2.0, 4.0)), ("b median", 3.0, ends(2.0, 4.0)), []),
        (("a events", 37, of(161)), ("b events", 37, of(161)), []),
    ],
)
def test_numbers_of_one_row_in_two_places_are_asked_about(first, second, told):
    assert raised(table(first, second)) == told


def test_one_group_of_patients_has_one_row_of_numbers():
    alike = {"n": 61, "sd": 22.1}
    begin = table(("a mean", 52.3, alike | at(0, 61)), ("b mean", 52.3, alike | at(0, 61)))
    assert raised(begin, allocation="crossover") == []
    both = table(("low mean", 52.3, alike), ("drug mean", 52.3, alike))
    about = pd.DataFrame([{"study_id": "s"}])
    assert len(check(both, about, joins={"drug": ["low", "high"]})) == 0
    assert len(check(both, about)) == 2
    assert raised(table(("a mean", 52.3, alike), ("all mean", 52.3, alike))) == []


@pytest.mark.parametrize(
    ("quartiles", "ends_", "n", "told"),
    [
        ((15.0, 26.0), (15.0, 26.0), 50, ORDER),
        ((15.0, 26.0), (8.0, 40.0), 50, []),
        ((15.0, 26.0), (15.0, 40.0), 50, []),  # a floor
        ((15.0, 26.0), (15.0, 26.0), 4, []),
        ((0.0, 2.0), (0.0, 2.0), 50, []),  # three steps
    ],
)
def test_quartiles_that_are_minimum_and_maximum_are_asked_about(quartiles, ends_, n, told):
    cells = [("a median", sum(quartiles) / 2, of(n))]
    cells += [(f"a {s}", x, {}) for s, x in zip(("q1", "q3"), quartiles, strict=True)]
    cells += [(f"a {s}", x, {}) for s, x in zip(("minimum", "maximum"), ends_, strict=True)]
    assert raised(table(*cells)) == told
