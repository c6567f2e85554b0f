"""Comparisons of one trial that share an arm, through the tables: joined, shared out, or told."""

from math import log, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_joined import OUTCOMES, mean, printed, share

import asking
from livingmeta.effects.harmonise import harmonise
from livingmeta.formulas.measures import effect_size
from livingmeta.pooling.engines.models import fit

ARMS = {"drug": {}, "control": {}, "low": {}, "high": {}}
TRIAL = {"trial": "t"}
# Two arms against one placebo, and a trial of its own (numbers of a made-up review).
MEANS = {"a-1": (50.0, 31.0, 9.0), "a-2": (48.0, 28.0, 8.0), "b": (60.0, 30.0, 9.5)}
COUNTS = {"a-1": (8.0, 50.0), "a-2": (5.0, 48.0), "b": (9.0, 60.0)}


def of_means(studies=("a-1", "a-2", "b"), control=(51.0, 36.0, 10.0)):
    """Rows of each study: its arm, and the control that they share but for b's."""
    rows = []
    for study in studies:
        n, m, sd = control if study != "b" else (61.0, 35.0, 11.0)
        mine = MEANS.get(study, (40.0, 29.0, 7.0))
        cells = [mean("drug", mine[1], mine[0], mine[2]), mean("control", m, n, sd)]
        rows += printed(*cells, study=study, first=2 + len(rows))
    return rows


def of_counts(outcome="cured", control=(20.0, 51.0), **more):
    rows = []
    for study, (events, n) in COUNTS.items():
        x, m = control if study != "b" else (21.0, 61.0)
        cells = [
            share("drug", events, n, "events", **more),
            share("control", x, m, "events", **more),
        ]
        rows += printed(*cells, study=study, outcome=outcome, first=2 + len(rows))
    return rows


def run(rows, how, measure="SMD", studies=None, joins=None, arms=("drug", "control"), **asked):
    outcome = asked.pop("outcome", rows[0]["outcome"])
    asked |= {"outcome": outcome, "measure": measure, "arms": list(arms), "shared_control": how}
    if studies is None:
        names = sorted({row["study_id"] for row in rows})
        studies = {name: {"trial": name[0], "design": "RCT"} for name in names}
    table = pd.DataFrame([{"study_id": name, **said} for name, said in studies.items()])
    x = {"x": asking.synthesis(**asked)}
    return harmonise(pd.DataFrame(rows), table, x, ARMS, OUTCOMES, joins=joins)


def test_joined_comparisons_are_one_effect_and_the_control_counts_once():
    effects, unusable, _, used = run(of_means(), "join")
    assert effects["study_id"].tolist() == ["a-1", "b"]
    assert effects["n"].tolist() == [50 + 48 + 51, 60 + 61]
    arm = {"m1i": 29.5306, "sd1i": 8.6139, "n1i": 98}
    want = effect_size("SMD", **arm, m2i=36, sd2i=10, n2i=51)
    assert effects[["yi", "vi"]].to_numpy()[0] == pytest.approx([x[0] for x in want], abs=1e-4)
    assert (
        "one effect of the comparisons a-1 and a-2, control counted once" in effects["assumed"][0]
    )
    mine = used[(used["study_id"] == "a-1") & used["used"]]
    assert mine[["arm", "row"]].to_numpy().tolist() == [
        ["drug (a-1)", 2],
        ["drug (a-2)", 4],
        ["control", 3],
    ]
    assert unusable["study_id"].tolist() == ["a-2"]
    assert unusable["reason"][0].endswith("a-1 and a-2 are one effect, named a-1")
    assert unusable["unsettled"].tolist() == [False]


