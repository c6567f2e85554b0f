"""One Excel file of the tables that people ask for: numbers as numbers, text never a formula."""

import re
import xml.etree.ElementTree as ET

import pandas as pd

from livingmeta import archive, plan, protocol, tables
from livingmeta.package import results_book
from livingmeta.spreadsheets import letters
from made_up_review import PROTOCOL

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SYNTHESES = plan.Protocol.of(protocol.complete(PROTOCOL, "config/config.yaml")).syntheses


def empty() -> dict[str, pd.DataFrame]:
    return {schema: tables.empty(schema) for _, schema, _ in results_book.SHEETS}


def sheets(content: bytes) -> dict[str, list[list]]:
    """Cells by name of the sheet, as (type, text)."""
    parts = archive.unzipped(content)
    names = [s.get("name") for s in ET.fromstring(parts["xl/workbook.xml"]).iter(f"{MAIN}sheet")]
    found = {}
    for i, name in enumerate(names, 1):
        root = ET.fromstring(parts[f"xl/worksheets/sheet{i}.xml"])
        found[name] = [
            [(c.get("t", "n" if len(c) else ""), "".join(c.itertext())) for c in row]
            for row in root.iter(f"{MAIN}row")
        ]
        assert not list(root.iter(f"{MAIN}f")), "a formula"
    return found


def test_numbers_are_numbers_and_text_is_no_formula():
    read = empty()
    row = dict.fromkeys(tables.columns("pooling/pooled"), None)
    row |= {"synthesis": "tb", "model": "=1+1", "primary": True, "k": 13, "display_estimate": 0.5}
    read["pooling/pooled"] = pd.DataFrame([row])
    head, cells = sheets(results_book.book(read, SYNTHESES))["Results"]
    said = dict(zip([text for _, text in head], cells, strict=True))
    assert said["display_estimate"] == ("n", "0.5")
    assert said["k"] == ("n", "13")
    assert said["primary"] == ("b", "1")
    assert said["model"] == ("inlineStr", "=1+1")
    assert said["title"] == ("inlineStr", "Tuberculosis")
    assert said["p_value"] == ("", "")


def test_what_no_cell_can_hold_does_not_break_the_file():
    read = empty()
    awkward = "a\x00b & <c> " + "long " * 10_000
    read["extraction/studies"] = pd.DataFrame([{"study_id": awkward, "n": float("inf")}])
    (_, cells) = sheets(results_book.book(read, SYNTHESES))["Studies"]
    assert cells[0][1].startswith("a\ufffdb & <c> long")
    assert len(cells[0][1]) == results_book.MOST
    assert cells[1] == ("inlineStr", "inf")


def test_every_column_is_explained_and_every_sheet_listed():
    found = sheets(results_book.book(empty(), SYNTHESES))
    assert [row[0][1] for row in found["Contents"][1:]] == [s for s, _, _ in results_book.SHEETS]
    for row in found["Columns"][1:]:
        assert row[2][1], f"{row[0][1]}: column {row[1][1]} has no meaning"


def test_the_same_tables_give_the_same_bytes_and_names_that_excel_takes():
    assert results_book.book(empty(), SYNTHESES) == results_book.book(empty(), SYNTHESES)
    for name, _, _ in results_book.SHEETS:
        assert len(name) <= 31
        assert not re.search(r"[\\/*?:\[\]]", name)


def test_columns_go_by_letters():
    assert [letters(n) for n in (1, 26, 27, 702, 703)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
    ]
