"""From when the patients of each arm are counted. See `checks`.

Where the treated are counted from their treatment and the others from their diagnosis, nobody could
die before being treated: their survival holds time that the comparison did not give (immortal
time). studies.csv says from when, in the columns `time_zero_<arm>`; a review without such columns
is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import Row

PREFIX = "time_zero_"
# What is printed of survival over time, of one arm or of two against each other.
OVER_TIME = {
    *("survival", "median", "at-risk", "rmst", "rmst-difference", "hazard-ratio", "log-rank-p"),
    *("log-rank-observed", "log-rank-expected", "log-rank-variance"),
}


def starts(about: dict) -> dict[str, str]:
    """From when each arm of a study is counted, by its row of studies.csv; "" where not said."""
    told = {
        name.removeprefix(PREFIX): " ".join(str(value or "").split())
        for name, value in about.items()
        if str(name).startswith(PREFIX)
    }
    return {arm: "" if words == "nan" else words for arm, words in told.items()}


def time_zero(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """Two arms compared in their survival should be counted from the same time, and say so."""
    told = starts(about)
    for first, second in combinations(told, 2):
        where = _compared(rows, first, second)
        if not where:
            continue
        a, b = told[first], told[second]
        unknown = [arm for arm, words in ((first, a), (second, b)) if not words]
        if unknown:
            yield Problem(
                "note",
                where,
                "time zero",
                f"not said from when {' and '.join(unknown)} "
                f"{'is' if len(unknown) == 1 else 'are'} counted, so immortal time cannot be"
                " ruled out",
                f"{first}: {a or 'unknown'}; {second}: {b or 'unknown'}",
                "the same start in both arms",
            )
        elif a.casefold() != b.casefold():
            yield Problem(
                "warning",
                where,
                "time zero",
                f"{first} and {second} are counted from different times: time before the later"
                " start is immortal",
                f"{first}: {a}; {second}: {b}",
                "the same start in both arms",
            )


def _compared(rows: tuple[Row, ...], first: str, second: str) -> tuple[int, ...]:
    """The rows in which the survival of two arms is compared, or could be."""
    pairs = {f"{first}/{second}", f"{second}/{first}"}
    found: set[int] = set()
    for outcome in dict.fromkeys(r.outcome for r in rows):
        here = [r for r in rows if r.outcome == outcome and r.statistic in OVER_TIME]
        found |= {r.row for r in here if r.arm in pairs}
        sides = [{r.row for r in here if r.arm == arm} for arm in (first, second)]
        if all(sides):
            found |= sides[0] | sides[1]
    return tuple(sorted(found))
