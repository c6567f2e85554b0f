"""Several printed values of one thing: which one counts, what is said of the others."""

import random
from math import nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import asking
from livingmeta.effects.harmonise import harmonise
from livingmeta.effects.several import average

ARMS = {"a": {}, "b": {}, "c": {}}
OUTCOMES = {
    "os": asking.outcome(kind="survival"),
    "pain": asking.outcome(kind="continuous"),
    "pfs": asking.outcome(kind="survival"),
    "resp": asking.outcome(kind="binary"),
}
BLANK = {
    **dict.fromkeys(("time", "value", "n", "ci_low", "ci_high", "ci_level"), nan),
    **dict.fromkeys(("p_value", "adjusted", "note", "part", "event", "measured", "extractor"), ""),
}


def printed(*rows, outcome="os", first=2):
    """Rows given as (arm, statistic, value, {more}) of one study."""
    return [
        {**BLANK, "study_id": "s1", "outcome": outcome, "row": number}
        | {"arm": arm, "statistic": statistic, "value": value, **more}
        for number, (arm, statistic, value, more) in enumerate(rows, first)
    ]


def run(rows, measure="HR", time=None, arms=("a", "b"), until="leave-out", routes=(), **study):
    outcome = rows[0]["outcome"]
    asked = {"outcome": outcome, "measure": measure, "arms": list(arms), "time": time}
    asked["routes"] = list(routes)
    return harmonise(
        pd.DataFrame(rows),
        pd.DataFrame({"study_id": ["s1"], **{k: [v] for k, v in study.items()}}),
        {"x": asking.synthesis(**asked)},
        ARMS,
        OUTCOMES,
        until=until,
    )


def hr(value, low=nan, high=nan, arm="a/b", **more):
    return (arm, "hazard-ratio", value, {"ci_low": low, "ci_high": high, **more})


def survival(arm, value, **more):
    return (arm, "survival", value, {"time": 24.0, "n": 50.0, **more})


CRUDE = hr(0.5, 0.4, 0.62, adjusted="no")
# Of two rows the second is to be preferred; by what; in studies that are not randomised.
PREFERRED = {
    "the longest follow-up": (hr(0.7, 0.5, 0.98, time=12.0), hr(0.9, 0.7, 1.16, time=60.0), None),
    "the time of the synthesis": (
        hr(0.9, 0.7, 1.16, time=60.0),
        hr(0.7, 0.5, 0.98, time=12.0),
        12.0,
    ),
    "adjusted before crude": (CRUDE, hr(0.6, 0.4, 0.9, adjusted="multivariable"), None),
    "adjusted without an interval": (CRUDE, hr(0.6, adjusted="matched", p_value="0.01"), None),
    "the whole study": (hr(0.4, 0.3, 0.5, part="stage III"), hr(0.6, p_value="0.01"), None),
    "adjusted, though of a part": (CRUDE, hr(0.6, 0.4, 0.9, adjusted="matched", part="few"), None),
}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("what", PREFERRED)
def test_what_is_preferred_whatever_comes_first(what, order):
    *rows, time = PREFERRED[what]
    effects, unusable, _, used = run(printed(*(rows[i] for i in order)), time=time)
    assert unusable.empty
    taken = used[used["used"]]
    assert taken["value"].tolist() == [rows[1][2]]
    # What was passed over is named, in the table and in words.
    over = used[~used["used"] & used["way"].isna()]
    assert over[["role", "value"]].to_numpy().tolist() == [["hazard-ratio", rows[0][2]]]
    assert f"also {rows[0][2]}" in effects["assumed"][0]