def test_a_shared_control_is_divided_and_its_mean_and_sd_stay():
    effects, unusable, _, used = run(of_means(), "share")
    assert unusable.empty
    assert effects["n"].tolist() == [50 + 25.5, 48 + 25.5, 60 + 61]
    want = effect_size("SMD", m1i=31, sd1i=9, n1i=50, m2i=36, sd2i=10, n2i=25.5)
    assert effects[["yi", "vi"]].to_numpy()[0] == pytest.approx([x[0] for x in want], abs=1e-12)
    assert "to each 25.5 of 51 patients" in effects["assumed"][0]
    control = used[(used["arm"] == "control") & (used["study_id"] == "a-2")]
    assert control[["value", "n"]].to_numpy().tolist() == [[36.0, 25.5]]


def test_counts_are_divided_with_their_patients():
    effects, *_ = run(of_counts(), "share", "OR")
    cells = effects[["ai", "bi", "ci", "di"]].to_numpy().tolist()
    assert cells == [[8, 42, 10, 15.5], [5, 43, 10, 15.5], [9, 51, 21, 40]]
    assert effects["events"].tolist() == [18, 15, 30]
    assert effects["yi"][0] == pytest.approx(log(8 / 42 / (10 / 15.5)))
    effects, *_ = run(of_counts(), "join", "OR")
    cells = effects[["ai", "bi", "ci", "di"]].to_numpy().tolist()
    assert cells == [[13, 85, 20, 31], [9, 51, 21, 40]]


def test_deaths_of_a_survival_outcome_are_divided():
    effects, *_ = run(of_counts("os", time=12.0), "share", "OR", time=12.0)
    assert effects[["ai", "bi", "ci", "di"]].to_numpy()[0].tolist() == [42, 8, 15.5, 10]
    assert effects["events"].tolist() == [8 + 10, 5 + 10, 9 + 21]


def test_survival_with_an_interval_is_divided_by_its_effective_patients():
    at = {"time": 12.0}
    rows = [
        row
        for i, study in enumerate(("a-1", "a-2"))
        for row in printed(
            share("drug", 0.6 + 0.1 * i, 50.0, "survival", **at),
            share("control", 0.5, 50.0, "survival", **at, ci_low=0.3, ci_high=0.67),
            outcome="os",
            study=study,
            first=2 + 2 * i,
        )
    ]
    whole, part = (run(rows, how, "OR", time=12.0)[0] for how in ("settle", "share"))
    assert part["ci"].tolist() == (whole["ci"] / 2).tolist()
    assert part["di"].tolist() == (whole["di"] / 2).tolist()
    assert part["n"].tolist() == [75, 75]
    # Joined, those of no whole number stay aside with the reason.
    assert run(rows, "join", "OR", time=12.0)[0]["n"].tolist() == [150]
    rows[0] |= {"se": 0.05}
    aside = run(rows, "join", "OR", time=12.0)[1]
    assert "some may have been lost to follow-up" in aside["reason"][0]
    assert aside["unsettled"].tolist() == [True, True]


def test_person_time_is_divided():
    rows = []
    for study, events in {"a-1": 5.0, "a-2": 9.0}.items():
        cells = [
            *(("drug", "events", events, {}), ("drug", "person-time", 60.0, {})),
            *(("control", "events", 20.0, {}), ("control", "person-time", 51.0, {})),
        ]
        rows += printed(*cells, study=study, outcome="falls", first=2 + len(rows))
    effects, *_ = run(rows, "share", "IRR")
    assert effects[["ai", "ci", "t1i", "t2i"]].to_numpy().tolist() == [
        [5, 10, 60, 25.5],
        [9, 10, 60, 25.5],
    ]
    effects, *_ = run(rows, "join", "IRR")
    assert effects[["ai", "ci", "t1i", "t2i"]].to_numpy().tolist() == [[14, 20, 120, 51]]


def test_three_comparisons_of_one_trial():
    rows = of_means(("a-1", "a-2", "a-3", "b"))
    effects, unusable, *_ = run(rows, "join")
    assert effects["n"].tolist() == [50 + 48 + 40 + 51, 121]
    assert unusable["study_id"].tolist() == ["a-2", "a-3"]
    assert run(rows, "share")[0]["n"].tolist() == [50 + 17, 48 + 17, 40 + 17, 121]


