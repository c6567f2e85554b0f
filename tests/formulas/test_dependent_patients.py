"""Design effects and patients in both arms, against the same things computed otherwise."""

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingmeta.formulas import designs
from livingmeta.formulas.measures import effect_size
from livingmeta.formulas.time_to_event import Effect

OTHER_ARM = str.maketrans("12", "21")
# One study by the arguments of effect_size.
COUNTS = {"ai": 12, "bi": 28, "ci": 20, "di": 20}
MEANS = {"m1i": 7.0, "m2i": 6.5, "sd1i": 2.38, "sd2i": 2.21, "n1i": 10, "n2i": 10}
RATES = {"x1i": 12, "x2i": 20, "t1i": 300, "t2i": 310}
OF = {
    **dict.fromkeys(("OR", "RR", "RD", "AS"), COUNTS),
    **dict.fromkeys(("MD", "ROM"), MEANS),
    **dict.fromkeys(("IRR", "IRD", "IRSD"), RATES),
}


def parallel(measure, counts):
    return Effect(*(float(x[0]) for x in effect_size(measure, **counts)))


def paired(measure, counts, correlation):
    return designs.paired(measure, parallel(measure, counts), counts, correlation)


@pytest.mark.parametrize(
    ("icc", "size", "effect"), [(0.02, 29.8, 1.576), (0, 40, 1), (0.3, 1, 1), (1, 12.5, 12.5)]
)
def test_design_effect(icc, size, effect):
    assert designs.design_effect(icc, size) == pytest.approx(effect)


@pytest.mark.parametrize(
    ("icc", "size"), [(-0.01, 20), (1.01, 20), (0.1, 0.9), (0.1, float("inf")), (0.1, float("nan"))]
)
def test_no_design_effect_of_what_cannot_be(icc, size):
    with pytest.raises(ValueError, match=r"is below 1|is not between"):
        designs.design_effect(icc, size)


@pytest.mark.parametrize("measure", OF)
def test_patients_divided_are_a_variance_multiplied(measure):
    """All of these have a variance that goes with one over the patients."""
    counts = OF[measure]
    left = designs.effective(measure, counts, 1.576)
    before, after = parallel(measure, counts), parallel(measure, left)
    assert after.yi == pytest.approx(before.yi)
    assert after.vi == pytest.approx(1.576 * before.vi)


def test_means_and_correlations_are_not_divided():
    left = designs.effective("MD", MEANS, 2)
    assert left == MEANS | {"n1i": 5, "n2i": 5}
    assert designs.effective("ZCOR", {"ri": 0.4, "ni": 30}, 1.5) == {"ri": 0.4, "ni": 20}
    assert designs.effective("MN", {"mi": 3.0, "sdi": 1.0, "ni": 30}, 1.5)["mi"] == 3
    assert designs.effective("PLO", {"xi": 3, "mi": 6}, 1.5) == {"xi": 2, "mi": 4}


@pytest.mark.parametrize("measure", OF)
def test_without_correlation_pairs_are_parallel_arms(measure):
    before, after = parallel(measure, OF[measure]), paired(measure, OF[measure], 0)
    assert after == pytest.approx(before)
    narrower, wider = (paired(measure, OF[measure], r).vi for r in (0.5, -0.5))
    assert narrower < before.vi < wider
    assert narrower + wider == pytest.approx(2 * before.vi)


# Of both outcomes 0 and 1: with the event in both arms, in the first alone, the second, neither.
PAIRS = (9, 3, 11, 17)


def of_pairs(measure, both, first, second, neither):
    n = both + first + second + neither
    p, q = (both + first) / n, (both + second) / n
    return {
        "OR": log(p / (1 - p)) - log(q / (1 - q)),
        "RR": log(p / q),
        "RD": p - q,
        "AS": np.arcsin(sqrt(p)) - np.arcsin(sqrt(q)),
    }[measure]


