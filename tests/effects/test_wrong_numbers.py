"""Numbers that cannot serve an effect do not: they end in a reason, never in a wrong effect."""

import pytest

from effects.test_vocabulary import ARM_SIZES, one, told


def reason(tmp_path, rows, measure, outcome, **more):
    effects, unusable, _ = told(tmp_path, rows, measure, outcome, **more)
    assert effects.empty, effects[["yi", "vi", "inputs"]]
    return unusable["reason"][0]


@pytest.mark.parametrize("measure", ["MD", "ROM"])
def test_a_t_alone_is_in_sds_and_gives_nothing_in_units(tmp_path, measure):
    why = reason(tmp_path, ["a/b t -2.5", *ARM_SIZES], measure, "score")
    assert "t -2.5 without the means (row 2): it tells the difference in SDs only" in why
    assert one(tmp_path, ["a/b t -2.5", *ARM_SIZES], "SMD", "score").yi < 0


CARRIED = {
    "S5 forward": ["a survival 0 time=12 n=5 part=stage-IV", "a survival 0.4 time=12 n=55"],
    "S5 backward": ["a survival 1 time=36 n=5 part=stage-I", "a survival 0.4 time=36 n=55"],
    "S5 by deaths": ["a events 5 time=12 n=5 part=stage-IV", "a events 20 time=12 n=55"],
    "S6": [
        "a survival 0.9 time=12 n=5 part=stage-I",
        "a survival 0.8 time=36 n=5 part=stage-I",
        "a survival 0.4 time=60 n=55",
    ],
    "S7": ["a median 5 n=5 part=stage-IV", "a survival 0.4 time=36 n=55"],
}


@pytest.mark.parametrize("rows", CARRIED.values(), ids=CARRIED)
def test_a_part_of_the_patients_is_not_carried_to_all(tmp_path, rows):
    asked = {"time": 24, "arms": ["a"], "routes": ["S6", "S7"]}
    reason(tmp_path, rows, "PLO", "os", **asked)
    whole = [row.partition(" part=")[0] for row in rows if "part=" in row]
    assert len(told(tmp_path, whole, "PLO", "os", **asked)[0]) == 1


MEANS = ["a mean 30", "b mean 26.2"]


def test_a_one_sided_p_beside_means_is_doubled(tmp_path):
    two = [f"{row} p_value=0.008" for row in MEANS]
    once = [f"{row} p_value=0.004 note=one-sided" for row in MEANS]
    two_sided, one_sided = (
        one(tmp_path, [*rows, *ARM_SIZES], "MD", "score") for rows in (two, once)
    )
    assert one_sided.vi == pytest.approx(two_sided.vi)
    assert "p is one-sided and was doubled" in one_sided.assumed


def test_two_p_beside_means_are_of_neither_and_one_of_three_arms_of_no_pair(tmp_path):
    own = ["a mean 30 p_value=0.008", "b mean 26.2 p_value=0.2", *ARM_SIZES]
    assert "p 0.008 (row 2) and 0.2 (row 3)" in reason(tmp_path, own, "MD", "score")
    shared = [f"{row} p_value=0.008" for row in (*MEANS, "c mean 25")]
    assert "beside the means of more arms (rows 2 and 4)" in reason(
        tmp_path, [*shared, *ARM_SIZES], "MD", "score"
    )


@pytest.mark.parametrize(
    "rows",
    [["a mean 30 n=25 sd=0"], ["a mean 30 n=25", "a sd 0"], ["a mean 30 n=25 se=0"]],
)
@pytest.mark.parametrize("measure", ["MD", "SMD"])
def test_an_sd_of_nought_is_never_pooled(tmp_path, rows, measure):
    why = reason(tmp_path, [*rows, "b mean 26.2 n=22 sd=4"], measure, "score")
    assert "SD of a from its" in why or "SD of a is 0" in why
    assert "(row 2)" in why or "(row 3)" in why


O_MINUS_E = "a/b log-rank-o-minus-e -16.5"


def test_a_log_rank_test_is_of_one_time(tmp_path):
    why = reason(
        tmp_path,
        [f"{O_MINUS_E} time=12", "a/b log-rank-variance 128.8 time=24"],
        "HR",
        "os",
    )
    assert "O-E -16.5 at 12 without its variance (row 2), printed at 24" in why
    sums = [
        *("a log-rank-observed 20 time=12", "a log-rank-expected 30 time=24"),
        *("b log-rank-observed 28 time=12", "b log-rank-expected 26 time=24"),
    ]
    reason(tmp_path, sums, "HR", "os")
    reason(tmp_path, [*sums[:2], "a/b log-rank-variance 12 time=24"], "HR", "os")
    whole = [row.replace("time=24", "time=12") for row in sums]
    assert (
        one(tmp_path, whole, "HR", "os").grade
        == one(tmp_path, [row.partition(" time")[0] for row in sums], "HR", "os").grade
    )


def test_of_two_log_rank_tests_the_one_that_is_whole(tmp_path):
    rows = [f"{O_MINUS_E} time=24", "a/b log-rank-o-minus-e -6 time=12"]
    effect = one(tmp_path, [*rows, "a/b log-rank-variance 60 time=12"], "HR", "os")
    assert (effect.yi, effect.grade) == (pytest.approx(-0.1), "exact")


@pytest.mark.parametrize("untold", [0, 1])
def test_a_variance_of_no_time_is_said_and_graded_down(tmp_path, untold):
    rows = [O_MINUS_E, "a/b log-rank-variance 128.8"]
    rows[1 - untold] += " time=12"
    effect = one(tmp_path, rows, "HR", "os")
    assert (effect.route, effect.grade) == ("T1", "close")
    assert f"printed without a time (row {untold + 2}), read as at 12" in effect.assumed
