"""The texts of data/raw/prose: which there can be, what is in them, and what is wrong with them."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from livingmeta.analyses import slug
from livingmeta.errors import InputError
from livingmeta.prose import markdown
from livingmeta.prose.markdown import Block, Fault

FOLDER = "data/raw/prose"
# Sections by the name of their file, with their titles; each has its name for an anchor.
SECTIONS = {
    "abstract": "Abstract",
    "background": "Background",
    "discussion": "Discussion",
    "limitations": "Limitations",
    "funding": "Funding",
    "interests": "Competing interests",
    "amendments": "Amendments to the protocol",
}
# Works that the texts cite and no search found: an export of a reference manager.
CITED = "references"


@dataclass(frozen=True)
class Text:
    """One section as it was written; `file`: its path from the folder of the review."""

    name: str
    file: str
    blocks: tuple[Block, ...]

    @property
    def labels(self) -> list[tuple[str, str]]:
        """What its parts are called, as slugs, each with its anchor: its headings, and bold words
        at the beginning of a paragraph, which have the anchor of the section."""
        found = []
        for block in self.blocks:
            if block.kind == "heading":
                found.append((slug(block.text), anchor(self.name, block)))
            elif label := block.label:
                found.append((slug(label), self.name))
        return found


def anchor(section: str, heading: Block) -> str:
    """Where a link to a heading within a section leads."""
    return f"{section}-{slug(heading.text)}"


def read(paths: Iterable[str]) -> dict[str, Text]:
    """The sections that hold something, by name, in the order of SECTIONS.

    `paths`: the files under data/raw/prose. Raises InputError for a file that is no section and for
    what a report cannot set, all of it at once, each with its file and line.
    """
    wrong, found = [], {}
    for path in sorted(map(str, paths)):
        place = PurePosixPath(path)
        if _passed_over(place):
            continue
        # A file dated ahead comes by a link from elsewhere.
        shown = f"{FOLDER}/{place.name}" if place.parent.name == "prose" else str(place)
        if place.suffix != ".md" or place.stem not in SECTIONS or place.parent.name != "prose":
            wrong.append(_unknown(PurePosixPath(shown)))
            continue
        try:
            text = Path(path).read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            wrong.append(f"{shown}, line {line}: not UTF-8. Save it as UTF-8.")
            continue
        blocks, faults = markdown.read(text)
        blocks = _without_title(blocks, SECTIONS[place.stem], place.stem)
        faults += _twice(place.stem, blocks)
        wrong += [f"{shown}, line {fault.line}: {fault.what}" for fault in faults]
        if blocks:
            found[place.stem] = Text(place.stem, shown, blocks)
    if wrong:
        raise InputError(wrong)
    return {name: found[name] for name in SECTIONS if name in found}


def cited(paths: Iterable[str]) -> list[str]:
    """The exports among these files that hold what the texts cite."""
    return [path for path in sorted(map(str, paths)) if PurePosixPath(path).stem == CITED]


def _passed_over(place: PurePosixPath) -> bool:
    return place.name.upper().startswith("README") or place.stem == CITED


def _unknown(place: PurePosixPath) -> str:
    names = [f"{name}.md" for name in SECTIONS]
    near = difflib.get_close_matches(f"{place.stem.lower()}.md", names, n=1, cutoff=0.7)
    meant = f" Perhaps {near[0]} was meant." if near else ""
    return (
        f"{place}: no section of the report. {FOLDER} holds {', '.join(names)}, and "
        f"{CITED}.ris (or .bib, .nbib, .json) with what they cite.{meant}"
    )


def _without_title(blocks: tuple[Block, ...], title: str, name: str) -> tuple[Block, ...]:
    """The blocks without a first heading that only repeats what the section is called."""
    called = blocks[0].text.strip().casefold() if blocks else ""
    titled = called in (title.casefold(), name) and blocks[0].kind == "heading"
    return blocks[1:] if titled else blocks


def _twice(name: str, blocks: Iterable[Block]) -> list[Fault]:
    """Headings that a link could not tell apart."""
    seen: dict[str, int] = {}
    found = []
    for block in blocks:
        if block.kind == "heading":
            first = seen.setdefault(anchor(name, block), block.line)
            if first != block.line:
                found.append(Fault(block.line, f"this heading stands on line {first} already"))
    return found
