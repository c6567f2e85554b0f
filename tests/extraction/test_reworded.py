"""Statistics that say in other words what a route knows, and what a person hears of the others."""

import csv
import math

import pytest

import asking
from livingmeta import tables
from livingmeta.extraction import outcomes
from livingmeta.extraction.printed import read_study
from livingmeta.extraction.rows import read_row

META = asking.outcomes(
    {
        "os": {"kind": "survival"},
        "score": {"kind": "continuous", "unit": "points"},
        "relapse": {"kind": "count"},
    }
)
ARMS = {"a": {}, "b": {}, "c": {}}

HEADER = [
    "study_id",
    "outcome",
    "arm",
    "time",
    "statistic",
    "value",
    "n",
    "se",
    "sd",
    "ci_low",
    "ci_high",
    "unit",
    "direction",
    "quote",
    "source",
]


def read(**cells):
    return read_row({"row": 2, "outcome": "os", "arm": "a/b", **cells})


def file(tmp_path, *lines):
    """The rows as they pass through the table that people fill in."""
    path = tmp_path / "outcomes.csv"
    with path.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(HEADER)
        for cells in csv.reader(lines):
            writer.writerow(["s", *cells, *[""] * (len(HEADER) - 2 - len(cells)), "page 3"])
    return outcomes.tidy(tables.read(path, "data/outcomes"), ["s"], META, ARMS, "months")


def test_a_mortality_is_one_minus_survival_and_says_so():
    row = read(arm="a", time=24, statistic="mortality", value=0.282, ci_low=0.2, ci_high=0.4)
    assert (row.statistic, row.value) == ("survival", 0.718)
    assert (row.ci_low, row.ci_high) == (0.6, 0.8)
    assert row.used().said == "mortality of a at 24 turned into survival"
    half = read(arm="a", time=24, statistic="mortality", value=0.3, ci_high=0.4)
    assert half.ci_low == 0.6
    assert math.isnan(half.ci_high)


def test_a_logarithm_of_a_ratio_is_that_ratio():
    row = read(statistic="log-odds-ratio", value=-0.5, ci_low=-1, ci_high=0, se=0.25)
    assert row.statistic == "odds-ratio"
    assert row.logarithm
    three = (row.value, row.ci_low, row.ci_high)
    assert three == pytest.approx((math.exp(-0.5), math.exp(-1), 1))
    assert row.se == 0.25


def test_a_hazard_ratio_of_surviving_is_turned_round():
    row = read(statistic="hazard-ratio", value=2, ci_low=1.25, ci_high=4, event="survival")
    assert (row.value, row.ci_low, row.ci_high) == (0.5, 0.25, 0.8)
    one = read(statistic="log-hazard-ratio", value=math.log(2), ci_low=0.1, event="survival")
    assert one.value == pytest.approx(0.5)
    assert one.ci_high == pytest.approx(math.exp(-0.1))
    assert math.isnan(one.ci_low)
    assert read(statistic="hazard-ratio", value=2, event="death").value == 2


def test_a_chi_squared_of_two_arms_is_a_p():
    row = read(statistic="log-rank-chi2", value=3.841458820694124)
    assert row.statistic == "log-rank-p"
    assert row.p.exact
    assert row.p.value == pytest.approx(0.05, abs=1e-12)
    assert 0 < read(statistic="log-rank-chi2", value=1e5).p.value < 1e-200


def test_a_scale_of_the_other_direction_is_turned_for_effects_alone():
    cells = {"row": 2, "outcome": "score", "arm": "a", "direction": "reversed"}
    mean = {**cells, "statistic": "mean", "value": 62, "ci_low": 60, "ci_high": 65, "sd": 11}
    assert read_row(mean).value == 62
    (row,) = read_study([mean], "score").rows
    assert (row.value, row.ci_low, row.ci_high, row.sd) == (-62, -65, -60, 11)
    (q,) = read_study([{**cells, "statistic": "q1", "value": 5}], "score").rows
    assert (q.statistic, q.value) == ("q3", -5)


