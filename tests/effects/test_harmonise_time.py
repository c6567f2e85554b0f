"""Which time a printed number is of, and what is said where a study gives no effect."""

from math import log, nan

import pytest

from effects.test_harmonise import run, survival
from livingmeta.extraction.printed import read_study


@pytest.mark.parametrize(("time", "route"), [(24, "R"), (12, None), (nan, None)])
def test_the_se_of_a_ratio_is_that_of_its_time(time, route):
    rows = [
        ("local/control", "odds-ratio", 2.0, {"time": 24, "event": "survival"}),
        ("local/control", "se", 0.25, {"time": time}),
    ]
    effects, unusable, _ = run(rows, "OR", 24)
    assert list(effects["route"]) == ([route] if route else [])
    assert len(unusable) == (route is None)


def test_the_protocols_time_comes_first_where_survival_is_printed_at_several():
    rows = [survival(arm, s, 80, time) for arm, s, time in PAIRED]
    for time, expected in ((12, log(log(0.8) / log(0.6))), (24, log(log(0.5) / log(0.4)))):
        effects, _, _ = run(rows, "HR", time)
        assert effects["route"].item() == "L"
        assert effects["yi"].item() == pytest.approx(expected)


PAIRED = [
    *(("local", 0.8, 12), ("control", 0.6, 12), ("local", 0.5, 24), ("control", 0.4, 24)),
]


def test_a_p_without_a_direction_is_no_effect():
    rows = [
        ("local/control", "log-rank-p", nan, {"p_value": "0.03"}),
        ("local/control", "events", 50, {}),
    ]
    effects, unusable, _ = run(rows)
    assert effects.empty
    assert "nothing says which arm did better" in unusable["reason"].item()


def test_a_ratio_alone_is_told_by_what_it_lacks():
    _, unusable, _ = run([("local/control", "hazard-ratio", 0.5, {})])
    lacking = "hazard ratio 0.5 without CI, SE, exact p or events (row 2)"
    assert unusable["reason"].item() == lacking


@pytest.mark.parametrize(("time", "said"), [(nan, True), (24, False)])
def test_a_ratio_without_a_time_says_that_it_is_read_as_at_the_one_asked(time, said):
    more = {"time": time, "ci_low": 1.2, "ci_high": 3.4, "event": "survival"}
    effects, _, _ = run([("local/control", "odds-ratio", 2.0, more)], "OR", 24)
    told = "odds ratio printed without a time, read as at 24"
    assert (told in effects["assumed"].item()) == said


def of_both(*cells, **more):
    """Rows of both arms: the value of the first, that of the second."""
    return [
        (arm, statistic, value, {"n": 40, **more})
        for statistic, *values in cells
        for arm, value in zip(("local", "control"), values, strict=True)
    ]


# What both arms print without a time is read as at the one that is asked for, and said so.
TIMELESS = {
    "means": ("MD", "pain", of_both(("mean", 8, 9), ("sd", 2, 2))),
    "medians": ("MD", "pain", of_both(("median", 8, 9), ("q1", 6, 7), ("q3", 10, 12))),
    "events": ("IRR", "tb", of_both(("events", 8, 17), ("person-time", 100, 100))),
    "rates": ("IRR", "tb", of_both(("rate", 0.08, 0.17), ci_low=0.04, ci_high=0.3)),
    "one mean": ("MN", "pain", of_both(("mean", 8, 9), ("sd", 2, 2))),
    "one rate": ("IRLN", "tb", of_both(("rate", 0.08, 0.17), ci_low=0.04, ci_high=0.3)),
    "an effect": ("GEN", "pain", [("local/control", "effect", 1.2, {"ci_low": 1, "ci_high": 1.4})]),
    "an effect of one": ("GEN", "pain", of_both(("effect", 1.2, 1.3), ci_low=1, ci_high=1.5)[:1]),
    "a correlation": ("COR", "pain", [("local/control", "correlation", 0.4, {"n": 40})]),
}


@pytest.mark.parametrize("case", TIMELESS)
def test_what_has_no_time_in_either_arm_is_read_as_at_the_one_asked(case):
    measure, outcome, rows = TIMELESS[case]
    arms = ("local",) if "one" in case else ("local", "control")
    without = run(rows, measure, None, outcome, arms)[0]
    effects = run(rows, measure, 6, outcome, arms)[0]
    assert effects["yi"].item() == without["yi"].item()
    assert effects["vi"].item() == without["vi"].item()
    assert f"{rows[0][1]} printed without a time, read as at 6" in effects["assumed"].item()
    # Not where one arm has one, nor where the time that is asked for is printed of something.
    if "/" not in rows[0][0] and measure in ("MD", "IRR"):
        arm, statistic, value, more = rows[0]
        one = [(arm, statistic, value, {**more, "time": 6}), *rows[1:]]
        assert run(one, measure, 6, outcome=outcome)[0].empty
        contrast = "mean-difference" if measure == "MD" else "incidence-rate-ratio"
        more = {"ci_low": 0.5, "ci_high": 0.9, "time": 6}
        rows = [*rows, ("local/control", contrast, 0.7, more)]
        assert run(rows, measure, 6, outcome=outcome)[0]["route"].item() == "R"


def timed(arm, statistic, value, time, n=40):
    return (arm, statistic, value, {"time": time, "n": n})


