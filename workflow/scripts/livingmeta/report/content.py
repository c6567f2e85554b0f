"""What the report says, as plain blocks: one tree, made once, from which the page takes its list of
contents, the Word file and the PDF all they print, and the checklists their places.

It stands in results/report.json; the classes here are its format.
"""

import math
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from xml.etree.ElementTree import Element

from livingmeta.errors import InternalError

# Characters that fit across a page in a table's type; a wider table is set smaller.
ACROSS, ACROSS_SMALL = 104, 112
SQUEEZED = 1.25  # so many times wider, words are broken; beyond that nobody can read them
# Rows; a longer table goes on over the page, since a page that waits for it stays half empty.
ON_ONE_PAGE = 8
# A mark on a section, on a part of one, or on a row of a table or item of a list:
# `data-part="supplement"`. What the page folds is in the supplement without it.
# A table or list of no more rows stays whole, whatever is marked in it.
FEW = 8


# What a paper calls its parts.
LABELS = ("Figure", "Table", "Contents", "Part {1} of {2}.")


class ContentError(InternalError):
    """What is to be content has no block, or is a number that is not registered."""


@dataclass(frozen=True)
class Run:
    """A stretch of text of one look (`strong`, `em`, `code`, `small`, `sub`, `sup` or nothing).

    `number`: the id of the number of numbers.json that it is; `href`: where a click leads,
    `#anchor` within the document, `supplement#anchor` in the paper of that name. A line break is a
    run of one newline.
    """

    text: str
    look: str = ""
    number: str = ""
    href: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading; `level` 1 is a section's. `anchor` is unique in the document, or empty."""

    level: int
    runs: tuple[Run, ...]
    anchor: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `look`: `answer` for the main sentence of a synthesis, `note`, or nothing."""

    runs: tuple[Run, ...]
    look: str = ""


@dataclass(frozen=True)
class Items:
    """A list: bulleted, or numbered from `first` on; `anchors`: of its items, or none."""

    items: tuple[tuple[Run, ...], ...]
    first: int = 0
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table: a head, rows of cells, which columns hold numbers, and which rows are marked."""

    name: str
    caption: tuple[Run, ...]
    heads: tuple[tuple[Run, ...], ...]
    rows: tuple[tuple[tuple[Run, ...], ...], ...]
    numeric: tuple[bool, ...]
    marked: tuple[int, ...] = ()

    @property
    def shares(self) -> list[float]:
        """Widths of the columns as shares of 1: each holds its longest word, and the rest is
        shared by how much text a column has."""
        columns = list(zip(self.heads, *self.rows, strict=True))
        least = [self._least(i, column) for i, column in enumerate(columns)]
        wanted = [
            max(low, min(42.0, _usual(len(plain(cell)) for cell in column)))
            for low, column in zip(least, columns, strict=True)
        ]
        spare = max(0.0, (ACROSS_SMALL if self.wide else ACROSS) - math.fsum(least))
        more = math.fsum(w - low for w, low in zip(wanted, least, strict=True)) or 1.0
        widths = [low + spare * (w - low) / more for w, low in zip(wanted, least, strict=True)]
        return [round(w / math.fsum(widths), 4) for w in widths]

    def parts(self) -> list["Table"]:
        """The table in as many as it takes for all columns to fit a page, in small type; each has
        the first column, which says what a row is."""
        columns = list(zip(self.heads, *self.rows, strict=True))
        first, *rest = (self._least(i, column) for i, column in enumerate(columns))
        if first + math.fsum(rest) <= SQUEEZED * ACROSS_SMALL:
            return [self]
        groups, taken = [[0]], first
        for i, least in enumerate(rest, start=1):
            if len(groups[-1]) > 1 and taken + least > ACROSS_SMALL:
                groups.append([0])
                taken = first
            groups[-1].append(i)
            taken += least
        return [self._of(group) for group in groups]

    def _of(self, at: list[int]) -> "Table":
        return replace(
            self,
            heads=tuple(self.heads[i] for i in at),
            rows=tuple(tuple(row[i] for i in at) for row in self.rows),
            numeric=tuple(self.numeric[i] for i in at),
        )

    @property
    def short(self) -> bool:
        """Whether it is kept on one page."""
        return len(self.rows) <= ON_ONE_PAGE

    @property
    def wide(self) -> bool:
        """Whether its type must be smaller for it to fit a page."""
        columns = list(zip(self.heads, *self.rows, strict=True))
        return sum(self._least(i, column) for i, column in enumerate(columns)) > ACROSS

    def _least(self, i, column):
        texts = [plain(cell) for cell in column]
        words = max((len(w) for text in texts for w in re.split(r"[\s/-]", text)), default=0)
        # A number is not broken over lines: `0.58 (0.35 to 0.94)` takes a line of its own.
        whole = max((len(text) for text in texts[1:]), default=0) if self.numeric[i] else 0
        return 2.4 + max(min(words, 22), min(whole, 24))


