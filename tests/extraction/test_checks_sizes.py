"""Standard errors that so many patients cannot have."""

import pandas as pd
import pytest

from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check

BARE = {"study_id": "s", "outcome": "cure", "ci_level": 95.0, "p_value": ""}


def asked(*rows):
    table = pd.DataFrame([BARE | row | {"row": i} for i, row in enumerate(rows, 2)])
    problems = [p for _, p in each(check(table, pd.DataFrame([{"study_id": "s"}])))]
    return [p.rows for p in problems if p.check == "SE against n"]


def of(statistic, value, arm="a", **more):
    return {"statistic": statistic, "value": value, "arm": arm} | more


# As the numbers stand once percentages are shares: 0.05 typed beside -8% is 0.0005.
@pytest.mark.parametrize(
    ("right", "wrong", "rows"),
    [
        (0.05, 0.0005, [of("risk-difference", -0.08, "a/b", n=102.0)]),
        (0.05, 0.0005, [of("risk-difference", -0.08, "a/b"), of("events", 4.0, "a", n=50.0),
                        of("events", 8.0, "b", n=50.0)]),
        (0.05, 0.0005, [of("risk-difference", -0.08, "a/b")]),
        (0.065, 0.00065, [of("survival", 0.7, time=12.0)]),
        (0.003, 0.00003, [of("proportion", 0.2)]),
        (0.01, 0.0001, [of("survival", 0.7, time=12.0), of("at-risk", 1.0, n=2000.0)]),
        (0.024, 0.00024, [of("rate", 0.12, n=50.0)]),
    ],
)  # fmt: skip
def test_a_share_typed_beside_a_percentage_is_asked_about(right, wrong, rows):
    first, *others = rows
    assert asked(first | {"se": right}, *others) == []
    assert asked(first | {"se": wrong}, *others) == [(2,)]
    row = of("se", wrong, first["arm"], time=first.get("time"))
    assert asked(first, *others, row)[-1] == (2, len(rows) + 2)
