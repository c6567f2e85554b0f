"""Rare events: which method is the result of a ratio where few patients had the event.

With few events the inverse-variance methods are biased, and hang on what is added to zero cells
(Bradburn 2007, Stat Med 26:53; Cochrane Handbook 10.4.4). So where the events of all studies are
few and a cell is zero, the result is Mantel-Haenszel without correction; for odds ratios Peto's
method and the binomial-normal model stand beside it, and the latter is the result where it finds
the studies to differ.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from livingmeta.analyses import Method
from livingmeta.pooling import alternatives
from livingmeta.pooling.engines.glmm import fit_two_arm
from livingmeta.pooling.engines.inputs import PoolingError

if TYPE_CHECKING:
    from livingmeta.pooling.synthesis import Synthesis

# ASSUME: below this share of all patients events are rare; the Handbook names no limit, and
# Bradburn 2007 finds Mantel-Haenszel and Peto better at 1% and in part at 5%.
RARE = 0.05
# ASSUME: elsewhere Mantel-Haenszel comes before Peto's, which stands beside it: it does as well
# where arms are alike, and is not biased where they are not (Bradburn 2007; Handbook 10.4.4.2).
MANTEL_HAENSZEL, PETO, GLMM = Method("mantel-haenszel"), Method("peto"), Method("glmm")
OF_RATIOS, OF_DIFFERENCES = ("OR", "RR"), ("RD",)


class Rare(NamedTuple):
    """What rare events lead to: the `result` (None: that of the number of studies), what stands
    `beside` it, the `events` of how many `patients`, and tau² of the binomial-normal model of the
    odds ratio (None: it has none)."""

    result: Method | None
    beside: tuple[Method, ...]
    events: float
    patients: float
    tau2: float | None


def found(s: "Synthesis") -> Rare | None:
    """What rare events lead to in a synthesis.Synthesis; None where they are not rare, no cell is
    zero, the measure is none of counts, or a study prints no counts."""
    try:
        cells = alternatives.counts(s, (*OF_RATIOS, *OF_DIFFERENCES), 2, empty=True)
    except PoolingError:
        return None
    a, b, c, d = cells
    events, patients = float(a.sum() + c.sum()), float(cells.sum())
    if not (0 < events < RARE * patients and (cells == 0).any()) or len(s.studies) < 2:
        return None
    if s.measure in OF_DIFFERENCES:
        return Rare(None, (MANTEL_HAENSZEL,), events, patients, None)
    tau2 = _tau2(a, b, c, d)
    of_odds = s.measure == "OR"
    beside = (MANTEL_HAENSZEL, GLMM, PETO) if of_odds else (MANTEL_HAENSZEL,)
    if not _estimable(a, c):
        # ASSUME: where no study has an event in one of the arms Peto's is the result: it alone has
        # a finite estimate without anything added to a cell. Its bias where arms are unlike in size
        # or the effect is large (Greenland & Salvan 1990, Stat Med 9:247) is the lesser fault.
        return Rare(PETO if of_odds else None, beside, events, patients, tau2)
    differ = tau2 is not None and tau2 > 0
    result: Method | None = MANTEL_HAENSZEL
    if differ:  # a common effect would be false: for risk ratios there is no such model of counts
        result = GLMM if of_odds else None
    return Rare(result, beside, events, patients, tau2)


def _estimable(a: np.ndarray, c: np.ndarray) -> bool:
    return bool(a.sum() > 0 and c.sum() > 0)


def _tau2(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> float | None:
    try:
        return fit_two_arm(a, a + b, c, c + d, effective=True).tau2
    except PoolingError:
        return None
