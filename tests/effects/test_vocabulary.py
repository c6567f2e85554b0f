"""What papers print beside counts and ratios with intervals, from the table that people fill in.

Worked examples: Tierney 2007 (Trials 8:16), O-E -16.5, V 128.81, HR 0.88 (0.74 to 1.05); Cochrane
Handbook 6.5.2.2, 95% CI 30.0 to 34.2 of 25 patients, SD 5.09; 6.5.2.3, a difference of 3.8 with
p 0.008 in 25 and 22 patients, SE 1.37, SD 4.69.
"""

import csv
from math import exp, inf, log, sqrt

import pandas as pd
import pytest

import asking
from livingmeta import tables
from livingmeta.effects.harmonise import harmonise
from livingmeta.extraction import outcomes

KINDS = {"os": "survival", "score": "continuous", "death": "binary", "relapse": "count"}
META = asking.outcomes({name: {"kind": kind} for name, kind in KINDS.items()})
ARMS = {"a": {}, "b": {}, "c": {}}
OUTCOMES = {name: asking.outcome(kind=kind) for name, kind in KINDS.items()}


def told(tmp_path, rows, measure, outcome, time=None, arms=("a", "b"), **asked):
    """Effects, unusable and routes of rows of outcomes.csv, each `arm statistic value` and more
    cells as `name=cell`, of the study `s` where no other is named."""
    path = tmp_path / "outcomes.csv"
    names = tables.columns("data/outcomes")
    with path.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, names, restval="")
        writer.writeheader()
        for row in rows:
            arm, statistic, value, *more = row.split()
            cells = dict(part.split("=", 1) for part in more)
            cells = {"study_id": "s", "outcome": outcome, "source": "p. 1"} | cells
            value = "" if value == "-" else value
            writer.writerow(cells | {"arm": arm, "statistic": statistic, "value": value})
    raw = tables.read(path, "data/outcomes")
    studies = pd.DataFrame({"study_id": list(dict.fromkeys(raw["study_id"]))})
    tidy = outcomes.tidy(raw, studies["study_id"], META, ARMS, "months")
    synthesis = {"outcome": outcome, "measure": measure, "arms": list(arms), "time": time}
    asked = {"x": asking.synthesis(**synthesis, **asked)}
    return harmonise(tidy, studies.assign(status="included"), asked, ARMS, OUTCOMES)[:3]


def one(tmp_path, rows, measure, outcome, **more):
    effects, unusable, _ = told(tmp_path, rows, measure, outcome, **more)
    assert len(effects) == 1, list(unusable["reason"])
    return effects.iloc[0]


@pytest.mark.parametrize(
    "rows",
    [
        ["a/b log-rank-o-minus-e -16.5", "a/b log-rank-variance 128.81"],
        ["b/a log-rank-o-minus-e 16.5", "b/a log-rank-variance 128.81"],
        ["a log-rank-o-minus-e -16.5", "a/b log-rank-variance 128.81"],
        ["b log-rank-o-minus-e 16.5", "a/b log-rank-variance 128.81"],
        [f"a/b log-rank-o-minus-e -16.5 se={sqrt(128.81)!r}"],
    ],
)
def test_tierney_2007_by_observed_minus_expected(tmp_path, rows):
    effect = one(tmp_path, rows, "HR", "os")
    assert (effect.route, effect.grade) == ("T1", "exact")
    half = 1.959964 * sqrt(effect.vi)
    printed = [round(exp(x), 2) for x in (effect.yi, effect.yi - half, effect.yi + half)]
    assert printed == [0.88, 0.74, 1.05]


def test_an_o_minus_e_of_other_arms_or_without_its_variance_is_none(tmp_path):
    rows = ["a/c log-rank-o-minus-e -16.5", "a/b log-rank-variance 128.81"]
    assert told(tmp_path, rows, "HR", "os")[0].empty
    _, unusable, _ = told(tmp_path, ["a/b log-rank-o-minus-e -16.5"], "HR", "os")
    assert "belongs under the statistic log-rank-variance" in unusable["reason"][0]


