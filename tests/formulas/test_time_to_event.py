"""Routes to ln HR: known values, what they must have in common, and what they refuse.

The 6-MP trial (Freireich 1963) is the textbook example: log-rank O 9 and 21, E 19.25 and 10.75,
V 6.257, chi-squared 16.79; Cox (Efron) 1.572 with SE 0.412.
"""

from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.formulas import time_to_event as tte
from livingmeta.formulas.curve_intervals import parmar, pool_intervals, williamson
from livingmeta.formulas.time_to_event import RouteError

RATIO = st.floats(0.15, 6).filter(lambda r: abs(log(r)) > 0.06)
EVENTS = st.integers(4, 400)
BRIEF = settings(max_examples=60, deadline=None)


def test_log_rank_of_the_6mp_trial():
    effect = tte.observed_minus_expected(9 - 19.2505, 6.25696)
    assert effect.yi == pytest.approx(-1.63826, abs=1e-4)
    assert effect.vi == pytest.approx(1 / 6.25696)
    assert (effect.yi / sqrt(effect.vi)) ** 2 == pytest.approx(16.793, abs=1e-3)


def test_observed_and_expected_of_the_6mp_trial():
    effect = tte.observed_and_expected(9, 19.2505, 21, 10.7495)
    assert effect.yi == pytest.approx(log((9 / 19.2505) / (21 / 10.7495)))
    assert effect.vi == pytest.approx(1 / 19.2505 + 1 / 10.7495)


def test_ratio_and_interval_by_hand():
    # (ln 0.94 - ln 0.35) / (2 x 1.959964) = 0.252033; its square is 0.063520.
    effect = tte.ratio_and_ci(0.58, 0.35, 0.94)
    assert effect.yi == pytest.approx(-0.544727, abs=1e-6)
    assert effect.vi == pytest.approx(0.063520, abs=1e-6)


@BRIEF
@given(RATIO, st.floats(0.05, 0.8), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_interval_and_p_carry_the_same_error(ratio, se, level):
    half = tte.critical_value(level) * se
    by_ci = tte.ratio_and_ci(ratio, ratio * exp(-half), ratio * exp(half), level)
    assert by_ci.vi == pytest.approx(se**2)
    from scipy.special import ndtr

    z = abs(log(ratio)) / se
    p = 2 * float(ndtr(-z))
    if 1e-12 < p < 0.94:
        assert tte.ratio_and_p(ratio, p).vi == pytest.approx(se**2, rel=1e-6)
        assert tte.ratio_and_p(ratio, p / 2, one_sided=True).vi == pytest.approx(se**2, rel=1e-6)


@BRIEF
@given(RATIO, EVENTS)
def test_turning_the_arms_round_turns_the_sign_only(ratio, events):
    pairs = [
        (tte.ratio_and_events(ratio, events, 30), tte.ratio_and_events(1 / ratio, 30, events)),
        (
            tte.ratio_and_total_events(ratio, events, 40, 90),
            tte.ratio_and_total_events(1 / ratio, events, 90, 40),
        ),
        (
            tte.p_and_events(0.02, True, events, 30),
            tte.p_and_events(0.02, False, 30, events),
        ),
        (tte.medians(20 * ratio, 20, events, 30), tte.medians(20, 20 * ratio, 30, events)),
        (
            tte.survival_at_one_time(0.6, 0.3, 0.01, 0.02),
            tte.survival_at_one_time(0.3, 0.6, 0.02, 0.01),
        ),
    ]
    for one, other in pairs:
        assert one.yi == pytest.approx(-other.yi)
        assert one.vi == pytest.approx(other.vi)


@BRIEF
@given(EVENTS, st.floats(1e-6, 0.9))
def test_total_events_of_equal_arms_are_the_events_of_both(events, p):
    assert tte.variance_from_total(2 * events) == pytest.approx(
        tte.variance_from_events(events, events)
    )
    assert tte.p_and_total_events(p, True, 2 * events, 50, 50) == pytest.approx(
        tte.p_and_events(p, True, events, events)
    )


def test_p_and_total_events_by_hand():
    # z of p 0.05 is 1.959964; 2 z / sqrt(100) = 0.391993, var 4/100.
    effect = tte.p_and_total_events(0.05, True, 100)
    assert effect.yi == pytest.approx(-0.3919928, abs=1e-7)
    assert effect.vi == pytest.approx(0.04)


def test_survival_at_one_time_by_hand():
    # ln(-ln 0.666) - ln(-ln 0.312) = ln 0.406466 - ln 1.164752.
    effect = tte.survival_at_one_time(0.666, 0.312, 0.666 * 0.334 / 36, 0.312 * 0.688 / 22)
    assert effect.yi == pytest.approx(log(0.4064656 / 1.1647521), abs=1e-6)
    by_hand = 0.334 / (36 * 0.666 * 0.4064656**2) + 0.688 / (22 * 0.312 * 1.1647521**2)
    assert effect.vi == pytest.approx(by_hand, rel=1e-6)


def test_a_bound_is_the_effect_at_its_limit():
    vi = tte.variance_from_events(30, 40)
    assert tte.bound_from_p(0.05, True, vi) == pytest.approx(
        tte.p_and_events(0.05, True, 30, 40).yi
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: tte.ratio_and_ci(0.58, 0.6, 0.94), "does not contain"),
        (lambda: tte.ratio_and_ci(-0.54, -1.05, -0.06), "must be above 0"),
        (lambda: tte.ratio_and_p(1.01, 0.9), "too near 1"),
        (lambda: tte.ratio_and_p(0.5, 1.7), "not between"),
        (lambda: tte.ratio_and_events(0.5, 0, 12), "events r is 0"),
        (lambda: tte.survival_at_one_time(0.5, 0.0, 0.01, 0.01), "needs 0 < S < 1"),
        (lambda: tte.ratio_and_ci(0.58, 0.35, 0.94, level=95), "confidence level"),
        (lambda: tte.medians_and_cis(9, (0, 13), 3, (2, 4)), "must be above 0"),
    ],
)
def test_refused_with_the_reason(call, words):
    with pytest.raises(RouteError, match=words):
        call()


