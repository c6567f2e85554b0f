"""Which pages of held PDFs the page that digitises offers, study by study."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple

from livingmeta.extraction.quotes import kept, pdf_pages
from livingmeta.extraction.quotes.texts import UnreadError
from livingmeta.words import quotes as words


class Held(NamedTuple):
    """`pages`: one each, with what the page needs to open it; `told`: of files of which some or all
    pages are not offered."""

    pages: list[dict[str, Any]]
    told: list[str]


def of_studies(files: Mapping[str, Sequence[str]], digest: Callable[[str], str]) -> Held:
    """The pages with figures of the PDFs of each study, each drawn unless it is kept. `digest`: the
    SHA-256 of a file. A file that cannot be read is told, and stops nothing."""
    pages: list[dict[str, Any]] = []
    told: list[str] = []
    for study, paths in files.items():
        for path in paths:
            name = PurePath(path).name
            if PurePath(path).suffix.lower() == ".pdf":
                sha256 = digest(path)
                try:
                    found = _drawn(path, sha256)
                except UnreadError as error:
                    told.append(f"{name}: {words.WHY[str(error)]}.")
                    continue
                pages += [
                    {
                        "study": study,
                        "file": name,
                        "page": one.number,
                        "legend": one.legend,
                        "sha256": sha256,
                        "key": pdf_pages.key(sha256, one.number),
                        "at": f"../../{pdf_pages.place(sha256, one.number)}",
                    }
                    for one in found[: pdf_pages.MOST_PAGES]
                ]
                if len(found) > pdf_pages.MOST_PAGES:
                    told.append(words.further_pages(name, len(found) - pdf_pages.MOST_PAGES))
    return Held(pages, told)


def _drawn(path: str, sha256: str) -> list[pdf_pages.Page]:
    text = kept.text(path, sha256)
    if text.why and text.why != "scan":
        raise UnreadError(text.why)
    found = pdf_pages.likely(text, pdf_pages.count(path))
    pdf_pages.draw(path, sha256, [one.number for one in found[: pdf_pages.MOST_PAGES]])
    return found