def test_handbook_an_sd_from_the_interval_of_a_mean(tmp_path):
    arm = {"arms": ["a"]}
    effect = one(tmp_path, ["a mean 32.1 n=25 ci_low=30.0 ci_high=34.2"], "MN", "score", **arm)
    assert sqrt(effect.vi * 25) == pytest.approx(5.09, abs=0.005)
    by_limit = one(tmp_path, ["a mean 32.1 n=25 ci_high=34.2"], "MN", "score", **arm)
    assert by_limit.vi == pytest.approx(effect.vi)
    assert "upper limit of its mean alone" in by_limit.assumed
    assert (effect.grade, by_limit.grade) == ("exact", "close")


ARM_SIZES = ["a at-risk 25 time=0", "b at-risk 22 time=0"]


@pytest.mark.parametrize(
    ("rows", "route"),
    [
        (["a/b mean-difference 3.8 p_value=0.008"], "R4"),
        (["b/a mean-difference -3.8 p_value=0.008"], "R4"),
        (["a/b mean-difference 3.8", "a/b t 2.777"], "R"),
        (["a/b mean-difference 3.8", "b/a t -2.777"], "R"),
        (["a/b mean-difference 3.8", "a/b f 7.712"], "R"),
        (["a mean 30", "b mean 26.2", "a/b t 2.777"], "D2"),
        (["a mean 30", "b mean 26.2", "a/b f 7.712"], "D2"),
        (["a mean 30 p_value=0.008", "b mean 26.2 p_value=0.008"], "D2"),
        (["a/b mean-difference 3.8 ci_low=1.0427 ci_high=6.5573"], "R"),
        (["a/b mean-difference 3.8 ci_low=1.0427"], "R"),
        (["a/b mean-difference 3.8 se=1.369"], "R"),
    ],
)
def test_handbook_a_difference_of_small_arms_by_t(tmp_path, rows, route):
    effect = one(tmp_path, [*rows, *ARM_SIZES], "MD", "score")
    assert effect.route == route
    assert effect.yi == pytest.approx(3.8)
    assert sqrt(effect.vi) == pytest.approx(1.37, abs=0.005)


@pytest.mark.parametrize(
    "rows",
    [
        ["a mean 30", "b mean 26.2", "a/b mean-difference 3.8 p_value=0.008"],
        ["a/b mean-difference 3.8 p_value=0.008"],
        ["b/a mean-difference -3.8 p_value=0.008"],
        ["a mean 30", "b mean 26.2", "b/a t -2.777"],
        ["a/b t 2.777"],
        ["b/a t -2.777"],
    ],
)
def test_handbook_one_sd_for_both_arms(tmp_path, rows):
    effect = one(tmp_path, [*rows, *ARM_SIZES], "SMD", "score")
    assert (effect.route, effect.grade) == ("D2", "approximate")
    correction = 1 - 3 / (4 * 47 - 9)
    assert effect.yi == pytest.approx(correction * 3.8 / 4.69, abs=0.003)
    assert "the same SD in both arms" in effect.assumed


def test_an_adjusted_difference_gives_no_sd_of_the_arms(tmp_path):
    rows = ["a mean 30", "b mean 26.2", "a/b mean-difference 3.8 p_value=0.008 adjusted=matched"]
    assert told(tmp_path, [*rows, *ARM_SIZES], "SMD", "score")[0].empty


QUARTILES = [
    "a median 7 n=60", "a q1 5", "a q3 10", "b median 9 n=60", "b q1 6", "b q3 13",
]  # fmt: skip