def test_in_a_randomised_study_the_adjusted_one_is_not_preferred():
    rows = printed(
        ("a/b", "mean-difference", 3.0, {"ci_low": 1, "ci_high": 5, "adjusted": "multivariable"}),
        ("a/b", "mean-difference", 2.0, {"ci_low": 1, "ci_high": 3, "adjusted": "no", "n": 80.0}),
        outcome="pain",
    )
    for study, value in (({}, 3.0), ({"comparability": "randomised"}, 2.0), ({"design": "RCT"}, 2)):
        assert run(rows, "MD", **study)[0]["yi"].tolist() == [value]
    assert run(rows, "MD", design="non-randomised")[0]["yi"].tolist() == [3.0]


def test_an_arms_matched_patients_never_stand_against_all_of_the_other():
    matched = {"adjusted": "matched", "n": 30.0}
    rows = printed(
        survival("a", 0.7, **matched),
        survival("a", 0.6),
        survival("b", 0.5),
        survival("b", 0.4, **matched),
    )
    both = run(rows, "OR", 24.0)[3]
    assert both[both["used"]]["value"].tolist() == [0.7, 0.4]
    # One that only one arm has is passed over.
    one = run(rows[:3], "OR", 24.0)
    assert one[3][one[3]["used"]]["value"].tolist() == [0.6, 0.5]
    assert "also 0.7 at 24, matched (row 2)" in one[0]["assumed"][0]
    # Where nothing else is printed it is said; a part of both does not come before it.
    unlike = [rows[0], rows[2], *printed(survival("a", 0.3, part="few"), first=8)]
    unlike += printed(survival("b", 0.2, part="few"), first=9)
    last = run(unlike, "OR", 24.0)
    assert last[3][last[3]["used"]]["value"].tolist() == [0.7, 0.5]
    assert "survival a matched against b crude" in last[0]["assumed"][0]


def test_matched_against_crude_is_said_where_the_arms_print_other_statistics():
    matched = {"adjusted": "matched", "n": 25.0}
    counts = printed(
        ("a", "events", 6.0, matched), ("b", "proportion", 0.2, {"n": 60.0}), outcome="resp"
    )
    alive = printed(survival("a", 0.6, **matched), ("b", "events", 42.0, {"time": 24.0, "n": 60}))
    quartiles = (("median", 24.0), ("q1", 19.0), ("q3", 30.0))
    means = printed(
        ("a", "mean", 20.0, {"sd": 6.0, **matched}),
        *(("b", statistic, value, {"n": 60.0}) for statistic, value in quartiles),
        outcome="pain",
    )
    for rows, measure, time, said in (
        (counts, "OR", None, "events a matched against proportion b crude"),
        (alive, "OR", 24.0, "survival a matched against events b crude"),
        (means, "MD", None, "mean a matched against median b crude"),
    ):
        assert said in run(rows, measure, time)[0]["assumed"][0]
        alike = [{**row, "adjusted": "matched"} for row in rows]
        assert "crude" not in run(alike, measure, time)[0]["assumed"][0]


def test_a_part_of_one_arm_never_stands_against_all_of_the_other():
    rows = printed(survival("a", 0.7, part="stage III"), survival("b", 0.5))
    effects, unusable, *_ = run(rows, "OR", 24.0)
    assert effects.empty
    assert len(unusable) == 1
    mixed = printed(
        hr(0.6, part="stage III"),
        ("a", "events", 20.0, {"n": 50.0}),
        ("b", "events", 30.0, {"n": 50.0}),
    )
    assert "not of the same patients" in run(mixed)[1]["reason"][0]


def test_a_cell_with_two_values_is_unused_and_the_study_says_so():
    rows = printed(survival("a", 0.7), survival("a", 0.79), survival("b", 0.5))
    rows[1]["extractor"] = "kim"
    effects, unusable, *_ = run(rows, "OR", 24.0)
    assert effects.empty
    assert unusable["unsettled"].tolist() == [True]
    assert "0.7 (row 2) or 0.79 (row 3, kim)" in unusable["reason"][0]
    effects, _, _, used = run(rows, "OR", 24.0, until="Kim")
    assert used[used["used"]]["value"].tolist() == [0.79, 0.5]
    assert (
        "as Kim reads it until it is settled: 0.79 (row 3, kim), not 0.7 (row 2)"
        in (effects["assumed"][0])
    )
    # Two values of one reader count in no case.
    rows[0]["extractor"] = "kim"
    assert run(rows, "OR", 24.0, until="kim")[0].empty
    # A row of consensus settles it.
    rows += printed(survival("a", 0.75, extractor="consensus"), first=5)
    settled = run(rows, "OR", 24.0)[3]
    assert settled[settled["used"]]["value"].tolist() == [0.75, 0.5]


