"""Values of a part of the patients and of the whole, and several p of one pair of arms."""

from math import exp, nan

import pytest

from effects.test_several_values import CRUDE, hr, printed, run, survival
from livingmeta.effects.disagreements import disagreements

DIED = [("a", "events", 20.0, {"n": 50.0}), ("b", "events", 30.0, {"n": 50.0})]


def log_rank(p, **more):
    return ("a/b", "log-rank-p", nan, {"p_value": p, **more})


# Of several p of one pair of arms the last is to be preferred, whichever is the smallest.
P_VALUES = {
    "the longest follow-up": (log_rank("0.001", time=12.0), log_rank("0.4", time=60.0), {}),
    "the time": (log_rank("0.001", time=60.0), log_rank("0.4", time=12.0), {"time": 12.0}),
    "adjusted": (log_rank("0.001"), log_rank("0.4", adjusted="matched"), {}),
    "crude": (log_rank("0.001", adjusted="matched"), log_rank("0.4"), {"design": "RCT"}),
    "the whole": (log_rank("0.001", part="men"), log_rank("0.4"), {}),
    "the whole, of any time": (
        log_rank("0.001", part="men", time=60.0),
        log_rank("0.4", time=12.0),
        {},
    ),
    "these arms": (("all", *log_rank("0.001")[1:]), log_rank("0.4"), {}),
}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("what", P_VALUES)
def test_of_several_p_the_preferred_one_counts_and_not_the_smallest(what, order):
    *tests, asked = P_VALUES[what]
    effects, _, _, used = run(printed(*(tests[i] for i in order), *DIED), **asked)
    taken = used[used["used"] & (used["role"] == "p-value")]
    assert effects["route"].tolist() == ["T8"]
    assert taken["value"].tolist() == [0.4]
    assert "also 0.001" in effects["assumed"][0]
    over = used[~used["used"] & used["way"].isna()]
    assert over[["role", "value"]].to_numpy().tolist() == [["log-rank-p", 0.001]]


def test_a_p_is_of_the_patients_whose_deaths_are_known():
    men = [(*row[:3], row[3] | {"part": "men"}) for row in DIED]
    rows = printed(log_rank("0.4"), log_rank("0.001", part="men"), *men)
    used = run(rows)[3]
    assert used[used["used"] & (used["role"] == "p-value")]["value"].tolist() == [0.001]


def deaths(*p_values):
    """Deaths of 50 in the arms a, b, c, with the p that stands beside each."""
    given = zip("abc", (20.0, 30.0, 35.0), p_values, strict=False)
    return printed(*((arm, "events", x, {"n": 50.0, "p_value": p}) for arm, x, p in given))


def test_a_p_beside_one_arm_or_more_arms_is_none_of_two():
    for rows in (deaths("0.01", "0.01"), deaths("0.01", ""), deaths("0.01", "", "0.2")):
        used = run(rows)[3].query("used")
        assert used[used["role"] == "p-value"]["value"].tolist() == [0.01]
    # The smaller of two counted, and one of all three arms as of the first two.
    for order in (1, -1):
        apart = run(deaths("0.01", "0.3")[::order])[1]["reason"][0]
        assert "p 0.01 (row 2) and 0.3 (row 3) beside the two events: neither is of" in apart
    all_three = run(deaths("0.01", "0.01", "0.01"))[1]["reason"][0]
    assert "more arms (rows 2 and 4): it is not of these two alone" in all_three
    assert "more arms" in run(deaths("<0.01", "<0.01", "<0.01"))[1]["reason"][0]


def test_no_adjustment_said_and_none_said_is_one_cell():
    rows = printed(survival("a", 0.6, adjusted="no"), survival("a", 0.7), survival("b", 0.5))
    for order in (rows, rows[::-1]):
        assert run(order, "OR", 24.0)[1]["unsettled"].tolist() == [True]
    # A crude difference that says so counts in a trial as one that does not.
    for adjusted in ("no", ""):
        either = [
            ("a/b", "mean-difference", 3.0, {"ci_low": 1, "ci_high": 5, "adjusted": "matched"}),
            ("a/b", "mean-difference", 2.0, {"ci_low": 1, "ci_high": 3, "adjusted": adjusted}),
        ]
        pair = printed(*either, outcome="pain")
        assert run(pair, "MD", design="RCT")[0]["yi"].tolist() == [2.0]
    twice = printed(CRUDE, hr(0.5, 0.4, 0.62))
    effects, _, routes, _ = run(twice)
    assert len(routes) == 1
    assert "not stated" not in effects["assumed"][0]


def median(value, **more):
    return ("a", "median", value, {"ci_low": 8.0, "ci_high": 18.0, **more})


