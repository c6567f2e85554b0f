"""What is asked where there is one other study to hold a study against, or most of them are off."""

import pytest

from extraction.test_slips import of
from extraction.test_spread import CHANGE, UNIT, pair, told
from livingmeta.extraction.checks.one_study import known_unit_of_one_study
from livingmeta.extraction.rows import read_row

UNIT_OF_TWO = [("s0", UNIT, [2, 3]), ("s1", UNIT, [12, 13])]
SE_OF_TWO = [("s0", "SD", [2]), ("s0", "SD", [3])]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (pair(5.2, 5.9, sd=1.1), pair(201.0, 208.0, sd=40.0), UNIT_OF_TWO),
        (pair(-0.5, -0.1, sd=1.0, **CHANGE), pair(-19.0, -3.0, sd=40.0, **CHANGE), UNIT_OF_TWO),
        (pair(0.0, 0.0, sd=2.1, **CHANGE), pair(-26.2, -19.8, sd=22.0, **CHANGE), []),
        (pair(5.2, 5.9, sd=1.1), pair(201.0, 208.0, sd=90.0), []),  # more skewed, of other patients
        (pair(5.2, 5.9, sd=1.1), pair(21.0, 24.0, sd=4.0), []),
        (pair(32.0, 42.0, sd=2.6), pair(30.0, 40.0, sd=20.0), SE_OF_TWO),
        (pair(32.0, 42.0, sd=2.6), pair(60.0, 80.0, sd=20.0), []),  # other means, other patients
        (pair(32.0, 42.0, sd=5.4), pair(30.0, 40.0, sd=20.0), []),
        (pair(32.0, 42.0, se=20.0), pair(30.0, 40.0, sd=20.0), SE_OF_TWO),
        (pair(32.0, 42.0, se=2.6), pair(30.0, 40.0, sd=20.0), []),
    ],
)
def test_two_studies_are_held_to_one_another_where_little_else_explains_it(one, other, found):
    assert told(one, other) == found


def test_errors_for_sds_are_asked_about_in_most_studies_too():
    right = pair(30.0, 40.0, sd=20.0)
    wrong = [pair(32.0, 42.0, sd=2.6), pair(31.0, 40.0, sd=2.7)]
    assert [s for s, *_ in told(*wrong, right)] == ["s0", "s0", "s1", "s1"]
    assert told(*wrong, pair(31.0, 41.0, sd=5.0)) == []


@pytest.mark.parametrize(("se", "found"), [(2.0, []), (20.0, [("s1", "SD", [12])]), (2.3, [])])
def test_a_difference_is_held_to_the_sds_of_one_other_study(se, found):
    assert told(pair(30.0, 40.0, sd=20.0), [("a/b mean-difference", -9.0, of(120, se=se))]) == found


def in_unit(unit, *studies):
    """The studies that are held to be in another unit; of each the means of two arms and an SD."""
    row = {"outcome": "x", "statistic": "mean", "n": 60}
    rows = {
        f"s{i}": tuple(
            read_row({**row, "row": 10 * i + j, "arm": arm, "value": value, "sd": sd})
            for j, (arm, value) in enumerate(zip("ab", means, strict=True))
        )
        for i, (*means, sd) in enumerate(studies)
    }
    return [study for study, _ in known_unit_of_one_study(rows, {"x": unit})]


KG, WARM = [(82, 86, 15), (80, 85, 15), (84, 87, 14)], [(37.1, 37.8, 0.6), (37.0, 37.5, 0.6)]


@pytest.mark.parametrize(
    ("unit", "studies", "found"),
    [
        ("kg", [*KG, (185, 194, 32)], ["s3"]),
        ("kg", [*KG, (185, 194, 32), (180, 186, 34)], ["s3", "s4"]),
        ("lb", [*KG, (185, 194, 32)], []),  # of three in kg this one is right
        ("lb", [(185, 194, 32), (180, 186, 34), (82, 86, 15)], ["s2"]),
        ("kg", [*KG, (135, 140, 25)], []),  # of very heavy patients
        ("kg", [*KG, (185, 194, 15)], []),
        ("kg", [*KG, (38, 40, 7)], []),  # of children
        ("kg", [(82, 86, 15), (60, 62, 12), (120, 124, 22), (185, 194, 32)], []),
        ("kg", [KG[0], (185, 194, 32)], []),
        ("Celsius", [*WARM, (98.6, 100.2, 1.1)], ["s2"]),
        ("°C", [*WARM, (38.9, 39.4, 0.8)], []),
        ("points", [*KG, (185, 194, 32)], []),
    ],
)
def test_means_in_the_unit_that_is_printed_instead_are_asked_about(unit, studies, found):
    assert in_unit(unit, *studies) == found


def test_an_se_seen_beside_all_studies_is_told_where_it_is_too_far_from_the_rest():
    wrong = [("a mean", 64.8, of(67, sd=1.66)), ("b mean", 65.1, of(67, sd=1.55))]
    others = [
        [("a mean", 78.8, of(105, sd=29.7)), ("b mean", 89.1, of(105, sd=27.55))],
        [("a mean", 83.4, of(37, sd=19.97)), ("b mean", 75.9, of(37, sd=23.95))],
    ]
    assert {s for s, *_ in told(wrong, *others)} == {"s0"}
