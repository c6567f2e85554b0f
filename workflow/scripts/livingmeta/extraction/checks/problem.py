"""One thing in the extracted data that does not fit."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """`rows` of outcomes.csv; `value` as found; `expected` what the other numbers imply."""

    severity: str
    rows: tuple[int, ...]
    check: str
    message: str
    value: str
    expected: str
