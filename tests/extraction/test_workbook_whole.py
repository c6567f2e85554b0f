"""The workbook: what goes in comes out, however Excel or LibreOffice has saved it."""

import datetime
import errno
import os
import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.styles import Font
from workbooks import paths

from livingmeta import plan, protocol, spreadsheets, tables
from livingmeta.extraction.workbook import brought, made
from livingmeta.words import settling
from running import SMALL

DAY = "2026-11-28"
PROTOCOL = protocol.complete(protocol.alone(str(SMALL / "config/config.yaml"), {}))
OUTCOMES, ARMS = plan.outcomes(PROTOCOL["outcomes"]), plan.arms(PROTOCOL["arms"])
RECORDS = pd.DataFrame(
    {
        "record_id": [f"doi:10.5555/tm.{i}" for i in range(1, 7)],
        "authors": ["Ahn, B", "Bauer, C", "Costa, D", "Dlamini, E", "Eriksen, F", "Ng, Éva; X, Y"],
        "year": ["2015", "2016", "2017", "2018", "2019", "2021"],
    }
)
STUDIES = ["ahn-2015", "bauer-2016", "costa-2017", "dlamini-2018", "eriksen-2019", ""]
INCLUDED = RECORDS[["record_id"]].assign(study_id=STUDIES)


def anew(folder):
    asked = OUTCOMES, ARMS, plan.syntheses(PROTOCOL["syntheses"]), {}, {}
    return made.anew(paths(folder), RECORDS, INCLUDED, *asked, folder, DAY)


def outcomes(folder):
    return brought.together(paths(folder)).outcomes