@dataclass(frozen=True)
class Figure:
    """A drawing by its name (`forest-<synthesis>`) with its caption."""

    name: str
    caption: tuple[Run, ...]


Block = Heading | Paragraph | Items | Table | Figure


@dataclass(frozen=True)
class Section:
    """A section of the report: where a link leads, its heading, and the sections inside it."""

    anchor: str
    title: str
    inside: tuple["Section", ...] = ()

    @property
    def anchors(self) -> list[str]:
        """Its own anchor and those inside it, in the order of the page."""
        return [self.anchor, *(anchor for s in self.inside for anchor in s.anchors)]


@dataclass(frozen=True)
class Document:
    """The report: `front`, the lines above and below the title; `sections`, in the order of the
    page; `main` and `supplement`, the blocks of the two papers that it is printed as; `language`:
    its code."""

    title: str
    front: tuple[tuple[Run, ...], ...]
    sections: tuple[Section, ...]
    main: tuple[Block, ...]
    supplement: tuple[Block, ...]
    language: str = "en"

    @property
    def anchors(self) -> list[str]:
        """Anchors of all sections, in the order of the page."""
        return [anchor for section in self.sections for anchor in section.anchors]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks."""
        return (*self.main, *self.supplement)


@dataclass(frozen=True)
class Paper:
    """One of the papers that the report is printed as, `report` or `supplement` by `name`.

    `letter` stands before the numbers of its tables and figures; after `opening` blocks comes the
    list of contents. `language`: as HTML calls it; `labels`: what stands there for Figure, Table,
    Contents and the parts of a figure.
    """

    name: str
    title: str
    front: tuple[tuple[Run, ...], ...]
    blocks: tuple[Block, ...]
    letter: str = ""
    opening: int = 0
    language: str = "en-GB"
    labels: Mapping[str, str] = field(default_factory=lambda: {name: name for name in LABELS})


def with_more(document: Document, blocks: list[Block]) -> Document:
    """The document with more blocks at the end of its supplement."""
    return replace(document, supplement=(*document.supplement, *blocks))


def plain(runs: tuple[Run, ...]) -> str:
    """The text of some runs."""
    return "".join(run.text for run in runs)


def as_plain(block: Block) -> dict:
    """A block as values that JSON holds, with its kind and, of tables, the widths."""
    found = {"kind": type(block).__name__.lower(), **asdict(block)}
    if isinstance(block, Table):
        found |= {"shares": block.shares, "wide": block.wide, "short": block.short}
    return found


def _usual(lengths: Iterator[Any]) -> float:
    """A length within which about four cells of five keep."""
    ordered = sorted(lengths)
    return float(ordered[round(0.8 * (len(ordered) - 1))])


def figures_of(document: Document | Paper) -> list[str]:
    """Names of the figures in order of appearance, each once."""
    return list(dict.fromkeys(b.name for b in document.blocks if isinstance(b, Figure)))


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
