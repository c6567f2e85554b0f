"""Cluster trials, crossover and paired studies, from the tables that people fill in to the effect.

Worked examples: Cochrane Handbook 23.1.4 to 23.1.6 (5.1: 16.3.4 to 16.3.6) and 23.2.7 (16.4.6).
"""

from math import exp, log, nan, sqrt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import asking
from livingmeta import tables
from livingmeta.effects.harmonise import harmonise
from livingmeta.extraction import outcomes as printed
from livingmeta.words import settling

ARMS = {"drug": {}, "none": {}}
OUTCOMES = {
    "fever": asking.outcome(kind="binary"),
    "pain": asking.outcome(kind="continuous"),
    "relapse": asking.outcome(kind="binary"),
    "os": asking.outcome(kind="survival"),
}
STUDY = {"study_id": "s1", "records": "doi:10.5555/d.1", "label": "One 2020"}
CLUSTER = {"allocation": "cluster", "icc": "0.02", "icc_source": "a like trial"}
CLUSTER |= {"cluster_size": "29.8"}
CROSSOVER = {"allocation": "crossover", "correlation": "0.68", "correlation_source": "Table 3"}
# The Handbook's own: 63 of 295 against 84 of 330; 7.0 (SD 2.38) against 6.5 (2.21) in 10 patients.
CLASSROOMS = [
    {"arm": "drug", "statistic": "events", "value": "63", "n": "295"},
    {"arm": "none", "statistic": "events", "value": "84", "n": "330"},
]
TEN = [
    {"arm": "drug", "statistic": "mean", "value": "7.0", "n": "10", "sd": "2.38"},
    {"arm": "none", "statistic": "mean", "value": "6.5", "n": "10", "sd": "2.21"},
]


@pytest.fixture
def ask(tmp_path):
    """The tables of `harmonise` for one study, from rows and a design as CSV files."""

    def asked(rows, design, measure, outcome=None, arms=("drug", "none"), **keys):
        outcome = outcome or ("pain" if measure in ("MD", "SMD", "ROM", "MN") else "fever")
        studies, numbers = tmp_path / "studies.csv", tmp_path / "outcomes.csv"
        pd.DataFrame([STUDY | design]).to_csv(studies, index=False)
        common = {"study_id": "s1", "outcome": outcome, "source": "p. 3", "time": ""}
        pd.DataFrame([common | row for row in rows]).to_csv(numbers, index=False)
        table = tables.read(studies, "data/studies").assign(status="included")
        raw = tables.read(numbers, "data/outcomes")
        tidy = printed.tidy(raw, table["study_id"], OUTCOMES, ARMS, "months")
        synthesis = asking.synthesis(outcome=outcome, measure=measure, arms=list(arms), **keys)
        return harmonise(tidy, table, {"x": synthesis}, ARMS, OUTCOMES)

    return asked


def only(found):
    effects, unusable, *_ = found
    assert len(effects) == 1, unusable["reason"].tolist()
    return effects.iloc[0]


def test_the_handbook_by_effective_sizes(ask):
    made = only(ask(CLASSROOMS, CLUSTER, "OR"))
    assert exp(made["yi"]) == pytest.approx(0.795, abs=0.0005)
    assert made[["ai", "ci"]].tolist() == pytest.approx([63 / 1.576, 84 / 1.576])
    assert made["ai"] + made["bi"] == pytest.approx(187.2, abs=0.05)
    assert made["ci"] + made["di"] == pytest.approx(209.4, abs=0.05)
    assert sqrt(made["vi"]) == pytest.approx(0.24, abs=0.005)
    assert made["n"] == 625
    assert made["events"] == 147
    assert made["grade"] == "approximate"
    assert "design effect 1.576" in made["assumed"]
    assert "a like trial" in made["assumed"]