def test_the_whole_counts_by_whatever_route_before_a_part():
    men = [(arm, "events", v, {"n": 30.0, "part": "men"}) for arm, v in (("a", 9.0), ("b", 6.0))]
    whole = [("a", "proportion", 0.4, {"n": 50.0}), ("b", "events", 30.0, {"n": 50.0})]
    for rows in ([*men, *whole], [*whole, *men]):
        used = run(printed(*rows, outcome="resp"), "OR")[3]
        assert used[used["used"]]["value"].tolist() == [0.4, 30.0]
    # A median that was not reached is the whole's word on it.
    not_reached = median(nan, ci_low=31.0, ci_high=nan, note="not reached")
    effects, unusable, *_ = run(
        printed(median(12.0, part="stage IV"), not_reached), "MEDLN", arms=("a",)
    )
    assert effects.empty
    assert unusable["reason"].tolist() == ["median of a not reached (row 3)"]


def test_of_the_only_part_the_effect_says_so_and_of_several_none_is_taken():
    one = printed(median(12.0, part="stage IV"))
    assert "of a part of the patients: stage IV" in run(one, "MEDLN", arms=("a",))[0]["assumed"][0]
    several_ = [*one, *printed(median(24.0, ci_high=40.0, part="stage I"), first=5)]
    for rows in (several_, several_[::-1]):
        effects, unusable, *_ = run(rows, "MEDLN", arms=("a",))
        assert effects.empty
        said = (
            "only of parts, and nobody says which counts: "
            "stage I: median a 24 [8, 40] (row 5), stage IV: median a 12 [8, 18] (row 2)"
        )
        assert unusable["reason"].tolist() == [said]
        assert unusable["unsettled"].tolist() == [True]
    ratios = printed(hr(0.6, 0.4, 0.9, part="men"), hr(0.8, 0.5, 1.28, part="women"))
    assert "men: hazard ratio a/b 0.6" in run(ratios)[1]["reason"][0]
    # What prefers one of two values prefers one of two parts.
    ratios[1] |= {"adjusted": "matched"}
    assert run(ratios)[3].query("used")["value"].tolist() == [0.8]


def test_the_direction_of_a_p_is_not_that_of_a_part():
    men = ("a/b", "hazard-ratio", 1.3, {"part": "men", "ci_low": 0.9, "ci_high": 1.9})
    effects = run(printed(log_rank("0.01"), men, *DIED))[0]
    alone = run(printed(log_rank("0.01"), *DIED))[0]
    assert effects["yi"].tolist() == alone["yi"].tolist()
    assert alone["yi"][0] < 0


def test_survival_of_a_part_takes_no_number_at_risk_of_the_whole():
    def rows(part, risk_of):
        return printed(
            *(("a", "survival", 0.7, {"n": 20.0, "time": 12.0, "part": part}),),
            *(("b", "survival", 0.5, {"n": 20.0, "time": 12.0, "part": part}),),
            *((arm, "at-risk", 300.0, {"time": 12.0, "part": risk_of}) for arm in "ab"),
        )

    of_part = run(rows("men", ""))[0]
    of_whole = run(rows("", "men"))[0]
    assert of_part["vi"].tolist() == of_whole["vi"].tolist()
    same, used = run(rows("men", "men"))[::3]
    assert same["vi"][0] < of_part["vi"][0] / 5
    assert used.loc[used["used"], "role"].tolist().count("at-risk") == 2


OF_MEN, OF_STAGE = {"n": 25.0, "part": "men"}, {"n": 25.0, "part": "Stage 3"}
APART = {
    "two parts": (OF_MEN, OF_STAGE, "events a is of men (row 2), events b is of Stage 3 (row 3)"),
    "a part and all": (OF_MEN, {"n": 50.0}, "events a is of men (row 2), events b is of all"),
}


@pytest.mark.parametrize(("first", "second", "said"), APART.values(), ids=APART)
def test_arms_of_other_patients_are_told_and_not_said_to_print_nothing(first, second, said):
    rows = [("a", "events", 6.0, first), ("b", "events", 12.0, second)]
    effects, unusable, *_ = run(printed(*rows, outcome="resp"), "OR")
    reason = unusable["reason"].item()
    assert effects.empty
    assert reason.startswith(said)
    assert "not of the same patients" in reason
    assert "nothing printed" not in reason
    assert ("write it in one way" in reason) == bool(second.get("part"))


@pytest.mark.parametrize(
    ("part", "told"), [("biomarker absent", []), ("", [("T3", 2.85)])], ids=["of some", "of all"]
)
def test_a_ratio_of_other_patients_is_no_other_route_to_that_of_all(part, told):
    """As IPASS prints them: 0.74 in all, 2.85 without the mutation."""
    of_all, of_some = hr(0.74, 0.65, 0.85), hr(2.85, 2.05, 3.98, part=part, time=24.0)
    found = disagreements(run(printed(of_all, of_some), time=12.0 if not part else None)[2])
    assert [(r.route, round(exp(r.yi), 2)) for r in found.itertuples()] == told
