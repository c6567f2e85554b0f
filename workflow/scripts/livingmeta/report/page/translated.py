"""What a template said, in another language: its sentences looked up, its marks as they were."""

import re
from html import escape, unescape
from html.parser import HTMLParser

from markupsafe import Markup

from livingmeta.words.language import PIECES, Language

# What stands inside a sentence; any other element begins a new one.
INSIDE = {"span", "a", "abbr", "b", "strong", "i", "em", "code", "sub", "sup", "bdi"}
# What a review or its sources wrote, and what is no language.
KEPT = {"code", "bdi", "script", "style", "svg", "drawing"}
READ_OUT = re.compile(r' (title|aria-label|data-head|placeholder)="([^"]*)"')


class _Frame:
    """An element inside a sentence, while it is read: `tag` as it stands, what is done of it, and
    the words since, with one sign for each piece in them."""

    def __init__(self, tag: str = "", name: str = "", kept: bool = False) -> None:
        self.tag, self.name, self.kept = tag, name, kept
        self.done: list[str] = []
        self.words = ""
        self.pieces: list[str] = []


class _Reader(HTMLParser):
    def __init__(self, language: Language) -> None:
        super().__init__(convert_charrefs=True)
        self.language = language
        self.frames = [_Frame()]

    @property
    def top(self) -> _Frame:
        return self.frames[-1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw = self._read_out(str(self.get_starttag_text()))
        mine = dict(attrs)
        kept = self.top.kept or tag in KEPT or "data-raw" in mine
        kept = kept and "data-id" not in mine  # a number is ours wherever it stands
        if tag in INSIDE:
            self.frames.append(_Frame(raw, tag, kept))
        elif kept and tag not in ("br", "input"):
            self._end()
            self.frames.append(_Frame(raw, tag, kept))
        else:
            self._boundary(raw)

    def handle_endtag(self, tag: str) -> None:
        if len(self.frames) > 1 and self.top.name == tag:
            frame = self.top
            self._end()
            self.frames.pop()
            whole = f"{frame.tag}{''.join(frame.done)}</{tag}>"
            if tag in INSIDE:
                self._piece(whole)
            else:
                self.top.done.append(whole)
        else:
            self._boundary(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        for part in _signs.split(data):  # what symbol fonts leave behind is a piece, not a sign
            if _signs.fullmatch(part):
                self._piece(part)
            else:
                self.top.words += part

    def handle_decl(self, decl: str) -> None:
        self._boundary(f"<!{decl}>")

    def _piece(self, whole: str) -> None:
        if len(self.top.pieces) == len(PIECES):
            self._end()
        self.top.words += chr(PIECES[len(self.top.pieces)])
        self.top.pieces.append(whole)

    def _boundary(self, raw: str) -> None:
        self._end()
        self.top.done.append(raw)

    def _end(self) -> None:
        """The words so far as they are said in the language, each piece in its place."""
        frame = self.top
        said = (self.language.dates if frame.kept else self.language.text)(frame.words)
        raw = frame.name in ("script", "style")
        said = said if raw else escape(said, quote=False)
        frame.done.append(_signs.sub(lambda found: frame.pieces[ord(found[0]) - PIECES[0]], said))
        frame.words, frame.pieces = "", []

    def _read_out(self, tag: str) -> str:
        def said(found: re.Match[str]) -> str:
            words = self.language.text(unescape(found[2]))
            return f' {found[1]}="{escape(words)}"'

        return READ_OUT.sub(said, tag)


_signs = re.compile(f"([{chr(PIECES[0])}-{chr(PIECES[-1])}])")


def html(said: str, language: Language) -> Markup:
    """HTML in which what is read, and read out, is in the language; what is marked `data-raw`,
    which people or their sources wrote, and every number keep their place and value."""
    if not language.said:
        return Markup(said)
    reader = _Reader(language)
    reader.feed(said)
    reader.close()
    reader._end()
    return Markup("".join(reader.top.done))
