"""Rows of outcomes.csv side by side and back, and the numbers of places: nothing lost."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta import tables
from livingmeta.extraction import places
from livingmeta.extraction.workbook import form, layout
from livingmeta.extraction.workbook.layout import OF_NUMBER, Field
from livingmeta.words import settling

COLUMNS = tables.columns("data/outcomes")
STATISTICS = tables.schema("data/outcomes")["columns"]["statistic"]["allowed"]


def row(**cells):
    return {**dict.fromkeys(COLUMNS, ""), **cells}


def counted(rows):
    return Counter(tuple(sorted(one.items())) for one in rows)


def back(wide):
    return [long for one in wide for long, _ in form.lengthen(one)]


NUMBER = st.sampled_from(["", "1", "2", "66.6", "-0.5"])
ROWS = st.builds(
    row,
    study_id=st.sampled_from(["a", "b"]),
    outcome=st.sampled_from(["death", "pain"]),
    arm=st.sampled_from(["drug", "none", "drug/none", "none/drug"]),
    time=st.sampled_from(["", "12"]),
    statistic=st.sampled_from(STATISTICS),
    unit=st.sampled_from(["", "%", "months", "per 100 person-years"]),
    source=st.sampled_from(["p. 3", "p. 4"]),
    adjusted=st.sampled_from(["", "no", "multivariable", "matched"]),
    clusters=st.sampled_from(["", "adjusted"]),
    extractor=st.sampled_from(["", "ann"]),
    n=st.sampled_from(["", "36", "40"]),
    **dict.fromkeys(OF_NUMBER, NUMBER),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, max_size=12), st.sampled_from(list(layout.FORMS)))
def test_side_by_side_and_back_is_the_same(rows, sheet):
    fitting = [one for one in rows if form.fits(one, sheet)]
    wide = form.widen(fitting)
    assert counted(back(wide)) == counted(fitting)
    # And once more, through the headings by which a sheet is read.
    for one in wide:
        one.cells = {layout.field(layout.head(f)): cell for f, cell in one.cells.items()}
    assert counted(back(wide)) == counted(fitting)


@pytest.mark.parametrize(
    ("unit", "cells", "units"),
    [
        ("%", {"survival": "70", "median": "14"}, {"survival": "%", "median": ""}),
        ("years", {"survival": "0.7", "median": "1.2"}, {"survival": "", "median": "years"}),
        ("%", {"median": "14"}, {"median": "%"}),  # which is refused
        ("%", {"mean": "7.1", "median": "7.0"}, {"mean": "%", "median": "%"}),  # of HbA1c
        ("months", {"survival": "70"}, {"survival": "months"}),  # which is refused
        (
            "years",
            {"events": "22", "person-time": "90", "rate": "0.24"},
            {"events": "", "person-time": "years", "rate": "per year"},
        ),
        (
            "per 100 person-years",
            {"events": "22", "person-time": "90", "rate": "24.4"},
            {"events": "", "person-time": "years", "rate": "per 100 person-years"},
        ),
        ("years", {"person-time": "90", "rate": "24.4"}, {"person-time": "years", "rate": "years"}),
    ],
)
def test_a_unit_said_once_is_of_the_numbers_that_can_have_it(unit, cells, units):
    once = {c: "" for c in COLUMNS if c not in layout.OF_ARM} | {"unit": unit}
    wide = form.Wide(once, {Field("drug", name, "value"): cell for name, cell in cells.items()})
    assert {long["statistic"]: long["unit"] for long, _ in form.lengthen(wide)} == units


@pytest.mark.parametrize("statistic", STATISTICS)
def test_every_statistic_has_a_heading_that_leads_back_to_it(statistic):
    column = "p_value" if statistic == "log-rank-p" else "value"
    one = Field("drug", statistic, column)
    # An SD or SE that is a row of its own is told on the sheet Other: `sd` is that of the mean.
    expected = Field("drug", *layout.SHORT.get(statistic, (statistic, column)))
    assert layout.field(layout.head(one)) == expected


def test_arms_of_one_row_stand_side_by_side():
    said = {"study_id": "a", "outcome": "death", "source": "p. 3"}
    rows = [
        row(arm="drug", statistic="events", value="4", n="40", **said),
        row(arm="none", statistic="events", value="9", n="41", **said),
        row(arm="drug/none", statistic="odds-ratio", value="0.4", **said),
    ]
    [wide] = form.widen(rows)
    heads = {layout.head(one): cell for one, cell in wide.cells.items() if cell}
    assert heads == {
        "drug: events": "4",
        "drug: n": "40",
        "none: events": "9",
        "none: n": "41",
        "drug/none: odds-ratio": "0.4",
    }


@pytest.mark.parametrize(
    ("once", "of_arms"),
    [
        ({"adjusted": "multivariable"}, {"adjusted": ""}),
        ({"adjusted": "weighted", "clusters": "adjusted"}, {"adjusted": "", "clusters": ""}),
        ({"adjusted": "matched"}, {"adjusted": "matched"}),
    ],
)
def test_what_a_model_adjusts_is_the_comparison_and_not_the_counts_beside_it(once, of_arms):
    cells = {
        ("drug", "events"): "10",
        ("none", "events"): "14",
        ("drug/none", "odds-ratio"): "0.85",
    }
    wide = form.Wide(row(study_id="a", **once))
    wide.cells = {Field(arm, what, "value"): cell for (arm, what), cell in cells.items()}
    said = {long["statistic"]: {key: long[key] for key in once} for long in back([wide])}
    assert said["odds-ratio"] == once
    assert said["events"] == of_arms
    alone = form.Wide(wide.once, {Field("drug", "mean", "value"): "20"})
    assert {key: back([alone])[0][key] for key in once} == once  # a mean by the model


def test_a_unit_stays_with_the_numbers_that_have_one():
    said = {"study_id": "a", "outcome": "os", "source": "p. 3"}
    rows = [
        row(arm="drug", statistic="survival", value="70", unit="%", **said),
        row(arm="drug/none", statistic="hazard-ratio", value="0.5", **said),
        row(arm="drug", statistic="median", value="20", unit="months", **said),
    ]
    wide = form.widen(rows)
    assert len(wide) == 2
    assert counted(back(wide)) == counted(rows)


def test_what_would_not_come_back_does_not_fit():
    said = {"study_id": "a", "outcome": "pain", "source": "p. 3", "arm": "drug"}
    assert not form.fits(row(statistic="sd", value="4", **said), "Continuous")
    assert not form.fits(row(statistic="mean", n="40", **said), "Continuous")
    assert not form.fits(row(statistic="events", value="4", unit="patients", **said), "Binary")
    assert form.fits(row(statistic="mean", value="4", sd="1", **said), "Continuous")


def test_the_columns_of_every_sheet_are_known():
    for sheet in layout.FORMS:
        for one in layout.fields(sheet, ["drug"], ["drug/none"]):
            assert layout.field(layout.head(one)) == one


def test_faults_name_rows_of_the_table_and_cells_of_the_workbook():
    table = {"row": 5, "in_file": "", "in_row": ""}
    book = {"row": 9, "in_file": settling.WORKBOOK, "in_row": "Binary!D7"}
    told = ("value", "'x'", "it must be a number")
    faults = [places.faulty(row, *told) for row in (book, table, {**book, "in_row": "Binary!D9"})]
    assert places.sentences(faults) == [
        "data/raw/extraction/extraction.xlsx, cells Binary!D7, Binary!D9, column value: 'x'; it "
        "must be a number.",
        "data/raw/extraction/outcomes.csv, row 5, column value: 'x'; it must be a number.",
    ]


@pytest.mark.parametrize(
    ("in_file", "in_row", "shown", "named"),
    [
        ("", "", "7", "data/raw/extraction/outcomes.csv, row 7"),
        ("a/outcomes-kim.csv", "4", "4 of outcomes-kim.csv", "a/outcomes-kim.csv, row 4"),
        (settling.WORKBOOK, "Binary!D5", "Binary!D5", f"{settling.WORKBOOK}, cell Binary!D5"),
        ("a/extraction-kim.xlsx", "Binary!D5", "Binary!D5 of extraction-kim.xlsx",
         "a/extraction-kim.xlsx, cell Binary!D5"),
    ],
)  # fmt: skip
def test_a_place_is_said_as_a_person_finds_it(in_file, in_row, shown, named):
    row = {"row": 7, "in_file": in_file, "in_row": in_row}
    assert f"{places.of(row)}" == str(places.of(row)) == shown
    assert places.named(row) == named
    assert (places.of(row), places.of(row).inside) == (7, in_row)
