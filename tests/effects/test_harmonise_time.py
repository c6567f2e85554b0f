"""Which time a printed number is of, and what is said where a study gives no effect."""

from math import log, nan

import pytest

from effects.test_harmonise import run, survival


@pytest.mark.parametrize(("time", "route"), [(24, "R"), (12, None), (nan, None)])
def test_the_se_of_a_ratio_is_that_of_its_time(time, route):
    rows = [
        ("local/control", "odds-ratio", 2.0, {"time": 24}),
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
    more = {"time": time, "ci_low": 1.2, "ci_high": 3.4}
    effects, _, _ = run([("local/control", "odds-ratio", 2.0, more)], "OR", 24)
    told = "odds ratio printed without a time, read as at 24"
    assert (told in effects["assumed"].item()) == said
