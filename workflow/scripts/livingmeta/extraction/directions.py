"""Rows of one scale that do not say alike whether it is reversed."""

import math
from collections.abc import Iterator

from livingmeta.extraction import places
from livingmeta.extraction.reworded import REVERSED, TURNED
from livingmeta.extraction.rows import same_moment

_ERRORS = {"sd", "se"}  # what has no sign that a scale's direction could turn


def faults(records: list[dict]) -> Iterator[tuple[dict, str, str]]:
    """Rows of a scale that say nothing of its direction beside some of the same study, outcome,
    time and part that are reversed: a difference of the two would be nonsense.

    Of a reversed SD or SE its mean must say so too, for it alone is turned. A row that another
    extractor reads as reversed is a conflict, which people settle.
    """
    found: dict[tuple, list[dict]] = {}
    for row in records:
        if row["statistic"] in TURNED | _ERRORS:
            key = (row["study_id"], row["outcome"], row.get("part", ""))
            found.setdefault(key, []).append(row)
    for rows in found.values():
        turned = [row for row in rows if row.get("direction") == REVERSED]
        told = [row for row in turned if row["statistic"] in TURNED]
        for row in rows if turned else ():
            other = _not_said(row, rows, told)
            if other:
                yield (
                    row,
                    "direction",
                    f"row {places.of(other)} of this study and outcome is {REVERSED}: say it of "
                    "all rows of that scale",
                )
        for row in turned:
            if row["statistic"] in _ERRORS and not any(_alike(row, r) for r in told):
                yield (
                    row,
                    "direction",
                    f"what has this {row['statistic']} (a mean, a difference) is not {REVERSED}, "
                    "and it alone would be turned: say it of all rows of that scale or of none",
                )


def _not_said(row: dict, rows: list[dict], told: list[dict]) -> dict | None:
    """A reversed row of the time of one that says nothing of its direction."""
    if row.get("direction") or row["statistic"] in _ERRORS:
        return None
    for other in told:
        if not same_moment(row["time"], other["time"]):
            continue
        read = other.get("extractor", "")
        also = (
            r is not row
            and r.get("extractor", "") == read
            and (r["arm"], r["statistic"]) == (row["arm"], row["statistic"])
            and same_moment(r["time"], row["time"])
            for r in rows
        )
        if row.get("extractor", "") == read or not any(also):
            return other
    return None


def _alike(row: dict, other: dict) -> bool:
    """Whether two rows may be of one time."""
    times = row["time"], other["time"]
    return same_moment(*times) or any(math.isnan(t) for t in times)
