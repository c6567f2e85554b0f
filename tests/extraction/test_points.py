"""Files of digitised curves as people and digitisers write them: read rightly, or one message."""

import codecs

import pytest

from livingmeta import tables
from livingmeta.extraction.curves import points, read

TIME = [0, 2.5, 5, 7.5, 10]
SURVIVAL = [1, 0.9, 0.72, 0.5, 0.31]


def lines(separator=",", head="time,survival", percent=False, comma=False):
    rows = []
    for t, s in zip(TIME, SURVIVAL, strict=True):
        cells = [f"{t:g}", f"{100 * s if percent else s:g}"]
        rows.append(separator.join(c.replace(".", ",") if comma else c for c in cells))
    return "\n".join([head, *rows] if head else rows) + "\n"


def found(tmp_path, content, unit="months"):
    path = tmp_path / "s.a.os.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return points.read(path, unit)


READ = {
    "as asked": lines(),
    "a spreadsheet's mark at the beginning": codecs.BOM_UTF8 + lines().encode(),
    "UTF-16": codecs.BOM_UTF16_LE + lines("\t", "time\tsurvival").encode("utf-16-le"),
    "Windows line ends": lines().replace("\n", "\r\n"),
    "WebPlotDigitizer, one data set": lines(", ", ""),
    "WebPlotDigitizer, all data sets": lines(head="Default Dataset,\nX,Y"),
    "plotdigitizer": lines(head="x,y"),
    "Engauge": lines(head="x,Curve1"),
    "Engauge for gnuplot": lines("\t", "#x\tCurve1"),
    "tabs without names": lines("\t", ""),
    "blanks": lines("  ", "Time  Survival"),
    "semicolons": lines(";", "X; Y"),
    "decimal commas": lines(";", "Zeit;Überleben", comma=True),
    "decimal commas without names": lines("\t", "", comma=True),
    "decimal commas in quotes": '"0","1"\n"2,5","0,9"\n"5","0,72"\n"7,5","0,5"\n"10","0,31"\n',
    "percent": lines(percent=True),
    "percent signs": lines(percent=True).replace("\n", "%\n").replace("survival%", "survival"),
    "percent by name": lines(head="x,Survival (%)", percent=True),
    "percent by name alone": lines(head="Time,Overall survival (%)"),
    "in words": lines(head="Time (months),Survival probability"),
    "in more words": lines(head="Months since randomisation,Progression-free survival"),
    "the other way round": "survival,time\n"
    + "".join(f"{s},{t}\n" for t, s in zip(TIME, SURVIVAL, strict=True)),
    "rows numbered by R": '"","x","y"\n'
    + "".join(f'"{i}",{t},{s}\n' for i, (t, s) in enumerate(zip(TIME, SURVIVAL, strict=True), 1)),
    "blank lines at the end": lines() + "\n  \n,\n\t\n",
    "empty columns at the right": lines().replace("\n", ",,\n"),
    "a separator said": "sep=;\n" + lines(";", "time;survival"),
    "years said": "Time (years),y\n"
    + "".join(f"{t / 12!r},{s}\n" for t, s in zip(TIME, SURVIVAL, strict=True)),
    "months in German": lines(";", "Zeit in Monaten;Überleben"),
    "two names of survival": lines(head="Overall survival,Survival probability"),
    "an abbreviation and a probability": lines(head="PFS,Probability"),
    "a minus of typesetters": lines().replace("0,1\n", "\u22120,1\n"),
    "units in a line below": lines(head="time,survival\n(months),(%)", percent=True),
    "units in a line below, one of them": lines(head="time,survival\n[months],"),
    "a curve that is called by a number": lines(head="x,1"),
    "blanks before percent signs": lines(percent=True).replace("\n", " %\n").replace("l %", "l"),
    "a plus and a blank": lines().replace("5,0.72", "+ 5,0.72"),
}


@pytest.mark.parametrize("name", READ)
def test_read_as_it_comes(tmp_path, name):
    table = found(tmp_path, READ[name])
    assert table["time"].tolist() == pytest.approx(TIME)
    assert table["survival"].tolist() == pytest.approx(SURVIVAL)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("as asked", None),
        ("percent", "survival up to 100 read as percent"),
        ("percent by name alone", "up to 1 read as proportions, not as percent"),
        ("decimal commas", "decimal commas read as points"),
        ("years said", "times in years, as the column 'Time (years)' says; read as months"),
        ("tabs without names", "no names of columns; read as time and survival"),
        ("Engauge", "the column 'Curve1' read as survival"),
        ("UTF-16", "read as UTF-16"),
    ],
)
def test_what_was_made_of_it_is_said(tmp_path, name, says):
    notes = found(tmp_path, READ[name]).attrs["notes"]
    assert len(notes) == bool(says)
    assert not says or says in notes[0]


