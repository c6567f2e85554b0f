"""Absolute effects: published translations, round trips, E-values, fragility."""

from math import log, sqrt

import numpy as np
import pytest

from livingmeta.formulas import absolute
from livingmeta.formulas.absolute import AbsoluteError
from livingmeta.formulas.measures import effect_size


@pytest.mark.parametrize(
    ("baseline", "hazard_ratio"), [(0.5, 0.28), (0.3, 0.34), (0.2, 0.38), (0.1, 0.47), (0.05, 0.54)]
)
def test_a_survival_odds_ratio_of_4_664_is_many_hazard_ratios(baseline, hazard_ratio):
    [row] = absolute.survivors_per_1000("OR", 4.664, 2, 9, {12: baseline})
    assert row.hazard_ratio == pytest.approx(hazard_ratio, abs=0.005)


def test_survivors_per_1000_by_hand():
    # Odds 0.25 x 4 = 1: half survive instead of a fifth.
    row = absolute.survivors_per_1000("OR", 4, 2, 8, {24: 0.2})[0]
    assert row.control == pytest.approx(200)
    assert row.treated == pytest.approx(500)
    assert row.difference == pytest.approx(300)
    assert row.treated_low == pytest.approx(1000 / 3)
    assert row.treated_high == pytest.approx(2000 / 3)
    assert row.hazard_ratio == pytest.approx(log(0.5) / log(0.2))


def test_a_hazard_ratio_counts_the_other_way():
    table = absolute.survivors_per_1000("HR", 0.5, 0.3, 0.8, {12: 0.49, 24: 0.25})
    assert [row.treated for row in table] == pytest.approx([700, 500])
    assert all(row.treated_low < row.treated < row.treated_high for row in table)


def test_e_value_of_the_published_example():
    # VanderWeele & Ding 2017: RR 3.9 (1.8 to 8.7) has E-values 7.26 and 3.0.
    point, limit = absolute.e_values("RR", 3.9, 1.8, 8.7)
    assert point == pytest.approx(7.26, abs=0.005)
    assert limit == pytest.approx(3.0, abs=0.005)


def test_e_values_of_protective_ratios_and_of_intervals_with_1():
    assert absolute.e_value(1 / 3.9) == pytest.approx(absolute.e_value(3.9))
    assert absolute.e_values("RR", 0.8, 0.6, 1.1)[1] == 1.0
    assert absolute.as_risk_ratio("OR", 4.0) == 2.0
    assert absolute.as_risk_ratio("OR", 4.0, rare=True) == 4.0
    hazard = absolute.as_risk_ratio("HR", 0.5)
    assert hazard == pytest.approx((1 - 0.5 ** sqrt(0.5)) / (1 - 0.5 ** sqrt(2)))
    assert absolute.as_risk_ratio("HR", 2.0) == pytest.approx(1 / hazard)


def wald(tables):
    """Limits of the pooled log odds ratio of each table (m, k, 4), a half added to every cell."""
    a, b, c, d = np.moveaxis(tables + 0.5, -1, 0)
    yi, vi = np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d
    middle, se = (yi / vi).sum(-1) / (1 / vi).sum(-1), (1 / vi).sum(-1) ** -0.5
    return middle - 1.96 * se, middle + 1.96 * se


def no_guess(cells, studies, rows):
    raise AssertionError("so few changes are all tried")


def test_fragility_of_one_trial_by_trying_every_step():
    cells = np.array([[20.0, 10.0, 8.0, 22.0]])
    found = absolute.fragility(cells, wald, no_guess)
    low, _ = wald(cells[None])
    assert low > 0
    # Exhaustively: no choice of fewer moved patients (out of the better arm, into the worse one)
    # loses significance, and one choice of as many does.
    for moved, lost in ((found - 1, False), (found, True)):
        lows = [
            wald(cells[None] + np.array([[-i, i, moved - i, i - moved]]))[0][0]
            for i in range(moved + 1)
        ]
        assert (min(lows) <= 0) == lost


def test_fragility_until_significance_is_gained_and_when_it_takes_too_many():
    nearly = np.array([[14.0, 16.0, 10.0, 20.0], [9.0, 6.0, 6.0, 9.0]])
    low, high = wald(nearly[None])
    assert low < 0 < high
    assert absolute.fragility(nearly, wald, no_guess) >= 1
    assert absolute.fragility(1000 * nearly, wald, no_guess, most=3) is None


def test_fragility_with_no_patient_to_move_is_none():
    cells = np.array([[0.0, 5.0, 9.0, 0.0]])
    assert wald(cells[None])[1] < 0
    full = np.array([[0.0, 0.0, 0.0, 0.0]])
    assert absolute.fragility(full, wald, no_guess) is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: absolute.survival_from_odds_ratio(4, 0.0), "between 0 and 1"),
        (lambda: absolute.survivors_per_1000("OR", 4, 2, 8, {24: 43.3}), "between 0 and 1"),
        (lambda: absolute.survivors_per_1000("SMD", 4, 2, 8, {24: 0.4}), "no absolute effect"),
        (lambda: absolute.e_value(-0.2), "above 0"),
        (lambda: absolute.as_risk_ratio("MD", 2.0), "no E-value"),
    ],
)
def test_refused_with_the_reason(call, words):
    with pytest.raises(AbsoluteError, match=words):
        call()


def test_fragility_moves_patients_of_either_arm_and_study():
    """The second study is the smaller: a patient of its treated arm moves the limit most."""

    def conclude(cells):
        yi, vi = effect_size("OR", **dict(zip(("ai", "bi", "ci", "di"), cells.T, strict=True)))
        w = 1 / vi
        middle, half = w @ yi / w.sum(), 1.96 / sqrt(w.sum())
        return middle - half, middle + half

    def each(tables):
        return tuple(np.array([conclude(table) for table in tables]).T)

    cells = np.array([[40.0, 10, 25, 25], [9, 3, 6, 7]])
    found = absolute.fragility(cells, each, no_guess)
    assert conclude(cells)[0] > 0
    # The same rule written out: again and again the move that brings the limit down most.
    now, count = cells, 0
    while conclude(now)[0] > 0:
        moves = []
        for i in range(2):
            for step in ([-1, 1, 0, 0], [0, 0, 1, -1]):
                changed = now.copy()
                changed[i] += step
                moves.append(changed)
        now, count = min(moves, key=lambda c: conclude(c)[0]), count + 1
    assert found == count
    low, high = conclude(now)
    assert low <= 0 < high
    # Upwards, where one patient of the small arm counts for more than one of the large arm:
    # 9 of 13 against half is not significant, 10 of 13 is not (z 1.8), 11 of 13 is (z 2.2).
    assert absolute.fragility(np.array([[9.0, 4, 500, 500]]), each, no_guess) == 2
    assert absolute.fragility(np.array([[500.0, 500, 4, 9]]), each, no_guess) == 2
    # And downwards, from an effect below nought that is not significant yet.
    assert absolute.fragility(np.array([[4.0, 9, 500, 500]]), each, no_guess) == 2
    assert absolute.fragility(np.array([[500.0, 500, 9, 4]]), each, no_guess) == 2
