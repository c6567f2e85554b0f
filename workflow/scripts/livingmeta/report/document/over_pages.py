"""Figures too high for a page, in the parts that they bring along for print, and tables too wide
for one, by their columns.

The parts are what is set in type; the page on screen and the files stay whole.
"""

from collections.abc import Iterator
from dataclasses import replace

from livingmeta.figures.drawn import Drawn
from livingmeta.report.content import Block, Figure, Paper, Run, Table, plain


def spread(paper: Paper, drawn: dict[str, Drawn]) -> tuple[Paper, dict[str, Drawn]]:
    """The paper with a figure for each part of what is too high for a page and a table for each of
    what is too wide, and the drawings of all parts by name."""
    cut = {name: figure.parts or (figure,) for name, figure in drawn.items()}
    found = {_named(name, i): part for name, parts in cut.items() for i, part in enumerate(parts)}

    def laid(blocks: tuple[Block, ...]) -> Iterator[Block]:
        told = paper.labels["Part {1} of {2}."]
        for block in blocks:
            parts: list[Figure | Table] = []
            if isinstance(block, Figure):
                parts += [block] * len(cut.get(block.name, ()))
            elif isinstance(block, Table):
                parts += block.parts()
            if len(parts) < 2:
                yield block
                continue
            for i, part in enumerate(parts):
                stop = "" if plain(part.caption).endswith((".", "?")) else "."
                which = told.replace("{1}", str(i + 1)).replace("{2}", str(len(parts)))
                said = Run(f"{stop} {which}")
                yield replace(part, name=_named(part.name, i), caption=(*part.caption, said))

    return replace(paper, blocks=tuple(laid(paper.blocks))), found


def _named(name: str, part: int) -> str:
    return f"{name} {part + 1}" if part else name
