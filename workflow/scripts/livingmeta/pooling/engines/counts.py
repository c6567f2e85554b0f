"""Two-arm counts pooled without approximating any study: Mantel-Haenszel and Peto.

Both are common-effect methods. A study without events (or with events only) in both arms says
nothing about a ratio and drops out by itself; no 0.5 is added to any cell.

Sources: Mantel & Haenszel 1959; variances by Robins, Breslow & Greenland 1986 (Biometrics 42:311,
odds ratio), Greenland & Robins 1985 (Biometrics 41:55, risk ratio), Sato, Greenland & Robins 1989
(Biometrics 45:1323, risk difference); Yusuf 1985 (Peto); Breslow & Day 1980 and Tarone 1985
(Biometrika 72:91) for the homogeneity of odds ratios.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from livingmeta.formulas.measures import effect_size
from livingmeta.pooling.engines import intervals
from livingmeta.pooling.engines.inputs import PoolingError, check_level, choose

NAN = float("nan")


class CountError(PoolingError):
    """Counts that cannot be, or from which no effect can be told."""


@dataclass(frozen=True, kw_only=True)
class CountFit:
    """A pooled effect on the analysis scale (log for OR, RR and PETO).

    `k` counts the studies, `k_used` those that say something. `q`: Cochran's Q around the pooled
    effect (inverse-variance weights, 0.5 added to all cells of a study with a zero, studies with
    the same outcome throughout left out; for PETO its own). `cmh`: Cochran-Mantel-Haenszel test of
    no effect with continuity correction; `breslow_day` and `tarone`: tests that the odds ratios are
    equal. These three for OR only, else NaN.
    """

    measure: str
    k: int
    k_used: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    statistic: float
    p_value: float
    q: float
    q_df: int
    q_p: float
    cmh: float = NAN
    cmh_p: float = NAN
    breslow_day: float = NAN
    breslow_day_p: float = NAN
    tarone: float = NAN
    tarone_p: float = NAN
    homogeneity_df: float = NAN


def _cells(ai, bi, ci, di):
    try:
        cells = [np.atleast_1d(np.asarray(x, dtype=float)) for x in (ai, bi, ci, di)]
    except (TypeError, ValueError) as error:
        raise CountError(f"a cell is not a number: {error}") from error
    if len({cell.shape for cell in cells}) > 1 or cells[0].ndim != 1 or not cells[0].size:
        shapes = ", ".join(str(cell.shape) for cell in cells)
        raise CountError(f"ai, bi, ci and di must be four lists of equal length, not {shapes}")
    table = np.stack(cells)
    wrong = ~(np.isfinite(table) & (table >= 0.0)).all(0)
    if wrong.any():
        study = int(np.argmax(wrong))
        raise CountError(f"study {study + 1} has the cells {table[:, study]}; counts are 0 or more")
    empty = (table[0] + table[1] == 0) | (table[2] + table[3] == 0)
    if empty.any():
        raise CountError(f"study {int(np.argmax(empty)) + 1} has an arm without patients")
    return cells


def mantel_haenszel(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    *,
    measure: str = "OR",
    level: float = 0.95,
) -> CountFit:
    """Mantel-Haenszel pooled OR, RR or RD of k two-by-two tables.

    ai, bi: events and non-events in the first arm; ci, di: in the second.
    Raises CountError where one arm has no events (OR, RR) or no non-events (OR) in all studies, and
    where nobody, or everybody, has the event in all (RR, RD), so that no error can be told.
    """
    a, b, c, d = _cells(ai, bi, ci, di)
    choose(measure, tuple(MANTEL_HAENSZEL), "measure")
    n1, n2 = a + b, c + d
    n = n1 + n2
    estimate, se = MANTEL_HAENSZEL[measure](a, b, c, d, n1, n2, n)
    if not se > 0.0:
        raise CountError(f"no {measure}: in every study nobody, or everybody, has the event")
    informative = np.ones(a.size, bool)
    if measure != "RD":
        informative = (a + c > 0) & ((b + d > 0) | (measure == "RR"))
    q, q_df = _scatter(measure, a, b, c, d, estimate)
    extra = _odds_ratio_tests(a, b, c, d, n1, n2, n, np.exp(estimate)) if measure == "OR" else {}
    return _result(measure, a.size, informative.sum(), estimate, se, q, q_df, level, extra)


def _odds_ratio(a, b, c, d, n1, n2, n):
    r, s = a * d / n, b * c / n
    R, S = r.sum(), s.sum()
    if R == 0.0 or S == 0.0:
        raise CountError("no odds ratio: in every study one arm has no events or only events")
    p, q = (a + d) / n, (b + c) / n
    variance = p @ r / (2 * R * R) + (p @ s + q @ r) / (2 * R * S) + q @ s / (2 * S * S)
    return np.log(R / S), np.sqrt(variance)


def _risk_ratio(a, b, c, d, n1, n2, n):
    R, S = (a * n2 / n).sum(), (c * n1 / n).sum()
    if R == 0.0 or S == 0.0:
        raise CountError("no risk ratio: one arm has no events in any study")
    variance = ((n1 * n2 * (a + c) - a * c * n) / n**2).sum() / (R * S)
    return np.log(R / S), np.sqrt(variance)


def _risk_difference(a, b, c, d, n1, n2, n):
    weight = (n1 * n2 / n).sum()
    estimate = ((a * n2 - c * n1) / n).sum() / weight
    p = ((n1**2 * c - n2**2 * a + n1 * n2 * (n2 - n1) / 2.0) / n**2).sum()
    q = ((a * (n2 - c) + c * (n1 - a)) / (2.0 * n)).sum()
    return estimate, np.sqrt(max(estimate * p + q, 0.0)) / weight


# The measures that the method pools.
MANTEL_HAENSZEL = {"OR": _odds_ratio, "RR": _risk_ratio, "RD": _risk_difference}


def _scatter(measure, a, b, c, d, estimate):
    y, v = effect_size(measure, ai=a, bi=b, ci=c, di=d, drop00=True)
    fine = np.isfinite(y) & np.isfinite(v) & (v > 0.0)
    return float(((y[fine] - estimate) ** 2 / v[fine]).sum()), int(max(fine.sum() - 1, 0))


def _odds_ratio_tests(a, b, c, d, n1, n2, n, odds_ratio):
    """Cochran-Mantel-Haenszel, Breslow-Day and Tarone; only studies with both outcomes count."""
    use = (a + c > 0) & (b + d > 0)
    a, n1, n2, n, events = a[use], n1[use], n2[use], n[use], (a + c)[use]
    off = abs((a - events * n1 / n).sum())
    cmh = max(off - 0.5, 0.0) ** 2 / (events * (n - events) * n1 * n2 / (n**2 * (n - 1.0))).sum()
    expected = _expected(events, n1, n2, odds_ratio)
    rest = (expected, n1 - expected, events - expected, n2 - events + expected)
    variance = 1.0 / sum(1.0 / cell for cell in rest)
    bd = ((a - expected) ** 2 / variance).sum()
    tarone = bd - (a - expected).sum() ** 2 / variance.sum()
    df = float(a.size - 1)
    return {
        "cmh": float(cmh),
        "cmh_p": float(chdtrc(1.0, cmh)),
        "breslow_day": float(bd),
        "breslow_day_p": _p(bd, df),
        "tarone": float(tarone),
        "tarone_p": _p(tarone, df),
        "homogeneity_df": df,
    }


def _expected(events, n1, n2, odds_ratio):
    """The first cell with the table's margins and the given odds ratio: the root of a quadratic."""
    if abs(odds_ratio - 1.0) < 1e-12:
        return events * n1 / (n1 + n2)
    b = odds_ratio * (n1 + events) + n2 - events
    a = 1.0 - odds_ratio
    # The form that does not cancel: 2c/(b + root) for a x² + b x - c = 0.
    return (
        2.0 * odds_ratio * n1 * events / (b + np.sqrt(b * b + 4.0 * a * odds_ratio * n1 * events))
    )


