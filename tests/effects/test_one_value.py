"""Rows of one cell in other words: equal after conversion they are one value, in any order."""

from itertools import permutations
from math import exp

import pytest

from effects.test_vocabulary import told

AGGREGATE = {"several": "aggregate", "correlation": 0.5}
RATIO = "a/b hazard-ratio 0.5 ci_low=0.3 ci_high=0.83"
LOG = "a/b log-hazard-ratio"
DIFFERENCE = "a/b mean-difference 2 ci_low=1 ci_high=3"
# Rows, and by how many effects the study counts.
SEVERAL = {
    "ratio and logarithm": ([RATIO, f"{LOG} -0.4 ci_low=-0.9 ci_high=0.1"], 2),
    "two logarithms": ([f"{LOG} -0.4 se=0.25", f"{LOG} -0.6 se=0.2"], 2),
    "ratio of surviving": (
        ["a/b hazard-ratio 2 ci_low=1.2 ci_high=3.33 event=survival", f"{LOG} -0.4 se=0.25"],
        2,
    ),
    "two of three are one": ([RATIO, f"{LOG} -0.693 se=0.26", f"{LOG} -0.4 se=0.25"], 2),
    "one by logarithm": ([RATIO, f"{LOG} -0.693 ci_low=-1.204 ci_high=-0.186"], 1),
    "one by SE of the logarithm": ([RATIO, f"{LOG} -0.693 se=0.26"], 1),
    "one turned": ([RATIO, "b/a hazard-ratio 2 ci_low=1.2 ci_high=3.33"], 1),
}
DIFFERENCES = {
    "interval and SE": ([DIFFERENCE, "a/b mean-difference 2.4 se=0.6"], 2),
    "p and SE": (["a/b mean-difference 2 p_value=0.02 n=50", "a/b mean-difference 2.4 se=0.6"], 2),
    "one by interval and by SE": ([DIFFERENCE, "a/b mean-difference 2 se=0.51"], 1),
    "one value with two errors": ([DIFFERENCE, "a/b mean-difference 2 se=0.9"], 2),
}


def in_any_order(tmp_path, rows, measure, outcome, **more):
    """What the rows give, which is the same in each order of them."""
    found = [told(tmp_path, some, measure, outcome, **more)[:2] for some in permutations(rows)]
    (first, why), *others = found
    for effects, unusable in others:
        assert list(effects[["yi", "vi"]].to_numpy().ravel()) == pytest.approx(
            list(first[["yi", "vi"]].to_numpy().ravel())
        )
        assert len(unusable) == len(why)
    return first, why


@pytest.mark.parametrize("name", [*SEVERAL, *DIFFERENCES])
def test_several_effects_are_made_into_one_in_any_order(tmp_path, name):
    rows, count = (SEVERAL | DIFFERENCES)[name]
    what = ("HR", "os") if name in SEVERAL else ("MD", "score")
    effects, _ = in_any_order(tmp_path, rows, *what, **AGGREGATE)
    assert (f"{count} effects made into one" in effects["assumed"][0]) == (count > 1)
    # Without `several` one value counts, two are to settle.
    alone, why = in_any_order(tmp_path, rows, *what)
    assert (len(alone), len(why)) == ((1, 0) if count == 1 else (0, 1))


def test_an_average_of_a_ratio_and_a_logarithm(tmp_path):
    rows = ["a/b hazard-ratio 0.5 ci_low=0.3 ci_high=0.8333333", f"{LOG} -0.4 se=0.2606"]
    effects, _ = in_any_order(tmp_path, rows, "HR", "os", **AGGREGATE)
    assert exp(effects["yi"][0]) == pytest.approx((0.5 * exp(-0.4)) ** 0.5, rel=1e-3)
    assert effects["vi"][0] == pytest.approx(0.75 * 0.2606**2, rel=2e-3)
