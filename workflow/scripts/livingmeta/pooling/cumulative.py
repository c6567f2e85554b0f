"""Rows of cumulative.csv: the synthesis year after year, as its studies were published.

Lau 1992 (N Engl J Med 327:248). Studies of one year enter together, since nothing says which of
them came first.
"""

from typing import TYPE_CHECKING, Any

import pandas as pd

from livingmeta import tables
from livingmeta.analyses import Model
from livingmeta.pooling import sequences

if TYPE_CHECKING:
    from livingmeta.pooling.synthesis import Synthesis

NUMBERS = ("k", "estimate", "se", "ci_low", "ci_high", "tau2", "i2")
DISPLAY = ("display_estimate", "display_ci_low", "display_ci_high")
COLUMNS = tables.columns("pooling/cumulative")


def cumulative_rows(s: "Synthesis", primary: Model) -> list[dict[str, Any]]:
    """The primary model of all studies published up to each year, a row a year.

    `s` is a synthesis.Synthesis, `primary` its Model. `added`: the studies of that year, by their
    id. Estimates are on the analysis scale except `display_*`. The last row is the result.
    """
    y, v = s.effects()
    # ASSUME: a study without a year comes last, in a step of its own: nothing says how old it is.
    dated = s.studies["year"] if "year" in s.studies else [None] * y.size
    years = [None if pd.isna(year) else int(year) for year in dated]
    order = sorted(range(y.size), key=lambda i: (years[i] is None, years[i] or 0))
    ordered = [years[i] for i in order]
    # Where the year that follows is another one.
    ends = [i for i in range(1, y.size + 1) if i == y.size or ordered[i] != ordered[i - 1]]
    model = {"tau2": primary.tau2, "interval": primary.interval}
    many = sequences.cumulative(y[order], v[order], ends, **model)
    rows = []
    for i, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        year = ordered[end - 1]
        row = {name: getattr(many, name)[i].item() for name in NUMBERS}
        added = " ".join(s.studies["study_id"].iloc[order[start:end]])
        rows.append(
            s.display(row)
            | {"model": primary.name, "year": pd.NA if year is None else year, "added": added}
        )
    return rows
