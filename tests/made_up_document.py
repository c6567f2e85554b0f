"""The made-up review as a page and as the document that is set in type, made once for all tests."""

from functools import cache

from livingmeta.package import answers_to_checklists
from livingmeta.plan import Protocol
from livingmeta.prose import checklists
from livingmeta.report import content
from livingmeta.report.document import papers
from livingmeta.report.page import page
from made_up_review import FLOW, made_up_figures, made_up_tables, protocol


@cache
def parts() -> dict:
    """`protocol`, `asked` of it, `tables`, `figures`, `page`, `numbers`, `content`, `document`,
    which is the content with the checklists, and `papers`, which it is printed as, of the made-up
    review."""
    plan = protocol()
    tables = made_up_tables(plan)
    figures = made_up_figures(plan, tables)
    html, numbers, written, *_ = page.render(plan, tables, FLOW, figures, agreement={})
    lists = checklists.read()
    asked = Protocol.of(plan)
    holding = checklists.facts(asked, tables)
    answers = answers_to_checklists.table(lists, holding, set(written.anchors), {})
    document = content.with_more(written, answers_to_checklists.blocks(lists, answers))
    return {
        "protocol": plan,
        "asked": asked,
        "tables": tables,
        "figures": figures,
        "page": html,
        "numbers": numbers,
        "content": written,
        "document": document,
        "papers": papers.cut(document),
    }
