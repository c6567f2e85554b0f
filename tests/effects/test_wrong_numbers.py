"""Numbers that cannot serve an effect do not: they end in a reason, never in a wrong effect."""

from math import log

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


def test_medians_of_matched_pairs_come_before_crude_ones_at_a_time_too(tmp_path):
    """As for a hazard ratio. Without their own number they give nothing: the crude ones serve."""
    crude = ["a median 18 n=40 adjusted=no", "b median 6 n=55 adjusted=no"]
    pairs = ["a median 18 adjusted=matched part=pairs", "b median 9 adjusted=matched part=pairs"]
    asked = {"time": 12, "routes": ["S6", "S7"]}
    told_n = one(tmp_path, [*crude, *(f"{row} n=34" for row in pairs)], "OR", "os", **asked)
    untold = one(tmp_path, [*crude, *pairs], "OR", "os", **asked)

    def odds(median):
        return 1 / (2 ** (12 / median) - 1)

    assert (told_n.route, told_n.adjusted, told_n.n) == ("S7", "matched", 68)
    assert told_n.yi == pytest.approx(log(odds(18) / odds(9)))
    assert "of a part of the patients: pairs" in told_n.assumed
    assert (untold.route, untold.n) == ("S7", 95)
    assert untold.yi == pytest.approx(log(odds(18) / odds(6)))


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
    why = reason(tmp_path, sums, "HR", "os")
    assert "no common time: observed a at 12 (row 2), expected a at 24 (row 3)" in why
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


FINAL = "b mean 9 n=60 sd=5.2"


@pytest.mark.parametrize("measured", ["", " measured=final"])
@pytest.mark.parametrize(
    "change",
    [
        ["a mean -3 n=60 sd=5 measured=change"],
        [f"a {name} {value} n=60 measured=change" for name, value in zip(
            ("median", "q1", "q3"), (-3, -6, 1), strict=True
        )],
    ],
)  # fmt: skip
def test_a_change_is_not_compared_with_a_final_value(tmp_path, change, measured):
    rows = [*change, FINAL + measured]
    said = "a is printed as a change since the beginning and b as a final value"
    assert said in reason(tmp_path, rows, "MD", "score")
    if len(change) == 1:
        assert said in reason(tmp_path, [*rows, "a/b t -2"], "SMD", "score")
    both = [*rows, "a mean 7 n=60 sd=6"]
    assert one(tmp_path, both, "MD", "score").yi == -2


def test_the_smd_of_changes_says_that_it_is(tmp_path):
    rows = ["a mean -3 n=60 sd=5 measured=change", "b mean -1 n=60 sd=5 measured=change"]
    said = "SDs of the change since the beginning"
    assert said in one(tmp_path, rows, "SMD", "score").assumed
    assert said not in one(tmp_path, rows, "MD", "score").assumed
    printed = "a/b standardised-mean-difference -0.4 se=0.2"
    assert said in one(tmp_path, [f"{printed} measured=change"], "SMD", "score").assumed
    assert said not in one(tmp_path, [printed], "SMD", "score").assumed


CONTROL = "b mean 9 n=60 sd=5"
BEGINNING = {
    "an SD at the beginning": (["a mean 7 n=60", "a sd 3 time=0", CONTROL], "without SD"),
    "SDs of two times": (
        ["a mean 7 n=60", "a sd 3 time=6", "a sd 5 time=12", CONTROL],
        "without SD",
    ),
    "quartiles of the beginning": (
        ["a median 7 n=60", "a q1 5 time=0", "a q3 10 time=0", CONTROL],
        "without quartiles",
    ),
    "one arm without a time": (
        ["a mean 7 n=60 sd=5 time=12", CONTROL],
        "no common time: a at 12, b without",
    ),
    "one arm at the beginning only": (
        ["a mean 9 n=60 sd=5 time=0", "a mean 7 n=60 sd=5 time=12", f"{CONTROL} time=0"],
        "mean of b at 0 (row 4) is of the beginning",
    ),
    "a difference at the beginning": (
        ["a/b mean-difference 2 se=1 time=0"],
        "mean difference of a/b at 0 (row 2) is of the beginning",
    ),
    "a test at another time": (
        ["a mean 7 n=60", "b mean 9 n=60", "a/b t -2 time=12"],
        "without SD",
    ),
}


@pytest.mark.parametrize(("rows", "why"), BEGINNING.values(), ids=BEGINNING)
def test_means_are_of_one_time_and_never_of_the_beginning(tmp_path, rows, why):
    assert why in reason(tmp_path, rows, "MD", "score")


def test_means_at_the_beginning_are_an_effect_where_that_is_asked(tmp_path):
    rows = ["a mean 9 n=60 sd=5 time=0", "b mean 7 n=60 sd=5 time=0"]
    assert one(tmp_path, rows, "MD", "score", time=0).yi == 2


