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
        ("cRCT", "cluster"),
        ("trial, randomised by school", "cluster"),
        ("GP practices were randomised", "cluster"),
        ("village-randomised trial", "cluster"),
        ("AB/BA design", "crossover"),
        ("Latin square", "crossover"),
        ("n-of-1 trials", "crossover"),
        ("intra-individual comparison", "paired"),
        ("fellow eye as control", "paired"),
        ("RCT with crossover at progression", ""),
        ("RCT, crossover was allowed after 6 months", ""),
        ("not a cluster trial", ""),
        ("RCT in cluster headache", ""),
        ("cohort with cluster analysis", ""),
        ("multicentre RCT, randomised by centre stratum", ""),
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


def test_a_design_of_which_it_is_unclear_who_drew_lots_is_asked_about():
    both = [EVENTS, ("placebo", *EVENTS[1:2], 15.0, 40, {})]
    words = "post hoc analysis of a randomised trial"
    assert "by lot?" in found(both, design=words)["design"].message
    assert found(both, design=words, comparability="multivariable") == {}
    assert found([EVENTS], design=words) == {}
    for said in ("phase 3 randomised trial", "non-randomised", "randomly sampled survey"):
        assert found(both, design=said) == {}


def test_numbers_account_for_clusters_where_there_are_some():
    ratio = ("drug/none", "odds-ratio", 0.8, 80, {"clusters": "adjusted"})
    assert found([EVENTS, ratio], allocation="cluster") == {}
    made = found([EVENTS, ratio], allocation="crossover")
    assert list(made["design"].rows) == [3]


# An interval far from what independent patients give, and one of the same patients in both arms.
COUNTS = [("drug", "events", 12.0, 40, {}), ("none", "events", 20.0, 40, {})]
RATIO = ("drug/none", "odds-ratio", 0.43, None, {"ci_low": 0.12, "ci_high": 1.54})
MEANS = [("drug", "mean", 7.0, 20, {"sd": 2.4}), ("none", "mean", 5.0, 20, {"sd": 2.2})]
DIFFERENCE = ("drug/none", "mean-difference", 2.0, 20, {"ci_low": 1.5, "ci_high": 2.5})


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


# Clusters in studies.csv, and what its allocation makes of them.
IN_CLUSTERS = {"icc": 0.05, "cluster_size": 20}


@pytest.mark.parametrize(
    ("about", "asked"),
    [
        (IN_CLUSTERS, True),
        (IN_CLUSTERS | {"allocation": "parallel"}, True),
        (IN_CLUSTERS | {"allocation": "crossover"}, True),
        ({"icc": 0.05}, True),
        ({"cluster_size": 20, "allocation": "random"}, True),
        (IN_CLUSTERS | {"allocation": "cluster"}, False),
        ({"icc": 0, "cluster_size": 1}, False),
        ({"icc": float("nan"), "cluster_size": ""}, False),
    ],
)
def test_clusters_of_a_study_that_is_said_to_have_none_are_asked_about(about, asked):
    made = found(COUNTS, **about)
    assert set(made) == ({"design"} if asked else set())
    if asked:
        assert made["design"].severity == "warning"
        assert "count as independent" in made["design"].message
        # A design that is told as one of clusters asks once.
        told = found(COUNTS, **about, design="cluster trial")
        assert len(told) == 1


@pytest.mark.parametrize(("allocation", "asked"), [("", True), ("parallel", True), ("paired", 0)])
def test_a_correlation_of_two_arms_is_of_patients_in_both(allocation, asked):
    of_arms = ("drug/none", "correlation", 0.6, None, {})
    made = found([*MEANS, of_arms], allocation=allocation)
    assert [p.rows for p in made.values()] == ([(4,)] if asked else [])
    # Of first and later values, and a correlation that is the outcome itself.
    assert found([*MEANS, ("drug", "correlation", 0.6, None, {})], allocation=allocation) == {}
    assert found([("drug/none", "correlation", 0.6, 40, {})], allocation=allocation) == {}


@pytest.mark.parametrize(("size", "asked"), [(20, False), (40, False), (41, True), (2000, True)])
def test_a_cluster_is_no_larger_than_an_arm(size, asked):
    built = {"allocation": "cluster", "icc": 0.05}
    rows = [*COUNTS, ("drug", "at-risk", 9.0, 9, {"time": 12.0})]
    made = found(rows, **built, cluster_size=size)
    assert set(made) == ({"cluster size"} if asked else set())


# What a model of clusters gives is not what the patients give as they are.
MODELLED = [
    (COUNTS, "odds-ratio", 0.5),
    (COUNTS, "risk-difference", -0.15),
    (MEANS, "mean-difference", 3.5),
]


@pytest.mark.parametrize(("arms", "statistic", "value"), MODELLED)
def test_what_accounts_for_clusters_is_not_held_against_the_arms(arms, statistic, value):
    ratio = ("drug/none", statistic, value, None, {})
    assert len(found([*arms, ratio], allocation="cluster")) == 1
    adjusted = ("drug/none", statistic, value, None, {"clusters": "adjusted"})
    assert found([*arms, adjusted], allocation="cluster") == {}


