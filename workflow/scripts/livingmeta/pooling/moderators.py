"""The design of a meta-regression: columns of studies.csv, alone or several, and their products."""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np
import pandas as pd

from livingmeta.pooling.engines.inputs import ModeratorError
from livingmeta.pooling.subgroups import dummies

# ASSUME: a column with so large a share of numbers is meant to hold numbers only.
MOSTLY = 0.8


class Design(NamedTuple):
    """A moderator as columns `x` (k, m) with their `terms`; `at`: where they are all zero."""

    x: np.ndarray
    terms: list[str]
    at: str


def design(column: str, text: pd.Series) -> Design:
    """A column as numbers about their mean, else as indicators of each value but the first.

    `text`: its values, none empty. Raises ModeratorError for words among numbers, or one value.
    """
    numbers = pd.to_numeric(text, errors="coerce")
    words = sorted(set(text[numbers.isna()]))
    if not words:
        x = numbers.to_numpy(float)
        # The intercept is the effect at the mean: that of the year 0 would help nobody.
        return Design((x - x.mean())[:, None], [column], f"at {column} {x.mean():.6g}")
    if numbers.notna().mean() >= MOSTLY:
        raise ModeratorError("these are no numbers: " + "; ".join(words))
    levels = sorted(set(text))
    if len(levels) == 1:
        raise ModeratorError(f"all studies have the same value, {levels[0]}")
    x = dummies(text.to_numpy(str), levels)
    return Design(x, [f"{name} against {levels[0]}" for name in levels[1:]], levels[0])


def together(
    parts: Sequence[Sequence[str]], designs: Mapping[str, Design]
) -> tuple[np.ndarray, list[str], str]:
    """The design matrix (k, m) without intercept, its terms, and the name of the intercept.

    `parts`: each term as its columns: one, or several whose product it is; `designs`: by column.
    """
    made = [reduce(_product, (designs[column] for column in part)) for part in parts]
    terms = [term for one in made for term in one.terms]
    return np.hstack([one.x for one in made]), terms, _intercept(parts, designs)


def _product(a: Design, b: Design) -> Design:
    pairs = [(i, j) for i in range(a.x.shape[1]) for j in range(b.x.shape[1])]
    x = np.column_stack([a.x[:, i] * b.x[:, j] for i, j in pairs])
    return Design(x, [f"{a.terms[i]} x {b.terms[j]}" for i, j in pairs], "")


def _intercept(parts: Sequence[Sequence[str]], designs: Mapping[str, Design]) -> str:
    columns = dict.fromkeys(column for part in parts for column in part)
    return "intercept, " + ", ".join(designs[column].at for column in columns)
