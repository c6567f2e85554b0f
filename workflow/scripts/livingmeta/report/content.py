"""What the report says, as plain blocks: one tree, made once, from which the page takes its list of
contents, the Word file and the PDF all they print, and the checklists their places.

It stands in results/report.json; the classes here are its format.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from livingmeta.errors import InternalError

# Characters that fit across a page in a table's type; a wider table is set smaller.
ACROSS, ACROSS_SMALL = 104, 112
# Rows; a longer table goes on over the page, since a page that waits for it stays half empty.
ON_ONE_PAGE = 8


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
    page; `main` and `supplement`, the blocks of the two papers that it is printed as."""

    title: str
    front: tuple[tuple[Run, ...], ...]
    sections: tuple[Section, ...]
    main: tuple[Block, ...]
    supplement: tuple[Block, ...]

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
    list of contents.
    """

    name: str
    title: str
    front: tuple[tuple[Run, ...], ...]
    blocks: tuple[Block, ...]
    letter: str = ""
    opening: int = 0


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
