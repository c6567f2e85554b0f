"""Medians of survival in another unit of time, and estimates that are their own limits."""

import pandas as pd
import pytest

from extraction.test_slips import ends, of, raised, table
from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check

MIDDLE = [("error", "interval not symmetric")]
DIED = (("a events", 190, of(292)), ("b events", 223, of(290)))
MOST_LIVE = (("a events", 100, of(195)), ("b events", 190, of(196)))


def asked(first, second, *more, design="RCT", followup=13):
    rows = table(("a median", first, {}), ("b median", second, {}), *more, outcome="os")
    about = pd.DataFrame([{"study_id": "s", "design": design, "followup_months": followup}])
    found = [p for _, p in each(check(rows, about, survival=["os"]))]
    return [list(p.rows) for p in found if p.check == "unit of time"]


@pytest.mark.parametrize(
    ("first", "second", "more", "about", "told"),
    [
        (12.2, 9.4, DIED, {}, []),
        (371.0, 9.4, (), {}, [[2]]),  # days, above all follow-up
        (371.0, 9.4, (), {"followup": None}, [[3, 2]]),
        (371.0, 9.4, (), {"followup": 0}, [[3, 2]]),
        (1.02, 9.4, (), {}, [[2, 3]]),  # years
        (12.2, 0.78, (), {}, [[3, 2]]),
        (53.0, 9.4, DIED, {}, [[3, 2]]),  # weeks
        (44.1, 8.1, MOST_LIVE, {"followup": 65}, []),  # as ibrutinib had it
        (25.3, 1.0, (), {"design": "cohort", "followup": 40}, []),  # an operation, and the dying
        (371.0, 286.0, (), {}, [[2], [3]]),
        (60.0, 7.0, (("a/b hazard-ratio", 0.11, ends(0.05, 0.24)),), {}, []),
    ],
)
def test_medians_of_two_arms_are_of_one_unit_of_time(first, second, more, about, told):
    assert asked(first, second, *more, **about) == told


@pytest.mark.parametrize(
    ("arm", "value", "more", "told"),
    [
        ("a rate", 0.98, ends(0.98, 1.33), MIDDLE),
        ("a rate", 1.14, ends(0.98, 1.33), []),
        ("a rate", 1.0, ends(0.0253, 5.57), []),  # exact, of one event
        ("a correlation", 0.3, ends(0.3, 0.7), MIDDLE),
        ("a correlation", 0.53, ends(0.3, 0.7), []),
        ("a/b effect", 1.02, ends(1.02, 3.11), MIDDLE),
        ("a/b effect", 1.91, ends(1.02, 3.11), []),
        ("a median", 9.7, ends(9.7, 15.0, n=292), MIDDLE),
        ("a median", 12.2, ends(9.7, 15.0, n=292), []),
        ("a median", 9.7, ends(9.7, 15.0, n=12), []),  # a step of few
        ("a median", 3.0, ends(3.0, 4.0, n=292), []),  # rounded
    ],
)
def test_an_estimate_is_not_its_own_limit(arm, value, more, told):
    found = raised(table((arm, value, more), outcome="overall-survival"))
    assert [f for f in found if f[1] == MIDDLE[0][1]] == told


def test_progression_may_be_seen_at_the_visit_that_is_its_limit():
    rows = table(("a median", 2.1, ends(2.1, 3.5, n=292)), outcome="progression-free-survival")
    assert raised(rows) == []
