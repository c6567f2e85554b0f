"""Shares of a change: against all orders written out, and against the axioms."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.formulas import shapley


def game(seed: int, parts: int, holes: float = 0.0):
    """A value for every subset, drawn at random; a share `holes` of them cannot be pooled."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=1 << parts)
    values[rng.random(values.size) < holes] = np.nan
    values[[0, -1]] = rng.normal(size=2)

    def value(inside):
        return values[inside @ (1 << np.arange(parts))]

    return value


def written_out(value, parts: int):
    """The mean over all orders on whose way everything can be pooled, or None without one."""
    total, orders = np.zeros(parts), 0
    for order in permutations(range(parts)):
        inside = np.zeros((parts + 1, parts), dtype=bool)
        for step, part in enumerate(order):
            inside[step + 1 :, part] = True
        walked = value(inside)
        if np.isfinite(walked).all():
            total[list(order)] += np.diff(walked)
            orders += 1
    return total / orders if orders else None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.sampled_from([0.0, 0.2, 0.5]))
def test_exact_shares_are_the_mean_over_all_orders_that_can_be_walked(seed, parts, holes):
    value = game(seed, parts, holes)
    found, known = shapley.shares(value, parts), written_out(value, parts)
    if known is None:
        assert found.method == "none"
    else:
        assert found.method == "exact"
        np.testing.assert_allclose(found.share, known, atol=1e-12)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 20))
def test_shares_add_up_to_the_change(seed, parts):
    weights = np.random.default_rng(seed).normal(size=parts)
    found = shapley.shares(lambda inside: np.tanh(inside @ weights), parts)
    assert abs(found.share.sum() - (found.end - found.start)) < 1e-9
    assert found.method == ("exact" if parts <= shapley.EXACT else "sampled")


def test_a_sum_of_parts_gives_each_its_own_whether_exact_or_drawn():
    for parts in (5, 20):
        weights = np.arange(parts) / 7.0
        found = shapley.shares(lambda inside, w=weights: inside @ w, parts)
        np.testing.assert_allclose(found.share, weights, atol=1e-12)
        np.testing.assert_allclose(found.error, 0.0, atol=1e-12)


def test_a_part_that_does_nothing_gets_nothing_and_equal_parts_get_the_same():
    found = shapley.shares(lambda inside: np.exp(inside @ np.array([1.0, 0.0, 1.0])), 3)
    assert found.share[1] == 0.0
    assert found.share[0] == pytest.approx(found.share[2], abs=1e-14)


def test_the_glove_game():
    """One left glove, two right ones, a pair is worth 1: shares 2/3, 1/6, 1/6 (textbook)."""
    found = shapley.shares(lambda g: (g[:, 0] & (g[:, 1] | g[:, 2])).astype(float), 3)
    np.testing.assert_allclose(found.share, [2 / 3, 1 / 6, 1 / 6], atol=1e-15)


def test_drawn_shares_lie_within_their_error_of_the_exact_ones(monkeypatch):
    value = game(3, 9)
    exact = shapley.shares(value, 9)
    monkeypatch.setattr(shapley, "EXACT", 8)
    drawn = shapley.shares(value, 9)
    assert (drawn.method, drawn.orders) == ("sampled", 2 * shapley.PAIRS)
    assert (drawn.error > 0).all()
    assert np.abs((drawn.share - exact.share) / drawn.error).max() < 4
    assert abs(drawn.share.sum() - exact.share.sum()) < 1e-12


def test_drawn_shares_leave_out_orders_that_cannot_be_walked(monkeypatch):
    """The first part takes the only study away unless the second has brought another."""
    monkeypatch.setattr(shapley, "EXACT", 1)

    def value(inside):
        return np.where(inside[:, 0] & ~inside[:, 1], np.nan, inside @ np.array([1.0, 2.0, 4.0]))

    found = shapley.shares(value, 3)
    assert 0 < found.orders < 2 * shapley.PAIRS
    np.testing.assert_allclose(found.share, [1.0, 2.0, 4.0], atol=1e-12)


def test_the_same_draws_every_time(monkeypatch):
    monkeypatch.setattr(shapley, "EXACT", 2)
    first, second = (shapley.shares(game(1, 7), 7) for _ in range(2))
    assert first.share.tolist() == second.share.tolist()


def test_no_order_can_be_walked():
    found = shapley.shares(lambda g: np.where(g[:, 0] ^ g[:, 1], np.nan, 1.0 * g[:, 0]), 2)
    assert found.method == "none"
    assert (found.start, found.end) == (0.0, 1.0)


def test_nothing_changed():
    found = shapley.shares(lambda inside: np.full(len(inside), 0.5), 0)
    assert (found.method, len(found.share), found.end - found.start) == ("exact", 0, 0.0)
