"""Checks of a study's design: what is told of it, and what its design does not let be checked."""

import pandas as pd
import pytest

from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check

EVENTS = ("drug", "events", 12.0, 40, {})


def found(lines, **about):
    """Kinds of problems of one study; `lines`: (arm, statistic, value, n, {more})."""
    rows = [
        {"study_id": "ahn", "outcome": "fever", "arm": arm, "statistic": statistic, "value": value}
        | {"n": n, "row": i, "ci_level": 95.0, **more}
        for i, (arm, statistic, value, n, more) in enumerate(lines, 2)
    ]
    problems = check(pd.DataFrame(rows), pd.DataFrame([{"study_id": "ahn", **about}]))
    return {p.check: p for _, p in each(problems)}


@pytest.mark.parametrize(
    ("design", "meant"),
    [
        ("Cluster-randomised trial", "cluster"),
        ("stepped wedge", "cluster"),
        ("group-randomized", "cluster"),
        ("cross-over RCT", "crossover"),
        ("randomised crossover", "crossover"),
        ("split-mouth", "paired"),
        ("within-person RCT", "paired"),
        ("randomised, parallel groups", ""),
        ("matched cohort", ""),
        ("", ""),
    ],
)
def test_a_design_that_is_told_is_an_allocation(design, meant):
    made = found([EVENTS], design=design, allocation="")
    assert set(made) == ({"design"} if meant else set())
    if meant:
        assert made["design"].severity == "warning"
        assert made["design"].expected == f"{meant} in the column allocation"
    for word in ("parallel", "cluster", "crossover"):
        assert found([EVENTS], design=design, allocation=word) == {}


def test_numbers_account_for_clusters_where_there_are_some():
    ratio = ("drug/none", "odds-ratio", 0.8, 80, {"clusters": "adjusted"})
    assert found([EVENTS, ratio], allocation="cluster") == {}
    made = found([EVENTS, ratio], allocation="crossover")
    assert list(made["design"].rows) == [3]


# An interval far from what independent patients give, and one of the same patients in both arms.
COUNTS = [("drug", "events", 12.0, 40, {}), ("none", "events", 20.0, 40, {})]
RATIO = ("drug/none", "odds-ratio", 0.43, None, {"ci_low": 0.12, "ci_high": 1.54})
MEANS = [("drug", "mean", 7.0, 20, {"sd": 2.4}), ("none", "mean", 5.0, 20, {"sd": 2.2})]
DIFFERENCE = ("drug/none", "mean-difference", 2.0, 20, {"ci_low": 1.8, "ci_high": 2.2})


@pytest.mark.parametrize("allocation", ["cluster", "crossover", "paired"])
def test_no_check_takes_patients_for_independent_who_are_not(allocation):
    assert "interval against counts" in found([*COUNTS, RATIO])
    assert found([*COUNTS, RATIO], allocation=allocation) == {}
    assert "difference against SDs" in found([*MEANS, DIFFERENCE])
    made = found([*MEANS, DIFFERENCE], allocation=allocation)
    # Of a cluster trial 20 are too few for two arms of 20.
    assert set(made) == ({"patients"} if allocation == "cluster" else set())
    # What has nothing to do with it is told all the same.
    wrong = ("drug/none", "mean-difference", 5.0, 20, {"ci_low": 4.8, "ci_high": 5.2})
    assert "difference against means" in found([*MEANS, wrong], allocation=allocation)


def test_patients_in_both_arms_are_counted_once():
    assert "patients of both arms" in found(COUNTS, n=50, allocation="parallel")
    assert found(COUNTS, n=40, allocation="crossover") == {}
    assert "patients" in found(COUNTS, n=30, allocation="crossover")
