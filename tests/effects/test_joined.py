"""Arms that the protocol makes of others, through the tables: joined, passed over, or told why."""

import random
from math import log, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import asking
from livingmeta.effects.harmonise import harmonise
from livingmeta.formulas.joined_arms import means
from livingmeta.formulas.measures import effect_size

ARMS = {"drug": {}, "low": {}, "middle": {}, "high": {}, "placebo": {}}
KINDS = {"pain": "continuous", "cured": "binary", "os": "survival", "falls": "count"}
OUTCOMES = {name: asking.outcome(kind=kind) for name, kind in KINDS.items()}
BLANK = {
    **dict.fromkeys(("time", "value", "n", "ci_low", "ci_high", "ci_level", "sd", "se"), nan),
    **dict.fromkeys(("p_value", "adjusted", "note", "part", "event", "measured", "direction"), ""),
}
TWO = {"drug": ("low", "high")}


def printed(*rows, outcome="pain", study="s1", first=2):
    """Rows given as (arm, statistic, value, {more}) of one study."""
    return [
        {**BLANK, "study_id": study, "outcome": outcome, "row": number}
        | {"arm": arm, "statistic": statistic, "value": value, **more}
        for number, (arm, statistic, value, more) in enumerate(rows, first)
    ]


def run(rows, measure="MD", joins=TWO, arms=("drug", "placebo"), **asked):
    outcome = asked.pop("outcome", rows[0]["outcome"])
    asked |= {"outcome": outcome, "measure": measure, "arms": list(arms)}
    studies = pd.DataFrame({"study_id": ["s1"], "design": ["RCT"]})
    x = {"x": asking.synthesis(**asked)}
    return harmonise(pd.DataFrame(rows), studies, x, ARMS, OUTCOMES, joins=joins)


def reason(rows, *args, **asked):
    effects, unusable, *_ = run(rows, *args, **asked)
    assert effects.empty
    return unusable["reason"][0]


def mean(arm, value, n, sd, **more):
    return (arm, "mean", value, {"n": n, "sd": sd, **more})


def share(arm, value, n, statistic="proportion", **more):
    return (arm, statistic, value, {"n": n, **more})


LOW, HIGH = mean("low", 31.0, 50.0, 9.0), mean("high", 28.0, 48.0, 8.0)
PLACEBO = mean("placebo", 36.0, 51.0, 10.0)
DOSES = printed(LOW, HIGH, PLACEBO)


def test_means_of_two_doses_count_as_one_arm():
    effects, unusable, _, used = run(DOSES)
    assert unusable.empty
    m, sd, n = means([50, 48], [31, 28], [9, 8])
    yi, vi = effect_size("MD", m1i=m, sd1i=sd, n1i=n, m2i=36, sd2i=10, n2i=51)
    assert effects[["yi", "vi"]].to_numpy()[0] == pytest.approx([yi[0], vi[0]], abs=1e-12)
    assert effects["n"].tolist() == [149]
    assert effects["grade"].tolist() == ["exact"]
    assert "drug joined from low (n 50) and high (n 48)" in effects["assumed"][0]
    # Each row that it was made from stands in used.csv.
    assert used[["arm", "row", "value", "n", "used"]].to_numpy().tolist() == [
        ["low", 2, 31.0, 50.0, True],
        ["high", 3, 28.0, 48.0, True],
        ["placebo", 4, 36.0, 51.0, True],
    ]


def test_the_handbook_of_three_arms_with_one_control():
    """23.3.4 by table 6.5.a: the two doses are one arm; its SD has the distance of the means."""
    made = run(DOSES)[0].iloc[0]
    n, m, sd = (50.0, 48.0), (31.0, 28.0), (9.0, 8.0)
    joined = (n[0] * m[0] + n[1] * m[1]) / sum(n)
    within = (n[0] - 1) * sd[0] ** 2 + (n[1] - 1) * sd[1] ** 2
    between = n[0] * n[1] / sum(n) * (m[0] - m[1]) ** 2
    assert made["yi"] == pytest.approx(joined - 36.0)
    assert made["vi"] == pytest.approx((within + between) / (sum(n) - 1) / sum(n) + 100.0 / 51)
    assert made["n"] == 149


