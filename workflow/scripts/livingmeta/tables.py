"""Tables and their schemas: every CSV is read and written here, against its contract.

A schema is a YAML file under `workflow/schemas/`, one a table, named as the table: `data/outcomes`
for what people bring, `pooling/pooled` for what a stage computes. It gives the columns in order,
each with a type, a meaning and, where it matters, a unit and the values allowed.
"""

import codecs
import csv
import difflib
import io
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from livingmeta import cell_rules, files, spreadsheets
from livingmeta.errors import Fault, InputError, InternalError, sentences

SCHEMAS = Path(__file__).parents[2] / "schemas"
# Characters that no table, page or document may hold; Word's soft line break is one of them.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
LONGEST = 32_767  # characters in a cell of a spreadsheet


class TableError(InputError):
    """A table that breaks its contract: `problems` lists every breach, one sentence each."""


class OwnTableError(InternalError):
    """A table of ours that breaks its own schema, found before it is written."""


@cache
def schema(name: str) -> dict:
    """The schema called `name`, such as `data/outcomes`, as a dict.

    Where a column names a closed list of lists.yaml, its values stand in the name's place.
    """
    contract = _loaded(name)
    for rule in contract["columns"].values():
        if isinstance(rule.get("allowed"), str):
            rule["allowed"] = _loaded("lists")[rule["allowed"]]
    return contract


@cache
def _loaded(name: str) -> dict:
    text = (SCHEMAS / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)


def columns(name: str) -> list[str]:
    """The columns of the table called `name`, in order."""
    return list(schema(name)["columns"])


def decode(content: bytes, path: Path) -> tuple[str, list[str]]:
    """Text of a file people bring, and notes on how it was read.

    UTF-8 with or without a byte order mark, UTF-16 with one, else Windows-1252, which is what
    older spreadsheets write. Raises TableError for what is none of these.
    """
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")):
        raise TableError(
            [
                f"{path}: this is a spreadsheet file. Save it as 'CSV UTF-8 (comma delimited)' and "
                "put that here."
            ]
        )
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # Excel's "Unicode text"
        return content.decode("utf-16", errors="replace"), [f"{path}: read as UTF-16."]
    if b"\x00" in content:
        line = content[: content.index(b"\x00")].count(b"\n") + 1
        raise TableError(
            [f"{path}, row {line}: bytes that are not text (NUL). Save it as 'CSV UTF-8'."]
        )
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
    text = content.decode("cp1252", errors="replace")
    return text, [f"{path}: not UTF-8 (first seen on line {line}); read as Windows-1252."]


