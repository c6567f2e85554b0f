"""Rows of cumulative.csv: the synthesis year after year, as its studies were published.

Lau 1992 (N Engl J Med 327:248). Studies of one year enter together, since nothing says which of
them came first.
"""

from collections.abc import Callable, Iterator
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from livingmeta import tables
from livingmeta.analyses import Method, Model
from livingmeta.pooling import sequences

if TYPE_CHECKING:
    from livingmeta.pooling.synthesis import Synthesis

NUMBERS = ("k", "estimate", "se", "ci_low", "ci_high", "tau2", "i2")
DISPLAY = ("display_estimate", "display_ci_low", "display_ci_high")
COLUMNS = tables.columns("pooling/cumulative")


def cumulative_rows(
    s: "Synthesis", primary: Model | Method, make: Callable[..., list[dict]]
) -> list[dict[str, Any]]:
    """The primary model of all studies published up to each year, a row a year.

    `s` is a synthesis.Synthesis, `primary` its Model or Method, which `make(s, models, of=mask)`
    fits; a year whose studies do not allow the method is left out. `added`: the studies of that
    year, by their id. Estimates are on the analysis scale except `display_*`. The last row is the
    result.
    """
    y, _ = s.effects()
    # ASSUME: a study without a year comes last, in a step of its own: nothing says how old it is.
    dated = s.studies["year"] if "year" in s.studies else [None] * y.size
    years = [None if pd.isna(year) else int(year) for year in dated]
    order = sorted(range(y.size), key=lambda i: (years[i] is None, years[i] or 0))
    ordered = [years[i] for i in order]
    # Where the year that follows is another one.
    ends = [i for i in range(1, y.size + 1) if i == y.size or ordered[i] != ordered[i - 1]]
    steps = _of_models(s, primary, make, np.array(order), ends)
    rows: list[dict[str, Any]] = []
    first = 0  # of the studies that have not been in a row yet
    for row, end in zip(steps, ends, strict=True):
        if row is None:
            continue
        year = ordered[end - 1]
        added = " ".join(s.studies["study_id"].iloc[order[first:end]])
        first = end
        rows.append(
            s.display(row)
            | {"model": primary.name, "year": pd.NA if year is None else year, "added": added}
        )
    return rows


def _of_models(
    s: "Synthesis",
    primary: Model | Method,
    make: Callable[..., list[dict]],
    order: np.ndarray,
    ends: list[int],
) -> Iterator[dict[str, Any] | None]:
    """The numbers of the first studies up to each end; None where they do not allow the method."""
    y, v = s.effects()
    if isinstance(primary, Model):
        model = {"tau2": primary.tau2, "interval": primary.interval, "level": s.level}
        many = sequences.cumulative(y[order], v[order], ends, **model)
        for i in range(len(ends)):
            yield {name: getattr(many, name)[i].item() for name in NUMBERS}
        return
    silent = copy(s)
    silent.decisions = []  # of a part of the studies nothing is said but what is shown
    for end in ends:
        found = make(silent, [primary], of=np.isin(np.arange(y.size), order[:end]))
        yield {name: found[0][name] for name in NUMBERS} if found else None
