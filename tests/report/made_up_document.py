"""The made-up review as a page and as the document that is set in type, made once for all tests."""

import json
import re
from functools import cache
from pathlib import Path

from made_up_review import FLOW, made_up_figures, made_up_tables, protocol

from livingmeta.report import checklists, content, from_page, page

WORKFLOW = Path(__file__).parents[2] / "workflow"
NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


@cache
def parts() -> dict:
    """`protocol`, `tables`, `figures`, `page`, `numbers` and `document` of the made-up review."""
    plan = protocol()
    tables = made_up_tables(plan)
    figures = made_up_figures(plan, tables)
    html, numbers = page.render(plan, tables, FLOW, figures, agreement={})
    document = from_page.read(html, numbers)
    lists = checklists.read()
    answers = checklists.table(lists, checklists.facts(plan, tables), from_page.anchors(html))
    document = content.with_appendix(document, checklists.blocks(lists, answers))
    return {
        "protocol": plan,
        "tables": tables,
        "figures": figures,
        "page": html,
        "numbers": numbers,
        "document": document,
    }


def unknown_numbers(text: str) -> list[str]:
    """The numbers of a text that stand neither in numbers.json nor in what the report quotes: the
    protocol, the tables, the sentences of the templates, the checklists, and the drawings, whose
    own numbers are held by the tests of the figures."""
    found = parts()
    known = " ".join(entry["text"] for entry in found["numbers"])
    known += json.dumps(found["protocol"], ensure_ascii=False)
    known += " ".join(
        str(value)
        for table in found["tables"].values()
        for value in table.select_dtypes(exclude="float").to_numpy().ravel()
    )
    files = [*(WORKFLOW / "templates").glob("*.jinja"), *(WORKFLOW / "checklists").glob("*.yaml")]
    known += " ".join(path.read_text("utf-8") for path in files)
    known += " ".join(re.sub(r"<[^>]*>", " ", svg) for svg in found["figures"].values())
    # The label of a model names its degrees of freedom, the versions of software are its own.
    known += found["page"][found["page"].index("Computed with") :][:200]
    allowed = set(NUMBER.findall(known))
    return [number for number in NUMBER.findall(text) if number not in allowed]
