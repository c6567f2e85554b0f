"""One study whose shares or medians are those of all others, turned or in another unit."""

import pandas as pd
import pytest

from extraction.test_slips import at, of, table
from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check

CHECK = "share of one study"
DEATHS = ((4, 60), (6, 55), (3, 48), (9, 80), (5, 52), (70, 77))


def told(shares, statistic="events", outcome="mortality", more=(), survival=(), **columns):
    """The studies that are asked about, of one arm each."""
    rows = []
    for number, (events, n) in enumerate(shares):
        value = events if statistic == "events" else 1 - events / n
        cell = f"a {statistic}", value, of(n) | columns
        rows.append(table(cell, study=f"s{number}", first=2 + number, outcome=outcome))
    about = pd.DataFrame({"study_id": [f"s{i}" for i in range(len(shares))]} | dict(more))
    found = each(check(pd.concat(rows), about, survival=survival))
    return [study for study, p in found if p.check == CHECK]


@pytest.mark.parametrize(
    ("shares", "studies"),
    [
        (DEATHS, ["s5"]),
        ([(n - e, n) for e, n in DEATHS], ["s5"]),
        (DEATHS[1:], []),  # of five nobody asks
        ((*DEATHS[:5], (7, 77)), []),
        ((*DEATHS[:5], (45, 77)), []),  # other patients, whose survivors are no fewer than theirs
        ((*DEATHS[:5], (3, 4)), []),  # of four patients by chance
        ((*DEATHS[:4], (40, 70), DEATHS[5]), []),  # one other between
        ((*DEATHS[:4], (70, 80), DEATHS[5]), []),  # two of them
        (((20, 50), (18, 52), (12, 44), (25, 60), (9, 30), (46, 64)), []),  # populations
    ],
)
def test_a_share_whose_complement_all_others_have_is_asked_about(shares, studies):
    assert told(shares) == studies


def test_deaths_over_whole_follow_ups_are_held_where_these_are_as_long():
    survival = {"outcome": "overall-survival", "survival": ["overall-survival"]}
    alike = {"followup_months": [24, 22, 30, 26, 28, 25]}
    longer = {"followup_months": [24, 22, 30, 26, 28, 90]}
    assert told(DEATHS, **survival) == []
    assert told(DEATHS, more=alike, **survival) == ["s5"]
    assert told(DEATHS, more=longer, **survival) == []
    assert told(DEATHS, more=longer) == []
    assert told(DEATHS, time=12.0, **survival) == ["s5"]
    assert told(DEATHS, statistic="survival", time=12.0, **survival) == ["s5"]


def deaths_told(rows, **about):
    found = each(check(rows, pd.DataFrame([{"study_id": "s"} | about]), survival=["o"]))
    return [p.severity for _, p in found if p.check == "deaths against survival"]


@pytest.mark.parametrize(
    ("events", "months", "expected"),
    [
        (45, 24, ["warning"]),  # half at most were followed longer
        (45, 40, []),  # the others died later
        (5, 26, []),
        (29, 24, []),
    ],
)
def test_deaths_are_no_more_than_the_followed_leave(events, months, expected):
    rows = table(("a survival", 0.9, at(24, 50)), ("a events", events, of(50)))
    assert deaths_told(rows, followup_months=months) == expected


@pytest.mark.parametrize(("events", "expected"), [(45, ["error"]), (5, [])])
def test_nobody_dies_after_the_longest_follow_up(events, expected):
    cells = ("a survival", 0.9, at(24, 50)), ("a events", events, of(50))
    rows = table(*cells, ("a maximum-followup", 24.5, {}))
    assert deaths_told(rows) == expected


TRIALS = ((8, 12), (5, 9), (11, 16), (6, 8))  # of 100 each


@pytest.mark.parametrize(
    ("value", "trials", "told"),
    [
        (-0.35, TRIALS, True),
        (0.35, TRIALS, True),
        (-0.04, TRIALS, False),
        (-0.14, TRIALS, False),  # a study of more risk
        (-0.75, TRIALS, False),  # no reduction that any other has
        (-0.35, TRIALS[:2], False),
        (-0.35, (*TRIALS, (40, 60)), False),
    ],
)
def test_a_relative_reduction_typed_as_difference_is_asked_about(value, trials, told):
    rows = [
        table(("a events", x, of(100)), ("b events", y, of(100)), study=f"s{i}", first=2 + 2 * i)
        for i, (x, y) in enumerate(trials)
    ]
    rows.append(table(("a/b risk-difference", value, {}), study="alone", first=90))
    about = pd.DataFrame({"study_id": [*(f"s{i}" for i in range(len(trials))), "alone"]})
    found = each(check(pd.concat(rows), about))
    assert [s for s, p in found if p.check == CHECK] == ["alone"] * told


@pytest.mark.parametrize(
    ("statistic", "value", "hint"),
    [
        ("risk-ratio", 0.35, True),
        ("risk-difference", -0.35, True),
        ("risk-ratio", 0.5, False),
        ("risk-difference", 0.2, False),
    ],
)
def test_beside_its_arms_a_relative_reduction_is_named(statistic, value, hint):
    arms = ("a events", 26, of(100)), ("b events", 40, of(100))
    rows = table(*arms, (f"a/b {statistic}", value, {}))
    ((_, problem),) = each(check(rows, pd.DataFrame({"study_id": ["s"]})))
    assert problem.message.endswith("is it a relative reduction?") == hint
    assert problem.severity == "error"


MEDIANS = (11.5, 13.0, 9.8, 14.2, 12.1)


@pytest.mark.parametrize(
    ("value", "others", "followed", "told"),
    [
        (52.0, MEDIANS, 14.0, True),  # 12 months
        (52.0, MEDIANS, 20.0, False),
        (52.0, MEDIANS, None, False),  # other patients may live so much longer
        (29.0, MEDIANS, 9.0, False),
        (52.0, (*MEDIANS, 40.0), 14.0, False),
        (52.0, MEDIANS[:2], 14.0, False),
    ],
)
def test_a_median_in_weeks_is_asked_about(value, others, followed, told):
    values = [*others, value]
    rows = [
        table(("a median", x, of(60)), study=f"s{i}", first=2 + i) for i, x in enumerate(values)
    ]
    about = {"study_id": [f"s{i}" for i in range(len(values))]}
    about["followup_months"] = [None] * len(others) + [followed]
    found = each(check(pd.concat(rows), pd.DataFrame(about), survival=["o"]))
    last = f"s{len(others)}"
    assert [(s, p.check) for s, p in found] == [(last, "unit of time")] * told
