"""Checks of kinds that were once silent, on both sides of their thresholds. See `test_slips`."""

import pandas as pd
import pytest

from extraction.test_slips import at, ends, of, raised, table
from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check

NONE = float("nan")
REVERSED = {"direction": "reversed"}
P = {"p_value": "<0.0001"}
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
        [("warning", "difference against means")],
    ),
    "SE of a rate that its interval is not of": (
        [("a rate", 0.2, ends(0.17, 0.23, se=0.1))],
        [("warning", "SE against the rest")],
    ),
    "SE of a rate in a row": (
        [("a rate", 0.2, ends(0.17, 0.23)), ("a se", 0.04, {})],
        [("warning", "SE against the rest")],
    ),
    "SE of a rate that its plain interval is of": (
        [("a rate", 0.2, ends(0.17, 0.23, se=0.015))],
        [],
    ),
    "SE of a rate that its exact interval of four is of": (
        [("a rate", 0.04, ends(0.0109, 0.1024, se=0.02))],
        [],
    ),
    "medians that the p cannot be of": (
        [
            *(("a median", 14.0, of(20)), ("b median", 13.5, of(20))),
            ("a/b log-rank-p", NONE, P),
        ],
        [("warning", "p against medians")],
    ),
    "medians that the p may be of": (
        [
            *(("a median", 14.0, of(20)), ("b median", 7.5, of(20))),
            ("a/b log-rank-p", NONE, P),
        ],
        [],
    ),
    "like medians of many, whose curves may part later": (
        [
            *(("a median", 14.0, of(300)), ("b median", 13.5, of(300))),
            ("a/b log-rank-p", NONE, P),
        ],
        [],
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


FALL = [("error", "events fall")]
DIED = {
    "fall": ((20, 50), (15, 50), FALL),
    "fall of unknown n": ((20, NONE), (15, NONE), FALL),
    "stay": ((20, 50), (20, 50), []),
    "fewer followed": ((20, 50), (15, 30), []),
}


@pytest.mark.parametrize("name", DIED)
def test_events_of_a_survival_outcome_add_up(name):
    *both, expected = DIED[name]
    cells = [("a events", k, at(t, n)) for t, (k, n) in zip((12, 24), both, strict=True)]
    studies = pd.DataFrame({"study_id": ["s"]})
    for rows in (table(*cells), table(*cells[::-1])):
        found = each(check(rows, studies, survival=["o"]))
        assert [(p.severity, p.check) for _, p in found] == expected
        # Who is free of pain at 12 months may not be at 24.
        assert not each(check(rows, studies))


@pytest.mark.parametrize(
    ("sizes", "about", "expected"),
    [
        ((40, 40, 40), {"n": 100}, [("error", "patients of the arms")]),
        ((40, 30, 32), {"n": 100}, [("warning", "patients of the arms")]),
        ((40, 30, 30), {"n": 100}, []),
        ((40, 40, 40), {"n": 100, "allocation": "crossover"}, []),
        ((30, 30, 60), {"n": 100}, []),  # the third is the first and the second
        ((60, 62, 122), {"n": 124}, []),
        ((60, 62, 122), {"n": 183}, [("error", "patients of the arms")]),  # 61, counted twice
        ((60, 60, 120), {"n": 184}, [("error", "patients of the arms")]),
    ],
)
def test_three_arms_are_no_more_than_the_study(sizes, about, expected):
    cells = [(f"{arm} mean", 9.0, of(n)) for arm, n in zip("abc", sizes, strict=True)]
    assert raised(table(*cells), **about) == expected


def test_an_arm_that_joins_others_holds_them():
    cells = [(f"{arm} mean", 9.0, of(n)) for arm, n in zip("abc", (60, 62, 122), strict=True)]
    about = pd.DataFrame({"study_id": ["s"], "n": 183})
    assert not each(check(table(*cells), about, joins={"c": ("a", "b")}))


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


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ((6, 30), (6, 31), True),  # a slip in the number of patients
        ((40, 151), (42, 151), True),  # or of events
        ((6, 30), (6, 36), False),
        ((6, 30), (8, 30), False),
        ((6, 30), (7, 31), False),
        ((6, 30), (5, 30), False),
    ],
)
def test_a_control_of_one_trial_with_nearly_the_same_numbers_is_asked_about(first, second, told):
    drug = ("a events", 3.0, of(30)), ("c events", 5.0, of(30))
    controls = [("b events", float(events), of(n)) for events, n in (first, second)]
    found = of_two([drug[0], controls[0]], [drug[1], controls[1]], **ONE_TRIAL)
    assert found == ([("t", "one arm in two studies", [3, 5])] if told else [])


def counts(study, *arms, first, statistic="events"):
    cells = [
        (f"{arm} {statistic}", float(x), of(n)) for arm, (x, n) in zip("ab", arms, strict=False)
    ]
    return table(*cells, study=study, first=first)


TOTAL = counts("s", (11, 60), (18, 60), first=2)
MEN = counts("t", (5, 30), (10, 30), first=4)


@pytest.mark.parametrize(
    ("women", "trials", "told"),
    [
        (counts("u", (6, 30), (8, 30), first=6), "AAA", True),
        (counts("u", (6, 30), (8, 30), first=6), "AAB", False),
        (counts("u", (6, 30), (9, 30), first=6), "AAA", False),
        (counts("u", (6, 30), (8, 31), first=6), "AAA", False),
        (counts("u", (6, 30), first=6), "AAA", True),  # 11 events of the one arm
    ],
)
def test_a_total_beside_its_parts_in_one_trial_is_asked_about(women, trials, told):
    studies = pd.DataFrame({"study_id": list("stu"), "trial": list(trials)})
    found = each(check(pd.concat([TOTAL, MEN, women]), studies))
    totals = [(study, p.rows) for study, p in found if p.check == "total beside its parts"]
    rows = tuple(range(2, 8)) if len(women) == 2 else (2, 4, 6)
    assert [(study, tuple(sorted(r))) for study, r in totals] == ([("s", rows)] if told else [])


def test_means_of_a_total_are_those_of_its_parts_weighted():
    parts = [
        counts("t", (9.0, 30), (12.5, 30), first=4, statistic="mean"),
        counts("u", (11.0, 30), (11.5, 30), first=6, statistic="mean"),
    ]
    studies = pd.DataFrame({"study_id": list("stu"), "trial": "A"})
    for mean, told in ((10.0, True), (10.3, False)):
        total = counts("s", (mean, 60), (12.0, 60), first=2, statistic="mean")
        found = each(check(pd.concat([total, *parts]), studies))
        assert any(p.check == "total beside its parts" for _, p in found) == told


def test_a_shared_control_with_its_sd_in_a_column_is_seen():
    doses = [("a mean", 20.0, of(50, sd=6.0))], [("a mean", 18.0, of(49, sd=6.4))]
    control = ("b mean", 25.31, of(151, sd=7.48))
    told = of_two([*doses[0], control], [*doses[1], control], records=["a", "b"])
    assert told == [("t", "one arm in two studies", [3, 5])]
    unlike = ("b mean", 25.31, of(151, sd=6.92))
    assert of_two([*doses[0], control], [*doses[1], unlike], records=["a", "b"]) == []
    assert of_two([*doses[0], control], [*doses[1], unlike], **ONE_TRIAL) == []
