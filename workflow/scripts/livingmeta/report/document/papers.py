"""The report cut into the two papers that are printed: the report and its supplement.

Where a block stands was said once, by what the page folds or marks (report/body.py). Here each
paper gets what makes it one: the sections of the supplement their numbers (S4.2), a link into the
other paper the words that say where it leads, and the report a list of what the supplement holds.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from livingmeta.report.content import (
    LABELS,
    Block,
    Document,
    Figure,
    Heading,
    Items,
    Paper,
    Paragraph,
    Run,
    plain,
)
from livingmeta.words.language import Language

LETTER = "S"
# Sections that stand before the list of contents.
OPENING = ("abstract", "summary")
BESIDE = "Beside this file stands the supplement (supplement.pdf, supplement.docx):"
HELD = "supplement"  # anchor of the list of what the supplement holds


def cut(document: Document, language: Language | None = None) -> tuple[Paper, Paper]:
    """The report and its supplement; `language`: that of the document, English if none."""
    spoken = language or Language("en", {})
    more, numbers = _numbered(document.supplement)
    main = (*document.main, *_held(more, spoken))
    titles = _titles(document.main)
    leads = {a: spoken.text(f"supplement, section {number}") for a, number in numbers.items()}
    back = {a: spoken.text(f"report, \u201c{title}\u201d") for a, title in titles.items()}
    report = _Links("supplement", spoken.text("supplement"), _anchors(main), leads, _anchors(more))
    supplement = _Links("report", spoken.text("report"), _anchors(more), back, _anchors(main))
    return (
        _paper("report", document, tuple(map(report.of_block, main)), spoken),
        _paper("supplement", document, tuple(map(supplement.of_block, more)), spoken),
    )


def _paper(name: str, document: Document, blocks: tuple[Block, ...], spoken: Language) -> Paper:
    labels = {label: spoken.text(label) for label in LABELS}
    if name == "supplement":
        title = f"{spoken.text('Supplement to:')} {document.title}"
        return Paper(name, title, document.front, blocks, LETTER, 0, spoken.tag, labels)
    heads = (
        i
        for i, b in enumerate(blocks)
        if isinstance(b, Heading) and b.level == 1 and b.anchor not in OPENING
    )
    opening = next(heads, 0)
    return Paper(name, document.title, document.front, blocks, "", opening, spoken.tag, labels)


def _numbered(blocks: Iterable[Block]) -> tuple[list[Block], dict[str, str]]:
    """The blocks with numbers before their headings, and the numbers by anchor."""
    found: list[Block] = []
    numbers: dict[str, str] = {}
    at = [0, 0, 0]
    for block in blocks:
        if isinstance(block, Heading):
            level = min(block.level, len(at))
            at[level - 1] += 1
            at[level:] = [0] * (len(at) - level)
            number = LETTER + ".".join(map(str, at[:level]))
            numbers[block.anchor] = number
            block = replace(block, runs=(Run(f"{number} "), *block.runs))
        found.append(block)
    numbers.pop("", None)
    return found, numbers


def _held(more: list[Block], spoken: Language) -> Iterator[Block]:
    """What the supplement holds, as the last section of the report."""
    heads = [b for b in more if isinstance(b, Heading) and b.level == 1]
    if not heads:
        return
    yield Heading(1, (Run(spoken.text("Supplement")),), HELD)
    lead = Run(spoken.text(BESIDE) + " ")
    linked = [
        (
            Run(plain(h.runs), href=f"supplement#{h.anchor}"),
            Run("; " if h is not heads[-1] else "."),
        )
        for h in heads
    ]
    yield Paragraph((lead, *(run for pair in linked for run in pair)))


def _titles(blocks: Iterable[Block]) -> dict[str, str]:
    return {b.anchor: plain(b.runs) for b in blocks if isinstance(b, Heading) and b.anchor}


def _anchors(blocks: Iterable[Block]) -> set[str]:
    heads = {b.anchor for b in blocks if isinstance(b, Heading)}
    items = {a for b in blocks if isinstance(b, Items) for a in b.anchors}
    return (heads | items) - {""}


class _Links:
    """Links of one paper into the other.

    `other`: the name of the other, `called` so in words; `here`, `there`: anchors of this
    paper and of the other; `words`: what to say of those of its headings.
    """

    def __init__(
        self, other: str, called: str, here: set[str], words: Mapping[str, str], there: set[str]
    ) -> None:
        self.other, self.called = other, called
        self.here, self.words, self.there = here, words, there

    def of_block(self, block: Block) -> Block:
        """The block with its links into the other paper."""
        if isinstance(block, Heading):
            return block
        if isinstance(block, Paragraph):
            return replace(block, runs=self._runs(block.runs))
        if isinstance(block, Items):
            return replace(block, items=tuple(map(self._runs, block.items)))
        if isinstance(block, Figure):
            return replace(block, caption=self._runs(block.caption))
        rows = tuple(tuple(map(self._in_cell, row)) for row in block.rows)
        return replace(block, caption=self._runs(block.caption), rows=rows)

    def _runs(self, runs: tuple[Run, ...]) -> tuple[Run, ...]:
        return self._led(runs, lambda words: Run(f" ({words})"))

    def _in_cell(self, runs: tuple[Run, ...]) -> tuple[Run, ...]:
        """The same, short: the number of a section of the supplement, or which paper."""
        if self.other == "supplement":
            return self._led(runs, lambda words: Run(f" ({words.split()[-1]})", "small"))
        return self._led(runs, lambda _: Run(f" ({self.called})", "small"))

    def _led(self, runs: tuple[Run, ...], said: Callable[[str], Run]) -> tuple[Run, ...]:
        found: list[Run] = []
        for i, run in enumerate(runs):
            to = run.href.removeprefix("#")
            if not run.href.startswith("#") or to in self.here or to not in self.there:
                found.append(run)
                continue
            found.append(replace(run, href=f"{self.other}#{to}"))
            last = i + 1 == len(runs) or runs[i + 1].href != run.href
            if last and to in self.words:
                found.append(said(self.words[to]))
        return tuple(found)