@pytest.mark.parametrize("measure", ["OR", "RR", "RD", "AS"])
def test_counts_of_pairs_have_the_variance_of_their_four_cells(measure):
    """The delta method on the multinomial of the pairs, with slopes by small steps."""
    both, first, second, neither = PAIRS
    counts = {"ai": both + first, "bi": second + neither}
    counts |= {"ci": both + second, "di": first + neither}
    n = sum(PAIRS)
    p, q = counts["ai"] / n, counts["ci"] / n
    phi = (both / n - p * q) / sqrt(p * (1 - p) * q * (1 - q))
    slopes = []
    for i in range(4):
        ends = []
        for step in (1e-4, -1e-4):
            cells = list(PAIRS)
            cells[i] += step
            ends.append(of_pairs(measure, *cells))
        slopes.append((ends[0] - ends[1]) / 2e-4)
    variance = sum(k * slope**2 for k, slope in zip(PAIRS, slopes, strict=True))
    variance -= sum(k * slope for k, slope in zip(PAIRS, slopes, strict=True)) ** 2 / n
    made = paired(measure, counts, phi)
    assert made.yi == pytest.approx(of_pairs(measure, *PAIRS))
    assert made.vi == pytest.approx(variance, rel=1e-6)


def test_means_of_pairs_have_the_variance_of_their_differences():
    draws = np.random.default_rng(3).multivariate_normal([5, 4], [[4, 2.1], [2.1, 3]], size=40)
    a, b = draws.T
    counts = {"m1i": a.mean(), "m2i": b.mean(), "sd1i": a.std(ddof=1), "sd2i": b.std(ddof=1)}
    counts |= {"n1i": 40, "n2i": 40}
    made = paired("MD", counts, np.corrcoef(a, b)[0, 1])
    assert made.yi == pytest.approx((a - b).mean())
    assert made.vi == pytest.approx((a - b).var(ddof=1) / 40)


def test_who_is_in_one_arm_alone_shares_nothing():
    """10 patients in both arms and 30 more in the second: the covariance is of the 10."""
    counts = MEANS | {"n2i": 40}
    made = paired("MD", counts, 0.5)
    covariance = 10 / (10 * 40) * 0.5 * 2.38 * 2.21
    assert made.vi == pytest.approx(parallel("MD", counts).vi - 2 * covariance)


def test_a_half_is_added_where_it_is_added_to_parallel_arms():
    counts = {"ai": 0, "bi": 20, "ci": 5, "di": 15}
    halves = {name: value + 0.5 for name, value in counts.items()}
    for measure in ("OR", "RR", "RD"):
        assert paired(measure, counts, 0.3) == pytest.approx(paired(measure, halves, 0.3))
    events = RATES | {"x1i": 0}
    more = RATES | {"x1i": 0.5, "x2i": 20.5}
    for measure in ("IRR", "IRD"):
        assert paired(measure, events, 0.3) == pytest.approx(paired(measure, more, 0.3))


def test_standardised_difference_of_the_handbook():
    """Handbook 23.2.7.2 (5.1: 16.4.6.4): 0.218 with SE 0.256, without Hedges' correction."""
    made = paired("SMD", MEANS, 0.68)
    small = 0.9139  # of 9 degrees of freedom
    d = made.yi / small
    assert d == pytest.approx(0.218, abs=0.0005)
    assert sqrt((1 / 10 + d**2 / 20) * 2 * (1 - 0.68)) == pytest.approx(0.256, abs=0.0005)
    assert sqrt(made.vi) == pytest.approx(0.2555, abs=0.0005)


def test_no_formula_for_peto_and_none_of_two_patients():
    with pytest.raises(ValueError, match="PETO"):
        designs.paired("PETO", Effect(0, 1), COUNTS, 0.5)
    with pytest.raises(ValueError, match="2 patients"):
        designs.paired("SMD", Effect(0, 1), MEANS | {"n1i": 2}, 0.5)


@given(st.floats(-0.95, 0.95), st.sampled_from([*OF, "SMD"]))
def test_swapping_the_arms_turns_the_effect(correlation, measure):
    counts = OF.get(measure, MEANS)
    swapped = {name.translate(OTHER_ARM): value for name, value in counts.items()}
    if measure in ("OR", "RR", "RD", "AS"):
        swapped = dict(zip(("ci", "di", "ai", "bi"), counts.values(), strict=True))
    one, two = (paired(measure, of, correlation) for of in (counts, swapped))
    assert two.yi == pytest.approx(-one.yi)
    assert two.vi == pytest.approx(one.vi)


def test_every_measure_with_a_formula_is_tried_here():
    assert {*OF, "SMD"} == designs.PAIRED
