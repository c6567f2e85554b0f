"""Other ways to pool than tau² with an interval: what a protocol may name under `sensitivity`.

A table of methods, each a function of a synthesis.Synthesis and an analyses.Method that returns the
columns of pooled.csv it can fill, on the analysis scale. What these studies do not allow raises
PoolingError, which synthesis.pool turns into a decision in words.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr

from livingmeta import tables
from livingmeta.analyses import CLUSTERED, SCALE, SHAPE, Method
from livingmeta.effect_measures import MEASURES
from livingmeta.effects.candidate import REVMAN
from livingmeta.pooling.engines import intervals
from livingmeta.pooling.engines.inputs import PoolingError
from livingmeta.pooling.engines.multilevel import MultilevelFit
from livingmeta.pooling.engines.robust import RobustFit

if TYPE_CHECKING:
    from livingmeta.pooling.engines.dependent_regression import EffectsRegression
    from livingmeta.pooling.synthesis import Synthesis

CELLS = ["ai", "bi", "ci", "di"]
# What every model says; the rest of pooled.csv, on the analysis scale, it may leave unsaid.
_SAID = {
    *("synthesis", "model", "primary", "subgroup", "measure", "tau2_method", "interval"),
    *("k", "n", "estimate"),
}
_UNSAID = [c for c in tables.columns("pooling/pooled") if c not in _SAID]
EMPTY = {name: np.nan for name in _UNSAID if not name.startswith("display_")}
# Methods that look for missing or selected studies: the guard rail of bias tests covers them.
OF_BIAS = ("trim-and-fill", "pet-peese", "selection", "henmi-copas")


def row(s: "Synthesis", asked: Method) -> dict:
    """Columns of pooled.csv for one method, analysis scale; what it does not give is NaN.

    `s`: a synthesis.Synthesis; `asked`: the method and what it takes (docs/methods.md). Raises
    PoolingError where the measure, the counts or the number of studies do not allow it.
    """
    found = METHODS[asked.method](s, asked)
    return _with_p({"tau2_method": "", "interval": "wald", "k": len(s.studies), **EMPTY, **found})


def counts(s: "Synthesis", measures: tuple[str, ...], arms: int, empty: bool = False) -> np.ndarray:
    """Cells of all studies as counted, (2 x arms, k): events, non-events of each arm; `empty`: with
    those without information on a ratio.

    Whole numbers, but where a design leaves a part of the patients that were counted (route C).

    Raises PoolingError where the measure is none of `measures`, or a study prints no counts.
    """
    if s.measure not in measures:
        raise PoolingError(f"it pools {', '.join(measures)}, not {s.measure}")
    studies = pd.concat([s.studies, s.empty]) if empty and len(s.empty) else s.studies
    cells = studies.reindex(columns=CELLS[: 2 * arms]).to_numpy(float)
    counted = (cells == np.round(cells)).all(axis=1)
    if "route" in studies:
        counted |= (studies["route"] == "C").to_numpy(bool)
    counted &= np.isfinite(cells).all(axis=1)
    if not counted.all():
        ids = ", ".join(studies["study_id"][~counted])
        raise PoolingError(f"it needs counts of patients, which {ids} do not print")
    return cells.T


def mantel_haenszel_cells(s: "Synthesis", measures: tuple[str, ...]) -> np.ndarray:
    """Cells (4, k) as Mantel-Haenszel takes them: as they are, by RevMan's rules with a half more
    in all cells of a study with a zero, for ratios. Raises as `counts`."""
    cells = counts(s, measures, 2)
    if s.rules == REVMAN and s.measure != "RD":
        cells = cells + 0.5 * (cells == 0).any(axis=0)
    return cells


def _of(fit: Any, *names: str) -> dict:
    """Attributes of a fit as columns."""
    return {name: getattr(fit, name) for name in names}


WALD = ("estimate", "se", "ci_low", "ci_high")


def _mantel_haenszel(s, _asked):
    from livingmeta.pooling.engines.counts import MANTEL_HAENSZEL, mantel_haenszel

    cells = mantel_haenszel_cells(s, tuple(MANTEL_HAENSZEL))
    fit = mantel_haenszel(*cells, measure=s.measure, level=s.level)
    return _of_counts(fit)


def _of_counts(fit):
    """Columns of a common effect of counts, which assumes tau² = 0; I² is of its own Q."""
    i2 = max(0.0, 100.0 * (fit.q - fit.q_df) / fit.q) if fit.q > 0 else 0.0
    i2 = i2 if fit.q_df > 0 else np.nan
    named = _of(fit, *WALD, "statistic", "p_value", "q", "q_df", "q_p")
    return named | {"tau2": 0.0, "i2": i2}


def _peto(s, _asked):
    from livingmeta.pooling.engines.counts import peto

    fit = peto(*counts(s, ("OR", "PETO"), 2), level=s.level)
    return _of_counts(fit)


def _glmm(s, asked):
    from livingmeta.pooling.engines import glmm

    if s.measure == "PLO":
        a, b = counts(s, ("PLO",), 1)
        fit = glmm.fit_proportions(a, a + b, effective=True, level=s.level)
    else:
        # Random intercepts learn from studies in which nobody had the event; the others drop them.
        a, b, c, d = counts(s, ("PLO", "OR"), 2, empty=asked.form == "UM.RS")
        of = {"model": asked.form, "effective": True, "level": s.level}
        fit = glmm.fit_two_arm(a, a + b, c, c + d, **of)
    names = (*WALD, "pi_low", "pi_high", "statistic", "df", "p_value", "tau2", "q", "q_df", "q_p")
    return _of(fit, "k", *names) | {"tau2_method": "ML"}


def _beta_binomial(s, _asked):
    from livingmeta.pooling.engines.betabinomial import beta_binomial

    if s.measure == "PLO":
        a, b = counts(s, ("PLO",), 1)
        fit = beta_binomial(a, a + b, level=s.level)
    else:
        a, b, c, d = counts(s, ("PLO", "OR"), 2, empty=True)
        fit = beta_binomial(a, a + b, c, c + d, level=s.level)
    return _of(fit, *WALD, "statistic", "p_value") | {"k": len(a)}


def _bayesian(s, asked):
    from livingmeta.pooling.engines.bayes import TauPrior, posterior

    scale = SCALE if asked.scale is None else asked.scale
    shape = SHAPE if asked.shape is None else asked.shape
    prior = TauPrior(asked.form, scale, shape)
    p = posterior(*s.effects(), prior=prior, interval="central", level=s.level)
    low, high = p.mu.interval(p.level, p.interval)
    pi_low, pi_high = p.new.interval(p.level, p.interval)
    tau_low, tau_high = p.tau_interval()
    return {
        "tau2_method": asked.prior,
        "interval": "credible",
        "estimate": p.mu.quantile(0.5),
        "se": p.mu.sd,
        "ci_low": low,
        "ci_high": high,
        "pi_low": pi_low,
        "pi_high": pi_high,
        "tau2": p.tau_quantile(0.5) ** 2,
        "tau2_low": tau_low**2,
        "tau2_high": tau_high**2,
    }


def _trim_fill(s, asked):
    from livingmeta.pooling.bias.trim_fill import trim_fill

    found = trim_fill(*s.effects(), estimator=asked.form, level=s.level)
    names = ("statistic", "df", "p_value", "q", "q_df", "q_p", "tau2", "i2", "h2")
    return _of(found.fit, "k", *WALD, *names) | {"tau2_method": "REML"}


def _pet_peese(s, _asked):
    from livingmeta.pooling.bias.small_study import pet_peese

    _needs_null(s)
    pet, peese, chosen = pet_peese(*s.effects(), level=s.level)
    test = pet if chosen == "pet" else peese
    statistic = test.limit / test.limit_se
    return {
        "interval": "t",
        "estimate": test.limit,
        "se": test.limit_se,
        "ci_low": test.limit_low,
        "ci_high": test.limit_high,
        "statistic": statistic,
        "df": test.df,
    }


def _needs_null(s):
    if MEASURES[s.measure].null is None:
        raise PoolingError(f"it needs a value of no effect, which {s.measure} does not have")


def _selection(s, asked):
    from livingmeta.pooling.bias.selection import selection_model

    _needs_null(s)
    fit = selection_model(*s.effects(), model=asked.form, steps=asked.steps_taken, level=s.level)
    return _of(fit, *WALD, "statistic", "p_value", "tau2") | {"tau2_method": "ML"}


def _henmi_copas(s, _asked):
    from livingmeta.pooling.bias.henmi_copas import henmi_copas

    fit = henmi_copas(*s.effects(), level=s.level)
    return _of(fit, *WALD, "tau2") | {"tau2_method": "DL", "interval": "henmi-copas"}


def _labels(s, asked):
    column = asked.cluster
    if not column or column not in s.studies:
        raise PoolingError(f"it needs `cluster`, a column of studies.csv; got '{column or ''}'")
    labels = s.studies[column].astype("string").fillna("").str.strip()
    # ASSUME: a study that does not say where it belongs is a cluster of its own.
    return labels.where(labels != "", s.studies["study_id"]).to_numpy(str)


def _robust(s, asked):
    from livingmeta.pooling.engines.models import fit
    from livingmeta.pooling.engines.robust import robust

    y, v = s.effects()
    labels = _labels(s, asked)
    plain = fit(y, v)
    tau2 = plain.tau2
    found = robust(y, v, labels, within=tau2, level=s.level)
    return _first(found, ("statistic", "df", "p_value")) | {
        "tau2_method": "REML",
        "interval": "CR2",
        "tau2": tau2,
        **_of(plain, "q", "q_df", "q_p", "i2", "h2"),
    }


def _multilevel(s, asked):
    from livingmeta.pooling.engines.multilevel import fit_multilevel

    y, v = s.effects()
    labels = _labels(s, asked)
    found = fit_multilevel(y, v, labels, level=s.level)
    row = _first(found, ("p_value",))
    tau2 = found.between + found.within
    # Of a further study of a further cluster, on one degree less than there are clusters.
    reach = intervals.quantile(s.level, len(set(labels)) - 1)
    half = reach * (row["se"] ** 2 + tau2) ** 0.5
    return row | {
        "tau2_method": "REML",
        "tau2": tau2,
        "tau2_within": found.within,
        "i2": found.i2_between + found.i2_within,
        "pi_low": row["estimate"] - half,
        "pi_high": row["estimate"] + half,
        **_of(found, "q", "q_df", "q_p"),
    }


def _first(found: MultilevelFit | RobustFit, more: tuple[str, ...]) -> dict:
    """The intercept's columns of a fit whose columns are vectors."""
    names = ("se", "ci_low", "ci_high", *more)
    return {"estimate": float(found.coefficients[0])} | {
        name: float(getattr(found, name)[0]) for name in names
    }


