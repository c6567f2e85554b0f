"""Reconstruction: simulated patients found again, nothing invented, contradictions refused."""

import os
from math import exp
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from livingmeta.extraction.curves.clicks import CurveError, clean_clicks, isotonic
from livingmeta.extraction.curves.rebuild import rebuild, reconstruct
from livingmeta.formulas import individual_data

BRIEF = settings(max_examples=40, deadline=None)


def patients(seed, n, hazard=0.06):
    rng = np.random.default_rng(seed)
    death, leaves = rng.exponential(1 / hazard, n), rng.uniform(6, 48, n)
    return {"time": np.minimum(death, leaves), "event": (death <= leaves).astype(int)}


def figure(data, every=12.0):
    """Clicks at the foot of every step, and the numbers at risk."""
    km = individual_data.kaplan_meier(data)
    last = km.survival[-1] if km.survival.size else 1.0
    risk_time = np.arange(0, data["time"].max(), every)
    return (
        np.concatenate([[0], km.time, [km.last]]),
        np.concatenate([[1], km.survival, [last]]),
        risk_time,
        np.array([(data["time"] >= t).sum() for t in risk_time]),
    )


@BRIEF
@given(st.integers(0, 10_000), st.sampled_from([3, 8, 20, 60, 200]))
def test_patients_are_neither_lost_nor_made_and_the_curve_is_met(seed, n):
    data = patients(seed, n)
    curve = rebuild(*figure(data))
    assert curve.n == n == len(curve.data)
    assert curve.rmse < 0.03
    for t, printed in zip(*figure(data)[2:], strict=True):
        assert (curve.data["time"] >= t).sum() == pytest.approx(printed, abs=1)
    assert curve.data["time"].is_monotonic_increasing
    assert set(curve.data["event"]) <= {0, 1}


def test_all_but_one_curve_in_a_hundred_are_met_to_the_click():
    """Many that leave at once just before a death are held for a click that missed."""
    missed = [seed for seed in range(200) if rebuild(*figure(patients(seed, 20))).rmse > 0.006]
    assert len(missed) <= 2, missed


def test_small_trials_are_found_again():
    errors, events = [], []
    for seed in range(25):
        arms = [patients(seed, 20, 0.03), patients(seed + 500, 20)]
        rebuilt = [rebuild(*figure(data)) for data in arms]
        ours = individual_data.cox(*(curve.data for curve in rebuilt)).value
        errors.append(ours - individual_data.cox(*arms).value)
        events += [c.events - d["event"].sum() for c, d in zip(rebuilt, arms, strict=True)]
    assert abs(np.mean(errors)) < 0.01
    assert np.sqrt(np.mean(np.square(errors))) < 0.05
    assert np.mean(np.array(events) == 0) >= 0.9


def test_numbers_at_risk_and_events_of_a_tiny_curve_by_hand():
    # Five patients: deaths at 2, 4 and 7, censored at 3 and 9. Steps of 1/5, 1/3 and 1/2.
    data = reconstruct([0, 2, 4, 7, 9], [1, 0.8, 0.8 * 2 / 3, 0.8 / 3, 0.8 / 3], [0], [5])
    deaths = data.loc[data["event"] == 1, "time"].tolist()
    censored = data.loc[data["event"] == 0, "time"].tolist()
    assert deaths == [2, 4, 7]
    assert len(censored) == 2
    assert 2 < censored[0] < 4
    assert censored[1] == 9


def test_total_events_settle_what_the_curve_leaves_open():
    # A large group, one number at risk: censoring before the steps or none explains the curve.
    data = patients(1, 300)
    t, s, _, _ = figure(data)
    total = int(data["event"].sum())
    without, with_events = rebuild(t, s, [0], [300]), rebuild(t, s, [0], [300], total)
    assert abs(with_events.events - total) <= abs(without.events - total)
    assert abs(with_events.events - total) <= 0.02 * total
    # Neither is as good as numbers at risk.
    assert (with_events.grade, without.grade) == ("rough", "rough")
    assert with_events.warnings == ("no numbers at risk after the start but a total of events",)


def test_without_numbers_at_risk_those_who_do_not_die_leave_up_to_the_end():
    for seed in range(8):
        for n in (40, 100):
            data = patients(seed, n)
            t, s, _, _ = figure(data)
            total = int(data["event"].sum())
            assert rebuild(t, s, [0], [n], total).events == total


