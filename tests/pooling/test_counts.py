"""Mantel-Haenszel and Peto beyond the reference data: exact cases and refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta.pooling.alternatives import _of_counts
from livingmeta.pooling.engines.counts import CountError, mantel_haenszel, peto


def test_one_table_gives_its_own_odds_ratio():
    f = mantel_haenszel([10], [90], [5], [95])
    assert f.estimate == pytest.approx(np.log(10 * 95 / (90 * 5)))
    assert f.se == pytest.approx(np.sqrt(1 / 10 + 1 / 90 + 1 / 5 + 1 / 95))
    assert (f.q_df, f.q_p) == (0, 1.0)


def test_a_study_without_events_says_nothing_about_a_ratio():
    cells = [10, 7], [90, 50], [5, 2], [95, 60]
    more = [[*cell, extra] for cell, extra in zip(cells, (0, 30, 0, 40), strict=True)]
    for f, g in (
        (mantel_haenszel(*cells), mantel_haenszel(*more)),
        (mantel_haenszel(*cells, measure="RR"), mantel_haenszel(*more, measure="RR")),
        (peto(*cells), peto(*more)),
    ):
        assert (g.k, g.k_used) == (3, 2)
        for name in ("estimate", "se", "q", "q_df", "cmh", "breslow_day", "tarone"):
            assert getattr(g, name) == pytest.approx(getattr(f, name), nan_ok=True)
    assert mantel_haenszel(*more, measure="RD").k_used == 3


cell = st.lists(st.integers(1, 60), min_size=4, max_size=4)


@settings(max_examples=50, deadline=None)
@given(cell, cell, cell, cell)
def test_exchanging_the_arms_turns_the_sign(a, b, c, d):
    for f, g in (
        *((mantel_haenszel(a, b, c, d, measure=m), mantel_haenszel(c, d, a, b, measure=m))
          for m in ("OR", "RR", "RD")),
        (peto(a, b, c, d), peto(c, d, a, b)),
    ):  # fmt: skip
        assert g.estimate == pytest.approx(-f.estimate, abs=1e-10)
        assert g.se == pytest.approx(f.se)
        assert g.tarone == pytest.approx(f.tarone, rel=1e-6, abs=1e-8, nan_ok=True)
        assert f.tarone <= f.breslow_day + 1e-12 or np.isnan(f.tarone)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (([], [], [], []), "equal length"),
        (([1], [1], [1], [1, 2]), "equal length"),
        (([1], [1], [-1], [1]), "0 or more"),
        (([np.nan], [1], [1], [1]), "0 or more"),
        ((["x"], [1], [1], [1]), "not a number"),
        (([0], [0], [1], [1]), "arm without patients"),
        (([0, 0], [5, 6], [2, 3], [4, 5]), "no odds ratio"),
    ],
)
def test_what_cannot_be_pooled_is_named(cells, words):
    with pytest.raises(CountError, match=words):
        mantel_haenszel(*cells)


def test_no_events_anywhere():
    with pytest.raises(CountError, match="no risk ratio"):
        mantel_haenszel([0], [5], [0], [5], measure="RR")
    with pytest.raises(CountError, match="no Peto"):
        peto([0], [5], [0], [5])
    with pytest.raises(CountError, match="no RD: in every study nobody"):
        mantel_haenszel([0], [5], [0], [5], measure="RD")
    with pytest.raises(CountError, match="no RR: in every study nobody, or everybody"):
        mantel_haenszel([5], [0], [4], [0], measure="RR")


def test_statsmodels_has_the_same_table():
    contingency = pytest.importorskip("statsmodels.stats.contingency_tables")
    a, b, c, d = np.array([[4, 12, 9], [30, 40, 22], [9, 20, 8], [25, 30, 31]], float)
    f = mantel_haenszel(a, b, c, d)
    table = contingency.StratifiedTable(np.array([[a, b], [c, d]]))
    assert f.estimate == pytest.approx(table.logodds_pooled, rel=1e-12)
    assert f.se == pytest.approx(table.logodds_pooled_se, rel=1e-12)
    assert f.cmh == pytest.approx(table.test_null_odds(correction=True).statistic, rel=1e-12)
    assert f.breslow_day == pytest.approx(table.test_equal_odds().statistic, rel=1e-9)
    assert f.tarone == pytest.approx(table.test_equal_odds(adjust=True).statistic, rel=1e-9)


def test_one_informative_study_of_two_has_no_heterogeneity():
    cells = {"ai": [0, 2], "bi": [80, 498], "ci": [0, 5], "di": [82, 500]}
    fit = mantel_haenszel(*(np.array(of, float) for of in cells.values()), measure="RD")
    assert (fit.q_df, np.isnan(_of_counts(fit)["i2"])) == (0, True)
