"""Pooling models: one meta-analysis (`fit`), or thousands at once (`fit_many`).

All numbers are on the analysis scale (log for ratios, logit for PLO); `i2` is in percent.
The model is y_i ~ N(mu, v_i + tau²) with the v_i taken as known, mu a constant or linear in
moderators. Estimators: `tau2`; intervals: `intervals`; heterogeneity: `heterogeneity`.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, fdtrc

from livingmeta.pooling.engines import heterogeneity, intervals, scalar
from livingmeta.pooling.engines import tau2 as estimators
from livingmeta.pooling.engines.inputs import (
    OptionError,
    Rows,
    check_effects,
    check_level,
    check_moderators,
    check_rows,
    choose,
)

NAN = float("nan")
CHUNK = 20_000  # effects at a time in fit_many, so that the work stays in the processor's cache


class _Later:
    """A field worked out when first looked at: what is set may be a function that gives it."""

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner=None):
        if instance is None:
            raise AttributeError(self.name)  # so that the dataclass sees no default
        value = instance.__dict__[self.name]
        if callable(value):
            value = value()
            value = value if np.ndim(value) else float(value)
            instance.__dict__[self.name] = value
        return value

    def __set__(self, instance, value):
        instance.__dict__[self.name] = value


def _later() -> Any:
    # Any, since what is looked at is a number and never the _Later itself.
    return _Later()


@dataclass(frozen=True, kw_only=True)
class _Columns:
    """The columns of pooled.csv that a model knows, and the limits of I² and H²."""

    k: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    pi_low: float
    pi_high: float
    statistic: float
    df: float
    p_value: float = _later()
    q: float
    q_df: int
    q_p: float = _later()
    tau2: float
    tau2_low: float = _later()
    tau2_high: float = _later()
    i2: float = _later()
    i2_low: float = _later()
    i2_high: float = _later()
    h2: float = _later()
    h2_low: float = _later()
    h2_high: float = _later()
    pi_df: float
    tau2_method: str
    interval: str
    prediction: str
    level: float

    def __getstate__(self):
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __setstate__(self, state):
        self.__dict__.update(state)


@dataclass(frozen=True, kw_only=True)
class Fit(_Columns):
    """One fitted model; `row()` gives its columns.

    `df` is NaN where the normal distribution was used. With moderators, `estimate` and its
    interval are the intercept's, `q` is the residual Q, there is no prediction interval, and:
    `coefficients`, `coefficient_se`, `coefficient_low`, `coefficient_high`, `coefficient_p` (p,),
    `covariance` (p, p), intercept first; `qm` the omnibus test of all moderators (chi² with
    `qm_df`, or F with `qm_df` and `qm_df2` for t and hksj) with `qm_p`; `r2` the percentage of
    tau² that the moderators explain (NaN where there was none to explain).
    """

    coefficients: np.ndarray | None = None
    coefficient_se: np.ndarray | None = None
    coefficient_low: np.ndarray | None = None
    coefficient_high: np.ndarray | None = None
    coefficient_p: np.ndarray | None = None
    covariance: np.ndarray | None = None
    qm: float = NAN
    qm_df: float = NAN
    qm_df2: float = NAN
    qm_p: float = NAN
    r2: float = NAN

    def row(self) -> dict[str, float]:
        """The columns of pooled.csv this model knows (and the limits of I² and H²), as a dict."""
        return {name: getattr(self, name) for name in COLUMNS}


@dataclass(frozen=True, kw_only=True)
class FitMany(_Columns):
    """Many fitted models: the same names as Fit, each number an array (R,)."""


COLUMNS = tuple(field.name for field in fields(_Columns))


def fit(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    tau2: str = "REML",
    interval: str = "wald",
    moderators: ArrayLike | None = None,
    level: float = 0.95,
    prediction: str = "k-1",
) -> Fit:
    """Pool the effects `yi` (k,) with sampling variances `vi` (k,), both on the analysis scale.

    `tau2`: FE DL DL2 HE HS SJ ML REML EB PM. `interval`: wald t hksj hksj-guarded.
    `moderators`: None, (k,) or (k, m), without a column of ones. `level`: confidence level.
    `prediction`: the degrees of freedom of the prediction interval, "k-1", "k-2" or "wald".

    ML and REML are the global maximum of the (restricted) likelihood, certified; PM and EB are
    solved to their root. The interval of tau² is the Q-profile one.
    One study is not an error: it is returned as it stands, with its own Wald interval whatever
    was asked, tau² = 0, and NaN for every interval of tau² and for the prediction interval.

    Identical effects shrink an HKSJ interval to a point (se 0, statistic infinite); the guarded
    form does not let it.

    Raises EffectError, ModeratorError, OptionError (all PoolingError, a ValueError).
    """
    y, v = check_effects(yi, vi)
    options = _check(tau2, interval, prediction, level)
    rows = Rows(y[None], v[None], None, np.array([y.size]))
    if moderators is not None:
        return _fit_regression(rows, check_moderators(moderators, y.size)[None], options)
    if y.size == 1:
        one = _columns(rows, None, options, 1, float(y[0]), 1.0, 0.0, 0.0, 0.0)
        return Fit(**one | {"k": 1} | _alone(float(y[0]), float(v[0]), options[3]))
    t = float(estimators.estimate(tau2, rows)[0])
    if y.size <= scalar.LARGEST:
        ys, vs = y.tolist(), v.tolist()
        q = scalar.weighted(0.0, ys, vs)[2]
        mean, variance, scatter = scalar.weighted(t, ys, vs)
    else:
        q = float(_moments(rows, None, np.zeros(1))[2][0])
        mean, variance, scatter = (a.item() for a in _moments(rows, None, np.array([t])))
    df = y.size - 1
    variance *= float(intervals.inflation(interval, scatter / df))
    return Fit(**_columns(rows, None, options, df, mean, variance, scatter, q, t))


def fit_many(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    tau2: str = "REML",
    interval: str = "wald",
    level: float = 0.95,
    prediction: str = "k-1",
) -> FitMany:
    """Pool every row of `yi` and `vi` (R, K); NaN in both marks the studies a row lacks.

    Options, numbers and the treatment of one study as in `fit`; returns a FitMany of arrays (R,).
    Raises EffectError (naming row and study) and OptionError.
    """
    rows = check_rows(yi, vi)
    options = _check(tau2, interval, prediction, level)
    alone = rows.k == 1
    df = np.where(alone, 1, rows.k - 1)
    size = max(1, CHUNK // max(rows.y.shape[1], 1))
    blocks = [rows.take(slice(i, i + size)) for i in range(0, max(df.size, 1), size)]
    parts = zip(*(_numbers(block, tau2) for block in blocks), strict=True)
    mean, variance, scatter, q, t = (np.concatenate(part) for part in parts)
    inflated = variance * intervals.inflation(interval, scatter / df)
    columns = _columns(rows, None, options, df, mean, inflated, scatter, q, t)
    if alone.any():
        changed = _alone(mean, variance, options[3])
        columns |= {name: _where(alone, a, columns[name]) for name, a in changed.items()}
    return FitMany(**columns)


def _numbers(rows, method):
    """Mean, Wald variance, scatter, Q and tau² of each row."""
    q = _moments(rows, None, np.zeros(rows.k.size))[2]
    t = estimators.estimate(method, rows)
    b, covariance, scatter = _moments(rows, None, t)
    return b[:, 0], covariance[:, 0, 0], scatter, q, t


def _where(alone, value, otherwise):
    """`value` in the rows of one study, `otherwise` elsewhere, and still only when looked at."""
    if callable(otherwise):
        return lambda: np.where(alone, value() if callable(value) else value, otherwise())
    return np.where(alone, value, otherwise)


def _check(tau2, interval, prediction, level):
    choose(tau2, estimators.METHODS, "tau2")
    choose(interval, intervals.INTERVALS, "interval")
    choose(prediction, intervals.PREDICTIONS, "prediction")
    return tau2, interval, prediction, check_level(level)


def _moments(rows, x, tau2):
    """Weighted least squares at tau²: coefficients, Wald covariance and scatter, all by row."""
    w = 1.0 / (rows.v + tau2[:, None])
    b, covariance, r = estimators.regress(w, rows, x)
    return b, covariance, np.vecdot(w * r, r)


def _columns(rows, x, options, df, estimate, variance, scatter, q, tau2):
    """Every column, from floats or from arrays (R,) alike; df must be at least 1.

    `variance` is the estimate's with the interval's inflation applied. What needs a slow special
    function or further roots is worked out when first looked at.
    """
    method, interval, prediction, level = options
    common = method == "FE"
    se = variance**0.5
    statistic = _ratio(estimate, se)
    if interval == "wald":
        reach, used = intervals.quantile(level), None
    else:
        reach, used = intervals.quantile(level, df), df
    if common or x is not None:
        pi_reach = pi_df = df * NAN
    else:
        pi_reach, pi_df = intervals.prediction_quantile(prediction, df, level)
    pi_half = pi_reach * (variance + tau2) ** 0.5

    spread = heterogeneity.Spread(rows, x, level, common, df, q, tau2)
    return {
        "k": rows.k.item() if isinstance(df, int) else rows.k,
        "estimate": estimate,
        "se": se,
        "ci_low": estimate - reach * se,
        "ci_high": estimate + reach * se,
        "pi_low": estimate - pi_half,
        "pi_high": estimate + pi_half,
        "statistic": statistic,
        "df": df * NAN if used is None else df * 1.0,
        "p_value": lambda: intervals.two_sided_p(statistic, used),
        "q": q,
        "q_df": df,
        "q_p": lambda: chdtrc(df, q),
        "tau2": tau2,
        **spread.columns(),
        "pi_df": pi_df,
        "tau2_method": method,
        "interval": interval,
        "prediction": prediction,
        "level": level,
    }


def _ratio(estimate, se):
    """estimate/se; infinite (NaN for 0/0) where se is 0, as HKSJ's is for identical effects."""
    if isinstance(se, float) and se > 0.0:
        return estimate / se
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.divide(estimate, se)
    return ratio if np.ndim(se) else float(ratio)