def test_a_comparison_without_an_effect_takes_no_part():
    rows = of_means()
    rows[2] |= {"sd": nan}  # the drug of a-2
    plain = run(rows, "settle")[0]
    for how in ("share", "join"):
        effects, unusable, *_ = run(rows, how)
        assert effects["yi"].tolist() == plain["yi"].tolist()
        assert "without SD, SE or CI" in unusable["reason"][0]


def test_nothing_said_is_as_it_was():
    effects, *_ = run(of_means(), "settle")
    assert effects["n"].tolist() == [101, 99, 121]
    assert effects["assumed"].tolist() == ["", "", ""]


ONE = {"records": "r", "design": "RCT"}
OF_ONE_TRIAL = {
    "one name": ({"a-1": TRIAL, "a-2": TRIAL}, True),
    "one report": ({"a-1": ONE, "a-2": {"records": "q r"}}, True),
    "one report, and one name alone": ({"a-1": ONE | TRIAL, "a-2": ONE}, True),
    "one report of two trials": ({"a-1": ONE | TRIAL, "a-2": ONE | {"trial": "u"}}, False),
    "no report in common": ({"a-1": ONE, "a-2": {"records": "q"}}, False),
    "nothing said": ({"a-1": {}, "a-2": {}}, False),
}


@pytest.mark.parametrize("what", OF_ONE_TRIAL)
def test_what_makes_two_studies_one_trial(what):
    studies, one = OF_ONE_TRIAL[what]
    effects, *_ = run(of_means(("a-1", "a-2")), "join", studies=studies)
    assert len(effects) == (1 if one else 2)


def test_two_studies_of_one_report_with_other_controls_are_two():
    rows = of_means(("a-1", "a-2"))
    rows[3] |= {"value": 37.0}
    assert len(run(rows, "join", studies={"a-1": ONE, "a-2": ONE})[0]) == 2
    # One study under two names is told elsewhere: its arm is not joined to itself.
    twice = [row | {"study_id": "c", "row": row["row"] + 9} for row in rows[:2]]
    assert len(run([*rows[:2], *twice], "join", studies={"a-1": ONE, "c": ONE})[0]) == 2


@pytest.mark.parametrize("how", ["join", "share"])
def test_a_control_that_is_not_the_same_in_both_is_told(how):
    rows = of_means()
    rows[3] |= {"value": 37.0}
    effects, unusable, *_ = run(rows, how)
    assert effects["study_id"].tolist() == ["b"]
    assert unusable["study_id"].tolist() == ["a-1", "a-2"]
    assert unusable["unsettled"].all()
    said = "a-1 and a-2: control is not the same in them (mean control 36 (row 3) against mean"
    assert said in unusable["reason"][0]
    # What one leaves out is no contradiction.
    rows[3] |= {"value": 36.0, "n": nan}
    rows += printed(share("control", 20.0, 51.0, "events"), study="a-2", outcome="cured", first=20)
    assert run(rows, how)[0]["study_id"].tolist()[-1] == "b"
    assert run(rows, how)[0]["n"].sum() == 50 + 48 + 51 + 121


@pytest.mark.parametrize("how", ["join", "share"])
def test_ratios_against_one_control_are_neither_joined_nor_shared(how):
    rows = [
        row
        for i, study in enumerate(("a-1", "a-2"))
        for row in printed(
            ("drug/control", "hazard-ratio", 0.7 + 0.1 * i, {"ci_low": 0.5, "ci_high": 1.1}),
            outcome="os",
            study=study,
            first=2 + i,
        )
    ]
    assert len(run(rows, "settle", "HR")[0]) == 2
    effects, unusable, *_ = run(rows, how, "HR")
    assert effects.empty
    assert "a-1 and a-2: no number of control alone is printed" in unusable["reason"][0]
    size = [share("control", 20.0, 51.0, "events")]
    for i, study in enumerate(("a-1", "a-2")):
        rows += printed(*size, outcome="os", study=study, first=10 + i)
    why = run(rows, how, "HR")[1]["reason"][0]
    assert ("cannot be shared out" if how == "share" else "not joined by arithmetic") in why