def test_means_and_sds_from_quartiles(tmp_path):
    effect = one(tmp_path, QUARTILES, "MD", "score")
    assert (effect.route, effect.grade) == ("D3", "approximate")
    # Luo's means 7.353 and 9.354, Wan's SDs 3.80 and 5.32.
    assert effect.yi == pytest.approx(7.353 - 9.3533, abs=0.001)
    assert effect.vi == pytest.approx((3.80**2 + 5.32**2) / 60, rel=0.002)
    assert "Luo 2018, Wan 2014" in effect.assumed
    both = [*QUARTILES, "a minimum 0", "a maximum 15", "b minimum 0", "b maximum 20"]
    assert "Shi 2020" in one(tmp_path, both, "MD", "score").assumed


def test_skewed_quartiles_are_rough_and_other_methods_are_asked_for(tmp_path):
    skewed = [row.replace("a q3 10", "a q3 19") for row in QUARTILES]
    effect = one(tmp_path, skewed, "MD", "score")
    assert effect.grade == "rough"
    assert "a is skewed by Shi's test" in effect.assumed
    _, _, routes = told(tmp_path, skewed, "MD", "score", routes=["D3q"])
    assert list(routes["route"]) == ["D3q", "D3"]
    assert list(routes["chosen"]) == [True, False]
    assert "McGrath 2020" in routes["assumed"][0]
    _, _, routes = told(tmp_path, QUARTILES, "MD", "score", routes=["D3b", "D3q"])
    assert list(routes["route"]) == ["D3q", "D3b", "D3"]
    of_nought = [row.replace("a q1 5", "a q1 0") for row in QUARTILES]
    effects, *_ = told(tmp_path, of_nought, "MD", "score", routes=["D3b"])
    assert effects["route"].tolist() == ["D3"]
    assert "a not by D3b: 0 is not above 0" in effects["assumed"][0]


def test_a_printed_mean_comes_before_quartiles_and_arms_may_differ(tmp_path):
    printed = ["a mean 8 n=60 sd=3", "b mean 10 n=60 sd=3"]
    assert one(tmp_path, [*QUARTILES, *printed], "MD", "score").route == "D"
    assert one(tmp_path, [*QUARTILES, printed[0]], "MD", "score").route == "D3"
    _, unusable, _ = told(tmp_path, QUARTILES[:4], "MD", "score")
    assert "without quartiles or range" in unusable["reason"][0]


def test_an_sd_is_borrowed_on_request_only(tmp_path):
    whole = [
        f"{arm} mean 10 n={n} sd={sd} study_id={study}"
        for study, n, sd in (("s1", 21, 3), ("s2", 41, 4))
        for arm in "ab"
    ]
    lacking = ["a mean 12 n=30", "b mean 15 n=30"]
    assert len(told(tmp_path, [*whole, *lacking], "MD", "score")[0]) == 2
    effects, *_ = told(tmp_path, [*whole, *lacking], "MD", "score", routes=["D4"])
    own = effects[effects["study_id"] == "s"].iloc[0]
    assert (own.route, own.grade) == ("D4", "rough")
    assert own.vi == pytest.approx(2 * (20 * 9 + 40 * 16) / 60 / 30)
    assert "borrowed: that of 2 other studies" in own.assumed
    assert list(effects["route"]) == ["D", "D", "D4"]


LIMIT = (log(0.95) - log(0.7)) / 1.959964


@pytest.mark.parametrize(
    ("row", "yi", "se", "grade", "said"),
    [
        ("a/b log-hazard-ratio -0.5 se=0.2", -0.5, 0.2, "exact", "printed as its logarithm"),
        ("b/a log-hazard-ratio 0.5 se=0.2", -0.5, 0.2, "exact", "printed as its logarithm"),
        ("a/b effect -0.5 se=0.2", -0.5, 0.2, "approximate", "effect read as ln HR"),
        ("a/b hazard-ratio 0.7 ci_high=0.95", log(0.7), LIMIT, "close", "upper limit alone"),
        ("a/b hazard-ratio 0.5 se=0.15 p_value=0.021", log(0.5), 0.3, "exact", "ratio itself"),
        ("b/a hazard-ratio 2 se=0.6 p_value=0.021", log(0.5), 0.3, "exact", "ratio itself"),
        ("a/b hazard-ratio 0.5 se=0.3 p_value=0.021", log(0.5), 0.3, "exact", "the logarithm"),
        ("a/b hazard-ratio 0.5 se=0.15", log(0.5), 0.15, "approximate", "neither its p nor"),
        ("a/b hazard-ratio 0.98 se=0.15", log(0.98), 0.15, "exact", ""),
        ("a/b hazard-ratio 2 se=0.2 event=survival", log(0.5), 0.2, "approximate", "one of death"),
    ],
)
def test_what_stands_beside_a_hazard_ratio(tmp_path, row, yi, se, grade, said):
    effect = one(tmp_path, [row], "HR", "os")
    assert effect.yi == pytest.approx(yi)
    assert sqrt(effect.vi) == pytest.approx(se)
    assert effect.grade == grade
    assert said in effect.assumed