def read(path: Path | str, name: str) -> pd.DataFrame:
    """Read the CSV at `path` and hold it to schema `name`.

    Text columns are `str` with "" for an empty cell, numbers float64 with NaN, integers Int64,
    booleans boolean; further columns, where the schema allows them, are text. The column `row`
    is added to tables people bring: the line of the file on which the row starts, the header
    being line 1. `attrs["notes"]` says what was mended while reading.

    Raises TableError with every problem found, each with file, row, column, value, and what
    would be right.
    """
    path = Path(path)
    contract = schema(name)
    if not path.exists():
        raise TableError([f"{path} is missing. It holds {contract['row']} a row; see its schema."])
    ours = not name.startswith("data/")
    text, notes = decode(path.read_bytes(), path)
    if not ours and _CONTROL.search(text):
        text, mended = _CONTROL.subn(" ", text)
        notes.append(f"{path}: {mended} control characters read as spaces.")
    rows, lines, separator = _rows(text, path, contract, notes)
    del text  # of a long table the rows alone are a lot
    header = [column.strip() for column in rows[0]] if rows else []
    while header and not header[-1]:  # empty columns that a spreadsheet has at its right
        header.pop()
    written = header
    if not ours and header:
        header = spreadsheets.named(header, contract["columns"], f"{path}, row {lines[0]}", notes)
    if not ours and (at := spreadsheets.header_below(rows[:10], contract["columns"])):
        above = f"{path}, row {lines[0]}: '{shown(rows[0][0])}' is no column"
        below = f"row {lines[at]} names the columns. Remove what stands above it."
        raise TableError([f"{above}; {below}"])
    _check_header(header, path, contract)
    problems = []
    kept, numbers = [], []
    # A comma too many is no fault where every row ends with one.
    usual = min((len(row) for row in rows[1:] if any(row)), default=0)
    for line, row in zip(lines[1:], rows[1:], strict=True):
        if not any(cell.strip() for cell in row):
            continue
        if [cell.strip("\ufeff ") for cell in row] == written:  # a whole file added below another
            notes.append(f"{path}, row {line}: names the columns once more; passed over.")
            continue
        extra = [cell for cell in row[len(header) :] if cell.strip()]
        if extra or (len(row) > usual and len(row) > len(rows[0])):
            last = f"beyond the last: '{shown(extra[0])}'" if extra else "the last ones empty"
            problems.append(
                f"{path}, row {line}: {len(row)} cells under {len(header)} columns ({last}). "
                'A comma inside a cell needs quotes around it, straight ones (").'
            )
        for column, cell in zip(header, row, strict=False) if not ours else ():
            if len(cell) > LONGEST:
                problems.append(
                    f"{path}, row {line}, column {column}: '{shown(cell)}'; a cell holds at most "
                    f"{LONGEST} characters. A quotation mark is probably left open."
                )
        cells = [cell.strip() for cell in (row + [""] * len(header))[: len(header)]]
        kept.append([spreadsheets.plain(cell) for cell in cells] if ours else cells)
        numbers.append(line)
    table = pd.DataFrame(kept, columns=header, dtype=object)
    if not ours:
        _words(table, path, contract, notes)
    if separator != ",":
        problems += _decimal_commas(table, path, contract, notes, numbers, separator)
    for column in contract["columns"]:
        if column not in table:
            table[column] = ""
    table = table[_order(table.columns, contract)]
    problems += check(table, name, path, numbers)
    if problems:
        raise TableError(problems)
    table = typed(table, contract)
    if not ours:
        table["row"] = pd.array(numbers, dtype="int64")
    table.attrs["notes"] = notes
    return table


def brought(paths: Sequence[str], name: str) -> pd.DataFrame:
    """The table at the only one of `paths`, as `read` has it; one of no rows where there is none,
    for what nobody has brought yet counts as empty."""
    if paths:
        return read(paths[0], name)
    table = empty(name)
    table["row"] = pd.array([], dtype="int64")
    table.attrs["notes"] = []
    return table


def shown(value: Any) -> str:
    """A value as a message quotes it: in one line, and not longer than one can read."""
    line = " ".join(str(value).split())
    return line if len(line) <= 100 else f"{line[:80]}... ({len(line)} characters)"


def _decimal_commas(table, path, contract, notes, lines, separator):
    """Numbers such as 62,5 to 62.5, which is how spreadsheets that separate cells by semicolons or
    tabs write them. Sentences on the doubtful: beside 62,5 a 1.234 is hardly a decimal."""
    columns = [c for c, r in contract["columns"].items() if r["type"] == "number" and c in table]
    cells = set(table[columns].to_numpy().ravel())
    mended, doubtful = spreadsheets.decimal_commas(cells, "file", usual=separator == ";")
    problems = []
    for column in columns:
        for line, cell in zip(lines, table[column], strict=True):
            if cell in doubtful:
                problems.append(f"{path}, row {line}, column {column}: '{cell}'; {doubtful[cell]}.")
        if table[column].isin(mended).any():
            table[column] = table[column].replace(mended)
            notes.append(f"{path}, column {column}: decimal commas read as points.")
    return problems


def _words(table, path, contract, notes):
    """Words of closed lists, dates and numbers as the schema has them, if they have one reading."""
    for column, rule in contract["columns"].items():
        read = rule.get("allowed") or rule.get("path") or rule["type"] in ("date", "number")
        if column not in table or not read:
            continue
        cells = list(dict.fromkeys(table[column]))
        if rule["type"] == "date" and spreadsheets.month_first(cells):  # then 10.03. is doubtful
            cells = [cell for cell in cells if "." not in cell]
        read_as = {cell: cell_rules.as_written_here(cell, rule) for cell in cells}
        other = {cell: meant for cell, meant in read_as.items() if meant != cell}
        for cell, meant in other.items():
            notes.append(f"{path}, column {column}: '{shown(cell)}' read as {meant}.")
        if other:
            table[column] = table[column].replace(other)


