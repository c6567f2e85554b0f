"""Numbers of a study that stand in two of its places."""

import pandas as pd
import pytest

from extraction.test_slips import at, ends, of, table
from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check

FIVE = ("minimum", "q1", "median", "q3", "maximum")


@pytest.mark.parametrize(
    ("five", "n", "told"),
    [
        ((15, 15, 20, 26, 26), 30, True),  # the quartiles typed twice
        ((9, 15, 20, 26, 26), 30, False),
        ((0, 0, 1, 1, 1), 30, False),  # a scale of two steps
        ((1, 1, 3, 5, 5), 30, False),
        ((15, 15, 20, 26, 26), 4, False),
        ((1.5, 1.5, 2.0, 2.6, 2.6), None, True),
    ],
)
def test_quartiles_that_are_minimum_and_maximum_are_asked_about(five, n, told):
    rows = table(*((f"a {x}", v, of(n or float("nan"))) for x, v in zip(FIVE, five, strict=True)))
    found = {p.check for _, p in each(check(rows, pd.DataFrame({"study_id": ["s"]})))}
    assert ("quartiles and range" in found) == told


def copies(cells, **about):
    """The rows of which it is asked whether one was copied."""
    found = each(check(table(*cells), pd.DataFrame([{"study_id": "s"} | about])))
    return [list(p.rows) for _, p in found if p.check == "one row twice"]


def arms_at(time, *arms, **more):
    return [
        (f"{arm} mean", mean, at(time, n, sd=sd) | more)
        for arm, (mean, sd, n) in zip("abc", arms, strict=False)
    ]


ONE, OTHER, COARSE = (52.3, 22.1, 61), (41.6, 20.4, 60), (45.0, 20.0, 60)
MEDIAN = ("a median", 12.2, ends(9.7, 15.0, n=60))


@pytest.mark.parametrize(
    ("cells", "about", "told"),
    [
        (arms_at(6, ONE, ONE), {}, [[2, 3]]),
        (arms_at(6, ONE, OTHER, ONE), {}, [[2, 4]]),
        (arms_at(6, ONE, (52.3, 22.1, 60)), {}, []),
        (arms_at(6, ONE, (52.3, 22.4, 61)), {}, []),
        (arms_at(6, COARSE, COARSE), {}, []),  # as one of a hundred trials has it
        (arms_at(0, ONE, ONE), {}, []),  # arms that were made alike
        (arms_at(6, ONE, ONE), {"allocation": "crossover"}, []),
        ([("a mean", 52.3, of(61, se=2.83)), ("b mean", 52.3, of(61, se=2.83))], {}, [[2, 3]]),
        ([MEDIAN, ("b median", *MEDIAN[1:])], {}, [[2, 3]]),
        ([MEDIAN, ("b median", 12.2, ends(9.7, 15.2, n=60))], {}, []),
        ([("a median", 2.7, ends(2.6, 2.9)), ("b median", 2.7, ends(2.6, 2.9))], {}, []),
    ],
)
def test_two_arms_with_one_mean_sd_and_n_are_asked_about(cells, about, told):
    assert copies(cells, **about) == told


HBA1C = (8.5, 0.9, 150), (8.4, 1.0, 152)


@pytest.mark.parametrize(
    ("first", "later", "told"),
    [
        (HBA1C, HBA1C, [[2, 4], [3, 5]]),
        (HBA1C, (HBA1C[0], (8.3, 1.1, 152)), []),  # nothing changed in one
        (HBA1C, ((8.5, 0.9, 141), (8.4, 1.0, 140)), []),  # of those who came back
        (((52.31, 22.13, 61), OTHER), ((52.31, 22.13, 61), (40.1, 19.9, 60)), [[2, 4]]),
        (((4.0, 1.0, 30), (4.0, 1.0, 31)), ((4.0, 1.0, 30), (4.0, 1.0, 31)), []),  # whole numbers
    ],
)
def test_first_means_that_stand_as_later_ones_are_asked_about(first, later, told):
    assert copies([*arms_at(0, *first), *arms_at(6, *later)]) == told


@pytest.mark.parametrize(
    ("earlier", "later", "told"),
    [
        ((ONE, OTHER), (ONE, OTHER), [[2, 4], [3, 5]]),
        (HBA1C, HBA1C, []),  # little changes between two later times
        ((COARSE, (41.0, 21.0, 60)), (COARSE, (41.0, 21.0, 60)), []),
        ((ONE, OTHER), (ONE, (41.7, 20.4, 60)), []),
        ((ONE, OTHER), ((52.3, 22.1, 58), (41.6, 20.4, 57)), []),
        (((52.31, 22.13, 61), OTHER), ((52.31, 22.13, 61), (40.1, 19.9, 60)), [[2, 4]]),
    ],
)
def test_means_of_a_later_time_that_are_those_of_an_earlier_one_are_asked_about(
    earlier, later, told
):
    assert copies([*arms_at(6, *earlier), *arms_at(12, *later)]) == told
    assert copies([*arms_at(24, *earlier), *arms_at(24.2, *later)]) == []  # one time
    more = copies([*arms_at(6, *earlier), *arms_at(12, *later), *arms_at(24, *later)])
    assert more[: len(told)] == told  # each row once
    changed = [*arms_at(6, *earlier, measured="change"), *arms_at(12, *later, measured="change")]
    assert copies(changed) == told
    changed = [*arms_at(6, *earlier, measured="change"), *arms_at(12, *later)]
    assert copies(changed) == []
