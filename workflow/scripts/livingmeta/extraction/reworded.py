"""Statistics that say in other words what a route already knows: read as that, and said so.

A mortality is one minus survival, a logarithm of a ratio that ratio, the chi-squared of a log-rank
test of two arms its p. Each such row carries in `said` what was done, and `assumed` repeats it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import erfc, exp, inf, isfinite, nan, sqrt
from typing import TYPE_CHECKING

from livingmeta.extraction.p_values import PValue
from livingmeta.formulas.rounding import Converted, half_unit

if TYPE_CHECKING:
    from livingmeta.extraction.rows import Row

# The logarithms of ratios that papers print, and the ratio that each is of.
LOGARITHMS = {
    "log-hazard-ratio": "hazard-ratio",
    "log-odds-ratio": "odds-ratio",
    "log-risk-ratio": "risk-ratio",
}
LARGEST_LOGARITHM = 100.0  # a ratio of e to the 100 is none that anybody has seen
# What changes its sign with the direction of a scale, and what changes its name too.
_ON_A_SCALE = {
    "mean": "mean",
    "median": "median",
    "q1": "q3",
    "q3": "q1",
    "minimum": "maximum",
    "maximum": "minimum",
    "mean-difference": "mean-difference",
    "standardised-mean-difference": "standardised-mean-difference",
    "t": "t",
    "correlation": "correlation",
}
TURNED = frozenset(_ON_A_SCALE)
REVERSED = "reversed"


def reworded(row: Row) -> Row:
    """The row under the statistic that routes look for; as it is where it is one of those."""
    change = _CHANGES.get(row.statistic)
    return change(row) if change else row


def in_other_words(statistic: str) -> str:
    """The statistic that one of these says in other words."""
    return "survival" if statistic == "mortality" else LOGARITHMS.get(statistic, statistic)


def along_the_scale(row: Row) -> Row:
    """A row of a scale of the opposite direction as though its scale ran like the others'."""
    if row.direction != REVERSED or row.statistic not in TURNED:
        return row
    return replace(
        row,
        statistic=_ON_A_SCALE[row.statistic],
        value=-row.value,
        ci_low=-row.ci_high,
        ci_high=-row.ci_low,
        said=_also(row, "scale of the opposite direction: its sign turned"),
    )


def of_surviving(row: Row) -> Row:
    """An odds ratio or a difference of risks of death as one of surviving, the other way round."""
    said = _also(row, f"{row.statistic.replace('-', ' ')} of death turned into one of surviving")
    if row.statistic == "risk-difference":
        return replace(row, value=-row.value, ci_low=-row.ci_high, ci_high=-row.ci_low, said=said)
    return _inverted(row, said)


def of_differences(row: Row, patients: float) -> Row:
    """A mean difference of `patients` who are in both arms, with the SD of their differences, as
    one with its SE, SD / N^1/2; as it is where its error is printed otherwise."""
    if row.statistic != "mean-difference" or row.has_ci or isfinite(row.se) or not row.sd > 0:
        return row
    if not patients >= 2:
        return row
    said = f"SE from the SD of the differences, {row.sd:g}, of {patients:g} patients"
    return replace(row, se=row.sd / sqrt(patients), sd=nan, said=_also(row, said))


def _mortality(row: Row) -> Row:
    at = f" at {row.when}" if isfinite(row.time) else ""
    said = f"mortality of {row.arm}{at} turned into survival"
    value, low, high = (
        Converted(round(1 - x, 12), half_unit(x)) if isfinite(x) else nan
        for x in (row.value, row.ci_high, row.ci_low)
    )
    return replace(
        row, statistic="survival", value=value, ci_low=low, ci_high=high, said=_also(row, said)
    )


def _logarithm(row: Row) -> Row:
    value, low, high = (Converted(exp(x)) if x <= LARGEST_LOGARITHM else nan for x in _three(row))
    statistic = LOGARITHMS[row.statistic]
    said = f"{statistic.replace('-', ' ')} printed as its logarithm"
    return reworded(
        replace(
            row,
            statistic=statistic,
            value=value,
            ci_low=low,
            ci_high=high,
            said=_also(row, said),
            logarithm=True,
        )
    )


def _hazard_ratio(row: Row) -> Row:
    if row.event != "survival":
        return row
    return replace(
        _inverted(row, _also(row, "hazard ratio of surviving turned into one of death")), event=""
    )


def _chi_squared(row: Row) -> Row:
    """The chi-squared of two arms has one degree of freedom."""
    if not isfinite(row.value) or row.value < 0:
        return row
    p = PValue(max(erfc(sqrt(row.value / 2)), 1e-300), "=", one_sided=False)
    said = f"p from the log-rank chi-squared of {row.value:g} (1 degree of freedom)"
    made = replace(row, chi_squared=row.value, p_beside=row.p)
    return replace(made, statistic="log-rank-p", value=nan, p=p, said=_also(row, said))


def _observed(row: Row) -> Row:
    """No number of deaths is negative: such a one is what was observed beyond what was expected."""
    if not row.value < 0:
        return row
    said = "observed deaths below 0 read as observed minus expected"
    return replace(row, statistic="log-rank-o-minus-e", said=_also(row, said), grade="approximate")


_CHANGES: dict[str, Callable[[Row], Row]] = {
    "mortality": _mortality,
    "hazard-ratio": _hazard_ratio,
    "log-rank-chi2": _chi_squared,
    "log-rank-observed": _observed,
    **dict.fromkeys(LOGARITHMS, _logarithm),
}


def _three(row: Row) -> tuple[float, float, float]:
    return row.value, row.ci_low, row.ci_high


def _inverted(row: Row, said: str) -> Row:
    value, high, low = (Converted(1 / x) if x else inf for x in _three(row))
    low = low if isfinite(row.ci_high) else nan
    return replace(row, value=value, ci_low=low, ci_high=high, said=said, inverted=not row.inverted)


def _also(row: Row, said: str) -> str:
    return f"{row.said}; {said}" if row.said else said
