"""Tests by statsmodels: between subgroups, of all moderators at once, and of two-by-two tables."""

from typing import TYPE_CHECKING

import numpy as np

from livingmeta.pooling.engines.counts import mantel_haenszel
from livingmeta.pooling.second_opinion.theirs import Theirs, combined, weighted

if TYPE_CHECKING:
    from statsmodels.stats.contingency_tables import StratifiedTable

NAN = float("nan")
# Of two-by-two tables under a Mantel-Haenszel odds ratio: engines.counts.CountFit.
OF_COUNTS = ("cmh", "cmh_p", "breslow_day", "breslow_day_p", "tarone", "tarone_p")
# Nearer to one than this the root by which statsmodels finds the expected cells has no digits left.
_NEAR_ONE = 1e-6


def of_moderators(
    y: np.ndarray, v: np.ndarray, x: np.ndarray, tau2: float, interval: str
) -> tuple[Theirs, dict[str, float]]:
    """Statistic and p of all columns of the design `x` (k, p) but the first, the intercept, under
    our tau²: chi² where the interval is `wald`, else F."""
    fitted, _ = weighted(y, v, x, tau2)
    scale = {"hksj": fitted.scale, "hksj-guarded": max(1.0, fitted.scale)}.get(interval, 1.0)
    of_f = interval != "wald"
    restricted = np.eye(x.shape[1])[1:]
    covariance = fitted.normalized_cov_params * scale
    found = fitted.wald_test(restricted, cov_p=covariance, use_f=of_f, scalar=True)
    by = Theirs(NAN, NAN, NAN, y.size - x.shape[1], "WLS")
    return by, {"statistic": float(found.statistic), "p_value": float(found.pvalue)}


def between(estimates: np.ndarray, errors: np.ndarray) -> tuple[Theirs, dict[str, float]]:
    """Statistic and p of subgroups that each were pooled by themselves: Q of their `estimates` and
    standard `errors`."""
    found = combined(estimates, errors**2, "FE")
    assert found is not None
    assert found.q is not None
    assert found.q_p is not None
    by = Theirs(NAN, NAN, NAN, found.df, found.by)
    return by, {"statistic": found.q, "p_value": found.q_p}


def of_counts(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> dict[str, float]:
    """Our own tests of k two-by-two tables, cells as for counts.mantel_haenszel."""
    fit = mantel_haenszel(a, b, c, d)
    return {name: getattr(fit, name) for name in OF_COUNTS}


def of_tables(tables: "StratifiedTable") -> dict[str, float]:
    """The same by statsmodels, as far as it can tell them, of `tables` that all have both outcomes:
    the corrected Cochran-Mantel-Haenszel test where what is observed is further than the correction
    from what is expected, for it goes on to the other side; Breslow-Day and Tarone of two tables or
    more."""
    first, n = tables.table[0, 0], tables.table.sum(axis=(0, 1))
    expected = tables.table[0].sum(axis=0) * tables.table[:, 0].sum(axis=0) / n
    found = {}
    if abs((first - expected).sum()) >= 0.5:
        found["cmh"] = tables.test_null_odds(correction=True)
    if n.size > 1 and abs(tables.oddsratio_pooled - 1) > _NEAR_ONE:
        found["breslow_day"] = tables.test_equal_odds()
        found["tarone"] = tables.test_equal_odds(adjust=True)
    return {name: float(one.statistic) for name, one in found.items()} | {
        f"{name}_p": float(one.pvalue) for name, one in found.items()
    }
