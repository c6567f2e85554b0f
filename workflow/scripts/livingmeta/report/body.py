"""The content of the report as blocks, from what its templates say.

The sentences of the report stand in the templates of its sections, in a small set of marks. Here,
before a page is made of them, every paragraph, table and figure becomes a block, every number a run
that carries its id and is held against the register. What is folded, or marked for it
(content.divide), goes to the supplement and stands nowhere else in print. A mark that has no
block is an error, so that nothing is lost unseen.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, TreeBuilder

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
    divide,
    in_supplement,
    plain,
)
from livingmeta.words.numbers import Entry

VOID = {"br", "input"}
# Of use on a screen only.
SCREEN_ONLY = {"hint", "tools", "save", "skip"}
LEFT_OUT = {"button", "input"}
INLINE = {"span", "a", "abbr", "b", "strong", "i", "em", "code", "small", "sub", "sup", "bdi"}
LOOKS = {"b": "strong", "i": "em"}
# The answer comes first; then the evidence, and how it was found, in the page's order.
FIRST = ("abstract", "summary", "findings", "background", "question")
# A longer table is named, with the place where it stands, instead of filling pages.
MOST_ROWS = 100
# Of a report with more cells of tables than so many the supplement keeps sentences and smaller
# kinds of tables, and of one with more figures both papers keep those of the text, without those
# that a table repeats if need be.
MOST_CELLS = 10_000
MOST_FIGURES = 100
LARGE = "The report is large: this stands in the page report.html alone, under the same heading."


def read(
    front: str, body: str, numbers: Iterable[Entry], say: Callable[[str], str] = str
) -> Document:
    """The content of the report.

    `front`, `body`: what front.jinja and body.jinja say; `numbers`: the entries of the register;
    `say`: words that are no text of the page, in its language.
    Raises ContentError for a mark that is not known here, for a number that the register does not
    have or has otherwise, and for two sections of one anchor.
    """
    head, sections = _parsed(front), list(_parsed(body))
    for section in sections:
        divide(section)
    reader = _Reader({e["id"]: e["text"] for e in numbers}, _too_many(sections), say)
    outline = tuple(reader.outline(section) for section in sections)
    lines = tuple(reader.runs(line) for line in head if line.tag == "p")
    title = plain(reader.runs(_within(head, "h1")))
    sections.sort(key=lambda s: FIRST.index(s.get("id")) if s.get("id") in FIRST else len(FIRST))
    main: list[Block] = []
    supplement: list[Block] = []
    for section in sections:
        said, more = reader.section(section)
        main += said
        supplement += more
    found = Document(title, lines, outline, _levelled(main), _levelled(supplement))
    twice = sorted({a for a in found.anchors if found.anchors.count(a) > 1})
    if twice:
        raise ContentError(f"two sections of the report have the same anchor: {', '.join(twice)}")
    return found


def _too_many(sections: list[Element]) -> set[Element]:
    """The folded tables and figures that would make the documents too large: the tables of one
    caption, those of most cells first, until `MOST_CELLS` are left in the report; and of more than
    `MOST_FIGURES` the folded ones, and if more are left, those that a table below tells."""
    folded = [d for s in sections for d in s.iter() if in_supplement(d)]
    alike: dict[str, list[Element]] = {}
    for table in dict.fromkeys(table for one in folded for table in one.iter("table")):
        if len(table.findall("tbody/tr")) <= MOST_ROWS:
            alike.setdefault("".join(_within(table, "caption").itertext()), []).append(table)
    cells = {c: sum(map(_cells, some)) for c, some in alike.items()}
    left = sum(_cells(table) for section in sections for table in section.iter("table"))
    found: set[Element] = set()
    for caption in sorted(cells, key=lambda c: -cells[c]):
        if left > MOST_CELLS:
            found.update(alike[caption])
            left -= cells[caption]
    figures = {figure for section in sections for figure in section.iter("figure")}
    for less in (
        (figure for details in folded for figure in details.iter("figure")),
        (one for section in sections for one in _told_below(section)),
    ):
        if len(figures - found) > MOST_FIGURES:
            found.update(less)
    return found


def _told_below(section: Element) -> Iterator[Element]:
    """The figures right above a table, which holds their numbers."""
    for inside in section.iter():
        for one, below in itertools.pairwise(inside):
            if one.tag == "figure" and next(below.iter("table"), None) is not None:
                yield one


def _cells(table: Element) -> int:
    """How many cells the documents hold of a table; none of one that they only name."""
    rows = table.findall("tbody/tr")
    return sum(map(len, rows)) if len(rows) <= MOST_ROWS else 0


def _within(element: Element, *tags: str) -> Element:
    """The first child of one of these tags. Raises ContentError if there is none."""
    for child in element:
        if child.tag in tags:
            return child
    where = element.get("id") or element.tag
    raise ContentError(f"'{where}' has no <{tags[0]}>: the templates must give it one")


def _levelled(blocks: list[Block], above: int = 0) -> tuple[Block, ...]:
    """The blocks with no heading more than one level below the heading before it."""
    found = []
    for block in blocks:
        if isinstance(block, Heading):
            above = min(block.level, above + 1)
            block = Heading(above, block.runs, block.anchor)
        found.append(block)
    return tuple(found)


class _Tree(HTMLParser):
    """What templates say, as elements."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.builder = TreeBuilder()

    def handle_starttag(self, tag, attrs):
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self.builder.end(tag)

    def handle_startendtag(self, tag, attrs):
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        self.builder.end(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            self.builder.end(tag)

    def handle_data(self, data):
        self.builder.data(data)


def _parsed(said: str) -> Element:
    tree = _Tree()
    tree.feed(f"<main>{said.strip()}</main>")
    tree.close()
    return tree.builder.close()


class _Reader:
    """Goes through the sections and sorts what they say into report and supplement."""

    def __init__(
        self, numbers: dict[str, str], left_out: set[Element], say: Callable[[str], str]
    ) -> None:
        self.numbers, self.left_out, self.say = numbers, left_out, say

    def outline(self, element: Element) -> Section:
        """A section by its anchor and heading, with those inside it."""
        if element.tag != "section" or not element.get("id"):
            raise ContentError(
                f"the report has a <{element.tag}> where a section with an id belongs"
            )
        title = plain(self.runs(_within(element, "h2", "h3")))
        inside = tuple(self.outline(child) for child in element if child.tag == "section")
        return Section(element.get("id", ""), title, inside)

    def section(self, element: Element, whole: bool = False) -> tuple[list[Block], list[Block]]:
        """What the report and what the supplement print of a section and those inside it.

        `whole`: the supplement prints all of it. Of another it prints what is folded, under the
        section's heading, and the report says so.
        """
        whole = whole or in_supplement(element)
        anchor, title = element.get("id", ""), _within(element, "h2", "h3")
        level = 1 if title.tag == "h2" else 2
        main: list[Block] = []
        more: list[Block] = []
        folded: list[tuple[Run, ...]] = []
        for child in element:
            if child is title or self._skipped(child):
                continue
            if child.tag == "section":
                said, rest = self.section(child, whole)
                main += said
                more += rest
            elif in_supplement(child):
                folded.append(self._title(child))
                named = child.get("id") or f"{anchor}-{len(folded)}"
                more.append(Heading(level + 1, folded[-1], named))
                inside = [c for c in child if c.tag != "summary" and not self._skipped(c)]
                more += [block for inner in inside for block in self.blocks(inner)]
            elif whole:
                more += self.blocks(child)
            else:
                main += self.blocks(child)
        heading = Heading(level, self.runs(title), anchor)
        if whole:
            return [], [heading, *more]
        if more:
            more.insert(0, replace(heading, anchor=f"{anchor}-more"))
        if folded:
            listed = [run for said in folded for run in (Run("; "), *said)][1:]
            lead = (Run(self.say("More on this"), href=f"#{anchor}-more"), Run(": "))
            main.append(Paragraph((*lead, *listed, Run(".")), "note"))
        return [heading, *main], more

    def _title(self, part: Element) -> tuple[Run, ...]:
        """What a folded or marked part of a section is called."""
        if part.tag == "details":
            return self.runs(_within(part, "summary"))
        return (Run(self.say(part.get("data-title", ""))),)

    def blocks(self, element: Element) -> list[Block]:
        """The blocks of one element of a section."""
        tag = element.tag
        if tag in ("h3", "h4"):
            level = 2 if tag == "h3" else 3
            return [Heading(level, self.runs(element), element.get("id", ""))]
        if tag == "p":
            look = element.get("class", "")
            return self._paragraph(self.runs(element), look if look in ("answer", "note") else "")
        if tag in ("ul", "ol"):
            items = tuple(self.runs(item) for item in element)
            anchors = tuple(item.get("id", "") for item in element)
            first = int(element.get("start", "1")) if tag == "ol" else 0
            return [Items(items, first, anchors if any(anchors) else ())]
        if tag == "dl":
            return self._defined(element)
        if tag == "table":
            return [self._table(element)]
        if tag == "figure":
            return [self._figure(element)]
        if tag in ("div", "details"):
            inside = [c for c in element if not self._skipped(c)]
            return [block for child in inside for block in self.blocks(child)]
        if tag == "summary":
            return [Heading(3, self.runs(element))]
        raise ContentError(f"the report has an element <{tag}>, for which there is no block")

    @staticmethod
    def _paragraph(runs, look=""):
        return [Paragraph(runs, look)] if plain(runs).strip() else []

    def _defined(self, element):
        found, terms = [], []
        for child in element:
            if child.tag == "dt":
                terms.append(plain(self.runs(child)))
            elif child.tag == "dd":
                lead = Run(f"{', '.join(terms)}: ", "strong")
                found += self._paragraph((lead, *self.runs(child)))
                terms = []
        return found

    def _figure(self, element):
        name = element.get("id", "").removeprefix("figure-")
        caption = element.find("figcaption")
        if not name or caption is None:
            raise ContentError("a figure of the report has no id or no caption")
        if element in self.left_out:
            return _elsewhere(self.runs(caption), self.say(LARGE))
        return Figure(name, self.runs(caption))

    def _table(self, element):
        name = element.get("data-name") or element.get("class", "table")
        heads = element.find("thead").find("tr")
        rows = list(element.find("tbody"))
        caption = self.runs(element.find("caption"))
        if len(rows) > MOST_ROWS:
            where = "It is long, and stands in the page report.html under the same heading."
            return _elsewhere(caption, where)
        if element in self.left_out:
            return _elsewhere(caption, self.say(LARGE))
        numeric = tuple("n" in head.get("class", "").split() for head in heads)
        cells = tuple(tuple(self.runs(cell) for cell in row) for row in rows)
        wrong = [i for i, row in enumerate(cells) if len(row) != len(numeric)]
        if wrong:
            raise ContentError(
                f"table '{name}', row {wrong[0] + 1}: {len(cells[wrong[0]])} cells under "
                f"{len(numeric)} heads"
            )
        marked = tuple(i for i, row in enumerate(rows) if "primary" in row.get("class", ""))
        columns = tuple(
            numeric[i] or self._numbers_only([row[i] for row in cells]) for i in range(len(numeric))
        )
        heads_ = tuple(self.runs(head) for head in heads)
        return Table(name, caption, heads_, cells, columns, marked)

    @staticmethod
    def _numbers_only(column):
        texts = [c for c in column if plain(c).strip(" –")]
        return bool(texts) and all(len(c) == 1 and c[0].number for c in texts)

    @staticmethod
    def _skipped(element):
        classes = set(element.get("class", "").split())
        return element.tag in LEFT_OUT or bool(classes & SCREEN_ONLY)

    def runs(self, element: Element) -> tuple[Run, ...]:
        """The text of an element as runs, spaces as a browser would show them."""
        found: list[Run] = []
        self._collect(element, "", "", found)
        return _spaced(found)

    def _collect(self, element, look, href, found):
        if element.text:
            found.append(Run(element.text, look, "", href))
        for child in element:
            if child.tag == "br":
                found.append(Run("\n"))
            elif not self._skipped(child):
                self._inline(child, look, href, found)
            if child.tail:
                found.append(Run(child.tail, look, "", href))

    def _inline(self, child, look, href, found):
        if child.tag not in INLINE:
            raise ContentError(f"the report has <{child.tag}> within a text, which no run can be")
        if child.get("class") == "num":
            found.append(self._number(child, look, href))
            return
        inner = "" if child.tag in ("span", "a", "abbr", "bdi") else LOOKS.get(child.tag, child.tag)
        self._collect(child, inner or look, child.get("href", href), found)

    def _number(self, element, look, href):
        id_, text = element.get("data-id", ""), "".join(element.itertext())
        known = self.numbers.get(id_)
        # After `p <` only the figure itself stands in the element.
        if known is None or text not in (known, known.lstrip("<> ")):
            raise ContentError(
                f"the report prints '{text}' for the number '{id_}', and the register has "
                f"{'none of this id' if known is None else repr(known)}"
            )
        return Run(text, look, id_, href)


def _elsewhere(caption: tuple[Run, ...], where: str) -> Paragraph:
    """A table or figure by its caption, with the place where it stands."""
    end = " " if plain(caption).endswith(".") else ". "
    return Paragraph((*caption, Run(f"{end}{where}")), "note")


def _spaced(found: list[Run]) -> tuple[Run, ...]:
    """Runs with white space as one space, none at either end or beside a line break."""
    spaced: list[Run] = []
    for run in found:
        if run.text == "\n" and not run.number:
            if spaced:
                spaced.append(run)
            continue
        text = re.sub(r"[ \t\r\n\f]+", " ", run.text)
        if text.startswith(" ") and (not spaced or spaced[-1].text.endswith((" ", "\n"))):
            text = text[1:]
        if not text:
            continue
        last = spaced[-1] if spaced else None
        same = last and (last.look, last.href) == (run.look, run.href)
        if last and same and not last.number and not run.number and last.text != "\n":
            spaced[-1] = Run(last.text + text, run.look, "", run.href)
        else:
            spaced.append(Run(text, run.look, run.number, run.href))
    while spaced and not spaced[-1].text.strip():
        spaced.pop()
    if spaced and spaced[-1].text.endswith(" "):
        last = spaced.pop()
        spaced.append(Run(last.text.rstrip(), last.look, last.number, last.href))
    return tuple(spaced)