def test_interval_sums_by_hand():
    # One interval: D 10 of R* 50 against 20 of 50, as hazards -ln 0.8 and -ln 0.6.
    effect = pool_intervals([10.0], [50.0], [20.0], [50.0])
    low, high = -log(0.8), -log(0.6)
    assert effect.yi == pytest.approx(log(low / high))
    # p(1-p)/R* is the variance of a risk, and 1/((1-p) H) the slope of ln H there.
    by_hand = 0.2 * 0.8 / 50 / (0.8 * low) ** 2 + 0.4 * 0.6 / 50 / (0.6 * high) ** 2
    assert effect.vi == pytest.approx(by_hand)


def test_an_interval_in_which_all_die_tells_no_ratio():
    alone = pool_intervals([10.0], [50.0], [20.0], [50.0])
    assert pool_intervals([10.0, 4.0], [50.0, 8.0], [20.0, 5.0], [50.0, 5.0]) == alone
    with pytest.raises(RouteError, match="every patient at risk dies"):
        pool_intervals([5.0], [5.0], [4.0], [8.0])


def test_williamson_without_censoring_counts_the_deaths():
    # Nobody leaves but by dying: 100 -> 80 -> 60 and 100 -> 60 -> 30.
    effect = williamson([0, 6, 12], [1, 0.8, 0.6], [1, 0.6, 0.3], [100, 80, 60], [100, 60, 30])
    by_hand = pool_intervals([20.0, 20.0], [100.0, 80.0], [40.0, 30.0], [100.0, 60.0])
    assert effect == pytest.approx(by_hand)


@pytest.mark.parametrize("intervals", [4, 10, 40, 160])
def test_parmar_finds_a_constant_ratio_however_wide_the_intervals(intervals):
    def arm(hazard):
        return (lambda t: np.exp(-hazard * np.asarray(t)), 5000, 12.0, 60.0)

    found = parmar(arm(0.03), arm(0.06), intervals).yi
    assert found == pytest.approx(log(0.5), abs=0.01)


def test_no_deaths_at_all_is_refused():
    with pytest.raises(RouteError, match="no deaths"):
        williamson([0, 6], [1, 1], [1, 0.5], [20, 20], [20, 10])


def test_one_arm_size_is_no_help():
    assert tte.variance_from_total(40, 30, None) == tte.variance_from_total(40, None, 30) == 0.1
    assert tte.variance_from_total(40, 30, 10) == pytest.approx(1600 / (40 * 300))


def test_parmar_goes_on_where_a_curve_has_reached_nought():
    def falls(times):
        return np.clip(1 - np.asarray(times) / 10, 0, 1)

    def lasts(times):
        return np.exp(-0.02 * np.asarray(times))

    found = parmar((lasts, 80, 2, 24), (falls, 60, 2, 24))
    assert np.isfinite([found.yi, found.vi]).all()
    assert found.yi < -1


def test_parmar_without_censoring_loses_patients_by_death_alone():
    """Followed to the end, those at risk are the survivors, as Williamson takes them."""
    edges = np.linspace(0, 24, 41)
    curves = [np.exp(-0.02 * edges), np.exp(-0.05 * edges)]
    found = parmar(
        (lambda t: np.exp(-0.02 * t), 80, 24, 24), (lambda t: np.exp(-0.05 * t), 60, 24, 24)
    )
    known = williamson(edges, *curves, 80 * curves[0], 60 * curves[1])
    assert found.yi == pytest.approx(known.yi, rel=1e-12)
    assert found.vi == pytest.approx(known.vi, rel=1e-12)


def test_parmar_needs_somebody_followed():
    def curve(times):
        return np.exp(-0.02 * np.asarray(times))

    with pytest.raises(RouteError, match="greatest follow-up"):
        parmar((curve, 80, 0, 0), (curve, 60, 0, 0))
