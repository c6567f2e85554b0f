"""The report in another language: what is said in English, and how it is said there.

The sentences of the report stand in templates and in words/, in English. A language is a table of
them beside their translations (workflow/templates/german.csv), cut at the signs between clauses so
that what is put together here is found there. `{1}`, `{2}` in a row stand for what the sentence
names: numbers, dates, quotations, files, what the review itself calls things, and whatever has a
row of its own. What has no row stays in English and is counted; nothing is guessed.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from functools import cache, partial
from itertools import count
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from livingmeta import tables
from livingmeta.errors import InternalError
from livingmeta.words.english import MONTHS, sentence, within

FOLDER = Path(__file__).parents[3] / "templates"
# The languages beside English by their codes (protocol: report.language), and their tables.
TABLES = {"de": "german.csv"}
ENGLISH = "en"
# What stands for one piece of a page inside a sentence: a number, a link, a word set apart.
PIECES = range(0xE000, 0xF900)
# The same for a name of the review that holds numbers, or in which a clause seems to end.
_NAMES = 0xF0000
_PIECE = f"[{chr(PIECES[0])}-{chr(PIECES[-1])}{chr(_NAMES)}-{chr(_NAMES + 0xFFFD)}]"
_QUOTE = "“[^”]*”"
# What is carried over as it is: dates of which the month has a name come first, as one piece.
KEPT = re.compile(
    rf"\d{{1,2}} (?:{'|'.join(MONTHS)}) \d{{4}}"
    rf"|{_QUOTE}"
    r"|https?://\S+|(?:[\w<>.*-]+/)+[\w<>.*-]+"
    rf"|{_PIECE}"
    r"|[−-]?\d+(?:[.,]\d+)*%?"
)
_DATE = re.compile(r"(\d{1,2}) (\w+) (\d{4})")
# 2,039 patients are two thousand in English, and two in most other languages.
_THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\d,])")
THIN_SPACE = "\u202f"
_SLOT = re.compile(r"\{(\d+)\}")
_BETWEEN = re.compile(r"((?<=[.;:?!])\s+)")
SIGNS = tuple(".;:")
_WORD = re.compile(r"[^\W\d_]{2}")
_WHOLE_WORD = re.compile(r"(?<![^\W_])(?<![\d_])[^\W\d_]+(?![\w])")
# One unit of time behind a number.
_ONE = re.compile(rf"({_PIECE}|\b1) (day|week|month|year)\b")
_QUOTED = re.compile(_QUOTE)
_AND = re.compile(r", and | and | or |, ")
# How deep a sentence may name what is put together of others.
DEEPEST = 3


class LanguageError(InternalError):
    """A row of a table of translations that loses or doubles what the sentence names."""


class _Row(NamedTuple):
    """A sentence that names things: how it is known again, what it names in order, how it is
    said."""

    found: re.Pattern[str]
    greedy: re.Pattern[str]
    word: str
    literal: str
    slots: tuple[str, ...]
    said: str


class Language:
    """A language by its `code`, with the `names` that this review gives to things.

    `said`: the translation by English clause. `missing`: the clauses that stayed in English, as a
    row would have them, with how often each was asked for.

    Raises LanguageError for a row whose slots are not the same on both sides.
    """

    def __init__(self, code: str, said: dict[str, str], names: Iterable[str] = ()) -> None:
        for english, there in said.items():
            if sorted(_SLOT.findall(english)) != sorted(_SLOT.findall(there)):
                raise LanguageError(f"language {code}: other slots in {english!r} and {there!r}")
        self.code = code
        self.said = said
        named = sorted(set(names))
        # As people typed it: where English makes a small letter of a capital, others may not.
        self.names = {within(name): name for name in named}
        self.names |= {sentence(name): sentence(name) for name in named}
        self.names |= {name: name for name in named}
        whole = (
            n for n in self.names if _BETWEEN.search(n) or (re.search(r"\d", n) and _WORD.search(n))
        )
        self._whole = {
            name: re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
            for name in sorted(whole, key=lambda name: (-len(name), name))
        }
        self.missing: Counter[str] = Counter()
        self._known: dict[tuple[str, int], str | None] = {}
        rows = [_row(english, there) for english, there in said.items() if "{" in english]
        # The row that says most of a sentence in its own words is the one that was meant.
        rows.sort(key=lambda row: -len(_SLOT.sub("", row.said)))
        self._rows: dict[str, list[tuple[int, _Row]]] = {}
        for place, row in enumerate(rows):
            self._rows.setdefault(row.word, []).append((place, row))

    @property
    def tag(self) -> str:
        """What HTML and Word call it."""
        return "en-GB" if self.code == ENGLISH else self.code

    def text(self, words: str) -> str:
        """The words in this language, clause by clause; spaces around and between stay."""
        if not self.said or not words.strip():
            return words
        held = [name for name in self._whole if name in words]
        for i, name in enumerate(held):
            words = self._whole[name].sub(chr(_NAMES + i), words)
        for quoted in _QUOTED.findall(words):
            words = words.replace(quoted, chr(_NAMES + len(held)))
            held.append(quoted)
        whole = self._clause(words.strip())
        said = words.replace(words.strip(), whole) if whole is not None else self._parts(words)
        said = _THOUSANDS.sub(lambda found: found[0].replace(",", THIN_SPACE), said)
        for i, name in reversed(list(enumerate(held))):  # a quotation may hold names
            said = said.replace(chr(_NAMES + i), self.names.get(name, name))
        # No line breaks at an equals sign where none did.
        return said.replace(" = ", "\xa0=\xa0") if "\xa0=\xa0" in words else said

    def _parts(self, words: str) -> str:
        return "".join(
            part if i % 2 else self._or_english(part)
            for i, part in enumerate(_BETWEEN.split(words))
        )

    def dates(self, words: str) -> str:
        """The words as they are, with their dates as this language writes them."""
        return _DATE.sub(lambda found: self._piece(found[0]), words) if self.said else words

    def if_known(self, words: str) -> str:
        """The words in this language where they have a row of their own, else as they are, and not
        counted: for what is read beside the report."""
        return self._clause(words, DEEPEST) or words if self.said else words

    def _or_english(self, part: str) -> str:
        clause = part.strip()
        there = self._clause(clause)
        if there is None:
            bare = KEPT.sub("", clause).strip(" .;:?!,()")
            own = not self.names.keys().isdisjoint({clause, clause[:-1], bare})
            if _WORD.search(bare) and not own:
                self.missing[_key(clause)[0]] += 1
            return part
        return part.replace(clause, there) if clause else part

    def _clause(self, clause: str, deep: int = 0) -> str | None:
        """The clause in this language, or nothing where there is no row for it."""
        plain = " ".join(clause.split())
        if (plain, deep) not in self._known:
            there = self._looked_up(plain, deep)
            if there is None and plain[-1:] in SIGNS:  # one row serves a clause wherever it ends
                there = self._looked_up(plain[:-1], deep)
                there = there and there + plain[-1]
            if there is None and (one := _ONE.findall(plain)):  # said as of several
                there = self._of_one(self._clause(_ONE.sub(r"\1 \2s", plain), deep), one)
            self._known[plain, deep] = there
        return self._known[plain, deep]

    def _of_one(self, there: str | None, units: list[tuple[str, str]]) -> str | None:
        """A clause that is said of several, of one day or month: `1 Monaten` as `1 Monat`."""
        for number, unit in units:
            one = self.said.get(unit)
            if one and there:
                there = re.sub(rf"{re.escape(number)} {one}\w*", f"{number} {one}", there)
        return there

    def _looked_up(self, plain: str, deep: int) -> str | None:
        key, kept = _key(plain)
        there = self.said.get(key)
        if there is not None:
            return _filled(there, {str(i): self._piece(one) for i, one in enumerate(kept, 1)})
        if deep >= DEEPEST or plain in self.names:
            return None
        words = {"", *_WHOLE_WORD.findall(plain)}
        near = sorted(
            (one for word in words for one in self._rows.get(word, ())), key=itemgetter(0)
        )
        for _, row in near:
            # Where two slots stand side by side, either may be the longer.
            for pattern in (row.found, row.greedy) if row.literal in plain else ():
                found = pattern.fullmatch(plain)
                named = self._all(found.groups(), deep + 1) if found else None
                if named is not None:
                    return _filled(row.said, dict(zip(row.slots, named, strict=True)))
        return None

    def _piece(self, kept: str) -> str:
        if date := _DATE.fullmatch(kept):
            there = self.said.get(f"{{1}} {date[2]} {{2}}")
            return _filled(there, {"1": date[1], "2": date[3]}) if there else kept
        return kept

    def _named(self, part: str, deep: int) -> str | None:
        """What a slot holds: a piece as it is, a name of the review, words with a row, or a list of
        these; nothing else, so that no sentence is taken for another."""
        if KEPT.fullmatch(part):
            return self._piece(part)
        if part in self.said:
            return self.said[part]
        if part in self.names:
            return self.names[part]
        if (there := self._clause(part, deep)) is not None:
            return there
        parts = _AND.split(part)
        if len(parts) < 2:
            return None
        signs = [self.said.get(sign.strip(), sign.strip()) for sign in _AND.findall(part)]
        named = self._all(parts, DEEPEST)
        if named is None:
            return None
        between = [sign if sign == "," else f" {sign.removeprefix(', ')}" for sign in signs]
        return named[0] + "".join(
            f"{sign} {one}" for sign, one in zip(between, named[1:], strict=True)
        )

    def _all(self, parts: Iterable[str], deep: int) -> list[str] | None:
        found = []
        for part in parts:
            if (there := self._named(part, deep)) is None:
                return None
            found.append(there)
        return found


def read(code: str, names: Iterable[str] = ()) -> Language:
    """The language of this code; English has no table. Raises LanguageError for a broken row."""
    if code == ENGLISH:
        return Language(code, {})
    return Language(code, _said(code), names)


@cache
def _said(code: str) -> dict[str, str]:
    found = tables.read(FOLDER / TABLES[code], "report/language")
    return dict(zip(found["english"], found["said"], strict=True))


def names_in(part: Any) -> set[str]:
    """The words in a part of a protocol, and the names of its syntheses, outcomes and arms: what a
    review calls things."""
    if isinstance(part, str):
        return {part} - {""}
    if not isinstance(part, Iterable):
        return set()
    of = part.values() if isinstance(part, Mapping) else part
    keys = (
        {k for k, v in part.items() if isinstance(v, dict)} if isinstance(part, Mapping) else set()
    )
    return keys.union(*map(names_in, of))


# In which language a figure is being drawn: its words come from many places, and are measured
# before they are set.
_drawn_in: ContextVar[Language | None] = ContextVar("drawn_in", default=None)


def in_figure(words: str) -> str:
    """What a figure says, in the language in which it is drawn."""
    spoken = _drawn_in.get()
    return spoken.text(words) if spoken else words


def drawn(code: str, names: list[str], draw: Callable[..., Any], *of: Any, **named: Any) -> Any:
    """What `draw` makes of the rest, in this language."""
    before = _drawn_in.set(read(code, names))
    try:
        return draw(*of, **named)
    finally:
        _drawn_in.reset(before)


def each_drawn(
    asked: dict[str, partial[Any]], code: str, names: Iterable[str]
) -> dict[str, partial[Any]]:
    """The same figures in this language, as `functools.partial` by name."""
    if code == ENGLISH:
        return asked
    called = sorted(names)
    return {
        name: partial(drawn, code, called, make.func, *make.args, **make.keywords)
        for name, make in asked.items()
    }


def _key(clause: str) -> tuple[str, list[str]]:
    """The clause with a slot for each piece, as the table has it, and these pieces."""
    kept = KEPT.findall(clause)
    numbers = count(1)
    return " ".join(KEPT.sub(lambda _: f"{{{next(numbers)}}}", clause).split()), kept


@cache
def _row(english: str, there: str) -> _Row:
    parts = _SLOT.split(english)
    literal = max(parts[::2], key=len)
    # A word of its own that stands whole beside its slots too: rows are filed under it.
    word = max(_WHOLE_WORD.findall(_SLOT.sub("_", english)), key=len, default="")
    lazy, greedy = (
        re.compile("".join(slot if i % 2 else re.escape(part) for i, part in enumerate(parts)))
        for slot in ("(.+?)", "(.+)")
    )
    return _Row(lazy, greedy, word, literal, tuple(parts[1::2]), there)


def _filled(there: str, named: dict[str, str]) -> str:
    return _SLOT.sub(lambda found: named[found[1]], there)
