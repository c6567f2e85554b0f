"""Missing standard deviations: the worked examples of the Cochrane Handbook, and known truth."""

import numpy as np
import pytest
from scipy.special import gammaincinv, ndtri

from livingmeta.formulas import dispersion, standard_error
from livingmeta.formulas.dispersion import DispersionError, from_quantiles


def test_the_worked_examples_of_the_handbook():
    # Section 6.5.2.2: 95% CI 30.0 to 34.2 of 25 patients gives an SD of 5.09.
    of_mean = standard_error.from_interval(32.1, 30.0, 34.2, df=24)
    assert of_mean * 5 == pytest.approx(5.09, abs=0.005)
    # Section 6.5.2.3: a difference of 3.8 with p = 0.008 in 25 and 22 patients gives 4.69.
    of_difference = standard_error.from_p(3.8, 0.008, 45)
    assert of_difference / (1 / 25 + 1 / 22) ** 0.5 == pytest.approx(4.69, abs=0.015)


@pytest.mark.parametrize("method", dispersion.METHODS)
def test_everything_says_what_it_assumed(method):
    assert from_quantiles(30, median=5, q1=4, q3=6, method=method).assumed


@pytest.mark.parametrize("n", [20, 100, 1000])
def test_wan_and_luo_recover_a_normal_arm_from_its_expected_quantiles(n):
    mean, sd = 50.0, 8.0
    low, high = (mean + s * sd * ndtri((0.75 * n - 0.125) / (n + 0.25)) for s in (-1, 1))
    bottom, top = (mean + s * sd * ndtri((n - 0.375) / (n + 0.25)) for s in (-1, 1))
    for shown in (
        {"q1": low, "q3": high},
        {"minimum": bottom, "maximum": top},
        {"q1": low, "q3": high, "minimum": bottom, "maximum": top},
    ):
        found = from_quantiles(n, median=mean, **shown)
        assert found.mean == pytest.approx(mean)
        assert found.sd == pytest.approx(sd)


def test_luo_weights_by_hand():
    # Luo 2018: quartiles, 0.7 + 0.39/n; range, 4/(4 + n^0.75); n = 81 gives 4/31.
    assert from_quantiles(39, median=10, q1=8, q3=14).mean == pytest.approx(0.71 * 11 + 0.29 * 10)
    by_range = from_quantiles(81, median=10, minimum=0, maximum=30).mean
    assert by_range == pytest.approx(4 / 31 * 15 + 27 / 31 * 10)


@pytest.mark.parametrize("n", [20, 100, 1000])
def test_shi_recovers_a_normal_arm_and_weights_the_range_less_in_a_large_one(n):
    low, high = (8.0 * s * ndtri((0.75 * n - 0.125) / (n + 0.25)) for s in (-1, 1))
    bottom, top = (8.0 * s * ndtri((n - 0.375) / (n + 0.25)) for s in (-1, 1))
    shown = {"median": 0, "q1": low, "q3": high, "minimum": bottom, "maximum": top}
    assert from_quantiles(n, **shown, method="luo-shi").sd == pytest.approx(8.0)
    wide = shown | {"minimum": 2 * bottom, "maximum": 2 * top}
    by_range = 0.07 * n**0.6
    expected = 8.0 * (2.0 + by_range) / (1.0 + by_range)
    assert from_quantiles(n, **wide, method="luo-shi").sd == pytest.approx(expected)
    assert from_quantiles(n, **wide, method="luo-wan").sd == pytest.approx(12.0)


@pytest.mark.parametrize("kinds", [("q1", "q3"), ("minimum", "maximum"), None])
def test_one_normal_arm_in_twenty_counts_as_skewed(kinds):
    rng = np.random.default_rng(7)
    found = dict.fromkeys((25, 100), 0)
    for n in found:
        for arm in rng.normal(50, 8, (1000, n)):
            names = ("minimum", "q1", "median", "q3", "maximum")
            shown = dict(zip(names, np.quantile(arm, [0, 0.25, 0.5, 0.75, 1]), strict=True))
            if kinds:
                shown = {name: shown[name] for name in ("median", *kinds)}
            found[n] += dispersion.skewed(n, **shown)
    assert all(30 < times < 72 for times in found.values()), found
    log_normal = {"median": 1.0, "q1": np.exp(-0.67), "q3": np.exp(0.67)}
    assert dispersion.skewed(100, **log_normal)


