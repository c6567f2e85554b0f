"""Rows of a made-up study to put a slip into. See `slips`."""

from collections.abc import Callable
from itertools import pairwise
from math import isfinite

from extraction.made_up_studies import Study

OS = "overall-survival"
RATIO = ("hazard-ratio", "odds-ratio", "risk-ratio")


def some(study: Study, *statistics: str, where: Callable[[dict], bool] = lambda r: True):
    """A row of these statistics with a value, by chance; None without one."""
    rows = [
        r for r in study.rows if r["statistic"] in statistics and isfinite(r["value"]) and where(r)
    ]
    return rows[study.rng.integers(0, len(rows))] if rows else None


def with_ci(r):
    return isfinite(r["ci_low"]) and isfinite(r["ci_high"])


def other(study, row, statistic="", **same):
    """The row of the other arm at the same time, or of another statistic of the same arm."""
    for r in study.rows:
        if r is row or r["outcome"] != row["outcome"] or "/" in r["arm"]:
            continue
        if statistic and (r["statistic"], r["arm"]) == (statistic, row["arm"]):
            return r
        timely = r["time"] == row["time"] or not (isfinite(r["time"]) or isfinite(row["time"]))
        alike = timely and r["statistic"] == row["statistic"] and isfinite(r["value"])
        if not statistic and alike and r["arm"] != row["arm"]:
            return r
    return None


def swapped_digits(number):
    """45.1 for 54.1: two digits changed places, those that matter most."""
    text = f"{number:g}"
    places = [i for i, c in enumerate(text) if c.isdigit()]
    for i, j in pairwise(places):
        if text[i] != text[j]:
            return float(text[:i] + text[j] + text[i + 1 : j] + text[i] + text[j + 1 :])
    return number


def scale(row, factor, columns=("value", "ci_low", "ci_high"), digits=3):
    for c in columns:
        row[c] = round(row[c] * factor, digits)
