"""What stands beside an arm in the forest plot, from the rows that an effect used."""

import math

import pytest

from livingmeta.figures.forest_columns import arm_data


@pytest.mark.parametrize(
    ("used", "text", "row"),
    [
        (
            [("control", "survival", 3, 0.312, 22), ("local", "survival", 2, 0.666, 36)],
            "66.6% of 36",
            2,
        ),
        ([("local", "survival", 7, 0.4, 100)], "40% of 100", 7),
        ([("local", "proportion", 7, 0.4, math.nan)], "40%", 7),
        ([("local", "events", 2, 505.0, 88391.0)], "505/88,391", 2),
        ([("local", "events", 2, 1201345.0, 2500010.0)], "1,201,345/2,500,010", 2),
        ([("local", "events", 2, 4.0, math.nan)], "4", 2),
        ([("local", "size", 3, 36.0, 36.0), ("local", "median", 32, 9.4, 36.0)], "median 9.4", 32),
        ([("local/control", "hazard-ratio", 114, 0.58, 60.0)], "", None),
        ([("local-part", "survival", 3, 0.5, 9.0)], "", None),
        ([("local", "curve", None, 0.57, 40.0)], "", None),
        ([], "", None),
    ],
)
def test_what_was_printed_on_an_arm(used, text, row):
    columns = ("arm", "role", "row", "value", "n")
    rows = [dict(zip(columns, values, strict=True)) for values in used]
    assert arm_data(rows, "local") == (text, f"printed/{row}" if row else "")
