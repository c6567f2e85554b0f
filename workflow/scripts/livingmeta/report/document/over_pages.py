"""Drawings too high for a page, cut into parts between their rows, each with heads and axis.

The parts are what is set in type; the figure on the page on screen and the files stay whole.
"""

import copy
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

from livingmeta.report.content import Document, Figure, Run
from livingmeta.report.document.typst import TEXT_WIDTH, size

PAIR = r"([\d.-]+) ([\d.-]+)"
SVG = "http://www.w3.org/2000/svg"
HIGHEST = 225 * 72 / 25.4  # of what a page of A4 holds beside a caption, in points
TALL = 40.0  # what is higher than any row and its label, in points: an axis, a line of no effect
LEAST = 0.5  # of a page that a part may leave empty for the sake of a better place to cut

for _prefix, _space in (("", SVG), ("xlink", "http://www.w3.org/1999/xlink")):
    ET.register_namespace(_prefix, _space)


def spread(document: Document, drawn: dict[str, str]) -> tuple[Document, dict[str, str]]:
    """The document with a figure for each part of what is too high for a page, and the drawings
    of all parts by name."""
    cut = {name: parts(svg) for name, svg in drawn.items()}
    found = {}
    for name, pieces in cut.items():
        found[name] = pieces[0]
        found |= {_named(name, i): svg for i, svg in enumerate(pieces) if i}

    def laid(blocks):
        for block in blocks:
            pieces = cut.get(block.name, []) if isinstance(block, Figure) else []
            if len(pieces) < 2:
                yield block
                continue
            for i in range(len(pieces)):
                said = Run(f" Part {i + 1} of {len(pieces)}.")
                yield Figure(_named(block.name, i), (*block.caption, said))

    return (
        replace(document, main=tuple(laid(document.main)), appendix=tuple(laid(document.appendix))),
        found,
    )


def _named(name: str, part: int) -> str:
    return f"{name} {part + 1}" if part else name


def parts(svg: str) -> list[str]:
    """A drawing as one or more that fit a page at the width at which they are printed.

    `svg`: one of ours (see style.Sheet), lengths in points. It is cut where no text and no mark of
    a row is, if it can be where no axis is either. What stands above the rule under the heads of
    its columns, and from the axis on, is repeated on every part.
    """
    wide, high = size(svg)
    most = HIGHEST / min(1.0, TEXT_WIDTH / wide)
    if high <= most:
        return [svg]
    root = ET.fromstring(svg)
    sheet = next(root.iter(f"{{{SVG}}}g"))
    # Without the paper, which is the first, and what a click on a row needs.
    seen = [mark for mark in sheet if not mark.get("id", "").startswith("row:")][1:]
    marks = [(mark, *_span(mark)) for mark in seen]
    head, foot = _repeated(marks, wide, high)
    slices = _slices(marks, head, foot, most - head - (high - foot))
    if not slices:
        return [svg]
    return [_part(root, sheet, marks, (wide, high), (head, foot), piece) for piece in slices]


def _span(mark: Any) -> tuple[float, float]:
    """Upper and lower end of a mark, in points from the top."""
    ys = []
    for node in mark.iter():
        if node.tag == f"{{{SVG}}}text":
            y = float(node.get("y", "0"))
            size = re.search(r"font-size: ([\d.]+)px", node.get("style", ""))
            assert size  # figures.style gives each text one
            letters = float(size[1])
            half = 0.3 * letters * len(node.text or "")
            ys += [y - half, y + half] if "rotate" in node.get("transform", "") else []
            ys += [y - 0.8 * letters, y + 0.25 * letters]
        elif node.tag == f"{{{SVG}}}path" and node.get("d"):
            ys += [float(y) for _, y in re.findall(PAIR, node.get("d"))]
        elif node.tag == f"{{{SVG}}}use":
            ys += [float(node.get("y", "0")) - 3, float(node.get("y", "0")) + 3]
    return min(ys, default=0.0), max(ys, default=0.0)


