"""Tests of funnel asymmetry and fail-safe numbers (metafor, lm: test_reference_models)."""

import itertools

import numpy as np
import pytest
from scipy.stats import kendalltau

from livingmeta.pooling import small_study_rows
from livingmeta.pooling.bias import fail_safe, small_study
from livingmeta.pooling.bias.small_study import (
    TooFewStudiesError,
    _kendall_tail,
    begg,
    egger,
    harbord,
    pet_peese,
    peters,
)
from livingmeta.pooling.engines.inputs import OptionError, PoolingError
from metafor.quantities_models import effects


def test_egger_in_its_own_form():
    """Egger 1997 regressed effect/SE on 1/SE; its intercept is our slope and back."""
    y, v = effects("magnesium")
    se = np.sqrt(v)
    x = np.column_stack([np.ones_like(y), 1 / se])
    (intercept, slope), *_ = np.linalg.lstsq(x, y / se, rcond=None)
    ours = egger(y, v)
    assert ours.estimate == pytest.approx(intercept, rel=1e-12)
    assert ours.limit == pytest.approx(slope, rel=1e-12)


@pytest.mark.parametrize(("shift", "which"), [(0.0, "pet"), (5.0, "peese")])
def test_peese_where_there_is_an_effect(shift, which):
    rng = np.random.default_rng(2)
    v = rng.uniform(0.01, 0.3, 20)
    y = shift + rng.normal(0, np.sqrt(v))
    pet, peese, chosen = pet_peese(y, v)
    assert chosen == which
    assert pet.limit == egger(y, v).limit
    assert peese.limit == pytest.approx(shift, abs=4 * peese.limit_se)


def test_double_zero_studies_are_left_out():
    cells = np.array([[5, 0, 2, 8], [20, 30, 40, 9], [3, 0, 1, 2], [22, 30, 41, 15]], float)
    y = np.log(cells[0] + 0.5) - np.log(cells[2] + 0.5)
    for test in (peters(y, *cells), harbord(*cells)):
        assert test.k == 3
        assert "1 left out" in test.note


def test_kendall_tail_by_counting():
    def concordant(order):
        return sum(a < b for a, b in itertools.combinations(order, 2))

    scores = [concordant(order) for order in itertools.permutations(range(6))]
    for least in range(16):
        share = np.mean([score >= least for score in scores])
        assert _kendall_tail(6, least) == pytest.approx(share, abs=1e-15)


@pytest.mark.parametrize("method", ["rosenthal", "orwin", "rosenberg"])
def test_a_fail_safe_number_is_told_with_its_number(method):
    y, v = [-0.5, -0.7, -0.4, -0.9], [0.04, 0.05, 0.03, 0.09]
    found = fail_safe.orwin(y) if method == "orwin" else getattr(fail_safe, method)(y, v)
    told = small_study_rows._fail_safe(found)["note"]
    assert told.startswith(f"{found.n:.0f} studies of no effect would ")
    assert ("halve" in told) == (method == "orwin")


def test_fail_safe_targets():
    y = [0.4, 0.2, 0.6]
    assert fail_safe.orwin(y, target=0.0).n == np.inf
    assert fail_safe.orwin(y, target=-0.1).n == fail_safe.orwin(y, target=0.1).n == 9
    assert fail_safe.orwin(y, target=0.9).n == 0
    with pytest.raises(OptionError, match="alpha"):
        fail_safe.rosenthal(y, [0.1] * 3, alpha=0.7)


@pytest.mark.parametrize(
    ("test", "message"),
    [
        (lambda: egger([0.1, 0.2], [0.1, 0.2]), "at least 3 studies"),
        (lambda: egger([0.1, 0.2, 0.3], [0.1] * 3), "same size"),
        (lambda: begg([0.1, 0.2, 0.3], [0.1] * 3), "same size"),
        (lambda: pet_peese([-2.0] * 12, np.linspace(0.1, 0.5, 12)), "effects are equal"),
        (lambda: egger([0.0] * 12, np.linspace(0.1, 0.5, 12)), "effects are equal"),
        (lambda: peters([0.1], [1], [2], [3], [-4]), "none may be missing or below 0"),
        (lambda: peters([0.1, 0.2], [1], [2], [3], [4]), "2 effects and 1 tables"),
        (lambda: harbord([1, 2], [3], [4], [5]), "equal length"),
        (lambda: egger([0.1, 0.2, 0.3], [0.1, 0.2, 0.3], model="x"), "lm, mixed"),
    ],
)
def test_bad_input_says_what_is_wrong(test, message):
    with pytest.raises(PoolingError, match=message):
        test()


@pytest.mark.parametrize(("shift", "which"), [(0.50, "pet"), (0.52, "peese")])
def test_pet_gives_way_to_peese_at_a_p_of_a_tenth(shift, which):
    """Shifts on either side of 0.10: p of PET's limit is 0.112, then 0.094."""
    rng = np.random.default_rng(2)
    v = rng.uniform(0.01, 0.3, 20)
    y = shift + rng.normal(0, np.sqrt(v))
    assert pet_peese(y, v)[2] == which


def test_begg_of_very_many_studies_is_approximated_and_nearly_exact(monkeypatch):
    rng = np.random.default_rng(3)
    v = rng.uniform(0.01, 0.5, small_study.EXACT)
    y = rng.normal(0, np.sqrt(v)) + 0.4 * v
    exact = begg(y, v)
    monkeypatch.setattr(small_study, "EXACT", small_study.EXACT - 1)
    near = begg(y, v)
    assert (exact.note, near.note) == ("exact", "approximate")
    assert near.estimate == exact.estimate
    assert near.p_value == pytest.approx(exact.p_value, abs=0.002)
    assert near.p_value != exact.p_value


def test_begg_needs_three_studies():
    with pytest.raises(TooFewStudiesError, match="not 2"):
        begg([0.1, 0.3], [0.02, 0.03])


def test_begg_with_ties_is_the_tau_b_of_scipy():
    """Pairs of studies alike in effect and variance, so that both sides have ties."""
    y = np.array([0.1, 0.1, 0.3, 0.3, 0.3, 0.5, -0.2, 0.9, 0.4])
    v = np.array([0.1, 0.1, 0.2, 0.2, 0.2, 0.3, 0.1, 0.4, 0.2])
    w = 1 / v
    deviate = (y - w @ y / w.sum()) / np.sqrt(v - 1 / w.sum())
    known = kendalltau(deviate, v, method="asymptotic")
    found = begg(y, v)
    assert found.note == "with ties"
    assert found.estimate == pytest.approx(known.statistic, rel=1e-12)
    assert found.p_value == pytest.approx(known.pvalue, rel=1e-12)
