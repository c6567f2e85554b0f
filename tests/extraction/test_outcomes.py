"""Printed numbers: converted once, to the bit, and refused where they cannot be true."""

import math
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

import asking
from livingmeta import tables
from livingmeta.extraction import outcomes
from livingmeta.extraction.checks import arms
from livingmeta.extraction.rows import read_row

OUTCOMES = asking.outcomes(
    {
        "survival": {"label": "Survival", "kind": "survival"},
        "relapse": {"label": "Relapse", "kind": "binary"},
        "pain": {"label": "Pain", "kind": "continuous"},
        "sugar": {"label": "Sugar", "kind": "continuous", "unit": "%"},
        "mood": {"label": "Mood", "kind": "continuous", "unit": "points"},
        "stay": {"label": "Stay", "kind": "time"},
        "falls": {"label": "Falls", "kind": "count"},
    }
)
ARMS = ("local", "control")


def tidied(cells: dict, time_unit="months"):
    """One row of outcomes.csv through the stage, from the cells that matter."""
    return tidied_rows([cells], time_unit)


def tidied_rows(every, time_unit="months"):
    contract = tables.schema("data/outcomes")["columns"]
    row = dict.fromkeys(contract, "")
    row.update(study_id="s", outcome="survival", arm="local", statistic="survival", source="p. 1")
    rows = [row | {k: str(v) for k, v in cells.items()} for cells in every]
    table = tables.typed(pd.DataFrame(rows, dtype=object), {"columns": contract})
    table["row"] = range(2, len(rows) + 2)
    return outcomes.tidy(table, ["s"], OUTCOMES, ARMS, time_unit)


CONVERTED = [
    ({"value": 66.6, "unit": "%"}, "value", 0.666),
    ({"value": 0.666, "unit": "proportion"}, "value", 0.666),
    ({"value": 59.9, "unit": "%", "ci_low": 48.1, "ci_high": 70}, "ci_low", 0.481),
    ({"statistic": "median", "value": 9.4, "unit": "months"}, "value", 9.4),
    ({"statistic": "median", "value": 2, "unit": "years"}, "value", 24.0),
    ({"statistic": "median", "value": 52, "unit": "weeks"}, "value", 52 * 7 / 30.4375),
    ({"statistic": "median", "value": 1461, "unit": "days"}, "value", 48.0),
    ({"value": 26, "unit": "%", "time": 24, "time_unit": "weeks"}, "time", 24 * 7 / 30.4375),
    ({"value": 26, "unit": "%", "time": 2, "time_unit": "years"}, "time", 24.0),
    ({"outcome": "pain", "statistic": "mean", "value": 4.2}, "value", 4.2),
    ({"outcome": "sugar", "statistic": "mean", "value": 8.1, "unit": "%"}, "value", 8.1),
    ({"outcome": "sugar", "statistic": "se", "value": 0.4, "unit": "%"}, "value", 0.4),
    ({"outcome": "relapse", "statistic": "se", "value": 4, "unit": "%"}, "value", 0.04),
    ({"statistic": "risk-difference", "value": -12, "unit": "%"}, "value", -0.12),
    ({"outcome": "falls", "statistic": "events", "value": 152, "n": 117}, "value", 152.0),
    (
        {"outcome": "stay", "statistic": "mean-difference", "value": 2, "unit": "years"},
        "value",
        24.0,
    ),
    (
        {"outcome": "relapse", "statistic": "person-time", "value": 9, "unit": "years"},
        "value",
        108.0,
    ),
]


@pytest.mark.parametrize(("cells", "column", "expected"), CONVERTED)
def test_units_become_the_pipelines(cells, column, expected):
    found = tidied(cells)[column].item()
    assert found == pytest.approx(expected, rel=1e-15)


def test_a_percentage_becomes_the_nearest_float():
    printed = [{"value": f"{tenths / 10:.1f}", "unit": "%"} for tenths in range(1001)]
    assert tidied_rows(printed)["value"].tolist() == [tenths / 1000 for tenths in range(1001)]


def test_a_unit_forgotten_beside_another_is_refused():
    base = {"study_id": "s", "outcome": "stay", "arm": "local", "statistic": "mean", "value": 9.0}
    cells = {"n": 20, "ci_low": math.nan, "ci_high": math.nan, "time": math.nan, "note": ""}
    one = base | cells | {"unit": "days", "row": 2}
    other = base | cells | {"statistic": "sd", "value": 2.0, "unit": "", "row": 3}

    def tidy(*rows, time_unit="months"):
        table = pd.DataFrame(rows)
        return outcomes.tidy(table, ["s"], OUTCOMES, ARMS, time_unit)

    with pytest.raises(tables.TableError, match="row 3, column unit: ''; it would count as months"):
        tidy(one, other)
    assert len(tidy(one, other, time_unit="days")) == 2
    assert len(tidy(one | {"unit": "months"}, other)) == 2
    assert len(tidy(one | {"unit": "days"}, other | {"unit": "days"})) == 2