def test_an_sd_by_its_se_is_joined_too_and_said():
    rows = printed(LOW, ("high", "mean", 28.0, {"n": 48.0, "se": 8 / 48**0.5}), PLACEBO)
    effects, *_ = run(rows)
    assert effects["yi"][0] == run(DOSES)[0]["yi"][0]
    assert effects["vi"][0] == pytest.approx(run(DOSES)[0]["vi"][0])
    assert "SD of high from its SE and n" in effects["assumed"][0]


def test_counts_are_added_up():
    rows = printed(
        share("low", 5.0, 50.0, "events"),
        share("high", 9.0, 48.0, "events"),
        share("placebo", 20.0, 51.0, "events"),
        outcome="cured",
    )
    effects, _, _, used = run(rows, "OR")
    assert effects[["ai", "bi", "ci", "di"]].to_numpy().tolist() == [[14, 84, 20, 31]]
    assert effects["events"].tolist() == [34]
    assert effects["route"].tolist() == ["C"]
    assert used["row"].tolist() == [2, 3, 4]


def test_counts_without_patients_take_those_of_the_arms():
    rows = printed(
        ("low", "events", 5.0, {}),
        ("high", "events", 9.0, {"n": 48.0}),
        share("placebo", 20.0, 51.0, "events"),
        outcome="cured",
    )
    assert "14 events in drug without the number of patients" in reason(rows, "RR")
    rows += printed(mean("low", 3.0, 50.0, 1.0), outcome="pain", first=9)
    effects, _, _, used = run(rows, "RR")
    assert effects["n"].tolist() == [149]
    assert "n of low from pain (row 9)" in effects["assumed"][0]
    assert used["role"].tolist() == ["events", "events", "size", "events"]


def test_person_time_is_added_up():
    doses = {"low": (5.0, 50.0), "high": (8.0, 40.0), "placebo": (20.0, 51.0)}
    rows = printed(
        *((arm, "events", x, {}) for arm, (x, _) in doses.items()),
        *((arm, "person-time", t, {}) for arm, (_, t) in doses.items()),
        outcome="falls",
    )
    effects, *_ = run(rows, "IRR")
    assert effects["yi"][0] == pytest.approx(log(13 / 90 / (20 / 51)), abs=1e-12)
    rates = printed(
        ("low", "rate", 0.1, {"ci_low": 0.05, "ci_high": 0.2}),
        ("high", "rate", 0.2, {"ci_low": 0.1, "ci_high": 0.4}),
        ("placebo", "rate", 0.4, {"ci_low": 0.3, "ci_high": 0.6}),
        outcome="falls",
    )
    assert "rates without events and person-time of low and high are not joined" in reason(
        rates, "IRR"
    )


def test_percentages_are_joined_where_each_is_one_count():
    placebo = share("placebo", 20.0, 51.0, "events")
    rows = printed(share("low", 0.1, 50.0), share("high", 0.25, 48.0), placebo, outcome="cured")
    effects, *_ = run(rows, "OR")
    assert effects[["ai", "bi"]].to_numpy()[0] == pytest.approx([17, 81])
    assert "read as 5 of 50 and 12 of 48" in effects["assumed"][0]
    # A count beside a percentage: both as counts.
    rows[0] |= {"statistic": "events", "value": 5.0}
    effects, *_ = run(rows, "OR")
    assert effects[["ai", "bi"]].to_numpy().tolist() == [[17, 81]]
    rows[0] |= {"statistic": "proportion", "value": 0.34, "n": 300.0}
    why = reason(rows, "OR")
    assert "proportion of low 0.34 (row 2) is not one whole number of 300 patients" in why


def test_survival_is_joined_only_where_nobody_was_lost():
    at = {"time": 24.0}
    rows = printed(
        share("low", 0.5, 50.0, "mortality", **at),
        share("high", 0.25, 48.0, "survival", **at),
        share("placebo", 0.2, 50.0, "survival", **at),
        outcome="os",
    )
    effects, *_ = run(rows, "OR", time=24.0)
    assert effects[["ai", "bi"]].to_numpy()[0] == pytest.approx([37, 61])
    assert "nobody lost before that time" in effects["assumed"][0]
    assert effects["route"].tolist() == ["S4"]
    rows[1] |= {"ci_low": 0.14, "ci_high": 0.4}
    assert "some may have been lost to follow-up" in reason(rows, "OR", time=24.0)


