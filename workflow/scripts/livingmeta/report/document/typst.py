"""The report as PDF, and its drawings as PNG, by Typst: from wheels alone, without a network.

The document goes to the template as data, never as markup: nothing that a study, a title or a
note says can be taken for an instruction. Text is set in the faces that the Typst wheel holds,
figures in the DejaVu Sans of Matplotlib's wheel, by whose widths they were laid out; Chinese,
Japanese and Korean in Noto Sans CJK, from a wheel too. The machine's own faces are not asked, so
that all machines give the same bytes.
"""

import json
import struct
import zlib

from livingmeta.figures.drawn import PAGE, Drawn
from livingmeta.report.content import Document, Paper, as_plain, figures_of
from livingmeta.report.document.compiled import TypesetError, compiled, report

TEXT_WIDTH = PAGE[0] * 72 / 25.4  # for a figure, in points
TALL = PAGE[1] * 72 / 25.4 / 3  # of a figure, in points
HEADER = 33  # bytes of a PNG up to the end of its first chunk
# A drawing on a page of its own size.
SHEET = b"""
#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.drawing), format: "svg")
"""
TURNED = SHEET.replace(b"#image(", b"#rotate(-90deg, reflow: true, image(").rstrip() + b")\n"


def write(paper: Paper, figures: dict[str, Drawn], authors: list[str]) -> bytes:
    """The paper as PDF (tagged, PDF/UA-1), the same bytes for the same content.

    `figures`, `authors`: as for `content`.
    """
    return report(content(paper, figures, authors))


def content(paper: Paper, figures: dict[str, Drawn], authors: list[str]) -> str:
    """What the template is given, as JSON.

    `figures`: by name; each that the paper shows must be there. `authors`: for the
    properties of the file.
    """
    shown = drawings(paper, figures)
    found = {
        "title": paper.title,
        "authors": authors,
        "front": [[vars(run) for run in line] for line in paper.front],
        "letter": paper.letter,
        "language": paper.language[:2],
        "labels": dict(paper.labels),
        "opening": paper.opening,
        "blocks": [as_plain(block) for block in paper.blocks],
        "figures": {
            name: {
                "svg": drawn.svg,
                # What could not be cut into parts is set smaller, so that it keeps on its page.
                "wide": drawn.wide * drawn.scale,
                "turned": drawn.turned,
                "tall": drawn.high * drawn.scale > TALL,
                "alt": drawn.in_words(),
            }
            for name, drawn in shown.items()
        },
    }
    return json.dumps(found, ensure_ascii=False)


def drawings(document: Document | Paper, figures: dict[str, Drawn]) -> dict[str, Drawn]:
    """The figures that the document shows. Raises TypesetError for a lost one."""
    wanted = figures_of(document)
    lost = [name for name in wanted if name not in figures]
    if lost:
        raise TypesetError(f"the report shows the figure '{lost[0]}', which was not drawn")
    return {name: figures[name] for name in wanted}


def png(svg: str, wide: float, ppi: int = 180, turned: bool = False) -> bytes:
    """A figure as PNG, from its drawing and the width of that in points; `ppi`: pixels an inch at
    the width at which it is printed, its own or that of the text of a page, told in the PNG;
    `turned`: on its side, to be read from the right."""
    # One a call: Typst holds the pixels of all pages of a call, and what it keeps of earlier calls
    # it forgets after ten.
    fine = ppi * min(1.0, TEXT_WIDTH / wide) if not turned else ppi
    sheet = TURNED if turned else SHEET
    return _resolved(compiled(sheet, {"drawing": svg}, format="png", ppi=fine), ppi)


def _resolved(png: bytes, ppi: int) -> bytes:
    """The PNG with its resolution written into it, which Typst leaves out and journals look for."""
    per_metre = round(ppi / 0.0254)
    chunk = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    sized = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return png[:HEADER] + sized + png[HEADER:]