@pytest.mark.parametrize(
    ("family", "quantile", "mean", "sd"),
    [
        ("normal", lambda p: 10 + 2 * ndtri(p), 10.0, 2.0),
        ("log-normal", lambda p: np.exp(1 + 0.6 * ndtri(p)), np.exp(1.18),
         np.exp(1.18) * np.sqrt(np.expm1(0.36))),
        ("gamma", lambda p: 3 * gammaincinv(2.0, p), 6.0, 3 * np.sqrt(2)),
        ("Weibull", lambda p: 5 * (-np.log1p(-p)), 5.0, 5.0),
    ],
)  # fmt: skip
def test_mcgrath_finds_the_family_and_its_moments(family, quantile, mean, sd):
    n = 80
    found = from_quantiles(
        n, median=quantile(0.5), q1=quantile(0.25), q3=quantile(0.75),
        minimum=quantile(1 / n), maximum=quantile(1 - 1 / n), method="mcgrath",
    )  # fmt: skip
    assert (found.mean, found.sd) == pytest.approx((mean, sd), rel=1e-3)
    # The exponential is both a gamma and a Weibull; elsewhere the name must be right.
    assert family in found.assumed or family == "Weibull"


# What a power turns into a normal, from so many patients that it is not drawn towards 1.
@pytest.mark.parametrize(
    ("quantile", "mean", "sd"),
    [
        (lambda p: 50 + 8 * ndtri(p), 50.0, 8.0),
        (lambda p: (9 + ndtri(p)) ** 2, 82.0, np.sqrt(2 + 4 * 81)),
        (
            lambda p: np.exp(1 + 0.6 * ndtri(p)),
            np.exp(1.18),
            np.exp(1.18) * np.sqrt(np.expm1(0.36)),
        ),
    ],
)
def test_box_cox_finds_the_moments_of_what_a_power_makes_normal(quantile, mean, sd):
    shown = {"median": quantile(0.5), "q1": quantile(0.25), "q3": quantile(0.75)}
    found = from_quantiles(10**8, **shown, method="box-cox")
    assert (found.mean, found.sd) == pytest.approx((mean, sd), rel=1e-4)
    top = {"minimum": quantile(0.625e-8), "maximum": quantile(1 - 0.625e-8)}  # as Wan has them
    found = from_quantiles(10**8, **shown, **top, method="box-cox")
    assert (found.mean, found.sd) == pytest.approx((mean, sd), rel=1e-3)


def test_box_cox_by_an_integral_of_another_kind():
    # Median 7 (5 to 10) of 60: power 0.789; the moments of the cut-off normal by the trapezium.
    low, mid, high = 5.0, 7.0, 10.0
    powers = np.linspace(-2, 3, 500_001)
    powers = powers[np.abs(powers) > 1e-9]
    lop = ((high**powers - mid**powers) / (mid**powers - low**powers) - 1) ** 2
    best = powers[np.argmin(lop)]
    weight = 200 * (1 - best) ** 2
    power = (best * 60 + weight) / (60 + weight)
    one, two, three = ((x**power - 1) / power for x in (low, mid, high))
    share = 0.7 + 0.39 / 60
    centre = share * (one + three) / 2 + (1 - share) * two
    spread = (three - one) / (2 * ndtri((0.75 * 60 - 0.125) / 60.25))
    reach = (centre + 1 / power) / spread
    z = np.linspace(-reach, reach, 400_001)
    x = (power * (centre + spread * z) + 1).clip(0) ** (1 / power)
    density = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    mean = (density * x).sum()
    sd = np.sqrt((density * (x - mean) ** 2).sum())
    found = from_quantiles(60, median=mid, q1=low, q3=high, method="box-cox")
    assert (found.mean, found.sd) == pytest.approx((mean, sd), rel=1e-4)
    assert "Box-Cox power 0.789" in found.assumed


@pytest.mark.parametrize(
    ("n", "shown", "words"),
    [
        (50, {"median": 5, "q1": 0, "q3": 7}, "0 is not above 0"),
        (10**6, {"median": 2, "q1": 1.5, "q3": 6}, "leaves no mean"),
    ],
)
def test_what_box_cox_cannot_do_is_no_fault_of_the_numbers(n, shown, words):
    with pytest.raises(dispersion.NoPowerError, match=words):
        from_quantiles(n, **shown, method="box-cox")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: from_quantiles(10, median=5), "quartiles or the range"),
        (lambda: from_quantiles(10, median=5, q1=6, q3=7), "6, 5, 7 are alike or out of order"),
        (lambda: from_quantiles(2, median=5, q1=4, q3=7), "too few"),
        (lambda: from_quantiles(10, median=5, q1=4, q3=7, method="guess"), "no method"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(DispersionError, match=words):
        call()