WRONG = {
    "": "is empty",
    "time,survival\n": "no row is two numbers",
    "no curve at all\n": "no row is two numbers",
    lines() + "12,n.a.\n14,n.a.\n": "row 7: '12,n.a.'; each row is two numbers",
    lines().replace("0.72", ""): "row 4: '5,'; each row is two numbers",
    lines() + lines(): "row 7: 'time,survival'; the columns are named once more",
    lines(head="x,Curve1") + lines(head="x,Curve2"): "row 7: 'x,Curve2'; each row is two numbers",
    lines(head="time,survival\n0,NA"): "row 2: '0,NA'; each row is two numbers",
    lines(head="time,survival\n0,"): "row 2: '0,'; each row is two numbers",
    lines(head="time,survival\nNA,n/a"): "row 2: 'NA,n/a'; each row is two numbers",
    lines(head="O,1"): "row 1: 'O,1'; each row is two numbers",
    lines(head="time,survival\n~0,1\n0,?"): "row 2: '~0,1'; each row is two numbers, the time and",
    lines(";", "t;s\n0;1.00,0", comma=True): "row 2: '0;1.00,0'; each row is two numbers",
    lines(head="years,\nX,Y"): "'years' names a unit of time, and the column of times, 'X', none",
    lines(head="# x axis: years\nx,y"): "'x axis: years' names a unit of time",
    lines(head="x,Survival at each year"): "'Survival at each year' names a unit of time",
    lines(head="time,survival\n(quarters),(%)"): "column 'time (quarters)': 'quarters' is no unit",
    lines(",", "", comma=True): "where the decimals follow commas, separate the columns by",
    "A,,B,\nX,Y,X,Y\n0,1,0,1\n5,.6,5,.4\n": "4 columns of numbers ('X', 'Y', 'X', 'Y' of 'A', 'B')",
    "x,drug,none\n0,1,1\n5,.6,.4\n": "3 columns of numbers ('x', 'drug', 'none')",
    lines(head="time,Cumulative incidence"): "'Cumulative incidence': this is no survival",
    lines(head="time,Mortality (%)", percent=True): "turn its values round",
    lines(head="time,1 - survival"): "'1 - survival': this is no survival",
    lines(head="time,Event probability"): "'Event probability': this is no survival",
    "1,0\n.9,6\n.3,60\n": "survival is 0.6 at time 0.3 and 0 at 1: do both stand in each other's",
    "100,0\n60,30\n0,72\n": "survival is 0.72 at time 0 and 0 at 100: do both stand in each other'",
    "a,b\n1,0\n.5,40\n.2,100\n": "survival is 1 at time 0.2 and 0 at 1",
    "Time;Survival\n0;100\n999;96\n1.200;94\n": "row 4, column time: '1.200' after '999'; write th",
    'time,survival\n0,100\n999,96\n"1,200",94\n': "column time: '1,200' after '999'",
    "time,survival\n0,1\n5,0.9\n7,5\n": "its largest value is 5; it must be a proportion",
    "time,survival\n0,100\n5,.9\n7,.5\n9,.3\n": "percentages and proportions in one file (100 b",
    lines(";", "", comma=True) + "1.234;0,2\n": "time: '1.234'; other numbers of this file have",
}


@pytest.mark.parametrize("content", WRONG)
def test_refused_in_one_message(tmp_path, content):
    with pytest.raises(tables.TableError) as caught:
        found(tmp_path, content)
    assert len(caught.value.problems) == 1
    assert WRONG[content] in str(caught.value)
    assert "s.a.os.csv" in str(caught.value)


def test_rows_like_the_first_wrong_one_are_counted(tmp_path):
    with pytest.raises(tables.TableError, match=r"row 7: '9,x'; .* \(29 more rows like it\)"):
        found(tmp_path, lines() + "9,x\n" * 30)


def test_each_file_has_its_message_and_all_are_told(tmp_path):
    for name, content in (("a", "x"), ("b", lines()), ("c", "")):
        (tmp_path / f"s.{name}.os.csv").write_text(content)
    with pytest.raises(tables.TableError) as caught:
        read.read(sorted(tmp_path.glob("*")), "months", ("os",))
    assert [problem.split(".os")[0][-1] for problem in caught.value.problems] == ["a", "c"]


