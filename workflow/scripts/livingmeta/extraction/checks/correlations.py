"""Correlations against their p. See `run`."""

from __future__ import annotations

from collections.abc import Iterator
from math import atanh, sqrt

from livingmeta.extraction.checks.arms import Rows, of
from livingmeta.extraction.checks.p_against import misfit, z_of
from livingmeta.extraction.checks.problem import Problem
from livingmeta.formulas import special
from livingmeta.formulas.rounding import Range, half_unit
from livingmeta.formulas.time_to_event import z_of_p

# ASSUME: ranks in place of values, and a covariate or two, move z by no more than this.
APART, SHARE = 0.3, 0.25
LEAST = 1e-300  # a p of which there still is a z


def p_against_correlation(rows: Rows) -> Iterator[Problem]:
    """p of a correlation r of n patients: that of t = r ((n - 2)/(1 - r²))^½ with n - 2 degrees of
    freedom, or of z = atanh(r) (n - 3)^½ (Fisher)."""
    for r in of(rows, "correlation"):
        if r.p is None or not (r.n > 4 and -1 < r.value < 1) or r.clusters:
            continue
        half = half_unit(r.value)
        low, high = max(abs(r.value) - half, 0.0), min(abs(r.value) + half, 0.9999)
        z = [found for x in (low, high) for found in (_of_t(x, r.n), atanh(x) * sqrt(r.n - 3))]
        true = Range(min(z), max(z))
        if z_of(r.p).gap(true) > APART + SHARE * true.high:
            words = f"a correlation of {r.value:g} in {r.n:g}"
            yield misfit(r, (r.row,), "p against correlation", words, sum(true) / 2, False)


def _of_t(r: float, n: float) -> float:
    """z of the p of that t, which is the incomplete beta function of 1 - r²."""
    p = float(special.betainc((n - 2) / 2, 0.5, 1 - r * r))
    return z_of_p(min(1.0, max(p, LEAST)))