NEVER = {
    "medians": (
        [("low", "median", 5.0, {"n": 50.0}), ("high", "median", 4.0, {"n": 48.0})],
        "medians and quartiles of low and high are not joined by arithmetic (rows 2, 3)",
    ),
    "ratios": (
        [
            ("low/placebo", "mean-difference", -5.0, {"ci_low": -8.0, "ci_high": -2.0}),
            ("placebo/high", "mean-difference", 7.0, {"ci_low": 4.0, "ci_high": 10.0}),
        ],
        "mean difference of low/placebo and placebo/high share patients and are not joined by "
        "arithmetic (rows 2, 3)",
    ),
    "no SD": (
        [LOW, ("high", "mean", 28.0, {"n": 48.0})],
        "drug is not joined from low and high: mean of high 28 without SD, SE or CI (row 3)",
    ),
}


@pytest.mark.parametrize("what", NEVER)
def test_what_no_arithmetic_joins_is_told(what):
    rows, why = NEVER[what]
    assert why in reason(printed(*rows, PLACEBO))


def test_curves_of_parts_are_not_joined():
    rows = printed(("placebo", "median", 9.0, {}), outcome="os")
    asked = {"outcome": "os", "measure": "HR", "arms": ["drug", "placebo"]}
    drawn = {("s1", arm, "os"): None for arm in ("low", "high", "placebo")}
    _, unusable, *_ = harmonise(
        pd.DataFrame(rows),
        pd.DataFrame({"study_id": ["s1"]}),
        {"x": asking.synthesis(**asked)},
        ARMS,
        OUTCOMES,
        drawn,
        joins=TWO,
    )
    assert "survival curves of low and high are not joined to one of drug" in unusable["reason"][0]


def test_a_missing_part_is_named():
    why = reason(printed(LOW, PLACEBO))
    assert "drug is joined from low and high: no mean of high is printed" in why
    assert "a study that has no high names what it has drug" in why
    other = printed(share("high", 0.2, 50.0), outcome="cured", first=9)
    why = reason([*printed(LOW, PLACEBO), *other])
    assert "no mean of high is printed" in why
    assert "names what it has" not in why


def test_parts_of_two_times_are_not_joined():
    def at(row, time):
        return (*row[:3], {**row[3], "time": time})

    rows = printed(at(LOW, 6.0), at(HIGH, 12.0), at(PLACEBO, 6.0), at(PLACEBO, 12.0))
    assert "no mean of high at 6 is printed" in reason(rows)
    # Of what another time lacks nothing is said where the synthesis names one.
    assert "at 12" not in reason(rows, time=6.0)
    # The latest that all have.
    rows += printed(at(LOW, 12.0), at(HIGH, 6.0), first=9)
    used = run(rows)[3]
    assert used[used["used"]]["row"].tolist() == [9, 3, 5]


def test_matched_and_all_patients_are_not_joined():
    rows = printed(mean("low", 31.0, 30.0, 9.0, adjusted="matched"), HIGH, PLACEBO)
    assert "no mean of high (matched) is printed" in reason(rows)


@pytest.mark.parametrize("first", [True, False])
def test_the_whole_counts_where_it_is_printed_and_its_parts_are_passed_over(first):
    whole = mean("drug", 29.5, 98.0, 8.6)
    rows = printed(*((whole, LOW, HIGH) if first else (LOW, HIGH, whole)), PLACEBO)
    effects, _, _, used = run(rows)
    assert effects["yi"].tolist() == [-6.5]
    taken, over = used[used["used"]], used[~used["used"]]
    assert sorted(taken["arm"]) == ["drug", "placebo"]
    assert sorted(over["arm"]) == ["high", "low"]
    assert over["way"].isna().all()
    assert "its parts passed over: mean" in effects["assumed"][0]


