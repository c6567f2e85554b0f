"""Clicks out of order: a hand that misses in time, traces of a raster, scans at fixed dates."""

import numpy as np
import pytest

from livingmeta.extraction.curves.clicks import CurveError, clean_clicks
from livingmeta.extraction.curves.rebuild import rebuild
from livingmeta.formulas import individual_data

AXIS = 40.0


def patients(seed, n, scans=0.0):
    """Deaths by an even hazard, or seen at scans so far apart; leaving over the axis."""
    rng = np.random.default_rng(seed)
    death, leaves = rng.exponential(12, n), rng.uniform(8, AXIS, n)
    if scans:
        death = np.ceil(death / scans) * scans
    return {"time": np.minimum(death, leaves), "event": (death <= leaves).astype(int)}


def corners(data):
    km = individual_data.kaplan_meier(data)
    t = np.concatenate([[0.0], np.repeat(km.time, 2), [km.last]])
    return t, np.repeat(np.append(1.0, km.survival), 2)


def traced(data, seed, wavers=0.0003):
    """A point every 0.2% of the axis and every 0.01 of a stroke; strokes waver, sorted by time."""
    rng, (t, s) = np.random.default_rng(seed), corners(data)
    times, heights = [0.0], [1.0]
    for a, b, c, d in zip(t[:-1], s[:-1], t[1:], s[1:], strict=True):
        count = int(max((c - a) / AXIS / 0.002, (b - d) / 0.01)) + 1
        times += np.linspace(a, c, count + 1)[1:].tolist()
        heights += np.linspace(b, d, count + 1)[1:].tolist()
    times = np.array(times) + rng.normal(0, wavers * AXIS, len(times))
    order = np.argsort(times)
    return times[order], np.array(heights)[order]


def at_risk(data, every=8.0):
    times = np.arange(0, AXIS, every)
    return times, np.array([(data["time"] >= t).sum() for t in times])


@pytest.mark.parametrize("scans", [0.0, 2.8])
def test_strokes_that_waver_are_strokes(scans):
    for seed in range(6):
        data = patients(seed, 120, scans)
        exact, found = (
            rebuild(*clicks, *at_risk(data)) for clicks in (corners(data), traced(data, seed))
        )
        assert found.grade == "close", found.warnings
        assert found.events == pytest.approx(exact.events, abs=2)
        assert found.rmse < 0.01


@pytest.mark.parametrize("order", ["of the hand", "of time", "none"])
def test_a_hand_that_misses_strokes_by_half_a_per_cent_is_put_right(order):
    errors = []
    for seed in range(12):
        # Strokes so high that one missed is a rise of many patients, where the order tells.
        scans = 2.8 if order == "of the hand" else 0.0
        rng = np.random.default_rng(seed)
        arms = [patients(seed, 90, scans), patients(seed + 99, 90, scans)]
        ours = []
        for data in arms:
            t, s = corners(data)
            t = t + rng.normal(0, 0.005 * AXIS, t.size)
            orders = {"of the hand": np.arange(t.size), "of time": np.argsort(t)}
            way = orders.get(order, rng.permutation(t.size))
            ours.append(rebuild(t[way], s[way], *at_risk(data)).data)
        errors.append(individual_data.cox(*ours).value - individual_data.cox(*arms).value)
    # At scans both arms die on one day, and a hand that misses it puts one arm before the other.
    assert np.median(np.abs(errors)) < (0.05 if order == "of the hand" else 0.013)


def test_the_foot_of_a_stroke_clicked_before_its_top_is_its_foot():
    t, s, warnings = clean_clicks([0, 9.9, 10.1, 20, 40], [1, 0.6, 1, 0.6, 0.5])
    assert not warnings
    # The stroke stands in the middle of its two clicks, and nothing is levelled between them.
    assert t.tolist() == [0, pytest.approx(10), 20, 40]
    assert s.tolist() == [1, 0.6, 0.6, 0.5]


