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
# Steps in which the values between the least and the greatest of a moderator are gone through.
STEPS = 20


class Design(NamedTuple):
    """A moderator as columns `x` (k, m) with their `terms`; `at`: where they are all zero.

    `values`: those at which to predict, in words, with their rows of x in `grid` (g, m): of numbers
    even steps over their range, of names each; of a product none.
    """

    x: np.ndarray
    terms: list[str]
    at: str
    values: Sequence[str]
    grid: np.ndarray


def design(column: str, text: pd.Series) -> Design:
    """A column as numbers about their mean, else as indicators of each value but the first.

    `text`: its values, none empty. Raises ModeratorError for words among numbers, or one value.
    """
    numbers = pd.to_numeric(text, errors="coerce")
    words = sorted(set(text[numbers.isna()]))
    if not words:
        x = numbers.to_numpy(float)
        if x.size > 1 and x.min() == x.max():
            raise ModeratorError(f"all studies have the same value, {text.iloc[0]}")
        # The intercept is the effect at the mean: that of the year 0 would help nobody.
        mean = x.mean()
        # Each once: where a moderator hardly varies, rounding would name two values alike.
        values = list(dict.fromkeys(f"{v:.10g}" for v in np.linspace(x.min(), x.max(), STEPS + 1)))
        grid = np.array(values, float)
        return Design(
            (x - mean)[:, None], [column], f"at {column} {mean:.6g}", values, (grid - mean)[:, None]
        )
    if numbers.notna().mean() >= MOSTLY:
        raise ModeratorError("these are no numbers: " + "; ".join(words))
    levels = sorted(set(text))
    if len(levels) == 1:
        raise ModeratorError(f"all studies have the same value, {levels[0]}")
    x = dummies(text.to_numpy(str), levels)
    terms = [f"{name} against {levels[0]}" for name in levels[1:]]
    return Design(x, terms, levels[0], levels, dummies(np.array(levels, str), levels))


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
    terms = [f"{a.terms[i]} x {b.terms[j]}" for i, j in pairs]
    return Design(x, terms, "", [], np.empty((0, x.shape[1])))


def _intercept(parts: Sequence[Sequence[str]], designs: Mapping[str, Design]) -> str:
    columns = dict.fromkeys(column for part in parts for column in part)
    return "intercept, " + ", ".join(designs[column].at for column in columns)
