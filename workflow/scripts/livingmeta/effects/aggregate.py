"""Several effects of one study made into one, with a stated correlation of their errors.

The average of least variance and its variance, 1/(1' V^-1 1), where V has the correlation times
both standard errors beside its diagonal: metafor's aggregate() with struct="CS".
"""

from __future__ import annotations

from math import nan

import numpy as np

from livingmeta.effects.candidate import Candidate, all_used, words
from livingmeta.effects.routes import ROUTES, worst
from livingmeta.extraction.printed import Printed
from livingmeta.formulas.time_to_event import Effect


def average(yi: list[float], vi: list[float], correlation: float) -> Effect:
    """The average of effects `yi` with variances `vi` above nought; `correlation` below 1."""
    y, se = np.array(yi), np.sqrt(vi)
    v = np.outer(se, se) * (correlation + (1 - correlation) * np.eye(len(y)))
    weights = np.linalg.solve(v, np.ones(len(y)))
    return Effect(float(weights @ y / weights.sum()), float(1 / weights.sum()))


def aggregate(several: list[Candidate], printed: Printed, correlation: float) -> Candidate:
    """One effect of several; `several`: each of one printed row, the first decides what is said
    of the study. Patients of parts are added up, others are the same ones."""
    made = average([c.yi for c in several], [c.vi for c in several], correlation)
    parts = {r.row: r.part for r in printed.rows}
    of = [parts.get(c.inputs[0].row or 0, "") for c in several]
    apart = all(of) and len(set(of)) == len(of)
    sizes = [c.n for c in several]
    n = sum(sizes) if apart else max(sizes) if all(x == x for x in sizes) else nan
    said = (
        f"{len(several)} effects made into one, their errors correlated by {correlation:g}",
        *(text for c in several for text in c.assumed),
    )
    route = max((c.route for c in several), key=list(ROUTES).index)
    return Candidate(
        route,
        *made,
        all_used(*(used for c in several for used in c.inputs)),
        words(*said),
        n,
        nan,
        several[0].adjusted,
        grade=worst([c.grade for c in several]),
    )
