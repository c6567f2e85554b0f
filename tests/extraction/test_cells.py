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


def ratio(value, statistic="odds-ratio", **more):
    return row(arm="a/b", statistic=statistic, value=value, **more)


def share(value, statistic="survival", **more):
    return row(statistic=statistic, value=value, n=50, **more)


# Pairs of rows that say one thing in two ways: first alike, then not.
IN_OTHER_WORDS = {
    "mortality": (share(0.282, "mortality"), share(0.718), share(0.6)),
    "mortality, rounded": (share(0.28, "mortality"), share(0.718), share(0.7)),
    "limits of mortality": (
        share(0.28, "mortality", ci_low=0.155, ci_high=0.409),
        share(0.718, ci_low=0.591, ci_high=0.845),
        share(0.718, ci_low=0.691, ci_high=0.845),
    ),
    "odds of death": (
        ratio(0.33, event="death"),
        ratio(3.03, event="survival"),
        ratio(3.3, event="survival"),
    ),
    "difference": (
        ratio(-0.1, "risk-difference", event="death"),
        ratio(0.1, "risk-difference", event="survival"),
        ratio(-0.1, "risk-difference", event="survival"),
    ),
    "difference, turned": (
        ratio(-0.1, "risk-difference", event="death"),
        ratio(-0.1, "risk-difference", event="survival") | {"arm": "b/a"},
        ratio(0.1, "risk-difference", event="survival") | {"arm": "b/a"},
    ),
    "a logarithm": (
        ratio(0.7, "hazard-ratio"),
        ratio(-0.357, "log-hazard-ratio"),
        ratio(-0.9, "log-hazard-ratio"),
    ),
    "two logarithms": (
        ratio(-0.36, "log-hazard-ratio"),
        ratio(-0.357, "log-hazard-ratio"),
        ratio(-0.35, "log-hazard-ratio"),
    ),
    "a logarithm, turned": (
        ratio(0.7, "hazard-ratio"),
        ratio(0.357, "log-hazard-ratio") | {"arm": "b/a"},
        ratio(-0.357, "log-hazard-ratio") | {"arm": "b/a"},
    ),
    "hazard of surviving": (
        ratio(0.7, "hazard-ratio"),
        ratio(1.43, "hazard-ratio", event="survival"),
        ratio(0.7, "hazard-ratio", event="survival"),
    ),
    "the logarithm of odds of death": (
        ratio(-1.11, "log-odds-ratio", event="death"),
        ratio(3.03, event="survival"),
        ratio(0.33, event="survival"),
    ),
}


@pytest.mark.parametrize("what", IN_OTHER_WORDS)
@pytest.mark.parametrize("second", ["ann", "kim"])
def test_what_is_said_in_other_words_is_one_cell(what, second):
    one, same, other = (r | {"extractor": "kim"} for r in IN_OTHER_WORDS[what])
    same, other = ({**r, "row": 3, "extractor": second} for r in (same, other))
    assert not clashes([one, same])
    for rows in ([one, other], [other, one]):
        (clash,) = clashes(rows)
        assert clash.kind == ("printed-twice" if second == "kim" else "conflict-of-extractors")
        assert not read_study(rows, "os").rows


def test_what_cannot_be_turned_is_no_one_cell():
    for first, second in (
        (ratio(0.5, "risk-ratio", event="death"), ratio(3.0, "risk-ratio", event="survival")),
        (ratio(0.5, event="death"), ratio(3.0)),
        (ratio(0.5), ratio(3.0, "hazard-ratio")),
    ):
        assert not clashes([first, second | {"row": 3}])


def test_what_is_to_be_settled_is_named_as_each_row_says_it():
    one = ratio(0.5, event="death")
    (clash,) = clashes([one, ratio(3.0, event="survival") | {"row": 3}])
    assert "odds ratio (death) 0.5 (row 2) or odds ratio (survival) 3 (row 3)" in clash.words


def test_a_test_statistic_without_a_value_contradicts_nothing():
    one = row(statistic="log-rank-chi2", arm="a/b", value=float("nan"))
    assert not clashes([one, one | {"row": 3, "value": 4.0}])
