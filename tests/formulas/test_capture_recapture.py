"""Estimates of how many there are, from two sources."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingmeta.formulas.capture_recapture import two_sources


def test_the_rabbits_of_oregon():
    # Skalski, Robson & Simmons 1983: 87 marked, 14 counted in a drive, 7 of them marked; normal 95%
    # limits as worked in Conroy's course at Georgia: 93.8 to 234.2.
    found = two_sources(87, 14, 7)
    assert found.estimate == pytest.approx(164)
    assert found.se == pytest.approx(math.sqrt(88 * 15 * 80 * 7 / (8**2 * 9)))
    assert found.estimate - 1.959964 * found.se == pytest.approx(93.8, abs=0.05)
    assert found.estimate + 1.959964 * found.se == pytest.approx(234.2, abs=0.05)


def test_the_log_normal_limits_by_hand():
    # 40 and 30, 20 of them both: 50 known, 20 * 10 / 21 = 9.524 more.
    found = two_sources(40, 30, 20)
    unknown, variance = 200 / 21, 41 * 31 * 20 * 10 / (21**2 * 22)
    factor = math.exp(1.959963984540054 * math.sqrt(math.log(1 + variance / unknown**2)))
    assert found.known == 50
    assert found.estimate == pytest.approx(50 + unknown)
    assert (found.ci_low, found.ci_high) == pytest.approx(
        (50 + unknown / factor, 50 + unknown * factor)
    )


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_the_order_of_sources_does_not_matter_and_limits_enclose_what_is_known(only, other, both):
    found = two_sources(only + both, other + both, both)
    assert found == pytest.approx(two_sources(other + both, only + both, both))
    assert found.known <= found.ci_low <= found.estimate * (1 + 1e-12)
    assert found.estimate <= found.ci_high * (1 + 1e-12)
    assert (found.se == 0) == (only == 0 or other == 0)


def test_more_in_common_means_fewer_missed():
    unknown = [two_sources(60, 50, both) for both in range(7, 50)]
    missed = [one.estimate - one.known for one in unknown]
    assert missed == sorted(missed, reverse=True)


@pytest.mark.parametrize("counts", [(3, 5, 4), (5, 3, 4), (5, 5, -1)])
def test_more_in_common_than_one_has_is_refused(counts):
    with pytest.raises(ValueError, match="both ="):
        two_sources(*counts)