def predicted(f: Fit, at: ArrayLike) -> dict[str, np.ndarray]:
    """What a meta-regression predicts for rows `at` (g, m) of its moderators, on the analysis
    scale: `estimate` of the mean effect there, `se`, `ci_low`, `ci_high`, `pi_low`, `pi_high` of
    the effect of a new study, `df` (NaN for z), each (g,); a common effect has no prediction
    interval (NaN). Raises OptionError for a fit without moderators.

    With x a row and its 1 in front, b the coefficients and V their covariance: x b, its variance
    x V x', and tau2 more for a study (Viechtbauer 2010, J Stat Softw 36(3), section 3.3).
    """
    if f.coefficients is None or f.covariance is None:
        raise OptionError("a model without moderators predicts nothing for their values")
    given = np.atleast_2d(np.asarray(at, float))
    x = np.column_stack([np.ones(len(given)), given])
    estimate = x @ f.coefficients
    variance = np.einsum("gi,ij,gj->g", x, f.covariance, x)
    df = None if f.interval == "wald" else f.q_df
    reach = intervals.quantile(f.level, df)
    half = reach * np.sqrt(variance)
    pi_reach = NAN
    if f.tau2_method != "FE":
        pi_reach = intervals.prediction_quantile(f.prediction, f.q_df, f.level)[0]
    pi_half = pi_reach * np.sqrt(variance + f.tau2)
    return {
        "estimate": estimate,
        "se": np.sqrt(variance),
        "ci_low": estimate - half,
        "ci_high": estimate + half,
        "pi_low": estimate - pi_half,
        "pi_high": estimate + pi_half,
        "df": np.full(estimate.size, NAN if df is None else df, float),
    }


