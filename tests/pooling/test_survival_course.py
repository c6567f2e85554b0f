"""The pooled survival curve: its own studies, the method written out plainly, simulated truth."""

import numpy as np
import pytest

from livingmeta.formulas.individual_data import kaplan_meier
from livingmeta.pooling.engines.survival_course import pool

SHARES = np.array([[0.9, 0.8, 0.7], [0.85, 0.75, 0.8], [0.95, 0.7, np.nan], [0.8, np.nan, np.nan]])
PATIENTS = np.array([[50, 40, 30], [80, 60, 40], [30, 25, np.nan], [120, np.nan, np.nan]])


def added(share, n):
    """The share with the quarter that the transformation adds."""
    return (n * share + 0.25) / (n + 0.5)


@pytest.mark.parametrize("random", [True, False])
def test_one_study_is_its_own_curve(random):
    share, n = np.array([[0.9, 0.8, 0.5, 1.0]]), np.array([[2000.0, 1800, 1400, 600]])
    course = pool(share, n, random=random)
    assert course.survival == pytest.approx(np.cumprod(added(share, n)))
    assert course.survival == pytest.approx(np.cumprod(share), abs=1e-3)
    # Greenwood of the same patients
    terms = np.cumsum((1 - share[0, :3]) / (share[0, :3] * n[0, :3]))
    assert course.se_log[:3] == pytest.approx(np.sqrt(terms), rel=0.01)
    assert course.k.tolist() == [1, 1, 1, 1]
    assert (course.q, course.q_df) == (pytest.approx(0), 0)


def test_equal_studies_are_the_curve_of_each_and_know_it_better():
    share, n = np.array([[0.9, 0.8, 0.7]]), np.array([[50.0, 45, 36]])
    one, five = pool(share, n), pool(np.repeat(share, 5, 0), np.repeat(n, 5, 0))
    common = pool(np.repeat(share, 5, 0), np.repeat(n, 5, 0), random=False)
    assert five.survival == pytest.approx(one.survival)
    assert common.survival == pytest.approx(one.survival)
    assert five.se_log == pytest.approx(one.se_log / np.sqrt(5))
    assert five.tau2 == pytest.approx(np.zeros((3, 3)))
    assert five.patients.tolist() == [250, 225, 180]


def plainly(share, n):
    """The method with missing intervals as the paper's program has them: means of a variance
    without end; both curves and the standard error of the logarithm of each."""
    y = np.arcsin(np.sqrt(added(share, n)))
    v = 1 / (4 * (n + 0.5))
    count = (~np.isnan(y)).sum(axis=0)
    y, v = np.where(np.isnan(y), np.nanmean(y, axis=0), y), np.where(np.isnan(v), 1e9, v)
    size = y.shape[1]
    tau = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            w = (v[:, i] * v[:, j]) ** -0.5
            means = [np.average(y[:, m], weights=w) for m in (i, j)]
            q = (w * (y[:, i] - means[0]) * (y[:, j] - means[1])).sum()
            tau[i, j] = (q - (count[i] - 1) * (i == j)) / (w.sum() - (w**2).sum() / w.sum())
    values, vectors = np.linalg.eig(tau)
    tau = sum(max(0, a) * np.outer(b, b) for a, b in zip(values, vectors.T, strict=True))
    found = []
    for between in (np.zeros_like(tau), tau):
        inverse = [np.linalg.inv(np.diag(row) + between) for row in v]
        spread = np.linalg.inv(sum(inverse))
        mean = spread @ sum(w @ row for w, row in zip(inverse, y, strict=True))
        errors = []
        for j in range(size):
            slope = np.where(np.arange(size) <= j, 2 / np.tan(mean), 0)
            errors.append(np.sqrt(slope @ spread @ slope))
        found.append((np.cumprod(np.sin(mean) ** 2), errors))
    return found


def test_as_the_method_written_out_plainly():
    for random, (survival, errors) in enumerate(plainly(SHARES, PATIENTS)):
        course = pool(SHARES, PATIENTS, random=bool(random))
        assert course.survival == pytest.approx(survival, abs=1e-6)
        assert course.se_log == pytest.approx(errors, rel=1e-4)
        assert course.k.tolist() == [4, 3, 2]
        assert course.patients.tolist() == [280, 125, 70]
        assert course.q_df == 9 - 3


