"""Survival analysis of individual data: Kaplan-Meier, median, Cox and log-rank, restricted mean.

Individual data are a table or mapping with `time` (any unit, >= 0) and `event` (1 died, 0
censored), as `extraction.curves.reconstruct` returns them. Two groups only, no covariates: what a
reconstructed figure can tell. Checked against R's survival and statsmodels in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from livingmeta.formulas.special import ndtri


class Data(Protocol):
    """Columns `time` and `event` by name: a data frame, or a dict of arrays."""

    def __getitem__(self, name: str, /) -> Any: ...


class IndividualDataError(ValueError):
    """The individual data do not allow what was asked of them."""


class Estimate(NamedTuple):
    """A number and its sampling variance."""

    value: float
    variance: float


class LogRank(NamedTuple):
    """Observed and expected events of the research arm, and the hypergeometric variance."""

    observed: float
    expected: float
    variance: float


@dataclass(frozen=True)
class KaplanMeier:
    """The product-limit estimate at its event times; `se` is Greenwood's, on the survival scale."""

    time: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    survival: np.ndarray
    se: np.ndarray
    n: int
    last: float

    def at(self, t: float) -> tuple[float, float]:
        """S(t) and its standard error; after the last observation the last value stands."""
        i = int(np.searchsorted(self.time, t, side="right")) - 1
        return (1.0, 0.0) if i < 0 else (float(self.survival[i]), float(self.se[i]))


def _arrays(data: Data) -> tuple[np.ndarray, np.ndarray]:
    time = np.asarray(data["time"], float)
    event = np.asarray(data["event"], float)
    if time.size == 0:
        raise IndividualDataError("no patients")
    if time.shape != event.shape:
        raise IndividualDataError(f"{time.size} times but {event.size} events")
    if not np.isfinite(time).all() or (time < 0).any():
        raise IndividualDataError("every time must be a number of 0 or more")
    if not np.isin(event, (0, 1)).all():
        raise IndividualDataError("event must be 1 (died) or 0 (censored)")
    return time, event


def kaplan_meier(data: Data) -> KaplanMeier:
    """Kaplan & Meier 1958 with Greenwood's variance; where all die the SE is 0."""
    time, event = _arrays(data)
    order = np.sort(time)
    times, deaths = np.unique(time[event == 1], return_counts=True)
    at_risk = time.size - np.searchsorted(order, times, side="left")
    survival = np.cumprod(1 - deaths / at_risk)
    left = at_risk - deaths
    terms = np.divide(deaths, at_risk * left, out=np.zeros(times.size), where=left > 0)
    se = survival * np.sqrt(np.cumsum(terms))
    return KaplanMeier(times, at_risk, deaths, survival, se, int(time.size), float(order[-1]))


def median(data: Data, level: float = 0.95, scale: str = "log-log") -> tuple[float, float, float]:
    """Median survival and its Brookmeyer-Crowley interval; NaN where the curve does not get there.

    The interval holds the times at which S(t) is not different from one half on `scale`
    (`log-log`, `log` as in R's survfit, or `plain` as in Brookmeyer & Crowley 1982).
    """
    km = kaplan_meier(data)
    low, high = _limits(km, level, scale)
    return _crossing(km, km.survival), _crossing(km, low), _crossing(km, high)


def _limits(km: KaplanMeier, level: float, scale: str) -> tuple[np.ndarray, np.ndarray]:
    z = float(ndtri(0.5 + level / 2))
    s, se = km.survival, km.se
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale == "plain":
            low, high = s - z * se, s + z * se
        elif scale == "log":
            low, high = s * np.exp(-z * se / s), s * np.exp(z * se / s)
        elif scale == "log-log":
            width = z * se / (s * np.log(s))
            low, high = s ** np.exp(-width), s ** np.exp(width)
        else:
            raise IndividualDataError(f"unknown scale {scale!r}: log-log, log or plain")
    # Once everybody has died the curve has no error left: both limits are at nought with it.
    return np.where(s > 0, low, 0.0), np.where(s > 0, high, 0.0 if scale == "plain" else np.nan)


def _crossing(km: KaplanMeier, curve: np.ndarray) -> float:
    """First time at which a curve is at one half or below; the middle of a flat piece at 1/2."""
    below = np.flatnonzero(curve <= 0.5 + 1e-9)
    if below.size == 0:
        return float("nan")
    i = below[0]
    if abs(curve[i] - 0.5) <= 1e-9 and i + 1 < km.time.size:
        return float((km.time[i] + km.time[i + 1]) / 2)
    return float(km.time[i])


