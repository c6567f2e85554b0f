"""Rows as dicts are what pandas makes of them, of every type that tables have."""

import numpy as np
import pandas as pd
import pytest

from livingmeta.as_dicts import as_dicts

TABLES = {
    "every type": pd.DataFrame(
        {
            "text": ["a", ""],
            "number": [0.5, np.nan],
            "count": pd.array([3, None], dtype="Int64"),
            "whole": pd.array([1, 2], dtype="int64"),
            "yes": pd.array([True, None], dtype="boolean"),
            "plain": [True, False],
            "mixed": [np.float64(1.5), None],
        }
    ),
    "no row": pd.DataFrame(columns=["a", "b"]),
    "one type": pd.DataFrame({"a": [1.0, 2.0]}, index=[7, 7]),
}


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_those_of_pandas(name):
    table = TABLES[name]
    ours, theirs = as_dicts(table), table.to_dict("records")
    assert repr(ours) == repr(theirs)
    kinds = [[type(cell) for cell in row.values()] for row in ours]
    assert kinds == [[type(cell) for cell in row.values()] for row in theirs]
