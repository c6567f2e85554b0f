"""What each study says of the course of survival: times, shares, and who is at risk."""

import json
from math import isnan, nan

import numpy as np
import pandas as pd
import pytest

import asking
from effects.test_harmonise import table
from livingmeta.effects.course import intervals
from livingmeta.extraction.curves.rebuild import rebuild
from livingmeta.pooling.course import course
from livingmeta.words import guard_rails


def survival(times, n=100, arm="local", **more):
    return [(arm, "survival", s, {"time": t, "n": n, **more}) for t, s in times.items()]


def at_risk(times, arm="local"):
    return [(arm, "at-risk", n, {"time": t}) for t, n in times.items()]


def found(studies, time=None, curves=None, design=None, joins=None, written=None, **more):
    """Rows of intervals.csv of studies given as lists of rows."""
    outcomes = pd.concat([table(rows, study=study) for study, rows in studies.items()])
    outcomes["row"] = range(2, len(outcomes) + 2)
    outcomes["part"] = outcomes["note"]
    outcomes["time_as_written"] = outcomes["time"].map(lambda t: (written or {}).get(t, ""))
    traits = pd.DataFrame({"study_id": list(studies), "status": "included", **(design or {})})
    given = {"outcome": "os", "measure": "SURV", "arms": ["local"], "time": time, **more}
    asked = {"c": asking.synthesis(**given)}
    made = intervals(outcomes, traits, asked, curves, joins=joins)
    return made, asked


def of(made, study):
    rows = made[(made["study_id"] == study) & (made["reason"] == "")]
    return rows.set_index("end")


def test_shares_of_those_alive_at_the_beginning_and_who_is_at_risk():
    made, _ = found({"s": [*survival({12: 0.8, 24: 0.6, 36: 0.3}), *at_risk({12: 70, 24: 40})]})
    rows = of(made, "s")
    assert rows["share"].tolist() == pytest.approx([0.8, 0.75, 0.5])
    assert rows["at_risk"].tolist() == [100, 70, 40]
    # 10 of 80 leave before 12 and 12.5 of 52.5 before 24; nothing says who leaves after that.
    assert rows["exposed"].tolist() == pytest.approx([95, 63.75, 40])
    assert rows["complete"].tolist() == [False, False, True]
    assert rows.loc[24, "rows"].split() == ["2", "3", "5"]


def test_without_numbers_at_risk_all_count_as_followed_unless_follow_up_says_who_left():
    times = survival({12: 0.8, 24: 0.5})
    plain = of(found({"s": times})[0], "s")
    assert plain["at_risk"].tolist() == [100, 80]
    assert plain["exposed"].tolist() == pytest.approx([100, 80])
    assert plain["complete"].tolist() == [True, True]
    follow = [("local", "minimum-followup", 6, {}), ("local", "maximum-followup", 30, {})]
    even = of(found({"s": [*times, *follow]})[0], "s")
    assert even["at_risk"].tolist() == pytest.approx([100, 80 * 18 / 24])
    assert even["exposed"].tolist() == pytest.approx([90, 60 - (60 * 0.625 - 50 * 0.25) / 2])
    assert not even["complete"].any()
    assert "followed evenly between 6 and 30" in even.loc[24, "assumed"]


def test_numbers_at_risk_are_read_between_those_printed():
    rows = [*survival({12: 0.8, 18: 0.7, 24: 0.5}), *at_risk({12: 72, 24: 30})]
    middle = of(found({"s": rows})[0], "s")
    assert middle.loc[24, "at_risk"] == pytest.approx(70 * (0.9 + 0.6) / 2)


def test_times_that_few_give_cut_no_interval_of_the_many():
    many = {f"s{i}": survival({12: 0.8, 24: 0.6}) for i in range(4)}
    made, _ = found({**many, "odd": survival({6: 0.9, 12: 0.8, 24: 0.6, 60: 0.1})})
    assert sorted(made["end"].unique()) == [12, 24, 60]
    assert of(made, "odd").index.tolist() == [12, 24, 60]


def test_the_time_of_the_synthesis_is_the_last():
    studies = {f"s{i}": survival({12: 0.8, 24: 0.6, 36: 0.5}) for i in range(2)}
    assert found(studies, time=24)[0]["end"].max() == 24


def test_104_weeks_are_two_years():
    made, _ = found({"a": survival({12: 0.8, 24: 0.6}), "b": survival({12: 0.8, 23.92: 0.6})})
    assert of(made, "b").index.tolist() == [12, 24]


def test_no_interval_is_left_that_no_study_spans():
    made, asked = found(
        {"a": survival({12: 0.8}), "b": survival({24: 0.5}), "c": survival({24: 0.4})}
    )
    assert made.loc[made["study_id"] == "a", "reason"].tolist() == [
        "survival at 12 gives both ends of no interval"
    ]
    assert course(made, asked)[0]["time"].unique().tolist() == [24]