def test_events_tell_whether_an_se_is_of_the_ratio(tmp_path):
    deaths = ["a events 20 n=50", "b events 25 n=50"]
    effect = one(tmp_path, ["a/b hazard-ratio 0.5 se=0.15", *deaths], "HR", "os")
    assert sqrt(effect.vi) == pytest.approx(0.3)
    assert "of the ratio itself, as the events tell" in effect.assumed


def test_a_chi_squared_with_events_is_a_p(tmp_path):
    deaths = ["a events 20 n=50", "b events 25 n=50"]
    effect = one(tmp_path, ["a/b log-rank-chi2 4", *deaths], "HR", "os")
    assert (effect.route, effect.yi) == ("T8", pytest.approx(-2 * sqrt(45 / 500)))
    early = one(tmp_path, ["a/b log-rank-chi2 4", *(f"{d} time=12" for d in deaths)], "HR", "os")
    assert (effect.grade, early.grade) == ("close", "approximate")


def test_a_hazard_ratio_and_p_come_after_what_is_nearer_to_the_patients():
    from livingmeta.effects.routes import order

    codes = order("HR")
    assert codes.index("G") < codes.index("T4") < codes.index("T5")


SURVIVAL = 0.065 / (0.718 * 0.282)


@pytest.mark.parametrize(
    "rows",
    [
        ["a survival 71.8 time=24 n=50 unit=% se=6.5"],
        ["a survival 71.8 time=24 n=50 unit=%", "a se 6.5 time=24 unit=%"],
        ["a mortality 28.2 time=24 n=50 unit=% se=6.5"],
        ["a survival 71.8 time=24 unit=% ci_low=59.0602"],
        ["a mortality 28.2 time=24 unit=% ci_high=40.9398"],
    ],
)
def test_survival_with_what_stands_beside_it(tmp_path, rows):
    effect = one(tmp_path, rows, "PLO", "os", time=24, arms=["a"])
    assert effect.route == "S1"
    assert effect.yi == pytest.approx(log(0.718 / 0.282))
    assert sqrt(effect.vi) == pytest.approx(SURVIVAL, rel=1e-4)
    assert ("turned into survival" in effect.assumed) == rows[0].startswith("a mortality")


def test_an_se_that_may_be_of_a_median_is_none_of_survival(tmp_path):
    rows = ["a survival 71.8 time=24 n=50 unit=%", "a se 0.5 time=24", "a median 30 time=24"]
    assert one(tmp_path, rows, "PLO", "os", time=24, arms=["a"]).route == "S4"


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        (["a survival 0 time=12 n=19"], (0, 19)),
        (["a survival 0 time=12 n=19", "a at-risk 4 time=9", "a at-risk 9 time=6"], (0, 4)),
        (["a mortality 100 time=12 n=19 unit=%"], (0, 19)),
        (["a events 19 time=12 n=19"], (0, 19)),
        (["a survival 1 time=36 n=19"], (19, 0)),
        (["a survival 1 time=36 n=19", "a at-risk 7 time=36"], (7, 0)),
    ],
)
def test_nobody_lives_again_and_nobody_died_before(tmp_path, rows, cells):
    effect = one(tmp_path, rows, "PLO", "os", time=24, arms=["a"])
    assert (effect.route, effect.grade) == ("S5", "rough")
    assert (effect.ai, effect.bi) == cells
    assert f"{max(cells)} patients counted as followed throughout" in effect.assumed