def test_where_another_value_serves_the_effect_names_what_is_to_be_settled():
    rows = printed(
        hr(0.5, 0.4, 0.62, adjusted="matched"), hr(0.6, 0.5, 0.7, adjusted="matched"), CRUDE
    )
    effects, *_ = run(rows)
    assert effects["inputs"][0].endswith("(row 4)")
    assert (
        "not used: hazard-ratio of a/b on os (adjusted: matched) is to be settled"
        in (effects["assumed"][0])
    )


def test_a_contrast_and_the_same_one_turned_are_one_cell():
    same = printed(hr(0.5, 0.4, 0.625), hr(2.0, 1.6, 2.5, arm="b/a"))
    assert len(run(same)[0]) == 1
    other = printed(hr(0.5, 0.4, 0.62), hr(1.5, 1.2, 1.9, arm="b/a"))
    assert run(other)[1]["unsettled"].tolist() == [True]


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (0.666, 0.67, False),  # the same, rounded
        (0.7, 0.74, True),  # perhaps 0.70
        (0.08, 0.09, True),
        (0.55, 0.56, True),
    ],
)
def test_rounding_is_no_contradiction(one, other, clash):
    rows = printed(survival("a", one), survival("a", other), survival("b", 0.5))
    _, unusable, _, used = run(rows, "OR", 24.0)
    assert len(unusable) == clash
    if not clash:
        assert used[used["used"]]["value"].tolist() == [one, 0.5]


def test_patients_taken_from_another_outcome_are_said():
    rows = printed(hr(0.5, p_value="0.03"), ("a", "events", 20.0, {}), ("b", "events", 30.0, {}))
    rows += printed(survival("a", 0.5), survival("b", 0.4), outcome="pfs", first=8)
    routes = run(rows)[2]
    said = routes.set_index("route")["assumed"]
    assert "n of a from pfs at 24 (row 8)" in said["T7"]
    assert "n of a" not in said["T4"]


# To shrink a study of a dozen rows takes minutes.
QUICK = settings(
    max_examples=20, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate)
)
# Properties. Rows of one study: whichever routes they open.
SHARES = st.integers(2, 98).map(lambda x: x / 100)
ASKED = st.sampled_from([("os", "HR"), ("os", "OR"), ("pain", "MD"), ("resp", "RR")])


@st.composite
def studies(draw, outcome):
    """Rows on both arms at 12 and 24, adjusted and of parts, some of them in conflict."""
    # Patients of both arms: what is not printed of an outcome may be taken from another, and said.
    rows = [(arm, "at-risk", 50.0, {"time": 0.0}) for arm in ("a", "b")]
    for arm in ("a", "b"):
        for time in (12.0, 24.0):
            more = {"time": time, "n": draw(st.sampled_from([40.0, 50.0]))}
            more["adjusted"] = draw(st.sampled_from(["", "no", "matched"]))
            for _ in range(draw(st.integers(1, 2))):
                if outcome == "pain":
                    rows.append((arm, "mean", float(draw(st.integers(1, 60))), dict(more)))
                    rows.append((arm, "sd", float(draw(st.integers(2, 9))), dict(more)))
                elif outcome == "os":
                    rows.append((arm, "survival", draw(SHARES), dict(more)))
                else:
                    rows.append((arm, "events", float(draw(st.integers(1, 30))), dict(more)))
                more["part"] = draw(st.sampled_from(["", "few"]))
    name = {"os": "hazard-ratio", "pain": "mean-difference", "resp": "risk-ratio"}[outcome]
    for _ in range(draw(st.integers(0, 3))):
        value = draw(st.integers(20, 300)) / 100
        more = {"ci_low": value / 2, "ci_high": value * 2} if draw(st.booleans()) else {}
        more["time"] = draw(st.sampled_from([nan, 12.0, 24.0]))
        more["adjusted"] = draw(st.sampled_from(["", "no", "matched", "multivariable"]))
        more["p_value"] = draw(st.sampled_from(["", "0.03", "<0.05"]))
        rows.append((draw(st.sampled_from(["a/b", "b/a"])), name, value, more))
    return printed(*rows, outcome=outcome)