def test_a_whole_that_gives_no_effect_is_passed_over_for_its_parts():
    rows = printed(LOW, HIGH, ("drug", "mean", 29.5, {"n": 98.0}), PLACEBO)
    effects, _, _, used = run(rows)
    assert effects["yi"][0] == run(DOSES)[0]["yi"][0]
    assert used[~used["used"]][["arm", "row"]].to_numpy().tolist() == [["drug", 4]]


def test_a_control_and_an_arm_alone_are_joined_too():
    rows = printed(LOW, HIGH, PLACEBO)
    turned, *_ = run(rows, arms=("placebo", "drug"))
    assert turned["yi"][0] == -run(rows)[0]["yi"][0]
    assert turned["vi"][0] == pytest.approx(run(rows)[0]["vi"][0])
    alone, *_ = run(rows, "MN", arms=("drug",))
    assert alone["yi"][0] == pytest.approx((50 * 31 + 48 * 28) / 98)


def test_who_joins_nothing_gets_what_was():
    why = reason(DOSES, joins={})
    assert why == "no mean of drug"


@settings(deadline=None, max_examples=40)
@given(st.randoms(), st.permutations(["low", "middle", "high"]))
def test_neither_rows_nor_arms_have_an_order(chance, parts):
    rows = printed(LOW, HIGH, mean("middle", 22.0, 30.0, 5.0), PLACEBO)
    rows += printed(share("low", 9.0, 50.0), outcome="cured", first=20)
    want = run(rows, joins={"drug": ("low", "middle", "high")})[0]
    got = run(chance.sample(rows, len(rows)), joins={"drug": tuple(parts)}, outcome="pain")[0]
    assert got[["yi", "vi", "n", "route"]].equals(want[["yi", "vi", "n", "route"]])


@settings(deadline=None, max_examples=40)
@given(st.integers(4, 40), st.integers(0, 2**32 - 1))
@pytest.mark.heavy
def test_an_arm_split_in_two_by_chance_is_joined_to_itself(n, seed):
    chance = np.random.default_rng(seed)
    values = chance.normal(20, 6, n)
    cut = random.Random(seed).randint(2, n - 2)
    halves = np.split(chance.permutation(values), [cut])
    parts = printed(
        *(
            mean(arm, half.mean(), float(half.size), half.std(ddof=1))
            for arm, half in zip(("low", "high"), halves, strict=True)
        ),
        PLACEBO,
    )
    whole = printed(mean("drug", values.mean(), float(n), values.std(ddof=1)), PLACEBO)
    columns = ["yi", "vi", "n"]
    for measure in ("MD", "SMD"):
        got, want = (run(rows, measure)[0][columns].to_numpy(float)[0] for rows in (parts, whole))
        assert got == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("events", [[], [share("drug", 13.0, 98.0, "events", time=6.0)]])
def test_parts_are_passed_over_in_words_for_the_whole_by_any_route_and_time(events):
    arms = {"low": (8.0, 50.0), "high": (5.0, 48.0), "placebo": (20.0, 51.0)}
    later = [share(arm, x, n, "events", time=12.0) for arm, (x, n) in arms.items()]
    limits = {"ci_low": 0.4, "ci_high": 0.9, "ci_level": 95.0, "n": 149.0, "time": 6.0}
    ratio = ("drug/placebo", "odds-ratio", 0.6, limits)
    whole = [*events, share("placebo", 20.0, 51.0, "events", time=6.0)] if events else [ratio]
    rows = printed(*whole, *later, outcome="cured")
    effects, _, _, used = run(rows, "OR", time=6.0)
    passed = used[~used["used"] & used["arm"].isin(["low", "high"])]
    assert sorted(passed["row"]) == [len(whole) + 2, len(whole) + 3]
    said = effects["assumed"][0].partition("its parts passed over: ")[2]
    assert "low" in said
    assert "high" in said


def test_patients_who_are_in_both_arms_are_not_added_up():
    x = {"x": asking.synthesis(outcome="pain", measure="MD", arms=["drug", "placebo"])}
    studies = pd.DataFrame({"study_id": ["s1"], "design": ["RCT"], "allocation": ["crossover"]})
    effects, unusable, *_ = harmonise(pd.DataFrame(DOSES), studies, x, ARMS, OUTCOMES, joins=TWO)
    assert effects.empty
    assert "the patients of its arms are the same" in unusable["reason"][0]
