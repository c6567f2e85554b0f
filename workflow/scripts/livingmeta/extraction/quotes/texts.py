"""The text of a held file, page by page: PDF, JATS or other XML, HTML, Word, plain text.

PDF is read by pypdfium2, which is optional; all else by the standard library.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from livingmeta.errors import InputError

# ASSUME: a file whose pages hold fewer letters and digits than this each is of pictures of pages.
FEWEST = 20
# A Word file larger than this once unpacked is no report.
LARGEST = 200_000_000
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Elements of HTML and JATS that part what stands in them from what stands around.
_INLINE = {
    *("a", "abbr", "b", "bdi", "bold", "em", "ext-link", "font", "i", "italic", "mark", "sc"),
    *("small", "span", "strong", "sub", "sup", "tt", "u", "underline", "xref", "named-content"),
}
_UNSAID = {"script", "style", "head", "noscript", "template"}


class UnreadError(InputError):
    """Why a file has no text: `scan`, `encrypted`, `broken`, `no-pdf-reader` or `unknown-kind`."""


class Text(NamedTuple):
    """The pages of a file; of kinds without pages there is one. `why`: for which it has none."""

    pages: tuple[str, ...]
    why: str = ""


def read(path: str | Path) -> Text:
    """The text of a file; never raises for what the file holds."""
    path = Path(path)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        return Text((), "unknown-kind")
    try:
        pages = reader(path)
    except UnreadError as error:
        return Text((), str(error))
    if sum(map(_letters, pages)) < FEWEST * max(1, len(pages)):
        return Text((), "scan" if path.suffix.lower() == ".pdf" else "broken")
    return Text(tuple(pages))


def reader() -> str:
    """Which reader of PDF there is, with its version, or `none`."""
    try:
        return f"pypdfium2-{version('pypdfium2')}"
    except PackageNotFoundError:
        return "none"


def _letters(page: str) -> int:
    return sum(character.isalnum() for character in page)


def opened(path: str | Path) -> Any:
    """A PDF as pypdfium2 has it, to be closed. Raises UnreadError."""
    try:
        import pypdfium2
    except ImportError:
        raise UnreadError("no-pdf-reader") from None
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        # The only word that it has for a file that wants a password.
        raise UnreadError("encrypted" if "password" in str(error).lower() else "broken") from None


def _pdf(path: Path) -> list[str]:
    document = opened(path)
    import pypdfium2

    try:
        return [_page(document, i) for i in range(len(document))]
    except pypdfium2.PdfiumError:
        raise UnreadError("broken") from None
    finally:
        document.close()


def _page(document: Any, number: int) -> str:
    page = document[number]
    text = page.get_textpage()
    try:
        return text.get_text_range()
    finally:
        text.close()
        page.close()


def _plain(path: Path) -> list[str]:
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace").split("\f")
    if b"\x00" in content:
        raise UnreadError("broken")
    try:
        return content.decode("utf-8-sig").split("\f")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace").split("\f")


def _xml(path: Path) -> list[str]:
    content = path.read_bytes()
    # No entity of its own is needed by JATS, and one can be made to fill all memory.
    if b"<!ENTITY" in content:
        raise UnreadError("broken")
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError:
        # HTML by another name, or an entity such as &nbsp; that no file of types explains.
        return _html(path)
    return ["".join(_within(root))]


def _within(element: ElementTree.Element) -> Iterator[str]:
    name = str(element.tag).rpartition("}")[2].lower()
    apart = "" if name in _INLINE else "\n"
    if not isinstance(element.tag, str):  # a comment
        return
    yield apart
    yield element.text or ""
    for child in element:
        yield from _within(child)
        yield child.tail or ""
    yield apart


class _Said(HTMLParser):
    """The words of a page of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.inside = 0

    def handle_starttag(self, tag, attrs):
        self.inside += tag in _UNSAID
        self.said.append("" if tag in _INLINE else "\n")

    def handle_endtag(self, tag):
        self.inside = max(0, self.inside - (tag in _UNSAID))
        self.said.append("" if tag in _INLINE else "\n")

    def handle_data(self, data):
        if not self.inside:
            self.said.append(data)


def _html(path: Path) -> list[str]:
    reader = _Said()
    reader.feed("\n".join(_plain(path)))
    reader.close()
    return ["".join(reader.said)]


def _word(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as packed:
            wanted = r"word/(document|footnotes|endnotes)\.xml"
            names = [name for name in packed.namelist() if re.fullmatch(wanted, name)]
            if not names or sum(packed.getinfo(n).file_size for n in names) > LARGEST:
                raise UnreadError("broken")
            parts = [packed.read(name) for name in sorted(names)]
            roots = [ElementTree.fromstring(part) for part in parts]
    except RuntimeError:  # what it says of a password
        raise UnreadError("encrypted") from None
    except (zipfile.BadZipFile, ElementTree.ParseError, OSError, KeyError, NotImplementedError):
        # Word puts a file that wants a password into a container of another kind.
        locked = path.read_bytes()[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        raise UnreadError("encrypted" if locked else "broken") from None
    return ["".join(said for root in roots for said in _words(root))]


def _words(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        if element.tag == f"{_WORD}t":
            yield element.text or ""
        elif element.tag in (f"{_WORD}p", f"{_WORD}tab", f"{_WORD}br", f"{_WORD}tc"):
            yield "\n"


READERS: dict[str, Callable[[Path], list[str]]] = {
    ".pdf": _pdf,
    ".xml": _xml,
    ".nxml": _xml,
    ".html": _html,
    ".htm": _html,
    ".docx": _word,
    ".txt": _plain,
}