def test_the_handbook_by_an_inflated_error(ask):
    ratio = {"arm": "drug/none", "statistic": "odds-ratio", "value": "0.795"}
    ratio |= {"ci_low": "0.548", "ci_high": "1.154"}
    made = only(ask([ratio], CLUSTER, "OR"))
    assert made["yi"] == pytest.approx(-0.23, abs=0.005)
    assert sqrt(made["vi"]) == pytest.approx(0.19 * sqrt(1.576), abs=0.0015)


def row(arm, statistic, value, **more):
    return {"arm": arm, "statistic": statistic, "value": str(value)} | more


# Rows of a study for every kind of route, and what it is asked for.
EVERY = {
    "counts": (CLASSROOMS, "RR", {}),
    "peto": (CLASSROOMS, "PETO", {}),
    "means": (TEN, "MD", {}),
    "ratio of means": (TEN, "ROM", {}),
    "difference": ([row("drug/none", "mean-difference", 1.2, se="0.4")], "MD", {}),
    "one arm": (CLASSROOMS[:1], "PLO", {"arms": ["drug"]}),
    "mean of one": (TEN[:1], "MN", {"arms": ["drug"]}),
    "rates": (
        [
            row("drug", "events", 12),
            row("drug", "person-time", 300),
            row("none", "events", 20),
            row("none", "person-time", 310),
        ],
        "IRR",
        {"outcome": "relapse"},
    ),
    "hazard ratio": (
        [row("drug/none", "hazard-ratio", 0.6, ci_low="0.4", ci_high="0.9")],
        "HR",
        {"outcome": "os"},
    ),
    "survival": (
        [
            row("drug", "survival", 0.6, n="50", time="12"),
            row("none", "survival", 0.4, n="55", time="12"),
        ],
        "RD",
        {"outcome": "os", "time": 12},
    ),
    "log-rank": (
        [
            row("drug/none", "log-rank-p", "", p_value="0.03"),
            row("drug", "events", 30, n="60"),
            row("none", "events", 42, n="62"),
        ],
        "HR",
        {"outcome": "os"},
    ),
}


@pytest.mark.parametrize("kind", EVERY)
def test_every_route_of_a_cluster_trial_gets_the_design_effect(kind, ask):
    rows, measure, keys = EVERY[kind]
    alone = only(ask(rows, {}, measure, **keys))
    made = only(ask(rows, CLUSTER, measure, **keys))
    assert made["yi"] == pytest.approx(alone["yi"], abs=0.002)
    # Peto's variance has n - 1, and 29.8 patients of 20 leave few.
    near = 0.02 if measure == "PETO" else 1e-9
    assert made["vi"] == pytest.approx(1.576 * alone["vi"], rel=near)
    assert pd.isna(made["n"]) if pd.isna(alone["n"]) else made["n"] == alone["n"]
    assert made["route"] == alone["route"]
    assert made["assumed"].count("design effect") == 1


@pytest.mark.parametrize("kind", EVERY)
def test_no_clustering_is_a_parallel_trial(kind, ask):
    rows, measure, keys = EVERY[kind]
    alone = only(ask(rows, {}, measure, **keys))
    nothing = {"icc": "0"} if len(rows) > 1 else {"cluster_size": "1"}
    made = only(ask(rows, CLUSTER | nothing, measure, **keys))
    assert made[["yi", "vi"]].tolist() == alone[["yi", "vi"]].tolist()


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("counts", {"icc": ""}, "no icc in studies.csv"),
        ("difference", {"cluster_size": ""}, "no cluster_size in studies.csv"),
        ("one arm", {"icc": "", "cluster_size": ""}, "no icc and no cluster_size"),
        ("means", {"icc": ""}, "no icc in studies.csv"),
        ("log-rank", {"cluster_size": ""}, "no cluster_size in studies.csv"),
    ],
)
def test_without_what_it_needs_the_print_is_used_and_said_to_be(kind, more, said, ask):
    rows, measure, keys = EVERY[kind]
    alone = only(ask(rows, {}, measure, **keys))
    made = only(ask(rows, CLUSTER | more, measure, **keys))
    assert made[["yi", "vi"]].tolist() == alone[["yi", "vi"]].tolist()
    assert made["grade"] == "rough"
    assert settling.AS_PRINTED in made["assumed"]
    assert said in made["assumed"]