def test_a_control_by_two_statistics_is_not_said_to_be_printed_in_neither():
    """40% in one report and 20 of 50 in the other may be one arm: nothing shows it."""
    rows = printed(
        share("drug", 0.3, 50.0), share("control", 0.4, 50.0), study="a-1", outcome="cured"
    )
    rows += printed(
        share("drug", 5.0, 48.0, "events"),
        share("control", 20.0, 50.0, "events"),
        study="a-2",
        outcome="cured",
        first=4,
    )
    reason = run(rows, "share", "OR")[1]["reason"][0]
    assert "nothing shows that control is the same in them" in reason
    assert "proportion control 0.4 of 50 (row 3) against events control 20 of 50 (row 5)" in reason


def test_printed_differences_are_passed_over_for_the_arms_and_said():
    rows = of_means(("a-1", "a-2"))
    for row in rows:
        row["adjusted"] = "no"
    of = {"n": 101.0, "ci_low": -8.0, "ci_high": -2.0, "adjusted": "multivariable"}
    adjusted = ("drug/control", "mean-difference", -5.5, of)
    rows += printed(adjusted, study="a-1", first=9)
    studies = {"a-1": TRIAL, "a-2": TRIAL}
    assert run(rows, "settle", "MD", studies)[0]["yi"].tolist() == [-5.5, -8]
    for how, done in (("share", "shared out"), ("join", "joined")):
        effects, *_ = run(rows, how, "MD", studies)
        assert -5.5 not in effects["yi"].tolist()
        assert f"passed over, since it cannot be {done}: mean difference" in effects["assumed"][0]


def test_a_shared_drug_is_counted_once_too():
    rows = of_means(("a-1", "a-2"))
    other = {"drug": "control", "control": "drug"}
    rows = [row | {"arm": other[row["arm"]]} for row in rows]
    effects, *_ = run(rows, "join")
    assert effects["yi"].tolist() == [-run(of_means(("a-1", "a-2")), "join")[0]["yi"][0]]
    assert run(rows, "share")[0]["n"].tolist() == [75.5, 73.5]


def test_comparisons_of_arms_that_are_made_of_others():
    rows = of_means(("a-1", "a-2"))
    rows[0] |= {"arm": "low"}
    rows += printed(mean("high", 33.0, 30.0, 7.0), study="a-1", first=9)
    effects, _, _, used = run(rows, "join", joins={"drug": ("low", "high")})
    assert effects["n"].tolist() == [50 + 30 + 48 + 51]
    assert sorted(used[used["used"]]["row"]) == [2, 3, 4, 9]


def test_a_shared_control_that_is_made_of_others():
    rows = of_means(("a-1", "a-2"))
    for row in (rows[1], rows[3]):
        row["arm"] = "low"
    for i, study in enumerate(("a-1", "a-2")):
        rows += printed(mean("high", 33.0, 30.0, 7.0), study=study, first=9 + i)
    of = {"control": ("low", "high")}
    effects, _, _, used = run(rows, "share", joins=of)
    assert effects["n"].tolist() == [50 + 81 / 2, 48 + 81 / 2]
    assert used[used["arm"] == "high"]["n"].tolist() == [15, 15]
    assert run(rows, "join", joins=of)[0]["n"].tolist() == [50 + 48 + 81]
    rows[3] |= {"value": 37.0}
    assert "control is not the same in them" in run(rows, "join", joins=of)[1]["reason"][0]