REASONS = {
    "survival rises from 0.5 at 12 to 0.6 at 24": survival({12: 0.5, 24: 0.6}),
    "no number of patients": survival({12: 0.5, 24: 0.4}, n=nan),
    "no survival printed at a time, and no curve": [("local", "median", 20, {"n": 50})],
}


@pytest.mark.parametrize("reason", list(REASONS)[1:])
def test_a_study_without_an_interval_says_why(reason):
    made, _ = found({"good": survival({12: 0.8, 24: 0.6}), "bad": REASONS[reason]})
    assert made.loc[made["study_id"] == "bad", "reason"].tolist() == [reason]


def test_a_rise_ends_what_a_study_gives():
    made, _ = found({"good": survival({12: 0.8, 24: 0.6}), "bad": survival({12: 0.5, 24: 0.6})})
    assert of(made, "bad").index.tolist() == [12]


def test_who_have_all_died_give_no_interval_after_it():
    made, asked = found(
        {"a": survival({12: 0.2, 24: 0, 36: 0}), "b": survival({12: 0.5, 24: 0.4, 36: 0.3})}
    )
    assert of(made, "a").index.tolist() == [12, 24]
    assert of(made, "a")["share"].tolist() == [0.2, 0]
    points, _, _ = course(made, asked)
    assert points[points["primary"]]["k"].tolist() == [2, 2, 1]


def test_deaths_and_mortality_are_survival_in_other_words():
    deaths = [("local", "events", e, {"time": t, "n": 50}) for t, e in ((12, 10), (24, 25))]
    made, _ = found({"a": deaths, "b": survival({12: 0.8, 24: 0.5}, n=50)})
    assert of(made, "a")["share"].tolist() == pytest.approx(of(made, "b")["share"].tolist())


def test_what_is_of_another_arm_or_of_some_patients_is_not_taken():
    rows = [*survival({12: 0.8, 24: 0.6}), *survival({12: 0.1, 24: 0.1}, arm="control")]
    rows += survival({12: 0.2, 24: 0.1}, n=9, note="stage-IV")
    assert of(found({"s": rows})[0], "s")["survival"].tolist() == [0.8, 0.6]


def drawn():
    rng = np.random.default_rng(4)
    dies, leaves = rng.exponential(25, 80), rng.uniform(12, 48, 80)
    time, event = np.minimum(dies, leaves), (dies <= leaves).astype(int)
    order = np.unique(time[event == 1])
    share = np.cumprod([1 - ((time == t) & (event == 1)).sum() / (time >= t).sum() for t in order])
    risk = np.arange(0, 25, 12)
    return rebuild(
        np.append(0, order), np.append(1, share), risk, [(time >= t).sum() for t in risk]
    ), time


def test_a_rebuilt_curve_gives_every_time_up_to_its_end_with_those_at_risk():
    curve, time = drawn()
    curves = {("c", "local", "os"): curve}
    made, _ = found(
        {"c": at_risk({0: 80}), "p": survival({6: 0.8, 12: 0.6, 24: 0.4})}, curves=curves
    )
    rows = of(made, "c")
    assert rows.index.tolist() == [6, 12, 24]
    assert rows["curve"].all()
    for start, row in zip([0, 6, 12], rows.itertuples(), strict=True):
        assert row.at_risk == pytest.approx((time > start).sum(), abs=2)
        before = 1.0 if start == 0 else curve.survival_and_se(start)[0]
        assert row.share == pytest.approx(row.survival / before)


def test_the_order_of_studies_and_rows_changes_nothing():
    studies = {"a": survival({12: 0.8, 24: 0.6}), "b": survival({12: 0.7, 24: 0.3}, n=40)}
    first, asked = found(studies)
    turned = {name: rows[::-1] for name, rows in reversed(studies.items())}
    second, _ = found(turned)
    pd.testing.assert_frame_equal(course(first, asked)[0], course(second, asked)[0])


def test_the_curve_its_median_and_where_few_are_left():
    studies = {f"s{i}": survival({12: 0.8, 24: 0.4}, n=60 + i) for i in range(4)}
    studies["s0"] += survival({36: 0.2})
    made, asked = found(studies)
    points, whole, rails = course(made, asked)
    result = points[points["primary"]]
    assert result["model"].unique().tolist() == ["random"]
    assert result["time"].tolist() == [12, 24, 36]
    assert result["k"].tolist() == [4, 4, 1]
    assert result["few"].tolist() == [False, False, True]
    assert result["estimate"].tolist() == pytest.approx([0.8, 0.4, 0.2], abs=0.01)
    assert result["complete"].tolist() == [4, 4, 1]
    of_all = whole[whole["primary"]].iloc[0]
    assert of_all["k"] == 4
    assert of_all["n"] == pytest.approx(60 + 61 + 62 + 100, abs=40)
    assert of_all["median"] == pytest.approx(21, abs=0.5)
    assert of_all["median_low"] < of_all["median"] < of_all["median_high"]
    (rail,) = rails
    assert rail["rule"] == "few-left"
    assert rail["parameters"] == '{"k": 1, "of": 4, "time": 36.0}'