def test_what_is_borrowed_of_a_time_is_said_and_graded_down(tmp_path):
    rows = ["a mean 7 n=60", "a sd 5 time=12", CONTROL]
    effect = one(tmp_path, rows, "MD", "score")
    assert effect.grade == "close"
    assert "sd of a at 12 (row 3) taken for its mean of no time" in effect.assumed
    rows = ["a mean 7 sd=5 time=12", "a at-risk 60 time=0", f"{CONTROL} time=12"]
    effect = one(tmp_path, rows, "MD", "score")
    assert (effect.n, effect.grade) == (120, "close")
    assert "n of a at 0 (row 3) taken at 12" in effect.assumed
    rows = ["a events 10", "a person-time 100 time=12", "b events 20", "b person-time 90"]
    effect = one(tmp_path, rows, "IRR", "relapse")
    assert "person time of a at 12 (row 3) taken for its events of no time" in effect.assumed
    assert effect.grade == "close"
    why = reason(tmp_path, [*rows, "a person-time 200 time=24"], "IRR", "relapse")
    assert "no person-time of a" in why


@pytest.mark.parametrize(
    ("row", "grades"),
    [("events 5", ("exact", "close")), ("proportion 25 unit=%", ("close", "approximate"))],
)
def test_patients_of_another_time_or_outcome_are_said_of_events_too(tmp_path, row, grades):
    own, other = grades
    control = "b events 8 n=20 time=6"
    later = "a events 11 n=18 time=24"
    effect = one(tmp_path, [f"a {row} time=6", later, control], "OR", "relapse", time=6)
    assert effect.grade == other
    assert "n of a at 24 (row 3) taken at 6" in effect.assumed
    # Its own, or that of its time, comes before.
    for rows in (
        [f"a {row} n=20 time=6", later],
        [f"a {row} time=6", later, "a mean 3 n=20 time=6"],
    ):
        effect = one(tmp_path, [*rows, control], "OR", "relapse", time=6)
        assert (effect.grade, effect.n) == (own, 40)
        assert "taken at" not in effect.assumed
    elsewhere = "a mean 3 n=18 time=24 outcome=score"
    effect = one(tmp_path, [f"a {row} time=6", elsewhere, control], "OR", "relapse", time=6)
    assert effect.grade == other
    assert "n of a from score at 24 (row 3)" in effect.assumed


def test_of_survival_the_patients_at_the_beginning_serve(tmp_path):
    rows = ["a survival 0.7 time=12", "b survival 0.5 time=12"]
    sizes = ["a at-risk 60 time=0", "b at-risk 55 time=0"]
    effect = one(tmp_path, [*rows, *sizes], "OR", "os", time=12)
    assert (effect.n, effect.grade) == (115, "approximate")
    assert "taken at" not in effect.assumed


def test_the_later_time_comes_before_the_better_route(tmp_path):
    early = ["a mean 7 n=60 sd=5 time=3", "b mean 9 n=60 sd=5 time=3"]
    late = ["a mean 5 n=60 sd=5 time=12", "b median 9 n=60 time=12"]
    around = ["b q1 6 time=12", "b q3 13 time=12"]
    assert one(tmp_path, [*early, *late, *around], "MD", "score").route == "D3"
    effect = one(tmp_path, [*early, *late], "MD", "score")
    assert (effect.route, effect.yi) == ("D", -2)


def test_a_difference_unlike_its_means_is_set_aside(tmp_path):
    means = [f"{row} direction=reversed time=12" for row in ("a mean 7 n=60 sd=5", CONTROL)]
    difference = "a/b mean-difference -2 se=0.9"
    assert one(tmp_path, [*means, difference], "MD", "score").yi == 2
    lone = [means[0], difference, "b at-risk 60"]
    for measure in ("MD", "SMD"):
        why = reason(tmp_path, lone, measure, "score", time=12)
        if measure == "MD":
            assert "-2 (row 3) is not marked reversed as the mean of a is (row 2)" in why
    turned = f"{difference} direction=reversed"
    assert one(tmp_path, [*means, turned], "MD", "score").yi == 2
    plain = [means[0].replace("direction=reversed", ""), turned, "b at-risk 60"]
    why = reason(tmp_path, plain, "MD", "score", time=12)
    assert "-2 (row 3) is marked reversed, the mean of a is not (row 2)" in why


@pytest.mark.parametrize("told_of", ["a", "b"])
@pytest.mark.parametrize("statistic", ["events", "proportion"])
def test_counts_of_a_time_are_not_compared_with_those_of_none(tmp_path, told_of, statistic):
    share = 1 if statistic == "events" else 50
    values = {"a": 10 / share, "b": 20 / share}
    rows = [f"{arm} {statistic} {value} n=50" for arm, value in values.items()]
    assert len(told(tmp_path, rows, "OR", "death")[0]) == 1
    rows = [row + " time=12" * row.startswith(told_of) for row in rows]
    other = "b" if told_of == "a" else "a"
    why = reason(tmp_path, rows, "OR", "death")
    assert f"no common time: {told_of} at 12, {other} without" in why


