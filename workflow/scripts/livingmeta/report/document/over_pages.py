"""Figures too high for a page, in the parts that they bring along for print.

The parts are what is set in type; the figure on the page on screen and the files stay whole.
"""

from collections.abc import Iterator
from dataclasses import replace

from livingmeta.figures.drawn import Drawn
from livingmeta.report.content import Block, Figure, Paper, Run


def spread(paper: Paper, drawn: dict[str, Drawn]) -> tuple[Paper, dict[str, Drawn]]:
    """The paper with a figure for each part of what is too high for a page, and the drawings
    of all parts by name."""
    cut = {name: figure.parts or (figure,) for name, figure in drawn.items()}
    found = {_named(name, i): part for name, parts in cut.items() for i, part in enumerate(parts)}

    def laid(blocks: tuple[Block, ...]) -> Iterator[Block]:
        for block in blocks:
            parts = cut.get(block.name, ()) if isinstance(block, Figure) else ()
            if not isinstance(block, Figure) or len(parts) < 2:
                yield block
                continue
            for i in range(len(parts)):
                told = paper.labels["Part {1} of {2}."]
                said = Run(f" {told.replace('{1}', str(i + 1)).replace('{2}', str(len(parts)))}")
                yield Figure(_named(block.name, i), (*block.caption, said))

    return replace(paper, blocks=tuple(laid(paper.blocks))), found


def _named(name: str, part: int) -> str:
    return f"{name} {part + 1}" if part else name
