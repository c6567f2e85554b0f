"""SDs and SEs as rows of their own, whether printed so or in columns beside a number, and what
other numbers stand for: an SD, or how much of its event an arm has. See `run`."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isfinite, log, nan, sqrt
from typing import NamedTuple

from livingmeta.extraction.checks.arms import Rows, arms, of
from livingmeta.extraction.rows import DIFFERENCES, RATIOS, Row, same_moment
from livingmeta.formulas import special
from livingmeta.formulas.rounding import half_unit
from livingmeta.formulas.shares import conditional_odds_ratio
from livingmeta.formulas.time_to_event import critical_value


def with_columns(rows: Rows) -> Rows:
    """The rows, and one more for each SD beside a mean and each SE beside a mean or a contrast."""
    found = list(rows)
    for r in rows:
        contrast = "/" in r.arm and r.statistic in RATIOS | DIFFERENCES
        mean = "/" not in r.arm and r.statistic == "mean"
        beside_it = [("sd", r.sd)] * mean + [("se", r.se)] * (mean or contrast)
        for statistic, value in beside_it:
            if isfinite(value):
                plain = replace(r, ci_low=nan, ci_high=nan, p=None, se=nan, sd=nan)
                found.append(replace(plain, statistic=statistic, value=value))
    return tuple(found)


def beside(rows: Rows, statistic: str, mean: Row) -> list[Row]:
    """The SDs or SEs of a mean: of its own columns, else of its time and what was measured."""
    found = [r for r in of(rows, statistic, mean.arm) if same_moment(r.time, mean.time)]
    own = [r for r in found if r.row == mean.row]
    return own or [r for r in found if r.measured == mean.measured]


class Spread(NamedTuple):
    """What tells an SD: the row that prints it, and all rows; `kind`: sd, se, interval (of the
    mean), quartiles or range; `size`: the SD, in the units of its `centre`, the mean or median."""

    row: Row
    kind: str
    size: float
    centre: Row
    n: float
    rows: tuple[int, ...]

    @property
    def share(self) -> float:
        """The SD as a share of its mean or median, infinite where that is nought."""
        return self.size / abs(self.centre.value) if self.centre.value else inf


def spreads(rows: Rows) -> list[Spread]:
    """What tells the SDs of each arm and time: those that are printed, else the SE, else the
    interval of the mean; where no mean has any, the quartiles or the range of the median.

    `rows`: of one outcome, `with_columns`.
    """
    found: list[Spread] = []
    for arm in arms(rows):
        of_means = [s for mean in of(rows, "mean", arm) for s in _of_mean(rows, mean)]
        found += of_means
        for middle in of(rows, "median", arm):
            if not any(_alike(s.centre, middle) for s in of_means):
                found += _of_median(rows, middle)
    return [s for s in found if isfinite(s.size) and s.size > 0]


def _alike(a: Row, b: Row) -> bool:
    return a.measured == b.measured and same_moment(a.time, b.time)


def _of_mean(rows: Rows, mean: Row) -> list[Spread]:
    sds, ses = (beside(rows, statistic, mean) for statistic in ("sd", "se"))
    n = next((r.n for r in (mean, *sds, *ses) if r.n > 0), nan)
    if sds:
        return [Spread(r, "sd", r.value, mean, n, (r.row,)) for r in sds]
    if not n > 1 or mean.clusters or (ses and ses[0].clusters):
        return []  # that of clusters is no root of n of them
    if ses:
        return [Spread(ses[0], "se", ses[0].value * sqrt(n), mean, n, (ses[0].row,))]
    if mean.has_ci:
        return [Spread(mean, "interval", sd_of_interval(mean, n), mean, n, (mean.row,))]
    return []


def sd_of_interval(mean: Row, n: float) -> float:
    """The SD that the t interval of a mean of n stands for."""
    t = float(special.stdtrit(n - 1, 0.5 + mean.ci_level / 2))
    return (mean.ci_high - mean.ci_low) / (2 * t) * sqrt(n)


def _of_median(rows: Rows, middle: Row) -> list[Spread]:
    for kind, ends in (("quartiles", ("q1", "q3")), ("range", ("minimum", "maximum"))):
        low, high = (next(iter(beside(rows, end, middle)), None) for end in ends)
        if low is None or high is None:
            continue
        n = next((r.n for r in (middle, low, high) if r.n > 0), nan)
        # The widest that rounds to them: of scores that are whole numbers 3 to 4 may be 2.
        width = high.value - low.value + 2 * half_unit(low.value, high.value)
        widths = width_of_quartiles() if kind == "quartiles" else width_of_range(n)
        if high.value > low.value:
            rows_of = tuple(dict.fromkeys((low.row, high.row, middle.row)))
            return [Spread(low, kind, width / widths, middle, n, rows_of)]
    return []


def width_of_quartiles() -> float:
    """Third less first quartile of normal values, in SDs."""
    return 2 * special.ndtri(0.75)


def width_of_range(n: float) -> float:
    """Maximum less minimum of n normal values, in SDs (Wan 2014); NaN where n is not known."""
    return 2 * special.ndtri((n - 0.375) / (n + 0.25)) if n >= 2 else nan


# SDs of one measure differ between studies, arms and times by less than this, and an SE typed as
# one by the root of n.
ALIKE = 2.0
# What may be typed for an SD (or an SE), and how many SEs it is.
AN_SE = "an SE"
_TYPED = {AN_SE: 1.0, "half of an interval of 95%": 1.96, "the width of an interval of 95%": 3.92}


def typed_for(value: float, n: float, usual: float, near: float = ALIKE) -> str:
    """What a number far below the `usual` SD is of so many patients, if that would make it fit
    within a factor of `near`: an SE, or half or all of the interval of a mean; "" for nothing."""
    if not n >= 9 or not 0 < value * 2.5 < usual:
        return ""
    off = {name: abs(log(value * sqrt(n) / by / usual)) for name, by in _TYPED.items()}
    name = min(off, key=lambda name: off[name])
    return name if off[name] < log(near) else ""


def sd_typed(value: float, n: float, name: str) -> float:
    """The SD of which a number is what `typed_for` says."""
    return value * sqrt(n) / _TYPED[name]


class Risk(NamedTuple):
    """How much of its event an arm has on the scale on which arms are compared: the logarithm of
    odds, hazard or rate; its variance, and the row."""

    value: float
    variance: float
    row: Row


# What tells of the risk of an arm, that first which tells most.
RISKS = ("rate", "survival", "proportion", "median")


def risk_of(r: Row, rows: Rows, survival: bool) -> Risk | None:
    """The risk that one of `RISKS` tells; none where nothing says how sure it is. `rows`: those of
    its outcome; `survival`: whether that is one of survival, whose medians are times."""
    x, n = r.value, r.n
    if r.statistic == "rate" and x > 0:
        error = r.se / x if r.se > 0 else nan
        if r.has_ci and 0 < r.ci_low < r.ci_high:
            error = log(r.ci_high / r.ci_low) / (2 * critical_value(r.ci_level))
        counted = [e for e in of(rows, "events", r.arm) if e.value > 0]
        variance = max((1 / e.value for e in counted if same_moment(e.time, r.time)), default=nan)
        return _risk(log(x), error**2 if error > 0 else variance, r)
    if r.statistic in ("survival", "proportion") and 0 < x < 1 and n > 0:
        if r.statistic == "survival":
            variance = (1 - x) / (x * n * log(x) ** 2)
            if r.has_ci and 0 < r.ci_low < r.ci_high < 1:
                width = log(log(r.ci_low) / log(r.ci_high))
                variance = (width / (2 * critical_value(r.ci_level))) ** 2
            return _risk(log(-log(x)), variance, r)
        sign = -1 if r.event == "survival" else 1
        return _risk(sign * log(x / (1 - x)), 1 / (n * x * (1 - x)), r)
    if r.statistic == "median" and survival and x > 0:
        return _risk(-log(x), variance_of_median(r), r)
    return None


def _risk(value: float, variance: float, r: Row) -> Risk | None:
    return Risk(value, variance, r) if variance > 0 else None


def variance_of_median(median: Row) -> float:
    """That of the logarithm of a median survival, by its interval or as of an exponential; 0 where
    neither limits nor patients are known."""
    if median.has_ci and 0 < median.ci_low < median.ci_high:
        return (log(median.ci_high / median.ci_low) / (2 * critical_value(median.ci_level))) ** 2
    return 1 / median.n / log(2) ** 2 if median.n > 0 else 0.0


def odds_ratio_of_fisher(rows: Rows, r: Row, implied: float) -> float:
    """The odds ratio that Fisher's exact test prints beside the counts of an odds ratio's arms:
    somewhat nearer to 1 than the `implied` one. NaN where no counts are printed, or others."""
    counted = [
        [e for e in of(rows, "events", arm) if 0 < e.value < e.n and same_moment(e.time, r.time)]
        for arm in r.arm.split("/")
    ]
    if r.statistic != "odds-ratio" or not all(counted):
        return nan
    a, b = (of_arm[0] for of_arm in counted)
    ratio = conditional_odds_ratio(int(a.value), int(a.n), int(b.value), int(b.n))
    ratio = 1 / ratio if r.event == "survival" else ratio
    least, most = sorted((log(implied) / 2, log(implied)))
    return ratio if least <= log(ratio) <= most else nan
