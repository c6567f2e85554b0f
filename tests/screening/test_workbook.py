"""Exports as Excel files: a row is a line, and what is no table of records is refused."""

import io
import zipfile

import pytest

from livingmeta.screening.readers import export

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def _workbook(*sheets, shared=()):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, rows in enumerate(sheets, 1):
            archive.writestr(
                f"xl/worksheets/sheet{number}.xml",
                f"<worksheet {_MAIN}><sheetData>{rows}</sheetData></worksheet>",
            )
        if shared:
            texts = "".join(f"<si><t>{text}</t></si>" for text in shared)
            archive.writestr("xl/sharedStrings.xml", f"<sst {_MAIN}>{texts}</sst>")
    return out.getvalue()


ROWS = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>'
    '<c r="C1" t="s"><v>2</v></c>'
    '<c r="D1" t="inlineStr"><is><t>DOI</t></is></c></row>'
    '<row r="3"><c r="A3" t="s"><v>3</v></c><c r="B3" t="s"><v>4</v></c><c r="C3"><v>2020</v></c>'
    '<c r="D3" t="inlineStr"><is><r><t>10.5555/</t></r><r><t>x.1</t></r></is></c></row>'
    '<row r="4"><c r="A4" t="s"><v>5</v></c>'
    '<c r="D4" t="inlineStr"><is><t>10.5555/x.2</t></is></c></row>'
)
SHARED = ["Title", "Authors", "Year", "Snow, on\nroofs", "Lind, Ola; Berg, Ada", "Rain"]


def test_a_sheet_is_read_and_a_line_is_its_row(tmp_path):
    path = tmp_path / "savedrecs.xlsx"
    about = '<row r="1"><c r="A1" t="inlineStr"><is><t>About this export</t></is></c></row>'
    path.write_bytes(_workbook(about, ROWS, shared=SHARED))
    records, rejects = export.read(path)
    assert records["title"].tolist() == ["Snow, on roofs", "Rain"]
    assert records["authors"].tolist() == ["Lind, Ola; Berg, Ada", ""]
    assert records["year"].tolist() == ["2020", ""]
    assert records["doi"].tolist() == ["10.5555/x.1", "10.5555/x.2"]
    assert records["line"].tolist() == [3, 4]
    assert rejects.empty
    assert "sheet" in records.attrs["notes"][0]


def test_an_excel_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "costs.xlsx"
    path.write_bytes(_workbook('<row r="1"><c r="A1"><v>12</v></c></row>'))
    with pytest.raises(export.ReadError, match="Excel"):
        export.read(path)
    path.write_bytes(_workbook(ROWS, shared=SHARED)[:200])
    with pytest.raises(export.ReadError, match="Excel"):
        export.read(path)


def test_records_on_two_sheets_are_refused_and_a_sheet_of_headers_is_none(tmp_path):
    path = tmp_path / "two.xlsx"
    path.write_bytes(_workbook(ROWS, ROWS, shared=SHARED))
    with pytest.raises(export.ReadError, match="2 sheets hold records"):
        export.read(path)
    path.write_bytes(_workbook(ROWS[: ROWS.index('<row r="3">')], ROWS, shared=SHARED))
    assert export.read(path)[0]["title"].tolist() == ["Snow, on roofs", "Rain"]


def cells(number, *texts):
    inner = "".join(
        f'<c r="{"ABCD"[i]}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for i, text in enumerate(texts)
    )
    return f'<row r="{number}">{inner}</row>'


@pytest.mark.parametrize(
    "headless",
    [
        cells(1, "Frost", "Berg, Ada", "2021", "https://doi.org/10.5555/x.3"),
        cells(1, "Frost on roofs and on the roads of towns", "Berg, Ada", "2021", "Ice 4:1")
        + cells(2, "Frost on the roads of Oslo", "Berg, Ada", "2022", "Ice 5:1"),
        cells(1, "Snow on the roofs of Oslo", "Berg, Ada", "2021", "33604314")
        + cells(2, "Snow on the roofs of Rome", "Berg, Ada", "2020", "33604315"),
    ],
)
def test_records_on_a_sheet_without_a_head_are_not_passed_over(tmp_path, headless):
    path = tmp_path / "two.xlsx"
    path.write_bytes(_workbook(ROWS, headless, shared=SHARED))
    with pytest.raises(export.ReadError, match=r"sheet 2 \([12] from row 1 on\) without a head"):
        export.read(path)


def test_sheets_of_strategies_and_explanations_are_passed_over(tmp_path):
    more = cells(1, "1", "exp snow/ or frost.mp. or ice on the roofs of houses", "2013")
    more += cells(2, "Please cite our export as Berg A", "", "10.5555/export.1")
    more += cells(4, "2", "heart failure AND trials of roofs", "2014", "2024-05-01")
    more += cells(5, "3", "the roofs of houses AND snow or frost", "2015", "2024-05-01")
    more += cells(3, "Searched on Monday by the library", "Kim", "in Oslo")
    path = tmp_path / "one.xlsx"
    path.write_bytes(_workbook(ROWS, more, shared=SHARED))
    assert export.read(path)[0]["title"].tolist() == ["Snow, on roofs", "Rain"]
