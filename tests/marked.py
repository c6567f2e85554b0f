"""Cases of which a few are tried by `make test`, and all by CI."""

from collections.abc import Iterable

import pytest


def heavy_but(fast: Iterable, cases: Iterable) -> list:
    """The cases as parameters; those that are not among `fast` are marked heavy."""
    known, asked = set(fast), list(cases)
    assert known <= set(asked), "a case that is to be fast is none"
    return [pytest.param(c, marks=[] if c in known else [pytest.mark.heavy]) for c in asked]
