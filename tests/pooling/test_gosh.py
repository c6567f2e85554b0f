"""GOSH against pooling every subset by itself."""

import itertools
import time

import numpy as np
import pytest

from livingmeta.pooling.engines.inputs import PoolingError
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.gosh import gosh
from metafor.quantities_models import effects


@pytest.mark.parametrize("tau2", ["FE", "DL", "REML"])
def test_every_subset_is_the_meta_analysis_of_its_studies(tau2):
    y, v = (part[:7] for part in effects("bcg"))
    cloud = gosh(y, v, tau2=tau2)
    assert cloud.complete
    assert len(cloud.members) == 2**7 - 7 - 1
    row = {int.from_bytes(bits.tobytes(), "little"): i for i, bits in enumerate(cloud.members)}
    assert len(row) == len(cloud.members)
    for size in (2, 3, 6, 7):
        for chosen in itertools.combinations(range(7), size):
            i = row[sum(1 << j for j in chosen)]
            one = fit(y[list(chosen)], v[list(chosen)], tau2=tau2)
            assert cloud.size[i] == size
            assert cloud.estimate[i] == pytest.approx(one.estimate, rel=1e-10)
            assert cloud.tau2[i] == pytest.approx(one.tau2, abs=1e-10)
            assert cloud.i2[i] == pytest.approx(one.i2, abs=1e-7)


def test_each_study_is_in_half_of_the_subsets():
    y, v = effects("bcg")
    cloud = gosh(y, v, tau2="FE")
    for study in range(y.size):
        inside = cloud.contains(study)
        assert inside.sum() == 2**12 - 1


def test_random_subsets_beyond_twenty_studies():
    y, v = effects("smoke")
    cloud = gosh(y, v, subsets=20_000, seed=3)
    again = gosh(y, v, subsets=20_000, seed=3)
    assert not cloud.complete
    assert cloud.size.min() >= 2
    np.testing.assert_array_equal(cloud.estimate, again.estimate)
    # Sizes are binomial(k, 1/2): mean k/2, standard error sqrt(k/4/20000).
    assert cloud.size.mean() == pytest.approx(y.size / 2, abs=5 * np.sqrt(y.size / 4 / 20_000))
    bits = [i for i in range(y.size) if cloud.contains(i)[0]]
    assert cloud.estimate[0] == pytest.approx(fit(y[bits], v[bits], tau2="DL").estimate, rel=1e-10)


def test_more_studies_than_bits_of_a_word():
    rng = np.random.default_rng(1)
    y, v = rng.normal(size=101), rng.uniform(0.1, 0.2, 101)
    cloud = gosh(y, v, tau2="FE", subsets=500)
    inside = np.column_stack([cloud.contains(i) for i in range(101)])
    np.testing.assert_array_equal(inside.sum(1), cloud.size)
    np.testing.assert_allclose(cloud.estimate, inside @ (y / v) / (inside @ (1 / v)), rtol=1e-12)


@pytest.mark.heavy
def test_a_million_subsets_in_five_seconds():
    rng = np.random.default_rng(1)
    started = time.perf_counter()
    cloud = gosh(rng.normal(size=20), rng.uniform(0.01, 0.2, 20))
    assert time.perf_counter() - started < 5
    assert cloud.size.size == 2**20 - 21


def test_bad_input_says_what_is_wrong():
    with pytest.raises(PoolingError, match="at least 3 studies"):
        gosh([0.1, 0.2], [0.1, 0.1])
    with pytest.raises(PoolingError, match="subsets is 0"):
        gosh(np.zeros(25), np.ones(25), subsets=0)