@pytest.mark.parametrize(
    ("times", "taken"), [((12, 12.2), 12), ((12.2, 12), 12), ((11.9, 12.2), 11.9), ((12.2,), 12.2)]
)
@pytest.mark.parametrize("statistic", ["survival", "events"])
def test_of_two_times_that_mean_one_the_nearest_to_the_one_asked_is_taken(times, taken, statistic):
    value = dict(zip(times, (0.6, 0.55) if statistic == "survival" else (16, 18), strict=False))
    rows = [timed("local", statistic, x, time) for time, x in value.items()]
    effects, *_ = run(rows, "PLO", 12, arms=("local",))
    share = value[taken] if statistic == "survival" else 1 - value[taken] / 40
    assert effects["yi"].item() == pytest.approx(log(share / (1 - share)))


NO_COMMON = "the arms are printed at no common time: local at 6, control at 12"
# Of syntheses without a time: what is printed, and the effect or why there is none.
COMMON = {
    "events": ("OR", "tb", [timed("local", "events", 8, 6), timed("control", "events", 17, 12)]),
    "means": ("MD", "pain", [timed("local", "mean", 8, 6), timed("control", "mean", 9, 12)]),
    "rates": ("IRR", "tb", [timed("local", "events", 8, 6), timed("control", "events", 9, 12)]),
}


@pytest.mark.parametrize("case", COMMON)
def test_one_arm_is_never_set_against_another_time_of_the_other(case):
    measure, outcome, rows = COMMON[case]
    beside = [
        (arm, statistic, value, {"n": 40})
        for arm in ("local", "control")
        for statistic, value in (("sd", 2.0), ("person-time", 100.0))
    ]
    _, unusable, _ = run(rows + beside, measure, outcome=outcome)
    assert unusable["reason"].item() == NO_COMMON


def test_the_latest_common_time_is_taken_and_the_spread_of_that_time():
    rows = [
        *(timed("local", "events", 10, 24), timed("local", "events", 8, 6)),
        *(timed("control", "proportion", 0.425, 6), timed("control", "events", 12, 3)),
    ]
    effects, _, _ = run(rows, "OR", outcome="tb")
    assert effects["yi"].item() == pytest.approx(log((8 / 32) / (17 / 23)))
    rows = [
        *(timed("local", "mean", 8.0, 12), timed("local", "sd", 1.0, 3)),
        *(timed("local", "sd", 2.0, 12), timed("control", "mean", 9.0, 12)),
        *(timed("control", "mean", 19.0, 24), timed("control", "sd", 1.0, nan)),
    ]
    effects, _, _ = run(rows, "MD", outcome="pain")
    assert effects["yi"].item() == -1.0
    assert effects["vi"].item() == pytest.approx(4 / 40 + 1 / 40)
    _, unusable, _ = run([row for row in rows if row[2] != 2.0], "MD", outcome="pain")
    assert "mean of local 8 without SD" in unusable["reason"].item()


def test_a_test_of_another_pair_of_arms_is_not_borrowed():
    def reading(arm):
        p = {"statistic": "log-rank-p", "p_value": "0.01", "value": nan}
        return read_study([p | {"row": 2, "outcome": "os", "arm": arm}], "os")

    for arm, known in (("local/other", 0), ("other", 0), ("control/local", 1), ("local", 1)):
        assert len(reading(arm).p_values("local", "control")[0]) == known
    rows = [
        *(("local", "log-rank-observed", 9, {}), ("local", "log-rank-expected", 19.25, {})),
        ("local/other", "log-rank-variance", 6.0, {}),
    ]
    effects, _, _ = run(rows)
    assert effects.empty


@pytest.mark.parametrize(
    ("measure", "statistic", "outcome"),
    [("OR", "odds-ratio", "tb"), ("MD", "mean-difference", "pain"), ("HR", "hazard-ratio", "os")],
)
@pytest.mark.parametrize(
    ("times", "asked", "taken"),
    [
        ((6, 12, 24), None, 24),
        ((24, 6, 12), None, 24),
        ((6, nan, 24), None, nan),
        ((6, 12), 12, 12),
    ],
)
def test_which_of_several_contrasts_is_no_matter_of_their_order(
    measure, statistic, outcome, times, asked, taken
):
    values = {6: 1.5, 12: 2.0, 24: 3.0}
    rows = [
        ("local/control", statistic, values.get(t, 4.0), {"time": t, "ci_low": 1.1, "ci_high": 9})
        for t in times
    ]
    expected = values.get(taken, 4.0)
    for printed in (rows, rows[::-1]):
        effects, _, _ = run(printed, measure, asked, outcome=outcome)
        assert effects["yi"].item() == pytest.approx(
            expected if measure == "MD" else log(expected), abs=1e-9
        )


def test_an_se_belongs_to_one_statistic_whichever_way_round_it_is_printed():
    ratio, se = ("control/local", "odds-ratio", 2.0, {}), ("control/local", "se", 0.25, {})
    effects, _, _ = run([ratio, se], "OR", outcome="tb")
    assert effects["yi"].item() == pytest.approx(-log(2))
    assert effects["vi"].item() == pytest.approx(0.0625)
    difference = ("local/control", "risk-difference", -0.1, {})
    _, unusable, _ = run([ratio, se, difference], "OR", outcome="tb")
    said = (
        "odds ratio 0.5 with an SE (row 3) that may be that of the risk difference in row 4 (row 2)"
    )
    assert unusable["reason"].item().startswith(said)
    # One with an interval of its own needs no SE.
    whole = (*difference[:3], {"ci_low": -0.2, "ci_high": 0.0})
    assert len(run([ratio, se, whole], "OR", outcome="tb")[0]) == 1
