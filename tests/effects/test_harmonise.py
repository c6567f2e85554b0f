"""Harmonising: whatever a paper prints ends in one effect with its route, or in a reason."""

from math import log, nan, sqrt

import numpy as np
import pandas as pd
import pytest

import asking
from livingmeta.effects.disagreements import disagreements
from livingmeta.effects.harmonise import HarmoniseError, harmonise
from livingmeta.extraction.filters import FilterError
from livingmeta.formulas.measures import effect_size

ARMS = {"local": {}, "control": {}}
KINDS = {"os": "survival", "tb": "binary", "pain": "continuous"}
OUTCOMES = {name: asking.outcome(kind=kind) for name, kind in KINDS.items()}
BLANK = {
    **dict.fromkeys(("time", "value", "n", "ci_low", "ci_high", "ci_level"), nan),
    **dict.fromkeys(("p_value", "unit", "adjusted", "note", "event"), ""),
}


def table(rows, study="s1", outcome="os"):
    """Rows given as (arm, statistic, value, {more}) of one study."""
    return pd.DataFrame(
        [
            {
                **BLANK,
                "study_id": study,
                "outcome": outcome,
                "arm": arm,
                "statistic": statistic,
                "value": value,
                "row": i,
                **more,
            }
            for i, (arm, statistic, value, more) in enumerate(rows, 2)
        ],
        columns=["study_id", "outcome", "arm", "statistic", *BLANK, "row"],
    )


def run(rows, measure="HR", time=None, outcome="os", arms=("local", "control"), **more):
    synthesis = {"outcome": outcome, "measure": measure, "arms": list(arms), "time": time}
    outcomes = rows if isinstance(rows, pd.DataFrame) else table(rows, outcome=outcome)
    studies = pd.DataFrame({"study_id": ["s1"], "status": ["included"]})
    curves = more.pop("curves", None)
    asked = {"x": asking.synthesis(**synthesis, **more)}
    return harmonise(outcomes, studies, asked, ARMS, OUTCOMES, curves)[:3]


def survival(arm, value, n=nan, time=24, **more):
    return (arm, "survival", value, {"n": n, "time": time, **more})


# What is printed -> the route it must take. yi by hand where it is not the printed number itself.
ROUTE_CASES = {
    "A": (
        [
            (
                "local/control",
                "hazard-ratio",
                0.5,
                {"ci_low": 0.3, "ci_high": 0.83, "adjusted": "multivariable"},
            )
        ],
        log(0.5),
    ),
    "T3": ([("local/control", "hazard-ratio", 0.58, {"ci_low": 0.35, "ci_high": 0.94})], log(0.58)),
    "T3s": (
        [("local/control", "hazard-ratio", 0.58, {}), ("local/control", "se", 0.25, {})],
        log(0.58),
    ),
    "T4": ([("local/control", "hazard-ratio", 0.5, {"p_value": "0.01"})], log(0.5)),
    "T1": (
        [
            ("local", "log-rank-observed", 9, {}),
            ("local", "log-rank-expected", 19.25, {}),
            ("local/control", "log-rank-variance", 6.257, {}),
        ],
        -10.25 / 6.257,
    ),
    "T2": (
        [
            ("local", "log-rank-observed", 9, {}),
            ("local", "log-rank-expected", 19.25, {}),
            ("control", "log-rank-observed", 21, {}),
            ("control", "log-rank-expected", 10.75, {}),
        ],
        log((9 / 19.25) / (21 / 10.75)),
    ),
    "T5": (
        [
            ("local/control", "hazard-ratio", 0.5, {}),
            ("local", "events", 20, {}),
            ("control", "events", 30, {}),
        ],
        log(0.5),
    ),
    "T6": (
        [("local/control", "hazard-ratio", 0.5, {}), ("local/control", "events", 50, {})],
        log(0.5),
    ),
    "T7": (
        [
            ("local/control", "hazard-ratio", 0.5, {}),
            ("local/control", "events", 50, {}),
            survival("local", 1.0, 40),
            survival("control", 1.0, 60),
        ],
        log(0.5),
    ),
    "T8": (
        [
            ("local/control", "log-rank-p", nan, {"p_value": "0.05"}),
            ("local", "events", 20, {"n": 40}),
            ("control", "events", 30, {"n": 40}),
        ],
        -1.959964 * sqrt(1 / 20 + 1 / 30),
    ),
    "T10": (
        [
            ("local/control", "log-rank-p", nan, {"p_value": "0.05"}),
            ("local/control", "events", 50, {}),
            ("local", "median", 20, {"n": 40}),
            ("control", "median", 10, {"n": 60}),
        ],
        -1.959964 * sqrt(100**2 / (50 * 40 * 60)),
    ),
    "T9": (
        [
            ("local/control", "log-rank-p", nan, {"p_value": "0.05"}),
            ("local/control", "events", 50, {}),
            ("local", "median", 20, {}),
            ("control", "median", 10, {}),
        ],
        -1.959964 * 2 / sqrt(50),
    ),
    "L": (
        [survival("local", 0.666, 36), survival("control", 0.312, 22)],
        log(log(0.666) / log(0.312)),
    ),
    "M": ([("local", "median", 33, {"n": 13}), ("control", "median", 14, {"n": 23})], log(14 / 33)),
}


