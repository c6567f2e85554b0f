"""Effect sizes: what the reference data cannot show (printed effects, refusals, the way back)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.effect_measures import MEASURES
from livingmeta.formulas import freeman_tukey
from livingmeta.formulas.measures import (
    EffectSizeError,
    back_transform,
    effect_size,
    to_analysis_scale,
)


def test_hazard_ratio_from_its_interval():
    # Tierney 2007 (Trials 8:16): ln HR and its variance from a hazard ratio with its 95% CI.
    yi, vi = effect_size("HR", estimate=[0.66], ci_low=[0.46], ci_high=[0.94])
    se = (np.log(0.94) - np.log(0.46)) / (2 * 1.959963984540054)
    assert (yi[0], vi[0]) == pytest.approx((np.log(0.66), se**2))
    wide = effect_size("HR", estimate=0.66, ci_low=0.46, ci_high=0.94, ci_level=0.99)
    assert wide[1][0] == pytest.approx(se**2 * (1.959963984540054 / 2.5758293035489) ** 2)


def test_printed_effects_of_any_scale():
    assert effect_size("GEN", estimate=[0.5, 1.0], se=[0.1, 0.2])[1] == pytest.approx([0.01, 0.04])
    assert effect_size("OR", estimate=2.0, se=0.3)[0] == pytest.approx([np.log(2)])
    yi, vi = effect_size("PLO", estimate=0.5, ci_low=0.3, ci_high=0.7)
    logit = np.log(0.7 / 0.3)
    assert (yi[0], vi[0]) == pytest.approx((0.0, (logit / 1.959963984540054) ** 2))
    assert effect_size("ZCOR", estimate=0.5, se=0.1)[0] == pytest.approx([np.arctanh(0.5)])


def test_totals_and_cells_say_the_same():
    a, b, c, d = [3, 0], [7, 10], [1, 4], [9, 6]
    for measure in ("OR", "RR", "RD", "PETO", "AS"):
        cells = effect_size(measure, ai=a, bi=b, ci=c, di=d)
        totals = effect_size(measure, ai=a, n1i=[10, 10], ci=c, n2i=[10, 10])
        assert np.array_equal(cells, totals)


def test_a_number_goes_with_every_study():
    assert effect_size("PLO", xi=[1, 2, 3], ni=10)[0].shape == (3,)


def test_missing_numbers_stay_missing():
    yi, vi = effect_size("OR", ai=[np.nan, 3], bi=[4, 5], ci=[6, 7], di=[8, 9])
    assert np.isnan([yi[0], vi[0]]).all()
    assert np.isfinite([yi[1], vi[1]]).all()


analysis = st.floats(-3, 3)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(sorted(set(MEASURES) - {"PAS"})), analysis)
def test_back_and_forth(measure, value):
    shown = float(back_transform(measure, value))
    if MEASURES[measure].log:
        assert shown > 0
    assert float(to_analysis_scale(measure, shown)) == pytest.approx(value, abs=1e-9)
    again = effect_size(measure, estimate=shown, se=1.0)[0][0]
    assert again == pytest.approx(value, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 40), st.integers(1, 40))
def test_proportions_come_back(x, more):
    n = x + more
    for measure in ("PAS", "PR"):
        yi, _ = effect_size(measure, xi=x, ni=n, to="none")
        assert back_transform(measure, yi[0]) == pytest.approx(x / n, abs=1e-9)
    yi, _ = freeman_tukey.double_arcsine(x, n)
    assert freeman_tukey.proportion(yi, n) == pytest.approx(x / n, abs=1e-9)


def test_null_values_are_the_back_transform_of_0():
    for measure, shown in MEASURES.items():
        if shown.null is not None:
            assert back_transform(measure, 0.0) == shown.null


@pytest.mark.parametrize(
    ("measure", "counts", "words"),
    [
        ("XX", {}, "no measure"),
        ("OR", {"ai": 1, "bi": 2, "ci": 3}, "missing: di"),
        ("OR", {"ai": 1, "bi": 2, "ci": 3, "di": 4, "xi": 5}, "not known here: xi"),
        ("OR", {"ai": [1, 2], "bi": [1, 2, 3], "ci": 1, "di": 1}, "unequal lengths"),
        ("OR", {"ai": 11, "n1i": 10, "ci": 1, "n2i": 5}, "more events than patients"),
        ("OR", {"ai": -1, "bi": 2, "ci": 3, "di": 4}, "negative"),
        ("OR", {"ai": 0, "bi": 0, "ci": 3, "di": 4}, "without patients"),
        ("OR", {"ai": "many", "bi": 0, "ci": 3, "di": 4}, "no number"),
        ("PLO", {"xi": 0, "ni": 0}, "no patients"),
        ("PLO", {"xi": [3, 9], "ni": [5, 8]}, "study 2"),
        ("IRR", {"x1i": 1, "x2i": 1, "t1i": 0, "t2i": 1}, "person-time"),
        ("IR", {"xi": 1, "ti": -1}, "person-time"),
        ("SMD", {"m1i": 1, "m2i": 1, "sd1i": -1, "sd2i": 1, "n1i": 5, "n2i": 5}, "negative"),
        ("ROM", {"m1i": 1, "m2i": -1, "sd1i": 1, "sd2i": 1, "n1i": 5, "n2i": 5}, "same sign"),
        ("ZCOR", {"ri": 0.5, "ni": 3}, "at least 4"),
        ("COR", {"ri": 1.5, "ni": 30}, "between -1 and 1"),
        ("HR", {"estimate": 0.5}, "missing: ci_low, ci_high"),
        ("HR", {"estimate": 0.5, "ci_low": 0.6, "ci_high": 0.8}, "must hold its estimate"),
        ("HR", {"estimate": -0.5, "ci_low": -0.6, "ci_high": 0.8}, "impossible"),
        ("HR", {"estimate": 0.5, "ci_low": 0.0, "ci_high": 0.8}, "impossible"),
        ("HR", {"estimate": 0.5, "se": 0.0}, "above 0"),
        ("PFT", {"xi": 3, "ni": 10}, "no measure"),
    ],
)
def test_impossible_numbers_are_named(measure, counts, words):
    with pytest.raises(EffectSizeError, match=words) as raised:
        effect_size(measure, **counts)
    assert isinstance(raised.value, ValueError)


def test_other_refusals():
    with pytest.raises(EffectSizeError, match="only0"):
        effect_size("OR", ai=1, bi=1, ci=1, di=1, to="some")
    with pytest.raises(EffectSizeError, match="no measure"):
        back_transform("XX", 0.5)


def test_ratios_times_and_rates_pooled_as_logarithms_are_drawn_on_a_log_axis():
    on_log = {code for code, measure in MEASURES.items() if measure.log}
    assert on_log == {"OR", "RR", "PETO", "HR", "IRR", "ROM", "MEDLN", "IRLN"}


def test_a_small_standard_deviation_is_one():
    yi, vi = effect_size("MN", mi=[2.0, 2.0], sdi=[0.5, 0.0], ni=[25, 1])
    assert yi.tolist() == [2.0, 2.0]
    assert vi.tolist() == [0.01, 0.0]