def told(rows, measure, time, arms=("a", "b")):
    """What a run says of effects and reasons, as text that can be compared."""
    effects, unusable, *_ = run(rows, measure, time, arms)
    kept = effects[["yi", "vi", "n", "events", "route", "grade", "adjusted"]]
    rows_named = [sorted(text.split("; ")) for text in effects["inputs"]]
    return (
        np.round(kept[["yi", "vi"]].to_numpy(float), 9).tolist(),
        kept[["n", "events"]].astype(float).fillna(-1).to_numpy().tolist(),
        kept[["route", "grade", "adjusted"]].to_numpy().tolist(),
        rows_named,
        unusable["unsettled"].tolist(),
    )


@QUICK
@given(st.data(), ASKED, st.sampled_from([None, 12.0, 24.0]), st.integers(0, 999))
def test_the_order_of_rows_changes_nothing(data, asked, time, seed):
    outcome, measure = asked
    rows = data.draw(studies(outcome))
    mixed = random.Random(seed).sample(rows, len(rows))
    assert told(mixed, measure, time) == told(rows, measure, time)


@QUICK
@given(st.data(), ASKED, st.sampled_from([12.0, 24.0]), st.integers(0, 999))
def test_rows_of_another_arm_time_outcome_or_part_change_nothing(data, asked, time, seed):
    outcome, measure = asked
    rows = [r for r in data.draw(studies(outcome)) if not r["part"]]
    if outcome == "os":  # a hazard ratio of another time is another value of the same thing
        rows = [r for r in rows if "/" not in r["arm"] or r["time"] != r["time"]]
    before = told(rows, measure, time)
    other = [dict(r) for r in data.draw(studies(outcome)) if r["statistic"] != "at-risk"]
    kind = data.draw(st.sampled_from(["arm", "time", "outcome", "part"]))
    for number, row in enumerate(other, 100):
        row["row"] = number
        if kind == "arm":
            names = {"a": "c", "b": "a"} if "/" in row["arm"] else {"a": "c", "b": "c"}
            row["arm"] = "/".join(names[arm] for arm in row["arm"].split("/"))
        elif kind == "time":
            row["time"] = 60.0
        elif kind == "outcome":
            row["outcome"] = "pfs"
        else:
            row |= {"part": "another part", "adjusted": "no"}  # a matched part would come first
    if kind == "time" and measure == "HR":
        other = [row for row in other if "/" not in row["arm"]]
    if kind == "part":  # a study of which all is in parts says nothing before
        other = other if before[0] else []
        # The time that is asked for comes before the whole: a ratio of no time stands behind it.
        other = [row for row in other if "/" not in row["arm"] or row["time"] != row["time"]]
    mixed = random.Random(seed).sample([*rows, *other], len(rows) + len(other))
    after = told([*rows[:1], *(r for r in mixed if r is not rows[0])], measure, time)
    assert after == before


def turned(there, back):
    """Whether the effects of `back` are those of `there` the other way round."""
    one, other = (effects[["yi", "vi"]].to_numpy(float) for effects in (there, back))
    return one.shape == other.shape and np.allclose(one, other * [-1, 1], rtol=1e-9, atol=1e-12)


