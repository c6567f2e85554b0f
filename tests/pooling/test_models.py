"""fit and fit_many: exact roots, properties, awkward input, and that one import is enough."""

import dataclasses
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.formulas.measures import effect_size
from livingmeta.pooling.engines.inputs import EffectError, ModeratorError, OptionError, PoolingError
from livingmeta.pooling.engines.intervals import INTERVALS, without_width
from livingmeta.pooling.engines.models import COLUMNS, Fit, FitMany, fit, fit_many
from livingmeta.pooling.engines.tau2 import METHODS

# Colditz 1994 (JAMA 271:698), tuberculosis in vaccinated and control groups.
BCG = effect_size(
    "RR",
    ai=[4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    bi=[119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
    ci=[11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    di=[128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
)
LATITUDE = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]


@pytest.mark.parametrize(
    ("tau2", "root"),
    [
        # Roots of the score equations and of Q = k - 1, found to machine precision with uniroot.
        ("REML", 0.313243258136481),
        ("ML", 0.280028137268644),
        ("PM", 0.318068452205024),
        ("EB", 0.318068452205024),
    ],
)
def test_tau2_of_bcg_is_the_exact_root(tau2, root):
    assert fit(*BCG, tau2=tau2).tau2 == pytest.approx(root, rel=1e-13)
    assert fit_many(*BCG, tau2=tau2).tau2[0] == pytest.approx(root, rel=1e-13)


def test_bcg_as_printed_in_viechtbauer_2010():
    # J Stat Softw 36(3), section 3.2: REML, log risk ratio.
    f = fit(*BCG)
    printed = (-0.7145, 0.1798, -1.0669, -0.3622, 0.3132, 92.22, 12.86, 152.2330)
    ours = (f.estimate, f.se, f.ci_low, f.ci_high, f.tau2, f.i2, f.h2, f.q)
    assert ours == pytest.approx(printed, abs=5e-3)
    assert (round(f.tau2_low, 4), round(f.tau2_high, 4)) == (0.1197, 1.1115)


def test_latitude_explains_bcg_as_printed_in_viechtbauer_2010():
    # Section 3.3: the mixed-effects model with absolute latitude and publication year.
    years = [1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976]
    f = fit(*BCG, moderators=np.column_stack([LATITUDE, years]))
    # The paper's fit stopped a little short of the root, hence the fourth decimals.
    assert f.coefficients == pytest.approx([-3.5455, -0.0280, 0.0019], abs=2e-4)
    assert f.coefficient_se == pytest.approx([29.0959, 0.0102, 0.0147], abs=4e-4)
    assert (f.tau2, f.qm, f.q) == pytest.approx((0.1108, 12.2043, 28.3251), abs=3e-4)


def test_the_likelihood_has_two_maxima_and_the_higher_is_found():
    y, v = np.array([0.2, 0.24, 0.14, -1.2]), np.array([0.005, 0.407, 0.005, 0.139])

    def log_likelihood(t):
        w = 1 / (v + t)
        mean = w @ y / w.sum()
        return -0.5 * (np.log(v + t).sum() + np.log(w.sum()) + w @ (y - mean) ** 2)

    grid = np.linspace(0, 2, 20001)
    heights = np.array([log_likelihood(t) for t in grid])
    assert heights[1] < heights[0]  # a climb that starts at 0 stays there
    best = grid[heights.argmax()]
    assert fit(y, v).tau2 == pytest.approx(best, abs=1e-4)
    assert fit_many(y, v).tau2[0] == pytest.approx(fit(y, v).tau2, rel=1e-12)


effects = st.integers(2, 12).flatmap(
    lambda k: st.tuples(
        st.lists(st.floats(-3, 3), min_size=k, max_size=k),
        st.lists(st.floats(1e-3, 4), min_size=k, max_size=k),
    )
)


@settings(max_examples=60, deadline=None)
@given(effects, st.sampled_from(METHODS), st.sampled_from(INTERVALS))
def test_fit_and_fit_many_agree(data, tau2, interval):
    one, many = (f(*data, tau2=tau2, interval=interval) for f in (fit, fit_many))
    if without_width(interval, one.se, np.array(data[1])):  # rounding over rounding; never printed
        assert one.estimate == pytest.approx(many.estimate[0])
        return
    for name in COLUMNS:
        alone, ours = getattr(one, name), getattr(many, name)
        if name in WORDS:
            assert alone == ours
        else:
            close = pytest.approx(ours[0], rel=1e-9, abs=1e-9, nan_ok=True)
            assert alone == close, name


@settings(max_examples=40, deadline=None)
@given(effects, st.sampled_from(METHODS), st.floats(-5, 5), st.floats(0.1, 10))
def test_shift_scale_and_order_change_nothing_else(data, tau2, shift, scale):
    y, v = (np.array(x) for x in data)
    f = fit(y, v, tau2=tau2, interval="hksj")
    g = fit(scale * (y[::-1] + shift), scale**2 * v[::-1], tau2=tau2, interval="hksj")
    loose = {"rel": 1e-6, "abs": 1e-6}
    assert g.estimate == pytest.approx(scale * (f.estimate + shift), **loose)
    assert g.se == pytest.approx(scale * f.se, **loose)
    assert g.tau2 == pytest.approx(scale**2 * f.tau2, **loose)
    assert g.q == pytest.approx(f.q, **loose)


@settings(max_examples=40, deadline=None)
@given(effects)
def test_no_interval_is_narrower_than_promised(data):
    wald, hksj, guarded = (fit(*data, interval=i) for i in ("wald", "hksj", "hksj-guarded"))
    assert guarded.ci_high - guarded.ci_low >= wald.ci_high - wald.ci_low
    assert guarded.ci_high - guarded.ci_low >= (hksj.ci_high - hksj.ci_low) * (1 - 1e-12)
    assert guarded.pi_low <= guarded.ci_low
    assert guarded.tau2_low <= guarded.tau2_high


@settings(max_examples=40, deadline=None)
@given(effects, st.booleans())
def test_no_tau2_is_likelier_than_the_one_returned(data, restricted):
    y, v = (np.array(x) for x in data)
    found = fit(y, v, tau2="REML" if restricted else "ML").tau2

    def log_likelihood(t):
        w = 1 / (v + t)
        mean = w @ y / w.sum()
        extra = np.log(w.sum()) if restricted else 0.0
        return -(np.log(v + t).sum() + extra + w @ (y - mean) ** 2) / 2

    best = log_likelihood(found)
    others = [log_likelihood(t) for t in np.concatenate([[0], np.geomspace(1e-6, 30, 400)])]
    assert max(others) <= best + 1e-9 * (1 + abs(best))


@settings(max_examples=30, deadline=None)
@given(effects)
def test_paule_mandel_and_q_profile_solve_their_equations(data):
    from scipy.special import chdtri

    y, v = (np.array(x) for x in data)
    f = fit(y, v, tau2="PM")

    def q(t):
        w = 1 / (v + t)
        return w @ (y - w @ y / w.sum()) ** 2

    df = y.size - 1
    for t, target in (
        (f.tau2, df),
        (f.tau2_low, chdtri(df, 0.025)),
        (f.tau2_high, chdtri(df, 0.975)),
    ):
        if t > 0:
            assert q(t) == pytest.approx(target, rel=1e-9)
        else:
            assert q(0) <= target * (1 + 1e-9)


WORDS = ("tau2_method", "interval", "prediction", "level")


def test_rows_of_unequal_length_are_fitted_as_if_alone():
    rng = np.random.default_rng(7)
    y, v = rng.normal(size=(20, 9)), rng.uniform(0.01, 1, (20, 9))
    for row in range(20):
        gone = rng.permutation(9)[: rng.integers(0, 9)]
        y[row, gone] = v[row, gone] = np.nan
    for tau2 in METHODS:
        for interval in INTERVALS:
            many = fit_many(y, v, tau2=tau2, interval=interval)
            for row in range(20):
                there = ~np.isnan(y[row])
                one = fit(y[row, there], v[row, there], tau2=tau2, interval=interval)
                for name in [name for name in COLUMNS if name not in WORDS]:
                    value = getattr(many, name)[row]
                    assert getattr(one, name) == pytest.approx(
                        value, rel=1e-9, abs=1e-12, nan_ok=True
                    )


@pytest.mark.parametrize("tau2", METHODS)
@pytest.mark.parametrize("interval", INTERVALS)
def test_one_study_is_returned_as_it_stands(tau2, interval):
    f = fit([0.3], [0.04], tau2=tau2, interval=interval)
    assert (f.k, f.estimate, f.se, f.tau2, f.q, f.q_df, f.q_p) == (1, 0.3, 0.2, 0.0, 0.0, 0, 1.0)
    assert (f.ci_low, f.ci_high) == pytest.approx((0.3 - 1.959964 * 0.2, 0.3 + 1.959964 * 0.2))
    unknown = (f.pi_low, f.pi_high, f.tau2_low, f.tau2_high, f.i2, f.h2, f.df)
    assert np.isnan(unknown).all()


def test_identical_effects_have_no_heterogeneity():
    for tau2 in METHODS:
        f = fit([0.5] * 4, [0.1, 0.2, 0.3, 0.4], tau2=tau2, interval="hksj")
        assert (f.tau2, f.estimate) == (0.0, pytest.approx(0.5))
        assert f.se == pytest.approx(0.0, abs=1e-8)
        assert fit([0.5] * 4, [0.1] * 4, tau2=tau2, interval="hksj-guarded").se > 0.1


NAN, INF = float("nan"), float("inf")
GOOD = [0.1, 0.2, 0.3, 0.4, 0.5]


@pytest.mark.parametrize(
    ("yi", "vi", "options", "error", "words"),
    [
        ([], [], {}, EffectError, "no study"),
        ([0.1, NAN], [1, 1], {}, EffectError, "study 2 is nan"),
        ([0.1, INF], [1, 1], {}, EffectError, "study 2 is inf"),
        ([0.1, 0.2], [1, NAN], {}, EffectError, "variance of study 2"),
        ([0.1, 0.2], [1, INF], {}, EffectError, "variance of study 2"),
        ([0.1, 0.2], [0, 1], {}, EffectError, "variance of study 1 is 0"),
        ([0.1, 0.2], [1, -1], {}, EffectError, "variance of study 2 is -1"),
        ([0.1, 0.2], [1e-9, 1e9], {}, EffectError, "variance of study 1 is 1e-09"),
        ([0.1, 0.2], [1e-99, 1e-99], {}, EffectError, "magnitudes"),
        ([1e99, 0.2], [1, 1], {}, EffectError, "magnitudes"),
        ([0.1, 0.2], [1], {}, EffectError, "2 effects but 1 variances"),
        (["a", 0.2], [1, 1], {}, EffectError, "not a number"),
        ([[0.1]], [[1]], {}, EffectError, "dimensions"),
        (GOOD, GOOD, {"tau2": "reml"}, OptionError, "FE, DL, HE"),
        (GOOD, GOOD, {"interval": "hk"}, OptionError, "hksj-guarded"),
        (GOOD, GOOD, {"prediction": "k"}, OptionError, "k-1"),
        (GOOD, GOOD, {"level": 95}, OptionError, "between 0 and 1"),
        (GOOD, GOOD, {"moderators": [1, 1, 1, 1, 1]}, ModeratorError, "1 in every study"),
        (GOOD, GOOD, {"moderators": [1, 2, 3]}, ModeratorError, "wanted are 5 rows"),
        (GOOD, GOOD, {"moderators": [1, 2, NAN, 4, 5]}, ModeratorError, "nan in study 3"),
        (GOOD, GOOD, {"moderators": np.eye(5)[:, :4]}, ModeratorError, "6 studies are needed"),
        (GOOD, GOOD, {"moderators": [[i, 2 * i + 1] for i in range(5)]}, ModeratorError,
         "moderator 2 is already"),
        (GOOD, GOOD, {"moderators": ["a", "b", "c", "d", "e"]}, ModeratorError, "not a number"),
    ],
)  # fmt: skip
def test_bad_input_is_named(yi, vi, options, error, words):
    with pytest.raises(error, match=words) as raised:
        fit(yi, vi, **options)
    assert isinstance(raised.value, PoolingError)
    assert isinstance(raised.value, ValueError)


@pytest.mark.parametrize(
    ("yi", "vi", "words"),
    [
        ([[1, 2], [3, 4]], [[1, 1]], "shape"),
        ([[1, NAN], [NAN, NAN]], [[1, NAN], [NAN, NAN]], "row 2 has no study"),
        ([[1, 2], [3, NAN]], [[1, 1], [1, 1]], "row 2, study 2"),
        ([[1, 2], [3, 4]], [[1, 1], [1, NAN]], "row 2, study 2"),
        ([[1, 2]], [[1, -1]], "row 1, study 2"),
        ([[1, 2]], [[1, 0]], "row 1, study 2"),
        ([[1, INF]], [[1, 1]], "row 1, study 2"),
        ([[1, 2], [1, 2]], [[1, 1], [1e-9, 1e9]], "row 2: effects up to 2 with variances"),
        (np.zeros((2, 0)), np.zeros((2, 0)), "no study"),
    ],
)
def test_bad_rows_are_named(yi, vi, words):
    with pytest.raises(EffectError, match=words):
        fit_many(yi, vi)


def test_prediction_intervals_differ_in_their_df_only():
    y, v = GOOD, [0.01] * 5
    by = {p: fit(y, v, prediction=p) for p in ("k-1", "k-2", "wald")}
    assert (by["k-1"].pi_df, by["k-2"].pi_df) == (4, 3)
    assert np.isnan(by["wald"].pi_df)
    half = {p: (f.pi_high - f.pi_low) / 2 / np.hypot(f.se, f.tau2**0.5) for p, f in by.items()}
    assert half == pytest.approx({"k-1": 2.776445, "k-2": 3.182446, "wald": 1.959964}, rel=1e-6)
    assert np.isnan(fit(GOOD[:2], v[:2], prediction="k-2").pi_low)
    assert np.isnan(fit(y, v, tau2="FE").pi_low)


def test_a_fit_is_a_frozen_record_of_columns():
    f = fit(*BCG)
    with pytest.raises(dataclasses.FrozenInstanceError):
        f.estimate = 0.0
    assert list(f.row()) == list(COLUMNS)
    assert set(COLUMNS) <= set(dataclasses.asdict(f))
    assert {field.name for field in dataclasses.fields(FitMany)} == set(COLUMNS)
    assert repr(pickle.loads(pickle.dumps(f))) == repr(f)
    assert isinstance(f, Fit)


def test_importing_the_models_pulls_in_numpy_and_special_functions_only():
    code = (
        "import sys, livingmeta.pooling.engines.models;"
        "print(*[m for m in ('pandas', 'scipy.stats', 'scipy.optimize', 'statsmodels',"
        " 'matplotlib') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    assert run.stdout.strip() == ""


@pytest.mark.parametrize("tau2", ["PM", "EB", "REML", "ML", "DL"])
def test_effects_that_are_all_the_same_have_no_variance_beside_others_that_differ(tau2):
    y = np.array([[0.3] * 4, [0.0] * 4, [-0.9, 0.1, 0.5, 1.4]])
    v = np.full((3, 4), 0.05)
    found = fit_many(y, v, tau2=tau2).tau2
    assert found[:2].tolist() == [0.0, 0.0]
    assert found[2] == pytest.approx(fit(y[2], v[2], tau2=tau2).tau2, rel=1e-9)