def _rows(
    text: str, path: Path, contract: dict[str, Any], notes: list[Any]
) -> tuple[list[list[str]], list[int], str]:
    """Rows of cells, the line each starts on, and the separator that the spreadsheet chose."""
    above = re.match(r"sep=.\r?\n", text)  # Excel's own line on the separator
    text = text[above.end() :] if above else text
    first = text.split("\n", 1)[0]
    required = [spreadsheets.squeezed(c) for c, r in contract["columns"].items() if "required" in r]
    found = {s: sum(c in spreadsheets.names(first, s) for c in required) for s in ",;\t"}
    separator = max(found, key=lambda s: (found[s], s == ","))
    if separator != ",":
        named = {";": "semicolons", "\t": "tabs"}[separator]
        notes.append(f"{path}: cells separated by {named}; read as such.")
    # An abstract may be longer than the module's limit of 128 KB.
    csv.field_size_limit(max(csv.field_size_limit(), 100_000_000))
    reader = csv.reader(spreadsheets.lines(text), delimiter=separator, strict=True)
    rows, lines, line = [], [], 2 if above else 1
    try:
        for row in reader:
            rows.append(row)
            lines.append(line)
            line = reader.line_num + (2 if above else 1)
    except csv.Error as error:
        raise TableError(
            [f"{path}, row {line}: {error}. A quotation mark is probably left open."]
        ) from error
    return rows, lines, separator


def _check_header(header, path, contract):
    if not any(header):
        raise TableError([f"{path} is empty. Its first row must name the columns."])
    problems = []
    for column in sorted({c for c in header if header.count(c) > 1 and c}):
        problems.append(f"{path}, row 1: '{column}' stands there twice, case and blanks aside.")
    for column, rule in contract["columns"].items():
        if rule.get("required") and column not in header:
            problems.append(
                f"{path}, row 1: the column '{column}' is missing ({rule['meaning']})"
                + _nearest(column, [c for c in header if c not in contract["columns"]], "; found")
            )
    if contract.get("extra_columns"):
        doubts = spreadsheets.doubts(header, contract["columns"])
        problems += [f"{path}, row 1: {said}" for said in doubts]
    else:
        for column in header:
            if column not in contract["columns"]:
                problems.append(
                    f"{path}, row 1: no column is called '{column}'"
                    + _nearest(column, contract["columns"], "; did you mean")
                )
    if problems:
        raise TableError(problems)


def _nearest(word: Any, known: Any, lead: Any) -> str:
    close = difflib.get_close_matches(str(word), [str(k) for k in known], n=1, cutoff=0.6)
    return f"{lead} '{close[0]}'?" if close else "."


def _order(columns: Any, contract: dict[str, Any]) -> list[str]:
    return [*contract["columns"], *(c for c in columns if c not in contract["columns"])]


def check(
    table: pd.DataFrame, name: str, path: Path | str, rows: list[int] | None = None
) -> list[str]:
    """Every breach of schema `name` in a table of text cells, as sentences; [] if there is none.

    `rows`: the number by which a person finds each row (default 2, 3, ...: the header is row 1).
    """
    contract = schema(name)
    rows = list(rows) if rows is not None else list(range(2, len(table) + 2))
    past = name.startswith("data/")  # there each date is of what somebody did
    found = []
    for column, rule in contract["columns"].items():
        values = table[column].tolist()  # each is looked at once
        faults = {v: wrong for v in set(values) if (wrong := cell_rules.wrong(v, rule, past))}
        for row, value in zip(rows, values, strict=True) if faults else ():
            if value in faults:
                cell = f"'{shown(value)}'" if value != "" else "empty"
                found.append(Fault(row, column, cell, faults[value]))
    problems = sentences(path, found)
    key = contract.get("key")
    if key and not problems:
        seen: dict[tuple, int] = {}
        for row, values in zip(rows, table[key].itertuples(index=False, name=None), strict=True):
            if values in seen:
                same = ", ".join(f"{c} '{shown(v)}'" for c, v in zip(key, values, strict=True))
                problems.append(
                    f"{path}, row {row}: {same} stands already on row {seen[values]}; "
                    "it may stand there once."
                )
            seen.setdefault(values, row)
    return problems


