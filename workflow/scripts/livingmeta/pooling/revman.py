"""RevMan's random-effects result of counts: DerSimonian and Laird around Mantel-Haenszel.

Under `rules: revman` a synthesis of OR, RR or RD whose studies all print counts takes its tau² by
DL from the Q around the Mantel-Haenszel estimate, with inverse-variance weights (Deeks & Higgins
2010, Statistical algorithms in Review Manager 5, sections 3 and 5), as RevMan's "M-H, Random".
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc

from livingmeta.effects.candidate import REVMAN
from livingmeta.pooling import alternatives
from livingmeta.pooling.engines import intervals
from livingmeta.pooling.engines.counts import MANTEL_HAENSZEL, mantel_haenszel
from livingmeta.pooling.engines.inputs import PoolingError
from livingmeta.pooling.engines.models import Fit

if TYPE_CHECKING:
    from livingmeta.pooling.synthesis import Synthesis


def concerns(s: "Synthesis") -> bool:
    """Whether DL of a synthesis.Synthesis is that around Mantel-Haenszel."""
    if s.rules != REVMAN or s.measure not in MANTEL_HAENSZEL:
        return False
    try:
        alternatives.counts(s, tuple(MANTEL_HAENSZEL), 2)
    except PoolingError:
        return False
    return True


def around_mantel_haenszel(s: "Synthesis", ordinary: Fit, interval: str) -> Fit:
    """The DL model of the studies of `s` with tau² from the Q around their Mantel-Haenszel
    estimate. `ordinary`: the same by inverse variances alone, of which the rest is taken; the
    limits of tau² by Q-profile are not those of this tau², and empty."""
    y, v = s.effects()
    cells = alternatives.mantel_haenszel_cells(s, tuple(MANTEL_HAENSZEL))
    middle = mantel_haenszel(*cells, measure=s.measure).estimate
    w = 1.0 / v
    q = float(w @ (y - middle) ** 2)
    df = y.size - 1
    tau2 = max(0.0, (q - df) / float(w.sum() - (w**2).sum() / w.sum()))
    w = 1.0 / (v + tau2)
    estimate = float(w @ y / w.sum())
    scatter = float(w @ (y - estimate) ** 2) / df
    se = float(np.sqrt(float(intervals.inflation(interval, scatter)) / w.sum()))
    t_df = None if interval == "wald" else df
    reach = intervals.quantile(s.level, t_df)
    pi_reach, _ = intervals.prediction_quantile(ordinary.prediction, df, s.level)
    half = pi_reach * float(np.sqrt(se**2 + tau2))
    i2 = max(0.0, 100.0 * (q - df) / q) if q > 0 else 0.0
    return replace(
        ordinary,
        estimate=estimate,
        se=se,
        ci_low=estimate - reach * se,
        ci_high=estimate + reach * se,
        pi_low=estimate - half,
        pi_high=estimate + half,
        statistic=estimate / se,
        p_value=float(intervals.two_sided_p(estimate / se, t_df)),
        q=q,
        q_p=float(chdtrc(df, q)),
        tau2=tau2,
        tau2_low=float("nan"),
        tau2_high=float("nan"),
        i2=i2,
        h2=q / df,
    )
