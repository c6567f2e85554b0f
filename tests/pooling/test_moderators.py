"""How a column of studies.csv is read as a moderator."""

import pandas as pd
import pytest

from livingmeta.pooling.engines.inputs import ModeratorError
from livingmeta.pooling.moderators import design


def terms(*values):
    return design("dose", pd.Series(values)).terms


@pytest.mark.parametrize(
    "values",
    [
        ("54,3", "60,1", "45", "62.2"),
        ("45%", "50 %", "60%", "43.5%"),
        ("10 mg", "20 mg", "40mg", "10 mg"),
    ],
)
def test_decimal_commas_and_one_unit_are_numbers(values):
    of = design("dose", pd.Series(values))
    assert of.terms == ["dose"]
    plain = [float(v.replace(",", ".").rstrip(" %mg")) for v in values]
    assert (of.x[:, 0] - of.x[0, 0]).tolist() == pytest.approx([v - plain[0] for v in plain])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (("10 mg", "20 mg", "10", "40 mg"), "some values have the unit mg and others none"),
        (("1,234", "2,500", "900", "1,100"), "may part thousands or decimals"),
        (("54.3", "60.1", "45", "62.2", "55-60"), "these are no numbers: 55-60"),
        (("54,3", "60,1", "45,0", "62,2", "young"), "these are no numbers: .*young"),
    ],
)
def test_what_may_be_two_numbers_is_refused(values, said):
    with pytest.raises(ModeratorError, match=said):
        terms(*values)


@pytest.mark.parametrize(
    "values",
    [("1st line", "2nd line", "2nd line"), ("lung", "skin", "lung"), ("10 mg", "1 g", "1 g")],
)
def test_names_stay_names(values):
    assert len(terms(*values)) == len(set(values)) - 1