def typed(table: pd.DataFrame, contract: dict[str, Any]) -> pd.DataFrame:
    """A table of text cells that break no rule, in the types that `read` gives."""
    typed: dict[Any, pd.Series] = {}
    for column in table:
        kind = contract["columns"].get(column, {"type": "string"})["type"]
        cells = table[column]
        if kind in ("number", "integer"):
            numbers = pd.to_numeric(cells.where(cells != "", None))
            typed[column] = numbers.astype("float64" if kind == "number" else "Int64")
        elif kind == "boolean":
            lower = cells.str.lower()
            typed[column] = lower.map({"true": True, "false": False}).astype("boolean")
        else:
            typed[column] = cells.astype(object)
    return pd.DataFrame(typed, columns=table.columns)


def write(table: pd.DataFrame, path: Path | str, name: str) -> None:
    """Write `table` to `path` under schema `name`, whole or not at all.

    Columns come in the schema's order, `optional` ones only where a row has them, and further ones
    after them; rows keep theirs. No cell is a formula (`spreadsheets.harmless`); `read` takes that
    back. UTF-8, LF, floats by shortest round trip, so the same data give the same bytes.
    Raises OwnTableError if the table breaks its own contract: then the fault is ours.
    """
    contract = schema(name)
    unknown = [c for c in table.columns if c not in contract["columns"]]
    if unknown and not contract.get("extra_columns"):
        raise OwnTableError(f"{path}: columns that schema {name} does not know: {unknown}")
    optional = [c for c, rule in contract["columns"].items() if rule.get("optional")]
    table = table.assign(**{c: "" for c in optional if c not in table.columns})
    if absent := [c for c in contract["columns"] if c not in table.columns]:
        raise OwnTableError(f"{path}: columns of schema {name} that are missing: {absent}")
    ordered = table[_order(table.columns, contract)].astype(object)
    cells = pd.DataFrame({c: [text(v) for v in ordered[c]] for c in ordered}, dtype=object)
    if problems := check(cells, name, path):
        raise OwnTableError("\n".join(problems))
    cells = cells.drop(columns=[c for c in optional if not (cells[c] != "").any()])
    buffer = io.BytesIO()
    encoded = io.TextIOWrapper(buffer, "utf-8", newline="")
    writer = csv.writer(encoded, lineterminator="\n")
    writer.writerow(cells.columns)
    rows = cells.itertuples(index=False, name=None)
    writer.writerows([spreadsheets.harmless(cell) for cell in row] for row in rows)
    encoded.flush()
    files.write(buffer.getbuffer(), path)


def text(value: Any) -> str:
    """A cell as written: "" for what is missing, true/false, floats by shortest round trip."""
    if isinstance(value, str):  # first, as most are
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "true" if value else "false"
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return repr(value + 0.0).removesuffix(".0")  # -0.0 is written as 0
    return str(value)


def write_text(content: str, path: Path | str) -> None:
    """Write text to `path` as UTF-8, whole or not at all."""
    files.write(content.encode("utf-8"), path)


def write_json(content: object, path: Path | str) -> None:
    """Write `content` as indented JSON, keys in the order given, whole or not at all."""
    write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n", path)


def read_json(path: Path | str) -> Any:
    """The content of a JSON file that an earlier stage wrote."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def empty(name: str) -> pd.DataFrame:
    """A table of no rows with the columns and types of schema `name`."""
    contract = schema(name)
    return typed(pd.DataFrame(columns=list(contract["columns"]), dtype=object), contract)
