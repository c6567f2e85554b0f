"""Cells of outcomes.csv: what rows of one cell say, and where two of them contradict."""

import pytest

from livingmeta.extraction.printed import read_study
from livingmeta.extraction.settled import clashes


def row(number=2, **values):
    blank = {"study_id": "ahn", "outcome": "os", "arm": "a", "statistic": "mean", "time": 12.0}
    return blank | {"row": number} | values


@pytest.mark.parametrize("column", ["sd", "se"])
@pytest.mark.parametrize("second", ["ann", "kim"])
def test_an_sd_or_se_beside_a_value_is_part_of_what_a_row_says(column, second):
    kim = row(value=10.0, n=40, extractor="kim", **{column: 3.0})
    other = kim | {"row": 3, "extractor": second, column: 30.0}
    printed = read_study([kim, other], "os")
    assert not printed.rows
    (clash,) = printed.clashes
    assert clash.kind == ("printed-twice" if second == "kim" else "conflict-of-extractors")
    assert f"10 {column.upper()} 3 (row 2, kim) or 10 {column.upper()} 30" in clash.words
    # What one leaves out contradicts nothing, and the place in the file decides nothing.
    for rows in ([kim, other | {column: None}], [other | {column: None}, kim]):
        assert not clashes(rows)
        assert getattr(read_study(rows, "os").rows[0], column) == 3


@pytest.mark.parametrize("column", ["sd", "se"])
def test_an_sd_in_a_column_is_held_to_one_in_a_row(column):
    kim = row(value=10.0, n=40, extractor="kim", **{column: 3.1})
    alone = row(3, statistic=column, value=31.0, extractor="ann")
    (clash,) = clashes([alone, kim])
    assert clash.kind == "conflict-of-extractors"
    assert not read_study([kim, alone], "os").rows
    (within,) = clashes([kim, alone | {"extractor": "kim"}])
    assert within.kind == "printed-twice"
    for other in ({"value": 3.1}, {"value": 3.12}, {"arm": "b"}, {"time": 24.0}, {"part": "few"}):
        assert not clashes([kim, alone | other])
    assert [r.value for r in read_study([kim, alone], "os", until="kim").rows] == [10]


def test_an_agreed_sd_overrules_that_of_a_column_and_of_a_row():
    kim = row(value=10.0, n=40, sd=3.1, extractor="kim")
    alone = row(3, statistic="sd", value=31.0, extractor="ann")
    rows = read_study([kim, alone | {"extractor": "consensus"}], "os").rows
    assert {r.statistic: r.value for r in rows} == {"mean": 10, "sd": 31}
    assert not any(r.sd == 3.1 for r in rows)
    (mean,) = read_study([kim | {"extractor": "consensus"}, alone], "os").rows
    assert mean.sd == 3.1
