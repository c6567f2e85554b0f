"""The report as a Word file: native headings, lists, tables and captions, all of it editable."""

import io
import re
from dataclasses import replace
from xml.sax.saxutils import escape, quoteattr

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.image.image import Image
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.shape import CT_Inline
from docx.parts.image import ImagePart
from docx.shared import Mm, Pt, RGBColor

from livingmeta import archive
from livingmeta.figures.drawn import PAGE, Drawn
from livingmeta.report.content import Figure, Heading, Items, Paper, Paragraph, Run, Table

PAPER, MARGIN = (210.0, 297.0), 20.0  # A4, millimetres
ROOM, HIGHEST = PAGE
FACE = "Arial"
INK, GREY, LINK, MARK = "1A1E24", "5A6370", "14507F", "FFF4E0"
TWIPS = 1440 / 25.4  # in a millimetre
# name: (based on, size in points, colour, bold, space before and after in points)
STYLES = {
    "Normal": (None, 10, INK, False, 0, 6),
    "Title": ("Normal", 21, INK, True, 2, 8),
    "Heading 1": ("Normal", 15, INK, True, 20, 6),
    "Heading 2": ("Normal", 12.5, INK, True, 14, 4),
    "Heading 3": ("Normal", 10.5, INK, True, 10, 4),
    "Contents": ("Normal", 12.5, INK, True, 14, 4),
    "TOC 1": ("Normal", 9.5, INK, False, 2, 0),
    "TOC 2": ("TOC 1", 9, GREY, False, 0, 0),
    "Caption": ("Normal", 9, INK, False, 10, 4),
    "Answer": ("Normal", 11, INK, False, 0, 6),
    "Note": ("Normal", 9, GREY, False, 0, 6),
    "Table Text": ("Normal", 8, INK, False, 1.5, 1.5),
    "Table Text Small": ("Table Text", 8, INK, False, 1, 1),
}
LOOKS = {
    "strong": "<w:b/>",
    "em": "<w:i/>",
    "code": '<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Consolas"/>',
    "small": f'<w:color w:val="{GREY}"/>',
    "sub": '<w:vertAlign w:val="subscript"/>',
    "sup": '<w:vertAlign w:val="superscript"/>',
}
# By this Word knows that a picture has a drawing beside it (its extension of DrawingML of 2016).
DRAWING = (
    '<a:extLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}"><asvg:svgBlip '
    'xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'r:embed="{}"/></a:ext></a:extLst>'
)
# Characters that XML forbids.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write(
    paper: Paper,
    figures: dict[str, Drawn],
    pictures: dict[str, bytes],
    authors: list[str],
) -> bytes:
    """The paper as a Word file, the same bytes for the same content.

    `figures`: by name; `pictures`: their PNG; `authors`: for the properties.
    """
    return _Writer(paper, figures, pictures, authors).bytes()