@pytest.mark.parametrize("route", ROUTE_CASES)
def test_every_route_from_what_it_needs(route):
    rows, yi = ROUTE_CASES[route]
    effects, unusable, routes = run(rows)
    assert unusable.empty
    assert effects.loc[0, "route"] == route
    assert effects.loc[0, "yi"] == pytest.approx(yi, abs=1e-6)
    assert effects.loc[0, "vi"] > 0
    assert routes["chosen"].sum() == 1
    assert "row" in effects.loc[0, "inputs"]


@pytest.mark.parametrize(
    ("rows", "measure", "time", "words"),
    [
        ([], "HR", None, "nothing printed on os"),
        ([("local", "median", 13.6, {})], "PLO", 24, "median 13.6 of local"),
        (
            [("local", "median", 13.6, {}), ("control", "median", 7, {})],
            "HR",
            None,
            "without group sizes",
        ),
        ([survival("local", 0.7, 30, 12)], "PLO", 24, "printed at 12, 24 wanted"),
        ([survival("local", 0.24)], "PLO", 24, "without arm size"),
        (
            [("local/control", "hazard-ratio", 0.5, {"p_value": "<0.05"})],
            "HR",
            None,
            "only a bound",
        ),
        ([survival("local", 0.6, 30)], "OR", 24, "nothing printed for control"),
        ([("local", "events", 12, {"time": 24})], "PLO", 24, "without the number of patients"),
        ([survival("local", 0.4, 10), survival("control", 0.0, 10)], "HR", None, "0 < S < 1"),
    ],
)
def test_the_reason_says_what_is_missing(rows, measure, time, words):
    arms = ["local"] if measure == "PLO" else ["local", "control"]
    effects, unusable, _ = run(rows, measure, time, arms=arms)
    assert effects.empty
    assert words in unusable.loc[0, "reason"]


def test_counts_are_escalc_to_the_last_bit():
    # The first trial of Colditz 1994 as the second example review has it.
    rows = [("local", "events", 4, {"n": 123}), ("control", "events", 11, {"n": 139})]
    for measure in ("RR", "OR", "RD", "PETO", "AS"):
        effects, _, _ = run(rows, measure, outcome="tb")
        yi, vi = effect_size(measure, ai=4, bi=119, ci=11, di=128)
        assert (effects.loc[0, "yi"], effects.loc[0, "vi"]) == (yi[0], vi[0])
        assert effects.loc[0, ["ai", "bi", "ci", "di"]].tolist() == [4, 119, 11, 128]
    # escalc's yi and vi of that trial, to the four places that metafor prints: -0.8893, 0.3256.
    effects, _, _ = run(rows, "RR", outcome="tb")
    assert effects.loc[0, "yi"] == pytest.approx(-0.8893, abs=5e-5)
    assert effects.loc[0, "vi"] == pytest.approx(0.3256, abs=5e-5)


def test_odds_of_surviving_from_two_percentages():
    effects, _, _ = run([survival("local", 0.666, 36), survival("control", 0.312, 22)], "OR", 24)
    row = effects.loc[0]
    assert row["yi"] == pytest.approx(log(0.666 / 0.334) - log(0.312 / 0.688))
    by_hand = 1 / (36 * 0.666 * 0.334) + 1 / (22 * 0.312 * 0.688)
    assert row["vi"] == pytest.approx(by_hand)
    assert (
        row["inputs"] == "survival local 0.666 of 36 (row 2); survival control 0.312 of 22 (row 3)"
    )
    assert "counted as followed" in row["assumed"]
    assert row["n"] == 58