def said(table):
    rows = brought.texts(table)
    return sorted(tuple(sorted((c, v) for c, v in row.items() if v)) for row in rows)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A review with its tables and a workbook made from them."""
    folder = tmp_path_factory.mktemp("filled")
    shutil.copytree(SMALL / "data", folder / "data")
    assert anew(folder) == (6, "")
    return folder


@pytest.fixture
def folder(filled, tmp_path):
    shutil.copytree(filled / "data", tmp_path / "data")
    return tmp_path


def typed(folder, **cells):
    """Type into the workbook: values by `sheet!cell`."""
    book = openpyxl.load_workbook(folder / settling.WORKBOOK)
    for place, value in cells.items():
        sheet, _, cell = place.partition("!")
        book[sheet][cell] = value
    book.save(folder / settling.WORKBOOK)


def cell_of(folder, sheet, heading, row):
    """The cell under a heading, such as D5."""
    rows = openpyxl.load_workbook(folder / settling.WORKBOOK)[sheet].iter_rows(values_only=True)
    head = next(rows)
    return f"{sheet}!{spreadsheets.letters(head.index(heading) + 1)}{row}"


def row_of(folder, sheet, *first):
    """The row of a sheet that begins so."""
    rows = openpyxl.load_workbook(folder / settling.WORKBOOK)[sheet].iter_rows(values_only=True)
    return next(i for i, row in enumerate(rows, 1) if row[: len(first)] == first)


def only_workbook(folder):
    for name in ("studies", "outcomes"):
        (folder / "data/raw/extraction" / f"{name}.csv").unlink()


def test_what_stands_in_the_tables_stands_in_the_workbook_and_counts_once(folder):
    csv = tables.read(folder / settling.OUTCOMES, "data/outcomes")
    assert said(outcomes(folder)) == said(csv)
    assert outcomes(folder)["row"].tolist() == csv["row"].tolist()
    only_workbook(folder)
    assert said(outcomes(folder)) == said(csv)
    assert {Path(path).name for path in outcomes(folder)["in_file"]} == {"extraction.xlsx"}


def test_a_workbook_made_again_is_the_same_and_nothing_is_written(folder):
    before = (folder / settling.WORKBOOK).read_bytes()
    assert anew(folder) == (None, "")
    assert (folder / settling.WORKBOOK).read_bytes() == before


def test_a_review_without_a_study_has_a_workbook(tmp_path):
    nobody = INCLUDED.iloc[:0]
    asked = OUTCOMES, ARMS, plan.syntheses(PROTOCOL["syntheses"]), {}, {}
    assert made.anew({}, RECORDS, nobody, *asked, tmp_path, DAY) == (0, "")
    assert not len(outcomes(tmp_path))


@pytest.mark.heavy
def test_a_workbook_alone_is_made_again_the_same(folder):
    only_workbook(folder)
    assert anew(folder) == (None, "")


@pytest.mark.heavy
def test_included_reports_without_a_study_get_a_row_and_a_name(folder):
    studies = brought.together(paths(folder)).studies
    mine = studies[studies["study_id"] == "ng-2021"].iloc[0]
    assert (mine["records"], mine["label"], mine["year"]) == ("doi:10.5555/tm.6", "Ng 2021", 2021)
    assert row_of(folder, "Binary", "ng-2021", "fever")


def test_what_is_typed_is_read_with_its_cell_and_kept_in_a_new_workbook(folder):
    row = row_of(folder, "Binary", "ng-2021", "fever")
    places_ = {h: cell_of(folder, "Binary", h, row) for h in ("drug: events", "drug: n", "source")}
    typed(folder, **dict(zip(places_.values(), (5, 50, "Table 3"), strict=True)))
    table = outcomes(folder)
    mine = table[table["study_id"] == "ng-2021"].iloc[0]
    assert (mine["arm"], mine["value"], mine["n"], mine["source"]) == ("drug", 5, 50, "Table 3")
    assert mine["in_row"] == places_["drug: events"]
    csv = folder / settling.OUTCOMES
    csv.write_text(csv.read_text() + "ng-2021,fever,none,0.25,events,9,51,,,,,,,p. 9\n")
    before = (folder / settling.WORKBOOK).read_bytes()
    assert anew(folder) == (6, f"old-extraction-{DAY}.xlsx")
    assert (folder / "data/raw/extraction" / f"old-extraction-{DAY}.xlsx").read_bytes() == before
    only_workbook(folder)
    again = outcomes(folder)
    assert (
        said(again[again["study_id"] == "ng-2021"])[0]
        == said(table[table["study_id"] == "ng-2021"])[0]
    )
    assert again[again["study_id"] == "ng-2021"]["value"].tolist() == [5, 9]


@pytest.mark.heavy
def test_a_value_changed_in_the_workbook_stands_beside_that_of_the_table(folder):
    row = row_of(folder, "Binary", "ahn-2015", "fever")
    typed(folder, **{cell_of(folder, "Binary", "drug: events", row): 9})
    of = outcomes(folder)
    mine = of[
        (of["study_id"] == "ahn-2015") & (of["arm"] == "drug") & (of["statistic"] == "events")
    ]
    assert mine["value"].tolist() == [8, 9]
    assert anew(folder) == (None, "")  # the one typed stays, that of the table is not put beside it


@pytest.mark.heavy
def test_an_open_workbook_is_not_replaced(folder):
    (folder / "data/raw/extraction" / "~$extraction.xlsx").write_text("ann")
    with pytest.raises(made.OpenError, match="is open somewhere"):
        anew(folder)


@pytest.mark.heavy
def test_a_write_that_is_cut_short_leaves_the_old_one(folder, monkeypatch):
    target = folder / settling.WORKBOOK
    csv = folder / settling.OUTCOMES
    csv.write_text(csv.read_text() + "ng-2021,fever,none,4,events,9,51,,,,,,,p. 9\n")
    before = target.read_bytes()
    replace = os.replace

    def cut(source, path):
        if Path(path) == target:
            raise OSError(errno.ENOSPC, "no space left")
        replace(source, path)

    monkeypatch.setattr(os, "replace", cut)
    with pytest.raises(OSError, match="no space left"):
        anew(folder)
    assert target.read_bytes() == before
    assert (target.parent / f"old-extraction-{DAY}.xlsx").read_bytes() == before
    assert not list(target.parent.glob("*.unfinished"))


@pytest.mark.heavy
def test_rows_without_a_number_and_sheets_of_ones_own_stay(folder):
    row = row_of(folder, "Binary", "ng-2021", "fever")
    typed(folder, **{cell_of(folder, "Binary", "note", row): "ask the authors"})
    typed(folder, **{cell_of(folder, "Binary", "time", row): "0,5"})
    book = openpyxl.load_workbook(folder / settling.WORKBOOK)
    book.create_sheet("Mine")["A1"] = "=1+1"
    book.save(folder / settling.WORKBOOK)
    (folder / settling.OUTCOMES).write_text(
        (folder / settling.OUTCOMES).read_text() + "ng-2021,fever,none,4,events,9,51,,,,,,,p. 9\n"
    )
    assert anew(folder)[0]
    row = row_of(folder, "Binary", "ng-2021", "fever")
    book = openpyxl.load_workbook(folder / settling.WORKBOOK)
    notes = [r[-9:] for r in book["Binary"].iter_rows(values_only=True) if r[0] == "ng-2021"]
    assert any("ask the authors" in r for r in notes)
    assert book["Mine"]["A1"].value == "=1+1"


def survival(folder, cases):
    """Rows of survival at 101, 102, ..., typed as people do: cells by heading, and formats."""
    only_workbook(folder)
    book = openpyxl.load_workbook(folder / settling.WORKBOOK)
    sheet = book["Time-to-event"]
    head = [cell.value for cell in sheet[1]]
    rows = []
    for time, (values, formats) in enumerate(cases, 101):
        rows.append(sheet.max_row + 1)
        once = {"study_id": "ahn-2015", "outcome": "survival", "time": time, "source": "p. 9"}
        for name, value in {**once, **values}.items():
            cell = sheet.cell(rows[-1], head.index(name) + 1, value)
            cell.number_format = formats.get(name, cell.number_format)
    book.save(folder / settling.WORKBOOK)
    return rows


EUROPEAN = [
    ({"drug: survival": "66,6", "unit": "%"}, {}, (66.6, "%")),
    ({"drug: survival": "66.6", "unit": "%"}, {}, (66.6, "%")),
    ({"drug: survival": "66,6 %"}, {}, (66.6, "%")),
    ({"drug: survival": 0.666}, {"drug: survival": "0.0%"}, (66.6, "%")),
    ({"drug: survival": 0.07, "unit": "%"}, {"drug: survival": "0%"}, (7, "%")),
    ({"drug: survival": 0.1 + 0.2, "unit": "proportion"}, {}, (0.3, "proportion")),
]


def test_numbers_as_people_type_them(folder):
    survival(folder, [case[:2] for case in EUROPEAN])
    table = outcomes(folder).set_index("time")
    for time, (*_, expected) in enumerate(EUROPEAN, 101):
        assert (table.at[time, "value"], table.at[time, "unit"]) == expected


SLIPS = [
    ({"drug: survival": datetime.date(2026, 2, 1)}, {}, "made a date of what was typed"),
    ({"drug: survival": "1.234", "unit": "%"}, {}, "write 1234 or 1,234"),
    ({"drug: survival": "70,5", "unit": "months"}, {}, ""),
    ({"drug: survival": "#DIV/0!"}, {}, "an error of the spreadsheet"),
    ({"drug: survival": "=1/3"}, {}, "a formula without the value it gives"),
    ({"drug: survival": "high"}, {}, "it must be a number"),
    ({"drug: n": 40}, {}, "nothing else of drug stands in this row"),
    ({"drug: survival": 70, "drug: n": 40.5, "unit": "%"}, {}, "it must be a whole number"),
    ({"drug: survival": 70, "source": None, "unit": "%"}, {}, "it is required"),
    ({"drug: survival": 70, "adjusted": "somehow", "unit": "%"}, {}, "it must be one of no"),
    (
        {"drug: survival": 0.666, "drug: survival ci_low": 59},
        {"drug: survival": "0%"},
        "show both alike",
    ),
    ({"drug: events": 0.2}, {"drug: events": "0%"}, "a percentage, and events is none"),
]


def test_what_cannot_be_taken_is_named_with_sheet_and_cell(folder):
    rows = survival(folder, [case[:2] for case in SLIPS])
    with pytest.raises(tables.TableError) as caught:
        outcomes(folder)
    for row, (*_, told) in zip(rows, SLIPS, strict=True):
        mine = [p for p in caught.value.problems if re.search(rf"Time-to-event![A-Z]+{row}\b", p)]
        assert all("extraction.xlsx, cell" in p for p in mine)
        assert [p for p in mine if told in p] if told else not mine, (told, mine)


def edited(folder, change):
    """Change the workbook by `change(book)`, and read all of it."""
    book = openpyxl.load_workbook(folder / settling.WORKBOOK)
    change(book)
    book.save(folder / settling.WORKBOOK)
    return brought.together(paths(folder)).outcomes


def joined_numbers(book):
    book["Binary"].merge_cells("D2:E2")


def without_a_name(book):
    book["Binary"].cell(3, 80, "lost")


def copied(book):
    book.copy_worksheet(book["Binary"]).title = "Binary (2)"


def twice(book):
    sheet = book["Binary"]
    sheet.cell(1, sheet.max_column + 1, "Drug: events").value = "drug:events"


def unknown(book):
    sheet = book["Binary"]
    sheet.cell(1, sheet.max_column + 1, "drug: evnts")


def far(book):
    book["Binary"]["XFD1"] = "x"


def without_colon(book):
    book["Binary"]["D1"] = "Drug events"


def struck(book):
    book["Binary"]["D2"].font = Font(strike=True)


def ours(book):
    sheet = book["Studies"]
    sheet.cell(1, sheet.max_column + 1, "in_row")


CHANGES = [
    (without_colon, "column D: 'Drug events' holds numbers, and nothing says of which arm"),
    (struck, "cell Binary!D2, column drug: events: '8'; it is struck through"),
    (ours, "'in_row'; the results have a column of this name"),
    (joined_numbers, "sheet Binary, cells D2:E2: they are joined; part them"),
    (without_a_name, "sheet Binary, cell CB3: 'lost' stands under no name of a column"),
    (copied, r"sheet Binary \(2\): it names studies, and no sheet is called so"),
    (twice, "'drug: events' stands there twice"),
    (unknown, r"'drug: evnts' names no statistic \(perhaps events\)"),
    (far, "reaches to cell XFD"),
]


@pytest.mark.heavy
@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_what_would_be_lost_stops_the_run(folder, change, told):
    with pytest.raises(tables.TableError, match=told):
        edited(folder, change)


@pytest.mark.heavy
def test_joined_and_hidden_rows_and_further_sheets_are_read_or_told(folder):
    def change(book):
        sheet = book["Time-to-event"]
        assert sheet["A2"].value == sheet["A3"].value == "ahn-2015"
        sheet.merge_cells("A2:A3")
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["D"].hidden = True
        sheet.sheet_state = "hidden"
        book.create_sheet("Mine")["A1"] = 1

    table = edited(folder, change)
    notes = "\n".join(table.attrs["notes"])
    assert "cells A2:A3 are joined; each row has what they say" in notes
    assert "rows that are hidden are read too: 2" in notes
    assert "columns that are hidden are read too: D" in notes
    assert "sheet Time-to-event: the sheet is hidden, and read too" in notes
    assert "sheet Mine: none of the workbook's; nobody reads it" in notes
    csv = tables.read(folder / settling.OUTCOMES, "data/outcomes")
    assert said(table) == said(csv)


@pytest.mark.heavy
def test_a_study_of_which_the_two_say_different_things_is_refused(folder):
    row = row_of(folder, "Studies", "ahn-2015")
    typed(folder, **{cell_of(folder, "Studies", "year", row): 2014})
    with pytest.raises(
        tables.TableError, match=r"extraction.xlsx, cell Studies!A2, column year.*2014"
    ):
        brought.together(paths(folder))


@pytest.mark.heavy
def test_text_that_looks_like_a_formula_stays_text(folder):
    csv = folder / settling.OUTCOMES
    csv.write_text(csv.read_text() + "ahn-2015,fever,drug,9,events,3,40,,,,,,,=HYPERLINK(1)\n")
    anew(folder)
    only_workbook(folder)
    table = outcomes(folder)
    assert table[table["time"] == 9].iloc[0]["source"] == "=HYPERLINK(1)"


@pytest.mark.heavy
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_saved_by_libreoffice_it_reads_the_same(folder, tmp_path):
    typed(folder, **{cell_of(folder, "Binary", "drug: events", 60): "=3+4"})
    typed(folder, **{cell_of(folder, "Binary", "study_id", 60): "ahn-2015"})
    typed(folder, **{cell_of(folder, "Binary", "outcome", 60): "fever"})
    typed(folder, **{cell_of(folder, "Binary", "time", 60): 30})
    typed(folder, **{cell_of(folder, "Binary", "source", 60): "p. 7"})
    home = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    out = tmp_path / "saved"
    command = ["soffice", home, "--headless", "--convert-to", "xlsx", "--outdir", str(out)]
    command.append(str(folder / settling.WORKBOOK))
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    shutil.copy(out / Path(settling.WORKBOOK).name, folder / settling.WORKBOOK)
    csv = tables.read(folder / settling.OUTCOMES, "data/outcomes")
    only_workbook(folder)
    table = outcomes(folder)
    assert table[table["time"] == 30]["value"].tolist() == [7]
    assert said(table[table["time"] != 30]) == said(csv)