def test_a_spreadsheet_file_is_named(tmp_path):
    with pytest.raises(tables.TableError, match="this is a spreadsheet file"):
        found(tmp_path, b"PK\x03\x04 and so on")


def test_times_are_converted_only_where_a_unit_is_said(tmp_path):
    years = found(tmp_path, lines(head="Years,S(t)"), "months")
    assert years["time"].tolist() == pytest.approx([12 * t for t in TIME])
    for head in ("Time,S(t)", "Time (months),S(t)", ""):
        assert found(tmp_path, lines(head=head), "months")["time"].tolist() == pytest.approx(TIME)
    for head in ("Weeks,y", "Zeit (Wochen),y", "Temps en semaines,y"):
        assert found(tmp_path, lines(head=head), "days")["time"].tolist()[1] == 17.5


def test_three_decimals_are_no_thousands(tmp_path):
    assert found(tmp_path, "1.234,.9\n2.345,.8\n3.456,.7\n")["time"].max() == 3.456
    assert found(tmp_path, "0,1\n1.234,.9\n2,.8\n")["time"].tolist() == [0, 1.234, 2]
    assert found(tmp_path, "0,1\n2,.8\n1.234,.9\n")["time"].tolist() == [0, 2, 1.234]


def test_a_curve_that_comes_to_nought_at_100_months_is_one(tmp_path):
    assert found(tmp_path, "0,1\n60,.3\n100,0\n")["time"].max() == 100
    assert found(tmp_path, "0,100\n60,30\n100,0\n")["survival"].tolist() == [1, 0.3, 0]


SIGNS = ["-", "- ", "\u2013", "\u2013 ", "\u2014", "\u2212", "\u2212\u00a0", "\ufe63", "\u2010"]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("separator", [",", ";", "\t", "  "])
def test_a_first_click_before_nought_with_any_minus(tmp_path, sign, separator):
    head = separator.join(["Time(years)", "Survival(%)"])
    content = lines(separator, f"{head}\n{sign}0.02{separator}100", percent=True)
    table = found(tmp_path, content)
    assert table["time"].tolist() == pytest.approx([-0.24, *(12 * t for t in TIME)])
    assert table["survival"].tolist() == pytest.approx([1, *SURVIVAL])


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u2009", "\u202f"])
def test_thousands_after_a_blank(tmp_path, blank):
    table = found(tmp_path, f"Tage;S\n0;1\n999;0,9\n1{blank}200;0,5\n", "days")
    assert table["time"].tolist() == [0, 999, 1200]


@pytest.mark.parametrize(
    "below", ["(years),(%)", "[years],[%]", "years,%", "y,%", "Jahre,", "yr,percent"]
)
@pytest.mark.parametrize("head", ["time,survival", "x,y", "t,S"])
def test_units_in_a_line_of_their_own(tmp_path, head, below):
    percent = "%" in below or "percent" in below
    table = found(tmp_path, lines(head=f"{head}\n{below}", percent=percent))
    assert table["time"].tolist() == pytest.approx([12 * t for t in TIME])
    assert table["survival"].tolist() == pytest.approx(SURVIVAL)
    assert "as the column" in table.attrs["notes"][0]


def test_units_in_the_line_above_plain_names_and_beside_columns_the_other_way_round(tmp_path):
    above = found(tmp_path, lines(head="Time (years),Survival (%)\nx,y", percent=True))
    assert above["time"].tolist() == pytest.approx([12 * t for t in TIME])
    turned = "survival,time\n(%),(years)\n" + "".join(
        f"{100 * s},{t}\n" for t, s in zip(TIME, SURVIVAL, strict=True)
    )
    turned = found(tmp_path, turned)
    assert turned["time"].tolist() == pytest.approx([12 * t for t in TIME])
    assert turned["survival"].tolist() == pytest.approx(SURVIVAL)


def test_an_unknown_unit_is_refused_with_what_to_write(tmp_path):
    with pytest.raises(tables.TableError) as caught:
        found(tmp_path, lines(head="Time (decades),S"))
    assert str(caught.value).endswith(
        "s.a.os.csv, column 'Time (decades)': 'decades' is no unit known here; write the unit of "
        "its times in brackets: Time (days), Time (weeks), Time (months) or Time (years)."
    )
