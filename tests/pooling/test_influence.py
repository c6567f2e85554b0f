"""Deletion diagnostics against deleting by hand (metafor: test_reference_models)."""

import numpy as np
import pytest

from livingmeta.pooling.engines.inputs import PoolingError
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.influence import influence
from metafor.quantities_models import effects


def test_deleting_by_hand():
    y, v = effects("bcg")
    ours = influence(y, v)
    for i in (0, 6, 12):
        without = fit(np.delete(y, i), np.delete(v, i))
        assert ours.estimate_deleted[i, 0] == pytest.approx(without.estimate, rel=1e-12)
        assert ours.se_deleted[i, 0] == pytest.approx(without.se, rel=1e-12)
        assert ours.q_deleted[i] == pytest.approx(without.q, rel=1e-12)


def test_weights_and_leverages_add_up():
    y, v = effects("smoke")
    ours = influence(y, v)
    assert ours.weight.sum() == pytest.approx(100)
    assert ours.hat.sum() == pytest.approx(1)
    assert influence(y, v, moderators=np.arange(y.size)).hat.sum() == pytest.approx(2)


def test_too_few_studies_say_so():
    with pytest.raises(PoolingError, match="leaving one of 2 studies out"):
        influence([0.1, 0.2], [0.01, 0.02])
