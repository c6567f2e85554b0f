"""Deletion diagnostics against metafor's influence() and baujat(), and against deleting by hand."""

import numpy as np
import pytest
from pooling.reference_models import CLOSED, ITERATIVE, agree, effects, numbers, reference

from livingmeta.pooling.influence import influence
from livingmeta.pooling.inputs import PoolingError
from livingmeta.pooling.models import fit

FIELDS = (
    *("rstudent", "dffits", "cooks_distance", "covariance_ratio", "tau2_deleted", "q_deleted"),
    *("hat", "weight", "baujat_x", "baujat_y"),
)


def _cases():
    return [pytest.param(c, id=_name(c)) for c in reference()["influence"]]


def _name(case):
    return f"{case['data']}-{case['tau2']}{'-moderators' if case['moderators'] else ''}"


@pytest.mark.parametrize("case", _cases())
def test_metafor(case):
    y, v = effects(case["data"])
    x = np.array(reference()["moderators"][case["data"]], float) if case["moderators"] else None
    # metafor's leave-one-out REML stops at 1e-13 of tau², some data sets near a flat top.
    tolerance = CLOSED if case["tau2"] != "REML" else ITERATIVE
    ours = influence(y, v, tau2=case["tau2"], moderators=x)
    for field in FIELDS:
        agree(getattr(ours, field), case[field], tolerance, field)
    for column, theirs in zip(ours.dfbetas.T, case["dfbetas"], strict=True):
        agree(column, theirs, tolerance, "dfbetas")
    assert ours.influential.tolist() == [bool(x) for x in case["influential"]]


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
    x = numbers([float(i) for i in range(y.size)])
    assert influence(y, v, moderators=x).hat.sum() == pytest.approx(2)


def test_too_few_studies_say_so():
    with pytest.raises(PoolingError, match="leaving one of 2 studies out"):
        influence([0.1, 0.2], [0.01, 0.02])
