"""Effects within studies and cluster-robust variances (rma.mv, clubSandwich:
test_reference_models).
"""

import numpy as np
import pytest

from livingmeta.pooling.engines import multilevel
from livingmeta.pooling.engines.inputs import PoolingError
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.engines.multilevel import _ByStudy, _Restricted, fit_multilevel
from livingmeta.pooling.engines.robust import robust
from metafor.quantities import numbers
from metafor.quantities_models import models


def _schools():
    row = models()["multilevel"]["konstantopoulos"]
    return numbers(row["yi"]), numbers(row["vi"]), row["cluster"]


def test_konstantopoulos_example():
    """metafor's page on Konstantopoulos 2011: 0.1847 (SE 0.0846), 0.0651 and 0.0327."""
    found = fit_multilevel(*_schools())
    assert found.coefficients[0] == pytest.approx(0.1847, abs=5e-5)
    assert found.se[0] == pytest.approx(0.0846, abs=5e-5)
    assert found.between == pytest.approx(0.0651, abs=5e-5)
    assert found.within == pytest.approx(0.0327, abs=5e-5)
    assert found.i2_between + found.i2_within < 100


def test_two_studies_alike_within_are_an_ordinary_model():
    """No variance of its own within studies: the edge within = 0 is found, not crept up to."""
    y, v, study = _schools()
    means = {name: y[np.array(study) == name].mean() for name in set(study)}
    found = fit_multilevel(np.array([means[name] for name in study]), v, study)
    assert found.within == 0
    assert found.between > 0


def test_no_variance_at_all_is_the_common_effect():
    rng = np.random.default_rng(1)
    v = rng.uniform(0.1, 0.4, 12)
    y = 0.2 + 0.1 * np.sqrt(v) * rng.normal(size=12)
    found = fit_multilevel(y, v, np.repeat(np.arange(4), 3))
    assert (found.between, found.within, found.lr_between) == (0, 0, 0)
    assert found.coefficients[0] == pytest.approx(fit(y, v, tau2="FE").estimate, rel=1e-12)


@pytest.mark.parametrize(("between", "within"), [(0.2, 0.3), (0, 0.3), (0.4, 0), (0, 0)])
def test_study_by_study_it_is_the_same_as_by_matrices(monkeypatch, between, within):
    rng = np.random.default_rng(3)
    study = np.repeat(np.arange(8), [1, 2, 3, 4, 1, 2, 3, 4])
    v = rng.uniform(0.02, 0.1, study.size)
    y = 7 + between * rng.normal(size=8)[study] + within * rng.normal(size=study.size)
    y += np.sqrt(v) * rng.normal(size=study.size)
    same = (study[:, None] == study[None, :]).astype(float)
    at = np.array([0.3, 0.2])
    terms = [
        surface.terms(at)
        for surface in (_Restricted(y, v, np.ones((y.size, 1)), same), _ByStudy(y, v, study))
    ]
    for one, other in zip(*terms, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)
    whole = fit_multilevel(y, v, study)
    monkeypatch.setattr(multilevel, "DENSE", 0)
    parts = fit_multilevel(y, v, study)
    for name in ("coefficients", "se", "between", "within", "log_likelihood", "lr_between"):
        np.testing.assert_allclose(getattr(whole, name), getattr(parts, name), rtol=1e-6, atol=1e-8)


def test_derivatives_are_exact():
    y, v, study = _schools()
    labels = np.array(study)
    surface = _Restricted(y, v, np.ones((y.size, 1)), (labels[:, None] == labels).astype(float))
    at, step = np.array([0.3, 0.2]), 1e-5
    _, gradient, hessian = surface.terms(at)
    for i, d in enumerate(np.eye(2) * step):
        up, down = surface.terms(at + d), surface.terms(at - d)
        assert gradient[i] == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-6)
        np.testing.assert_allclose(hessian[i], (up[1] - down[1]) / (2 * step), rtol=1e-5)


def test_robust_with_one_effect_a_cluster_and_equal_weights():
    """CR2 of a mean with equal weights is the ordinary standard error, with k - 1 df."""
    y = np.array([0.1, 0.5, 0.3, -0.2, 0.7])
    found = robust(y, np.full(5, 0.04), range(5))
    assert found.se[0] == pytest.approx(y.std(ddof=1) / np.sqrt(5), rel=1e-12)
    assert found.df[0] == pytest.approx(4, rel=1e-12)


def test_cluster_names_and_order_do_not_matter():
    y, v, study = _schools()
    order = np.random.default_rng(0).permutation(y.size)
    one = robust(y, v, study, between=0.06, within=0.03)
    two = robust(y[order], v[order], np.array(study)[order], between=0.06, within=0.03)
    assert two.se[0] == pytest.approx(one.se[0], rel=1e-11)
    assert two.df[0] == pytest.approx(one.df[0], rel=1e-11)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: fit_multilevel([0.1, 0.2], [1, 1], [1, 2]), "several effects"),
        (lambda: fit_multilevel([0.1, 0.2], [1, 1], [1, 1]), "from 1 studies"),
        (lambda: fit_multilevel([0.1, 0.2], [1, 1], [1]), "2 labels"),
        (lambda: robust([0.1, 0.2], [1, 1], ["a", "a"]), "at least two clusters"),
        (lambda: robust([0.1, 0.2], [1, 1], ["a"]), "2 labels"),
    ],
)
def test_bad_input_says_what_is_wrong(run, message):
    with pytest.raises(PoolingError, match=message):
        run()
