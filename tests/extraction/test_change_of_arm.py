"""The first mean of an arm, its later one and the change between them."""

import pytest

from extraction.test_slips import at, raised, table

FIRST, FINAL = ("a mean", 60.0, at(0, 50, sd=10.0)), ("a mean", 40.0, at(6, 50, sd=11.0))
TOLD = [("warning", "change of an arm")]


def change(value, **more):
    return ("a mean", value, at(6, 50, sd=9.0, measured="change") | more)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([FIRST, FINAL, change(-20.0)], []),
        ([FIRST, FINAL, change(-21.5)], []),  # out of a model, or of those who came back
        ([FIRST, FINAL, change(-35.0)], TOLD),
        ([FIRST, FINAL, change(20.0)], TOLD),
        ([FIRST, FINAL, change(-11.0)], TOLD),  # of the other arm
        ([FIRST, FINAL, change(-33.3)], TOLD),  # in percent
        ([FIRST, FINAL, change(-35.0, time=12)], []),
        ([FIRST, ("a mean", 59.0, at(6, 50, sd=11.0)), change(0.4)], []),
        ([FIRST, ("a mean", -20.0, at(6, 50, sd=9.0))], [("warning", "change or final value")]),
        ([FIRST, change(-20.0)], []),
        ([FIRST, ("a mean", 5.0, at(6, 50, sd=9.0))], []),
        # A scale about nought.
        ([("a mean", 0.6, at(0, 50, sd=1.0)), ("a mean", -1.6, at(6, 50, sd=1.1))], []),
    ],
)
def test_change_is_the_later_mean_less_the_first(rows, told):
    whose = ("change of an arm", "change or final value")
    assert [found for found in raised(table(*rows)) if found[1] in whose] == told
