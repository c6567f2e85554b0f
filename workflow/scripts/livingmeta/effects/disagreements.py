"""Where several routes of one paper lead to different places.

All routes of a study but those of other parts of its patients (which have no `agrees`) are of the
same ones, so their errors overlap: a difference from the chosen route larger than about two of the
larger standard error is not chance but an error of extraction, an adjusted against an unadjusted
number, crossing hazards, or another time zero.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

import pandas as pd

from livingmeta import tables
from livingmeta.formulas.time_to_event import critical_value

COLUMNS = tables.columns("effects/disagreements")


def disagreements(routes: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Routes that differ from the chosen one by more than their errors allow.

    `routes`: as from `harmonise` (analysis scale). One row a route, worst first within a study;
    for a bound (`p <0.001`), yi is empty and `agrees` tells how far the chosen effect falls short.
    """
    limit = critical_value(level)
    studies: dict[tuple[Any, Any], list[Any]] = {}
    for row in routes.itertuples():  # at once: a frame a study takes far longer
        studies.setdefault((row.synthesis, row.study_id), []).append(row)
    found = []
    for (synthesis, study), rows in studies.items():
        best = next((row for row in rows if row.chosen), None)
        if best is None:
            continue
        others = [row for row in rows if not row.chosen and abs(row.agrees) > limit]
        for row in sorted(others, key=lambda row: -abs(row.agrees)):
            found.append(
                {
                    "synthesis": synthesis,
                    "study_id": study,
                    "measure": row.measure,
                    "route": row.route,
                    "yi": row.yi,
                    "chosen_route": best.route,
                    "chosen_yi": best.yi,
                    "agrees": row.agrees,
                    "message": _message(row, best),
                }
            )
    return pd.DataFrame(found, columns=COLUMNS)


def _message(row: Any, best: Any) -> str:
    if not isfinite(row.yi):
        return (
            f"route {best.route} gives {best.yi:.3f}, which falls short of what "
            f"{row.inputs} says at least"
        )
    adjusted = {str(row.adjusted or ""), str(best.adjusted or "")}
    why = "; one is adjusted, the other not" if len(adjusted) > 1 else ""
    return (
        f"route {row.route} ({row.inputs}) gives {row.yi:.3f}, route {best.route} "
        f"({best.inputs}) gives {best.yi:.3f}{why}"
    )