@pytest.mark.parametrize("row", ["a survival 0 time=36 n=19", "a survival 1 time=12 n=19"])
def test_zero_is_carried_forward_alone_and_one_backward(tmp_path, row):
    assert told(tmp_path, [row], "PLO", "os", time=24, arms=["a"])[0].empty


def test_medians_and_months_lived_with_their_ses(tmp_path):
    median = one(tmp_path, ["a median 24 se=3"], "MEDLN", "os", arms=["a"])
    assert (median.route, median.grade) == ("M1", "close")
    assert (median.yi, median.vi) == (pytest.approx(log(24)), pytest.approx(1 / 64))
    ratio = one(tmp_path, ["a median 24 se=3", "b median 12 se=2"], "HR", "os")
    assert (ratio.route, ratio.yi) == ("M", pytest.approx(-log(2)))
    assert ratio.vi == pytest.approx(1 / 64 + 1 / 36)
    lived = ["a rmst 20 time=24 se=1", "b rmst 17 time=24 ci_low=15.04 ci_high=18.96"]
    months = one(tmp_path, lived, "MD", "os", time=24)
    assert (months.route, months.yi, months.vi) == ("D", 3, pytest.approx(2, rel=1e-4))


ROUGH = {"time": 24, "arms": ["a"], "routes": ["S6", "S7"]}


def test_survival_between_two_printed_times_on_request(tmp_path):
    """Of a Weibull curve with S(t) = exp(-(t/30)^0.8) the value between is met exactly."""
    weibull = {t: exp(-((t / 30) ** 0.8)) for t in (12, 24, 36)}
    rows = [f"a survival {weibull[t]!r} time={t} n=50 se=0.06" for t in (12, 36)]
    assert told(tmp_path, rows, "PLO", "os", time=24, arms=["a"])[0].empty
    effect = one(tmp_path, rows, "PLO", "os", **ROUGH)
    assert (effect.route, effect.grade) == ("S6", "rough")
    assert effect.yi == pytest.approx(log(weibull[24] / (1 - weibull[24])))
    assert 0.05 < sqrt(effect.vi) * weibull[24] * (1 - weibull[24]) < 0.07
    whole = [*rows, "a survival 0.4 time=24 n=50"]
    assert one(tmp_path, whole, "PLO", "os", **ROUGH).route == "S4"
    assert told(tmp_path, rows[:1], "PLO", "os", **ROUGH)[0].empty


def test_survival_of_an_exponential_curve_by_its_median_on_request(tmp_path):
    effect = one(tmp_path, ["a median 12 n=40"], "PLO", "os", **ROUGH)
    assert (effect.route, effect.grade) == ("S7", "rough")
    assert effect.yi == pytest.approx(log(0.25 / 0.75))
    hazard = log(2) / 12
    assert effect.vi == pytest.approx((hazard * 24 / 0.75) ** 2 / (40 * log(2) ** 2))
    by_ci = one(tmp_path, ["a median 12 ci_low=8 ci_high=18"], "PLO", "os", **ROUGH)
    own = log(18 / 8) / 2 / 1.959964
    assert by_ci.vi == pytest.approx((hazard * 24 / 0.75 * own) ** 2)
    assert told(tmp_path, ["a median 12 n=40"], "PLO", "os", time=24, arms=["a"])[0].empty


def test_a_limit_that_was_cut_off_leaves_the_patients(tmp_path):
    row = "a survival 0.9 time=24 n=40 ci_high=1"
    assert one(tmp_path, [row], "PLO", "os", time=24, arms=["a"]).route == "S4"


