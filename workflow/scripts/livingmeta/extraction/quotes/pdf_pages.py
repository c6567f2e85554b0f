"""Pages of held PDFs that hold figures, as pictures for the page that digitises.

They are kept as scripts beside the run, by the digest of the PDF, and not among the results: a
publisher's page is nobody's to pass on. A script, since a browser lets no page read the pixels of a
picture that it loads from a folder.
"""

import base64
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from livingmeta.extraction.quotes import texts
from livingmeta.extraction.quotes.texts import FEWEST, Text, UnreadError
from livingmeta.files import write

PAGES = ".snakemake/pages"
# ASSUME: a figure a column wide, 8.5 cm, is then 670 pixels, at which traces were measured to be
# good (docs/extracting.md); twice as many would be four times as heavy.
DPI = 200
MOST_PIXELS = 16e6  # as the page takes without scaling down
MOST_PAGES = 40  # of a PDF: a supplement of 500 pages is no reason to draw them all
LONGEST = 70
# A line that begins as a legend does, or the method's name anywhere.
_LEGEND = re.compile(
    r"^[ \t]*((?:e|supplementary |extended data )?(?:fig(?:ure|\.)?|abb(?:ildung|\.)?)"
    r"\s*[A-Z]?\d[^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_CURVE = re.compile(r"kaplan[\s\u2010-\u2015-]*\n?\s*meier", re.IGNORECASE)


class Page(NamedTuple):
    """A page that may hold a figure, from 1 on, and what its legend begins with, if it has one."""

    number: int
    legend: str


def likely(text: Text, pages: int) -> list[Page]:
    """The pages that may hold a figure: with a legend, a word of Kaplan-Meier, or next to no text.
    `pages`: of how many the file is; of a scan all of them may."""
    if text.why == "scan":
        return [Page(number, "") for number in range(1, pages + 1)]
    found = []
    for number, said in enumerate(text.pages, 1):
        said = said.replace("\r\n", "\n").replace("\r", "\n")
        legend = _LEGEND.search(said)
        bare = sum(c.isalnum() for c in said) < FEWEST
        if legend or bare or _CURVE.search(said):
            line = " ".join(legend[1].split()) if legend else ""
            found.append(Page(number, line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"))
    return found


def count(path: str | Path) -> int:
    """The pages of a PDF. Raises UnreadError as `draw` does."""
    with _Opened(path) as document:
        return len(document)


def place(digest: str, number: int) -> str:
    """Where the picture of a page of the PDF with this SHA-256 is kept."""
    return f"{PAGES}/{digest}-{number}.{DPI}.{texts.reader()}.js"


def key(digest: str, number: int) -> str:
    """By what the script of a page names it."""
    return f"{digest}-{number}"


def draw(path: str | Path, digest: str, numbers: Iterable[int]) -> None:
    """Keep a picture of each page that is not kept yet. Raises UnreadError: `encrypted`, `broken`
    or `no-pdf-reader`."""
    wanted = [n for n in numbers if not Path(place(digest, n)).exists()]
    if not wanted:
        return
    for number, picture in _pictures(path, wanted):
        said = base64.b64encode(picture).decode("ascii")
        script = f'HeldPages.take("{key(digest, number)}", "{said}");\n'
        write(script.encode("ascii"), Path(place(digest, number)))


def _pictures(path: str | Path, numbers: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    import pypdfium2

    with _Opened(path) as document:
        for number in numbers:
            try:
                page = document[number - 1]
                wide, high = page.get_size()
                scale = min(DPI / 72, (MOST_PIXELS / max(wide * high, 1.0)) ** 0.5)
                drawn = page.render(scale=scale).to_pil()
                page.close()
            except pypdfium2.PdfiumError:
                raise UnreadError("broken") from None
            out = io.BytesIO()
            # Without loss, and a fifth of a PNG.
            drawn.convert("RGB").save(out, "WEBP", lossless=True, quality=0, method=1)
            yield number, out.getvalue()


class _Opened:
    """A PDF, closed when it is done with."""

    def __init__(self, path: str | Path) -> None:
        self.document = texts.opened(path)

    def __enter__(self) -> Any:
        return self.document

    def __exit__(self, *_: Any) -> None:
        self.document.close()