@QUICK
@given(st.data(), ASKED, st.sampled_from([None, 12.0, 24.0]))
def test_the_other_way_round_every_effect_is_turned(data, asked, time):
    outcome, measure = asked
    rows = data.draw(studies(outcome))
    there, _, *_ = run(rows, measure, time, ("a", "b"))
    back, _, *_ = run(rows, measure, time, ("b", "a"))
    assert there["route"].tolist() == back["route"].tolist()
    assert turned(there, back)
    swap = {"a": "b", "b": "a"}
    named = [r | {"arm": "/".join(swap[x] for x in r["arm"].split("/"))} for r in rows]
    swapped, _, *_ = run(named, measure, time)
    assert turned(there, swapped)


def several(rows, **more):
    asked = {"outcome": "pain", "measure": "GEN", "arms": ["a", "b"], "time": None}
    return harmonise(
        pd.DataFrame(rows),
        pd.DataFrame({"study_id": ["s1"]}),
        {"x": asking.synthesis(**asked, several="aggregate", correlation=0.5, **more)},
        ARMS,
        OUTCOMES,
    )


def effect(value, half=0.3, **more):
    return ("a/b", "effect", value, {"ci_low": value - half, "ci_high": value + half, **more})


def test_several_effects_of_a_study_are_one_where_the_protocol_says_so():
    rows = printed(effect(0.2), effect(0.6), outcome="pain")
    assert run(rows, "GEN")[1]["unsettled"].tolist() == [True]
    effects, unusable, routes, used = several(rows)
    assert unusable.empty
    # Two of one variance v: their mean, with (1 + 0.5) v / 2.
    v = (0.3 / 1.959963984540054) ** 2
    np.testing.assert_allclose(effects[["yi", "vi"]].to_numpy(float), [[0.4, 0.75 * v]])
    assert "2 effects made into one, their errors correlated by 0.5" in effects["assumed"][0]
    assert sorted(used[used["used"]]["row"]) == [2, 3]
    assert len(routes) == 1


def test_of_parts_and_the_whole_the_whole_alone_counts_and_parts_are_made_into_one():
    parts = printed(
        effect(0.2, part="men", n=40.0), effect(0.6, part="women", n=60.0), outcome="pain"
    )
    effects = several(parts)[0]
    assert effects["yi"].tolist() == pytest.approx([0.4])
    assert effects["n"].tolist() == [100]
    whole = [*parts, *printed(effect(0.5), outcome="pain", first=8)]
    assert several(whole)[0]["yi"].tolist() == pytest.approx([0.5])
    # What two extractors read differently is not two effects.
    read = printed(effect(0.2, extractor="ab"), effect(0.6, extractor="cd"), outcome="pain")
    assert several(read)[1]["unsettled"].tolist() == [True]
    # Two who read the same two effects do not differ, and each effect counts once.
    both = printed(
        *(effect(v, extractor=who) for who in ("ab", "cd") for v in (0.2, 0.6)), outcome="pain"
    )
    effects, unusable, _, used = several(both)
    assert unusable.empty
    assert used["used"].sum() == 2
    assert effects["yi"].tolist() == pytest.approx([0.4])
    assert run(both, "GEN")[0].empty
    assert several(both[:3])[1]["unsettled"].tolist() == [True]


def test_the_average_of_effects_with_correlated_errors():
    # By hand: V = [[4, 1], [1, 1]] for SEs 2 and 1 and a correlation of 0.5; V^-1 1 = (0, 1).
    assert average([3.0, 1.0], [4.0, 1.0], 0.5) == pytest.approx((1.0, 1.0))
    # Without correlation the weights are the inverse variances.
    assert average([3.0, 1.0], [4.0, 1.0], 0.0) == pytest.approx((1.4, 0.8))