def test_a_pinned_common_effect_is_the_result():
    made, _ = found({f"s{i}": survival({12: 0.9 - i / 5}) for i in range(4)})
    asked = {
        "c": asking.synthesis(outcome="os", measure="SURV", arms=["local"], model={"tau2": "FE"})
    }
    points, _, _ = course(made, asked)
    assert points.loc[points["primary"], "model"].tolist() == ["common"]
    wide = points.set_index("model")["ci_high"] - points.set_index("model")["ci_low"]
    assert wide["random"] > 1.5 * wide["common"]


def test_without_a_study_there_is_no_curve():
    made, asked = found({"a": [("local", "median", 20, {"n": 50})]})
    points, whole, rails = course(made, asked)
    assert points.empty
    assert whole.empty
    assert rails == []
    assert isnan(made["share"].iloc[0])


def test_clusters_leave_fewer_patients_to_reckon_with_and_are_said():
    times = {"s": survival({12: 0.8, 24: 0.5})}
    plain, _ = found(times)
    cluster = {"allocation": "cluster", "icc": "0.05", "cluster_size": "101"}
    made, _ = found(times, design=cluster)
    assert made["exposed"].tolist() == pytest.approx((plain["exposed"] / 6).tolist())
    assert made["at_risk"].tolist() == plain["at_risk"].tolist()
    assert made["assumed"].str.contains("design effect 6 = ").all()
    unknown, _ = found(times, design={"allocation": "cluster"})
    assert unknown["exposed"].tolist() == plain["exposed"].tolist()
    assert unknown["assumed"].str.contains("clusters not accounted for: no icc").all()


JOINS = {"local": ("low", "high")}


def test_the_course_of_joined_arms_is_that_of_all_their_patients():
    low = [*survival({12: 0.8, 24: 0.6}, n=50, arm="low"), *at_risk({12: 36, 24: 20}, "low")]
    high = [*survival({12: 0.5, 24: 0.2}, n=100, arm="high"), *at_risk({12: 44, 24: 10}, "high")]
    made, _ = found({"s": [*low, *high]}, joins=JOINS)
    whole = [*survival({12: 0.6, 24: 1 / 3}, n=150), *at_risk({12: 80, 24: 30})]
    as_one, _ = found({"s": whole})
    columns = ["end", "survival", "share", "at_risk", "exposed"]
    for column in columns:
        assert made[column].tolist() == pytest.approx(as_one[column].tolist())
    assert "local joined from low (n 50) and high (n 100)" in made["assumed"].iloc[0]
    assert set(made["rows"].iloc[1].split()) == {"2", "3", "4", "6", "7", "8"}
    printed, _ = found({"s": [*low, *high, *survival({12: 0.4}, n=150)]}, joins=JOINS)
    assert printed["survival"].tolist() == [0.4]


def test_parts_that_cannot_be_joined_say_why():
    rows = survival({12: 0.8}, arm="low")
    made, _ = found({"s": rows}, joins=JOINS)
    assert "no survival of high at 12" in made["reason"].iloc[0]
    odd = [*rows, *survival({12: 0.3333}, n=50, arm="high")]
    made, _ = found({"s": odd}, joins=JOINS)
    assert "is not joined from low and high" in made["reason"].iloc[0]
    later = [*survival({12: 0.5, 24: 0.2}, n=50, arm="high"), *survival({24: 0.333}, arm="low")]
    made, _ = found({"s": [*rows, *later]}, joins=JOINS)
    assert made["end"].tolist() == [12]
    assert "0.333 (row 5) is not one whole number of 100 patients" in made["assumed"].iloc[0]


def test_a_time_in_another_unit_is_told_as_it_is_written():
    month = 4 * 7 / 30.4375
    weeks = {month: "4 weeks"}
    made, asked = found({f"s{i}": survival({month: 0.9}) for i in range(2)}, written=weeks)
    assert made["end_as_written"].tolist() == ["4 weeks"] * 2
    (rail,) = course(made, asked)[2]
    said = guard_rails.phrase(rail["rule"], json.loads(rail["parameters"])).because
    assert said.startswith("from 0.92 (written 4 weeks) on 2 of 2 studies")
    rising = survival({month: 0.5, 12: 0.6})
    made, _ = found({"s": rising, "t": survival({month: 0.9, 12: 0.8})}, written=weeks)
    why = "nothing after 4 weeks: survival rises from 0.5 at 4 weeks to 0.6 at 12"
    assert of(made, "s")["left_out"].tolist() == [why]
    made, _ = found({"s": [*survival({12: 0.5, 24: 0.3}), *at_risk({12: 0})]})
    assert of(made, "s")["left_out"].iloc[-1] == "nothing after 12: nobody at risk at 12"
