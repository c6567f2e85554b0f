"""The file of the report's content, results/report.json.

Runs without look, number or link are plain texts in it; all else is as in report/content.py, and an
unknown kind or field stops the reader.
"""

from dataclasses import fields
from typing import Any

from livingmeta.report.content import (
    Block,
    ContentError,
    Document,
    Figure,
    Heading,
    Items,
    Paragraph,
    Run,
    Section,
    Table,
)

KINDS = {kind.__name__.lower(): kind for kind in (Heading, Paragraph, Items, Table, Figure)}
# How deep the runs of a field lie in lists: a caption is runs, heads are lists of runs.
DEPTH = {"runs": 0, "caption": 0, "heads": 1, "items": 1, "rows": 2}


def of_document(document: Document) -> dict[str, Any]:
    """The document as values that JSON holds."""
    return {
        "title": document.title,
        "front": _texts(document.front, 1),
        "sections": [_of_section(section) for section in document.sections],
        "main": [_of_block(block) for block in document.main],
        "supplement": [_of_block(block) for block in document.supplement],
        "language": document.language,
    }


def to_document(content: dict[str, Any]) -> Document:
    """The document that `content` of report.json holds; the inverse of `of_document`.

    Raises ContentError for a kind of block or a field that report/content.py does not have.
    """
    try:
        return Document(
            content["title"],
            _runs(content["front"], 1),
            tuple(_section(section) for section in content["sections"]),
            tuple(_block(block) for block in content["main"]),
            tuple(_block(block) for block in content["supplement"]),
            content["language"],
        )
    except (KeyError, TypeError) as error:
        raise ContentError(f"report.json is not as report/content.py has it: {error!r}") from error


def _of_section(section):
    return {
        "anchor": section.anchor,
        "title": section.title,
        "inside": [_of_section(s) for s in section.inside],
    }


def _section(content):
    inside = tuple(_section(s) for s in content["inside"])
    return Section(content["anchor"], content["title"], inside)


def _of_block(block: Block) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": type(block).__name__.lower()}
    for field in fields(block):
        value = getattr(block, field.name)
        if field.name in DEPTH:
            value = _texts(value, DEPTH[field.name])
        found[field.name] = list(value) if isinstance(value, tuple) else value
    return found


def _block(content: dict[str, Any]) -> Block:
    values = {}
    for name, value in content.items():
        if name in DEPTH:
            values[name] = _runs(value, DEPTH[name])
        elif name != "kind":
            values[name] = tuple(value) if isinstance(value, list) else value
    return KINDS[content["kind"]](**values)


def _texts(value, depth):
    """Runs as texts, or as their filled fields where there is more than text to them."""
    if depth:
        return [_texts(part, depth - 1) for part in value]
    return [_of_run(run) for run in value]


def _of_run(run):
    filled = {field.name: getattr(run, field.name) for field in fields(run)}
    filled = {name: text for name, text in filled.items() if text or name == "text"}
    return run.text if len(filled) == 1 else filled


def _runs(value, depth):
    if depth:
        return tuple(_runs(part, depth - 1) for part in value)
    return tuple(Run(run) if isinstance(run, str) else Run(**run) for run in value)