# What one study cannot tell: everything about the spread between studies.
UNKNOWN_ALONE = (
    *("pi_low", "pi_high", "pi_df", "df", "tau2_low", "tau2_high"),
    *("i2", "i2_low", "i2_high", "h2", "h2_low", "h2_high"),
)


def _alone(estimate, variance, level):
    """The columns that a single study changes: its own Wald interval, and NaN for the spread."""
    se = variance**0.5
    half = intervals.quantile(level) * se
    statistic = _ratio(estimate, se)
    return dict.fromkeys(UNKNOWN_ALONE, NAN) | {
        "se": se,
        "ci_low": estimate - half,
        "ci_high": estimate + half,
        "statistic": statistic,
        "p_value": lambda: intervals.two_sided_p(statistic),
        "q": 0.0,
        "q_df": 0,
        "q_p": 1.0,
        "tau2": 0.0,
    }


def _fit_regression(rows, x, options):
    method, interval, _, level = options
    k, p = x.shape[1:]
    df = k - p
    t = estimators.estimate(method, rows, x)
    q = float(_moments(rows, x, np.zeros(1))[2][0])
    b, covariance, scatter = (a[0] for a in _moments(rows, x, t))
    covariance = covariance * float(intervals.inflation(interval, float(scatter) / df))
    numbers = float(b[0]), float(covariance[0, 0]), float(scatter), q, float(t[0])
    columns = _columns(rows, x, options, df, *numbers)

    test_df = None if interval == "wald" else df
    se = np.sqrt(np.diag(covariance))
    reach = intervals.quantile(level, test_df)
    m = p - 1
    chi2 = float(b[1:] @ np.linalg.solve(covariance[1:, 1:], b[1:]))
    plain = NAN if method == "FE" else float(estimators.estimate(method, rows)[0])
    return Fit(
        **columns,
        coefficients=b,
        coefficient_se=se,
        coefficient_low=b - reach * se,
        coefficient_high=b + reach * se,
        coefficient_p=intervals.two_sided_p(b / se, test_df),
        covariance=covariance,
        qm=chi2 if test_df is None else chi2 / m,
        qm_df=float(m),
        qm_df2=NAN if test_df is None else float(test_df),
        qm_p=float(chdtrc(m, chi2) if test_df is None else fdtrc(m, test_df, chi2 / m)),
        r2=100.0 * max(0.0, 1.0 - float(t[0]) / plain) if plain > 0.0 else NAN,
    )
