"""Required information size and monitoring boundaries, against published numbers and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from livingmeta.formulas.boundaries import bounds, spent
from livingmeta.living import information_size
from livingmeta.pooling.engines.models import fit
from livingmeta.report import information
from livingmeta.words.numbers import Numbers
from states import TRIALS, make, protocol


@pytest.mark.parametrize(
    ("fractions", "alpha", "published"),
    [
        # gsDesign's and ldbounds' tables of the Lan-DeMets boundary of O'Brien-Fleming type.
        ([0.2, 0.4, 0.6, 0.8, 1], 0.05, [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
        ([0.5, 1], 0.05, [2.9626, 1.9686]),
        # SeqBounds.jl's documentation: one side of 5%.
        ([0.25, 0.5, 0.75, 1], 0.10, [3.74955, 2.53993, 2.01604, 1.72014]),
    ],
)
def test_boundaries_are_those_of_published_tables(fractions, alpha, published):
    # Their grids leave an error of up to 0.0001, which the next test shows not to be ours.
    np.testing.assert_allclose(bounds(fractions, alpha), published, atol=1.5e-4)


def test_the_second_boundary_is_that_of_adaptive_quadrature():
    first = ndtri(1 - 0.05 / 4)
    assert bounds([0.2])[0] == pytest.approx(ndtri(1 - spent(0.2, 0.05) / 2), rel=1e-9)
    assert spent(0.2, 0.05) == pytest.approx(4 * ndtr(-first / np.sqrt(0.2)), rel=1e-12)
    z, root, step = bounds([0.2])[0], np.sqrt(0.2), np.sqrt(0.2)
    due = float(spent(0.4, 0.05) - spent(0.2, 0.05))

    def left(c):
        def crossing(u):
            density = np.exp(-0.5 * (u / root) ** 2) / (root * np.sqrt(2 * np.pi))
            end = c * np.sqrt(0.4)
            return density * (ndtr((u - end) / step) + ndtr((-end - u) / step))

        return quad(crossing, -z * root, z * root, epsabs=1e-14, epsrel=1e-12)[0] - due

    known = brentq(left, 2, 5, xtol=1e-13)
    assert bounds([0.2, 0.4])[1] == pytest.approx(known, abs=1e-9)


def test_one_look_at_the_end_is_the_ordinary_test():
    assert bounds([1.0])[0] == pytest.approx(1.959963984540054, abs=1e-12)
    found = bounds([1.3, 1.5])
    assert found[0] == pytest.approx(1.959963984540054, abs=1e-12)
    assert np.isnan(found[1])


def test_too_early_there_is_no_boundary_and_close_looks_share_theirs():
    assert np.isinf(bounds([0.001, 0.01])).all()
    found = bounds([0.5, 0.5, 0.5004, 1.0])
    assert found[0] == found[1] == found[2]
    with pytest.raises(ValueError, match="never fall"):
        bounds([0.5, 0.4])


@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(0.15, 0.98), min_size=1, max_size=5), st.integers(0, 1000))
def test_chance_walks_cross_as_often_as_asked_for(fractions, seed):
    """20,000 walks without any effect: alpha = 20% of them cross, all looks together."""
    t = np.array([*sorted(fractions), 1.0])
    found = bounds(t, 0.2)
    steps = np.random.default_rng(seed).normal(size=(20_000, len(t)))
    walks = np.cumsum(steps * np.sqrt(np.diff(t, prepend=0.0)), axis=1)
    # Looks closer together than 0.001 share a boundary, and may spend a little more together.
    crossed = (np.abs(walks / np.sqrt(t)) > found).any(axis=1).mean()
    assert abs(crossed - 0.2) < 5 * np.sqrt(0.2 * 0.8 / 20_000) + 0.01


def test_the_required_size_is_the_textbook_sample_size():
    """Two groups of a trial, 10% against 5% at 90% power: 578 a group (Pocock 1983, chapter 9,
    with f = 10.5); the variance is that of the difference of two proportions."""
    variance = 0.10 * 0.90 + 0.05 * 0.95
    patients = information_size.required(0.05, 0.05, 0.9) * variance
    assert patients == pytest.approx(578, abs=1)
    assert information_size.required(0.05, 0.05, 0.9, 0.5) * variance == pytest.approx(2 * patients)


def test_diversity_is_one_minus_the_ratio_of_variances():
    yi, vi = [0.1, -0.4, 0.9, 0.2], [0.04, 0.02, 0.09, 0.05]
    random, common = fit(yi, vi, tau2="DL"), fit(yi, vi, tau2="FE")
    d2 = information_size.diversity(vi, random.tau2)
    assert d2 == pytest.approx(1 - common.se**2 / random.se**2, rel=1e-12)
    assert information_size.diversity(vi, 0.0) == 0.0
    # D² is no smaller than I² (Wetterslev 2009).
    assert 100 * d2 >= random.i2 - 1e-9


def asked(**more):
    return protocol("2.0", information_size={"difference": 0.6, "alpha": 0.05, "power": 0.8} | more)


def test_looks_gather_studies_year_by_year_and_end_at_the_result():
    state = make(TRIALS, asked())
    sizes, looks = information_size.analyse(state)
    [size] = sizes.to_dict("records")
    effects = list(state.effects_of("fever-or").values())
    assert looks["step"].tolist() == [str(year) for year in range(2010, 2016)]
    assert looks["information"].iloc[-1] == pytest.approx(sum(1 / e["vi"] for e in effects))
    result = state.primary("fever-or")
    whole = fit([e["yi"] for e in effects], [e["vi"] for e in effects], tau2="REML")
    assert result["tau2_method"] == "REML"
    assert size["z"] == pytest.approx(whole.estimate / whole.se, rel=1e-12)
    # The fraction is the information of the pooled effect over that needed without diversity.
    needed = information_size.required(np.log(0.6))
    assert size["fraction"] == pytest.approx(1 / whole.se**2 / needed, rel=1e-9)
    assert size["required_n"] * size["fraction"] == pytest.approx(sum(e["n"] for e in effects))


def test_what_follows_is_said_in_one_of_three_ways():
    def verdict(**more):
        [size] = information_size.analyse(make(TRIALS, asked(**more)))[0].to_dict("records")
        return size["verdict"], size["crossed_at"]

    # A large difference needs little information, a small one more than there is.
    assert verdict(difference=0.3)[0] == "crossed"
    assert verdict(difference=0.9) == ("not reached", "")
    same = dict.fromkeys(TRIALS, (8, 40, 8, 40))
    [size] = information_size.analyse(make(same, asked(difference=0.3)))[0].to_dict("records")
    assert size["verdict"] == "reached without crossing"


def test_a_boundary_that_was_crossed_early_and_not_since_is_told_as_within():
    def told(z, last=2.1):
        sizes, looks = information_size.analyse(make(TRIALS, asked(difference=0.3)))
        numbers = Numbers()
        numbers.add("fever-or/k", 6, "count", "studies", [], "studies")
        looks = looks.assign(boundary=[2.1] * (len(looks) - 1) + [last])
        found = {"information_size": sizes.assign(z=z, boundary=last), "information_looks": looks}
        return information.section(numbers, "fever-or", found, None, "OR")

    assert [told(z)["within"] for z in (-2.4, -0.9, 2.0, 2.2)] == [False, True, True, False]
    # past all the information there is no boundary of the last look's own
    assert [told(z, math.nan)["within"] for z in (-5.8, 2.0)] == [False, True]


def test_nobody_who_did_not_ask_gets_it():
    sizes, looks = information_size.analyse(make(TRIALS))
    assert len(sizes) == len(looks) == 0