OWN = row("drug/none", "odds-ratio", 0.8, ci_low="0.5", ci_high="1.28", clusters="adjusted")


@pytest.mark.parametrize("design", [CLUSTER, CLUSTER | {"icc": ""}])
def test_what_accounts_for_clusters_comes_first_and_is_not_inflated(design, ask):
    effects, _, routes, used = ask([*CLASSROOMS, OWN], design, "OR")
    made = effects.iloc[0]
    assert made["route"] == "R"
    assert made["yi"] == log(0.8)
    assert sqrt(made["vi"]) == pytest.approx(log(1.28 / 0.5) / 3.92, rel=1e-4)
    assert made["grade"] == "exact"
    assert "accounts for the clusters" in made["assumed"]
    assert settling.AS_PRINTED not in made["assumed"]
    assert used[used["used"]]["row"].tolist() == [4]
    assert set(routes["route"]) == {"R", "C"}


def test_a_route_that_the_protocol_names_comes_first_all_the_same(ask):
    made = only(ask([*CLASSROOMS, OWN], CLUSTER, "OR", routes=["C"]))
    assert made["route"] == "C"


def test_a_ratio_printed_with_and_without_clusters_is_no_contradiction(ask):
    crude = row("drug/none", "odds-ratio", 0.79, ci_low="0.6", ci_high="1.04")
    for rows in ([OWN, crude], [crude, OWN]):
        assert only(ask(rows, CLUSTER, "OR"))["yi"] == log(0.8)


def test_both_arms_say_it_or_the_pair_is_not_used(ask):
    arms = [
        row("drug", "mean", 7, n="80", ci_low="6", ci_high="8", clusters="adjusted"),
        row("none", "mean", 6, n="80", ci_low="5", ci_high="7", clusters="adjusted"),
    ]
    both, parallel = (only(ask(arms, design, "MD")) for design in (CLUSTER, {}))
    assert both["vi"] == parallel["vi"]
    one = [arms[0], arms[1] | {"clusters": ""}]
    unusable = ask(one, CLUSTER, "MD")[1]
    assert "accounts for the clusters, but not mean none" in unusable["reason"].iloc[0]
    # An SE in a row of its own says it for its arm.
    apart = [
        row("drug", "mean", 7, n="80"),
        row("drug", "se", 0.5, clusters="adjusted"),
        row("none", "mean", 6, n="80"),
        row("none", "se", 0.5, clusters="adjusted"),
    ]
    assert only(ask(apart, CLUSTER, "MD"))["vi"] == pytest.approx(0.5)


def test_fewer_than_a_patient_may_be_left(ask):
    large = CLUSTER | {"icc": "1", "cluster_size": "25"}
    for measure in ("MD", "SMD", "ROM"):
        alone, made = (only(ask(TEN, design, measure)) for design in ({}, large))
        assert made["yi"] == alone["yi"]
        assert made["vi"] == pytest.approx(25 * alone["vi"])


# --- the same patients in both arms -------------------------------------------------------------


def test_the_handbook_on_crossover_means(ask):
    made = only(ask(TEN, CROSSOVER, "MD"))
    assert made["yi"] == pytest.approx(0.5)
    assert sqrt(made["vi"]) == pytest.approx(0.583, abs=0.0005)
    assert made["n"] == 10
    assert "correlated by 0.68 (Table 3)" in made["assumed"]
    standardised = only(ask(TEN, CROSSOVER, "SMD"))
    small = 0.9139  # Hedges' correction of 9 degrees of freedom, which the Handbook leaves out
    assert standardised["yi"] / small == pytest.approx(0.218, abs=0.0005)
    assert sqrt(standardised["vi"]) == pytest.approx(0.256, abs=0.001)