def test_the_sd_of_differences_is_used_where_patients_are_in_both_arms():
    difference = ("drug/none", "mean-difference", 2.0, 20, {"sd": 3.1})
    assert found([*MEANS, difference], allocation="crossover") == {}
    assert set(found([*MEANS, (*difference[:3], 40, {"sd": 3.1})])) == {"SD of no mean"}


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ({"sd": 0.5}, True),  # their SE
        ({"sd": 3.2}, False),
        ({"se": 3.2}, True),  # their SD
        ({"se": 0.5}, False),
        ({"ci_low": -3.0, "ci_high": -1.0}, False),
        ({"ci_low": -12.0, "ci_high": 8.0}, True),
    ],
)
@pytest.mark.parametrize("allocation", ["crossover", "paired", ""])
@pytest.mark.parametrize("by", ["sd", "se", "interval"])
def test_the_sd_of_differences_lies_within_what_the_arms_have(more, asked, allocation, by):
    told = {"sd": {"sd": 5.0}, "se": {"se": 0.79}}
    arms = [
        (arm, "mean", mean, 40, told.get(by, {"ci_low": mean - 1.6, "ci_high": mean + 1.6}))
        for arm, mean in (("drug", 20.0), ("none", 22.0))
    ]
    made = found([*arms, ("drug/none", "mean-difference", -2.0, 40, more)], allocation=allocation)
    assert ("SD of differences" in made) == (asked and allocation != "")


def test_values_of_a_patient_that_are_much_alike_are_none_of_an_se():
    arms = [("drug", "mean", 80.0, 40, {"sd": 15.0}), ("none", "mean", 82.0, 40, {"sd": 15.0})]
    lines = [*arms, ("drug/none", "mean-difference", -2.0, 40, {"sd": 2.0})]
    assert found(lines, allocation="crossover") == {}


def test_an_odds_ratio_of_pairs_is_not_that_of_the_two_percentages():
    counts = [("drug", "events", 10.0, 40, {}), ("none", "events", 18.0, 40, {})]
    assert found([*counts, ("drug/none", "odds-ratio", 0.3, 40, {})], allocation="paired") == {}
    wrong = found([*counts, ("drug/none", "risk-ratio", 0.3, 40, {})], allocation="paired")
    assert set(wrong) == {"ratio against arms"}


def arms_of(first, second, n1, n2, **more):
    return [
        ("pre", "mean", first, n1, {"sd": 1.2} | more),
        ("post", "mean", second, n2, {"sd": 1.1} | more),
    ]


@pytest.mark.parametrize(
    ("design", "sizes", "asked"),
    [
        ("uncontrolled before-after study", (80, 80), True),
        ("single-arm pre-post", (80, 80), True),
        ("pretest-posttest", (60, 60), True),
        ("before and after study", (80, 93), False),  # of other patients, as likely as not
        ("controlled before-after study", (80, 80), False),
        ("randomised pretest-posttest control group design", (80, 80), False),
        ("before-after study with historical controls", (80, 80), False),
        ("pre-postoperative care", (80, 80), False),
    ],
)
def test_the_same_patients_before_and_after_are_no_parallel_arms(design, sizes, asked):
    made = found(arms_of(7.1, 6.2, *sizes), design=design, allocation="")
    assert set(made) == ({"design"} if asked else set())
    if asked:
        assert made["design"].expected == "paired in the column allocation"


@pytest.mark.parametrize(
    ("sizes", "n", "asked"),
    [((20, 22), 42, True), ((21, 21), 42, True), ((42, 41), 42, False), ((20, 19), 42, False)],
)
def test_the_sequences_of_a_crossover_are_not_its_arms(sizes, n, asked):
    made = found(arms_of(7.1, 6.2, *sizes), design="RCT", allocation="crossover", n=n)
    assert set(made) == ({"patients of a crossover"} if asked else set())


@pytest.mark.parametrize(
    ("sizes", "icc", "more", "asked"),
    [
        ((225, 225), 0.02, {}, True),  # 800 / 1.78 = 449.4
        ((224.7, 224.7), 0.02, {}, True),
        ((400, 400), 0.02, {}, False),
        ((225, 225), 0.02, {"clusters": "adjusted"}, False),
        ((350, 352), 0.0036, {}, False),  # 800 / 1.14: some were lost
    ],
)
def test_patients_divided_by_the_design_effect_are_not_divided_again(sizes, icc, more, asked):
    about = {"design": "cluster trial", "allocation": "cluster", "icc": icc, "cluster_size": 40}
    made = found(arms_of(7.1, 6.2, *sizes, **more), n=800, **about)
    assert ("clusters accounted for twice" in made) == asked


@pytest.mark.parametrize(
    ("lines", "about", "told"),
    [
        ([EVENTS], {"allocation": "crossover", "correlation": -0.6}, True),
        ([EVENTS], {"allocation": "random", "correlation": -0.6}, True),  # of first and later value
        ([EVENTS], {"allocation": "crossover", "correlation": -0.1}, False),
        ([EVENTS], {"allocation": "crossover", "correlation": 0.6}, False),
        ([EVENTS], {"allocation": "crossover"}, False),
        ([("a/b", "correlation", -0.6, 40, {})], {"allocation": "paired"}, True),
        ([("a/b", "correlation", 0.6, 40, {})], {"allocation": "paired"}, False),
        ([("a", "correlation", -0.6, 40, {})], {}, False),  # of two measures
    ],
)
def test_a_patients_two_values_that_run_against_each_other_are_asked_about(lines, about, told):
    assert ("correlation of two values" in found(lines, **about)) == told
