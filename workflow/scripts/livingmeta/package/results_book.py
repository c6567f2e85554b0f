"""The tables that people ask for as one Excel file: numbers as numbers, text never a formula.

Written here rather than by a library of spreadsheets: the same tables give the same bytes, a cell
of text is of the type `inlineStr`, which no program computes, and nothing more need be loaded.
"""

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pandas as pd

from livingmeta import archive, spreadsheets, tables
from livingmeta.plan import Synthesis
from livingmeta.words.numbers import missing

# Sheet, the schema of its table, and what it holds. The first is what people open the file for.
SHEETS = (
    ("Results", "pooling/pooled", "each synthesis and model; the result has primary TRUE"),
    (
        "Summary of findings",
        "judgement/summary_of_findings",
        "risks, relative effects, certainty and a sentence for each result",
    ),
    ("Effects", "effects/effects", "the effect of each study, on the analysis scale"),
    ("Without effect", "effects/unusable", "studies that give no usable effect, and why"),
    ("Leave one out", "pooling/influence", "each result without each study"),
    ("Subgroups and moderators", "pooling/moderators", "tests between subgroups, regressions"),
    ("Guard rails", "pooling/decisions", "rules that fired, as codes"),
    ("Studies", "extraction/studies", "what the studies are"),
    ("Printed numbers", "extraction/outcomes", "numbers as the reports print them"),
    ("Risk of bias", "extraction/risk_of_bias", "judgements of each study or result"),
    ("Certainty", "living/certainty", "judgements of each result (GRADE)"),
    ("Missing results", "judgement/rob_me", "which study gives which result (ROB-ME)"),
    ("Included", "screening/included", "reports included"),
    ("Excluded", "screening/excluded", "records excluded, with the reason"),
    ("To settle", "to_settle", "what waits for people"),
)
MOST = 32_767  # characters in a cell of Excel
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/>'
    '<name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill>'
    '<patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf fontId="0"/>'
    '<xf fontId="1" applyFont="1"/></cellXfs><cellStyles count="1">'
    '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def book(read: Mapping[str, pd.DataFrame], syntheses: Mapping[str, Synthesis]) -> bytes:
    """The Excel file. `read`: the tables of SHEETS by the name of their schema. Rows of a synthesis
    say its title beside its key; a last sheet says what each column is, with unit and scale."""
    sheets = {name: _titled(read[schema], syntheses) for name, schema, _ in SHEETS}
    contents = pd.DataFrame(
        [(n, len(sheets[n]), what, f"results/{schema}.csv") for n, schema, what in SHEETS],
        columns=["sheet", "rows", "what it holds", "the same as a file"],
    )
    return _packed({"Contents": contents, **sheets, "Columns": _columns()})


def _titled(table: pd.DataFrame, syntheses: Mapping[str, Synthesis]) -> pd.DataFrame:
    if "synthesis" not in table or "title" in table:
        return table
    table = table.copy()
    titles = [syntheses[s].title if s in syntheses else "" for s in table["synthesis"]]
    table.insert(list(table.columns).index("synthesis") + 1, "title", titles)
    return table


def _columns() -> pd.DataFrame:
    rows = [
        (sheet, name, one.get("meaning", ""), one.get("unit", ""), one.get("scale", ""))
        for sheet, schema, _ in SHEETS
        for name, one in tables.schema(schema)["columns"].items()
    ]
    return pd.DataFrame(rows, columns=["sheet", "column", "meaning", "unit", "scale"])


def _packed(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    parts = {f"xl/worksheets/sheet{i}.xml": _sheet(t) for i, t in enumerate(sheets.values(), 1)}
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{i}" r:id="rId{i}"/>'
        for i, name in enumerate(sheets, 1)
    )
    related = "".join(
        f'<Relationship Id="rId{i}" Type="{_RELATED}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    related += f'<Relationship Id="rIdStyles" Type="{_RELATED}/styles" Target="styles.xml"/>'
    kinds = "".join(
        f'<Override PartName="/{path}" ContentType="{_KIND}.worksheet+xml"/>' for path in parts
    )
    parts["xl/workbook.xml"] = (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}">'
        f"<sheets>{listed}</sheets></workbook>"
    )
    parts["xl/_rels/workbook.xml.rels"] = (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>'
    )
    parts["xl/styles.xml"] = _STYLES
    parts["_rels/.rels"] = (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    parts["[Content_Types].xml"] = (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{kinds}'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>'
    )
    return archive.zipped({path: content.encode() for path, content in parts.items()})


def _sheet(table: pd.DataFrame) -> str:
    """A sheet with its head in bold, held in place and with filters."""
    wide = [_width(column, table[column]) for column in table]
    cols = "".join(
        f'<col min="{i}" max="{i}" width="{w}" customWidth="1"/>' for i, w in enumerate(wide, 1)
    )
    heads = "".join(_text(str(column), ' s="1"') for column in table)
    rows = [f"<row>{heads}</row>"]
    rows += [f"<row>{''.join(map(_cell, row))}</row>" for row in table.itertuples(index=False)]
    whole = f"A1:{spreadsheets.letters(len(wide))}{len(rows)}"
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane '
        'ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
        f"</sheetViews><cols>{cols}</cols><sheetData>{''.join(rows)}</sheetData>"
        f'<autoFilter ref="{whole}"/></worksheet>'
    )


def _width(column: Any, values: pd.Series) -> int:
    longest = max([len(str(column)) + 2, *(len(str(v)) for v in values.head(50))])
    return min(longest + 1, 20 if values.dtype.kind == "f" else 48)


def _cell(value: Any) -> str:
    if missing(value):
        return "<c/>"
    if isinstance(value, str):
        return _text(value)
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, bool):
        return f'<c t="b"><v>{int(plain)}</v></c>'
    if isinstance(plain, int | float) and abs(plain) != float("inf"):
        return f"<c><v>{plain!r}</v></c>"
    return _text(str(plain))


def _text(text: str, style: str = "") -> str:
    said = escape(_NOT_XML.sub("\ufffd", text)[:MOST])
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{said}</t></is></c>'
