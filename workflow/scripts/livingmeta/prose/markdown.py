"""Markdown (CommonMark) as blocks that a report can set: headings, paragraphs, lists; in them
emphasis, code, links, `{{number-id}}` and citations `[@key; @key]`. All else is told with its line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

DEEPEST = 3  # level of headings
SLOT = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
COMMENT = re.compile(r"<!--(?:(?!-->).)*-->", re.DOTALL)  # of its authors, for themselves
CITATION = re.compile(r"\[(@[^\[\]]+)\]")
NEXT_KEY = re.compile(r";(?:\s*(?=@)|\s+|$)")  # a DOI may hold a semicolon
# A star within a word, and what is no Markdown: code, and what a backslash stands before.
STAR = re.compile(r"(?<=[\w)])\*(?=[\w(])")
NO_MARKDOWN = re.compile(r"`[^`]*`|\\.|\{\{.*?\}\}", re.DOTALL)
CITED_WITHIN = re.compile(r"\[[^\[\]]*(?<!\w)@\w[^\[\]]*\]")
MINUS = re.compile(r"[-+*]\s*[\d.]")  # a line that begins so
# What Markdown knows and the report does not set.
UNKNOWN = {
    "html_block": "HTML is not taken; write it in Markdown",
    "html_inline": "HTML is not taken; write it in Markdown, and a plain < as \\<",
    "image": "a picture is not taken; figures of the report are drawn from the data",
    "fence": "a block of code is not taken; write `code` within a sentence",
    "code_block": "four blanks at the beginning of a line make it code; take them away",
    "blockquote_open": "a quotation by > is not taken; write a paragraph",
    "hr": "a rule is not taken; headings part a text",
    "table_open": "a table is not taken; tables of the report are made from the data",
    "s_open": "text struck through is not taken",
}
LOOKS = {"em_open": "em", "strong_open": "strong"}


class Fault(NamedTuple):
    """What a report cannot set, and the line that it stands on."""

    line: int
    what: str


class Piece(NamedTuple):
    """A stretch of text. `kind`: `text`, `code`, `break`, `slot` (`text` is the number's id) or
    `cite` (`text` is the keys, separated by blanks); `looks`: `em` and `strong` around it, the
    outer first; `href`: where it links to."""

    kind: str
    text: str
    line: int
    looks: tuple[str, ...] = ()
    href: str = ""


@dataclass(frozen=True)
class Block:
    """`kind`: `heading` (of a `level` from 1), `paragraph`, `bullets` or `numbered`; `lines`: its
    text, of a list one an item; `line`: where it begins, from 1."""

    kind: str
    lines: tuple[tuple[Piece, ...], ...]
    line: int
    level: int = 0

    @property
    def text(self) -> str:
        """Its text without looks, numbers and citations."""
        return "".join(p.text for line in self.lines for p in line if p.kind in ("text", "code"))

    @property
    def label(self) -> str:
        """The bold words that a paragraph begins with, without what ends them; or ""."""
        first = self.lines[0][:1] if self.kind == "paragraph" else ()
        return first[0].text.strip(" .:") if first and "strong" in first[0].looks else ""

    @property
    def pieces(self) -> Iterator[Piece]:
        """All stretches of its text."""
        for line in self.lines:
            yield from line


def read(text: str) -> tuple[tuple[Block, ...], list[Fault]]:
    """The blocks of a text, and what of it a report cannot set."""
    around: dict[str, Any] = {}
    reader = _Reader(_parser().parse(text, around), text.splitlines())
    blocks = tuple(reader.blocks())
    what = "a link is written [words](https://...), where it stands"
    for definition in around.get("references", {}).values():
        reader.faults.append(Fault(definition["map"][0] + 1, what))
    return blocks, sorted(set(reader.faults))


def _parser() -> Any:
    # Loaded here: a review without prose is spared it.
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    # Links are judged by `_Reader`, which can tell where they stand.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    for name, pattern in (("slot", SLOT), ("cite", CITATION)):
        parser.inline.ruler.before("escape", name, _rule(name, pattern))
    return parser


def _rule(name: str, pattern: re.Pattern) -> Any:
    """A rule of the parser for what a pattern finds: what stands inside is not read as Markdown."""

    def rule(state: Any, silent: bool) -> bool:
        found = pattern.match(state.src, state.pos, state.posMax)
        if not found:
            return False
        if not silent:
            state.push(name, "", 0).content = found[1].strip()
        state.pos = found.end()
        return True

    return rule


class _Reader:
    """Goes through the parser's tokens."""

    def __init__(self, tokens: list[Any], lines: list[str]) -> None:
        self.tokens, self.at, self.lines = tokens, 0, lines
        self.faults: list[Fault] = []
        self.line = 1

    def blocks(self) -> Iterator[Block]:
        while self.at < len(self.tokens):
            token = self._next()
            if token.type in ("paragraph_open", "heading_open"):
                yield self._texts(token)
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                self._a_minus(self.line)
                yield self._items(token)
            else:
                self._untaken(token)

    def _a_minus(self, line):
        """A number below zero that a line begins with makes a list of what goes on."""
        before = self.lines[line - 2].strip() if line > 1 else ""
        if before and MINUS.match(self.lines[line - 1].strip()):
            what = "a minus at the beginning of a line makes a list; move it, or leave a line free"
            self.faults.append(Fault(line, what))

    def _next(self):
        token = self.tokens[self.at]
        self.at += 1
        if token.map:
            self.line = token.map[0] + 1
        return token

    def _texts(self, token):
        inside = self._next()
        self.at += 1
        level = int(token.tag[1]) if token.tag.startswith("h") else 0
        if level > DEEPEST:
            self.faults.append(Fault(self.line, f"headings go to {'#' * DEEPEST}, not deeper"))
        kind = "heading" if level else "paragraph"
        return Block(kind, (self._pieces(inside),), self.line, level)

    def _items(self, token):
        kind = "bullets" if token.type.startswith("bullet") else "numbered"
        line, lines = self.line, []
        if kind == "numbered" and token.attrGet("start") not in (None, 1):
            self.faults.append(Fault(line, "a numbered list begins with 1"))
        while (token := self._next()).type not in ("bullet_list_close", "ordered_list_close"):
            found = []
            if token.type == "list_item_open":
                while (inside := self._next()).type != "list_item_close":
                    if inside.type == "paragraph_open":
                        found.append(self._texts(inside))
                    else:
                        what = "an item of a list holds one paragraph"
                        self.faults.append(Fault(self.line, what))
                        self._past(inside)
                if len(found) > 1:
                    what = "an item of a list holds one paragraph"
                    self.faults.append(Fault(found[1].line, what))
                lines += [block.lines[0] for block in found[:1]]
        return Block(kind, tuple(lines), line)

    def _untaken(self, token):
        if token.type == "html_block" and COMMENT.fullmatch(token.content.strip()):
            return
        self.faults.append(Fault(self.line, UNKNOWN.get(token.type, f"{token.type} is not taken")))
        self._past(token)

    def _past(self, token):
        """Go on behind what a token opens."""
        depth = token.nesting
        while depth > 0:
            depth += self._next().nesting

    def _pieces(self, inline):
        found: list[Piece] = []
        looks: list[str] = []
        line, href = self.line, ""
        emphasis = any(token.type == "em_open" for token in inline.children)
        if emphasis and STAR.search(NO_MARKDOWN.sub("", inline.content)):
            what = "a * within a word or a number makes emphasis; write × or \\*"
            self.faults.append(Fault(line, what))
        for token in inline.children:
            kind = token.type
            if kind in LOOKS:
                looks.append(LOOKS[kind])
            elif kind in ("em_close", "strong_close"):
                looks.pop()
            elif kind == "link_open":
                href = self._link(token, line)
            elif kind == "link_close":
                href = ""
            elif kind in ("softbreak", "hardbreak"):
                line += 1
                text = " " if kind == "softbreak" else "\n"
                found.append(Piece("text" if text == " " else "break", text, line, tuple(looks)))
            elif kind in ("text", "text_special", "code_inline"):
                if kind != "code_inline" and ("{{" in token.content or "}}" in token.content):
                    self.faults.append(Fault(line, "{{ without }}: a number is {{its-id}}"))
                if kind == "text" and "[^" in token.content:
                    self.faults.append(Fault(line, "a footnote is not taken"))
                if kind == "text" and CITED_WITHIN.search(token.content):
                    what = "a citation is [@key] or [@key; @other], words stand outside"
                    self.faults.append(Fault(line, what))
                as_ = "code" if kind == "code_inline" else "text"
                found.append(Piece(as_, token.content, line, tuple(looks), href))
            elif kind == "slot":
                if not token.content:
                    self.faults.append(Fault(line, "{{}} names no number"))
                if href:
                    what = "a number is no link: a click on it shows where it comes from"
                    self.faults.append(Fault(line, what))
                found.append(Piece("slot", token.content, line, tuple(looks)))
                line += token.content.count("\n")
            elif kind == "cite":
                keys = [key.strip().removeprefix("@") for key in NEXT_KEY.split(token.content)]
                if not all(keys):
                    self.faults.append(Fault(line, "a citation names a work: [@key; @other]"))
                found.append(Piece("cite", " ".join(keys), line, tuple(looks)))
            elif kind == "html_inline" and COMMENT.fullmatch(token.content):
                line += token.content.count("\n")
            elif kind != "s_close":
                self.faults.append(Fault(line, UNKNOWN.get(kind, f"{kind} is not taken")))
        return tuple(piece for piece in found if piece.text)

    def _link(self, token, line):
        href = token.attrGet("href") or ""
        if not re.match(r"https?://[^/]", href):
            what = f"a link leads to an address that begins with https://, not to '{href}'"
            self.faults.append(Fault(line, what))
        return href