@BRIEF
@given(
    st.integers(0, 10_000), st.sampled_from([3, 10, 50, 400]), st.floats(1, 30), st.floats(5, 80)
)
def test_a_flat_tail_stays_flat_whoever_leaves(seed, n, flat_from, stay):
    rng = np.random.default_rng(seed)
    death = rng.exponential(15, n)
    death[death > flat_from] = np.inf
    leaves = rng.exponential(stay, n)
    data = {"time": np.minimum(death, leaves), "event": (death <= leaves).astype(int)}
    curve = rebuild(*figure(data, every=max(data["time"].max() / 4, 0.1)))
    late = (curve.data["time"] > flat_from) & (curve.data["event"] == 1)
    assert not late.any()


@BRIEF
@given(
    st.lists(st.tuples(st.floats(0, 60), st.floats(0, 1)), min_size=2, max_size=40),
    st.lists(st.integers(0, 200), min_size=1, max_size=6),
)
@example([(0.0, 0.0), (5e-324, 0.0)], [1])
@example([(0.0, 1.0), (5e-324, 1.0)], [200])
def test_anything_is_rebuilt_or_refused_in_words(points, risk):
    t, s = zip(*points, strict=True)
    at_risk = sorted(risk, reverse=True)

    def attempt():
        return rebuild(t, s, np.arange(len(at_risk)) * 10, at_risk)

    try:
        curve = attempt()
    except CurveError:
        with pytest.raises(CurveError, match=r"\w+ \w+"):
            attempt()
    else:
        assert curve.n == at_risk[0]
        assert np.isfinite(curve.data["time"]).all()


def test_isotonic_is_the_mean_of_violators():
    assert isotonic(np.array([1.0, 0.7, 0.9, 0.4])).tolist() == [1.0, 0.8, 0.8, 0.4]
    falling = np.array([1.0, 0.6, 0.6, 0.1])
    assert (isotonic(falling) == falling).all()


def test_several_clicks_at_one_time_keep_the_foot():
    t, s, _ = clean_clicks([0, 5, 5, 8], [1, 1, 0.7, 0.7])
    assert t.tolist() == [0, 5, 8]
    assert s.tolist() == [1, 0.7, 0.7]


GOOD = {
    "time": [0, 6, 12, 24],
    "survival": [1, 0.8, 0.5, 0.3],
    "at_risk_time": [0, 12, 24],
    "at_risk": [40, 18, 8],
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"survival": [100, 80, 50, 30]}, "not percentages"),
        ({"survival": [0, 0.2, 0.5, 0.7]}, "survival cannot rise"),
        ({"survival": [1, 0.8, 0.5]}, "4 click times but 3"),
        ({"survival": [1, 0.8, float("nan"), 0.3]}, "click 3 is not a number"),
        ({"survival": [1, 0.8, 0.5, -0.2]}, "calibration"),
        ({"time": [-6, 0, 12, 24]}, "negative"),
        ({"time": [0, 0, 0, 0]}, "at time 0"),
        ({"time": [3], "survival": [0.5]}, "at least two"),
        ({"at_risk": [40, 18, 20]}, "rise from 18 at 12 to 20 at 24"),
        ({"at_risk": [40, 38, 8]}, "between 0 and 12"),
        ({"at_risk": [40, 18, 17]}, "between 12 and 24"),
        ({"at_risk": [40, 18.5, 8]}, "whole number"),
        ({"at_risk": [0, 0, 0]}, "nobody at risk"),
        ({"at_risk_time": [1, 12, 24]}, "one at time 0"),
        ({"at_risk_time": [0, 12, 12]}, "two numbers at risk"),
        ({"at_risk": [40, 18]}, "3 times but 2"),
        ({"events": 41}, "41 events among 40"),
    ],
)
def test_refused_with_the_reason(change, words):
    reconstruct(**GOOD)
    with pytest.raises(CurveError, match=words):
        reconstruct(**(GOOD | change))


def test_rising_clicks_within_reason_are_levelled_and_graded_low():
    curve = rebuild([0, 6, 12, 24], [1, 0.72, 0.78, 0.5], [0], [40], 20)
    assert curve.grade == "rough"
    assert any("rise" in warning for warning in curve.warnings)


def shared(name):
    folder = os.environ.get("LIVINGMETA_SHARED")
    path = Path(folder or "", "benchmarks", "curves", name)
    if not folder or not path.exists():
        pytest.skip("LIVINGMETA_SHARED is not set")
    return path


