"""Tests of funnel asymmetry and fail-safe numbers (metafor, lm: test_reference_models)."""

import itertools

import numpy as np
import pandas as pd
import pytest

from livingmeta.pooling import fail_safe
from livingmeta.pooling.inputs import OptionError, PoolingError
from livingmeta.pooling.small_study import (
    ROW,
    _kendall_tail,
    begg,
    egger,
    harbord,
    pet_peese,
    peters,
    table,
)
from metafor.quantities_models import cells, effects


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
        (lambda: peters([0.1], [1], [2], [3], [-4]), "none may be missing or below 0"),
        (lambda: peters([0.1, 0.2], [1], [2], [3], [4]), "2 effects and 1 tables"),
        (lambda: harbord([1, 2], [3], [4], [5]), "equal length"),
        (lambda: egger([0.1, 0.2, 0.3], [0.1, 0.2, 0.3], model="x"), "lm, mixed"),
    ],
)
def test_bad_input_says_what_is_wrong(test, message):
    with pytest.raises(PoolingError, match=message):
        test()


def _frame(name):
    y, v = effects(name)
    frame = pd.DataFrame({"synthesis": "s", "yi": y, "vi": v})
    return frame.assign(**dict(zip(("ai", "bi", "ci", "di"), cells(name), strict=True)))


def test_table_has_a_row_a_test():
    rows = table(_frame("magnesium"), "OR", True)
    assert list(rows.columns) == list(ROW)
    assert set(rows["synthesis"]) == {"s"}
    assert rows["test"].tolist() == [
        "egger", "egger-mixed", "begg", "pet-peese", "peters", "harbord",
        "trim-fill-L0", "trim-fill-R0", "selection-step",
    ]  # fmt: skip
    one = rows.set_index("test")
    assert one.loc["egger", "p_value"] == egger(*effects("magnesium")).p_value
    assert rows["p_value"].dropna().between(0, 1).all()


def test_table_without_counts_or_leave():
    frame = _frame("magnesium")
    assert "peters" not in set(table(frame, "RR", True)["test"])
    assert "harbord" not in set(table(frame.drop(columns="ai"), "OR", True)["test"])
    empty = table(frame, "OR", False)
    assert empty.empty
    assert list(empty.columns) == list(ROW)


def test_table_says_why_a_test_was_not_possible():
    frame = pd.DataFrame({"synthesis": "s", "yi": np.linspace(0, 1, 10), "vi": 0.04})
    one = table(frame, "GEN", True).set_index("test")
    assert "same size" in one.loc["egger", "note"]
    assert np.isnan(one.loc["egger", "p_value"])