RATE = {"outcome": "relapse", "statistic": "rate", "value": 10}


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ({"unit": "per 100 person-years"}, {}, True),
        ({"unit": "per 100 person-months"}, {}, True),  # of so many, and the other of one
        ({"unit": "per month"}, {}, False),  # the protocol's unit
        ({}, {}, False),
        ({"unit": "per year"}, {"unit": "per 1,000 patient-years"}, False),
        ({"unit": "%"}, {"unit": "Per 100 PY"}, True),
        ({"statistic": "person-time", "unit": "years"}, {}, True),
        ({"statistic": "person-time", "unit": "years"}, {"unit": "per 100 p-yrs"}, False),
    ],
)
def test_a_rate_without_a_unit_beside_another_is_refused(first, second, refused):
    rows = [{**RATE, **first}, {**RATE, "arm": "control", **second}]
    for order in (rows, rows[::-1]):
        if refused:
            with pytest.raises(tables.TableError, match="write the unit of both"):
                tidied_rows(order)
        else:
            assert len(tidied_rows(order)) == 2


@pytest.mark.parametrize(
    ("unit", "of_months"),
    [
        *(("Per 100 person-years", 1200), ("/100 PY", 1200), ("per p-yr", 12)),
        *(("per Patient-Month", 1), ("per 10 000 person-years", 120_000)),
        *(("per 10\u202f000 PY", 120_000), ("per patient per year", 12), ("per person/year", 12)),
        *(("events/100 patient-years", 1200), ("episodes per 1,000 woman-years", 12_000)),
        *(("per 100 women-years at risk", 1200), ("100 child-years", 1200)),
    ],
)
def test_units_of_rates_as_people_write_them(unit, of_months):
    made = tidied_rows([{**RATE, "value": 12, "unit": unit}])
    assert made["value"].iloc[0] == pytest.approx(12 / of_months, rel=1e-12)


@pytest.mark.parametrize(
    "unit",
    [
        *("per 0 person-years", "per 1,5 person-years", "per 1.5 person-years", "per 1.000 PY"),
        *("per 100", "100 years", "points per year", "%", "proportion"),
    ],
)
def test_what_is_no_unit_of_a_rate_is_refused(unit):
    with pytest.raises(tables.TableError, match="a rate of this outcome has one of the units"):
        tidied_rows([{**RATE, "unit": unit}])


@pytest.mark.parametrize(
    ("cells", "unit", "value"),
    [
        ({"outcome": "mood", "statistic": "mean"}, "Points", 3),
        ({"outcome": "mood", "statistic": "mean"}, "POINTS", 3),
        ({"statistic": "median"}, "Years", 36),
        ({"outcome": "relapse", "statistic": "events", "n": 20}, "Patients", 3),
    ],
)
def test_a_unit_counts_whatever_its_case(cells, unit, value):
    assert tidied_rows([{**cells, "value": 3, "unit": unit}])["value"].tolist() == [value]


def test_an_se_of_a_difference_of_risks_above_one_is_refused():
    difference = {"outcome": "relapse", "arm": "local/control", "statistic": "risk-difference"}
    difference |= {"value": -12, "unit": "%"}
    se = {**difference, "statistic": "se", "value": 4}
    for unit in ("", "proportion"):
        with pytest.raises(tables.TableError, match="difference of risks is below 1, or 100%"):
            tidied_rows([difference, {**se, "unit": unit}])
    assert tidied_rows([difference, se])["value"].tolist() == [-0.12, 0.04]
    with pytest.raises(tables.TableError, match="column se"):
        tidied_rows([{**difference, "value": -0.12, "unit": "", "se": 4}])


SHARES = [
    {"outcome": "survival", "statistic": "survival", "value": 70, "unit": "%", "time": 12.0},
    {"outcome": "survival", "statistic": "mortality", "value": 30, "unit": "%", "time": 12.0},
    {"outcome": "relapse", "statistic": "proportion", "value": 30, "unit": "%"},
]


@pytest.mark.parametrize("share", SHARES, ids=lambda share: share["statistic"])
@pytest.mark.parametrize("value", [6.5, 0.065])
def test_an_se_beside_a_percentage_says_its_unit(share, value):
    se = {**share, "statistic": "se", "value": value}
    for rows in ([share, {**se, "unit": ""}], [{**se, "unit": "", "time": ""}, share]):
        with pytest.raises(tables.TableError, match="is in %: write the unit of the SE too"):
            tidied_rows(rows)
    for unit, is_ in (("%", value / 100), ("proportion", value)):
        read = tidied_rows([share, {**se, "unit": unit}])["value"]
        assert read.iloc[1] == pytest.approx(is_, rel=1e-12)
    # A share beside a share, the SE of another arm, and one that may be of another number.
    assert len(tidied_rows([{**share, "value": 0.7, "unit": ""}, {**se, "unit": ""}])) == 2
    assert len(tidied_rows([share, {**se, "unit": "", "arm": "control"}])) == 2
    median = {**share, "statistic": "median", "value": 9, "unit": "", "time": ""}
    assert len(tidied_rows([share, median, {**se, "unit": ""}])) == 3