def test_the_handbook_on_an_sd_of_differences(ask):
    """An SD of differences of 2 in 10 patients: SE 0.632, of t 0.5/0.632."""
    difference = row("drug/none", "mean-difference", 0.5, n="10", se="0.632")
    made = only(ask([*TEN, difference], CROSSOVER, "MD"))
    assert made["route"] == "R"
    assert sqrt(made["vi"]) == pytest.approx(2 / sqrt(10), abs=0.0005)


@pytest.mark.parametrize(
    "more", [{"p_value": "0.449406"}, {"ci_low": "-0.929727", "ci_high": "1.929727"}]
)
def test_p_and_interval_of_pairs_are_read_by_t_of_one_less_than_the_patients(more, ask):
    """SE 0.632 of 10 patients: t 0.791 and 2.262 of 9 degrees of freedom."""
    difference = row("drug/none", "mean-difference", 0.5, n="10", **more)
    for rows in ([difference], [*TEN, difference]):
        made = only(ask(rows, CROSSOVER | {"correlation": ""}, "MD"))
        assert sqrt(made["vi"]) == pytest.approx(0.632, abs=0.0006)
        assert "9 degrees of freedom" in made["assumed"]
        assert settling.AS_PARALLEL not in made["assumed"]
        assert made["n"] == 10


@pytest.mark.parametrize(
    "rows",
    [
        [TEN[0] | {"sd": "", "p_value": "0.449406"}, TEN[1] | {"sd": ""}],
        [TEN[0] | {"p_value": "0.449406"}, TEN[1]],
        [*TEN, row("drug/none", "t", 0.791139)],
    ],
)
def test_a_test_of_pairs_beside_the_means(rows, ask):
    made = only(ask(rows, CROSSOVER | {"correlation": ""}, "MD"))
    assert made["route"] == "D2"
    assert sqrt(made["vi"]) == pytest.approx(0.632, abs=0.0005)
    assert settling.AS_PARALLEL not in made["assumed"]


def test_an_sd_within_an_arm_follows_from_pairs_only_with_their_correlation(ask):
    rows = [TEN[0] | {"sd": "", "p_value": "0.449406"}, TEN[1] | {"sd": ""}]
    why = ask(rows, CROSSOVER | {"correlation": ""}, "SMD")[1]["reason"].iloc[0]
    assert "a test of pairs gives the SD within an arm by it alone" in why
    made = only(ask(rows, CROSSOVER, "SMD"))
    # SD of differences 2, so within an arm 2 / (2 (1 - 0.68))^½.
    assert made["yi"] / 0.9139 == pytest.approx(0.5 * sqrt(0.64) / 2, abs=0.0005)


def test_the_correlation_that_the_study_prints_comes_first(ask):
    own = row("none/drug", "correlation", 0.3)
    _, _, routes, used = found = ask([*TEN, own], CROSSOVER, "MD")
    made = only(found)
    assert made["vi"] == pytest.approx((2.38**2 + 2.21**2 - 2 * 0.3 * 2.38 * 2.21) / 10)
    assert used[used["used"]]["row"].tolist() == [2, 3, 4]
    assert routes["grade"].tolist() == ["close"]


@pytest.mark.parametrize(
    ("measure", "allocation", "correlation"),
    [
        ("MD", "crossover", ""),
        ("SMD", "crossover", "1"),
        ("ROM", "paired", "-1"),
        ("OR", "paired", ""),
        ("RD", "crossover", "-1"),
        ("PETO", "crossover", ""),
    ],
)
def test_without_correlation_as_parallel_arms_and_said(measure, allocation, correlation, ask):
    counts = [row("drug", "events", 12, n="40"), row("none", "events", 20, n="40")]
    rows = TEN if measure in ("MD", "SMD", "ROM") else counts
    design = {"allocation": allocation, "correlation": correlation}
    alone, made = (only(ask(rows, of, measure)) for of in ({}, design))
    assert made[["yi", "vi"]].tolist() == alone[["yi", "vi"]].tolist()
    assert made["n"] * 2 == alone["n"]
    assert (settling.AS_PARALLEL in made["assumed"]) == (measure != "PETO")
    assert made["grade"] == "approximate"


