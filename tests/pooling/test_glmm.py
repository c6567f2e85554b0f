"""Binomial-normal models beside metafor's rma.glmm (and integrals in R: test_reference_models).

We agree with the plain integrals to 4e-7 everywhere. metafor stays a little short of them: its
CM.EL by the tolerance of its integrals (standard error 0.35115 for the catheters, 0.35104 by both
of ours), its PLO and UM.FS where lme4's optimiser stops (-1.23682 and -1.23649) or where 25
Gauss-Hermite nodes are too few (many studies without events: 1.2081 and 1.2095), and its UM.RS by
the Laplace approximation, all that lme4 offers for two random effects (-0.76158 on the BCG data,
-0.76171 by both integrals).
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.pooling.engines.glmm import (
    NotEstimableError,
    PatientCountError,
    fit_proportions,
    fit_two_arm,
)
from livingmeta.pooling.engines.inputs import PoolingError
from livingmeta.pooling.engines.quadrature import Binomial, Hypergeometric, marginal
from metafor.quantities_models import fit_counts, integrals

CASES = [pytest.param(c, id=f"{c['model']}-{c['data']}") for c in integrals()["glmm"]]


@pytest.mark.parametrize("case", CASES)
def test_metafor(case):
    theirs = case.get("metafor")
    if not theirs:
        pytest.skip("metafor does not converge here")
    ours = fit_counts(case)
    # metafor's own distance from the integral, see the top of this file.
    tolerance = {"CM.EL": 1e-3, "proportion": 2e-3, "UM.FS": 1e-3, "UM.RS": 2e-2}[case["model"]]
    for field in ("estimate", "se", "tau2"):
        assert getattr(ours, field) == pytest.approx(theirs[field], rel=tolerance, abs=tolerance)
    if case["model"] != "UM.RS":
        assert ours.q == pytest.approx(theirs["q"], rel=1e-5)
        assert ours.q_df == theirs["q_df"]


def test_no_heterogeneity_is_the_plain_proportion():
    """All studies alike: tau² is 0 and the estimate the crude logit, in closed form."""
    found = fit_proportions([3, 6, 9], [10, 20, 30])
    assert found.tau2 == 0
    assert found.estimate == pytest.approx(np.log(0.3 / 0.7), abs=1e-12)
    assert found.se == pytest.approx(1 / np.sqrt(60 * 0.21), rel=1e-10)
    assert found.lr_tau == 0
    assert found.q == pytest.approx(0, abs=1e-9)


def test_studies_without_events_count_in_a_proportion():
    some = fit_proportions([2, 3, 1], [40, 50, 45])
    more = fit_proportions([2, 3, 1, 0, 0], [40, 50, 45, 60, 55])
    assert more.estimate < some.estimate
    assert (more.k, more.k_left_out) == (5, 0)


def test_double_zero_studies_are_left_out_where_they_say_nothing():
    tables = [2, 1, 3, 0], [20, 20, 20, 30], [5, 4, 2, 0], [20, 20, 20, 30]
    for model in ("UM.FS", "CM.EL"):
        full = fit_two_arm(*tables, model=model)
        short = fit_two_arm(*(part[:3] for part in tables), model=model)
        assert (full.k, full.k_left_out) == (3, 1)
        assert full.estimate == short.estimate
    assert fit_two_arm(*tables, model="UM.RS").k == 4


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.integers(1, 40), st.floats(0, 1), st.floats(0, 1)),
        min_size=2,
        max_size=6,
    ),
    st.sampled_from(["UM.FS", "CM.EL", "UM.RS"]),
)
@pytest.mark.heavy
def test_swapping_arms_turns_the_sign(studies, model):
    n1, n2 = (np.array([s[i] for s in studies]) + 1 for i in (0, 1))
    a, c = (np.round(n * np.array([s[i] for s in studies])) for n, i in ((n1, 2), (n2, 3)))
    try:
        one = fit_two_arm(a, n1, c, n2, model=model)
    except NotEstimableError:
        return
    two = fit_two_arm(c, n2, a, n1, model=model)
    assert one.log_likelihood == pytest.approx(two.log_likelihood, rel=1e-8, abs=1e-8)
    assert one.lr_tau >= 0
    assert one.q >= 0


def test_derivatives_are_exact():
    """Score and Hessian against differences of the likelihood, for one and two random effects."""
    kernel = Binomial(np.array([[3.0, 5.0], [0.0, 2.0]]), np.array([[20.0, 19.0], [15.0, 12.0]]))
    fixed = np.array([[1.0, 0.5], [1.0, -0.5]])
    for random in (fixed[:, 1:], fixed):
        _check(kernel, fixed, random, np.array([-1.2, 0.4]))
    tables = (
        np.array([3.0, 1.0]),
        np.array([9.0, 8.0]),
        np.array([9.0, 7.0]),
        np.array([6.0, 4.0]),
    )
    one = np.ones((1, 1))
    _check(Hypergeometric(*tables), one, one, np.array([0.3]))


def _check(kernel, fixed, random, beta):
    q = random.shape[1]
    theta = np.concatenate([beta, np.array([0.7, 0.9])[:q]])

    def at(theta):
        phi = np.tile(theta[: beta.size], (2, 1))
        return marginal(kernel, fixed, random, phi, theta[beta.size :])

    step = 1e-5
    for i, direction in enumerate(np.eye(theta.size) * step):
        up, down = at(theta + direction), at(theta - direction)
        slope = (up.value - down.value).sum() / (2 * step)
        assert at(theta).score.sum(0)[i] == pytest.approx(slope, abs=1e-8)
        bend = (up.score - down.score).sum(0) / (2 * step)
        np.testing.assert_allclose(at(theta).hessian.sum(0)[i], bend, atol=1e-7)


def test_part_of_a_large_support_is_enough():
    """Two thousand possible tables: the window around the likely ones gives the whole sum."""
    tables = np.array([900.0, 1500]), np.array([3000.0, 2500]), np.array([4000.0, 6000])
    kernel = Hypergeometric(tables[0], tables[1], tables[2], np.array([2000.0, 4500]))
    eta = np.linspace(-3, 3, 13)[None, :, None] * np.ones((2, 1, 1))
    assert kernel._window(eta[..., 0]) is not None
    windowed = kernel.terms(eta)
    kernel._window = lambda eta: None
    for part, whole in zip(windowed, kernel.terms(eta), strict=True):
        np.testing.assert_allclose(part, whole, rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize("model", ["UM.FS", "UM.RS", ""])
def test_counts_that_are_not_whole_are_as_good_as_their_size(model):
    """Where all studies are alike the variance between them is nought, whatever their size."""
    fits = []
    for by in (1, 1.576):
        x, n, y = np.full(5, 12) / by, np.full(5, 40) / by, np.full(5, 20) / by
        if model:
            fits.append(fit_two_arm(x, n, y, n, model=model, effective=True))
        else:
            fits.append(fit_proportions(x, n, effective=True))
    assert fits[1].estimate == pytest.approx(fits[0].estimate, abs=1e-6)
    assert fits[1].se == pytest.approx(fits[0].se * 1.576**0.5, rel=1e-4)


@pytest.mark.parametrize(
    ("run", "error", "message"),
    [
        (lambda: fit_two_arm([1.5], [4], [1], [4]), PatientCountError, "whole numbers"),
        (
            lambda: fit_two_arm([1.5], [4], [1], [4], model="CM.EL", effective=True),
            PatientCountError,
            "whole numbers",
        ),
        (lambda: fit_proportions([5], [4]), PatientCountError, "study 1: events = 5 of totals = 4"),
        (lambda: fit_proportions([1.5], [4]), PatientCountError, "whole numbers"),
        (lambda: fit_proportions([], []), PatientCountError, "not empty"),
        (lambda: fit_proportions([0, 0], [4, 5]), NotEstimableError, "0 of 9 patients"),
        (lambda: fit_two_arm([0, 0], [9, 9], [1, 2], [9, 9]), NotEstimableError, "arm 1: 0 of 18"),
        (lambda: fit_two_arm([1], [9], [1], [9], model="UM"), PoolingError, "UM.FS, UM.RS, CM.EL"),
        (lambda: fit_two_arm([1], [9], [1, 2], [9, 9]), PatientCountError, "1 studies and arm 2 2"),
    ],
)
def test_bad_input_says_what_is_wrong(run, error, message):
    with pytest.raises(error, match=message):
        run()
