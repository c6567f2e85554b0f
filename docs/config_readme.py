"""Write config/README.md, every key of the protocol and every column people fill in, in words, and
docs/tables.md, the same of every table that is computed.

Both come from the schemas, so the pages cannot say anything else than what is checked:
`python docs/config_readme.py`. A test fails if a page is not what this writes.
"""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
SCHEMAS = ROOT / "workflow" / "schemas"
PAGE = ROOT / "config" / "README.md"
OF_RESULTS = ROOT / "docs" / "tables.md"
TABLES = {
    "searches": "data/raw/searches/searches.csv",
    "decisions": "data/raw/screening/decisions.csv",
    "reviewers": "data/raw/reviewers.csv",
    "sentinel": "data/raw/sentinel.csv",
    "states": "data/raw/states.csv",
    "known_items": "data/raw/known_items.csv",
    "fulltexts": "data/raw/fulltexts.csv",
    "contacts": "data/raw/contacts.csv",
    "duplicates": "data/raw/screening/duplicates.csv",
    "studies": "data/raw/extraction/studies.csv",
    "outcomes": "data/raw/extraction/outcomes.csv",
    "curves": "data/raw/extraction/curves/<study_id>.<arm>.<outcome>.csv",
    "quotes": "data/raw/extraction/quotes.csv",
    "risk_of_bias": "data/raw/extraction/risk_of_bias.csv",
    "certainty": "data/raw/extraction/certainty.csv",
    "rob_me": "data/raw/extraction/rob_me.csv",
}
HEAD = """\
# What to write where

This page is written from the schemas by `python docs/config_readme.py`; change those, not it.

A review is a folder. In `config/config.yaml` stands its protocol, in `data/raw/` what people
bring: search exports, decisions and numbers as printed. Everything else is computed.

## `config/config.yaml`: the protocol

A key that is not in this list stops the run, and the message names the nearest one that is.
`<name>` is a short name of your own, of at most 80 lower-case letters, digits and hyphens.
"""
MIDDLE = """
## `data/raw/`: tables that people fill in

CSV with one header row, as any spreadsheet saves it ("CSV UTF-8"). Columns in **bold** must be
there; further columns of your own are kept and carried along (not in curves). A wrong cell stops
the run with its file, row, column, value, and what would be right. Empty means unknown.
Files of curves are read as digitisers export them: docs/survival.md, "Files of curves".
Studies, outcomes, risk of bias and certainty may stand in an Excel workbook as well or instead,
`data/raw/extraction/extraction.xlsx`, which `snakemake workbook` writes: docs/extracting.md, "In a
workbook".
What people write for the report, its abstract and discussion, lies in `data/raw/prose`:
docs/prose.md.
"""
# Tables that do not stand where their schema is named after.
ELSEWHERE = {
    "report/checklists": "results/package/checklists.csv",
    "report/language": "workflow/templates/german.csv",
    "report/metafor_effects": "results/package/metafor_effects.csv",
    "report/metafor_results": "results/package/metafor_results.csv",
    "report/prisma2020": "results/package/flow.csv, updated_flow.csv",
    "report/prisma_s": "results/package/prisma_s.csv",
    "living/course": "releases/<version>/course.csv",
    "living/courses": "releases/<version>/courses.csv",
    "living/effects": "releases/<version>/effects.csv",
    "living/guard_rails": "releases/<version>/guard_rails.csv",
    "living/intervals": "releases/<version>/intervals.csv",
    "living/numbers": "releases/<version>/numbers.csv",
    "living/outcomes": "releases/<version>/outcomes.csv",
    "living/pooled": "releases/<version>/pooled.csv",
    "living/studies": "releases/<version>/studies.csv",
}
RESULTS_HEAD = """\
# What stands in which table

This page is written from the schemas by `python docs/config_readme.py`; change those, not it.

Every table is UTF-8 with commas, one header row, points in decimals and days as 2026-03-02; an
empty cell is what is not known or does not apply. Columns in **bold** are never empty. Of numbers
the unit and the scale are named: on the analysis scale ratios are logarithms and proportions mostly
log odds ([methods](methods.md)), on the display scale they are as printed.

## What people fill in

[config/README.md](../config/README.md) tells each column of these.

| table | a row is |
|---|---|
"""


