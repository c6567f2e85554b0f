"""Which studies of a synthesis have no patient in common, and together most patients."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd


def pairs(shares_with: pd.Series) -> list[list[str]]:
    """Pairs of the studies in the index that may have patients in common, each once and in order.

    `shares_with`: by study_id the studies of the whole review with which it may, separated by
    blanks (extraction/studies.csv).
    """
    here = set(shares_with.index)
    found = {
        tuple(sorted((str(study), other)))
        for study, cell in shares_with.items()
        for other in str(cell or "").split()
        if other in here and other != study
    }
    return [list(pair) for pair in sorted(found)]


def largest(pairs: Sequence[Sequence[str]], patients: pd.Series, weights: pd.Series) -> set[str]:
    """The studies, no two of them a pair, that have most patients; of those with equally many the
    ones of greatest weight.

    `patients` (a study that does not say counts none) and `weights` (1/vi) by study_id, on any
    scale. Exact: an independent set of greatest weight, by integer programming (HiGHS).
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    place: Mapping[Any, int] = {study: i for i, study in enumerate(patients.index)}
    n = np.nan_to_num(patients.to_numpy(float))
    w = weights.to_numpy(float) / weights.sum()
    # Patients are whole numbers, so that less than one of them decides between equals alone.
    worth = n + (w + 1e-9) / 2 if np.all(n == np.round(n)) else n + 1e-6 * (w + 1e-9)
    held = np.zeros((len(pairs), len(n)))
    for row, (one, other) in enumerate(pairs):
        held[row, [place[one], place[other]]] = 1
    found = milp(
        -worth / worth.max(),
        constraints=LinearConstraint(held, ub=1),
        integrality=np.ones(len(n)),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    return {study for study, i in place.items() if found.x[i] > 0.5}
