"""P values as papers print them: exact, a bound, or not significant."""

from __future__ import annotations

import re
from typing import NamedTuple

from livingmeta import tables
from livingmeta.errors import InputError

A_P = "0.03, <0.001 or NS"  # what a p value looks like


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
    words = words.replace(",", ".")  # a decimal comma: no p has thousands
    if not words:
        return None
    one_sided = bool(re.search(r"(one|1)[- ]?(sided|tailed)", f"{words} {note.lower()}"))
    if re.match(r"n\.?s\.?\b|not significant|non-?significant", words):
        return PValue(0.05, ">", one_sided)
    found = re.match(r"(?:p\b)?\s*([<>=])?\s*(\d*\.?\d+(?:e-?\d+)?)", words)
    if not found:
        raise PValueError(
            f"p value {text!r} is not a number, a bound such as <0.001, or NS", value=text, cure=A_P
        )
    value = float(found[2])
    if value == 0:
        return PValue(0.5 * 10.0 ** -len(found[2].partition(".")[2]), "<", one_sided)
    if value > 1:
        raise PValueError(f"p value {text!r} is above 1", value=text, cure=A_P)
    return PValue(value, found[1] or "=", one_sided)
