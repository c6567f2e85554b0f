"""Survival at a time: the ladder of errors, intervals on every scale, and its refusals."""

from math import exp, log, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.formulas import survival_at_time as sat
from livingmeta.formulas.time_to_event import RouteError

Z = 1.959963984540054
MIDDLE = st.floats(0.1, 0.9)
BRIEF = settings(max_examples=60, deadline=None)


@BRIEF
@given(MIDDLE, st.floats(0.01, 0.04), st.sampled_from(["plain", "log", "log-log", "logit"]))
def test_an_interval_gives_back_the_error_it_was_made_from(survival, se, scale):
    if scale == "plain":
        low, high = survival - Z * se, survival + Z * se
    elif scale == "log":
        low, high = (survival * exp(s * Z * se / survival) for s in (-1, 1))
    elif scale == "log-log":
        w = Z * se / (survival * abs(log(survival)))
        low, high = survival ** exp(w), survival ** exp(-w)
    else:
        odds, w = survival / (1 - survival), Z * se / (survival * (1 - survival))
        low, high = (odds * exp(s * w) / (1 + odds * exp(s * w)) for s in (-1, 1))
    if not 0 < low < high < 1:
        return
    found, _ = sat.se_from_ci(survival, low, high)
    assert found == pytest.approx(se, rel=0.02)


def test_a_cut_interval_uses_its_other_half():
    assert sat.se_from_ci(0.915, 0.808, 1.0) == (
        pytest.approx((0.915 - 0.808) / Z),
        "plain, cut off",
    )
    assert sat.se_from_ci(0.915, 0.808, 1.0, cut_scale="log") == (
        pytest.approx(0.915 * log(0.915 / 0.808) / Z),
        "log, cut off",
    )
    assert sat.se_from_ci(0.06, 0.0, 0.14)[0] == pytest.approx(0.08 / Z)


def test_the_scale_of_printed_intervals_is_recognised():
    # 68% (52-89) and 45.3% (28-73.4), as R's survfit prints by default.
    assert sat.symmetric_scale(0.68, 0.52, 0.89) == "log"
    assert sat.symmetric_scale(0.453, 0.28, 0.734) == "log"


def test_ladder_in_order_and_effective_n():
    rungs = sat.ladder(0.4, ci=(0.3, 0.5), greenwood=0.05, at_risk=20, n=100)
    assert [rung.route for rung in rungs] == ["S1", "S2", "S3", "S4"]
    assert rungs[2].se == pytest.approx(0.4 * sqrt(0.6 / 20))
    assert rungs[3].se == pytest.approx(sqrt(0.4 * 0.6 / 100))
    assert rungs[3].n_effective == 100
    for rung in rungs:
        assert rung.n_effective == pytest.approx(0.24 / rung.se**2)
    # Censoring can only add error: the complete n is the most optimistic rung here.
    assert rungs[3].se == min(rung.se for rung in rungs)


@pytest.mark.parametrize("survival", [0.0, 1.0])
def test_survival_at_a_limit_counts_patients(survival):
    (rung,) = sat.ladder(survival, n=19)
    assert (rung.route, rung.n_effective) == ("S4", 19)
    assert sat.ladder(survival) == []


@BRIEF
@given(MIDDLE, st.floats(0.01, 0.1))
def test_logit_by_numerical_derivative(survival, se):
    step = 1e-6
    above, middle, below = (log(s / (1 - s)) for s in (survival + step, survival, survival - step))
    effect = sat.logit(survival, se)
    assert effect.yi == pytest.approx(middle)
    assert effect.vi == pytest.approx(((above - below) / (2 * step) * se) ** 2, rel=1e-4)


def test_rising_pooled_survival_is_found():
    assert sat.rising([24, 12, 36], [0.43, 0.72, 0.45]) == [(24, 36, 0.43, 0.45)]
    assert sat.rising([12, 24], [0.718, 0.433]) == []


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sat.ladder(1.66, n=20), "not between 0 and 1"),
        (lambda: sat.se_from_ci(0.5, 0.6, 0.8), "does not contain"),
        (lambda: sat.se_from_ci(0.5, 0.0, 1.0), "says nothing"),
        (lambda: sat.peto_se(0.5, 0), "no standard error"),
        (lambda: sat.logit(1.0, 0.1), "at a limit"),
    ],
)
def test_refused_with_the_reason(call, words):
    with pytest.raises(RouteError, match=words):
        call()


def test_nobody_dead_counts_the_patients_still_at_risk():
    (rung,) = sat.ladder(1.0, at_risk=7, n=19)
    assert rung.n_effective == 7
    (rung,) = sat.ladder(0.0, at_risk=7, n=19)
    assert rung.n_effective == 19


def test_an_error_whose_square_is_no_number_is_refused():
    with pytest.raises(RouteError, match="too small to compute with"):
        sat.ladder(0.5, se=1e-200)
