"""Checks of kinds that were once silent, on both sides of their thresholds. See `test_slips`."""

import pytest

from extraction.test_slips import at, raised, table

REVERSED = {"direction": "reversed"}
CASES = {
    "difference of another time than the means": (
        [
            *(("a mean", 20.0, at(0, 50)), ("b mean", 20.2, at(0, 50))),
            ("a/b mean-difference", -3.8, at(12)),
        ],
        [],
    ),
    "difference of the time of the means": (
        [
            *(("a mean", 20.0, at(12, 50)), ("b mean", 20.2, at(12, 50))),
            ("a/b mean-difference", -3.8, at(12)),
        ],
        [("error", "difference against means")],
    ),
    "a scale reversed at one time only": (
        [
            *(("a mean", 20.0, at(0, 50)), ("b mean", 20.2, at(0, 50))),
            *(("a mean", 16.0, at(12, 50) | REVERSED), ("b mean", 18.2, at(12, 50) | REVERSED)),
        ],
        [("warning", "direction of the scale")],
    ),
    "a scale reversed at all times": (
        [
            *(("a mean", 20.0, at(0, 50) | REVERSED), ("b mean", 20.2, at(0, 50) | REVERSED)),
            *(("a mean", 16.0, at(12, 50) | REVERSED), ("b mean", 18.2, at(12, 50) | REVERSED)),
        ],
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_raised_of_a_few_printed_numbers(name):
    cells, expected = CASES[name]
    assert raised(table(*cells)) == expected