@settings(deadline=None, max_examples=30)
@given(st.randoms(), st.sampled_from(["join", "share"]), st.sampled_from(["means", "counts"]))
def test_neither_rows_nor_studies_have_an_order(chance, how, what):
    rows, measure = (of_means(), "SMD") if what == "means" else (of_counts(), "RR")
    names = ["a-1", "a-2", "b"]
    moved = {name: {"trial": name[0]} for name in chance.sample(names, 3)}
    columns = ["study_id", "yi", "vi", "n"]
    want, got = (
        run(some, how, measure, studies)[0][columns].sort_values("study_id", ignore_index=True)
        for some, studies in (
            (rows, {name: {"trial": name[0]} for name in names}),
            (chance.sample(rows, len(rows)), moved),
        )
    )
    assert got.equals(want)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(st.integers(5, 60), st.integers(1, 9)).filter(lambda x: x[1] < x[0]),
        min_size=2,
        max_size=4,
    ),
    st.integers(10, 80),
    st.floats(0.1, 0.9),
    st.sampled_from(["OR", "RR", "RD"]),
)
def test_a_control_shared_out_weighs_less_than_one_counted_in_each(arms, n, risk, measure):
    control = (float(max(1, round(risk * n))), float(n))
    rows, studies = [], {}
    for i, (size, events) in enumerate(arms):
        cells = [
            share("drug", float(events), float(size), "events"),
            share("control", *control, "events"),
        ]
        rows += printed(*cells, study=f"a-{i}", outcome="cured", first=2 + 2 * i)
        studies[f"a-{i}"] = TRIAL
    twice, once = (run(rows, how, measure, studies)[0] for how in ("settle", "share"))
    # The estimates of a part are those of the whole: only their errors are larger.
    if (twice[["bi", "di"]].to_numpy() > 0).all():
        assert once["yi"].to_numpy() == pytest.approx(twice["yi"].to_numpy(), abs=1e-12)
    of = [fit(np.array(t["yi"]), np.array(t["vi"]), tau2="FE") for t in (twice, once)]
    assert of[1].se > of[0].se
    patients = sum(size for size, _ in arms) + n
    assert once["n"].sum() == pytest.approx(patients)


CLUSTERS = {"allocation": "cluster", "icc": "0.05", "cluster_size": "21"}


@pytest.mark.parametrize("how", ["share", "join"])
@pytest.mark.parametrize(
    ("measure", "rows"), [("MD", of_means()), ("ROM", of_means()), ("OR", of_counts())]
)
def test_a_design_effect_does_the_same_to_an_arm_that_is_shared(how, measure, rows):
    names = {"a-1": {"trial": "a"}, "a-2": {"trial": "a"}, "b": {"trial": "b"}}
    plain, *_ = run(rows, how, measure=measure, studies=names)
    clusters = {name: said | CLUSTERS for name, said in names.items()}
    found, *_ = run(rows, how, measure=measure, studies=clusters)
    for column, by in (("yi", 1), ("vi", 2), ("n", 1)):
        assert found[column].tolist() == pytest.approx((by * plain[column]).tolist()), column
    counts = ["ai", "bi", "ci", "di"]
    assert found[counts].to_numpy(float) == pytest.approx(
        plain[counts].to_numpy(float) / 2, nan_ok=True
    )


@pytest.mark.parametrize("how", ["share", "join"])
@pytest.mark.parametrize("allocation", ["crossover", "paired"])
def test_patients_who_are_in_all_arms_are_neither_joined_nor_shared_out(how, allocation):
    built = {"allocation": allocation, "correlation": "0.5"}
    names = {name: {"trial": name[0]} | built for name in MEANS}
    effects, unusable, *_ = run(of_means(), how, measure="MD", studies=names)
    assert effects["study_id"].tolist() == ["b"]
    assert unusable["study_id"].tolist() == ["a-1", "a-2"]
    assert unusable["unsettled"].all()
    assert unusable["reason"].str.contains("the patients of its arms are the same").all()


@pytest.mark.parametrize("how", ["share", "join"])
@pytest.mark.parametrize("first", ["a-1", "a-2"])
def test_one_trial_is_built_in_one_way(how, first):
    names = {name: {"trial": name[0]} | (CLUSTERS if name == first else {}) for name in MEANS}
    effects, unusable, *_ = run(of_means(), how, measure="MD", studies=names)
    assert effects["study_id"].tolist() == ["b"]
    assert unusable["unsettled"].all()
    assert (
        unusable["reason"].str.contains("does not say alike of them how the trial is built").all()
    )
