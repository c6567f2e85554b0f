"""Tests of funnel asymmetry and fail-safe numbers against metafor and R's lm()."""

import itertools

import numpy as np
import pandas as pd
import pytest
from pooling.reference_models import CLOSED, ITERATIVE, agree, cells, effects, reference

from livingmeta.pooling import fail_safe
from livingmeta.pooling.inputs import OptionError, PoolingError
from livingmeta.pooling.small_study import (
    ROW,
    _kendall_tail,
    begg,
    egger,
    harbord,
    macaskill,
    peters,
    pet_peese,
    table,
)

SETS = list(reference()["sets"])
LINE = ("limit", "limit_se", "estimate", "se", "statistic", "p_value")


@pytest.mark.parametrize("name", SETS)
def test_egger(name):
    ours, theirs = egger(*effects(name)), reference()["small_study"][name]["egger"]
    for field, key in (("statistic", "zval"), ("p_value", "p"), ("df", "df"), ("limit", "est")):
        agree(getattr(ours, field), theirs[key], CLOSED, field)
    agree([ours.limit_low, ours.limit_high], [theirs["lb"], theirs["ub"]], CLOSED)
    for field in LINE:
        agree(getattr(ours, field), theirs[field], CLOSED, field)


@pytest.mark.parametrize("name", SETS)
def test_mixed_egger(name):
    ours, theirs = egger(*effects(name), model="mixed"), reference()["small_study"][name]["mixed"]
    for field, value in theirs.items():
        agree(getattr(ours, field), value, ITERATIVE, field)


@pytest.mark.parametrize("name", SETS)
def test_peese_and_begg(name):
    y, v = effects(name)
    theirs = reference()["small_study"][name]
    pet, peese, which = pet_peese(y, v)
    for field in LINE:
        agree(getattr(peese, field), theirs["peese"][field], CLOSED, field)
    assert pet.limit == egger(y, v).limit
    assert which == ("peese" if 2 * _t_tail(pet) < 0.1 else "pet")
    ours = begg(y, v)
    agree([ours.estimate, ours.p_value], [theirs["begg"]["tau"], theirs["begg"]["p_value"]], CLOSED)


def _t_tail(pet):
    from scipy.special import stdtr

    return stdtr(pet.df, -abs(pet.limit / pet.limit_se))


@pytest.mark.parametrize("name", list(reference()["counts_tests"]))
@pytest.mark.parametrize("test", ["peters", "macaskill", "harbord"])
def test_tests_for_counts(name, test):
    counts = cells(name)
    theirs = reference()["counts_tests"][name]
    use = (counts[0] + counts[2] > 0) & (counts[1] + counts[3] > 0)
    y = np.full(use.size, np.nan)
    y[use] = theirs["yi"]
    run = {"peters": peters, "macaskill": macaskill}.get(test)
    ours = run(y, *counts) if run else harbord(*counts)
    for field in LINE:
        if not np.isnan(getattr(ours, field)):
            agree(getattr(ours, field), theirs[test][field], CLOSED, field)
    assert ours.k == use.sum()
    assert ("left out" in ours.note) == (not use.all())


def test_egger_in_its_own_form():
    """Egger 1997 regressed effect/SE on 1/SE; its intercept is our slope and back."""
    y, v = effects("magnesium")
    se = np.sqrt(v)
    x = np.column_stack([np.ones_like(y), 1 / se])
    (intercept, slope), *_ = np.linalg.lstsq(x, y / se, rcond=None)
    ours = egger(y, v)
    assert ours.estimate == pytest.approx(intercept, rel=1e-12)
    assert ours.limit == pytest.approx(slope, rel=1e-12)


def test_kendall_tail_by_counting():
    def concordant(order):
        return sum(a < b for a, b in itertools.combinations(order, 2))

    scores = [concordant(order) for order in itertools.permutations(range(6))]
    for least in range(16):
        share = np.mean([score >= least for score in scores])
        assert _kendall_tail(6, least) == pytest.approx(share, abs=1e-15)


@pytest.mark.parametrize("name", SETS)
def test_fail_safe_numbers(name):
    y, v = effects(name)
    theirs = reference()["small_study"][name]
    assert fail_safe.rosenthal(y, v).n == theirs["rosenthal"]
    assert fail_safe.orwin(y).n == theirs["orwin"]
    assert fail_safe.orwin(y, vi=v).n == theirs["orwin_weighted"]
    assert fail_safe.rosenberg(y, v).n == theirs["rosenberg"]


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
