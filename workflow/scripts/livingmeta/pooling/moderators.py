"""The design of a meta-regression: columns of studies.csv, alone or several, and their products."""

import re
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from livingmeta.pooling import guards
from livingmeta.pooling.engines.inputs import ModeratorError
from livingmeta.pooling.subgroups import dummies

if TYPE_CHECKING:
    from livingmeta.pooling.synthesis import Synthesis

# ASSUME: a column with so large a share of numbers is meant to hold numbers only.
MOSTLY = 0.8
# Steps in which the values between the least and the greatest of a moderator are gone through.
STEPS = 20


class Design(NamedTuple):
    """A moderator as columns `x` (k, m) with their `terms`; `at`: where they are all zero, `held`
    the same with the name of its column.

    `values`: those at which to predict, in words, with their rows of x in `grid` (g, m): of numbers
    even steps over their range, of names each; of a product none.
    """

    x: np.ndarray
    terms: list[str]
    at: str
    held: str
    values: Sequence[str]
    grid: np.ndarray


def design(column: str, text: pd.Series) -> Design:
    """A column as numbers about their mean, else as indicators of each value but the first.

    `text`: its values, none empty. Numbers with a decimal comma, or all with one unit
    (45%, 10 mg), are numbers. Raises ModeratorError for words among numbers, or one value.
    """
    text = _as_numbers(text)
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
        held = f"{column} {mean:.6g}"
        grid = (grid - mean)[:, None]
        return Design((x - mean)[:, None], [column], f"at {held}", held, values, grid)
    if numbers.notna().mean() >= MOSTLY:
        raise ModeratorError("these are no numbers: " + "; ".join(words))
    levels = sorted(set(text))
    if len(levels) == 1:
        raise ModeratorError(f"all studies have the same value, {levels[0]}")
    x = dummies(text.to_numpy(str), levels)
    terms = [f"{name} against {levels[0]}" for name in levels[1:]]
    held = f"{column} {levels[0]}"
    return Design(x, terms, levels[0], held, levels, dummies(np.array(levels, str), levels))


def _as_numbers(text: pd.Series) -> pd.Series:
    """The values as numbers with a point and no unit, where each is a number and all have the same
    unit or none; else as they are. ModeratorError where it hangs on a comma or a unit what they
    are: 1,234 may be a thousand, and of 10 and 20 mg nobody knows whether both are mg."""
    parts = [_NUMBER.fullmatch(value.strip()) for value in text]
    known = [part for part in parts if part]
    units = {part[2].strip().casefold() for part in known}
    if len(known) < max(1, MOSTLY * len(parts)) or len(units - {""}) > 1 or not _odd(known):
        return text
    if len(units) > 1 and any(re.fullmatch(r"\S+\d[^\W\d_]|\d[^\W\d_]", p[0]) for p in known):
        return text  # stages 1, 2 and 3a
    thousands = sorted({part[0] for part in known if re.fullmatch(r"-?\d{1,3}(,\d{3})+", part[1])})
    if thousands:
        raise ModeratorError(
            f"a comma before three digits, as in {thousands[0]}, may part thousands or decimals: "
            "write numbers with a point, and thousands without a comma"
        )
    if len(units) > 1:
        bare = sorted({part[0] for part in known if not part[2].strip()})
        (unit,) = units - {""}
        raise ModeratorError(
            f"some values have the unit {unit} and others none ({'; '.join(bare)}): write all in "
            "one unit, as numbers alone"
        )
    return pd.Series(
        [
            part[1].replace(",", ".") if part else value
            for part, value in zip(parts, text, strict=True)
        ],
        index=text.index,
    )


def _odd(known: Sequence[re.Match[str]]) -> bool:
    """Whether any of these numbers has a comma or a unit."""
    return any("," in part[1] or part[2].strip() for part in known)


# A number, and what stands behind it: 54,3, 45%, 10 mg; no range, and no ordinal.
_NUMBER = re.compile(
    r"(-?\d+(?:[.,]\d+)*)\s*((?!st\b|nd\b|rd\b|th\b)[^\W\d_]*|%|[^\W\d_]+/[^\W\d_]+)"
)


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
    return Design(x, terms, "", "", [], np.empty((0, x.shape[1])))


def _intercept(parts: Sequence[Sequence[str]], designs: Mapping[str, Design]) -> str:
    columns = dict.fromkeys(column for part in parts for column in part)
    return "intercept, " + ", ".join(designs[column].at for column in columns)


class Reading(NamedTuple):
    """A meta-regression as it can be fitted: the studies (or effects) that have every column as the
    mask `known`, their number of studies `k`, the design `x` without intercept and its `terms`;
    `parts` and `designs`: as for `together`."""

    asked: str
    known: np.ndarray
    k: int
    x: np.ndarray
    terms: list[str]
    intercept: str
    parts: list[list[str]]
    designs: dict[str, Design]


def values(s: "Synthesis", column: str, without: str) -> tuple["pd.Series[str]", np.ndarray] | None:
    """The column of the studies as text and the mask of those that have a value, or None with the
    guard rail `without`."""
    if column not in s.studies:
        s.decide("", without, column=column)
        return None
    text = s.studies[column].astype("string").fillna("").str.strip()
    known = (text != "").to_numpy(bool)
    lost = list(dict.fromkeys(s.studies["study_id"][~known]))
    if lost:
        s.decide("", "not-reported", column=column, studies=lost)
    return text, known


def read(s: "Synthesis", model: str, asked: str) -> Reading | None:
    """What `asked` of a model is: a column, or several and their products, as `year`, `year + dose
    + year:dose`. None, with a guard rail, where it cannot be fitted or studies are too few."""
    parts = [term.split(":") for term in asked.split(" + ")]
    found, known = {}, np.ones(len(s.studies), bool)
    for column in dict.fromkeys(column for term in parts for column in term):
        told = values(s, column, "no-column-for-regression")
        if told is None:
            return None
        found[column] = told[0]
        known &= told[1]
    designs = {}
    for column, text in found.items():
        try:
            designs[column] = design(column, text[known])
        except ModeratorError as error:
            s.decide(model, "regression-not-done", column=asked, error=str(error))
            return None
    x, terms, intercept = together(parts, designs)
    k = s.studies["study_id"][known].nunique()
    if guards.moderators_allowed(k) < max(len(terms), 1):
        needed = 10 * max(len(terms), 1)
        s.decide(model, "regression-held-back", column=asked, needed=needed, k=k)
        return None
    return Reading(asked, known, k, x, terms, intercept, parts, designs)


def points(of: Reading) -> tuple[list[dict[str, str]], np.ndarray]:
    """Where to predict: each column through its values, the others held at their mean or at their
    first value, which is where their columns of the design are zero. Words of each point for
    predicted.csv (`column`, `value`, `held`), and their rows of `x`."""
    words, rows = [], []
    for column, moving in of.designs.items():
        others = {name: other for name, other in of.designs.items() if name != column}
        held = ", ".join(other.held for other in others.values())
        words += [{"column": column, "value": value, "held": held} for value in moving.values]
        zeros = {
            name: other._replace(x=np.zeros((len(moving.values), other.x.shape[1])))
            for name, other in others.items()
        }
        rows.append(
            together(of.parts, of.designs | zeros | {column: moving._replace(x=moving.grid)})[0]
        )
    return words, np.vstack(rows)
