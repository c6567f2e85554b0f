"""SDs and SEs as rows of their own, whether printed so or in columns beside a number. See `run`."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, nan

from livingmeta.extraction.checks.arms import Rows, of
from livingmeta.extraction.rows import DIFFERENCES, RATIOS, Row, same_moment


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
