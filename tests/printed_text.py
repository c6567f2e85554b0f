"""What the outputs print, read back from them: the text of pages, Word files, PDFs and figures."""

import html
import io
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from html.parser import HTMLParser

SVG = "{http://www.w3.org/2000/svg}"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VOID = {"meta", "input", "br", "link", "img", "hr"}
# 1,234 or 12 or 0.31, also within a word: nothing that a reader sees as a number escapes.
NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?")


def numbers_in(text: str) -> list[str]:
    """The numbers of a text as printed, without sign and unit."""
    return NUMBER.findall(text)


class Page(HTMLParser):
    """A page taken apart: text by kind, ids, addresses, and whether every element is closed.

    `numbers`: (id, text) of what is marked as a number; `prose`: the other text, but for what is
    marked `data-raw`, which quotes what people brought, or `data-assumed`, the words of a cell of
    effects.csv, numbers and all; `references`: that of the works cited.
    """

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict]] = []
        self.ids, self.addresses, self.wrong = [], [], []
        self.numbers: list[tuple[str, str]] = []
        self.prose: list[str] = []
        self.references: list[str] = []
        self.names: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.names.add(tag)
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.addresses += [attrs[a] for a in ("src", "href", "action", "xlink:href") if a in attrs]
        self.wrong += [a for a in attrs if a.startswith("on")]
        if tag not in VOID:
            self.open.append((tag, attrs))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop()[0] != tag:
            self.wrong.append(f"</{tag}>")

    def handle_data(self, data):
        tags = {tag for tag, _ in self.open}
        if tags & {"script", "style", "svg", "title"}:
            return
        attrs = [a for _, a in self.open]
        mark = next((a for a in attrs if a.get("class") == "num"), None)
        if mark is not None:
            self.numbers.append((mark["data-id"], data))
        elif any(a.get("id", "").startswith("ref-") for a in attrs):
            self.references.append(data)
        elif not any({"data-raw", "data-assumed"} & a.keys() for a in attrs):
            self.prose.append(data)


def in_figure(svg: str) -> list[tuple[str, str]]:
    """(id, words) of each line of text of a figure; the id without what makes it unique, and ""
    where the line has none of its own."""
    found = []
    for group in ET.fromstring(svg).iter():
        for node in group.findall(f"{SVG}text"):
            name = group.get("id") or ""
            key = re.sub(r"#\d+$", "", name.removeprefix("n:")) if name.startswith("n:") else ""
            found.append((key, node.text or ""))
    return found


def described(svg: str) -> str:
    """Title and description of a figure, which say it in words."""
    root = ET.fromstring(svg)
    return " ".join(root.findtext(f"{SVG}{part}") or "" for part in ("title", "desc"))


def in_word(data: bytes) -> str:
    """The text of a Word file, a line a paragraph."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        body = ET.fromstring(archive.read("word/document.xml"))
    pieces = {f"{WORD}t", f"{WORD}br", f"{WORD}tab"}
    return "\n".join(
        "".join(p.text or " " for p in paragraph.iter() if p.tag in pieces)
        for paragraph in body.iter(f"{WORD}p")
    )


def in_pdf(data: bytes) -> str | None:
    """The text of a PDF as pdftotext reads it, or None where that is not installed."""
    if not shutil.which("pdftotext"):
        return None
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=data, capture_output=True, check=True
    )
    return done.stdout.decode()


def quoted(protocol: dict, tables: dict) -> list[str]:
    """The texts with numbers in them that people brought: of the protocol, and of the tables'
    columns of words; the longest first. A text without a letter is no text but a number."""
    found = set()

    def strings(value):
        if isinstance(value, dict):
            for part in value.values():
                strings(part)
        elif isinstance(value, list):
            for part in value:
                strings(part)
        elif isinstance(value, str):
            found.add(value)

    strings(protocol)
    for table in tables.values():
        for row in json.loads(table.select_dtypes(["object", "str"]).to_json(orient="values")):
            strings(row)
    texts = {re.sub(r"\s+", " ", html.unescape(text)).strip() for text in found}
    mixed = [t for t in texts if re.search(r"[^\W\d_]", t) and re.search(r"\d", t)]
    return sorted(mixed, key=len, reverse=True)


def unpacked(html):
    """The numbers of a page as its script has them."""
    packed = json.loads(re.search(r'id="numbers">(.*?)</script>', html, flags=re.DOTALL)[1])
    names, before = [], ""
    for shared, rest in zip(packed["ids"][::2], packed["ids"][1::2], strict=True):
        # JavaScript counts in units of UTF-16.
        kept = before.encode("utf-16-le")[: 2 * shared].decode("utf-16-le")
        before = kept + rest
        names.append(before)
    return {
        name: [
            text,
            packed["words"][unit],
            [names[p] if isinstance(p, int) else p for p in packed["parents"][parents]],
            packed["words"][what],
            *(packed["said"][said[0]] if said else ()),
        ]
        for name, (text, unit, what, parents, *said) in zip(names, packed["rows"], strict=True)
    }
