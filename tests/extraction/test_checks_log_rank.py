"""O-E and its variance against each other, against events, medians and the hazard ratio."""

from math import nan

import pandas as pd
import pytest

from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check

O_E, V, HR = "log-rank-o-minus-e", "log-rank-variance", "hazard-ratio"
DIED = (("a", "events", 30.0, {"n": 50.0}), ("b", "events", 40.0, {"n": 50.0}))
CHECKS = ("log-rank variance", "hazard ratio against log-rank", "observed against expected")


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
        ((("a/b", O_E, -6.0), ("a/b", V, 9.0), *DIED), set()),
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