def test_an_odds_ratio_of_pairs(ask):
    """Becker and Balagtas: of 40 pairs 9 have the event in both, 3 in one, 11 in the other."""
    p, q, both = 12 / 40, 20 / 40, 9 / 40
    phi = (both - p * q) / sqrt(p * (1 - p) * q * (1 - q))
    rows = [row("drug", "events", 12, n="40"), row("none", "events", 20, n="40")]
    design = {"allocation": "paired", "correlation": str(phi)}
    made = only(ask(rows, design, "OR"))
    cells = 1 / 12 + 1 / 28 + 1 / 20 + 1 / 20
    shared = 2 * (both - p * q) / (40 * p * (1 - p) * q * (1 - q))
    assert made["vi"] == pytest.approx(cells - shared)
    # The cells that pooling from counts takes have this error too.
    of_cells = sum(1 / made[name] for name in ("ai", "bi", "ci", "di"))
    assert of_cells == pytest.approx(made["vi"])


def test_one_arm_of_a_crossover_is_an_arm(ask):
    for measure, rows in (("MN", TEN[:1]), ("PLO", CLASSROOMS[:1])):
        alone, made = (only(ask(rows, of, measure, arms=["drug"])) for of in ({}, CROSSOVER))
        assert made.equals(alone)


@settings(max_examples=25, deadline=None)
@given(
    st.permutations([*TEN, row("drug/none", "correlation", 0.3), row("drug/none", "t", 0.79)]),
    st.sampled_from([CLUSTER, CROSSOVER, {"allocation": "paired"}]),
    st.sampled_from(["MD", "SMD", "ROM"]),
)
def test_order_and_names_decide_nothing(rows, design, measure):
    in_order = sorted(rows, key=lambda r: (r["arm"], r["statistic"]))
    first, second = (_of(some, design, measure) for some in (in_order, rows))
    assert second == pytest.approx(first)
    turned = _of(rows, design, measure, arms=["none", "drug"])
    assert turned == pytest.approx((-first[0], first[1]))


def _of(rows, design, measure, arms=("drug", "none")):
    """yi and vi of rows as `harmonise` gets them."""
    blank = {**dict.fromkeys(("time", "n", "se", "sd", "ci_low", "ci_high", "ci_level"), nan)}
    blank |= dict.fromkeys(("p_value", "unit", "adjusted", "note", "event", "clusters"), "")
    common = {"study_id": "s1", "outcome": "pain"}
    numbers = {"value", "n", "sd"}
    table = [
        blank | common | {k: float(v) if k in numbers else v for k, v in r.items()} | {"row": i}
        for i, r in enumerate(rows, 2)
    ]
    study = {**STUDY, **design, "status": "included"}
    for name in ("icc", "cluster_size", "correlation"):
        study[name] = float(study.get(name) or nan)
    synthesis = asking.synthesis(outcome="pain", measure=measure, arms=list(arms))
    found = harmonise(pd.DataFrame(table), pd.DataFrame([study]), {"x": synthesis}, ARMS, OUTCOMES)
    made = only(found)
    return made["yi"], made["vi"]


def test_allocation_is_a_closed_list_that_names_what_was_meant(tmp_path):
    path = tmp_path / "studies.csv"
    for word, hint in {
        "Cluster RCT": "(cluster,",
        "paralel": "perhaps parallel;",
        "split-mouth": "(paired,",
    }.items():
        pd.DataFrame([STUDY | {"allocation": word}]).to_csv(path, index=False)
        with pytest.raises(tables.TableError) as error:
            tables.read(path, "data/studies")
        assert f"column allocation: '{word}'" in str(error.value)
        assert hint in str(error.value)
    pd.DataFrame([STUDY | {"allocation": "cross-over"}]).to_csv(path, index=False)
    assert tables.read(path, "data/studies")["allocation"].tolist() == ["crossover"]
    own = STUDY | {"location": "Bern", "cluster_id": "a"}
    pd.DataFrame([own]).to_csv(path, index=False)
    assert tables.read(path, "data/studies")["location"].tolist() == ["Bern"]
