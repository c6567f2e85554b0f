"""Printed numbers that give other printed numbers: worked examples and trials from the literature.

Each case is taken only where its printed inputs lead to its printed result. Where each stands:

* BA06 30894: the trial that Tierney 2007 works through. International Collaboration of Trialists,
  Lancet 1999;354:533 (abstract): 491 and 485 patients, 485 deaths, log-rank p 0.075, survival at 3
  years 55.5% and 50.0%, medians 44 and 37.5 months. Its z of 1.78: Trials 2013;14:391.
* Tierney 2007 (Trials 8:16), the same trial from its curves: HR 0.88, V 128.81, 0.74 to 1.05.
* Altman & Bland, BMJ 2011;343:d2090: a ratio of 0.30 with p 0.034 has z 2.117 and SE 0.5688; their
  z is an approximation, good to 0.2%. And p 0.032 has z 2.141.
* Zaiontz, real-statistics.com, "Hazard ratio": O 12 and 8, E 9.828 and 10.172: HR 1.55, 0.646 to
  3.730.
"""

from math import exp, log, sqrt

import pytest

from livingmeta.formulas import time_to_event as tte

PATIENTS, DEATHS, P = (491, 485), 485, 0.075


def interval(effect):
    half = 1.959964 * sqrt(effect.vi)
    return exp(effect.yi), exp(effect.yi - half), exp(effect.yi + half)


def test_ba06_z_of_its_p():
    assert tte.z_of_p(P) == pytest.approx(1.78, abs=0.005)
    assert tte.z_of_p(P / 2, one_sided=True) == tte.z_of_p(P)


def test_ba06_every_route_of_its_abstract_leads_to_the_same_ratio():
    """p with the total of deaths (T9, T10), survival at 3 years (L) and medians (M)."""
    by_sizes = tte.p_and_total_events(P, True, DEATHS, *PATIENTS)
    equal_arms = tte.p_and_total_events(P, True, DEATHS)
    n_r, n_c = PATIENTS
    by_survival = tte.survival_at_one_time(0.555, 0.5, 0.555 * 0.445 / n_r, 0.5 * 0.5 / n_c)
    by_medians = tte.medians(44, 37.5, DEATHS / 2, DEATHS / 2)
    for effect in (by_sizes, equal_arms, by_survival, by_medians):
        assert exp(effect.yi) == pytest.approx(0.85, abs=0.005)
    # As the p says, the interval holds 1, and only just.
    low, high = interval(by_sizes)[1:]
    assert low < 0.72
    assert 1.0 < high < 1.03


def test_ba06_the_absolute_difference_of_its_abstract():
    """55.5% less 50.0% at 3 years: 5.5 points, from HR 0.85 at a baseline of one half."""
    from livingmeta.formulas.absolute import survival_from_hazard_ratio

    assert survival_from_hazard_ratio(0.85, 0.5) - 0.5 == pytest.approx(0.055, abs=0.0005)


def test_tierney_ratio_and_log_rank_variance():
    ratio, low, high = interval(tte.observed_minus_expected(128.81 * log(0.88), 128.81))
    assert (ratio, low, high) == pytest.approx((0.88, 0.74, 1.05), abs=0.005)
    back = tte.ratio_and_ci(0.88, 0.74, 1.05)
    # Limits printed to two decimals carry V to about 3%.
    assert 1 / back.vi == pytest.approx(128.81, rel=0.03)


def test_altman_and_bland_interval_from_a_p():
    assert sqrt(tte.ratio_and_p(0.30, 0.034).vi) == pytest.approx(0.5688, rel=0.002)
    assert tte.z_of_p(0.034) == pytest.approx(2.117, rel=0.002)
    assert tte.z_of_p(0.032) == pytest.approx(2.141, rel=0.002)


def test_zaiontz_observed_and_expected():
    ratio, low, high = interval(tte.observed_and_expected(12, 9.828, 8, 10.172))
    assert ratio == pytest.approx(1.55, abs=0.005)
    assert (low, high) == pytest.approx((0.646, 3.730), abs=0.001)