def restricted_mean(data: Data, tau: float) -> Estimate:
    """Area under the Kaplan-Meier curve up to tau and its Greenwood-type variance.

    var = sum over event times t_i <= tau of A_i^2 d_i / (n_i (n_i - d_i)), A_i the area from t_i
    to tau (Klein & Moeschberger, section 4.5). Raises when tau is beyond the last observation of a
    curve that has not come down to nought, since the area there would be invented.
    """
    km = kaplan_meier(data)
    if not tau > 0:
        raise IndividualDataError(f"tau {tau:g} must be above 0")
    if tau > km.last and not (km.survival.size and km.survival[-1] == 0):
        raise IndividualDataError(f"tau {tau:g} is beyond the last follow-up of {km.last:g}")
    use = km.time <= tau
    edges = np.concatenate([[0.0], km.time[use], [tau]])
    heights = np.concatenate([[1.0], km.survival[use]])
    pieces = heights * np.diff(edges)
    to_the_right = np.cumsum(pieces[::-1])[::-1][1:]
    n, d = km.at_risk[use], km.events[use]
    left = n - d
    terms = np.divide(d, n * left, out=np.zeros(d.size), where=left > 0)
    return Estimate(float(pieces.sum()), float((to_the_right**2 * terms).sum()))


def _pooled(research: Data, control: Data) -> tuple[np.ndarray, ...]:
    """Per event time of both arms together: deaths and numbers at risk, research and control."""
    t_r, e_r = _arrays(research)
    t_c, e_c = _arrays(control)
    times = np.unique(np.concatenate([t_r[e_r == 1], t_c[e_c == 1]]))
    columns = []
    for time, event in ((t_r, e_r), (t_c, e_c)):
        died = np.sort(time[event == 1])
        deaths = np.searchsorted(died, times, "right") - np.searchsorted(died, times, "left")
        columns += [deaths, time.size - np.searchsorted(np.sort(time), times, "left")]
    return tuple(columns)


def log_rank(research: Data, control: Data) -> LogRank:
    """O, E and V of the research arm (Mantel's log-rank test)."""
    d_r, n_r, d_c, n_c = _pooled(research, control)
    d, n = d_r + d_c, n_r + n_c
    expected = d * n_r / n
    factor = np.divide(n - d, n - 1, out=np.zeros(d.size), where=n > 1)
    variance = expected * n_c / n * factor
    return LogRank(float(d_r.sum()), float(expected.sum()), float(variance.sum()))


def cox(research: Data, control: Data) -> Estimate:
    """ln HR of research against control and its variance: Cox model, Efron's ties, by Newton.

    Raises IndividualDataError where one arm has no events (the ratio is then 0 or infinite).
    """
    d_r, n_r, d_c, n_c = _pooled(research, control)
    if d_r.sum() == 0 or d_c.sum() == 0:
        which = "research" if d_r.sum() == 0 else "control"
        raise IndividualDataError(f"no events in the {which} arm: the hazard ratio has no estimate")
    # Efron: the j-th of d tied deaths sees the risk set less j/d of those dying.
    tied = d_r + d_c
    index = np.repeat(np.arange(tied.size), tied)
    share = np.concatenate([np.arange(k) / k for k in tied])
    risk_r = n_r[index] - share * d_r[index]
    risk_c = n_c[index] - share * d_c[index]
    total = float(d_r.sum())
    beta = 0.0
    for _ in range(50):
        weighted = risk_r * np.exp(beta)
        p = weighted / (weighted + risk_c)
        score, information = total - p.sum(), (p * (1 - p)).sum()
        if not information > 1e-12:
            raise IndividualDataError(
                "the arms never overlap in time: the hazard ratio has no estimate"
            )
        # A long step is shortened so that the likelihood cannot be overshot.
        step = float(np.clip(score / information, -2, 2))
        beta += step
        if abs(step) < 1e-10:
            weighted = risk_r * np.exp(beta)
            p = weighted / (weighted + risk_c)
            return Estimate(beta, float(1 / (p * (1 - p)).sum()))
    raise IndividualDataError("the arms are separated in time: the hazard ratio has no estimate")
