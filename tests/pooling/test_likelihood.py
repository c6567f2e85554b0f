"""The certified maximum against brute force, on problems made to have several maxima."""

import time

import numpy as np
import pytest

from livingmeta.pooling.engines import likelihood, scalar
from livingmeta.pooling.engines.inputs import Rows, check_rows
from livingmeta.pooling.engines.models import fit, fit_many


def awkward(rng, rows):
    """Few studies, variances over many orders of magnitude, effects rounded now and then."""
    k = int(rng.integers(2, 9))
    spread = rng.uniform(0.5, 8)
    v = 10 ** rng.uniform(-spread, 1, (rows, k))
    scatter = np.sqrt(v + 10 ** rng.uniform(-spread, 1)) * rng.choice([0.3, 1, 3])
    y = scatter * rng.normal(size=(rows, k))
    return check_rows(np.round(y, 1) if rng.random() < 0.3 else y, v)


def heights(t, rows, restricted):
    f = likelihood.terms(t, rows, None, restricted)
    return -(f.q + f.D)


def beaten(rows, restricted):
    """How many rows have a likelier tau² on a grid of 1,500, and how many have several maxima."""
    found = likelihood.maximise(rows, None, restricted)
    height = heights(found[:, None], rows, restricted)[:, 0]
    upper, low = likelihood.upper_bound(rows, None, restricted)
    steps = np.log1p(upper / low)[:, None] * np.linspace(0, 1.1, 1500)
    grid = heights(low[:, None] * np.expm1(steps), rows, restricted)
    peaks = ((grid[:, 1:-1] > grid[:, :-2]) & (grid[:, 1:-1] > grid[:, 2:])).sum(1)
    peaks += grid[:, 0] > grid[:, 1]
    best = grid.max(1)
    return int((best > height + 1e-8 * (1 + np.abs(best))).sum()), int((peaks > 1).sum())


def check(rounds, rows):
    rng = np.random.default_rng(5)
    several = 0
    for _ in range(rounds):
        problem = awkward(rng, rows)
        for restricted in (True, False):
            worse, many = beaten(problem, restricted)
            assert worse == 0
            several += many
    return several


def test_nothing_on_a_fine_grid_is_likelier():
    assert check(12, 100) > 20


@pytest.mark.heavy
def test_nothing_on_a_fine_grid_is_likelier_in_many_more():
    assert check(60, 400) > 1000


@pytest.mark.heavy
def test_ten_thousand_fits_in_a_blink():
    # The bar of 0.3 s is for a quiet machine (benchmarks/pooling.py); here is room for a busy one.
    rng = np.random.default_rng(1)
    v = np.clip(0.25 * rng.chisquare(1, (10_000, 10)), 0.009, 0.6)
    y = 0.3 + rng.normal(size=v.shape) * np.sqrt(v + 0.1)
    start = time.perf_counter()
    fit_many(y, v, interval="hksj")
    assert time.perf_counter() - start < 1.5


def test_plain_floats_and_arrays_find_the_same():
    rng = np.random.default_rng(8)
    for _ in range(20):
        rows = awkward(rng, 10)
        for restricted in (True, False):
            many = likelihood.maximise(rows, None, restricted)
            for i, expected in enumerate(many):
                one = Rows(rows.y[i : i + 1], rows.v[i : i + 1], None, rows.k[i : i + 1])
                lists = rows.y[i].tolist(), rows.v[i].tolist()
                found = scalar.maximise(one, *lists, restricted)
                assert found == pytest.approx(expected, rel=1e-7, abs=1e-7 * rows.v[i].min())


@pytest.mark.parametrize("tau2", ["REML", "ML"])
def test_with_a_moderator_too_the_highest_of_several_maxima_is_found(tau2):
    rng = np.random.default_rng(3)
    several = 0
    for _ in range(60):
        k = int(rng.integers(4, 7))
        v = 10 ** rng.uniform(-5, 1, k)
        y, m = np.sqrt(v + 1e-3) * rng.normal(size=k), rng.normal(size=k)
        x = np.column_stack([np.ones(k), m])

        def log_likelihood(t, x=x, y=y, v=v):
            w = 1 / (v + t)
            information = (x.T * w) @ x
            r = y - x @ np.linalg.solve(information, x.T @ (w * y))
            extra = np.linalg.slogdet(information)[1] if tau2 == "REML" else 0.0
            return -(np.log(v + t).sum() + extra + w @ r**2)

        grid = np.array([log_likelihood(t) for t in [0.0, *np.geomspace(1e-6, 50, 600)]])
        several += ((grid[1:-1] > grid[:-2]) & (grid[1:-1] > grid[2:])).sum() + (
            grid[0] > grid[1]
        ) > 1
        found = log_likelihood(fit(y, v, tau2=tau2, moderators=m).tau2)
        assert grid.max() <= found + 1e-8 * (1 + abs(found))
    assert several > 0
