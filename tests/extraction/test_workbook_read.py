"""Several workbooks and tables of their form, each row with its place, and what is no workbook."""

import zipfile
from pathlib import Path

import openpyxl
import pytest
from workbooks import paths

from livingmeta import tables
from livingmeta.extraction import places
from livingmeta.extraction.workbook import brought, read
from livingmeta.words import settling


def sheets(path, **of):
    """A workbook with these sheets: rows by name, an underscore for a stroke."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in of.items():
        sheet = book.create_sheet(name.replace("_", "-"))
        for row in rows:
            sheet.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


BINARY = ["study_id", "outcome", "time", "drug: events", "drug: n", "source", "extractor"]
JUDGED = ["study_id", "tool", "domain", "judgement", "score", "assessor"]


def test_a_second_extractor_has_a_workbook_or_a_table_of_its_form(tmp_path):
    raw = tmp_path / "data/raw/extraction"
    mine = ["ahn-2015", "fever", 1, 8, 40, "p. 3", None]
    bias = ["ahn-2015", "RoB 2", "overall", "low", None, None]
    sheets(raw / "extraction.xlsx", Binary=[BINARY, mine], Risk_of_bias=[JUDGED, bias])
    theirs = [["ahn-2015", "fever", 1, 9, 40, "p. 3", None], [*mine[:-1], "Lee"]]
    bias = [["ahn-2015", "RoB 2", "overall", "high", None, None], ["b", "NOS", "overall", None, 7]]
    sheets(raw / "extraction-kim.xlsx", Binary=[BINARY, *theirs], Risk_of_bias=[JUDGED, *bias])
    csv = ",".join(BINARY) + "\nahn-2015,fever,2,3,40,p. 9,\n"
    (raw / "outcomes-ann.csv").write_text(csv)
    (raw / "old-extraction-2026-11-28.xlsx").write_text("nobody reads it")
    found = brought.together(paths(tmp_path))
    table = found.outcomes
    where = [Path(path).name for path in table["in_file"]]
    read_by = zip(where, table["in_row"], table["extractor"], table["value"], strict=True)
    assert list(read_by) == [
        ("outcomes-ann.csv", "D2", "ann", 3),
        ("extraction.xlsx", "Binary!D2", "", 8),
        ("extraction-kim.xlsx", "Binary!D2", "kim", 9),
        ("extraction-kim.xlsx", "Binary!D3", "Lee", 8),
    ]
    assert table["row"].is_monotonic_increasing
    assert table["row"].min() == 2
    assert found.risk_of_bias["assessor"].tolist() == ["", "kim", "kim"]
    assert found.risk_of_bias["score"].tolist()[2] == 7
    assert "Risk-of-bias!A3" in found.risk_of_bias["in_row"].tolist()
    (raw / "extraction-kim.xlsx").rename(raw / "extraction - Copy.xlsx")
    with pytest.raises(tables.TableError, match=r"'Copy' read. Name it .*extraction-kim.xlsx"):
        brought.together(paths(tmp_path))


def test_what_one_leaves_empty_of_a_study_or_a_judgement_the_other_fills(tmp_path):
    raw = tmp_path / "data/raw/extraction"
    head = ["study_id", "records", "label", "year", "n", "dose"]
    sheets(
        raw / "extraction.xlsx",
        Studies=[
            head,
            ["ahn-2015", "pmid:1", "Ahn", None, 80, "2.0"],
            ["b-2", "pmid:2", "B", 2017],
        ],
        Certainty=[["synthesis", "domain", "judgement", "reason"], ["hr", "overall", "low", "few"]],
    )
    (raw / "studies.csv").write_text("study_id,records,label,year\nahn-2015,pmid:1,Ahn,2015\n")
    (raw / "certainty.csv").write_text("synthesis,domain,judgement\nhr,overall,low\n")
    found = brought.together(paths(tmp_path))
    mine = found.studies.to_dict("records")
    assert [(row["label"], row["year"], row["dose"]) for row in mine] == [
        ("Ahn", 2015, "2.0"),
        ("B", 2017, ""),
    ]
    assert [places.named(row, settling.STUDIES).rpartition("/")[2] for row in mine] == [
        "studies.csv, row 2",
        "extraction.xlsx, cell Studies!A3",
    ]
    assert found.certainty[["judgement", "reason"]].values.tolist() == [["low", "few"]]
    (raw / "certainty.csv").write_text("synthesis,domain,judgement\nhr,overall,high\n")
    told = r"cell Certainty!A2, column judgement of hr, overall: 'low'; .*row 2, says 'high'"
    with pytest.raises(tables.TableError, match=told):
        brought.together(paths(tmp_path))


def test_what_is_no_workbook_is_refused(tmp_path):
    book = tmp_path / "extraction.xlsx"
    book.write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(tables.TableError, match="cannot be read as an Excel workbook"):
        read.read(str(book))
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 70_000_000)
    with pytest.raises(tables.TableError, match="unpacks to 70,000,000 bytes"):
        read.read(str(book))
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]>")
    with pytest.raises(tables.TableError, match="declares a document type"):
        read.read(str(book))


def test_a_table_of_the_form_of_a_sheet_is_read_too_as_european_excel_saves_it(tmp_path):
    csv = tmp_path / "data/raw/extraction/outcomes-binary.csv"
    csv.parent.mkdir(parents=True)
    lines = ["study_id;outcome;time;Testomycin: events;Testomycin: n;source",
             "ahn-2015;fever;0,5;7;40;p. 4"]  # fmt: skip
    csv.write_bytes("\r\n".join(lines).encode("cp1252"))
    table = brought.together(paths(tmp_path)).outcomes
    mine = table[table["time"] == 0.5].iloc[0]
    assert (mine["arm"], mine["value"], mine["n"]) == ("Testomycin", 7, 40)
    assert (mine["extractor"], str(places.of(mine))) == ("", "D2 of outcomes-binary.csv")


def test_one_arm_may_be_spelt_in_two_ways_and_a_heading_that_was_changed_is_told(tmp_path):
    def found(*head):
        book = tmp_path / "extraction.xlsx"
        own = ["study_id", "outcome", "time", *head, "source"]
        sheets(book, Binary=[own, ["ahn-2015", "fever", 1, *range(8, 8 + len(head)), "p. 3"]])
        return read.read(str(book))

    [row] = found("Drug: events", "drug: n").rows["Other"]
    assert (row["arm"], row["value"], row["n"]) == ("Drug", "8", "9")
    with pytest.raises(tables.TableError, match="'Drug: events' stands there twice, case"):
        found("Drug: events", "drug: events")
    changed = found("drug: events", "patients on drug")
    assert [row["n"] for row in changed.rows["Other"]] == [""]
    [note] = changed.notes
    assert "column E: 'patients on drug' is a column of your own; no number is taken" in note
