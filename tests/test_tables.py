"""Tables: what is read is what was written, and every breach of a contract is named."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta import cell_rules, tables

DECISIONS = "record,stage,reviewer,decision,reason,decided_on,note\n"
GOOD = "doi:10.5555/1,title-abstract,ab,include,,2025-01-02,\n"


def written(tmp_path, content, encoding="utf-8"):
    path = tmp_path / "decisions.csv"
    path.write_bytes(content.encode(encoding))
    return path


def days_of_people():
    """Each column of a table that people bring which says when somebody did something."""
    for path in sorted((tables.SCHEMAS / "data").glob("*.yaml")):
        for column, rule in tables.schema(f"data/{path.stem}")["columns"].items():
            if rule["type"] == "date":
                yield f"data/{path.stem}", column


@pytest.mark.parametrize(("name", "column"), list(days_of_people()))
@pytest.mark.parametrize(
    ("day", "right"),
    [("2026-03-01", True), ("2026-03-02", True), ("2026-03-03", False), ("2062-01-02", False)],
)
def test_a_day_of_the_future_is_refused_but_for_tomorrow(monkeypatch, name, column, day, right):
    """It would outdo every later row, or hide what is told until then; east of here it may be
    tomorrow."""
    monkeypatch.setattr(cell_rules, "today", lambda: date(2026, 3, 1))
    table = pd.DataFrame([dict.fromkeys(tables.columns(name), "") | {column: day}])
    said = [line for line in tables.check(table, name, "a.csv", [7]) if f"column {column}" in line]
    if right:
        assert said == []
    else:
        assert len(said) == 1
        assert said[0].startswith(f"a.csv, row 7, column {column}: '{day}'; a day of the future")
        assert "today is 2026-03-01" in said[0]


def test_the_tables_with_days_are_all_found():
    found = {name for name, _ in days_of_people()}
    assert {"data/sentinel", "data/fulltexts", "data/searches", "data/decisions"} <= found
    assert {"data/contacts", "data/states", "data/reviewers", "data/quotes"} <= found


def test_a_good_table_is_read_with_the_row_of_each_line(tmp_path):
    table = tables.read(written(tmp_path, DECISIONS + GOOD + "\n" + GOOD), "data/decisions")
    assert list(table["row"]) == [2, 4]
    assert table.attrs["notes"] == []
    assert list(table["reason"]) == ["", ""]


def test_a_cell_with_a_line_break_keeps_the_rows_right(tmp_path):
    long = GOOD.replace(",,2025", ',"two\nlines",2025')
    table = tables.read(written(tmp_path, DECISIONS + long + GOOD), "data/decisions")
    assert list(table["row"]) == [2, 4]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_whole_file_added_below_another_is_read_as_one(tmp_path, mark):
    path = written(tmp_path, DECISIONS + GOOD + mark + DECISIONS + GOOD.replace(",ab,", ",cd,"))
    table = tables.read(path, "data/decisions")
    assert list(table["reviewer"]) == ["ab", "cd"]
    assert list(table["row"]) == [2, 4]
    assert "row 3: names the columns once more" in table.attrs["notes"][0]


@pytest.mark.parametrize(
    ("content", "encoding", "note"),
    [
        (DECISIONS + GOOD, "utf-8-sig", None),
        (DECISIONS.replace(",", ";") + GOOD.replace(",", ";"), "utf-8", "semicolons"),
        (DECISIONS.replace(",", "\t") + GOOD.replace(",", "\t"), "utf-8", "tabs"),
        (DECISIONS + GOOD.replace(",ab,", ",Zoë,"), "cp1252", "Windows-1252"),
        (DECISIONS.replace("\n", "\r\n") + GOOD.replace("\n", "\r\n"), "utf-8", None),
    ],
)
def test_what_spreadsheets_write_is_read(tmp_path, content, encoding, note):
    table = tables.read(written(tmp_path, content, encoding), "data/decisions")
    assert table["decision"].tolist() == ["include"]
    notes = table.attrs["notes"]
    assert (note in notes[0]) if note else not notes


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "empty"),
        ("record,stage\n", "the column 'reviewer' is missing"),
        (DECISIONS.replace("note", "record"), "'record' stands there twice"),
        (DECISIONS + GOOD.replace("include", "inlcude"), "perhaps include"),
        (DECISIONS + GOOD.replace("2025-01-02", "2/1/2025"), "a date such as 2026-11-23"),
        (DECISIONS + GOOD.replace("doi:10.5555/1", ""), "it is required"),
        (DECISIONS + GOOD.replace("\n", "x,y\n"), "A comma inside a cell needs quotes"),
        (DECISIONS + '"' + GOOD, "quotation mark"),
    ],
)
def test_a_breach_is_named(tmp_path, content, says):
    with pytest.raises(tables.TableError, match=r"decisions\.csv") as caught:
        tables.read(written(tmp_path, content), "data/decisions")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("1e400", "'1e400'; it must be 1e+300 or less"),
        ("-1e301", "it must be -1e+300 or more"),
        ("9" * 400, "or less"),
    ],
)
@pytest.mark.parametrize("column", ["value", "n"])
def test_a_number_beyond_what_a_computer_holds_is_a_breach(tmp_path, number, says, column):
    cells = {"value": "60", "n": "40"} | {column: number}
    rows = "study_id,outcome,arm,statistic,value,n,source\n"
    rows += f"a,b,c,mean,{cells['value']},{cells['n']},p\n"
    with pytest.raises(tables.TableError, match=f"row 2, column {column}") as caught:
        tables.read(written(tmp_path, rows), "data/outcomes")
    assert (says if column == "value" else "it must be") in str(caught.value)


def test_every_breach_is_listed_at_once(tmp_path):
    bad = GOOD.replace("include", "later") + GOOD.replace("title-abstract", "somewhere")
    with pytest.raises(tables.TableError) as caught:
        tables.read(written(tmp_path, DECISIONS + bad), "data/decisions")
    assert len(caught.value.problems) == 2
    assert "row 2, column decision: 'later'" in caught.value.problems[0]
    assert "row 3, column stage: 'somewhere'" in caught.value.problems[1]


cells = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=20)
floats = st.one_of(st.none(), st.floats(-1e300, 1e300, allow_nan=False))


@settings(max_examples=60)
@given(rows=st.lists(st.tuples(cells.map(str.strip), floats.filter(lambda v: v is None or v >= 0))))
def test_what_is_written_is_read_again_to_the_last_bit(tmp_path_factory, rows):
    table = pd.DataFrame(
        [
            {
                "synthesis": "s",
                "study_id": f"id{number}",
                "measure": "GEN",
                "yi": 0.1,
                "vi": value,
                "n": value,
                "events": None,
                "route": "S1",
                "inputs": "x",
                "assumed": words,
                "grade": "",
            }
            for number, (words, value) in enumerate(rows)
            if value is not None
        ],
        columns=list(tables.schema("effects/effects")["columns"]),
    )
    path = tmp_path_factory.mktemp("tables") / "effects.csv"
    tables.write(table, path, "effects/effects")
    read = tables.read(path, "effects/effects")
    assert read["vi"].tolist() == table["vi"].tolist()
    assert read["assumed"].tolist() == [w.strip() for w in table["assumed"]]
    once = path.read_bytes()
    tables.write(read, path, "effects/effects")
    assert path.read_bytes() == once


def test_a_table_that_breaks_its_own_contract_is_not_written(tmp_path):
    table = tables.empty("effects/unusable")
    row = dict.fromkeys(table.columns) | {"synthesis": "s", "study_id": "id", "reason": ""}
    table.loc[0] = row | {"unsettled": False, "empty": False}
    path = tmp_path / "unusable.csv"
    with pytest.raises(tables.OwnTableError, match="row 2, column reason: empty"):
        tables.write(table, path, "effects/unusable")
    assert list(tmp_path.iterdir()) == []


def test_a_column_named_twice_whatever_its_case_is_refused_and_neither_passed_over(tmp_path):
    rows = "study_id,outcome,arm,statistic,value,n,N,source\na,b,c,mean,5,40,99,p\n"
    with pytest.raises(tables.TableError, match="'n' stands there twice, case"):
        tables.read(written(tmp_path, rows), "data/outcomes")


@pytest.mark.parametrize(
    ("column", "typed", "meant"),
    [
        ("decision", "Include", "include"),
        ("stage", "Title/Abstract", "title-abstract"),
        ("stage", "title abstract", "title-abstract"),
        ("decided_on", "13.01.2025", "2025-01-13"),
        ("decided_on", "2025/1/2", "2025-01-02"),
    ],
)
def test_a_word_or_a_date_with_one_reading_is_taken_and_told(tmp_path, column, typed, meant):
    values = {"stage": "title-abstract", "decision": "include", "decided_on": "2025-01-02"}
    assert values[column] in GOOD
    path = written(tmp_path, DECISIONS + GOOD.replace(values[column], typed))
    table = tables.read(path, "data/decisions")
    assert table[column][0] == meant
    assert table.attrs["notes"] == [f"{path}, column {column}: '{typed}' read as {meant}."]


def test_each_kind_of_breach_is_said_once_with_its_rows(tmp_path):
    bad = [GOOD.replace("include", word) for word in ("inlcude", "later", "inlcude", "inlcude")]
    with pytest.raises(tables.TableError) as caught:
        tables.read(written(tmp_path, DECISIONS + "".join([bad[0], GOOD, *bad])), "data/decisions")
    first, second = caught.value.problems
    assert "rows 2, 4, 6, 7, column decision: 'inlcude'; perhaps include" in first
    assert "row 5, column decision: 'later'; it must be one of" in second


def test_values_that_are_wrong_in_the_same_way_share_a_line(tmp_path):
    rows = "".join(f"a,b,c,mean,{60 + i},x{i},p\n" for i in range(6))
    with pytest.raises(tables.TableError) as caught:
        tables.read(
            written(tmp_path, "study_id,outcome,arm,statistic,value,n,source\n" + rows),
            "data/outcomes",
        )
    (only,) = caught.value.problems
    assert "rows 2-7, column n: 'x0', 'x1', 'x2' and 3 more; it must be" in only


def test_what_nobody_has_brought_is_a_table_without_rows(tmp_path):
    none = tables.brought([], "data/decisions")
    one = tables.brought([str(written(tmp_path, DECISIONS + GOOD))], "data/decisions")
    assert (len(none), len(one)) == (0, 1)
    assert none.dtypes.to_dict() == one.dtypes.to_dict()
    assert list(none.columns) == list(one.columns)


def test_an_optional_column_is_written_where_a_row_has_it_and_always_read(tmp_path):
    row = {"synthesis": "x", "study_id": "s1", "measure": "OR", "yi": 0.5, "vi": 0.1}
    row |= {"route": "C", "inputs": "events"}
    columns = tables.columns("effects/effects")
    table = pd.DataFrame([row, row], columns=columns)
    path = tmp_path / "effects.csv"
    tables.write(table.iloc[:1].drop(columns="effect_name"), path, "effects/effects")
    assert "effect_name" not in path.read_text("utf-8").splitlines()[0]
    assert tables.read(path, "effects/effects")["effect_name"].tolist() == [""]
    with pytest.raises(tables.OwnTableError, match="may stand there once"):
        tables.write(table, path, "effects/effects")
    tables.write(table.assign(effect_name=["men", "women"]), path, "effects/effects")
    assert path.read_text("utf-8").splitlines()[0] == ",".join(columns)
    assert tables.read(path, "effects/effects")["effect_name"].tolist() == ["men", "women"]


@pytest.mark.parametrize(
    "word", ["include?", "!include", "(include)", "-include", "include %", "in.clude"]
)
def test_a_word_with_a_doubt_beside_it_is_none(tmp_path, word):
    path = written(tmp_path, DECISIONS + GOOD.replace(",include,", f",{word},"))
    with pytest.raises(tables.TableError, match="column decision"):
        tables.read(path, "data/decisions")


def test_a_statistic_in_percent_is_no_count(tmp_path):
    rows = "study_id,outcome,arm,statistic,value,n,source\na,b,c,events (%),4,40,p\n"
    with pytest.raises(tables.TableError, match=r"'events \(%\)'; perhaps events"):
        tables.read(written(tmp_path, rows), "data/outcomes")


@pytest.mark.parametrize("day", ["2024-02-30", "31/02/2024", "30.02.2024", "2024-13-01"])
def test_a_day_that_never_was_is_none(tmp_path, day):
    rows = DECISIONS + GOOD.replace("2025-01-02", day)
    with pytest.raises(tables.TableError, match="column decided_on"):
        tables.read(written(tmp_path, rows), "data/decisions")


def test_where_a_date_with_points_has_its_month_first_the_others_are_doubtful(tmp_path):
    first, second = (GOOD.replace("2025-01-02", day) for day in ("10.03.2024", "03.15.2024"))
    table = tables.read(written(tmp_path, DECISIONS + first), "data/decisions")
    assert table["decided_on"].tolist() == ["2024-03-10"]
    with pytest.raises(tables.TableError) as caught:
        tables.read(written(tmp_path, DECISIONS + first + second), "data/decisions")
    assert [p.split("; ")[0][-12:] for p in caught.value.problems] == [
        "'10.03.2024'",
        "'03.15.2024'",
    ]