def test_ratios_of_surviving_name_their_event(tmp_path):
    ratio = "time=24 ci_low=0.25 ci_high=0.8"
    at = {"time": 24}
    alive = one(tmp_path, [f"a/b odds-ratio 0.5 {ratio} event=survival"], "OR", "os", **at)
    dead = one(tmp_path, [f"a/b odds-ratio 0.5 {ratio} event=death"], "OR", "os", **at)
    assert dead.yi == pytest.approx(-alive.yi) == pytest.approx(log(2))
    assert dead.vi == pytest.approx(alive.vi)
    assert "of death turned into one of surviving" in dead.assumed
    _, unusable, _ = told(tmp_path, [f"a/b odds-ratio 0.5 {ratio}"], "OR", "os", **at)
    assert "write death or survival in the column event (row 2)" in unusable["reason"][0]
    _, unusable, _ = told(tmp_path, [f"a/b risk-ratio 0.5 {ratio} event=death"], "RR", "os", **at)
    assert "cannot be turned into one of surviving" in unusable["reason"][0]
    gained = "a/b risk-difference -10 time=24 ci_low=-18 ci_high=-2 unit=% event=death"
    assert one(tmp_path, [gained], "RD", "os", **at).yi == pytest.approx(0.1)
    plain = "a/b odds-ratio 0.5 ci_low=0.25 ci_high=0.8"
    assert one(tmp_path, [plain], "OR", "death").yi == pytest.approx(log(0.5))


def test_rates_with_their_intervals(tmp_path):
    rate = "a rate 0.12 ci_low=0.08 ci_high=0.18"
    effect = one(tmp_path, [rate], "IRLN", "relapse", arms=["a"])
    assert (effect.route, effect.yi) == ("P2", pytest.approx(log(0.12)))
    assert sqrt(effect.vi) == pytest.approx(log(0.18 / 0.08) / 2 / 1.959964)

    rows = [rate, "b rate 0.1 se=0.02"]
    ratio = one(tmp_path, rows, "IRR", "relapse")
    assert ratio.yi == pytest.approx(log(1.2))
    assert ratio.vi == pytest.approx(effect.vi + 0.04)
    difference = one(tmp_path, rows, "IRD", "relapse")
    assert difference.yi == pytest.approx(0.02)
    counted = one(tmp_path, ["a rate 0.1", "a events 20 n=50"], "IRLN", "relapse", arms=["a"])
    assert (counted.route, counted.vi) == ("P2", pytest.approx(1 / 20))


def test_nothing_is_added_to_peto_s_cells(tmp_path):
    rows = ["a events 0 n=100", "b events 4 n=100"]
    effect = one(tmp_path, rows, "PETO", "death")
    variance = 4 * 196 / 4 / 199
    assert effect.yi == pytest.approx(-2 / variance)
    assert effect.vi == pytest.approx(1 / variance)
    assert "half" not in effect.assumed
    assert "half" in one(tmp_path, rows, "OR", "death").assumed


def test_a_scale_of_the_other_direction_is_turned(tmp_path):
    rows = ["a mean 62 n=60 sd=11", "b mean 55 n=58 sd=11"]
    as_printed = one(tmp_path, rows, "SMD", "score")
    turned = [f"{row} direction=reversed" for row in rows]
    effect = one(tmp_path, turned, "SMD", "score")
    assert (effect.yi, effect.vi) == (-as_printed.yi, as_printed.vi)
    assert "scale of the opposite direction" in effect.assumed
    _, unusable, _ = told(tmp_path, turned, "ROM", "score")
    assert "only differences can be turned" in unusable["reason"][0]


@pytest.mark.parametrize("unit", [1.0, 1e4, 1e-9])
def test_differences_of_any_size(tmp_path, unit):
    value, low, high = -812 * unit, -984 * unit, -640 * unit
    row = f"a/b mean-difference {value!r} ci_low={low!r} ci_high={high!r} n=60"
    effect = one(tmp_path, [row], "MD", "score")
    assert effect.yi == value
    assert sqrt(effect.vi) == pytest.approx(172 * unit / 2.001717, rel=1e-5)
    assert effect.vi < inf
