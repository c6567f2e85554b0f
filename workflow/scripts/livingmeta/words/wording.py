"""What a guard rail says is made of, whichever rail it is."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Parameters = Mapping[str, Any]
Name = Callable[[str], str]


class Wording(NamedTuple):
    """A guard rail in words: its title, what made it fire, and what was done."""

    rule: str
    because: str
    done: str


def number(value: float | None) -> str:
    """Four significant figures; `nan` where JSON held none."""
    return f"{math.nan if value is None else value:.4g}"
