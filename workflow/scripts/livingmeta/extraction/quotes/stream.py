"""Text as a stream in which a quote can be found however it is set.

Line breaks, hyphens at the end of a line, ligatures, blanks, case and punctuation are of the
setting; letters, numbers and the signs that carry a number's meaning are of the text. A number is
one piece: the 8 of a quote is not the 8 of 18, 8.5 or 81.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from livingmeta import spreadsheets

# Signs beside a number that change what it says.
SIGNS = frozenset("%<>=≤≥±‰")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_PIECE = re.compile(rf"(?P<number>{_NUMBER.pattern})|(?P<sign>[{''.join(sorted(SIGNS))}])|\w")
# What is left out of a quote: "…", "...", "[...]".
_LEFT_OUT = re.compile(r"\s*(?:[\[(]\s*(?:\.{3,}|…)\s*[\])]|\.{3,}|…)\s*")
# ASSUME: what is left out of a quote is no longer than a page.
_LONGEST_GAP = 4000
# ASSUME: running heads and feet take up to so many lines, and stand on two pages of five (left and
# right ones differ).
_ENDS, _MANY = 2, 0.4
_MINUS = "-\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d"


class Stream:
    """A text of pages as one stream of pieces; `text`: those, `starts`: where each page begins."""

    def __init__(self, pages: Sequence[str]) -> None:
        self._pages = pages
        parts = [pieces(page) for page in pages]
        self.text = "".join(parts)
        self.starts = [0, *accumulate(map(len, parts))][: len(parts)]

    def page(self, at: int) -> int:
        """The page, from 1, on which a place of the stream is."""
        return bisect_right(self.starts, at)

    @cached_property
    def bare(self) -> Stream | None:
        """The same without what stands at the head or foot of many pages; None without any."""
        bare = _bare(self._pages)
        return Stream(bare) if bare != list(self._pages) else None


def normal(text: str) -> str:
    """Text with compatible characters as one (NFKC: ligatures, wide digits, blanks of all widths),
    decimals with a point on the line, in lower case."""
    text = spreadsheets.RAISED_POINT.sub(".", text)
    return unicodedata.normalize("NFKC", text).casefold()


def _bare(pages: Sequence[str]) -> list[str]:
    """Pages without their running heads and numbers: lines among the first or last of a page that,
    numbers aside, many pages have there."""
    lines = [page.strip().splitlines() for page in pages]

    def ends(page: list[str]) -> set[int]:
        return {*range(min(_ENDS, len(page))), *range(max(0, len(page) - _ENDS), len(page))}

    count = Counter(
        name for page in lines for name in {_numbers_aside(page[i]) for i in ends(page)}
    )
    running = {name for name, n in count.items() if n >= max(3, len(pages) * _MANY)}
    return [
        "\n".join(
            line
            for i, line in enumerate(page)
            if i not in ends(page) or _numbers_aside(line) not in running
        )
        for page in lines
    ]


def _numbers_aside(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip().casefold())


def pieces(text: str) -> str:
    """The letters, numbers and signs of a text; each number between strokes: `|8|of|40|`."""
    return "".join(
        f"|{found['number']}|" if found["number"] else found[0]
        for found in _PIECE.finditer(normal(text))
    )


def find(quote: str, text: Stream) -> int:
    """The page on which a quote begins; 0 where it does not stand there.

    Its parts, where something is left out between them, must follow one another.
    """
    page = _found(quote, text)
    return page if page or text.bare is None else _found(quote, text.bare)


def _found(quote: str, text: Stream) -> int:
    parts = [part for part in map(pieces, _LEFT_OUT.split(quote)) if part]
    if not parts:
        return 0
    begin = text.text.find(parts[0])
    while begin >= 0:
        end = begin + len(parts[0])
        for part in parts[1:]:
            at = text.text.find(part, end, end + _LONGEST_GAP + len(part))
            if at < 0:
                break
            end = at + len(part)
        else:
            return text.page(begin)
        begin = text.text.find(parts[0], begin + 1)
    return 0


def numbers(quote: str) -> list[float]:
    """The numbers of a quote with their signs; thousands with a comma as they are meant and as
    decimals both."""
    found = []
    said = normal(quote)
    for match in _NUMBER.finditer(said):
        before = said[: match.start()].rstrip() if match.start() else ""
        sign = -1.0 if _negative(said, match.start(), before) else 1.0
        found += [sign * value for value in _readings(match[0])]
    return found


def _negative(said: str, at: int, before: str) -> bool:
    """Whether a number has a minus of its own: none of a range, and no hyphen of a word."""
    if not at or said[at - 1] not in _MINUS:
        return False
    left = said[: at - 1]
    return not left or not (left[-1].isalnum() or left[-1] in "%)")


def _readings(number: str) -> list[float]:
    """What a number as printed may be: 1,234 is 1234 or 1.234."""
    if "," not in number:
        parts = number.split(".")
        if len(parts) <= 2:
            return [float(number)]
        return [float("".join(parts))]
    meant = []
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", number):
        meant.append(float(number.replace(",", "")))
    if re.fullmatch(r"\d+,\d+", number):
        meant.append(float(number.replace(",", ".")))
    if re.fullmatch(r"\d{1,3}(\.\d{3})+,\d+", number):
        meant.append(float(number.replace(".", "").replace(",", ".")))
    return meant