def _freeman_tukey(s, _asked):
    """Pooled on the double arcsine scale, REML with Wald; the way back is by the harmonic mean
    of the sizes and can miss its own studies (Schwarzer 2019), hence the check."""
    from livingmeta.formulas.freeman_tukey import double_arcsine, proportion
    from livingmeta.pooling.engines.models import fit

    a, b = counts(s, ("PLO",), 1)
    found = fit(*double_arcsine(a, a + b), level=s.level)
    ends = (found.estimate, found.ci_low, found.ci_high)
    p, low, high = (float(proportion(end, a + b)) for end in ends)
    if not 0 < low <= p <= high < 1:
        raise PoolingError(
            f"its limits do not come back whole: {low:.3g} to {high:.3g} around {p:.3g}"
        )
    logits = [np.log(x / (1 - x)) for x in (p, low, high)]
    columns = dict(zip(("estimate", "ci_low", "ci_high"), logits, strict=True))
    return columns | {"tau2_method": "REML"} | _of(found, "q", "q_df", "q_p", "i2", "h2")


METHODS = {
    "freeman-tukey": _freeman_tukey,
    "mantel-haenszel": _mantel_haenszel,
    "peto": _peto,
    "glmm": _glmm,
    "beta-binomial": _beta_binomial,
    "bayesian": _bayesian,
    "trim-and-fill": _trim_fill,
    "pet-peese": _pet_peese,
    "selection": _selection,
    "henmi-copas": _henmi_copas,
    "robust": _robust,
    "multilevel": _multilevel,
}


