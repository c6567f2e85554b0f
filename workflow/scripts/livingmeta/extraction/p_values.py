"""What papers print of a test: its p (exact, a bound, or not significant), and its degrees of
freedom as a quote has them: F(1, 45), F[2;108], chi-squared (df = 2)."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from livingmeta import spreadsheets, tables
from livingmeta.errors import InputError

A_P = "0.03, <0.001 or NS"  # what a p value looks like

_DF = r"(?:d\.?\s?f\.?|degrees\s+of\s+freedom)"
_OPEN, _THEN = r"[_(\[{<\s]*", r"\s*(?:[,;/:|]|and|&)\s*"
_OF_F = (
    # F(2, 108), F[2;108], F_{2,108}, F2,108, F (df = 2, 108)
    re.compile(rf"\bF\s*{_OPEN}(?:{_DF}\s*[=:]?\s*)?(\d+)(?P<then>{_THEN})(?P<second>\d+)"),
    # F(2), F[2]
    re.compile(rf"\bF\s*_?\s*[(\[{{<]\s*(?:{_DF}\s*[=:]?\s*)?(\d+)\s*[)\]}}>]"),
    # df = 2, 108; 2 and 108 degrees of freedom
    re.compile(rf"\b{_DF}\s*[=:(\[]*\s*(\d+){_THEN}\d+", re.IGNORECASE),
    re.compile(rf"\b(\d+){_THEN}\d+\s*{_DF}", re.IGNORECASE),
)
_OF_CHI_SQUARED = (
    re.compile(
        rf"(?:χ|\bchi|\bx)\s?-?\s?(?:2|\^2|squared?)?\s*_?\s*[(\[{{]\s*(?:{_DF}\s*[=:]?\s*)?(\d+)"
        r"\s*[,;)\]}]",
        re.IGNORECASE,
    ),
    re.compile(rf"\b{_DF}\s*[=:]?\s*(\d+)", re.IGNORECASE),
    re.compile(rf"\b(\d+)\s*{_DF}", re.IGNORECASE),
)
_PATTERNS = {"f": _OF_F, "log-rank-chi2": _OF_CHI_SQUARED}


class PValue(NamedTuple):
    """A printed p: `relation` is `=`, `<` or `>`; NS is read as `> 0.05`."""

    value: float
    relation: str
    one_sided: bool

    @property
    def exact(self) -> bool:
        return self.relation == "="

    @property
    def two_sided(self) -> float:
        return min(1.0, 2 * self.value) if self.one_sided else self.value

    def __str__(self) -> str:
        sign = "" if self.exact else self.relation
        return f"{sign}{self.value:g}" + (" (one-sided)" if self.one_sided else "")


class PValueError(InputError):
    """A text that is no p value."""


def parse_p(text: object, note: str = "") -> PValue | None:
    """Read a p value as printed: `0.03`, `<0.001`, `NS`, `0.04 (one-sided)`, `p = .02`.

    A p printed as nothing but noughts (`0.000`) is a bound at half its last digit.
    Returns None where there is none; raises PValueError on text that is no p value.
    """
    words = tables.text(text).strip().lower().replace("≤", "<").replace("<=", "<").replace("≥", ">")
    # A decimal comma (no p has thousands), or a raised point.
    words = spreadsheets.RAISED_POINT.sub(".", words.replace(",", "."))
    if not words:
        return None
    one_sided = bool(re.search(r"(one|1)[- ]?(sided|tailed)", f"{words} {note.lower()}"))
    if re.match(r"n\.?s\.?\b|not significant|non-?significant", words):
        return PValue(0.05, ">", one_sided)
    found = re.match(r"(?:p\b)?\s*([<>=])?\s*(\d*\.?\d+(?:e-?\d+)?)", words)
    # What goes on with a further number, 0.01-0.05 or 3x10-5, is none as it begins.
    if not found or re.match(r"(?:[^\s\w(,;/]+|\s*[x\u00d7]\s*)\d", words[found.end() :]):
        raise PValueError(
            f"p value {text!r} is not a number, a bound such as <0.001, or NS", value=text, cure=A_P
        )
    value = float(found[2])
    if value == 0:
        return PValue(0.5 * 10.0 ** -len(found[2].partition(".")[2]), "<", one_sided)
    if value > 1:
        raise PValueError(f"p value {text!r} is above 1", value=text, cure=A_P)
    return PValue(value, found[1] or "=", one_sided)


def degrees_of_freedom(statistic: str, said: str, value: float) -> int | None:
    """The degrees of freedom that a quote or note tells of an F (its first) or a chi-squared.

    None where it tells none; `value`: the test's own, which `F 7,712` may be.
    """
    plain = unicodedata.normalize("NFKC", said)
    for pattern in _PATTERNS.get(statistic, ()):
        for found in pattern.finditer(plain):
            parts = found.groupdict()
            is_value = (
                "," in (parts.get("then") or "")
                and float(f"{found[1]}.{parts['second']}") == value
                and "=" not in plain[found.end() : found.end() + 4]
            )
            if not is_value:
                return int(found[1])
    return None