def test_a_rise_over_more_than_the_hand_misses_is_one_of_the_curve():
    near, far = [0, 10, 10.7, 20, 40], [0, 10, 10.9, 20, 40]
    heights = [1, 0.6, 0.9, 0.55, 0.5]
    assert not clean_clicks(near, heights)[2]
    with pytest.raises(CurveError, match=r"rise by 0\.30 up to time 10\.9"):
        clean_clicks(far, heights)


@pytest.mark.parametrize("dense", [30, 3000])
@pytest.mark.parametrize("shape", [lambda x: x, lambda x: 1 - np.exp(-4 * x), lambda x: x**4])
def test_cumulative_incidence_is_refused_however_densely_it_was_traced(dense, shape):
    x = np.linspace(0, 1, dense)
    with pytest.raises(CurveError, match="cumulative incidence"):
        clean_clicks(AXIS * x, 0.6 * shape(x))


def test_a_file_sorted_by_height_is_no_hand_that_went_down():
    rising = np.linspace(0, 0.6, 30)
    with pytest.raises(CurveError, match="cumulative incidence"):
        clean_clicks(np.linspace(0, AXIS, 30)[::-1], rising[::-1])


def test_a_fall_at_the_date_of_a_number_at_risk_is_not_before_it():
    # 20 of 40 die at a scan at 8, where all 40 are still at risk; clicked a little early.
    for early in (0.0, 0.3):
        t = [0, 8 - early, 8 - early, 20, 40]
        found = rebuild(t, [1, 1, 0.5, 0.25, 0.25], [0, 8, 16], [40, 40, 20])
        assert (found.grade, found.events) == ("close", 30)
    with pytest.raises(CurveError, match="between 0 and 8"):
        rebuild([0, 7, 7, 20, 40], [1, 1, 0.5, 0.25, 0.25], [0, 8, 16], [40, 40, 20])


def test_rows_in_any_order_or_there_twice_change_nothing():
    data = patients(3, 60)
    t, s = corners(data)
    whole = rebuild(t, s, *at_risk(data))
    way = np.random.default_rng(3).permutation(t.size)
    twice = np.append(np.arange(t.size), [t.size - 1, 0])
    for other in (way, twice):
        assert rebuild(t[other], s[other], *at_risk(data)).data.equals(whole.data)


def test_a_curve_that_ends_at_nought_and_one_drawn_on_after_everybody_left():
    to_nought = rebuild([0, 10, 20, 30], [1, 0.6, 0.3, 0], [0, 10, 20], [40, 40, 24])
    assert to_nought.grade == "close"
    assert to_nought.kaplan_meier.at(30)[0] == 0
    drawn_on = rebuild([0, 10, 20, 35], [1, 0.5, 0.2, 0.2], [0, 10, 20, 30], [40, 40, 20, 0])
    assert (drawn_on.events, drawn_on.grade) == (32, "close")
    assert drawn_on.data["time"].max() <= 30


def test_clicks_that_fall_stay_as_they_are_however_near():
    t = [0, 10, 10.001, 10.002, 20]
    assert clean_clicks(t, [1, 0.9, 0.8, 0.7, 0.6])[0].tolist() == t


def test_before_zero_counts_by_the_axis_not_by_a_short_curve():
    with pytest.raises(CurveError, match="2% of the axis"):
        clean_clicks([-0.3, 5, 10], [1, 0.8, 0.5])
    assert clean_clicks([-0.3, 5, 10], [1, 0.8, 0.5], [0, 60])[0].tolist() == [0, 5, 10]
    curve = rebuild([-0.3, 5, 10], [1, 0.8, 0.5], [0, 10, 20, 60], [40, 20, 0, 0])
    assert curve.n == 40
    with pytest.raises(CurveError, match="2% of the axis"):
        rebuild([-1.3, 5, 10], [1, 0.8, 0.5], [0, 10, 20, 60], [40, 20, 0, 0])