def _p(statistic, df):
    return float(chdtrc(df, statistic)) if df > 0 else 1.0


def peto(
    ai: ArrayLike, bi: ArrayLike, ci: ArrayLike, di: ArrayLike, *, level: float = 0.95
) -> CountFit:
    """Peto's pooled log odds ratio: sum(O - E)/sum(V) over k two-by-two tables.

    Cells as in `mantel_haenszel`. Meant for rare events and arms of like size.
    Raises CountError where no study has both events and non-events.
    """
    # ASSUME: normal limits of sum(O - E)/sum(V), as RevMan and metafor give them, however few the
    # events; an exact interval would be of another odds ratio.
    a, b, c, d = _cells(ai, bi, ci, di)
    use = (a + c > 0) & (b + d > 0)
    if not use.any():
        raise CountError("no Peto odds ratio: no study has both events and non-events")
    y, v = effect_size("PETO", ai=a[use], bi=b[use], ci=c[use], di=d[use], to="none")
    w = 1.0 / v
    estimate = w @ y / w.sum()
    q = float(w @ (y - estimate) ** 2)
    se = np.sqrt(1.0 / w.sum())
    return _result("PETO", a.size, use.sum(), estimate, se, q, int(use.sum()) - 1, level, {})


def _result(measure, k, k_used, estimate, se, q, q_df, level, extra):
    reach = intervals.quantile(check_level(level))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = float(estimate / se)
    return CountFit(
        measure=measure,
        k=int(k),
        k_used=int(k_used),
        estimate=float(estimate),
        se=float(se),
        ci_low=float(estimate - reach * se),
        ci_high=float(estimate + reach * se),
        statistic=statistic,
        p_value=float(intervals.two_sided_p(statistic)),
        q=q,
        q_df=q_df,
        q_p=_p(q, q_df),
        **extra,
    )