class Regressed(NamedTuple):
    """A regression by a method, and what pooled.csv calls its tau² and its interval."""

    f: "EffectsRegression"
    tau2_method: str
    interval: str


def regress(s: "Synthesis", asked: Method, x: np.ndarray, at: np.ndarray) -> Regressed:
    """The regression by one method on moderators `x` (k, m), with predictions for the rows `at`
    (g, m). Raises PoolingError where the method has none or the studies do not allow it."""
    if asked.method not in REGRESSIONS:
        raise PoolingError(f"{asked.name} takes no moderators")
    return REGRESSIONS[asked.method](s, asked, x, at)


def _regress_counts(s, asked, x, at):
    from livingmeta.pooling.engines import glmm
    from livingmeta.pooling.engines.dependent_regression import wald

    if s.measure == "PLO":
        a, b = counts(s, ("PLO",), 1)
        fit = glmm.fit_proportions(a, a + b, effective=True, level=s.level, moderators=x)
    else:
        a, b, c, d = counts(s, ("PLO", "OR"), 2)
        of = {"model": asked.form, "effective": True, "level": s.level, "moderators": x}
        fit = glmm.fit_two_arm(a, a + b, c, c + d, **of)
    terms = (fit.coefficients, fit.covariance, fit.tau2, np.nan)
    return Regressed(wald(fit.k, *terms, level=s.level, at=at), "ML", "wald")


def _regress_clusters(s, asked, x, at):
    from livingmeta.pooling.engines.dependent_regression import regress_effects

    labels = _labels(s, asked)
    y, v = s.effects()
    f = regress_effects(y, v, labels, x, asked.method, level=s.level, at=at)
    interval = "CR2" if asked.method == "robust" else "wald"
    return Regressed(replace(f, k=len(s.studies)), "REML", interval)


# Mantel-Haenszel, Peto and the beta-binomial model pool, and have no regression here.
REGRESSIONS = {"glmm": _regress_counts} | dict.fromkeys(CLUSTERED, _regress_clusters)


def _with_p(found: dict) -> dict:
    """The row with statistic and p of a normal test, where a method gives neither."""
    untold = np.isfinite(found["se"]) and found["se"] > 0 and not np.isfinite(found["p_value"])
    if not untold or found["interval"] != "wald":
        return found
    z = found["estimate"] / found["se"]
    return found | {"statistic": z, "p_value": float(2 * ndtr(-abs(z)))}
