"""The texts of data/raw/prose for the page, with their numbers and citations."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from markupsafe import Markup, escape

from livingmeta.errors import InputError
from livingmeta.prose import markdown
from livingmeta.prose.markdown import Block, Piece
from livingmeta.prose.texts import Text, anchor
from livingmeta.report.prose import slots
from livingmeta.words.numbers import Numbers
from livingmeta.words.sentences import marked

LISTS = {"bullets": "ul", "numbered": "ol"}
BLANK = Markup(" ")
Cite = Callable[[Iterable[str]], Markup]  # keys -> their numbers, linked


def filled(
    written: Mapping[str, Text],
    numbers: Numbers,
    cite: Cite,
    known: Iterable[str],
    of_result: slots.Results = MappingProxyType({}),
) -> dict[str, Markup]:
    """Each text as HTML, everything in it escaped; slots give the registered numbers. What people
    type needs no account of where it comes from: it is marked `data-raw`.

    `cite`: gives the numbers of the works that keys name; `known`: the keys that there are;
    `of_result`: as slots.results gives it. Raises InputError for a slot or a key that there is not,
    and for a slot without a value or by a place, with file, line and what is near; all of them at
    once.
    """
    there = set(known)
    wrong: list[str] = []
    for text in written.values():
        for piece in (p for block in text.blocks for p in block.pieces):
            where = f"{text.file}, line {piece.line}"
            if piece.kind == "slot" and (why := slots.fault(piece.text, numbers, of_result)):
                id_ = slots.id_of(piece.text, of_result)
                lasting = [one for one in numbers.under("") if not slots.is_place(one)]
                near = "" if id_ in numbers else _near(id_, lasting)
                wrong.append(f"{where}: {{{{{piece.text}}}}} {why}{near}.")
            if piece.kind == "cite":
                for key in piece.text.split():
                    if key not in there:
                        what = (
                            f"[@{key}] is no study_id, no record_id, no work of "
                            "data/raw/prose/references and none that the methods cite"
                        )
                        wrong.append(f"{where}: {what}{_near(key, there)}.")
    if wrong:
        raise InputError(wrong)
    meant = _Meant(numbers, cite, of_result)
    return {name: _set(text, meant) for name, text in written.items()}


def line(
    said: str,
    numbers: Numbers,
    cite: Cite,
    known: Iterable[str],
    of_result: slots.Results = MappingProxyType({}),
) -> Markup:
    """A piece of one of the texts for a cell of a table, as `filled` sets it: lists and headings
    become lines of one paragraph. As it stands where it is no Markdown by itself."""
    blocks, faults = markdown.read(said)
    there = set(known)
    for piece in (p for block in blocks for p in block.pieces):
        slot, cites = piece.kind == "slot", piece.kind == "cite"
        if slot and slots.fault(piece.text, numbers, of_result):
            return escape(said)
        if cites and not there.issuperset(piece.text.split()):
            return escape(said)
    if faults:
        return escape(said)
    meant = _Meant(numbers, cite, of_result)
    return BLANK.join(_line(one, meant) for block in blocks for one in block.lines)


def keys(written: Mapping[str, Text]) -> set[str]:
    """The keys that the texts cite."""
    pieces = (p for text in written.values() for block in text.blocks for p in block.pieces)
    return {key for piece in pieces if piece.kind == "cite" for key in piece.text.split()}


def _near(said: str, known: Iterable[str]) -> str:
    """`; near it: a, b`, of names that are like it or hold its parts; "" for none."""
    known = list(known)
    near = difflib.get_close_matches(said, known, n=3, cutoff=0.6)
    if not near:
        parts = {part for part in re.split(r"[/\s]+", said.lower()) if len(part) > 2}
        held = ((sum(part in name.lower() for part in parts), name) for name in known)
        near = [name for n, name in sorted(held, key=lambda one: (-one[0], one[1])) if n][:3]
    return f"; near it: {', '.join(near)}" if near else ""


class _Meant(NamedTuple):
    """What slots and citations give."""

    numbers: Numbers
    cite: Cite
    of_result: slots.Results


def _set(text: Text, meant: _Meant) -> Markup:
    # The first level that a text uses stands right below the section's own heading.
    top = min((block.level for block in text.blocks if block.kind == "heading"), default=1)
    return Markup("\n").join(_block(text.name, block, top, meant) for block in text.blocks)


def _block(section: str, block: Block, top: int, meant: _Meant) -> Markup:
    lines = [_line(line, meant) for line in block.lines]
    if block.kind == "heading":
        tag = "h3" if block.level == top else "h4"
        whole = Markup('<{0} id="{1}" data-raw>{2}</{0}>')
        return whole.format(tag, anchor(section, block), lines[0])
    if block.kind == "paragraph":
        return Markup("<p data-raw>{}</p>").format(lines[0])
    items = Markup("").join(Markup("<li data-raw>{}</li>\n").format(line) for line in lines)
    return Markup("<{0}>\n{1}</{0}>").format(LISTS[block.kind], items)


def _line(pieces: Iterable[Piece], meant: _Meant) -> Markup:
    return Markup("").join(_piece(piece, meant) for piece in pieces)


def _piece(piece: Piece, meant: _Meant) -> Markup:
    if piece.kind == "break":
        return Markup("<br>")
    if piece.kind == "slot":
        id_ = slots.id_of(piece.text, meant.of_result)
        said = marked(id_, meant.numbers.text(id_))
    elif piece.kind == "cite":
        said = meant.cite(piece.text.split())
    elif piece.kind == "code":
        said = Markup("<code>{}</code>").format(piece.text)
    else:
        said = escape(piece.text)
    if piece.href:
        said = Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(piece.href, said)
    for look in reversed(piece.looks):
        said = Markup("<{0}>{1}</{0}>").format(look, said)
    return said