def _repeated(
    marks: list[tuple[Any, float, float]], wide: float, high: float
) -> tuple[float, float]:
    """Where the heads of the columns end and where the axis begins; (0, high) if the drawing has
    not just one rule across, under the heads."""
    rules = []
    for mark, y0, y1 in marks:
        path = mark.find(f"{{{SVG}}}path")
        if path is not None and y1 - y0 < 0.01:
            xs = [float(x) for x, _ in re.findall(PAIR, path.get("d", ""))]
            if max(xs) - min(xs) > 0.9 * wide:
                rules.append(y1)
    if len(rules) != 1:
        return 0.0, high
    axis = max((y1 for _, y0, y1 in marks if y1 - y0 > TALL), default=high)
    return rules[0] + 1.0, axis - 0.5


def _slices(
    marks: list[tuple[Any, float, float]], top: float, bottom: float, room: float
) -> list[tuple[float, float]]:
    """From where to where each part reaches; [] if there is nowhere to cut."""
    low = sorted((y0, y1) for _, y0, y1 in marks if y1 - y0 <= TALL)
    tall = [(y0, y1, _upright(mark)) for mark, y0, y1 in marks if y1 - y0 > TALL]
    found = []
    while bottom - top > room:
        places, end = [], top
        for y0, y1 in low:
            cut = (end + y0) / 2
            if y0 > end and top + LEAST * room < cut <= top + room:
                crossed = [upright for a, b, upright in tall if a < cut < b]
                if all(crossed):
                    places.append((len(crossed), -round(y0 - end), -cut))
            end = max(end, y1)
        if not places:
            return []
        cut = -min(places)[2]
        found.append((top, cut))
        top = cut
    return [*found, (top, bottom)]


def _upright(mark: Any) -> bool:
    """Whether a mark is a vertical line, which can be cut anywhere."""
    path = mark.find(f"{{{SVG}}}path")
    found = [] if path is None else re.findall(PAIR, path.get("d", ""))
    return len(found) == 2 and found[0][0] == found[1][0]


def _part(
    root: Any,
    sheet: Any,
    marks: list[tuple[Any, float, float]],
    paper: tuple[float, ...],
    repeated: tuple[float, ...],
    piece: tuple[float, ...],
) -> str:
    (wide, high), (head, foot), (top, bottom) = paper, repeated, piece
    tall = head + (bottom - top) + (high - foot)
    part = ET.Element(f"{{{SVG}}}svg", dict(root.attrib))
    part.set("height", f"{tall:f}pt")
    part.set("viewBox", f"0 0 {wide:g} {tall:f}")
    part.extend(node for node in root if node is not sheet)
    ground = ET.SubElement(part, f"{{{SVG}}}path", {"style": "fill: #ffffff"})
    ground.set("d", f"M 0 0 L {wide:g} 0 L {wide:g} {tall:f} L 0 {tall:f} z")
    for at, start, end in (
        (0.0, 0.0, head),
        (head, top, bottom),
        (head + bottom - top, foot, high),
    ):
        group = ET.SubElement(part, f"{{{SVG}}}g", transform=f"translate(0 {at - start:f})")
        for mark, y0, y1 in marks:
            if y0 >= end or y1 <= start:
                continue
            group.append(mark if start <= y0 and y1 <= end else _cut(mark, start, end))
    return ET.tostring(part, encoding="unicode")


def _cut(mark, start, end):
    """A vertical line as far as it lies between two heights; any other mark as it is."""
    if not _upright(mark):
        return mark
    mark = copy.deepcopy(mark)
    path = mark.find(f"{{{SVG}}}path")
    path.set(
        "d", re.sub(PAIR, lambda m: f"{m[1]} {min(max(float(m[2]), start), end):f}", path.get("d"))
    )
    return mark
