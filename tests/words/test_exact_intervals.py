"""An interval is never printed as narrower than it is: 1.00 (1.00 to 1.00) says nothing."""

import pytest

from livingmeta.words.numbers import NumbersError, finer, show


@pytest.mark.parametrize(
    ("kind", "three", "printed"),
    [
        ("difference", (0.00426, 0.00224, 0.00629), "0.0043 (0.0022 to 0.0063)"),
        ("ratio", (1.002, 1.001, 1.0032), "1.0020 (1.0010 to 1.0032)"),
        ("ratio", (0.58, 0.35, 0.94), "0.58 (0.35 to 0.94)"),
        ("difference", (140.21, 140.19, 140.24), "140.210 (140.190 to 140.240)"),
        ("ratio", (1.0, 1.0, 1.0), "1.00 (1.00 to 1.00)"),
        ("time", (12.0, 9.61, 16.0), "12.0 (9.6 to 16.0)"),
        ("time", (0.071, 0.058, 0.083), "0.071 (0.058 to 0.083)"),
    ],
)
def test_estimate_and_limits_are_told_apart_where_they_differ(kind, three, printed):
    named = finer(kind, *three)
    assert f"{show(three[0], named)} ({show(three[1:], named)})" == printed


@pytest.mark.parametrize("three", [(None, 1.0, 2.0), (1e-9, 1e-10, 1e-8), (1.0, 1.0, float("inf"))])
def test_what_more_decimals_cannot_mend_stays(three):
    assert finer("ratio", *three) == "ratio"


def test_shares_and_unknown_kinds_get_no_further_decimals():
    assert finer("proportion", 0.99999, 0.99998, 0.999995) == "proportion"
    with pytest.raises(NumbersError, match="no kind of number"):
        show(1.0, "ratios+1")