BEGUN = ["a mean 30 time=0 n=100 sd=4", "b mean 30 time=0 n=100 sd=4"]
THEN = {
    "own n": ["a/b mean-difference 3.8 p_value=0.008 time=12 n=47"],
    "arms' n of that time": [
        "a/b mean-difference 3.8 p_value=0.008 time=12",
        "a at-risk 25 time=12 n=25",
        "b at-risk 22 time=12 n=22",
    ],
}


@pytest.mark.parametrize("rows", THEN.values(), ids=THEN)
def test_a_difference_is_read_by_t_of_those_who_were_analysed(tmp_path, rows):
    effect = one(tmp_path, [*BEGUN, *rows], "MD", "score", time=12)
    assert (effect.vi**0.5, effect.n) == (pytest.approx(1.3691, abs=1e-4), 47)
    assert "by t with 45 degrees of freedom" in effect.assumed


@pytest.mark.parametrize("what", ["mean-difference 3.8 p_value=0.008", "t 2.7757"])
def test_an_sd_from_a_difference_or_its_t_is_of_those_who_were_analysed(tmp_path, what):
    row = f"a/b {what} time=12 n=48"
    effect = one(tmp_path, [*BEGUN, row], "SMD", "score", time=12)
    sizes = ["a at-risk 24 n=24 time=12", "b at-risk 24 n=24 time=12"]
    plain = one(tmp_path, [row, *sizes], "SMD", "score", time=12)
    assert [effect.yi, effect.vi, effect.n] == pytest.approx([plain.yi, plain.vi, 48])
    assert "its 48 patients shared out as in the arms" in effect.assumed


@pytest.mark.parametrize("none", ["se=0", "ci_low=12 ci_high=12"])
def test_a_restricted_mean_without_an_error_is_not_counted_as_sure(tmp_path, none):
    rows = [f"a rmst 12 time=12 {none}", "b rmst 10 time=12 ci_low=9 ci_high=11"]
    why = reason(tmp_path, rows, "MD", "os", time=12)
    assert "the restricted mean of a has no error: its interval or SE is 0" in why


@pytest.mark.parametrize(
    ("rows", "measure", "said"),
    [
        (
            ["a mean 5 n=60 time=6", "a sd 2 time=12", "b mean 6 n=60 sd=2 time=6"],
            "MD",
            "without SD, SE or CI (row 2) (sd in row 3 is at 12)",
        ),
        (
            ["a median 5 n=60 time=6", "a q1 3 time=12", "b mean 6 n=60 sd=2 time=6"],
            "MD",
            "without quartiles or range (row 2) (q1 in row 3 is at 12)",
        ),
        (["a mean 5 n=1", "b mean 6 n=60 sd=2"], "MD", "mean of a 5 of 1 patients has no SD"),
        (
            ["a/b mean-difference 3.8 time=6", "a/b se 1 time=12"],
            "MD",
            "mean difference 3.8 without CI, SE or exact p (se in row 3 is at 12)",
        ),
        (
            ["a/b mean-difference 3.8 ci_low=3.8 ci_high=3.8"],
            "MD",
            "the interval 3.8 to 3.8 has no width: it tells no error",
        ),
    ],
)
def test_a_reason_names_what_is_printed_of_something_else(tmp_path, rows, measure, said):
    assert said in told(tmp_path, rows, measure, "score")[1]["reason"][0]


def test_nobody_with_the_event_is_a_reason_of_its_own(tmp_path):
    rows = ["a events 0 n=40", "b events 0 n=40"]
    reason = told(tmp_path, rows, "PETO", "death")[1]["reason"][0]
    assert reason.startswith("no event in either arm")


def test_two_rows_to_settle_say_what_tells_them_apart(tmp_path):
    rows = ["a events 10 n=50", "a events 10 n=60", "b events 20 n=60"]
    reason = told(tmp_path, rows, "OR", "death")[1]["reason"][0]
    assert "10 of 50 (row 2) or 10 of 60 (row 3)" in reason


@pytest.mark.parametrize("share", [0, 1])
def test_a_share_of_none_or_all_is_no_survival_but_of_an_outcome_that_is(tmp_path, share):
    rows = [f"a proportion {share} n=40", "b proportion 0.1 n=40"]
    assert "followed throughout" not in (one(tmp_path, rows, "RD", "death").assumed or "")
    rows = [row.replace("proportion", "survival") + " time=12" for row in rows]
    assert "followed throughout" in one(tmp_path, rows, "RD", "os", time=12).assumed
