"""O-E and its variance against each other, against events, medians and the hazard ratio."""

from math import nan

import pandas as pd
import pytest

from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check

O_E, V, HR = "log-rank-o-minus-e", "log-rank-variance", "hazard-ratio"
DIED = (("a", "events", 30.0, {"n": 50.0}), ("b", "events", 40.0, {"n": 50.0}))
MORE = (("a", "events", 60.0, {"n": 100.0}), ("b", "events", 75.0, {"n": 100.0}))
OBSERVED, EXPECTED = "log-rank-observed", "log-rank-expected"
THIRD = (("c", OBSERVED, 50.0), ("c", EXPECTED, 50.0))
FEW = (("a", "events", 8.0, {"n": 50.0}), ("b", "events", 12.0, {"n": 50.0}))
MEDIANS = (("a", "median", 24.0, {"n": 100.0}), ("b", "median", 15.0, {"n": 100.0}))
CHECKS = (
    *("log-rank variance", "hazard ratio against log-rank", "observed against expected"),
    "p against log-rank",
)


def four(a, b, c, d):
    """Observed and expected events of two arms."""
    return (("a", OBSERVED, a), ("b", OBSERVED, b), ("a", EXPECTED, c), ("b", EXPECTED, d))


def found(*lines, design="RCT"):
    rows = [
        {"study_id": "s", "outcome": "os", "row": row, "arm": arm, "statistic": what, "value": x}
        | {"time": nan, "ci_level": 95.0, "p_value": ""}
        | more
        for row, (arm, what, x, more) in enumerate(((*line, {})[:4] for line in lines), 2)
    ]
    studies = pd.DataFrame([{"study_id": "s", "design": design}])
    problems = [p for _, p in each(check(pd.DataFrame(rows), studies, "months", ["os"]))]
    return {p.check for p in problems if p.check in (*CHECKS, "direction")}


def ratio(value, low, high):
    return ("a/b", HR, value, {"ci_low": low, "ci_high": high})


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((("a/b", O_E, -6.0), ("a/b", V, 17.0), *DIED), set()),
        ((("a/b", O_E, -6.0), ("a/b", V, 18.1), *DIED), {"log-rank variance"}),
        # The root of the variance; more than the 40 who died in the other arm.
        ((("a/b", O_E, -6.0), ("a/b", V, 4.1), *DIED), {"log-rank variance"}),
        ((("a/b", O_E, -6.0), ("a/b", V, 11.0), *DIED), set()),
        ((("a/b", O_E, -45.0), ("a/b", V, 17.0), *DIED), {"observed against expected"}),
        ((("b/a", O_E, 39.0), ("a/b", V, 17.0), *DIED), set()),
        ((("a", O_E, -6.0), ("b", O_E, 6.0), ("a/b", V, 17.0)), set()),
        ((("a", O_E, -6.0), ("b", O_E, 8.0), ("a/b", V, 17.0)), {"observed against expected"}),
        ((("a/b", O_E, -6.0), ("a", O_E, -9.0)), {"observed against expected"}),
        ((("a/b", O_E, -6.0), ("b/a", O_E, 6.0)), set()),
        ((("a/b", O_E, -10.0), ("a/b", V, 14.5), ratio(0.5, 0.3, 0.84)), set()),
        ((("a/b", O_E, -10.0), ("a/b", V, 3.8), ratio(0.5, 0.3, 0.84)), set(CHECKS[:2])),
        (
            (("a/b", O_E, 10.0), ("a/b", V, 14.5), ratio(0.5, 0.3, 0.84)),
            {"hazard ratio against log-rank", "direction"},
        ),
        ((("b/a", O_E, 10.0), ("a/b", V, 14.5), ratio(0.5, 0.3, 0.84)), set()),
        (
            (
                *(("a/b", O_E, 14.0), ("a/b", V, 17.0)),
                *(("a", "events", 20.0, {"n": 50.0}), ("b", "events", 48.0, {"n": 50.0})),
            ),
            {"direction"},
        ),
        (
            (
                *(("a/b", O_E, 14.0), ("a/b", V, 17.0)),
                *(("a", "median", 20.0, {"n": 50.0}), ("b", "median", 8.0, {"n": 50.0})),
            ),
            {"direction"},
        ),
    ],
)
def test_of_a_test_each_number_is_held_to_the_others(lines, told):
    assert found(*lines) == told


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((("a/b", O_E, -12.0), ("a/b", V, 33.0), *MORE), set()),
        ((("a/b", O_E, -12.0), ("a/b", V, 24.0), *MORE), set()),  # strata
        ((("a/b", O_E, -12.0), ("a/b", V, 5.8), *MORE), {"log-rank variance"}),
        ((("a/b", O_E, 33.0), ("a/b", V, 12.0), *MORE), {"log-rank variance", "direction"}),
        ((("a/b", O_E, -90.0), ("a/b", V, 33.0), *MORE), {"observed against expected"}),
        ((("b/a", O_E, 12.0), ("a/b", V, 33.0), *MORE), set()),
        ((("a/b", O_E, -2.0), ("a/b", V, 2.0), *FEW), set()),  # few, in perhaps many strata
        ((("a/b", O_E, -12.0, {"p_value": "0.6"}), ("a/b", V, 33.0)), {"p against log-rank"}),
        ((("a/b", O_E, -12.0, {"p_value": "0.04"}), ("a/b", V, 33.0)), set()),
        (
            (("a/b", O_E, -12.0), ("a/b", V, 33.0), ("a/b", "log-rank-p", 0.6)),
            {"p against log-rank"},
        ),
        ((*four(60.0, 75.0, 72.0, 63.0), *MEDIANS), set()),
        ((*four(72.0, 63.0, 60.0, 75.0), *MEDIANS), {"direction"}),
        (four(72.3, 62.7, 60.0, 75.0), {"observed against expected"}),
        (four(60.0, 75.0, 72.3, 62.7), set()),
        (
            (*four(72.0, 63.0, 60.0, 75.0), *THIRD, ratio(0.6, 0.4, 0.9)),
            {"hazard ratio against log-rank"},
        ),
    ],
)
def test_o_minus_e_and_observed_are_possible(lines, told):
    assert found(*lines) == told