def test_limits_lie_within_nought_and_one_and_are_those_of_the_double_logarithm():
    course = pool([[1.0, 1.0, 0.02]], [[12, 12, 12]])
    assert (course.ci_low > 0).all()
    assert (course.ci_high < 1).all()
    assert (course.ci_low < course.survival).all()
    assert (course.survival < course.ci_high).all()
    wide = np.log(-np.log([course.ci_low, course.ci_high])) - np.log(-np.log(course.survival))
    assert -wide[1] == pytest.approx(wide[0])
    assert wide[0] == pytest.approx(1.959964 * course.se_log / -np.log(course.survival))


def test_a_median_is_straight_between_two_times_and_missing_where_not_reached():
    course = pool([[0.8, 0.5]], [[1e9, 1e9]], random=False)
    middle, low, high = course.median([12, 24])
    assert middle == pytest.approx(12 + 12 * 0.3 / 0.4, rel=1e-6)
    assert low == pytest.approx(middle, rel=1e-3)
    assert high == pytest.approx(middle, rel=1e-3)
    assert np.isnan(pool([[0.8, 0.9]], [[50, 40]]).median([12, 24])[0])
    low, high = pool([[0.4]], [[20]]).median([10])[1:]
    assert low < pool([[0.4]], [[20]]).median([10])[0]
    assert np.isnan(high)


@pytest.mark.parametrize(
    ("share", "n", "says"),
    [
        ([[0.9, np.nan]], [[50, 50]], "no study gives interval 2"),
        ([[1.1]], [[50]], "within 0 and 1"),
        ([[-0.1]], [[50]], "within 0 and 1"),
        ([[0.9]], [[0]], "more than no patients"),
        ([[0.9, 0.8]], [[50]], "beside patients of"),
    ],
)
def test_what_is_no_curve_is_refused(share, n, says):
    with pytest.raises(ValueError, match=says):
        pool(share, n)


def simulated(rng, studies, spread, times):
    """Studies of 30 to 200 patients, hazards that differ by `spread` on the log scale, who leave
    evenly between 6 and 48 months: what papers would print of them."""
    shares, patients = [], []
    for size in rng.integers(30, 200, studies):
        dies = rng.exponential(1 / (0.04 * np.exp(rng.normal(0, spread))), size)
        leaves = rng.uniform(6, 48, size)
        time, event = np.minimum(dies, leaves), (dies <= leaves).astype(int)
        km = kaplan_meier({"time": time, "event": event})
        alive = np.array([1.0, *(km.at(t)[0] for t in times)])
        left = np.array([(time > t).sum() for t in (0, *times)], float)
        gone = left[:-1] == 0
        with np.errstate(invalid="ignore"):
            share = np.where(gone | (alive[:-1] == 0), np.nan, alive[1:] / alive[:-1])
        shares.append(share)
        patients.append(left[:-1] - np.maximum(left[:-1] * share - left[1:], 0) / 2)
    return np.array(shares), np.array(patients)


def test_simulated_truth_with_censoring_is_met_and_its_intervals_hold_it():
    rng, times = np.random.default_rng(7), np.array([6.0, 12, 18, 24, 30, 36])
    truth = np.exp(-0.04 * times)
    courses = [pool(*simulated(rng, 10, 0, times)) for _ in range(300)]
    bias = np.mean([c.survival for c in courses], axis=0) - truth
    assert np.abs(bias).max() < 0.01
    held = np.mean([(c.ci_low <= truth) & (truth <= c.ci_high) for c in courses], axis=0)
    assert (held > 0.9).all()
    assert (held < 0.995).all()


def test_studies_that_differ_widen_the_interval_and_show_in_the_heterogeneity():
    rng, times = np.random.default_rng(8), np.array([6.0, 12, 18, 24])
    data = [simulated(rng, 15, 0.5, times) for _ in range(60)]
    random, common = [pool(*d) for d in data], [pool(*d, random=False) for d in data]
    assert np.mean([c.i2 for c in random]) > 50
    ratios = [r.se_log / c.se_log for r, c in zip(random, common, strict=True)]
    assert np.mean(ratios, axis=0).min() > 1.5
    # Hazards that differ make the later intervals of a study go with its earlier ones.
    assert np.mean([c.tau2[0, 1] for c in random]) > 0
    # The curve of the middle study (hazard 0.04).
    bias = np.mean([c.survival for c in random], axis=0) - np.exp(-0.04 * times)
    assert np.abs(bias).max() < 0.03
    held = np.mean(
        [(c.ci_low <= np.exp(-0.04 * times)) & (c.ci_high >= np.exp(-0.04 * times)) for c in random]
    )
    assert held > 0.85
