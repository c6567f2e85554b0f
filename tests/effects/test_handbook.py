"""Cochrane Handbook 6.5.2, through the table that people fill in: what its means become."""

import pytest

from effects.test_vocabulary import one, told


@pytest.mark.parametrize("of_mean", ["se=1.0175", "ci_low=30.0 ci_high=34.2"])
def test_handbook_an_sd_from_the_error_of_each_mean(tmp_path, of_mean):
    """6.5.2.2: SE times the root of n, 5.09 of 25 patients, in both arms of a comparison."""
    rows = [f"a mean 32.1 n=25 {of_mean}", "b mean 30 n=25 sd=5.09"]
    effect = one(tmp_path, rows, "MD", "score")
    assert effect.yi == pytest.approx(2.1)
    assert effect.vi == pytest.approx(2 * 5.09**2 / 25, rel=0.002)


def test_handbook_changes_from_baseline(tmp_path):
    """6.5.2.8: changes of 1.0 (SD 4.5) in 129 and of 1.5 (SD 4.2) in 135 patients, with the means
    before and after: they stay what they are and never take an SD of a final value."""
    before = ["a mean 15.2 n=129 sd=6.4 time=0", "b mean 15.7 n=135 sd=7.0 time=0"]
    final = ["a mean 16.2 n=129 sd=7.1 time=6", "b mean 17.2 n=135 sd=6.9 time=6"]
    change = [f"a mean 1.0 n=129 {more} time=6 measured=change" for more in ("sd=4.5", "")]
    other = "b mean 1.5 n=135 sd=4.2 time=6 measured=change"
    made = one(tmp_path, [change[0], other], "MD", "score", time=6)
    assert (made.yi, made.vi) == pytest.approx((-0.5, 4.5**2 / 129 + 4.2**2 / 135))
    assert one(tmp_path, [*before, *final], "MD", "score", time=6).yi == pytest.approx(-1.0)
    reason = told(tmp_path, [*before, change[1], other], "MD", "score", time=6)[1]["reason"][0]
    assert "mean of a 1 without SD" in reason