def test_deaths_of_a_survival_outcome_are_turned_into_survivors():
    rows = [
        ("local", "events", 12, {"n": 36, "time": 24}),
        ("control", "events", 15, {"n": 22, "time": 24}),
    ]
    effects, _, _ = run(rows, "OR", 24)
    assert effects.loc[0, "yi"] == pytest.approx(log(24 / 12) - log(7 / 15))
    assert effects.loc[0, "events"] == 27


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_survival_at_a_limit_is_corrected_and_says_so(value):
    effects, _, _ = run([survival("local", value, 19)], "PLO", 24, arms=["local"])
    assert effects.loc[0, "yi"] == pytest.approx((1 if value else -1) * log(19.5 / 0.5))
    assert "half added" in effects.loc[0, "assumed"]


def test_the_printed_interval_beats_the_complete_n():
    rows = [survival("local", 0.68, 25, ci_low=0.52, ci_high=0.89)]
    effects, _, routes = run(rows, "PLO", 24, arms=["local"])
    se = 0.68 * log(0.89 / 0.52) / (2 * 1.959964)
    assert effects.loc[0, "route"] == "S1"
    assert effects.loc[0, "vi"] == pytest.approx((se / (0.68 * 0.32)) ** 2, rel=1e-4)
    assert routes["route"].tolist() == ["S1", "S4"]


def test_the_protocol_may_prefer_another_route():
    rows = ROUTE_CASES["T3"][0] + ROUTE_CASES["M"][0]
    assert run(rows)[0].loc[0, "route"] == "T3"
    assert run(rows, routes=["M"])[0].loc[0, "route"] == "M"
    with pytest.raises(HarmoniseError, match="unknown route 'Z9'"):
        run(rows, routes=["Z9"])


def test_a_p_printed_as_a_bound_is_no_value_but_can_contradict():
    rows = [
        ("local", "median", 12, {"n": 40, "p_value": "<0.001"}),
        ("control", "median", 10, {"n": 40}),
        ("local", "events", 30, {}),
        ("control", "events", 35, {}),
    ]
    effects, _, routes = run(rows)
    assert effects.loc[0, "route"] == "M"
    bound = routes[routes["grade"] == "bound"].iloc[0]
    assert np.isnan(bound["yi"])
    assert "not used as a value" in bound["assumed"]
    # ln(10/12) falls short of z 3.29 by more than its error.
    assert bound["agrees"] < -1.96
    assert disagreements(routes)["route"].tolist() == ["T8"]


def test_deaths_up_to_a_time_are_said_to_stand_for_all():
    rows = [
        ("local/control", "hazard-ratio", 0.5, {}),
        ("local", "events", 20, {"time": 24}),
        ("control", "events", 30, {"time": 24}),
    ]
    effects, _, _ = run(rows)
    assert effects.loc[0, "route"] == "T5"
    assert "events up to 24 read as all events" in effects.loc[0, "assumed"]


def test_a_one_sided_p_is_doubled_and_flagged():
    rows = [("local/control", "hazard-ratio", 0.5, {"p_value": "0.01", "note": "one-sided p"})]
    effects, _, _ = run(rows)
    two_sided, _, _ = run([("local/control", "hazard-ratio", 0.5, {"p_value": "0.02"})])
    assert effects.loc[0, "vi"] == pytest.approx(two_sided.loc[0, "vi"])
    assert "one-sided" in effects.loc[0, "assumed"]


def test_routes_that_disagree_are_named():
    rows = [
        ("local/control", "hazard-ratio", 0.9, {"ci_low": 0.8, "ci_high": 1.01}),
        ("local", "median", 30, {"n": 200, "ci_low": 27, "ci_high": 33}),
        ("control", "median", 10, {"n": 200, "ci_low": 9, "ci_high": 11}),
    ]
    _, _, routes = run(rows)
    found = disagreements(routes)
    assert set(found["route"]) == {"M"}
    assert (found["chosen_route"] == "T3").all()
    assert disagreements(run(ROUTE_CASES["T3"][0])[2]).empty