class _Writer:
    """A Word file while it is written."""

    def __init__(self, paper, figures, pictures, authors):
        blocks = [self._anchored(i, block) for i, block in enumerate(paper.blocks)]
        self.paper, self.figures, self.pictures = paper, figures, pictures
        self.blocks = blocks
        self.word = docx.Document()
        # Before the last element, which holds the size of the page, goes all else.
        self.last = self.word.element.body.sectPr
        self.targets = {}
        self.counts = {"Table": 0, "Figure": 0}
        anchors = [b.anchor for b in blocks if isinstance(b, Heading)]
        anchors += [a for b in blocks if isinstance(b, Items) for a in b.anchors if a]
        # A bookmark's name has at most 40 characters, and no hyphens.
        self.bookmarks = {anchor: f"part_{i}" for i, anchor in enumerate(anchors, start=1)}
        self._prepare(authors)
        # Looked up once: python-docx searches all styles, links and marks of the file at each call,
        # which took a minute for the report of 40 syntheses.
        self.ids = {style.name: style.style_id for style in self.word.styles}

    def bytes(self) -> bytes:
        front = self.paper.front
        if front:
            self._text(front[0], "Note")
        self._text((Run(self.paper.title),), "Title")
        for runs in front[1:]:
            self._text(runs, "Note")
        for block in self.blocks[: self.paper.opening]:
            self._block(block)
        self._contents()
        for block in self.blocks[self.paper.opening :]:
            self._block(block)
        buffer = io.BytesIO()
        self.word.save(buffer)
        return archive.zipped(archive.unzipped(buffer.getvalue()))

    def _prepare(self, authors):
        section = self.word.sections[0]
        section.page_width, section.page_height = Mm(PAPER[0]), Mm(PAPER[1])
        section.left_margin = section.right_margin = Mm(MARGIN)
        section.top_margin = section.bottom_margin = Mm(MARGIN)
        for name in STYLES:
            self._style(name, *STYLES[name])
        self._page_number(section)
        properties = self.word.core_properties
        properties.title = FORBIDDEN.sub("", self.paper.title)[:255]
        properties.author = FORBIDDEN.sub("", "; ".join(authors))[:255]
        properties.comments = ""
        properties.language = self.paper.language
        # No day: the same data give the same bytes.
        for element in list(properties._element):
            if element.tag in (qn("dcterms:created"), qn("dcterms:modified")):
                properties._element.remove(element)

    def _style(self, name, base, size, colour, bold, before, after):
        styles = self.word.styles
        known = name in [style.name for style in styles]
        style = styles[name] if known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        if base:
            style.base_style = styles[base]
        font = style.font
        font.name, font.size, font.bold, font.italic = FACE, Pt(size), bold, False
        font.color.rgb = RGBColor.from_string(colour)
        fonts = style.element.rPr.rFonts
        for place in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{place}"), None)
        fonts.set(qn("w:cs"), FACE)
        shape = style.paragraph_format
        shape.space_before, shape.space_after = Pt(before), Pt(after)
        if name == "Title":
            for border in style.element.pPr.findall(qn("w:pBdr")):
                style.element.pPr.remove(border)

    def _page_number(self, section):
        paragraph = section.footer.paragraphs[0]
        paragraph.style, paragraph.alignment = self.word.styles["Note"], 1
        paragraph._p.append(parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"/>'))

    def _block(self, block):
        if isinstance(block, Heading):
            self._text(block.runs, f"Heading {min(block.level, 3)}", anchor=block.anchor)
        elif isinstance(block, Paragraph):
            look = {"answer": "Answer", "note": "Note"}.get(block.look, "Normal")
            self._text(block.runs, look)
        elif isinstance(block, Items):
            self._items(block)
        elif isinstance(block, Table):
            self._caption("Table", block.caption, keep=True)
            self._append(self._table(block))
            self._text((), "Note")
        elif isinstance(block, Figure):
            self._picture(block)
            self._caption("Figure", block.caption)

    @staticmethod
    def _anchored(i, block):
        """A heading with an anchor, so that the list of contents can lead to it."""
        if isinstance(block, Heading) and not block.anchor:
            return replace(block, anchor=f"heading {i}")
        return block

    def _contents(self):
        """The list of contents: a field that Word makes anew on request, filled, with links in
        place of page numbers, which only Word could tell."""
        heads = [b for b in self.blocks if isinstance(b, Heading) and b.level < 3]
        self._text((Run(self.paper.labels["Contents"]),), "Contents")
        mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
        code = (
            '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\n \\h \\z </w:instrText></w:r>'
        )
        begin = mark.format("begin") + code + mark.format("separate")
        for i, head in enumerate(heads):
            words = "".join(escape(FORBIDDEN.sub("", run.text)) for run in head.runs)
            inner = f'<w:r><w:t xml:space="preserve">{words}</w:t></w:r>'
            name = self.bookmarks[head.anchor]
            inner = f'<w:hyperlink w:anchor="{name}" w:history="1">{inner}</w:hyperlink>'
            first, last = begin if not i else "", mark.format("end") if head is heads[-1] else ""
            style = self.ids[f"TOC {head.level}"]
            self._append(
                f'<w:p {nsdecls("w", "r")}><w:pPr><w:pStyle w:val="{style}"/></w:pPr>'
                f"{first}{inner}{last}</w:p>"
            )

    def _items(self, block):
        """A list. Numbers are text: Word would count on from one list to the next, and a citation
        must find its own."""
        hanging = (
            '<w:tabs><w:tab w:val="left" w:pos="567"/></w:tabs>'
            '<w:ind w:left="567" w:hanging="567"/>'
        )
        for i, runs in enumerate(block.items):
            anchor = block.anchors[i] if block.anchors else ""
            if block.first:
                number = (Run(f"{block.first + i}."), Run("\t"))
                self._text((*number, *runs), "Normal", hanging, anchor)
            else:
                self._text(runs, "List Bullet", anchor=anchor)

    def _append(self, xml):
        self.last.addprevious(parse_xml(xml))

    def _text(self, runs, style, more="", anchor=""):
        inner = "".join(map(self._run, runs))
        if anchor:
            name = self.bookmarks[anchor]
            number = name.rpartition("_")[2]
            inner = (
                f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{inner}'
                f'<w:bookmarkEnd w:id="{number}"/>'
            )
        self._append(
            f'<w:p {nsdecls("w", "r")}><w:pPr><w:pStyle w:val="{self.ids[style]}"/>{more}</w:pPr>'
            f"{inner}</w:p>"
        )

    def _caption(self, kind, runs, keep=False):
        self.counts[kind] += 1
        label = self.paper.labels[kind]
        # A field: Word numbers the captions anew when one is added or taken away.
        number = (
            f'<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">{label} {self.paper.letter}</w:t>'
            f"</w:r>"
            f'<w:fldSimple w:instr=" SEQ {kind} \\* ARABIC "><w:r><w:rPr><w:b/></w:rPr>'
            f"<w:t>{self.counts[kind]}</w:t></w:r></w:fldSimple>"
            '<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">. </w:t></w:r>'
        )
        self._append(
            f'<w:p {nsdecls("w", "r")}><w:pPr><w:pStyle w:val="{self.ids["Caption"]}"/>'
            f"{'<w:keepNext/>' if keep else ''}</w:pPr>"
            f"{number}{''.join(map(self._run, runs))}</w:p>"
        )

    def _run(self, run: Run, bold: bool = False) -> str:
        if run.text == "\n":
            return "<w:r><w:br/></w:r>"
        if run.text == "\t":
            return "<w:r><w:tab/></w:r>"
        target = self._target(run.href)
        look = LOOKS.get(run.look, "") + ("<w:b/>" if bold and run.look != "strong" else "")
        if target and run.look != "small":
            look += f'<w:color w:val="{LINK}"/>'
        words = escape(FORBIDDEN.sub("", run.text))
        inner = f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'
        return f"<w:hyperlink {target}>{inner}</w:hyperlink>" if target else inner

    def _target(self, href):
        if href.startswith("#"):
            name = self.bookmarks.get(href[1:])
            return f'w:anchor="{name}"' if name else ""
        beside = re.match(r"(\w+)#", href)  # another paper, in the file beside this one
        href = f"{beside[1]}.docx" if beside else href
        if beside or re.match(r"https?://", href):
            if href not in self.targets:
                kind = RELATIONSHIP_TYPE.HYPERLINK
                self.targets[href] = self.word.part.relate_to(href, kind, is_external=True)
            return f"r:id={quoteattr(self.targets[href])}"
        return ""

    def _table(self, table: Table) -> str:
        widths = [round(share * ROOM * TWIPS) for share in table.shares]
        style = self.ids["Table Text Small" if table.wide else "Table Text"]
        line = '<w:{} w:val="single" w:sz="{}" w:space="0" w:color="{}"/>'

        def cell(i, runs, head, fill, joined):
            rule = line.format("bottom", 8 if head else 4, INK if head else "E3E6EA")
            shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{MARK}"/>' if fill else ""
            side = '<w:jc w:val="right"/>' if table.numeric[i] else ""
            place = '<w:vAlign w:val="bottom"/>' if head else ""
            keep = "<w:keepNext/>" if joined else ""
            inner = "".join(self._run(run, head) for run in runs)
            return (
                f'<w:tc><w:tcPr><w:tcW w:w="{widths[i]}" w:type="dxa"/>'
                f"<w:tcBorders>{rule}</w:tcBorders>{shade}{place}</w:tcPr>"
                f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keep}{side}</w:pPr>{inner}</w:p></w:tc>'
            )

        def row(cells, joined, head=False, fill=False):
            inner = "".join(cell(i, runs, head, fill, joined) for i, runs in enumerate(cells))
            repeat = "<w:tblHeader/>" if head else ""
            return f"<w:tr><w:trPr><w:cantSplit/>{repeat}</w:trPr>{inner}</w:tr>"

        # What is joined to the next row stays on its page.
        last = len(table.rows) - 1
        rows = [row(table.heads, True, head=True)]
        rows += [
            row(cells, table.short and i < last, fill=i in table.marked)
            for i, cells in enumerate(table.rows)
        ]
        sides = "".join(
            f'<w:{side} w:w="{40 if table.wide else 60}" w:type="dxa"/>'
            for side in ("left", "right")
        )
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        return (
            f'<w:tbl {nsdecls("w", "r")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
            f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{sides}</w:tblCellMar>'
            f'<w:tblLook w:val="0020"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
            f"{''.join(rows)}</w:tbl>"
        )

    def _picture(self, figure: Figure) -> None:
        drawn = self.figures[figure.name]
        sides = (side * drawn.scale * 25.4 / 72 for side in (drawn.wide, drawn.high))
        wide, high = reversed(list(sides)) if drawn.turned else sides
        # The part is made here, and not by `add_picture`, which digests all earlier ones each time.
        number = self.counts["Figure"] + 1
        image = Image.from_blob(self.pictures[figure.name])
        part = ImagePart.from_image(image, PackURI(f"/word/media/image{number}.png"))
        place = self.word.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
        inline = CT_Inline.new_pic_inline(number, place, figure.name, Mm(wide), Mm(high))
        svg = PackURI(f"/word/media/image{number}.svg")
        beside = Part(svg, "image/svg+xml", drawing(drawn).encode(), self.word.part.package)
        vector = self.word.part.relate_to(beside, RELATIONSHIP_TYPE.IMAGE)
        inline.find(f".//{qn('a:blip')}").append(parse_xml(DRAWING.format(vector)))
        inline.docPr.set("name", figure.name)
        inline.docPr.set("descr", FORBIDDEN.sub("", drawn.in_words()))
        paragraph = parse_xml(
            f"<w:p {nsdecls('w')}><w:pPr><w:keepNext/></w:pPr><w:r><w:drawing/></w:r></w:p>"
        )
        paragraph.find(f".//{qn('w:drawing')}").append(inline)
        self.last.addprevious(paragraph)


def drawing(drawn: Drawn) -> str:
    """The SVG as Word takes it in beside its picture: in the face of the text, for Word need not
    look further than the first face of a list; one that is turned, on its side."""
    svg = re.sub(r' font-family="[^"]*"', f' font-family="{FACE}"', drawn.svg)
    if not drawn.turned:
        return svg
    wide, high = f"{drawn.wide:g}", f"{drawn.high:g}"
    head, rest = svg.split(">", 1)
    kept = re.sub(r' (?:width|height|viewBox)="[^"]*"', "", head)
    size = f'width="{high}pt" height="{wide}pt" viewBox="0 0 {high} {wide}"'
    inner = rest.rstrip().removesuffix("</svg>")
    return f'{kept} {size}><g transform="translate(0 {wide}) rotate(-90)">{inner}</g></svg>'
