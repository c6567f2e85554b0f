"""Reading what is printed: p values, contrasts the other way round, time points."""

from math import nan

import pytest

from livingmeta.errors import InputError
from livingmeta.extraction.p_values import PValueError, parse_p
from livingmeta.extraction.printed import read_study
from livingmeta.extraction.rows import same_time
from livingmeta.extraction.settled import must_be_known


@pytest.mark.parametrize(
    ("text", "note", "value", "relation", "one_sided"),
    [
        ("0.03", "", 0.03, "=", False),
        (".03", "", 0.03, "=", False),
        ("<0,001", "", 0.001, "<", False),
        ("p = 0.03", "", 0.03, "=", False),
        ("<0.001", "", 0.001, "<", False),
        ("≤0.05", "", 0.05, "<", False),
        (">0.2", "", 0.2, ">", False),
        ("NS", "", 0.05, ">", False),
        ("n.s.", "", 0.05, ">", False),
        ("0.000", "", 0.0005, "<", False),
        ("1e-5", "", 1e-5, "=", False),
        ("0·03", "", 0.03, "=", False),
        ("<0·0001", "", 0.0001, "<", False),
        ("0.03*", "", 0.03, "=", False),
        ("0.04 (0.05 corrected)", "", 0.04, "=", False),
        ("0.02 (one-sided)", "", 0.02, "=", True),
        ("0.02", "the p is one-tailed", 0.02, "=", True),
        (0.04, "", 0.04, "=", False),
    ],
)
def test_p_values(text, note, value, relation, one_sided):
    p = parse_p(text, note)
    assert (p.value, p.relation, p.one_sided) == (pytest.approx(value), relation, one_sided)


def test_no_p_and_no_p_value():
    assert parse_p("") is None
    assert parse_p(nan) is None
    assert parse_p("0.02", "one-sided").two_sided == pytest.approx(0.04)
    for wrong in ("significant", "1.7", "-0.1", "0.01-0.05", "0.3×10-5", "0.3 x 10-5", "·03"):
        with pytest.raises(PValueError, match="p value"):
            parse_p(wrong)


def row(**values):
    return {"row": 2, "outcome": "os", "arm": "a/b", "statistic": "hazard-ratio"} | values


def test_a_ratio_printed_the_other_way_round_is_turned_with_its_limits():
    printed = read_study([row(arm="b/a", value=2.0, ci_low=1.25, ci_high=4.0)], "os")
    (turned,) = printed.contrasts("hazard-ratio", "a", "b")
    assert (turned.value, turned.ci_low, turned.ci_high) == (0.5, 0.25, 0.8)
    assert "turned round" in turned.words()


def test_a_difference_is_turned_by_its_sign():
    printed = read_study(
        [row(arm="b/a", statistic="mean-difference", value=-3.0, ci_low=-5.0, ci_high=-1.0)], "os"
    )
    (turned,) = printed.contrasts("mean-difference", "a", "b")
    assert (turned.value, turned.ci_low, turned.ci_high) == (3.0, 1.0, 5.0)


def test_the_row_without_a_time_is_the_total_and_else_the_latest():
    def deaths(number, time, value):
        return row(row=number, arm="a", statistic="events", time=time, value=value)

    both = read_study([deaths(2, 12, 5), deaths(3, nan, 9)], "os")
    assert both.one("events", "a")[0].value == 9
    timed = read_study([deaths(2, 24, 7), deaths(3, 12, 5)], "os")
    assert timed.one("events", "a")[0].value == 7


def test_two_numbers_for_one_thing_are_both_unused():
    rows = [
        row(row=n, arm="a", statistic="survival", time=12, value=v) for n, v in ((2, 0.4), (5, 0.5))
    ]
    printed = read_study(rows, "os")
    assert printed.one("survival", "a", 12) == (None, "")
    assert "0.4 (row 2) or 0.5 (row 5)" in printed.clashes[0].words
    # What tells them apart makes two cells of them, of which one is passed over.
    rows[1]["part"] = "stage III"
    chosen, passed = read_study(rows, "os").one("survival", "a", 12)
    assert chosen.row == 2
    assert "0.5 (row 5)" in passed


def test_the_same_time_in_other_units():
    assert same_time(52 / 4.348, 12)
    assert not same_time(24 / 4.348, 6)


def test_24_and_25_months_are_two_times():
    assert not same_time(24, 25)
    assert same_time(24, 24.4)


@pytest.mark.parametrize("first", ["bare", "with limits"])
def test_of_two_rows_for_one_thing_the_one_with_limits_is_taken(first):
    bare = {"value": 0.5}
    whole = {"value": 0.5, "ci_low": 0.4, "ci_high": 0.6}
    order = [bare, whole] if first == "bare" else [whole, bare]
    rows = [
        row(row=n, arm="a", statistic="survival", time=12, **values)
        for n, values in enumerate(order, 2)
    ]
    assert read_study(rows, "os").one("survival", "a", 12)[0].has_ci


def test_a_row_of_consensus_counts_alone_in_its_cell():
    kim = row(arm="a", statistic="events", value=8.0, n=40, time=12.0, extractor="kim")
    rows = [
        kim,
        kim | {"row": 3, "value": 18.0, "extractor": "ann"},
        kim | {"row": 4, "value": 12.0, "extractor": "Consensus"},
        kim | {"row": 5, "time": 24.0},
    ]
    printed = read_study(rows, "os")
    assert [r.row for r in printed.find("events", "a")] == [5, 4]  # the latest first
    unsettled = read_study(rows[:2], "os")
    assert not unsettled.rows
    assert [c.kind for c in unsettled.clashes] == ["conflict-of-extractors"]


def test_a_consensus_on_a_contrast_counts_whichever_way_round_the_others_read_it():
    kim = row(arm="b/a", statistic="hazard-ratio", value=4.0, n=40, extractor="kim")
    agreed = kim | {"row": 3, "arm": "a/b", "value": 0.3, "extractor": "consensus"}
    assert [r.row for r in read_study([kim, agreed], "os").rows] == [3]


def test_rows_that_two_extractors_read_alike_count_once():
    kim = row(value=0.5, n=80, p_value="0.01", extractor="kim", note="page 3")
    rows = [kim, kim | {"row": 3, "extractor": "ann", "note": ""}, kim | {"row": 4, "part": "few"}]
    assert [r.row for r in read_study(rows, "os").rows] == [2, 4]


def test_a_row_says_of_which_patients_and_what_it_counts():
    said = {"part": "stage III", "event": "death", "measured": "change", "direction": "reversed"}
    (of_a_part,) = read_study([row(value=0.5, **said)], "os").rows
    assert {name: getattr(of_a_part, name) for name in said} == said
    (whole,) = read_study([row(value=0.5, part=nan)], "os").rows
    assert (whole.part, whole.event, whole.measured, whole.direction) == ("", "", "", "")


def test_the_reading_that_counts_until_it_is_settled_is_somebodys():
    must_be_known("leave-out", [])
    must_be_known("kim", ["Kim", ""])
    with pytest.raises(InputError, match=r"until_settled is 'ann'.* it must be leave-out or Kim"):
        must_be_known("ann", ["Kim", ""])