def test_means_correlations_rates_and_generic_effects():
    means = [
        ("local", "mean", 60, {"n": 30}),
        ("local", "sd", 10, {}),
        ("control", "mean", 50, {"n": 40}),
        ("control", "sd", 12, {}),
    ]
    yi, vi = effect_size("SMD", m1i=60, sd1i=10, n1i=30, m2i=50, sd2i=12, n2i=40)
    effects, _, _ = run(means, "SMD", outcome="pain")
    assert effects.loc[0, ["yi", "vi"]].tolist() == pytest.approx([yi[0], vi[0]])
    from_se = [
        ("local", "mean", 60, {"n": 25}),
        ("local", "se", 2, {}),
        ("control", "mean", 50, {"n": 40}),
        ("control", "sd", 12, {}),
    ]
    effects, _, _ = run(from_se, "MD", outcome="pain")
    assert effects.loc[0, "vi"] == pytest.approx(4 + 144 / 40)
    rates = [
        ("local", "events", 0, {}),
        ("local", "person-time", 120, {}),
        ("control", "events", 8, {}),
        ("control", "person-time", 100, {}),
    ]
    effects, _, _ = run(rates, "IRR", outcome="tb")
    assert effects.loc[0, "yi"] == pytest.approx(log(0.5 / 120) - log(8.5 / 100))
    assert "half added" in effects.loc[0, "assumed"]
    effects, _, _ = run(
        [("local/control", "effect", -0.3, {"ci_low": -0.5, "ci_high": -0.1})], "GEN", outcome="tb"
    )
    assert effects.loc[0, "vi"] == pytest.approx((0.4 / (2 * 1.959964)) ** 2)
    effects, _, _ = run(
        [("local", "correlation", 0.5, {"n": 28})], "ZCOR", outcome="tb", arms=["local"]
    )
    assert effects.loc[0, ["yi", "vi"]].tolist() == pytest.approx([np.arctanh(0.5), 1 / 25])


def test_filters_status_and_counts_add_up():
    studies = pd.DataFrame(
        {
            "study_id": ["a", "b", "c", "d"],
            "status": ["included", "included", "awaiting", "included"],
            "design": ["matched", "single-arm", "matched", "matched"],
            "stage": ["Stage  II", "stage iii", "", "iv"],
            "dose": ["2.0", "2.50", "", "20"],
        }
    )
    outcomes = pd.concat([table([survival("local", 0.5, 30)], study) for study in ("a", "b", "c")])

    def studies_of(include):
        synthesis = {"outcome": "os", "measure": "PLO", "arms": ["local"], "time": 24}
        asked = {"x": asking.synthesis(**synthesis, include=include)}
        effects, unusable, *_ = harmonise(outcomes, studies, asked, ARMS, OUTCOMES)
        return effects["study_id"].tolist(), unusable["study_id"].tolist()

    assert studies_of({}) == (["a", "b"], ["d"])
    assert studies_of({"design": ["matched"]}) == (["a"], ["d"])
    assert studies_of({"status": ["awaiting"]}) == (["c"], [])
    # As people write it in one file and in the other.
    assert studies_of({"design": ["Matched "]}) == (["a"], ["d"])
    assert studies_of({"stage": ["stage ii"]}) == (["a"], [])
    assert studies_of({"dose": [2]}) == (["a"], [])
    assert studies_of({"dose": [2.5, "20"]}) == (["b"], ["d"])
    with pytest.raises(FilterError, match="'desing'"):
        studies_of({"desing": ["matched"]})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"measure": "XYZ"}, "unknown measure 'XYZ'"),
        ({"outcome": "pfs"}, "unknown outcome 'pfs'"),
        ({"arms": ["lokal", "control"]}, "unknown arm 'lokal'"),
        ({"arms": ["local"]}, "HR compares 2 arms"),
        ({"include": {"grade": ["Exact"]}}, "the grade 'Exact'; known are exact, close"),
        ({"include": {"route": ["S9"]}}, "the route 'S9'"),
    ],
)
def test_a_protocol_that_cannot_be_met(change, words):
    synthesis = {"outcome": "os", "measure": "HR", "arms": ["local", "control"]} | change
    asked = {"x": asking.synthesis(**synthesis)}
    with pytest.raises(HarmoniseError, match=words):
        harmonise(table([]), pd.DataFrame({"study_id": []}), asked, ARMS, OUTCOMES)


def test_the_control_arm_alone_gives_the_same_log_rank_effect_as_the_treated():
    rows = [
        ("control", "log-rank-observed", 21, {}),
        ("control", "log-rank-expected", 10.75, {}),
        ("local/control", "log-rank-variance", 6.257, {}),
    ]
    (found,) = run(rows)[0].itertuples()
    assert found.route == "T1"
    assert found.yi == pytest.approx(-10.25 / 6.257)