def test_the_se_of_a_ratio_is_no_length_of_time():
    cells = {"study_id": "s", "outcome": "survival", "n": 20, "note": "", "time": math.nan}
    cells |= {"ci_low": math.nan, "ci_high": math.nan}
    median = cells | {
        "arm": "local",
        "statistic": "median",
        "value": 2.0,
        "unit": "years",
        "row": 2,
    }
    se = cells | {"arm": "local/control", "statistic": "se", "value": 0.2, "unit": "", "row": 3}

    def tidy(*rows):
        table = pd.DataFrame(rows)
        return outcomes.tidy(table, ["s"], OUTCOMES, ARMS, "months")

    assert tidy(median, se)["value"].tolist() == [24.0, 0.2]
    assert tidy(median, se | {"unit": "%", "value": 5.0})["value"].tolist() == [24.0, 0.05]
    gained = se | {"statistic": "rmst-difference", "unit": "years", "row": 4}
    with pytest.raises(tables.TableError, match="row 3, column unit: ''; it would count as months"):
        tidy(median, gained, se)
    assert tidy(gained, se | {"unit": "years"})["value"].tolist() == pytest.approx([2.4, 2.4])


def test_printed_keeps_what_the_report_says():
    row = tidied({"value": 66.5, "unit": "%", "ci_low": 50, "n": 36})
    assert row["printed"].item() == "66.5% (50 to ?)"
    assert row["row"].item() == 2
    assert "time_unit" not in row


def test_a_p_value_may_stand_alone():
    row = tidied({"statistic": "log-rank-p", "p_value": "<0.001", "arm": "local/control"})
    assert math.isnan(row["value"].item())
    assert row["printed"].item() == "p <0.001"


REFUSED = yaml.safe_load((Path(__file__).parent / "impossible.yaml").read_text())


@pytest.mark.parametrize("case", REFUSED, ids=[case["name"] for case in REFUSED])
def test_what_cannot_be_true_is_refused(case):
    with pytest.raises(tables.TableError) as caught:
        tidied(case["cells"])
    assert case["says"] in str(caught.value)
    assert f"row 2, column {case['column']}" in str(caught.value)


def test_a_further_column_called_as_one_of_ours_is_refused():
    table = pd.DataFrame([{"printed": "x", "study_id": "s", "row": 2}]).drop(index=0)
    with pytest.raises(tables.TableError, match="row 1, column printed"):
        outcomes.tidy(table, ["s"], OUTCOMES, ARMS, "months")


def test_messages_tell_a_time_in_the_unit_in_which_it_is_written(tmp_path):
    four = ["a survival 0.5 time=4 time_unit=weeks n=50", "a survival 0.7 time=8 time_unit=weeks"]
    path = tmp_path / "outcomes.csv"
    names = tables.columns("data/outcomes")
    rows = []
    for line in [*four, "a survival 0.2 time=12 n=50"]:
        arm, statistic, value, *more = line.split()
        cells = dict(cell.split("=") for cell in more)
        rows.append({"arm": arm, "statistic": statistic, "value": value, **cells})
    given = {"study_id": "s", "outcome": "os", "source": "p. 1"}
    pd.DataFrame([given | row for row in rows]).reindex(columns=names).to_csv(path, index=False)
    raw = tables.read(path, "data/outcomes")
    kinds = {"os": asking.outcome(kind="survival")}
    tidy = outcomes.tidy(raw, ["s"], kinds, ["a"], "months")
    assert tidy["time"].iloc[0] == pytest.approx(28 / 30.4375)
    assert tidy["time_as_written"].fillna("").tolist() == ["4 weeks", "8 weeks", ""]
    out = tmp_path / "tidy.csv"
    tables.write(tidy, out, "extraction/outcomes")
    again = tables.read(out, "extraction/outcomes").to_dict("records")
    assert [read_row(row).when for row in again] == ["4 weeks", "8 weeks", "12"]
    (rise,) = arms._rises([read_row(row) for row in again[:2]], "survival", "a check")
    assert "rises from 4 weeks to 8 weeks" in rise.message
    plain = outcomes.tidy(raw.iloc[2:], ["s"], kinds, ["a"], "months")
    assert "time_as_written" not in plain


@pytest.mark.parametrize(
    "label", ["Death", "Cancer-related death", "Case fatality", "Fever", "Non-survivors who died"]
)
def test_an_event_that_the_label_of_its_outcome_names_may_stand(label, monkeypatch):
    known = OUTCOMES | asking.outcomes({"dead": {"label": label, "kind": "binary"}})
    monkeypatch.setattr(sys.modules[__name__], "OUTCOMES", known)
    cells = {"outcome": "dead", "arm": "local/control", "statistic": "odds-ratio", "value": 0.5}
    if label not in ("Fever", "Non-survivors who died"):
        assert tidied({**cells, "event": "death"})["event"].tolist() == ["death"]
        return
    with pytest.raises(tables.TableError, match="what its label names"):
        tidied({**cells, "event": "death"})
