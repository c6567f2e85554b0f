"""Standard errors that so many patients cannot have."""

import pandas as pd
import pytest

from extraction.test_slips import table
from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check

BARE = {"study_id": "s", "outcome": "cure", "ci_level": 95.0, "p_value": ""}


def asked(*rows):
    table = pd.DataFrame([BARE | row | {"row": i} for i, row in enumerate(rows, 2)])
    problems = [p for _, p in each(check(table, pd.DataFrame([{"study_id": "s"}])))]
    return [p.rows for p in problems if p.check == "SE against n"]


def of(statistic, value, arm="a", **more):
    return {"statistic": statistic, "value": value, "arm": arm} | more


# As the numbers stand once percentages are shares: 0.05 typed beside -8% is 0.0005.
@pytest.mark.parametrize(
    ("right", "wrong", "rows"),
    [
        (0.05, 0.0005, [of("risk-difference", -0.08, "a/b", n=102.0)]),
        (0.05, 0.0005, [of("risk-difference", -0.08, "a/b"), of("events", 4.0, "a", n=50.0),
                        of("events", 8.0, "b", n=50.0)]),
        (0.05, 0.0005, [of("risk-difference", -0.08, "a/b")]),
        (0.065, 0.00065, [of("survival", 0.7, time=12.0)]),
        (0.003, 0.00003, [of("proportion", 0.2)]),
        (0.01, 0.0001, [of("survival", 0.7, time=12.0), of("at-risk", 1.0, n=2000.0)]),
        (0.024, 0.00024, [of("rate", 0.12, n=50.0)]),
    ],
)  # fmt: skip
def test_a_share_typed_beside_a_percentage_is_asked_about(right, wrong, rows):
    first, *others = rows
    assert asked(first | {"se": right}, *others) == []
    assert asked(first | {"se": wrong}, *others) == [(2,)]
    row = of("se", wrong, first["arm"], time=first.get("time"))
    assert asked(first, *others, row)[-1] == (2, len(rows) + 2)


def patients(cells, **about):
    """What is asked about patients, of which rows."""
    found = each(check(table(*cells), pd.DataFrame([{"study_id": "s"} | about])))
    return [list(p.rows) for _, p in found if p.check == "patients"]


def died(one, other, *more):
    return [("a events", one[0], {"n": one[1]}), ("b events", other[0], {"n": other[1]}), *more]


CAME_BACK = [
    (f"{arm} mean", 5.1, {"n": n, "outcome": "pain", "sd": 2.0})
    for arm, n in (("a", 29), ("b", 23))
]


@pytest.mark.parametrize(
    ("cells", "about", "told"),
    [
        (died((12, 29), (17, 23)), {"n": 81}, True),  # for 12 of 41 and 17 of 40
        (died((12, 41), (17, 40)), {"n": 81}, False),
        (died((12, 29), (17, 23)), {"n": 90}, False),
        (died((2, 39), (1, 39)), {"n": 81}, False),  # as many may have left
        (died((7, 84), (5, 80)), {"n": 176}, False),
        (died((5, 84), (25, 60)), {"n": 174}, True),
        (died((12, 17), (41, 40)), {"n": 81}, True),  # events of both, n of both
        (died((8, 20), (20, 20)), {"n": 40}, False),  # all of one arm
        (died((12, 29), (17, 23)), {"n": 81, "allocation": "crossover"}, False),
        (died((12, 29), (17, 23), *CAME_BACK), {"n": 81}, False),
    ],
)
def test_those_without_the_event_are_no_patients_of_the_arm(cells, about, told):
    assert patients(cells, **about) == ([[2, 3]] if told else [])


def means(one, other):
    return [
        (f"{arm} mean", mean, {"n": n, "sd": sd})
        for arm, (mean, sd, n) in zip("ab", (one, other), strict=True)
    ]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (means((53, 41, 20), (47, 40, 18)), True),  # mean, n, sd
        (means((41, 53, 20), (40, 47, 18)), True),  # n, mean, sd
        (means((53, 20, 41), (47, 18, 40)), False),
        (means((41, 20, 38), (40, 18, 37)), False),  # means of about as many as they are
        (means((53, 41.2, 20), (47, 39.8, 18)), False),
    ],
)
def test_columns_in_another_order_are_told_by_the_patients_of_the_study(cells, told):
    assert patients(cells, n=81) == ([[2, 3]] if told else [])
