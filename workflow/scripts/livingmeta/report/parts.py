"""Which parts of the report's sections are printed in the supplement.

One mark says it, on a section, on a part of one and on a row of a table or an item of a list:
`data-part="supplement"`; what the page folds is there without it.
"""

from copy import deepcopy
from xml.etree.ElementTree import Element

from livingmeta.report.content import ContentError

# A table or list of no more rows stays whole, whatever is marked in it.
FEW = 8


def in_supplement(element: Element) -> bool:
    """Whether an element is printed in the supplement: what is folded, and what says so."""
    folded = element.tag == "details" and "open" not in element.attrib
    return folded or element.get("data-part") == "supplement"


def divide(section: Element) -> None:
    """Take the marked rows of long tables and lists of a section into parts of their own for the
    supplement, each where its table or list stands."""
    if in_supplement(section):
        return
    for i, child in reversed(list(enumerate(section))):
        if child.tag == "section":
            divide(child)
        elif not in_supplement(child) and (part := _marked_rows(child)) is not None:
            left = any(len(rows) for rows in _rows_of(child))
            section[i : i + 1] = [child, part] if left else [part]


def _marked_rows(element: Element) -> Element | None:
    """The marked rows of the table or list that an element is or holds, taken out of it, as a part
    for the supplement; None if it has none, or few rows in all.

    Raises ContentError where the rest has no title (`data-rest`)."""
    moved = deepcopy(element)
    pairs = [*zip(_rows_of(element), _rows_of(moved), strict=True)]
    if not any(len(rows) > FEW and _marked(rows) for rows, _ in pairs):
        return None
    if len(pairs) > 1:
        raise ContentError("rows are marked for the supplement where two tables stand together")
    rows, others = pairs[0]
    whole = len(_marked(rows)) == len(rows)
    for row in _marked(rows):
        rows.remove(row)
    for row in [row for row in others if row.get("data-part") != "supplement"]:
        others.remove(row)
    named = next(one for one in moved.iter() if one.tag in ("table", "ul", "ol"))
    title = named.get("data-rest", "")
    if not title:
        raise ContentError("rows are marked for the supplement without a title of the rest")
    caption = named.find("caption")
    if caption is not None and not whole:
        named.set("data-name", f"{named.get('data-name')}-more")
        caption.clear()
        caption.text = title
    part = Element("div", {"data-part": "supplement", "data-title": title})
    part.append(moved)
    return part


def _rows_of(element: Element) -> list[Element]:
    """What holds the rows of each table and the items of each list of an element."""
    if element.tag in ("ul", "ol"):
        return [element]
    return list(element.iter("tbody"))


def _marked(rows: Element) -> list[Element]:
    return [row for row in rows if row.get("data-part") == "supplement"]