def keys(node: dict, defs: dict, path: str = "", required: bool = False):
    """A line for each key below `node`: its path, what it takes, its default, its description."""
    if "$ref" in node:
        node = defs[node["$ref"].rsplit("/", 1)[1]]
    if path and "description" in node:
        yield f"| `{path}` | {_takes(node)} | {_default(node, required)} | {node['description']} |"
    for key, inner in node.get("properties", {}).items():
        below = f"{path}.{key}" if path else key
        yield from keys(inner, defs, below, key in node.get("required", []))
    rest = node.get("additionalProperties")
    if isinstance(rest, dict) and "properties" in rest:
        yield from keys(rest, defs, f"{path}.<name>")
    items = node.get("items")
    # The parts of a model ($ref) are the same wherever one stands: told once, under `model`.
    if isinstance(items, dict) and "properties" in items:
        yield from keys(items, defs, f"{path}[]")
    for option in [*node.get("oneOf", []), *(items or {}).get("oneOf", [])]:
        told_already = path.endswith("sensitivity") and option.get("$ref") == "#/$defs/model"
        if "$ref" in option and not told_already:
            yield from keys(option, defs, path)


def _takes(node: dict) -> str:
    if "oneOf" in node:
        return "`auto` or a model"
    if "enum" in node:
        return ", ".join(f"`{v}`" if v != "" else "(empty)" for v in node["enum"])
    kind = node.get("type", "")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "array":
        return "a list"
    return {"object": "keys below", "string": "text"}.get(kind, kind)


def _default(node: dict, required: bool) -> str:
    if required:
        return "required"
    default = node.get("default")
    return "" if default in (None, "", [], {}) else f"`{default}`"


def columns(schema: dict, bold: str = "required"):
    """A line for each column of a table; those for which the schema says `bold` stand out."""
    lists = _schema(SCHEMAS / "lists.yaml")
    for name, rule in schema["columns"].items():
        shown = f"**`{name}`**" if rule.get(bold) else f"`{name}`"
        scale = f"{rule['scale']} scale" if rule.get("scale") else ""
        measured = ", ".join(filter(None, [rule.get("unit"), scale]))
        values = rule.get("allowed", [])
        values = lists[values] if isinstance(values, str) else values
        allowed = ", ".join(f"`{value}`" for value in values)
        told = rule["meaning"] + (f" ({measured})" if measured else "")
        told += f". One of {allowed}" if allowed else ""
        yield f"| {shown} | {rule['type']} | {told.replace('|', chr(92) + '|')} |"


def of_results() -> str:
    """The page on every table that is computed."""
    files = [SCHEMAS / "to_settle.yaml"]
    stages = ("screening", "extraction", "effects", "pooling", "judgement", "living", "report")
    for stage in (*stages, "prose"):
        files += sorted((SCHEMAS / stage).glob("*.yaml"))
    raw = {file: _schema(SCHEMAS / "data" / f"{table}.yaml") for table, file in TABLES.items()}
    brought = "\n".join(f"| `{file}` | {schema['row']} |" for file, schema in raw.items())
    lines = [f"{RESULTS_HEAD}{brought}\n"]
    for path in files:
        name = path.relative_to(SCHEMAS).with_suffix("").as_posix()
        schema = _schema(path)
        lines += [f"## `{ELSEWHERE.get(name, f'results/{name}.csv')}`", ""]
        key = ", ".join(f"`{column}`" for column in schema.get("key", []))
        further = " Further columns may follow." if schema.get("extra_columns") else ""
        told = f"{'; no two rows have the same ' + key if key else ''}."
        lines += [f"A row is {schema['row']}{told}{further}", ""]
        lines += ["| column | type | what it holds |", "|---|---|---|"]
        lines += [*columns(schema, "filled"), ""]
    return "\n".join(lines).rstrip() + "\n"


def _schema(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def page() -> str:
    """The whole page."""
    protocol = _schema(SCHEMAS / "config.schema.yaml")
    lines = [HEAD, "| key | takes | default | what it says |", "|---|---|---|---|"]
    lines += list(keys(protocol, protocol["$defs"]))
    lines.append(MIDDLE)
    for table, file in TABLES.items():
        schema = _schema(SCHEMAS / "data" / f"{table}.yaml")
        lines += [f"### `{file}`", "", f"A row is {schema['row']}.", ""]
        lines += ["| column | type | what it holds |", "|---|---|---|", *columns(schema), ""]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    OF_RESULTS.write_text(of_results(), encoding="utf-8")