def test_what_stands_beside_a_value_is_in_its_unit(tmp_path):
    table = file(
        tmp_path,
        "os,a,24,survival,71.8,50,6.5,,,,%",
        "score,a,,mean,72.1,50,,4.3",
        "os,a,,median,2,50,0.25,,,,years",
        "os,a,24,se,6.5,,,,,,%",
        "os,a/b,,hazard-ratio,0.5,,0.2",
    )
    assert table["se"].tolist()[0] == 0.065
    assert table["sd"].tolist()[1] == 4.3
    assert table[["value", "se"]].iloc[2].tolist() == [24, 3]
    assert table["value"].tolist()[3] == 0.065
    assert table["se"].tolist()[4] == 0.2
    assert table["printed"].tolist()[:2] == ["71.8% (SE 6.5)", "72.1 (SD 4.3)"]


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("", 1),
        ("per year", 1 / 12),
        ("per 100 person-years", 1 / 1200),
        ("/1,000 patient-months", 1 / 1000),
        ("per month", 1),
        ("1000 person-years", 1 / 12000),
    ],
)
def test_a_rate_says_per_how_much_time(tmp_path, unit, factor):
    unit = f'"{unit}"' if "," in unit else unit
    path = tmp_path / "outcomes.csv"
    head = "study_id,outcome,arm,statistic,value,ci_low,ci_high,unit,source"
    path.write_text(f"{head}\ns,relapse,a,rate,12,6,24,{unit},p\n")
    table = outcomes.tidy(tables.read(path, "data/outcomes"), ["s"], META, ARMS, "months")
    assert table["value"].tolist() == pytest.approx([12 * factor])
    assert table["ci_high"].tolist() == pytest.approx([24 * factor])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("os,a,24,survival,NR,50", "not reached: leave the value empty"),
        ("os,a,,median,n.r.,50", "not reported: leave the row out"),
        ("score,a,,mean,55 (47),50", "an SD in the column sd"),
        ("score,a,,mean,72.1 ± 4.3,50", "in the column se or sd"),
        ("score,a,,mean,7 (5-10),50", "quartiles or a range as rows of their own"),
        ("os,a,24,events,4/123,", "the patients that they are of in the column n"),
        ("os,a,,median,12,50,,,3,NR", "a limit that was not reached"),
        ("os,a/b,,hazard-ratio,-0.5,", "the statistic log-hazard-ratio"),
        ("os,a/b,24,odds-ratio,-0.5,", "the statistic log-odds-ratio"),
        ("os,a/b,,log-hazard-ratio,500,", "is it the hazard-ratio itself"),
        ("score,a,,mortality,30,50,,,,,%", "of another it is a proportion"),
        ("score,a,,t,2.1,", "a test compares two arms"),
        ("os,a,,log-rank-chi2,2.1,", "a test compares two arms"),
        ('score,a/b,,f,2.1,,,,,,,,"F(2, 87)"', "compares more than two"),
        ("score,a/b,,f,2.1,,,,,,,,F[2;108]", "an F with 2 numerator degrees of freedom"),
        ("os,a/b,,log-rank-chi2,7.1,,,,,,,,χ²(2) = 7.1", "a chi-squared with 2 degrees of freedom"),
        ("score,a/b,,f,-2.1,", "it cannot be negative"),
        ("relapse,a,,rate,12,,,,,,per person", "one of the units"),
        ("relapse,a,,rate,12,,,,,,years", "one of the units"),
        ("os,a,24,events,12,50,,,,,,reversed", "only means, medians and the like turn"),
    ],
)
def test_a_person_hears_where_a_number_belongs(tmp_path, line, words):
    with pytest.raises(tables.TableError) as caught:
        file(tmp_path, line)
    assert words in str(caught.value)


def test_a_direction_is_said_of_all_rows_of_a_scale(tmp_path):
    rows = ["score,a,,mean,62,50,,,,,,reversed", "score,b,,mean,55,50"]
    with pytest.raises(tables.TableError, match=r"row 3, column direction.*say it of all rows"):
        file(tmp_path, *rows)
    both = [rows[0], "score,b,,mean,55,50,,,,,,reversed", "score,a,,sd,11"]
    assert len(file(tmp_path, *both, "score,a/b,6,mean-difference,3")) == 4


@pytest.mark.parametrize(
    "rows",
    [
        ["a,,mean,62", "a,,sd,11,,,,,,,reversed"],
        ["a,12,mean,62", "b,12,mean,55", "a,12,se,2,,,,,,,reversed"],
        ["a/b,,mean-difference,3", "a/b,,se,1,,,,,,,reversed"],
        ["a,,mean,62", "b,12,sd,11,,,,,,,reversed"],
    ],
)
def test_an_sd_alone_is_not_reversed(tmp_path, rows):
    with pytest.raises(tables.TableError, match="it alone would be turned"):
        file(tmp_path, *(f"score,{row}" for row in rows))


def test_one_time_in_two_units_is_one_time_of_a_scale(tmp_path):
    rows = ["score,a,12,mean,62,50,,,,,,reversed", "score,b,12.1,mean,55,50"]
    with pytest.raises(tables.TableError, match="say it of all rows"):
        file(tmp_path, *rows)
