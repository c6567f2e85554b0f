"""Rows of gosh.csv: what the meta-analyses of all subsets look like, without listing them."""

from typing import TYPE_CHECKING, Any

import numpy as np

from livingmeta import tables
from livingmeta.analyses import Model
from livingmeta.pooling.gosh import gosh

if TYPE_CHECKING:
    from livingmeta.pooling.synthesis import Synthesis

COLUMNS = tables.columns("pooling/gosh")
# Subsets of so many studies are solved with the estimator of the result, in a quarter of a second
# at most; of more, with DerSimonian and Laird's, which needs no solving.
SOLVED = 14
CLOSED = "DL"
SUBSETS = 1_000_000  # random ones, beyond 20 studies
STUDIES = 100_000_000  # in all subsets together, each counted: beyond 100 studies fewer subsets
CELLS = 40  # of equal width from the smallest estimate to the largest
I2_CELLS = 25  # of four percent each
QUANTILES = (0.0, 0.025, 0.25, 0.5, 0.75, 0.975, 1.0)
ALL, WITH, WITHOUT = "all", "with", "without"


def gosh_rows(s: "Synthesis", primary: Model, study: str) -> list[dict[str, Any]]:
    """The cloud of estimates and I² of every subset, in cells, and its quantiles.

    `s` is a synthesis.Synthesis of 3 studies or more, `primary` its Model, `study` the
    study whose presence divides the subsets. Rows of the part `cell` count the subsets in a
    rectangle of estimate (analysis scale) and I² (percent), apart for subsets with and without the
    study; a limit belongs to the cell above it. Rows of the part `quantile` give the quantiles of
    estimate and of I², each by itself, of the subsets of each kind, whose number is `subsets`.
    """
    y, v = s.effects()
    tau2 = primary.tau2 if y.size <= SOLVED or primary.tau2 == "FE" else CLOSED
    cloud = gosh(y, v, tau2=tau2, subsets=min(SUBSETS, STUDIES // y.size))
    inside = cloud.contains(s.studies["study_id"].tolist().index(study))
    groups = {ALL: np.ones_like(inside), WITH: inside, WITHOUT: ~inside}
    known = {"tau2_method": tau2, "study": study, "complete": cloud.complete}
    rows = []
    for name, mask in groups.items():
        found = [np.quantile(values[mask], QUANTILES) for values in (cloud.estimate, cloud.i2)]
        for quantile, estimate, share in zip(QUANTILES, *found, strict=True):
            row = s.display({"estimate": float(estimate)}) | {"i2": float(share)}
            kind = {"part": "quantile", "group": name, "quantile": quantile}
            rows.append(known | row | kind | {"subsets": int(mask.sum())})
    i2 = np.clip(cloud.i2, 0.0, 100.0)
    edges = _edges(cloud.estimate), np.linspace(0.0, 100.0, I2_CELLS + 1)
    for name in (WITH, WITHOUT):
        mask = groups[name]
        counts, *_ = np.histogram2d(cloud.estimate[mask], i2[mask], bins=edges)
        for i, j in np.argwhere(counts):
            limits = (*edges[0][i : i + 2], *edges[1][j : j + 2])
            names = ("estimate_low", "estimate_high", "i2_low", "i2_high")
            cell = dict(zip(names, map(float, limits), strict=True))
            kind = {"part": "cell", "group": name, "subsets": int(counts[i, j])}
            rows.append(known | cell | kind)
    return rows


def _edges(values):
    """Limits of the cells; where all values are the same, cells of a width that can be drawn."""
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-9 * max(1.0, abs(low)):
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, CELLS + 1)
