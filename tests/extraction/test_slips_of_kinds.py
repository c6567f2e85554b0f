"""Checks of kinds that were once silent, on both sides of their thresholds. See `test_slips`."""

import pandas as pd
import pytest

from extraction.test_slips import at, ends, of, raised, table
from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check

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


def of_two(first, second, **about):
    """(study, check, rows) of what is raised between two studies; `first`, `second`: their rows."""
    rows = pd.concat([table(*first), table(*second, study="t", first=2 + len(first))])
    studies = pd.DataFrame({"study_id": ["s", "t"], "status": "included"} | about)
    found = each(check(rows, studies))
    return [(study, p.check, list(p.rows)) for study, p in found if p.severity != "note"]


ONE_TRIAL = {"records": ["a", "a"], "trial": ["T", "T"]}
HIGH = ("a/b mean-difference", -3.8, ends(-6.0, -1.6))
LOW = ("a/b mean-difference", -2.1, ends(-4.4, 0.2))
CONTROL = ("b mean", 25.0, of(51, sd=7.0))


def test_a_control_that_comparisons_of_one_trial_share_is_told():
    shared = [("t", "one arm in two studies", [2, 3])]
    assert of_two([HIGH], [LOW], **ONE_TRIAL) == shared
    apart = [(arm.replace("a/b", pair), *rest) for pair, (arm, *rest) in [("a/c", HIGH)]]
    assert of_two(apart, [LOW], **ONE_TRIAL) == shared
    of_others = {"records": ["a", "a"], "trial": ["T", "U"]}
    assert of_two([HIGH], [LOW], **of_others) == []


def test_controls_of_one_trial_with_numbers_of_their_own_are_two():
    other = ("b mean", 24.1, of(48, sd=6.1))
    doses = [("a mean", 20.0, of(50, sd=6.0))], [("a mean", 18.0, of(49, sd=6.4))]
    assert of_two([*doses[0], CONTROL], [*doses[1], other], **ONE_TRIAL) == []
    (told,) = of_two([*doses[0], CONTROL], [*doses[1], CONTROL], **ONE_TRIAL)
    assert told == ("t", "one arm in two studies", [3, 5])


def test_a_shared_control_with_its_sd_in_a_column_is_seen():
    doses = [("a mean", 20.0, of(50, sd=6.0))], [("a mean", 18.0, of(49, sd=6.4))]
    control = ("b mean", 25.31, of(151, sd=7.48))
    told = of_two([*doses[0], control], [*doses[1], control], records=["a", "b"])
    assert told == [("t", "one arm in two studies", [3, 5])]
    unlike = ("b mean", 25.31, of(151, sd=6.92))
    assert of_two([*doses[0], control], [*doses[1], unlike], records=["a", "b"]) == []
    assert of_two([*doses[0], control], [*doses[1], unlike], **ONE_TRIAL) == []