def test_keynote_189_from_real_clicks():
    data = []
    for arm in ("pembro", "pbo"):
        t, s = pd.read_csv(shared(f"keynote189_{arm}_clicks.csv")).to_numpy().T
        times, at_risk = pd.read_csv(shared(f"keynote189_{arm}_NAR.csv")).to_numpy().T
        data.append(reconstruct(t, s, times, at_risk))
    # Published: 0.49 (0.38 to 0.64).
    assert exp(individual_data.cox(*data).value) == pytest.approx(0.49, abs=0.01)


def test_a_published_trial_drawn_and_rebuilt():
    table = pd.read_csv(shared("kmdata/BOLERO3_2.csv.gz"))
    ours, theirs = [], []
    for _, rows in table.groupby("arm"):
        data = {c: rows[c].to_numpy() for c in ("time", "event")}
        theirs.append(data)
        ours.append(reconstruct(*figure(data, every=data["time"].max() / 6)))
    difference = individual_data.cox(*ours).value - individual_data.cox(*theirs).value
    assert abs(difference) < 0.02


def test_clicks_a_hand_may_make_are_let_pass_and_no_others():
    clean_clicks([0, 5, 10], [1.03, 0.5, -0.03])
    with pytest.raises(CurveError, match=r"1\.04 is outside"):
        clean_clicks([0, 5, 10], [1.04, 0.5, 0.2])
    with pytest.raises(CurveError, match=r"-0\.031 is outside"):
        clean_clicks([0, 5, 10], [1, 0.5, -0.031])


def test_nobody_at_risk_within_a_curve_ends_it_there():
    found = rebuild([0, 6, 15, 30], [1, 0.8, 0.6, 0.6], [0, 12, 24], [20, 12, 0])
    assert found.data["time"].max() <= 24
    after = rebuild([0, 6, 15, 20], [1, 0.8, 0.6, 0.6], [0, 12, 24], [20, 12, 0])
    assert after.data["time"].max() <= 20


def test_the_time_that_is_there_twice_is_named():
    with pytest.raises(CurveError, match="two numbers at risk at time 12"):
        reconstruct(**GOOD | {"at_risk_time": [0, 6, 12, 12], "at_risk": [40, 30, 18, 8]})


@pytest.mark.parametrize("factor", [1 / 12, 12, 365.25 / 12])
def test_a_curve_in_another_unit_than_its_numbers_at_risk_is_refused(factor):
    # So light that the numbers at risk allow its deaths within any of their intervals.
    light = GOOD | {"survival": [1, 0.98, 0.96, 0.95], "at_risk": [40, 30, 20]}
    assert rebuild(**light).grade == "close"
    with pytest.raises(CurveError, match="numbers at risk at 24: are both in the unit"):
        rebuild(**light | {"time": [factor * t for t in GOOD["time"]]})


def test_a_curve_that_ends_far_from_its_numbers_at_risk_is_rough():
    light = GOOD | {"survival": [1, 0.98, 0.96, 0.95], "at_risk": [40, 30, 20]}
    for factor, grade in ((1 / 5, "rough"), (5, "rough"), (1 / 3, "close"), (3, "close")):
        curve = rebuild(**light | {"time": [factor * t for t in GOOD["time"]]})
        assert curve.grade == grade
        assert any("the numbers at risk at 24" in w for w in curve.warnings) == (grade == "rough")
    # Nobody left at a time far beyond says only that the curve has ended.
    ended = light | {"at_risk_time": [0, 12, 300], "at_risk": [40, 30, 0]}
    assert rebuild(**ended).grade == "close"


@pytest.mark.parametrize("off", [0.0, 0.03, -0.03], ids=["on", "after", "before"])
@pytest.mark.parametrize("counted", [10, 0], ids=["before the fall", "after it"])
def test_a_curve_that_falls_to_0_at_its_last_number_at_risk_loses_no_death(counted, off):
    """They were censored, and the survival there read as 50%."""
    last = 24 + off * (counted == 0)
    t, s = [0, 6, 6, last, last], [1, 1, 0.5, 0.5, 0]
    curve = rebuild(t, s, [0, 12, 24], [20, 10, counted])
    assert (curve.n, curve.largest_error, curve.warnings) == (20, pytest.approx(0.0), ())
    assert curve.events >= 19
    assert curve.survival_and_se(last)[0] == 0.0
    flat = rebuild([0, 6, 6, 24], [1, 1, 0.5, 0.5], [0, 12, 24], [20, 10, counted])
    assert (flat.events, flat.survival_and_se(23.9)[0]) == (10, 0.5)
